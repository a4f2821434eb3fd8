//! Promises about the ledger of specified personal information: lines and acts come with what they tell of, whole or
//! not at all; they can be found; where a mail lies is known at the moment of asking.

use types::{Address, LedgerId, Reference, TenantId, Timestamp};

use super::house::{NOW, address, set};
use super::{House, Place};
use crate::{
    AuditFilter, Classified, Decision, LedgerAct, LedgerDocuments, LedgerDue, LedgerFigures, LedgerFilter,
    LedgerKeeper, LedgerKind, LedgerLine, LedgerState, MailboxRole, NewConsent, NewLedgerAct, NewLedgerLine,
    ParcelState, Posting, QueueState, StoreError, SubmissionRef, TextsOf,
};

fn at(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1_000)
}

/// A line about mail 0 of a posting.
pub fn entered(house: &House, number: u8, kind: LedgerKind) -> NewLedgerLine {
    NewLedgerLine {
        of: TextsOf::Mail(0),
        tenant: house.tenant,
        at: at(i64::from(number)),
        kind,
        reference: Reference::from_random([number, 9, 9, 9, 9]),
        submission: None,
        author: None,
        from: Address::parse("Yamada@Minato.example").ok(),
        to: vec![address("taro")],
        subject: "●●●● の件".into(),
        certain: 2,
        likely: 1,
        fingerprints: ["aa", "bb", "cc"].map(str::to_owned).into(),
        rules: vec!["MN-IN".into()],
        outcome: String::new(),
        documents: None,
    }
}

/// Delivers a mail to Taro that is entered in the same posting; its line.
pub(super) async fn deliver(house: &House, number: u8) -> LedgerLine {
    let mut posting = Posting::default();
    posting.mail(house.mail("numbers").await);
    posting.copies.push(house.copy(house.taro, "taro"));
    posting.ledger.push(entered(house, number, LedgerKind::Acquired));
    let record = house.engine.post(posting).await.unwrap().records[0];
    house.engine.ledger_of_record(record).await.unwrap().remove(0)
}

async fn acts(house: &House, line: LedgerId) -> Vec<LedgerAct> {
    house.engine.ledger_history(line).await.unwrap().iter().map(|entry| entry.act).collect()
}

async fn found(house: &House, filter: LedgerFilter) -> Vec<i64> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = house.engine.ledger_page(house.tenant, &filter, before, 2).await.unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { return all };
        before = Some(last.id);
        all.extend(page.iter().map(|line| (line.at.0 - NOW.0) / 1_000));
    }
}

/// A line reads back with the mail that it came with; another company has none of it, and it lasts.
pub async fn a_line_comes_with_its_mail(place: &dyn Place) {
    let house = House::build(place).await;
    let line = deliver(&house, 1).await;
    let new = entered(&house, 1, LedgerKind::Acquired);
    assert_eq!((line.tenant, line.at, line.kind, line.reference), (new.tenant, new.at, new.kind, new.reference));
    assert_eq!(
        (&line.from, &line.to, &line.subject, line.state),
        (&new.from, &new.to, &new.subject, LedgerState::Kept)
    );
    assert_eq!((line.certain, line.likely, &line.rules), (2, 1, &new.rules));
    assert_eq!(house.engine.ledger_line(house.tenant, line.id).await.unwrap().as_ref(), Some(&line));
    assert!(house.engine.ledger_line(TenantId(i64::MAX), line.id).await.unwrap().is_none());
    let refused = Posting { ledger: vec![entered(&house, 2, LedgerKind::Sent)], ..Posting::default() };
    assert!(matches!(house.engine.post(refused).await, Err(StoreError::Invalid(_))), "a line of no mail");
    let (tenant, id) = (house.tenant, line.id);
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
    house.engine.close().await.unwrap();
    let again = place.open().await;
    assert_eq!(again.ledger_line(tenant, id).await.unwrap(), Some(line));
    assert_eq!(again.ledger_history(id).await.unwrap().len(), 1);
}

/// Acts follow each other in the company's chain, on mail that is in the ledger; on other mail they are nothing.
pub async fn acts_are_added_to_the_lines_of_their_mail(place: &dyn Place) {
    let house = House::build(place).await;
    let (one, other) = (deliver(&house, 1).await, deliver(&house, 2).await);
    let act = |record, act, actor| NewLedgerAct { record, at: at(9), act, actor, detail: "reason".into() };
    let mut posting = Posting::default();
    posting.ledger_acts.push(act(one.record, LedgerAct::Opened, Some(house.taro)));
    posting.ledger_acts.push(act(types::RecordId(i64::MAX), LedgerAct::Opened, None));
    posting.ledger_acts.push(act(one.record, LedgerAct::HandedOver, None));
    house.engine.post(posting).await.unwrap();
    assert_eq!(acts(&house, one.id).await, [LedgerAct::Entered, LedgerAct::Opened, LedgerAct::HandedOver]);
    assert_eq!(acts(&house, other.id).await, [LedgerAct::Entered]);
    let history = house.engine.ledger_history(one.id).await.unwrap();
    assert_eq!(history.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 3, 4]);
    assert_eq!((history[1].actor, history[1].detail.as_str(), history[1].at), (Some(house.taro), "reason", at(9)));
    let state = house.engine.ledger_line(house.tenant, one.id).await.unwrap().unwrap().state;
    assert_eq!(state, LedgerState::HandedOver);
}

/// A decision about a held mail is in its line's history, in the transaction that decides.
pub async fn decisions_are_acts(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = Posting::default();
    posting.mail(house.mail("numbers").await);
    posting.submissions.push(house.submission(1, ParcelState::Held));
    let mut line = entered(&house, 1, LedgerKind::Sent);
    line.submission = Some(SubmissionRef::New(0));
    posting.ledger.push(line);
    let posted = house.engine.post(posting).await.unwrap();
    let line = house.engine.ledger_of_record(posted.records[0]).await.unwrap().remove(0);
    assert_eq!(line.submission, Some(posted.submissions[0]));
    let places = house.engine.ledger_places(line.record).await.unwrap();
    assert!(places.is_under_way() && places.parcels[0].0 == ParcelState::Held);
    let decision = Decision {
        parcel: posted.parcels[0][0],
        expect: ParcelState::Held,
        to: ParcelState::Returned,
        by: Some(house.taro),
        by_deadline: false,
        comment: "no".into(),
        at: at(5),
    };
    // one of two approvals, before somebody returns it
    let (parcel, jiro) = (decision.parcel, house.person("jiro").await);
    let consent = NewConsent { parcel, by: jiro, seat: jiro, comment: String::new(), at: at(4), before: 0 };
    house.engine.post(Posting { consents: vec![consent], ..Posting::default() }).await.unwrap();
    for decided in [true, false] {
        let posting = Posting { decisions: vec![decision.clone()], ..Posting::default() };
        assert_eq!(house.engine.post(posting).await.is_ok(), decided);
    }
    let history = house.engine.ledger_history(line.id).await.unwrap();
    let told: Vec<_> = history.iter().map(|entry| (entry.act, entry.actor, entry.at)).collect();
    let returned = (LedgerAct::Returned, Some(house.taro), at(5));
    assert_eq!(told[1..], [(LedgerAct::Approved, Some(jiro), at(4)), returned]);
    assert!(!house.engine.ledger_places(line.record).await.unwrap().is_under_way());
}

/// What is let go at the deadline was approved by nobody, and its line says so; at the machine's own console it was approved.
pub async fn what_its_deadline_lets_go_was_approved_by_nobody(place: &dyn Place) {
    let house = House::build(place).await;
    let to = ParcelState::Released;
    for (number, by_deadline, act) in [(1, true, LedgerAct::SentAtDeadline), (2, false, LedgerAct::Approved)] {
        let mut posting = Posting::default();
        posting.mail(house.mail("numbers").await);
        posting.submissions.push(house.submission(number, ParcelState::Held));
        let mut line = entered(&house, number, LedgerKind::Sent);
        line.submission = Some(SubmissionRef::New(0));
        posting.ledger.push(line);
        let posted = house.engine.post(posting).await.unwrap();
        let (parcel, expect) = (posted.parcels[0][0], ParcelState::Held);
        let decision = Decision { parcel, expect, to, by: None, by_deadline, comment: String::new(), at: at(5) };
        house.engine.post(Posting { decisions: vec![decision], ..Posting::default() }).await.unwrap();
        let line = house.engine.ledger_of_record(posted.records[0]).await.unwrap().remove(0);
        let last = house.engine.ledger_history(line.id).await.unwrap().pop().unwrap();
        assert_eq!((last.act, last.actor, last.at, line.state), (act, None, at(5), LedgerState::Kept));
    }
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// By span of time, by person in any case, by kind, by state; page by page, newest first.
pub async fn the_ledger_is_searched_in_pages(place: &dyn Place) {
    let house = House::build(place).await;
    let mut last = None;
    for number in 1..=5 {
        last = Some(deliver(&house, number).await);
    }
    let mut posting = Posting::default();
    posting.mail(house.mail("sent").await);
    posting.ledger.push(NewLedgerLine { from: None, to: Vec::new(), ..entered(&house, 6, LedgerKind::Sent) });
    let record = last.unwrap().record;
    let handed = NewLedgerAct { record, at: at(9), act: LedgerAct::HandedOver, actor: None, detail: String::new() };
    posting.ledger_acts.push(handed);
    house.engine.post(posting).await.unwrap();
    let all = LedgerFilter::default;
    assert_eq!(found(&house, all()).await, [6, 5, 4, 3, 2, 1]);
    assert_eq!(found(&house, LedgerFilter { since: Some(at(2)), until: Some(at(4)), ..all() }).await, [3, 2]);
    assert_eq!(found(&house, LedgerFilter { person: " YAMADA@minato ".into(), ..all() }).await, [5, 4, 3, 2, 1]);
    assert_eq!(found(&house, LedgerFilter { person: "%".into(), ..all() }).await, Vec::<i64>::new());
    assert_eq!(found(&house, LedgerFilter { kind: Some(LedgerKind::Sent), ..all() }).await, [6]);
    assert_eq!(found(&house, LedgerFilter { state: Some(LedgerState::HandedOver), ..all() }).await, [5]);
    assert_eq!(found(&house, LedgerFilter { resting: true, until: Some(at(3)), ..all() }).await, [2, 1]);
}

/// The kind of a line's documents comes with it or is given later, each time with an entry that says the same; it is found by it, by what is
/// due, and in the order in which periods end. Of what is disposed of it is not changed any more.
pub async fn documents_have_a_kind_and_an_end_of_their_period(place: &dyn Place) {
    let house = House::build(place).await;
    let of = |due: Option<i64>, proposed| LedgerDocuments {
        kind: "扶養控除等申告書".into(),
        stated: None,
        due: due.map(at),
        proposed,
    };
    let mut posting = Posting::default();
    posting.mail(house.mail("declaration").await);
    let documents = Some(of(Some(100), true));
    posting.ledger.push(NewLedgerLine { documents: documents.clone(), ..entered(&house, 1, LedgerKind::Acquired) });
    let record = house.engine.post(posting).await.unwrap().records[0];
    let one = house.engine.ledger_of_record(record).await.unwrap().remove(0);
    assert_eq!(one.documents, documents);
    let (two, three) = (deliver(&house, 2).await.id, deliver(&house, 3).await.id);
    let none = deliver(&house, 4).await.id;
    let classify = async |lines: Vec<(LedgerId, Option<LedgerDocuments>)>| {
        let classified = Classified { tenant: house.tenant, lines, by: Some(house.taro), at: at(9) };
        house.engine.classify(classified).await
    };
    let stated = LedgerDocuments { stated: Some(at(7)), ..of(Some(50), false) };
    classify(vec![(two, Some(stated.clone())), (three, Some(of(None, false)))]).await.unwrap();
    let history = house.engine.ledger_history(two).await.unwrap();
    let last = history.last().unwrap();
    assert_eq!((last.act, last.actor, last.at), (LedgerAct::Classified, Some(house.taro), at(9)));
    let said = ["扶養控除等申告書".to_owned(), format!("\"stated\":{}", at(7).0), format!("\"due\":{}", at(50).0)];
    assert!(said.iter().all(|word| last.detail.contains(word)), "{}", last.detail);
    let filter = AuditFilter { event: "ledger.classified".into(), ..AuditFilter::default() };
    assert_eq!(house.engine.audit_log(Some(house.tenant), &filter, None, 9).await.unwrap().rows.len(), 1);
    let missing = classify(vec![(two, None), (LedgerId(i64::MAX), None)]).await;
    assert!(matches!(missing, Err(StoreError::NotFound(_))));
    let line = house.engine.ledger_line(house.tenant, two).await.unwrap().unwrap();
    assert_eq!(line.documents, Some(stated), "all of them or none");
    let all = LedgerFilter::default;
    let kind = LedgerFilter { documents: Some("扶養控除等申告書".into()), ..all() };
    assert_eq!(found(&house, kind.clone()).await, [3, 2, 1]);
    assert_eq!(found(&house, LedgerFilter { by_due: true, ..all() }).await, [2, 1]);
    assert_eq!(found(&house, LedgerFilter { by_due: true, since: Some(at(2)), ..kind }).await, [2]);
    let due = |now: i64, before: Option<i64>, unseen| LedgerDue { now: at(now), before: before.map(at), unseen };
    let cases: [(LedgerDue, &[i64]); 6] = [
        (due(49, None, false), &[]),
        (due(50, None, false), &[2]),
        (due(100, None, false), &[2, 1]),
        (due(100, None, true), &[2]),
        (due(100, Some(2), true), &[2, 1]),
        (due(50, Some(5), false), &[4, 2]),
    ];
    for (due, expected) in cases {
        assert_eq!(found(&house, LedgerFilter { due: Some(due), ..all() }).await, expected, "{due:?}");
        let figures = house.engine.ledger_figures(house.tenant, LedgerDue { unseen: false, ..due }).await.unwrap();
        let LedgerFigures { of_kinds, aged } = figures;
        assert!(due.unseen || of_kinds + aged == expected.len() as u64, "{due:?} {figures:?}");
    }
    assert_eq!(
        house.engine.ledger_figures(TenantId(i64::MAX), due(100, Some(9), false)).await.unwrap(),
        LedgerFigures::default()
    );
    // what is not due any more when its turn comes stays; what is gone keeps its kind
    let by_rule = async |line, due| {
        let seen = vec![(line, house.engine.ledger_line(house.tenant, line).await.unwrap().unwrap().documents)];
        let step = crate::DisposalStep::ByRule { years: Some(7), due, seen };
        let disposal = crate::Disposal { tenant: house.tenant, line, step, by: None, at: at(100) };
        house.engine.dispose(disposal).await.unwrap()
    };
    let kept = crate::Disposed::OtherState(LedgerState::Kept);
    for (line, due) in
        [(one.id, due(100, None, true)), (three, due(100, Some(9), true)), (none, due(100, Some(4), true))]
    {
        assert_eq!(by_rule(line, due).await, kept, "{line:?}");
    }
    assert_eq!(by_rule(two, due(100, None, true)).await, crate::Disposed::Done);
    let gone = house.engine.ledger_history(two).await.unwrap().pop().unwrap();
    assert!(gone.detail.contains("扶養控除等申告書") && gone.detail.contains("\"rule_years\":null"), "{}", gone.detail);
    assert!(matches!(classify(vec![(two, None)]).await, Err(StoreError::NotFound(_))));
    classify(vec![(one.id, None)]).await.unwrap();
    assert_eq!(house.engine.ledger_line(house.tenant, one.id).await.unwrap().unwrap().documents, None);
    assert_eq!(found(&house, LedgerFilter { by_due: true, ..all() }).await, Vec::<i64>::new());
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// Copies in all mailboxes of everybody, wherever they were moved, and what waits in the queue.
pub async fn where_a_mail_lies_is_known(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let mut posting = Posting::default();
    posting.mail(house.mail("numbers").await);
    posting.copies = vec![house.copy(house.taro, "taro"), house.copy(hanako, "hanako")];
    posting.submissions.push(house.submission(1, ParcelState::Released));
    let recipient = posting.submissions[0].to[0].clone();
    posting.queue.push(crate::NewQueueRow {
        parcel: crate::ParcelRef::New(0, 0),
        recipient: recipient.clone(),
        due: NOW,
        expires: at(9),
        variant: None,
        demands: crate::Demands::default(),
    });
    posting.ledger.push(entered(&house, 1, LedgerKind::Sent));
    let record = house.engine.post(posting).await.unwrap().records[0];
    let deep = house.engine.create_mailbox(house.taro, "書類/年末調整", None).await.unwrap().id;
    let inbox = house.id("INBOX").await;
    let uids = set(&house.uids(inbox).await);
    house.engine.copy(house.taro, inbox, &uids, deep, NOW).await.unwrap();
    let places = house.engine.ledger_places(record).await.unwrap();
    let copies: Vec<_> = places.copies.iter().map(|copy| (copy.owner, copy.name.as_str(), copy.messages)).collect();
    let (taro, hanako) = (LedgerKeeper::Person(house.taro), LedgerKeeper::Person(hanako));
    assert_eq!(copies, [(taro, "INBOX", 1), (taro, "書類/年末調整", 1), (hanako, "INBOX", 1)]);
    let roles: Vec<_> = places.copies.iter().map(|copy| copy.role).collect();
    assert_eq!(roles, [Some(MailboxRole::Inbox), None, Some(MailboxRole::Inbox)]);
    assert_eq!(places.queued, [(QueueState::Waiting, recipient)]);
    assert!(places.is_under_way());
    house.engine.remove(house.taro, deep, &set(&house.uids(deep).await), NOW).await.unwrap();
    assert_eq!(house.engine.ledger_places(record).await.unwrap().copies.len(), 2);
    assert!(house.engine.ledger_places(types::RecordId(0)).await.unwrap().copies.is_empty());
}

/// The same number in two mails counts once, and only lines of the company count; its key is its own and stays.
pub async fn a_number_is_counted_once(place: &dyn Place) {
    let house = House::build(place).await;
    let one = deliver(&house, 1).await;
    let mut posting = Posting::default();
    posting.mail(house.mail("more").await);
    let fingerprints = ["cc", "dd"].map(str::to_owned).into();
    posting.ledger.push(NewLedgerLine { fingerprints, ..entered(&house, 2, LedgerKind::Acquired) });
    let record = house.engine.post(posting).await.unwrap().records[0];
    let other = house.engine.ledger_of_record(record).await.unwrap().remove(0);
    let count = async |tenant, lines: &[LedgerId]| house.engine.distinct_numbers(tenant, lines).await.unwrap();
    assert_eq!(count(house.tenant, &[one.id]).await, 3);
    assert_eq!(count(house.tenant, &[one.id, other.id]).await, 4);
    assert_eq!(count(TenantId(i64::MAX), &[one.id]).await, 0);
    let key = house.engine.fingerprint_key(house.tenant).await.unwrap();
    let tenant = house.tenant;
    house.engine.close().await.unwrap();
    let again = place.open().await;
    assert_eq!(again.fingerprint_key(tenant).await.unwrap(), key);
}

/// A recipient who takes a file by his link is an act of the line of the mail.
pub async fn a_download_by_link_is_an_act(place: &dyn Place) {
    let house = House::build(place).await;
    let link = super::links::made(&house, 1, "a@yamada.example", super::links::TOKEN).await;
    let record = link.submission.record;
    let mut posting = Posting::default();
    let line = NewLedgerLine { of: TextsOf::Record(record), ..entered(&house, 1, LedgerKind::Sent) };
    posting.ledger.push(line);
    house.engine.post(posting).await.unwrap();
    house.engine.begin_download(link.id, 1, super::links::from(), at(5)).await.unwrap();
    let line = house.engine.ledger_of_record(record).await.unwrap().remove(0);
    let history = house.engine.ledger_history(line.id).await.unwrap();
    assert_eq!((history[1].act, history[1].detail.as_str()), (LedgerAct::Downloaded, "a@yamada.example"));
}
