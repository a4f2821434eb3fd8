//! The console: the pages of administrators. One file per area; `menu` lists them, `router` merges their routes. It
//! knows no SQL; what a role may do, `auth` says.

mod domains;
mod frame;

use std::sync::Arc;

use outbound::Outbound;
use store::Store;
use types::{Clock, Limits};
use web::auth::Auth;
use web::axum::Router;
use web::axum::routing::get;
use web::{Answer, Visit, see};

/// What all handlers share.
pub struct Console {
    /// The store.
    pub store: Store,
    /// Grants access.
    pub auth: Arc<Auth>,
    /// Decides held mail.
    pub outbound: Arc<Outbound>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Bounds.
    pub limits: Arc<Limits>,
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Console")
    }
}

/// The pages of the admin origin; `web::Site::app` puts the gate around them.
pub fn router(console: Arc<Console>) -> Router {
    Router::new().route("/", get(start)).merge(domains::routes()).with_state(console)
}

async fn start(_visit: Visit) -> Answer {
    see(frame::MENU[0].path)
}
