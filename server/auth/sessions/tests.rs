//! When sessions end, and what opens them.

use store::{Role, Roles, UserChange};
use types::Limits;

use super::*;
use crate::tests::{NOW, Stage};

const MINUTE: u64 = 60;

impl Stage {
    async fn open(&self, kind: SessionKind) -> Result<SessionToken, AuthError> {
        let browser = Browser { peer: [192, 0, 2, 7].into(), agent: "Browser\r\n1.0" };
        Ok(self.auth.open_session(&self.identity(self.house.taro), kind, browser, NOW).await?.0)
    }

    async fn is_open(&self, token: &SessionToken, kind: SessionKind, minutes: u64) -> bool {
        let at = NOW.after(Duration::from_secs(minutes * MINUTE));
        self.auth.session(token.as_str(), kind, at).await.unwrap().is_some()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_an_hour_of_silence() {
    let stage = Stage::set(Limits::default()).await;
    let token = stage.open(SessionKind::Mail).await.unwrap();
    assert!(stage.is_open(&token, SessionKind::Mail, 59).await);
    assert!(stage.is_open(&token, SessionKind::Mail, 59 + 59).await);
    assert!(!stage.is_open(&token, SessionKind::Mail, 59 + 59 + 60).await);
    assert!(!stage.is_open(&token, SessionKind::Mail, 59 + 59 + 1).await, "what is over stays over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_twelve_hours_of_use() {
    let stage = Stage::set(Limits::default()).await;
    let token = stage.open(SessionKind::Mail).await.unwrap();
    for minutes in (30..720).step_by(30) {
        assert!(stage.is_open(&token, SessionKind::Mail, minutes).await, "{minutes}");
    }
    assert!(!stage.is_open(&token, SessionKind::Mail, 720).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_whole_token_of_the_right_kind_opens_a_session() {
    let stage = Stage::set(Limits::default()).await;
    let token = stage.open(SessionKind::Mail).await.unwrap();
    assert!(!stage.is_open(&token, SessionKind::Admin, 0).await);
    for wrong in ["", "x", &token.as_str()[1..], &"A".repeat(43), &format!("{}A", token.as_str())] {
        assert!(stage.auth.session(wrong, SessionKind::Mail, NOW).await.unwrap().is_none(), "{wrong}");
    }
    assert!(stage.is_open(&token, SessionKind::Mail, 0).await);
    assert_eq!(format!("{token:?}"), "SessionToken(***)");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_is_for_those_with_a_role_in_it_and_closes_when_that_goes() {
    let stage = Stage::set(Limits::default()).await;
    assert!(matches!(stage.open(SessionKind::Admin).await, Err(AuthError::Refused)));
    stage
        .change(
            stage.house.taro,
            UserChange { roles: Some(Roles::default().with(Role::Admin)), ..UserChange::default() },
        )
        .await;
    let token = stage.open(SessionKind::Admin).await.unwrap();
    assert!(stage.is_open(&token, SessionKind::Admin, 0).await);
    stage.change(stage.house.taro, UserChange { roles: Some(Roles::default()), ..UserChange::default() }).await;
    assert!(!stage.is_open(&token, SessionKind::Admin, 0).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_person_is_signed_out() {
    let stage = Stage::set(Limits::default()).await;
    let token = stage.open(SessionKind::Mail).await.unwrap();
    stage
        .change(stage.house.taro, UserChange { state: Some(store::UserState::Suspended), ..UserChange::default() })
        .await;
    assert!(!stage.is_open(&token, SessionKind::Mail, 0).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_listed_and_ended_one_by_one() {
    let stage = Stage::set(Limits::default()).await;
    let (one, two) = (stage.open(SessionKind::Mail).await.unwrap(), stage.open(SessionKind::Mail).await.unwrap());
    let session = stage.auth.session(one.as_str(), SessionKind::Mail, NOW).await.unwrap().unwrap();
    let devices = stage.auth.devices(&session, NOW).await.unwrap();
    assert_eq!((devices.len(), devices[0].agent.as_str()), (2, "Browser1.0"));
    let other = devices.iter().find(|device| !device.current).unwrap();
    assert!(stage.auth.end_device(&session, &other.id).await.unwrap());
    assert!(!stage.auth.end_device(&session, &other.id).await.unwrap());
    assert!(stage.is_open(&one, SessionKind::Mail, 0).await && !stage.is_open(&two, SessionKind::Mail, 0).await);
}
