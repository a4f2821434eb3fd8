//! What is written down about signing in: the audit rows, and each person's last sign-ins. Never a password, and never
//! what somebody typed who is nobody here: it may be one.

use std::net::IpAddr;

use serde_json::json;
use store::{NewAudit, SessionKind, SignIn, User};
use types::{Address, TenantId, Timestamp, UserId};

use crate::{Auth, AuthError, Browser, Identity, Session};

impl Auth {
    /// Writes down that a person has signed in by browser; answers his sign-in before this one.
    ///
    /// # Errors
    /// The store failed; or his rights have changed since.
    pub async fn note_sign_in(
        &self,
        identity: &Identity,
        kind: SessionKind,
        browser: Browser<'_>,
        now: Timestamp,
    ) -> Result<Option<SignIn>, AuthError> {
        let user = self.person(identity)?;
        let (peer, agent) = (browser.peer.to_string(), browser.agent());
        let detail = json!({ "pages": kind.word(), "from": peer, "browser": agent });
        let audit = row(Some(user.tenant), Some(user.id), now, "session.opened", &user.address, detail);
        let sign_in = SignIn { user: user.id, kind, at: now, peer, agent };
        Ok(self.store.note_sign_in(&self.authority, sign_in, audit).await?)
    }

    /// A person's sign-ins by browser, the last first.
    ///
    /// # Errors
    /// The store failed; or his rights have changed since.
    pub async fn sign_ins(&self, identity: &Identity, most: u32) -> Result<Vec<SignIn>, AuthError> {
        let user = self.person(identity)?;
        Ok(self.store.sign_ins(&self.authority, user.id, most).await?)
    }

    /// Ends this session by its owner's wish, and writes that down.
    ///
    /// # Errors
    /// The store failed.
    pub async fn sign_out(&self, session: &Session, peer: IpAddr, now: Timestamp) -> Result<(), AuthError> {
        self.end_session(session).await?;
        let directory = self.store.directory();
        let Some(user) = directory.users.get(&session.identity().user()) else { return Ok(()) };
        let detail = json!({ "pages": session.kind().word(), "from": peer.to_string() });
        let audit = row(Some(user.tenant), Some(user.id), now, "session.ended", &user.address, detail);
        Ok(self.store.note_access(&self.authority, audit).await?)
    }

    /// Somebody was not signed in, at whatever door. Who is nobody here is written down as his domain, when it is ours.
    pub(crate) async fn note_refused(
        &self,
        user: Option<&User>,
        name: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<(), AuthError> {
        let detail = json!({ "from": peer.to_string() });
        let audit = match user {
            Some(user) => row(Some(user.tenant), None, now, "session.refused", &user.address, detail),
            None => {
                let domain = Address::parse(name.trim()).ok().map(|address| address.domain().clone());
                let ours = domain.and_then(|domain| Some((self.store.directory().tenant_of(&domain)?, domain)));
                let subject = ours.as_ref().map(|(_, domain)| format!("@{domain}")).unwrap_or_default();
                row(ours.map(|(tenant, _)| tenant), None, now, "session.refused", &subject, detail)
            }
        };
        Ok(self.store.note_access(&self.authority, audit).await?)
    }
}

pub(crate) fn row(
    tenant: Option<TenantId>,
    actor: Option<UserId>,
    at: Timestamp,
    event: &'static str,
    subject: &impl ToString,
    detail: serde_json::Value,
) -> NewAudit {
    NewAudit { tenant, actor, at, event, subject: subject.to_string(), detail: detail.to_string() }
}
