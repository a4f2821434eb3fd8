//! Lines of the ledger that a posting causes, and acts on mail that is in it. One by one: few mails hold a number.

use store::{Posted, StoreError, SubmissionRef, TextsOf};
use types::KeyId;

use super::{Ready, RecordInfo, Result};
use crate::keys::Keys;
use crate::ledger;
use crate::sql;

/// After the rows of mails and submissions.
pub(super) async fn write(
    tx: &mut sql::Here,
    keys: &Keys,
    postings: &[&Ready],
    records: &[Vec<RecordInfo>],
    posted: &[Posted],
) -> Result<()> {
    for ((posting, records), posted) in postings.iter().zip(records).zip(posted) {
        for new in &posting.posting.ledger {
            let (record, key) = match new.of {
                TextsOf::Record(id) => (id.0, key_of(tx, id.0).await?),
                TextsOf::Mail(place) => {
                    let missing = || StoreError::Invalid(format!("there is no mail {place}"));
                    let record = records.get(place).ok_or_else(missing)?;
                    (record.id.0, record.key)
                }
            };
            let subject = ledger::seal_subject(keys, key, &new.subject).await?;
            let submission = match new.submission {
                None => None,
                Some(SubmissionRef::Known(id)) => Some(id.0),
                Some(SubmissionRef::New(place)) => posted.submissions.get(place).map(|id| id.0),
            };
            ledger::enter(tx, keys, new, (record, &subject), submission).await?;
        }
        for new in &posting.posting.ledger_acts {
            ledger::act_on_record(tx, keys, new).await?;
        }
    }
    Ok(())
}

async fn key_of(tx: &mut sql::Here, record: i64) -> Result<KeyId> {
    let sql = "SELECT key FROM record WHERE id = $1";
    let key: Option<i64> = sql::query_scalar(sql).bind(record).fetch_optional(tx).await?;
    Ok(key.map(KeyId).ok_or_else(|| StoreError::NotFound(format!("record {record}")))?)
}
