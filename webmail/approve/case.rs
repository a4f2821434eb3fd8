//! One held mail before its approver: who, to whom, why, what was found and where, the text and the files with every
//! number made unreadable; and his decision.

use std::sync::Arc;

use inspect::{Seen, Sighting};
use outbound::{DecisionWord, OutboundError};
use serde::Deserialize;
use store::{Access, Case, HeldMail, ParcelState, Read, Role, StoreError};
use types::{Language, ParcelId};
use web::axum::extract::{Form, Path, State};
use web::axum::http::StatusCode;
use web::{Answer, Toast, Trouble, Visit, askama, html, html_with, see_with};

use super::approver::Approver;
use super::list::{masked_subject, name_of, sender};
use super::story::{Step, Telling};
use super::{ApproveWords, CaseWords};
use crate::Rooms;
use crate::frame::Frame;

/// Findings that are listed (web-design 3.4).
const SHOWN: usize = 20;
/// Longest comment, characters.
const COMMENT: usize = 2_000;

/// A finding as the page shows it.
struct Found {
    place: String,
    level: &'static str,
    reasons: String,
}

/// A recipient.
struct To {
    address: String,
    outside: bool,
}

/// A file.
pub(super) struct File {
    pub part: String,
    pub name: String,
    size: String,
    found: usize,
}

#[derive(askama::Template)]
#[template(path = "webmail/approve/case.html")]
struct CasePage {
    frame: Frame,
    t: ApproveWords,
    d: CaseWords,
    parcel: ParcelId,
    subject: String,
    sender: String,
    since: String,
    until: String,
    left: String,
    then: &'static str,
    to: Vec<To>,
    rules: String,
    message: String,
    /// What is done to it when it goes.
    treated: String,
    found: Vec<Found>,
    found_all: usize,
    not_inspected: Vec<String>,
    opened: Vec<String>,
    files: Vec<File>,
    body: String,
    state: (&'static str, &'static str),
    /// Whether it still waits, and for this visitor.
    decidable: bool,
    /// In whose stead he decides; empty when in his own.
    stands_for: String,
    /// The approvals that it has, of as many as it wants, when it wants several.
    approvals: Option<(usize, u32)>,
    /// Who gave them.
    given_by: Vec<String>,
    /// Whether the visitor, or somebody in the same seat, has approved it.
    approved: bool,
    /// What a rule wants opened before the approval, and the visitor has not opened.
    unopened: Vec<String>,
    /// Whether the visitor may open it as it is.
    original: bool,
    history: Vec<Step>,
    comment: String,
    error: Option<&'static str>,
}

/// GET /approve/{parcel}
pub(super) async fn show(State(rooms): State<Rooms>, Approver(visit): Approver, Path(parcel): Path<i64>) -> Answer {
    let access = rooms.auth.open_held(visit.identity(), ParcelId(parcel), visit.now).await?;
    rooms.store.note_opening(&access, "held.opened", "", String::new(), visit.now).await?;
    html(&page(&rooms, visit, &access, String::new(), None).await?)
}

async fn page(
    rooms: &Rooms,
    visit: Visit,
    access: &Access<HeldMail, Read>,
    comment: String,
    error: Option<&'static str>,
) -> Result<CasePage, Trouble> {
    let case = rooms.store.case(access).await?;
    let seen = look(rooms, access, &case).await?;
    let t = ApproveWords::new(visit.page.language);
    let directory = rooms.store.directory();
    // of an operator who is asked, it may be another company than his own
    let tenant = case.submission.tenant;
    let style = visit.page.style;
    let to = case.part.recipients.iter().map(|address| To {
        address: address.to_string(),
        outside: directory.tenant_of(address.domain()) != Some(tenant),
    });
    let mut to: Vec<To> = to.collect();
    to.sort_by_key(|one| !one.outside);
    let approval = case.part.approval.as_ref().ok_or(Trouble::NotFound)?;
    let sightings = seen.as_ref().map(|seen| seen.sightings()).unwrap_or_default();
    let user = visit.identity().user();
    let seat = rooms.outbound.seat_of(&case, user);
    let files = files(seen.as_deref(), &sightings, t, style);
    let history = rooms.store.case_history(access).await?;
    let unopened = if approval.terms.must_open {
        outbound::unopened(seen.as_deref(), &history.openings, user)
    } else {
        Vec::new()
    };
    let name_of_part = |part: &String| files.iter().find(|file| file.part == *part).map(|file| file.name.clone());
    let d = CaseWords::new(visit.page.language);
    let telling = Telling { directory: &directory, t, d, style, files: &files };
    Ok(CasePage {
        t,
        d,
        stands_for: seat.filter(|seat| *seat != user).map(|seat| name_of(&directory, seat)).unwrap_or_default(),
        approvals: (approval.terms.approvals > 1).then_some((approval.consents.len(), approval.terms.approvals)),
        given_by: approval.consents.iter().map(|one| name_of(&directory, one.by)).collect(),
        approved: approval.consents.iter().any(|one| one.by == user || Some(one.seat) == seat),
        unopened: unopened.iter().filter_map(name_of_part).collect(),
        original: directory.users.get(&user).is_some_and(|user| user.tenant == tenant && user.roles.has(Role::Handler)),
        history: telling.steps(&history, approval),
        parcel: case.part.id,
        subject: subject(&case, seen.as_deref(), t),
        sender: sender(&directory, &case.submission),
        since: style.date_short(case.submission.at),
        until: style.date_short(approval.deadline),
        left: t.left(approval.deadline.0 - visit.now.0),
        then: then(t, &approval.then),
        to,
        rules: rooms.outbound.rule_names(tenant).names_and_codes(&case.part.rules, visit.page.language),
        message: approval.message.clone(),
        treated: inspect::review::treatment_told(&case.part.treatment, visit.page.language),
        found: sightings.iter().take(SHOWN).map(|one| found(one, t, visit.page.language)).collect(),
        found_all: sightings.len(),
        not_inspected: not_inspected(seen.as_deref(), visit.page.language),
        opened: crate::reasons::opened(seen.as_deref(), visit.page.language),
        body: super::content::body_url(rooms, &visit, case.part.id),
        state: t.state(case.part.state),
        decidable: seat.is_some() && case.part.state == ParcelState::Held,
        files,
        comment,
        error,
        frame: Frame::new(visit.page.clone(), crate::menu(rooms, &visit).await?),
    })
}

fn subject(case: &Case, seen: Option<&Seen>, t: ApproveWords) -> String {
    seen.map(|seen| seen.masked_subject.clone())
        .filter(|subject| !subject.is_empty())
        .unwrap_or_else(|| masked_subject(&case.summary, t))
}

/// The engine that held the mail looks again; `None` when it cannot.
async fn look(rooms: &Rooms, access: &Access<HeldMail, Read>, case: &Case) -> Result<Option<Arc<Seen>>, Trouble> {
    let bytes = rooms.store.read_case(access, 0..case.submission.record_size).await?;
    Ok(rooms.outbound.inspected_record(&(&case.submission).into(), case.submission.record, bytes).await)
}

fn then(t: ApproveWords, word: &str) -> &'static str {
    match word {
        "send" => t.then_send(),
        "reject" => t.then_reject(),
        "escalate" => t.then_escalate(),
        _ => t.then_return(),
    }
}

fn found(one: &Sighting, t: ApproveWords, language: Language) -> Found {
    let japanese = language == Language::Ja;
    let level = match one.level {
        inspect::detect::Level::Certain => t.level_certain(),
        inspect::detect::Level::Likely => t.level_likely(),
        inspect::detect::Level::Possible => t.level_possible(),
    };
    let reasons: Vec<&str> = one.reasons.iter().map(|(ja, en)| if japanese { *ja } else { *en }).collect();
    let place = if japanese { one.place.ja.clone() } else { one.place.en.clone() };
    Found { place, level, reasons: reasons.join(if japanese { "、" } else { ", " }) }
}

fn not_inspected(seen: Option<&Seen>, language: Language) -> Vec<String> {
    let all = seen.map(|seen| seen.not_inspected.as_slice()).unwrap_or_default();
    all.iter().map(|one| crate::reasons::not_seen(one, language)).collect()
}

fn files(seen: Option<&Seen>, sightings: &[Sighting], t: ApproveWords, style: web::Style) -> Vec<File> {
    let Some(seen) = seen else { return Vec::new() };
    let file = |file: &inspect::review::AttachmentFact| File {
        part: file.part.clone(),
        name: file_name(seen, file, t),
        size: style.size(file.size),
        found: sightings.iter().filter(|one| one.part == file.part).count(),
    };
    seen.attachments.iter().map(file).collect()
}

/// A file's name with its numbers masked; a mail need not give it any.
fn file_name(seen: &Seen, file: &inspect::review::AttachmentFact, t: ApproveWords) -> String {
    let name = seen.mask(&file.name);
    if name.trim().is_empty() { t.file_unnamed(&file.part) } else { name }
}

#[derive(askama::Template)]
#[template(path = "webmail/approve/file.html")]
struct FilePage {
    frame: Frame,
    t: ApproveWords,
    parcel: ParcelId,
    name: String,
    text: String,
}

/// GET /approve/{parcel}/file/{part}: what the engine read in a file, numbers made unreadable.
pub(super) async fn file(
    State(rooms): State<Rooms>,
    Approver(visit): Approver,
    Path((parcel, part)): Path<(i64, String)>,
) -> Answer {
    let access = rooms.auth.open_held(visit.identity(), ParcelId(parcel), visit.now).await?;
    let case = rooms.store.case(&access).await?;
    let seen = look(&rooms, &access, &case).await?.ok_or_else(|| Trouble::Busy("the mail cannot be read".into()))?;
    let file = seen.attachments.iter().find(|file| file.part == part).ok_or(Trouble::NotFound)?;
    let detail = format!("{{\"part\":{}}}", serde_json::Value::from(part.as_str()));
    rooms.store.note_opening(&access, "held.file_opened", &part, detail, visit.now).await?;
    let t = ApproveWords::new(visit.page.language);
    let (name, text) = (file_name(&seen, file, t), seen.masked_text(&part));
    let frame = Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?);
    html(&FilePage { frame, t, parcel: case.part.id, name, text })
}

#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(rename = "do")]
    act: String,
    #[serde(default)]
    comment: String,
}

/// POST /approve/{parcel}
pub(super) async fn decide(
    State(rooms): State<Rooms>,
    Approver(visit): Approver,
    Path(parcel): Path<i64>,
    Form(given): Form<Given>,
) -> Answer {
    let (t, d) = (ApproveWords::new(visit.page.language), CaseWords::new(visit.page.language));
    let (word, done) = match given.act.as_str() {
        "approve" => (DecisionWord::Approve, t.approved()),
        "return" => (DecisionWord::Return, t.returned()),
        "reject" => (DecisionWord::Reject, t.rejected()),
        _ => return Err(Trouble::BadRequest),
    };
    let access = rooms.auth.open_held(visit.identity(), ParcelId(parcel), visit.now).await?;
    let comment: String = given.comment.trim().chars().take(COMMENT).collect();
    if comment.is_empty() && word != DecisionWord::Approve {
        let page = page(&rooms, visit, &access, comment, Some(t.comment_missing())).await?;
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let by = Some(visit.identity().user());
    match rooms.outbound.decide(ParcelId(parcel), word, by, &comment).await {
        Ok(ParcelState::Held) => next(&rooms, &visit, d.approved_in_part()).await,
        Ok(_) => next(&rooms, &visit, done).await,
        Err(OutboundError::NotOpened) => {
            let page = page(&rooms, visit, &access, comment, Some(d.not_opened())).await?;
            html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(OutboundError::ApprovedBefore) => next(&rooms, &visit, d.approved_before()).await,
        Err(OutboundError::Store(StoreError::Decided(_))) => next(&rooms, &visit, t.decided_before()).await,
        Err(OutboundError::Untreatable(why)) => {
            see_with(&format!("/approve/{parcel}"), &Toast::new(why.told(visit.page.language)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The next mail that waits opens by itself; after the last the list.
async fn next(rooms: &Rooms, visit: &Visit, done: &str) -> Answer {
    let waiting = rooms.store.awaiting(&rooms.auth.read_account(visit.identity())?, visit.now, None, 1).await?;
    let path = waiting.first().map_or_else(|| "/approve".to_owned(), |case| format!("/approve/{}", case.part.id));
    see_with(&path, &Toast::new(done))
}
