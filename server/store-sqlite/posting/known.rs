//! What must be known before a group's rows can be made: numbers, mailboxes, the ends of chains.

use std::collections::{BTreeSet, HashMap, HashSet};

use store::{Folder, MailboxRole, NewCopy, StoreError, TextsOf};
use types::{KeyId, RecordId};

use super::copies::{Targets, role_number};
use super::ready::ReadyBytes;
use super::records::RecordInfo;
use super::{Ready, Result};

use crate::sql;
const NUMBERS: &str = "UPDATE counter SET next = next + $2 WHERE name = $1 RETURNING next - $2";
const DELIVERED: &str = "INSERT INTO delivered (ingest, recipient) VALUES ($1, $2) ON CONFLICT DO NOTHING";
/// A mailbox; `$which` says which.
macro_rules! mailbox {
    ($which:literal) => {
        concat!(
            "SELECT id, user, role, uid_validity, uid_next, modseq, tenant FROM mailbox WHERE selectable AND ",
            $which
        )
    };
}
const OF_ROLE: &str = mailbox!("user = $1 AND role = $2 AND role IS NOT NULL");
const OF_NUMBER: &str = mailbox!("id = $1");
const TAIL: &str = "SELECT seq, chain FROM journal WHERE tenant = $1 ORDER BY seq DESC LIMIT 1";
const RECORD: &str = "SELECT id, size, digest, key FROM record WHERE id = $1 \
    AND NOT EXISTS (SELECT 1 FROM disposed_key WHERE disposed_key.key = record.key)";

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
    /// Asks.
    pub async fn ask(tx: &mut sql::Here, postings: &[&Ready]) -> Result<Self> {
        let mut known = Self::default();
        known.numbers.take(tx, postings).await?;
        for (ingest, recipient) in postings.iter().flat_map(|posting| once_keys(posting)) {
            let marked = sql::query(DELIVERED).bind(ingest).bind(&recipient).execute(&mut *tx).await?;
            if marked.rows_affected() > 0 {
                known.fresh.insert((ingest, recipient));
            }
        }
        known.find(tx, postings).await?;
        for tenant in tenants(postings) {
            let tail = sql::query_as(TAIL).bind(tenant).fetch_optional(&mut *tx).await?;
            known.tails.extend(tail.map(|tail| (tenant, tail)));
        }
        for id in old_records(postings) {
            if let Some(row) = sql::query(RECORD).bind(id).fetch_optional(&mut *tx).await? {
                let size = u64::try_from(row.get::<i64, _>(1)).unwrap_or(0);
                let info = RecordInfo { id: RecordId(row.get(0)), size, digest: row.get(2), key: KeyId(row.get(3)) };
                known.records.insert(info.id.0, info);
            }
        }
        Ok(known)
    }

    /// Looks the mailboxes up.
    pub async fn find(&mut self, tx: &mut sql::Here, postings: &[&Ready]) -> Result<()> {
        let (places, ids) = places(postings);
        self.targets = Targets::default();
        for (user, role) in places {
            let row = sql::query(OF_ROLE).bind(user).bind(role).fetch_optional(&mut *tx).await?;
            row.iter().for_each(|row| self.targets.add(row));
        }
        for id in ids {
            let row = sql::query(OF_NUMBER).bind(id).fetch_optional(&mut *tx).await?;
            row.iter().for_each(|row| self.targets.add(row));
        }
        Ok(())
    }

    /// A record that is there already.
    pub fn record(&self, id: RecordId) -> Result<RecordInfo> {
        let info = self.records.get(&id.0).cloned();
        Ok(info.ok_or_else(|| StoreError::NotFound(format!("record {id}")))?)
    }
}

impl Numbers {
    async fn take(&mut self, tx: &mut sql::Here, postings: &[&Ready]) -> Result<()> {
        let kinds = [&mut self.record, &mut self.submission, &mut self.parcel, &mut self.queue, &mut self.variant];
        for ((name, wanted), next) in KINDS.into_iter().zip(wanted(postings)).zip(kinds) {
            if wanted > 0 {
                next.0 = sql::query_scalar(NUMBERS).bind(name).bind(wanted).fetch_one(&mut *tx).await?;
            }
        }
        Ok(())
    }
}

/// How many numbers of each kind the group needs.
fn wanted(postings: &[&Ready]) -> [i64; 5] {
    postings.iter().fold([0; 5], |mut wanted, posting| {
        wanted.iter_mut().zip(posting.numbers()).for_each(|(wanted, count)| *wanted += count);
        wanted
    })
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
