//! The one door in to mailboxes: who an address is, and everything that one arriving mail causes as one posting.
//! It never sends: what must leave again is a submission in state `new`, which outbound claims.

mod arrive;
mod error;
mod groups;
mod recipients;
mod upkeep;

use std::sync::Arc;

use store::{Entrance, Store};
use types::{Clock, Limits};

pub use arrive::Arrival;
pub use error::DeliveryError;
pub use groups::{groups_with, people_in};
pub use recipients::{Copy, Expansion, Recipient, expand, trace_prefix};

/// Delivers into mailboxes.
pub struct Delivery {
    store: Store,
    entrance: Entrance,
    clock: Arc<dyn Clock>,
    limits: Arc<Limits>,
}

impl Delivery {
    /// The one of this process.
    #[must_use]
    pub fn new(store: Store, entrance: Entrance, clock: Arc<dyn Clock>, limits: Arc<Limits>) -> Self {
        Self { store, entrance, clock, limits }
    }
    /// The store into which it delivers.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Delivery")
    }
}
