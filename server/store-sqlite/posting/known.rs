//! What must be known before a group's rows can be made: numbers, mailboxes, the ends of chains. Asked in one call,
//! since each call is a hop to the driver's thread and back.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use store::{Folder, MailboxRole, NewCopy, StoreError, TextsOf};
use types::{KeyId, RecordId};

use super::copies::{Targets, role_number};
use super::ready::ReadyBytes;
use super::records::RecordInfo;
use super::{Ready, Result};

/// The statement that finds mailboxes by (person, role) and by number; its rows begin with `3`. Written as joins in
/// this order: as conditions with IN, it was twenty times as slow.
macro_rules! find {
    ($places:literal, $ids:literal) => {
        concat!(
            "SELECT 3, m.id, m.user, m.role, m.uid_validity, m.uid_next, m.modseq, m.tenant FROM jsonb_each(",
            $places,
            ") AS place CROSS JOIN mailbox AS m WHERE m.user = place.value->>0 AND m.role = place.value->>1 \
             AND m.role IS NOT NULL AND m.selectable UNION ALL \
             SELECT 3, m.id, m.user, m.role, m.uid_validity, m.uid_next, m.modseq, m.tenant FROM json_each(",
            $ids,
            ") AS place CROSS JOIN mailbox AS m WHERE m.id = place.value AND m.selectable"
        )
    };
}

/// All questions; the first column of an answer says which it belongs to.
macro_rules! questions {
    ($begin:literal) => {
        concat!(
            $begin,
            "UPDATE counter SET next = next + wanted.value FROM json_each($1) AS wanted WHERE name = wanted.key \
             RETURNING 1, name, next; \
             INSERT INTO delivered (ingest, recipient) SELECT value->>0, value->>1 FROM jsonb_each($2) WHERE true \
             ON CONFLICT DO NOTHING RETURNING 2, ingest, recipient; ",
            find!("$3", "$4"),
            "; SELECT 4, tenant, seq, chain FROM journal WHERE (tenant, seq) IN (SELECT value, \
             (SELECT max(seq) FROM journal WHERE tenant = value) FROM json_each($5)); \
             SELECT 5, id, size, digest, key FROM record WHERE id IN (SELECT value FROM json_each($6)) \
             AND NOT EXISTS (SELECT 1 FROM disposed_key WHERE disposed_key.key = record.key)"
        )
    };
}
const ASK: &str = questions!("");
const BEGIN_AND_ASK: &str = questions!("BEGIN IMMEDIATE; ");
const FIND: &str = find!("$1", "$2");

/// The answers for one group of postings.
#[derive(Default)]
pub(super) struct Known {
    pub numbers: Numbers,
    /// (ingest, recipient) that were not delivered before, now marked as delivered.
    pub fresh: HashSet<(i64, String)>,
    pub targets: Targets,
    /// The journal's last entry of each tenant: number and hash.
    pub tails: HashMap<i64, (i64, Vec<u8>)>,
    /// Records that are there already.
    pub records: HashMap<i64, RecordInfo>,
}

/// The next free numbers, taken for the whole group at once.
#[derive(Default)]
pub(super) struct Numbers {
    pub record: Next,
    pub submission: Next,
    pub parcel: Next,
    pub queue: Next,
    pub variant: Next,
}

/// Numbers of one kind.
#[derive(Default)]
pub(super) struct Next(i64);

impl Next {
    pub fn take(&mut self) -> i64 {
        self.0 += 1;
        self.0 - 1
    }
}

const KINDS: [&str; 5] = ["record", "submission", "parcel", "queue", "variant"];

impl Known {
    /// Asks; with `begin`, the transaction begins in the same call.
    pub async fn ask(tx: &mut SqliteConnection, postings: &[&Ready], begin: bool) -> Result<Self> {
        let wanted = wanted(postings);
        let delivered: Vec<_> = postings.iter().flat_map(|posting| once_keys(posting)).collect();
        let (places, ids) = places(postings);
        let rows = sqlx::query(if begin { BEGIN_AND_ASK } else { ASK })
            .bind(serde_json::to_string(&wanted)?)
            .bind(serde_json::to_string(&delivered)?)
            .bind(serde_json::to_string(&places)?)
            .bind(serde_json::to_string(&ids)?)
            .bind(serde_json::to_string(&tenants(postings))?)
            .bind(serde_json::to_string(&old_records(postings))?)
            .fetch_all(tx)
            .await?;
        let mut known = Self::default();
        rows.iter().for_each(|row| known.learn(row, &wanted));
        Ok(known)
    }

    /// Looks the mailboxes up again, since some were made.
    pub async fn find_again(&mut self, tx: &mut SqliteConnection, postings: &[&Ready]) -> Result<()> {
        let (places, ids) = places(postings);
        let find = sqlx::query(FIND).bind(serde_json::to_string(&places)?).bind(serde_json::to_string(&ids)?);
        let rows = find.fetch_all(tx).await?;
        self.targets = Targets::default();
        rows.iter().for_each(|row| self.targets.add(row));
        Ok(())
    }

    fn learn(&mut self, row: &SqliteRow, wanted: &BTreeMap<&str, i64>) {
        match row.get(0) {
            1 => self.numbers.learn(row.get(1), row.get(2), wanted),
            2 => drop(self.fresh.insert((row.get(1), row.get(2)))),
            3 => self.targets.add(row),
            4 => drop(self.tails.insert(row.get(1), (row.get(2), row.get(3)))),
            _ => {
                let size = u64::try_from(row.get::<i64, _>(2)).unwrap_or(0);
                let info = RecordInfo { id: RecordId(row.get(1)), size, digest: row.get(3), key: KeyId(row.get(4)) };
                self.records.insert(info.id.0, info);
            }
        }
    }

    /// A record that is there already.
    pub fn record(&self, id: RecordId) -> Result<RecordInfo> {
        let info = self.records.get(&id.0).cloned();
        Ok(info.ok_or_else(|| StoreError::NotFound(format!("record {id}")))?)
    }
}

impl Numbers {
    fn learn(&mut self, kind: &str, next: i64, wanted: &BTreeMap<&str, i64>) {
        let first = Next(next - wanted.get(kind).copied().unwrap_or(0));
        match kind {
            "record" => self.record = first,
            "submission" => self.submission = first,
            "parcel" => self.parcel = first,
            "queue" => self.queue = first,
            _ => self.variant = first,
        }
    }
}

/// How many numbers of each kind the group needs; kinds that it does not need are left out.
fn wanted(postings: &[&Ready]) -> BTreeMap<&'static str, i64> {
    let mut wanted = BTreeMap::new();
    for posting in postings {
        for (kind, count) in KINDS.into_iter().zip(posting.numbers()).filter(|(_, count)| *count > 0) {
            *wanted.entry(kind).or_insert(0) += count;
        }
    }
    wanted
}

/// What marks the copies of a posting as delivered.
fn once_keys(posting: &Ready) -> impl Iterator<Item = (i64, String)> {
    posting.posting.copies.iter().filter_map(|copy| once_key(posting, copy))
}

/// What marks a copy as delivered; `None`: it is written every time.
pub(super) fn once_key(posting: &Ready, copy: &NewCopy) -> Option<(i64, String)> {
    Some((posting.posting.once?.0.0, copy.recipient.as_ref()?.key()))
}

/// The mailboxes that copies go into: by (person, role), each person's INBOX among them, and by number.
fn places(postings: &[&Ready]) -> (HashSet<(i64, i64)>, HashSet<i64>) {
    let (mut places, mut ids) = (HashSet::new(), HashSet::new());
    for copy in postings.iter().flat_map(|posting| &posting.posting.copies) {
        places.insert((copy.owner.0, role_number(MailboxRole::Inbox)));
        match copy.folder {
            Folder::Role(role) => drop(places.insert((copy.owner.0, role_number(role)))),
            Folder::Id(id) | Folder::Exactly(id) => drop(ids.insert(id.0)),
        }
    }
    (places, ids)
}

/// Tenants whose journal grows.
fn tenants(postings: &[&Ready]) -> BTreeSet<i64> {
    let entry = |posting: &Ready, mail: usize| posting.mails.get(mail).map(|mail| mail.tenant.0);
    postings.iter().flat_map(|p| p.posting.journal.iter().filter_map(move |row| entry(p, row.mail))).collect()
}

fn old_records(postings: &[&Ready]) -> Vec<i64> {
    let mails = postings.iter().flat_map(|posting| &posting.mails);
    let known = mails.filter_map(|mail| match mail.bytes {
        ReadyBytes::Known(id) => Some(id.0),
        ReadyBytes::New { .. } => None,
    });
    let texts = postings.iter().flat_map(|posting| &posting.texts).filter_map(|texts| match texts.of {
        TextsOf::Record(id) => Some(id.0),
        TextsOf::Mail(_) => None,
    });
    known.chain(texts).collect()
}
