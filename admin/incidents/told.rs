//! An incident as its pages show it: where the report stands, when it is due, its items, lines and links.

use store::{Incident, IncidentItem, IncidentState, IncidentText, IncidentVersion, LedgerLine, LinkRow};
use types::Timestamp;

use super::IncidentWords;
use super::draft::{Gathered, link_end};
use crate::desk::Desk;
use crate::ledger::LedgerWords;

/// A report with its day.
pub(super) struct Clock {
    pub name: &'static str,
    pub when: String,
    /// How many days are left, and the tag's colour; of one that was made, when.
    pub left: (String, &'static str),
}

pub(super) fn clocks(desk: &Desk, t: IncidentWords, incident: &Incident) -> Vec<Clock> {
    let days = outbound::report_days(incident.text.known, incident.text.wrongful);
    let (style, now) = (desk.style(), desk.visit.now);
    let day = |end: Timestamp| style.day_long(Timestamp(end.0 - 1));
    let left = |made: Option<Timestamp>, until: Timestamp| match made {
        Some(at) => (t.reported(&style.date_short(at)), "ok"),
        None if incident.state == IncidentState::Closed => (String::new(), ""),
        None => t.days(outbound::days_left(until, now)),
    };
    vec![
        Clock {
            name: t.first(),
            when: t.span(&day(days.first_from), &day(days.first)),
            left: left(incident.first_reported, days.first),
        },
        Clock {
            name: if incident.text.wrongful { t.full_60() } else { t.full_30() },
            when: day(days.full),
            left: left(incident.fully_reported, days.full),
        },
    ]
}

/// The next report, its day and how many days are left; nothing when all are made.
pub(super) fn next_due(desk: &Desk, t: IncidentWords, incident: &Incident) -> Option<(String, (String, &'static str))> {
    let days = outbound::report_days(incident.text.known, incident.text.wrongful);
    let (name, until) = match incident.state {
        IncidentState::Open => (t.first_short(), days.first),
        IncidentState::FirstReported => (t.full_short(), days.full),
        IncidentState::FullyReported | IncidentState::Closed => return None,
    };
    let day = desk.style().day_long(Timestamp(until.0 - 1));
    Some((format!("{name} {day}"), t.days(outbound::days_left(until, desk.visit.now))))
}

/// An item in a form or on paper.
pub(super) struct Item {
    pub word: &'static str,
    pub label: &'static str,
    pub text: String,
}

/// Numbers were made unreadable when it was saved; where the detector has learnt more since, they are again.
pub(super) fn items(t: IncidentWords, text: &IncidentText) -> Vec<Item> {
    let item = |item: IncidentItem| Item {
        word: item.word(),
        label: t.item(item),
        text: inspect::mask_every_number(text.item(item)),
    };
    IncidentItem::ALL.into_iter().map(item).collect()
}

/// A line of the ledger.
pub(super) struct Line {
    pub id: i64,
    pub at: String,
    pub kind: &'static str,
    pub reference: String,
    pub from: String,
    pub to: String,
}

/// A link, with the proof when nothing was fetched by it.
pub(super) struct Link {
    pub recipient: String,
    pub made: String,
    pub ends: String,
    pub codes: u32,
    pub downloads: u32,
    pub proof: Option<String>,
}

pub(super) fn lines(desk: &Desk, gathered: &Gathered) -> Vec<Line> {
    let words = LedgerWords::new(desk.language());
    let line = |line: &LedgerLine| Line {
        id: line.id.0,
        at: desk.style().date_exact(line.at),
        kind: words.kind_of(line.kind),
        reference: line.reference.to_string(),
        from: line.from.as_ref().map_or_else(|| "<>".to_owned(), ToString::to_string),
        to: line.to.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    gathered.lines.iter().map(line).collect()
}

pub(super) fn links(desk: &Desk, t: IncidentWords, gathered: &Gathered) -> Vec<Link> {
    let style = desk.style();
    let link = |link: &LinkRow| Link {
        recipient: link.recipient.to_string(),
        made: style.date_exact(link.made),
        ends: style.date_exact(link.stopped.unwrap_or(link.expires)),
        codes: link.codes,
        downloads: link.taken_in_all(),
        proof: (link.taken_in_all() == 0)
            .then(|| t.proof(&style.date_exact(link.made), &style.date_exact(link_end(link, desk.visit.now)))),
    };
    gathered.links.iter().map(link).collect()
}

/// A version in the list.
pub(super) struct Version {
    pub number: u32,
    pub name: String,
    pub when: String,
    pub present: bool,
}

pub(super) fn versions(desk: &Desk, t: IncidentWords, incident: &Incident, all: &[IncidentVersion]) -> Vec<Version> {
    let version = |one: &IncidentVersion| {
        let by = one.by.map_or_else(|| t.system().to_owned(), |id| desk.name_of(id));
        Version {
            number: one.version,
            name: t.version(one.version),
            when: t.version_of(&desk.style().date_exact(one.at), &by),
            present: one.version == incident.version,
        }
    };
    all.iter().map(version).collect()
}
