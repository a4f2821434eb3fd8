//! The download page for recipients outside, on the content origin: no script, no cookie, no session. An address alone shows
//! who sent something; a code that went to the recipient's own address opens it for a quarter of an hour. GET sends nothing,
//! opens nothing and counts nothing, so a scanner of links does no harm.

mod face;
mod files;
mod open;
mod passes;
mod words;

use store::{AskedFrom, LinkRow};
use web::axum::Router;
use web::axum::routing::{get, post};
use web::{Caller, Trouble};

use crate::Rooms;

pub(crate) use files::listed;

/// The routes of the content origin.
pub(crate) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/d/{token}", get(open::start))
        .route("/d/{token}/code", post(open::send_code))
        .route("/d/{token}/enter", get(open::enter).post(open::try_it))
        .route("/d/{token}/files/{pass}", get(files::list))
        .route("/d/{token}/files/{pass}/text", post(files::text))
        .route("/d/{token}/files/{pass}/{file}", post(files::take))
}

/// The link of an address while it is open.
async fn found(rooms: &Rooms, token: &str) -> Result<Option<LinkRow>, Trouble> {
    Ok(rooms.outbound.link(token).await?)
}

/// From where somebody asks, as it is written down.
fn asked_from(caller: &Caller) -> AskedFrom {
    AskedFrom { network: caller.network(), agent: caller.agent.clone() }
}
