//! Copies in mailboxes: UIDs and MODSEQs are given out in the order of the batch, counters follow.

use std::collections::{BTreeMap, HashMap, HashSet};

use store::{Event, Folder, MailboxRole, NewCopy, Placed, Posted, StoreError};
use types::{MailboxId, ModSeq, SystemFlags, Uid, UidValidity, UserId};

use super::known::once_key;
use super::{Known, Ready, RecordInfo, Result, Rows};
use crate::mailbox::{Added, MessageFlags};
use crate::sql::{self, values};

/// A mailbox of the batch, and what the batch adds to it.
#[derive(Debug, Clone)]
struct Target {
    id: i64,
    tenant: i64,
    user: i64,
    validity: u32,
    uid_next: i64,
    modseq: i64,
    messages: i64,
    unseen: i64,
    deleted: i64,
    size: i64,
    /// MODSEQ before the batch.
    since: i64,
    came: Vec<MessageFlags>,
}

/// The mailboxes that copies of the batch go into.
#[derive(Default)]
pub(super) struct Targets {
    by_id: BTreeMap<i64, Target>,
    by_role: HashMap<(i64, i64), i64>,
}

/// How the database names a role.
pub(super) fn role_number(role: MailboxRole) -> i64 {
    let place = MailboxRole::ALL.iter().position(|(other, _, _)| *other == role);
    place.and_then(|place| i64::try_from(place).ok()).unwrap_or(0)
}

/// A person of the directory who has no mailboxes gets the first six.
pub(super) async fn make_mailboxes(
    tx: &mut sql::Here,
    postings: &[&Ready],
    known: &mut Known,
    events: &mut Vec<Event>,
) -> Result<()> {
    let mut made = HashSet::new();
    for posting in postings {
        for copy in &posting.posting.copies {
            let owner = copy.owner;
            let there = matches!(copy.folder, Folder::Exactly(_)) || known.targets.has_inbox(owner);
            if there || !made.insert(owner) {
                continue;
            }
            let tenant = posting.owners.get(&owner).copied();
            let tenant = tenant.ok_or_else(|| StoreError::NotFound(format!("user {owner}")))?;
            crate::mailbox::make_first(tx, tenant, owner).await?;
            events.push(Event::Mailboxes { user: owner });
        }
    }
    if made.is_empty() { Ok(()) } else { known.find(tx, postings).await }
}

pub(super) fn rows(
    postings: &[&Ready],
    records: &[Vec<RecordInfo>],
    known: &mut Known,
    rows: &mut Rows,
    posted: &mut [Posted],
    events: &mut Vec<Event>,
) -> Result<()> {
    for ((posting, records), posted) in postings.iter().zip(records).zip(posted.iter_mut()) {
        let mine = claim(&mut known.fresh, posting);
        for copy in &posting.posting.copies {
            let record = records.get(copy.mail);
            let record = record.ok_or_else(|| StoreError::Invalid(format!("there is no mail {}", copy.mail)))?;
            if once_key(posting, copy).is_some_and(|key| !mine.contains(&key)) {
                posted.copies.push(None);
                continue;
            }
            let target = known.targets.of(copy)?;
            let tenant = posting.mails.get(copy.mail).map(|mail| mail.tenant.0);
            if matches!(copy.folder, Folder::Exactly(_)) && tenant != Some(target.tenant) {
                return Err(StoreError::Invalid("a record belongs to one tenant".into()).into());
            }
            posted.copies.push(Some(target.add(copy, record, rows)?));
        }
    }
    known.targets.rows(rows, events);
    Ok(())
}

/// Takes from `fresh` what this posting delivers: all its copies for one recipient count as one delivery, those of a
/// repeat in the same batch find it taken.
fn claim(fresh: &mut HashSet<(i64, String)>, posting: &Ready) -> HashSet<(i64, String)> {
    let keys = posting.posting.copies.iter().filter_map(|copy| once_key(posting, copy));
    keys.filter_map(|key| fresh.take(&key)).collect()
}

impl Targets {
    /// Takes a row of the question for mailboxes.
    pub fn add(&mut self, row: &sql::Row) {
        let target = Target {
            id: row.get(0),
            user: row.get(1),
            validity: row.get(3),
            uid_next: row.get(4),
            modseq: row.get(5),
            tenant: row.get(6),
            messages: 0,
            unseen: 0,
            deleted: 0,
            size: 0,
            since: row.get(5),
            came: Vec::new(),
        };
        if let Some(role) = row.get::<Option<i64>, _>(2) {
            self.by_role.insert((target.user, role), target.id);
        }
        self.by_id.insert(target.id, target);
    }

    fn inbox(&self, owner: UserId) -> Option<i64> {
        self.by_role.get(&(owner.0, role_number(MailboxRole::Inbox))).copied()
    }

    fn has_inbox(&self, owner: UserId) -> bool {
        self.inbox(owner).is_some()
    }

    /// The mailbox of a copy; INBOX where the one asked for is gone, unless it must be that one.
    fn of(&mut self, copy: &NewCopy) -> Result<&mut Target> {
        let owner = copy.owner.0;
        let wanted = match copy.folder {
            Folder::Role(role) => self.by_role.get(&(owner, role_number(role))).copied(),
            Folder::Id(id) | Folder::Exactly(id) => {
                self.by_id.get(&id.0).filter(|target| target.user == owner).map(|target| target.id)
            }
        };
        let must = matches!(copy.folder, Folder::Exactly(_));
        let id = if must { wanted } else { wanted.or_else(|| self.inbox(copy.owner)) };
        let missing = || StoreError::NotFound(format!("the mailbox of user {owner}"));
        Ok(id.and_then(|id| self.by_id.get_mut(&id)).ok_or_else(missing)?)
    }

    /// What came into each mailbox.
    pub fn added(self) -> Vec<Added> {
        let came = self.by_id.into_values().filter(|target| !target.came.is_empty());
        came.map(|target| Added { mailbox: MailboxId(target.id), since: target.since, messages: target.came }).collect()
    }

    fn rows(&self, rows: &mut Rows, events: &mut Vec<Event>) {
        for target in self.by_id.values().filter(|target| target.messages > 0) {
            let Target { id, uid_next, modseq, messages, unseen, deleted, size, .. } = target;
            rows.mailboxes.push(values![id, uid_next, modseq, messages, unseen, deleted, size]);
            events.push(Event::Mailbox {
                user: UserId(target.user),
                mailbox: MailboxId(target.id),
                modseq: ModSeq(u64::try_from(target.modseq).unwrap_or(0)),
            });
        }
    }
}

impl Target {
    /// Gives the copy its UID and MODSEQ.
    fn add(&mut self, copy: &NewCopy, record: &RecordInfo, rows: &mut Rows) -> Result<Placed> {
        let uid = self.uid_next;
        self.uid_next += 1;
        self.modseq += 1;
        let cut: u64 = copy.cuts.iter().map(|range| range.end.saturating_sub(range.start)).sum();
        let size = (record.size + copy.prefix.len() as u64).saturating_sub(cut);
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        self.messages += 1;
        self.unseen += i64::from(!copy.flags.system.contains(SystemFlags::SEEN));
        self.deleted += i64::from(copy.flags.system.contains(SystemFlags::DELETED));
        self.size += size;
        let cuts: Vec<(u64, u64)> = copy.cuts.iter().map(|range| (range.start, range.end)).collect();
        let (cuts, keywords) = (serde_json::to_string(&cuts)?, copy.flags.keyword_text());
        let (flags, date) = (copy.flags.system.0, copy.internal_date.0);
        let number = u32::try_from(uid).unwrap_or(u32::MAX);
        self.came.push(MessageFlags {
            uid: number,
            modseq: self.modseq,
            created: self.modseq,
            flags: i64::from(flags),
            keywords: keywords.clone(),
            size,
            record: record.id.0,
            cut: !copy.cuts.is_empty(),
        });
        rows.messages.push(values![
            self.id,
            uid,
            self.modseq,
            flags,
            keywords,
            date,
            record.id.0,
            size,
            cuts,
            &copy.prefix,
            copy.saved.0,
        ]);
        Ok(Placed { mailbox: MailboxId(self.id), uid_validity: UidValidity(self.validity), uid: Uid(number) })
    }
}
