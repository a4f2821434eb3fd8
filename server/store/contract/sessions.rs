//! Promises about signed-in browsers and people's own settings.

use types::{Settings, Theme, Timestamp, UserId};

use super::house::NOW;
use super::{House, Place};
use crate::{Change, EndSessions, SessionBounds, SessionKind, SessionRow, UserChange};

const BOUNDS: SessionBounds = SessionBounds { seen_since: Timestamp(0), created_since: Timestamp(0), most: 3 };

fn session(user: UserId, number: u8) -> SessionRow {
    SessionRow {
        hash: [number; 32],
        user,
        kind: if number.is_multiple_of(2) { SessionKind::Mail } else { SessionKind::Admin },
        generation: 1,
        created: Timestamp(NOW.0 + i64::from(number)),
        seen: Timestamp(NOW.0 + i64::from(number)),
        peer: "192.0.2.7".into(),
        agent: "Browser 1.0".into(),
    }
}

/// A session reads back as it was written, also after a restart, and a use moves only its last moment.
pub async fn a_session_lasts_until_it_is_ended(place: &dyn Place) {
    let house = House::build(place).await;
    let row = session(house.taro, 2);
    house.engine.open_session(row.clone(), BOUNDS).await.unwrap();
    house.engine.close().await.unwrap();
    let engine = place.open().await;
    assert_eq!(engine.session(row.hash).await.unwrap(), Some(row.clone()));
    let later = Timestamp(NOW.0 + 90_000);
    engine.touch_session(row.hash, later).await.unwrap();
    engine.touch_session(row.hash, NOW).await.unwrap();
    let seen = SessionRow { seen: later, ..row.clone() };
    assert_eq!(engine.session(row.hash).await.unwrap(), Some(seen));
    assert_eq!(engine.end_sessions(house.taro, EndSessions::One(row.hash)).await.unwrap(), 1);
    assert_eq!(engine.session(row.hash).await.unwrap(), None);
}

/// Ending by person reaches all of his sessions and nobody else's.
pub async fn sessions_end_by_person(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    for (user, number) in [(house.taro, 1), (house.taro, 2), (house.taro, 3), (hanako, 4)] {
        house.engine.open_session(session(user, number), BOUNDS).await.unwrap();
    }
    // another's session is not his to end
    assert_eq!(house.engine.end_sessions(hanako, EndSessions::One([1; 32])).await.unwrap(), 0);
    assert_eq!(house.engine.end_sessions(house.taro, EndSessions::AllBut([2; 32])).await.unwrap(), 2);
    let left: Vec<_> = house.engine.sessions(house.taro).await.unwrap().into_iter().map(|row| row.hash).collect();
    assert_eq!(left, vec![[2; 32]]);
    assert_eq!(house.engine.end_sessions(house.taro, EndSessions::All).await.unwrap(), 1);
    assert_eq!(house.engine.sessions(hanako).await.unwrap().len(), 1);
    house.engine.change_directory(Change::RemoveUser(hanako), None, NOW).await.unwrap();
    assert_eq!(house.engine.session([4; 32]).await.unwrap(), None);
}

/// A person has a bounded number of sessions, and what is over goes when a new one begins.
pub async fn sessions_are_bounded(place: &dyn Place) {
    let house = House::build(place).await;
    for number in 1..=5 {
        house.engine.open_session(session(house.taro, number), BOUNDS).await.unwrap();
    }
    let left: Vec<_> = house.engine.sessions(house.taro).await.unwrap().into_iter().map(|row| row.hash[0]).collect();
    assert_eq!(left, vec![5, 4, 3]);
    let bounds = SessionBounds { seen_since: Timestamp(NOW.0 + 5), ..BOUNDS };
    house.engine.open_session(session(house.taro, 9), bounds).await.unwrap();
    let left: Vec<_> = house.engine.sessions(house.taro).await.unwrap().into_iter().map(|row| row.hash[0]).collect();
    assert_eq!(left, vec![9, 5]);
}

/// Settings are kept as chosen and do not end sessions; a password does.
pub async fn settings_are_kept_and_change_no_rights(place: &dyn Place) {
    let house = House::build(place).await;
    let before = house.engine.directory().users[&house.taro].generation;
    let settings = Settings { theme: Theme::Dark, ..Settings::default() };
    let change = UserChange { settings: Some(settings.clone()), ..UserChange::default() };
    house.engine.change_directory(Change::SetUser(house.taro, Box::new(change)), Some(house.taro), NOW).await.unwrap();
    let user = house.engine.directory().users[&house.taro].clone();
    assert_eq!((&user.settings, user.generation), (&settings, before));
    house.engine.close().await.unwrap();
    assert_eq!(place.open().await.directory().users[&house.taro].settings, settings);
}
