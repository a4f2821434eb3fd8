//! Reading mail: folders, list, one message, what is done with them; and the documents that the content origin shows.

mod act;
mod address;
mod content;
mod folders;
mod hand_over;
mod list;
mod live;
mod manage;
mod message;
mod open;
mod row;
mod undo;
mod words;

use store::Mailbox;
use types::MailboxId;
use web::axum::Router;
use web::axum::routing::{get, post};
use web::{Page, Trouble, Visit};

pub(crate) use address::MailId;
pub(crate) use content::part_name;
pub(crate) use folders::{FolderLine, folder_lines};
pub(crate) use open::open;
pub(crate) use row::{Row, Rows, shown_address, shown_name};
pub(crate) use words::MailWords;

use crate::Rooms;
use crate::frame::{Entry, Frame, MenuWords};

/// The routes of the mail origin.
pub(crate) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/mail", get(list::inbox))
        .route("/mail/drafts", get(list::drafts))
        .route("/mail/events", get(live::events))
        .route("/mail/f/{mailbox}", get(list::list))
        .route("/mail/f/{mailbox}/act", post(act::act))
        .route("/mail/undo/{token}", post(act::take_back))
        .route("/mail/m/{id}", get(message::message))
        .route("/mail/m/{id}/hand-over", get(hand_over::ask).post(hand_over::hand_over))
        .route("/mail/m/{id}/print", get(message::print))
        .route("/mail/m/{id}/headers", get(message::headers))
        .route("/mail/m/{id}/source", get(message::source))
        .route("/mail/m/{id}/part/{part}", get(message::part))
        .route("/mail/by-uid/{folder}/{uid}", get(message::by_uid))
        .route("/mail/folders", get(manage::show).post(manage::add))
        .route("/mail/folders/{id}/rename", post(manage::rename))
        .route("/mail/folders/{id}/delete", post(manage::delete))
}

/// The routes of the content origin.
pub(crate) fn content_routes() -> Router<Rooms> {
    content::routes()
}

/// How full a person's mailboxes are.
pub(crate) struct Usage {
    pub percent: u64,
    pub used: String,
    pub quota: String,
}

/// The frame of the screens of mail: beside what every page has, the folder pane.
pub(crate) struct MailFrame {
    pub page: Page,
    pub words: crate::frame::FrameWords,
    pub mail_words: MailWords,
    pub folders: Vec<FolderLine>,
    pub usage: Option<Usage>,
    pub menu: Vec<Entry>,
}

impl MailFrame {
    /// The frame around a screen that shows `current`.
    pub async fn new(
        rooms: &Rooms,
        visit: &Visit,
        mailboxes: &[Mailbox],
        current: Option<MailboxId>,
    ) -> Result<Self, Trouble> {
        let mail_words = MailWords::new(visit.page.language);
        let Frame { page, words, menu } = Frame::new(visit.page.clone(), crate::menu(rooms, visit).await?);
        let folders = folder_lines(mailboxes, mail_words, current);
        Ok(Self { page, words, mail_words, folders, usage: usage(rooms, visit).await?, menu })
    }

    /// As [`Frame::bar`].
    pub fn bar(&self) -> MenuWords {
        MenuWords::new(self.page.language)
    }
}

/// Only where there is a bound.
async fn usage(rooms: &Rooms, visit: &Visit) -> Result<Option<Usage>, Trouble> {
    let user = rooms.auth.person(visit.identity())?;
    let Some(quota) = user.quota.filter(|quota| *quota > 0) else { return Ok(None) };
    let used = rooms.store.usage(user.id).await?.bytes;
    let style = visit.page.style;
    let percent = (used.saturating_mul(100) / quota).min(100);
    Ok(Some(Usage { percent, used: style.size(used), quota: style.size(quota) }))
}
