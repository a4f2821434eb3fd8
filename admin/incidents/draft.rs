//! What the ledger says about lines, gathered, and the nine items as they are first written from it. Addresses and references,
//! never a number or a subject.

use store::{IncidentItem, IncidentText, LedgerAct, LedgerLine, LedgerReason, LedgerState, LinkRow, TrailRow};
use types::{LedgerId, Timestamp};
use web::Trouble;

use super::IncidentWords;
use crate::desk::Desk;
use crate::ledger::LedgerWords;

/// Lines that the outline names one by one.
const NAMED: usize = 20;

/// What is known about lines of the ledger.
pub(super) struct Gathered {
    pub lines: Vec<LedgerLine>,
    /// The last decision about each of them.
    decided: Vec<Option<LedgerAct>>,
    pub links: Vec<LinkRow>,
    /// How their mails went: ZIPs, and what was handed over to other servers.
    ways: Vec<TrailRow>,
    /// Distinct numbers.
    persons: u64,
    /// Acts by which somebody saw or saved a mail.
    openings: usize,
}

pub(super) async fn gather(desk: &Desk, ids: &[LedgerId]) -> Result<Gathered, Trouble> {
    let (access, store) = (desk.reviews()?, &desk.console.store);
    let persons = store.distinct_numbers(&access, ids).await?;
    let (lines, decided, links, ways) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut gathered = Gathered { lines, decided, links, ways, persons, openings: 0 };
    for id in ids {
        let (line, entries) = store.ledger_line(&access, *id).await?;
        let opened = entries.iter().filter(|entry| matches!(entry.act, LedgerAct::Opened | LedgerAct::Exported));
        gathered.openings += opened.count();
        gathered.links.extend(store.links_of_line(&access, *id).await?);
        let trail = store.trail_of_line(&access, *id).await?.into_iter();
        gathered.ways.extend(trail.filter(|row| matches!(row.event.as_str(), "parcel.zipped" | "queue.delivered")));
        gathered.decided.push(entries.iter().map(|entry| entry.act).rfind(|act| decides(*act)));
        gathered.lines.push(line);
    }
    Ok(gathered)
}

/// Whether somebody, or a deadline, said by it what becomes of a mail.
fn decides(act: LedgerAct) -> bool {
    use LedgerAct::{Approved, Expired, Rejected, Released, Returned, SentAtDeadline, Withdrawn};
    matches!(act, Approved | Expired | Rejected | Released | Returned | SentAtDeadline | Withdrawn)
}

/// Until when a link was, or can be, fetched.
pub(super) fn link_end(link: &LinkRow, now: Timestamp) -> Timestamp {
    link.stopped.unwrap_or(link.expires).min(now)
}

impl Gathered {
    /// The nine items, from what is known.
    pub fn text(&self, desk: &Desk, t: IncidentWords) -> IncidentText {
        let items = IncidentItem::ALL.map(|item| match item {
            IncidentItem::Outline => self.outline(desk, t),
            IncidentItem::Data => self.data(t),
            IncidentItem::Persons => self.counted(t),
            IncidentItem::Harm => self.harm(desk, t),
            IncidentItem::Other => self.other(t),
            IncidentItem::Cause | IncidentItem::Prevention => t.checking().to_owned(),
            IncidentItem::ToPersons | IncidentItem::Publication => t.not_yet().to_owned(),
        });
        IncidentText { known: desk.visit.now, wrongful: false, items }
    }

    fn outline(&self, desk: &Desk, t: IncidentWords) -> String {
        let words = LedgerWords::new(desk.language());
        let one = |(line, decided): (&LedgerLine, &Option<LedgerAct>)| {
            let to = line.to.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let from = line.from.as_ref().map(ToString::to_string).unwrap_or_default();
            let at = desk.style().date_long(line.at);
            let told = t.outline_line(&at, words.kind_of(line.kind), &from, &to, &line.reference.to_string());
            // what was stopped is not told as if it had left
            let ends = [words.outcome_of(&line.outcome), decided.map_or("", |act| words.act_of(act))];
            let mut ends: Vec<&str> = ends.into_iter().filter(|word| !word.is_empty()).collect();
            // what was put off and then left was sent, and no more
            ends.dedup();
            if ends.is_empty() { told } else { format!("{told} {}: {}", words.outcome(), ends.join(" → ")) }
        };
        let mut told: Vec<String> = self.lines.iter().zip(&self.decided).take(NAMED).map(one).collect();
        if self.lines.len() > NAMED {
            told.push(t.outline_more(self.lines.len() - NAMED));
        }
        told.join("\n")
    }

    fn data(&self, t: IncidentWords) -> String {
        let some = |reason: LedgerReason| self.lines.iter().any(|line| line.reason() == reason);
        let mut told = Vec::new();
        if some(LedgerReason::Numbers) {
            told.push(t.data_numbers());
        }
        if some(LedgerReason::Pictures) {
            told.push(t.data_pictures());
        }
        told.push(t.data_other());
        told.join("\n")
    }

    /// The distinct numbers, and of how many nothing is left to compare.
    fn counted(&self, t: IncidentWords) -> String {
        let (told, gone) =
            (t.persons(self.persons), self.lines.iter().filter(|line| line.state == LedgerState::Disposed));
        let (lines, numbers) = gone.fold((0, 0), |(lines, sum), line| (lines + 1, sum + line.certain + line.likely));
        if lines == 0 { told } else { format!("{told}\n{}", t.persons_gone(lines, numbers)) }
    }

    fn harm(&self, desk: &Desk, t: IncidentWords) -> String {
        let one = |link: &LinkRow| {
            let (style, to) = (desk.style(), link.recipient.to_string());
            match link.taken_in_all() {
                0 => {
                    let until = style.date_long(link_end(link, desk.visit.now));
                    format!("{to}: {}", t.proof(&style.date_long(link.made), &until))
                }
                taken => t.fetched(&to, taken),
            }
        };
        let mut told: Vec<String> = self.links.iter().map(one).collect();
        told.push(t.checking().to_owned());
        told.join("\n")
    }

    /// How a mail went, of a line of its timeline; of one with a link that says it all.
    fn way(&self, row: &TrailRow, t: IncidentWords) -> Option<String> {
        let (before, behind) = row.detail.split_once(": ")?;
        if row.event == "parcel.zipped" {
            return Some(t.protected_zip(behind));
        }
        let way = behind.strip_suffix(']')?;
        let linked = self.links.iter().any(|link| link.recipient.to_string() == before);
        match way {
            _ if linked => None,
            way if way.ends_with(" proved its name") => Some(t.tls_proved(before)),
            way if way.ends_with(", name not proved") => Some(t.tls_unproved(before)),
            way if way.ends_with("[no TLS") => Some(t.no_tls(before)),
            _ => None,
        }
    }

    fn other(&self, t: IncidentWords) -> String {
        let one = |link: &LinkRow| {
            let to = link.recipient.to_string();
            if link.whole { t.protected_whole(&to) } else { t.protected(&to) }
        };
        let mut told: Vec<String> = self.links.iter().map(one).collect();
        told.extend(self.ways.iter().filter_map(|row| self.way(row, t)));
        if self.openings > 0 {
            told.push(t.opened(self.openings));
        }
        if told.is_empty() { t.nothing().to_owned() } else { told.join("\n") }
    }
}
