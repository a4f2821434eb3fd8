//! The links of one's own mail, for its sender: who may fetch what until when, every access, stopping, more time, sending anew, and
//! the page that says that nothing was fetched.

mod earlier;
mod page;
mod proof;
mod words;

pub(crate) use page::{Event, Telling};
use web::axum::Router;
use web::axum::routing::{get, post};
pub(crate) use words::LinkWords;

use crate::Rooms;

/// The routes of the mail origin.
pub(crate) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/outgoing/links/{reference}", get(page::show))
        .route("/outgoing/links/{reference}/{link}/earlier/{before}", get(earlier::show))
        .route("/outgoing/links/{reference}/{link}/stop", post(page::stop))
        .route("/outgoing/links/{reference}/{link}/extend", post(page::extend))
        .route("/outgoing/links/{reference}/{link}/renew", post(page::renew))
        .route("/outgoing/links/{reference}/{link}/proof", get(proof::show))
}
