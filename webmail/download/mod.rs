//! The download page for recipients outside, on the content origin: no script, no cookie, no session. An address alone shows
//! who sent something; a code that went to the recipient's own address opens it for a quarter of an hour. GET sends nothing,
//! opens nothing and counts nothing, so a scanner of links does no harm. Where its sender allows it, files come back by it.

mod bundle;
mod face;
mod files;
mod open;
mod passes;
mod upload;
mod words;

use store::{AskedFrom, LinkRow};
use types::Limits;
use web::axum::Router;
use web::axum::extract::DefaultBodyLimit;
use web::axum::routing::{get, post};
use web::{Caller, Trouble};

use crate::Rooms;

use face::Said;
pub(crate) use files::listed;

/// The routes of the content origin.
pub(crate) fn routes(limits: &Limits) -> Router<Rooms> {
    let files = DefaultBodyLimit::max(crate::compose::most_of_request(limits));
    Router::new()
        .route("/d/{token}", get(open::start))
        .route("/d/{token}/code", post(open::send_code))
        .route("/d/{token}/enter", get(open::enter).post(open::try_it))
        .route("/d/{token}/files/{pass}", get(files::list))
        .route("/d/{token}/files/{pass}/text", post(files::text))
        .route("/d/{token}/files/{pass}/all", post(bundle::take))
        .route("/d/{token}/files/{pass}/reply", post(upload::give).layer(files))
        .route("/d/{token}/files/{pass}/sent", get(upload::sent))
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
