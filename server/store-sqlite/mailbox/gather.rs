//! A mail in all mailboxes at once: taken out of them, or moved together into the handlers' box.

use std::collections::BTreeMap;

use store::{Event, HandOver, StoreError, handlers_owner};
use types::{DraftId, MailboxId, RecordId, TenantId, Timestamp, Uid, UidSet, UserId};

use super::rows::{MailboxRow, modseq, runs};
use super::transfer::Brought;
use super::{expunge, load, names, transfer};
use crate::database::failed;
use crate::ledger::draft_ended;
use crate::sql;

type Result<T> = std::result::Result<T, StoreError>;

/// The copies of a record by mailbox, with their owners.
type Copies = BTreeMap<(UserId, MailboxId), UidSet>;

async fn copies(tx: &mut sql::Here, record: RecordId) -> Result<Copies> {
    let sql = "SELECT b.user, m.mailbox, m.uid FROM message AS m JOIN mailbox AS b ON b.id = m.mailbox
               WHERE m.record = $1";
    let rows: Vec<(i64, i64, u32)> = sql::query_as(sql).bind(record.0).fetch_all(tx).await.map_err(failed)?;
    let mut all = Copies::new();
    for (user, mailbox, uid) in rows {
        all.entry((UserId(user), MailboxId(mailbox))).or_default().insert(Uid(uid));
    }
    Ok(all)
}

/// What was taken out of mailboxes.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// How many copies.
    pub copies: u64,
    /// The drafts that ended, since one of these lay in Drafts as them: whoever takes them sees to what they left.
    pub drafts: Vec<DraftId>,
}

/// Takes these copies out, and with one that lies in Drafts the draft that it is.
async fn take(tx: &mut sql::Here, copies: &Copies, at: Timestamp, events: &mut Vec<Event>) -> Result<Taken> {
    let mut taken = Taken::default();
    for ((user, mailbox), uids) in copies {
        let sql = "DELETE FROM draft WHERE mailbox = $1 AND NOT leaving AND EXISTS
                     (SELECT 1 FROM json_each($2) AS r WHERE draft.uid BETWEEN r.value->>0 AND r.value->>1) RETURNING id";
        let query = sql::query_scalar(sql).bind(mailbox.0).bind(runs(uids));
        let ended: Vec<i64> = query.fetch_all(&mut *tx).await.map_err(failed)?;
        taken.drafts.extend(ended.into_iter().map(DraftId));
        let mut after = Some(0);
        while let Some(from) = after {
            let piece = expunge::remove(tx, *user, *mailbox, uids, from, at).await?;
            (after, taken.copies) = (piece.next, taken.copies + piece.done.len() as u64);
            let changed = |to| Event::Mailbox { user: *user, mailbox: *mailbox, modseq: modseq(to) };
            events.extend(piece.modseq.map(changed));
        }
    }
    Ok(taken)
}

/// Takes every copy out of every mailbox.
pub(crate) async fn take_everywhere(
    tx: &mut sql::Here,
    record: RecordId,
    at: Timestamp,
    events: &mut Vec<Event>,
) -> Result<Taken> {
    // of a deleted mailbox that is still being cleared away
    let sql = "DELETE FROM message WHERE record = $1 AND mailbox NOT IN (SELECT id FROM mailbox)";
    sql::query(sql).bind(record.0).execute(&mut *tx).await.map_err(failed)?;
    let all = copies(tx, record).await?;
    take(tx, &all, at, events).await
}

/// Moves a mail with all its copies into the handlers' box, which is made when there is none.
pub(crate) async fn hand_over(tx: &mut sql::Here, over: &HandOver, events: &mut Vec<Event>) -> Result<()> {
    let handlers = handlers_owner(over.tenant);
    let mut all = copies(tx, over.record).await?;
    let in_box = all.keys().any(|(user, _)| *user == handlers);
    all.retain(|(user, _), _| *user != handlers);
    let own = all.iter().find(|((user, _), _)| *user == over.by).or_else(|| all.iter().next());
    let missing = || StoreError::NotFound(format!("record {} in any mailbox", over.record));
    let ((user, mailbox), uids) = own.ok_or_else(missing)?;
    let first: UidSet = uids.iter().take(1).collect();
    if !in_box {
        let target = the_box(tx, over.tenant, events).await?;
        copy(tx, (*user, *mailbox), &first, target, over.at, events).await?;
    }
    for draft in take(tx, &all, over.at, events).await?.drafts {
        draft_ended(tx, draft, over.at, events).await?;
    }
    Ok(())
}

async fn the_box(tx: &mut sql::Here, tenant: TenantId, events: &mut Vec<Event>) -> Result<MailboxRow> {
    let handlers = handlers_owner(tenant);
    let id = names::make_box(tx, tenant, handlers, events).await?;
    load::row(tx, handlers, id).await
}

async fn copy(
    tx: &mut sql::Here,
    (user, mailbox): (UserId, MailboxId),
    uids: &UidSet,
    mut target: MailboxRow,
    at: Timestamp,
    events: &mut Vec<Event>,
) -> Result<()> {
    let source = load::some(&mut *tx, user, mailbox, uids, 0).await?;
    if source.mailbox.tenant != target.tenant {
        return Err(StoreError::NotFound("the mail in this company".into()));
    }
    let first = target.take_uids(source.messages.len())?;
    let pairs: Vec<(u32, u32)> = source.messages.iter().map(|message| message.uid).zip(first..).collect();
    target.modseq += 1;
    for message in &source.messages {
        target.count(1, 0, message.size);
    }
    let brought = vec![Brought::nothing(); source.messages.len()];
    transfer::insert(tx, &source, &target, &pairs, &brought, at).await?;
    let user = handlers_owner(TenantId(target.tenant));
    events.push(Event::Mailbox { user, mailbox: MailboxId(target.id), modseq: modseq(target.modseq) });
    Ok(())
}
