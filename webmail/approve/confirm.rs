//! A mail that waits for its own sender, as rules ask: to whom it goes, why, what is in it; and his word that he has
//! looked at it.

use message::Summary;
use outbound::{DecisionWord, OutboundError};
use store::{Case, ParcelState, StoreError};
use types::ParcelId;
use web::axum::extract::{Path, State};
use web::{Answer, Toast, Trouble, Visit, askama, html, see_with};

use super::ApproveWords;
use super::outgoing::is_own;
use crate::Rooms;
use crate::frame::Frame;

/// A recipient.
struct To {
    address: String,
    outside: bool,
}

#[derive(askama::Template)]
#[template(path = "webmail/approve/confirm.html")]
struct Confirm {
    frame: Frame,
    t: ApproveWords,
    parcel: ParcelId,
    subject: String,
    until: String,
    left: String,
    then: &'static str,
    to: Vec<To>,
    rules: String,
    message: String,
    preview: String,
    files: Vec<String>,
}

/// The visitor's own mail that waits for him alone; `None` once it is decided.
async fn own(rooms: &Rooms, visit: &Visit, parcel: ParcelId) -> Result<Option<Case>, Trouble> {
    let author = Some(visit.identity().user());
    match rooms.store.own_case(&rooms.auth.read_account(visit.identity())?, parcel).await {
        Ok(case) => Ok(Some(case).filter(|case| case.part.state == ParcelState::Held && is_own(&case.part, author))),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// GET /outgoing/{parcel}/confirm
pub(super) async fn show(State(rooms): State<Rooms>, visit: Visit, Path(parcel): Path<i64>) -> Answer {
    let t = ApproveWords::new(visit.page.language);
    let Some(case) = own(&rooms, &visit, ParcelId(parcel)).await? else { return Err(Trouble::NotFound) };
    let approval = case.part.approval.as_ref().ok_or(Trouble::NotFound)?;
    let (directory, tenant) = (rooms.store.directory(), visit.identity().tenant());
    let to = case.part.recipients.iter().map(|address| To {
        address: address.to_string(),
        outside: directory.tenant_of(address.domain()) != Some(tenant),
    });
    // it is his own mail: he sees it as it is
    let summary = Summary::from_bytes(&case.summary).ok();
    let subject = summary.as_ref().map(|summary| summary.subject.clone()).filter(|subject| !subject.is_empty());
    html(&Confirm {
        t,
        parcel: case.part.id,
        subject: subject.unwrap_or_else(|| t.no_subject().to_owned()),
        until: visit.page.style.date_short(approval.deadline),
        left: t.left(approval.deadline.0 - visit.now.0),
        then: if approval.then == "reject" { t.then_reject() } else { t.then_return() },
        to: to.collect(),
        rules: rooms.outbound.rule_names(tenant).names(&case.part.rules, visit.page.language),
        message: approval.message.clone(),
        preview: summary.as_ref().map(|summary| summary.preview.clone()).unwrap_or_default(),
        files: summary.map(|summary| files(&summary, t)).unwrap_or_default(),
        frame: Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?),
    })
}

fn files(summary: &Summary, t: ApproveWords) -> Vec<String> {
    let leaves = summary.leaves();
    let attached = leaves.iter().filter(|(_, part)| part.is_attachment());
    attached.map(|(number, part)| part.file_name().unwrap_or_else(|| t.file_unnamed(number))).collect()
}

/// POST /outgoing/{parcel}/confirm
pub(super) async fn confirm(State(rooms): State<Rooms>, visit: Visit, Path(parcel): Path<i64>) -> Answer {
    let t = ApproveWords::new(visit.page.language);
    let by = Some(visit.identity().user());
    // the word of an approver is given where he sees what he decides
    rooms.store.own_case(&rooms.auth.read_account(visit.identity())?, ParcelId(parcel)).await?;
    match rooms.outbound.decide(ParcelId(parcel), DecisionWord::Approve, by, "").await {
        Ok(_) => see_with("/outgoing", &Toast::new(t.confirmed())),
        Err(OutboundError::Store(StoreError::Decided(_))) => see_with("/outgoing", &Toast::new(t.decided_before())),
        Err(OutboundError::Untreatable(why)) => see_with("/outgoing", &Toast::new(why.told(visit.page.language))),
        Err(OutboundError::NotApprover | OutboundError::NoSuchParcel) => Err(Trouble::NotFound),
        Err(error) => Err(error.into()),
    }
}
