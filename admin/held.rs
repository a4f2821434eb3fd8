//! 保留: mail that waits for a decision and what became of it. An administrator sees who, to whom, why and where
//! something was found, not what the mail says; that is for handlers and approvers, in webmail.

use std::sync::Arc;

use outbound::{DecisionWord, OutboundError, RuleNames};
use serde::Deserialize;
use store::{Case, CaseKey, DecidedFilter, HeldKey, ParcelState, Role, StoreError};
use types::{ParcelId, UserId};
use web::axum::Router;
use web::axum::extract::{Form, Path, Query};
use web::axum::http::StatusCode;
use web::axum::routing::get;
use web::{Answer, Toast, Trouble, askama, html, html_with, see_with};

use crate::Console;
use crate::desk::Desk;
use crate::form::{Fields, query};
use crate::frame::{Area, Frame};
use crate::words::{Found, SharedWords, found, masked_subject, not_seen};

/// Rows of a page of the history.
const ROWS: u32 = 50;
/// Findings that are listed.
const SHOWN: usize = 50;
/// Longest comment, characters.
const COMMENT: usize = 2_000;

web::catalogue! {
    /// Texts of 保留.
    pub struct HeldWords {
        title: ja "保留", en "Held mail";
        waiting: ja "保留中", en "Waiting";
        decided: ja "判断済み", en "Decided";
        count(n: usize): ja "{n}件が保留中です", en "{n} mails wait", one "One mail waits";
        none: ja "保留中のメールはありません。", en "No mail is held.";
        none_decided: ja "条件に合う判断済みのメールはありません。", en "No decided mail matches.";
        received: ja "受付", en "Received";
        sender: ja "送信者", en "Sender";
        recipients: ja "宛先(社外)", en "External recipients";
        recipients_all: ja "宛先", en "Recipients";
        outside: ja "社外", en "External";
        subject: ja "件名", en "Subject";
        rules: ja "ルール", en "Rules";
        found: ja "検出", en "Found";
        found_yes: ja "あり", en "yes";
        found_no: ja "なし", en "no";
        approvers: ja "承認者", en "Approvers";
        deadline: ja "期限", en "Deadline";
        state: ja "状態", en "State";
        reference: ja "受付番号", en "Reference";
        overdue: ja "期限超過", en "overdue";
        all: ja "すべて", en "All";
        since: ja "開始日", en "From day";
        until: ja "終了日", en "To day";
        show: ja "表示", en "Show";
        older: ja "さらに表示", en "Show more";
        decided_at: ja "判断日時", en "Decided";
        decided_by: ja "判断者", en "Decided by";
        comment: ja "コメント", en "Comment";
        nobody: ja "システム・コマンド", en "system or command line";
        no_content: ja "本文と添付ファイルの内容は、管理者には表示しません。取扱担当者・承認者がウェブメールの承認画面で確認できます。",
            en "Administrators do not see text and attachments. Handlers and approvers see them in webmail.";
        open_content: ja "ウェブメールの承認画面を開く", en "Open the approval page in webmail";
        found_count(n: usize): ja "{n}件の番号が検出されています。", en "{n} numbers were found.", one "One number was found.";
        found_none: ja "番号は検出されていません。", en "No number was found.";
        found_more(n: usize): ja "ほか {n}件", en "and {n} more";
        not_inspected: ja "検査できなかったもの", en "Not inspected";
        look_failed: ja "検査を実行できませんでした。", en "The mail could not be inspected.";
        trace: ja "ルールごとの結果", en "Each rule";
        outcome: ja "結果", en "Result";
        timeline: ja "配送追跡を開く", en "Open the tracking page";
        decide: ja "判断する", en "Decide";
        decide_help: ja "管理者として判断します。理由は送信者に表示され、監査ログに残ります。", en "You decide as administrator. The sender reads the reason; it is kept in the audit log.";
        own: ja "ご自身が送信したメールは判断できません。", en "You cannot decide your own mail.";
        reason: ja "理由", en "Reason";
        reason_missing: ja "理由を入力してください。", en "Please write why.";
        approve: ja "送信する", en "Send it";
        send_back: ja "差し戻す", en "Return it";
        reject: ja "却下する", en "Reject it";
        approved: ja "送信しました。", en "Sent.";
        returned: ja "差し戻しました。", en "Returned to the sender.";
        rejected: ja "却下しました。", en "Rejected.";
        decided_before: ja "このメールはすでに判断されています。", en "This mail has been decided already.";
        back: ja "一覧へ戻る", en "Back to the list";
        approved_in_part: ja "承認しました。もう1名の承認後に送信されます。", en "Approved. It is sent after one more approval.";
        approved_before: ja "すでに承認済みです。もう1名の承認を待っています。", en "You have approved it before. It waits for another approval.";
        not_opened: ja "このルールでは、本文と添付ファイルを開いて確認した方だけが承認できます。ウェブメールの承認画面で、取扱担当者・承認者が承認してください。",
            en "This rule lets only those approve who have opened the mail and its files: handlers and approvers, in webmail.";
        not_handler: ja "マイナンバーが含まれる可能性のあるメールの送信は、依頼を受けた取扱担当者が承認します。管理者は、差し戻しまたは却下ができます。",
            en "A mail that may hold My Numbers is let go by the handlers who were asked. An administrator can return or reject it.";
        approvals(given: usize, wanted: u32): ja "承認 {given}/{wanted}名", en "{given} of {wanted} approvals";
        no_deputy(n: usize): ja "代理の方を指定していない承認者が{n}名います。", en "{n} approvers have no deputy.", one "One approver has no deputy.";
        with_deputy(name: &str, deputy: &str): ja "{name}(代理:{deputy})", en "{name} (deputy: {deputy})";
        see_approvers: ja "承認者を確認", en "See the approvers";
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/t/{tenant}/held", get(waiting))
        .route("/t/{tenant}/held/decided", get(decided))
        .route("/t/{tenant}/held/approvers", get(crate::approvers::show).post(crate::approvers::save))
        .route("/t/{tenant}/held/{parcel}", get(show).post(decide))
}

/// A held or decided mail in a list.
struct Row {
    parcel: ParcelId,
    received: String,
    sender: String,
    recipients: String,
    subject: String,
    rules: String,
    sensitive: bool,
    approvers: String,
    /// The approvals that it has, of as many as it wants, when it wants several.
    approvals: Option<(usize, u32)>,
    deadline: String,
    overdue: bool,
    state: (&'static str, &'static str),
    decided_at: String,
    decided_by: String,
    comment: String,
}

fn row(desk: &Desk, t: HeldWords, rules: &RuleNames, case: &Case) -> Row {
    let style = desk.style();
    let outside =
        case.part.recipients.iter().filter(|one| desk.directory.tenant_of(one.domain()) != Some(desk.tenant.id));
    let outside: Vec<String> = outside.map(ToString::to_string).collect();
    let approval = case.part.approval.as_ref();
    let approvers = approval.map(|approval| approval.approvers.as_slice()).unwrap_or_default();
    let decided = approval.and_then(|approval| approval.decided.as_ref());
    let deadline = approval.map(|approval| approval.deadline);
    Row {
        parcel: case.part.id,
        received: style.date_short(case.submission.at),
        sender: sender(desk, case),
        recipients: shortened(&outside),
        subject: masked_subject(&case.summary, desk.language()),
        rules: rules.names(&case.part.rules, desk.language()),
        sensitive: case.submission.sensitive,
        approvers: approvers.iter().map(|one| approver(desk, t, one.0)).collect::<Vec<_>>().join(", "),
        approvals: approval.filter(|one| one.terms.approvals > 1).map(|one| (one.consents.len(), one.terms.approvals)),
        deadline: deadline.map(|at| style.date_short(at)).unwrap_or_default(),
        overdue: decided.is_none() && deadline.is_some_and(|at| at < desk.visit.now),
        state: SharedWords::new(desk.language()).state(case.part.state),
        decided_at: decided.map(|one| style.date_short(one.at)).unwrap_or_default(),
        decided_by: decided
            .map(|one| one.by.map_or_else(|| t.nobody().to_owned(), |id| desk.name_of(id)))
            .unwrap_or_default(),
        comment: decided.map(|one| inspect::mask_every_number(&one.comment)).unwrap_or_default(),
    }
}

/// The name of an approver, with who decides in his stead now.
fn approver(desk: &Desk, t: HeldWords, id: UserId) -> String {
    let name = desk.name_of(id);
    match desk.directory.deputy_of(id, desk.visit.now) {
        Some(deputy) => t.with_deputy(&name, &desk.name_of(deputy)),
        None => name,
    }
}

/// The name of the sender with his department, or his address.
fn sender(desk: &Desk, case: &Case) -> String {
    match case.submission.author.and_then(|id| desk.directory.users.get(&id)) {
        Some(user) if user.department.is_empty() => user.name.clone(),
        Some(user) => format!("{}({})", user.name, user.department),
        None => case.submission.from.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

fn shortened(all: &[String]) -> String {
    let shown = all.iter().take(2).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > 2 { format!("{shown} +{}", all.len() - 2) } else { shown }
}

#[derive(askama::Template)]
#[template(path = "admin/held/list.html")]
struct Waiting {
    frame: Frame,
    t: HeldWords,
    count: usize,
    rows: Vec<Row>,
    older: Option<String>,
    /// Approvers whom nobody stands in for, where there should be somebody.
    without_deputy: usize,
}

/// GET /t/{tenant}/held
async fn waiting(desk: Desk, Query(asked): Query<AskedWaiting>) -> Answer {
    let t = HeldWords::new(desk.language());
    let (store, access) = (&desk.console.store, desk.reviews()?);
    let after = web::place(&asked.after)?;
    let after = after.map(|(deadline, parcel)| HeldKey { deadline, parcel: ParcelId(parcel) });
    let cases = store.held_cases(&access, after, ROWS).await?;
    let count = usize::try_from(store.count_held(&access).await?).unwrap_or(usize::MAX);
    let last = cases.last().and_then(Case::held_key).filter(|_| cases.len() == ROWS as usize);
    let older = last.map(|key| desk.path(&format!("held?after={}.{}", key.deadline.0, key.parcel)));
    let rules = desk.rule_names();
    let rows = cases.iter().map(|case| row(&desk, t, &rules, case)).collect();
    let without_deputy = desk.console.outbound.without_deputy(desk.tenant.id);
    html(&Waiting { frame: desk.frame(Area::Held), t, count, rows, older, without_deputy })
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct AskedWaiting {
    /// `1795478400000.17`: deadlines after this one.
    after: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    state: String,
    since: String,
    until: String,
    /// `1795478400000.17`: decisions before this one.
    before: String,
}

#[derive(askama::Template)]
#[template(path = "admin/held/decided.html")]
struct Decided {
    frame: Frame,
    t: HeldWords,
    asked: Asked,
    states: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    older: Option<String>,
}

/// What a held mail can become.
const ENDS: [ParcelState; 5] =
    [ParcelState::Released, ParcelState::Returned, ParcelState::Rejected, ParcelState::Expired, ParcelState::Withdrawn];

/// GET /t/{tenant}/held/decided
async fn decided(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    let t = HeldWords::new(desk.language());
    let filter = DecidedFilter {
        by: None,
        state: ParcelState::parse(&asked.state),
        since: web::day_start(&asked.since),
        until: web::day_end(&asked.until),
    };
    let before = web::place(&asked.before)?.map(|(at, parcel)| CaseKey { at, parcel: ParcelId(parcel) });
    let cases = desk.console.store.decided(&desk.reviews()?, filter, before, ROWS).await?;
    let last = cases.last().and_then(Case::key).filter(|_| cases.len() == ROWS as usize);
    let older = last.map(|key| {
        let before = format!("{}.{}", key.at.0, key.parcel);
        let pairs =
            [("state", asked.state.as_str()), ("since", &asked.since), ("until", &asked.until), ("before", &before)];
        format!("{}?{}", desk.path("held/decided"), query(&pairs))
    });
    let words = SharedWords::new(desk.language());
    let states = ENDS.iter().map(|state| (state.word(), words.state(*state).0)).collect();
    let rules = desk.rule_names();
    let rows = cases.iter().map(|case| row(&desk, t, &rules, case)).collect();
    html(&Decided { frame: desk.frame(Area::Held), t, asked, states, rows, older })
}

/// A line of the trace that was kept with the submission.
#[derive(Deserialize)]
struct Kept {
    code: String,
    outcome: String,
    #[serde(default)]
    recipients: Vec<String>,
    #[serde(default)]
    by: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Verdict {
    trace: Vec<Kept>,
}

struct Trace {
    name: String,
    code: String,
    outcome: (&'static str, &'static str),
    recipients: String,
}

#[derive(askama::Template)]
#[template(path = "admin/held/case.html")]
struct CasePage {
    frame: Frame,
    t: HeldWords,
    row: Row,
    reference: String,
    recipients: Vec<(String, bool)>,
    found: Vec<Found>,
    found_all: usize,
    failed: bool,
    not_inspected: Vec<String>,
    trace: Vec<Trace>,
    /// Where a handler or approver sees the contents.
    content: Option<String>,
    /// Whether it waits.
    waits: bool,
    /// Whether the visitor sent it.
    own: bool,
    /// Whether the visitor may let it go.
    may_approve: bool,
    comment: String,
    error: Option<&'static str>,
}

async fn case_of(desk: &Desk, parcel: i64) -> Result<Case, Trouble> {
    Ok(desk.console.store.reviewed_case(&desk.reviews()?, ParcelId(parcel)).await?)
}

/// GET /t/{tenant}/held/{parcel}
async fn show(desk: Desk, Path((_, parcel)): Path<(String, i64)>) -> Answer {
    html(&page(&desk, parcel, String::new(), None).await?)
}

async fn page(desk: &Desk, parcel: i64, comment: String, error: Option<&'static str>) -> Result<CasePage, Trouble> {
    let case = case_of(desk, parcel).await?;
    let rules = desk.rule_names();
    let t = HeldWords::new(desk.language());
    let seen = desk.console.outbound.findings(&desk.reviews()?, case.part.id).await?;
    let (sightings, not_inspected) = seen.clone().unwrap_or_default();
    let mut recipients: Vec<(String, bool)> = case
        .part
        .recipients
        .iter()
        .map(|one| (one.to_string(), desk.directory.tenant_of(one.domain()) != Some(desk.tenant.id)))
        .collect();
    recipients.sort_by_key(|(_, outside)| !outside);
    let asked = case.part.approval.iter().flat_map(|approval| &approval.approvers).any(|one| one.0 == desk.me.id);
    let own = case.submission.author == Some(desk.me.id);
    let may_open = !own && desk.me.tenant == desk.tenant.id && (asked || desk.me.roles.has(Role::Handler));
    Ok(CasePage {
        frame: desk.frame(Area::Held),
        t,
        row: Row { rules: rules.names_and_codes(&case.part.rules, desk.language()), ..row(desk, t, &rules, &case) },
        reference: case.submission.reference.to_string(),
        recipients,
        found: sightings.iter().take(SHOWN).map(|one| found(one, desk.language())).collect(),
        found_all: sightings.len(),
        failed: seen.is_none(),
        not_inspected: not_inspected.iter().map(|one| not_seen(one, desk.language())).collect(),
        trace: trace(desk, &rules, &case.submission.verdict),
        content: may_open.then(|| format!("{}/approve/{}", desk.visit.site.urls.mail, case.part.id)),
        waits: case.part.state == ParcelState::Held,
        own,
        may_approve: desk.console.outbound.may_approve_for_company(&case, desk.me.id),
        comment,
        error,
    })
}

fn trace(desk: &Desk, rules: &RuleNames, verdict: &str) -> Vec<Trace> {
    let words = SharedWords::new(desk.language());
    let kept: Verdict = serde_json::from_str(verdict).unwrap_or_default();
    let outcome = |one: &Kept| match one.outcome.as_str() {
        "matched" => (words.matched(), "ng"),
        "recorded" => (words.recorded(), "warn"),
        "taken_out" => (words.taken_out(), "warn"),
        _ => (words.not_matched(), ""),
    };
    kept.trace
        .into_iter()
        .map(|one| Trace {
            outcome: outcome(&one),
            recipients: one.recipients.join(", "),
            name: rules.name(&one.code).to_owned(),
            code: one.by.map_or(one.code.clone(), |by| format!("{} ({by})", one.code)),
        })
        .collect()
}

/// POST /t/{tenant}/held/{parcel}
async fn decide(desk: Desk, Path((_, parcel)): Path<(String, i64)>, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = HeldWords::new(desk.language());
    let (word, done) = match given.get("do") {
        "approve" => (DecisionWord::Approve, t.approved()),
        "return" => (DecisionWord::Return, t.returned()),
        "reject" => (DecisionWord::Reject, t.rejected()),
        _ => return Err(Trouble::BadRequest),
    };
    let comment: String = given.get("comment").chars().take(COMMENT).collect();
    if comment.is_empty() {
        let page = page(&desk, parcel, comment, Some(t.reason_missing())).await?;
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    match desk.console.outbound.decide_for_company(&access, ParcelId(parcel), word, &comment).await {
        Ok(ParcelState::Held) => see_with(&desk.path("held"), &Toast::new(t.approved_in_part())),
        Ok(_) => see_with(&desk.path("held"), &Toast::new(done)),
        Err(OutboundError::ApprovedBefore) => see_with(&desk.path("held"), &Toast::new(t.approved_before())),
        Err(OutboundError::NotOpened) => {
            let page = page(&desk, parcel, comment, Some(t.not_opened())).await?;
            html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(OutboundError::NotHandler) => {
            // the page says why
            let page = page(&desk, parcel, comment, None).await?;
            html_with(StatusCode::FORBIDDEN, &page)
        }
        Err(OutboundError::Store(StoreError::Decided(_))) => {
            see_with(&desk.path("held"), &Toast::new(t.decided_before()))
        }
        Err(OutboundError::Untreatable(why)) => see_with(&desk.path("held"), &Toast::new(why.told(desk.language()))),
        Err(error) => Err(error.into()),
    }
}
