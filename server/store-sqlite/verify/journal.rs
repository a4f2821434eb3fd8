//! The archive's journal: every tenant's chain of hashes from its first entry, and that entries name the bytes that
//! their records have.

use std::collections::HashMap;

use sqlx::{FromRow, SqlitePool};
use store::VerifyReport;

use super::{Result, damage};
use crate::database::failed;
use crate::posting::chain_hash;

/// Entries that are read at once.
const WINDOW: i64 = 1_000;

#[derive(FromRow)]
struct Entry {
    tenant: i64,
    seq: i64,
    at: i64,
    direction: String,
    envelope: String,
    digest: Vec<u8>,
    chain: Vec<u8>,
    record_digest: Option<Vec<u8>>,
}

pub(super) async fn verify(db: &SqlitePool, report: &mut VerifyReport) -> Result<()> {
    let sql = "SELECT j.tenant, j.seq, j.at, j.direction, j.envelope, j.digest, j.chain, r.digest AS record_digest
               FROM journal AS j LEFT JOIN record AS r ON r.id = j.record
               WHERE (j.tenant, j.seq) > ($1, $2) ORDER BY j.tenant, j.seq LIMIT $3";
    let mut before = (i64::MIN, i64::MIN);
    // the hash of each tenant's last entry
    let mut tails: HashMap<i64, (i64, Vec<u8>)> = HashMap::new();
    loop {
        let query = sqlx::query_as(sql).bind(before.0).bind(before.1).bind(WINDOW);
        let entries: Vec<Entry> = query.fetch_all(db).await.map_err(failed)?;
        let Some(last) = entries.last() else { return Ok(()) };
        before = (last.tenant, last.seq);
        report.journal += entries.len() as u64;
        for entry in entries {
            let (seq, chain) = tails.entry(entry.tenant).or_insert((0, Vec::new()));
            for what in faults(&entry, *seq, chain) {
                report.damage.push(damage(format!("journal of tenant {}, entry {}", entry.tenant, entry.seq), what));
            }
            // an altered entry is named once: what follows is judged by the hash that stands there
            (*seq, *chain) = (entry.seq, entry.chain);
        }
    }
}

fn faults(entry: &Entry, seq: i64, chain: &[u8]) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if entry.seq != seq + 1 {
        faults.push("the entry before it is missing");
    }
    let hash = chain_hash(chain, entry.seq, entry.at, &entry.direction, &entry.envelope, &entry.digest);
    if hash != entry.chain {
        faults.push("the chain of hashes is broken: the entry or the one before it was altered");
    }
    match &entry.record_digest {
        None => faults.push("its record is missing"),
        Some(digest) if *digest != entry.digest => faults.push("its record has other bytes"),
        Some(_) => {}
    }
    faults
}
