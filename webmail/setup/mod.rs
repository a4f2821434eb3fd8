//! Mail programs set themselves up: Thunderbird's autoconfig, Outlook's autodiscover, a profile for Apple's devices, and
//! the page メールソフト for everything else. Programs ask before anybody signs in, so an answer tells of domains and ports
//! and is the same whether or not an address exists.

mod autoconfig;
mod autodiscover;
mod page;
mod profile;

use std::sync::Arc;

use store::Directory;
use types::Domain;
use web::axum::Router;
use web::axum::http::{HeaderValue, header};
use web::axum::response::{IntoResponse, Response};
use web::axum::routing::get;
use web::{Answer, MailDoor, MailDoors, Trouble, askama};

use crate::Webmail;

pub(crate) fn routes() -> Router<Arc<Webmail>> {
    let discover = || get(autodiscover::hint).post(autodiscover::answer);
    Router::new()
        .route("/.well-known/autoconfig/mail/config-v1.1.xml", get(autoconfig::show))
        .route("/mail/config-v1.1.xml", get(autoconfig::show))
        .route("/autodiscover/autodiscover.xml", discover())
        .route("/Autodiscover/Autodiscover.xml", discover())
        .route("/settings/mail-app", get(page::show))
        .route("/settings/mail-app/sekisho.mobileconfig", get(profile::show))
}

/// A way to the server, for the templates.
struct Way {
    /// `imap`, `pop3` or `smtp`.
    protocol: &'static str,
    port: u16,
    tls_first: bool,
}

impl Way {
    fn of((door, port): (MailDoor, u16)) -> Self {
        Self { protocol: door.protocol(), port, tls_first: door.tls_first() }
    }
}

/// The open ways of these protocols, the best first.
fn ways(doors: &MailDoors, protocols: &[&str]) -> Vec<Way> {
    doors.open().iter().copied().map(Way::of).filter(|way| protocols.contains(&way.protocol)).collect()
}

/// The domain behind the last `@` of an address, or of a name alone, when it is one of ours.
fn our_domain(directory: &Directory, text: &str) -> Option<Domain> {
    let name = text.rsplit('@').next().unwrap_or_default().trim();
    Domain::parse(name).ok().filter(|domain| directory.domains.contains_key(domain))
}

/// An XML document; its template escapes what stands in it.
fn xml<T: askama::Template>(template: &T, kind: &'static str) -> Answer {
    let text = template.render().map_err(Trouble::bug)?;
    let mut response: Response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}
