//! Webmail: the pages of employees and approvers, and what the content origin shows of their mail. One file or folder
//! per area; `router` and `content` merge their routes. It knows no SQL and no protocol of mail.

mod frame;
mod settings;

use std::sync::Arc;

use delivery::Delivery;
use outbound::Outbound;
use store::Store;
use types::{Clock, Limits};
use web::auth::Auth;
use web::axum::Router;
use web::axum::routing::get;
use web::{Answer, Signer, Urls, Visit, see};

/// What all handlers share.
pub struct Webmail {
    /// The store.
    pub store: Store,
    /// Grants access.
    pub auth: Arc<Auth>,
    /// The one door out.
    pub outbound: Arc<Outbound>,
    /// The one door in.
    pub delivery: Arc<Delivery>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Bounds.
    pub limits: Arc<Limits>,
    /// Makes and checks the content origin's URLs.
    pub signer: Signer,
    /// The origins.
    pub urls: Urls,
}

impl std::fmt::Debug for Webmail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Webmail")
    }
}

/// The pages of the mail origin; `web::Site::app` puts the gate around them.
pub fn router(webmail: Arc<Webmail>) -> Router {
    Router::new().route("/", get(start)).merge(settings::routes()).with_state(webmail)
}

/// The routes of the content origin; `web::content_app` confines them.
pub fn content(webmail: Arc<Webmail>) -> Router {
    Router::new().with_state(webmail)
}

async fn start(_visit: Visit) -> Answer {
    see("/settings")
}
