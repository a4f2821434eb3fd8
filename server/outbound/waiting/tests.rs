//! Mail that can be taken back, over a real engine with a clock moved by hand.

use std::time::Duration;

use store::{Access, Account, PageFilter, PageStart, ParcelState, QueueFilter, StoreError, Write};

use crate::tests::Stage;
use crate::{Answer, DecisionWord, OutboundError, Outcome, Recalled};

const HALF_A_MINUTE: Duration = Duration::from_secs(30);

impl Stage {
    async fn sent(&self, text: &str) -> (store::DraftAt, Answer) {
        let draft = self.draft().await;
        (draft, self.send_and_wait(draft, text, HALF_A_MINUTE).await.unwrap())
    }

    async fn pass(&self, span: Duration) {
        self.clock.advance(span);
        self.outbound.fire_timers().await.unwrap();
    }

    async fn queued(&self) -> usize {
        self.house.engine.queue(None, &QueueFilter { all: true, ..QueueFilter::default() }).await.unwrap().len()
    }

    /// How many messages are in Hanako's INBOX.
    async fn hanako_has(&self) -> usize {
        let access: Access<Account, Write> = self.authority.grant(Account(self.hanako), None, 0);
        let id = self.house.named(self.hanako, "INBOX").await.id;
        let page = self.store.page(&access.reading(), id, PageStart::Newest, PageFilter::All, 50).await;
        page.unwrap().rows.len()
    }

    async fn states(&self) -> Vec<ParcelState> {
        let own = self.store.own_sendings(&self.taro().reading(), None, 1).await.unwrap();
        own[0].parts.iter().map(|part| part.state).collect()
    }

    async fn is_too_late(&self, answer: &Answer) {
        let late = self.outbound.recall(answer.reference, self.house.taro).await;
        assert!(matches!(late, Err(OutboundError::Store(StoreError::Decided(_)))), "{late:?}");
    }
}

#[tokio::test]
async fn a_mail_goes_to_everybody_when_its_time_has_come_and_not_before() {
    let stage = Stage::set().await;
    let (draft, answer) = stage.sent("hello").await;
    assert_eq!((answer.outcome.clone(), answer.release_at.is_some()), (Outcome::Sent, true));
    let access = stage.taro().reading();
    stage.pass(HALF_A_MINUTE - Duration::from_millis(1)).await;
    assert_eq!((stage.queued().await, stage.hanako_has().await, stage.count("Sent").await), (0, 0, 0));
    assert_eq!(stage.states().await, [ParcelState::Waiting]);
    assert!(!stage.is_there(draft).await && stage.count("Drafts").await == 0, "the draft is out of sight");
    assert!(stage.store.suggest(&access, "minato", 9).await.unwrap().is_empty(), "nobody is known by it yet");
    stage.pass(Duration::from_millis(1)).await;
    assert_eq!((stage.queued().await, stage.hanako_has().await, stage.count("Sent").await), (1, 1, 1));
    assert_eq!(stage.states().await, [ParcelState::Released]);
    assert!(!stage.is_there(draft).await);
    assert_eq!(stage.store.suggest(&access, "minato", 9).await.unwrap().len(), 1);
    stage.is_too_late(&answer).await;
    stage.pass(Duration::from_secs(600)).await;
    assert_eq!((stage.queued().await, stage.hanako_has().await), (1, 1), "it goes once");
}

#[tokio::test]
async fn a_mail_taken_back_reaches_nobody_and_is_the_draft_that_it_was() {
    let stage = Stage::set().await;
    let (draft, answer) = stage.sent("hello").await;
    stage.pass(Duration::from_secs(29)).await;
    let foreign = stage.outbound.recall(answer.reference, stage.hanako).await;
    assert!(matches!(foreign, Err(OutboundError::NoSuchParcel)), "{foreign:?}");
    let recalled = stage.outbound.recall(answer.reference, stage.house.taro).await.unwrap();
    assert_eq!(recalled, Recalled { draft: Some(draft.id), partly: false });
    stage.is_too_late(&answer).await;
    stage.pass(Duration::from_secs(600)).await;
    assert_eq!((stage.queued().await, stage.hanako_has().await, stage.count("Sent").await), (0, 0, 0));
    assert_eq!((stage.states().await, stage.count("Drafts").await), (vec![ParcelState::Withdrawn], 1));
    let read = stage.store.draft(&stage.taro().reading(), draft.id).await.unwrap();
    let again = stage.outbound.sent_before(stage.house.taro, &draft.form_key()).await.unwrap();
    assert!(again.is_none(), "the form that was sent is not taken for sent");
    let answer = stage.send_and_wait(read.head.at, "hello", Duration::ZERO).await.unwrap();
    assert_eq!((answer.outcome, answer.release_at), (Outcome::Sent, None));
    assert_eq!((stage.queued().await, stage.hanako_has().await, stage.count("Sent").await), (1, 1, 1));
}

#[tokio::test]
async fn a_form_sent_twice_waits_once() {
    let stage = Stage::set().await;
    let draft = stage.draft().await;
    let send = || stage.send_and_wait(draft, "hello", HALF_A_MINUTE);
    let (one, two) = tokio::join!(send(), send());
    assert_eq!(one.unwrap(), two.unwrap());
    stage.pass(HALF_A_MINUTE).await;
    assert_eq!((stage.queued().await, stage.hanako_has().await), (1, 1));
}

#[tokio::test]
async fn what_is_held_of_a_mail_comes_back_with_what_waits() {
    let stage = Stage::set().await;
    let (draft, answer) = stage.sent("ask for the outside").await;
    assert_eq!((answer.outcome.clone(), answer.release_at.is_some()), (Outcome::Held, true));
    let mut states = stage.states().await;
    states.sort_by_key(|state| state.word());
    assert_eq!(states, [ParcelState::Held, ParcelState::Waiting]);
    let before = stage.hanako_has().await;
    let recalled = stage.outbound.recall(answer.reference, stage.house.taro).await.unwrap();
    assert_eq!((recalled.draft, recalled.partly), (Some(draft.id), false));
    assert_eq!(stage.states().await, [ParcelState::Withdrawn; 2]);
    stage.pass(Duration::from_secs(90_000)).await;
    assert_eq!((stage.queued().await, stage.hanako_has().await), (0, before), "she was asked, and got nothing");
}

#[tokio::test]
async fn what_was_approved_meanwhile_stays_sent_and_the_author_hears_of_it() {
    let stage = Stage::set().await;
    let (_, answer) = stage.sent("ask for the outside").await;
    let held = stage.store.own_held(&stage.taro().reading(), None, 9).await.unwrap()[0].part.id;
    stage.outbound.decide(held, DecisionWord::Approve, Some(stage.hanako), "").await.unwrap();
    assert_eq!(stage.queued().await, 1, "an approved part goes at once");
    let recalled = stage.outbound.recall(answer.reference, stage.house.taro).await.unwrap();
    assert!(recalled.partly);
    let mut states = stage.states().await;
    states.sort_by_key(|state| state.word());
    assert_eq!(states, [ParcelState::Released, ParcelState::Withdrawn]);
}

#[tokio::test]
async fn nothing_that_a_rule_stops_waits() {
    let stage = Stage::set().await;
    let (_, held) = stage.sent("hold me").await;
    assert_eq!((held.outcome.clone(), held.release_at), (Outcome::Held, None));
    stage.is_too_late(&held).await;
    let (draft, blocked) = stage.sent("block me").await;
    assert!(matches!(blocked.outcome, Outcome::Blocked(_)) && blocked.release_at.is_none());
    assert!(stage.is_there(draft).await);
}

#[tokio::test]
async fn those_whom_a_rule_names_are_told_when_the_mail_goes_and_never_of_one_taken_back() {
    let stage = Stage::set().await;
    let (_, taken_back) = stage.sent("tell of me").await;
    stage.outbound.recall(taken_back.reference, stage.house.taro).await.unwrap();
    let (_, _) = stage.sent("tell of me again").await;
    assert_eq!(stage.hanako_has().await, 0);
    stage.pass(HALF_A_MINUTE).await;
    assert_eq!(stage.hanako_has().await, 2, "the mail and the notice");
}

/// Ten minutes, as the rule says.
const PUT_OFF: Duration = Duration::from_secs(600);

#[tokio::test]
async fn what_a_rule_puts_off_goes_later_than_the_rest() {
    let stage = Stage::set().await;
    let (draft, answer) = stage.sent("put off").await;
    assert_eq!((answer.outcome, answer.release_at), (Outcome::Sent, Some(crate::tests::NOW.after(HALF_A_MINUTE))));
    assert_eq!(stage.states().await, [ParcelState::Waiting; 2]);
    stage.pass(HALF_A_MINUTE).await;
    assert_eq!((stage.queued().await, stage.hanako_has().await, stage.count("Sent").await), (0, 1, 1));
    stage.pass(PUT_OFF - HALF_A_MINUTE - Duration::from_millis(1)).await;
    assert_eq!(stage.queued().await, 0);
    stage.pass(Duration::from_millis(1)).await;
    assert_eq!((stage.queued().await, stage.hanako_has().await, stage.count("Sent").await), (1, 1, 1));
    assert_eq!(stage.states().await, [ParcelState::Released; 2]);
    assert!(!stage.is_there(draft).await);
    stage.pass(Duration::from_secs(6_000)).await;
    assert_eq!(stage.queued().await, 1, "it goes once");
}

#[tokio::test]
async fn what_a_rule_puts_off_is_taken_back_after_the_rest_went() {
    let stage = Stage::set().await;
    let (draft, answer) = stage.sent("put off").await;
    stage.pass(PUT_OFF - Duration::from_secs(1)).await;
    let recalled = stage.outbound.recall(answer.reference, stage.house.taro).await.unwrap();
    assert_eq!(recalled, Recalled { draft: Some(draft.id), partly: true });
    stage.pass(Duration::from_secs(6_000)).await;
    assert_eq!((stage.queued().await, stage.hanako_has().await), (0, 1));
    stage.is_too_late(&answer).await;
}

#[tokio::test]
async fn without_undo_the_rest_goes_at_once_and_a_server_that_stood_still_makes_it_up() {
    let stage = Stage::set().await;
    let draft = stage.draft().await;
    let answer = stage.send_and_wait(draft, "put off", Duration::ZERO).await.unwrap();
    assert_eq!(answer.release_at, Some(crate::tests::NOW.after(PUT_OFF)));
    assert_eq!((stage.queued().await, stage.hanako_has().await, stage.count("Sent").await), (0, 1, 1));
    assert!(!stage.is_there(draft).await, "its draft is out of sight");
    stage.pass(Duration::from_secs(90_000)).await;
    assert_eq!((stage.queued().await, stage.count("Sent").await), (1, 1));
    let (_, answer) = stage.sent("put off").await;
    stage.pass(Duration::from_secs(90_000)).await;
    assert_eq!((stage.queued().await, stage.hanako_has().await, stage.count("Sent").await), (2, 2, 2));
    stage.is_too_late(&answer).await;
}

/// What a rule asks the sender to confirm, and the rest of it, which has gone.
async fn to_confirm(stage: &Stage) -> types::ParcelId {
    let draft = stage.draft().await;
    let answer = stage.send_and_wait(draft, "look again", Duration::ZERO).await.unwrap();
    assert_eq!((answer.outcome.clone(), answer.release_at), (Outcome::ToConfirm, None));
    assert!(answer.reply().lines[0].starts_with("held until you confirm it"), "{answer:?}");
    assert_eq!((stage.queued().await, stage.hanako_has().await), (0, 1), "the colleague inside does not wait");
    let held = stage.store.own_held(&stage.taro().reading(), None, 9).await.unwrap();
    let approval = held[0].part.approval.as_ref().unwrap();
    assert_eq!((held.len(), approval.message.as_str()), (1, "look at it yourself"));
    assert_eq!(approval.approvers.iter().map(|one| one.0).collect::<Vec<_>>(), [stage.house.taro]);
    held[0].part.id
}

#[tokio::test]
async fn a_sender_confirms_his_own_mail_once_and_nobody_else_does() {
    let stage = Stage::set().await;
    let parcel = to_confirm(&stage).await;
    let told = stage.count("INBOX").await;
    let other = stage.outbound.decide(parcel, DecisionWord::Approve, Some(stage.hanako), "").await;
    assert!(matches!(other, Err(OutboundError::NotApprover)), "{other:?}");
    let confirm = || stage.outbound.decide(parcel, DecisionWord::Approve, Some(stage.house.taro), "");
    assert_eq!(confirm().await.unwrap(), ParcelState::Released);
    assert!(matches!(confirm().await, Err(OutboundError::Store(StoreError::Decided(_)))));
    assert_eq!((stage.queued().await, stage.count("INBOX").await), (1, told), "he is not told what he did");
}

#[tokio::test]
async fn what_waits_for_its_senders_word_is_taken_back_by_him_alone() {
    let stage = Stage::set().await;
    let parcel = to_confirm(&stage).await;
    let drafts = stage.count("Drafts").await;
    let take_back = |by| stage.outbound.decide(parcel, DecisionWord::Withdraw, Some(by), "");
    let other = take_back(stage.hanako).await;
    assert!(matches!(other, Err(OutboundError::NotApprover)), "{other:?}");
    assert_eq!(take_back(stage.house.taro).await.unwrap(), ParcelState::Withdrawn);
    assert_eq!((stage.queued().await, stage.count("Drafts").await), (0, drafts + 1));
    stage.pass(Duration::from_secs(90_000)).await;
    assert_eq!((stage.queued().await, stage.count("Drafts").await), (0, drafts + 1), "once");
}

#[tokio::test]
async fn what_a_sender_does_not_confirm_he_is_reminded_of_and_gets_back() {
    let stage = Stage::set().await;
    to_confirm(&stage).await;
    let (told, drafts) = (stage.count("INBOX").await, stage.count("Drafts").await);
    let held = stage.store.own_held(&stage.taro().reading(), None, 9).await.unwrap();
    let deadline = held[0].part.approval.as_ref().unwrap().deadline;
    stage.pass(deadline.since(crate::tests::NOW) - Duration::from_secs(1)).await;
    assert_eq!(stage.count("INBOX").await, told + 1, "half time and two hours before are one moment");
    stage.pass(Duration::from_secs(1)).await;
    assert_eq!((stage.count("INBOX").await, stage.count("Drafts").await), (told + 2, drafts + 1));
    assert_eq!(stage.queued().await, 0);
    assert!(stage.states().await.contains(&ParcelState::Expired));
}

#[tokio::test]
async fn what_was_confirmed_before_it_was_sent_goes_and_another_rules_word_does_not_count() {
    let stage = Stage::set().await;
    for (confirmed, outcome, queued) in
        [(&["OTHER"][..], Outcome::ToConfirm, 0), (&["OWN"], Outcome::Sent, 1), (&["OWN", "OTHER"], Outcome::Sent, 2)]
    {
        let draft = stage.draft().await;
        let sent = stage.send_confirmed(draft, "look again", Duration::ZERO, confirmed).await.unwrap();
        assert_eq!((sent.outcome, stage.queued().await), (outcome, queued), "{confirmed:?}");
    }
    let draft = stage.draft().await;
    let held = stage.send_confirmed(draft, "look again, hold me", Duration::ZERO, &["OWN", "HOLD"]).await.unwrap();
    assert_eq!(held.outcome, Outcome::Held, "nobody confirms what others decide");
}

const LINKS: &str = r#"
[[rule]]
code = "LINK"
direction = "out"
when = { recipients = "outside" }
action = { encrypt = "link" }
"#;

/// The page for recipients outside was switched off while a mail waited that leaves as a link.
async fn untreatable_after_a_while(stage: &mut Stage) {
    let rules =
        store::Change::SetRules { tenant: stage.house.tenant, text: LINKS.into(), by: None, reason: None, seen: None };
    stage.house.engine.change_directory(rules, None, crate::tests::NOW).await.unwrap();
    stage.set_page(Some("https://dl.example.jp"));
    let (_, answer) = stage.sent("hello").await;
    assert_eq!((answer.outcome.clone(), answer.release_at.is_some()), (Outcome::Sent, true));
    stage.set_page(None);
    stage.pass(HALF_A_MINUTE).await;
}

#[tokio::test]
async fn a_part_that_cannot_be_treated_any_more_is_held_and_does_not_keep_the_rest_waiting() {
    let mut stage = Stage::set().await;
    let roles = Some(store::Roles::default().with(store::Role::Admin));
    let change = store::UserChange { roles, ..store::UserChange::default() };
    let change = store::Change::SetUser(stage.hanako, Box::new(change));
    stage.house.engine.change_directory(change, None, crate::tests::NOW).await.unwrap();
    untreatable_after_a_while(&mut stage).await;
    let mut states = stage.states().await;
    states.sort_by_key(|state| state.word());
    assert_eq!(states, [ParcelState::Held, ParcelState::Released], "the colleague inside has it");
    assert_eq!((stage.queued().await, stage.count("Sent").await), (0, 1));
    assert_eq!(stage.hanako_has().await, 2, "the mail, and the wish for an approval");
    let held = stage.store.own_held(&stage.taro().reading(), None, 9).await.unwrap();
    let approval = held[0].part.approval.as_ref().unwrap();
    assert!(approval.message.contains("受け取りページがない"), "{approval:?}");
    assert_eq!(approval.approvers.iter().map(|one| one.0).collect::<Vec<_>>(), [stage.hanako]);
    assert!(held[0].part.rules.contains(&"NOT-TREATED".to_owned()));
    assert_eq!(stage.count("INBOX").await, 1, "its author is told");
    stage.pass(Duration::from_secs(60)).await;
    assert_eq!(stage.hanako_has().await, 2, "once");
    stage.set_page(Some("https://dl.example.jp"));
    stage.outbound.decide(held[0].part.id, DecisionWord::Approve, Some(stage.hanako), "").await.unwrap();
    assert_eq!(stage.queued().await, 1, "and goes when it can");
}

#[tokio::test]
async fn where_nobody_can_be_asked_it_goes_back_to_its_author() {
    let mut stage = Stage::set().await;
    untreatable_after_a_while(&mut stage).await;
    let mut states = stage.states().await;
    states.sort_by_key(|state| state.word());
    assert_eq!(states, [ParcelState::Released, ParcelState::Returned]);
    assert_eq!((stage.queued().await, stage.hanako_has().await), (0, 1));
    assert_eq!((stage.count("Drafts").await, stage.count("INBOX").await), (1, 1));
}

/// An address inside of which a mail was judged to stay here is a group's by the time it goes, with somebody outside in it.
async fn hanako_becomes_a_group(stage: &Stage) {
    let address = types::Address::parse("hanako@example.jp").unwrap();
    let members = vec![store::Member::Address(types::Address::parse("x@elsewhere.example").unwrap())];
    let (tenant, kind, name) = (stage.house.tenant, store::GroupKind::Group, "hanako".to_owned());
    let group = store::Change::AddGroup { tenant, kind, name, address: Some(address), members };
    for change in [store::Change::RemoveUser(stage.hanako), group] {
        stage.house.engine.change_directory(change, None, crate::tests::NOW).await.unwrap();
    }
}

#[tokio::test]
async fn what_would_reach_others_than_those_who_were_judged_goes_back_to_its_author() {
    let stage = Stage::set().await;
    let (_, answer) = stage.sent("hello").await;
    assert_eq!(answer.outcome, Outcome::Sent);
    hanako_becomes_a_group(&stage).await;
    stage.pass(HALF_A_MINUTE).await;
    assert_eq!((stage.states().await, stage.queued().await), (vec![ParcelState::Returned], 0));
    assert_eq!((stage.count("Drafts").await, stage.count("INBOX").await), (1, 1), "he has it again, and reads why");
    stage.pass(Duration::from_secs(600)).await;
    assert_eq!((stage.queued().await, stage.count("INBOX").await), (0, 1), "once");
}

#[tokio::test]
async fn an_approval_is_for_those_who_were_judged_and_nobody_else() {
    let stage = Stage::set().await;
    let (_, answer) = stage.sent("hold me").await;
    assert_eq!(answer.outcome, Outcome::Held);
    let held = stage.store.own_held(&stage.taro().reading(), None, 9).await.unwrap()[0].part.id;
    hanako_becomes_a_group(&stage).await;
    let decided = stage.outbound.decide(held, DecisionWord::Approve, None, "").await;
    assert!(
        matches!(decided, Err(OutboundError::Untreatable(crate::Untreatable::OtherRecipients))),
        "whoever approves reads why it cannot go: {decided:?}"
    );
    assert_eq!((stage.states().await, stage.queued().await), (vec![ParcelState::Held], 0));
    assert_eq!(stage.outbound.decide(held, DecisionWord::Return, None, "").await.unwrap(), ParcelState::Returned);
}

/// It went over the wire as mail that stays inside, and an address that nobody had was nobody's until then.
#[tokio::test]
async fn what_was_judged_as_staying_inside_does_not_leave_once_its_domain_is_removed() {
    let stage = Stage::set().await;
    let (tenant, hanako) = (stage.house.tenant, stage.hanako);
    let change = async |change| stage.house.engine.change_directory(change, None, crate::tests::NOW).await.map(drop);
    let domain = types::Domain::parse("sold.example").unwrap();
    let alias = types::Address::parse("hanako@sold.example").unwrap();
    for (to, text) in [("hanako", "hello"), ("nobody", "hello"), ("hanako", "hold me"), ("hanako", "its review fails")]
    {
        change(store::Change::AddDomain { domain: domain.clone(), tenant }).await.unwrap();
        change(store::Change::AddAlias { alias: alias.clone(), user: hanako }).await.unwrap();
        let bytes = format!("From: taro@example.jp\r\nSubject: {text}\r\n\r\n{text}\r\n");
        let mail = stage.by_taro(bytes.as_bytes(), &[&format!("{to}@sold.example")]).await;
        let sent = if text == "its review fails" {
            let work = stage.outbound.look(mail).await.unwrap();
            let judged = stage.outbound.failed(&work, "it panicked");
            stage.outbound.act(work, judged).await.unwrap()
        } else {
            stage.outbound.submit(crate::Submission { undo_for: HALF_A_MINUTE, ..mail }).await.unwrap()
        };
        assert_eq!(sent.outcome == Outcome::Held, text != "hello");
        change(store::Change::RemoveAlias(alias.clone())).await.unwrap();
        change(store::Change::RemoveDomain(domain.clone())).await.unwrap();
        if sent.outcome == Outcome::Held {
            let held = stage.store.own_held(&stage.taro().reading(), None, 9).await.unwrap()[0].part.id;
            let decide = |word| stage.outbound.decide(held, word, None, "x");
            let approved = decide(DecisionWord::Approve).await;
            let others = |why: &crate::Untreatable| *why == crate::Untreatable::OtherRecipients;
            assert!(matches!(&approved, Err(OutboundError::Untreatable(why)) if others(why)), "{approved:?}");
            assert_eq!(decide(DecisionWord::Return).await.unwrap(), ParcelState::Returned);
        }
        stage.pass(HALF_A_MINUTE).await;
        assert_eq!((stage.states().await, stage.queued().await), (vec![ParcelState::Returned], 0), "{to} {text}");
    }
}

/// It was told that nobody had decided, and then in both languages by somebody called 管理者さん.
#[tokio::test]
async fn what_a_deadline_would_send_and_cannot_goes_back_to_its_author_with_the_reason() {
    let mut stage = Stage::set().await;
    sends_at_its_deadline_what_goes_as_a_link(&stage).await;
    for (language, subject, text, comment) in [
        (
            types::Language::Ja,
            "【差し戻し】test",
            "差し戻されました。メールシステムからのお知らせ:社外向けの受け取りページがないため、リンクで送信できません。\n",
            "社外向けの受け取りページがないため、リンクで送信できません。",
        ),
        (
            types::Language::En,
            "[Returned] test",
            "The mail was sent back. Mail system: This server has no page for recipients outside, so no link can be sent.\n",
            "This server has no page for recipients outside, so no link can be sent.",
        ),
    ] {
        let change = store::UserChange { language: Some(language), ..store::UserChange::default() };
        let change = store::Change::SetUser(stage.house.taro, Box::new(change));
        stage.house.engine.change_directory(change, None, crate::tests::NOW).await.unwrap();
        stage.set_page(Some("https://dl.example.jp"));
        let sent = stage.send_and_wait(stage.draft().await, "hello", Duration::ZERO).await.unwrap();
        assert_eq!(sent.outcome, Outcome::Held);
        let drafts = stage.count("Drafts").await;
        stage.set_page(None);
        stage.pass(Duration::from_secs(90_000)).await;
        let mut states = stage.states().await;
        states.sort_by_key(|state| state.word());
        assert_eq!(states, [ParcelState::Released, ParcelState::Returned]);
        assert_eq!((stage.queued().await, stage.count("Drafts").await), (0, drafts + 1));
        let told = stage.inbox(&stage.taro()).await.remove(0);
        assert_eq!((told.0.as_str(), told.1.starts_with(text)), (subject, true), "{told:?}");
        let own = stage.store.own_sendings(&stage.taro().reading(), None, 1).await.unwrap();
        let approvals = own[0].parts.iter().filter_map(|part| part.approval.as_ref()?.decided.as_ref());
        assert_eq!(approvals.map(|decided| decided.comment.as_str()).collect::<Vec<_>>(), [comment]);
    }
}

/// Mail that goes on to somebody outside has no author who could be told: those who were asked are.
#[tokio::test]
async fn of_forwarded_mail_that_does_not_go_at_its_deadline_those_are_told_who_were_asked() {
    let mut stage = Stage::set().await;
    sends_at_its_deadline_what_goes_as_a_link(&stage).await;
    let address = |text| types::Address::parse(text).unwrap();
    let (ja, en) = (types::Language::Ja, types::Language::En);
    for (page, language, subject, text) in [
        (
            None,
            ja,
            "【お知らせ】転送されなかったメールがあります",
            "承認の期限に送信できなかったため、次のメールを転送しませんでした。社外向けの受け取りページがない",
        ),
        (
            None,
            en,
            "[Notice] A mail was not forwarded",
            "The following mail could not be sent at the deadline, and was not forwarded. This server has no page for recipients outside, \
             so no link can be sent.",
        ),
        (Some("https://dl.example.jp"), ja, "【あと", ""),
    ] {
        let change = store::UserChange { language: Some(language), ..store::UserChange::default() };
        let change = store::Change::SetUser(stage.hanako, Box::new(change));
        stage.house.engine.change_directory(change, None, crate::tests::NOW).await.unwrap();
        stage.set_page(Some("https://dl.example.jp"));
        let bytes = b"From: x@far.example\r\nTo: taro@example.jp\r\nSubject: a secret\r\n\r\nhello\r\n";
        let forwarded = crate::Submission {
            origin: store::Origin::Forward,
            tenant: stage.house.tenant,
            author: None,
            envelope: types::Envelope {
                from: Some(address("x@far.example")),
                to: vec![address("yamada@minato.example")],
            },
            draft: stage.store.seal(stage.house.tenant, bytes).await.unwrap(),
            trace: Vec::new(),
            form_key: None,
            from_draft: None,
            keep_in_sent: false,
            safeguard: None,
            undo_for: Duration::ZERO,
            confirmed: Vec::new(),
            texts: Default::default(),
        };
        assert_eq!(stage.outbound.submit(forwarded).await.unwrap().outcome, Outcome::Held);
        let (asked, queued) = (stage.hanako_has().await, stage.queued().await);
        stage.set_page(page);
        stage.pass(Duration::from_secs(90_000)).await;
        let hanako: Access<Account, Write> = stage.authority.grant(Account(stage.hanako), None, 0);
        let (newest, said) = stage.inbox(&hanako).await.remove(0);
        assert!(newest.starts_with(subject), "{newest}");
        if page.is_some() {
            assert_eq!(stage.queued().await, queued + 1, "it goes, and nobody need be told");
            continue;
        }
        assert_eq!((stage.queued().await, stage.hanako_has().await), (queued, asked + 3), "reminded twice, and told");
        assert!(said.starts_with(text) && !said.contains("secret"), "{said}");
        assert!(language == ja || said.is_ascii(), "an English notice is English: {said}");
    }
}

/// Hanako has eight hours; then it goes as a link.
async fn sends_at_its_deadline_what_goes_as_a_link(stage: &Stage) {
    let hold = "{ hold = { approvers = [\"hanako@example.jp\"], hours = 8, then = \"send\" } }";
    let text = LINKS.replace("{ encrypt = \"link\" }", &format!("[ {hold}, {{ encrypt = \"link\" }} ]"));
    let rules = store::Change::SetRules { tenant: stage.house.tenant, text, by: None, reason: None, seen: None };
    stage.house.engine.change_directory(rules, None, crate::tests::NOW).await.unwrap();
}
