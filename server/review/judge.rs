//! All rules over all recipients: the strictest action wins, compatible ones add up.

use std::cell::OnceCell;
use std::collections::HashSet;

use types::{Address, Domain, Treatment};

use crate::calendar::Calendar;
use crate::facts::{AttachmentFact, Contact, Facts, RecipientFact, Seat};
use crate::rule::{Action, Among, AttachmentTest, Condition, HoldAction, Mode, Rule, RuleSet, Scope, Spot, Who};
use crate::text::normal;
use crate::verdict::{Hit, Judgement, Outcome, RecipientVerdict, TraceLine, Verdict};

/// Judges a mail. Every rule is judged for every recipient; a rule that an exception takes out does nothing.
#[must_use]
pub fn judge(rules: &RuleSet, facts: &Facts) -> Judgement {
    let judging = Judging::new(rules, facts);
    let effects: Vec<&Effect> = (0..rules.rules.len()).filter_map(|place| judging.effect(place)).collect();
    let recipients = facts.recipients.iter().enumerate();
    let recipients = recipients.map(|(who, fact)| verdict(rules, &effects, who, fact)).collect();
    let trace = rules.rules.iter().zip(&effects).filter(|(rule, _)| rule.acts_at(facts.at));
    let trace = trace.flat_map(|(rule, effect)| trace_lines(rules, facts, rule, effect)).collect();
    Judgement { recipients, trace }
}

/// How a rule fares: for each recipient whether it looks at him and matches, and what took it out.
struct Effect {
    looks: Vec<bool>,
    matches: Vec<bool>,
    taken_out_by: Option<usize>,
}

impl Effect {
    fn acts_on(&self, who: usize) -> bool {
        self.taken_out_by.is_none() && self.matches.get(who).copied().unwrap_or(false)
    }
}

/// One judgement under way: what several conditions ask for is made once.
struct Judging<'a> {
    rules: &'a RuleSet,
    facts: &'a Facts,
    texts: Vec<OnceCell<bool>>,
    effects: Vec<OnceCell<Effect>>,
}

impl<'a> Judging<'a> {
    fn new(rules: &'a RuleSet, facts: &'a Facts) -> Self {
        Self {
            rules,
            facts,
            texts: rules.texts.iter().map(|_| OnceCell::new()).collect(),
            effects: rules.rules.iter().map(|_| OnceCell::new()).collect(),
        }
    }

    /// Exceptions never go in a circle (the parser sees to it), so this ends; each rule is judged once.
    fn effect(&self, place: usize) -> Option<&Effect> {
        Some(self.effects.get(place)?.get_or_init(|| self.judged(place)))
    }

    fn judged(&self, place: usize) -> Effect {
        let none = || vec![false; self.facts.recipients.len()];
        let Some(rule) = self.rules.rules.get(place).filter(|rule| rule.acts_at(self.facts.at)) else {
            return Effect { looks: none(), matches: none(), taken_out_by: None };
        };
        let looks: Vec<bool> = self.facts.recipients.iter().map(|who| self.looks_at(rule, who)).collect();
        let matches: Vec<bool> = if self.from(rule) {
            let judged = self.facts.recipients.iter().zip(&looks);
            judged.map(|(who, looks)| *looks && self.holds(&rule.when, rule, who)).collect()
        } else {
            none()
        };
        let matched = matches.iter().any(|one| *one);
        let taken_out_by = rule.except.iter().copied().find(|other| matched && self.takes_out(*other));
        Effect { looks, matches, taken_out_by }
    }

    /// Whether the rule at `place` acts on all outside recipients (on all, where nobody is outside).
    fn takes_out(&self, place: usize) -> bool {
        if self.rules.rules.get(place).is_none_or(|rule| rule.mode != Mode::On) {
            return false;
        }
        let Some(effect) = self.effect(place) else { return false };
        let anyone_outside = self.facts.recipients.iter().any(|who| !who.inside);
        let mut counted = self.facts.recipients.iter().enumerate().filter(|(_, who)| !who.inside || !anyone_outside);
        counted.all(|(place, _)| effect.acts_on(place))
    }

    fn looks_at(&self, rule: &Rule, recipient: &RecipientFact) -> bool {
        match rule.scope {
            Scope::Out => self.facts.author.inside && !recipient.inside,
            Scope::Inside => self.facts.author.inside && recipient.inside,
            Scope::In => !self.facts.author.inside,
            Scope::Any => true,
        }
    }

    fn from(&self, rule: &Rule) -> bool {
        let author = &self.facts.author;
        rule.from.iter().any(|who| match who {
            Who::Anyone => true,
            Who::Outside => !author.inside,
            Who::Inside => author.inside,
            Who::Group(name) => author.groups.contains(name),
            Who::List(name) => author.lists.contains(name),
            Who::Department(name) => author.inside && author.department == *name,
            Who::Address(address) => author.addresses().any(|own| own == address),
            Who::Domain(domain) => author.addresses().any(|own| own.domain() == domain),
        })
    }

    fn holds(&self, condition: &Condition, rule: &Rule, recipient: &RecipientFact) -> bool {
        let facts = self.facts;
        match condition {
            Condition::All(all) => all.iter().all(|one| self.holds(one, rule, recipient)),
            Condition::Any(any) => any.iter().any(|one| self.holds(one, rule, recipient)),
            Condition::Not(one) => !self.holds(one, rule, recipient),
            Condition::Numbers { class, level, count, places } => {
                let there =
                    |at: &[detect::Place]| places.is_empty() || at.iter().any(|p| places.contains(&Spot::of(p)));
                let found = facts.findings.iter().filter(|one| one.class == *class && one.level >= *level);
                found.filter(|one| there(&one.places)).count() >= *count
            }
            Condition::NotInspected(reasons) => facts.not_inspected.iter().any(|one| reasons.contains(one)),
            Condition::Recipients(words) => is_any(words, recipient),
            Condition::RecipientsAll(words) => {
                let mut looked_at = facts.recipients.iter().filter(|who| self.looks_at(rule, who));
                looked_at.all(|who| is_any(words, who))
            }
            Condition::OutsideRecipientsAll(words) => {
                let mut outside = facts.recipients.iter().filter(|who| !who.inside).peekable();
                outside.peek().is_some() && outside.all(|who| is_any(words, who))
            }
            Condition::RecipientCount { who, min, max } => {
                let count = facts.recipients.iter().filter(|one| is_any(who, one)).count();
                count >= *min && max.is_none_or(|max| count <= max)
            }
            Condition::OutsideDomains { among, min } => {
                let domains: HashSet<&Domain> = outside(facts, *among).map(Address::domain).collect();
                domains.len() >= *min
            }
            Condition::OutsideAddresses { among, min } => {
                let addresses: HashSet<String> = outside(facts, *among).map(Address::key).collect();
                addresses.len() >= *min
            }
            Condition::FirstContact { company } => {
                let known = if *company { Contact::Colleagues } else { Contact::Known };
                !recipient.inside && recipient.contact < known
            }
            Condition::NoTls { unknown } => !recipient.inside && !recipient.tls.unwrap_or(!unknown),
            Condition::Time(test) => test.holds(facts.at),
            Condition::Text(place) => self.text(*place),
            Condition::Attachment(test) => attachments(test, &facts.attachments),
            Condition::Header { name, contains } => {
                let mut fields = facts.headers.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
                fields.any(|(_, value)| contains.as_ref().is_none_or(|text| normal(value).contains(text)))
            }
            Condition::Size { min_kb, max_kb } => in_kilobytes(facts.size, *min_kb, *max_kb),
        }
    }

    fn text(&self, place: usize) -> bool {
        let (Some(cell), Some(test)) = (self.texts.get(place), self.rules.texts.get(place)) else { return true };
        *cell.get_or_init(|| test.matches(&self.facts.texts))
    }
}

/// The addresses of others among these.
fn outside(facts: &Facts, among: Among) -> Box<dyn Iterator<Item = &Address> + '_> {
    let seats: &[Seat] = match among {
        Among::To => &[Seat::To],
        Among::Cc => &[Seat::Cc],
        Among::Shown => &[Seat::To, Seat::Cc],
        Among::Envelope => {
            let outside = facts.recipients.iter().filter(|one| !one.inside);
            return Box::new(outside.map(|one| &one.address));
        }
    };
    let shown = facts.shown.iter().filter(|one| !one.inside && seats.contains(&one.seat));
    Box::new(shown.map(|one| &one.address))
}

fn is_any(words: &[Who], recipient: &RecipientFact) -> bool {
    words.iter().any(|who| match who {
        Who::Anyone => true,
        Who::Outside => !recipient.inside,
        Who::Inside => recipient.inside,
        Who::List(name) => recipient.lists.contains(name),
        Who::Group(name) => recipient.groups.contains(name),
        Who::Department(name) => recipient.inside && recipient.department == *name,
        Who::Address(address) => recipient.addresses().any(|own| own == address),
        Who::Domain(domain) => recipient.addresses().any(|own| own.domain() == domain),
    })
}

fn attachments(test: &AttachmentTest, all: &[AttachmentFact]) -> bool {
    let fits = |one: &&AttachmentFact| {
        // of a picture in an archive, a document or a mail it is the picture that must be so large
        let size = if test.image_only { one.picture } else { Some(one.size) };
        test.kind.is_none_or(|kind| one.kind == kind)
            && size.is_some_and(|size| in_kilobytes(size, test.min_kb, test.max_kb))
            && test.encrypted.is_none_or(|encrypted| one.encrypted == encrypted)
            && test.name.as_ref().is_none_or(|pattern| pattern.is_match(&normal(&one.name)))
    };
    all.iter().filter(fits).count() >= test.count
}

fn in_kilobytes(bytes: u64, min: u64, max: Option<u64>) -> bool {
    bytes >= min.saturating_mul(1_024) && max.is_none_or(|max| bytes <= max.saturating_mul(1_024))
}

fn verdict(rules: &RuleSet, effects: &[&Effect], who: usize, fact: &RecipientFact) -> RecipientVerdict {
    let recipient = fact.address.clone();
    let mut sum = RecipientVerdict {
        recipient,
        inside: fact.inside,
        verdict: Verdict::Pass,
        fate: Verdict::Pass,
        treatment: Treatment::default(),
        hold: None,
        delay: None,
        self_review: None,
        notify: Vec::new(),
        hits: Vec::new(),
    };
    for (rule, _) in rules.rules.iter().zip(effects).filter(|(_, effect)| effect.acts_on(who)) {
        if rule.mode == Mode::Record {
            (sum.verdict, sum.fate) = (sum.verdict.max(Verdict::Record), sum.fate.max(Verdict::Record));
            continue;
        }
        let (mut strictest, mut own_fate, mut treats) = (Verdict::Record, Verdict::Record, false);
        for action in &rule.actions {
            let done = add(&mut sum, action, fact.inside);
            strictest = strictest.max(done);
            match action {
                Action::Treat(_) => treats |= done > Verdict::Record,
                _ => own_fate = own_fate.max(done),
            }
        }
        (sum.verdict, sum.fate) = (sum.verdict.max(strictest), sum.fate.max(own_fate));
        if strictest > Verdict::Record {
            sum.hits.push(Hit {
                code: rule.code.clone(),
                verdict: strictest,
                fate: own_fate,
                treats,
                numbers: rule.when.asks_for_numbers(),
                message: rule.message.clone(),
                approver_message: rule.approver_message.clone(),
            });
        }
    }
    // "It waits" beside "it is refused" would be a false word to the sender; the trace keeps all.
    let fate = sum.fate;
    let does = |hit: &Hit| hit.fate == fate || hit.verdict == Verdict::Notify || (hit.treats && fate < Verdict::Block);
    sum.hits.retain(does);
    sum.hits.sort_by_key(|hit| std::cmp::Reverse((hit.fate, hit.verdict)));
    sum
}

/// Adds an action and answers what it does for this recipient.
fn add(sum: &mut RecipientVerdict, action: &Action, inside: bool) -> Verdict {
    match action {
        Action::Notify(people) => {
            for word in people {
                if !sum.notify.contains(word) {
                    sum.notify.push(word.clone());
                }
            }
        }
        Action::Treat(treatment) => {
            let treatment = toward(treatment, inside);
            sum.treatment.join(&treatment);
            return Verdict::of(&treatment);
        }
        Action::Delay(minutes) => sum.delay = sum.delay.max(Some(*minutes)),
        Action::SelfReview(terms) => sum.self_review = Some(both(sum.self_review.take(), terms)),
        Action::Hold(hold) => sum.hold = Some(both(sum.hold.take(), hold)),
        Action::Record | Action::Block | Action::Delete => {}
    }
    action.verdict()
}

/// What of a treatment is meant for a recipient: people inside get the mail as it was written, with further lines at most.
fn toward(treatment: &Treatment, inside: bool) -> Treatment {
    match inside {
        true => Treatment { bcc: treatment.bcc.clone(), headers: treatment.headers.clone(), ..Treatment::default() },
        false => treatment.clone(),
    }
}

fn both(known: Option<HoldAction>, new: &HoldAction) -> HoldAction {
    match known {
        Some(known) => stricter(known, new.clone()),
        None => new.clone(),
    }
}

/// One hold of two. A mail has one decision, so one of the two names who decides: groups, whose members were
/// chosen for such decisions, before single people, and both before a supervisor; of two of a kind the first
/// in the file. The rest is the stricter of both.
fn stricter(a: HoldAction, b: HoldAction) -> HoldAction {
    let rank = |hold: &HoldAction| match hold.approvers.iter().all(|word| word.starts_with("group:")) {
        true => 2,
        false => u8::from(!hold.approvers.iter().any(|word| word == "supervisor")),
    };
    let (approvals, must_open) = (a.approvals.max(b.approvals), a.must_open || b.must_open);
    let (approvers, escalate_to) =
        if rank(&b) > rank(&a) { (b.approvers, b.escalate_to) } else { (a.approvers, a.escalate_to) };
    let end = |then: &str| ["send", "escalate", "return", "reject"].iter().position(|word| *word == then).unwrap_or(0);
    let then = if end(&b.then) > end(&a.then) { b.then } else { a.then };
    let (calendar, hours) = match (a.calendar, b.calendar) {
        (Calendar::Business, Calendar::Always) => (b.calendar, b.hours),
        (Calendar::Always, Calendar::Business) => (a.calendar, a.hours),
        (calendar, _) => (calendar, a.hours.min(b.hours)),
    };
    let escalate_to = if then == "escalate" { escalate_to } else { Vec::new() };
    HoldAction { approvers, hours, calendar, then, approvals, must_open, escalate_to }
}

fn trace_lines(rules: &RuleSet, facts: &Facts, rule: &Rule, effect: &Effect) -> Vec<TraceLine> {
    let of = |wanted: bool| {
        let judged = facts.recipients.iter().zip(effect.looks.iter().zip(&effect.matches));
        let wanted = judged.filter(|(_, (looks, matches))| **looks && **matches == wanted);
        wanted.map(|(who, _)| who.address.clone()).collect::<Vec<_>>()
    };
    let by = effect.taken_out_by.and_then(|place| rules.rules.get(place)).map(|rule| rule.code.clone());
    let matched = match (&by, rule.mode) {
        (Some(_), _) => Outcome::TakenOut,
        (None, Mode::Record) => Outcome::Recorded,
        (None, _) => Outcome::Matched,
    };
    [(matched, of(true), by), (Outcome::NotMatched, of(false), None)]
        .into_iter()
        .filter(|(_, recipients, _)| !recipients.is_empty())
        .map(|(outcome, recipients, by)| {
            let code = rule.code.clone();
            TraceLine { code, mode: rule.mode, action: rule.verdict(), outcome, recipients, by }
        })
        .collect()
}

#[cfg(test)]
mod tests;
