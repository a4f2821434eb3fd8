//! The ledger of specified personal information: every tenant's chain of hashes from its first entry, and that lines say
//! what they said when they were written.

use std::collections::HashMap;

use sqlx::{FromRow, SqlitePool};
use store::{LedgerAct, VerifyReport};

use super::{Result, damage};
use crate::database::failed;
use crate::ledger::{Entry, chain_hash, facts};

/// Entries that are read at once.
const WINDOW: i64 = 1_000;

#[derive(FromRow)]
struct Read {
    tenant: i64,
    seq: i64,
    line: i64,
    at: i64,
    act: String,
    actor: Option<i64>,
    detail: String,
    chain: Vec<u8>,
    record: Option<i64>,
    kind: Option<String>,
    reference: Option<String>,
    outcome: Option<String>,
    sender: Option<String>,
    recipients: Option<String>,
    certain: Option<u32>,
    likely: Option<u32>,
    rules: Option<String>,
}

impl Read {
    fn hash(&self, before: &[u8]) -> Vec<u8> {
        let Self { line, at, act, actor, detail, .. } = self;
        chain_hash(before, &Entry { line: *line, at: *at, act, actor: *actor, detail }, self.seq)
    }
    /// Whether the line is there and says what its first entry says.
    fn is_as_entered(&self) -> bool {
        let said = || {
            let head = (self.kind.as_deref()?, self.reference.as_deref()?, self.outcome.as_deref()?);
            let counts = (self.certain?, self.likely?);
            let record = self.record?;
            Some(facts(
                record,
                head,
                self.sender.as_deref(),
                self.recipients.as_deref()?,
                counts,
                self.rules.as_deref()?,
            ))
        };
        self.act != LedgerAct::Entered.word() || said().as_ref() == Some(&self.detail)
    }
}

pub(super) async fn verify(db: &SqlitePool, report: &mut VerifyReport) -> Result<()> {
    let sql = "SELECT e.tenant, e.seq, e.line, e.at, e.act, e.actor, e.detail, e.chain, l.record, l.kind, l.reference, l.outcome,
                 l.sender, l.recipients, l.certain, l.likely, l.rules
               FROM ledger_entry AS e LEFT JOIN ledger AS l ON l.id = e.line
               WHERE (e.tenant, e.seq) > ($1, $2) ORDER BY e.tenant, e.seq LIMIT $3";
    let mut before = (i64::MIN, i64::MIN);
    // the hash of each tenant's last entry
    let mut tails: HashMap<i64, (i64, Vec<u8>)> = HashMap::new();
    loop {
        let query = sqlx::query_as(sql).bind(before.0).bind(before.1).bind(WINDOW);
        let entries: Vec<Read> = query.fetch_all(db).await.map_err(failed)?;
        let Some(last) = entries.last() else { return without_entry(db, report).await };
        before = (last.tenant, last.seq);
        for entry in entries {
            let (seq, chain) = tails.entry(entry.tenant).or_insert((0, Vec::new()));
            for what in faults(&entry, *seq, chain) {
                report.damage.push(damage(format!("ledger of tenant {}, entry {}", entry.tenant, entry.seq), what));
            }
            // an altered entry is named once: what follows is judged by the hash that stands there
            (*seq, *chain) = (entry.seq, entry.chain);
        }
    }
}

fn faults(entry: &Read, seq: i64, chain: &[u8]) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if entry.seq != seq + 1 {
        faults.push("the entry before it is missing");
    }
    if entry.hash(chain) != entry.chain {
        faults.push("the chain of hashes is broken: the entry or the one before it was altered");
    }
    if !entry.is_as_entered() {
        faults.push("its line is missing or was altered");
    }
    faults
}

/// Lines that nothing of the chain speaks of.
async fn without_entry(db: &SqlitePool, report: &mut VerifyReport) -> Result<()> {
    let sql = "SELECT id FROM ledger AS l WHERE NOT EXISTS
                 (SELECT 1 FROM ledger_entry AS e WHERE e.line = l.id AND e.act = 'entered') LIMIT 20";
    let found: Vec<i64> = sqlx::query_scalar(sql).fetch_all(db).await.map_err(failed)?;
    report.damage.extend(found.into_iter().map(|id| damage(format!("ledger line {id}"), "no entry tells of it")));
    Ok(())
}
