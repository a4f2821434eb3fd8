//! The review of mail that came in, after its 250: the one engine looks, the rules with `direction = "in"` judge,
//! those whom they name are told. What has been delivered is not taken back: a rule that holds tells its approvers,
//! one that refuses or discards tells the handlers. It must never stop at a mail: what cannot be inspected is
//! written down and told as such.
//!
//! A row per tenant says up to which entry of the journal the review has come. It moves in the posting that also
//! writes the notices, so each notice is written once whatever happens in between.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use inspect::extract::Kept;
use inspect::{Looked, Seen};
use store::{Bytes, Event, JournalRow, Mark, Posting, ReviewedTo, StoreError, TextsOf};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::Instant;
use types::{Direction, Envelope, Fault as _, Kind, TenantId};

use crate::passwords::Parties;
use crate::{Outbound, OutboundError};

/// So many entries are reviewed before their posting is written.
const BATCH: usize = 64;
/// Mails that come within so long are written down together; their readers are people.
const TOGETHER: Duration = Duration::from_millis(100);
/// Entries that need no review move the row only when they are so many.
const FAR: u64 = 1_000;
/// After a failure the same entries have another try so much later.
const AGAIN: Duration = Duration::from_secs(5);
/// A mail whose bytes cannot be read for so many tries could not be reviewed.
const TRIES: u32 = 3;
/// A look that takes longer has failed. (A sender's takes 10 s at most; here nobody waits.)
const LONGEST_LOOK: Duration = Duration::from_secs(120);

/// How far the review of one tenant has come.
#[derive(Debug, Clone, Copy)]
struct Progress {
    /// As the row says.
    saved: u64,
    /// As this process knows: entries up to here need no review.
    at: u64,
    /// Failures at this place.
    tries: u32,
}

/// A mail whose look has ended.
struct Ended {
    row: JournalRow,
    looked: Looked,
}

impl Outbound {
    /// Reviews what comes in until `stop` is ready; begins with what came before the start.
    pub async fn review_arrivals(&self, stop: impl Future<Output = ()> + Send) {
        let mut events = self.store.work();
        let mut progress = HashMap::new();
        let mut waiting: BTreeSet<TenantId> = self.every_tenant();
        // those whose review failed rest for a while, whatever comes for them
        let (mut resting, mut again) = (BTreeSet::new(), Instant::now());
        tokio::pin!(stop);
        loop {
            self.busy.send_replace(true);
            let failed = tokio::select! {
                () = &mut stop => None,
                failed = self.review_all(&mut waiting, &mut progress) => Some(failed),
            };
            self.busy.send_replace(false);
            let Some(failed) = failed else { return };
            if !failed.is_empty() {
                resting.extend(failed);
                again = Instant::now() + AGAIN;
            }
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep_until(again), if !resting.is_empty() => waiting.append(&mut resting),
                arrived = arrived(&mut events) => {
                    let some = arrived.map_or_else(|| self.every_tenant(), |tenant| BTreeSet::from([tenant]));
                    waiting.extend(some.difference(&resting));
                    self.busy.send_replace(!waiting.is_empty());
                    tokio::time::sleep(TOGETHER).await;
                }
            }
        }
    }

    fn every_tenant(&self) -> BTreeSet<TenantId> {
        self.store.directory().tenants.keys().copied().collect()
    }

    /// Takes turns between the tenants until nothing is left; answers those whose review failed for now.
    async fn review_all(
        &self,
        waiting: &mut BTreeSet<TenantId>,
        progress: &mut HashMap<TenantId, Progress>,
    ) -> BTreeSet<TenantId> {
        let mut failed = BTreeSet::new();
        while !waiting.is_empty() {
            for tenant in std::mem::take(waiting) {
                match self.review_some(tenant, progress).await {
                    Ok(true) => drop(waiting.insert(tenant)),
                    Ok(false) => {}
                    Err(error) => {
                        tracing::error!(tenant.id = tenant.0, %error, "the review of incoming mail has to try again");
                        failed.insert(tenant);
                    }
                }
            }
        }
        failed
    }

    /// Reviews the next entries of a tenant; whether there may be more.
    async fn review_some(
        &self,
        tenant: TenantId,
        progress: &mut HashMap<TenantId, Progress>,
    ) -> Result<bool, OutboundError> {
        let mut here = match progress.remove(&tenant) {
            Some(here) => here,
            None => {
                let saved = self.store.review_position(&self.exit, tenant).await?;
                Progress { saved, at: saved, tries: 0 }
            }
        };
        let rows = self.store.journal_after(&self.exit, tenant, here.at, BATCH).await?;
        let (more, last) = (rows.len() == BATCH, rows.last().map_or(here.at, |row| row.seq));
        let arrived: Vec<JournalRow> = rows.into_iter().filter(|row| row.direction == Direction::In).collect();
        if !arrived.is_empty() || last - here.saved >= FAR {
            let posting = self.reviewed(tenant, arrived, here.tries >= TRIES).await;
            let written = match posting {
                Ok(mut posting) => {
                    posting.reviewed_to = Some(ReviewedTo { tenant, from: here.saved, to: last });
                    self.store.send(&self.exit, posting).await.map(drop).map_err(OutboundError::from)
                }
                Err(error) => Err(error),
            };
            if let Err(error) = written {
                // where another process moved the row, it is read anew
                if !matches!(error, OutboundError::Store(StoreError::Decided(_))) {
                    progress.insert(tenant, Progress { tries: here.tries.saturating_add(1), ..here });
                }
                return Err(error);
            }
            here.saved = last;
        }
        progress.insert(tenant, Progress { at: last, tries: 0, ..here });
        Ok(more)
    }

    /// What the review of `rows` causes. The looks run beside each other, on half of the cores.
    async fn reviewed(&self, tenant: TenantId, rows: Vec<JournalRow>, give_up: bool) -> Result<Posting, OutboundError> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let at_once = (cores / 2).max(1);
        let mut posting = Posting::default();
        let mut looks: JoinSet<Ended> = JoinSet::new();
        for row in rows {
            if looks.len() >= at_once
                && let Some(ended) = looks.join_next().await
            {
                self.arrival_judged(&mut posting, tenant, ended).await?;
            }
            self.begin_look(&mut looks, tenant, row, give_up).await?;
        }
        while let Some(ended) = looks.join_next().await {
            self.arrival_judged(&mut posting, tenant, ended).await?;
        }
        Ok(posting)
    }

    /// Reads a mail and begins to look at it. Damage is a result; what may pass is an error, unless it has not passed
    /// for long.
    async fn begin_look(
        &self,
        looks: &mut JoinSet<Ended>,
        tenant: TenantId,
        row: JournalRow,
        give_up: bool,
    ) -> Result<(), OutboundError> {
        let bytes = match self.store.read_for_sending(&self.exit, row.record, 0..row.record_size).await {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == Kind::Temporary && !give_up => return Err(error.into()),
            Err(error) => {
                let looked = Looked::Failed(error.to_string());
                looks.spawn(std::future::ready(Ended { row, looked }));
                return Ok(());
            }
        };
        // as a rule nobody has looked at it before
        let known = if row.has_texts { self.kept_of(row.record).await } else { Kept::default() };
        let Envelope { from, to, .. } = row.envelope.clone();
        // what cannot be read for a moment is looked at when it can be
        if let Err(error) = self.agreed_list(tenant).await
            && error.kind() == Kind::Temporary
            && !give_up
        {
            return Err(error.into());
        }
        let inspector = self.inspector_for(&Parties { tenant, from, to }).await;
        looks.spawn(async move {
            let look = inspector.look_through(bytes, known);
            Ended { row, looked: tokio::time::timeout(LONGEST_LOOK, look).await.unwrap_or(Looked::Slow) }
        });
        Ok(())
    }

    async fn arrival_judged(
        &self,
        posting: &mut Posting,
        tenant: TenantId,
        ended: Result<Ended, tokio::task::JoinError>,
    ) -> Result<(), OutboundError> {
        // a look catches its panics, so only the end of the runtime comes here
        let Ok(Ended { row, looked }) = ended else {
            return Err(StoreError::Stopped("a look was cut off".into()).into());
        };
        match looked {
            Looked::Seen(seen) => self.judge_arrival(posting, tenant, &row, seen).await,
            Looked::Slow => self.not_reviewed(posting, tenant, &row, "too slow").await,
            Looked::Failed(why) => self.not_reviewed(posting, tenant, &row, &why).await,
        }
    }

    async fn judge_arrival(
        &self,
        posting: &mut Posting,
        tenant: TenantId,
        row: &JournalRow,
        seen: Arc<Seen>,
    ) -> Result<(), OutboundError> {
        if seen.sensitive() {
            posting.marks.push(Mark { record: row.record, sensitive: true });
        }
        if seen.fresh() {
            let (of, bytes) = (TextsOf::Record(row.record), Bytes::Known(row.record));
            self.keep_with(posting, of, &bytes, seen.kept()).await;
        }
        let judgement = self.judgement_of_arrival(tenant, row, &seen).await;
        let reference = self.reference()?;
        self.enter_acquired(posting, (tenant, reference), row, &seen, judgement.as_ref()).await?;
        match judgement {
            Some(judgement) => self.tell_of_arrival(posting, (tenant, reference), row, &seen, &judgement).await,
            None => self.not_reviewed(posting, tenant, row, "the rules cannot be read").await,
        }
    }
}

/// The tenant of the next mail that comes in; `None`: any may have got some.
async fn arrived(events: &mut tokio::sync::broadcast::Receiver<Event>) -> Option<TenantId> {
    loop {
        match events.recv().await {
            Ok(Event::Arrived { tenant }) => return Some(tenant),
            Err(RecvError::Lagged(_)) => return None,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
