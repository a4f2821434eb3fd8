//! Mail that a posting hands over to the handlers' box.

use sqlx::SqliteConnection;
use store::Event;

use super::{Ready, Result};
use crate::mailbox;

/// Whether any posting hands mail over.
pub(super) fn is_done(postings: &[&Ready]) -> bool {
    postings.iter().any(|posting| !posting.posting.handed.is_empty())
}

/// After the rows of copies. A mail that lies in no mailbox refuses its posting.
pub(super) async fn write(tx: &mut SqliteConnection, postings: &[&Ready], events: &mut Vec<Event>) -> Result<()> {
    for over in postings.iter().flat_map(|posting| &posting.posting.handed) {
        mailbox::hand_over(tx, over, events).await?;
    }
    Ok(())
}
