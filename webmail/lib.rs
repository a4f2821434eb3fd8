//! Webmail: the pages of employees and approvers, and what the content origin shows of their mail. One file or folder
//! per area; `router` and `content` merge their routes. It knows no SQL and no protocol of mail.

mod approve;
mod collections;
mod compose;
mod download;
mod frame;
mod handlers;
mod help;
mod links;
mod mail;
mod reasons;
mod search;
mod settings;
mod setup;
mod ways;
mod zips;

use std::sync::Arc;

use delivery::Delivery;
use outbound::Outbound;
use store::Store;
use types::{Clock, Limits};
use web::auth::Auth;
use web::axum::Router;
use web::axum::routing::get;
use web::{Answer, ByteBudget, MailDoors, Signer, Trouble, Urls, Visit, see};

pub use compose::Shelf;

use frame::{Entry, MenuWords};

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
    /// Memory for mails that are shown, shared with the protocols.
    pub memory: ByteBudget,
    /// The origins.
    pub urls: Urls,
    /// What was seen in drafts a moment ago.
    pub shelf: Shelf,
    /// Where mail programs connect.
    pub doors: MailDoors,
    /// The full-text index.
    pub index: index::Index,
}

/// What handlers are handed.
pub(crate) type Rooms = Arc<Webmail>;

impl std::fmt::Debug for Webmail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Webmail")
    }
}

/// The pages of the mail origin; `web::Site::app` puts the gate around them.
pub fn router(webmail: Arc<Webmail>) -> Router {
    let compose = compose::routes(&webmail.limits);
    let pages = mail::routes().merge(compose).merge(approve::routes()).merge(settings::routes());
    let pages = pages.merge(setup::routes()).merge(help::routes());
    let pages = pages.merge(search::routes()).merge(links::routes()).merge(zips::routes()).merge(handlers::routes());
    let pages = pages.merge(collections::routes());
    Router::new().route("/", get(start)).merge(pages).with_state(webmail)
}

/// The routes of the content origin; `web::content_app` confines them.
pub fn content(webmail: Arc<Webmail>) -> Router {
    let own = mail::content_routes().merge(compose::content_routes()).merge(approve::content_routes());
    own.merge(download::routes(&webmail.limits)).merge(handlers::content_routes()).with_state(webmail)
}

async fn start(_visit: Visit) -> Answer {
    see("/mail")
}

/// The list that stands on every screen of work: mail, what waits for the visitor, what became of his own.
pub(crate) async fn menu(rooms: &Rooms, visit: &Visit) -> Result<Vec<Entry>, Trouble> {
    let words = MenuWords::new(visit.page.language);
    let access = rooms.auth.read_account(visit.identity())?;
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let unsettled = rooms.store.unsettled(&access, visit.now).await?;
    let entry = |path: &'static str, icon, label, count| Entry {
        path,
        icon,
        label,
        count,
        current: visit.page.path.starts_with(path),
    };
    let mut entries = vec![
        entry("/mail", "inbox", words.mail(), 0),
        entry("/approve", "approve", words.approve(), count(unsettled.awaiting)),
        entry("/outgoing", "send", words.outgoing(), count(unsettled.own)),
    ];
    if rooms.auth.open_custody(visit.identity()).is_ok() {
        entries.push(entry("/handlers", "security", words.handlers(), 0));
        entries.push(entry("/collections", "download", words.collections(), 0));
    }
    Ok(entries)
}
