//! What a posting does to drafts: files come, copies take the place of former ones, sent ones end. One by one, since
//! only people's browsers cause them.

use store::{AnswerKind, DRAFT_ATTACHMENTS, DraftAt, DraftChange, DraftStep, Event, Placed, Posted, StoreError};
use types::{AttachmentId, DraftId, Flags, RecordId, SystemFlags, UserId};

use super::{Ready, RecordInfo, Result, WriteError};
use crate::drafts::{conflict, not_found, traces};
use crate::mailbox;
use crate::outgoing::words;
use crate::sql;

/// A draft as its change finds it.
struct Found {
    id: DraftId,
    version: u32,
    user: UserId,
    copy: Option<(i64, u32)>,
    origin: Option<((i64, u32), AnswerKind)>,
}

/// After all other rows, for it changes mailboxes and names copies that these made.
pub(super) async fn write(
    tx: &mut sql::Here,
    postings: &[&Ready],
    records: &[Vec<RecordInfo>],
    posted: &mut [Posted],
    events: &mut Vec<Event>,
) -> Result<()> {
    for ((posting, records), posted) in postings.iter().zip(records).zip(posted) {
        for change in &posting.posting.drafts {
            let found = match find(tx, change).await {
                Err(WriteError::Refused(StoreError::NotFound(_))) if may_be_gone(change) => continue,
                found => found?,
            };
            match change.step {
                DraftStep::Attach(mail) => {
                    let record = records.get(mail).map(|record| record.id);
                    posted.attachments.push(attach(tx, &found, record).await?);
                    crate::drafts::touch(tx, found.id, change.at).await?;
                }
                DraftStep::Materialise(copy) => {
                    let placed = posted.copies.get(copy).copied().flatten();
                    materialise(tx, &found, placed, change, events).await?;
                    if let Some(placed) = placed {
                        traces::copied(tx, found.id, placed).await?;
                    }
                }
                DraftStep::Send => end(tx, &found, change, events).await?,
                DraftStep::Leave => leave(tx, &found, change, events).await?,
                DraftStep::ComeBack(copy) => {
                    come_back(tx, &found).await?;
                    let placed = posted.copies.get(copy).copied().flatten();
                    materialise(tx, &found, placed, change, events).await?;
                }
            }
        }
    }
    Ok(())
}

/// Mail that has waited goes, whether or not there is still a draft to end.
fn may_be_gone(change: &DraftChange) -> bool {
    change.step == DraftStep::Send && change.version.is_none()
}

/// Whether the step is for a draft that has left (`None`: for either).
fn expects_left(change: &DraftChange) -> Option<bool> {
    match change.step {
        DraftStep::Send if change.version.is_none() => None,
        DraftStep::ComeBack(_) => Some(true),
        DraftStep::Attach(_) | DraftStep::Materialise(_) | DraftStep::Send | DraftStep::Leave => Some(false),
    }
}

/// The draft, in the version expected.
async fn find(tx: &mut sql::Here, change: &DraftChange) -> Result<Found> {
    let sql = "SELECT version, mailbox, uid, origin_mailbox, origin_uid, origin_kind FROM draft
               WHERE id = $1 AND user = $2 AND ($3 IS NULL OR leaving = $3)";
    let query = sql::query(sql).bind(change.draft.0).bind(change.user.0).bind(expects_left(change));
    let row = query.fetch_optional(tx).await?.ok_or_else(|| not_found(change.draft))?;
    let version = row.get::<u32, _>(0);
    if change.version.is_some_and(|expected| expected != version) {
        return Err(conflict(change.draft).into());
    }
    let lying = |at| Option::zip(row.get::<Option<i64>, _>(at), row.get::<Option<u32>, _>(at + 1));
    let kind = row.get::<Option<String>, _>(5).map(words::read).transpose()?;
    Ok(Found { id: change.draft, version, user: change.user, copy: lying(1), origin: Option::zip(lying(3), kind) })
}

async fn attach(tx: &mut sql::Here, draft: &Found, record: Option<RecordId>) -> Result<AttachmentId> {
    let record = record.ok_or_else(|| StoreError::Invalid("an attachment without bytes".into()))?;
    let sql = "INSERT INTO draft_attachment (draft, record) SELECT $1, $2
               WHERE (SELECT count(*) FROM draft_attachment WHERE draft = $1) < $3 RETURNING id";
    let query = sql::query_scalar(sql).bind(draft.id.0).bind(record.0).bind(DRAFT_ATTACHMENTS);
    let id: Option<i64> = query.fetch_optional(&mut *tx).await?;
    let full = || StoreError::Invalid(format!("a draft has at most {DRAFT_ATTACHMENTS} files"));
    let id = id.ok_or_else(full)?;
    traces::attached(tx, draft.id, record).await?;
    Ok(AttachmentId(id))
}

async fn materialise(
    tx: &mut sql::Here,
    draft: &Found,
    placed: Option<Placed>,
    change: &DraftChange,
    events: &mut Vec<Event>,
) -> Result<()> {
    let placed = placed.ok_or_else(|| StoreError::Invalid("a draft is materialised as a copy".into()))?;
    if let Some(former) = draft.copy {
        mailbox::take_one(tx, draft.user, former, change.at, events).await?;
    }
    let sql = "UPDATE draft SET mailbox = $2, uid = $3 WHERE id = $1";
    sql::query(sql).bind(draft.id.0).bind(placed.mailbox.0).bind(placed.uid.0).execute(tx).await?;
    Ok(())
}

/// The draft's mail waits: nobody sees the draft, and its copy goes.
async fn leave(tx: &mut sql::Here, draft: &Found, change: &DraftChange, events: &mut Vec<Event>) -> Result<()> {
    if let Some(copy) = draft.copy {
        mailbox::take_one(tx, draft.user, copy, change.at, events).await?;
    }
    let sql = "UPDATE draft SET leaving = 1, mailbox = NULL, uid = NULL WHERE id = $1";
    sql::query(sql).bind(draft.id.0).execute(&mut *tx).await?;
    traces::sent(tx, DraftAt { id: draft.id, version: draft.version }).await?;
    Ok(())
}

/// The draft is there again, under a version that no form knows which was sent before.
async fn come_back(tx: &mut sql::Here, draft: &Found) -> Result<()> {
    let sql = "UPDATE draft SET leaving = 0, version = version + 1 WHERE id = $1";
    sql::query(sql).bind(draft.id.0).execute(&mut *tx).await?;
    let left = DraftAt { id: draft.id, version: draft.version };
    let sql = "UPDATE submission SET form_key = NULL WHERE form_key = $1";
    sql::query(sql).bind(left.form_key()).execute(tx).await?;
    Ok(())
}

/// The draft is sent: it goes with its copy, and what it answers is marked.
async fn end(tx: &mut sql::Here, draft: &Found, change: &DraftChange, events: &mut Vec<Event>) -> Result<()> {
    if let Some(copy) = draft.copy {
        mailbox::take_one(tx, draft.user, copy, change.at, events).await?;
    }
    if let Some((message, kind)) = draft.origin {
        let flags = match kind {
            AnswerKind::Reply => Flags::system(SystemFlags::ANSWERED),
            AnswerKind::Forward => Flags::from_parts(SystemFlags::default(), "$Forwarded"),
        };
        mailbox::mark_one(tx, draft.user, message, flags, events).await?;
    }
    traces::sent(tx, DraftAt { id: draft.id, version: draft.version }).await?;
    sql::query("DELETE FROM draft WHERE id = $1").bind(draft.id.0).execute(&mut *tx).await?;
    crate::ledger::draft_ended(tx, draft.id, change.at, events).await?;
    Ok(())
}
