//! Mailboxes and their messages: names, reading, and changes as jobs of the writer (DESIGN.md 5, "IMAP truth").
//!
//! UIDs, MODSEQs and counters live in the mailbox row and change in the transaction that uses them; the writer is one,
//! so the order of commits is the order of numbers. Bulk work is cut into pieces of at most [`PIECE`] messages: the
//! first goes at once, the rest in the lower lane, so that a mailbox of 100,000 does not stand in anybody's way.

mod cache;
mod expunge;
mod flags;
mod gather;
mod jobs;
mod lately;
mod lists;
mod load;
mod names;
mod overlay;
mod packed;
mod pages;
mod read;
mod rows;
mod single;
mod transfer;
mod tree;
mod view;

use serde::Serialize;
use sqlx::SqlitePool;
use store::{
    Bytes, Changes, FlagChange, FlagFilter, FlagRow, Folder, Hand, Mailbox, MailboxName, MailboxRole, MessageRow,
    Moved, Neighbours, NewCopy, NewMessage, Opened, Page, PageFilter, PageKey, PageStart, Placed, Posted, Posting,
    Replaced, StoreError, Usage, Want,
};
use types::{MailboxId, ModSeq, TenantId, Timestamp, Uid, UidSet, UidValidity, UserId};

pub(crate) use cache::Cache;
pub(crate) use gather::{hand_over, take_everywhere};
pub(crate) use names::{make_box, make_first};
pub(crate) use overlay::{read as seen, states as reader_states};
pub(crate) use read::cuts;
pub(crate) use rows::{MessageFlags, role};
pub(crate) use single::{mark_one, take_one};
pub(crate) use view::Added;

use crate::keys::Keys;
use crate::sql;
use crate::writer::{Job, Lane, Writer};
use load::Loaded;

type Result<T> = std::result::Result<T, StoreError>;

/// Most messages that one job touches.
const PIECE: u32 = 1_000;

/// What a piece of bulk work did.
#[derive(Debug)]
struct Piece<T> {
    done: T,
    /// The UID after which the next piece begins; `None`: that was the last.
    next: Option<u32>,
    /// The mailbox's MODSEQ, when it changed.
    modseq: Option<i64>,
}

/// Where the piece after these messages begins, if they were as many as a piece may have and not the last of `uids`
/// (`None`: of whatever there is).
fn next(loaded: &Loaded, uids: Option<&UidSet>) -> Option<u32> {
    let full = loaded.messages.len() >= PIECE as usize;
    let at = loaded.messages.last().filter(|_| full).map(|message| message.uid)?;
    uids.is_none_or(|uids| uids.last().is_some_and(|last| last.0 > at)).then_some(at)
}

/// A value as JSON, for `json_each`.
fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Engine(error.to_string()))
}

/// A posting with these messages.
fn putting_in(user: UserId, mailbox: MailboxId, messages: Vec<NewMessage>) -> Result<Posting> {
    let mut posting = Posting::default();
    for message in messages {
        if matches!(&message.mail.bytes, Bytes::New(draft) if draft.tenant() != message.mail.tenant) {
            return Err(StoreError::Invalid("a record belongs to one tenant".into()));
        }
        let mail = posting.mail(message.mail);
        posting.copies.push(NewCopy {
            mail,
            owner: user,
            folder: Folder::Exactly(mailbox),
            flags: message.flags,
            internal_date: message.internal_date,
            saved: message.saved,
            prefix: Vec::new(),
            cuts: Vec::new(),
            recipient: None,
        });
    }
    Ok(posting)
}

/// The parts of the engine that mailboxes need.
pub(crate) struct Mailboxes<'a> {
    pub readers: &'a SqlitePool,
    pub near: &'a sql::Near,
    pub writer: &'a Writer,
    pub keys: &'a Keys,
    pub cache: &'a Cache,
}

impl Mailboxes<'_> {
    pub async fn usage(&self, user: UserId) -> Result<Usage> {
        read::usage(self.readers, user).await
    }
    pub async fn list(&self, user: UserId) -> Result<Vec<Mailbox>> {
        read::list(self.readers, user).await
    }
    /// The mailbox of this name, with counters of some moment before.
    pub async fn find(&self, user: UserId, name: &str) -> Result<Option<Mailbox>> {
        self.cache.lists.named(self.readers, user, name).await
    }
    pub async fn create(
        &self,
        tenant: TenantId,
        user: UserId,
        name: &str,
        role: Option<MailboxRole>,
    ) -> Result<Mailbox> {
        let job = jobs::Create { tenant, user, name: MailboxName::parse(name)?, role };
        self.writer.run(Lane::Quick, job).await
    }
    pub async fn rename(&self, user: UserId, from: &str, to: &str) -> Result<()> {
        let job = jobs::Rename { user, from: MailboxName::parse(from)?, to: MailboxName::parse(to)? };
        self.writer.run(Lane::Quick, job).await
    }
    pub async fn delete(&self, user: UserId, name: &str) -> Result<()> {
        let job = jobs::Delete { user, name: MailboxName::parse(name)? };
        let mut more = self.writer.run(Lane::Quick, job).await?;
        while more {
            more = self.writer.run(Lane::Bulk, jobs::Sweep).await?;
        }
        Ok(())
    }
    /// Clears away what deleted mailboxes left when the process ended too early.
    pub async fn sweep(&self) -> Result<()> {
        while self.writer.run(Lane::Bulk, jobs::Sweep).await? {}
        Ok(())
    }
    pub async fn subscribe(&self, user: UserId, name: &str, on: bool) -> Result<()> {
        let job = jobs::Subscribe { user, name: MailboxName::parse(name)?, on };
        self.writer.run(Lane::Quick, job).await
    }

    pub async fn open(&self, user: UserId, mailbox: MailboxId, claim_recent: bool) -> Result<Opened> {
        read::open(self.readers, self.cache, user, mailbox, claim_recent).await
    }
    pub async fn changes(
        &self,
        user: UserId,
        mailbox: MailboxId,
        since: ModSeq,
        claim_recent: bool,
    ) -> Result<Changes> {
        read::changes(self.readers, self.cache, user, mailbox, since, claim_recent).await
    }
    /// Writes down what was shown as recent. That waits for a second, so that a message that comes costs one commit
    /// only: the cache knows it meanwhile, and after a crash messages may be shown as recent again (RFC 3501 2.3.2).
    pub async fn keep_recent(&self) -> Result<()> {
        let rows = self.cache.take_unwritten();
        if rows.is_empty() { Ok(()) } else { self.writer.run(Lane::Bulk, jobs::KeepRecent { rows }).await }
    }
    pub async fn flags(&self, user: UserId, mailbox: MailboxId, uids: &UidSet) -> Result<Vec<FlagRow>> {
        self.flags_of_some(user, mailbox, uids, FlagFilter::default()).await
    }
    /// Flags of those of `uids` that the filter admits.
    pub async fn flags_of_some(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
        filter: FlagFilter,
    ) -> Result<Vec<FlagRow>> {
        read::flags_of(self.readers, self.cache, (user, mailbox), uids, filter).await
    }
    pub async fn messages(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
        want: Want,
    ) -> Result<Vec<MessageRow>> {
        read::messages((self.readers, self.near), self.keys, user, mailbox, uids, want).await
    }

    pub async fn append(&self, user: UserId, mailbox: MailboxId, messages: Vec<NewMessage>) -> Result<Vec<Placed>> {
        let posting = putting_in(user, mailbox, messages)?;
        let posted = self.put_in(user, mailbox, posting).await?;
        Ok(posted.copies.into_iter().flatten().collect())
    }
    /// Puts a message in and takes another out.
    pub async fn replace(
        &self,
        (owner, mailbox): (UserId, MailboxId),
        uid: Uid,
        (user, to): (UserId, MailboxId),
        message: NewMessage,
    ) -> Result<Placed> {
        let at = message.saved;
        let mut posting = putting_in(user, to, vec![message])?;
        posting.replaced.push(Replaced { owner, mailbox, uid, at });
        let placed = self.put_in(user, to, posting).await?.copies.into_iter().flatten().next();
        placed.ok_or_else(|| StoreError::Engine("a message was put in nowhere".into()))
    }
    /// Writes a posting with messages for a mailbox.
    async fn put_in(&self, user: UserId, mailbox: MailboxId, posting: Posting) -> Result<Posted> {
        match self.writer.post(posting).await {
            // why it was not found
            Err(StoreError::NotFound(what)) => match load::row(self.readers, user, mailbox).await?.selectable {
                true => Err(StoreError::NotFound(what)),
                false => Err(rows::not_selectable()),
            },
            posted => posted,
        }
    }

    pub async fn store_flags(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<flags::Outcome> {
        // what nobody has read lately is left as it is: its gaps cost a look-up each
        let joined = match uids.runs() {
            [_, _, ..] => self.cache.peek(mailbox, |view| view.without_gaps(uids)),
            _ => None,
        };
        let uids = joined.unwrap_or_else(|| uids.clone());
        let mut all = flags::Outcome::default();
        let job = |after| {
            let known = match uids.len() {
                0..=flags::FEW => None,
                _ => self.cache.peek(mailbox, |view| view.some(&uids, after, PIECE)).flatten(),
            };
            jobs::Store { user, mailbox, uids: uids.clone(), after, known, change: change.clone() }
        };
        self.pieces(job, |some: flags::Outcome| {
            all.rows.extend(some.rows);
            all.changed.extend(some.changed);
            some.left.runs().iter().for_each(|(first, last)| all.left.insert_run(*first, *last));
        })
        .await?;
        Ok(all)
    }
    /// STORE by somebody who is not the owner.
    pub async fn store_flags_shared(
        &self,
        hand: Hand,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<(Vec<FlagRow>, UidSet)> {
        let uids = self.present(hand.owner, hand.mailbox, uids).await?;
        let (mut rows, mut left) = (Vec::new(), UidSet::new());
        let job = |after| jobs::StoreShared { hand, uids: uids.clone(), after, change: change.clone() };
        self.pieces(job, |some: flags::Outcome| {
            rows.extend(some.rows);
            some.left.runs().iter().for_each(|(first, last)| left.insert_run(*first, *last));
        })
        .await?;
        Ok((rows, left))
    }
    /// As STORE; the changes that undo it.
    pub async fn mark(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<Vec<(UidSet, FlagChange)>> {
        let done = self.store_flags(user, mailbox, uids, change).await?;
        Ok(flags::undoing(&done.changed))
    }
    /// COPY, or with `moving` MOVE, at the moment given.
    pub async fn transfer(&self, from: Hand, uids: &UidSet, to: Hand, at: Timestamp, moving: bool) -> Result<Moved> {
        let uids = self.present(from.owner, from.mailbox, uids).await?;
        let route = transfer::Route { from, to, at, moving };
        let mut all = Moved { uid_validity: UidValidity(0), uids: Vec::new() };
        let job = |after| jobs::Transfer { route, uids: uids.clone(), after };
        self.pieces(job, |moved: Moved| {
            all.uid_validity = moved.uid_validity;
            all.uids.extend(moved.uids);
        })
        .await?;
        Ok(all)
    }
    pub async fn expunge(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: Option<&UidSet>,
        at: Timestamp,
    ) -> Result<UidSet> {
        let mut all = UidSet::new();
        let job = |_| jobs::Expunge { user, mailbox, uids: uids.cloned(), at };
        self.pieces(job, |gone: UidSet| gone.runs().iter().for_each(|(first, last)| all.insert_run(*first, *last)))
            .await?;
        Ok(all)
    }

    /// Takes messages out, whatever flags they bear.
    pub async fn remove(&self, user: UserId, mailbox: MailboxId, uids: &UidSet, at: Timestamp) -> Result<UidSet> {
        let mut all = UidSet::new();
        let job = |after| jobs::Remove { user, mailbox, uids: uids.clone(), after, at };
        self.pieces(job, |gone: UidSet| gone.runs().iter().for_each(|(first, last)| all.insert_run(*first, *last)))
            .await?;
        Ok(all)
    }
    /// Takes messages out in one transaction.
    pub async fn remove_together(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
        at: Timestamp,
    ) -> Result<UidSet> {
        let lane = if uids.len() > PIECE as usize { Lane::Bulk } else { Lane::Quick };
        self.writer.run(lane, jobs::RemoveTogether { user, mailbox, uids: uids.clone(), at }).await
    }
    pub async fn page(
        &self,
        user: UserId,
        mailbox: MailboxId,
        start: PageStart,
        filter: PageFilter,
        most: u32,
    ) -> Result<Page> {
        pages::page(self.readers, self.keys, (user, mailbox), start, filter, most).await
    }
    pub async fn neighbours(
        &self,
        user: UserId,
        mailbox: MailboxId,
        key: PageKey,
        filter: PageFilter,
    ) -> Result<Neighbours> {
        pages::neighbours(self.readers, (user, mailbox), key, filter).await
    }

    /// Those of `uids` that are below UIDNEXT now, so that work in pieces does not meet its own results.
    async fn present(&self, user: UserId, mailbox: MailboxId, uids: &UidSet) -> Result<UidSet> {
        if uids.len() < PIECE as usize {
            return Ok(uids.clone());
        }
        let row = load::row(self.readers, user, mailbox).await?;
        let mut there = UidSet::new();
        there.insert_run(1, row.uid_next.saturating_sub(1));
        Ok(uids.intersection(&there))
    }

    /// Runs jobs piece by piece; the first in the quick lane, the others in the lower one.
    async fn pieces<T: Send + 'static, J: Job<Answer = (T, Option<u32>)>>(
        &self,
        job: impl Fn(u32) -> J,
        mut add: impl FnMut(T),
    ) -> Result<()> {
        let (mut after, mut lane) = (Some(0), Lane::Quick);
        while let Some(from) = after {
            let (done, next) = self.writer.run(lane, job(from)).await?;
            add(done);
            (after, lane) = (next, Lane::Bulk);
        }
        Ok(())
    }
}
