//! Promises about signed-in browsers and people's own settings.

use types::{Settings, Theme, Timestamp, UserId};

use super::house::NOW;
use super::{House, Place};
use crate::{
    AuditFilter, Change, EndSessions, NewAudit, SIGN_INS_KEPT, SessionBounds, SessionKind, SessionRow, SignIn,
    UserChange,
};

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

fn sign_in(user: UserId, number: i64) -> (SignIn, NewAudit) {
    let at = Timestamp(NOW.0 + number);
    let one = SignIn { user, kind: SessionKind::Mail, at, peer: format!("192.0.2.{number}"), agent: "Browser".into() };
    let (event, subject, detail) = ("session.opened", format!("sign-in {number}"), "{}".to_owned());
    (one, NewAudit { tenant: None, actor: Some(user), at, event, subject, detail })
}

/// A sign-in answers the one before it, also after a restart; the last ones of a person stay, and each is in the log.
pub async fn a_sign_in_answers_the_one_before(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let (first, audit) = sign_in(house.taro, 1);
    assert_eq!(house.engine.note_sign_in(first.clone(), audit).await.unwrap(), None);
    let (other, audit) = sign_in(hanako, 2);
    assert_eq!(house.engine.note_sign_in(other.clone(), audit).await.unwrap(), None, "another's is not his");
    house.engine.close().await.unwrap();
    let engine = place.open().await;
    let mut before = first;
    let most = i64::from(SIGN_INS_KEPT) + 5;
    for number in 3..most {
        let (one, audit) = sign_in(house.taro, number);
        assert_eq!(engine.note_sign_in(one.clone(), audit).await.unwrap(), Some(before));
        before = one;
    }
    let found = engine.sign_ins(house.taro, 1_000).await.unwrap();
    assert_eq!((found.len(), &found[0]), (SIGN_INS_KEPT as usize, &before));
    assert!(found.is_sorted_by_key(|one| std::cmp::Reverse(one.at)));
    assert_eq!(engine.sign_ins(hanako, 3).await.unwrap(), [other]);
    let (_, refused) = sign_in(hanako, 900);
    engine.note_access(NewAudit { event: "session.refused", ..refused }).await.unwrap();
    let filter = AuditFilter { event: "session.".into(), ..AuditFilter::default() };
    let rows = engine.audit_log(None, &filter, None, 500).await.unwrap().rows;
    assert_eq!((rows.len(), rows[0].event.as_str()), (usize::try_from(most).unwrap(), "session.refused"));
}
