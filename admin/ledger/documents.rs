//! 書類の種類 on the page of a line, in lists, as CSV and on paper: of which kind its documents are and when their period is over; those who
//! write in the ledger give it.

use std::sync::Arc;

use store::{LedgerDocuments, LedgerLine, LedgerState, StoreError};
use types::{LedgerId, Timestamp};
use web::axum::Router;
use web::axum::extract::{Form, Path};
use web::axum::http::StatusCode;
use web::axum::routing::post;
use web::{Answer, Toast, Trouble, html_with, see_with};

use super::line_page;
use crate::Console;
use crate::desk::{Desk, Keeper};
use crate::form::Fields;

web::catalogue! {
    /// Texts of 書類の種類 of a line.
    pub struct DocumentWords {
        kind: ja "書類の種類", en "Kind of documents";
        ends: ja "保存期間満了日", en "End of the retention period";
        none: ja "(指定なし)", en "(none)";
        proposed: ja "件名・ファイル名からの候補", en "proposed by names";
        over: ja "期限到来", en "Period over";
        unknown: ja "完結日が未入力", en "day of completion not stated";
        help: ja "種類を選ぶと、保存期間満了日が決まります。変更は取扱いの経過に残ります。", en "The kind says when the retention period ends. A change stands in the history.";
        stated: ja "起算の基準日", en "Day from which it is counted";
        stated_hint: ja "任意。完結日(退職日など)や、提出期限の日。空欄の場合は、メールの日付で計算します。完結日から数える種類では必ず入力してください。",
            en "Optional: the day of completion (such as leaving the company), or the day on which it was due. Without it the day of the mail counts; kinds that are counted from completion need it.";
        save: ja "種類を保存", en "Save the kind";
        saved: ja "書類の種類を保存しました。", en "The kind has been saved.";
        bad_day: ja "起算の基準日を 2026-12-31 の形で入力してください。", en "Please give the day as 2026-12-31.";
        gone: ja "この種類は削除されています。ほかの種類を選んでください。", en "This kind is not there any more. Please choose another.";
        by_now: ja "廃棄済みのため、変更できません。", en "It was disposed of and cannot be changed.";
        period(day: &str): ja "保存期間の満了({day})", en "End of the retention period ({day})";
    }
}

pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/t/{tenant}/ledger/{line}/documents", post(save))
}

/// The kind of a line's documents as people read it.
pub(super) struct Documents {
    /// Its name; empty for none.
    pub kind: String,
    /// The last day of its period; empty where there is none.
    pub until: String,
    /// What is said beside it, with the colour of its tag.
    pub notes: Vec<(&'static str, &'static str)>,
}

impl Documents {
    /// In one cell.
    pub fn kind_noted(&self, t: DocumentWords) -> String {
        let proposed = self.notes.iter().any(|(note, _)| *note == t.proposed());
        if proposed { format!("{} ({})", self.kind, t.proposed()) } else { self.kind.clone() }
    }
}

/// The last day of a period that is over from this moment on.
pub(super) fn last_day(due: Timestamp) -> String {
    web::day_of(Timestamp(due.0 - 1))
}

/// When the period of a line is over: by its kind, or by the years of the company.
pub(super) fn due(desk: &Desk, line: &LedgerLine) -> Option<Timestamp> {
    match &line.documents {
        Some(documents) => documents.due,
        None => outbound::years_after(line.at, desk.tenant.policies.ledger_years?),
    }
}

pub(super) fn told(desk: &Desk, line: &LedgerLine) -> Documents {
    let t = DocumentWords::new(desk.language());
    let due = due(desk, line);
    let mut notes = Vec::new();
    let documents = line.documents.as_ref();
    if documents.is_some_and(|documents| documents.proposed) {
        notes.push((t.proposed(), ""));
    }
    if documents.is_some_and(|documents| documents.due.is_none()) {
        notes.push((t.unknown(), "warn"));
    }
    if line.state != LedgerState::Disposed && due.is_some_and(|due| due <= desk.visit.now) {
        notes.push((t.over(), "ng"));
    }
    Documents {
        kind: documents.map(|documents| inspect::mask_every_number(&documents.kind)).unwrap_or_default(),
        until: due.map(last_day).unwrap_or_default(),
        notes,
    }
}

/// What an entry of the history says of the kind.
pub(super) fn of_entry(desk: &Desk, detail: &str) -> String {
    let t = DocumentWords::new(desk.language());
    let Ok(Some(documents)) = serde_json::from_str::<Option<LedgerDocuments>>(detail) else {
        return t.none().to_owned();
    };
    let mut parts = vec![documents.kind];
    parts.extend(documents.stated.map(|day| format!("{} {}", t.stated(), web::day_of(day))));
    parts.extend(documents.due.map(|due| format!("{} {}", t.ends(), last_day(due))));
    parts.extend(documents.proposed.then(|| t.proposed().to_owned()));
    parts.join(" / ")
}

/// The form on the page of a line.
pub(super) struct Choosing {
    pub t: DocumentWords,
    /// Names of the kinds, and whether it is this one; one that the company has no more is among them where the line has it.
    pub kinds: Vec<(String, bool)>,
    pub stated: String,
    pub may: bool,
}

pub(super) fn choosing(desk: &Desk, line: &LedgerLine) -> Choosing {
    let now = line.documents.as_ref().map(|documents| documents.kind.as_str());
    let kinds = &desk.tenant.policies.document_kinds;
    let stray = now.filter(|name| kinds.iter().all(|kind| kind.name != *name));
    let names = kinds.iter().map(|kind| kind.name.as_str()).chain(stray);
    let stated = line.documents.as_ref().and_then(|documents| documents.stated);
    Choosing {
        t: DocumentWords::new(desk.language()),
        kinds: names.map(|name| (inspect::mask_every_number(name), Some(name) == now)).collect(),
        stated: stated.map(web::day_of).unwrap_or_default(),
        may: line.state != LedgerState::Disposed && desk.write_reviews().is_ok(),
    }
}

/// POST /t/{tenant}/ledger/{line}/documents
async fn save(Keeper(desk): Keeper, Path((_, line)): Path<(String, i64)>, Form(given): Form<Fields>) -> Answer {
    let (access, t, line) = (desk.write_reviews()?, DocumentWords::new(desk.language()), LedgerId(line));
    let (found, _) = desk.console.store.ledger_line(&desk.reviews()?, line).await?;
    let stated = match given.get("stated") {
        "" => None,
        day => match web::day_start(day) {
            None => return again(&desk, line, t.bad_day()).await,
            day => day,
        },
    };
    let documents = match given.get("documents") {
        "" => None,
        name => match desk.tenant.policies.document_kind(name) {
            None => return again(&desk, line, t.gone()).await,
            Some(kind) => Some(outbound::documents(kind, found.at, stated, false)),
        },
    };
    match desk.console.store.classify(&access, vec![(line, documents)], desk.visit.now).await {
        Err(StoreError::NotFound(_)) => again(&desk, line, t.by_now()).await,
        done => {
            done?;
            see_with(&desk.path(&format!("ledger/{line}")), &Toast::new(t.saved()))
        }
    }
}

async fn again(desk: &Desk, line: LedgerId, why: &'static str) -> Result<web::axum::response::Response, Trouble> {
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &line_page(desk, line, Some(why)).await?)
}
