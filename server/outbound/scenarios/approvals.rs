//! Approvals by two, by deputies, after an escalation, of what has to be opened first; and all of it at once.

use std::time::Duration;

use store::{AuditEngine as _, AuditFilter, Held, Opening, Posting};
use types::{Deputy, ParcelId, Settings};

use super::*;

/// Holds mail by the word in its subject.
const RULES: &str = r#"
[[rule]]
code = "TWO"
direction = "out"
when = { wildcard = { any = ["two*"], where = "subject" } }
action = { hold = { approvers = ["group:取扱担当者"], approvals = 2, hours = 8, then = "reject" } }

[[rule]]
code = "UP"
direction = "out"
when = { wildcard = { any = ["up*"], where = "subject" } }
action = { hold = { approvers = ["supervisor"], hours = 4, then = "escalate" } }

[[rule]]
code = "NAMED"
direction = "out"
when = { wildcard = { any = ["named*"], where = "subject" } }
action = { hold = { approvers = ["hanako@own.example"], hours = 4, then = "escalate", escalate_to = ["jiro@own.example"] } }

[[rule]]
code = "OPEN"
direction = "out"
when = { wildcard = { any = ["open*"], where = "subject" } }
action = { hold = { approvers = ["hanako@own.example"], must_open = true } }
"#;

impl World {
    /// The held mail of this subject, sent by taro.
    pub(super) async fn held(&self, subject: &str, number: bool) -> Held {
        let answer = self.send(subject, number).await;
        assert_eq!(answer.outcome, Outcome::Held, "{subject}");
        let held = self.engine.held(None).await.unwrap();
        held.into_iter().find(|one| one.parcel.submission.reference == answer.reference).unwrap()
    }

    pub(super) async fn approve(&self, parcel: ParcelId, by: UserId) -> Result<ParcelState, OutboundError> {
        self.outbound.decide(parcel, DecisionWord::Approve, Some(by), "よいと思います").await
    }

    pub(super) async fn change(&self, user: UserId, change: UserChange) {
        changed(&self.engine, Change::SetUser(user, Box::new(change))).await;
    }

    /// From now on for `hours`.
    pub(super) async fn deputy(&self, of: UserId, deputy: UserId, hours: u32) {
        let from = types::Clock::now(self.clock.as_ref());
        let deputy = Some(Deputy { user: deputy, from, until: from.after(hours * HOUR) });
        let settings = Some(Settings { deputy, ..Settings::default() });
        self.change(of, UserChange { settings, ..UserChange::default() }).await;
    }

    /// The audit rows about parcels of a mail: who, what, in whose stead.
    pub(super) async fn audited(&self, held: &Held) -> Vec<(Option<UserId>, String, String)> {
        let filter = AuditFilter { subject: held.parcel.submission.reference.to_string(), ..AuditFilter::default() };
        let rows = self.engine.audit_log(Some(self.tenant), &filter, None, 50).await.unwrap().rows;
        let rows = rows.into_iter().filter(|row| row.event.starts_with("parcel."));
        rows.map(|row| (row.actor, row.event, row.detail)).collect()
    }

    pub(super) async fn pass(&self, span: Duration) {
        self.clock.advance(span);
        self.outbound.fire_timers().await.unwrap();
    }
}

fn is_refused(answer: &Result<ParcelState, OutboundError>) -> bool {
    matches!(answer, Err(OutboundError::NotApprover))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_approvals_the_first_is_kept_and_the_second_sends_once() {
    let world = World::ruled(RULES).await;
    let held = world.held("two", false).await;
    let parcel = held.parcel.id;
    assert_eq!(world.approve(parcel, world.hanako).await.unwrap(), ParcelState::Held);
    assert_eq!((world.queued().await, world.subjects(world.taro, "INBOX").await.len()), (0, 1), "asked, nothing more");
    let again = world.approve(parcel, world.hanako).await;
    assert!(matches!(again, Err(OutboundError::ApprovedBefore)), "{again:?}");
    let found = world.engine.held(None).await.unwrap().remove(0);
    assert_eq!(found.consents.iter().map(|one| (one.by, one.seat)).collect::<Vec<_>>(), [(world.hanako, world.hanako)]);
    assert_eq!(world.approve(parcel, world.jiro).await.unwrap(), ParcelState::Released);
    assert_eq!(world.queued().await, 1);
    assert_eq!(world.subjects(world.taro, "INBOX").await[1], "【送信しました】two");
    let rows = world.audited(&held).await;
    let rows: Vec<_> = rows.iter().map(|(by, event, _)| (by.unwrap(), event.as_str())).collect();
    assert_eq!(rows, [(world.jiro, "parcel.approved"), (world.hanako, "parcel.approved_in_part")]);
    assert_eq!(world.engine.next_timer().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_of_two_returns_or_rejects_alone_and_half_an_approval_sends_nothing_at_the_deadline() {
    let world = World::ruled(RULES).await;
    for (word, state) in [(DecisionWord::Return, ParcelState::Returned), (DecisionWord::Reject, ParcelState::Rejected)]
    {
        let parcel = world.held("two", false).await.parcel.id;
        world.approve(parcel, world.hanako).await.unwrap();
        let decided = world.outbound.decide(parcel, word, Some(world.jiro), "宛先").await.unwrap();
        assert_eq!(decided, state);
    }
    let parcel = world.held("two of them", false).await.parcel.id;
    world.approve(parcel, world.hanako).await.unwrap();
    let told = world.subjects(world.hanako, "INBOX").await.len();
    world.pass(4 * HOUR).await;
    assert_eq!(world.subjects(world.hanako, "INBOX").await.len(), told, "who has approved is not reminded");
    world.pass(4 * HOUR).await;
    assert!(world.engine.held(None).await.unwrap().is_empty());
    assert_eq!(world.queued().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_machines_own_console_gives_all_approvals_that_are_missing() {
    let world = World::ruled(RULES).await;
    let parcel = world.held("two", false).await.parcel.id;
    world.approve(parcel, world.hanako).await.unwrap();
    assert_eq!(world.outbound.decide(parcel, DecisionWord::Approve, None, "").await.unwrap(), ParcelState::Released);
    assert_eq!(world.queued().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deputy_is_told_decides_in_his_time_and_the_audit_says_for_whom() {
    let world = World::ruled(RULES).await;
    let saburo = person(&world.engine, world.tenant, "saburo").await;
    world.deputy(world.jiro, saburo, 5).await;
    let held = world.held("two", false).await;
    let parcel = held.parcel.id;
    assert_eq!(world.subjects(saburo, "INBOX").await.len(), 1, "he is asked too");
    assert_eq!(world.approve(parcel, saburo).await.unwrap(), ParcelState::Held);
    let own = world.approve(parcel, world.jiro).await;
    assert!(matches!(own, Err(OutboundError::ApprovedBefore)), "one seat is one approval: {own:?}");
    assert_eq!(world.approve(parcel, world.hanako).await.unwrap(), ParcelState::Released);
    let rows = world.audited(&held).await;
    assert_eq!(
        rows[1],
        (Some(saburo), "parcel.approved_in_part".into(), r#"{"in_place_of":"jiro@own.example"}"#.into())
    );
    assert_eq!(rows[0].2, "");
    let late = world.held("two", false).await.parcel.id;
    world.clock.advance(5 * HOUR);
    assert!(is_refused(&world.approve(late, saburo).await), "his time is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_asked_when_a_review_fails_approves_and_so_does_who_stands_in_for_him() {
    let world = World::ruled("").await;
    let saburo = person(&world.engine, world.tenant, "saburo").await;
    let approves = |user: UserId| auth::Overseer::approves(&*world.outbound, &world.store.directory().users[&user]);
    assert!(approves(world.hanako) && approves(world.jiro), "of the group 取扱担当者");
    assert!(!approves(saburo) && !approves(world.taro));
    world.deputy(world.jiro, saburo, 5).await;
    assert!(approves(saburo) && approves(world.jiro) && !approves(world.taro));
    world.clock.advance(6 * HOUR);
    world.change(world.taro, UserChange { name: Some("太郎".into()), ..UserChange::default() }).await;
    assert!(!approves(saburo), "his time is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_asked_after_a_deadline_approves_by_the_rules_and_so_does_his_deputy() {
    const NAMES: [&str; 5] = ["saburo", "boss", "chief", "deputy", "top"];
    let hold = |code: &str, words: &str| {
        let when = "direction = \"out\"\nwhen = { wildcard = \"*\" }";
        format!("[[rule]]\ncode = \"{code}\"\n{when}\naction = {{ hold = {{ {words} }} }}\n\n")
    };
    let saburo = |then: &str| hold("A", &format!("approvers = [\"saburo@own.example\"], {then}"));
    let supervisor = hold("B", "approvers = [\"supervisor\"], then = \"escalate\"");
    let to_boss = "then = \"escalate\", escalate_to = [\"boss@own.example\"]";
    let boss = hold("C", &format!("approvers = [\"boss@own.example\"], {to_boss}"));
    for (rules, expected) in [
        (saburo("then = \"escalate\""), &["saburo", "chief", "deputy"][..]),
        (supervisor, &["chief", "deputy", "top"]),
        (saburo("then = \"return\""), &["saburo"]),
        (saburo("then = \"send\""), &["saburo"]),
        (saburo(to_boss), &["saburo", "boss"]),
        // of a mail that both hold, the one names who decides, and the other that it escalates
        (saburo("then = \"send\"") + &boss, &["saburo", "boss", "chief", "deputy"]),
        (saburo("then = \"return\"") + &boss, &["saburo", "boss"]),
    ] {
        let world = World::ruled(&rules).await;
        let mut people = std::collections::BTreeMap::new();
        for name in NAMES {
            people.insert(name, person(&world.engine, world.tenant, name).await);
        }
        for (of, above) in [("saburo", "chief"), ("chief", "top")] {
            let supervisor = Some(Some(people[above]));
            world.change(people[of], UserChange { supervisor, ..UserChange::default() }).await;
        }
        world.deputy(people["chief"], people["deputy"], 5).await;
        let directory = world.store.directory();
        let approves = |name: &&str| auth::Overseer::approves(&*world.outbound, &directory.users[&people[*name]]);
        let found: Vec<&str> = NAMES.into_iter().filter(approves).collect();
        assert_eq!(found, expected, "{rules}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deputy_never_decides_his_own_mail_nor_one_with_numbers_that_he_may_not_open() {
    let world = World::ruled(RULES).await;
    world.deputy(world.hanako, world.taro, 9).await;
    let own = world.held("two", false).await.parcel.id;
    for word in [DecisionWord::Approve, DecisionWord::Return, DecisionWord::Reject] {
        let refused = world.outbound.decide(own, word, Some(world.taro), "x").await;
        assert!(is_refused(&refused), "{refused:?}");
    }
    let saburo = person(&world.engine, world.tenant, "saburo").await;
    world.deputy(world.hanako, saburo, 9).await;
    let numbers = world.held("two", true).await.parcel.id;
    assert_eq!(world.subjects(saburo, "INBOX").await, [""; 0], "he is not asked");
    assert!(is_refused(&world.approve(numbers, saburo).await));
    assert_eq!(world.approve(own, saburo).await.unwrap(), ParcelState::Held, "without numbers he may");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_asks_the_next_once_and_then_the_mail_returns() {
    let world = World::ruled(RULES).await;
    let (boss, chief) =
        (person(&world.engine, world.tenant, "boss").await, person(&world.engine, world.tenant, "chief").await);
    for (person, above) in [(world.taro, boss), (boss, chief)] {
        world.change(person, UserChange { supervisor: Some(Some(above)), ..UserChange::default() }).await;
    }
    let first = world.held("up", false).await;
    assert_eq!(first.approvers.iter().map(|one| one.0).collect::<Vec<_>>(), [boss]);
    world.pass(4 * HOUR).await;
    let held = world.engine.held(None).await.unwrap().remove(0);
    assert_eq!(held.approvers.iter().map(|one| one.0).collect::<Vec<_>>(), [boss, chief]);
    assert_eq!((held.deadline, held.then.as_str()), (MORNING.after(8 * HOUR), "return"));
    assert_eq!(world.subjects(chief, "INBOX").await, ["【承認のお願い】taroさんのメール(期限 11/24 17:00)"]);
    let second = world.held("up again", false).await.parcel.id;
    world.pass(4 * HOUR).await;
    assert!(world.subjects(world.taro, "INBOX").await.contains(&"【送信しませんでした】up".to_owned()));
    let held = world.engine.held(None).await.unwrap().remove(0);
    assert_eq!((held.parcel.id, held.approvers.len()), (second, 2), "the other one is with the next");
    assert_eq!(
        world.approve(second, boss).await.unwrap(),
        ParcelState::Released,
        "who was asked first may still decide"
    );
    let events: Vec<String> = world.audited(&first).await.into_iter().map(|row| row.1).collect();
    assert_eq!(events, ["parcel.expired", "parcel.escalated"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_a_rule_names_is_asked_next_and_where_there_is_nobody_new_the_mail_returns() {
    let world = World::ruled(RULES).await;
    world.held("named", true).await;
    world.pass(4 * HOUR).await;
    let held = world.engine.held(None).await.unwrap().remove(0);
    assert_eq!(held.approvers.iter().map(|one| one.0).collect::<Vec<_>>(), [world.hanako, world.jiro]);
    world.outbound.decide(held.parcel.id, DecisionWord::Reject, Some(world.jiro), "x").await.unwrap();
    // no supervisor, no administrator: hanako and jiro are handlers and were asked from the start
    world.held("up", false).await;
    world.pass(30 * HOUR).await;
    assert!(world.engine.held(None).await.unwrap().is_empty());
    assert!(world.subjects(world.taro, "Drafts").await.contains(&"up".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_rule_wants_opened_is_approved_after_it_was_opened_and_not_before() {
    let world = World::ruled(RULES).await;
    let parcel = world.held("open", false).await.parcel.id;
    let early = world.approve(parcel, world.hanako).await;
    assert!(matches!(early, Err(OutboundError::NotOpened)), "{early:?}");
    let open = async |by| {
        let opening = Opening { parcel, by, part: String::new(), at: MORNING };
        world.engine.post(Posting { openings: vec![opening], ..Posting::default() }).await.unwrap();
    };
    open(world.jiro).await;
    assert!(matches!(world.approve(parcel, world.hanako).await, Err(OutboundError::NotOpened)), "another opened it");
    open(world.hanako).await;
    assert_eq!(world.approve(parcel, world.hanako).await.unwrap(), ParcelState::Released);
    let other = world.held("open too", false).await.parcel.id;
    let returned = world.outbound.decide(other, DecisionWord::Return, Some(world.hanako), "x").await.unwrap();
    assert_eq!(returned, ParcelState::Returned, "sending it back needs no look");
}

/// Two approvers, a deputy, a return and an escalating deadline, in any order and twice each, all at once: as many
/// approvals as the rule asks for, one decision with one audit row, one mail or one draft, one word to the author.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_everybody_at_once_one_decision_takes_effect() {
    let rules =
        RULES.replace("approvals = 2, hours = 8, then = \"reject\"", "approvals = 2, hours = 8, then = \"escalate\"");
    let world = World::ruled(&rules).await;
    let saburo = person(&world.engine, world.tenant, "saburo").await;
    let roles = Some(Roles::default().with(Role::Admin).with(Role::Handler));
    let chief = person(&world.engine, world.tenant, "chief").await;
    world.change(chief, UserChange { roles, ..UserChange::default() }).await;
    let mut ends = std::collections::BTreeSet::new();
    for round in 0..24u64 {
        world.deputy(world.jiro, saburo, 2_000).await;
        let (told, drafts) =
            (world.subjects(world.taro, "INBOX").await.len(), world.subjects(world.taro, "Drafts").await.len());
        let queued = world.queued().await;
        let held = world.held(&format!("two {round}"), false).await;
        let parcel = held.parcel.id;
        if round % 3 == 0 {
            world.clock.advance(30 * HOUR);
        }
        let mut tasks = tokio::task::JoinSet::new();
        let people = [world.hanako, world.jiro, saburo, world.hanako, saburo, world.jiro];
        for turn in 0..people.len() {
            let by = people[(turn + usize::try_from(round).unwrap()) % people.len()];
            let returns = round % 4 == 1 && turn == 2;
            let word = if returns { DecisionWord::Return } else { DecisionWord::Approve };
            let outbound = world.outbound.clone();
            tasks.spawn(async move { outbound.decide(parcel, word, Some(by), "c").await });
        }
        let outbound = world.outbound.clone();
        let timers = tokio::spawn(async move { outbound.fire_timers().await });
        let mut done = Vec::new();
        for answer in tasks.join_all().await {
            match answer {
                Ok(state) => done.push(state),
                Err(OutboundError::Store(StoreError::Decided(_)) | OutboundError::ApprovedBefore) => {}
                Err(error) => panic!("{error}"),
            }
        }
        timers.await.unwrap().unwrap();
        let found = world.engine.held_parcel(parcel).await.unwrap().unwrap();
        let state = found.parcel.state;
        let sent = usize::from(state == ParcelState::Released);
        assert!(matches!(state, ParcelState::Released | ParcelState::Returned), "{round}: {state:?}");
        assert_eq!(done.iter().filter(|one| **one == state).count(), 1, "{round}: {done:?}");
        assert_eq!(found.consents.len(), if sent == 1 { 2 } else { found.consents.len().min(1) }, "{round}");
        let rows = world.audited(&held).await;
        let of = |event: &str| rows.iter().filter(|row| row.1 == event).count();
        assert_eq!((of("parcel.approved"), of("parcel.returned")), (sent, 1 - sent), "{round}: {rows:?}");
        assert_eq!(of("parcel.approved_in_part"), found.consents.len() - sent, "{round}: {rows:?}");
        assert!(of("parcel.escalated") <= 1, "{round}: {rows:?}");
        assert_eq!(world.queued().await - queued, sent, "{round}");
        assert_eq!(world.subjects(world.taro, "Drafts").await.len() - drafts, 1 - sent, "{round}");
        assert_eq!(world.subjects(world.taro, "INBOX").await.len() - told, 2, "{round}: asked and told, once each");
        assert_eq!(world.engine.next_timer().await.unwrap(), None, "{round}");
        ends.insert(state.word());
    }
    assert!(ends.len() == 2, "{ends:?}");
}

/// What was said before a stop of the server stands after it: the first of two approvals, a seat that has spoken, a
/// deadline that asks others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_approved_before_a_restart_counts_after_it() {
    let world = World::ruled(RULES).await;
    let two = world.held("two", false).await.parcel.id;
    let named = world.held("named", false).await.parcel.id;
    world.approve(two, world.hanako).await.unwrap();
    let world = world.restarted().await;
    let again = world.approve(two, world.hanako).await;
    assert!(matches!(again, Err(OutboundError::ApprovedBefore)), "{again:?}");
    assert_eq!(world.approve(two, world.jiro).await.unwrap(), ParcelState::Released);
    let world = world.restarted().await;
    assert_eq!(world.queued().await, 1);
    world.pass(4 * HOUR).await;
    assert_eq!(world.approve(named, world.jiro).await.unwrap(), ParcelState::Released, "the deadline asked him");
    assert_eq!((world.queued().await, world.engine.next_timer().await.unwrap()), (2, None));
}
