//! The archive's journal: an entry for every mail, chained per tenant.

use std::collections::BTreeSet;

use ring::digest;
use store::{Event, StoreError};
use types::{Direction, TenantId};

use super::{Known, Ready, RecordInfo, Result, Rows};
use crate::sql::values;

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

pub(super) fn rows(
    postings: &[&Ready],
    records: &[Vec<RecordInfo>],
    known: &mut Known,
    rows: &mut Rows,
    events: &mut Vec<Event>,
) -> Result<()> {
    let mut arrived = BTreeSet::new();
    for (posting, records) in postings.iter().zip(records) {
        for entry in &posting.posting.journal {
            let missing = || StoreError::Invalid(format!("there is no mail {}", entry.mail));
            let record = records.get(entry.mail).ok_or_else(missing)?;
            let tenant = posting.mails.get(entry.mail).ok_or_else(missing)?.tenant.0;
            let (seq, chain) = known.tails.entry(tenant).or_default();
            *seq += 1;
            if entry.direction == Direction::In {
                arrived.insert(tenant);
            }
            let direction = serde_json::to_value(entry.direction)?.as_str().unwrap_or_default().to_owned();
            let envelope = serde_json::to_string(&entry.envelope)?;
            *chain = chain_hash(chain, *seq, entry.at.0, &direction, &envelope, &record.digest);
            rows.journal.push(values![
                tenant,
                *seq,
                entry.at.0,
                record.id.0,
                direction,
                envelope,
                &record.digest,
                &*chain
            ]);
        }
    }
    events.extend(arrived.into_iter().map(|tenant| Event::Arrived { tenant: TenantId(tenant) }));
    Ok(())
}
