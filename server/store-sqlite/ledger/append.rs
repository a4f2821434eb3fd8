//! What is written into the ledger, inside the transaction of what it tells of. Lines and entries are only added; a
//! line's state alone follows its last entry.

use ring::digest;
use serde_json::json;
use store::{Decision, LedgerAct, LedgerState, NewConsent, NewLedgerAct, NewLedgerLine, ParcelState, Posting};
use types::{Address, LinkId, ParcelId, TenantId, Timestamp, UserId};

use super::LedgerKey;
use crate::keys::Keys;
use crate::posting::WriteError;
use crate::sql;

type Result<T> = std::result::Result<T, WriteError>;

/// The hash of an entry: SHA-256 over the hash before it and every field, each with its length, so that no two
/// different entries are the same bytes.
pub(crate) fn chain_hash(before: &[u8], entry: &Entry<'_>, seq: i64) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    let actor = entry.actor.map(i64::to_be_bytes);
    let actor: &[u8] = actor.as_ref().map_or(&[], |bytes| bytes.as_slice());
    let (seq, line, at) = (seq.to_be_bytes(), entry.line.to_be_bytes(), entry.at.to_be_bytes());
    for field in [before, &seq, &line, &at, entry.act.as_bytes(), actor, entry.detail.as_bytes()] {
        context.update(&(field.len() as u64).to_be_bytes());
        context.update(field);
    }
    context.finish().as_ref().to_vec()
}

/// An entry without its place in the chain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub line: i64,
    pub at: i64,
    pub act: &'a str,
    pub actor: Option<i64>,
    pub detail: &'a str,
}

/// What a line says, as the detail of its first entry: `verify` finds a line that was altered since. The subject is not
/// in it, since it goes with the mail; its moment, company and author are those of the entry.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub record: i64,
    pub kind: &'a str,
    pub reference: &'a str,
    pub outcome: &'a str,
    pub submission: Option<i64>,
    pub sender: Option<&'a str>,
    pub recipients: &'a str,
    pub certain: u32,
    pub likely: u32,
    pub rules: &'a str,
}

impl Facts<'_> {
    /// As the first entry has it.
    pub fn detail(&self) -> String {
        let mut facts = self.json();
        facts["submission"] = json!(self.submission);
        facts.to_string()
    }
    /// As entries had it before migration 0030: the submission was not in it.
    pub fn detail_of_old(&self) -> String {
        self.json().to_string()
    }
    fn json(&self) -> serde_json::Value {
        json!({
            "record": self.record, "kind": self.kind, "reference": self.reference, "outcome": self.outcome,
            "from": self.sender, "to": self.recipients, "certain": self.certain, "likely": self.likely,
            "rules": self.rules,
        })
    }
}

/// What a line is searched by: the keys of all its addresses.
pub(crate) fn people(from: Option<&Address>, to: &[Address]) -> String {
    from.into_iter().chain(to).map(Address::key).collect::<Vec<_>>().join(" ")
}

/// Writes a line of the mail `record` with its first entry, the subject sealed under its key; its number.
pub(crate) async fn enter(
    tx: &mut sql::Here,
    keys: &Keys,
    new: &NewLedgerLine,
    (record, sealed_subject): (i64, &[u8]),
    submission: Option<i64>,
) -> Result<i64> {
    let sender = new.from.as_ref().map(ToString::to_string);
    let (recipients, rules) = (json!(new.to).to_string(), json!(new.rules).to_string());
    let reference = new.reference.to_string();
    let people = people(new.from.as_ref(), &new.to);
    let sql = "INSERT INTO ledger (tenant, record, at, kind, reference, submission, author, sender, recipients, people,
                 sealed_subject, subject, certain, likely, rules, outcome, state)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12, $13, $14, $15, $16) RETURNING id";
    let query = sql::query_scalar(sql).bind(new.tenant.0).bind(record).bind(new.at.0).bind(new.kind.word());
    let query = query.bind(&reference).bind(submission).bind(new.author.map(|user| user.0)).bind(&sender);
    let query = query.bind(&recipients).bind(people).bind(sealed_subject).bind(new.certain).bind(new.likely);
    let query = query.bind(&rules).bind(&new.outcome).bind(LedgerState::Kept.word());
    let line: i64 = query.fetch_one(&mut *tx).await?;
    let sql = "INSERT OR IGNORE INTO ledger_number (line, fingerprint) SELECT $1, value FROM json_each($2)";
    sql::query(sql).bind(line).bind(json!(new.fingerprints).to_string()).execute(&mut *tx).await?;
    let facts = Facts {
        record,
        kind: new.kind.word(),
        reference: &reference,
        outcome: &new.outcome,
        submission,
        sender: sender.as_deref(),
        recipients: &recipients,
        certain: new.certain,
        likely: new.likely,
        rules: &rules,
    };
    let detail = facts.detail();
    let actor = new.author.map(|user| user.0);
    let entry = Entry { line, at: new.at.0, act: LedgerAct::Entered.word(), actor, detail: &detail };
    append(tx, keys, new.tenant.0, &entry).await?;
    if let Some(documents) = &new.documents {
        super::classify::write(tx, keys, (new.tenant.0, line), Some(documents), (None, new.at)).await?;
    }
    Ok(line)
}

/// The end of a company's chain, behind which the next entry goes.
#[derive(Default)]
struct Head {
    seq: i64,
    chain: Vec<u8>,
    /// The seal of its entry; empty where there is none, or where the head is not sealed as it should be: the next entry then does not fit
    /// what `verify` finds before it, for good.
    seal: Vec<u8>,
}

async fn head(tx: &mut sql::Here, key: &LedgerKey, tenant: i64) -> Result<Head> {
    let sql = "SELECT h.seq, h.chain, h.seal, e.seal FROM ledger_head AS h
               LEFT JOIN ledger_entry AS e ON e.tenant = h.tenant AND e.seq = h.seq WHERE h.tenant = $1";
    let Some(row) = sql::query(sql).bind(tenant).fetch_optional(tx).await? else { return Ok(Head::default()) };
    let (seq, sealed): (i64, Option<Vec<u8>>) = (row.get(0), row.get(2));
    let seal: Vec<u8> = row.get::<Option<Vec<u8>>, _>(3).unwrap_or_default();
    let fits = sealed.is_some_and(|sealed| sealed == key.of_head(seq, &seal));
    Ok(Head { seq, chain: row.get(1), seal: if fits { seal } else { Vec::new() } })
}

/// Adds an entry behind the head of the company's chain, not behind its last row: where entries were cut off, the gap
/// stays for `verify` to find.
async fn append(tx: &mut sql::Here, keys: &Keys, tenant: i64, entry: &Entry<'_>) -> Result<()> {
    let key = keys.ledger_key(TenantId(tenant)).await?;
    let head = head(tx, &key, tenant).await?;
    let seq = head.seq + 1;
    let chain = chain_hash(&head.chain, entry, seq);
    let seal = key.of_entry(&head.seal, seq, &chain);
    let sql = "INSERT INTO ledger_entry (tenant, seq, line, at, act, actor, detail, chain, seal)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let query = sql::query(sql).bind(tenant).bind(seq).bind(entry.line).bind(entry.at).bind(entry.act);
    let query = query.bind(entry.actor).bind(entry.detail).bind(&chain).bind(&seal);
    query.execute(&mut *tx).await?;
    let sql = "INSERT INTO ledger_head (tenant, seq, chain, seal) VALUES ($1, $2, $3, $4)
               ON CONFLICT (tenant) DO UPDATE SET seq = excluded.seq, chain = excluded.chain, seal = excluded.seal";
    let query = sql::query(sql).bind(tenant).bind(seq).bind(chain).bind(key.of_head(seq, &seal));
    query.execute(tx).await?;
    Ok(())
}

/// Writes what was done to the mail of one line.
pub(crate) async fn act(
    tx: &mut sql::Here,
    keys: &Keys,
    (tenant, line): (i64, i64),
    (act, detail): (LedgerAct, &str),
    (actor, at): (Option<UserId>, Timestamp),
) -> Result<()> {
    let entry = Entry { line, at: at.0, act: act.word(), actor: actor.map(|user| user.0), detail };
    append(tx, keys, tenant, &entry).await?;
    let sql = "SELECT act FROM ledger_entry WHERE line = $1 ORDER BY seq";
    let acts: Vec<String> = sql::query_scalar(sql).bind(line).fetch_all(&mut *tx).await?;
    let state = LedgerState::after(acts.iter().filter_map(|word| LedgerAct::parse(word)));
    let sql = "UPDATE ledger SET state = $2 WHERE id = $1 AND state <> $2";
    sql::query(sql).bind(line).bind(state.word()).execute(tx).await?;
    Ok(())
}

/// Writes it under every line of the mail; how many there are.
pub(crate) async fn act_on_record(tx: &mut sql::Here, keys: &Keys, new: &NewLedgerAct) -> Result<usize> {
    let sql = "SELECT tenant, id FROM ledger WHERE record = $1 ORDER BY id";
    let lines: Vec<(i64, i64)> = sql::query_as(sql).bind(new.record.0).fetch_all(&mut *tx).await?;
    for line in &lines {
        act(tx, keys, *line, (new.act, &new.detail), (new.actor, new.at)).await?;
    }
    Ok(lines.len())
}

/// Writes that the recipient of a link took something of the mail.
pub(crate) async fn downloaded(tx: &mut sql::Here, keys: &Keys, link: LinkId, at: Timestamp) -> Result<()> {
    let sql = "SELECT s.record, k.recipient FROM link AS k JOIN submission AS s ON s.id = k.submission WHERE k.id = $1";
    let found: Option<(i64, String)> = sql::query_as(sql).bind(link.0).fetch_optional(&mut *tx).await?;
    let Some((record, recipient)) = found else { return Ok(()) };
    let (record, act) = (types::RecordId(record), LedgerAct::Downloaded);
    act_on_record(tx, keys, &NewLedgerAct { record, at, act, actor: None, detail: recipient }).await.map(drop)
}

/// What a decision about a parcel is for the ledger.
fn act_of(decision: &Decision) -> Option<LedgerAct> {
    Some(match (decision.expect, decision.to) {
        (ParcelState::Held, ParcelState::Released) if decision.by_deadline => LedgerAct::SentAtDeadline,
        (ParcelState::Held, ParcelState::Released | ParcelState::Waiting) => LedgerAct::Approved,
        (_, ParcelState::Released) => LedgerAct::Released,
        (_, ParcelState::Returned) => LedgerAct::Returned,
        (_, ParcelState::Rejected) => LedgerAct::Rejected,
        (_, ParcelState::Expired) => LedgerAct::Expired,
        (_, ParcelState::Withdrawn) => LedgerAct::Withdrawn,
        _ => return None,
    })
}

/// What somebody, or a deadline, did to a parcel.
pub(crate) struct Done {
    parcel: ParcelId,
    act: LedgerAct,
    by: Option<UserId>,
    at: Timestamp,
}

/// What decisions, and approvals that are followed by others, are for the ledger.
pub(crate) fn done(posting: &Posting) -> Vec<Done> {
    // the last approval comes with the decision that it causes
    let decided = |consent: &&NewConsent| posting.decisions.iter().any(|decision| decision.parcel == consent.parcel);
    let consents = posting.consents.iter().filter(|consent| !decided(consent));
    let consents = consents.map(|NewConsent { parcel, by, at, .. }| {
        let (parcel, at) = (*parcel, *at);
        Done { parcel, act: LedgerAct::Approved, by: Some(*by), at }
    });
    let decisions = posting.decisions.iter().filter_map(|decision| {
        let Decision { parcel, by, at, .. } = *decision;
        act_of(decision).map(|act| Done { parcel, act, by, at })
    });
    consents.chain(decisions).collect()
}

/// Writes what was done to parcels under the line of their submission.
pub(crate) async fn decided(tx: &mut sql::Here, keys: &Keys, done: &[Done]) -> Result<()> {
    let parcels: Vec<i64> = done.iter().map(|done| done.parcel.0).collect();
    if parcels.is_empty() {
        return Ok(());
    }
    let sql = "SELECT of.key, l.tenant, l.id FROM json_each($1) AS of JOIN parcel AS p ON p.id = of.value
               JOIN submission AS s ON s.id = p.submission JOIN ledger AS l ON l.record = s.record AND l.submission = s.id
               ORDER BY of.key, l.id";
    let lines: Vec<(i64, i64, i64)> = sql::query_as(sql).bind(json!(parcels).to_string()).fetch_all(&mut *tx).await?;
    for (place, tenant, line) in lines {
        let Some(done) = usize::try_from(place).ok().and_then(|place| done.get(place)) else { continue };
        act(tx, keys, (tenant, line), (done.act, ""), (done.by, done.at)).await?;
    }
    Ok(())
}
