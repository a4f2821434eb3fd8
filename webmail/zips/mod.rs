//! The ZIPs of one's own mail, for its sender: who got which, and what opens it.

mod page;
mod words;

use web::axum::Router;
use web::axum::routing::get;

use crate::Rooms;

/// The routes of the mail origin.
pub(crate) fn routes() -> Router<Rooms> {
    Router::new().route("/outgoing/passwords/{reference}", get(page::show))
}
