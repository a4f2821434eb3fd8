//! Promises about second factors.

use types::{Timestamp, UserId};

use super::house::NOW;
use super::{House, Place};
use crate::{
    APP_PASSWORDS_MOST, AppKeys, AuditFilter, Change, Changed, Credentials, Engine, FactorSecret, NewAppPassword,
    NewAudit, NewSecondFactor, RecoveryHash, SecondFactor, StoreError, UserChange,
};

fn new(user: UserId, secret: &str, codes: &[u8]) -> NewSecondFactor {
    let secret = FactorSecret::new(secret.as_bytes().to_vec().into());
    NewSecondFactor { user, secret, step: 100, codes: codes.iter().map(hash).collect() }
}

fn hash(code: &u8) -> RecoveryHash {
    [*code; 32]
}

async fn change(house: &House, change: Change) -> Result<Changed, StoreError> {
    house.engine.change_directory(change, Some(house.taro), NOW).await
}

async fn set(house: &House, new: NewSecondFactor) {
    change(house, Change::SetSecondFactor(Box::new(new))).await.unwrap();
}

async fn secret(engine: &dyn Engine, user: UserId) -> Option<String> {
    let secret = engine.factor_secret(user).await.unwrap()?;
    Some(String::from_utf8(secret.reveal().to_vec()).unwrap())
}

fn audit() -> NewAudit {
    let (event, subject, detail) = ("session.recovery_code", String::new(), String::new());
    NewAudit { tenant: None, actor: None, at: NOW, event, subject, detail }
}

/// A second factor is its owner's and lasts through a restart; another one takes its place with its codes; setting it up and taking
/// it away void what was granted before, new recovery codes do not. No secret stands in the audit log.
pub async fn a_second_factor_is_kept_used_and_taken_away(place: &dyn Place) {
    let house = House::build(place).await;
    let (taro, hanako) = (house.taro, house.person("hanako").await);
    let generation = |house: &House| house.engine.directory().users[&taro].generation;
    let before = generation(&house);
    assert!(house.engine.directory().users[&taro].second_factor.is_none());
    for without in [Change::RemoveSecondFactor(taro), Change::SetRecoveryCodes { user: taro, codes: vec![[1; 32]] }] {
        assert!(matches!(change(&house, without).await, Err(StoreError::NotFound(_))));
    }
    set(&house, new(taro, "secret-1", &[1, 2])).await;
    set(&house, new(hanako, "secret-h", &[1])).await;
    assert_eq!(generation(&house), before + 1);
    assert_eq!(
        house.engine.directory().users[&taro].second_factor,
        Some(SecondFactor { made: NOW, app_passwords: Vec::new() })
    );
    set(&house, new(taro, "secret-2", &[3, 4, 5])).await;
    change(&house, Change::SetRecoveryCodes { user: taro, codes: vec![[6; 32], [7; 32]] }).await.unwrap();
    assert_eq!(generation(&house), before + 2);

    house.engine.close().await.unwrap();
    let house = House { engine: place.open().await, ..house };
    let engine = &*house.engine;
    assert_eq!(secret(engine, taro).await.as_deref(), Some("secret-2"));
    assert_eq!(secret(engine, hanako).await.as_deref(), Some("secret-h"));
    assert_eq!(engine.recovery_codes(taro).await.unwrap(), 2);
    assert_eq!(engine.use_recovery_code(taro, [3; 32], audit()).await.unwrap(), None, "it was replaced");

    change(&house, Change::RemoveSecondFactor(taro)).await.unwrap();
    assert_eq!(generation(&house), before + 3);
    assert!(house.engine.directory().users[&taro].second_factor.is_none());
    assert_eq!((secret(engine, taro).await, engine.recovery_codes(taro).await.unwrap()), (None, 0));
    change(&house, Change::RemoveUser(hanako)).await.unwrap();
    assert_eq!(secret(engine, hanako).await, None, "it goes with its owner");

    let log = engine.audit_log(Some(house.tenant), &AuditFilter::default(), None, 50).await.unwrap();
    let rows: Vec<String> =
        log.rows.iter().map(|row| format!("{} {} {}", row.event, row.subject, row.detail)).collect();
    for event in ["user.factor_set", "user.recovery_codes", "user.factor_removed"] {
        assert!(rows.iter().any(|row| row.starts_with(&format!("{event} {taro}"))), "{event}: {rows:?}");
    }
    assert!(!rows.iter().any(|row| row.contains("secret-")), "{rows:?}");
}

/// No code of a step is accepted after one of this or of a later step; of several at once one is. A recovery code is used up, with a
/// row of the audit log, by its owner alone.
pub async fn a_code_is_accepted_once_and_a_recovery_code_too(place: &dyn Place) {
    let house = House::build(place).await;
    let (taro, hanako) = (house.taro, house.person("hanako").await);
    let engine = &house.engine;
    assert!(!engine.accept_step(taro, 200).await.unwrap(), "there is none");
    set(&house, new(taro, "secret-1", &[1, 2])).await;
    for (step, accepted) in [(100, false), (99, false), (101, true), (101, false), (103, true), (102, false)] {
        assert_eq!(engine.accept_step(taro, step).await.unwrap(), accepted, "{step}");
    }
    let (one, two, three) =
        tokio::join!(engine.accept_step(taro, 110), engine.accept_step(taro, 110), engine.accept_step(taro, 110));
    assert_eq!([one, two, three].into_iter().filter(|accepted| *accepted.as_ref().unwrap()).count(), 1);
    assert_eq!(engine.use_recovery_code(hanako, [1; 32], audit()).await.unwrap(), None, "it is another's");
    let (one, two) = tokio::join!(
        engine.use_recovery_code(taro, [1; 32], audit()),
        engine.use_recovery_code(taro, [1; 32], audit())
    );
    assert_eq!([one.unwrap(), two.unwrap()].into_iter().flatten().collect::<Vec<_>>(), [1]);
    let filter = AuditFilter { event: "session.recovery_code".into(), ..AuditFilter::default() };
    assert_eq!(engine.audit_log(None, &filter, None, 9).await.unwrap().rows.len(), 1);
}

fn app(user: UserId, name: &str, number: u8) -> Change {
    let key = || vec![number; 32];
    let keys =
        AppKeys { hash: [number; 32], salt: vec![9; 16], iterations: 10_000, stored_key: key(), server_key: key() };
    Change::AddAppPassword(Box::new(NewAppPassword { user, name: name.into(), keys }))
}

/// Passwords of mail programs are for those who have a second factor and go with it; a name is used once, and a person has no more than
/// [`APP_PASSWORDS_MOST`]. One that is taken away voids what was granted before. All lasts through a restart.
pub async fn mail_programs_have_passwords_of_their_own(place: &dyn Place) {
    let house = House::build(place).await;
    let taro = house.taro;
    let names = |house: &House| -> Vec<String> {
        let user = house.engine.directory().users[&taro].clone();
        user.second_factor.iter().flat_map(|factor| &factor.app_passwords).map(|one| one.name.clone()).collect()
    };
    assert!(matches!(change(&house, app(taro, "phone", 1)).await, Err(StoreError::NotFound(_))), "no second factor");
    set(&house, new(taro, "secret-1", &[1])).await;
    let before = house.engine.directory().users[&taro].generation;
    change(&house, app(taro, "phone", 1)).await.unwrap();
    change(&house, app(taro, "desk", 2)).await.unwrap();
    assert!(matches!(change(&house, app(taro, "desk", 3)).await, Err(StoreError::Exists(_))));
    let long = "a".repeat(101);
    for bad in ["", " ", "a\nb", long.as_str()] {
        assert!(matches!(change(&house, app(taro, bad, 3)).await, Err(StoreError::Invalid(_))), "{bad:?}");
    }
    assert_eq!(house.engine.directory().users[&taro].generation, before, "nothing that was granted is void");
    // another authenticator leaves them
    set(&house, new(taro, "secret-2", &[1])).await;
    house.engine.close().await.unwrap();
    let house = House { engine: place.open().await, ..house };
    assert_eq!(names(&house), ["phone", "desk"]);
    let phone = house.engine.directory().users[&taro].second_factor.clone().unwrap().app_passwords.remove(0);
    assert_eq!((phone.keys.hash, phone.keys.iterations, phone.made), ([1; 32], 10_000, NOW));
    assert_eq!(house.engine.app_passwords_used(taro).await.unwrap(), []);
    for at in [NOW, Timestamp(NOW.0 - 1)] {
        house.engine.touch_app_password(phone.id, at).await.unwrap();
    }
    assert_eq!(house.engine.app_passwords_used(taro).await.unwrap(), [(phone.id, NOW)]);

    let before = house.engine.directory().users[&taro].generation;
    let remove = |name: &str| Change::RemoveAppPassword { user: taro, name: name.into() };
    change(&house, remove("phone")).await.unwrap();
    assert_eq!(house.engine.directory().users[&taro].generation, before + 1);
    assert!(matches!(change(&house, remove("phone")).await, Err(StoreError::NotFound(_))));
    for number in 1..APP_PASSWORDS_MOST {
        change(&house, app(taro, &number.to_string(), 1)).await.unwrap();
    }
    assert!(matches!(change(&house, app(taro, "one too many", 1)).await, Err(StoreError::Invalid(_))));
    change(&house, Change::RemoveSecondFactor(taro)).await.unwrap();
    set(&house, new(taro, "secret-3", &[1])).await;
    assert_eq!(names(&house), Vec::<String>::new(), "they went with it");
    let filter = AuditFilter { event: "user.app_password".into(), ..AuditFilter::default() };
    let rows = house.engine.audit_log(Some(house.tenant), &filter, None, 99).await.unwrap().rows;
    assert_eq!(rows.len(), APP_PASSWORDS_MOST + 2);
    assert!(
        rows.iter().any(|row| row.event == "user.app_password_removed" && row.detail.contains("phone")),
        "{rows:?}"
    );
}

/// Whoever has proved the old password keeps the passwords of his programs; when a password is set without it (by an administrator,
/// for himself too, or by the command line) they end, for whoever knew the old one may have made them. The second factor stays, and
/// so do those of others.
pub async fn app_passwords_end_when_the_password_is_set_without_the_old_one(place: &dyn Place) {
    let house = House::build(place).await;
    let (taro, hanako) = (house.taro, house.person("hanako").await);
    let apps = |user: UserId| {
        let factor = house.engine.directory().users[&user].second_factor.clone();
        factor.map(|factor| factor.app_passwords.len())
    };
    let (argon2, salt, iterations) = ("a new password's".to_owned(), Vec::new(), 1);
    let credentials = Credentials { argon2, salt, iterations, stored_key: Vec::new(), server_key: Vec::new() };
    let password = UserChange { credentials: Some(credentials), ..UserChange::default() };
    let name = UserChange { name: Some("太郎".into()), ..UserChange::default() };
    for person in [taro, hanako] {
        set(&house, new(person, "secret", &[1])).await;
        change(&house, app(person, "phone", 1)).await.unwrap();
    }
    let proved = UserChange { proved: true, ..password.clone() };
    for (who, what, by, left) in [
        ("its owner, who proved it", &proved, Some(taro), 1),
        ("an administrator for himself, in the console", &password, Some(taro), 0),
        ("no password", &name, Some(hanako), 1),
        ("an administrator", &password, Some(hanako), 0),
        ("the command line", &password, None, 0),
    ] {
        let set = Change::SetUser(taro, Box::new(what.clone()));
        house.engine.change_directory(set, by, NOW).await.unwrap();
        assert_eq!((apps(taro), apps(hanako)), (Some(left), Some(1)), "{who}");
        if left == 0 {
            change(&house, app(taro, "phone", 1)).await.unwrap();
        }
    }
}
