//! What would happen to a mail if it were sent now: for the check before sending and for the simulator. It is the
//! engine that decides at delivery, asked beforehand; nothing is written and nothing is promised.

use std::sync::Arc;

use inspect::extract::Kept;
use inspect::review::{self, Judgement, Rule, Verdict};
use inspect::{NotSeen, Seen, Sighting};
use store::Origin;
use types::{Address, Safeguard, TenantId, Timestamp, Treatment, UserId};

use crate::approvers::Asking;
use crate::facts::author_of;
use crate::fates::{Act, Hit, HoldTerms, people};
use crate::rules::{KEEPERS, act, failure_terms, keepers_terms};
use crate::{Outbound, treat};

/// Who would send what to whom.
#[derive(Debug, Clone)]
pub struct Question {
    /// The company whose rules are asked.
    pub tenant: TenantId,
    /// The person who would send; `None` in the simulator for an author who is nobody here.
    pub author: Option<UserId>,
    /// Why the mail would exist.
    pub origin: Origin,
    /// The reverse path.
    pub from: Option<Address>,
    /// The recipients as typed: groups are followed to their members.
    pub to: Vec<Address>,
    /// When: deadlines count from here.
    pub at: Timestamp,
    /// How its author wants its files to be kept from others.
    pub safeguard: Option<Safeguard>,
}

/// A rule that would act, as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTold {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its strictest action.
    pub verdict: Verdict,
    /// The strictest of those that say whether and when the mail goes.
    pub fate: Verdict,
    /// What the sender reads once it has acted.
    pub message: String,
}

/// What would happen to some of the recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// The strictest action, with what would be done at release.
    pub verdict: Verdict,
    /// Pass, record and notify let it go; delay does so later; self review and hold wait; block refuses the whole.
    pub fate: Verdict,
    /// What would be done when it goes.
    pub treatment: Treatment,
    /// Whom it concerns.
    pub recipients: Vec<Address>,
    /// Which rules say so.
    pub rules: Vec<RuleTold>,
    /// Who would decide, without the author.
    pub approvers: Vec<UserId>,
    /// Until when.
    pub deadline: Option<Timestamp>,
    /// For how many minutes it would wait to leave; of what waits for the sender alone, once he has confirmed it.
    pub delay: Option<u32>,
}

/// What the review would do with a mail. Holds no text of it and no number.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Those with equal fates together, the strictest first.
    pub foreseen: Vec<Foreseen>,
    /// What was found, the surest first.
    pub sightings: Vec<Sighting>,
    /// What could not be inspected.
    pub not_inspected: Vec<NotSeen>,
    /// The subject, masked.
    pub subject: String,
    /// Every rule and how it fared; `None`: the review itself failed, and everything would be held.
    pub judgement: Option<Judgement>,
    /// Whether whoever decides must be one who may see My Numbers.
    sensitive: bool,
}

impl Preview {
    /// Whether something would be done to the mail on its way: then [`Outbound::try_treatments`] says whether it can be.
    #[must_use]
    pub fn is_treated(&self) -> bool {
        self.foreseen.iter().any(|one| !one.treatment.is_nothing())
    }

    /// The strictest of the fates.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.foreseen.iter().map(|one| one.verdict).max().unwrap_or(Verdict::Pass)
    }
}

impl Outbound {
    /// Looks at a mail and asks the rules; takes as long as it takes.
    pub async fn preview(&self, question: &Question, mail: Vec<u8>) -> Preview {
        let bytes = Arc::new(mail);
        let seen = self.inspected(&question.into(), bytes.to_vec(), Kept::default()).await;
        let mut preview = self.preview_of(question, seen.as_ref()).await;
        self.try_treatments(&mut preview, question, &bytes).await;
        preview
    }

    /// Tries whether what would be done to the mail can be: what cannot waits for the handlers, as it does at delivery.
    pub async fn try_treatments(&self, preview: &mut Preview, question: &Question, bytes: &Arc<Vec<u8>>) {
        if !preview.is_treated() || preview.foreseen.iter().any(|one| one.fate == Verdict::Block) {
            return;
        }
        let leaves = |one: &Foreseen| (one.fate < Verdict::Block).then(|| one.treatment.clone());
        let treatments = preview.foreseen.iter().map(leaves).collect();
        match self.untreatable(treatments, question.author, bytes).await {
            Ok(all) => {
                let failing =
                    preview.foreseen.iter_mut().zip(all).filter_map(|(one, why)| Some((one, treat::hit(why?))));
                for (one, hit) in failing {
                    preview.judgement.iter_mut().for_each(|judgement| hold_in(judgement, &one.recipients, &hit));
                    self.holds_untreatable(question, one, hit, preview.sensitive);
                }
            }
            Err(error) => {
                tracing::error!(%error, "what would be done to a mail cannot be tried");
                (preview.foreseen, preview.judgement) = (vec![self.foreseen_failure(question)], None);
            }
        }
        sort(&mut preview.foreseen);
    }

    fn holds_untreatable(&self, question: &Question, one: &mut Foreseen, hit: Hit, numbers: bool) {
        let hold = Verdict::Hold;
        if one.fate != hold {
            let terms = keepers_terms(question.at);
            (one.approvers, one.deadline) = (self.deciders(question, &terms, numbers), Some(terms.deadline));
        }
        (one.verdict, one.fate, one.delay) = (one.verdict.max(hold), hold, None);
        let (code, name) = (hit.code.clone(), hit.code);
        one.rules.push(RuleTold { code, name, verdict: hold, fate: hold, message: hit.message });
    }

    /// As [`Self::preview`], of bytes that [`Self::inspected`] has looked at; `None`: that look failed. Whether what would be
    /// done can be is asked by [`Self::try_treatments`].
    pub async fn preview_of(&self, question: &Question, seen: Option<&Arc<Seen>>) -> Preview {
        let judged = match seen {
            Some(seen) => self.judgement(question, seen).await,
            None => None,
        };
        let foreseen = match &judged {
            Some((rules, judgement)) => {
                self.foreseen(question, rules.rules(), judgement, seen.is_none_or(|seen| seen.sensitive()))
            }
            None => vec![self.foreseen_failure(question)],
        };
        Preview {
            foreseen,
            sightings: seen.map(|seen| seen.sightings()).unwrap_or_default(),
            not_inspected: seen.map(|seen| seen.not_inspected.clone()).unwrap_or_default(),
            subject: seen.map(|seen| seen.masked_subject.clone()).unwrap_or_default(),
            judgement: judged.map(|(_, judgement)| judgement),
            sensitive: seen.is_none_or(|seen| seen.sensitive()),
        }
    }

    /// What the rules of `question.tenant` say about a mail as JSON, with the trace: `sekisho rules simulate`.
    pub async fn simulate(&self, question: &Question, mail: Vec<u8>) -> String {
        let judgement = self.preview(question, mail).await.judgement;
        let told = judgement.map(|judgement| serde_json::to_string(&judgement).unwrap_or_default());
        told.unwrap_or_else(|| r#"{"failed":true}"#.to_owned())
    }

    /// Who helps when a mail is refused: the handlers of a company.
    #[must_use]
    pub fn helpers(&self, tenant: TenantId) -> Vec<UserId> {
        people(&self.store.directory(), tenant, None, &[KEEPERS.to_owned()])
    }

    fn foreseen(&self, question: &Question, rules: &[Rule], judgement: &Judgement, sensitive: bool) -> Vec<Foreseen> {
        let mut all: Vec<Foreseen> = Vec::new();
        for one in &judgement.recipients {
            let told = one.hits.iter().map(|hit| rule_told(rules, hit)).collect();
            let (approvers, deadline) = match act(one, question.at, &[]) {
                Act::Hold(terms) if terms.own => (Vec::new(), Some(terms.deadline)),
                Act::Hold(terms) => (self.deciders(question, &terms, sensitive), Some(terms.deadline)),
                _ => (Vec::new(), None),
            };
            let delay = one.delay.filter(|_| matches!(one.fate, Verdict::Delay | Verdict::SelfReview));
            let fate = Foreseen {
                verdict: one.verdict,
                fate: one.fate,
                treatment: one.treatment.clone(),
                recipients: Vec::new(),
                rules: told,
                approvers,
                deadline,
                delay,
            };
            let same = |known: &&mut Foreseen| {
                let what = (known.verdict, known.fate, known.delay) == (fate.verdict, fate.fate, fate.delay);
                let done = (&known.rules, &known.approvers, &known.treatment);
                what && done == (&fate.rules, &fate.approvers, &fate.treatment)
            };
            match all.iter_mut().find(same) {
                Some(known) => known.recipients.push(one.recipient.clone()),
                None => all.push(Foreseen { recipients: vec![one.recipient.clone()], ..fate }),
            }
        }
        sort(&mut all);
        all
    }

    fn foreseen_failure(&self, question: &Question) -> Foreseen {
        let (terms, hit) = failure_terms(question.at);
        let approvers = self.deciders(question, &terms, true);
        let hold = Verdict::Hold;
        let rule = RuleTold { code: hit.code.clone(), name: hit.code, verdict: hold, fate: hold, message: hit.message };
        let recipients = question.to.clone();
        let deadline = Some(terms.deadline);
        let (rules, treatment) = (vec![rule], Treatment::default());
        Foreseen { verdict: hold, fate: hold, treatment, recipients, rules, approvers, deadline, delay: None }
    }

    fn deciders(&self, question: &Question, terms: &HoldTerms, numbers: bool) -> Vec<UserId> {
        let directory = &self.store.directory();
        let author = author_of(directory, question.author, question.from.as_ref());
        let asking = Asking { directory, tenant: question.tenant, author, numbers };
        asking.approvers(&terms.approvers, terms.terms.approvals as usize)
    }
}

/// What the judgement says of recipients to whom the mail cannot go as demanded.
fn hold_in(judgement: &mut Judgement, recipients: &[Address], hit: &Hit) {
    let hold = Verdict::Hold;
    for one in judgement.recipients.iter_mut().filter(|one| recipients.contains(&one.recipient)) {
        (one.verdict, one.fate) = (one.verdict.max(hold), hold);
        one.hits.push(review::Hit {
            code: hit.code.clone(),
            verdict: hold,
            fate: hold,
            treats: false,
            numbers: hit.numbers,
            message: hit.message.clone(),
            approver_message: hit.approver_message.clone(),
        });
    }
}

/// The strictest first.
fn sort(all: &mut [Foreseen]) {
    all.sort_by_key(|one| std::cmp::Reverse((one.fate, one.verdict)));
}

fn rule_told(rules: &[Rule], hit: &review::Hit) -> RuleTold {
    let name = rules.iter().find(|rule| rule.code == hit.code).map(|rule| rule.name.clone());
    RuleTold {
        code: hit.code.clone(),
        name: name.filter(|name| !name.is_empty()).unwrap_or_else(|| hit.code.clone()),
        verdict: hit.verdict,
        fate: hit.fate,
        message: hit.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{NOW, Stage, with_picture};

    #[tokio::test]
    async fn recipients_that_are_put_off_stand_apart_from_those_that_are_not() {
        let stage = Stage::set().await;
        let to = ["a@slow.example", "b@fast.example"].map(|address| Address::parse(address).unwrap()).to_vec();
        let from = Some(Address::parse("taro@example.jp").unwrap());
        let (tenant, author) = (stage.house.tenant, Some(stage.house.taro));
        let question = Question { tenant, author, origin: Origin::Author, from, to, at: NOW, safeguard: None };
        let mail = b"From: taro@example.jp\r\nSubject: look again\r\n\r\nhello\r\n".to_vec();
        let foreseen = stage.outbound.preview(&question, mail).await.foreseen;
        let mut told: Vec<_> =
            foreseen.iter().map(|one| (one.recipients[0].to_string(), one.verdict, one.delay.is_some())).collect();
        told.sort();
        let own = Verdict::SelfReview;
        assert_eq!(told, [("a@slow.example".into(), own, true), ("b@fast.example".into(), own, false)]);
    }

    /// The check before sending said that it would go.
    #[tokio::test]
    async fn what_cannot_be_done_to_a_mail_is_foreseen_as_held_and_what_can_is_not() {
        let stage = Stage::set().await;
        let signed = b"From: taro@example.jp\r\nSubject: s\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n\
            --b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n--b--\r\n";
        for (mail, chosen, held) in [
            (with_picture("mixed"), Safeguard::Zip, false),
            // there is no page that serves links
            (with_picture("mixed"), Safeguard::Link, true),
            (with_picture("related"), Safeguard::Link, true),
            (signed.to_vec(), Safeguard::Zip, true),
        ] {
            let (to, safeguard) = ("yamada@minato.example", Some(chosen));
            let question = Question {
                tenant: stage.house.tenant,
                author: Some(stage.house.taro),
                origin: Origin::Author,
                from: Some(Address::parse("taro@example.jp").unwrap()),
                to: vec![Address::parse(to).unwrap()],
                at: NOW,
                safeguard,
            };
            let Preview { foreseen, judgement, .. } = stage.outbound.preview(&question, mail.clone()).await;
            let judged = judgement.expect("a judgement").verdict();
            assert_eq!(judged == Verdict::Hold, held, "{chosen:?} {judged:?}");
            let [one] = foreseen.as_slice() else { panic!("one part: {foreseen:?}") };
            let names_it = one.rules.iter().any(|rule| rule.code == treat::CODE && !rule.message.is_empty());
            let waits = one.fate == Verdict::Hold && one.deadline.is_some();
            assert_eq!((waits, names_it), (held, held), "{chosen:?} {one:?}");
            let sent = stage.send_bytes(&mail, &[to], safeguard).await;
            assert_eq!(sent.outcome == crate::Outcome::Held, held, "delivery does the same");
        }
    }
}
