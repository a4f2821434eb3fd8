//! The live stream of a list: counters of folders as they change, and a bar that offers what arrived meanwhile. New rows
//! are never pushed under somebody's eyes (web-design 1.1).

use std::time::Duration;

use serde::Deserialize;
use store::{Event, StoreError};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use types::{MailboxId, ModSeq, UserId};
use web::auth::Identity;
use web::axum::extract::{Query, State};
use web::axum::response::Response;
use web::futures_util::{Stream, stream};
use web::{Answer, Listener, Trouble, Update, Visit, askama, html};

use super::MailWords;
use super::folders::{FolderLine, folder_lines};
use crate::Rooms;

/// Many changes at once become one update.
const GATHER: Duration = Duration::from_millis(150);

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// The mailbox that is shown.
    folder: i64,
    /// The modification at which its list was read.
    since: u64,
}

#[derive(askama::Template)]
#[template(path = "webmail/mail/live.html")]
struct Live<'a> {
    t: MailWords,
    lines: &'a [FolderLine],
    folder: i64,
    arrived: usize,
}

/// The counters alone, in answer to a script that marked a mail as read; its form goes.
#[derive(askama::Template)]
#[template(path = "webmail/mail/counters.html")]
struct Counters {
    t: MailWords,
    lines: Vec<FolderLine>,
}

pub(super) async fn counters(rooms: &Rooms, visit: &Visit) -> Answer {
    let mailboxes = rooms.store.mailboxes(&rooms.auth.read_account(visit.identity())?).await?;
    let t = MailWords::new(visit.page.language);
    html(&Counters { t, lines: folder_lines(&mailboxes, t, None) })
}

/// GET /mail/events
pub(super) async fn events(
    State(rooms): State<Rooms>,
    listener: Listener,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let identity = listener.visit.identity().clone();
    rooms.auth.read_account(&identity)?;
    let words = MailWords::new(listener.visit.page.language);
    let watch = Watch { events: rooms.store.events(), rooms, identity, words, asked, told: listener.last_id };
    listener.send(updates(watch))
}

struct Watch {
    rooms: Rooms,
    events: Receiver<Event>,
    identity: Identity,
    words: MailWords,
    asked: Asked,
    /// The newest modification that the browser has heard of.
    told: Option<u64>,
}

fn updates(watch: Watch) -> impl Stream<Item = Update> + Send + 'static {
    stream::unfold(watch, |mut watch| async move {
        let update = watch.next().await?;
        Some((update, watch))
    })
}

impl Watch {
    /// The next update; `None` when the session is over or the server stops.
    async fn next(&mut self) -> Option<Update> {
        // What happened between the page and this stream, or while the browser was away, is told at once.
        loop {
            if let Some(update) = self.read().await.ok()? {
                return Some(update);
            }
            self.wait().await?;
        }
    }

    async fn wait(&mut self) -> Option<()> {
        let mine = self.identity.user();
        loop {
            match self.events.recv().await {
                Ok(event) if concerns(&event, mine) => break,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return None,
            }
        }
        tokio::time::sleep(GATHER).await;
        self.events = self.events.resubscribe();
        Some(())
    }

    /// What is to be said when anything changed since it was last said.
    async fn read(&mut self) -> Result<Option<Update>, Trouble> {
        let access = self.rooms.auth.read_account(&self.identity)?;
        let mailboxes = self.rooms.store.mailboxes(&access).await?;
        let newest = mailboxes.iter().map(|mailbox| mailbox.state.highest_modseq.0).sum();
        if self.told == Some(newest) {
            return Ok(None);
        }
        let first = self.told.replace(newest).is_none();
        let arrived = self.arrived(&access).await?;
        if first && arrived == 0 {
            return Ok(None);
        }
        let lines = folder_lines(&mailboxes, self.words, Some(MailboxId(self.asked.folder)));
        let live = Live { t: self.words, lines: &lines, folder: self.asked.folder, arrived };
        let html = askama::Template::render(&live).map_err(Trouble::bug)?;
        Ok(Some(Update { id: newest, html: html.replace(['\r', '\n'], " ") }))
    }

    /// How many mails came into the shown mailbox since its list was read.
    async fn arrived(&self, access: &store::Access<store::Account, store::Read>) -> Result<usize, Trouble> {
        let (mailbox, since) = (MailboxId(self.asked.folder), ModSeq(self.asked.since));
        match self.rooms.store.changes_since(access, mailbox, since, false).await {
            Ok(changes) => Ok(changes.rows.iter().filter(|row| row.created > since).count()),
            Err(StoreError::NotFound(_)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

fn concerns(event: &Event, mine: UserId) -> bool {
    matches!(event, Event::Mailbox { user, .. } | Event::Mailboxes { user } if *user == mine)
}
