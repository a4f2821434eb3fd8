//! Copies in mailboxes: UIDs and MODSEQs are given out in the order of the batch, counters follow.

use std::collections::{BTreeMap, HashMap, HashSet};

use sqlx::{Row as _, SqliteConnection};
use store::{Event, Folder, MailboxRole, NewCopy, Placed, Posted, StoreError};
use types::{MailboxId, ModSeq, SystemFlags, Uid, UidValidity, UserId};

use super::{Ready, RecordInfo, Result, insert};
use crate::database::hex;

/// A mailbox of the batch, and what the batch adds to it.
#[derive(Debug, Clone)]
struct Target {
    id: i64,
    user: i64,
    validity: u32,
    uid_next: i64,
    modseq: i64,
    messages: i64,
    unseen: i64,
    deleted: i64,
    size: i64,
}

/// The mailboxes that copies of the batch go into.
#[derive(Default)]
struct Targets {
    by_id: BTreeMap<i64, Target>,
    by_role: HashMap<(i64, i64), i64>,
}

fn role_number(role: MailboxRole) -> i64 {
    let place = MailboxRole::ALL.iter().position(|(other, _, _)| *other == role);
    place.and_then(|place| i64::try_from(place).ok()).unwrap_or(0)
}

pub(super) async fn write(
    tx: &mut SqliteConnection,
    postings: &[&Ready],
    records: &[Vec<RecordInfo>],
    posted: &mut [Posted],
    events: &mut Vec<Event>,
) -> Result<()> {
    if postings.iter().all(|posting| posting.posting.copies.is_empty()) {
        return Ok(());
    }
    let mut fresh = not_delivered(tx, postings).await?;
    let mut targets = targets(tx, postings).await?;
    let mut rows = Vec::new();
    for ((posting, records), posted) in postings.iter().zip(records).zip(posted.iter_mut()) {
        let mine = claim(&mut fresh, posting);
        for copy in &posting.posting.copies {
            let record = records.get(copy.mail);
            let record = record.ok_or_else(|| StoreError::Invalid(format!("there is no mail {}", copy.mail)))?;
            if once_key(posting, copy).is_some_and(|key| !mine.contains(&key)) {
                posted.copies.push(None);
                continue;
            }
            let target = targets.of(copy)?;
            let (row, placed) = target.add(copy, record);
            rows.push(row);
            posted.copies.push(Some(placed));
        }
    }
    targets.write(tx, events).await?;
    insert(
        tx,
        "INSERT INTO message (mailbox, uid, modseq, created, flags, keywords, internal_date, record, size, prefix, cuts) \
         SELECT value->>'$[0][0]', value->>'$[0][1]', value->>'$[0][2]', value->>'$[0][2]', value->>'$[0][3]', \
         value->>'$[1][0]', value->>'$[0][4]', value->>'$[0][5]', value->>'$[0][6]', unhex(value->>'$[1][1]'), \
         value->>'$[1][2]' FROM json_each($1)",
        &rows,
    )
    .await
}

/// Marks (ingest, recipient) as delivered; answers those that were not before.
async fn not_delivered(tx: &mut SqliteConnection, postings: &[&Ready]) -> Result<HashSet<(i64, String)>> {
    let keys = postings.iter().flat_map(|posting| posting.posting.copies.iter().map(|copy| once_key(posting, copy)));
    let pairs: Vec<(i64, String)> = keys.flatten().collect();
    if pairs.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = sqlx::query(
        "INSERT INTO delivered (ingest, recipient) SELECT value->>0, value->>1 FROM json_each($1) WHERE true \
         ON CONFLICT DO NOTHING RETURNING ingest, recipient",
    )
    .bind(serde_json::to_string(&pairs)?)
    .fetch_all(tx)
    .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// What marks a copy as delivered; `None`: it is written every time.
fn once_key(posting: &Ready, copy: &NewCopy) -> Option<(i64, String)> {
    Some((posting.posting.once?.0.0, copy.recipient.as_ref()?.key()))
}

/// Takes from `fresh` what this posting delivers: all its copies for one recipient count as one delivery, those of a
/// repeat in the same batch find it taken.
fn claim(fresh: &mut HashSet<(i64, String)>, posting: &Ready) -> HashSet<(i64, String)> {
    let keys = posting.posting.copies.iter().filter_map(|copy| once_key(posting, copy));
    keys.filter_map(|key| fresh.take(&key)).collect()
}

/// Looks the mailboxes up; a person of the directory who has none gets the first six.
async fn targets(tx: &mut SqliteConnection, postings: &[&Ready]) -> Result<Targets> {
    let mut found = find(tx, postings).await?;
    let mut made = HashSet::new();
    for posting in postings {
        for copy in &posting.posting.copies {
            let owner = copy.owner;
            let inbox = (owner.0, role_number(MailboxRole::Inbox));
            if matches!(copy.folder, Folder::Exactly(_)) || found.by_role.contains_key(&inbox) || !made.insert(owner) {
                continue;
            }
            let tenant = posting.owners.get(&owner).copied();
            let tenant = tenant.ok_or_else(|| StoreError::NotFound(format!("user {owner}")))?;
            crate::mailbox::make_first(tx, tenant, owner).await?;
        }
    }
    if !made.is_empty() {
        found = find(tx, postings).await?;
    }
    Ok(found)
}

async fn find(tx: &mut SqliteConnection, postings: &[&Ready]) -> Result<Targets> {
    let (mut places, mut ids) = (HashSet::new(), HashSet::new());
    for copy in postings.iter().flat_map(|posting| &posting.posting.copies) {
        places.insert((copy.owner.0, role_number(MailboxRole::Inbox)));
        match copy.folder {
            Folder::Role(role) => drop(places.insert((copy.owner.0, role_number(role)))),
            Folder::Id(id) | Folder::Exactly(id) => drop(ids.insert(id.0)),
        }
    }
    let places: Vec<_> = places.into_iter().collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let rows = sqlx::query(
        "SELECT id, user, role, uid_validity, uid_next, modseq FROM mailbox WHERE selectable AND (user, role) IN \
         (SELECT value->>0, value->>1 FROM json_each($1)) \
         UNION SELECT id, user, role, uid_validity, uid_next, modseq FROM mailbox WHERE selectable AND id IN \
         (SELECT value FROM json_each($2))",
    )
    .bind(serde_json::to_string(&places)?)
    .bind(serde_json::to_string(&ids)?)
    .fetch_all(tx)
    .await?;
    let mut targets = Targets::default();
    for row in rows {
        let target = Target {
            id: row.get(0),
            user: row.get(1),
            validity: row.get(3),
            uid_next: row.get(4),
            modseq: row.get(5),
            messages: 0,
            unseen: 0,
            deleted: 0,
            size: 0,
        };
        if let Some(role) = row.get::<Option<i64>, _>(2) {
            targets.by_role.insert((target.user, role), target.id);
        }
        targets.by_id.insert(target.id, target);
    }
    Ok(targets)
}

impl Targets {
    /// The mailbox of a copy; INBOX where the one asked for is gone, unless it must be that one.
    fn of(&mut self, copy: &NewCopy) -> Result<&mut Target> {
        let owner = copy.owner.0;
        let wanted = match copy.folder {
            Folder::Role(role) => self.by_role.get(&(owner, role_number(role))).copied(),
            Folder::Id(id) | Folder::Exactly(id) => {
                self.by_id.get(&id.0).filter(|target| target.user == owner).map(|target| target.id)
            }
        };
        let inbox = || self.by_role.get(&(owner, role_number(MailboxRole::Inbox))).copied();
        let id = if matches!(copy.folder, Folder::Exactly(_)) { wanted } else { wanted.or_else(inbox) };
        let missing = || StoreError::NotFound(format!("the mailbox of user {owner}"));
        Ok(id.and_then(|id| self.by_id.get_mut(&id)).ok_or_else(missing)?)
    }

    async fn write(&self, tx: &mut SqliteConnection, events: &mut Vec<Event>) -> Result<()> {
        let changed: Vec<&Target> = self.by_id.values().filter(|target| target.messages > 0).collect();
        let rows: Vec<_> =
            changed.iter().map(|t| (t.id, t.uid_next, t.modseq, t.messages, t.unseen, t.deleted, t.size)).collect();
        insert(
            tx,
            "UPDATE mailbox SET uid_next = new.value->>1, modseq = new.value->>2, messages = messages + (new.value->>3), \
             unseen = unseen + (new.value->>4), deleted = deleted + (new.value->>5), size = size + (new.value->>6) \
             FROM json_each($1) AS new WHERE mailbox.id = new.value->>0",
            &rows,
        )
        .await?;
        events.extend(changed.iter().map(|target| Event::Mailbox {
            user: UserId(target.user),
            mailbox: MailboxId(target.id),
            modseq: ModSeq(u64::try_from(target.modseq).unwrap_or(0)),
        }));
        Ok(())
    }
}

type Row = ((i64, i64, i64, u8, i64, i64, i64), (String, String, String));

impl Target {
    /// Gives the copy its UID and MODSEQ.
    fn add(&mut self, copy: &NewCopy, record: &RecordInfo) -> (Row, Placed) {
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
        let cuts = serde_json::to_string(&cuts).unwrap_or_else(|_| "[]".into());
        let row = (
            (self.id, uid, self.modseq, copy.flags.system.0, copy.internal_date.0, record.id.0, size),
            (copy.flags.keyword_text(), hex(&copy.prefix), cuts),
        );
        let placed = Placed {
            mailbox: MailboxId(self.id),
            uid_validity: UidValidity(self.validity),
            uid: Uid(u32::try_from(uid).unwrap_or(u32::MAX)),
        };
        (row, placed)
    }
}
