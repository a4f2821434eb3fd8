//! Signed-in browsers: only `auth`, which holds the authority, may ask.

use types::{Timestamp, UserId};

use super::{Result, Store};
use crate::{Authority, EndSessions, SessionBounds, SessionHash, SessionRow};

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
}
