//! The archive's journal: an entry for every mail, chained per tenant.

use std::collections::{BTreeSet, HashMap};

use ring::digest;
use sqlx::{Row as _, SqliteConnection};
use store::{NewJournal, StoreError};
use types::TenantId;

use super::{Ready, RecordInfo, Result, insert};
use crate::database::hex;

/// The hash of an entry: SHA-256 over the hash before it and every field, each with its length, so that no two
/// different entries are the same bytes.
pub(crate) fn chain_hash(
    before: &[u8],
    seq: i64,
    at: i64,
    direction: &str,
    envelope: &str,
    digest_of_bytes: &[u8],
) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    for field in
        [before, &seq.to_be_bytes(), &at.to_be_bytes(), direction.as_bytes(), envelope.as_bytes(), digest_of_bytes]
    {
        context.update(&(field.len() as u64).to_be_bytes());
        context.update(field);
    }
    context.finish().as_ref().to_vec()
}

pub(super) async fn write(tx: &mut SqliteConnection, postings: &[&Ready], records: &[Vec<RecordInfo>]) -> Result<()> {
    let mut entries: Vec<(TenantId, &NewJournal, &RecordInfo)> = Vec::new();
    for (posting, records) in postings.iter().zip(records) {
        for entry in &posting.posting.journal {
            let missing = || StoreError::Invalid(format!("there is no mail {}", entry.mail));
            let record = records.get(entry.mail).ok_or_else(missing)?;
            let mail = posting.mails.get(entry.mail).ok_or_else(missing)?;
            entries.push((mail.tenant, entry, record));
        }
    }
    if entries.is_empty() {
        return Ok(());
    }
    let mut tails = tails(tx, entries.iter().map(|(tenant, ..)| tenant.0).collect()).await?;
    let mut rows = Vec::with_capacity(entries.len());
    for (tenant, entry, record) in entries {
        let (seq, chain) = tails.entry(tenant.0).or_insert((0, Vec::new()));
        *seq += 1;
        let direction = serde_json::to_value(entry.direction)?.as_str().unwrap_or_default().to_owned();
        let envelope = serde_json::to_string(&entry.envelope)?;
        *chain = chain_hash(chain, *seq, entry.at.0, &direction, &envelope, &record.digest);
        rows.push(((tenant.0, *seq, entry.at.0, record.id.0), (direction, envelope, hex(&record.digest), hex(chain))));
    }
    insert(
        tx,
        "INSERT INTO journal (tenant, seq, at, record, direction, envelope, digest, chain) \
         SELECT value->>'$[0][0]', value->>'$[0][1]', value->>'$[0][2]', value->>'$[0][3]', \
         value->>'$[1][0]', value->>'$[1][1]', unhex(value->>'$[1][2]'), unhex(value->>'$[1][3]') FROM json_each($1)",
        &rows,
    )
    .await
}

/// The last entry of each tenant.
async fn tails(tx: &mut SqliteConnection, tenants: BTreeSet<i64>) -> Result<HashMap<i64, (i64, Vec<u8>)>> {
    let rows = sqlx::query(
        "SELECT tenant, seq, chain FROM journal WHERE (tenant, seq) IN (SELECT value, \
         (SELECT max(seq) FROM journal WHERE tenant = value) FROM json_each($1))",
    )
    .bind(serde_json::to_string(&tenants)?)
    .fetch_all(tx)
    .await?;
    Ok(rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect())
}
