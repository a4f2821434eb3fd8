//! The text of a held mail on the content origin, for its approver: without styles, every number made unreadable.

use message::Parsed;
use message::view::{Options, view};
use types::ParcelId;
use web::axum::Router;
use web::axum::extract::{Path, State};
use web::axum::http::Uri;
use web::axum::response::IntoResponse;
use web::axum::routing::get;
use web::{Answer, Trouble, Visit, headers};

use crate::Rooms;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/held/{parcel}/{language}", get(body))
}

/// The address of the document.
pub(super) fn body_url(rooms: &Rooms, visit: &Visit, parcel: ParcelId) -> String {
    let path = format!("/held/{parcel}/{}", visit.page.words.lang());
    rooms.signer.url(&rooms.urls.content, &path, visit.identity().user(), visit.now)
}

async fn body(State(rooms): State<Rooms>, uri: Uri, Path((parcel, language)): Path<(i64, String)>) -> Answer {
    let now = rooms.clock.now();
    let user = rooms.signer.check(uri.path(), uri.query().unwrap_or_default(), now)?;
    let access = rooms.auth.open_held_for_signed_url(user, ParcelId(parcel), now).await?;
    let case = rooms.store.case(&access).await?;
    let bytes = rooms.store.read_case(&access, 0..case.submission.record_size).await?;
    let seen = rooms.outbound.inspected_record(&(&case.submission).into(), case.submission.record, bytes.clone()).await;
    let limits = rooms.limits.clone();
    let made = tokio::task::spawn_blocking(move || {
        let mail = Parsed::parse(&bytes, &limits);
        let mask = |text: &str| seen.as_ref().map_or_else(|| inspect::mask_numbers(text), |seen| seen.mask(text));
        view(&mail, &Options { language: &language, mask: Some(&mask), ..Options::default() }).document
    });
    let mut response = made.await.map_err(Trouble::bug)?.into_response();
    headers::message_body(response.headers_mut(), &rooms.urls.mail, &rooms.urls.content);
    Ok(response)
}
