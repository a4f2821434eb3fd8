//! Drafts as they are read.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};
use store::{AttachmentRow, DRAFTS_MOST, DraftAt, DraftHead, DraftOrigin, DraftRow, Lying, StoreError};
use types::{AttachmentId, DraftId, KeyId, MailboxId, RecordId, Timestamp, Uid, UserId};

use super::{COLUMN, Result, not_found};
use crate::database::failed;
use crate::keys::Keys;
use crate::outgoing::words;

/// The columns of [`head`].
macro_rules! head_columns {
    () => {
        "id, version, mailbox, uid, changed_at"
    };
}

fn head(row: &SqliteRow) -> DraftHead {
    DraftHead {
        at: DraftAt { id: DraftId(row.get(0)), version: row.get(1) },
        copy: lying(row.get(2), row.get(3)),
        changed_at: Timestamp(row.get(4)),
    }
}

fn lying(mailbox: Option<i64>, uid: Option<u32>) -> Option<Lying> {
    Some(Lying { mailbox: MailboxId(mailbox?), uid: Uid(uid?) })
}

/// A draft with its files, in two snapshots: a file that comes in between is in the second.
pub(super) async fn draft(db: &SqlitePool, keys: &Keys, user: UserId, draft: DraftId) -> Result<DraftRow> {
    let row = sqlx::query(concat!(
        "SELECT ",
        head_columns!(),
        ", origin_mailbox, origin_uid, origin_kind, key, fields FROM draft \
         WHERE id = $1 AND user = $2 AND NOT leaving"
    ))
    .bind(draft.0)
    .bind(user.0)
    .fetch_optional(db)
    .await
    .map_err(failed)?
    .ok_or_else(|| not_found(draft))?;
    let kind: Option<String> = row.get(7);
    let origin = match (lying(row.get(5), row.get(6)), kind) {
        (Some(message), Some(kind)) => Some(DraftOrigin { message, kind: words::read(kind)? }),
        _ => None,
    };
    let fields = keys.get(KeyId(row.get(8))).await?.open_column(COLUMN, &row.get::<Vec<u8>, _>(9))?;
    Ok(DraftRow { head: head(&row), fields, attachments: attachments(db, keys, draft).await?, origin })
}

async fn attachments(db: &SqlitePool, keys: &Keys, draft: DraftId) -> Result<Vec<AttachmentRow>> {
    let rows = sqlx::query(
        "SELECT a.id, r.id, r.size, r.key, r.summary FROM draft_attachment AS a JOIN record AS r ON r.id = a.record \
         WHERE a.draft = $1 ORDER BY a.id",
    )
    .bind(draft.0)
    .fetch_all(db)
    .await
    .map_err(failed)?;
    keys.fetch(rows.iter().map(|row| KeyId(row.get(3)))).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let sealed: Vec<u8> = row.get(4);
        let about = keys.get(KeyId(row.get(3))).await?.open_column("summary", &sealed)?;
        let about: (String, String) =
            serde_json::from_slice(&about).map_err(|_| StoreError::Damaged("the name of an attachment".into()))?;
        found.push(AttachmentRow {
            id: AttachmentId(row.get(0)),
            name: about.0,
            media_type: about.1,
            size: u64::try_from(row.get::<i64, _>(2)).unwrap_or(0),
            record: RecordId(row.get(1)),
        });
    }
    Ok(found)
}

pub(super) async fn of_copy(db: &SqlitePool, user: UserId, copy: Lying) -> Result<Option<DraftId>> {
    let sql = "SELECT id FROM draft WHERE mailbox = $1 AND uid = $2 AND user = $3";
    let query = sqlx::query_scalar(sql).bind(copy.mailbox.0).bind(copy.uid.0).bind(user.0);
    Ok(query.fetch_optional(db).await.map_err(failed)?.map(DraftId))
}

pub(super) async fn heads(db: &SqlitePool, user: UserId) -> Result<Vec<DraftHead>> {
    let sql = concat!(
        "SELECT ",
        head_columns!(),
        " FROM draft WHERE user = $1 AND NOT leaving ORDER BY changed_at DESC, id DESC LIMIT $2"
    );
    let rows = sqlx::query(sql).bind(user.0).bind(DRAFTS_MOST).fetch_all(db).await.map_err(failed)?;
    Ok(rows.iter().map(head).collect())
}

/// The key that seals a draft's fields.
pub(super) async fn key(db: &SqlitePool, user: UserId, draft: DraftId) -> Result<KeyId> {
    let sql = "SELECT key FROM draft WHERE id = $1 AND user = $2 AND NOT leaving";
    let key = sqlx::query_scalar(sql).bind(draft.0).bind(user.0).fetch_optional(db).await.map_err(failed)?;
    key.map(KeyId).ok_or_else(|| not_found(draft))
}
