//! ダウンロード 0件の証明: a page that prints well, for a link of which nothing was taken (rules-and-texts.md, "Zero downloads").

use store::{LinkEvent, LinkRow};
use types::{LinkId, Reference};
use web::axum::extract::{Path, State};
use web::{Answer, Trouble, Visit, askama, html};

use super::page::{Event, Telling};
use super::words::LinkWords;
use crate::Rooms;
use crate::download::listed;
use crate::frame::Frame;

#[derive(askama::Template)]
#[template(path = "webmail/links/proof.html")]
struct Proof {
    frame: Frame,
    t: LinkWords,
    reference: Reference,
    sender: String,
    recipient: String,
    /// Without numbers: it goes into a report.
    subject: String,
    statement: String,
    stopped: String,
    codes: String,
    wrong: String,
    made: String,
    events: Vec<Event>,
}

/// GET /outgoing/links/{reference}/{link}/proof
pub(super) async fn show(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path((reference, link)): Path<(String, i64)>,
) -> Answer {
    let reference = Reference::parse(&reference).ok_or(Trouble::NotFound)?;
    let access = rooms.auth.read_account(visit.identity())?;
    let (_, links) = rooms.store.own_links(&access, reference).await?;
    let found = links.into_iter().find(|(one, _)| one.id == LinkId(link));
    // once something was taken there is no such page
    let found = found.filter(|(one, accesses)| {
        one.taken_in_all() == 0 && accesses.iter().all(|access| access.event != LinkEvent::Downloaded)
    });
    let (link, accesses) = found.ok_or(Trouble::NotFound)?;
    let t = LinkWords::new(visit.page.language);
    // of a mail that was disposed of the accesses are left
    let subject = match listed(&rooms, link.clone()).await {
        Err(Trouble::NotFound) => String::new(),
        found => found?.0,
    };
    let telling = Telling { t, style: visit.page.style, now: visit.now, names: &[] };
    let mut events: Vec<Event> = accesses.iter().rev().map(|access| telling.event(access)).collect();
    if let Some(left_out) = telling.left_out(&accesses) {
        events.insert(0, left_out);
    }
    events.insert(0, telling.made(&link));
    let (until, stopped) = end(&telling, &link);
    let face = rooms.outbound.link_face(&link);
    html(&Proof {
        statement: t.proof_stopped(&telling.style.date_exact(link.made), &until),
        stopped,
        codes: t.codes_line(link.codes),
        wrong: t.wrong_line(link.wrong),
        made: t.made_at(&telling.style.date_exact(visit.now)),
        sender: format!("{} {}", face.company, face.sender),
        recipient: link.recipient.to_string(),
        subject: inspect::mask_numbers(&subject),
        reference,
        events,
        t,
        frame: Frame::new(visit.page.clone(), Vec::new()),
    })
}

/// Until when the statement holds, and the line on its stop.
fn end(telling: &Telling<'_>, link: &LinkRow) -> (String, String) {
    let Telling { t, style, now, .. } = telling;
    match link.stopped {
        Some(at) => (style.date_exact(at), t.stopped_moment(&style.date_exact(at))),
        None if link.expires <= *now => {
            (style.date_exact(link.expires), t.ended_moment(&style.date_exact(link.expires)))
        }
        None => (style.date_exact(*now), t.still_open().to_owned()),
    }
}
