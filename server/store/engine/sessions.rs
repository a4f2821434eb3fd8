//! What signing in asks: the sessions of browsers.

use async_trait::async_trait;
use types::{Timestamp, UserId};

use super::Result;
use crate::{EndSessions, NewAudit, SessionBounds, SessionHash, SessionRow, SignIn};

/// The part of an engine that keeps sessions.
#[async_trait]
pub trait SessionEngine: Send + Sync + 'static {
    /// Keeps a new session; those that are over by `bounds` go.
    async fn open_session(&self, session: SessionRow, bounds: SessionBounds) -> Result<()>;
    /// The session with this hash.
    async fn session(&self, hash: SessionHash) -> Result<Option<SessionRow>>;
    /// A person's sessions, the last used first.
    async fn sessions(&self, user: UserId) -> Result<Vec<SessionRow>>;
    /// A session was used at `at`; never moves backwards.
    async fn touch_session(&self, hash: SessionHash, at: Timestamp) -> Result<()>;
    /// Ends sessions of a person; answers how many.
    async fn end_sessions(&self, user: UserId, which: EndSessions) -> Result<u64>;
    /// Keeps a sign-in with its audit row, in one transaction; answers the person's sign-in before it. The last
    /// [`crate::SIGN_INS_KEPT`] of a person stay.
    async fn note_sign_in(&self, sign_in: SignIn, audit: NewAudit) -> Result<Option<SignIn>>;
    /// The person's sign-ins, newest first, at most `most`.
    async fn sign_ins(&self, user: UserId, most: u32) -> Result<Vec<SignIn>>;
    /// Writes an audit row about signing in that changes nothing else: refused, signed out.
    async fn note_access(&self, audit: NewAudit) -> Result<()>;
}
