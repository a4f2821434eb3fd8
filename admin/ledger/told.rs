//! Lines of the ledger and their history as people read them.

use outbound::RuleNames;
use store::{LedgerAct, LedgerCopy, LedgerEntry, LedgerKeeper, LedgerLine, LedgerPlaces, MailboxRole};
use web::MailboxWords;

use super::LedgerWords;
use super::disposal::{Detail, DisposalWords, detail};
use super::documents::{self, Documents};
use crate::desk::Desk;
use crate::words::SharedWords;

/// A line.
pub(super) struct Told {
    pub id: i64,
    pub at: String,
    pub at_machine: String,
    pub at_short: String,
    pub kind: &'static str,
    pub reference: String,
    pub from: String,
    pub to: String,
    pub subject: String,
    pub count: String,
    pub rules: String,
    pub outcome: String,
    pub state: (&'static str, &'static str),
    pub documents: Documents,
}

pub(super) fn told(desk: &Desk, t: LedgerWords, rules: &RuleNames, line: &LedgerLine) -> Told {
    let from = line.from.as_ref().map_or_else(|| "<>".to_owned(), ToString::to_string);
    Told {
        id: line.id.0,
        at: desk.style().date_exact(line.at),
        at_machine: desk.style().date_machine(line.at),
        at_short: desk.style().date_short(line.at),
        kind: t.kind_of(line.kind),
        reference: line.reference.to_string(),
        from: from_people(desk, line).unwrap_or(from),
        to: line.to.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        subject: subject(t, line),
        count: t.count_of(line),
        rules: rules.names(&line.rules, desk.language()),
        outcome: t.outcome_of(&line.outcome).to_owned(),
        state: t.state_of(line.state),
        documents: documents::told(desk, line),
    }
}

fn from_people(desk: &Desk, line: &LedgerLine) -> Option<String> {
    let user = desk.directory.users.get(&line.author?)?;
    Some(format!("{} <{}>", user.name, user.address))
}

/// What is written down is masked already; where the detector has learnt more since, it is masked again.
fn subject(t: LedgerWords, line: &LedgerLine) -> String {
    match (line.state, line.subject.as_str()) {
        (store::LedgerState::Disposed, _) => t.blanked().to_owned(),
        (_, "") => t.no_subject().to_owned(),
        (_, subject) => inspect::mask_every_number(subject),
    }
}

/// An act.
pub(super) struct Step {
    pub at: String,
    pub at_machine: String,
    pub what: &'static str,
    pub by: String,
    pub detail: String,
    pub chain: String,
}

pub(super) fn step(desk: &Desk, t: LedgerWords, entry: &LedgerEntry) -> Step {
    let detail = match (entry.act, entry.detail.as_str()) {
        // what the line says stands above
        (LedgerAct::Entered, _) => "",
        (LedgerAct::Opened, "held.opened") => t.opened_held(),
        (LedgerAct::Opened, "held.file_opened") => t.opened_file(),
        (LedgerAct::Opened, "held.original_opened") => t.opened_original(),
        (LedgerAct::Exported, "held.original_saved") => t.saved_original(),
        (LedgerAct::DisposalAsked | LedgerAct::Disposed, _) => {
            &spoken(&detail(DisposalWords::new(desk.language()), entry))
        }
        (LedgerAct::DisposalRefused, _) => "",
        (LedgerAct::Classified, said) => &documents::of_entry(desk, said),
        (_, other) => other,
    };
    Step {
        at: desk.style().date_exact(entry.at),
        at_machine: desk.style().date_machine(entry.at),
        what: t.act_of(entry.act),
        by: entry.actor.map_or_else(|| t.system().to_owned(), |id| desk.name_of(id)),
        detail: inspect::mask_every_number(detail),
        chain: entry.chain.iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// The kind of the documents and the reason of a disposal.
fn spoken(said: &Detail) -> String {
    let words = [said.documents.as_str(), said.reason.as_str()].into_iter().filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" / ")
}

/// The history in one cell.
pub(super) fn history(desk: &Desk, t: LedgerWords, entries: &[LedgerEntry]) -> String {
    let one = |entry: &LedgerEntry| {
        let step = step(desk, t, entry);
        let detail = if step.detail.is_empty() { String::new() } else { format!(" ({})", step.detail) };
        format!("{} {} {}{detail}", step.at, step.what, step.by)
    };
    entries.iter().map(one).collect::<Vec<_>>().join(" / ")
}

/// A place where it lies.
pub(super) struct Lying {
    pub place: String,
    pub what: String,
}

pub(super) fn places(desk: &Desk, t: LedgerWords, places: &LedgerPlaces) -> Vec<Lying> {
    let words = SharedWords::new(desk.language());
    let copies = places.copies.iter().map(|copy| Lying {
        place: match copy.owner {
            LedgerKeeper::Company => t.place_shared(&copy.name),
            LedgerKeeper::Handlers => t.place_handlers().to_owned(),
            LedgerKeeper::Person(owner) => t.place_copy(&desk.name_of(owner), mailbox_name(desk, copy)),
        },
        what: t.messages(copy.messages),
    });
    let parcels = places.parcels.iter().map(|(state, to)| {
        let to = to.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Lying { place: t.place_parcel().to_owned(), what: format!("{}: {to}", words.state(*state).0) }
    });
    let queued = places.queued.iter().map(|(_, to)| Lying { place: t.place_queue().to_owned(), what: to.to_string() });
    copies.chain(parcels).chain(queued).collect()
}

/// All of them in one cell; that there is none, too.
pub(super) fn places_in_one(desk: &Desk, t: LedgerWords, found: &LedgerPlaces) -> String {
    let told: Vec<String> =
        places(desk, t, found).iter().map(|lying| format!("{} ({})", lying.place, lying.what)).collect();
    if told.is_empty() { t.places_none().to_owned() } else { told.join(" / ") }
}

/// The mailbox as its owner reads its name in webmail.
fn mailbox_name<'a>(desk: &Desk, copy: &'a LedgerCopy) -> &'a str {
    let names = MailboxWords::new(desk.language());
    match copy.role {
        Some(MailboxRole::Inbox) => names.inbox(),
        Some(MailboxRole::Sent) => names.sent(),
        Some(MailboxRole::Drafts) => names.drafts(),
        Some(MailboxRole::Trash) => names.trash(),
        Some(MailboxRole::Junk) => names.junk(),
        Some(MailboxRole::Archive) => names.archive(),
        None => &copy.name,
    }
}
