//! Signing in by password: how long what was proved is remembered, and what many wrong passwords do. And the company over a
//! real engine where all tests of this crate with a store begin.

use std::time::{Duration, Instant};

use store::contract::House;
use store::{Change, Exit, UserChange};
use store_sqlite::{MasterKey, Mode, OpenConfig, SqliteEngine};

use types::{FactorDemand, PolicyChange};

use super::*;

/// When the tests happen.
pub(crate) const NOW: Timestamp = Timestamp(1_795_500_000_000);

/// The company `example.jp` with its first person, Taro.
pub(crate) struct Stage {
    _folder: tempfile::TempDir,
    pub(crate) house: House,
    pub(crate) store: Store,
    pub(crate) exit: Exit,
    pub(crate) auth: Auth,
}

impl Stage {
    pub(crate) async fn set(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = OpenConfig {
            data_dir: folder.path().to_owned(),
            master_key: MasterKey::new([1; 32]),
            mode: Mode::Server,
            fatal: Arc::new(|why| panic!("{why}")),
        };
        let engine = SqliteEngine::open(config).await.unwrap();
        let house = House::over(engine.clone()).await;
        let changes = vec![PolicyChange::SecondFactor(FactorDemand::Nobody)];
        let change = Change::ChangePolicies { tenant: house.tenant, changes };
        house.engine.change_directory(change, None, NOW).await.unwrap();
        let (store, authority, _, exit) = store::open(engine);
        let auth = Auth::new(store.clone(), authority, &limits).unwrap();
        Self { _folder: folder, house, store, exit, auth }
    }

    /// Somebody as if he had signed in just now.
    pub(crate) fn identity(&self, user: UserId) -> Identity {
        let user = self.store.directory().users[&user].clone();
        Identity { user: user.id, tenant: user.tenant, signed_in_generation: user.generation }
    }

    pub(crate) async fn change(&self, user: UserId, change: UserChange) {
        let change = Change::SetUser(user, Box::new(change));
        self.house.engine.change_directory(change, None, NOW).await.unwrap();
    }
}

const TARO: &str = "taro@example.jp";
const PASSWORD: &str = "correct horse";

/// Taro's company, where he has his password.
async fn set(limits: Limits) -> Stage {
    let stage = Stage::set(limits).await;
    stage.change(stage.house.taro, password(PASSWORD)).await;
    stage
}

fn password(password: &str) -> UserChange {
    UserChange { credentials: Some(credentials(password).unwrap()), ..UserChange::default() }
}

fn after(ms: i64) -> Timestamp {
    Timestamp(NOW.0 + ms)
}

#[tokio::test]
async fn a_verified_password_is_remembered_for_five_minutes_and_no_change_outlives_it() {
    let stage = set(Limits::default()).await;
    let (taro, auth) = (stage.house.taro, &stage.auth);
    let peer = "192.0.2.7".parse().unwrap();
    let proved = |password: &str, at: Timestamp| {
        let user = auth.store.directory().users[&taro].clone();
        auth.is_proved(&auth.proof(Some(&user), password), at)
    };
    let sign_in = async |password: &str, at: Timestamp| auth.sign_in(TARO, password, peer, at).await;
    assert!(matches!(sign_in("wrong", NOW).await, Err(AuthError::Refused)));
    assert!(!proved("wrong", NOW) && !proved(PASSWORD, NOW));
    sign_in(PASSWORD, NOW).await.unwrap();
    // used in between, it does not last longer
    sign_in(PASSWORD, after(200_000)).await.unwrap();
    assert!(proved(PASSWORD, after(299_999)) && !proved(PASSWORD, after(300_000)) && !proved("wrong", after(1)));
    // once it is over the password is looked at again, and then remembered anew
    sign_in(PASSWORD, after(300_000)).await.unwrap();
    assert!(proved(PASSWORD, after(599_999)) && !proved(PASSWORD, after(600_000)));
    // a new password and a suspension end it at once
    stage.change(taro, password("another horse")).await;
    assert!(!proved(PASSWORD, after(300_001)));
    assert!(matches!(sign_in(PASSWORD, after(300_001)).await, Err(AuthError::Refused)));
    sign_in("another horse", after(300_001)).await.unwrap();
    stage.change(taro, UserChange { state: Some(UserState::Suspended), ..UserChange::default() }).await;
    assert!(matches!(sign_in("another horse", after(300_002)).await, Err(AuthError::Refused)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_that_are_tried_all_at_once_are_no_more_than_those_tried_one_by_one() {
    let stage = Arc::new(set(Limits { sign_in_failures: 3, ..Limits::default() }).await);
    let peer = "192.0.2.7".parse().unwrap();
    let tries: Vec<_> = (0..12)
        .map(|n| {
            let stage = stage.clone();
            tokio::spawn(async move { stage.auth.sign_in(TARO, &format!("guess {n}"), peer, NOW).await })
        })
        .collect();
    let (mut refused, mut too_many) = (0, 0);
    for one in tries {
        match one.await.unwrap() {
            Err(AuthError::Refused) => refused += 1,
            Err(AuthError::TooMany(_)) => too_many += 1,
            other => panic!("{other:?}"),
        }
    }
    // two are looked at together
    assert!((3..=4).contains(&refused) && refused + too_many == 12, "{refused} were looked at");
}

#[tokio::test]
async fn a_network_of_many_wrong_passwords_is_slowed_down_and_the_right_one_still_opens() {
    // two thousand in ten minutes: three tenths of a second apart
    let stage = set(Limits { sign_in_failures: 200, ..Limits::default() }).await;
    let auth = &stage.auth;
    let peer = "192.0.2.7".parse().unwrap();
    for n in 0..2_000 {
        auth.attempts.failed(&format!("nobody{n}@example.jp"), peer, NOW);
    }
    let begun = Instant::now();
    assert!(matches!(auth.sign_in(TARO, "wrong", peer, NOW).await, Err(AuthError::Refused)));
    auth.sign_in(TARO, PASSWORD, peer, NOW).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(300), "the second had to wait for its turn");
    // whoever has signed in just now waits no more, and takes no turn from others
    for _ in 0..200 {
        auth.sign_in(TARO, PASSWORD, peer, NOW).await.unwrap();
    }
    assert_eq!(auth.attempts.turn(peer, NOW).unwrap(), Duration::from_millis(600));
    let full = (0..200).find_map(|_| auth.attempts.turn(peer, NOW).err());
    assert!(matches!(full, Some(AuthError::TooMany(1))), "a turn that is too far away is refused");
}
