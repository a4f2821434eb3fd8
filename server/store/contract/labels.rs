//! Promises about a company's own labels of numbers.

use super::house::NOW;
use super::{House, Place};
use crate::{AuditFilter, Change, Changed, LABELS_MOST, Label, StoreError};
use types::TenantId;

fn label(kind: &str, word: &str) -> Label {
    Label { kind: kind.to_owned(), word: word.to_owned() }
}

async fn change(house: &House, change: Change) -> Result<Changed, StoreError> {
    house.engine.change_directory(change, Some(house.taro), NOW).await
}

fn labels(house: &House, tenant: TenantId) -> Vec<Label> {
    house.engine.directory().labels.get(&tenant).map(|labels| labels.to_vec()).unwrap_or_default()
}

/// Labels are in the snapshot in the order in which they were added, each word once with its last kind; they are the
/// company's alone, and each change is in the audit log with its words.
pub async fn a_company_has_labels_of_its_own(place: &dyn Place) {
    let house = House::build(place).await;
    let add = Change::AddTenant { name: "other".into(), title: "Other".into(), rules: String::new() };
    let Changed::Tenant(other) = change(&house, add).await.unwrap() else { panic!("a tenant was expected") };
    let tenant = house.tenant;
    let first = vec![label("strong", "職員識別子"), label("negative", "個体識別番号")];
    change(&house, Change::AddLabels { tenant, labels: first.clone() }).await.unwrap();
    change(&house, Change::AddLabels { tenant: other, labels: vec![label("weak", "職員識別子")] }).await.unwrap();
    assert_eq!((labels(&house, tenant), labels(&house, other)), (first, vec![label("weak", "職員識別子")]));
    change(&house, Change::AddLabels { tenant, labels: vec![label("neutral", "職員識別子")] }).await.unwrap();
    change(&house, Change::RemoveLabels { tenant, words: vec!["個体識別番号".into()] }).await.unwrap();
    assert_eq!(labels(&house, tenant), [label("neutral", "職員識別子")]);
    let filter = AuditFilter { event: "labels.removed".into(), ..AuditFilter::default() };
    let log = house.engine.audit_log(Some(tenant), &filter, None, 10).await.unwrap();
    let rows: Vec<_> = log.rows.iter().map(|row| (row.detail.contains("個体識別番号"), row.actor)).collect();
    assert_eq!(rows, [(true, Some(house.taro))]);
    change(&house, Change::RemoveTenant(other)).await.unwrap();
    assert_eq!(labels(&house, other), []);
}

/// A change that names a label that is not there, or makes too many, changes nothing.
pub async fn labels_are_changed_as_a_whole_or_not_at_all(place: &dyn Place) {
    let house = House::build(place).await;
    let tenant = house.tenant;
    change(&house, Change::AddLabels { tenant, labels: vec![label("strong", "職員識別子")] }).await.unwrap();
    let words = vec!["職員識別子".to_owned(), "ない語".to_owned()];
    assert!(matches!(change(&house, Change::RemoveLabels { tenant, words }).await, Err(StoreError::NotFound(_))));
    let many = (0..LABELS_MOST).map(|n| label("strong", &format!("語{n}"))).collect();
    let refused = change(&house, Change::AddLabels { tenant, labels: many }).await;
    assert!(matches!(refused, Err(StoreError::Invalid(_))));
    assert_eq!(labels(&house, tenant), [label("strong", "職員識別子")]);
}
