//! What handlers are handed: the visit of a signed-in person, or of a guest. The gate has checked both.

use std::net::IpAddr;
use std::sync::Arc;

use auth::{Identity, Session};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use types::Timestamp;

use crate::page::language_of;
use crate::{CommonWords, Page, Site, Trouble};

/// What the gate found out about a request; in the request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct Entered {
    pub guest: Guest,
    pub session: Option<Session>,
}

/// A request by anybody.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The context for templates.
    pub page: Page,
    /// The origin.
    pub site: Arc<Site>,
    /// Where the request comes from, behind the proxies that are believed.
    pub peer: IpAddr,
    /// What the browser calls itself.
    pub agent: String,
    /// The moment of the request.
    pub now: Timestamp,
}

impl Guest {
    /// Goes on in the language in which a form was shown.
    pub(crate) fn speak(&mut self, word: &str) {
        if let Some(language) = language_of(word) {
            self.page.language = language;
            self.page.words = CommonWords::new(language);
        }
    }
}

/// A request by somebody who is signed in; a changing one carried the session's token. As a handler's argument it
/// answers everybody else with the sign-in.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The context for templates.
    pub page: Page,
    /// The session.
    pub session: Session,
    /// The origin.
    pub site: Arc<Site>,
    /// Where the request comes from.
    pub peer: IpAddr,
    /// What the browser calls itself.
    pub agent: String,
    /// The moment of the request.
    pub now: Timestamp,
}

impl Visit {
    /// Who, for [`auth::Auth`]'s grants.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        self.session.identity()
    }
}

fn entered(parts: &Parts) -> Result<Entered, Trouble> {
    parts.extensions.get::<Entered>().cloned().ok_or_else(|| Trouble::bug("a handler outside the gate"))
}

impl<S: Send + Sync> FromRequestParts<S> for Guest {
    type Rejection = Trouble;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Trouble> {
        Ok(entered(parts)?.guest)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Trouble;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Trouble> {
        let Entered { guest, session } = entered(parts)?;
        let session = session.ok_or(Trouble::SignedOut)?;
        let Guest { page, site, peer, agent, now } = guest;
        Ok(Self { page, session, site, peer, agent, now })
    }
}
