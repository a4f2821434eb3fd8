//! Lines of the ledger that a posting causes, and acts on mail that is in it. One by one: few mails hold a number.

use sqlx::SqliteConnection;
use store::{Posted, StoreError, SubmissionRef, TextsOf};

use super::{Ready, RecordInfo, Result};
use crate::ledger;

/// Whether any posting writes into the ledger.
pub(super) fn is_written(postings: &[&Ready]) -> bool {
    postings.iter().any(|posting| !posting.posting.ledger.is_empty() || !posting.posting.ledger_acts.is_empty())
}

/// After the rows of mails and submissions.
pub(super) async fn write(
    tx: &mut SqliteConnection,
    postings: &[&Ready],
    records: &[Vec<RecordInfo>],
    posted: &[Posted],
) -> Result<()> {
    for ((posting, records), posted) in postings.iter().zip(records).zip(posted) {
        for new in &posting.posting.ledger {
            let record = match new.of {
                TextsOf::Record(id) => id.0,
                TextsOf::Mail(place) => {
                    let missing = || StoreError::Invalid(format!("there is no mail {place}"));
                    records.get(place).ok_or_else(missing)?.id.0
                }
            };
            let submission = match new.submission {
                None => None,
                Some(SubmissionRef::Known(id)) => Some(id.0),
                Some(SubmissionRef::New(place)) => posted.submissions.get(place).map(|id| id.0),
            };
            ledger::enter(tx, new, record, submission).await?;
        }
        for new in &posting.posting.ledger_acts {
            ledger::act_on_record(tx, new).await?;
        }
    }
    Ok(())
}
