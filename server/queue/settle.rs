//! Writing down what became of a load: outcomes, and the report to the sender.

use std::time::Duration;

use store::{Attempt, Claimed, Outcome, Way};
use types::Timestamp;

use crate::door::Bounce;
use crate::fate::Fate;
use crate::lanes::Load;
use crate::notice::{Facts, Told, Why, notice};
use crate::schedule::{Step, step};
use crate::{Queue, QueueError};

/// Pauses between attempts to write results, seconds: a result that is lost makes a mail go twice.
const AGAIN: [u64; 6] = [1, 2, 5, 15, 60, 120];

/// What an attempt told beside its fates.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// The header of the mail, where it is known and may be quoted.
    pub header: Option<Vec<u8>>,
    /// How the next hop was spoken to.
    pub way: Option<Way>,
}

impl Queue {
    /// Writes what became of the rows of `load`, `fates` in their order.
    pub(crate) async fn settle(&self, load: Load, fates: Vec<Fate>, heard: Heard) {
        let now = self.clock.now();
        let mut attempts = Vec::with_capacity(load.rows.len());
        let (mut failed, mut late, mut stopped) = (Vec::new(), Vec::new(), Vec::new());
        for (claimed, fate) in load.rows.iter().zip(fates) {
            let fate = if claimed.sensitive { fate.masked() } else { fate };
            let step = step(claimed, &fate, now, self.chance());
            log(claimed, &fate, step);
            let (id, outcome, answer) = (claimed.row.id, step.outcome, fate.answer());
            // without TLS there was nothing else to see
            let way = if outcome == Outcome::Held { Some(Way::Clear) } else { heard.way.clone() };
            attempts.push(Attempt { id, at: now, outcome, answer, way });
            if outcome == Outcome::Held {
                stopped.push(claimed.clone());
            }
            if claimed.row.from.is_none() {
                continue;
            }
            if step.tell_delay {
                late.push(Told { claimed: claimed.clone(), fate, why: Why::Delayed });
            } else if step.outcome == Outcome::Failed {
                let why = if step.expired { Why::Expired } else { Why::Refused };
                failed.push(Told { claimed: claimed.clone(), fate, why });
            }
        }
        let nobody_told = failed.is_empty() && late.is_empty();
        let header = if nobody_told { None } else { self.quotable(&load, heard.header).await };
        self.write(attempts, self.bounce(&failed, header.as_deref(), now), stopped).await;
        if !late.is_empty() {
            // On its own: the store takes one word about a row at a time.
            let told = |told: &Told| Attempt {
                id: told.claimed.row.id,
                at: now,
                outcome: Outcome::DelayTold,
                answer: told.fate.answer(),
                way: None,
            };
            self.write(late.iter().map(told).collect(), self.bounce(&late, header.as_deref(), now), Vec::new()).await;
        }
        self.release(load.rows.iter().map(|claimed| claimed.row.id));
    }

    /// The header of a mail, unless nothing of it may be quoted.
    pub(crate) fn header_of(&self, claimed: &Claimed, bytes: &[u8]) -> Option<Vec<u8>> {
        if claimed.sensitive {
            return None;
        }
        let body = bytes.windows(4).take(self.limits.header_bytes).position(|window| window == b"\r\n\r\n");
        let end = body.map_or(bytes.len().min(self.limits.header_bytes), |at| at + 2);
        bytes.get(..end).map(<[u8]>::to_vec)
    }

    /// The header, read now when the mail failed before its bytes were needed.
    async fn quotable(&self, load: &Load, header: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let first = load.rows.first()?;
        if header.is_some() || first.sensitive {
            return header;
        }
        let (_permit, bytes) = self.load_bytes(first).await.ok()?;
        self.header_of(first, &bytes)
    }

    /// The report about `told` to the sender they have in common; none when there is nothing to tell.
    fn bounce(&self, told: &[Told], header: Option<&[u8]>, now: Timestamp) -> Vec<Bounce> {
        let Some(first) = told.first() else { return Vec::new() };
        let Some(sender) = first.claimed.row.from.clone() else { return Vec::new() };
        let facts = Facts {
            sender: &sender,
            language: self.door.language_of(first.claimed.author),
            hostname: &self.hostname,
            message_id: format!("{}@{}", types::letters(&self.random::<16>()), self.hostname),
            now,
            header,
        };
        let bytes = notice(told, &facts, &self.limits);
        vec![Bounce { to: sender, bytes, tenant: first.claimed.row.tenant }]
    }

    /// Tries until it is written, for some minutes.
    async fn write(&self, attempts: Vec<Attempt>, bounces: Vec<Bounce>, stopped: Vec<Claimed>) {
        let mut pauses = AGAIN.iter();
        loop {
            let error: QueueError = match self.door.report(attempts.clone(), bounces.clone(), stopped.clone()).await {
                Ok(()) => return,
                Err(error) => error,
            };
            let Some(pause) = pauses.next() else {
                tracing::error!(%error, "results of the queue are lost; mails may go twice");
                return;
            };
            tracing::warn!(%error, "results of the queue could not be written yet");
            tokio::time::sleep(Duration::from_secs(*pause)).await;
        }
    }

    fn chance(&self) -> u32 {
        u32::from_le_bytes(self.random())
    }

    /// Random bytes; zeros when the machine gives none, which costs only spread.
    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        if getrandom::fill(&mut bytes).is_err() {
            tracing::warn!("the machine gives no randomness");
        }
        bytes
    }
}

fn log(claimed: &Claimed, fate: &Fate, step: Step) {
    let (class, subject, detail) = fate.status;
    tracing::info!(
        queue.id = %claimed.row.id,
        reference = %claimed.row.reference,
        outcome = ?step.outcome,
        status = %format_args!("{class}.{subject}.{detail}"),
        expired = step.expired,
        "an attempt ended"
    );
    tracing::debug!(queue.id = %claimed.row.id, answer = %fate.answer(), "what the next hop said");
}
