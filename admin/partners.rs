//! 委託先: those to whom a company entrusts My Numbers. Whom the list `委託先` of the directory names, which rules ask, stands here with its
//! contract and its checks. Handlers and administrators write those down; the list itself is changed by administrators.

use std::collections::HashMap;
use std::sync::Arc;

use store::{Change, Group, GroupKind, Member, PARTNER_TEXT_MOST, PARTNERS_LIST, Partner};
use types::{Address, Timestamp};
use web::axum::Router;
use web::axum::extract::{Form, Query};
use web::axum::http::StatusCode;
use web::axum::routing::{get, post};
use web::{Answer, Toast, Trouble, askama, html, html_with, see_with};

use crate::Console;
use crate::desk::{Desk, Keeper};
use crate::form::{Fields, Wrong, query};
use crate::frame::{Area, Frame};

/// A day, milliseconds.
const DAY_MS: i64 = 86_400_000;

web::catalogue! {
    /// Texts of 委託先.
    pub struct PartnerWords {
        title: ja "委託先", en "Contractors";
        lead: ja "個人番号を取り扱う事務の委託先(税理士、社会保険労務士など)です。審査ルールは、このアドレスのリスト「委託先」を使います。", en "Those to whom work with My Numbers is entrusted, such as tax accountants. Review rules use the list 委託先 of these addresses.";
        count(n: usize): ja "{n}件の委託先", en "{n} contractors", one "One contractor";
        none: ja "委託先はまだありません。", en "There is no contractor yet.";
        overdue_count(n: usize): ja "点検が未実施または期限を過ぎた委託先が{n}件あります。", en "{n} contractors were never checked, or not again in time.", one "One contractor was never checked, or not again in time.";
        uncontracted_count(n: usize): ja "有効な契約の記載がない委託先が{n}件あります。", en "{n} contractors have no contract in force on record.", one "One contractor has no contract in force on record.";
        name: ja "名称", en "Name";
        address: ja "メールアドレス", en "Mail address";
        contract: ja "契約(名称・番号)", en "Contract (name or number)";
        since: ja "契約開始日", en "Contract from";
        until: ja "契約終了日", en "Contract until";
        until_hint: ja "空欄は、終了日の定めなし", en "Empty: without an end";
        span(since: &str, until: &str): ja "{since}~{until}", en "{since} to {until}";
        checked: ja "最終点検", en "Last check";
        checked_by(day: &str, name: &str): ja "{day} {name}", en "{day} {name}";
        due: ja "次回点検の期限", en "Next check by";
        due_hint: ja "空欄の場合は、点検日の1年後", en "Empty: a year after the check";
        note: ja "点検の内容", en "What the check said";
        no_contract: ja "有効な契約なし", en "no contract in force";
        never: ja "点検未実施", en "never checked";
        overdue: ja "点検期限超過", en "check overdue";
        save_title: ja "委託先を追加・変更", en "Add or change a contractor";
        save: ja "保存", en "Save";
        save_hint: ja "新しいアドレスは、リスト「委託先」に追加されます(テナント管理者のみ)。", en "A new address goes into the list 委託先 (administrators only).";
        saved(name: &str): ja "{name} を保存しました。", en "{name} has been saved.";
        check_title: ja "点検を記録", en "Write down a check";
        check: ja "点検を記録", en "Write it down";
        check_day: ja "点検日", en "Day of the check";
        partner: ja "委託先", en "Contractor";
        noted: ja "点検を記録しました。", en "The check has been written down.";
        change: ja "変更", en "Change";
        change_of(name: &str): ja "{name} を変更", en "Change {name}";
        remove: ja "削除", en "Remove";
        remove_of(name: &str): ja "{name} を削除", en "Remove {name}";
        removed(name: &str): ja "{name} をリストから削除しました。", en "{name} has been removed from the list.";
        bad_address: ja "メールアドレスの形式が正しくありません。", en "This is not a mail address.";
        not_listed: ja "リストにないアドレスは、テナント管理者だけが追加できます。", en "Only administrators add addresses that are not in the list.";
        bad_name: ja "名称を1~200文字で入力してください。番号は書かないでください。", en "A name of 1 to 200 characters, without a number.";
        bad_text: ja "200文字以内で、番号を含めずに入力してください。", en "200 characters at most, and no number.";
        bad_day: ja "日付を 2026-12-31 の形で入力してください。", en "Please give the day as 2026-12-31.";
        bad_span: ja "終了日は開始日より後にしてください。", en "The end must be behind the beginning.";
        future: ja "点検日は今日までの日付にしてください。", en "The day of a check cannot be in the future.";
        warn(name: &str, problems: &str): ja "委託先「{name}」:{problems}", en "Contractor “{name}”: {problems}";
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/t/{tenant}/partners", get(list).post(save))
        .route("/t/{tenant}/partners/check", post(check))
        .route("/t/{tenant}/partners/remove", post(remove))
}

/// An entry of the list with what is known of it.
pub(crate) struct Entry {
    address: Address,
    known: Partner,
}

impl Entry {
    fn name(&self) -> String {
        let name = if self.known.name.is_empty() { self.address.to_string() } else { self.known.name.clone() };
        inspect::mask_every_number(&name)
    }
    /// What is missing, as words with the colour of their tag.
    fn problems(&self, t: PartnerWords, now: Timestamp) -> Vec<(&'static str, &'static str)> {
        let mut problems = Vec::new();
        if !self.known.has_contract(now) {
            problems.push((t.no_contract(), "warn"));
        }
        if self.known.is_overdue(now) {
            problems.push((if self.known.checked.is_none() { t.never() } else { t.overdue() }, "ng"));
        }
        problems
    }
}

/// The list as it is at this moment.
fn group(desk: &Desk) -> Option<Arc<Group>> {
    desk.console.store.directory().group(desk.tenant.id, GroupKind::List, PARTNERS_LIST).cloned()
}

fn addresses(desk: &Desk) -> Vec<Address> {
    let directory = desk.console.store.directory();
    let of = |member: &Member| match member {
        Member::Address(address) => Some(address.clone()),
        Member::User(id) => directory.users.get(id).map(|user| user.address.clone()),
    };
    group(desk).map(|group| group.members.iter().filter_map(of).collect()).unwrap_or_default()
}

/// The entries of the list, those first of which something is missing.
pub(crate) async fn entries(desk: &Desk) -> Result<Vec<Entry>, Trouble> {
    let known = desk.console.store.partners(&desk.reviews()?).await?;
    let mut known: HashMap<String, Partner> = known.into_iter().map(|one| (one.entry.clone(), one)).collect();
    let entry = |address: Address| {
        let nothing = || Partner { entry: address.key(), ..Partner::default() };
        Entry { known: known.remove(&address.key()).unwrap_or_else(nothing), address }
    };
    let mut entries: Vec<Entry> = addresses(desk).into_iter().map(entry).collect();
    let now = desk.visit.now;
    entries.sort_by_cached_key(|one| (!one.known.is_overdue(now), one.known.has_contract(now), one.name()));
    Ok(entries)
}

/// How many of them were never checked, or not again in time.
pub(crate) fn overdue(entries: &[Entry], now: Timestamp) -> usize {
    entries.iter().filter(|one| one.known.is_overdue(now)).count()
}

/// What is missing of those among these addresses who are 委託先.
pub(crate) async fn warnings(desk: &Desk, to: &[Address]) -> Result<Vec<String>, Trouble> {
    let t = PartnerWords::new(desk.language());
    let keys: Vec<String> = to.iter().map(Address::key).collect();
    let concerned = entries(desk).await?.into_iter().filter(|one| keys.contains(&one.address.key()));
    let told = concerned.filter_map(|one| {
        let problems: Vec<&str> = one.problems(t, desk.visit.now).into_iter().map(|(word, _)| word).collect();
        (!problems.is_empty()).then(|| t.warn(&one.name(), &problems.join(" / ")))
    });
    Ok(told.collect())
}

struct Row {
    entry: String,
    name: String,
    address: String,
    contract: String,
    span: String,
    checked: String,
    note: String,
    due: String,
    problems: Vec<(&'static str, &'static str)>,
    change: String,
}

#[derive(askama::Template)]
#[template(path = "admin/ledger/partners.html")]
struct List {
    frame: Frame,
    t: PartnerWords,
    rows: Vec<Row>,
    overdue: usize,
    uncontracted: usize,
    writes: bool,
    manages: bool,
    given: Fields,
    wrong: Wrong,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    /// The entry that is to be changed.
    entry: String,
}

/// GET /t/{tenant}/partners
async fn list(Keeper(desk): Keeper, Query(asked): Query<Asked>) -> Answer {
    let entries = entries(&desk).await?;
    let mut given = Fields::default();
    if let Some(Entry { address, known }) = entries.iter().find(|one| one.known.entry == asked.entry) {
        given.set("address", address.to_string());
        given.set("name", known.name.as_str());
        given.set("contract", known.contract.as_str());
        given.set("since", known.since.map(web::day_of).unwrap_or_default());
        given.set("until", known.until.map(last_day).unwrap_or_default());
    }
    html(&page(&desk, &entries, given, Wrong::default()))
}

/// The last day before a moment.
fn last_day(until: Timestamp) -> String {
    web::day_of(Timestamp(until.0 - 1))
}

fn page(desk: &Desk, entries: &[Entry], given: Fields, wrong: Wrong) -> List {
    let (t, now) = (PartnerWords::new(desk.language()), desk.visit.now);
    let row = |one: &Entry| {
        let known = &one.known;
        let (since, until) = (known.since.map(web::day_of), known.until.map(last_day));
        let checked = known.checked.map(web::day_of);
        let by = known.checked_by.map(|by| desk.name_of(by)).unwrap_or_default();
        Row {
            entry: known.entry.clone(),
            name: one.name(),
            address: one.address.to_string(),
            contract: inspect::mask_every_number(&known.contract),
            span: match (&since, &until) {
                (None, None) => String::new(),
                _ => t.span(since.as_deref().unwrap_or_default(), until.as_deref().unwrap_or_default()),
            },
            checked: checked.map(|day| t.checked_by(&day, &by)).unwrap_or_default(),
            note: inspect::mask_every_number(&known.note),
            due: known.due.map(last_day).unwrap_or_default(),
            problems: one.problems(t, now),
            change: format!("{}?{}#new", desk.path("partners"), query(&[("entry", &known.entry)])),
        }
    };
    List {
        frame: desk.frame(Area::Ledger),
        rows: entries.iter().map(row).collect(),
        overdue: overdue(entries, now),
        uncontracted: entries.iter().filter(|one| !one.known.has_contract(now)).count(),
        writes: desk.write_reviews().is_ok(),
        manages: desk.manage().is_ok(),
        t,
        given,
        wrong,
    }
}

/// A day of a form; nothing for none. `behind`: the moment behind it.
fn day(given: &Fields, field: &'static str, behind: bool, t: PartnerWords, wrong: &mut Wrong) -> Option<Timestamp> {
    let text = given.get(field);
    let read = if behind { web::day_end(text) } else { web::day_start(text) };
    if !text.is_empty() && read.is_none() {
        wrong.add(field, t.bad_day());
    }
    read
}

/// A text of a form that holds no number.
fn text(given: &Fields, field: &str) -> Option<String> {
    let text = given.get(field);
    let good = text.chars().count() <= PARTNER_TEXT_MOST && inspect::mask_every_number(text) == text;
    good.then(|| text.to_owned())
}

async fn again(desk: &Desk, mut given: Fields, wrong: Wrong) -> Answer {
    for field in ["address", "name", "contract", "note"] {
        let text = inspect::mask_every_number(given.raw(field));
        given.set(field, text);
    }
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(desk, &entries(desk).await?, given, wrong))
}

/// POST /t/{tenant}/partners: what is known of an address, which goes into the list when it is not there.
async fn save(Keeper(desk): Keeper, Form(given): Form<Fields>) -> Answer {
    let (access, t, now) = (desk.write_reviews()?, PartnerWords::new(desk.language()), desk.visit.now);
    let mut wrong = Wrong::default();
    let address = Address::parse(given.get("address")).map_err(|_| wrong.add("address", t.bad_address())).ok();
    let name = text(&given, "name").filter(|name| !name.is_empty());
    let contract = text(&given, "contract");
    if name.is_none() {
        wrong.add("name", t.bad_name());
    }
    if contract.is_none() {
        wrong.add("contract", t.bad_text());
    }
    let since = day(&given, "since", false, t, &mut wrong);
    let until = day(&given, "until", true, t, &mut wrong);
    if since.zip(until).is_some_and(|(since, until)| until <= since) {
        wrong.add("until", t.bad_span());
    }
    let is_new = address.as_ref().is_some_and(|address| addresses(&desk).iter().all(|one| one.key() != address.key()));
    if is_new && desk.manage().is_err() {
        wrong.add("address", t.not_listed());
    }
    let (Some(address), Some(name), Some(contract), 0) = (address, name, contract, wrong.count()) else {
        return again(&desk, given, wrong).await;
    };
    let known = desk.console.store.partners(&desk.reviews()?).await?;
    let known = known.into_iter().find(|one| one.entry == address.key()).unwrap_or_default();
    let told = t.saved(&name);
    let partner = Partner { entry: address.key(), name, contract, since, until, ..known };
    let change = (address.key(), Some(partner));
    desk.console.store.change_partner(&access, change, "partner.changed", now).await?;
    if is_new {
        put_in_list(&desk, address).await?;
    }
    see_with(&desk.path("partners"), &Toast::new(told))
}

async fn put_in_list(desk: &Desk, address: Address) -> Result<(), Trouble> {
    let access = desk.manage()?;
    let member = Member::Address(address);
    let change = match group(desk) {
        Some(group) => Change::SetMembers(group.id, group.members.iter().cloned().chain([member]).collect()),
        None => Change::AddGroup {
            tenant: desk.tenant.id,
            kind: GroupKind::List,
            name: PARTNERS_LIST.to_owned(),
            address: None,
            members: vec![member],
        },
    };
    desk.console.store.change(&access, change, desk.visit.now).await?;
    Ok(())
}

/// POST /t/{tenant}/partners/check: a check was done; the next is due a year later, or on the stated day.
async fn check(Keeper(desk): Keeper, Form(given): Form<Fields>) -> Answer {
    let (access, t, now) = (desk.write_reviews()?, PartnerWords::new(desk.language()), desk.visit.now);
    let entries = entries(&desk).await?;
    let found = entries.into_iter().find(|one| one.known.entry == given.get("entry")).ok_or(Trouble::NotFound)?;
    let mut wrong = Wrong::default();
    let checked = day(&given, "checked", false, t, &mut wrong);
    let due = day(&given, "due", true, t, &mut wrong);
    let note = text(&given, "note");
    match checked {
        None if wrong.of("checked").is_none() => wrong.add("checked", t.bad_day()),
        Some(day) if now < day => wrong.add("checked", t.future()),
        _ => {}
    }
    if note.is_none() {
        wrong.add("note", t.bad_text());
    }
    let (Some(checked), Some(note), 0) = (checked, note, wrong.count()) else {
        return again(&desk, given, wrong).await;
    };
    // the day of the same name in the next year is the last on which it is in time
    let due = due.or_else(|| Some(Timestamp(outbound::years_after(checked, 1)?.0 + DAY_MS)));
    let checked_by = Some(desk.me.id);
    let partner = Partner { checked: Some(checked), checked_by, note, due, ..found.known };
    let change = (partner.entry.clone(), Some(partner));
    desk.console.store.change_partner(&access, change, "partner.checked", now).await?;
    see_with(&desk.path("partners"), &Toast::new(t.noted()))
}

/// POST /t/{tenant}/partners/remove: the address leaves the list, and what is known of it goes.
async fn remove(Keeper(desk): Keeper, Form(given): Form<Fields>) -> Answer {
    let (access, reviews) = (desk.manage()?, desk.write_reviews()?);
    let t = PartnerWords::new(desk.language());
    let entries = entries(&desk).await?;
    let found = entries.into_iter().find(|one| one.address.to_string() == given.get("address"));
    let (found, group) = found.zip(group(&desk)).ok_or(Trouble::NotFound)?;
    let directory = desk.console.store.directory();
    let is_it = |member: &Member| match member {
        Member::Address(address) => address.key() == found.known.entry,
        Member::User(id) => directory.users.get(id).is_some_and(|user| user.address.key() == found.known.entry),
    };
    let members = group.members.iter().filter(|member| !is_it(member)).cloned().collect();
    desk.console.store.change(&access, Change::SetMembers(group.id, members), desk.visit.now).await?;
    let change = (found.known.entry.clone(), None);
    desk.console.store.change_partner(&reviews, change, "partner.removed", desk.visit.now).await?;
    see_with(&desk.path("partners"), &Toast::new(t.removed(&found.name())))
}
