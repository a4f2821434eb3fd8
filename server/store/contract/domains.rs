//! Promises about the domains of a company.

use types::{Address, Domain, Language};

use super::house::NOW;
use super::{House, Place};
use crate::{
    Change, Changed, DkimAlgorithm, DkimState, GroupKind, NewDkimKey, NewUser, PrivateKey, Roles, StoreError, Target,
};

/// A domain is kept in the spelling of people or of machines, as it was written (also by earlier versions), and is one in both: it is
/// added once, by whomever, and its people are found in either.
pub async fn a_domain_is_one_in_both_of_its_spellings(place: &dyn Place) {
    let house = House::build(place).await;
    let engine = &house.engine;
    let add = Change::AddTenant { name: "other".into(), title: "Other".into(), rules: String::new() };
    let Changed::Tenant(other) = engine.change_directory(add, None, NOW).await.unwrap() else { panic!("no tenant") };
    for (own, foreign) in [("例え.jp", "xn--r8jz45g.jp"), ("xn--fsq.jp", "例.jp")] {
        let domain = |text: &str| Domain::parse(text).unwrap();
        let add = |text: &str, tenant| {
            let domain = domain(text);
            engine.change_directory(Change::AddDomain { domain, tenant }, None, NOW)
        };
        add(own, house.tenant).await.unwrap();
        for tenant in [house.tenant, other] {
            let again = add(foreign, tenant).await;
            assert!(matches!(&again, Err(StoreError::Exists(what)) if what.contains(own)), "{again:?}");
        }
        let new = NewUser {
            tenant: house.tenant,
            address: Address::parse(&format!("gen@{own}")).unwrap(),
            name: "gen".into(),
            roles: Roles::default(),
            credentials: None,
            language: Language::Ja,
        };
        let made = engine.change_directory(Change::AddUser(Box::new(new)), None, NOW).await.unwrap();
        let Changed::User(user) = made else { panic!("a person was expected") };
        let directory = engine.directory();
        assert_eq!(directory.tenant_of(&domain(foreign)), Some(house.tenant));
        assert_eq!(directory.domains[&domain(foreign)].name.as_str(), own);
        for address in [format!("gen@{own}"), format!("Gen@{foreign}"), format!("gen+x@{foreign}")] {
            assert_eq!(directory.find(&Address::parse(&address).unwrap()), Some(Target::User(user)), "{address}");
        }
        assert_eq!(directory.find(&Address::parse(&format!("x@{foreign}")).unwrap()), None);
    }
}

/// Whatever is changed of a domain under its other spelling is changed of it: nothing comes to be that nobody finds, and nothing is left
/// undone in silence.
pub async fn what_is_said_of_the_other_spelling_is_said_of_the_domain(place: &dyn Place) {
    let house = House::build(place).await;
    let (engine, tenant) = (&house.engine, house.tenant);
    for (own, foreign) in [("例え.jp", "xn--r8jz45g.jp"), ("xn--fsq.jp", "例.jp")] {
        let domain = || Domain::parse(foreign).unwrap();
        let at = |local: &str, domain: &str| Address::parse(&format!("{local}@{domain}")).unwrap();
        let change = |change| engine.change_directory(change, None, NOW);
        let found = |address: Address| engine.directory().find(&address);
        change(Change::AddDomain { domain: Domain::parse(own).unwrap(), tenant }).await.unwrap();
        let person = |domain: &str| {
            let (roles, language) = (Roles::default(), Language::Ja);
            NewUser { tenant, address: at("ai", domain), name: "ai".into(), roles, credentials: None, language }
        };
        let Changed::User(user) = change(Change::AddUser(Box::new(person(foreign)))).await.unwrap() else { panic!() };
        assert_eq!(engine.directory().users[&user].address.domain().as_str(), own);
        assert!(matches!(change(Change::AddUser(Box::new(person(own)))).await, Err(StoreError::Exists(_))));
        change(Change::AddAlias { alias: at("al", foreign), user }).await.unwrap();
        let (kind, name) = (GroupKind::Group, format!("group of {own}"));
        let group = Change::AddGroup { tenant, kind, name, address: Some(at("g", foreign)), members: Vec::new() };
        let Changed::Group(group) = change(group).await.unwrap() else { panic!("a group was expected") };
        for spelling in [own, foreign] {
            assert_eq!(found(at("al", spelling)), Some(Target::User(user)));
            assert_eq!(found(at("g", spelling)), Some(Target::Group(group)));
        }
        change(Change::RemoveAlias(at("AL", foreign))).await.unwrap();
        assert_eq!(found(at("al", own)), None);
        let (selector, private) = ("s".to_owned(), PrivateKey::new(b"x".to_vec().into()));
        let key = NewDkimKey { selector: selector.clone(), algorithm: DkimAlgorithm::Rsa, public: "p".into(), private };
        change(Change::AddDkimKeys { domain: domain(), tenant, keys: vec![key] }).await.unwrap();
        change(Change::StartDkimKeys { domain: domain(), selectors: vec![selector.clone()] }).await.unwrap();
        let key = engine.directory().dkim[&domain()][0].clone();
        assert_eq!((key.domain.as_str(), key.state), (own, DkimState::Signing));
        assert_eq!(engine.dkim_private(&domain()).await.unwrap().len(), 1);
        change(Change::RemoveDkimKey { domain: domain(), selector }).await.unwrap();
        change(Change::RemoveGroup(group)).await.unwrap();
        assert!(matches!(change(Change::RemoveDomain(domain())).await, Err(StoreError::Invalid(_))), "ai has it");
        change(Change::RemoveUser(user)).await.unwrap();
        change(Change::RemoveDomain(domain())).await.unwrap();
        assert_eq!(engine.directory().tenant_of(&domain()), None);
    }
}
