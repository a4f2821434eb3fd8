//! Folders that people make for themselves: create, rename, delete.

use serde::Deserialize;
use store::{Mailbox, StoreError};
use types::MailboxId;
use web::axum::extract::{Form, Path, State};
use web::axum::http::StatusCode;
use web::{Answer, Toast, Trouble, Visit, askama, html, html_with, see_with};

use super::folders::{FolderLine, folder_lines};
use super::{MailFrame, MailWords};
use crate::Rooms;

#[derive(askama::Template)]
#[template(path = "webmail/mail/folders.html")]
struct Manage {
    frame: MailFrame,
    t: MailWords,
    lines: Vec<FolderLine>,
    /// What was typed for a new folder, and what is wrong with it.
    name: String,
    error: Option<&'static str>,
}

#[derive(Deserialize)]
pub(super) struct Given {
    name: String,
}

/// GET /mail/folders
pub(super) async fn show(State(rooms): State<Rooms>, visit: Visit) -> Answer {
    html(&manage(&rooms, visit, String::new(), None).await?)
}

async fn manage(rooms: &Rooms, visit: Visit, name: String, error: Option<&'static str>) -> Result<Manage, Trouble> {
    let mailboxes = rooms.store.mailboxes(&rooms.auth.read_account(visit.identity())?).await?;
    let t = MailWords::new(visit.page.language);
    let lines = folder_lines(&mailboxes, t, None);
    let frame = MailFrame::new(rooms, &visit, &mailboxes, None).await?;
    Ok(Manage { frame, t, lines, name, error })
}

/// POST /mail/folders
pub(super) async fn add(State(rooms): State<Rooms>, visit: Visit, Form(given): Form<Given>) -> Answer {
    let access = rooms.auth.write_account(visit.identity())?;
    let words = MailWords::new(visit.page.language);
    match rooms.store.create_mailbox(&access, given.name.trim()).await {
        Ok(made) => see_with("/mail/folders", &Toast::new(words.folder_added(&made.name))),
        Err(error) => refused(&rooms, visit, given.name, &error).await,
    }
}

/// POST /mail/folders/{id}/rename
pub(super) async fn rename(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path(id): Path<i64>,
    Form(given): Form<Given>,
) -> Answer {
    let access = rooms.auth.write_account(visit.identity())?;
    let words = MailWords::new(visit.page.language);
    let mailbox = own(&rooms, &visit, id).await?;
    match rooms.store.rename_mailbox(&access, &mailbox.name, given.name.trim()).await {
        Ok(()) => see_with("/mail/folders", &Toast::new(words.folder_renamed(given.name.trim()))),
        Err(error) => refused(&rooms, visit, given.name, &error).await,
    }
}

/// POST /mail/folders/{id}/delete
pub(super) async fn delete(State(rooms): State<Rooms>, visit: Visit, Path(id): Path<i64>) -> Answer {
    let access = rooms.auth.write_account(visit.identity())?;
    let words = MailWords::new(visit.page.language);
    let mailbox = own(&rooms, &visit, id).await?;
    rooms.store.delete_mailbox(&access, &mailbox.name).await?;
    see_with("/mail/folders", &Toast::new(words.folder_deleted(&mailbox.name)))
}

/// A mailbox that the visitor made; the special ones stay as they are.
async fn own(rooms: &Rooms, visit: &Visit, id: i64) -> Result<Mailbox, Trouble> {
    let mailboxes = rooms.store.mailboxes(&rooms.auth.read_account(visit.identity())?).await?;
    let found = mailboxes.into_iter().find(|mailbox| mailbox.id == MailboxId(id) && mailbox.role.is_none());
    found.ok_or(Trouble::NotFound)
}

async fn refused(rooms: &Rooms, visit: Visit, name: String, error: &StoreError) -> Answer {
    let words = MailWords::new(visit.page.language);
    let text = match error {
        StoreError::Exists(_) => words.folder_exists(),
        StoreError::Invalid(_) => words.folder_wrong(),
        other => return Err(Trouble::bug(other)),
    };
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &manage(rooms, visit, name, Some(text)).await?)
}
