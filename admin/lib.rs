//! The console: the pages of administrators. One folder per area; `frame` lists them, `router` merges their routes. It
//! knows no SQL; what a role may do, `auth` says.

mod approvers;
mod audit;
mod csv;
mod dashboard;
mod desk;
mod diff;
mod domain_records;
mod domains;
mod form;
mod frame;
mod groups;
mod held;
mod incidents;
mod labels;
mod ledger;
mod links;
mod partners;
mod passwords;
mod queue;
mod rehearsal;
mod rules;
mod safeguards;
mod signatures;
mod simulator;
mod tracking;
mod users;
mod words;

use std::sync::Arc;

use outbound::Outbound;
use serde::Deserialize;
use store::Store;
use types::{Clock, Limits};
use web::auth::Auth;
use web::axum::Router;
use web::axum::extract::{Query, State};
use web::axum::routing::get;
use web::{Answer, ByteBudget, MailDoors, Trouble, Visit, see};

use crate::desk::Keeper;

pub use rehearsal::Rehearsals;
pub use signatures::TextNames;

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
    /// Memory for mails under work.
    pub memory: ByteBudget,
    /// Where mail programs connect.
    pub doors: MailDoors,
    /// The DNS.
    pub names: TextNames,
    /// Rules that are tried over past mail.
    pub rehearsals: Rehearsals,
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Console")
    }
}

/// The pages of the admin origin; `web::Site::app` puts the gate around them.
pub fn router(console: Arc<Console>) -> Router {
    let simulator = simulator::routes(&console.limits);
    Router::new()
        .route("/", get(start))
        .route("/company", get(company))
        .route("/t/{tenant}", get(of_company))
        .merge(dashboard::routes())
        .merge(domains::routes())
        .merge(domain_records::routes())
        .merge(signatures::routes())
        .merge(users::routes())
        .merge(groups::routes())
        .merge(rules::routes())
        .merge(labels::routes())
        .merge(partners::routes())
        .merge(passwords::routes())
        .merge(safeguards::routes())
        .merge(simulator)
        .merge(rehearsal::routes())
        .merge(held::routes())
        .merge(queue::routes())
        .merge(tracking::routes())
        .merge(links::routes())
        .merge(ledger::routes())
        .merge(incidents::routes())
        .merge(audit::routes())
        .with_state(console)
}

/// The dashboard of the visitor's own company.
async fn start(State(console): State<Arc<Console>>, visit: Visit) -> Answer {
    let home = desk::home(&console, &visit)?;
    see(&format!("/t/{}/dashboard", home.name))
}

/// The dashboard of a company, for who may open it.
async fn of_company(Keeper(desk): Keeper) -> Answer {
    see(&desk.path("dashboard"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    tenant: String,
    area: String,
}

/// The same area of another company: the switch above the menu.
async fn company(State(console): State<Arc<Console>>, _visit: Visit, Query(chosen): Query<Chosen>) -> Answer {
    let directory = console.store.directory();
    let tenant = directory.tenant_by_name(&chosen.tenant).ok_or(Trouble::NotFound)?;
    let place = frame::MENU.iter().find(|place| place.path == chosen.area && place.of_company);
    see(&format!("/t/{}/{}", tenant.name, place.map_or("users", |place| place.path)))
}
