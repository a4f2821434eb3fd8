//! What happened to a link before the newest accesses, which its mail's page shows.

use store::LinkRow;
use types::{LinkId, Reference};
use web::axum::extract::{Path, State};
use web::{Answer, Trouble, Visit, askama, html};

use super::page::{Event, Telling};
use super::words::LinkWords;
use crate::Rooms;
use crate::download::listed;
use crate::frame::Frame;

#[derive(askama::Template)]
#[template(path = "webmail/links/earlier.html")]
struct Earlier {
    frame: Frame,
    t: LinkWords,
    reference: Reference,
    link: LinkId,
    recipient: String,
    events: Vec<Event>,
    earlier: Option<i64>,
}

/// GET /outgoing/links/{reference}/{link}/earlier/{before}
pub(super) async fn show(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path((reference, link, before)): Path<(String, i64, i64)>,
) -> Answer {
    let reference = Reference::parse(&reference).ok_or(Trouble::NotFound)?;
    let access = rooms.auth.read_account(visit.identity())?;
    let (link, accesses) = rooms.store.own_accesses_before(&access, LinkId(link), before).await?;
    if link.submission.reference != reference {
        return Err(Trouble::NotFound);
    }
    let names = names(&rooms, link.clone()).await?;
    let t = LinkWords::new(visit.page.language);
    let telling = Telling { t, style: visit.page.style, now: visit.now, names: &names };
    let (events, earlier) = telling.events(&link, &accesses);
    let (id, recipient) = (link.id, link.recipient.to_string());
    let frame = Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?);
    html(&Earlier { frame, t, reference, link: id, recipient, events, earlier })
}

/// The names of the mail's files; none once it was disposed of.
async fn names(rooms: &Rooms, link: LinkRow) -> Result<Vec<String>, Trouble> {
    match listed(rooms, link).await {
        Err(Trouble::NotFound) => Ok(Vec::new()),
        found => Ok(found?.1.into_iter().map(|file| file.name).collect()),
    }
}
