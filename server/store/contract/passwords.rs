//! Promises about the passwords that a company has agreed with others.

use super::house::NOW;
use super::{House, Place};
use crate::{AGREED_MOST, AgreedPassword, AuditFilter, Change, Changed, NewAgreedPassword, Secret, StoreError};
use types::{Domain, TenantId};

fn new(tenant: TenantId, name: &str, text: &str) -> NewAgreedPassword {
    let secret = Secret::new(text.to_owned().into());
    NewAgreedPassword { tenant, name: name.to_owned(), domain: None, group: None, secret }
}

async fn change(house: &House, change: Change) -> Result<Changed, StoreError> {
    house.engine.change_directory(change, Some(house.taro), NOW).await
}

async fn add(house: &House, new: NewAgreedPassword) -> Result<Changed, StoreError> {
    change(house, Change::AddAgreedPassword(Box::new(new))).await
}

fn listed(house: &House, tenant: TenantId) -> Vec<AgreedPassword> {
    house.engine.directory().agreed.get(&tenant).map(|all| all.to_vec()).unwrap_or_default()
}

async fn texts(house: &House, tenant: TenantId) -> Vec<([u8; 16], String)> {
    let all = house.engine.agreed_passwords(tenant).await.unwrap();
    all.into_iter().map(|(mark, secret)| (mark, secret.reveal().to_owned())).collect()
}

/// What everybody may know of a password is in the snapshot, its text comes with its mark alone; both are the
/// company's, last through a restart, and end with a removal. The audit log holds the name, never the text.
pub async fn a_company_has_agreed_passwords(place: &dyn Place) {
    let house = House::build(place).await;
    let tenant = house.tenant;
    let other = Change::AddTenant { name: "other".into(), title: "Other".into(), rules: String::new() };
    let Changed::Tenant(other) = change(&house, other).await.unwrap() else { panic!("a tenant was expected") };
    let partner = NewAgreedPassword {
        domain: Some(Domain::parse("partner.example").unwrap()),
        group: Some("経理".into()),
        ..new(tenant, "取引先", "秘密-1")
    };
    add(&house, partner).await.unwrap();
    add(&house, new(tenant, "all", "secret-2")).await.unwrap();
    add(&house, new(other, "all", "secret-3")).await.unwrap();
    let all = listed(&house, tenant);
    let [partner, general] = all.as_slice() else { panic!("{all:?}") };
    let domain = partner.domain.as_ref().map(Domain::as_str);
    assert_eq!(
        (partner.name.as_str(), domain, partner.group.as_deref()),
        ("取引先", Some("partner.example"), Some("経理"))
    );
    assert_eq!((partner.added, partner.by), (NOW, Some(house.taro)));
    assert!(general.domain.is_none() && general.group.is_none() && general.mark != partner.mark);
    let expected = [(partner.mark, "秘密-1".to_owned()), (general.mark, "secret-2".to_owned())];
    assert_eq!(texts(&house, tenant).await, expected);
    assert_eq!(texts(&house, other).await.len(), 1);

    let log = house.engine.audit_log(Some(tenant), &AuditFilter::default(), None, 50).await.unwrap();
    let rows: Vec<String> =
        log.rows.iter().map(|row| format!("{} {} {}", row.event, row.subject, row.detail)).collect();
    assert!(rows.iter().any(|row| row.contains("password.added") && row.contains("取引先")), "{rows:?}");
    assert!(!rows.iter().any(|row| row.contains("secret-") || row.contains("秘密-")), "{rows:?}");

    change(&house, Change::RemoveAgreedPassword { tenant, name: "取引先".into() }).await.unwrap();
    assert_eq!(texts(&house, tenant).await, expected[1..]);
    let gone = change(&house, Change::RemoveAgreedPassword { tenant, name: "取引先".into() }).await;
    assert!(matches!(gone, Err(StoreError::NotFound(_))));
    change(&house, Change::RemoveTenant(other)).await.unwrap();
    assert_eq!((listed(&house, other), texts(&house, other).await), (vec![], vec![]));
    house.engine.close().await.unwrap();
    let house = House { engine: place.open().await, ..house };
    assert_eq!((listed(&house, tenant).len(), texts(&house, tenant).await), (1, expected[1..].to_vec()));
}

/// A name is used once and can be read; the same text under a name again is another password; a company has no more
/// than the bound.
pub async fn agreed_passwords_have_names_and_a_bound(place: &dyn Place) {
    let house = House::build(place).await;
    let tenant = house.tenant;
    add(&house, new(tenant, "one", "x")).await.unwrap();
    let before = listed(&house, tenant);
    assert!(matches!(add(&house, new(tenant, "one", "y")).await, Err(StoreError::Exists(_))));
    for name in ["", " ", "a\nb", &"a".repeat(101)] {
        assert!(matches!(add(&house, new(tenant, name, "x")).await, Err(StoreError::Invalid(_))), "{name}");
    }
    assert_eq!(listed(&house, tenant), before);
    change(&house, Change::RemoveAgreedPassword { tenant, name: "one".into() }).await.unwrap();
    add(&house, new(tenant, "one", "x")).await.unwrap();
    assert_ne!(listed(&house, tenant).first().map(|one| one.mark), before.first().map(|one| one.mark));
    for number in 1..AGREED_MOST {
        add(&house, new(tenant, &number.to_string(), "x")).await.unwrap();
    }
    assert!(matches!(add(&house, new(tenant, "one too many", "x")).await, Err(StoreError::Invalid(_))));
    assert_eq!(listed(&house, tenant).len(), AGREED_MOST);
}
