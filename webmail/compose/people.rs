//! Whom a mail reaches: inside or outside, known or new, and what is wrong with an address. Answers the fields of
//! recipients while somebody types.

use std::collections::{BTreeSet, HashMap};

use message::compose::Mailbox;
use message::recipients::{self, Recipients};
use serde::Deserialize;
use store::{Access, Account, Directory, Read, Suggested, Target};
use types::{Address, Domain, TenantId};
use web::axum::extract::{Form, Query, State};
use web::{Answer, Trouble, Visit, askama, html};

use super::ComposeWords;
use crate::Rooms;

/// Suggestions shown.
const SUGGESTIONS: u32 = 8;
/// From so many outside domains on Bcc is suggested (web-design 3.4).
const OPEN_DOMAINS: usize = 5;
/// The store answers for so many addresses at once.
const KNOWN: usize = 2_000;

/// What is known of addresses.
pub(super) struct Acquaintance {
    /// How many mails were sent there before.
    sent: HashMap<Address, u32>,
}

impl Acquaintance {
    /// Asks for those of `addresses` that are outside.
    pub async fn of(rooms: &Rooms, access: &Access<Account, Read>, outside: &[Address]) -> Result<Self, Trouble> {
        let mut sent = HashMap::new();
        for some in outside.chunks(KNOWN) {
            let known = rooms.store.known(access, some).await?;
            for one in known {
                *sent.entry(one.address).or_default() += one.sent;
            }
        }
        Ok(Self { sent })
    }

    /// How many mails were sent there before.
    pub fn sent(&self, address: &Address) -> u32 {
        self.sent.get(address).copied().unwrap_or(0)
    }
}

/// Whether an address is outside the company.
pub(super) fn is_outside(directory: &Directory, tenant: TenantId, domain: &Domain) -> bool {
    directory.tenant_of(domain) != Some(tenant)
}

/// Whether an address is one inside that nobody has.
pub(super) fn is_nobody(directory: &Directory, address: &Address) -> bool {
    !delivery::expand(directory, [address]).unknown.is_empty()
}

/// The name under which people know an address: as typed, else as the directory has it.
pub(super) fn name_of(directory: &Directory, person: &Mailbox) -> String {
    if !person.name.is_empty() {
        return person.name.clone();
    }
    match directory.find(&person.address) {
        Some(Target::User(id)) => directory.users.get(&id).map(|user| user.name.clone()).unwrap_or_default(),
        Some(Target::Group(id)) => directory.groups.get(&id).map(|group| group.name.clone()).unwrap_or_default(),
        None => String::new(),
    }
}

/// A recipient in its field.
pub(super) struct Chip {
    /// Name, or address.
    pub label: String,
    pub address: String,
    /// What the field holds for it.
    pub typed: String,
    pub outside: bool,
    pub first: bool,
    pub wrong: Option<String>,
}

/// The recipients of one field.
pub(super) struct Chips {
    pub name: &'static str,
    pub chips: Vec<Chip>,
}

/// The three fields and what is to be said of all of them.
pub(super) struct Fieldfuls {
    pub fields: [Chips; 3],
    pub bcc_hint: Option<String>,
    /// Whether everybody is inside, and somebody is.
    pub inside_only: bool,
}

/// Looks at the three fields as they are typed.
pub(super) async fn fieldfuls(
    rooms: &Rooms,
    visit: &Visit,
    typed: [(&'static str, &str); 3],
) -> Result<Fieldfuls, Trouble> {
    let access = rooms.auth.read_account(visit.identity())?;
    let directory = rooms.store.directory();
    let (tenant, t) = (visit.identity().tenant(), ComposeWords::new(visit.page.language));
    let read = typed.map(|(name, text)| (name, recipients::recipients(text)));
    let all = || read.iter().flat_map(|(_, field)| &field.people);
    let outside: Vec<Address> = all()
        .map(|person| &person.address)
        .filter(|one| is_outside(&directory, tenant, one.domain()))
        .cloned()
        .collect();
    let known = Acquaintance::of(rooms, &access, &outside).await?;
    let open = read.iter().filter(|(name, _)| *name != "bcc").flat_map(|(_, field)| &field.people);
    let open: BTreeSet<&str> = open
        .filter(|person| is_outside(&directory, tenant, person.address.domain()))
        .map(|person| person.address.domain().as_str())
        .collect();
    let inside_only = outside.is_empty() && all().next().is_some();
    let making = Making { directory: &directory, tenant, known: &known, t };
    let bcc_hint = (open.len() > OPEN_DOMAINS).then(|| t.bcc_hint(open.len()));
    Ok(Fieldfuls { fields: read.map(|(name, field)| making.chips(name, &field)), bcc_hint, inside_only })
}

struct Making<'a> {
    directory: &'a Directory,
    tenant: TenantId,
    known: &'a Acquaintance,
    t: ComposeWords,
}

impl Making<'_> {
    fn chips(&self, name: &'static str, field: &Recipients) -> Chips {
        let mut chips: Vec<Chip> = field.people.iter().map(|person| self.chip(person)).collect();
        chips.extend(field.wrong.iter().map(|wrong| Chip {
            label: wrong.text.clone(),
            address: String::new(),
            typed: wrong.text.clone(),
            outside: false,
            first: false,
            wrong: Some(self.t.wrong_recipient(&wrong.text, &self.t.why(wrong.why))),
        }));
        Chips { name, chips }
    }

    fn chip(&self, person: &Mailbox) -> Chip {
        let address = person.address.to_string();
        let outside = is_outside(self.directory, self.tenant, person.address.domain());
        let name = name_of(self.directory, person);
        let nobody = !outside && is_nobody(self.directory, &person.address);
        let label = if name.is_empty() { address.clone() } else { name };
        let label = match self.members(&person.address) {
            Some(members) => format!("{label} {}", self.t.members(members)),
            None => label,
        };
        Chip {
            label,
            typed: recipients::typed(std::slice::from_ref(person)),
            outside,
            first: outside && self.known.sent(&person.address) == 0,
            wrong: nobody.then(|| self.t.wrong_recipient(&address, self.t.no_such_person())),
            address,
        }
    }

    fn members(&self, address: &Address) -> Option<usize> {
        match self.directory.find(address) {
            Some(Target::Group(id)) => self.directory.groups.get(&id).map(|group| group.members.len()),
            _ => None,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    to: String,
    cc: String,
    bcc: String,
}

#[derive(askama::Template)]
#[template(path = "webmail/compose/chips.html")]
struct ChipsPage {
    t: ComposeWords,
    people: Fieldfuls,
}

/// POST /mail/compose/recipients: the chips of what was typed. It changes nothing; addresses stand in no URL.
pub(super) async fn chips(State(rooms): State<Rooms>, visit: Visit, Form(typed): Form<Typed>) -> Answer {
    let fields = [("to", typed.to.as_str()), ("cc", &typed.cc), ("bcc", &typed.bcc)];
    let people = fieldfuls(&rooms, &visit, fields).await?;
    html(&ChipsPage { t: ComposeWords::new(visit.page.language), people })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    /// The field that asks.
    field: String,
}

/// A suggestion.
struct Choice {
    typed: String,
    name: String,
    address: String,
    more: String,
    outside: bool,
}

#[derive(askama::Template)]
#[template(path = "webmail/compose/suggest.html")]
struct SuggestPage {
    t: ComposeWords,
    field: &'static str,
    choices: Vec<Choice>,
}

/// GET /mail/suggest
pub(super) async fn suggest(State(rooms): State<Rooms>, visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let t = ComposeWords::new(visit.page.language);
    let field = ["to", "cc", "bcc"].into_iter().find(|name| *name == asked.field).ok_or(Trouble::BadRequest)?;
    let access = rooms.auth.read_account(visit.identity())?;
    let found = rooms.store.suggest(&access, asked.q.trim(), SUGGESTIONS).await?;
    let choices = found.into_iter().map(|one| Choice {
        typed: recipients::typed(&[Mailbox::new(one.name.clone(), one.address.clone())]),
        more: match one.kind {
            Suggested::Group(members) => t.members(members),
            _ => one.department,
        },
        outside: one.kind == Suggested::Correspondent,
        name: one.name,
        address: one.address.to_string(),
    });
    html(&SuggestPage { t, field, choices: choices.collect() })
}
