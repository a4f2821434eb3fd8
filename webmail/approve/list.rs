//! 承認待ち: what waits for the visitor, nearest deadline first; and what he decided.

use message::Summary;
use outbound::RuleNames;
use serde::Deserialize;
use store::{Approval, Case, CaseKey, Directory, HeldKey, ParcelState};
use types::{Domain, ParcelId, Timestamp, UserId};
use web::axum::extract::{Query, State};
use web::{Answer, Style, Trouble, Visit, askama, html};

use super::ApproveWords;
use super::approver::Approver;
use crate::Rooms;
use crate::frame::Frame;

/// Rows of a page.
const ROWS: u32 = 50;

/// A held or decided mail in a list.
pub(crate) struct Line {
    pub parcel: ParcelId,
    /// Who sent it.
    pub sender: String,
    /// In whose stead the visitor decides it; empty when in his own.
    pub stands_for: String,
    /// The approvals that it has, of as many as it wants, when it wants several.
    pub approvals: Option<(usize, u32)>,
    /// Masked.
    pub subject: String,
    /// To whom, shortened.
    pub recipients: String,
    pub outside: usize,
    pub rules: String,
    /// How long until the deadline, or when it was decided.
    pub when: String,
    pub when_machine: String,
    pub overdue: bool,
    pub state: (&'static str, &'static str),
    pub comment: String,
}

/// What lines are made with.
#[derive(Clone, Copy)]
pub(crate) struct Lines<'a> {
    pub directory: &'a Directory,
    pub rules: &'a RuleNames,
    pub visitor: UserId,
    pub t: ApproveWords,
    pub style: Style,
    pub now: Timestamp,
}

impl Lines<'_> {
    /// The line of a case.
    pub fn line(&self, case: &Case) -> Line {
        let approval = case.part.approval.as_ref();
        let decided = approval.and_then(|approval| approval.decided.as_ref());
        let deadline = approval.map_or(case.submission.at, |approval| approval.deadline);
        let at = decided.map_or(deadline, |decided| decided.at);
        let left = deadline.0 - self.now.0;
        Line {
            parcel: case.part.id,
            sender: sender(self.directory, &case.submission),
            stands_for: self.stands_for(case),
            approvals: approval.and_then(approvals),
            subject: masked_subject(&case.summary, self.t),
            recipients: shortened(&case.part.recipients),
            outside: case.part.recipients.iter().filter(|one| self.is_outside(case, one.domain())).count(),
            rules: self.rules.names(&case.part.rules, self.style.language()),
            when: if decided.is_some() { self.style.date_short(at) } else { self.t.left(left) },
            when_machine: self.style.date_machine(at),
            overdue: decided.is_none() && left < 3_600_000,
            state: self.t.state(case.part.state),
            comment: decided.map(|decided| decided.comment.clone()).unwrap_or_default(),
        }
    }

    /// In whose stead the visitor would decide a mail that waits.
    fn stands_for(&self, case: &Case) -> String {
        let approvers = case.part.approval.as_ref().map(|one| one.approvers.as_slice()).unwrap_or_default();
        if case.part.state != ParcelState::Held || approvers.iter().any(|one| one.0 == self.visitor) {
            return String::new();
        }
        let stood = approvers.iter().find(|one| self.directory.deputy_of(one.0, self.now) == Some(self.visitor));
        stood.map(|one| name_of(self.directory, one.0)).unwrap_or_default()
    }

    fn is_outside(&self, case: &Case, domain: &Domain) -> bool {
        self.directory.tenant_of(domain) != Some(case.submission.tenant)
    }
}

/// A person's name, or his address when he has none.
pub(crate) fn name_of(directory: &Directory, id: UserId) -> String {
    let user = directory.users.get(&id);
    let name = user.map(|user| if user.name.is_empty() { user.address.to_string() } else { user.name.clone() });
    name.unwrap_or_default()
}

/// How many approvals a mail has of as many as it wants, when it wants several.
fn approvals(approval: &Approval) -> Option<(usize, u32)> {
    (approval.terms.approvals > 1).then_some((approval.consents.len(), approval.terms.approvals))
}

/// The name of the sender with his department, or his address.
pub(crate) fn sender(directory: &Directory, submission: &store::SubmissionRow) -> String {
    let person = submission.author.and_then(|id| directory.users.get(&id));
    match person {
        Some(user) if user.department.is_empty() => user.name.clone(),
        Some(user) => format!("{}({})", user.name, user.department),
        None => submission.from.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

/// The subject for eyes that are not its author's: a number in it is made unreadable.
pub(crate) fn masked_subject(summary: &[u8], t: ApproveWords) -> String {
    let subject = Summary::from_bytes(summary).map(|summary| summary.subject).unwrap_or_default();
    if subject.is_empty() { t.no_subject().to_owned() } else { inspect::mask_every_number(&subject) }
}

fn shortened(recipients: &[types::Address]) -> String {
    let shown = recipients.iter().take(2).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if recipients.len() > 2 { format!("{shown} +{}", recipients.len() - 2) } else { shown }
}

#[derive(askama::Template)]
#[template(path = "webmail/approve/list.html")]
struct Waiting {
    frame: Frame,
    t: ApproveWords,
    count: usize,
    lines: Vec<Line>,
    older: Option<String>,
}

/// GET /approve
pub(super) async fn waiting(
    State(rooms): State<Rooms>,
    Approver(visit): Approver,
    Query(asked): Query<AskedWaiting>,
) -> Answer {
    let access = rooms.auth.read_account(visit.identity())?;
    let after = asked.key()?;
    let cases = rooms.store.awaiting(&access, visit.now, after, ROWS).await?;
    let count = rooms.store.unsettled(&access, visit.now).await?.awaiting;
    let t = ApproveWords::new(visit.page.language);
    let lines: Vec<Line> = with_lines(&rooms, &visit, t, |lines| cases.iter().map(|case| lines.line(case)).collect());
    let last = cases.last().and_then(Case::held_key).filter(|_| cases.len() == ROWS as usize);
    let older = last.map(|key| format!("/approve?after={}.{}", key.deadline.0, key.parcel));
    let frame = Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?);
    html(&Waiting { t, count: usize::try_from(count).unwrap_or(usize::MAX), lines, older, frame })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AskedWaiting {
    /// `1795478400000.17`: deadlines after this one.
    after: String,
}

impl AskedWaiting {
    fn key(&self) -> Result<Option<HeldKey>, Trouble> {
        let key = web::place(&self.after)?;
        Ok(key.map(|(at, parcel)| HeldKey { deadline: at, parcel: ParcelId(parcel) }))
    }
}

fn with_lines<T>(rooms: &Rooms, visit: &Visit, t: ApproveWords, make: impl FnOnce(Lines<'_>) -> T) -> T {
    let directory = rooms.store.directory();
    let (style, now) = (visit.page.style, visit.now);
    let rules = &rooms.outbound.rule_names(visit.identity().tenant());
    make(Lines { directory: &directory, rules, visitor: visit.identity().user(), t, style, now })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// `1795478400000.17`: decisions before this one.
    before: String,
}

impl Asked {
    fn key(&self) -> Result<Option<CaseKey>, Trouble> {
        Ok(web::place(&self.before)?.map(|(at, parcel)| CaseKey { at, parcel: ParcelId(parcel) }))
    }
}

#[derive(askama::Template)]
#[template(path = "webmail/approve/history.html")]
struct History {
    frame: Frame,
    t: ApproveWords,
    lines: Vec<Line>,
    older: Option<String>,
}

/// GET /approve/history
pub(super) async fn history(
    State(rooms): State<Rooms>,
    Approver(visit): Approver,
    Query(asked): Query<Asked>,
) -> Answer {
    let access = rooms.auth.read_account(visit.identity())?;
    let cases = rooms.store.own_decisions(&access, asked.key()?, ROWS).await?;
    let full = cases.len() == ROWS as usize;
    let last = cases.last().and_then(Case::key).filter(|_| full);
    let t = ApproveWords::new(visit.page.language);
    let lines = with_lines(&rooms, &visit, t, |lines| cases.iter().map(|case| lines.line(case)).collect());
    let older = last.map(|key| format!("/approve/history?before={}.{}", key.at.0, key.parcel));
    html(&History { t, lines, older, frame: Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?) })
}
