//! Promises about figures: what became of mail to the outside is counted with its posting, whole or not at all, and the mails behind a figure are
//! found; what is known of a 委託先 reads back.

use types::{TenantId, Timestamp};

use super::house::NOW;
use super::{House, Place};
use crate::{
    AuditFilter, Decision, HeldFigures, NewOutward, OutwardFate, OutwardFigures, OutwardFilter, ParcelState, Partner,
    PartnerChange, Posting, StoreError, SubmissionRef,
};

fn at(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1_000)
}

async fn judged(house: &House, number: u8, fate: OutwardFate, rules: &[&str]) {
    let mut posting = Posting::default();
    posting.mail(house.mail("to the outside").await);
    let state = if fate == OutwardFate::Held { ParcelState::Held } else { ParcelState::Released };
    posting.submissions.push(house.submission(number, state));
    let rules = rules.iter().map(|code| (*code).to_owned()).collect();
    let (tenant, submission) = (house.tenant, SubmissionRef::New(0));
    posting.outward.push(NewOutward { submission, tenant, at: at(i64::from(number)), fate, rules });
    house.engine.post(posting).await.unwrap();
}

/// By fate, since a moment, with the rules that stopped most; the mails behind them page by page, the newest first; nothing of another company.
pub async fn mail_to_the_outside_is_counted(place: &dyn Place) {
    use OutwardFate::{Asked, Blocked, Deleted, Held, Sent};
    let house = House::build(place).await;
    let stopped: [(u8, OutwardFate, &[&str]); 7] = [
        (1, Sent, &[]),
        (2, Held, &["A", "B"]),
        (3, Blocked, &["A"]),
        (4, Deleted, &["C"]),
        (5, Asked, &["D"]),
        (6, Held, &["B"]),
        (7, Sent, &[]),
    ];
    for (number, fate, rules) in stopped {
        judged(&house, number, fate, rules).await;
    }
    let figures = house.engine.outward_figures(house.tenant, NOW).await.unwrap();
    let rules = [("A", 2), ("B", 2), ("C", 1)].map(|(code, n)| (code.to_owned(), n));
    let expected = OutwardFigures { sent: 2, asked: 1, held: 2, blocked: 1, deleted: 1, rules: rules.into() };
    assert_eq!((&figures, figures.all(), figures.stopped()), (&expected, 7, 4));
    let later = house.engine.outward_figures(house.tenant, at(4)).await.unwrap();
    assert_eq!((later.all(), later.stopped(), later.rules.len()), (4, 2, 2));
    let elsewhere = TenantId(i64::MAX);
    assert_eq!(house.engine.outward_figures(elsewhere, NOW).await.unwrap(), OutwardFigures::default());
    let listed = async |tenant, fates: &[OutwardFate], since: Option<i64>, rule: &str| {
        let filter = OutwardFilter { fates: fates.to_vec(), since: since.map(at), rule: rule.into() };
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let page = house.engine.outward_page(tenant, &filter, before, 2).await.unwrap();
            let Some(last) = page.last() else { return all };
            before = Some(last.submission.id);
            all.extend(page.iter().map(|one| one.submission.reference));
        }
    };
    let references =
        |numbers: &[u8]| numbers.iter().map(|n| types::Reference::from_random([*n, 1, 2, 3, 4])).collect::<Vec<_>>();
    let tenant = house.tenant;
    assert_eq!(listed(tenant, &OutwardFate::STOPPED, None, "").await, references(&[6, 4, 3, 2]));
    assert_eq!(listed(tenant, &OutwardFate::ALL, Some(2), "").await, references(&[7, 6, 5, 4, 3, 2]));
    assert_eq!(listed(tenant, &OutwardFate::STOPPED, None, "A").await, references(&[3, 2]));
    assert_eq!(listed(tenant, &[Asked], None, "").await, references(&[5]));
    assert_eq!(listed(elsewhere, &OutwardFate::ALL, None, "").await, []);
    // a posting that is not written counts nothing
    let nowhere = NewOutward { submission: SubmissionRef::New(7), tenant, at: NOW, fate: Sent, rules: Vec::new() };
    let refused = house.engine.post(Posting { outward: vec![nowhere], ..Posting::default() }).await;
    assert!(matches!(refused, Err(StoreError::Invalid(_))));
    assert_eq!(house.engine.outward_figures(tenant, NOW).await.unwrap(), figures);
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// What waits for a decision, and what of it though its deadline is over; what is decided is none of it.
pub async fn held_mail_is_counted_with_what_is_overdue(place: &dyn Place) {
    let house = House::build(place).await;
    for number in 1..=2 {
        judged(&house, number, OutwardFate::Held, &["A"]).await;
    }
    // the deadline of the house is NOW
    let figures = async |now: Timestamp| house.engine.held_figures(house.tenant, now).await.unwrap();
    assert_eq!(figures(Timestamp(NOW.0 - 1)).await, HeldFigures { waiting: 2, overdue: 0 });
    assert_eq!(figures(NOW).await, HeldFigures { waiting: 2, overdue: 2 });
    let page = house.engine.held_cases(house.tenant, None, 9).await.unwrap();
    let decision = Decision {
        parcel: page[0].part.id,
        expect: ParcelState::Held,
        to: ParcelState::Returned,
        by: Some(house.taro),
        by_deadline: false,
        comment: String::new(),
        at: at(5),
    };
    house.engine.post(Posting { decisions: vec![decision], ..Posting::default() }).await.unwrap();
    assert_eq!(figures(NOW).await, HeldFigures { waiting: 1, overdue: 1 });
    assert_eq!(house.engine.held_figures(TenantId(i64::MAX), NOW).await.unwrap(), HeldFigures::default());
}

/// What is known of a 委託先 reads back, is changed and goes, each with a row in the audit log; another company knows nothing of it.
pub async fn what_is_known_of_a_partner_reads_back(place: &dyn Place) {
    let house = House::build(place).await;
    let partner = Partner {
        entry: "zeirishi@tax.example".into(),
        name: "青葉税理士事務所".into(),
        contract: "2026-17".into(),
        since: Some(at(1)),
        until: Some(at(2)),
        checked: Some(at(3)),
        checked_by: Some(house.taro),
        note: "異常なし".into(),
        due: Some(at(4)),
    };
    let change = async |partner: Option<&Partner>, event| {
        let (tenant, entry, by) = (house.tenant, "zeirishi@tax.example".to_owned(), Some(house.taro));
        let change = PartnerChange { tenant, entry, partner: partner.cloned(), event, by, at: NOW };
        house.engine.change_partner(change).await.unwrap();
        house.engine.partners(house.tenant).await.unwrap()
    };
    assert_eq!(change(Some(&partner), "partner.changed").await, std::slice::from_ref(&partner));
    let anew = Partner { until: None, note: String::new(), ..partner };
    assert_eq!(change(Some(&anew), "partner.checked").await, [anew]);
    assert_eq!(house.engine.partners(TenantId(i64::MAX)).await.unwrap(), []);
    assert_eq!(change(None, "partner.removed").await, []);
    let filter = AuditFilter { event: "partner.".into(), ..AuditFilter::default() };
    let rows = house.engine.audit_log(Some(house.tenant), &filter, None, 9).await.unwrap().rows;
    let events: Vec<&str> = rows.iter().map(|row| row.event.as_str()).collect();
    assert_eq!(events, ["partner.removed", "partner.checked", "partner.changed"]);
    assert!(rows.iter().all(|row| row.subject == "zeirishi@tax.example" && row.actor == Some(house.taro)));
}
