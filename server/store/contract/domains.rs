//! Promises about the domains of a company.

use types::{Address, Domain, Language};

use super::house::NOW;
use super::{House, Place};
use crate::{Change, Changed, NewUser, Roles, StoreError, Target};

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
