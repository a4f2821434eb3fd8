//! Changes of mailboxes as jobs of the writer: what each does inside the transaction, and who is told after it.

use async_trait::async_trait;
use store::{Event, FlagChange, Hand, Mailbox, MailboxName, MailboxRole, Moved, StoreError};
use types::{MailboxId, TenantId, Timestamp, UidSet, UserId};

use super::rows::modseq;
use super::transfer::Route;
use super::view::Known;
use super::{Cache, Piece, expunge, flags, names, overlay, transfer};
use crate::database::failed;
use crate::sql;
use crate::writer::Job;

type Result<T> = std::result::Result<T, StoreError>;

/// The hint that a mailbox changed.
fn changed(events: &mut Vec<Event>, user: UserId, mailbox: MailboxId, to: Option<i64>) {
    if let Some(to) = to {
        events.push(Event::Mailbox { user, mailbox, modseq: modseq(to) });
    }
}

/// CREATE.
pub struct Create {
    pub tenant: TenantId,
    pub user: UserId,
    pub name: MailboxName,
    /// What it is for, when that was said.
    pub role: Option<MailboxRole>,
}
#[async_trait]
impl Job for Create {
    type Answer = Mailbox;
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<Mailbox> {
        let made = names::create(tx, self.tenant, self.user, &self.name, self.role).await?;
        events.push(Event::Mailboxes { user: self.user });
        Ok(made)
    }
}

/// RENAME.
pub struct Rename {
    pub user: UserId,
    pub from: MailboxName,
    pub to: MailboxName,
}
#[async_trait]
impl Job for Rename {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<()> {
        names::rename(tx, self.user, &self.from, &self.to).await?;
        events.push(Event::Mailboxes { user: self.user });
        Ok(())
    }
}

/// DELETE; answers whether there is more for [`Sweep`].
pub struct Delete {
    pub user: UserId,
    pub name: MailboxName,
}
#[async_trait]
impl Job for Delete {
    type Answer = bool;
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<bool> {
        let more = names::delete(tx, self.user, &self.name).await?;
        events.push(Event::Mailboxes { user: self.user });
        Ok(more)
    }
}

/// Clears away what deleted mailboxes left; answers whether there is more.
pub struct Sweep;
#[async_trait]
impl Job for Sweep {
    type Answer = bool;
    async fn run(&self, tx: &mut sql::Here, _: &mut Vec<Event>) -> Result<bool> {
        names::sweep(tx).await
    }
}

/// SUBSCRIBE, UNSUBSCRIBE.
pub struct Subscribe {
    pub user: UserId,
    pub name: MailboxName,
    pub on: bool,
}
#[async_trait]
impl Job for Subscribe {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<()> {
        names::subscribe(tx, self.user, &self.name, self.on).await?;
        events.push(Event::Mailboxes { user: self.user });
        Ok(())
    }
}

/// Writes down which messages were shown as recent.
pub struct KeepRecent {
    /// Mailboxes, and the first UID that was not shown.
    pub rows: Vec<(i64, u32)>,
}
#[async_trait]
impl Job for KeepRecent {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, _: &mut Vec<Event>) -> Result<()> {
        let sql = "UPDATE mailbox SET recent_from = max(recent_from, shown.value->>1) FROM json_each($1) AS shown
                   WHERE mailbox.id = shown.value->>0";
        sql::query(sql).bind(super::json(&self.rows)?).execute(tx).await.map_err(failed)?;
        Ok(())
    }
}

/// A piece of STORE.
pub struct Store {
    pub user: UserId,
    pub mailbox: MailboxId,
    pub uids: UidSet,
    pub after: u32,
    /// What is known of the messages of the piece.
    pub known: Option<Known>,
    pub change: FlagChange,
}
#[async_trait]
impl Job for Store {
    type Answer = (flags::Outcome, Option<u32>);
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<Self::Answer> {
        let Self { user, mailbox, uids, after, known, change } = self;
        let (whose, which) = ((*user, *mailbox), (uids, *after));
        let Piece { done, next, modseq } = flags::store(tx, whose, which, known.as_ref(), change).await?;
        changed(events, self.user, self.mailbox, modseq);
        Ok((done, next))
    }
    fn committed(&self, (done, _): &mut Self::Answer, views: &Cache) {
        if let Some(news) = done.news.take() {
            views.advance(self.mailbox, news);
        }
    }
}

/// A piece of STORE by somebody who is not the owner.
pub struct StoreShared {
    pub hand: Hand,
    pub uids: UidSet,
    pub after: u32,
    pub change: FlagChange,
}
#[async_trait]
impl Job for StoreShared {
    type Answer = (flags::Outcome, Option<u32>);
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<Self::Answer> {
        let Piece { done, next, modseq } = overlay::store(tx, self.hand, &self.uids, self.after, &self.change).await?;
        changed(events, self.hand.owner, self.hand.mailbox, modseq);
        Ok((done, next))
    }
}

/// A piece of COPY or MOVE.
pub struct Transfer {
    pub route: Route,
    pub uids: UidSet,
    pub after: u32,
}
#[async_trait]
impl Job for Transfer {
    type Answer = (Moved, Option<u32>);
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<Self::Answer> {
        let Piece { done: (moved, came), next, modseq } =
            transfer::transfer(tx, self.route, &self.uids, self.after).await?;
        changed(events, self.route.to.owner, self.route.to.mailbox, came);
        changed(events, self.route.from.owner, self.route.from.mailbox, modseq);
        Ok((moved, next))
    }
}

/// A piece of EXPUNGE.
pub struct Expunge {
    pub user: UserId,
    pub mailbox: MailboxId,
    pub uids: Option<UidSet>,
    pub at: Timestamp,
}
#[async_trait]
impl Job for Expunge {
    type Answer = (UidSet, Option<u32>);
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<Self::Answer> {
        let uids = self.uids.as_ref();
        let Piece { done, next, modseq } = expunge::expunge(tx, self.user, self.mailbox, uids, self.at).await?;
        changed(events, self.user, self.mailbox, modseq);
        Ok((done, next))
    }
}

/// A piece of webmail's removal.
pub struct Remove {
    pub user: UserId,
    pub mailbox: MailboxId,
    pub uids: UidSet,
    pub after: u32,
    pub at: Timestamp,
}
#[async_trait]
impl Job for Remove {
    type Answer = (UidSet, Option<u32>);
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<Self::Answer> {
        let Piece { done, next, modseq } =
            expunge::remove(tx, self.user, self.mailbox, &self.uids, self.after, self.at).await?;
        changed(events, self.user, self.mailbox, modseq);
        Ok((done, next))
    }
}

/// Takes out messages, whatever flags they bear, all of them in this transaction.
pub struct RemoveTogether {
    pub user: UserId,
    pub mailbox: MailboxId,
    pub uids: UidSet,
    pub at: Timestamp,
}
#[async_trait]
impl Job for RemoveTogether {
    type Answer = UidSet;
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<UidSet> {
        let (mut gone, mut after) = (UidSet::new(), Some(0));
        while let Some(from) = after {
            let piece = expunge::remove(tx, self.user, self.mailbox, &self.uids, from, self.at).await?;
            piece.done.runs().iter().for_each(|(first, last)| gone.insert_run(*first, *last));
            after = piece.next;
            changed(events, self.user, self.mailbox, piece.modseq);
        }
        Ok(gone)
    }
}
