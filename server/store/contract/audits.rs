//! Promises about the audit log as one list, and the rules' history.

use types::{TenantId, Timestamp, UserId};

use super::house::NOW;
use super::{House, Place};
use crate::{
    AuditFilter, AuditKey, AuditRow, AuditSource, Change, Demands, NewAudit, NewQueueRow, ParcelRef, ParcelState,
    Posting, QueueAction, QueueFilter, StoreError, UserChange,
};

fn at(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1_000)
}

/// Writes a row of what happened to mail.
async fn note(house: &House, tenant: Option<TenantId>, actor: Option<UserId>, event: &'static str, when: i64) {
    let (subject, detail) = (format!("7F3K-{when:04}"), format!("{{\"n\":{when}}}"));
    let audit = vec![NewAudit { tenant, actor, at: at(when), event, subject, detail }];
    house.engine.post(Posting { audit, ..Posting::default() }).await.unwrap();
}

/// Changes a person, which is a row of the directory's log.
async fn rename(house: &House, by: Option<UserId>, when: i64) {
    let change = UserChange { name: Some(format!("name {when}")), ..UserChange::default() };
    let change = Change::SetUser(house.taro, Box::new(change));
    house.engine.change_directory(change, by, at(when)).await.unwrap();
}

async fn pages(house: &House, tenant: Option<TenantId>, filter: &AuditFilter, most: u32) -> Vec<AuditRow> {
    let (mut rows, mut before): (Vec<AuditRow>, Option<AuditKey>) = (Vec::new(), None);
    loop {
        let page = house.engine.audit_log(tenant, filter, before, most).await.unwrap();
        assert!(page.rows.len() <= most as usize);
        rows.extend(page.rows);
        match page.next {
            Some(next) => before = Some(next),
            None => return rows,
        }
    }
}

fn events(rows: &[AuditRow]) -> Vec<(i64, &str)> {
    rows.iter().map(|row| ((row.key.at.0 - NOW.0) / 1_000, row.event.as_str())).collect()
}

/// Both logs are one list, newest first, page by page; another company's rows and the server's are not in it.
pub async fn both_logs_are_one_list(place: &dyn Place) {
    let house = House::build(place).await;
    let (here, elsewhere) = (Some(house.tenant), Some(TenantId(i64::MAX)));
    for when in 1..6 {
        note(&house, here, None, "parcel.held", when).await;
        rename(&house, None, when).await;
        note(&house, elsewhere, None, "parcel.elsewhere", when).await;
    }
    note(&house, here, None, "parcel.held", 3).await;
    note(&house, None, None, "server.started", 9).await;
    let since = AuditFilter { since: Some(at(1)), ..AuditFilter::default() };
    let (held, changed) = ("parcel.held", "user.changed");
    let expected = [
        (5, held),
        (5, changed),
        (4, held),
        (4, changed),
        (3, held),
        (3, held),
        (3, changed),
        (2, held),
        (2, changed),
        (1, held),
        (1, changed),
    ];
    for most in 1..=12 {
        assert_eq!(events(&pages(&house, here, &since, most).await), expected, "{most} a page");
    }
    assert_eq!(pages(&house, None, &since, 4).await.len(), 17);
    let rows = pages(&house, here, &since, 9).await;
    assert_eq!((rows[0].key.source, rows[0].detail.as_str()), (AuditSource::Mail, "{\"n\":5}"));
    assert_eq!((rows[1].key.source, rows[1].subject.clone()), (AuditSource::Directory, house.taro.to_string()));
}

/// By person, by the beginning of the event's name, by what it concerns, in a span of time.
pub async fn the_log_is_filtered(place: &dyn Place) {
    let house = House::build(place).await;
    let here = Some(house.tenant);
    let hanako = house.person("hanako").await;
    for (actor, event, when) in [
        (Some(hanako), "parcel.approved", 10),
        (Some(hanako), "queue.deleted", 20),
        (None, "parcel.expired", 30),
        (Some(house.taro), "parcels.odd", 40),
    ] {
        note(&house, here, actor, event, when).await;
    }
    rename(&house, Some(hanako), 25).await;
    let all = || AuditFilter { since: Some(at(1)), ..AuditFilter::default() };
    for most in [1, 2, 50] {
        let find = async |filter| -> Vec<i64> {
            let rows = pages(&house, here, &filter, most).await;
            events(&rows).iter().map(|(when, _)| *when).collect()
        };
        assert_eq!(find(AuditFilter { actor: Some(hanako), ..all() }).await, [25, 20, 10]);
        assert_eq!(find(AuditFilter { event: "parcel.".into(), ..all() }).await, [30, 10]);
        assert_eq!(find(AuditFilter { subject: "K-0020".into(), ..all() }).await, [20]);
        assert_eq!(find(AuditFilter { since: Some(at(20)), until: Some(at(30)), ..all() }).await, [25, 20]);
        assert_eq!(find(AuditFilter { subject: "%".into(), ..all() }).await, Vec::<i64>::new());
    }
}

/// What people do to the queue is in the log, of the company whose mail it was.
pub async fn what_people_do_to_the_queue_is_in_the_log(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = Posting::default();
    posting.mail(house.mail("released").await);
    posting.submissions.push(house.submission(1, ParcelState::Released));
    let (recipient, reference) = (posting.submissions[0].to[0].clone(), posting.submissions[0].reference);
    posting.queue.push(NewQueueRow {
        parcel: ParcelRef::New(0, 0),
        variant: None,
        demands: Demands::default(),
        recipient,
        due: NOW,
        expires: at(9_000),
    });
    house.engine.post(posting).await.unwrap();
    let filter = QueueFilter::default();
    let by = Some(house.taro);
    house.engine.control_queue(None, &filter, QueueAction::Hold, by, at(5)).await.unwrap();
    house.engine.control_queue(None, &filter, QueueAction::Hold, by, at(6)).await.unwrap();
    let rows =
        pages(&house, Some(house.tenant), &AuditFilter { event: "queue.".into(), ..AuditFilter::default() }, 9).await;
    assert_eq!(events(&rows), [(5, "queue.stopped")], "what touched nothing is not told");
    assert_eq!((rows[0].actor, rows[0].subject.clone()), (by, reference.to_string()));
    house.engine.control_queue(None, &filter, QueueAction::Delete, None, at(7)).await.unwrap();
    let sending = house.engine.sending(house.tenant, reference).await.unwrap().expect("the mail");
    let lines: Vec<_> = sending.trail.iter().map(|line| (line.event.as_str(), line.detail.as_str())).collect();
    let expected = [
        ("queue.stopped", "someone@elsewhere.example: taro@example.jp"),
        ("queue.deleted", "someone@elsewhere.example: sekisho queue"),
    ];
    assert_eq!(lines, expected, "and in the mail's timeline, with who did it");
    assert!(sending.trail.iter().all(|line| !line.for_sender));
}

/// Every version of the rules can be read again, with who and when; another company's cannot.
pub async fn the_rules_have_a_history(place: &dyn Place) {
    let house = House::build(place).await;
    for (text, by, when) in [("second", Some(house.taro), 5), ("third", None, 6)] {
        let reason = by.map(|_| "it was too strict".to_owned());
        let change = Change::SetRules { tenant: house.tenant, text: text.into(), by, reason, seen: None };
        house.engine.change_directory(change, by, at(when)).await.unwrap();
    }
    let versions = house.engine.rules_versions(house.tenant).await.unwrap();
    let found: Vec<_> = versions.iter().map(|version| (version.version, version.by, version.at)).collect();
    assert_eq!(found, [(3, None, at(6)), (2, Some(house.taro), at(5)), (1, None, NOW)]);
    let (second, text) = house.engine.rules_version(house.tenant, 2).await.unwrap().expect("version 2");
    assert_eq!((&second, text.as_str()), (&versions[1], "second"));
    let published = AuditFilter { event: "rules.published".into(), ..AuditFilter::default() };
    let rows = pages(&house, Some(house.tenant), &published, 9).await;
    assert_eq!(
        (events(&rows), rows[0].subject.as_str(), rows[0].actor),
        (vec![(5, "rules.published")], "2", Some(house.taro))
    );
    assert_eq!(rows[0].detail, r#"{"comment":"it was too strict"}"#);
    assert!(house.engine.rules_version(house.tenant, 4).await.unwrap().is_none());
    let other = TenantId(i64::MAX);
    assert!(house.engine.rules_version(other, 1).await.unwrap().is_none());
    assert!(house.engine.rules_versions(other).await.unwrap().is_empty());
    // whoever saw another version than the one in force changes nothing
    for seen in [0, 2, 4, 3, 3] {
        let text = format!("by who saw {seen}");
        let change = Change::SetRules { tenant: house.tenant, text, by: None, reason: None, seen: Some(seen) };
        let before = house.engine.rules_versions(house.tenant).await.unwrap();
        let changed = house.engine.change_directory(change, None, at(7)).await;
        let after = house.engine.rules_versions(house.tenant).await.unwrap();
        match changed {
            Ok(_) => assert_eq!((seen, before.len(), after.len()), (3, 3, 4)),
            Err(refused) => {
                assert!(matches!(refused, StoreError::Conflict(_)), "{refused}");
                assert_eq!(before, after);
            }
        }
    }
    assert_eq!(house.engine.rules_version(house.tenant, 4).await.unwrap().expect("version 4").1, "by who saw 3");
}
