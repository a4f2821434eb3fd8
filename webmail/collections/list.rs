//! The list of requests, the newest first.

use serde::Deserialize;
use store::LinkRow;
use types::LinkId;
use web::axum::extract::{Query, State};
use web::{Answer, Visit, askama, html};

use super::words::CollectionWords;
use crate::Rooms;
use crate::frame::Frame;

/// So many on a page.
const PAGE: u32 = 50;

/// A request as it is listed.
pub(super) struct Line {
    pub reference: String,
    pub title: String,
    pub recipient: String,
    pub state: (&'static str, &'static str),
    pub facts: Vec<String>,
}

#[derive(askama::Template)]
#[template(path = "webmail/collections/list.html")]
struct List {
    frame: Frame,
    t: CollectionWords,
    lines: Vec<Line>,
    /// Where earlier ones are.
    older: Option<LinkId>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct From {
    before: Option<i64>,
}

/// GET /collections
pub(super) async fn show(State(rooms): State<Rooms>, visit: Visit, Query(from): Query<From>) -> Answer {
    let access = rooms.auth.open_custody(visit.identity())?;
    let rows = rooms.store.collections(&access, from.before.map(LinkId), PAGE + 1).await?;
    let t = CollectionWords::new(visit.page.language);
    let shown = rows.iter().take(PAGE as usize);
    let older = rows.get(PAGE as usize).and(shown.clone().next_back()).map(|row| row.id);
    let lines = shown.filter_map(|row| line(&rooms, &visit, t, row)).collect();
    let frame = Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?);
    html(&List { frame, t, lines, older })
}

/// `None`: it is no request.
pub(super) fn line(rooms: &Rooms, visit: &Visit, t: CollectionWords, row: &LinkRow) -> Option<Line> {
    let collection = row.collection.as_ref()?;
    let directory = rooms.store.directory();
    let asker = row.submission.author.and_then(|id| directory.users.get(&id)).map(|user| t.asked_by(&user.name));
    let mut facts = vec![t.until(&visit.page.style.date_short(row.expires))];
    facts.extend((row.uploads > 0).then(|| t.came(row.uploads)));
    facts.extend((collection.remind_at.is_none()).then(|| t.reminded().to_owned()).filter(|_| row.uploads == 0));
    facts.extend(asker);
    Some(Line {
        reference: row.submission.reference.to_string(),
        title: collection.title.clone(),
        recipient: row.recipient.to_string(),
        state: t.state(row.collection_state(visit.now)),
        facts,
    })
}
