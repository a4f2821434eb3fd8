//! One request: how it stands, what came, and what a handler does with it.

use outbound::OutboundError;
use serde::Deserialize;
use store::{LinkChange, LinkRow, StoreError};
use types::{LinkId, Reference, Timestamp};
use web::axum::extract::{Form, Path, State};
use web::{Answer, Toast, Trouble, Visit, askama, html, see_with};

use super::list::{Line, line};
use super::words::CollectionWords;
use crate::Rooms;
use crate::frame::Frame;
use crate::links::{Event, LinkWords, Telling};

/// Most days from today that a request is given.
const DAYS: u32 = 90;
const DAY_MS: i64 = 86_400_000;

/// What came at once.
struct Delivery {
    at: String,
    what: String,
    /// Where it lies; `None`: it was moved or disposed of.
    path: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "webmail/collections/page.html")]
struct Page {
    frame: Frame,
    t: CollectionWords,
    line: Line,
    note: String,
    expected: Vec<String>,
    is_open: bool,
    deliveries: Vec<Delivery>,
    events: Vec<Event>,
}

/// GET /collections/{reference}
pub(super) async fn show(State(rooms): State<Rooms>, visit: Visit, Path(reference): Path<String>) -> Answer {
    let reference = Reference::parse(&reference).ok_or(Trouble::NotFound)?;
    let access = rooms.auth.open_custody(visit.identity())?;
    let (row, accesses, uploads) = rooms.store.collection(&access, reference).await?;
    let (t, style) = (CollectionWords::new(visit.page.language), visit.page.style);
    let line = line(&rooms, &visit, t, &row).ok_or(Trouble::NotFound)?;
    let telling = Telling { t: LinkWords::new(visit.page.language), style, now: visit.now, names: &[] };
    let mut events: Vec<Event> = accesses.iter().map(|access| telling.event(access)).collect();
    events.push(telling.made(&row));
    let deliveries = uploads.into_iter().map(|upload| Delivery {
        at: style.date_exact(upload.at),
        what: t.delivery(upload.files, &style.size(upload.bytes)),
        path: upload.uid.map(|uid| format!("/handlers/{uid}")),
    });
    let (is_open, deliveries) = (row.is_open(visit.now), deliveries.collect());
    let collection = row.collection.unwrap_or_default();
    let frame = Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?);
    let (note, expected) = (collection.note, collection.expected);
    html(&Page { frame, t, line, note, expected, is_open, deliveries, events })
}

/// The request of a reference.
async fn row(rooms: &Rooms, visit: &Visit, reference: &str) -> Result<LinkRow, Trouble> {
    let reference = Reference::parse(reference).ok_or(Trouble::NotFound)?;
    let access = rooms.auth.open_custody(visit.identity())?;
    Ok(rooms.store.collection(&access, reference).await?.0)
}

async fn change(rooms: &Rooms, visit: &Visit, link: LinkId, change: LinkChange) -> Result<(), Trouble> {
    let access = rooms.auth.ask_disposal(visit.identity(), visit.identity().tenant())?;
    rooms.store.change_collection(&access, link, change, visit.now).await?;
    Ok(())
}

fn see(reference: &str, said: &'static str) -> Answer {
    let reference = Reference::parse(reference).ok_or(Trouble::NotFound)?;
    see_with(&format!("/collections/{reference}"), &Toast::new(said))
}

/// POST /collections/{reference}/stop
pub(super) async fn stop(State(rooms): State<Rooms>, visit: Visit, Path(reference): Path<String>) -> Answer {
    let row = row(&rooms, &visit, &reference).await?;
    change(&rooms, &visit, row.id, LinkChange::Stop).await?;
    see(&reference, CollectionWords::new(visit.page.language).is_stopped())
}

#[derive(Deserialize)]
pub(super) struct More {
    days: String,
}

/// POST /collections/{reference}/extend
pub(super) async fn extend(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path(reference): Path<String>,
    Form(more): Form<More>,
) -> Answer {
    let (row, t) = (row(&rooms, &visit, &reference).await?, CollectionWords::new(visit.page.language));
    let days = more.days.trim().parse::<u32>().ok().filter(|days| (1..=DAYS).contains(days));
    let Some(days) = days else { return see(&reference, t.wrong_days()) };
    let expires = Timestamp(visit.now.0 + i64::from(days) * DAY_MS);
    change(&rooms, &visit, row.id, LinkChange::Extend { expires, downloads: row.downloads }).await?;
    see(&reference, t.is_extended())
}

/// POST /collections/{reference}/again
pub(super) async fn again(State(rooms): State<Rooms>, visit: Visit, Path(reference): Path<String>) -> Answer {
    let (row, t) = (row(&rooms, &visit, &reference).await?, CollectionWords::new(visit.page.language));
    let access = rooms.auth.ask_disposal(visit.identity(), visit.identity().tenant())?;
    match rooms.outbound.ask_again(&access, row.id).await {
        Ok(()) => see(&reference, t.is_sent_again()),
        Err(OutboundError::Store(StoreError::Conflict(_))) => see(&reference, t.not_again()),
        Err(error) => Err(error.into()),
    }
}
