//! A mailbox as a list, newest first, fifty at a time.

use serde::Deserialize;
use store::{Access, Account, Mailbox, MailboxRole, PageFilter, PageKey, PageStart, Read};
use types::MailboxId;
use web::axum::extract::{Path, Query, State};
use web::{Answer, Trouble, Visit, askama, html, see};

use super::address::Place;
use super::folders::{FolderLine, folder_lines, with_role};
use super::row::{Row, Rows};
use super::{MailFrame, MailWords};
use crate::Rooms;

/// Rows of a page (web-design 1.1).
const ROWS: u32 = 50;

/// What the URL asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    before: Option<Place>,
    after: Option<Place>,
    /// `2026-10-01`: the newest mails up to that day.
    date: String,
    show: String,
    /// `1`: a script appends the rows to those that are there.
    more: String,
}

impl Asked {
    fn filter(&self) -> PageFilter {
        match self.show.as_str() {
            "unread" => PageFilter::Unread,
            "starred" => PageFilter::Starred,
            _ => PageFilter::All,
        }
    }

    fn start(&self) -> PageStart {
        let day_end = web::day_end(&self.date).map(PageKey::start_of);
        match (self.before, self.after, day_end) {
            (Some(Place(key)), _, _) | (None, None, Some(key)) => PageStart::Before(key),
            (None, Some(Place(key)), _) => PageStart::After(key),
            (None, None, None) => PageStart::Newest,
        }
    }
}

/// A choice of what is shown.
struct Choice {
    label: &'static str,
    href: String,
    current: bool,
}

#[derive(askama::Template)]
#[template(path = "webmail/mail/list.html")]
struct List {
    frame: MailFrame,
    t: MailWords,
    folder: FolderLine,
    /// The folders that mail can be moved to.
    targets: Vec<FolderLine>,
    rows: Vec<Row>,
    total: String,
    choices: [Choice; 3],
    date: String,
    /// Whether it begins with the newest.
    newest: bool,
    newer: Option<String>,
    older: Option<String>,
    /// The modification at which the list was read: later arrivals are news.
    modseq: u64,
    filtered: bool,
}

impl List {
    fn is(&self, role: MailboxRole) -> bool {
        self.folder.role == Some(role)
    }
    fn in_trash(&self) -> bool {
        self.is(MailboxRole::Trash)
    }
    fn in_junk(&self) -> bool {
        self.is(MailboxRole::Junk)
    }
    fn in_archive(&self) -> bool {
        self.is(MailboxRole::Archive)
    }
    /// Mails of one's own hand: there is no junk among them, and a click opens a draft for writing.
    fn of_own_hand(&self) -> bool {
        self.is(MailboxRole::Sent) || self.is(MailboxRole::Drafts)
    }
    fn row_href(&self, row: &Row) -> String {
        if self.is(MailboxRole::Drafts) {
            return format!("/mail/compose?draft={}", row.id);
        }
        super::act::message_path(row.id)
    }
}

/// Only the rows, for the script that appends them.
#[derive(askama::Template)]
#[template(path = "webmail/mail/more.html")]
struct More {
    list: List,
}

/// GET /mail
pub(super) async fn inbox(State(rooms): State<Rooms>, visit: Visit) -> Answer {
    to_folder(&rooms, &visit, MailboxRole::Inbox).await
}

/// GET /mail/drafts: where notices lead to that speak of a draft.
pub(super) async fn drafts(State(rooms): State<Rooms>, visit: Visit) -> Answer {
    to_folder(&rooms, &visit, MailboxRole::Drafts).await
}

async fn to_folder(rooms: &Rooms, visit: &Visit, role: MailboxRole) -> Answer {
    let mailboxes = rooms.store.mailboxes(&rooms.auth.read_account(visit.identity())?).await?;
    let folder = with_role(&mailboxes, role).ok_or(Trouble::NotFound)?;
    see(&format!("/mail/f/{}", folder.id))
}

/// GET /mail/f/{mailbox}
pub(super) async fn list(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path(mailbox): Path<i64>,
    Query(asked): Query<Asked>,
) -> Answer {
    let access = rooms.auth.read_account(visit.identity())?;
    let mailboxes = rooms.store.mailboxes(&access).await?;
    let shown = mailboxes.iter().find(|one| one.id == MailboxId(mailbox) && one.selectable);
    let shown = shown.ok_or(Trouble::NotFound)?.clone();
    let more = asked.more == "1" && visit.page.fragment;
    let list = read(&rooms, visit, &access, &mailboxes, &shown, asked).await?;
    if more { html(&More { list }) } else { html(&list) }
}

async fn read(
    rooms: &Rooms,
    visit: Visit,
    access: &Access<Account, Read>,
    mailboxes: &[Mailbox],
    shown: &Mailbox,
    asked: Asked,
) -> Result<List, Trouble> {
    let t = MailWords::new(visit.page.language);
    let (start, filter) = (asked.start(), asked.filter());
    let page = rooms.store.page(access, shown.id, start, filter, ROWS).await?;
    let directory = rooms.store.directory();
    let (tenant, style) = (visit.identity().tenant(), visit.page.style);
    let rows = Rows { directory: &directory, tenant, words: t, style, role: shown.role };
    let lines = folder_lines(mailboxes, t, Some(shown.id));
    let folder = lines.iter().find(|line| line.current).cloned().ok_or(Trouble::NotFound)?;
    let link = |way: &str, key: Option<PageKey>| Some(href(shown.id, &asked.show, way, key?));
    let (first, last) = (page.rows.first().map(store::MessageRow::key), page.rows.last().map(store::MessageRow::key));
    Ok(List {
        t,
        targets: lines.iter().filter(|line| line.selectable && !line.current).cloned().collect(),
        rows: page.rows.iter().map(|message| rows.row(shown.id, message)).collect(),
        total: style.count(shown.state.messages),
        choices: choices(t, shown.id, filter),
        newest: start == PageStart::Newest,
        newer: link("after", first.filter(|_| page.newer)),
        older: link("before", last.filter(|_| page.older)),
        date: asked.date.clone(),
        modseq: shown.state.highest_modseq.0,
        filtered: filter != PageFilter::All,
        folder,
        frame: MailFrame::new(rooms, &visit, mailboxes, Some(shown.id)).await?,
    })
}

fn href(mailbox: MailboxId, show: &str, way: &str, key: PageKey) -> String {
    let show = if matches!(show, "unread" | "starred") { format!("show={show}&") } else { String::new() };
    format!("/mail/f/{mailbox}?{show}{way}={}", Place(key))
}

fn choices(t: MailWords, mailbox: MailboxId, filter: PageFilter) -> [Choice; 3] {
    let choice =
        |label, word: &str, this| Choice { label, href: format!("/mail/f/{mailbox}{word}"), current: filter == this };
    [
        choice(t.show_all(), "", PageFilter::All),
        choice(t.show_unread(), "?show=unread", PageFilter::Unread),
        choice(t.show_starred(), "?show=starred", PageFilter::Starred),
    ]
}
