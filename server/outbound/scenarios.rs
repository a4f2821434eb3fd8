//! Outbound over the embedded engine, with a clock that is moved by hand: what happens by itself, and what happens
//! at the same time.

use std::sync::Arc;
use std::time::Duration;

use delivery::Delivery;
use inspect::review::RuleSet;
use inspect::{Inspector, Texts};
use store::{
    Authority, Change, Changed, Engine, GroupKind, Member, NewUser, Origin, ParcelState, QueueFilter, Role, Roles,
    Store, StoreError, SubmissionState, TimerKind, UserChange, UserState, Want,
};
use store_sqlite::{MasterKey, Mode, OpenConfig, SqliteEngine};
use types::{Address, Domain, Envelope, FixedClock, Language, Limits, TenantId, Timestamp, UserId};

mod approvals;
mod once;

use crate::{Answer, DecisionWord, Outbound, OutboundError, Outcome, Submission};

/// Tuesday, 24 November 2026, 9:00 in Japan.
const MORNING: Timestamp = Timestamp(1_795_478_400_000);
const HOUR: Duration = Duration::from_secs(3_600);

/// A company: taro writes, hanako and jiro are its handlers.
struct World {
    outbound: Arc<Outbound>,
    engine: Arc<SqliteEngine>,
    store: Store,
    authority: Authority,
    clock: Arc<FixedClock>,
    tenant: TenantId,
    taro: UserId,
    hanako: UserId,
    jiro: UserId,
    dir: tempfile::TempDir,
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

async fn changed(engine: &SqliteEngine, change: Change) -> Changed {
    engine.change_directory(change, None, MORNING).await.unwrap()
}

async fn person(engine: &SqliteEngine, tenant: TenantId, local: &str) -> UserId {
    let new = NewUser {
        tenant,
        address: address(&format!("{local}@own.example")),
        name: local.into(),
        roles: Roles::default(),
        credentials: None,
        language: Language::Ja,
    };
    let Changed::User(user) = changed(engine, Change::AddUser(Box::new(new))).await else { panic!("a person") };
    user
}

/// The engine of a folder, and what stands on it.
async fn opened(
    dir: &tempfile::TempDir,
    clock: &Arc<FixedClock>,
    texts: Texts,
) -> (Arc<SqliteEngine>, Store, Authority, Arc<Outbound>) {
    let fatal = Arc::new(|why: &str| panic!("{why}"));
    let (data_dir, master_key) = (dir.path().to_owned(), MasterKey::new([1; 32]));
    let engine = SqliteEngine::open(OpenConfig { data_dir, master_key, mode: Mode::Server, fatal }).await.unwrap();
    let (store, authority, entrance, exit) = store::open(engine.clone());
    let limits = Arc::new(Limits::default());
    let delivery = Delivery::new(store.clone(), entrance, clock.clone(), limits.clone());
    let inspector = Inspector::new(limits.clone(), texts);
    let (host, pages) = ("mail.own.example".to_owned(), Some("https://mail.own.example".to_owned()));
    let outbound = Outbound::new(&delivery, exit, inspector, clock.clone(), limits, host, pages);
    (engine, store, authority, Arc::new(outbound))
}

impl World {
    async fn new() -> Self {
        Self::ruled(RuleSet::shipped_text()).await
    }

    /// The same under other rules.
    async fn ruled(rules: &str) -> Self {
        Self::read_by(rules, Texts::Here).await
    }

    /// The same with another reader of files.
    async fn read_by(rules: &str, texts: Texts) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::new(MORNING));
        let (engine, store, authority, outbound) = opened(&dir, &clock, texts).await;
        let add = Change::AddTenant { name: "own".into(), title: "Own".into(), rules: rules.to_owned() };
        let Changed::Tenant(tenant) = changed(&engine, add).await else { panic!("a tenant") };
        changed(&engine, Change::AddDomain { domain: Domain::parse("own.example").unwrap(), tenant }).await;
        let taro = person(&engine, tenant, "taro").await;
        let (hanako, jiro) = (person(&engine, tenant, "hanako").await, person(&engine, tenant, "jiro").await);
        let group = engine.directory().group(tenant, GroupKind::Group, "取扱担当者").unwrap().id;
        changed(&engine, Change::SetMembers(group, vec![Member::User(hanako), Member::User(jiro)])).await;
        for handler in [hanako, jiro] {
            let roles = Some(Roles::default().with(Role::Handler));
            let change = UserChange { roles, ..UserChange::default() };
            changed(&engine, Change::SetUser(handler, Box::new(change))).await;
        }
        Self { outbound, engine, store, authority, clock, tenant, taro, hanako, jiro, dir }
    }

    /// The same after a stop and a start of the server.
    async fn restarted(self) -> Self {
        let Self { outbound, engine, store, clock, tenant, taro, hanako, jiro, dir, .. } = self;
        engine.close().await.unwrap();
        drop((outbound, engine, store));
        let (engine, store, authority, outbound) = opened(&dir, &clock, Texts::Here).await;
        Self { outbound, engine, store, authority, clock, tenant, taro, hanako, jiro, dir }
    }

    /// A mail by `author`, with a number or without one.
    async fn mail(&self, author: UserId, subject: &str, number: bool, to: &str) -> Submission {
        let from = self.store.directory().users[&author].address.clone();
        let text = if number { "個人番号: 1234 5678 9018" } else { "こんにちは" };
        let bytes = format!(
            "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@own.example>\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        );
        Submission {
            origin: Origin::Author,
            tenant: self.tenant,
            author: Some(author),
            envelope: Envelope { from: Some(from), to: vec![address(to)] },
            draft: self.store.seal(self.tenant, bytes.as_bytes()).await.unwrap(),
            trace: Vec::new(),
            form_key: None,
            from_draft: None,
            keep_in_sent: false,
            safeguard: None,
            undo_for: Duration::ZERO,
            confirmed: Vec::new(),
            texts: Default::default(),
        }
    }

    async fn send(&self, subject: &str, number: bool) -> Answer {
        let mail = self.mail(self.taro, subject, number, "partner@else.example").await;
        self.outbound.submit(mail).await.unwrap()
    }

    /// The subjects in a mailbox, in order.
    async fn subjects(&self, user: UserId, mailbox: &str) -> Vec<String> {
        let all = self.engine.mailboxes(user).await.unwrap();
        let id = all.iter().find(|one| one.name == mailbox).unwrap().id;
        let uids = self.engine.open_mailbox(user, id, false).await.unwrap().uids;
        let mut found = Vec::new();
        for row in self.engine.messages(user, id, &uids, Want::default()).await.unwrap() {
            let bytes = self.engine.read(row.record, 0..row.record_size).await.unwrap();
            found.push(message::Parsed::parse(&bytes, &Limits::default()).subject());
        }
        found
    }

    async fn queued(&self) -> usize {
        self.engine.queue(None, &QueueFilter::default()).await.unwrap().len()
    }

    async fn due(&self) -> usize {
        let now = types::Clock::now(self.clock.as_ref());
        self.engine.claim(10, now, now.after(Duration::from_secs(1))).await.unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_mail_reminds_twice_and_ends_at_its_deadline_in_business_hours() {
    let world = World::new().await;
    assert_eq!(world.send("list", true).await.outcome, Outcome::Held);
    let held = world.engine.held(None).await.unwrap().remove(0);
    assert_eq!(held.deadline, MORNING.after(8 * HOUR), "17:00 of the same day");
    assert_eq!(world.subjects(world.taro, "INBOX").await, ["【確認待ち】list"]);
    for (hours, notices) in [(3, 1), (1, 2), (1, 2), (1, 3), (1, 3)] {
        world.clock.advance(hours * HOUR);
        world.outbound.fire_timers().await.unwrap();
        for handler in [world.hanako, world.jiro] {
            assert_eq!(world.subjects(handler, "INBOX").await.len(), notices, "{hours}");
        }
    }
    let reminder = world.subjects(world.hanako, "INBOX").await.remove(2);
    assert_eq!(reminder, "【あと2時間】承認待ちのメールが1件あります");
    world.clock.advance(HOUR);
    world.outbound.fire_timers().await.unwrap();
    assert_eq!(world.subjects(world.taro, "INBOX").await[1], "【送信しませんでした】list");
    assert_eq!(world.subjects(world.taro, "Drafts").await, ["list"]);
    assert!(world.engine.held(None).await.unwrap().is_empty() && world.queued().await == 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_deadline_fires_in_the_first_hour_after_a_start() {
    let world = World::new().await;
    world.send("list", true).await;
    // out of service over the deadline, then a start
    world.clock.advance(30 * HOUR);
    let until = types::Clock::now(world.clock.as_ref()).after(HOUR);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let outbound = world.outbound.clone();
    let running = tokio::spawn(async move { outbound.run(async move { drop(stopped.await) }).await });
    while world.subjects(world.hanako, "INBOX").await.len() < 3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(stop);
    running.await.unwrap();
    assert_eq!(world.engine.held(None).await.unwrap().len(), 1, "reminders went first, nothing was decided");
    world.clock.advance(HOUR - Duration::from_millis(1));
    world.outbound.fire_timers().await.unwrap();
    assert_eq!(world.engine.held(None).await.unwrap().len(), 1);
    assert_eq!(world.engine.postpone_timers(TimerKind::Reminder, until).await.unwrap(), 0, "reminders are done");
    world.clock.advance(Duration::from_millis(1));
    world.outbound.fire_timers().await.unwrap();
    assert!(world.engine.held(None).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_deadline_and_decisions_at_once_one_takes_effect() {
    let world = World::new().await;
    let mut ends = std::collections::HashSet::new();
    for round in 0..12 {
        let told = world.subjects(world.taro, "INBOX").await.len();
        let (drafts, queued) = (world.subjects(world.taro, "Drafts").await.len(), world.queued().await);
        world.send(&format!("list {round}"), true).await;
        let parcel = world.engine.held(None).await.unwrap().remove(0).parcel.id;
        let submission = world.engine.held(None).await.unwrap().remove(0).parcel.submission.id;
        world.clock.advance(30 * HOUR);
        let decide = |word, by| {
            let outbound = world.outbound.clone();
            tokio::spawn(async move { outbound.decide(parcel, word, Some(by), "").await })
        };
        let outbound = world.outbound.clone();
        let deadline = tokio::spawn(async move { outbound.fire_timers().await });
        let both = [decide(DecisionWord::Approve, world.hanako), decide(DecisionWord::Return, world.jiro)];
        deadline.await.unwrap().unwrap();
        let mut won = 0;
        for one in both {
            match one.await.unwrap() {
                Ok(_) => won += 1,
                Err(OutboundError::Store(StoreError::Decided(_))) => {}
                Err(error) => panic!("{error}"),
            }
        }
        let state = world.engine.parcels(submission).await.unwrap()[0].state;
        assert_eq!(won, usize::from(state != ParcelState::Expired), "{state:?}");
        let sent = usize::from(state == ParcelState::Released);
        assert_eq!(world.queued().await - queued, sent, "{state:?}");
        assert_eq!(world.subjects(world.taro, "Drafts").await.len() - drafts, 1 - sent, "{state:?}");
        assert_eq!(world.subjects(world.taro, "INBOX").await.len() - told, 2, "asked and told, once each");
        assert_eq!(world.engine.next_timer().await.unwrap(), None);
        ends.insert(state.word());
    }
    assert!(!ends.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_that_takes_long_is_accepted_and_ends_later_once() {
    let world = World::new().await;
    let mail = world.mail(world.taro, "list", true, "partner@else.example").await;
    let work = world.outbound.look(mail).await.unwrap();
    let answer = world.outbound.accept_for_review(work).await.unwrap();
    assert_eq!(answer.outcome, Outcome::UnderReview);
    assert!(answer.reply().to_string().contains("accepted, under review, ref "), "{}", answer.reply());
    assert!(world.queued().await == 0 && world.engine.held(None).await.unwrap().is_empty());
    let waiting = world.engine.submissions(SubmissionState::Reviewing, None, 10).await.unwrap();
    assert_eq!(waiting.iter().map(|row| row.id).collect::<Vec<_>>(), [answer.submission]);
    // two reviewers, as after a restart beside a process that is about to end
    let (first, second) = tokio::join!(world.outbound.review_waiting(), world.outbound.review_waiting());
    first.and(second).unwrap();
    let held = world.engine.held(None).await.unwrap();
    assert_eq!(held.iter().map(|one| one.parcel.submission.reference).collect::<Vec<_>>(), [answer.reference]);
    assert!(held[0].parcel.submission.sensitive);
    assert_eq!(world.subjects(world.taro, "INBOX").await, ["【確認待ち】list"]);
    assert!(world.engine.submissions(SubmissionState::Reviewing, None, 10).await.unwrap().is_empty());
}

/// Sixty whose bytes cannot be read any more, more than are taken at once, keep none behind them waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reviews_that_fail_keep_no_later_one_waiting() {
    let world = World::new().await;
    // letters in which nothing repeats itself
    let mut state = 1_u32;
    let mut letter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'a' + (state >> 24) as u8 % 26
    };
    let large: Vec<u8> = std::iter::repeat_with(&mut letter).take(60_000).collect();
    for number in 0..60 {
        let mut mail = world.mail(world.taro, &format!("large {number}"), false, "partner@else.example").await;
        mail.draft = world.store.seal(world.tenant, &[b"Subject: large\r\n\r\n", &large[..]].concat()).await.unwrap();
        let work = world.outbound.look(mail).await.unwrap();
        world.outbound.accept_for_review(work).await.unwrap();
    }
    let world = world.restarted().await;
    // such mails lie in segment files, small ones beside their rows
    for file in std::fs::read_dir(world.dir.path().join("blobs")).unwrap() {
        let path = file.unwrap().path();
        std::fs::write(&path, vec![0; std::fs::metadata(&path).unwrap().len() as usize]).unwrap();
    }
    let mail = world.mail(world.taro, "hello", false, "partner@else.example").await;
    let work = world.outbound.look(mail).await.unwrap();
    world.outbound.accept_for_review(work).await.unwrap();
    world.outbound.review_waiting().await.unwrap();
    let waiting = world.engine.submissions(SubmissionState::Reviewing, None, 99).await.unwrap();
    assert_eq!((waiting.len(), world.queued().await), (60, 1), "those that cannot be read wait, the last one goes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_long_review_finds_clean_is_quoted_again() {
    let world = World::new().await;
    let mail = world.mail(world.taro, "hello", false, "partner@else.example").await;
    let work = world.outbound.look(mail).await.unwrap();
    let answer = world.outbound.accept_for_review(work).await.unwrap();
    let sensitive = async || world.engine.submission(answer.reference).await.unwrap().unwrap().sensitive;
    assert!(sensitive().await, "as long as nobody has looked");
    world.outbound.review_waiting().await.unwrap();
    assert!(!sensitive().await && world.queued().await == 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_that_breaks_holds_for_the_handlers() {
    let world = World::new().await;
    let mail = world.mail(world.taro, "hello", false, "partner@else.example").await;
    let work = world.outbound.look(mail).await.unwrap();
    let judged = world.outbound.failed(&work, "the inspection panicked");
    assert_eq!(world.outbound.act(work, judged).await.unwrap().outcome, Outcome::Held);
    let held = world.engine.held(None).await.unwrap().remove(0);
    assert_eq!(held.parcel.rules, ["REVIEW-FAILED"]);
    assert_eq!(held.approvers.iter().map(|one| one.0).collect::<Vec<_>>(), [world.hanako, world.jiro]);
    assert_eq!(world.queued().await, 0);
}

/// Its reader panics in the middle of a file: the mail is answered as held, asks the handlers, and none of it leaves, for its
/// sender as little as for whoever comes after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_in_the_inspection_of_a_submission_holds_it_for_the_handlers() {
    let world = World::read_by("", Texts::By(|_| std::panic::resume_unwind(Box::new("123456789018")))).await;
    for n in 1..=2 {
        let mail = world.mail(world.taro, "panics", false, "partner@else.example").await;
        let bytes = format!(
            "From: taro@own.example\r\nTo: partner@else.example\r\nSubject: panics {n}\r\nMIME-Version: 1.0\r\n\
             Content-Type: application/octet-stream; name=a.rtf\r\nContent-Disposition: attachment; filename=a.rtf\r\n\r\n\
             {{\\rtf1 hello}}\r\n"
        );
        let draft = world.store.seal(world.tenant, bytes.as_bytes()).await.unwrap();
        let answer = world.outbound.submit(Submission { draft, ..mail }).await.unwrap();
        assert_eq!(answer.outcome, Outcome::Held, "{n}");
    }
    assert_eq!(world.send("a plain one", false).await.outcome, Outcome::Sent, "mail without the file goes on");
    let held = world.engine.held(None).await.unwrap();
    assert_eq!((held.len(), world.queued().await), (2, 1));
    for one in held {
        assert_eq!(one.parcel.rules, ["REVIEW-FAILED"]);
        assert_eq!(one.approvers.iter().map(|one| one.0).collect::<Vec<_>>(), [world.hanako, world.jiro]);
        assert!(!one.parcel.submission.verdict.contains("1234"), "{}", one.parcel.submission.verdict);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_after_a_lost_answer_joins_and_another_mail_does_not() {
    let world = World::new().await;
    let first = world.send("hello", false).await;
    world.outbound.not_answered(first.submission).await.unwrap();
    assert_eq!(world.due().await, 0, "it waits for its sender");
    let mail = world.mail(world.taro, "hello", false, "other@else.example").await;
    let other = world.outbound.submit(mail).await.unwrap();
    assert_ne!(other.reference, first.reference, "other recipients");
    let again = world.send("hello", false).await;
    assert_eq!((again.reference, again.outcome), (first.reference, Outcome::Sent));
    assert_eq!((world.queued().await, world.due().await), (2, 2), "one row for each mail, and none waits");
    assert_ne!(world.send("hello", false).await.reference, first.reference, "an answer that was told is not joined");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_without_a_repeat_goes_after_five_minutes() {
    let world = World::new().await;
    let first = world.send("hello", false).await;
    world.outbound.not_answered(first.submission).await.unwrap();
    world.clock.advance(Duration::from_secs(299));
    assert_eq!(world.due().await, 0);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.due().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_approves_his_own_mail_and_strangers_decide_nothing() {
    let world = World::new().await;
    let mail = world.mail(world.hanako, "list", true, "partner@else.example").await;
    assert_eq!(world.outbound.submit(mail).await.unwrap().outcome, Outcome::Held);
    let held = world.engine.held(None).await.unwrap().remove(0);
    assert_eq!(held.approvers.iter().map(|one| one.0).collect::<Vec<_>>(), [world.jiro]);
    for by in [world.hanako, world.taro] {
        let refused = world.outbound.decide(held.parcel.id, DecisionWord::Approve, Some(by), "").await;
        assert!(matches!(refused, Err(OutboundError::NotApprover)), "{refused:?}");
    }
    let state = world.outbound.decide(held.parcel.id, DecisionWord::Approve, Some(world.jiro), "").await.unwrap();
    assert_eq!((state, world.queued().await), (ParcelState::Released, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_else_is_left_the_author_does_not_approve_his_own_mail() {
    let world = World::new().await;
    for user in [world.taro, world.jiro] {
        let suspended = UserChange { state: Some(UserState::Suspended), ..UserChange::default() };
        changed(&world.engine, Change::SetUser(user, Box::new(suspended))).await;
    }
    let mail = world.mail(world.hanako, "list", true, "partner@else.example").await;
    assert_eq!(world.outbound.submit(mail).await.unwrap().outcome, Outcome::Held);
    let held = world.engine.held(None).await.unwrap().remove(0);
    assert!(held.approvers.is_empty(), "{:?}", held.approvers);
    for word in [DecisionWord::Approve, DecisionWord::Reject] {
        let refused = world.outbound.decide(held.parcel.id, word, Some(world.hanako), "").await;
        assert!(matches!(refused, Err(OutboundError::NotApprover)), "{refused:?}");
    }
    assert_eq!(world.queued().await, 0);
    let withdrawn = world.outbound.decide(held.parcel.id, DecisionWord::Withdraw, Some(world.hanako), "").await;
    assert_eq!(withdrawn.unwrap(), ParcelState::Withdrawn);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_that_cannot_be_read_hold_every_mail_for_the_handlers() {
    let world = World::ruled("[[rule]]\ncode = ").await;
    assert_eq!(world.send("hello", false).await.outcome, Outcome::Held);
    let held = world.engine.held(None).await.unwrap().remove(0);
    assert_eq!((held.parcel.rules.as_slice(), world.queued().await), (&["REVIEW-FAILED".to_owned()][..], 0));
    assert_eq!(held.approvers.iter().map(|one| one.0).collect::<Vec<_>>(), [world.hanako, world.jiro]);
}
