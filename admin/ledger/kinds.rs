//! 書類の種類: for how long a company keeps documents of each kind, and by which words a kind is proposed. Those who keep the ledger look,
//! administrators change; the audit log says how all of them stand.

use std::sync::Arc;

use store::{Change, LedgerFilter, LedgerLine, StoreError};
use types::{BadDocumentKind, CountedFrom, DOCUMENT_KINDS_MOST, DocumentKind, LedgerId, PolicyChange};
use web::axum::Router;
use web::axum::extract::{Form, Query};
use web::axum::http::StatusCode;
use web::axum::routing::{get, post};
use web::{Answer, Toast, Trouble, askama, html, html_with, see_with};

use crate::Console;
use crate::desk::{Desk, Keeper};
use crate::form::{Fields, Wrong, query};
use crate::frame::{Area, Frame};

/// Lines whose period is counted anew together, and in one request at most.
const PAGE: u32 = 200;
const MOST: usize = 20_000;

web::catalogue! {
    /// Texts of 書類の種類.
    pub struct KindWords {
        title: ja "書類の種類", en "Kinds of documents";
        lead: ja "特定個人情報を含む書類の種類ごとに、保存期間を決めます。台帳の行に種類があると、保存期間満了日が決まり、過ぎると廃棄の候補になります。種類のない行には、会社の保存年数が適用されます。",
            en "For how long documents with My Numbers are kept, by their kind. The kind of a line in the ledger says when its period ends, after which a disposal is proposed. Lines without a kind follow the company's years.";
        law: ja "あらかじめ登録されている種類は、施行規則に保存期間の定めがあるものです。貴社に当てはまるかどうかは、ご確認ください。", en "The kinds that are there from the start have a period in an ordinance. Whether that holds for your company is for you to check.";
        count(n: usize): ja "{n}種類", en "{n} kinds", one "One kind";
        none: ja "種類はまだありません。", en "There is no kind yet.";
        name: ja "名前", en "Name";
        name_hint: ja "60文字以内。番号や氏名は書かないでください。", en "60 characters at most. No numbers or names of people, please.";
        years: ja "保存年数", en "Years";
        years_of(n: u32): ja "{n}年", en "{n} years", one "one year";
        from: ja "起算日", en "Counted from";
        words_head: ja "候補にする語", en "Words that propose it";
        words: ja "候補にする語(1行に1件)", en "Words that propose it, one a line";
        words_hint: ja "件名または添付ファイルの名前にあると、台帳に記録するときに候補になります。全角・半角、空白は区別しません。複数の種類に当てはまる場合は、候補にしません。",
            en "In the subject or the name of a file they propose the kind when a line is entered. Width and spaces do not matter. Where several kinds fit, none is proposed.";
        recompute: ja "この種類の行の満了日も計算し直す(廃棄済みと廃棄の確認待ちの行を除く)", en "Count the period of its lines anew, too (not of those that are disposed of, or are to be)";
        january_11: ja "次に来る1月11日(1月11日のメールは翌年)", en "the next 11 January (of a mail on 11 January: the year after)";
        arrival: ja "取得・送信の翌日", en "the day after it came or was sent";
        completion: ja "完結の日の翌日(完結日を台帳に入力)", en "the day after its completion, which is stated in the ledger";
        year_end: ja "翌年1月1日", en "1 January of the next year";
        fiscal_year_end: ja "次に来る4月1日(年度末の翌日)", en "the next 1 April, behind the end of the fiscal year";
        add: ja "種類を追加・変更", en "Add or change a kind";
        do_save: ja "保存", en "Save";
        saved(name: &str): ja "{name} を保存しました。", en "{name} has been saved.";
        counted(name: &str, n: usize): ja "{name} を保存し、{n}行の満了日を計算し直しました。", en "{name} has been saved; {n} lines have a new end of their period.";
        counted_part(name: &str, n: usize): ja "{name} を保存し、{n}行の満了日を計算し直しました。残りの行は、もう一度保存すると計算されます。", en "{name} has been saved; {n} lines have a new end of their period. Save it once more for the rest.";
        change: ja "変更", en "Change";
        change_of(name: &str): ja "{name} を変更", en "Change {name}";
        remove: ja "削除", en "Remove";
        remove_of(name: &str): ja "{name} を削除", en "Remove {name}";
        remove_help: ja "種類を削除しても、すでに台帳にある行の種類と満了日は変わりません。", en "Lines of the ledger keep their kind and the end of their period when the kind is removed.";
        removed(name: &str): ja "{name} を削除しました。", en "{name} has been removed.";
        bad_name: ja "名前は1~60文字で、番号を含めずに入力してください。", en "The name has 1 to 60 characters and no number.";
        bad_years: ja "保存年数は1~100で入力してください。", en "The years are 1 to 100.";
        bad_from: ja "起算日を選んでください。", en "Please choose from when it is counted.";
        bad_words: ja "語は2~60文字で、20件までです。", en "Words have 2 to 60 characters, and there are 20 at most.";
        too_many(n: usize): ja "登録できるのは{n}種類までです。", en "There can be {n} kinds at most.";
    }
}

impl KindWords {
    pub fn counted_from(self, from: CountedFrom) -> &'static str {
        match from {
            CountedFrom::NextJanuary11 => self.january_11(),
            CountedFrom::Arrival => self.arrival(),
            CountedFrom::Completion => self.completion(),
            CountedFrom::YearEnd => self.year_end(),
            CountedFrom::FiscalYearEnd => self.fiscal_year_end(),
        }
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/t/{tenant}/documents", get(list).post(save))
        .route("/t/{tenant}/documents/remove", post(remove))
}

struct Row {
    name: String,
    years: String,
    from: &'static str,
    words: String,
    /// Where its lines are.
    lines: String,
    /// Where it is changed.
    change: String,
}

#[derive(askama::Template)]
#[template(path = "admin/ledger/kinds.html")]
struct List {
    frame: Frame,
    t: KindWords,
    rows: Vec<Row>,
    manages: bool,
    given: Fields,
    wrong: Wrong,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    /// The kind that is to be changed.
    kind: String,
}

/// GET /t/{tenant}/documents
async fn list(Keeper(desk): Keeper, Query(asked): Query<Asked>) -> Answer {
    desk.reviews()?;
    let mut given = Fields::default();
    if let Some(kind) = desk.tenant.policies.document_kind(&asked.kind) {
        given.set("name", kind.name.as_str());
        given.set("years", kind.years.to_string());
        given.set("from", kind.from.word());
        given.set("words", kind.words.join("\n"));
    }
    html(&page(&desk, given, Wrong::default()))
}

fn page(desk: &Desk, given: Fields, wrong: Wrong) -> List {
    let t = KindWords::new(desk.language());
    let row = |kind: &DocumentKind| Row {
        name: kind.name.clone(),
        years: t.years_of(kind.years),
        from: t.counted_from(kind.from),
        words: kind.words.join("、"),
        lines: format!("{}?{}", desk.path("ledger"), query(&[("documents", &kind.name)])),
        change: format!("{}?{}#new", desk.path("documents"), query(&[("kind", &kind.name)])),
    };
    let rows = desk.tenant.policies.document_kinds.iter().map(row).collect();
    List { frame: desk.frame(Area::Ledger), t, rows, manages: desk.manage().is_ok(), given, wrong }
}

/// POST /t/{tenant}/documents: a kind is added or takes the place of the one of its name.
async fn save(Keeper(desk): Keeper, Form(mut given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = KindWords::new(desk.language());
    let mut wrong = Wrong::default();
    if let Some(kind) = read(t, &given, &mut wrong) {
        let change = PolicyChange::DocumentKind(kind.clone());
        let change = Change::ChangePolicies { tenant: desk.tenant.id, changes: vec![change] };
        match desk.console.store.change(&access, change, desk.visit.now).await {
            // what is wrong with it by itself was found before
            Err(StoreError::Invalid(_)) => wrong.add("name", t.too_many(DOCUMENT_KINDS_MOST)),
            changed => {
                changed?;
                let said = if given.has("recompute") { recounted(&desk, t, &kind).await? } else { t.saved(&kind.name) };
                return see_with(&desk.path("documents"), &Toast::new(said));
            }
        }
    }
    // what was typed is shown again, but no number
    for field in ["name", "words"] {
        let text = inspect::mask_every_number(given.raw(field));
        given.set(field, text);
    }
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&desk, given, wrong))
}

fn read(t: KindWords, given: &Fields, wrong: &mut Wrong) -> Option<DocumentKind> {
    let from = CountedFrom::parse(given.get("from"));
    if from.is_none() {
        wrong.add("from", t.bad_from());
    }
    let words = given.get("words").lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
    let kind = DocumentKind {
        name: given.get("name").to_owned(),
        years: given.get("years").parse().unwrap_or(0),
        from: from.unwrap_or(CountedFrom::Arrival),
        words: words.collect(),
    };
    let plain = |text: &str| inspect::mask_every_number(text) == text;
    match kind.check() {
        Err(BadDocumentKind::Years) => wrong.add("years", t.bad_years()),
        Err(BadDocumentKind::Words) => wrong.add("words", t.bad_words()),
        Err(BadDocumentKind::Name | BadDocumentKind::TooMany) => wrong.add("name", t.bad_name()),
        Ok(()) if !plain(&kind.name) => wrong.add("name", t.bad_name()),
        Ok(()) if !kind.words.iter().all(|word| plain(word)) => wrong.add("words", t.bad_words()),
        Ok(()) => {}
    }
    (wrong.count() == 0).then_some(kind)
}

/// Counts the periods of the lines of a kind anew, each change an entry in the history of its line.
async fn recounted(desk: &Desk, t: KindWords, kind: &DocumentKind) -> Result<String, Trouble> {
    let filter = LedgerFilter { documents: Some(kind.name.clone()), resting: true, ..LedgerFilter::default() };
    let (mut behind, mut count): (Option<LedgerId>, usize) = (None, 0);
    loop {
        let lines = desk.console.store.ledger_page(&desk.reviews()?, &filter, behind, PAGE).await?;
        let Some(last) = lines.last() else { return Ok(t.counted(&kind.name, count)) };
        if count >= MOST {
            return Ok(t.counted_part(&kind.name, count));
        }
        behind = Some(last.id);
        let anew = |line: &LedgerLine| {
            let was = line.documents.as_ref()?;
            let now = outbound::documents(kind, line.at, was.stated, was.proposed);
            (now != *was).then_some((line.id, Some(now)))
        };
        let changed: Vec<_> = lines.iter().filter_map(anew).collect();
        count += changed.len();
        desk.console.store.classify(&desk.write_reviews()?, changed, desk.visit.now).await?;
    }
}

/// POST /t/{tenant}/documents/remove: the lines keep what they have.
async fn remove(Keeper(desk): Keeper, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = KindWords::new(desk.language());
    let name = given.raw("name").to_owned();
    if desk.tenant.policies.document_kind(&name).is_none() {
        return Err(Trouble::NotFound);
    }
    let change = PolicyChange::NoDocumentKind(name.clone());
    let change = Change::ChangePolicies { tenant: desk.tenant.id, changes: vec![change] };
    desk.console.store.change(&access, change, desk.visit.now).await?;
    see_with(&desk.path("documents"), &Toast::new(t.removed(&name)))
}
