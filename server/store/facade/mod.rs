//! The store as the rooms see it: checks the access, then asks the engine. A file for each area.

mod annotations;
mod arrivals;
mod audits;
mod bytes;
mod correspondents;
mod custody;
mod directory;
mod drafts;
mod factor;
mod figures;
mod incidents;
mod indexing;
mod ledger;
mod links;
mod mail;
mod mailboxes;
mod notes;
mod outgoing;
mod pages;
mod queue;
mod reviews;
mod sessions;
mod sharing;
mod texts;

use std::sync::Arc;

use crate::correspondents::Shelf;
use crate::{Access, Authority, Engine, Entrance, Event, Exit, Manage, Right, Server, StoreError, VerifyReport};

pub use bytes::{Draft, Writing};
pub use sharing::Below;

type Result<T> = std::result::Result<T, StoreError>;

/// Opens the store over an engine: the store and the three tokens, of which no more are ever made.
#[must_use]
pub fn open(engine: Arc<dyn Engine>) -> (Store, Authority, Entrance, Exit) {
    (Store { engine, shelf: Arc::default() }, Authority(()), Entrance(()), Exit(()))
}

/// The store.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
    shelf: Arc<Shelf>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Refuses an access whose holder's rights changed since it was made.
    fn check<What: Copy, R: Right>(&self, access: &Access<What, R>) -> Result<()> {
        let Some(holder) = access.holder() else { return Ok(()) };
        let directory = self.engine.directory();
        let user = directory.users.get(&holder).ok_or(StoreError::Stale)?;
        if user.generation == access.generation() { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// Events from now on.
    #[must_use]
    pub fn events(&self) -> tokio::sync::broadcast::Receiver<Event> {
        self.engine.events()
    }
    /// Events that tell of work for the server itself, from now on ([`crate::Bell::work`]).
    #[must_use]
    pub fn work(&self) -> tokio::sync::broadcast::Receiver<Event> {
        self.engine.work()
    }
    /// Reads everything back.
    ///
    /// # Errors
    /// Stale access; the database could not be read at all.
    pub async fn verify(&self, access: &Access<Server, Manage>, repair: bool) -> Result<VerifyReport> {
        self.check(access)?;
        self.engine.verify(repair).await
    }
    /// Stops: waits for what is under way, closes the files.
    ///
    /// # Errors
    /// The last flush failed.
    pub async fn close(&self) -> Result<()> {
        self.engine.close().await
    }
}
