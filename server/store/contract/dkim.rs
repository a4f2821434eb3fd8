//! Promises about the keys with which domains sign.

use super::house::NOW;
use super::{House, Place};
use crate::{
    AuditFilter, Change, Changed, DKIM_KEYS_MOST, DkimAlgorithm, DkimKey, DkimState, NewDkimKey, PrivateKey, StoreError,
};
use types::{Domain, TenantId};

fn domain() -> Domain {
    Domain::parse("signing.example").unwrap()
}

fn new(selector: &str, algorithm: DkimAlgorithm, private: &str) -> NewDkimKey {
    let private = PrivateKey::new(private.as_bytes().to_vec().into());
    NewDkimKey { selector: selector.into(), algorithm, public: format!("public-of-{selector}"), private }
}

fn pair(month: &str) -> Vec<NewDkimKey> {
    let name = |letter| format!("{month}{letter}");
    let private = |letter| format!("private-{month}{letter}");
    vec![new(&name('r'), DkimAlgorithm::Rsa, &private('r')), new(&name('e'), DkimAlgorithm::Ed25519, &private('e'))]
}

async fn change(house: &House, change: Change) -> Result<Changed, StoreError> {
    house.engine.change_directory(change, Some(house.taro), NOW).await
}

async fn add(house: &House, tenant: TenantId, keys: Vec<NewDkimKey>) -> Result<Changed, StoreError> {
    change(house, Change::AddDkimKeys { domain: domain(), tenant, keys }).await
}

async fn start(house: &House, selectors: &[&str]) {
    let selectors = selectors.iter().map(|selector| (*selector).to_owned()).collect();
    change(house, Change::StartDkimKeys { domain: domain(), selectors }).await.unwrap();
}

async fn remove(house: &House, selector: &str) -> Result<Changed, StoreError> {
    change(house, Change::RemoveDkimKey { domain: domain(), selector: selector.into() }).await
}

fn listed(house: &House) -> Vec<DkimKey> {
    house.engine.directory().dkim.get(&domain()).map(|keys| keys.to_vec()).unwrap_or_default()
}

fn states(house: &House) -> Vec<(String, DkimState)> {
    listed(house).into_iter().map(|key| (key.selector, key.state)).collect()
}

/// The private halves with their selectors.
async fn private(house: &House) -> Vec<(String, String)> {
    let keys = listed(house);
    let all = house.engine.dkim_private(&domain()).await.unwrap();
    let named = all.into_iter().map(|(mark, private)| {
        let key = keys.iter().find(|key| key.mark == mark).unwrap();
        (key.selector.clone(), String::from_utf8(private.reveal().to_vec()).unwrap())
    });
    named.collect()
}

fn stated(all: &[(&str, DkimState)]) -> Vec<(String, DkimState)> {
    all.iter().map(|(selector, state)| ((*selector).to_owned(), *state)).collect()
}

/// Keys wait, sign, and retire when one of their algorithm takes their place; with that their private half is gone, as
/// with a removal and with the domain. All lasts through a restart; the audit log names selectors only.
pub async fn keys_wait_sign_and_retire(place: &dyn Place) {
    use DkimState::{Retired, Signing, Waiting};
    let house = House::build(place).await;
    let tenant = house.tenant;
    assert!(matches!(add(&house, tenant, pair("202611")).await, Err(StoreError::NotFound(_))), "no such domain");
    change(&house, Change::AddDomain { domain: domain(), tenant }).await.unwrap();
    let elsewhere = TenantId(tenant.0 + 1);
    assert!(matches!(add(&house, elsewhere, pair("202611")).await, Err(StoreError::NotFound(_))), "not its domain");
    add(&house, tenant, pair("202611")).await.unwrap();
    assert!(matches!(add(&house, tenant, pair("202612")).await, Err(StoreError::Exists(_))), "others wait");
    assert_eq!(states(&house), stated(&[("202611r", Waiting), ("202611e", Waiting)]));
    let first = listed(&house).remove(0);
    assert_eq!((first.algorithm, first.public.as_str(), first.made), (DkimAlgorithm::Rsa, "public-of-202611r", NOW));

    start(&house, &["202611r", "unknown"]).await;
    assert_eq!(states(&house), stated(&[("202611r", Signing), ("202611e", Waiting)]));
    start(&house, &["202611e"]).await;
    add(&house, tenant, pair("202612")).await.unwrap();
    start(&house, &["202612r"]).await;
    let now = [("202611r", Retired), ("202611e", Signing), ("202612r", Signing), ("202612e", Waiting)];
    assert_eq!(states(&house), stated(&now));
    let names = |all: Vec<(String, String)>| all.into_iter().map(|(selector, _)| selector).collect::<Vec<_>>();
    assert_eq!(names(private(&house).await), ["202611e", "202612r", "202612e"]);
    start(&house, &["202611r", "202611e"]).await;
    assert_eq!(states(&house), stated(&now), "a key only goes on");

    house.engine.close().await.unwrap();
    let house = House { engine: place.open().await, ..house };
    assert_eq!(states(&house), stated(&now));
    let kept = private(&house).await;
    assert!(kept.iter().all(|(selector, private)| *private == format!("private-{selector}")), "{kept:?}");

    remove(&house, "202612r").await.unwrap();
    assert!(matches!(remove(&house, "202612r").await, Err(StoreError::NotFound(_))));
    assert_eq!(names(private(&house).await), ["202611e", "202612e"]);
    change(&house, Change::RemoveDomain(domain())).await.unwrap();
    change(&house, Change::AddDomain { domain: domain(), tenant }).await.unwrap();
    assert!(listed(&house).is_empty() && private(&house).await.is_empty());

    let log = house.engine.audit_log(Some(tenant), &AuditFilter::default(), None, 50).await.unwrap();
    let rows: Vec<String> =
        log.rows.iter().map(|row| format!("{} {} {}", row.event, row.subject, row.detail)).collect();
    for event in ["dkim.added", "dkim.started", "dkim.removed"] {
        let wanted = |row: &&String| row.contains(event) && row.contains("signing.example") && row.contains("202612r");
        assert!(rows.iter().any(|row| wanted(&row)), "{event}: {rows:?}");
    }
    assert!(!rows.iter().any(|row| row.contains("private-")), "{rows:?}");
}

/// A selector is one label and used once in a domain; a domain has no more keys than [`DKIM_KEYS_MOST`].
pub async fn keys_have_names_and_a_bound(place: &dyn Place) {
    let house = House::build(place).await;
    let tenant = house.tenant;
    change(&house, Change::AddDomain { domain: domain(), tenant }).await.unwrap();
    let long = "a".repeat(64);
    for bad in ["", "a.b", "A", "a b", long.as_str()] {
        let added = add(&house, tenant, vec![new(bad, DkimAlgorithm::Rsa, "x")]).await;
        assert!(matches!(added, Err(StoreError::Invalid(_))), "{bad:?}");
    }
    let twice = vec![new("same", DkimAlgorithm::Rsa, "x"), new("same", DkimAlgorithm::Ed25519, "y")];
    assert!(matches!(add(&house, tenant, twice).await, Err(StoreError::Exists(_))));
    assert!(listed(&house).is_empty(), "all or none");
    let many = |from: usize, count: usize| {
        (from..from + count).map(|nth| new(&format!("s{nth}"), DkimAlgorithm::Rsa, "x")).collect::<Vec<_>>()
    };
    assert!(matches!(add(&house, tenant, many(0, DKIM_KEYS_MOST + 1)).await, Err(StoreError::Invalid(_))));
    add(&house, tenant, many(0, DKIM_KEYS_MOST)).await.unwrap();
}
