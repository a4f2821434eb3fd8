//! The page of the check before sending: findings, what will happen and for how long it can be taken back, recipients
//! outside, subject, files, the first lines. Nothing on it holds a digit of a number.

use std::collections::BTreeMap;

use inspect::Sighting;
use inspect::review::Verdict;
use message::compose::Mailbox;
use outbound::{Foreseen, RuleNames, RuleTold};
use store::{AttachmentRow, Directory};
use types::{Address, DraftId, TenantId, UserId};
use web::axum::extract::{Path, State};
use web::axum::http::StatusCode;
use web::{Answer, Style, Visit, askama, html_with, see};

use super::ComposeWords;
use super::check::{Checked, Fate};
use super::desk::Desk;
use super::form::Fields;
use super::people::{Acquaintance, is_outside, name_of};
use super::ticks::Ticks;
use super::write::hindrances;
use crate::Rooms;
use crate::mail::MailFrame;

/// Findings that are listed (web-design 3.4).
const SHOWN: usize = 20;
/// Lines of the text that are shown.
const LINES: usize = 10;
/// Longest of these lines, characters.
const LINE: usize = 200;

/// A finding.
struct Found {
    place: String,
    level: &'static str,
    grave: bool,
    reasons: String,
}

/// A rule that would act.
struct RuleLine {
    name: String,
    /// What it does if the mail is sent.
    action: String,
    /// When it matches.
    when: String,
    /// What it asks the sender to confirm.
    asks: Option<Ask>,
}

/// What a rule asks the sender to confirm, with the box by which he does.
struct Ask {
    words: String,
    tick: String,
    ticked: bool,
}

/// What would happen to some of the recipients.
struct FateLine {
    words: String,
    count: usize,
    waits: bool,
    approvers: Option<String>,
    deadline: String,
}

/// Somebody outside.
struct Person {
    /// To, Cc, Bcc, or that a group leads there.
    field: &'static str,
    name: String,
    address: String,
    history: String,
    /// How the mail is kept from others on its way to him.
    forms: Vec<&'static str>,
    first: bool,
    tick: String,
    ticked: bool,
}

/// A domain outside and the people there.
struct DomainLines {
    domain: String,
    people: Vec<Person>,
}

struct FileLine {
    id: types::AttachmentId,
    name: String,
    size: String,
    state: String,
    grave: bool,
    tick: String,
    ticked: bool,
}

#[derive(askama::Template)]
#[template(path = "webmail/compose/check.html")]
struct CheckPage {
    frame: MailFrame,
    t: ComposeWords,
    draft: store::DraftAt,
    fate: Fate,
    headline: String,
    rules: Vec<RuleLine>,
    fates: Vec<FateLine>,
    puts_off: bool,
    helpers: String,
    helpers_to: String,
    found: Vec<Found>,
    found_count: usize,
    found_more: usize,
    unlikely: usize,
    not_inspected: Vec<String>,
    opened: Vec<String>,
    domains: Vec<DomainLines>,
    outside: usize,
    inside: Vec<Person>,
    subject: String,
    subject_ticked: bool,
    files: Vec<FileLine>,
    lines: Vec<String>,
    warnings: Vec<String>,
    /// Why the check is shown again.
    notice: Option<String>,
    /// What can be taken back for so long, in words; `None`: nothing.
    undo: Option<String>,
}

/// GET /mail/compose/{draft}/check
pub(super) async fn show(State(rooms): State<Rooms>, visit: Visit, Path(draft): Path<i64>) -> Answer {
    let desk = Desk { rooms: &rooms, visit: &visit };
    let row = desk.row(DraftId(draft)).await?;
    if !hindrances(&desk, &Fields::from_bytes(&row.fields)).await?.is_empty() {
        return see(&format!("/mail/compose/{draft}"));
    }
    let checked = Checked::look(&desk, DraftId(draft)).await?;
    page(&desk, &checked, StatusCode::OK, &Ticks::default(), None).await
}

/// The page; `ticks` are those that stay, `notice` says why it is shown again.
pub(super) async fn page(
    desk: &Desk<'_>,
    checked: &Checked,
    status: StatusCode,
    ticks: &Ticks,
    notice: Option<String>,
) -> Answer {
    let mailboxes = desk.rooms.store.mailboxes(&desk.read()?).await?;
    let known = Acquaintance::of(desk.rooms, &desk.read()?, &checked.outside).await?;
    let directory = desk.rooms.store.directory();
    let view = View {
        checked,
        directory: &directory,
        rule_names: &desk.rooms.outbound.rule_names(desk.visit.identity().tenant()),
        tenant: desk.visit.identity().tenant(),
        known: &known,
        ticks,
        t: ComposeWords::new(desk.visit.page.language),
        style: desk.visit.page.style,
    };
    let helpers = desk.rooms.outbound.helpers(view.tenant);
    let frame = MailFrame::new(desk.rooms, desk.visit, &mailboxes, None).await?;
    let language = desk.visit.page.language;
    let seconds = desk.undo_time()?.span().as_secs();
    let not_inspected = checked.preview.not_inspected.iter().map(|one| crate::reasons::not_seen(one, language));
    let opened = crate::reasons::opened(checked.seen.as_deref(), language);
    let shown = view.page(frame, &helpers, not_inspected.collect(), notice);
    html_with(status, &CheckPage { undo: view.undo(seconds), opened, ..shown })
}

struct View<'a> {
    checked: &'a Checked,
    directory: &'a Directory,
    rule_names: &'a RuleNames,
    tenant: TenantId,
    known: &'a Acquaintance,
    ticks: &'a Ticks,
    t: ComposeWords,
    style: Style,
}

impl View<'_> {
    fn page(
        &self,
        frame: MailFrame,
        helpers: &[UserId],
        not_inspected: Vec<String>,
        notice: Option<String>,
    ) -> CheckPage {
        let Checked { row, preview, warnings, .. } = self.checked;
        let likely = preview.sightings.iter().filter(|one| is_grave(one)).count();
        let (helper_names, helper_addresses) = self.helpers(helpers);
        CheckPage {
            frame,
            t: self.t,
            draft: row.head.at,
            fate: self.checked.fate(),
            headline: self.headline(likely),
            rules: self.rules(),
            fates: self.fates(),
            puts_off: self.puts_off(),
            helpers: helper_names,
            helpers_to: helper_addresses,
            found: preview.sightings.iter().take(SHOWN).map(|one| self.found(one)).collect(),
            found_count: likely,
            found_more: preview.sightings.len().saturating_sub(SHOWN),
            unlikely: preview.sightings.len() - likely,
            not_inspected,
            opened: Vec::new(),
            domains: self.domains(),
            outside: self.checked.outside.len(),
            inside: self.inside(),
            subject: self.checked.mask(&self.checked.fields.subject),
            subject_ticked: self.ticks.has(Ticks::SUBJECT),
            files: row.attachments.iter().enumerate().map(|(at, file)| self.file(at, file)).collect(),
            lines: self.lines(),
            warnings: warnings.clone(),
            notice,
            undo: None,
        }
    }

    fn headline(&self, likely: usize) -> String {
        match self.checked.fate() {
            Fate::Send if self.puts_off() => self.t.will_send_later().to_owned(),
            Fate::Send => self.t.will_send().to_owned(),
            Fate::Confirm => self.t.will_confirm().to_owned(),
            Fate::Ask => self.t.will_wait().to_owned(),
            Fate::Blocked if likely > 0 => self.t.blocked(likely),
            Fate::Blocked => self.t.blocked_plain().to_owned(),
        }
    }

    /// Whether a rule puts any of it off.
    fn puts_off(&self) -> bool {
        self.checked.preview.foreseen.iter().any(|one| one.delay.is_some())
    }

    /// For how long what goes at once can be taken back.
    fn undo(&self, seconds: u64) -> Option<String> {
        let goes = |one: &Foreseen| !matches!(one.fate, Verdict::Hold | Verdict::Delete);
        let any = self.checked.fate() != Fate::Blocked && self.checked.preview.foreseen.iter().any(goes);
        (any && seconds > 0).then(|| self.t.undo_for(seconds))
    }

    /// Each rule once that does more than write down.
    fn rules(&self) -> Vec<RuleLine> {
        let told = self.checked.preview.foreseen.iter().filter(|one| one.fate != Verdict::Delete);
        let mut codes: Vec<&str> = Vec::new();
        let mut lines = Vec::new();
        for rule in told.flat_map(|one| &one.rules) {
            if !codes.contains(&rule.code.as_str()) {
                codes.push(&rule.code);
                lines.push(self.rule(rule));
            }
        }
        lines
    }

    /// A rule in words that hold before the mail is sent: its own message says what has become of it afterwards, but
    /// for one that refuses, which is what the author reads instead.
    fn rule(&self, rule: &RuleTold) -> RuleLine {
        let told = self.rule_names.told(&rule.code, self.style.language());
        let (action, when) = told
            .map_or_else(|| (self.t.cannot_be_reviewed().to_owned(), String::new()), |told| (told.action, told.when));
        let action =
            if rule.verdict == Verdict::Block && !rule.message.is_empty() { rule.message.clone() } else { action };
        RuleLine { name: rule.name.clone(), action, when, asks: self.ask(rule) }
    }

    /// What a rule asks of the sender, when his own word is what some of the mail waits for.
    fn ask(&self, rule: &RuleTold) -> Option<Ask> {
        let asks = self.checked.fate() != Fate::Blocked && self.checked.to_confirm().contains(&rule.code);
        let tick = Ticks::of_rule(&rule.code);
        let words = if rule.message.is_empty() { self.t.looked_at_it().to_owned() } else { rule.message.clone() };
        asks.then(|| Ask { ticked: self.ticks.has(&tick), words, tick })
    }

    fn fates(&self) -> Vec<FateLine> {
        let told = self.checked.preview.foreseen.iter().filter(|one| one.fate != Verdict::Block);
        let line = |one: &Foreseen| {
            let waits = one.fate == Verdict::Hold;
            let words = match (one.fate, one.delay) {
                (Verdict::Hold, _) => self.t.waits().to_owned(),
                (_, Some(minutes)) => self.t.goes_later(minutes),
                (_, None) => self.t.goes().to_owned(),
            };
            FateLine {
                words,
                count: one.recipients.len(),
                waits,
                approvers: Some(self.names(&one.approvers)).filter(|names| !names.is_empty()),
                deadline: one.deadline.map(|at| self.style.date_short(at)).unwrap_or_default(),
            }
        };
        told.map(line).collect()
    }

    fn names(&self, people: &[UserId]) -> String {
        let names = people.iter().filter_map(|id| self.directory.users.get(id)).map(|user| user.name.as_str());
        names.collect::<Vec<_>>().join(self.t.either("、", ", "))
    }

    /// Names and addresses of those who help.
    fn helpers(&self, people: &[UserId]) -> (String, String) {
        let users = people.iter().filter_map(|id| self.directory.users.get(id));
        let addresses: Vec<String> = users.map(|user| user.address.to_string()).collect();
        (self.names(people), addresses.join(","))
    }

    fn found(&self, one: &Sighting) -> Found {
        let reasons: Vec<&str> = one.reasons.iter().map(|(ja, en)| self.t.either(ja, en)).collect();
        Found {
            place: self.t.either(&one.place.ja, &one.place.en).to_owned(),
            level: self.t.level(one.level),
            grave: is_grave(one),
            reasons: reasons.join(self.t.either("、", ", ")),
        }
    }

    fn domains(&self) -> Vec<DomainLines> {
        let mut domains: BTreeMap<String, Vec<Person>> = BTreeMap::new();
        for address in &self.checked.outside {
            let person = self.outsider(address);
            domains.entry(address.domain().as_str().to_owned()).or_default().push(person);
        }
        domains.into_iter().map(|(domain, people)| DomainLines { domain, people }).collect()
    }

    fn outsider(&self, address: &Address) -> Person {
        let sent = self.known.sent(address);
        let tick = Ticks::of_address(address);
        Person {
            history: if sent == 0 { self.t.domain_first().to_owned() } else { self.t.exchanged(sent) },
            first: sent == 0,
            forms: self.checked.treatment_for(address).map(|one| self.t.forms(one)).unwrap_or_default(),
            ticked: self.ticks.has(&tick),
            tick,
            ..self.person(address)
        }
    }

    /// The field and the name under which somebody was typed.
    fn person(&self, address: &Address) -> Person {
        let people = &self.checked.people;
        let fields = [(self.t.field_to(), &people.to), (self.t.cc(), &people.cc), (self.t.bcc(), &people.bcc)];
        let found = fields
            .into_iter()
            .find_map(|(label, field)| Some((label, field.iter().find(|one| one.address == *address)?)));
        let (field, typed) = match found {
            Some((label, typed)) => (label, typed.clone()),
            None => (self.t.by_group(), Mailbox::from(address.clone())),
        };
        Person {
            field,
            name: self.checked.mask(&name_of(self.directory, &typed)),
            address: address.to_string(),
            history: String::new(),
            forms: Vec::new(),
            first: false,
            tick: String::new(),
            ticked: false,
        }
    }

    fn inside(&self) -> Vec<Person> {
        let typed = self.checked.people.all().map(|person| &person.address);
        typed.filter(|one| !is_outside(self.directory, self.tenant, one.domain())).map(|one| self.person(one)).collect()
    }

    fn file(&self, at: usize, file: &AttachmentRow) -> FileLine {
        // the text is part 1 of the mail that the desk makes, the files follow
        let part = (at + 2).to_string();
        let of_file =
            |other: &str| other == part || other.strip_prefix(&part).is_some_and(|rest| rest.starts_with('.'));
        let preview = &self.checked.preview;
        let found = preview.sightings.iter().filter(|one| of_file(&one.part) && is_grave(one)).count();
        let unseen = preview.not_inspected.iter().any(|one| of_file(&one.part));
        let state = match (found, unseen) {
            (0, true) => self.t.file_not_inspected().to_owned(),
            (0, false) => self.t.file_clean().to_owned(),
            (found, _) => self.t.file_found(found),
        };
        let tick = Ticks::of_file(file.id);
        FileLine {
            id: file.id,
            name: self.checked.mask(&file.name),
            size: self.style.size(file.size),
            state,
            grave: found > 0 || unseen,
            ticked: self.ticks.has(&tick),
            tick,
        }
    }

    fn lines(&self) -> Vec<String> {
        let text = self.checked.mask(&self.checked.fields.text);
        text.lines().take(LINES).map(|line| line.chars().take(LINE).collect()).collect()
    }
}

/// Of level likely or above.
fn is_grave(one: &Sighting) -> bool {
    one.level >= inspect::detect::Level::Likely
}
