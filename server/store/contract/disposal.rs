//! Promises about disposal: two people dispose of a mail, nothing of it is left, and everything else stays.

use types::{LedgerId, RecordId, UserId};

use super::custody::{handed, spread};
use super::house::NOW;
use super::ledger::{deliver, entered};
use super::{House, Place};
use crate::{
    Bytes, Disposal, DisposalStep, Disposed, LedgerAct, LedgerKind, LedgerState, NewMail, NewTexts, ParcelState,
    Posting, StoreError, TextsOf,
};

pub(super) fn ask() -> DisposalStep {
    DisposalStep::Ask { documents: "扶養控除等申告書".into(), reason: "保存期間満了".into() }
}

pub(super) const CONFIRM: DisposalStep = DisposalStep::Confirm { backups_end: None };

async fn step(house: &House, line: LedgerId, by: UserId, step: DisposalStep) -> Result<Disposed, StoreError> {
    house.engine.dispose(Disposal { tenant: house.tenant, line, step, by: Some(by), at: NOW }).await
}

pub(super) async fn done(house: &House, line: LedgerId, by: UserId, what: DisposalStep) {
    assert_eq!(step(house, line, by, what).await.unwrap(), Disposed::Done);
}

async fn state(house: &House, line: LedgerId) -> LedgerState {
    house.engine.ledger_line(house.tenant, line).await.unwrap().unwrap().state
}

/// Two people, in order; whoever is late or is the same person changes nothing.
pub async fn two_people_dispose_of_a_mail(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let line = deliver(&house, 1).await.id;
    for early in [DisposalStep::Refuse, CONFIRM] {
        assert_eq!(step(&house, line, hanako, early).await.unwrap(), Disposed::OtherState(LedgerState::Kept));
    }
    done(&house, line, house.taro, ask()).await;
    let asked = Disposed::OtherState(LedgerState::DisposalAsked);
    assert_eq!(step(&house, line, hanako, ask()).await.unwrap(), asked);
    assert_eq!(step(&house, line, house.taro, CONFIRM).await.unwrap(), Disposed::SamePerson);
    let resting = crate::LedgerFilter { resting: true, ..crate::LedgerFilter::default() };
    assert!(house.engine.ledger_page(house.tenant, &resting, None, 9).await.unwrap().is_empty(), "it is asked for");
    assert_eq!(state(&house, line).await, LedgerState::DisposalAsked);
    done(&house, line, hanako, DisposalStep::Refuse).await;
    assert_eq!(state(&house, line).await, LedgerState::Kept);
    done(&house, line, hanako, ask()).await;
    assert_eq!(step(&house, line, hanako, CONFIRM).await.unwrap(), Disposed::SamePerson);
    done(&house, line, house.taro, CONFIRM).await;
    assert_eq!(state(&house, line).await, LedgerState::Disposed);
    let late = step(&house, line, hanako, CONFIRM).await.unwrap();
    assert_eq!(late, Disposed::OtherState(LedgerState::Disposed));
    assert!(matches!(step(&house, LedgerId(i64::MAX), hanako, ask()).await, Err(StoreError::NotFound(_))));
    let history = house.engine.ledger_history(line).await.unwrap();
    let last = history.last().unwrap();
    assert_eq!((last.act, last.actor), (LedgerAct::Disposed, Some(house.taro)));
    for word in ["扶養控除等申告書", "保存期間満了", "\"copies\":1"] {
        assert!(last.detail.contains(word), "{}", last.detail);
    }
    assert!(house.engine.ledger_places(deliver(&house, 2).await.record).await.unwrap().key_destroyed.is_none());
}

/// A company's rule disposes of what rests, and of that alone; nobody does so by himself in its name.
pub async fn the_rule_of_a_company_disposes_of_what_rests(place: &dyn Place) {
    let house = House::build(place).await;
    let (resting, asked) = (deliver(&house, 1).await.id, deliver(&house, 2).await.id);
    let due = crate::LedgerDue { now: NOW, before: Some(NOW.after(std::time::Duration::from_secs(60))), unseen: true };
    let by_rule = |line| DisposalStep::ByRule { years: Some(7), due, seen: vec![(line, None)] };
    let kept = Disposed::OtherState(LedgerState::Kept);
    assert_eq!(step(&house, resting, house.taro, by_rule(resting)).await.unwrap(), kept);
    done(&house, asked, house.taro, ask()).await;
    let (third, nowhere) = (deliver(&house, 3).await, LedgerId(i64::MAX));
    let lines = [asked, resting, nowhere, third.id, resting];
    let disposal = |line| Disposal { tenant: house.tenant, line, step: by_rule(line), by: None, at: NOW };
    let disposed = house.engine.dispose_each(lines.map(disposal).into()).await;
    let [people, first, missing, second, again] = &disposed[..] else { panic!("{disposed:?}") };
    assert!(matches!(people, Ok(Disposed::OtherState(LedgerState::DisposalAsked))), "people are at it");
    assert!(
        matches!((first, second), (Ok(Disposed::Done), Ok(Disposed::Done))),
        "one that is not there stops no other"
    );
    assert!(matches!(missing, Err(StoreError::NotFound(_))));
    assert!(matches!(again, Ok(Disposed::OtherState(LedgerState::Disposed))));
    assert_eq!(state(&house, resting).await, LedgerState::Disposed);
    // the keys of all are gone when it has come to its end
    let records = [house.engine.ledger_line(house.tenant, resting).await.unwrap().unwrap().record, third.record];
    for record in records {
        assert_eq!(house.engine.ledger_places(record).await.unwrap().key_destroyed, Some(NOW));
    }
    let history = house.engine.ledger_history(resting).await.unwrap();
    let last = history.last().unwrap();
    assert_eq!((last.act, last.actor), (LedgerAct::Disposed, None));
    assert!(last.detail.contains("\"rule_years\":7") && last.detail.contains("\"copies\":1"), "{}", last.detail);
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// What an incident is about goes by no rule until it is over: its report is still made of it. People may dispose of it.
pub async fn a_rule_leaves_what_an_incident_is_about(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let (line, other) = (deliver(&house, 1).await.id, deliver(&house, 2).await.id);
    let mut incidents = Vec::new();
    for line in [line, line, other] {
        incidents.push(super::incidents::make(&house, vec![line], None).await.unwrap());
    }
    let take = async |line| {
        let due =
            crate::LedgerDue { now: NOW, before: Some(NOW.after(std::time::Duration::from_secs(60))), unseen: true };
        let step = DisposalStep::ByRule { years: Some(7), due, seen: vec![(line, None)] };
        house.engine.dispose(Disposal { tenant: house.tenant, line, step, by: None, at: NOW }).await.unwrap()
    };
    for incident in &incidents[..2] {
        assert_eq!(take(line).await, Disposed::UnderWay);
        let (from, to) = (crate::IncidentState::Open, crate::IncidentState::Closed);
        let closed = crate::IncidentChange::State { from, to, version: 1 };
        house.engine.change_incident(house.tenant, *incident, closed, None, None, NOW).await.unwrap();
    }
    assert_eq!(take(line).await, Disposed::Done);
    done(&house, other, house.taro, ask()).await;
    done(&house, other, hanako, CONFIRM).await;
}

/// A mail with several lines stays until all are due, and what was written down of them since they were seen is looked at first.
pub async fn a_rule_takes_a_mail_when_all_its_lines_are_due_as_they_were_seen(place: &dyn Place) {
    let house = House::build(place).await;
    let first = deliver(&house, 1).await;
    let later = crate::NewLedgerLine { of: TextsOf::Record(first.record), ..entered(&house, 9, LedgerKind::Sent) };
    house.engine.post(Posting { ledger: vec![later], ..Posting::default() }).await.unwrap();
    let lines = house.engine.ledger_of_record(first.record).await.unwrap();
    let [one, two] = &lines[..] else { panic!("{lines:?}") };
    let take = async |line, before, seen| {
        let due = crate::LedgerDue { now: NOW, before: Some(before), unseen: true };
        let step = DisposalStep::ByRule { years: Some(7), due, seen };
        house.engine.dispose(Disposal { tenant: house.tenant, line, step, by: None, at: NOW }).await.unwrap()
    };
    let (kept, behind) = (Disposed::OtherState(LedgerState::Kept), two.at.after(std::time::Duration::from_millis(1)));
    let both = vec![(one.id, None), (two.id, None)];
    for (line, before, seen) in [
        (one.id, two.at, both.clone()),
        (two.id, two.at, both.clone()),
        (one.id, behind, vec![(one.id, None)]),
        (one.id, behind, Vec::new()),
    ] {
        assert_eq!(take(line, before, seen.clone()).await, kept, "{line} {before:?} {seen:?}");
    }
    let documents = crate::LedgerDocuments { kind: "届出書".into(), stated: None, due: Some(NOW), proposed: false };
    let classified = crate::Classified {
        tenant: house.tenant,
        lines: vec![(two.id, Some(documents.clone()))],
        by: Some(house.taro),
        at: NOW,
    };
    house.engine.classify(classified).await.unwrap();
    assert_eq!(take(one.id, behind, both).await, kept, "it has got a kind since");
    assert!(house.engine.read(first.record, 0..9).await.is_ok());
    assert_eq!(take(one.id, behind, vec![(one.id, None), (two.id, Some(documents))]).await, Disposed::Done);
    assert_eq!(state(&house, two.id).await, LedgerState::Disposed);
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// Nothing can be read any more, from now on and after a restart, and nothing new is made of it; what else is there can, and
/// all is well.
pub async fn nothing_is_left_of_what_was_disposed_of(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let line = spread(&house, hanako).await;
    let of = Bytes::Known(line.record);
    let bytes = house.engine.seal_beside(&of, b"texts of its files").await.unwrap();
    let kept = NewTexts { of: TextsOf::Record(line.record), edition: 1, bytes };
    house.engine.post(Posting { texts: vec![kept], ..Posting::default() }).await.unwrap();
    assert!(house.engine.texts(line.record, 1).await.unwrap().is_some());
    house.engine.post(handed(&house, line.record)).await.unwrap();
    let beside = deliver(&house, 2).await;
    house.deliver().await;
    done(&house, line.id, house.taro, ask()).await;
    done(&house, line.id, hanako, CONFIRM).await;
    let gone = async |engine: &dyn crate::Engine| {
        assert!(matches!(engine.read(line.record, 0..u64::MAX).await, Err(StoreError::NotFound(_))));
        assert!(engine.texts(line.record, 1).await.ok().flatten().is_none());
        let places = engine.ledger_places(line.record).await.unwrap();
        assert!(places.copies.is_empty() && places.key_destroyed == Some(NOW));
        let line = engine.ledger_line(line.tenant, line.id).await.unwrap().unwrap();
        assert_eq!((line.state, line.subject.as_str()), (LedgerState::Disposed, ""));
        assert_eq!(engine.distinct_numbers(line.tenant, &[line.id]).await.unwrap(), 0);
        assert!(engine.read(beside.record, 0..u64::MAX).await.is_ok());
        let met = engine.records_after(RecordId(0), 99).await.unwrap();
        assert_eq!(met.len(), 2, "the two others");
        let told = engine.disposed_records(0, 9).await.unwrap();
        assert_eq!(told.iter().map(|row| (row.tenant, row.record)).collect::<Vec<_>>(), [(line.tenant, line.record)]);
        assert!(engine.disposed_records(told[0].seq, 9).await.unwrap().is_empty(), "each is told once");
        assert!(!met.iter().any(|row| row.record == line.record));
        assert_eq!(engine.verify(false).await.unwrap().damage, []);
    };
    gone(&*house.engine).await;
    let mut again = Posting::default();
    let bytes = Bytes::Known(line.record);
    again.mail(NewMail { tenant: house.tenant, bytes, summary: Vec::new(), sensitive: true });
    again.copies.push(house.copy(house.taro, "taro"));
    assert!(matches!(house.engine.post(again).await, Err(StoreError::NotFound(_))));
    house.engine.close().await.unwrap();
    gone(&*place.open().await).await;
}

/// Whoever looks meanwhile finds all copies and the mail, or none; what was read while it was there was the mail.
pub async fn nobody_sees_a_disposal_half_done(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    for _ in 0..10 {
        let line = spread(&house, hanako).await;
        let whole = house.engine.read(line.record, 0..u64::MAX).await.unwrap();
        done(&house, line.id, house.taro, ask()).await;
        let looking = async {
            loop {
                match house.engine.read(line.record, 0..u64::MAX).await {
                    Ok(bytes) => assert_eq!(bytes, whole),
                    Err(StoreError::NotFound(_)) => return,
                    Err(error) => panic!("{error}"),
                }
                let copies = house.engine.ledger_places(line.record).await.unwrap().copies.len();
                assert!(copies == 3 || copies == 0, "{copies}");
            }
        };
        tokio::join!(done(&house, line.id, hanako, CONFIRM), looking);
    }
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// What still waits to be decided stays until it is; then it goes, and the lists of what was sent and decided go on without it.
pub async fn mail_under_way_is_not_disposed_of(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let mut posting = Posting::default();
    posting.mail(house.mail("numbers").await);
    posting.submissions.push(house.submission(1, ParcelState::Held));
    posting.ledger.push(entered(&house, 1, LedgerKind::Sent));
    let posted = house.engine.post(posting).await.unwrap();
    let line = house.engine.ledger_of_record(posted.records[0]).await.unwrap().remove(0).id;
    assert_eq!(step(&house, line, house.taro, ask()).await.unwrap(), Disposed::UnderWay);
    let decision = crate::Decision {
        parcel: posted.parcels[0][0],
        expect: ParcelState::Held,
        to: ParcelState::Rejected,
        by: Some(hanako),
        by_deadline: false,
        comment: "no".into(),
        at: NOW,
    };
    house.engine.post(Posting { decisions: vec![decision], ..Posting::default() }).await.unwrap();
    done(&house, line, house.taro, ask()).await;
    done(&house, line, hanako, CONFIRM).await;
    let sendings = house.engine.sendings(crate::SendingsOf::Tenant(house.tenant), None, 9).await.unwrap();
    assert!(sendings[0].summary.is_empty(), "what was sent is listed without a word of it");
    assert!(house.engine.case(posted.parcels[0][0]).await.unwrap().is_some());
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// A link leads nowhere any more, and of the forms in which a mail left nothing can be read.
pub async fn links_and_forms_end_with_their_mail(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let link = super::links::made(&house, 1, "a@yamada.example", super::links::TOKEN).await;
    let record = link.submission.record;
    let form = house.engine.seal_beside(&Bytes::Known(record), b"another form").await.unwrap();
    let mut posting = Posting::default();
    let bytes = Bytes::New(form);
    let mail = posting.mail(NewMail { tenant: house.tenant, bytes, summary: Vec::new(), sensitive: true });
    let parcel = crate::ParcelRef::Known(link.parcel);
    posting.variant(crate::NewVariant {
        parcel,
        mail: Some(mail),
        prefix: b"X-Note: word\r\n".to_vec(),
        cuts: Vec::new(),
    });
    posting.ledger.push(crate::NewLedgerLine { of: TextsOf::Record(record), ..entered(&house, 1, LedgerKind::Sent) });
    let form = house.engine.post(posting).await.unwrap().records[0];
    assert_eq!(&house.engine.read(form, 0..99).await.unwrap()[..], b"another form");
    let line = house.engine.ledger_of_record(record).await.unwrap().remove(0);
    assert_eq!(line.subject, "●●●● の件");
    done(&house, line.id, house.taro, ask()).await;
    done(&house, line.id, hanako, CONFIRM).await;
    let stopped = house.engine.link(link.id).await.unwrap().unwrap().stopped;
    assert!(stopped.is_some());
    // its sender does not bring it back, and what proves that nothing was taken names the moment at which it ended
    let more = crate::LinkChange::Extend { expires: types::Timestamp(i64::MAX), downloads: 9 };
    let refused = house.engine.change_link(link.id, more, types::Timestamp(NOW.0 + 1)).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(house.engine.link(link.id).await.unwrap().unwrap().stopped, stopped);
    assert!(house.engine.read(form, 0..99).await.is_err());
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// What approvers wrote and other servers answered goes with the mail; who decided, what happened and to whom it went stays.
pub async fn what_was_written_about_a_mail_goes_with_it(place: &dyn Place) {
    const WORDS: &str = "山田の源泉徴収票";
    let house = House::build(place).await;
    let (hanako, jiro) = (house.person("hanako").await, house.person("jiro").await);
    let mut posting = Posting::default();
    posting.mail(house.mail("numbers").await);
    let mut submission = house.submission(1, ParcelState::Held);
    submission.reply = Some(types::Reply::bare(250, WORDS));
    let recipient = submission.to[0].clone();
    posting.submissions.push(submission);
    posting.ledger.push(entered(&house, 1, LedgerKind::Sent));
    let (submission, parcel) = (crate::SubmissionRef::New(0), Some(crate::ParcelRef::New(0, 0)));
    for event in ["parcel.held", "parcel.zipped"] {
        let detail = format!("{WORDS} {event}");
        posting.trail.push(crate::NewTrail { submission, parcel, at: NOW, event, detail, for_sender: true });
    }
    let posted = house.engine.post(posting).await.unwrap();
    let parcel = posted.parcels[0][0];
    let consent = crate::NewConsent { parcel, by: jiro, seat: jiro, comment: WORDS.into(), at: NOW, before: 0 };
    let (expect, to) = (ParcelState::Held, ParcelState::Released);
    let decision =
        crate::Decision { parcel, expect, to, by: Some(hanako), by_deadline: false, comment: WORDS.into(), at: NOW };
    house.engine.post(Posting { consents: vec![consent], ..Posting::default() }).await.unwrap();
    let (demands, parcel_ref) = (crate::Demands::default(), crate::ParcelRef::Known(parcel));
    let row = crate::NewQueueRow {
        parcel: parcel_ref,
        variant: None,
        demands,
        recipient: recipient.clone(),
        due: NOW,
        expires: types::Timestamp(i64::MAX),
    };
    house.engine.post(Posting { decisions: vec![decision], queue: vec![row], ..Posting::default() }).await.unwrap();
    let claimed = house.engine.claim(9, NOW, types::Timestamp(NOW.0 + 60_000)).await.unwrap();
    let answer = format!("550 no such thing: {WORDS}");
    let attempt = crate::Attempt { id: claimed[0].row.id, at: NOW, outcome: crate::Outcome::Failed, answer, way: None };
    house.engine.post(Posting { attempts: vec![attempt], ..Posting::default() }).await.unwrap();
    // and at another time it is taken, by a server that likes brackets
    let (version, cipher) = ("TLS1.3", "TLS_AES_256_GCM_SHA384".to_owned());
    let ways = [
        crate::Way::Tls { version, cipher: cipher.clone(), proved: Some("mx.minato.example".into()) },
        crate::Way::Tls { version, cipher, proved: None },
        crate::Way::Clear,
    ];
    for way in ways {
        let answer = format!("mx: 250 [ok] {WORDS} [no TLS]");
        let (id, outcome) = (claimed[0].row.id, crate::Outcome::Delivered);
        let attempt = crate::Attempt { id, at: NOW, outcome, answer, way: Some(way) };
        house.engine.post(Posting { attempts: vec![attempt], ..Posting::default() }).await.unwrap();
    }
    let all = crate::QueueFilter { all: true, ..crate::QueueFilter::default() };
    let all_words = async || {
        let case = house.engine.case(parcel).await.unwrap().unwrap();
        let trail = house.engine.trail(posted.submissions[0]).await.unwrap();
        let queue = house.engine.queue(None, &all).await.unwrap();
        (format!("{case:?} {trail:?} {queue:?}"), case, trail)
    };
    let (before, ..) = all_words().await;
    assert!(before.matches(WORDS).count() >= 7, "{before}");
    let line = house.engine.ledger_of_record(posted.records[0]).await.unwrap().remove(0).id;
    done(&house, line, house.taro, ask()).await;
    done(&house, line, hanako, CONFIRM).await;
    let (after, case, trail) = all_words().await;
    assert_eq!(after.matches(WORDS).count(), 1, "only what the server itself says of a ZIP: {after}");
    let approval = case.part.approval.unwrap();
    assert_eq!((approval.decided.unwrap().by, approval.consents[0].by), (Some(hanako), jiro));
    let failed = trail.iter().find(|line| line.event == "queue.failed").unwrap();
    assert_eq!(failed.detail, recipient.to_string());
    let taken = trail.iter().filter(|line| line.event == "queue.delivered").map(|line| line.detail.as_str());
    let ways = [
        "[TLS1.3 TLS_AES_256_GCM_SHA384, mx.minato.example proved its name]",
        "[TLS1.3 TLS_AES_256_GCM_SHA384, name not proved]",
        "[no TLS]",
    ];
    assert_eq!(
        taken.collect::<Vec<_>>(),
        ways.map(|way| format!("{recipient}: {way}")),
        "how it was kept from others stays"
    );
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}
