//! Exactly once: whatever approvers, an administrator, the console, the author and a deadline do, in whatever order and how often, a held
//! mail is decided once. And what a deadline does by itself, what an administrator's word is worth.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use store::{Manage, Tenancy};
use types::ParcelId;

use super::*;

const RULES: &str = r#"
[[rule]]
code = "TWO"
direction = "out"
when = { wildcard = { any = ["two*"], where = "subject" } }
action = { hold = { approvers = ["group:取扱担当者"], approvals = 2, hours = 8, then = "reject" } }

[[rule]]
code = "ONE"
direction = "out"
when = { wildcard = { any = ["one*"], where = "subject" } }
action = { hold = { approvers = ["group:取扱担当者"], hours = 8, then = "send" } }

[[rule]]
code = "BACK"
direction = "out"
when = { wildcard = { any = ["back*"], where = "subject" } }
action = { hold = { approvers = ["group:取扱担当者"], hours = 8, then = "return" } }
"#;

/// The rules by the words of subjects, with the approvals that each asks for and what its deadline does.
const KINDS: [(&str, usize, ParcelState); 3] =
    [("two", 2, ParcelState::Rejected), ("one", 1, ParcelState::Released), ("back", 1, ParcelState::Expired)];

impl World {
    /// By an administrator's right over his company.
    async fn administer(&self, by: UserId, parcel: ParcelId, word: DecisionWord) -> Result<ParcelState, OutboundError> {
        administer(&self.outbound, &self.authority, self.tenant, by, parcel, word).await
    }

    /// Somebody with these roles.
    async fn with_roles(&self, local: &str, roles: &[Role]) -> UserId {
        let person = person(&self.engine, self.tenant, local).await;
        let roles = Some(roles.iter().fold(Roles::default(), |sum, role| sum.with(*role)));
        self.change(person, UserChange { roles, ..UserChange::default() }).await;
        person
    }
}

async fn administer(
    outbound: &Outbound,
    authority: &Authority,
    tenant: TenantId,
    by: UserId,
    parcel: ParcelId,
    word: DecisionWord,
) -> Result<ParcelState, OutboundError> {
    let access: store::Access<Tenancy, Manage> = authority.grant(Tenancy(tenant), Some(by), 0);
    outbound.decide_for_company(&access, parcel, word, "会社として").await
}

/// Nobody decides: the rule's word takes effect, once, and its author is told that it was nobody's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_deadline_a_mail_is_sent_rejected_or_returned_as_its_rule_says() {
    let world = World::ruled(RULES).await;
    for (subject, sent, drafts, told, event) in [
        ("one", 1, 0, "【送信しました】one", "parcel.sent_at_deadline"),
        ("two", 0, 0, "【却下】two", "parcel.rejected"),
        ("back", 0, 1, "【送信しませんでした】back", "parcel.expired"),
    ] {
        let queued = world.queued().await;
        let held = world.held(subject, false).await;
        world.pass(held.deadline.since(types::Clock::now(world.clock.as_ref()))).await;
        let subjects = world.subjects(world.taro, "INBOX").await;
        assert_eq!(subjects[subjects.len() - 2..], [format!("【確認待ち】{subject}"), told.to_owned()]);
        let drafts_of = world.subjects(world.taro, "Drafts").await.iter().filter(|one| *one == subject).count();
        assert_eq!((world.queued().await - queued, drafts_of), (sent, drafts), "{subject}");
        let rows = world.audited(&held).await;
        assert_eq!(rows, [(None, event.to_owned(), String::new())], "{subject}");
        let late = world.approve(held.parcel.id, world.hanako).await;
        assert!(matches!(late, Err(OutboundError::Store(StoreError::Decided(_)))), "{late:?}");
    }
    assert_eq!(world.engine.next_timer().await.unwrap(), None);
}

/// An administrator who was not asked is one of the two that a rule wants, once, and never of his own mail; another approval that came
/// between his look and his word only makes him look anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_is_one_of_two_approvers_also_when_both_speak_at_once() {
    let world = World::ruled(RULES).await;
    let chief = world.with_roles("chief", &[Role::Admin]).await;
    let approve = DecisionWord::Approve;
    let held = world.held("two", false).await;
    let parcel = held.parcel.id;
    assert_eq!(world.administer(chief, parcel, approve).await.unwrap(), ParcelState::Held);
    assert!(matches!(world.administer(chief, parcel, approve).await, Err(OutboundError::ApprovedBefore)));
    assert_eq!(world.queued().await, 0, "he alone sends nothing");
    assert_eq!(world.approve(parcel, world.hanako).await.unwrap(), ParcelState::Released);
    let rows: Vec<_> = world.audited(&held).await.into_iter().map(|(by, event, _)| (by, event)).collect();
    assert_eq!(rows, [(Some(world.hanako), "parcel.approved".into()), (Some(chief), "parcel.approved_in_part".into())]);
    let own = world.mail(chief, "two of his own", false, "partner@else.example").await;
    let answer = world.outbound.submit(own).await.unwrap();
    let own = world
        .engine
        .held(None)
        .await
        .unwrap()
        .into_iter()
        .find(|one| one.parcel.submission.reference == answer.reference);
    let own = world.administer(chief, own.unwrap().parcel.id, approve).await;
    assert!(matches!(own, Err(OutboundError::NotApprover)), "{own:?}");
    for round in 0..20 {
        let queued = world.queued().await;
        let parcel = world.held(&format!("two {round}"), false).await.parcel.id;
        let (one, other) = tokio::join!(world.administer(chief, parcel, approve), world.approve(parcel, world.hanako));
        let mut states = [one.unwrap(), other.unwrap()];
        states.sort_by_key(|state| state.word());
        assert_eq!(states, [ParcelState::Held, ParcelState::Released], "{round}");
        assert_eq!(world.queued().await - queued, 1, "{round}");
    }
}

/// Who speaks, or what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Hanako,
    Jiro,
    /// Jiro's deputy.
    Saburo,
    /// An administrator.
    Chief,
    /// The machine's own console.
    Console,
    Author,
    Deadline,
}

/// A word at some moment of a case.
#[derive(Debug, Clone, Copy)]
struct Word {
    who: Who,
    word: DecisionWord,
    /// Milliseconds and turns of the runtime until it is spoken.
    after: (u64, usize),
    /// A double click.
    twice: bool,
}

fn words() -> impl Strategy<Value = Vec<Word>> {
    use DecisionWord::{Approve, Reject, Return, Withdraw};
    let who = prop_oneof![
        3 => Just(Who::Hanako),
        3 => Just(Who::Jiro),
        2 => Just(Who::Saburo),
        2 => Just(Who::Chief),
        1 => Just(Who::Console),
        1 => Just(Who::Author),
        2 => Just(Who::Deadline),
    ];
    let word = prop_oneof![6 => Just(Approve), 1 => Just(Return), 1 => Just(Reject)];
    let one = (who, word, (0..4u64, 0..20usize), any::<bool>()).prop_map(|(who, word, after, twice)| {
        // of his own mail its author can do nothing else
        let word = if who == Who::Author { Withdraw } else { word };
        Word { who, word, after, twice }
    });
    proptest::collection::vec(one, 1..9)
}

/// What the company has, before and after a case.
#[derive(Debug, PartialEq, Eq)]
struct Count {
    queued: usize,
    drafts: usize,
    told: usize,
}

impl World {
    async fn count(&self) -> Count {
        let (drafts, told) = (self.subjects(self.taro, "Drafts").await, self.subjects(self.taro, "INBOX").await);
        Count { queued: self.queued().await, drafts: drafts.len(), told: told.len() }
    }

    /// Speaks all words at their moments; the answers.
    async fn spoken(
        &self,
        parcel: ParcelId,
        words: &[Word],
        (chief, saburo): (UserId, UserId),
    ) -> Vec<(Who, Result<ParcelState, OutboundError>)> {
        let mut tasks = tokio::task::JoinSet::new();
        for Word { who, word, after: (pause, turns), twice } in words.iter().copied() {
            for _ in 0..1 + usize::from(twice) {
                let (outbound, tenant) = (self.outbound.clone(), self.tenant);
                let by = match who {
                    Who::Hanako => Some(self.hanako),
                    Who::Jiro => Some(self.jiro),
                    Who::Saburo => Some(saburo),
                    Who::Author => Some(self.taro),
                    Who::Chief => Some(chief),
                    Who::Console | Who::Deadline => None,
                };
                let access: store::Access<Tenancy, Manage> = self.authority.grant(Tenancy(tenant), by, 0);
                tasks.spawn(async move {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                    for _ in 0..turns {
                        tokio::task::yield_now().await;
                    }
                    let answer = match who {
                        // it answers nobody
                        Who::Deadline => outbound.fire_timers().await.map(|()| ParcelState::Held),
                        Who::Chief => outbound.decide_for_company(&access, parcel, word, "").await,
                        _ => outbound.decide(parcel, word, by, "").await,
                    };
                    (who, answer)
                });
            }
        }
        tasks.join_all().await
    }

    /// One mail, one case: everything that is promised of it.
    async fn is_decided_once(
        &self,
        (kind, words): (usize, &[Word]),
        (chief, saburo): (UserId, UserId),
    ) -> Result<ParcelState, TestCaseError> {
        let (subject, approvals, late) = KINDS[kind];
        self.deputy(self.jiro, saburo, 8_000).await;
        let before = self.count().await;
        let held = self.held(subject, false).await;
        let parcel = held.parcel.id;
        let is_late = words.iter().any(|word| word.who == Who::Deadline);
        if is_late {
            self.clock.advance(held.deadline.since(types::Clock::now(self.clock.as_ref())));
        }
        let answers = self.spoken(parcel, words, (chief, saburo)).await;
        let found = self.engine.held_parcel(parcel).await.unwrap().unwrap();
        let (state, given) = (found.parcel.state, found.consents.len());
        let mut decisive = Vec::new();
        for (who, answer) in answers {
            match answer {
                Ok(ParcelState::Held) => {}
                Ok(other) => decisive.push((who, other)),
                Err(OutboundError::Store(StoreError::Decided(_)) | OutboundError::ApprovedBefore) => {}
                Err(error) => return Err(TestCaseError::fail(format!("{who:?}: {error}"))),
            }
        }
        let by_deadline = decisive.is_empty() && state != ParcelState::Held;
        prop_assert!(decisive.len() <= 1, "decided by {decisive:?}");
        prop_assert!(decisive.iter().all(|(_, said)| *said == state), "{decisive:?} and it is {state:?}");
        prop_assert!(!by_deadline || is_late && state == late, "{state:?} by nobody");
        prop_assert!(!is_late || state != ParcelState::Held, "its deadline is over");
        // rows: one for the decision, one for each approval that was not the last
        let mut rows: BTreeMap<String, usize> = BTreeMap::new();
        self.audited(&held).await.into_iter().for_each(|row| *rows.entry(row.1).or_default() += 1);
        let last_is_counted = state == ParcelState::Released && !by_deadline && decisive[0].0 != Who::Console;
        let parts = rows.remove("parcel.approved_in_part").unwrap_or_default();
        prop_assert_eq!(parts, given - usize::from(last_is_counted), "{} approvals", given);
        prop_assert!(given <= approvals && (!last_is_counted || given == approvals), "{given} approvals");
        let event = match state {
            ParcelState::Released if by_deadline => "parcel.sent_at_deadline",
            ParcelState::Released => "parcel.approved",
            ParcelState::Returned => "parcel.returned",
            ParcelState::Rejected => "parcel.rejected",
            ParcelState::Withdrawn => "parcel.withdrawn",
            _ => "parcel.expired",
        };
        let decided = usize::from(state != ParcelState::Held);
        prop_assert_eq!(rows.remove(event).unwrap_or_default(), decided, "{}", event);
        prop_assert!(rows.is_empty(), "{rows:?}");
        let after = self.count().await;
        let back = matches!(state, ParcelState::Returned | ParcelState::Withdrawn | ParcelState::Expired);
        let told = decided - usize::from(state == ParcelState::Withdrawn);
        let expected = Count {
            queued: before.queued + usize::from(state == ParcelState::Released),
            drafts: before.drafts + usize::from(back),
            told: before.told + 1 + told,
        };
        prop_assert_eq!(after, expected, "one mail, one word to its author");
        if decided == 0 {
            let end = self.outbound.decide(parcel, DecisionWord::Reject, None, "").await;
            prop_assert!(matches!(end, Ok(ParcelState::Rejected)), "{end:?}");
        }
        prop_assert_eq!(self.engine.next_timer().await.unwrap(), None);
        Ok(state)
    }
}

#[test]
fn whatever_is_done_at_once_to_a_held_mail_it_is_decided_once() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let cases = if std::env::var_os("SEKISHO_LONG").is_some() { 2_000 } else { 96 };
    // a case that fails once may go well the next time: what it was is told, and not made smaller
    let config = ProptestConfig { failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::with_cases(cases) };
    let (world, chief, saburo) = runtime.block_on(async {
        let world = World::ruled(RULES).await;
        let chief = world.with_roles("chief", &[Role::Admin]).await;
        let saburo = world.with_roles("saburo", &[]).await;
        (world, chief, saburo)
    });
    let ends = std::cell::RefCell::new(BTreeMap::<&str, usize>::new());
    let done = TestRunner::new(config).run(&(0..KINDS.len(), words()), |(kind, words)| {
        let state = runtime.block_on(world.is_decided_once((kind, &words), (chief, saburo)))?;
        *ends.borrow_mut().entry(state.word()).or_default() += 1;
        Ok(())
    });
    done.unwrap();
    let ends = ends.into_inner();
    // of 96 cases each of these is the end of a dozen and more; few are left undecided, or expire
    for state in [ParcelState::Released, ParcelState::Returned, ParcelState::Rejected, ParcelState::Withdrawn] {
        assert!(ends.contains_key(state.word()), "{ends:?}");
    }
    runtime.block_on(async { assert_eq!(world.engine.verify(false).await.unwrap().damage, []) });
}
