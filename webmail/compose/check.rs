//! A draft looked at before it is sent: what was found in it, what would become of it, whom outside it would reach. It
//! asks the engine that decides when the mail is sent, and knows no page (`check_page`).

use std::sync::Arc;

use inspect::Seen;
use inspect::review::Verdict;
use message::compose::Mailbox;
use outbound::{Foreseen, Preview, Question};
use store::{Directory, DraftRow, Origin};
use types::{Address, DraftId, Safeguard, TenantId, Treatment};
use web::{Trouble, Visit};

use super::ComposeWords;
use super::desk::Desk;
use super::form::{Addressed, Fields};
use super::people::name_of;
use super::ticks::Ticks;

/// What would become of the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Send,
    /// Its author must say that he has looked at what rules ask him to.
    Confirm,
    Ask,
    Blocked,
}

impl Fate {
    /// Of all parts together. A rule that discards a mail is not told to its author.
    fn of(foreseen: &[Foreseen]) -> Self {
        let any = |verdict| foreseen.iter().any(|one| one.fate == verdict);
        match () {
            () if any(Verdict::Block) => Self::Blocked,
            () if any(Verdict::Hold) => Self::Ask,
            () if any(Verdict::SelfReview) => Self::Confirm,
            () => Self::Send,
        }
    }
}

/// A draft that was looked at.
pub(super) struct Checked {
    pub row: DraftRow,
    pub fields: Fields,
    pub people: Addressed,
    pub seen: Option<Arc<Seen>>,
    pub preview: Preview,
    /// Everybody outside whom it would reach, by groups too.
    pub outside: Vec<Address>,
    pub warnings: Vec<String>,
}

impl Checked {
    /// Looks at the draft as it is kept now.
    pub async fn look(desk: &Desk<'_>, draft: DraftId) -> Result<Self, Trouble> {
        let row = desk.row(draft).await?;
        let fields = Fields::from_bytes(&row.fields);
        let people = fields.addressed();
        let (seen, written) = desk.seen(&row, &fields).await?;
        let question = question(desk.visit, &desk.from(&fields)?, &people, fields.safeguard);
        let outbound = &desk.rooms.outbound;
        let mut preview = outbound.preview_of(&question, seen.as_ref()).await;
        if preview.is_treated() {
            let mut letter = match written {
                Some(letter) => letter,
                None => desk.letter(&row, &fields).await?,
            };
            let bytes = Arc::new(std::mem::take(&mut letter.bytes));
            outbound.try_treatments(&mut preview, &question, &bytes).await;
        }
        let directory = desk.rooms.store.directory();
        let outside = outside(&directory, question.tenant, &question.to);
        let t = ComposeWords::new(desk.visit.page.language);
        let warnings = warnings(t, &directory, &fields, &people, row.attachments.is_empty());
        Ok(Self { row, fields, people, seen, preview, outside, warnings })
    }

    /// What is done to the mail on its way to somebody outside.
    pub fn treatment_for(&self, to: &Address) -> Option<&Treatment> {
        let parts = self.preview.foreseen.iter().filter(|one| one.fate != Verdict::Delete);
        parts.into_iter().find(|one| one.recipients.contains(to)).map(|one| &one.treatment)
    }

    pub fn fate(&self) -> Fate {
        Fate::of(&self.preview.foreseen)
    }

    /// Whether the check is shown at all (policy 社外宛のみ): inside, with nothing found and nothing to warn of, it is
    /// not.
    pub fn is_due(&self) -> bool {
        let quiet = self.preview.sightings.is_empty() && self.preview.not_inspected.is_empty();
        !self.outside.is_empty() || !quiet || !self.warnings.is_empty() || self.fate() != Fate::Send
    }

    /// What must be ticked.
    pub fn required(&self) -> Ticks {
        Ticks::required(&self.outside, &self.row.attachments, &self.to_confirm())
    }

    /// The rules that ask the author to confirm, by code: by their ticks he has done so.
    pub fn to_confirm(&self) -> Vec<String> {
        let asking = self.preview.foreseen.iter().filter(|one| one.fate == Verdict::SelfReview);
        let rules = asking.flat_map(|one| &one.rules).filter(|rule| rule.fate == Verdict::SelfReview);
        let mut codes: Vec<String> = rules.map(|rule| rule.code.clone()).collect();
        codes.sort();
        codes.dedup();
        codes
    }

    /// A text of the mail with every number made unreadable; when nobody could look at the mail, by itself.
    pub fn mask(&self, text: &str) -> String {
        match &self.seen {
            Some(seen) => inspect::mask_numbers(&seen.mask(text)),
            None => inspect::mask_numbers(text),
        }
    }
}

/// Who would send to whom.
fn question(visit: &Visit, from: &Mailbox, people: &Addressed, safeguard: Option<Safeguard>) -> Question {
    Question {
        tenant: visit.identity().tenant(),
        author: Some(visit.identity().user()),
        origin: Origin::Author,
        from: Some(from.address.clone()),
        to: envelope(people),
        at: visit.now,
        safeguard,
    }
}

/// The recipients of the envelope, each once.
pub(super) fn envelope(people: &Addressed) -> Vec<Address> {
    let mut to: Vec<Address> = Vec::new();
    for person in people.all() {
        if !to.contains(&person.address) {
            to.push(person.address.clone());
        }
    }
    to
}

/// Who of them is outside, and whom groups lead to there: also people of other companies of this server.
pub(super) fn outside(directory: &Directory, tenant: TenantId, to: &[Address]) -> Vec<Address> {
    let found = delivery::expand(directory, to);
    let elsewhere = found.copies.into_iter().filter(|copy| copy.tenant != tenant).map(|copy| copy.address);
    found.outside.into_iter().chain(elsewhere).collect()
}

fn warnings(
    t: ComposeWords,
    directory: &Directory,
    fields: &Fields,
    people: &Addressed,
    no_files: bool,
) -> Vec<String> {
    let names: Vec<String> = people.to.iter().map(|person| name_of(directory, person)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let greeting = message::attention::other_greeting(&fields.text, &names);
    let greeting = greeting.map(|one| t.greeting_differs(&inspect::mask_numbers(&one.written), &one.recipient));
    let missing = no_files && message::attention::speaks_of_a_file(&fields.subject, &fields.text);
    greeting.into_iter().chain(missing.then(|| t.file_missing().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreseen(verdict: Verdict) -> Foreseen {
        Foreseen {
            verdict,
            fate: verdict,
            treatment: Treatment::default(),
            recipients: Vec::new(),
            rules: Vec::new(),
            approvers: Vec::new(),
            deadline: None,
            delay: None,
        }
    }

    #[test]
    fn everybody_gets_one_envelope_and_who_is_elsewhere_is_outside() {
        let fields = Fields {
            to: "a@b.example, c@d.example".into(),
            cc: "A <a@b.example>".into(),
            bcc: "e@f.example".into(),
            ..Fields::default()
        };
        let to = envelope(&fields.addressed());
        let written: Vec<String> = to.iter().map(ToString::to_string).collect();
        assert_eq!(written, ["a@b.example", "c@d.example", "e@f.example"]);
        assert_eq!(outside(&Directory::default(), TenantId(1), &to), to, "a domain of nobody here is outside");
    }

    #[test]
    fn a_greeting_and_a_missing_file_are_warned_of_without_a_digit() {
        let t = ComposeWords::new(web::Language::Ja);
        let said = |to: &str, text: &str, no_files: bool| {
            let fields = Fields { to: to.into(), text: text.into(), ..Fields::default() };
            let people = fields.addressed();
            warnings(t, &Directory::default(), &fields, &people, no_files)
        };
        let wrong = said("山田 太郎 <t@y.example>", "山本様\n添付します。", true);
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert_eq!(wrong[0], "宛名「山本様」と宛先「山田」が異なります。");
        assert!(said("山田 太郎 <t@y.example>", "山田様\n添付します。", false).is_empty());
    }

    #[test]
    fn the_strictest_fate_names_the_button_and_a_discarding_rule_is_not_told() {
        for (verdicts, fate) in [
            (&[Verdict::Pass, Verdict::Record][..], Fate::Send),
            (&[Verdict::Notify, Verdict::Delay], Fate::Send),
            (&[Verdict::SelfReview, Verdict::Delay], Fate::Confirm),
            (&[Verdict::SelfReview, Verdict::Hold], Fate::Ask),
            (&[Verdict::Hold, Verdict::Pass], Fate::Ask),
            (&[Verdict::Block, Verdict::Hold], Fate::Blocked),
            (&[Verdict::Delete, Verdict::Pass], Fate::Send),
            (&[], Fate::Send),
        ] {
            let all: Vec<Foreseen> = verdicts.iter().map(|verdict| foreseen(*verdict)).collect();
            assert_eq!(Fate::of(&all), fate, "{verdicts:?}");
        }
    }
}
