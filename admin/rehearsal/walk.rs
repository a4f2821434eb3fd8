//! The walk back through the mail of a company, the newest first: what was sent and what came in, by their moments.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use inspect::review::RuleSet;
use outbound::{OutboundError, Past};
use store::{Access, JournalRow, Manage, Read, Sending, Store, StoreError, Tenancy};
use types::Timestamp;

use super::{End, Job, MOST_MAILS, Running};
use crate::Console;

/// Mails that are asked for at once.
const PAGE: u32 = 100;

/// Walks, and says how it ended.
pub(super) async fn walk(
    console: Arc<Console>,
    running: Running,
    rules: Arc<RuleSet>,
    access: (Access<Tenancy, Manage>, Access<Tenancy, Read>),
) {
    match walked(&console, &running.0, &rules, access).await {
        Ok(end) => running.0.end(end),
        Err(error) => {
            tracing::error!(%error, "rules were not tried on all of the past mail");
            running.0.end(End::Failed);
        }
    }
}

/// After each mail it rests as long as it worked.
async fn walked(
    console: &Console,
    job: &Job,
    rules: &Arc<RuleSet>,
    (manage, read): (Access<Tenancy, Manage>, Access<Tenancy, Read>),
) -> Result<End, OutboundError> {
    let mut back = Back::new(&console.store, &read);
    while let Some(mail) = back.next().await? {
        if mail.at() < job.since {
            return Ok(End::Done);
        }
        if job.stop.load(Ordering::Relaxed) {
            return Ok(End::Stopped);
        }
        let began = Instant::now();
        let said = console.outbound.rehearse(&manage, rules, mail.past()).await?;
        if job.note(mail.at(), said) >= MOST_MAILS {
            return Ok(End::Full);
        }
        tokio::time::sleep(began.elapsed().max(Duration::from_millis(1))).await;
    }
    Ok(End::Done)
}

enum Mail {
    Sent(Box<Sending>),
    Arrived(JournalRow),
}

impl Mail {
    fn at(&self) -> Timestamp {
        match self {
            Self::Sent(sending) => sending.submission.at,
            Self::Arrived(row) => row.at,
        }
    }
    fn past(&self) -> Past<'_> {
        match self {
            Self::Sent(sending) => Past::Sent(sending),
            Self::Arrived(row) => Past::Arrived(row),
        }
    }
}

/// What lies before, page by page.
struct Back<'s> {
    store: &'s Store,
    access: &'s Access<Tenancy, Read>,
    sent: VecDeque<Sending>,
    arrived: VecDeque<JournalRow>,
    /// The next pages end before these; `None` when there is no further one.
    next_sent: Option<Option<types::SubmissionId>>,
    next_arrived: Option<Option<u64>>,
}

impl<'s> Back<'s> {
    fn new(store: &'s Store, access: &'s Access<Tenancy, Read>) -> Self {
        let (sent, arrived) = (VecDeque::new(), VecDeque::new());
        Self { store, access, sent, arrived, next_sent: Some(None), next_arrived: Some(None) }
    }

    /// The newest that is left.
    async fn next(&mut self) -> Result<Option<Mail>, StoreError> {
        if self.sent.is_empty()
            && let Some(before) = self.next_sent
        {
            self.sent = self.store.sendings(self.access, before, PAGE).await?.into();
            self.next_sent = self.sent.back().map(|last| Some(last.submission.id));
        }
        if self.arrived.is_empty()
            && let Some(before) = self.next_arrived
        {
            self.arrived = self.store.arrivals_before(self.access, before, PAGE).await?.into();
            self.next_arrived = self.arrived.back().map(|last| Some(last.seq));
        }
        let sent = self.sent.front().map(|sending| sending.submission.at);
        let came_later = self.arrived.front().is_some_and(|row| sent.is_none_or(|sent| row.at > sent));
        Ok(if came_later {
            self.arrived.pop_front().map(Mail::Arrived)
        } else {
            self.sent.pop_front().map(|sending| Mail::Sent(Box::new(sending)))
        })
    }
}
