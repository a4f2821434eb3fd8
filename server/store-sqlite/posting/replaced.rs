//! Messages that go with the posting that puts others in their place.

use store::{Event, StoreError};

use super::{Ready, Result};
use crate::mailbox::take_one;
use crate::sql;

/// After the rows of the copies. A message that is not there refuses its posting.
pub(super) async fn write(tx: &mut sql::Here, postings: &[&Ready], events: &mut Vec<Event>) -> Result<()> {
    for old in postings.iter().flat_map(|posting| &posting.posting.replaced) {
        if !take_one(tx, old.owner, (old.mailbox.0, old.uid.0), old.at, events).await? {
            return Err(StoreError::NotFound(format!("message {} of mailbox {}", old.uid, old.mailbox)).into());
        }
    }
    Ok(())
}
