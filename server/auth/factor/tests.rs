//! Who must have a second factor, what opens with it and what does not.

use std::sync::Arc;

use store::{Change, Roles, UserChange};
use types::{Limits, PolicyChange};

use super::*;
use crate::tests::{NOW, Stage};
use crate::{Browser, credentials};

const TARO: &str = "taro@example.jp";
const PASSWORD: &str = "correct horse";
const STEP: u64 = 30;

fn peer() -> IpAddr {
    [192, 0, 2, 7].into()
}

fn after(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

/// What an authenticator shows that was given this key.
fn shown(key: &str, at: Timestamp) -> String {
    let secret = Secret::try_from_base32(key.replace(' ', "")).unwrap();
    Builder::new().with_secret(secret).build().unwrap().generate(u64::try_from(at.secs()).unwrap()).to_string()
}

async fn stage(limits: Limits) -> Stage {
    let stage = Stage::set(limits).await;
    let credentials = Some(credentials(PASSWORD).unwrap());
    stage.change(stage.house.taro, UserChange { credentials, ..UserChange::default() }).await;
    stage
}

impl Stage {
    async fn demand(&self, demand: FactorDemand) {
        let changes = vec![PolicyChange::SecondFactor(demand)];
        let change = Change::ChangePolicies { tenant: self.house.tenant, changes };
        self.house.engine.change_directory(change, None, NOW).await.unwrap();
    }

    async fn roles(&self, roles: &[Role]) {
        let roles = roles.iter().fold(Roles::default(), |all, role| all.with(*role));
        self.change(self.house.taro, UserChange { roles: Some(roles), ..UserChange::default() }).await;
    }

    async fn enter(&self, kind: SessionKind, at: Timestamp) -> Result<Entry, AuthError> {
        self.auth.enter(TARO, PASSWORD, kind, peer(), at).await
    }

    /// The token that asks for a code.
    async fn asked(&self, at: Timestamp) -> String {
        match self.enter(SessionKind::Mail, at).await.unwrap() {
            Entry::Code(token) => token,
            _ => panic!("a code was to be asked for"),
        }
    }

    async fn code(&self, code: &str, at: Timestamp) -> Result<Option<u32>, AuthError> {
        let token = self.asked(at).await;
        Ok(self.auth.enter_by_code(&token, SessionKind::Mail, code, peer(), at).await?.1)
    }

    /// Taro's key and recovery codes, set up by himself at [`NOW`].
    async fn enrolled(&self) -> (String, Vec<String>) {
        let identity = self.identity(self.house.taro);
        let kind = SessionKind::Mail;
        let made = self.auth.begin_enrolment(&identity, kind, PASSWORD, peer(), NOW).await.unwrap();
        let (_, codes) = self.auth.enrol(made.token(), (kind, None), &shown(&made.secret(), NOW), NOW).await.unwrap();
        (made.secret(), codes)
    }
}

#[test]
fn codes_are_those_of_rfc_6238() {
    for (seconds, code) in
        [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
    {
        let at = Timestamp::from_secs(seconds);
        assert_eq!(step_of(b"12345678901234567890", code, at), Some(u64::try_from(seconds).unwrap() / STEP));
    }
}

#[test]
fn the_address_that_authenticators_read_holds_any_mail_address() {
    let uri = |address: &str| {
        let (token, secret) = (String::new(), vec![0; SECRET].into());
        Enrolment { token, secret, address: address.to_owned() }.uri()
    };
    for (address, label) in [
        ("taro@example.jp", "taro@example.jp"),
        ("a+b%c@example.jp", "a%2Bb%25c@example.jp"),
        ("a#b?c&d=e/f@example.jp", "a%23b%3Fc%26d%3De%2Ff@example.jp"),
        ("\"a b:c\"@example.jp", "%22a%20b%3Ac%22@example.jp"),
        ("太@example.jp", "%E5%A4%AA@example.jp"),
    ] {
        let secret = "A".repeat(32);
        assert_eq!(uri(address), format!("otpauth://totp/Sekisho:{label}?secret={secret}&issuer=Sekisho"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_opens_once_with_one_step_of_drift_either_way() {
    let stage = stage(Limits::default()).await;
    assert!(matches!(stage.enter(SessionKind::Mail, NOW).await.unwrap(), Entry::Open(_)));
    let (key, _) = stage.enrolled().await;
    let at = |step: u64| after(step * STEP);
    // the code that set it up is used up, and so is every earlier one
    for step in [0, 1] {
        assert!(matches!(stage.code(&shown(&key, at(0)), at(step)).await, Err(AuthError::WrongCode)), "{step}");
    }
    assert_eq!(stage.code(&shown(&key, at(11)), at(10)).await.unwrap(), None, "a clock that is ahead");
    assert!(stage.code(&shown(&key, at(10)), at(10)).await.is_err(), "before the last one");
    assert_eq!(stage.code(&shown(&key, at(19)), at(20)).await.unwrap(), None, "a clock that is behind");
    assert!(stage.code(&shown(&key, at(19)), at(20)).await.is_err(), "twice");
    for step in [28, 32] {
        assert!(stage.code(&shown(&key, at(step)), at(30)).await.is_err(), "too far away");
    }
    let wide: String = shown(&key, at(30)).chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
    stage.code(&format!(" {} {}", &wide[..9], &wide[9..]), at(30)).await.unwrap();
    for nothing in ["", "0", "000000", "12345", "1234567"] {
        assert!(stage.code(nothing, at(40)).await.is_err(), "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_opens_once_and_new_ones_void_it() {
    let stage = stage(Limits { sign_in_failures: 100, ..Limits::default() }).await;
    let (_, codes) = stage.enrolled().await;
    assert_eq!((codes.len(), codes[0].len()), (RECOVERY_CODES, 19));
    assert_eq!(stage.code(&codes[0], NOW).await.unwrap(), Some(9));
    assert!(matches!(stage.code(&codes[0], NOW).await, Err(AuthError::WrongCode)));
    let spoken = codes[1].replace('-', " ").to_uppercase();
    assert_eq!(stage.code(&spoken, NOW).await.unwrap(), Some(8));
    let identity = stage.identity(stage.house.taro);
    let wrong = stage.auth.new_recovery_codes(&identity, "wrong", peer(), NOW).await;
    assert!(matches!(wrong, Err(AuthError::Refused)), "the password is asked for");
    let fresh = stage.auth.new_recovery_codes(&identity, PASSWORD, peer(), NOW).await.unwrap();
    assert!(stage.code(&codes[2], NOW).await.is_err());
    assert_eq!(stage.code(&fresh[9], NOW).await.unwrap(), Some(9));
    assert_eq!(stage.auth.factor(&identity, NOW).await.unwrap().recovery_codes, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_close_the_account_like_wrong_passwords() {
    let stage = stage(Limits { sign_in_failures: 3, ..Limits::default() }).await;
    let (key, _) = stage.enrolled().await;
    let token = stage.asked(NOW).await;
    let try_code =
        async |code: &str| stage.auth.enter_by_code(&token, SessionKind::Mail, code, peer(), after(60)).await;
    for _ in 0..3 {
        assert!(matches!(try_code("000000").await, Err(AuthError::WrongCode)));
    }
    assert!(matches!(try_code(&shown(&key, after(60))).await, Err(AuthError::TooMany(_))), "the right one too");
    assert!(matches!(stage.enter(SessionKind::Mail, after(60)).await, Err(AuthError::TooMany(_))));
    // ten minutes later the password opens its step again; codes wait for an hour
    let later = async |minutes: u64| stage.code(&shown(&key, after(60 * minutes)), after(60 * minutes)).await;
    assert!(matches!(later(12).await, Err(AuthError::TooMany(_))));
    later(61).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_close_their_step_from_this_machine_too_and_after_ten_whatever_passwords_may() {
    let stage = stage(Limits { sign_in_failures: 1_000, ..Limits::default() }).await;
    let (key, _) = stage.enrolled().await;
    let (at, kind, here) = (after(60), SessionKind::Mail, IpAddr::from([127, 0, 0, 1]));
    let token = stage.asked(at).await;
    for n in 0..10 {
        let wrong = stage.auth.enter_by_code(&token, kind, "000000", here, at).await;
        assert!(matches!(wrong, Err(AuthError::WrongCode)), "{n}");
    }
    for from in [here, peer()] {
        let right = stage.auth.enter_by_code(&token, kind, &shown(&key, at), from, at).await;
        assert!(matches!(right, Err(AuthError::TooMany(_))), "the right one too, from {from}");
    }
    assert!(matches!(stage.enter(kind, at).await.unwrap(), Entry::Code(_)), "passwords have their own limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_leads_to_its_own_step_for_its_own_pages_for_its_time_and_rights() {
    let stage = stage(Limits::default()).await;
    let (key, _) = stage.enrolled().await;
    stage.roles(&[Role::Admin]).await;
    let open = async |token: &str, kind, at| stage.auth.enter_by_code(token, kind, "000000", peer(), at).await;
    let token = stage.asked(NOW).await;
    let late = |found: Result<_, AuthError>| matches!(found, Err(AuthError::TooLate));
    assert!(late(open(&token, SessionKind::Admin, NOW).await), "other pages");
    assert!(late(open(&token, SessionKind::Mail, after(300)).await), "five minutes later");
    assert!(!late(open(&token, SessionKind::Mail, after(299)).await));
    let other = token.replace(&format!("mail.{}.", stage.house.taro.0), "mail.99.");
    assert!(late(open(&other, SessionKind::Mail, NOW).await), "another person");
    assert!(late(open("", SessionKind::Mail, NOW).await) && late(open("code.mail.1", SessionKind::Mail, NOW).await));
    let enrol = stage.auth.enrol(&token, (SessionKind::Mail, None), &shown(&key, NOW), NOW).await;
    assert!(matches!(enrol, Err(AuthError::TooLate)), "another step");
    stage.roles(&[]).await;
    assert!(late(open(&token, SessionKind::Mail, NOW).await), "his rights have changed");
    assert!(matches!(stage.enter(SessionKind::Admin, NOW).await, Err(AuthError::Refused)), "not his pages");
}

struct Named(UserId);

#[async_trait]
impl Overseer for Named {
    fn approves(&self, user: &User) -> bool {
        user.id == self.0
    }
    async fn tell(&self, _: UserId, _: FactorNews, _: &str) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_demanded_by_policy_and_role_and_of_whom_rules_ask() {
    use FactorDemand::{Everyone, Nobody, Roles};
    let stage = stage(Limits::default()).await;
    let demanded = || stage.auth.must_have_factor(&stage.store.directory().users[&stage.house.taro]);
    for (demand, roles, expected) in [
        (Roles, &[][..], false),
        (Roles, &[Role::User], false),
        (Roles, &[Role::Approver], true),
        (Roles, &[Role::Handler], true),
        (Roles, &[Role::Auditor], true),
        (Roles, &[Role::Admin], true),
        (Roles, &[Role::Operator], true),
        (Everyone, &[], true),
        (Nobody, &[Role::Operator, Role::Handler], false),
    ] {
        stage.demand(demand).await;
        stage.roles(roles).await;
        assert_eq!(demanded(), expected, "{demand:?} {roles:?}");
    }
    stage.roles(&[]).await;
    stage.demand(Roles).await;
    stage.auth.oversee(Arc::new(Named(stage.house.taro)));
    assert!(demanded(), "rules ask him to approve");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_have_one_sets_it_up_after_his_password_and_before_any_session() {
    let stage = stage(Limits::default()).await;
    let auth = &stage.auth;
    let browser = Browser { peer: peer(), agent: "Browser" };
    let Entry::Open(identity) = stage.enter(SessionKind::Mail, NOW).await.unwrap() else {
        panic!("nothing is demanded")
    };
    let (before, _) = auth.open_session(&identity, SessionKind::Mail, browser, NOW).await.unwrap();
    let lives = async |token: &str| auth.session(token, SessionKind::Mail, NOW).await.unwrap().is_some();
    assert!(lives(before.as_str()).await);
    stage.demand(FactorDemand::Everyone).await;
    assert!(!lives(before.as_str()).await, "what began without ends when one is demanded");

    let Entry::Enrol(made) = stage.enter(SessionKind::Mail, NOW).await.unwrap() else { panic!("it is demanded") };
    assert!(made.uri().starts_with("otpauth://totp/Sekisho:taro@example.jp?secret="), "{}", made.uri());
    let kind = SessionKind::Mail;
    let wrong = auth.enrol(made.token(), (kind, None), "000000", NOW).await;
    assert!(matches!(wrong, Err(AuthError::WrongCode)));
    let another = auth.enrol(made.token(), (kind, Some(UserId(99))), &shown(&made.secret(), NOW), NOW).await;
    assert!(matches!(another, Err(AuthError::TooLate)), "what was begun for somebody else");
    assert!(stage.store.directory().users[&identity.user()].second_factor.is_none(), "and nothing is set up");
    assert_eq!(auth.enrolment(made.token(), kind, NOW).unwrap().secret(), made.secret(), "the same is shown again");
    assert!(matches!(auth.enrolment(made.token(), kind, after(900)), Err(AuthError::TooLate)));
    let (identity, _) =
        auth.enrol(made.token(), (kind, Some(identity.user())), &shown(&made.secret(), NOW), NOW).await.unwrap();
    let again = auth.enrol(made.token(), (kind, None), &shown(&made.secret(), after(60)), after(60)).await;
    assert!(matches!(again, Err(AuthError::TooLate)), "once");
    let (token, _) = auth.open_session(&identity, kind, browser, NOW).await.unwrap();
    assert!(lives(token.as_str()).await);
    assert!(auth.factor(&identity, NOW).await.unwrap().demanded);
    let removed = auth.remove_factor(&identity, PASSWORD, peer(), NOW).await;
    assert!(matches!(removed, Err(AuthError::Demanded)), "not while it is demanded");
    stage.demand(FactorDemand::Roles).await;
    let after_it = auth.remove_factor(&identity, PASSWORD, peer(), NOW).await.unwrap();
    assert!(!lives(token.as_str()).await && auth.person(&identity).is_err(), "rights have changed");
    assert!(auth.factor(&after_it, NOW).await.unwrap().made.is_none());
    assert!(matches!(stage.enter(kind, NOW).await.unwrap(), Entry::Open(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn app_passwords_open_programs_and_no_browser_and_the_own_password_only_the_browser() {
    let stage = stage(Limits { sign_in_failures: 3, ..Limits::default() }).await;
    let auth = &stage.auth;
    let program = async |password: &str| auth.sign_in(TARO, password, peer(), NOW).await;
    assert_eq!(program(PASSWORD).await.unwrap().user(), stage.house.taro);
    let add = async |name: &str, password: &str| {
        auth.add_app_password(&stage.identity(stage.house.taro), name, password, peer(), NOW).await
    };
    assert!(add("phone", PASSWORD).await.is_err(), "for those who have a second factor");
    stage.enrolled().await;
    let (phone, desk) = (add("phone", PASSWORD).await.unwrap(), add(" desk ", PASSWORD).await.unwrap());
    assert_eq!((phone.len(), phone == desk), (19, false));
    for app in [phone.clone(), desk.clone(), phone.replace('-', ""), phone.to_uppercase()] {
        assert_eq!(program(&app).await.unwrap().user(), stage.house.taro);
    }
    for _ in 0..5 {
        assert!(matches!(program(PASSWORD).await, Err(AuthError::NeedsAppPassword)), "right, and so not counted");
    }
    assert!(matches!(auth.enter(TARO, &phone, SessionKind::Mail, peer(), NOW).await, Err(AuthError::Refused)));
    assert!(matches!(add("third", &phone).await, Err(AuthError::Refused)), "it is no proof of its owner");
    let listed = auth.app_passwords(&stage.identity(stage.house.taro)).await.unwrap();
    let names: Vec<_> = listed.iter().map(|one| (one.name.as_str(), one.used)).collect();
    assert_eq!(names, [("phone", Some(NOW)), ("desk", Some(NOW))]);

    let signed_in = program(&phone).await.unwrap();
    let identity = auth.remove_app_password(&stage.identity(stage.house.taro), "phone", NOW).await.unwrap();
    assert!(auth.person(&signed_in).is_err(), "who has signed in with it is out");
    assert!(program(&desk).await.is_ok());
    let state = UserChange { state: Some(store::UserState::Suspended), ..UserChange::default() };
    stage.change(identity.user(), state).await;
    assert!(matches!(program(&desk).await, Err(AuthError::Refused)), "nobody who is suspended");
    assert!(matches!(program(&phone).await, Err(AuthError::TooMany(_))), "wrong ones are counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_password_opens_while_the_account_is_closed_and_while_nothing_can_be_written() {
    let stage = stage(Limits { sign_in_failures: 3, ..Limits::default() }).await;
    let auth = &stage.auth;
    stage.enrolled().await;
    let identity = stage.identity(stage.house.taro);
    let phone = auth.add_app_password(&identity, "phone", PASSWORD, peer(), NOW).await.unwrap();
    let program = async |password: &str, at: Timestamp| auth.sign_in(TARO, password, peer(), at).await;
    for _ in 0..3 {
        assert!(matches!(program("wrong", NOW).await, Err(AuthError::Refused)));
    }
    assert!(matches!(program(PASSWORD, NOW).await, Err(AuthError::TooMany(_))), "the account is closed");
    assert_eq!(program(&phone, NOW).await.unwrap().user(), stage.house.taro);
    stage.house.engine.close().await.unwrap();
    let later = after(120);
    let app = stage.store.directory().users[&stage.house.taro].second_factor.clone().unwrap().app_passwords.remove(0);
    let written = stage.store.touch_app_password(&auth.authority, app.id, later).await;
    assert!(written.is_err(), "nothing can be written");
    assert_eq!(program(&phone, later).await.unwrap().user(), stage.house.taro);
}
