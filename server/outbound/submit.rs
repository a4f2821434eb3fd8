//! A submission from its bytes to its answer: looked at once, judged in memory, written as one posting.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use inspect::Look;
use inspect::extract::Kept;
use message::Parsed;
use ring::digest;
use store::{
    Bytes, DraftAt, DraftChange, DraftStep, NewMail, NewSubmission, Origin, Posting, SubmissionRef, SubmissionState,
};
use types::{Address, DraftId, Reference, Safeguard, SubmissionId, TenantId, Timestamp, UserId};

use crate::release::{Names, names};
use crate::waiting::until;
use crate::{Answer, Outbound, OutboundError, Outcome, Question, Submission};

/// A sender whose connection died before the answer was written has so long to hand the same mail in again.
const JOIN_FOR: Duration = Duration::from_secs(300);
/// More hosts than this on the way means a loop (RFC 5321 6.3).
const MOST_RECEIVED: usize = 50;

/// A submission under work: what was handed in (or read back) and what one look at its bytes tells.
pub(crate) struct Work {
    pub tenant: TenantId,
    pub author: Option<UserId>,
    pub origin: Origin,
    pub from: Option<Address>,
    pub to: Vec<Address>,
    pub reference: Reference,
    pub trace: Vec<u8>,
    pub cuts: Vec<Range<u64>>,
    pub join_key: String,
    pub form_key: Option<String>,
    /// The draft from which it comes, and as which version it must be found.
    pub draft: Option<(DraftId, Option<u32>)>,
    pub keep_in_sent: bool,
    /// How its author wants its files to be kept from others.
    pub safeguard: Option<Safeguard>,
    /// For how long its author can take it back.
    pub undo_for: Duration,
    /// The same as a moment, of a submission that is stored already.
    pub release_at: Option<Timestamp>,
    pub at: Timestamp,
    /// The plain bytes.
    pub bytes: Arc<Vec<u8>>,
    pub summary: Vec<u8>,
    /// The names beside its recipients' addresses.
    pub names: Names,
    /// Where the bytes are or will be.
    pub stored: Bytes,
    /// The submission when it is stored already (under review, or made by delivery).
    pub known: Option<SubmissionId>,
    /// The rules whose self review its author has done.
    pub confirmed: Vec<String>,
    /// What was read in its attachments before.
    pub texts: Kept,
    /// Whether these are kept beside its record already.
    pub texts_are_kept: bool,
    /// A look that takes longer than its sender can wait, and goes on.
    pub look: Option<Look>,
}

impl Work {
    /// What the rules are asked about it.
    pub fn question(&self) -> Question {
        let (tenant, author, origin, at) = (self.tenant, self.author, self.origin, self.at);
        let (from, to, safeguard) = (self.from.clone(), self.to.clone(), self.safeguard);
        Question { tenant, author, origin, from, to, at, safeguard }
    }
    /// The row of this submission in `state`.
    pub fn row(&self, mail: usize, state: SubmissionState) -> NewSubmission {
        NewSubmission {
            tenant: self.tenant,
            author: self.author,
            origin: self.origin,
            from: self.from.clone(),
            to: self.to.clone(),
            reference: self.reference,
            mail,
            prefix: self.trace.clone(),
            cuts: self.cuts.clone(),
            state,
            join_key: self.join_key.clone(),
            form_key: self.form_key.clone(),
            at: self.at,
            verdict: String::new(),
            reply: None,
            release_at: None,
            draft: None,
            keep_in_sent: false,
            safeguard: self.safeguard,
            parcels: Vec::new(),
        }
    }

    /// The same with what waits beside it until `release_at`, or until a long review is over.
    pub fn waiting_row(&self, mail: usize, state: SubmissionState, release_at: Option<Timestamp>) -> NewSubmission {
        let draft = self.draft.map(|(id, _)| id);
        NewSubmission { release_at, draft, keep_in_sent: self.keep_in_sent, ..self.row(mail, state) }
    }

    /// What happens to the draft from which it comes.
    pub fn draft_step(&self, step: DraftStep) -> Option<DraftChange> {
        let (user, (draft, version)) = (self.author?, self.draft?);
        Some(DraftChange { user, draft, version, step, at: self.at })
    }
}

impl Outbound {
    /// Takes a submission: returns when it is judged and on disk, or accepted for a longer review.
    ///
    /// # Errors
    /// Nothing was written.
    pub async fn submit(&self, submission: Submission) -> Result<Answer, OutboundError> {
        let mut work = self.look(submission).await?;
        if let Some(answer) = self.answered_before(&work).await? {
            return Ok(answer);
        }
        let form_key = work.form_key.clone();
        let answer = match self.judge(&mut work).await {
            Some(judged) => self.act(work, judged).await,
            None => self.accept_for_review(work).await,
        };
        match (answer, form_key) {
            (Err(error), Some(key)) => self.sent_meanwhile(&key).await.ok_or(error),
            (answer, _) => answer,
        }
    }

    /// The answer that a form of `author` got when it was sent before; `None`: it was not.
    ///
    /// # Errors
    /// The store failed.
    pub async fn sent_before(&self, author: UserId, form_key: &str) -> Result<Option<Answer>, OutboundError> {
        let row = self.store.by_form_key(&self.exit, form_key).await?;
        Ok(row.filter(|row| row.author == Some(author)).map(|row| Answer::again(&row)))
    }

    /// The same form was sent twice at once, and the other was first: its answer is this one's too.
    async fn sent_meanwhile(&self, form_key: &str) -> Option<Answer> {
        let row = self.store.by_form_key(&self.exit, form_key).await.ok()??;
        Some(Answer::again(&row))
    }

    /// Says that the answer to a submission could not be written: it waits for its sender to come again.
    ///
    /// # Errors
    /// The store failed.
    pub async fn not_answered(&self, submission: SubmissionId) -> Result<(), OutboundError> {
        let until = self.clock.now().after(JOIN_FOR);
        Ok(self.store.mark_unanswered(&self.exit, submission, Some(until)).await?)
    }

    pub(crate) async fn look(&self, submission: Submission) -> Result<Work, OutboundError> {
        let at = self.clock.now();
        let Submission {
            origin,
            tenant,
            author,
            envelope,
            draft,
            trace,
            form_key,
            from_draft,
            keep_in_sent,
            safeguard,
            undo_for,
            confirmed,
            texts,
        } = submission;
        let bytes = self.store.draft_bytes(&draft).await?;
        let parsed = Parsed::parse(&bytes, &self.limits);
        if parsed.received_count() > MOST_RECEIVED {
            return Err(OutboundError::Loop);
        }
        if let (Some(author), Origin::Author) = (author, origin) {
            self.may_send_as(author, envelope.from.as_ref(), &parsed.from())?;
            self.count(author, at)?;
        }
        let (summary, cuts) = (parsed.summary().to_bytes(), message::cut::header(&bytes, "Bcc"));
        let join_key = join_key(author, &envelope.to, parsed.message_id().as_deref());
        Ok(Work {
            tenant,
            author,
            origin,
            from: envelope.from,
            to: envelope.to,
            reference: self.reference()?,
            trace,
            cuts,
            join_key,
            form_key,
            draft: from_draft.map(|DraftAt { id, version }| (id, Some(version))),
            keep_in_sent,
            safeguard,
            undo_for,
            release_at: None,
            at,
            names: names(&parsed),
            summary,
            bytes: Arc::new(bytes),
            stored: Bytes::New(draft),
            known: None,
            confirmed,
            texts,
            texts_are_kept: false,
            look: None,
        })
    }

    /// A sender may use only his own addresses, in MAIL FROM and in From.
    fn may_send_as(&self, author: UserId, envelope: Option<&Address>, from: &[Address]) -> Result<(), OutboundError> {
        let directory = self.store.directory();
        let owns = |address: &Address| directory.users.get(&author).is_some_and(|user| user.owns(address));
        match envelope.into_iter().chain(from).find(|address| !owns(address)) {
            Some(foreign) => Err(OutboundError::NotYours(foreign.clone())),
            None => Ok(()),
        }
    }

    fn count(&self, author: UserId, now: Timestamp) -> Result<(), OutboundError> {
        const HOUR_MS: i64 = 3_600_000;
        let mut sent = self.sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (since, count) = sent.entry(author).or_insert((now, 0));
        if now.0 - since.0 >= HOUR_MS {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count > self.limits.submissions_per_hour { Err(OutboundError::TooMany) } else { Ok(()) }
    }

    /// The answer to a repeat: of a webmail form, or of a submission whose answer was never written.
    async fn answered_before(&self, work: &Work) -> Result<Option<Answer>, OutboundError> {
        let found = match &work.form_key {
            Some(key) => self.store.by_form_key(&self.exit, key).await?,
            None if work.origin == Origin::Author && !work.join_key.is_empty() => {
                self.store.unanswered(&self.exit, &work.join_key, work.at).await?
            }
            None => None,
        };
        let Some(row) = found else { return Ok(None) };
        self.store.mark_unanswered(&self.exit, row.id, None).await?;
        Ok(Some(Answer::again(&row)))
    }

    /// Stores the submission before its review is over; `run` finishes it.
    pub(crate) async fn accept_for_review(&self, mut work: Work) -> Result<Answer, OutboundError> {
        let (reference, release_at) = (work.reference, until(self.clock.now(), work.undo_for));
        let mut row = work.waiting_row(0, SubmissionState::Reviewing, release_at);
        let mut answer = Answer { submission: SubmissionId(0), reference, outcome: Outcome::UnderReview, release_at };
        row.reply = Some(answer.reply());
        let mut posting = Posting { submissions: vec![row], ..Posting::default() };
        posting.drafts.extend(work.draft_step(DraftStep::Leave));
        // whoever finishes the review takes up the look that goes on
        work.look.take().into_iter().for_each(|look| self.looks.leave(reference, look));
        let (tenant, bytes, summary) = (work.tenant, work.stored, work.summary);
        posting.mail(NewMail { tenant, bytes, summary, sensitive: true });
        posting.trail.push(crate::act::trail(SubmissionRef::New(0), None, work.at, "submission.reviewing", ""));
        let posted = self.store.send(&self.exit, posting).await?;
        answer.submission = posted.submissions.first().copied().unwrap_or(SubmissionId(0));
        Ok(answer)
    }
}

/// Joins repeats: account, Message-ID and recipients; empty when the mail has no Message-ID.
fn join_key(author: Option<UserId>, to: &[Address], message_id: Option<&str>) -> String {
    let (Some(author), Some(id)) = (author, message_id) else { return String::new() };
    let mut recipients: Vec<String> = to.iter().map(Address::key).collect();
    recipients.sort();
    let text = format!("{author}\n{id}\n{}", recipients.join("\n"));
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
