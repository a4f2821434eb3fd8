//! A message of the handlers' box as it is, on the content origin: behind addresses that are made when the reason for its
//! opening is on disk, for the one handler who gave it.

use std::time::Duration;

use message::Parsed;
use message::attachments;
use message::view::{Options, view};
use store::{Access, Custody, Read};
use types::Uid;
use web::axum::Router;
use web::axum::extract::{Path, State};
use web::axum::http::Uri;
use web::axum::response::IntoResponse;
use web::axum::routing::get;
use web::{Answer, Trouble, Visit, headers};

use crate::Rooms;
use crate::mail::part_name;

/// Whoever finds no memory within so long is asked to come again.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/box/{uid}/{language}", get(body)).route("/box/{uid}/file/{part}", get(file))
}

pub(super) fn body_url(rooms: &Rooms, visit: &Visit, uid: Uid) -> String {
    sign(rooms, visit, &format!("/box/{uid}/{}", visit.page.words.lang()))
}

pub(super) fn file_url(rooms: &Rooms, visit: &Visit, uid: Uid, part: &str) -> String {
    sign(rooms, visit, &format!("/box/{uid}/file/{part}"))
}

fn sign(rooms: &Rooms, visit: &Visit, path: &str) -> String {
    rooms.signer.url(&rooms.urls.content, path, visit.identity().user(), visit.now)
}

/// The bytes of a message; their memory is given back when they are dropped.
pub(super) struct Opened {
    pub bytes: Vec<u8>,
    _memory: web::BytePermit,
}

pub(super) async fn opened(rooms: &Rooms, access: &Access<Custody, Read>, uid: Uid) -> Result<Opened, Trouble> {
    let row = rooms.store.box_message(access, uid).await?;
    let memory = rooms.memory.take(row.record_size.saturating_mul(3), PATIENCE).await;
    let memory = memory.ok_or_else(|| Trouble::Busy("no memory for another mail".into()))?;
    let bytes = rooms.store.read_box(access, uid, 0..row.record_size).await?;
    Ok(Opened { bytes, _memory: memory })
}

/// Whom the address was made for, judged as he is now.
fn signed(rooms: &Rooms, uri: &Uri) -> Result<Access<Custody, Read>, Trouble> {
    let user = rooms.signer.check(uri.path(), uri.query().unwrap_or_default(), rooms.clock.now())?;
    Ok(rooms.auth.open_custody_for_signed_url(user)?)
}

async fn body(State(rooms): State<Rooms>, uri: Uri, Path((uid, language)): Path<(u32, String)>) -> Answer {
    let opened = opened(&rooms, &signed(&rooms, &uri)?, Uid(uid)).await?;
    let limits = rooms.limits.clone();
    let made = tokio::task::spawn_blocking(move || {
        let mail = Parsed::parse(&opened.bytes, &limits);
        view(&mail, &Options { language: &language, ..Options::default() }).document
    });
    let mut response = made.await.map_err(Trouble::bug)?.into_response();
    headers::message_body(response.headers_mut(), &rooms.urls.mail, &rooms.urls.content);
    Ok(response)
}

/// A file as it is, once it is written down that it leaves the server.
async fn file(State(rooms): State<Rooms>, uri: Uri, Path((uid, part)): Path<(u32, String)>) -> Answer {
    let access = signed(&rooms, &uri)?;
    let opened = opened(&rooms, &access, Uid(uid)).await?;
    let detail = serde_json::json!({ "part": part }).to_string();
    let limits = rooms.limits.clone();
    let taken = tokio::task::spawn_blocking(move || {
        let mail = Parsed::parse(&opened.bytes, &limits);
        let files = attachments::attachments(&mail);
        let file = files.iter().find(|file| part_name(file) == part)?;
        let bytes = attachments::content(&mail, file)?.into_owned();
        Some((file.served_type.content_type(), file.name.clone(), bytes))
    });
    let (kind, name, bytes) = taken.await.map_err(Trouble::bug)?.ok_or(Trouble::NotFound)?;
    rooms.store.note_box_saving(&access, Uid(uid), detail, rooms.clock.now()).await?;
    let mut response = bytes.into_response();
    headers::attachment(response.headers_mut(), kind, &name);
    Ok(response)
}
