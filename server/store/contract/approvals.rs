//! Promises about held mail before its decision: approvals that count once, deadlines that ask others, deputies,
//! openings, lists in pages.

use std::time::Duration;

use types::{ParcelId, Timestamp, UserId};

use super::house::NOW;
use super::postings::decision;
use super::{House, Place};
use crate::{
    Approver, Case, Consent, Decision, Escalation, HeldKey, NewApproval, NewConsent, NewHold, NewTimer, Opening,
    ParcelRef, ParcelState, Posting, Seats, StoreError, Terms, TimerKind,
};

fn later(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

async fn hold(house: &House, number: u8, approvers: &[UserId], seconds: u64, sensitive: bool) -> ParcelId {
    let mut posting = Posting::default();
    let mut mail = house.mail(&format!("held {number}")).await;
    mail.sensitive = sensitive;
    posting.mail(mail);
    let mut submission = house.submission(number, ParcelState::Held);
    let approval = NewApproval {
        approvers: approvers.iter().copied().map(Approver).collect(),
        deadline: later(seconds),
        then: "escalate".into(),
        message: String::new(),
        terms: Terms { approvals: 2, escalate_to: vec!["supervisor".into()], ..Terms::default() },
    };
    let (exit, to) = (crate::Exit(()), submission.to.clone());
    submission.parcels = vec![crate::NewParcel::new(&exit, to, ParcelState::Held, Some(approval), Vec::new())];
    posting.submissions.push(submission);
    house.engine.post(posting).await.unwrap().parcels[0][0]
}

fn consent(parcel: ParcelId, by: UserId, seat: UserId, before: usize) -> Posting {
    // those that found others before them come later
    let at = Timestamp(NOW.0 + i64::try_from(before).unwrap());
    let new = NewConsent { parcel, by, seat, comment: "ok".into(), at, before };
    Posting { consents: vec![new], ..Posting::default() }
}

fn last(parcel: ParcelId, by: UserId, seat: UserId) -> Posting {
    Posting { decisions: decision(parcel, ParcelState::Released, by).decisions, ..consent(parcel, by, seat, 1) }
}

/// Of a seat and of a person there is one approval, and each finds as many before it as it expects: of many at once as
/// many count as are different, and the decision comes with the last.
pub async fn an_approval_counts_once(place: &dyn Place) {
    let house = House::build(place).await;
    let (hanako, jiro, saburo) =
        (house.person("hanako").await, house.person("jiro").await, house.person("saburo").await);
    let parcel = hold(&house, 1, &[hanako, jiro], 900, false).await;
    let mut tasks = tokio::task::JoinSet::new();
    for (by, seat) in [(hanako, hanako), (jiro, jiro), (saburo, jiro), (hanako, hanako)] {
        let (engine, posting) = (house.engine.clone(), consent(parcel, by, seat, 0));
        tasks.spawn(async move { engine.post(posting).await });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let refused = answers.into_iter().filter_map(Result::err);
    assert!(refused.into_iter().all(|error| matches!(error, StoreError::Conflict(_))));
    let held = house.engine.held_parcel(parcel).await.unwrap().expect("the parcel");
    assert_eq!((held.consents.len(), held.parcel.state, held.terms.approvals), (1, ParcelState::Held, 2));
    let Consent { by: first, seat: taken, .. } = held.consents[0].clone();
    for (by, seat) in [(first, saburo), (UserId(i64::MAX), taken)] {
        let again = house.engine.post(last(parcel, by, seat)).await;
        assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    }
    let other = if taken == hanako { jiro } else { hanako };
    house.engine.post(last(parcel, other, other)).await.unwrap();
    let late = house.engine.post(consent(parcel, saburo, saburo, 2)).await;
    assert!(matches!(&late, Err(StoreError::Decided(state)) if state == "released"), "{late:?}");
    let case = house.engine.case(parcel).await.unwrap().expect("the case");
    let approval = case.part.approval.expect("an approval");
    assert_eq!(approval.consents.iter().map(|one| one.seat).collect::<Vec<_>>(), [taken, other]);
    assert_eq!(approval.decided.and_then(|decided| decided.by), Some(other));
    // of two that would each be the last one is written, and the other need not be tried anew
    let parcel = hold(&house, 2, &[hanako, jiro, saburo], 900, false).await;
    house.engine.post(consent(parcel, hanako, hanako, 0)).await.unwrap();
    let (one, two) =
        tokio::join!(house.engine.post(last(parcel, jiro, jiro)), house.engine.post(last(parcel, saburo, saburo)));
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
    let refused = one.err().or(two.err());
    assert!(matches!(&refused, Some(StoreError::Decided(state)) if state == "released"), "{refused:?}");
}

fn ids(cases: &[Case]) -> Vec<ParcelId> {
    cases.iter().map(|case| case.part.id).collect()
}

/// Who stands in for others sees what they are asked beside what he is, each once and in pages; of mail that holds
/// numbers only as a handler, and never his own. Who was asked about such mail and is no handler any more does not see it.
pub async fn a_deputy_sees_what_is_asked_of_whom_he_stands_in_for(place: &dyn Place) {
    let house = House::build(place).await;
    let (hanako, jiro, saburo) =
        (house.person("hanako").await, house.person("jiro").await, house.person("saburo").await);
    let mut parcels = Vec::new();
    for (number, approvers, sensitive) in
        [(1, &[hanako][..], false), (2, &[jiro], true), (3, &[saburo], false), (4, &[hanako, jiro, saburo], false)]
    {
        parcels.push(hold(&house, number, approvers, 900 - u64::from(number), sensitive).await);
    }
    let list = async |user, stands_in_for: &[UserId], handler, most| {
        let seats = Seats { user, stands_in_for: stands_in_for.to_vec(), handler, steward: user == hanako };
        let (mut seen, mut after): (_, Option<HeldKey>) = (Vec::new(), None);
        loop {
            let page = house.engine.awaiting(&seats, after, most).await.unwrap();
            seen.extend(ids(&page));
            match page.last() {
                Some(last) => after = last.held_key(),
                None => break,
            }
        }
        let count = house.engine.unsettled(&seats).await.unwrap().awaiting;
        assert_eq!(count, seen.len() as u64);
        seen
    };
    for most in 1..=4 {
        assert_eq!(list(saburo, &[], false, most).await, [parcels[3], parcels[2]]);
        assert_eq!(list(saburo, &[hanako, jiro], false, most).await, [parcels[3], parcels[2], parcels[0]]);
        let all = [parcels[3], parcels[2], parcels[1], parcels[0]];
        assert_eq!(list(saburo, &[hanako, jiro], true, most).await, all);
        assert_eq!(list(house.taro, &[hanako, jiro, saburo], true, most).await, [], "its author");
        assert_eq!(list(jiro, &[], true, most).await, [parcels[3], parcels[1]]);
        assert_eq!(list(jiro, &[], false, most).await, [parcels[3]], "he was a handler, and is none any more");
        assert_eq!(
            list(hanako, &[jiro], false, most).await,
            [parcels[3], parcels[0]],
            "an administrator in a handler's stead"
        );
    }
    let mut all = Vec::new();
    while let Some(more) =
        house.engine.held_cases(house.tenant, all.last().copied(), 3).await.ok().filter(|p| !p.is_empty())
    {
        all.extend(more.iter().filter_map(Case::held_key));
    }
    assert_eq!(all.iter().map(|key| key.parcel).collect::<Vec<_>>(), [3, 2, 1, 0].map(|place: usize| parcels[place]));
    assert_eq!(house.engine.count_held(house.tenant).await.unwrap(), 4);
}

/// A deadline that asks others does so once; those see it, with the new deadline and its outcome, and the approvals
/// stay.
pub async fn a_deadline_asks_others_once(place: &dyn Place) {
    let house = House::build(place).await;
    let (hanako, jiro) = (house.person("hanako").await, house.person("jiro").await);
    let parcel = hold(&house, 1, &[hanako], 900, false).await;
    house.engine.post(consent(parcel, hanako, hanako, 0)).await.unwrap();
    let escalation = || Escalation {
        parcel,
        expect: later(900),
        approvers: vec![Approver(hanako), Approver(jiro), Approver(house.taro)],
        deadline: later(1_800),
        then: "return".into(),
    };
    let post = async || house.engine.post(Posting { escalations: vec![escalation()], ..Posting::default() }).await;
    post().await.unwrap();
    assert!(matches!(post().await, Err(StoreError::Conflict(_))), "another deadline stands there");
    // who approved it, and its author, are asked nothing
    for (user, count) in [(hanako, 0), (jiro, 1), (house.taro, 0)] {
        let seats = Seats { user, stands_in_for: Vec::new(), handler: false, steward: false };
        let cases = house.engine.awaiting(&seats, None, 9).await.unwrap();
        assert_eq!(cases.len(), count);
        for case in cases {
            let approval = case.part.approval.expect("an approval");
            assert_eq!((approval.deadline, approval.then.as_str()), (later(1_800), "return"));
            assert_eq!(approval.consents.len(), 1);
        }
    }
    house.engine.post(last(parcel, jiro, jiro)).await.unwrap();
    let late = Escalation { expect: later(1_800), ..escalation() };
    let late = house.engine.post(Posting { escalations: vec![late], ..Posting::default() }).await;
    assert!(matches!(late, Err(StoreError::Decided(_))), "{late:?}");
}

/// An opening is kept once, with its first moment.
pub async fn an_opening_is_kept_once(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let parcel = hold(&house, 1, &[hanako], 900, false).await;
    for (part, seconds) in [("", 1), ("2", 2), ("2", 3), ("", 4)] {
        let opening = Opening { parcel, by: hanako, part: part.into(), at: later(seconds) };
        house.engine.post(Posting { openings: vec![opening], ..Posting::default() }).await.unwrap();
    }
    let openings = house.engine.case_history(parcel).await.unwrap().openings;
    let found: Vec<_> = openings.iter().map(|one| (one.by, one.part.as_str(), one.at)).collect();
    assert_eq!(found, [(hanako, "", later(1)), (hanako, "2", later(2))]);
}

/// What waits is held once, with its reason, and asked of its approvers but its author; its time to go does not come any more, and
/// of several at once the first counts.
pub async fn what_waits_is_held_once(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let mut posting = Posting::default();
    posting.mail(house.mail("waits").await);
    posting.submissions.push(house.submission(1, ParcelState::Waiting));
    posting.timers.push(NewTimer { kind: TimerKind::Release, parcel: ParcelRef::New(0, 0), due: later(30) });
    let parcel = house.engine.post(posting).await.unwrap().parcels[0][0];
    let hold = || {
        let approval = NewApproval {
            approvers: vec![Approver(hanako), Approver(house.taro)],
            deadline: later(900),
            then: "return".into(),
            message: "cannot be treated".into(),
            terms: Terms::default(),
        };
        Posting { holds: vec![NewHold { parcel, approval, code: "NOT-TREATED" }], ..Posting::default() }
    };
    house.engine.post(hold()).await.unwrap();
    let again = house.engine.post(hold()).await;
    assert!(matches!(&again, Err(StoreError::Decided(state)) if state == "held"), "{again:?}");
    assert!(house.engine.claim_timers(9, later(60), later(90)).await.unwrap().is_empty());
    let held = house.engine.held_parcel(parcel).await.unwrap().expect("it is held");
    assert_eq!((held.parcel.state, held.message.as_str()), (ParcelState::Held, "cannot be treated"));
    assert!(held.parcel.rules.ends_with(&["NOT-TREATED".to_owned()]), "{:?}", held.parcel.rules);
    for (user, count) in [(hanako, 1), (house.taro, 0)] {
        let seats = Seats { user, stands_in_for: Vec::new(), handler: false, steward: false };
        assert_eq!(house.engine.awaiting(&seats, None, 9).await.unwrap().len(), count);
    }
    assert_eq!(ids(&house.engine.held_cases(house.tenant, None, 9).await.unwrap()), [parcel]);
    let to = ParcelState::Released;
    let decision = Decision {
        parcel,
        expect: ParcelState::Held,
        to,
        by: Some(hanako),
        by_deadline: false,
        comment: String::new(),
        at: NOW,
    };
    house.engine.post(Posting { decisions: vec![decision], ..Posting::default() }).await.unwrap();
}
