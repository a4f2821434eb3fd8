//! 送信状況 → リンク: the links of a mail with every access, and what its sender does to them.

use outbound::OutboundError;
use serde::Deserialize;
use store::{LINK_ACCESSES_MOST, LinkAccess, LinkChange, LinkRow, StoreError};
use types::{LinkId, Reference, Timestamp};
use web::axum::extract::{Form, Path, State};
use web::{Answer, Style, Toast, Trouble, Visit, askama, device_name, html, see_with};

use super::words::LinkWords;
use crate::Rooms;
use crate::download::listed;
use crate::frame::Frame;

/// Most days from today that a link is given.
const DAYS: u32 = 90;
/// Most downloads of each file that a link is given.
const DOWNLOADS: u32 = 100;
const DAY_MS: i64 = 86_400_000;

/// An access, as it is told.
pub(crate) struct Event {
    pub at: String,
    pub at_machine: String,
    pub what: String,
    pub from: String,
}

/// A link, as it is told.
struct Shown {
    id: LinkId,
    recipient: String,
    state: (String, &'static str),
    can_stop: bool,
    facts: Vec<String>,
    events: Vec<Event>,
    /// Before which access there may be others.
    earlier: Option<i64>,
    /// Nothing was taken: the proof is offered.
    nothing_taken: bool,
    downloads: u32,
}

#[derive(askama::Template)]
#[template(path = "webmail/links/page.html")]
struct Links {
    frame: Frame,
    t: LinkWords,
    reference: Reference,
    subject: String,
    links: Vec<Shown>,
}

/// GET /outgoing/links/{reference}
pub(super) async fn show(State(rooms): State<Rooms>, visit: Visit, Path(reference): Path<String>) -> Answer {
    let reference = Reference::parse(&reference).ok_or(Trouble::NotFound)?;
    let access = rooms.auth.read_account(visit.identity())?;
    let (_, links) = rooms.store.own_links(&access, reference).await?;
    let t = LinkWords::new(visit.page.language);
    let (mut subject, mut names) = (String::new(), Vec::new());
    if let Some((link, _)) = links.first() {
        // of a mail that was disposed of the accesses are left
        let (own, files) = match listed(&rooms, link.clone()).await {
            Err(Trouble::NotFound) => (String::new(), Vec::new()),
            found => found?,
        };
        (subject, names) = (own, files.into_iter().map(|file| file.name).collect());
    }
    let telling = Telling { t, style: visit.page.style, now: visit.now, names: &names };
    let links = links.iter().map(|(link, accesses)| telling.link(link, accesses)).collect();
    let subject = if subject.is_empty() { t.no_subject().to_owned() } else { subject };
    let frame = Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?);
    html(&Links { frame, t, reference, subject, links })
}

/// How links are told.
pub(crate) struct Telling<'a> {
    pub t: LinkWords,
    pub style: Style,
    pub now: Timestamp,
    /// The names of the mail's files.
    pub names: &'a [String],
}

impl Telling<'_> {
    fn link(&self, link: &LinkRow, accesses: &[LinkAccess]) -> Shown {
        let t = self.t;
        let open = link.is_open(self.now);
        let (events, earlier) = self.events(link, accesses);
        Shown {
            id: link.id,
            recipient: link.recipient.to_string(),
            state: self.state(link),
            can_stop: open,
            facts: vec![
                t.until(&self.style.date_short(link.expires)),
                if link.whole { t.what_whole() } else { t.what_files() }.to_owned(),
                if link.password.is_some() { t.by_password() } else { t.by_code() }.to_owned(),
                t.downloads(link.taken_in_all()),
                t.of_each(link.downloads),
                t.codes(link.codes),
            ]
            .into_iter()
            .chain(link.replies.then(|| t.takes_replies().to_owned()))
            .collect(),
            nothing_taken: link.taken_in_all() == 0,
            events,
            earlier,
            downloads: link.downloads,
        }
    }

    /// Accesses, the newest first, down to the beginning or to that before which there may be others.
    pub fn events(&self, link: &LinkRow, accesses: &[LinkAccess]) -> (Vec<Event>, Option<i64>) {
        let mut events: Vec<Event> = accesses.iter().map(|access| self.event(access)).collect();
        let earlier = last_of_many(accesses).map(|access| access.seq);
        if earlier.is_none() {
            events.push(self.made(link));
        }
        (events, earlier)
    }

    fn state(&self, link: &LinkRow) -> (String, &'static str) {
        match link.stopped {
            Some(at) => (self.t.stopped_at(&self.style.date_short(at)), "ng"),
            None if !link.is_open(self.now) => (self.t.ended().to_owned(), ""),
            None if link.locked_until > self.now => {
                (self.t.locked_until(&self.style.date_short(link.locked_until)), "warn")
            }
            None => (self.t.open().to_owned(), "ok"),
        }
    }

    /// An access.
    pub fn event(&self, access: &LinkAccess) -> Event {
        let what = match access.file {
            Some(0) => self.t.mail_itself().to_owned(),
            Some(place) => {
                let name = usize::try_from(place).ok().and_then(|place| self.names.get(place.checked_sub(1)?));
                name.cloned().unwrap_or_else(|| self.t.file_number(place))
            }
            None => String::new(),
        };
        let device = device_name(&access.from.agent).unwrap_or_default();
        let from = [access.from.network.as_str(), device.as_str()];
        let from: Vec<&str> = from.into_iter().filter(|word| !word.is_empty()).collect();
        Event {
            at: self.style.date_exact(access.at),
            at_machine: self.style.date_machine(access.at),
            what: self.t.event(access.event, (&what, access.file.unwrap_or(0))),
            from: from.join(", "),
        }
    }

    /// That a list of accesses, the newest first, is as long as one is shown, so that earlier ones may be missing.
    pub fn left_out(&self, accesses: &[LinkAccess]) -> Option<Event> {
        let last = last_of_many(accesses)?;
        Some(Event {
            at: self.style.date_exact(last.at),
            at_machine: self.style.date_machine(last.at),
            what: self.t.left_out().to_owned(),
            from: String::new(),
        })
    }

    /// How it began.
    pub fn made(&self, link: &LinkRow) -> Event {
        Event {
            at: self.style.date_exact(link.made),
            at_machine: self.style.date_machine(link.made),
            what: self.t.event_made().to_owned(),
            from: String::new(),
        }
    }
}

/// The last of accesses that are as many as are told at once.
fn last_of_many(accesses: &[LinkAccess]) -> Option<&LinkAccess> {
    accesses.last().filter(|_| accesses.len() >= LINK_ACCESSES_MOST as usize)
}

fn page(reference: &str) -> Result<String, Trouble> {
    let reference = Reference::parse(reference).ok_or(Trouble::NotFound)?;
    Ok(format!("/outgoing/links/{reference}"))
}

/// Whether it was changed: of a mail that was disposed of nothing is extended.
async fn change(rooms: &Rooms, visit: &Visit, link: i64, change: LinkChange) -> Result<bool, Trouble> {
    let access = rooms.auth.write_account(visit.identity())?;
    match rooms.store.change_own_link(&access, LinkId(link), change, visit.now).await {
        Ok(_) => Ok(true),
        Err(StoreError::Conflict(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// POST /outgoing/links/{reference}/{link}/stop
pub(super) async fn stop(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path((reference, link)): Path<(String, i64)>,
) -> Answer {
    change(&rooms, &visit, link, LinkChange::Stop).await?;
    see_with(&page(&reference)?, &Toast::new(LinkWords::new(visit.page.language).stopped()))
}

#[derive(Deserialize)]
pub(super) struct More {
    days: String,
    downloads: String,
}

/// POST /outgoing/links/{reference}/{link}/extend
pub(super) async fn extend(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path((reference, link)): Path<(String, i64)>,
    Form(more): Form<More>,
) -> Answer {
    let t = LinkWords::new(visit.page.language);
    let number = |text: &str, most: u32| text.trim().parse::<u32>().ok().filter(|one| (1..=most).contains(one));
    let (Some(days), Some(downloads)) = (number(&more.days, DAYS), number(&more.downloads, DOWNLOADS)) else {
        return see_with(&page(&reference)?, &Toast::new(t.wrong_numbers()));
    };
    let expires = Timestamp(visit.now.0 + i64::from(days) * DAY_MS);
    let extended = change(&rooms, &visit, link, LinkChange::Extend { expires, downloads }).await?;
    see_with(&page(&reference)?, &Toast::new(if extended { t.extended() } else { t.not_extended() }))
}

/// POST /outgoing/links/{reference}/{link}/renew
pub(super) async fn renew(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path((reference, link)): Path<(String, i64)>,
) -> Answer {
    let access = rooms.auth.write_account(visit.identity())?;
    let t = LinkWords::new(visit.page.language);
    let said = match rooms.outbound.renew_link(&access, LinkId(link)).await {
        Ok(()) => t.renewed(),
        // it was stopped, or its time was over, since the page was shown
        Err(OutboundError::Store(StoreError::Conflict(_))) => t.not_renewed(),
        Err(error) => return Err(error.into()),
    };
    see_with(&page(&reference)?, &Toast::new(said))
}
