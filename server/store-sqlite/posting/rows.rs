//! The rows of a group of postings. What every mail causes is written row by row, each kind by one prepared statement; what
//! only mail on its way out causes as an array (JSON) for each kind, and one buffer for all that is binary, which rows name by
//! place and length.

use serde::Serialize;

use super::Result;
use super::links::LinkOf;
use super::notes::NoteOf;

use crate::sql::{self, Value};

const RECORD: &str = "INSERT INTO record (id, tenant, key, file, offset, stored, size, sensitive, digest, summary) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const INLINE: &str = "INSERT INTO inline_record (record, bytes) VALUES ($1, $2)";
const MAILBOX: &str = "UPDATE mailbox SET uid_next = $2, modseq = $3, messages = messages + $4, unseen = unseen + $5, \
    deleted = deleted + $6, size = size + $7 WHERE id = $1";
const MESSAGE: &str = "INSERT INTO message (mailbox, uid, modseq, created, flags, keywords, internal_date, record, size, cuts, \
    prefix, saved) VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const JOURNAL: &str = "INSERT INTO journal (tenant, seq, at, record, direction, envelope, digest, chain) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// What only mail on its way out causes. Params: 1 the buffer, 2 to 11 the arrays.
const LEAVING: &str = "INSERT INTO submission (id, tenant, author, at, record, origin, sender, recipients, reference, state, \
             join_key, form_key, verdict, reply, cuts, prefix, release_at, draft, keep_in_sent, safeguard) SELECT value->>'$[0][0]', value->>'$[0][1]', \
             value->>'$[0][2]', value->>'$[0][3]', value->>'$[0][4]', value->>'$[0][5]', value->>'$[0][6]', \
             value->>'$[0][7]', value->>'$[0][8]', value->>'$[1][0]', value->>'$[1][1]', value->>'$[1][2]', \
             value->>'$[1][3]', value->>'$[1][4]', value->>'$[1][5]', substr($1, value->>'$[2][0]', value->>'$[2][1]'), \
             value->>'$[3][0]', value->>'$[3][1]', value->>'$[3][2]', value->>'$[3][3]' FROM jsonb_each($2); \
             INSERT INTO parcel (id, submission, recipients, state, rules, telling, release_at, treatment) SELECT value->>0, value->>1, \
             value->>2, value->>3, value->>4, value->>5, value->>6, value->>7 FROM jsonb_each($3); \
             INSERT INTO approval (parcel, approvers, deadline, outcome, message, tenant, author, terms) SELECT value->>0, \
             value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7 FROM jsonb_each($4); \
             INSERT INTO asked (person, deadline, parcel) SELECT DISTINCT who.value, new.value->>2, new.value->>0 \
             FROM jsonb_each($4) AS new, json_each(new.value->>1) AS who WHERE who.value IS NOT new.value->>6; \
             INSERT INTO queue (id, parcel, recipient, domain, state, due, since, expires, variant, verified_tls, route) \
             SELECT value->>0, value->>1, value->>2, value->>3, 'waiting', value->>4, value->>4, value->>5, value->>6, \
             value->>7, value->>8 FROM jsonb_each($5); \
             INSERT INTO timer (kind, parcel, due) SELECT value->>0, value->>1, value->>2 FROM jsonb_each($6); \
             INSERT INTO trail (submission, parcel, at, event, detail, for_sender) SELECT value->>0, value->>1, value->>2, \
             value->>3, value->>4, value->>5 FROM jsonb_each($7); \
             INSERT INTO audit (tenant, actor, at, event, subject, detail) SELECT value->>0, value->>1, value->>2, \
             value->>3, value->>4, value->>5 FROM jsonb_each($8); \
             INSERT INTO correspondent (user, address, name, search, sent, last) SELECT value->>0, value->>1, value->>2, \
             value->>3, value->>4, value->>5 FROM jsonb_each($9) WHERE true \
             ON CONFLICT (user, address) DO UPDATE SET sent = sent + excluded.sent, last = max(last, excluded.last), \
             name = CASE WHEN excluded.name = '' THEN name ELSE excluded.name END, \
             search = CASE WHEN excluded.name = '' THEN search ELSE excluded.search END; \
             INSERT INTO variant (id, parcel, record, prefix, cuts) SELECT value->>'$[0]', value->>'$[1]', value->>'$[2]', \
             substr($1, value->>'$[3][0]', value->>'$[3][1]'), value->>'$[4]' FROM jsonb_each($10); \
             INSERT INTO outward (tenant, fate, at, submission, rules) SELECT value->>0, value->>1, value->>2, value->>3, value->>4 \
             FROM jsonb_each($11)";

/// A JSON array that grows row by row.
pub(super) struct Array(Vec<u8>);

impl Default for Array {
    fn default() -> Self {
        Self(vec![b'['])
    }
}

impl Array {
    pub fn add(&mut self, row: &impl Serialize) -> Result<()> {
        if !self.is_empty() {
            self.0.push(b',');
        }
        Ok(serde_json::to_writer(&mut self.0, row)?)
    }
    pub fn is_empty(&self) -> bool {
        self.0.len() == 1
    }
    fn into_text(mut self) -> String {
        self.0.push(b']');
        // what serde_json writes is UTF-8, so nothing is ever replaced
        String::from_utf8(self.0).unwrap_or_default()
    }
}

/// Binary columns, one behind the other.
pub(super) struct Bytes(Vec<u8>);

impl Default for Bytes {
    fn default() -> Self {
        // SQLite takes an empty buffer for NULL, and substr of NULL is no empty column
        Self(vec![0])
    }
}

impl Bytes {
    /// Keeps a column; where `substr` finds it, and how long it is.
    pub fn add(&mut self, column: &[u8]) -> (usize, usize) {
        let first = self.0.len() + 1;
        self.0.extend_from_slice(column);
        (first, column.len())
    }
}

/// The rows of a group.
#[derive(Default)]
pub(super) struct Rows {
    pub records: Vec<Vec<Value>>,
    pub inline: Vec<Vec<Value>>,
    pub mailboxes: Vec<Vec<Value>>,
    pub messages: Vec<Vec<Value>>,
    pub journal: Vec<Vec<Value>>,
    /// What is binary in those that follow.
    pub bytes: Bytes,
    pub submissions: Array,
    pub parcels: Array,
    pub approvals: Array,
    pub queue: Array,
    pub timers: Array,
    pub trail: Array,
    pub audit: Array,
    pub correspondents: Array,
    /// Written by themselves.
    pub links: Vec<LinkOf>,
    pub notes: Vec<NoteOf>,
    pub variants: Array,
    pub outward: Array,
}

impl Rows {
    /// Writes them.
    pub async fn write(self, tx: &mut sql::Here) -> Result<()> {
        tx.each(RECORD, &self.records)?;
        tx.each(INLINE, &self.inline)?;
        tx.each(MAILBOX, &self.mailboxes)?;
        tx.each(MESSAGE, &self.messages)?;
        tx.each(JOURNAL, &self.journal)?;
        let leaving = [
            self.submissions,
            self.parcels,
            self.approvals,
            self.queue,
            self.timers,
            self.trail,
            self.audit,
            self.correspondents,
            self.variants,
            self.outward,
        ];
        if leaving.iter().any(|array| !array.is_empty()) {
            let query = sql::query(LEAVING).bind(self.bytes.0);
            let query = leaving.into_iter().fold(query, |query, array| query.bind(array.into_text()));
            query.execute(tx).await?;
        }
        Ok(())
    }
}
