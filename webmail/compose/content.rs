//! A file of one's own draft, from the content origin: saved, never shown as a page of ours.

use store::{Access, Account, AttachmentRow, Read};
use types::{AttachmentId, DraftId};
use web::axum::Router;
use web::axum::extract::{Path, State};
use web::axum::http::Uri;
use web::axum::response::IntoResponse;
use web::axum::routing::get;
use web::{Answer, Trouble, Visit, headers, see};

use crate::Rooms;

pub(crate) fn content_routes() -> Router<Rooms> {
    Router::new().route("/draft/{draft}/{file}", get(file))
}

/// GET /mail/compose/{draft}/file/{file}: to the file on the content origin.
pub(super) async fn open(State(rooms): State<Rooms>, visit: Visit, Path((draft, file)): Path<(i64, i64)>) -> Answer {
    found(&rooms, &rooms.auth.read_account(visit.identity())?, draft, file).await?;
    let path = format!("/draft/{draft}/{file}");
    see(&rooms.signer.url(&rooms.urls.content, &path, visit.identity().user(), visit.now))
}

async fn file(State(rooms): State<Rooms>, uri: Uri, Path((draft, file)): Path<(i64, i64)>) -> Answer {
    let user = rooms.signer.check(uri.path(), uri.query().unwrap_or_default(), rooms.clock.now())?;
    let access = rooms.auth.read_for_signed_url(user)?;
    let row = found(&rooms, &access, draft, file).await?;
    let bytes = rooms.store.read_attachment(&access, DraftId(draft), row.id, 0..row.size).await?;
    let mut response = bytes.into_response();
    headers::attachment(response.headers_mut(), &row.media_type, &row.name);
    Ok(response)
}

async fn found(rooms: &Rooms, access: &Access<Account, Read>, draft: i64, file: i64) -> Result<AttachmentRow, Trouble> {
    let row = rooms.store.draft(access, DraftId(draft)).await?;
    row.attachments.into_iter().find(|one| one.id == AttachmentId(file)).ok_or(Trouble::NotFound)
}
