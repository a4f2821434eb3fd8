//! Many postings together: what must be known is asked for all, and all rows of a kind are written one behind the other.

mod approvals;
mod arrivals;
mod copies;
mod correspondents;
mod decisions;
mod drafts;
mod handed;
mod journal;
mod known;
mod ledger;
mod links;
mod notes;
mod outgoing;
mod ready;
mod records;
mod replaced;
mod rows;
mod texts;
mod tls;

use store::{Event, Posted, StoreError};

use crate::database;
use crate::keys::Keys;
use crate::mailbox::Added;
use crate::sql;

pub(crate) use journal::chain_hash;
use known::Known;
pub(crate) use ready::Ready;
use records::RecordInfo;
use rows::Rows;

/// Why a group of postings was not written.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// One of them cannot be.
    Refused(StoreError),
    /// A statement failed.
    Database(sqlx::Error),
}

impl From<WriteError> for StoreError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Refused(error) => error,
            WriteError::Database(error) => crate::database::failed(error),
        }
    }
}

impl From<sqlx::Error> for WriteError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}
impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}
impl From<serde_json::Error> for WriteError {
    fn from(error: serde_json::Error) -> Self {
        Self::Refused(StoreError::Engine(error.to_string()))
    }
}

type Result<T> = std::result::Result<T, WriteError>;

/// What is refused, apart from what spoils the whole transaction.
pub(crate) fn refusal<T>(result: Result<T>) -> std::result::Result<std::result::Result<T, StoreError>, sqlx::Error> {
    match result {
        Err(WriteError::Database(error)) if spoils_all(&error) => Err(error),
        Err(WriteError::Database(error)) => Ok(Err(database::failed(error))),
        Err(WriteError::Refused(StoreError::Full)) => Err(database::no_room()),
        Err(WriteError::Refused(error)) => Ok(Err(error)),
        Ok(value) => Ok(Ok(value)),
    }
}

/// Whether nothing of the transaction can be written, whatever else it holds.
fn spoils_all(error: &sqlx::Error) -> bool {
    database::is_fatal(error) || database::is_full(error) || database::is_busy(error)
}

/// What a group of postings has become.
#[derive(Debug)]
pub(crate) struct Written {
    /// Of each posting.
    pub posted: Vec<Posted>,
    /// What came into mailboxes.
    pub added: Vec<Added>,
}

/// Writes a group of postings. After an error the caller rolls back.
pub(crate) async fn write(
    tx: &mut sql::Here,
    keys: &Keys,
    postings: &[&Ready],
    events: &mut Vec<Event>,
) -> Result<Written> {
    let mut known = Known::ask(tx, postings).await?;
    decisions::write(tx, keys, postings, events).await?;
    arrivals::write(tx, postings).await?;
    for reminded in postings.iter().flat_map(|posting| &posting.posting.incidents_reminded) {
        crate::incidents::reminded(tx, reminded).await?;
    }
    copies::make_mailboxes(tx, postings, &mut known, events).await?;
    let mut rows = Rows::default();
    let mut posted = vec![Posted::default(); postings.len()];
    let records = records::rows(keys, postings, &mut known, &mut rows).await?;
    for ((posted, records), posting) in posted.iter_mut().zip(&records).zip(postings) {
        posted.records = records.iter().take(posting.own_mails()).map(|record| record.id).collect();
    }
    copies::rows(postings, &records, &mut known, &mut rows, &mut posted, events)?;
    journal::rows(postings, &records, &mut known, &mut rows, events)?;
    outgoing::rows(postings, &records, &mut known, &mut rows, &mut posted, events)?;
    correspondents::rows(postings, &mut rows)?;
    let (made, told) = (std::mem::take(&mut rows.links), std::mem::take(&mut rows.notes));
    rows.write(tx).await?;
    replaced::write(tx, postings, events).await?;
    texts::write(tx, postings, &records, &known).await?;
    links::write(tx, &made).await?;
    notes::write(tx, &told).await?;
    links::uploads(tx, postings, &records).await?;
    links::reminded(tx, postings).await?;
    links::renewed(tx, postings).await?;
    ledger::write(tx, keys, postings, &records, &posted).await?;
    handed::write(tx, postings, events).await?;
    drafts::write(tx, postings, &records, &mut posted, events).await?;
    Ok(Written { posted, added: known.targets.added() })
}

/// Runs a statement whose one argument is an array of rows; nothing when there are none.
async fn change<R: serde::Serialize>(tx: &mut sql::Here, sql: &'static str, rows: &[R]) -> Result<()> {
    if !rows.is_empty() {
        sql::query(sql).bind(serde_json::to_string(rows)?).execute(tx).await?;
    }
    Ok(())
}
