//! What drafts leave behind: everything that one was written under, and the mails whose words it holds, since it was sent as them, opened
//! from them or answers them. Whoever disposes of such a mail finds here what else holds its words; what belongs to a draft that is gone
//! is garbage.

use store::{DraftAt, Lying, Placed};
use types::{DraftId, KeyId, RecordId, Timestamp};

use crate::sql;
type Result<T> = std::result::Result<T, sqlx::Error>;

/// Files and copies of the drafts that have to do with mail $1 and have ended. What was sent, or has a line, ends by its own disposal;
/// what is disposed of is so once.
const RECORDS: &str = "SELECT DISTINCT t.record FROM draft_mail AS m JOIN draft_trace AS t ON t.draft = m.draft
    WHERE m.record = $1 AND t.record IS NOT NULL AND t.record <> $1
      AND NOT EXISTS (SELECT 1 FROM draft AS d WHERE d.id = m.draft)
      AND NOT EXISTS (SELECT 1 FROM disposed_record AS e WHERE e.record = t.record)
      AND NOT EXISTS (SELECT 1 FROM submission AS s WHERE s.record = t.record)
      AND NOT EXISTS (SELECT 1 FROM ledger AS l WHERE l.record = t.record) ORDER BY t.record";

/// The keys of what stood in the forms of those drafts are to be destroyed.
const FIELDS: &str = "INSERT INTO disposed_key (key, at) SELECT t.key, $2 FROM draft_mail AS m
    JOIN draft_trace AS t ON t.draft = m.draft
    WHERE m.record = $1 AND t.record IS NULL AND NOT EXISTS (SELECT 1 FROM draft AS d WHERE d.id = m.draft)
    ON CONFLICT DO NOTHING";

/// A draft is begun: its fields stand under this key, and hold words of these messages.
pub(super) async fn begun(
    tx: &mut sql::Here,
    draft: DraftId,
    key: KeyId,
    of: impl Iterator<Item = Lying>,
) -> Result<()> {
    let sql = "INSERT INTO draft_trace (key, draft) VALUES ($1, $2)";
    sql::query(sql).bind(key.0).bind(draft.0).execute(&mut *tx).await?;
    for message in of {
        let sql = "INSERT OR IGNORE INTO draft_mail (record, draft)
                   SELECT record, $1 FROM message WHERE mailbox = $2 AND uid = $3";
        let query = sql::query(sql).bind(draft.0).bind(message.mailbox.0).bind(message.uid.0);
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// A file was attached.
pub(crate) async fn attached(tx: &mut sql::Here, draft: DraftId, record: RecordId) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO draft_trace (key, draft, record) SELECT key, $1, id FROM record WHERE id = $2";
    sql::query(sql).bind(draft.0).bind(record.0).execute(tx).await.map(drop)
}

/// A copy came into Drafts.
pub(crate) async fn copied(tx: &mut sql::Here, draft: DraftId, placed: Placed) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO draft_trace (key, draft, record)
               SELECT r.key, $1, r.id FROM message AS m JOIN record AS r ON r.id = m.record
               WHERE m.mailbox = $2 AND m.uid = $3";
    sql::query(sql).bind(draft.0).bind(placed.mailbox.0).bind(placed.uid.0).execute(tx).await.map(drop)
}

/// The mail that was made of this version is on its way.
pub(crate) async fn sent(tx: &mut sql::Here, draft: DraftAt) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO draft_mail (record, draft) SELECT record, $1 FROM submission WHERE form_key = $2";
    sql::query(sql).bind(draft.id.0).bind(draft.form_key()).execute(tx).await.map(drop)
}

/// What the drafts of a mail left beside it, as far as they have ended.
pub(crate) async fn records_beside(tx: &mut sql::Here, mail: RecordId) -> Result<Vec<RecordId>> {
    let all: Vec<i64> = sql::query_scalar(RECORDS).bind(mail.0).fetch_all(tx).await?;
    Ok(all.into_iter().map(RecordId).collect())
}

/// The forms of those drafts are disposed of.
pub(crate) async fn dispose_of_fields(tx: &mut sql::Here, mail: RecordId, at: Timestamp) -> Result<()> {
    sql::query(FIELDS).bind(mail.0).bind(at.0).execute(tx).await.map(drop)
}

/// The mails whose words this draft holds and that were disposed of.
pub(crate) async fn disposed_mails(tx: &mut sql::Here, draft: DraftId) -> Result<Vec<RecordId>> {
    let sql = "SELECT DISTINCT m.record FROM draft_mail AS m JOIN disposed_record AS d ON d.record = m.record
               WHERE m.draft = $1";
    let all: Vec<i64> = sql::query_scalar(sql).bind(draft.0).fetch_all(tx).await?;
    Ok(all.into_iter().map(RecordId).collect())
}
