//! Mail that a posting hands over to the handlers' box.

use store::Event;

use super::{Ready, Result};
use crate::mailbox;
use crate::sql;

/// After the rows of copies. A mail that lies in no mailbox refuses its posting.
pub(super) async fn write(tx: &mut sql::Here, postings: &[&Ready], events: &mut Vec<Event>) -> Result<()> {
    for over in postings.iter().flat_map(|posting| &posting.posting.handed) {
        mailbox::hand_over(tx, over, events).await?;
    }
    Ok(())
}
