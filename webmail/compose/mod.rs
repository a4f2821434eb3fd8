//! Writing mail: the form with its drafts and files, and the check before sending. It decides nothing: what happens to
//! a mail is said by `outbound`, before and when it is sent.

mod check;
mod check_page;
mod content;
mod desk;
mod form;
mod intake;
mod page;
mod people;
mod send;
mod shelf;
mod start;
mod ticks;
mod words;
mod write;

use types::Limits;
use web::axum::Router;
use web::axum::extract::DefaultBodyLimit;
use web::axum::routing::{get, post};

pub(crate) use content::content_routes;
pub(crate) use intake::most_of_request;
pub use shelf::Shelf;
use words::ComposeWords;

use crate::Rooms;

/// The routes of the mail origin; forms with files may be as large as `limits` says.
pub(crate) fn routes(limits: &Limits) -> Router<Rooms> {
    let files = DefaultBodyLimit::max(intake::most_of_request(limits));
    Router::new()
        .route("/mail/compose", get(start::begin).merge(post(write::write).layer(files)))
        .route("/mail/compose/recipients", post(people::chips))
        .route("/mail/suggest", get(people::suggest))
        .route("/mail/compose/{draft}", get(start::show))
        .route("/mail/compose/{draft}/files", post(write::attach).layer(files))
        .route("/mail/compose/{draft}/files/{file}/remove", post(write::detach))
        .route("/mail/compose/{draft}/file/{file}", get(content::open))
        .route("/mail/compose/{draft}/check", get(check_page::show))
        .route("/mail/compose/{draft}/send", post(send::send))
}
