//! The ledger of specified personal information: every tenant's chain of hashes from its first entry to its head, that
//! lines say what they said when they were written, and are in the state that their last entry left them in.

use std::collections::HashMap;

use sqlx::{FromRow, SqlitePool};
use store::{LedgerAct, LedgerDocuments, LedgerState, VerifyReport};
use types::{Address, TenantId, Timestamp};

use super::{Result, damage};
use crate::database::failed;
use crate::keys::Keys;
use crate::ledger::{Entry, Facts, LedgerKey, chain_hash, people};
use crate::outgoing::words;

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
    seal: Option<Vec<u8>>,
    of_tenant: Option<i64>,
    since: Option<i64>,
    author: Option<i64>,
    submission: Option<i64>,
    record: Option<i64>,
    kind: Option<String>,
    reference: Option<String>,
    outcome: Option<String>,
    sender: Option<String>,
    recipients: Option<String>,
    people: Option<String>,
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
        if self.act != LedgerAct::Entered.word() {
            return true;
        }
        let said = self.facts();
        let said = said.is_some_and(|facts| [facts.detail(), facts.detail_of_old()].contains(&self.detail));
        let head = (self.of_tenant, self.since, self.author) == (Some(self.tenant), Some(self.at), self.actor);
        said && head && self.people.is_some() && self.people == self.keys()
    }
    fn facts(&self) -> Option<Facts<'_>> {
        Some(Facts {
            record: self.record?,
            kind: self.kind.as_deref()?,
            reference: self.reference.as_deref()?,
            outcome: self.outcome.as_deref()?,
            submission: self.submission,
            sender: self.sender.as_deref(),
            recipients: self.recipients.as_deref()?,
            certain: self.certain?,
            likely: self.likely?,
            rules: self.rules.as_deref()?,
        })
    }
    /// What the line is searched by, if its addresses are any.
    fn keys(&self) -> Option<String> {
        let from = self.sender.as_deref().map(Address::parse).transpose().ok()?;
        let to: Vec<Address> = serde_json::from_str(self.recipients.as_deref()?).ok()?;
        Some(people(from.as_ref(), &to))
    }
}

/// What is known of a tenant's last entry so far.
struct Tail {
    key: LedgerKey,
    seq: i64,
    chain: Vec<u8>,
    seal: Vec<u8>,
}

pub(super) async fn verify(db: &SqlitePool, keys: &Keys, report: &mut VerifyReport) -> Result<()> {
    let sql = "SELECT e.tenant, e.seq, e.line, e.at, e.act, e.actor, e.detail, e.chain, e.seal, l.record, l.kind, l.reference, l.outcome,
                 l.sender, l.recipients, l.people, l.certain, l.likely, l.rules, l.tenant AS of_tenant, l.at AS since,
                 l.author, l.submission
               FROM ledger_entry AS e LEFT JOIN ledger AS l ON l.id = e.line
               WHERE (e.tenant, e.seq) > ($1, $2) ORDER BY e.tenant, e.seq LIMIT $3";
    let mut before = (i64::MIN, i64::MIN);
    let mut tails: HashMap<i64, Tail> = HashMap::new();
    loop {
        let query = sqlx::query_as(sql).bind(before.0).bind(before.1).bind(WINDOW);
        let entries: Vec<Read> = query.fetch_all(db).await.map_err(failed)?;
        let Some(last) = entries.last() else { break };
        before = (last.tenant, last.seq);
        for entry in entries {
            let tail = match tails.entry(entry.tenant) {
                std::collections::hash_map::Entry::Occupied(tail) => tail.into_mut(),
                std::collections::hash_map::Entry::Vacant(empty) => {
                    let key = keys.ledger_key(TenantId(entry.tenant)).await?;
                    empty.insert(Tail { key, seq: 0, chain: Vec::new(), seal: Vec::new() })
                }
            };
            for what in faults(&entry, tail) {
                report.damage.push(damage(format!("ledger of tenant {}, entry {}", entry.tenant, entry.seq), what));
            }
            // an altered entry is named once: what follows is judged by the hash and the seal that stand there
            (tail.seq, tail.chain, tail.seal) = (entry.seq, entry.chain, entry.seal.unwrap_or_default());
        }
    }
    without_entry(db, report).await?;
    at_the_head(db, report).await?;
    sealed_heads(db, keys, report).await?;
    in_other_states(db, report).await
}

fn faults(entry: &Read, tail: &Tail) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if entry.seq != tail.seq + 1 {
        faults.push("the entry before it is missing");
    }
    let seal = tail.key.of_entry(&tail.seal, entry.seq, &entry.chain);
    if entry.seal.as_deref() != Some(seal.as_slice()) {
        faults.push("its seal does not fit: it or the end of the chain before it was written without the key");
    }
    if entry.hash(&tail.chain) != entry.chain {
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

/// Chains that do not end where their head says: entries were cut off at the end, or stand beyond it. One statement, so
/// that an entry that comes meanwhile is seen with its head or not at all.
async fn at_the_head(db: &SqlitePool, report: &mut VerifyReport) -> Result<()> {
    let sql = "SELECT ends.tenant, h.seq, ends.seq, e.chain IS h.chain
               FROM (SELECT tenant, max(seq) AS seq FROM
                       (SELECT tenant, seq FROM ledger_entry UNION ALL SELECT tenant, 0 FROM ledger_head)
                     GROUP BY tenant) AS ends
               LEFT JOIN ledger_head AS h ON h.tenant = ends.tenant
               LEFT JOIN ledger_entry AS e ON e.tenant = h.tenant AND e.seq = h.seq
               WHERE h.seq IS NOT ends.seq OR e.chain IS NOT h.chain";
    let found: Vec<(i64, Option<i64>, i64, bool)> = sqlx::query_as(sql).fetch_all(db).await.map_err(failed)?;
    for (tenant, head, last, _) in found {
        let place = format!("ledger of tenant {tenant}");
        report.damage.push(match head {
            Some(head) if last < head => {
                damage(place, format!("entries {} to {head} were cut off at its end", last + 1))
            }
            Some(head) if last == head => damage(place, format!("its head does not belong to entry {last}")),
            _ => damage(place, format!("entries stand beyond its head: the last one is {last}")),
        });
    }
    Ok(())
}

/// Heads that whoever lacks the key has put where they stand.
async fn sealed_heads(db: &SqlitePool, keys: &Keys, report: &mut VerifyReport) -> Result<()> {
    let sql = "SELECT h.tenant, h.seq, h.seal, e.seal FROM ledger_head AS h
               JOIN ledger_entry AS e ON e.tenant = h.tenant AND e.seq = h.seq";
    type Head = (i64, i64, Option<Vec<u8>>, Option<Vec<u8>>);
    let heads: Vec<Head> = sqlx::query_as(sql).fetch_all(db).await.map_err(failed)?;
    for (tenant, seq, sealed, entry) in heads {
        let seal = keys.ledger_key(TenantId(tenant)).await?.of_head(seq, &entry.unwrap_or_default());
        if sealed != Some(seal) {
            let what = format!("its head stands at entry {seq} without its seal");
            report.damage.push(damage(format!("ledger of tenant {tenant}"), what));
        }
    }
    Ok(())
}

/// What a line is now, and what its entries say of that.
#[derive(FromRow)]
struct Now {
    id: i64,
    state: String,
    acts: String,
    documents: Option<String>,
    stated: Option<i64>,
    due: Option<i64>,
    proposed: bool,
    classified: Option<String>,
}

impl Now {
    fn faults(&self) -> Result<Vec<&'static str>> {
        let acts: Vec<String> = words::json(&self.acts)?;
        let left = LedgerState::after(acts.iter().filter_map(|word| LedgerAct::parse(word)));
        let mut faults = Vec::new();
        if left.word() != self.state {
            faults.push("it is in another state than its last entry left it in");
        }
        let documents = self.documents.clone().map(|kind| LedgerDocuments {
            kind,
            stated: self.stated.map(Timestamp),
            due: self.due.map(Timestamp),
            proposed: self.proposed,
        });
        let told = self.classified.as_deref().map(serde_json::from_str::<Option<LedgerDocuments>>);
        let told = told.transpose().map(Option::flatten);
        let stray = documents.is_none() && (self.stated.is_some() || self.due.is_some() || self.proposed);
        if stray || !told.is_ok_and(|told| told == documents) {
            faults.push("its kind of documents or its day of disposal is another than its last entry says");
        }
        Ok(faults)
    }
}

/// Lines whose state is not the one in which their entries leave them, or whose documents are of another kind than those say. Line and
/// entries are read in one statement, so that what is done meanwhile is seen with both or neither.
async fn in_other_states(db: &SqlitePool, report: &mut VerifyReport) -> Result<()> {
    let sql = "SELECT id, state, documents, stated, due, proposed, (SELECT json_group_array(act) FROM
                   (SELECT act FROM ledger_entry WHERE line = l.id ORDER BY seq)) AS acts,
                 (SELECT detail FROM ledger_entry WHERE line = l.id AND act = 'classified' ORDER BY seq DESC LIMIT 1) AS classified
               FROM ledger AS l WHERE id > $1 ORDER BY id LIMIT $2";
    let mut before = 0;
    loop {
        let query = sqlx::query_as(sql).bind(before).bind(WINDOW);
        let lines: Vec<Now> = query.fetch_all(db).await.map_err(failed)?;
        let Some(last) = lines.last() else { return Ok(()) };
        before = last.id;
        for line in &lines {
            let place = || format!("ledger line {}", line.id);
            report.damage.extend(line.faults()?.into_iter().map(|what| damage(place(), what)));
        }
    }
}
