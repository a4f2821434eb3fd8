//! Mailboxes: counters against a recount, UIDs and MODSEQs against UIDNEXT and HIGHESTMODSEQ, records of copies.

use async_trait::async_trait;
use store::{Damage, Event, StoreError, VerifyReport};
use types::{MailboxId, ModSeq, UserId};

use super::{Result, Verify};
use crate::database::failed;
use crate::sql;
use crate::writer::{Job, Lane};

/// A mailbox row beside what its messages and tombstones say.
#[derive(Debug, Clone)]
struct Count {
    user: i64,
    uid_next: i64,
    modseq: i64,
    messages: i64,
    unseen: i64,
    deleted: i64,
    size: i64,
    counted: i64,
    counted_unseen: i64,
    counted_deleted: i64,
    counted_size: i64,
    last_uid: i64,
    last_modseq: i64,
    without_record: i64,
    wrong_size: i64,
}

sql::from_row!(Count: user, uid_next, modseq, messages, unseen, deleted, size, counted, counted_unseen, counted_deleted, counted_size, last_uid, last_modseq, without_record, wrong_size);

async fn count(db: impl sql::Executor, mailbox: i64) -> Result<Option<Count>> {
    let sql = "SELECT b.user, b.uid_next, b.modseq, b.messages, b.unseen, b.deleted, b.size,
                 count(m.uid) AS counted,
                 count(*) FILTER (WHERE m.flags & 1 = 0) AS counted_unseen,
                 count(*) FILTER (WHERE m.flags & 8 = 8) AS counted_deleted,
                 ifnull(sum(m.size), 0) AS counted_size,
                 max(ifnull(max(m.uid), 0), (SELECT ifnull(max(uid), 0) FROM tombstone WHERE mailbox = $1)) AS last_uid,
                 max(ifnull(max(m.modseq), 0),
                     (SELECT ifnull(max(expunged), 0) FROM tombstone WHERE mailbox = $1)) AS last_modseq,
                 count(*) FILTER (WHERE m.uid IS NOT NULL AND r.id IS NULL) AS without_record,
                 count(*) FILTER (WHERE m.size <> length(m.prefix) + r.size -
                     (SELECT ifnull(sum((cut.value->>1) - (cut.value->>0)), 0) FROM json_each(m.cuts) AS cut))
                     AS wrong_size
               FROM mailbox AS b LEFT JOIN message AS m ON m.mailbox = b.id LEFT JOIN record AS r ON r.id = m.record
               WHERE b.id = $1 GROUP BY b.id";
    sql::query_as(sql).bind(mailbox).fetch_optional(db).await.map_err(failed)
}

impl Count {
    /// What is wrong that a recount mends.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (name, says, is) in [
            ("messages", self.messages, self.counted),
            ("unseen", self.unseen, self.counted_unseen),
            ("deleted", self.deleted, self.counted_deleted),
            ("size", self.size, self.counted_size),
        ] {
            if says != is {
                faults.push(format!("the counter of {name} says {says}, a recount {is}"));
            }
        }
        if self.uid_next <= self.last_uid {
            faults.push(format!("UIDNEXT is {}, UID {} was given", self.uid_next, self.last_uid));
        }
        if self.modseq < self.last_modseq {
            faults.push(format!("HIGHESTMODSEQ is {}, {} was given", self.modseq, self.last_modseq));
        }
        faults
    }
    /// What is wrong for good.
    fn losses(&self) -> Vec<String> {
        let mut losses = Vec::new();
        if self.without_record > 0 {
            losses.push(format!("{} messages have no record", self.without_record));
        }
        if self.wrong_size > 0 {
            losses.push(format!("{} messages have another size than their bytes", self.wrong_size));
        }
        losses
    }
}

pub(super) async fn verify(verify: &Verify<'_>, repair: bool, report: &mut VerifyReport) -> Result<()> {
    let sql = "SELECT id FROM mailbox ORDER BY id";
    let mailboxes: Vec<i64> = sql::query_scalar(sql).fetch_all(verify.readers).await.map_err(failed)?;
    for mailbox in mailboxes {
        let Some(found) = count(verify.readers, mailbox).await? else { continue };
        report.messages += u64::try_from(found.counted).unwrap_or(0);
        let faults = found.faults();
        let repaired = repair && !faults.is_empty();
        if repaired {
            verify.writer.run(Lane::Bulk, Recount { mailbox }).await?;
        }
        let place = || format!("mailbox {mailbox}");
        report.damage.extend(faults.into_iter().map(|what| Damage { place: place(), what, repaired }));
        report.damage.extend(found.losses().into_iter().map(|what| super::damage(place(), what)));
    }
    Ok(())
}

/// Writes what a recount says. MODSEQ grows, so that sessions and caches look again.
struct Recount {
    mailbox: i64,
}

#[async_trait]
impl Job for Recount {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> std::result::Result<(), StoreError> {
        let Some(count) = count(&mut *tx, self.mailbox).await? else { return Ok(()) };
        let modseq = count.modseq.max(count.last_modseq) + 1;
        let sql = "UPDATE mailbox SET uid_next = $2, modseq = $3, messages = $4, unseen = $5, deleted = $6, size = $7
                   WHERE id = $1";
        let query = sql::query(sql).bind(self.mailbox).bind(count.uid_next.max(count.last_uid + 1)).bind(modseq);
        let query = query.bind(count.counted).bind(count.counted_unseen).bind(count.counted_deleted);
        query.bind(count.counted_size).execute(tx).await.map_err(failed)?;
        events.push(Event::Mailbox {
            user: UserId(count.user),
            mailbox: MailboxId(self.mailbox),
            modseq: ModSeq(u64::try_from(modseq).unwrap_or(0)),
        });
        Ok(())
    }
}
