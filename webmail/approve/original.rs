//! A held mail as it is, numbers and all: for handlers, who say why before they see it. The reason is on disk before the
//! first byte is shown; the mail itself stands on the content origin, behind addresses that are made only then.

use std::ops::Range;

use message::Parsed;
use message::attachments::{self, Attachment};
use message::view::{Options, view};
use serde::Deserialize;
use store::{Access, HeldMail, Read};
use types::ParcelId;
use web::axum::Router;
use web::axum::extract::{Form, Path, State};
use web::axum::http::{StatusCode, Uri};
use web::axum::response::IntoResponse;
use web::axum::routing::get;
use web::{Answer, Trouble, Visit, askama, headers, html, html_with};

use super::approver::Approver;
use super::{ApproveWords, CaseWords};
use crate::Rooms;
use crate::frame::Frame;
use crate::mail::part_name;

/// Length of a reason, characters.
const REASON: Range<usize> = 2..501;

pub(super) fn content_routes() -> Router<Rooms> {
    Router::new()
        .route("/held/{parcel}/original/{language}", get(body))
        .route("/held/{parcel}/original-file/{part}", get(file))
}

#[derive(askama::Template)]
#[template(path = "webmail/approve/reason.html")]
struct AskPage {
    frame: Frame,
    d: CaseWords,
    parcel: ParcelId,
    reason: String,
    error: Option<&'static str>,
}

/// A file with where it is saved from.
struct Saved {
    name: String,
    href: String,
}

#[derive(askama::Template)]
#[template(path = "webmail/approve/original.html")]
struct OriginalPage {
    frame: Frame,
    t: ApproveWords,
    d: CaseWords,
    parcel: ParcelId,
    subject: String,
    body: String,
    files: Vec<Saved>,
}

/// GET /approve/{parcel}/original: why?
pub(super) async fn ask(State(rooms): State<Rooms>, Approver(visit): Approver, Path(parcel): Path<i64>) -> Answer {
    rooms.auth.open_original(visit.identity(), ParcelId(parcel), visit.now).await?;
    html(&ask_page(&rooms, &visit, ParcelId(parcel), String::new(), None).await?)
}

async fn ask_page(
    rooms: &Rooms,
    visit: &Visit,
    parcel: ParcelId,
    reason: String,
    error: Option<&'static str>,
) -> Result<AskPage, Trouble> {
    let d = CaseWords::new(visit.page.language);
    let frame = Frame::new(visit.page.clone(), crate::menu(rooms, visit).await?);
    Ok(AskPage { frame, d, parcel, reason, error })
}

#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    reason: String,
}

/// POST /approve/{parcel}/original: the mail, once its reason is written down.
pub(super) async fn show(
    State(rooms): State<Rooms>,
    Approver(visit): Approver,
    Path(parcel): Path<i64>,
    Form(given): Form<Given>,
) -> Answer {
    let parcel = ParcelId(parcel);
    let access = rooms.auth.open_original(visit.identity(), parcel, visit.now).await?;
    let (t, d) = (ApproveWords::new(visit.page.language), CaseWords::new(visit.page.language));
    let reason = given.reason.trim();
    if !REASON.contains(&reason.chars().count()) {
        let page = ask_page(&rooms, &visit, parcel, reason.to_owned(), Some(d.original_reason_missing())).await?;
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let detail = serde_json::json!({ "reason": inspect::mask_every_number(reason) }).to_string();
    rooms.store.note_opening(&access, "held.original_opened", "", detail, visit.now).await?;
    let bytes = whole(&rooms, &access).await?;
    let mail = Parsed::parse(&bytes, &rooms.limits);
    let sign = |path: &str| rooms.signer.url(&rooms.urls.content, path, visit.identity().user(), visit.now);
    let saved = |file: &Attachment| {
        let part = part_name(file);
        let name = if file.name.trim().is_empty() { t.file_unnamed(&part) } else { file.name.clone() };
        Saved { name, href: sign(&format!("/held/{parcel}/original-file/{part}")) }
    };
    let subject = mail.subject();
    html(&OriginalPage {
        t,
        d,
        parcel,
        body: sign(&format!("/held/{parcel}/original/{}", visit.page.words.lang())),
        files: attachments::attachments(&mail).iter().map(saved).collect(),
        subject: if subject.is_empty() { t.no_subject().to_owned() } else { subject },
        frame: Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?),
    })
}

async fn whole(rooms: &Rooms, access: &Access<HeldMail, Read>) -> Result<Vec<u8>, Trouble> {
    let case = rooms.store.case(access).await?;
    Ok(rooms.store.read_case(access, 0..case.submission.record_size).await?)
}

/// Whom the address was made for, judged as he is now.
async fn opened(rooms: &Rooms, uri: &Uri, parcel: i64) -> Result<Access<HeldMail, Read>, Trouble> {
    let now = rooms.clock.now();
    let user = rooms.signer.check(uri.path(), uri.query().unwrap_or_default(), now)?;
    Ok(rooms.auth.open_original_for_signed_url(user, ParcelId(parcel), now).await?)
}

async fn body(State(rooms): State<Rooms>, uri: Uri, Path((parcel, language)): Path<(i64, String)>) -> Answer {
    let bytes = whole(&rooms, &opened(&rooms, &uri, parcel).await?).await?;
    let limits = rooms.limits.clone();
    let made = tokio::task::spawn_blocking(move || {
        let mail = Parsed::parse(&bytes, &limits);
        view(&mail, &Options { language: &language, ..Options::default() }).document
    });
    let mut response = made.await.map_err(Trouble::bug)?.into_response();
    headers::message_body(response.headers_mut(), &rooms.urls.mail, &rooms.urls.content);
    Ok(response)
}

/// A file as it is, once it is written down that it leaves the server.
async fn file(State(rooms): State<Rooms>, uri: Uri, Path((parcel, part)): Path<(i64, String)>) -> Answer {
    let access = opened(&rooms, &uri, parcel).await?;
    let bytes = whole(&rooms, &access).await?;
    let detail = serde_json::json!({ "part": part }).to_string();
    let limits = rooms.limits.clone();
    let taken = tokio::task::spawn_blocking(move || {
        let mail = Parsed::parse(&bytes, &limits);
        let files = attachments::attachments(&mail);
        let file = files.iter().find(|file| part_name(file) == part)?;
        let bytes = attachments::content(&mail, file)?.into_owned();
        Some((file.served_type.content_type(), file.name.clone(), bytes))
    });
    let (kind, name, bytes) = taken.await.map_err(Trouble::bug)?.ok_or(Trouble::NotFound)?;
    rooms.store.note_saving(&access, detail, rooms.clock.now()).await?;
    let mut response = bytes.into_response();
    headers::attachment(response.headers_mut(), kind, &name);
    Ok(response)
}
