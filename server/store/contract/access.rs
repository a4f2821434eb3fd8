//! Promises about access: a value of one moment, which the store refuses once its holder's rights have changed.

use types::UserId;

use super::house::NOW;
use super::{House, Place};
use crate::{Access, Account, Authority, Change, Credentials, Read, Role, Roles, Store, StoreError, UserChange};

/// Taro's access to his own mailboxes as it is granted now.
fn granted(store: &Store, authority: &Authority, user: UserId) -> Access<Account, Read> {
    let generation = store.directory().users[&user].generation;
    authority.grant(Account(user), Some(user), generation)
}

/// An access that was made before its holder's rights changed opens nothing; a new one does.
pub async fn an_access_of_older_rights_is_refused(place: &dyn Place) {
    let house = House::build(place).await;
    let (store, authority, ..) = crate::open(house.engine.clone());
    let (argon2, salt, iterations) = ("a new password's".into(), Vec::new(), 1);
    let credentials = Credentials { argon2, salt, iterations, stored_key: Vec::new(), server_key: Vec::new() };
    let changes = [
        UserChange { roles: Some(Roles::default().with(Role::Auditor)), ..UserChange::default() },
        UserChange { credentials: Some(credentials), ..UserChange::default() },
    ];
    for change in changes {
        let access = granted(&store, &authority, house.taro);
        assert_eq!(store.mailboxes(&access).await.unwrap().len(), 6);
        house.engine.change_directory(Change::SetUser(house.taro, Box::new(change)), None, NOW).await.unwrap();
        assert!(matches!(store.mailboxes(&access).await, Err(StoreError::Stale)));
        store.mailboxes(&granted(&store, &authority, house.taro)).await.unwrap();
    }
}

/// Somebody who is gone has no access, and nobody else's ends with his.
pub async fn an_access_ends_with_its_holder(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let (store, authority, ..) = crate::open(house.engine.clone());
    let (taros, hanakos) = (granted(&store, &authority, house.taro), granted(&store, &authority, hanako));
    house.engine.change_directory(Change::RemoveUser(hanako), None, NOW).await.unwrap();
    assert!(matches!(store.mailboxes(&hanakos).await, Err(StoreError::Stale)));
    store.mailboxes(&taros).await.unwrap();
}
