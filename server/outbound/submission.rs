//! What is handed in, and the answer.

use std::time::Duration;

use inspect::extract::Kept;
use store::{Draft, DraftAt, Origin, SubmissionRow, SubmissionState};
use types::{Address, Envelope, Reference, Reply, Safeguard, SubmissionId, TenantId, Timestamp, UserId};

/// A mail handed in to be sent.
#[derive(Debug)]
pub struct Submission {
    /// Why it exists.
    pub origin: Origin,
    /// The company.
    pub tenant: TenantId,
    /// The signed-in person.
    pub author: Option<UserId>,
    /// The envelope; every recipient was accepted at RCPT.
    pub envelope: Envelope,
    /// The bytes, complete.
    pub draft: Draft,
    /// Trace headers to stand before them, lines ended by CRLF.
    pub trace: Vec<u8>,
    /// Webmail's form key: sending the same form twice sends one mail.
    pub form_key: Option<String>,
    /// The draft of webmail that is sent, as the sender saw it: it ends in the posting that writes the submission,
    /// unless the whole is refused.
    pub from_draft: Option<DraftAt>,
    /// Whether a copy goes into the author's Sent mailbox (webmail; SMTP clients put one there themselves).
    pub keep_in_sent: bool,
    /// How its author wants its files to be kept from others, beside what rules demand.
    pub safeguard: Option<Safeguard>,
    /// For so long its author can take back what would go at once; zero: it goes at once.
    pub undo_for: Duration,
    /// The rules whose self review its author has done before he sent: he was shown what they say of these very bytes
    /// and recipients.
    pub confirmed: Vec<String>,
    /// What was read in its attachments before; the default when nothing was.
    pub texts: Kept,
}

/// What was decided about a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// On its way to everyone whom no rule names.
    Sent,
    /// At least one part waits for a decision; the rest is on its way.
    Held,
    /// At least one part waits until its author has confirmed it, none for anybody else.
    ToConfirm,
    /// Refused as a whole: the reply's lines.
    Blocked(Vec<String>),
    /// Accepted; the review takes longer than the sender can wait.
    UnderReview,
}

/// The answer to a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The submission, for [`crate::Outbound::not_answered`].
    pub submission: SubmissionId,
    /// What people call it.
    pub reference: Reference,
    /// What was decided.
    pub outcome: Outcome,
    /// When the first of what waits of it goes; until then its author can take it back ([`crate::Outbound::recall`]).
    pub release_at: Option<Timestamp>,
}

impl Answer {
    /// The SMTP reply (rules-and-texts.md, "Texts"; DESIGN.md section 7).
    #[must_use]
    pub fn reply(&self) -> Reply {
        let reference = self.reference;
        match &self.outcome {
            Outcome::Sent => Reply::new(250, (2, 0, 0), format!("accepted, ref {reference}")),
            Outcome::Held => Reply::new(250, (2, 0, 0), format!("held for approval, ref {reference}")),
            Outcome::ToConfirm => Reply::new(
                250,
                (2, 0, 0),
                format!("held until you confirm it, see the notice in your INBOX, ref {reference}"),
            ),
            Outcome::UnderReview => Reply::new(250, (2, 0, 0), format!("accepted, under review, ref {reference}")),
            Outcome::Blocked(lines) => {
                let lines = lines.iter().cloned().chain([format!("See the notice in your INBOX. Ref {reference}")]);
                Reply { code: 550, enhanced: Some((5, 7, 1)), lines: lines.collect() }
            }
        }
    }

    /// The answer that was given to a submission read back from the store.
    pub(crate) fn again(row: &SubmissionRow) -> Self {
        let said =
            |word: &str| row.reply.as_ref().is_some_and(|reply| reply.lines.iter().any(|line| line.starts_with(word)));
        let outcome = match row.state {
            SubmissionState::New | SubmissionState::Reviewing => Outcome::UnderReview,
            SubmissionState::Blocked => {
                let mut lines = row.reply.as_ref().map(|reply| reply.lines.clone()).unwrap_or_default();
                lines.pop();
                Outcome::Blocked(lines)
            }
            SubmissionState::Judged if said("held for") => Outcome::Held,
            SubmissionState::Judged if said("held until") => Outcome::ToConfirm,
            SubmissionState::Judged => Outcome::Sent,
        };
        Self { submission: row.id, reference: row.reference, outcome, release_at: row.release_at }
    }
}

/// A DSN to be sent together with the attempts that cause it.
#[derive(Debug)]
pub struct Bounce {
    /// To the sender of the mail that failed.
    pub to: Address,
    /// The DSN's bytes (RFC 3464).
    pub bytes: Vec<u8>,
    /// The company from which it comes.
    pub tenant: TenantId,
}
