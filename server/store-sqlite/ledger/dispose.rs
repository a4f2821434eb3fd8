//! The disposal of a mail: every row that holds something of it is cleared in one transaction, which also writes down
//! which key is to be destroyed; then the key goes, last, and without it the stored bytes mean nothing. Where the process ends
//! in between, the next start destroys the key.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use serde_json::{Value, json};
use store::{
    Disposal, DisposalStep, Disposed, Event, LedgerAct, LedgerDocuments, LedgerDue, LedgerState, NewLedgerAct,
    SeenLine, StoreError,
};
use types::{DraftId, KeyId, LedgerId, RecordId, Timestamp, UserId};

use super::append;
use crate::SqliteEngine;
use crate::checkpoint;
use crate::database::{failed, hex};
use crate::drafts::traces;
use crate::keys::Keys;
use crate::mailbox;
use crate::sql;
use crate::writer::{Job, Lane};

type Result<T> = std::result::Result<T, StoreError>;

/// The rows of a disposal that is confirmed. What is cut down or deleted is overwritten in the file, since headers of copies,
/// what the review said, what approvers wrote and what other servers answered stand there in plain form; of the timeline stays what happened,
/// to whom a part went, and how it was kept from others on the way (what stands behind the last bracket). Texts, variants, notes of passwords and what gave way to them stand under the same key. Params: 1 the record, 2 the moment.
const CLEAR: &str = "
    INSERT INTO disposed_key (key, at) SELECT key, $2 FROM record WHERE id = $1 ON CONFLICT DO NOTHING;
    UPDATE record SET summary = x'' WHERE id = $1 OR id IN (SELECT texts FROM kept_texts WHERE record = $1);
    DELETE FROM inline_record WHERE record = $1 OR record IN (SELECT texts FROM kept_texts WHERE record = $1)
      OR record IN (SELECT v.record FROM submission AS s JOIN parcel AS p ON p.submission = s.id
                    JOIN variant AS v ON v.parcel = p.id WHERE s.record = $1 AND v.record IS NOT NULL)
      OR record IN (SELECT n.record FROM submission AS s JOIN parcel AS p ON p.submission = s.id
                    JOIN password_note AS n ON n.parcel = p.id WHERE s.record = $1);
    DELETE FROM kept_texts WHERE record = $1;
    UPDATE variant SET prefix = x'' WHERE parcel IN
      (SELECT p.id FROM submission AS s JOIN parcel AS p ON p.submission = s.id WHERE s.record = $1);
    UPDATE submission SET prefix = x'', verdict = '{}', join_key = '', reply = NULL WHERE record = $1;
    UPDATE approval SET comment = CASE WHEN comment IS NOT NULL THEN '' END, message = '' WHERE parcel IN
      (SELECT p.id FROM submission AS s JOIN parcel AS p ON p.submission = s.id WHERE s.record = $1);
    UPDATE consent SET comment = '' WHERE parcel IN
      (SELECT p.id FROM submission AS s JOIN parcel AS p ON p.submission = s.id WHERE s.record = $1);
    UPDATE queue SET last_answer = '' WHERE parcel IN
      (SELECT p.id FROM submission AS s JOIN parcel AS p ON p.submission = s.id WHERE s.record = $1);
    UPDATE trail SET detail = CASE
        WHEN event IN ('parcel.zipped', 'parcel.copied', 'parcel.password_mailed') THEN detail
        WHEN event = 'queue.delivered' AND (detail LIKE '% [no TLS]' OR detail LIKE '% [TLS1._ % proved its name]'
            OR detail LIKE '% [TLS1._ %, name not proved]')
          THEN substr(detail, 1, instr(detail, ': ') + 1) || substr(detail, length(rtrim(detail, replace(detail, '[', ''))))
        WHEN event LIKE 'queue.%' THEN substr(detail, 1, instr(detail, ': ') - 1) ELSE '' END
      WHERE submission IN (SELECT id FROM submission WHERE record = $1);
    UPDATE link SET stopped = coalesce(stopped, $2), code = NULL, password = NULL
      WHERE submission IN (SELECT id FROM submission WHERE record = $1);
    UPDATE ledger SET subject = '', sealed_subject = NULL WHERE record = $1;
    DELETE FROM ledger_number WHERE line IN (SELECT id FROM ledger WHERE record = $1);
    INSERT INTO disposed_record (tenant, record) SELECT tenant, id FROM record WHERE id = $1";

/// Whether something of it still waits to be reviewed, decided or delivered.
const UNDER_WAY: &str = "SELECT EXISTS (SELECT 1 FROM submission AS s WHERE s.record = $1 AND
      (s.state IN ('new', 'reviewing') OR EXISTS (SELECT 1 FROM parcel AS p WHERE p.submission = s.id AND
        (p.state IN ('held', 'waiting') OR EXISTS
          (SELECT 1 FROM queue AS q WHERE q.parcel = p.id AND q.state IN ('waiting', 'held'))))))";

/// Whether an incident about one of its lines is not over: what a report is still made of goes by no rule.
const IN_INCIDENT: &str = "SELECT EXISTS (SELECT 1 FROM ledger AS l JOIN incident_line AS i ON i.line = l.id
      JOIN incident AS c ON c.id = i.incident WHERE l.record = $1 AND c.state <> 'closed')";

/// What there is of a mail beside its copies: digest of its stored bytes, whether texts are kept, variants, links, and whether it is known
/// what the drafts left that it was written in (of those that ended before there were traces it is not).
const PLACES: &str = "SELECT r.digest, EXISTS (SELECT 1 FROM kept_texts AS k WHERE k.record = r.id),
      (SELECT count(*) FROM submission AS s JOIN parcel AS p ON p.submission = s.id JOIN variant AS v ON v.parcel = p.id
       WHERE s.record = r.id),
      (SELECT count(*) FROM submission AS s JOIN link AS k ON k.submission = s.id WHERE s.record = r.id),
      NOT EXISTS (SELECT 1 FROM submission AS s WHERE s.record = r.id AND s.draft IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM draft_trace AS t WHERE t.draft = s.draft))
    FROM record AS r WHERE r.id = $1";

struct Step(Disposal, Arc<Keys>);

/// The mail of a line, as the step finds it.
struct Found {
    record: RecordId,
    reference: String,
    state: LedgerState,
    documents: Option<LedgerDocuments>,
}

/// Who asked, when, and with what words.
struct Asked {
    by: Option<UserId>,
    at: i64,
    said: Value,
}

#[async_trait]
impl Job for Step {
    type Answer = Disposed;
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<Disposed> {
        let found = self.found(tx).await?;
        let resting = matches!(found.state, LedgerState::Kept | LedgerState::HandedOver);
        let fits = match &self.0.step {
            DisposalStep::Ask { .. } => resting,
            // people need a second person
            DisposalStep::ByRule { due, seen, .. } => {
                resting && self.0.by.is_none() && is_due(tx, found.record, due, seen).await?
            }
            DisposalStep::Refuse | DisposalStep::Confirm { .. } => found.state == LedgerState::DisposalAsked,
        };
        if !fits {
            return Ok(Disposed::OtherState(found.state));
        }
        if self.0.step != DisposalStep::Refuse && is_under_way(tx, found.record).await? {
            return Ok(Disposed::UnderWay);
        }
        if matches!(self.0.step, DisposalStep::ByRule { .. }) && is_in_incident(tx, found.record).await? {
            return Ok(Disposed::UnderWay);
        }
        let (act, detail, event) = match &self.0.step {
            DisposalStep::Ask { documents, reason } => {
                let said = json!({ "documents": documents, "reason": reason });
                (LedgerAct::DisposalAsked, said, "ledger.disposal_asked")
            }
            DisposalStep::Refuse => (LedgerAct::DisposalRefused, json!({}), "ledger.disposal_refused"),
            DisposalStep::Confirm { backups_end } => {
                let asked = self.asked(tx).await?;
                if asked.by == self.0.by {
                    return Ok(Disposed::SamePerson);
                }
                let told = self.clear(tx, &found, &asked, *backups_end, events).await?;
                (LedgerAct::Disposed, told, "ledger.disposed")
            }
            DisposalStep::ByRule { years, .. } => {
                let kind = found.documents.as_ref().map(|documents| documents.kind.as_str());
                // what has a kind goes by its period, and the years of other mail say nothing of it
                let years = years.filter(|_| kind.is_none());
                let said = json!({ "documents": kind.unwrap_or_default(), "reason": "", "rule_years": years });
                let asked = Asked { by: None, at: self.0.at.0, said };
                let told = self.clear(tx, &found, &asked, None, events).await?;
                (LedgerAct::Disposed, told, "ledger.disposed")
            }
        };
        let (at, actor) = (self.0.at, self.0.by);
        let new = NewLedgerAct { record: found.record, at, act, actor, detail: detail.to_string() };
        append::act_on_record(tx, &self.1, &new).await?;
        let sql = "INSERT INTO audit (tenant, actor, at, event, subject, detail) VALUES ($1, $2, $3, $4, $5, '')";
        let query = sql::query(sql).bind(self.0.tenant.0).bind(actor.map(|user| user.0)).bind(at.0).bind(event);
        query.bind(&found.reference).execute(tx).await.map_err(failed)?;
        Ok(Disposed::Done)
    }
}

/// Whether every line about a mail that is not disposed of is due, and they are those that were seen.
async fn is_due(tx: &mut sql::Here, record: RecordId, due: &LedgerDue, seen: &[SeenLine]) -> Result<bool> {
    let sql = "SELECT id, at, documents, stated, due, proposed FROM ledger WHERE record = $1 AND state <> 'disposed' ORDER BY id";
    type Row = (i64, i64, Option<String>, Option<i64>, Option<i64>, bool);
    let rows: Vec<Row> = sql::query_as(sql).bind(record.0).fetch_all(tx).await.map_err(failed)?;
    let mut lines = Vec::with_capacity(rows.len());
    for (id, at, kind, stated, ends, proposed) in rows {
        let documents = documents(kind, stated, ends, proposed);
        if !due.holds(documents.as_ref(), Timestamp(at)) {
            return Ok(false);
        }
        lines.push((LedgerId(id), documents));
    }
    Ok(lines == seen)
}

fn documents(kind: Option<String>, stated: Option<i64>, due: Option<i64>, proposed: bool) -> Option<LedgerDocuments> {
    let (stated, due) = (stated.map(Timestamp), due.map(Timestamp));
    kind.map(|kind| LedgerDocuments { kind, stated, due, proposed })
}

async fn is_under_way(tx: &mut sql::Here, record: RecordId) -> Result<bool> {
    sql::query_scalar(UNDER_WAY).bind(record.0).fetch_one(tx).await.map_err(failed)
}

async fn is_in_incident(tx: &mut sql::Here, record: RecordId) -> Result<bool> {
    sql::query_scalar(IN_INCIDENT).bind(record.0).fetch_one(tx).await.map_err(failed)
}

impl Step {
    async fn found(&self, tx: &mut sql::Here) -> Result<Found> {
        let sql = "SELECT record, reference, state, documents, stated, due, proposed FROM ledger WHERE tenant = $1 AND id = $2";
        type Row = (i64, String, String, Option<String>, Option<i64>, Option<i64>, bool);
        let query = sql::query_as(sql).bind(self.0.tenant.0).bind(self.0.line.0);
        let found: Option<Row> = query.fetch_optional(tx).await.map_err(failed)?;
        let missing = || StoreError::NotFound(format!("line {} of the ledger", self.0.line));
        let (record, reference, state, kind, stated, due, proposed) = found.ok_or_else(missing)?;
        let state = LedgerState::parse(&state).ok_or_else(|| StoreError::Damaged("the state of a line".into()))?;
        let documents = documents(kind, stated, due, proposed);
        Ok(Found { record: RecordId(record), reference, state, documents })
    }

    async fn asked(&self, tx: &mut sql::Here) -> Result<Asked> {
        let sql = "SELECT actor, at, detail FROM ledger_entry WHERE line = $1 AND act = 'disposal_asked'
                   ORDER BY seq DESC LIMIT 1";
        let row = sql::query_as(sql).bind(self.0.line.0).fetch_optional(tx).await.map_err(failed)?;
        let (actor, at, said): (Option<i64>, i64, String) =
            row.ok_or_else(|| StoreError::Damaged("nobody asked for the disposal".into()))?;
        Ok(Asked { by: actor.map(UserId), at, said: serde_json::from_str(&said).unwrap_or_default() })
    }

    /// Clears every place; what the certificate says.
    async fn clear(
        &self,
        tx: &mut sql::Here,
        found: &Found,
        asked: &Asked,
        backups_end: Option<Timestamp>,
        events: &mut Vec<Event>,
    ) -> Result<Value> {
        let record = found.record.0;
        let row = sql::query_as(PLACES).bind(record).fetch_one(&mut *tx).await.map_err(failed)?;
        let (digest, texts, variants, links, traced): (Vec<u8>, bool, i64, i64, bool) = row;
        sql::query("PRAGMA secure_delete = on").execute(&mut *tx).await.map_err(failed)?;
        let cleared = clear_records(tx, found.record, self.0.at, events).await;
        sql::query("PRAGMA secure_delete = off").execute(&mut *tx).await.map_err(failed)?;
        let Cleared { copies, drafts, .. } = cleared?;
        let drafts = traced.then_some(drafts);
        Ok(json!({
            "documents": asked.said["documents"], "reason": asked.said["reason"], "rule_years": asked.said["rule_years"],
            "by_rule": matches!(self.0.step, DisposalStep::ByRule { .. }), "asked_by": asked.by,
            "kind": found.documents.as_ref().map(|documents| &documents.kind), "due": found.documents.as_ref().and_then(|documents| documents.due),
            "asked_at": asked.at, "copies": copies, "texts": texts, "variants": variants, "links": links, "drafts": drafts,
            "digest": hex(&digest), "backups_end": backups_end,
        }))
    }
}

/// What was cleared, and from where it goes on.
#[derive(Default)]
struct Cleared {
    /// Copies in mailboxes.
    copies: u64,
    /// Records of drafts.
    drafts: usize,
    /// Records that are disposed of, whose drafts have still to be looked for.
    left: Vec<RecordId>,
}

impl Cleared {
    /// Clears a record. A draft that lies there as one of its copies ends with it: what that left of mails that went before is left, too.
    async fn clear(
        &mut self,
        tx: &mut sql::Here,
        record: RecordId,
        at: Timestamp,
        events: &mut Vec<Event>,
    ) -> Result<()> {
        let taken = mailbox::take_everywhere(tx, record, at, events).await?;
        sql::query(CLEAR).bind(record.0).bind(at.0).execute(&mut *tx).await.map_err(failed)?;
        self.copies += taken.copies;
        self.left.push(record);
        for draft in taken.drafts {
            self.left.extend(traces::disposed_mails(tx, draft).await.map_err(failed)?);
        }
        Ok(())
    }

    /// Clears what drafts left of those records that have ended, and what other drafts left that were opened from a copy of it. It comes
    /// to an end, since each record is cleared once.
    async fn follow(&mut self, tx: &mut sql::Here, at: Timestamp, events: &mut Vec<Event>) -> Result<()> {
        while let Some(mail) = self.left.pop() {
            for record in traces::records_beside(tx, mail).await.map_err(failed)? {
                self.clear(tx, record, at, events).await?;
                self.drafts += 1;
            }
            traces::dispose_of_fields(tx, mail, at).await.map_err(failed)?;
        }
        Ok(())
    }
}

/// The mail, and what the drafts left that hold its words.
async fn clear_records(tx: &mut sql::Here, mail: RecordId, at: Timestamp, events: &mut Vec<Event>) -> Result<Cleared> {
    let mut cleared = Cleared::default();
    cleared.clear(tx, mail, at, events).await?;
    cleared.follow(tx, at, events).await?;
    Ok(cleared)
}

/// A draft has ended: where a mail whose words it holds was disposed of while it was written, what it left goes too. The writer's
/// housekeeping destroys the keys.
pub(crate) async fn draft_ended(
    tx: &mut sql::Here,
    draft: DraftId,
    at: Timestamp,
    events: &mut Vec<Event>,
) -> Result<()> {
    let left = traces::disposed_mails(tx, draft).await.map_err(failed)?;
    if left.is_empty() {
        return Ok(());
    }
    sql::query("PRAGMA secure_delete = on").execute(&mut *tx).await.map_err(failed)?;
    let cleared = Cleared { left, ..Cleared::default() }.follow(tx, at, events).await;
    sql::query("PRAGMA secure_delete = off").execute(tx).await.map_err(failed)?;
    cleared
}

/// The keys are destroyed.
struct Destroyed {
    keys: Vec<i64>,
    at: Timestamp,
}

#[async_trait]
impl Job for Destroyed {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, _events: &mut Vec<Event>) -> Result<()> {
        let sql = "UPDATE disposed_key SET destroyed = max(at, $2) WHERE key IN (SELECT value FROM json_each($1))";
        let query = sql::query(sql).bind(json!(self.keys).to_string()).bind(self.at.0);
        query.execute(tx).await.map_err(failed)?;
        Ok(())
    }
}

impl SqliteEngine {
    /// Takes a step; a confirmed disposal is over when this returns.
    pub(super) async fn take_step(&self, disposal: Disposal) -> Result<Disposed> {
        let _disposing = self.disposing.lock().await;
        let (cleared, at) = (disposal.step.disposes(), disposal.at);
        let done = self.clear(disposal).await?;
        if cleared && done == Disposed::Done {
            self.destroy_what_was_cleared(at).await;
        }
        Ok(done)
    }

    /// Takes steps one after the other; confirmed disposals are over when this returns. Should the process end in between, the next start
    /// destroys the keys of those whose rows are cleared.
    pub(super) async fn take_steps(&self, disposals: Vec<Disposal>) -> Vec<Result<Disposed>> {
        let _disposing = self.disposing.lock().await;
        let (mut all, mut last) = (Vec::with_capacity(disposals.len()), None);
        for disposal in disposals {
            let (cleared, at) = (disposal.step.disposes(), disposal.at);
            let done = self.clear(disposal).await;
            if cleared && matches!(done, Ok(Disposed::Done)) {
                last = last.max(Some(at));
            }
            all.push(done);
        }
        if let Some(at) = last {
            self.destroy_what_was_cleared(at).await;
        }
        all
    }

    async fn clear(&self, disposal: Disposal) -> Result<Disposed> {
        self.writer.run(Lane::Quick, Step(disposal, self.keys.clone())).await
    }

    async fn destroy_what_was_cleared(&self, at: Timestamp) {
        if let Err(error) = self.destroy_keys(at).await {
            // it is disposed of; the writer's housekeeping tries until the key is gone, and the certificate waits for it
            tracing::error!(%error, "a key could not be destroyed yet");
        }
        self.empty_log().await;
    }

    /// Does what somebody has left to do who cleared rows and went away in the middle, or whom something was in the way of. Who is at it is
    /// left alone.
    pub(crate) async fn end_disposals(&self) -> Result<()> {
        let Ok(_disposing) = self.disposing.try_lock() else { return Ok(()) };
        let destroyed = self.destroy_keys(Timestamp(0)).await?;
        if destroyed || self.to_empty.load(Ordering::Relaxed) {
            self.empty_log().await;
        }
        Ok(())
    }

    /// What was overwritten in the database does not stay in its log; where something is in the way it is tried again.
    async fn empty_log(&self) {
        let emptied = checkpoint::empty(&self.dir.join("mail.db"), &self.turn).await;
        self.to_empty.store(!matches!(emptied, Ok(true)), Ordering::Relaxed);
        match emptied {
            Ok(true) => {}
            Ok(false) => tracing::info!("the log of mail.db is in use and is emptied later"),
            Err(error) => tracing::warn!(%error, "the log of mail.db was not emptied after a disposal"),
        }
    }

    /// Destroys the keys of which the rows are cleared; whether there were any.
    async fn destroy_keys(&self, at: Timestamp) -> Result<bool> {
        let sql = "SELECT key FROM disposed_key WHERE destroyed IS NULL";
        let keys: Vec<i64> = sql::query_scalar(sql).fetch_all(&self.readers).await.map_err(failed)?;
        if keys.is_empty() {
            return Ok(false);
        }
        let ids: Vec<KeyId> = keys.iter().copied().map(KeyId).collect();
        let destroyed = self.keys.destroy(&ids).await;
        self.places.forget_opened();
        destroyed?;
        self.writer.run(Lane::Quick, Destroyed { keys, at }).await?;
        Ok(true)
    }
}
