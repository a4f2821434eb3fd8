//! 検索: the box on every screen, and its results across all folders, from the full-text index and, where that cannot
//! tell, from the mails themselves.

mod judge;
mod mark;
mod query;
mod run;
mod show;
mod words;

pub(crate) use words::SearchWords;

use web::axum::Router;
use web::axum::routing::get;

use crate::Rooms;

/// The routes of the mail origin.
pub(crate) fn routes() -> Router<Rooms> {
    Router::new().route("/mail/search", get(show::show))
}
