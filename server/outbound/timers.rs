//! What outbound does by itself: reminders and deadlines of held mail, the departure of mail that waits, reviews that
//! take long, mail that delivery hands on. Deadlines count time in service: after a start or a jump of the clock none fires for an hour.

use std::sync::Arc;
use std::time::Duration;

use inspect::review::calendar;
use message::Parsed;
use store::{Bytes, Event, Posting, SubmissionRow, SubmissionState, Timer, TimerKind};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use types::{Timestamp, UserId};

use crate::approvers::Asking;
use crate::notices::{About, Details};
use crate::submit::Work;
use crate::{Outbound, OutboundError, catalogue, rules};

/// No outcome fires for so long after a start or a jump of the clock.
const GRACE: Duration = Duration::from_secs(3_600);
/// A difference between wall clock and monotonic clock beyond this is a jump.
const JUMP_MS: i64 = 60_000;
/// Nobody else takes a claimed timer for so long.
const LEASE: Duration = Duration::from_secs(300);
/// So many are taken at once.
const BATCH: usize = 50;
/// Never longer without a look, whatever the timers say.
const LOOK: Duration = Duration::from_secs(30);

impl Outbound {
    /// Runs until `stop` is ready. What is due does not wait for reviews that take long.
    pub async fn run(&self, stop: impl Future<Output = ()> + Send) {
        let (end, ended) = watch::channel(false);
        let end = async move {
            stop.await;
            // nobody is left to hear it when all loops have ended
            let _ = end.send(true);
        };
        tokio::join!(end, self.keep_time(ended.clone()), self.finish_reviews(ended.clone()), self.keep_ledgers(ended));
    }

    async fn keep_time(&self, mut ended: watch::Receiver<bool>) {
        let mut events = self.store.work();
        let mut clock = (std::time::Instant::now(), self.clock.now());
        self.log("postponing deadlines", self.grace().await.map(drop));
        loop {
            self.log("timers", self.fire_timers().await);
            self.log("reminding of incidents", self.remind_of_incidents().await);
            self.log("reminding of requests", self.remind_of_collections().await);
            let wait = self.until_next().await;
            tokio::select! {
                _ = ended.wait_for(|over| *over) => return,
                () = tokio::time::sleep(wait) => {}
                () = woken(&mut events, &Event::Timers) => {}
            }
            if jumped(&mut clock, self.clock.now()) {
                tracing::warn!("the clock has jumped: no deadline fires for an hour");
                self.log("postponing deadlines", self.grace().await.map(drop));
            }
        }
    }

    /// Apart from what somebody waits for: a disposal takes its time.
    async fn keep_ledgers(&self, mut ended: watch::Receiver<bool>) {
        let mut clock = (std::time::Instant::now(), self.clock.now());
        let mut next = clock.1.after(GRACE);
        loop {
            tokio::select! {
                _ = ended.wait_for(|over| *over) => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            let now = self.clock.now();
            // a clock that is wrong for a moment must not destroy what is kept
            if jumped(&mut clock, now) {
                next = now.after(GRACE);
            } else if now >= next {
                let more = self.dispose_by_rule(now).await;
                // what is due is looked for through the whole ledger
                next = if more.as_ref().is_ok_and(|more| *more) { now } else { now.after(GRACE) };
                self.log("disposals by rule", more.map(drop));
            }
        }
    }

    async fn finish_reviews(&self, mut ended: watch::Receiver<bool>) {
        let mut events = self.store.work();
        loop {
            self.log("reviewing", self.review_waiting().await);
            tokio::select! {
                _ = ended.wait_for(|over| *over) => return,
                () = tokio::time::sleep(LOOK) => {}
                () = woken(&mut events, &Event::Submissions) => {}
            }
        }
    }

    fn log(&self, what: &str, result: Result<(), OutboundError>) {
        if let Err(error) = result {
            tracing::error!(%error, "{what} failed");
        }
    }

    async fn grace(&self) -> Result<u64, OutboundError> {
        let until = self.clock.now().after(GRACE);
        Ok(self.store.postpone_timers(&self.exit, TimerKind::Deadline, until).await?)
    }

    async fn until_next(&self) -> Duration {
        match self.store.next_timer().await {
            Ok(Some(due)) => due.since(self.clock.now()).clamp(Duration::from_millis(50), LOOK),
            _ => LOOK,
        }
    }

    pub(crate) async fn fire_timers(&self) -> Result<(), OutboundError> {
        loop {
            let now = self.clock.now();
            let timers = self.store.claim_timers(&self.exit, BATCH, now, now.after(LEASE)).await?;
            if timers.is_empty() {
                return Ok(());
            }
            for timer in timers {
                // one that fails comes again after its lease, and keeps no other from being fired
                self.log("a timer", self.fire(timer).await);
            }
        }
    }

    async fn fire(&self, timer: Timer) -> Result<(), OutboundError> {
        match timer.kind {
            TimerKind::Deadline => self.expire(timer.parcel, timer.id).await,
            TimerKind::Reminder => self.remind(timer).await,
            TimerKind::Release => self.let_go(&timer).await,
        }
    }

    async fn remind(&self, timer: Timer) -> Result<(), OutboundError> {
        let Some(held) = self.store.held_parcel(&self.exit, timer.parcel).await? else {
            return self.drop_timer(timer.id).await;
        };
        let submission = &held.parcel.submission;
        let approvers: Vec<_> = held.approvers.iter().map(|approver| approver.0).collect();
        let about = About {
            author: submission.author,
            from: submission.from.as_ref(),
            recipients: &held.parcel.recipients,
            reference: submission.reference,
            subject: "",
            places_ja: "",
            places_en: "",
            at: self.clock.now(),
        };
        let (deadline, then) = (Some(held.deadline), held.then.as_str());
        let left = Some(calendar::time_left(about.at, held.deadline, rules::calendar(&held.terms)));
        let details = Details { approvers: &approvers, deadline, left, then, ..Details::default() };
        let mut posting = Posting { timers_done: vec![timer.id], ..Posting::default() };
        let own = submission.author.is_some_and(|author| approvers == [author]);
        let write = if own { catalogue::confirm_reminder } else { catalogue::reminder };
        let directory = &self.store.directory();
        // who approved it has done his part
        let done = |id: UserId| held.consents.iter().any(|one| one.by == id || one.seat == id);
        let asking = Asking::about(directory, submission);
        let (approvers, deputies) = asking.left(&approvers, done, self.clock.now());
        self.ask(&mut posting, (&approvers, &deputies), &about, details, write).await?;
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }

    /// Judges what was accepted before its review was over, and what delivery hands on.
    pub(crate) async fn review_waiting(&self) -> Result<(), OutboundError> {
        for state in [SubmissionState::New, SubmissionState::Reviewing] {
            let mut after = None;
            loop {
                let rows = self.store.submissions(&self.exit, state, after, BATCH).await?;
                let Some(last) = rows.last() else { break };
                after = Some(last.id);
                for row in rows {
                    // one that fails is judged again at the next look, and keeps no other waiting
                    self.log("a review that waited", self.review_one(row).await);
                }
            }
        }
        Ok(())
    }

    async fn review_one(&self, row: SubmissionRow) -> Result<(), OutboundError> {
        let work = self.work_of(row).await?;
        let judged = self.judge_patiently(&work).await;
        match self.act(work, judged).await {
            Ok(_) | Err(OutboundError::Store(store::StoreError::Decided(_))) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn work_of(&self, row: SubmissionRow) -> Result<Work, OutboundError> {
        let bytes = self.store.read_for_sending(&self.exit, row.record, 0..row.record_size).await?;
        let texts = self.kept_of(row.record).await;
        let parsed = Parsed::parse(&bytes, &self.limits);
        let (summary, cuts) = (parsed.summary().to_bytes(), message::cut::header(&bytes, "Bcc"));
        Ok(Work {
            tenant: row.tenant,
            author: row.author,
            origin: row.origin,
            from: row.from,
            to: row.to,
            reference: row.reference,
            trace: row.prefix,
            cuts,
            join_key: String::new(),
            form_key: None,
            draft: row.draft.map(|draft| (draft, None)),
            keep_in_sent: row.keep_in_sent,
            safeguard: row.safeguard,
            undo_for: Duration::ZERO,
            release_at: row.release_at,
            at: self.clock.now(),
            names: crate::release::names(&parsed),
            summary,
            bytes: Arc::new(bytes),
            stored: Bytes::Known(row.record),
            known: Some(row.id),
            // a long review asks again: nothing says that these were the bytes that he looked at
            confirmed: Vec::new(),
            texts_are_kept: !texts.is_empty(),
            texts,
            look: None,
        })
    }
}

/// Whether the wall clock moved otherwise than the monotonic one since the last look.
fn jumped(last: &mut (std::time::Instant, Timestamp), now: Timestamp) -> bool {
    let steady = i64::try_from(last.0.elapsed().as_millis()).unwrap_or(i64::MAX);
    let wall = now.0.saturating_sub(last.1.0);
    *last = (std::time::Instant::now(), now);
    (wall - steady).abs() > JUMP_MS
}

/// Ready when it is told that timers were set, or that submissions wait.
async fn woken(events: &mut broadcast::Receiver<Event>, by: &Event) {
    loop {
        match events.recv().await {
            Ok(event) if event == *by => return,
            Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_seen_in_both_directions_and_ordinary_time_is_none() {
        let start = std::time::Instant::now();
        for (now, seen) in [(1_000, false), (59_000, false), (3_600_000, true), (-3_600_000, true)] {
            let mut last = (start, Timestamp(0));
            assert_eq!(jumped(&mut last, Timestamp(now)), seen, "{now}");
        }
    }
}
