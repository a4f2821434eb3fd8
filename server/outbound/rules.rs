//! A submission is judged: what `inspect` sees and the tenant's rules say, as fates. Nothing passes because
//! something broke: a failure of the review itself holds.

use std::sync::{Arc, PoisonError};

use inspect::extract::Kept;
use inspect::review::calendar::{self, Calendar};
use inspect::review::{self, HoldAction, Judgement, RecipientVerdict, RuleSet, TraceLine, Verdict};
use inspect::{Looked, Seen};
use store::{Directory, Terms};
use types::{Address, TenantId, Timestamp, Treatment};

use crate::facts::{FinalRecipients, inside};
use crate::fates::{Act, Fate, Hit, HoldTerms, Judged, Places, add};
use crate::passwords::Parties;
use crate::preview::Question;
use crate::safeguards::Files;
use crate::submit::Work;
use crate::{Outbound, links, safeguards};

/// A tenant's rules as parsed, with the version they were parsed from.
pub(crate) type Cached = (u32, Option<Arc<RuleSet>>);

/// Whom a hold asks when the review itself failed, and who helps when a mail is refused.
pub(crate) const KEEPERS: &str = "group:取扱担当者";
/// How long such a hold waits, business hours.
const KEEPERS_HOURS: u32 = 8;

impl Outbound {
    /// Judges within the time that a sender waits; `None`: it takes longer.
    pub(crate) async fn judge(&self, work: &mut Work) -> Option<Judged> {
        let inspector = self.inspector_for(&Parties::from(&work.question())).await;
        let mut look = inspector.begin(work.bytes.to_vec(), std::mem::take(&mut work.texts));
        match look.within_budget().await {
            Looked::Seen(seen) => Some(self.judged(work, &seen).await),
            Looked::Slow => {
                work.look = Some(look);
                None
            }
            Looked::Failed(why) => Some(self.failed(work, &why)),
        }
    }

    /// Judges however long it takes.
    pub(crate) async fn judge_patiently(&self, work: &Work) -> Judged {
        let look = match self.looks.take(work.reference) {
            Some(look) => look,
            None => {
                let inspector = self.inspector_for(&Parties::from(&work.question())).await;
                inspector.begin(work.bytes.to_vec(), work.texts.clone())
            }
        };
        match look.end().await {
            Looked::Seen(seen) => self.judged(work, &seen).await,
            Looked::Slow => self.failed(work, "too slow"),
            Looked::Failed(why) => self.failed(work, &why),
        }
    }

    async fn judged(&self, work: &Work, seen: &Seen) -> Judged {
        let Some((rules, judgement)) = self.judgement(&work.question(), seen).await else {
            return self.failed(work, "the rules, or what they ask for, cannot be read");
        };
        let Ok(numbers) = self.numbers(work.tenant, seen, Some(&rules), Some(&judgement)).await else {
            return self.failed(work, "the key of the ledger cannot be read");
        };
        let mut fates = Vec::new();
        for verdict in &judgement.recipients {
            let act = act(verdict, work.at, &work.confirmed);
            let hits = verdict.hits.iter().map(hit).collect();
            let fate = Fate::new(act, hits, verdict.notify.clone(), verdict.treatment.clone());
            add(&mut fates, verdict.recipient.clone(), fate);
        }
        // their release reports them to the sender
        for nobody in FinalRecipients::of(&self.store.directory(), &work.to).unknown {
            add(&mut fates, nobody, Fate::new(Act::Send, Vec::new(), Vec::new(), Treatment::default()));
        }
        let places = seen.places();
        let blocking =
            judgement.recipients.iter().filter(|one| one.verdict == Verdict::Block).flat_map(|one| &one.hits);
        let block_lines = match blocking.map(|hit| (hit.code.as_str(), hit.numbers)).next() {
            Some((code, true)) => inspect::block_lines(code, &places),
            Some((code, false)) => inspect::block_lines(code, &inspect::Places::default()),
            None => Vec::new(),
        };
        Judged {
            block_lines,
            verdict: serde_json::to_string(&judgement).unwrap_or_default(),
            sensitive: seen.sensitive(),
            subject: seen.masked_subject.clone(),
            places: Places { ja: places.ja, en: places.en },
            recorded: recorded(&judgement),
            fates,
            numbers,
            texts: texts(work, seen),
        }
    }

    /// What the tenant's rules say about what was seen, for each final recipient; `None`: they cannot be read, or what
    /// they ask for cannot.
    pub(crate) async fn judgement(&self, question: &Question, seen: &Seen) -> Option<(Arc<RuleSet>, Judgement)> {
        let directory = self.store.directory();
        let rules = self.rules(&directory, question.tenant)?;
        let judgement = self.judgement_by(&rules, question, seen).await?;
        Some((rules, judgement))
    }

    /// What `rules` say about what was seen, for each final recipient, with what its sender chose and his company wants, and what
    /// was found in the text: what delivery does, the check before sending tells and a simulator shows. `None`: what they
    /// ask for cannot be read.
    pub(crate) async fn judgement_by(&self, rules: &RuleSet, question: &Question, seen: &Seen) -> Option<Judgement> {
        let directory = self.store.directory();
        let facts = self.facts(&directory, rules, question, seen).await;
        let facts = facts.inspect_err(|error| tracing::error!(%error, "whom the author wrote to is not known")).ok()?;
        let mut judgement = review::judge(rules, &facts);
        safeguards::add(&directory, question, Files::of(seen), &mut judgement);
        judgement.recipients.iter_mut().for_each(|one| links::widen(&mut one.treatment, seen));
        Some(judgement)
    }

    /// The review failed: everything waits for the handlers.
    pub(crate) fn failed(&self, work: &Work, why: &str) -> Judged {
        tracing::error!(reference = %work.reference, why, "the review failed; the mail is held");
        let (terms, hit) = failure_terms(work.at);
        let directory = self.store.directory();
        let FinalRecipients { reached, unknown } = FinalRecipients::of(&directory, &work.to);
        // an approval is for those on whose side each was now, as of what was judged
        let side = |to: &Address| serde_json::json!({ "recipient": to, "inside": inside(&directory, work.tenant, to) });
        let sides: Vec<_> = reached.iter().map(side).collect();
        let recipients: Vec<Address> = reached.into_iter().chain(unknown).collect();
        let treatment = self.wanted_of_all(work, &recipients);
        Judged {
            fates: vec![Fate { recipients, ..Fate::new(Act::Hold(terms), vec![hit], Vec::new(), treatment) }],
            verdict: serde_json::json!({ "failed": true, "recipients": sides }).to_string(),
            sensitive: true,
            subject: String::new(),
            places: Places::default(),
            block_lines: Vec::new(),
            recorded: Vec::new(),
            numbers: None,
            texts: None,
        }
    }

    /// The tenant's rules, parsed once per version; `None` when they cannot be (they were checked when applied).
    pub(crate) fn rules(&self, directory: &Directory, tenant: TenantId) -> Option<Arc<RuleSet>> {
        let text = directory.rules.get(&tenant)?;
        let mut cache = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((version, rules)) = cache.get(&tenant)
            && *version == text.version
        {
            return rules.clone();
        }
        let parsed = RuleSet::parse(&text.text);
        if let Err(error) = &parsed {
            tracing::error!(tenant.id = tenant.0, %error, "the rules in force cannot be read");
        }
        let rules = parsed.ok().map(Arc::new);
        cache.insert(tenant, (text.version, rules.clone()));
        rules
    }
}

/// What is to be kept beside the mail; `None` when there is nothing, or it is kept already.
fn texts(work: &Work, seen: &Seen) -> Option<Kept> {
    let anew = seen.fresh() || !work.texts_are_kept;
    (anew && !seen.kept().is_empty()).then(|| seen.kept().clone())
}

/// The rules that matched and are only to be written down, each once: those in mode record, and the action record.
fn recorded(judgement: &Judgement) -> Vec<String> {
    let counts = |line: &&TraceLine| match line.outcome {
        review::Outcome::Recorded => true,
        review::Outcome::Matched => line.action == Verdict::Record,
        _ => false,
    };
    let mut codes: Vec<String> = judgement.trace.iter().filter(counts).map(|line| line.code.clone()).collect();
    codes.dedup();
    codes
}

/// How a mail is held whose review failed.
pub(crate) fn failure_terms(at: Timestamp) -> (HoldTerms, Hit) {
    let message = "メールを検査できなかったため、送信を保留しました。The mail could not be inspected and is held.";
    (
        keepers_terms(at),
        Hit {
            code: "REVIEW-FAILED".into(),
            message: message.into(),
            approver_message: String::new(),
            numbers: false,
            stops: true,
        },
    )
}

/// What a mail waits for that only the handlers can judge.
pub(crate) fn keepers_terms(at: Timestamp) -> HoldTerms {
    let deadline = calendar::deadline(at, KEEPERS_HOURS, Calendar::Business);
    HoldTerms {
        approvers: vec![KEEPERS.to_owned()],
        deadline,
        reminders: calendar::reminders(at, deadline, Calendar::Business),
        then: "return".to_owned(),
        terms: Terms { hours: KEEPERS_HOURS, ..Terms::default() },
        own: false,
    }
}

/// What is done for a recipient with this verdict. `confirmed` are the rules whose self review the sender has done
/// before he sent.
pub(crate) fn act(verdict: &RecipientVerdict, at: Timestamp, confirmed: &[String]) -> Act {
    match (verdict.fate, &verdict.hold, &verdict.self_review) {
        (Verdict::Block, ..) => Act::Block,
        (Verdict::Delete, ..) => Act::Delete,
        (_, Some(hold), _) => Act::Hold(terms(hold, at, false)),
        (_, None, Some(own)) if !is_confirmed(verdict, confirmed) => Act::Hold(terms(own, at, true)),
        _ => verdict.delay.map_or(Act::Send, Act::Delay),
    }
}

fn terms(hold: &HoldAction, at: Timestamp, own: bool) -> HoldTerms {
    let deadline = calendar::deadline(at, hold.hours, hold.calendar);
    let reminders = calendar::reminders(at, deadline, hold.calendar);
    let (approvers, then) = (hold.approvers.clone(), hold.then.clone());
    let terms = Terms {
        approvals: hold.approvals,
        must_open: hold.must_open,
        escalate_to: hold.escalate_to.clone(),
        hours: hold.hours,
        business: hold.calendar == Calendar::Business,
    };
    HoldTerms { approvers, deadline, reminders, then, terms, own }
}

/// Which hours count until the deadline of a held mail.
pub(crate) fn calendar(terms: &Terms) -> Calendar {
    if terms.business { Calendar::Business } else { Calendar::Always }
}

/// Whether every rule that asks the sender to confirm was confirmed; without one there is nothing to go by.
fn is_confirmed(verdict: &RecipientVerdict, confirmed: &[String]) -> bool {
    let mut asking = verdict.hits.iter().filter(|hit| hit.fate == Verdict::SelfReview).peekable();
    asking.peek().is_some() && asking.all(|hit| confirmed.contains(&hit.code))
}

pub(crate) fn hit(hit: &review::Hit) -> Hit {
    Hit {
        code: hit.code.clone(),
        message: hit.message.clone(),
        approver_message: hit.approver_message.clone(),
        numbers: hit.numbers,
        stops: matches!(hit.fate, Verdict::SelfReview | Verdict::Hold | Verdict::Block | Verdict::Delete),
    }
}
