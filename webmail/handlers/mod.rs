//! 取扱担当者の受信箱: mail that was handed over, for handlers alone. Nothing of what it says is shown, until a handler gives a
//! reason, which is on disk before the first byte.

mod content;
mod words;

use std::ops::Range;

use message::attachments::{self, Attachment};
use message::{Parsed, Summary};
use serde::Deserialize;
use store::{LedgerLine, LedgerState, MessageRow, PageKey, PageStart};
use types::{Address, Timestamp, Uid};
use web::axum::Router;
use web::axum::extract::{Form, Path, Query, State};
use web::axum::http::StatusCode;
use web::axum::routing::get;
use web::{Answer, Trouble, Visit, askama, html, html_with};

pub(crate) use words::HandlerWords;

use crate::Rooms;
use crate::frame::Frame;
use crate::mail::part_name;

/// Rows of a page.
const ROWS: u32 = 50;
/// Length of a reason, characters.
const REASON: Range<usize> = 2..501;

/// The routes of the mail origin.
pub(crate) fn routes() -> Router<Rooms> {
    Router::new().route("/handlers", get(list)).route("/handlers/{uid}", get(ask).post(open))
}

/// The routes of the content origin.
pub(crate) fn content_routes() -> Router<Rooms> {
    content::routes()
}

/// A message as the list and its page show it.
struct Told {
    uid: u32,
    subject: String,
    from: String,
    to: String,
    date: String,
    date_machine: String,
    reference: String,
    /// Somebody has asked for its disposal.
    asked: bool,
    ledger: String,
}

/// What is shown of a message before it is opened comes from the ledger; the subject is masked once more.
fn told(rooms: &Rooms, visit: &Visit, row: &MessageRow, line: Option<&LedgerLine>) -> Told {
    let (t, style) = (HandlerWords::new(visit.page.language), visit.page.style);
    let summary = Summary::from_bytes(row.summary.as_deref().unwrap_or_default()).ok();
    let subject = line.map(|line| line.subject.clone()).or_else(|| summary.map(|summary| summary.subject));
    let subject = inspect::mask_every_number(&subject.unwrap_or_default());
    let to = line.map(|line| line.to.iter().map(Address::to_string).collect::<Vec<_>>().join(", "));
    Told {
        uid: row.uid.0,
        subject: if subject.is_empty() { t.no_subject().to_owned() } else { subject },
        from: line.and_then(|line| line.from.as_ref()).map_or_else(|| "<>".to_owned(), Address::to_string),
        to: to.unwrap_or_default(),
        date: style.date_long(row.internal_date),
        date_machine: style.date_machine(row.internal_date),
        reference: line.map(|line| line.reference.to_string()).unwrap_or_default(),
        asked: line.is_some_and(|line| line.state == LedgerState::DisposalAsked),
        ledger: line.map_or_else(|| ledger(rooms, visit), |line| format!("{}/{}", ledger(rooms, visit), line.id)),
    }
}

/// Where the company's ledger is.
fn ledger(rooms: &Rooms, visit: &Visit) -> String {
    let directory = rooms.store.directory();
    let name = directory.tenants.get(&visit.identity().tenant()).map(|tenant| tenant.name.clone());
    format!("{}/t/{}/ledger", rooms.urls.admin, name.unwrap_or_default())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// `1795478400000.17`: messages older than this one.
    before: String,
}

impl Asked {
    fn start(&self) -> Option<PageStart> {
        if self.before.is_empty() {
            return Some(PageStart::Newest);
        }
        let (date, uid) = self.before.split_once('.')?;
        let (at, uid) = (Timestamp(date.parse().ok()?), Uid(uid.parse().ok()?));
        Some(PageStart::Before(PageKey { at, uid }))
    }
}

#[derive(askama::Template)]
#[template(path = "webmail/handlers/list.html")]
struct List {
    frame: Frame,
    t: HandlerWords,
    rows: Vec<Told>,
    older: Option<String>,
    disposed: String,
}

/// GET /handlers
async fn list(State(rooms): State<Rooms>, visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let access = rooms.auth.open_custody(visit.identity())?;
    let page = rooms.store.box_page(&access, asked.start().ok_or(Trouble::NotFound)?, ROWS).await?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for row in &page.rows {
        let lines = rooms.store.box_lines(&access, row).await?;
        rows.push(told(&rooms, &visit, row, lines.first()));
    }
    let last = page.rows.last().map(MessageRow::key).filter(|_| page.older);
    html(&List {
        t: HandlerWords::new(visit.page.language),
        rows,
        older: last.map(|key| format!("/handlers?before={}.{}", key.at.0, key.uid)),
        disposed: format!("{}?state=disposed", ledger(&rooms, &visit)),
        frame: Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?),
    })
}

#[derive(askama::Template)]
#[template(path = "webmail/handlers/message.html")]
struct AskPage {
    frame: Frame,
    t: HandlerWords,
    mail: Told,
    reason: String,
    error: Option<&'static str>,
}

/// GET /handlers/{uid}: what the ledger says of it, and why it is to be opened.
async fn ask(State(rooms): State<Rooms>, visit: Visit, Path(uid): Path<u32>) -> Answer {
    html(&ask_page(&rooms, &visit, Uid(uid), String::new(), None).await?)
}

async fn ask_page(
    rooms: &Rooms,
    visit: &Visit,
    uid: Uid,
    reason: String,
    error: Option<&'static str>,
) -> Result<AskPage, Trouble> {
    let access = rooms.auth.open_custody(visit.identity())?;
    let row = rooms.store.box_message(&access, uid).await?;
    let lines = rooms.store.box_lines(&access, &row).await?;
    Ok(AskPage {
        t: HandlerWords::new(visit.page.language),
        mail: told(rooms, visit, &row, lines.first()),
        reason,
        error,
        frame: Frame::new(visit.page.clone(), crate::menu(rooms, visit).await?),
    })
}

/// A file with where it is saved from.
struct Saved {
    name: String,
    href: String,
}

#[derive(askama::Template)]
#[template(path = "webmail/handlers/opened.html")]
struct OpenedPage {
    frame: Frame,
    t: HandlerWords,
    uid: Uid,
    subject: String,
    body: String,
    files: Vec<Saved>,
}

#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    reason: String,
}

/// POST /handlers/{uid}: the mail, once its reason is written down.
async fn open(State(rooms): State<Rooms>, visit: Visit, Path(uid): Path<u32>, Form(given): Form<Given>) -> Answer {
    let (uid, t) = (Uid(uid), HandlerWords::new(visit.page.language));
    let access = rooms.auth.open_custody(visit.identity())?;
    let reason = given.reason.trim().to_owned();
    let has_number = inspect::mask_every_number(&reason) != reason;
    if has_number || !REASON.contains(&reason.chars().count()) {
        let again = if has_number { String::new() } else { reason };
        let page = ask_page(&rooms, &visit, uid, again, Some(t.reason_missing())).await?;
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let detail = serde_json::json!({ "reason": reason }).to_string();
    rooms.store.note_box_opening(&access, uid, (reason, detail), visit.now).await?;
    let opened = content::opened(&rooms, &access, uid).await?;
    let (subject, found) = read(&rooms, opened).await?;
    let saved = |file: &Attachment| {
        let part = part_name(file);
        let name = if file.name.trim().is_empty() { t.file_unnamed(&part) } else { file.name.clone() };
        Saved { name, href: content::file_url(&rooms, &visit, uid, &part) }
    };
    html(&OpenedPage {
        t,
        uid,
        body: content::body_url(&rooms, &visit, uid),
        files: found.iter().map(saved).collect(),
        subject: if subject.is_empty() { t.no_subject().to_owned() } else { subject },
        frame: Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?),
    })
}

/// The subject of a mail and its files. A large one takes its time: not on an async thread.
async fn read(rooms: &Rooms, opened: content::Opened) -> Result<(String, Vec<Attachment>), Trouble> {
    let limits = rooms.limits.clone();
    let read = move || {
        let mail = Parsed::parse(&opened.bytes, &limits);
        (mail.subject(), attachments::attachments(&mail))
    };
    tokio::task::spawn_blocking(read).await.map_err(Trouble::bug)
}
