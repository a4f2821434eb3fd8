//! EXPUNGE takes out what bears `\Deleted`, webmail what it names; in pieces of at most 1,000.

use store::StoreError;
use types::{MailboxId, Timestamp, Uid, UidSet, UserId};

use super::load::{self, Loaded};
use super::{Piece, transfer};

use crate::sql;
/// Takes out the first [`super::PIECE`] messages of `uids` (all when `None`) that bear `\Deleted`.
pub async fn expunge(
    db: &mut sql::Here,
    user: UserId,
    mailbox: MailboxId,
    uids: Option<&UidSet>,
    at: Timestamp,
) -> Result<Piece<UidSet>, StoreError> {
    let loaded = load::deleted(&mut *db, user, mailbox, uids).await?;
    take(db, loaded, at).await
}

/// Takes out the first [`super::PIECE`] messages of `uids` above `after`, whatever flags they bear.
pub async fn remove(
    db: &mut sql::Here,
    user: UserId,
    mailbox: MailboxId,
    uids: &UidSet,
    after: u32,
    at: Timestamp,
) -> Result<Piece<UidSet>, StoreError> {
    let loaded = load::some(&mut *db, user, mailbox, uids, after).await?;
    take(db, loaded, at).await
}

async fn take(db: &mut sql::Here, mut loaded: Loaded, at: Timestamp) -> Result<Piece<UidSet>, StoreError> {
    let next = super::next(&loaded, None);
    if loaded.messages.is_empty() {
        return Ok(Piece { done: UidSet::new(), next, modseq: None });
    }
    loaded.mailbox.modseq += 1;
    transfer::take_out(db, &mut loaded, at).await?;
    let done = loaded.messages.iter().map(|message| Uid(message.uid)).collect();
    Ok(Piece { done, next, modseq: Some(loaded.mailbox.modseq) })
}
