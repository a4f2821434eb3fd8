//! Promises about a company's policies: what two people change at the same time is all kept.

use types::{Domain, PARTNERS_MOST, Policies, PolicyChange, Safeguard, TenantId};

use super::house::NOW;
use super::{House, Place};
use crate::{AuditFilter, Change, StoreError};

async fn change(house: &House, tenant: TenantId, changes: Vec<PolicyChange>) -> Result<(), StoreError> {
    let change = Change::ChangePolicies { tenant, changes };
    house.engine.change_directory(change, Some(house.taro), NOW).await.map(drop)
}

fn partner(n: usize) -> Domain {
    Domain::parse(&format!("p{n}.example")).unwrap()
}

fn policies(house: &House) -> Policies {
    house.engine.directory().tenants[&house.tenant].policies.clone()
}

/// Two administrators and a command change policies at once, none of whom has seen the others' changes: each is kept, and the last row
/// of the audit log says how all of them stand.
pub async fn policies_that_are_changed_at_once_are_all_kept(place: &dyn Place) {
    let house = House::build(place).await;
    let of = |changes| change(&house, house.tenant, changes);
    let (one, two, three) = tokio::join!(
        of(vec![PolicyChange::Partner(partner(1), Some(Safeguard::Zip))]),
        of(vec![PolicyChange::Partner(partner(2), Some(Safeguard::Link)), PolicyChange::ApproversNeedDeputy(false)]),
        of(vec![PolicyChange::LedgerYears(Some(7))]),
    );
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    let expected = Policies {
        partners: [(partner(1), Safeguard::Zip), (partner(2), Safeguard::Link)].into(),
        approvers_need_deputy: false,
        ledger_years: Some(7),
        ..Policies::default()
    };
    assert_eq!(policies(&house), expected);
    of(vec![PolicyChange::Partner(partner(1), None)]).await.unwrap();
    let filter = AuditFilter { event: "policies.changed".into(), ..AuditFilter::default() };
    let rows = house.engine.audit_log(Some(house.tenant), &filter, None, 9).await.unwrap().rows;
    assert_eq!((rows.len(), rows[0].actor), (4, Some(house.taro)));
    let said = &rows[0].detail;
    assert!(
        said.contains("p2.example") && !said.contains("p1.example") && said.contains("\"ledger_years\":7"),
        "{said}"
    );
}

/// A change that cannot be made leaves all as it was.
pub async fn policies_are_changed_as_a_whole_or_not_at_all(place: &dyn Place) {
    let house = House::build(place).await;
    let many = (0..=PARTNERS_MOST).map(|n| PolicyChange::Partner(partner(n), Some(Safeguard::Tls))).collect();
    assert!(matches!(change(&house, house.tenant, many).await, Err(StoreError::Invalid(_))));
    assert_eq!(policies(&house), Policies::default());
    let elsewhere = change(&house, TenantId(i64::MAX), vec![PolicyChange::MailPasswords(true)]).await;
    assert!(matches!(elsewhere, Err(StoreError::NotFound(_))), "{elsewhere:?}");
}
