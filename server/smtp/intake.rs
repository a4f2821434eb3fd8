//! A mail on its way from the stream to the door: counted, looked at, refused when a bound is passed. Once it is
//! refused, the rest is read and thrown away, so that the client hears why.

use std::time::Duration;

use net::BytePermit;
use tokio::time::Instant;
use types::{Envelope, Limits, Reply};

use crate::trace::{self, Known};
use crate::wire::header::Scan;
use crate::{Answer, Body, Context, reply};

/// Beyond this the door spools to disk, so memory is counted up to here.
const IN_MEMORY: u64 = 1 << 20;
/// Memory is taken from the budget in pieces of this size.
const PIECE: u64 = 256 << 10;
/// How long a mail waits for memory.
const PATIENCE: Duration = Duration::from_secs(10);
/// A mail that has been refused is read on for so many bytes.
const TOLERATED: u64 = 64 << 20;
/// Most Received fields (RFC 5321 6.3 wants at least 100 for a relay; the design says 50).
const HOPS: usize = 50;
/// A mail may drip this slowly, bytes per second, after the first ten minutes.
const SLOWEST: u64 = 1 << 10;

/// A mail being taken.
pub(crate) struct Intake {
    body: Result<Box<dyn Body>, Reply>,
    scan: Scan,
    size: u64,
    most: u64,
    header_most: usize,
    memory: Vec<BytePermit>,
    counted: u64,
    began: Instant,
}

impl Intake {
    pub(crate) fn new(body: Result<Box<dyn Body>, Reply>, limits: &Limits) -> Self {
        Self {
            body,
            scan: Scan::new(),
            size: 0,
            most: limits.message_size,
            header_most: limits.header_bytes,
            memory: Vec::new(),
            counted: 0,
            began: Instant::now(),
        }
    }

    /// Until when the next bytes must be there.
    pub(crate) fn deadline(&self) -> Instant {
        self.began + Duration::from_secs(600 + self.size / SLOWEST)
    }

    /// Whether so much came after the refusal that the connection is better cut.
    pub(crate) fn is_flood(&self) -> bool {
        self.size > self.most.saturating_add(TOLERATED)
    }

    /// Takes the next bytes.
    pub(crate) async fn write(&mut self, context: &Context, bytes: &[u8]) {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.body.is_err() || bytes.is_empty() {
            return;
        }
        self.scan.feed(bytes);
        if self.size > self.most {
            return self.refuse(reply::too_big(self.most));
        }
        if self.scan.bytes > self.header_most {
            return self.refuse(reply::header_too_long());
        }
        if self.scan.received > HOPS {
            return self.refuse(reply::loops());
        }
        if !self.count_memory(context).await {
            return self.refuse(reply::no_memory());
        }
        if let Ok(body) = &mut self.body
            && let Err(refusal) = body.write(bytes).await
        {
            self.refuse(refusal);
        }
    }

    async fn count_memory(&mut self, context: &Context) -> bool {
        let wanted = self.size.min(IN_MEMORY).min(context.memory.all());
        while self.counted < wanted {
            let Some(permit) = context.memory.take(PIECE, PATIENCE).await else { return false };
            self.memory.push(permit);
            self.counted += PIECE;
        }
        true
    }

    /// Refuses the mail unless it has been refused; what was taken is forgotten at once.
    pub(crate) fn refuse(&mut self, refusal: Reply) {
        if self.body.is_ok() {
            self.body = Err(refusal);
            self.memory.clear();
        }
    }

    /// The refusal, once there is one.
    pub(crate) fn refusal(&self) -> Option<Reply> {
        self.body.as_ref().err().cloned()
    }

    /// Bytes so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Hands the mail over and answers.
    pub(crate) async fn finish(self, context: &Context, known: &Known<'_>) -> Answer {
        let body = match self.body {
            Ok(body) => body,
            Err(refusal) => return refusal.into(),
        };
        let id = trace::fresh_id();
        let trace = trace::make(known, &self.scan, self.size, id, context.clock.now());
        let answer = body.finish(trace).await;
        log(known, id, self.size, self.began.elapsed(), &answer.reply, known.envelope);
        answer
    }
}

fn log(known: &Known<'_>, id: types::Reference, size: u64, took: Duration, reply: &Reply, envelope: &Envelope) {
    tracing::info!(
        smtp.id = %id,
        smtp.peer = %known.peer.addr.ip(),
        smtp.signed_in = known.signed_in,
        smtp.tls = known.peer.tls.is_some(),
        smtp.recipients = envelope.to.len(),
        smtp.size_bytes = size,
        smtp.code = reply.code,
        duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "mail answered"
    );
}
