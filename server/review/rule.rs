//! A rule as the judge reads it: everything is checked, every name is resolved.

use detect::{Class, Level, Place};
use serde::Serialize;
use types::{Address, Domain, Timestamp, Treatment};

use crate::active::Active;
use crate::calendar::Calendar;
use crate::facts::{FileKind, Unseen};
use crate::names::Named;
use crate::text::TextTest;
use crate::time::TimeTest;
use crate::verdict::Verdict;

/// Whether a rule acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It acts.
    On,
    /// It is judged and written down, nobody is told and nothing is stopped.
    Record,
    /// It is not judged.
    Off,
}

/// Which mail a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// An author inside, a recipient outside.
    Out,
    /// Author and recipient inside.
    Inside,
    /// An author outside.
    In,
    /// All mail.
    Any,
}

/// Whom a word of a rule names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    Anyone,
    Outside,
    Inside,
    List(String),
    Group(String),
    Department(String),
    Address(Address),
    Domain(Domain),
}

/// What must be true of an attachment.
#[derive(Debug, Clone, Default)]
pub(crate) struct AttachmentTest {
    /// A file name with `*` and `?`, as a pattern of [`crate::text::wildcard`].
    pub name: Option<regex::Regex>,
    /// The same as the file says it.
    pub name_told: String,
    pub kind: Option<FileKind>,
    pub min_kb: u64,
    pub max_kb: Option<u64>,
    pub count: usize,
    /// Only pictures, and what a picture lies in.
    pub image_only: bool,
    /// Only those that want a password, or only the others.
    pub encrypted: Option<bool>,
}

/// Which addresses are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Among {
    /// Those that To shows.
    To,
    /// Those that Cc shows.
    Cc,
    /// Those that To and Cc show.
    Shown,
    /// All of the envelope, Bcc too.
    Envelope,
}

/// When a rule matches.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// So many distinct numbers of a class.
    Numbers {
        class: Class,
        level: Level,
        count: usize,
        places: Vec<Spot>,
    },
    NotInspected(Vec<Unseen>),
    Recipients(Vec<Who>),
    RecipientsAll(Vec<Who>),
    OutsideRecipientsAll(Vec<Who>),
    /// How many recipients of the envelope are among these.
    RecipientCount {
        who: Vec<Who>,
        min: usize,
        max: Option<usize>,
    },
    /// How many domains of others.
    OutsideDomains {
        among: Among,
        min: usize,
    },
    /// How many addresses of others.
    OutsideAddresses {
        among: Among,
        min: usize,
    },
    /// Nobody wrote to the recipient outside before: of the whole company, or the author himself.
    FirstContact {
        company: bool,
    },
    /// The recipient's server outside does not speak TLS.
    NoTls {
        /// Also when nobody knows.
        unknown: bool,
    },
    Time(TimeTest),
    /// `keyword`, `wildcard` and `regex`: a place in [`RuleSet::texts`].
    Text(usize),
    Attachment(AttachmentTest),
    Header {
        name: String,
        contains: Option<String>,
    },
    Size {
        min_kb: u64,
        max_kb: Option<u64>,
    },
}

impl Condition {
    /// Whether it, or a condition in it, is one that `test` is looking for.
    pub fn has(&self, test: &impl Fn(&Self) -> bool) -> bool {
        let inner = match self {
            Self::All(all) | Self::Any(all) => all.iter().any(|one| one.has(test)),
            Self::Not(one) => one.has(test),
            _ => false,
        };
        inner || test(self)
    }

    /// Whether a My Number makes it true.
    pub fn asks_for_numbers(&self) -> bool {
        match self {
            Self::All(all) | Self::Any(all) => all.iter().any(Self::asks_for_numbers),
            Self::Numbers { class: Class::MyNumber, .. } => true,
            _ => false,
        }
    }
}

/// A place as `where` names it: all headers are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot {
    Subject,
    Header,
    Body,
    Html,
    Attachment,
    AttachmentName,
}

impl Spot {
    pub const WORDS: [&str; 6] = ["subject", "header", "body", "html", "attachment", "attachment-name"];

    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "subject" => Self::Subject,
            "header" => Self::Header,
            "body" => Self::Body,
            "html" => Self::Html,
            "attachment" => Self::Attachment,
            "attachment-name" => Self::AttachmentName,
            _ => return None,
        })
    }

    pub fn of(place: &Place) -> Self {
        match place {
            Place::Subject => Self::Subject,
            Place::Header(_) => Self::Header,
            Place::Body => Self::Body,
            Place::Html => Self::Html,
            Place::Attachment => Self::Attachment,
            Place::AttachmentName => Self::AttachmentName,
        }
    }
}

/// What a hold waits for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct HoldAction {
    /// Who may decide: addresses, `group:NAME`, `supervisor`; of a self review `sender`.
    pub approvers: Vec<String>,
    /// Hours until the outcome fires.
    pub hours: u32,
    /// Which hours count.
    pub calendar: Calendar,
    /// What happens then: `return`, `reject`, `send` or `escalate`.
    pub then: String,
    /// So many different approvers must approve: one or two.
    pub approvals: u32,
    /// Whoever approves must have opened the mail and its files.
    pub must_open: bool,
    /// Whom `escalate` asks next; none: the supervisors of the approvers.
    pub escalate_to: Vec<String>,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    Record,
    Notify(Vec<String>),
    /// Something is done at release.
    Treat(Box<Treatment>),
    /// So many minutes.
    Delay(u32),
    SelfReview(HoldAction),
    Hold(HoldAction),
    Block,
    Delete,
}

impl Action {
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Record => Verdict::Record,
            Self::Notify(_) => Verdict::Notify,
            Self::Treat(treatment) => Verdict::of(treatment),
            Self::Delay(_) => Verdict::Delay,
            Self::SelfReview(_) => Verdict::SelfReview,
            Self::Hold(_) => Verdict::Hold,
            Self::Block => Verdict::Block,
            Self::Delete => Verdict::Delete,
        }
    }
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its code: ASCII, what an SMTP reply shows.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Whether it acts.
    pub mode: Mode,
    /// Which mail it looks at.
    pub scope: Scope,
    pub(crate) from: Vec<Who>,
    pub(crate) when: Condition,
    /// When it acts; always when `None`.
    pub(crate) active: Option<Active>,
    /// Places of the rules that take this one out.
    pub(crate) except: Vec<usize>,
    pub(crate) actions: Vec<Action>,
    /// What the sender reads.
    pub message: String,
    /// What approvers read; empty when it is the message.
    pub approver_message: String,
}

impl Rule {
    /// Whether it is judged at `at`: it is not off, and its schedule holds.
    #[must_use]
    pub fn acts_at(&self, at: Timestamp) -> bool {
        self.mode != Mode::Off && self.active.as_ref().is_none_or(|active| active.holds(at))
    }

    /// The strictest of its actions, whatever its mode.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.actions.iter().map(Action::verdict).max().unwrap_or(Verdict::Record)
    }

    /// Whether whoever has a mail that it matched is told so at its head. What `came_in` cannot be stopped any more: whatever tells somebody or
    /// decides labels it. What stays inside was stopped, put off or let go before it was there: only what tells labels it. What is only recorded
    /// is told where the rule has a message, which nobody else would read.
    #[must_use]
    pub fn labels(&self, came_in: bool) -> bool {
        let any = |test: fn(&Action) -> bool| self.actions.iter().any(test);
        let tells = any(|one| matches!(one, Action::Notify(_)));
        let decides = any(|one| matches!(one, Action::Hold(_) | Action::Block | Action::Delete));
        let waits = any(|one| matches!(one, Action::Delay(_) | Action::SelfReview(_)));
        let records = !self.message.is_empty() && self.actions.iter().all(|one| *one == Action::Record);
        if came_in { tells || decides || records } else { (tells || records) && !decides && !waits }
    }

    /// What stands there: the message, or the name of a rule that has none.
    #[must_use]
    pub fn label(&self) -> &str {
        let texts = [self.message.as_str(), self.name.as_str()];
        texts.into_iter().find(|text| !text.is_empty()).unwrap_or(&self.code)
    }
}

/// Whom a rule asks to approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The rule's code.
    pub code: &'a str,
    /// Whether a My Number makes it match.
    pub numbers: bool,
    /// Addresses, `group:NAME`, `supervisor`.
    pub words: &'a [String],
    /// Whether the supervisors of those are asked after a deadline.
    pub and_above: bool,
}

/// The rules of a tenant, in the order of their file.
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub(crate) rules: Vec<Rule>,
    pub(crate) texts: Vec<TextTest>,
    pub(crate) named: Vec<Named>,
}

impl RuleSet {
    /// The rules that a new tenant starts with, as a file that people read and change.
    #[must_use]
    pub fn shipped_text() -> &'static str {
        include_str!("shipped.toml")
    }

    /// Reads a rule file.
    ///
    /// # Errors
    /// Every mistake in it, each with its line.
    pub fn parse(text: &str) -> Result<Self, crate::RuleErrors> {
        crate::parse::rules(text)
    }

    /// Whether a rule asks to whom the author or his company wrote before: who fills in the facts need not look it up
    /// otherwise. `company`: whether one asks for the whole company.
    #[must_use]
    pub fn asks_for_contacts(&self, company: bool) -> bool {
        let asks = |one: &Condition| matches!(one, Condition::FirstContact { company: all } if *all || !company);
        self.rules.iter().any(|rule| rule.mode != Mode::Off && rule.when.has(&asks))
    }

    /// Whom rules that act ask to approve a mail, now or after a deadline.
    pub fn asked_to_approve(&self) -> impl Iterator<Item = Asked<'_>> {
        // a mail that two rules hold may escalate by the one and ask whom the other names (`judge::stricter`)
        let escalates = self.holds().any(|(_, hold)| hold.then == "escalate");
        self.holds().flat_map(move |(rule, hold)| {
            let (code, numbers) = (rule.code.as_str(), rule.when.asks_for_numbers());
            let may_escalate = escalates && matches!(hold.then.as_str(), "escalate" | "send");
            let and_above = may_escalate && hold.escalate_to.is_empty();
            let first = Asked { code, numbers, words: &hold.approvers, and_above };
            [first, Asked { code, numbers, words: &hold.escalate_to, and_above: false }]
        })
    }

    /// What rules that act hold for approval.
    fn holds(&self) -> impl Iterator<Item = (&Rule, &HoldAction)> {
        let acting = self.rules.iter().filter(|rule| rule.mode == Mode::On);
        acting.flat_map(|rule| {
            rule.actions.iter().filter_map(move |action| match action {
                Action::Hold(hold) => Some((rule, hold)),
                _ => None,
            })
        })
    }

    /// Whether a rule asks whether the recipient's server speaks TLS.
    #[must_use]
    pub fn asks_for_tls(&self) -> bool {
        let asks = |one: &Condition| matches!(one, Condition::NoTls { .. });
        self.rules.iter().any(|rule| rule.mode != Mode::Off && rule.when.has(&asks))
    }

    /// Whether the rule with this code asks for attachments that are pictures.
    #[must_use]
    pub fn asks_for_pictures(&self, code: &str) -> bool {
        let asks = |one: &Condition| matches!(one, Condition::Attachment(test) if test.image_only);
        self.rules.iter().any(|rule| rule.code == code && rule.when.has(&asks))
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_label_what_came_in_when_they_tell_or_decide_and_what_stays_inside_when_they_only_tell() {
        let notify = "{ notify = [\"sender\"] }";
        for (action, message, came_in, inside) in [
            ("\"record\"", "x", true, true),
            ("\"record\"", "", false, false),
            (notify, "x", true, true),
            (notify, "", true, true),
            ("{ hold = { approvers = [\"supervisor\"] } }", "x", true, false),
            ("\"block\"", "", true, false),
            ("\"delete\"", "x", true, false),
            ("{ delay = { minutes = 1 } }", "x", false, false),
            ("\"self_review\"", "x", false, false),
            ("{ bcc = [\"supervisor\"] }", "x", false, false),
            ("[{ bcc = [\"supervisor\"] }, { notify = [\"sender\"] }]", "x", true, true),
            ("[{ hold = { approvers = [\"supervisor\"] } }, { notify = [\"sender\"] }]", "x", true, false),
        ] {
            let text = format!(
                "[[rule]]\ncode = \"CODE\"\nname = \"name\"\ndirection = \"any\"\nwhen = {{ wildcard = \"*\" }}\naction = {action}\n\
                 message = \"{message}\"\n"
            );
            let rules = RuleSet::parse(&text).unwrap();
            let rule = &rules.rules()[0];
            assert_eq!((rule.labels(true), rule.labels(false)), (came_in, inside), "{action} {message}");
            assert_eq!(rule.label(), if message.is_empty() { "name" } else { message });
        }
    }
}
