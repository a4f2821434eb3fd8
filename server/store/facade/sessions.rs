//! Signed-in browsers: only `auth`, which holds the authority, may ask.

use types::{Timestamp, UserId};

use super::{Result, Store};
use crate::{Authority, EndSessions, NewAudit, SessionBounds, SessionHash, SessionRow, SignIn};

impl Store {
    /// Keeps a new session; those that are over by `bounds` go.
    ///
    /// # Errors
    /// The database failed.
    pub async fn open_session(&self, _auth: &Authority, session: SessionRow, bounds: SessionBounds) -> Result<()> {
        self.engine.open_session(session, bounds).await
    }
    /// The session with this hash.
    ///
    /// # Errors
    /// The database failed.
    pub async fn session(&self, _auth: &Authority, hash: SessionHash) -> Result<Option<SessionRow>> {
        self.engine.session(hash).await
    }
    /// A person's sessions, the last used first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sessions(&self, _auth: &Authority, user: UserId) -> Result<Vec<SessionRow>> {
        self.engine.sessions(user).await
    }
    /// A session was used.
    ///
    /// # Errors
    /// The database failed.
    pub async fn touch_session(&self, _auth: &Authority, hash: SessionHash, at: Timestamp) -> Result<()> {
        self.engine.touch_session(hash, at).await
    }
    /// Ends sessions of a person; answers how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_sessions(&self, _auth: &Authority, user: UserId, which: EndSessions) -> Result<u64> {
        self.engine.end_sessions(user, which).await
    }
    /// Keeps a sign-in with its audit row; answers the person's sign-in before it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn note_sign_in(&self, _auth: &Authority, sign_in: SignIn, audit: NewAudit) -> Result<Option<SignIn>> {
        self.engine.note_sign_in(sign_in, audit).await
    }
    /// The person's sign-ins, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sign_ins(&self, _auth: &Authority, user: UserId, most: u32) -> Result<Vec<SignIn>> {
        self.engine.sign_ins(user, most).await
    }
    /// Writes down that somebody was refused or signed out.
    ///
    /// # Errors
    /// The database failed.
    pub async fn note_access(&self, _auth: &Authority, audit: NewAudit) -> Result<()> {
        self.engine.note_access(audit).await
    }
}
