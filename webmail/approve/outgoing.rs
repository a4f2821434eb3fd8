//! 送信状況: what became of one's own mail, and taking back what still waits: for an approver, or for its time.

use outbound::{DecisionWord, OutboundError};
use serde::Deserialize;
use store::{Directory, ParcelState, Part, Sending, StoreError, SubmissionState};
use types::{EncryptionForm, ParcelId, RecordId, Reference, SubmissionId, Timestamp, UserId};
use web::axum::extract::{Path, Query, State};
use web::{Answer, Style, Toast, Trouble, Visit, askama, html, see_with};

use super::ApproveWords;
use crate::Rooms;
use crate::frame::Frame;
use crate::ways::WayWords;

/// Mails of a page.
const ROWS: u32 = 30;

/// A line of a mail's timeline.
struct Step {
    at: String,
    at_machine: String,
    what: &'static str,
    detail: String,
}

/// A fate of a mail.
pub(crate) struct Fate {
    parcel: ParcelId,
    pub(crate) to: String,
    pub(crate) state: (&'static str, &'static str),
    /// Until when and by whom it is decided, while it waits.
    waits: Option<(String, String)>,
    /// The approvals that it has, of as many as it wants, when it waits for several.
    approvals: Option<(usize, u32)>,
    /// It went as links.
    pub(crate) linked: bool,
    /// It went as ZIPs.
    pub(crate) zipped: bool,
    /// How its content is kept from others on the way to those outside.
    pub(crate) forms: Vec<&'static str>,
    /// It waits for its sender alone.
    own: bool,
    /// When it leaves, if it waits to.
    pub(crate) leaves: Option<String>,
    pub(crate) comment: String,
}

/// How a mail went, on the page of its copy in Sent.
pub(crate) struct Went {
    pub(crate) t: ApproveWords,
    pub(crate) ways: WayWords,
    submission: SubmissionId,
    sent: Sent,
}

impl Went {
    /// Of the mail `record`, if the visitor sent it.
    pub(crate) async fn of(rooms: &Rooms, visit: &Visit, record: RecordId) -> Result<Option<Self>, Trouble> {
        let access = rooms.auth.read_account(visit.identity())?;
        let Some(sending) = rooms.store.own_sending_of(&access, record).await? else { return Ok(None) };
        let (t, ways) = (ApproveWords::new(visit.page.language), WayWords::new(visit.page.language));
        let directory = rooms.store.directory();
        let telling = Telling { directory: &directory, t, ways, style: visit.page.style, now: visit.now };
        Ok(Some(Self { t, ways, submission: sending.submission.id, sent: telling.sent(&sending) }))
    }
    pub(crate) fn reference(&self) -> &str {
        &self.sent.reference
    }
    /// To its timeline: the page of 送信状況 that begins with it.
    pub(crate) fn href(&self) -> String {
        format!("/outgoing?before={}#s-{}", self.submission.0.saturating_add(1), self.sent.reference)
    }
    pub(crate) fn reviewing(&self) -> bool {
        self.sent.reviewing
    }
    pub(crate) fn fates(&self) -> &[Fate] {
        &self.sent.fates
    }
}

/// A mail that was sent.
struct Sent {
    subject: String,
    reference: String,
    at: String,
    at_machine: String,
    reviewing: bool,
    /// How soon the first of what waits of it goes.
    leaves_in: Option<String>,
    fates: Vec<Fate>,
    steps: Vec<Step>,
}

#[derive(askama::Template)]
#[template(path = "webmail/approve/outgoing.html")]
struct Outgoing {
    frame: Frame,
    t: ApproveWords,
    ways: WayWords,
    held: usize,
    mails: Vec<Sent>,
    older: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    before: Option<i64>,
}

/// GET /outgoing
pub(super) async fn list(State(rooms): State<Rooms>, visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let access = rooms.auth.read_account(visit.identity())?;
    let sendings = rooms.store.own_sendings(&access, asked.before.map(SubmissionId), ROWS).await?;
    let held = rooms.store.unsettled(&access, visit.now).await?.own_held;
    let held = usize::try_from(held).unwrap_or(usize::MAX);
    let full = sendings.len() == ROWS as usize;
    let older = sendings.last().filter(|_| full).map(|last| format!("/outgoing?before={}", last.submission.id));
    let t = ApproveWords::new(visit.page.language);
    let directory = rooms.store.directory();
    let ways = WayWords::new(visit.page.language);
    let telling = Telling { directory: &directory, t, ways, style: visit.page.style, now: visit.now };
    let mails = sendings.iter().map(|sending| telling.sent(sending)).collect();
    html(&Outgoing {
        t,
        ways,
        held,
        mails,
        older,
        frame: Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?),
    })
}

struct Telling<'a> {
    directory: &'a Directory,
    t: ApproveWords,
    ways: WayWords,
    style: Style,
    now: Timestamp,
}

impl Telling<'_> {
    fn sent(&self, sending: &Sending) -> Sent {
        let at = sending.submission.at;
        let subject = message::Summary::from_bytes(&sending.summary).map(|summary| summary.subject).unwrap_or_default();
        let steps = sending.trail.iter().filter_map(|line| {
            Some(Step {
                at: self.style.date_short(line.at),
                at_machine: self.style.date_machine(line.at),
                what: self.t.event(&line.event)?,
                detail: self.ways.told(&line.detail),
            })
        });
        Sent {
            subject: if subject.is_empty() { self.t.no_subject().to_owned() } else { subject },
            reference: sending.submission.reference.to_string(),
            at: self.style.date_short(at),
            at_machine: self.style.date_machine(at),
            reviewing: matches!(sending.submission.state, SubmissionState::New | SubmissionState::Reviewing),
            leaves_in: self.leaves_in(sending),
            fates: sending.parts.iter().map(|part| self.fate(part, sending.submission.author)).collect(),
            steps: steps.collect(),
        }
    }

    fn leaves_in(&self, sending: &Sending) -> Option<String> {
        let waiting = sending.parts.iter().filter(|part| part.state == ParcelState::Waiting);
        let at = waiting.filter_map(|part| part.release_at.or(sending.submission.release_at)).min()?;
        Some(match at.since(self.now).as_secs() {
            seconds @ ..=120 => self.t.leaves_in(seconds),
            seconds => self.t.leaves_in_minutes(seconds.div_ceil(60)),
        })
    }

    fn fate(&self, part: &Part, author: Option<UserId>) -> Fate {
        // whose mail a rule discards is not told (rules-and-texts.md)
        let state = if part.state == ParcelState::Deleted { ParcelState::Released } else { part.state };
        let approval = part.approval.as_ref();
        let waits = approval.filter(|_| state == ParcelState::Held).map(|approval| {
            let names = approval.approvers.iter().filter_map(|approver| self.directory.users.get(&approver.0));
            let names: Vec<&str> = names.map(|user| user.name.as_str()).collect();
            (self.style.date_short(approval.deadline), names.join(", "))
        });
        let decided = approval.and_then(|approval| approval.decided.as_ref());
        let own = state == ParcelState::Held && is_own(part, author);
        let leaves = part.release_at.filter(|_| state == ParcelState::Waiting);
        Fate {
            parcel: part.id,
            to: part.recipients.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            state: if own { (self.t.state_to_confirm(), "warn") } else { self.t.state(state) },
            linked: state == ParcelState::Released && goes_as(part, EncryptionForm::Link),
            zipped: state == ParcelState::Released && goes_as(part, EncryptionForm::Zip),
            forms: self.ways.all(&part.treatment),
            waits,
            approvals: approval
                .filter(|one| state == ParcelState::Held && one.terms.approvals > 1)
                .map(|one| (one.consents.len(), one.terms.approvals)),
            own,
            leaves: leaves.map(|at| self.t.leaves_at(&self.style.date_short(at))),
            comment: decided.map(|decided| decided.comment.clone()).unwrap_or_default(),
        }
    }
}

/// Whether its recipients outside get it in this form.
fn goes_as(part: &Part, form: EncryptionForm) -> bool {
    part.treatment.encryption.is_some_and(|encryption| encryption.form == form)
}

/// Whether nobody but its author decides it.
pub(super) fn is_own(part: &Part, author: Option<UserId>) -> bool {
    let approvers = part.approval.as_ref().map(|approval| approval.approvers.as_slice()).unwrap_or_default();
    !approvers.is_empty() && approvers.iter().all(|approver| Some(approver.0) == author)
}

/// POST /outgoing/{parcel}/withdraw
pub(super) async fn withdraw(State(rooms): State<Rooms>, visit: Visit, Path(parcel): Path<i64>) -> Answer {
    let t = ApproveWords::new(visit.page.language);
    let by = Some(visit.identity().user());
    match rooms.outbound.decide(ParcelId(parcel), DecisionWord::Withdraw, by, "").await {
        Ok(_) => see_with("/outgoing", &Toast::new(t.withdrawn())),
        Err(OutboundError::Store(StoreError::Decided(_))) => see_with("/outgoing", &Toast::new(t.decided_before())),
        Err(OutboundError::NotApprover | OutboundError::NoSuchParcel) => Err(Trouble::NotFound),
        Err(error) => Err(error.into()),
    }
}

/// POST /outgoing/recall/{reference}: the mail is a draft again, as it was.
pub(super) async fn recall(State(rooms): State<Rooms>, visit: Visit, Path(reference): Path<String>) -> Answer {
    let t = ApproveWords::new(visit.page.language);
    let reference = Reference::parse(&reference).ok_or(Trouble::NotFound)?;
    match rooms.outbound.recall(reference, visit.identity().user()).await {
        Ok(back) => {
            let path = back.draft.map_or_else(|| "/mail".to_owned(), |draft| format!("/mail/compose/{draft}"));
            see_with(&path, &Toast::new(if back.partly { t.recalled_partly() } else { t.recalled() }))
        }
        Err(OutboundError::Store(StoreError::Decided(_))) => see_with("/outgoing", &Toast::new(t.recalled_late())),
        Err(OutboundError::NoSuchParcel) => Err(Trouble::NotFound),
        Err(error) => Err(error.into()),
    }
}
