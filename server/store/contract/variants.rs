//! Promises about what is done at a release: parcels that remember it, and the forms in which they leave.

use std::time::Duration;

use types::{Address, Domain, HeaderLine, Timestamp, Treatment};

use super::house::NOW;
use super::{House, Place};
use crate::{
    Attempt, Bytes, Claimed, Demands, Exit, NewMail, NewParcel, NewQueueRow, NewVariant, Outcome, ParcelRef,
    ParcelState, Posted, Posting, QueueAction, QueueFilter, QueueState, StoreError, TextsOf, Way,
};

fn later(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

fn treatment() -> Treatment {
    let line = HeaderLine { name: "X-Class".into(), value: "社外秘".into() };
    Treatment { headers: [line].into(), hide_recipients: true, ..Treatment::default() }
}

/// A submission with one released parcel and its queue row.
async fn released(house: &House) -> Posting {
    let mut posting = Posting::default();
    posting.mail(house.mail("as it was written").await);
    let submission = house.submission(1, ParcelState::Released);
    let recipient = submission.to[0].clone();
    posting.submissions.push(submission);
    let parcel = ParcelRef::New(0, 0);
    posting.queue.push(NewQueueRow {
        parcel,
        variant: None,
        demands: Demands::default(),
        recipient,
        due: NOW,
        expires: later(9_000),
    });
    posting
}

/// The same in a form of these bytes, sealed beside the mail.
async fn changed(house: &House, bytes: &[u8]) -> Posting {
    let mut posting = released(house).await;
    let draft = house.engine.seal_beside(&posting.mails[0].bytes, bytes).await.unwrap();
    let (tenant, bytes) = (house.tenant, Bytes::New(draft));
    let mail = Some(posting.mail(NewMail { tenant, bytes, summary: Vec::new(), sensitive: true }));
    let form = NewVariant { parcel: ParcelRef::New(0, 0), mail, prefix: b"X: 1\r\n".to_vec(), cuts: Vec::new() };
    posting.queue[0].variant = Some(posting.variant(form));
    posting
}

async fn claimed(house: &House) -> Vec<Claimed> {
    house.engine.claim(9, NOW, later(60)).await.unwrap()
}

/// What is done at the release of a parcel is there for whoever asks, after its decision too.
pub async fn a_parcel_remembers_what_is_done_at_its_release(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = Posting::default();
    posting.mail(house.mail("held").await);
    let mut submission = house.submission(1, ParcelState::Held);
    let to = submission.to.clone();
    let plain = NewParcel::new(&Exit(()), to, ParcelState::Released, None, Vec::new());
    let held = submission.parcels.remove(0).treated(treatment());
    submission.parcels = vec![held, plain];
    posting.submissions.push(submission);
    let posted: Posted = house.engine.post(posting).await.unwrap();
    let parcels = house.engine.parcels(posted.submissions[0]).await.unwrap();
    assert_eq!((&parcels[0].treatment, &parcels[1].treatment), (&treatment(), &Treatment::default()));
    let held = house.engine.held_parcel(posted.parcels[0][0]).await.unwrap().expect("it is held");
    assert_eq!(held.parcel.treatment, treatment());
    assert_eq!(house.engine.held(None).await.unwrap()[0].parcel.treatment, treatment());
    let case = house.engine.case(posted.parcels[0][0]).await.unwrap().expect("its case");
    assert_eq!(case.part.treatment, treatment());
}

/// A claim carries the bytes, prefix and cuts of the row's form; rows without one those of the submission.
pub async fn a_queue_row_carries_the_form_in_which_it_goes(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = changed(&house, b"changed").await;
    let (parcel, recipient) = (ParcelRef::New(0, 0), posting.queue[0].recipient.clone());
    posting.submissions[0].prefix = b"Received: x\r\n".to_vec();
    let header = NewVariant { parcel, mail: None, prefix: b"X: 2\r\n".to_vec(), cuts: vec![0..9, 12..20] };
    let header = posting.variant(header);
    for variant in [Some(header), None] {
        let recipient = recipient.clone();
        posting.queue.push(NewQueueRow {
            parcel,
            variant,
            demands: Demands::default(),
            recipient,
            due: NOW,
            expires: later(9_000),
        });
    }
    house.engine.post(posting).await.unwrap();
    let rows = claimed(&house).await;
    let own = rows[2].record;
    let told: Vec<_> = rows.iter().map(|row| (row.prefix.as_slice(), row.cuts.as_slice())).collect();
    let (cuts, none) = ([0..9, 12..20], [].as_slice());
    assert_eq!(told, [(b"X: 1\r\n".as_slice(), none), (b"X: 2\r\n", &cuts), (b"Received: x\r\n", none)]);
    assert_eq!((rows[1].record, rows[0].record == own, rows[0].record_size), (own, false, 7));
    assert_eq!((rows[0].sensitive, rows[1].sensitive), (true, false));
    let forms: Vec<_> = rows.iter().map(|row| row.variant).collect();
    assert!(forms[0].is_some() && forms[1].is_some() && forms[0] != forms[1] && forms[2].is_none(), "{forms:?}");
    assert_eq!(&house.engine.read(rows[0].record, 0..u64::MAX).await.unwrap()[..], b"changed");
    let found = house.engine.verify(false).await.unwrap();
    assert_eq!(found.damage, [], "{found:?}");
}

/// Changed bytes are nobody's mail: the index does not see them, and they stand under the key of what they were made of.
pub async fn a_form_of_other_bytes_is_no_mail_of_its_own(place: &dyn Place) {
    let house = House::build(place).await;
    let posted = house.engine.post(changed(&house, b"changed").await).await.unwrap();
    let [own, other] = posted.records[..] else { panic!("two records: {posted:?}") };
    let seen = house.engine.records_after(types::RecordId(0), 10).await.unwrap();
    assert_eq!(seen.iter().map(|row| row.record).collect::<Vec<_>>(), [own]);
    // what is sealed beside one fits beside the other only when both have one key
    let bytes = house.engine.seal_beside(&Bytes::Known(other), b"texts").await.unwrap();
    let texts = vec![crate::NewTexts { of: TextsOf::Record(own), edition: 1, bytes }];
    house.engine.post(Posting { texts, ..Posting::default() }).await.unwrap();
}

/// A posting that names a form that is not there writes nothing.
pub async fn a_form_comes_with_its_posting_or_not_at_all(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = released(&house).await;
    posting.queue[0].variant = Some(0);
    let refused = house.engine.post(posting).await.unwrap_err();
    assert!(matches!(refused, StoreError::Invalid(_)), "{refused:?}");
    let mut posting = changed(&house, b"changed").await;
    posting.variants[0].mail = Some(7);
    assert!(house.engine.post(posting).await.is_err());
    assert!(claimed(&house).await.is_empty());
    house.engine.post(changed(&house, b"changed").await).await.unwrap();
    assert_eq!(claimed(&house).await.len(), 1);
}

/// A row says how it must go, and stops when that cannot be; by hand it goes on.
pub async fn a_queue_row_demands_its_way_and_stops_without_it(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = released(&house).await;
    let demands = Demands { verified_tls: true, route: Some("safe".into()) };
    posting.queue[0].demands = demands.clone();
    house.engine.post(posting).await.unwrap();
    let row = claimed(&house).await.remove(0);
    assert_eq!(row.demands, demands);
    let way = Some(Way::Clear);
    let attempt = Attempt { id: row.row.id, at: NOW, outcome: Outcome::Held, answer: "no TLS".into(), way };
    house.engine.post(Posting { attempts: vec![attempt], ..Posting::default() }).await.unwrap();
    let all = QueueFilter::default();
    let stopped = house.engine.queue(None, &all).await.unwrap().remove(0);
    assert_eq!((stopped.state, stopped.last_answer.as_str()), (QueueState::Held, "no TLS"));
    assert!(house.engine.claim(9, later(90_000), later(90_060)).await.unwrap().is_empty());
    let trail = house.engine.trail(row.submission).await.unwrap();
    assert!(trail.iter().any(|line| line.event == "queue.held" && line.for_sender), "{trail:?}");
    house.engine.control_queue(None, &all, QueueAction::Release, None, NOW).await.unwrap();
    assert_eq!(house.engine.claim(9, later(70), later(130)).await.unwrap()[0].demands, demands);
}

/// What attempts said of TLS is remembered for each domain, the last word of it, for as long as is asked.
pub async fn what_was_seen_of_tls_is_remembered_by_domain(place: &dyn Place) {
    let house = House::build(place).await;
    let domain = Domain::parse("elsewhere.example").unwrap();
    let other = Domain::parse("other.example").unwrap();
    let seen = async |since| house.engine.tls_seen(&[domain.clone(), other.clone()], since).await.unwrap();
    house.engine.post(released(&house).await).await.unwrap();
    let id = claimed(&house).await[0].row.id;
    assert_eq!(seen(NOW).await, []);
    let under_tls = || Way::Tls { version: "TLS1.3", cipher: "TLS_AES_128_GCM_SHA256".into(), proved: None };
    let clear = Some(Way::Clear);
    for (seconds, way, told) in
        [(0, Some(under_tls()), true), (10, None, true), (20, clear.clone(), false), (200_000, clear, false)]
    {
        let outcome = Outcome::Retry(later(900_000));
        let attempt = Attempt { id, at: later(seconds), outcome, answer: "x".into(), way };
        house.engine.post(Posting { attempts: vec![attempt], ..Posting::default() }).await.unwrap();
        assert_eq!(seen(NOW).await, [(domain.clone(), told)], "{seconds}");
    }
    assert_eq!(seen(later(200_000)).await, [(domain.clone(), false)]);
    assert_eq!(seen(later(200_001)).await, []);
    // a domain is one in the spelling of people and of machines; where both were spoken to, the worse word counts
    for (number, (spelling, way, told)) in [
        (1, ("xn--r8jz45g.jp", under_tls(), true)),
        (2, ("例え.jp", Way::Clear, false)),
        (3, ("xn--r8jz45g.jp", under_tls(), false)),
    ] {
        let mut posting = released(&house).await;
        let at = later(300_000 + u64::from(number));
        posting.submissions = vec![house.submission(10 + number, ParcelState::Released)];
        posting.queue[0].recipient = Address::parse(&format!("x@{spelling}")).unwrap();
        (posting.queue[0].due, posting.queue[0].expires) = (at, later(900_000));
        house.engine.post(posting).await.unwrap();
        let id = house.engine.claim(9, at, later(300_060)).await.unwrap().last().unwrap().row.id;
        let attempt = Attempt { id, at, outcome: Outcome::Delivered, answer: "x".into(), way: Some(way) };
        house.engine.post(Posting { attempts: vec![attempt], ..Posting::default() }).await.unwrap();
        for asked in ["例え.jp", "xn--r8jz45g.jp"].map(|text| Domain::parse(text).unwrap()) {
            let seen = house.engine.tls_seen(std::slice::from_ref(&asked), NOW).await.unwrap();
            assert_eq!(seen, [(asked, told)], "{number} {spelling}");
        }
    }
}
