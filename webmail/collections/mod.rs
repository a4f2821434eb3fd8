//! 収集依頼: the requests for files with which handlers turn to people outside, and what came. For handlers alone: what comes lies
//! in the handlers' box and in nobody's mailbox.

mod list;
mod new;
mod page;
mod words;

use web::axum::Router;
use web::axum::routing::{get, post};

use crate::Rooms;

/// The routes of the mail origin.
pub(crate) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/collections", get(list::show))
        .route("/collections/new", get(new::show).post(new::ask))
        .route("/collections/{reference}", get(page::show))
        .route("/collections/{reference}/stop", post(page::stop))
        .route("/collections/{reference}/extend", post(page::extend))
        .route("/collections/{reference}/again", post(page::again))
}
