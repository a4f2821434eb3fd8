//! Held mail for those who decide it: what waits, one mail with what was found in it (never a number), the decision,
//! the history; the mail as it is for handlers who say why. And for senders what became of their mail.

mod approver;
mod case;
mod case_words;
mod confirm;
mod content;
mod list;
mod original;
mod outgoing;
mod story;
mod words;

use web::axum::Router;
use web::axum::routing::{get, post};

pub(crate) use case_words::CaseWords;
pub(crate) use outgoing::Went;
pub(crate) use words::ApproveWords;

use crate::Rooms;

/// The routes of the mail origin.
pub(crate) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/approve", get(list::waiting))
        .route("/approve/history", get(list::history))
        .route("/approve/{parcel}", get(case::show).post(case::decide))
        .route("/approve/{parcel}/file/{part}", get(case::file))
        .route("/approve/{parcel}/original", get(original::ask).post(original::show))
        .route("/outgoing", get(outgoing::list))
        .route("/outgoing/{parcel}/confirm", get(confirm::show).post(confirm::confirm))
        .route("/outgoing/{parcel}/withdraw", post(outgoing::withdraw))
        .route("/outgoing/recall/{reference}", post(outgoing::recall))
}

/// The routes of the content origin.
pub(crate) fn content_routes() -> Router<Rooms> {
    content::routes().merge(original::content_routes())
}
