//! Promises about held and sent mail as approvers, authors and the console see it, and the queue in pages.

use std::time::Duration;

use types::{Address, ParcelId, QueueId, TenantId, Timestamp, UserId};

use super::house::NOW;
use super::{House, Place};
use crate::{
    Approver, Attempt, Case, CaseKey, Decided, DecidedFilter, Decision, Demands, NewApproval, NewQueueRow, NewTrail,
    Outcome, ParcelRef, ParcelState, Posting, QueueAction, QueueFilter, QueuePage, QueueState, Seats, SendingsOf,
    SubmissionRef, Unsettled,
};

fn later(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

/// A held mail of `author` that these may decide, until `seconds` from now.
async fn hold(house: &House, number: u8, author: UserId, approvers: &[UserId], seconds: u64) -> ParcelId {
    let mut posting = Posting::default();
    posting.mail(house.mail(&format!("held {number}")).await);
    let mut submission = house.submission(number, ParcelState::Held);
    submission.author = Some(author);
    submission.form_key = Some(format!("form {number}"));
    let approval = NewApproval {
        approvers: approvers.iter().copied().map(Approver).collect(),
        deadline: later(seconds),
        then: "return".into(),
        message: "why".into(),
        terms: crate::Terms { approvals: 2, must_open: true, ..crate::Terms::default() },
    };
    let rules = vec!["MN-OUT".to_owned()];
    submission.parcels =
        vec![crate::NewParcel::new(&crate::Exit(()), submission.to.clone(), ParcelState::Held, Some(approval), rules)];
    posting.submissions.push(submission);
    let line = |event, for_sender| NewTrail {
        submission: SubmissionRef::New(0),
        parcel: Some(ParcelRef::New(0, 0)),
        at: NOW,
        event,
        detail: String::new(),
        for_sender,
    };
    posting.trail = vec![line("parcel.held", true), line("parcel.noted", false)];
    house.engine.post(posting).await.unwrap().parcels[0][0]
}

async fn decide(house: &House, parcel: ParcelId, to: ParcelState, by: Option<UserId>, seconds: u64) {
    let comment = "宛先をご確認ください".to_owned();
    let decision =
        Decision { parcel, expect: ParcelState::Held, to, by, by_deadline: false, comment, at: later(seconds) };
    house.engine.post(Posting { decisions: vec![decision], ..Posting::default() }).await.unwrap();
}

/// Somebody who stands in for nobody.
fn alone(user: UserId) -> Seats {
    Seats { user, stands_in_for: Vec::new(), handler: false, steward: false }
}

fn ids(cases: &[Case]) -> Vec<ParcelId> {
    cases.iter().map(|case| case.part.id).collect()
}

/// A person sees what he is asked to decide, nearest deadline first: not his own mail, not what others decide, and
/// nothing once it is decided. Its author sees it too.
pub async fn an_approver_sees_what_awaits_him(place: &dyn Place) {
    let house = House::build(place).await;
    let (hanako, jiro, taro) = (house.person("hanako").await, house.person("jiro").await, house.taro);
    let one = hold(&house, 1, taro, &[hanako, jiro], 900).await;
    let two = hold(&house, 2, taro, &[hanako], 300).await;
    let own = hold(&house, 3, hanako, &[hanako, jiro], 600).await;
    let awaiting = async |user| ids(&house.engine.awaiting(&alone(user), None, 9).await.unwrap());
    assert_eq!(awaiting(hanako).await, [two, one]);
    assert_eq!(awaiting(jiro).await, [own, one]);
    assert_eq!(awaiting(taro).await, []);
    assert_eq!(ids(&house.engine.own_held(taro, None, 9).await.unwrap()), [two, one]);
    assert_eq!(ids(&house.engine.own_held(jiro, None, 9).await.unwrap()), []);
    assert_eq!(ids(&house.engine.held_cases(house.tenant, None, 9).await.unwrap()), [two, own, one]);
    assert_eq!(ids(&house.engine.held_cases(TenantId(i64::MAX), None, 9).await.unwrap()), []);
    let case = house.engine.case(two).await.unwrap().expect("the case");
    let approval = case.part.approval.as_ref().expect("an approval");
    assert_eq!((approval.approvers.as_slice(), approval.deadline), (&[Approver(hanako)][..], later(300)));
    assert_eq!((approval.then.as_str(), approval.message.as_str(), &approval.decided), ("return", "why", &None));
    assert_eq!((case.summary.as_slice(), case.submission.author), (&b"held 2"[..], Some(taro)));
    assert_eq!((case.part.rules.as_slice(), case.key()), (&["MN-OUT".to_owned()][..], None));
    assert_eq!((approval.terms.approvals, approval.terms.must_open, approval.consents.len()), (2, true, 0));
    let unsettled = async |user| house.engine.unsettled(&alone(user)).await.unwrap();
    assert_eq!(unsettled(hanako).await, Unsettled { awaiting: 2, own_held: 1, own: 1 });
    assert_eq!(unsettled(jiro).await, Unsettled { awaiting: 2, own_held: 0, own: 0 });
    assert_eq!(unsettled(taro).await, Unsettled { awaiting: 0, own_held: 2, own: 2 });
    decide(&house, two, ParcelState::Returned, Some(hanako), 60).await;
    assert_eq!(unsettled(taro).await, Unsettled { awaiting: 0, own_held: 1, own: 1 });
    let mut posting = Posting::default();
    posting.mail(house.mail("waits").await);
    posting.submissions.push(house.submission(9, ParcelState::Waiting));
    house.engine.post(posting).await.unwrap();
    assert_eq!(unsettled(taro).await, Unsettled { awaiting: 0, own_held: 1, own: 2 }, "what waits to leave counts too");
    assert_eq!(awaiting(hanako).await, [one]);
    let case = house.engine.case(two).await.unwrap().expect("the case");
    let decided = Decided { by: Some(hanako), comment: "宛先をご確認ください".into(), at: later(60) };
    assert_eq!(case.part.approval.and_then(|approval| approval.decided), Some(decided));
    assert!(house.engine.case(ParcelId(i64::MAX)).await.unwrap().is_none());
}

/// Decided mail in pages, the last decided first; by person, by state, in a span of time.
pub async fn decided_mail_is_listed_in_pages(place: &dyn Place) {
    let house = House::build(place).await;
    let (hanako, taro) = (house.person("hanako").await, house.taro);
    let mut parcels = Vec::new();
    for number in 0..6 {
        parcels.push(hold(&house, number, taro, &[hanako], 9_000).await);
    }
    for (place, to, by, at) in [
        (0, ParcelState::Released, Some(hanako), 10),
        (1, ParcelState::Returned, Some(hanako), 30),
        (2, ParcelState::Expired, None, 30),
        (3, ParcelState::Withdrawn, Some(taro), 5),
        (4, ParcelState::Released, Some(hanako), 20),
    ] {
        decide(&house, parcels[place], to, by, at).await;
    }
    let list = async |filter, before, most| house.engine.decided(house.tenant, filter, before, most).await.unwrap();
    let order = [2, 1, 4, 0, 3].map(|place| parcels[place]);
    for most in 1..=6 {
        let (mut seen, mut before): (_, Option<CaseKey>) = (Vec::new(), None);
        loop {
            let page = list(DecidedFilter::default(), before, most).await;
            seen.extend(ids(&page));
            match page.last() {
                Some(last) => before = last.key(),
                None => break,
            }
        }
        assert_eq!(seen, order, "{most} a page");
    }
    let all = |filter| list(filter, None, 9);
    let by = |user| DecidedFilter { by: Some(user), ..DecidedFilter::default() };
    assert_eq!(ids(&all(by(hanako)).await), [1, 4, 0].map(|place| parcels[place]));
    let released = DecidedFilter { state: Some(ParcelState::Released), ..by(hanako) };
    assert_eq!(ids(&all(released).await), [4, 0].map(|place| parcels[place]));
    let span = DecidedFilter { since: Some(later(10)), until: Some(later(30)), ..DecidedFilter::default() };
    assert_eq!(ids(&all(span).await), [4, 0].map(|place| parcels[place]));
    assert!(house.engine.decided(TenantId(i64::MAX), by(hanako), None, 9).await.unwrap().is_empty());
}

/// Submissions, newest first, with parcels and lines: the author sees those meant for him, his company all.
pub async fn what_was_sent_is_listed_with_its_fates(place: &dyn Place) {
    let house = House::build(place).await;
    let (hanako, taro) = (house.person("hanako").await, house.taro);
    for number in 0..5 {
        let author = if number == 3 { hanako } else { taro };
        hold(&house, number, author, &[hanako], 900).await;
    }
    let references = async |of, before, most| -> Vec<_> {
        let found = house.engine.sendings(of, before, most).await.unwrap();
        found.into_iter().map(|sending| (sending.submission.id, number_of(&sending.submission))).collect()
    };
    let mine = references(SendingsOf::Author(taro), None, 2).await;
    assert_eq!(mine.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [4, 2]);
    let rest = references(SendingsOf::Author(taro), Some(mine[1].0), 9).await;
    assert_eq!(rest.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [1, 0]);
    let all = references(SendingsOf::Tenant(house.tenant), None, 9).await;
    assert_eq!(all.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [4, 3, 2, 1, 0]);
    assert!(references(SendingsOf::Tenant(TenantId(i64::MAX)), None, 9).await.is_empty());
    let own = house.engine.sendings(SendingsOf::Author(taro), None, 1).await.unwrap().remove(0);
    assert_eq!((own.parts.len(), own.summary.as_slice()), (1, &b"held 4"[..]));
    assert!(own.parts[0].approval.is_some());
    let of_copy = async |author| references(SendingsOf::Copy(author, own.submission.record), None, 9).await;
    assert_eq!(of_copy(taro).await, [(own.submission.id, 4)]);
    assert!(of_copy(hanako).await.is_empty(), "another's copy of the same mail says nothing");
    let events = |lines: &[crate::TrailRow]| lines.iter().map(|line| line.event.clone()).collect::<Vec<_>>();
    assert_eq!(events(&own.trail), ["parcel.held"]);
    let whole = house.engine.sending(house.tenant, own.submission.reference).await.unwrap().expect("by reference");
    assert_eq!(events(&whole.trail), ["parcel.held", "parcel.noted"]);
    assert!(house.engine.sending(TenantId(i64::MAX), own.submission.reference).await.unwrap().is_none());
}

/// The number under which [`House::submission`] made it.
fn number_of(row: &crate::SubmissionRow) -> u8 {
    let made = |number: &u8| types::Reference::from_random([*number, 1, 2, 3, 4]) == row.reference;
    (0..=u8::MAX).find(made).unwrap_or(u8::MAX)
}

/// Posts a released parcel with a queue row for each recipient.
async fn release(house: &House, number: u8, to: &[&str]) {
    let mut posting = Posting::default();
    posting.mail(house.mail("released").await);
    posting.submissions.push(house.submission(number, ParcelState::Released));
    for recipient in to {
        let recipient = Address::parse(recipient).unwrap();
        let due = later(u64::from(number));
        posting.queue.push(NewQueueRow {
            parcel: ParcelRef::New(0, 0),
            variant: None,
            demands: Demands::default(),
            recipient,
            due,
            expires: later(90_000),
        });
    }
    house.engine.post(posting).await.unwrap();
}

/// The open queue in pages, oldest first, by domain and state; what is done is not in it.
pub async fn the_open_queue_is_listed_in_pages(place: &dyn Place) {
    let house = House::build(place).await;
    release(&house, 1, &["a@x.example", "b@y.example"]).await;
    release(&house, 2, &["c@x.example"]).await;
    release(&house, 3, &["d@x.example"]).await;
    let list = async |tenant, page: QueuePage, most| -> Vec<QueueId> {
        let rows = house.engine.queue_page(tenant, &page, most).await.unwrap();
        rows.iter().map(|row| row.id).collect()
    };
    let here = Some(house.tenant);
    let all = list(None, QueuePage::default(), 9).await;
    assert_eq!(all.len(), 4);
    assert_eq!(list(here, QueuePage::default(), 2).await, all[..2]);
    let rest = QueuePage { after: Some(all[1]), ..QueuePage::default() };
    assert_eq!(list(here, rest, 9).await, all[2..]);
    assert!(list(Some(TenantId(i64::MAX)), QueuePage::default(), 9).await.is_empty());
    let x = types::Domain::parse("x.example").unwrap();
    let to_x = || QueuePage { domain: Some(x.clone()), ..QueuePage::default() };
    assert_eq!(list(here, to_x(), 9).await, [all[0], all[2], all[3]]);
    let stop = QueueFilter { ids: vec![all[2]], ..QueueFilter::default() };
    house.engine.control_queue(here, &stop, QueueAction::Hold, Some(house.taro), NOW).await.unwrap();
    let held = QueuePage { state: Some(QueueState::Held), ..to_x() };
    assert_eq!(list(here, held, 9).await, [all[2]]);
    let attempt = |id, outcome, answer: &str| Attempt { id, at: NOW, outcome, answer: answer.into(), way: None };
    let attempts =
        vec![attempt(all[0], Outcome::Delivered, "250 fine"), attempt(all[3], Outcome::Retry(later(600)), "450 later")];
    house.engine.post(Posting { attempts, ..Posting::default() }).await.unwrap();
    assert_eq!(list(here, to_x(), 9).await, [all[2], all[3]]);
    let domains = house.engine.queue_domains(here).await.unwrap();
    let load = &domains[0];
    assert_eq!((load.domain.as_str(), load.waiting, load.held, load.oldest), ("x.example", 1, 1, later(2)));
    assert_eq!(load.last_answer, "450 later");
    assert_eq!((domains[1].domain.as_str(), domains[1].last_answer.as_str(), domains.len()), ("y.example", "", 2));
    assert!(house.engine.queue_domains(Some(TenantId(i64::MAX))).await.unwrap().is_empty());
}
