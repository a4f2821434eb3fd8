//! A new request.

use outbound::{CollectionRequest, OutboundError};
use serde::Deserialize;
use types::Address;
use web::axum::extract::{Form, State};
use web::axum::http::StatusCode;
use web::{Answer, Toast, Visit, askama, html_with, see_with};

use super::words::CollectionWords;
use crate::Rooms;
use crate::frame::Frame;

/// What the form sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Given {
    recipient: String,
    title: String,
    note: String,
    expected: String,
    days: String,
}

impl Default for Given {
    fn default() -> Self {
        let (recipient, title, note, expected) = Default::default();
        Self { recipient, title, note, expected, days: "14".into() }
    }
}

#[derive(askama::Template)]
#[template(path = "webmail/collections/new.html")]
struct New {
    frame: Frame,
    t: CollectionWords,
    given: Given,
    error: Option<&'static str>,
}

/// GET /collections/new
pub(super) async fn show(State(rooms): State<Rooms>, visit: Visit) -> Answer {
    page(&rooms, &visit, Given::default(), None).await
}

async fn page(rooms: &Rooms, visit: &Visit, given: Given, error: Option<&'static str>) -> Answer {
    rooms.auth.open_custody(visit.identity())?;
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let frame = Frame::new(visit.page.clone(), crate::menu(rooms, visit).await?);
    html_with(status, &New { frame, t: CollectionWords::new(visit.page.language), given, error })
}

/// POST /collections/new
pub(super) async fn ask(State(rooms): State<Rooms>, visit: Visit, Form(given): Form<Given>) -> Answer {
    let access = rooms.auth.ask_disposal(visit.identity(), visit.identity().tenant())?;
    let t = CollectionWords::new(visit.page.language);
    let Ok(recipient) = Address::parse(given.recipient.trim()) else {
        return page(&rooms, &visit, given, Some(t.wrong_address())).await;
    };
    let lines = given.expected.lines().map(str::trim).filter(|line| !line.is_empty());
    let request = CollectionRequest {
        recipient,
        title: given.title.trim().to_owned(),
        note: given.note.trim().to_owned(),
        expected: lines.map(str::to_owned).collect(),
        days: given.days.trim().parse().unwrap_or(0),
    };
    match rooms.outbound.ask_for_files(&access, request).await {
        Ok(reference) => see_with(&format!("/collections/{reference}"), &Toast::new(t.asked())),
        Err(OutboundError::Request(problem)) => page(&rooms, &visit, given, Some(t.problem(problem))).await,
        Err(error) => Err(error.into()),
    }
}
