//! Changes of drafts that touch no bytes, as jobs of the writer.

use async_trait::async_trait;
use store::{DRAFTS_MOST, DraftAt, Event, Lying, NewDraft, StoreError};
use types::{AttachmentId, DraftId, KeyId, Timestamp, UserId};

use super::{Result, conflict, not_found, traces};
use crate::database::failed;
use crate::ledger::draft_ended;
use crate::mailbox;
use crate::outgoing::words;
use crate::sql;
use crate::writer::Job;

/// A draft whose copy another client took away is cleared away after so long: a day.
const LEFT_MS: i64 = 86_400_000;

/// Makes a draft.
pub struct Create {
    pub user: UserId,
    pub key: KeyId,
    pub fields: Vec<u8>,
    pub new: NewDraft,
    pub at: Timestamp,
}

#[async_trait]
impl Job for Create {
    type Answer = DraftAt;
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<DraftAt> {
        self.clear(tx, events).await?;
        if let Some(copy) = self.new.copy {
            self.free(tx, copy).await?;
        }
        let (copy, origin) = (self.new.copy, self.new.origin);
        let id: i64 = sql::query_scalar(
            "INSERT INTO draft (user, key, fields, mailbox, uid, origin_mailbox, origin_uid, origin_kind, changed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        )
        .bind(self.user.0)
        .bind(self.key.0)
        .bind(&self.fields)
        .bind(copy.map(|copy| copy.mailbox.0))
        .bind(copy.map(|copy| copy.uid.0))
        .bind(origin.map(|origin| origin.message.mailbox.0))
        .bind(origin.map(|origin| origin.message.uid.0))
        .bind(origin.map(|origin| words::answer_kind(origin.kind)))
        .bind(self.at.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(failed)?;
        let of = copy.into_iter().chain(origin.map(|origin| origin.message));
        traces::begun(tx, DraftId(id), self.key, of).await.map_err(failed)?;
        Ok(DraftAt { id: DraftId(id), version: 1 })
    }
}

impl Create {
    /// Clears away what other clients left, and refuses too many.
    async fn clear(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<()> {
        let sql = "DELETE FROM draft WHERE user = $1 AND changed_at < $2 AND mailbox IS NOT NULL AND NOT EXISTS
                     (SELECT 1 FROM message AS m WHERE m.mailbox = draft.mailbox AND m.uid = draft.uid) RETURNING id";
        let old = self.at.0.saturating_sub(LEFT_MS);
        let query = sql::query_scalar(sql).bind(self.user.0).bind(old);
        let gone: Vec<i64> = query.fetch_all(&mut *tx).await.map_err(failed)?;
        for draft in gone {
            draft_ended(tx, DraftId(draft), self.at, events).await?;
        }
        let sql = "SELECT count(*) FROM draft WHERE user = $1";
        let count: i64 = sql::query_scalar(sql).bind(self.user.0).fetch_one(tx).await.map_err(failed)?;
        if count >= i64::from(DRAFTS_MOST) {
            return Err(StoreError::Invalid(format!("nobody has more than {DRAFTS_MOST} drafts")));
        }
        Ok(())
    }

    /// The copy must be there, his own, and no other draft's.
    async fn free(&self, tx: &mut sql::Here, copy: Lying) -> Result<()> {
        let sql = "SELECT (SELECT id FROM draft WHERE mailbox = $1 AND uid = $2) FROM message AS m
                   JOIN mailbox AS b ON b.id = m.mailbox AND b.user = $3 WHERE m.mailbox = $1 AND m.uid = $2";
        let query = sql::query(sql).bind(copy.mailbox.0).bind(copy.uid.0).bind(self.user.0);
        let found = query.fetch_optional(tx).await.map_err(failed)?;
        match found.map(|row| row.get::<Option<i64>, _>(0)) {
            None => Err(StoreError::NotFound(format!("message {} of mailbox {}", copy.uid, copy.mailbox))),
            Some(Some(draft)) => Err(StoreError::Exists(format!("draft {draft}"))),
            Some(None) => Ok(()),
        }
    }
}

/// Saves what stands in the form.
pub struct Save {
    pub user: UserId,
    pub draft: DraftAt,
    pub fields: Vec<u8>,
    pub at: Timestamp,
}

#[async_trait]
impl Job for Save {
    type Answer = DraftAt;
    async fn run(&self, tx: &mut sql::Here, _: &mut Vec<Event>) -> Result<DraftAt> {
        let DraftAt { id, version } = self.draft;
        let sql = "UPDATE draft SET fields = $3, changed_at = $5, version = version + 1
                   WHERE id = $1 AND user = $2 AND version = $4 AND NOT leaving";
        let query = sql::query(sql).bind(id.0).bind(self.user.0).bind(&self.fields).bind(version).bind(self.at.0);
        if query.execute(&mut *tx).await.map_err(failed)?.rows_affected() > 0 {
            return Ok(DraftAt { id, version: version.saturating_add(1) });
        }
        let sql = "SELECT 1 FROM draft WHERE id = $1 AND user = $2 AND NOT leaving";
        let there: Option<i64> =
            sql::query_scalar(sql).bind(id.0).bind(self.user.0).fetch_optional(tx).await.map_err(failed)?;
        Err(if there.is_some() { conflict(id) } else { not_found(id) })
    }
}

/// Takes a file away.
pub struct Detach {
    pub user: UserId,
    pub draft: DraftId,
    pub attachment: AttachmentId,
    pub at: Timestamp,
}

#[async_trait]
impl Job for Detach {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, _: &mut Vec<Event>) -> Result<()> {
        let sql = "DELETE FROM draft_attachment WHERE id = $1
                   AND draft IN (SELECT id FROM draft WHERE id = $2 AND user = $3 AND NOT leaving)";
        let query = sql::query(sql).bind(self.attachment.0).bind(self.draft.0).bind(self.user.0);
        if query.execute(&mut *tx).await.map_err(failed)?.rows_affected() == 0 {
            return Err(StoreError::NotFound(format!("attachment {} of draft {}", self.attachment, self.draft)));
        }
        touch(tx, self.draft, self.at).await
    }
}

/// Says when a draft was last changed.
pub(crate) async fn touch(tx: &mut sql::Here, draft: DraftId, at: Timestamp) -> Result<()> {
    let sql = "UPDATE draft SET changed_at = $2 WHERE id = $1";
    sql::query(sql).bind(draft.0).bind(at.0).execute(tx).await.map_err(failed)?;
    Ok(())
}

/// Throws a draft away with its copy.
pub struct Discard {
    pub user: UserId,
    pub draft: DraftId,
    pub at: Timestamp,
}

#[async_trait]
impl Job for Discard {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<()> {
        let sql = "DELETE FROM draft WHERE id = $1 AND user = $2 AND NOT leaving RETURNING mailbox, uid";
        let query = sql::query_as(sql).bind(self.draft.0).bind(self.user.0);
        let gone: Option<(Option<i64>, Option<u32>)> = query.fetch_optional(&mut *tx).await.map_err(failed)?;
        let (mailbox, uid) = gone.ok_or_else(|| not_found(self.draft))?;
        if let (Some(mailbox), Some(uid)) = (mailbox, uid) {
            mailbox::take_one(tx, self.user, (mailbox, uid), self.at, events).await?;
        }
        draft_ended(tx, self.draft, self.at, events).await
    }
}
