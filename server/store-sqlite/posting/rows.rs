//! The rows of a group of postings, and the one call that writes them all: an array (JSON) for each kind of row, and
//! one buffer for all that is binary, which rows name by place and length.

use serde::Serialize;
use sqlx::SqliteConnection;

use super::Result;
use super::links::LinkOf;
use super::notes::NoteOf;

/// What every mail causes. Params: 1 the buffer, 2 to 6 the arrays.
macro_rules! arriving {
    ($end:literal) => {
        concat!(
            "INSERT INTO record (id, tenant, key, file, offset, stored, size, sensitive, digest, summary) \
             SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, \
             substr($1, value->>8, value->>9), substr($1, value->>10, value->>11) FROM jsonb_each($2); \
             INSERT INTO inline_record (record, bytes) SELECT value->>0, substr($1, value->>1, value->>2) \
             FROM jsonb_each($3); \
             UPDATE mailbox SET uid_next = new.value->>1, modseq = new.value->>2, messages = messages + (new.value->>3), \
             unseen = unseen + (new.value->>4), deleted = deleted + (new.value->>5), size = size + (new.value->>6) \
             FROM jsonb_each($4) AS new WHERE mailbox.id = new.value->>0; \
             INSERT INTO message (mailbox, uid, modseq, created, flags, keywords, internal_date, record, size, cuts, prefix, saved) \
             SELECT value->>0, value->>1, value->>2, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, \
             value->>8, substr($1, value->>9, value->>10), value->>11 FROM jsonb_each($5); \
             INSERT INTO journal (tenant, seq, at, record, direction, envelope, digest, chain) \
             SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, \
             substr($1, value->>6, value->>7), substr($1, value->>8, value->>9) FROM jsonb_each($6)",
            $end
        )
    };
}

/// What only mail on its way out causes. Params: 7 to 16.
macro_rules! leaving {
    ($end:literal) => {
        concat!(
            "; INSERT INTO submission (id, tenant, author, at, record, origin, sender, recipients, reference, state, \
             join_key, form_key, verdict, reply, cuts, prefix, release_at, draft, keep_in_sent, safeguard) SELECT value->>'$[0][0]', value->>'$[0][1]', \
             value->>'$[0][2]', value->>'$[0][3]', value->>'$[0][4]', value->>'$[0][5]', value->>'$[0][6]', \
             value->>'$[0][7]', value->>'$[0][8]', value->>'$[1][0]', value->>'$[1][1]', value->>'$[1][2]', \
             value->>'$[1][3]', value->>'$[1][4]', value->>'$[1][5]', substr($1, value->>'$[2][0]', value->>'$[2][1]'), \
             value->>'$[3][0]', value->>'$[3][1]', value->>'$[3][2]', value->>'$[3][3]' FROM jsonb_each($7); \
             INSERT INTO parcel (id, submission, recipients, state, rules, telling, release_at, treatment) SELECT value->>0, value->>1, \
             value->>2, value->>3, value->>4, value->>5, value->>6, value->>7 FROM jsonb_each($8); \
             INSERT INTO approval (parcel, approvers, deadline, outcome, message, tenant, author, terms) SELECT value->>0, \
             value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7 FROM jsonb_each($9); \
             INSERT INTO asked (person, deadline, parcel) SELECT DISTINCT who.value, new.value->>2, new.value->>0 \
             FROM jsonb_each($9) AS new, json_each(new.value->>1) AS who WHERE who.value IS NOT new.value->>6; \
             INSERT INTO queue (id, parcel, recipient, domain, state, due, since, expires, variant, verified_tls, route) \
             SELECT value->>0, value->>1, value->>2, value->>3, 'waiting', value->>4, value->>4, value->>5, value->>6, \
             value->>7, value->>8 FROM jsonb_each($10); \
             INSERT INTO timer (kind, parcel, due) SELECT value->>0, value->>1, value->>2 FROM jsonb_each($11); \
             INSERT INTO trail (submission, parcel, at, event, detail, for_sender) SELECT value->>0, value->>1, value->>2, \
             value->>3, value->>4, value->>5 FROM jsonb_each($12); \
             INSERT INTO audit (tenant, actor, at, event, subject, detail) SELECT value->>0, value->>1, value->>2, \
             value->>3, value->>4, value->>5 FROM jsonb_each($13); \
             INSERT INTO correspondent (user, address, name, search, sent, last) SELECT value->>0, value->>1, value->>2, \
             value->>3, value->>4, value->>5 FROM jsonb_each($14) WHERE true \
             ON CONFLICT (user, address) DO UPDATE SET sent = sent + excluded.sent, last = max(last, excluded.last), \
             name = CASE WHEN excluded.name = '' THEN name ELSE excluded.name END, \
             search = CASE WHEN excluded.name = '' THEN search ELSE excluded.search END; \
             INSERT INTO variant (id, parcel, record, prefix, cuts) SELECT value->>'$[0]', value->>'$[1]', value->>'$[2]', \
             substr($1, value->>'$[3][0]', value->>'$[3][1]'), value->>'$[4]' FROM jsonb_each($15); \
             INSERT INTO outward (tenant, fate, at, submission, rules) SELECT value->>0, value->>1, value->>2, value->>3, value->>4 \
             FROM jsonb_each($16)",
            $end
        )
    };
}
const ARRIVING: &str = arriving!("");
const ARRIVING_AND_COMMIT: &str = arriving!("; COMMIT");
const ALL: &str = concat!(arriving!(""), leaving!(""));
const ALL_AND_COMMIT: &str = concat!(arriving!(""), leaving!("; COMMIT"));

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
    pub bytes: Bytes,
    pub records: Array,
    pub inline: Array,
    pub mailboxes: Array,
    pub messages: Array,
    pub journal: Array,
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
    /// Writes them; with `commit`, the transaction ends in the same call.
    pub async fn write(self, tx: &mut SqliteConnection, commit: bool) -> Result<()> {
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
        let leaves = leaving.iter().any(|array| !array.is_empty());
        let sql = match (leaves, commit) {
            (false, false) => ARRIVING,
            (false, true) => ARRIVING_AND_COMMIT,
            (true, false) => ALL,
            (true, true) => ALL_AND_COMMIT,
        };
        let mut query = sqlx::query(sql).bind(self.bytes.0);
        for array in [self.records, self.inline, self.mailboxes, self.messages, self.journal] {
            query = query.bind(array.into_text());
        }
        if leaves {
            for array in leaving {
                query = query.bind(array.into_text());
            }
        }
        query.execute(tx).await?;
        Ok(())
    }
}
