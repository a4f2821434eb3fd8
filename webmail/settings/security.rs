//! セキュリティ: the password, the second factor, and where one is signed in.

use std::sync::Arc;

use outbound::PasswordChange;
use serde::Deserialize;
use web::auth::{AuthError, Browser, Device, PasswordError, SignIn};
use web::axum::extract::{Form, Path, State};
use web::axum::http::StatusCode;
use web::{Answer, Toast, Trouble, Visit, askama, carry_on, device_name, html_with, see_with};

use super::app_passwords::AppPart;
use super::factor::OwnFactor;
use super::{Tab, TabWords, frame};
use crate::Webmail;
use crate::frame::Frame;

pub(super) const HERE: &str = "/settings/security";
/// Sign-ins that are shown.
const SIGN_INS: u32 = 10;

web::catalogue! {
    /// Texts of the tab セキュリティ.
    pub struct SecurityWords {
        password: ja "パスワードの変更", en "Change the password";
        old: ja "現在のパスワード", en "Present password";
        new_password: ja "新しいパスワード", en "New password";
        again: ja "新しいパスワード(確認)", en "New password (again)";
        rule: ja "8文字以上200文字以内。変更すると、ほかの端末からはサインアウトされます。",
            en "8 to 200 characters. All other devices are signed out.";
        change: ja "パスワードを変更", en "Change the password";
        changed: ja "パスワードを変更しました。", en "The password has been changed.";
        old_wrong: ja "現在のパスワードが正しくありません。", en "The present password is not correct.";
        differs: ja "2つの新しいパスワードが一致していません。", en "The two new passwords are not the same.";
        too_short: ja "パスワードは8文字以上にしてください。", en "Please use 8 characters or more.";
        too_long: ja "パスワードは200文字以内にしてください。", en "Please use 200 characters or less.";
        bad_character: ja "使用できない文字が含まれています。", en "It holds a character that cannot be used.";

        devices: ja "サインイン中の端末", en "Where you are signed in";
        device: ja "端末", en "Device";
        address: ja "接続元", en "Address";
        since: ja "サインイン", en "Signed in";
        seen: ja "最終利用", en "Last used";
        this_one: ja "この端末", en "This device";
        unknown: ja "不明な端末", en "Unknown device";
        console: ja "管理コンソール", en "Console";
        sign_ins: ja "最近のサインイン", en "Last sign-ins";
        when: ja "日時", en "When";
        end: ja "サインアウト", en "Sign out";
        end_of(device: &str): ja "{device}からサインアウト", en "Sign out of {device}";
        ended: ja "端末をサインアウトしました。", en "The device has been signed out.";
        end_others: ja "ほかのすべての端末からサインアウト", en "Sign out of all other devices";
        ended_others(n: u64): ja "ほかの端末 {n}台をサインアウトしました。", en "{n} other devices have been signed out.",
            one "One other device has been signed out.";
    }
}

/// What is wrong with which field.
#[derive(Default)]
pub(super) struct Errors {
    old: Option<String>,
    new: Option<&'static str>,
    again: Option<&'static str>,
    /// Of the form of the second factor.
    factor: Option<String>,
    /// Of the form of passwords for mail programs.
    app: Option<String>,
}

impl Errors {
    /// What is wrong with the form of the second factor.
    pub(super) fn of_factor(text: String) -> Self {
        Self { factor: Some(text), ..Self::default() }
    }
    /// What is wrong with the form of passwords for mail programs.
    pub(super) fn of_app(text: String) -> Self {
        Self { app: Some(text), ..Self::default() }
    }
    /// Every field with what is wrong there.
    fn all(&self) -> Vec<(&'static str, &str)> {
        let fields = [("old", self.old.as_deref()), ("new", self.new), ("again", self.again)];
        fields.into_iter().filter_map(|(field, error)| Some((field, error?))).collect()
    }
    fn count(&self) -> usize {
        usize::from(self.old.is_some()) + usize::from(self.new.is_some()) + usize::from(self.again.is_some())
    }
}

#[derive(askama::Template)]
#[template(path = "webmail/settings/security.html")]
struct Security {
    frame: Frame,
    t: SecurityWords,
    tabs: TabWords,
    address: String,
    errors: Errors,
    devices: Vec<Device>,
    sign_ins: Vec<SignIn>,
    factor: OwnFactor,
    apps: AppPart,
}

impl Security {
    fn name(&self, agent: &str) -> String {
        device_name(agent).unwrap_or_else(|| self.t.unknown().to_owned())
    }
    fn is_console(&self, kind: &web::auth::SessionKind) -> bool {
        *kind == web::auth::SessionKind::Admin
    }
}

pub(super) async fn show(State(webmail): State<Arc<Webmail>>, visit: Visit) -> Answer {
    page(&webmail, visit, StatusCode::OK, Errors::default()).await
}

pub(super) async fn page(webmail: &Webmail, visit: Visit, status: StatusCode, errors: Errors) -> Answer {
    let devices = webmail.auth.devices(&visit.session, visit.now).await?;
    let sign_ins = webmail.auth.sign_ins(visit.identity(), SIGN_INS).await?;
    let factor = OwnFactor::of(&visit, webmail.auth.factor(visit.identity(), visit.now).await?);
    let apps = AppPart::of(webmail, &visit).await?;
    let (t, tabs) = (SecurityWords::new(visit.page.language), TabWords::new(visit.page.language));
    let address = visit.page.who.as_ref().map(|who| who.address.clone()).unwrap_or_default();
    let frame = frame(visit.page, Tab::Security);
    html_with(status, &Security { frame, t, tabs, address, errors, devices, sign_ins, factor, apps })
}

/// What the form sends; no `Debug`, so that it stands in no log.
#[derive(Deserialize)]
pub(super) struct Given {
    old: String,
    new: String,
    again: String,
}

pub(super) async fn change_password(
    State(webmail): State<Arc<Webmail>>,
    visit: Visit,
    Form(given): Form<Given>,
) -> Answer {
    let t = SecurityWords::new(visit.page.language);
    if given.new != given.again {
        let errors = Errors { again: Some(t.differs()), ..Errors::default() };
        return page(&webmail, visit, StatusCode::UNPROCESSABLE_ENTITY, errors).await;
    }
    let auth = &webmail.auth;
    match auth.change_password(visit.identity(), &given.old, &given.new, visit.peer, visit.now).await {
        Ok(identity) => {
            let browser = Browser { peer: visit.peer, agent: &visit.agent };
            let (token, _) = auth.open_session(&identity, visit.session.kind(), browser, visit.now).await?;
            let from = whence(&visit);
            webmail.outbound.tell_of_password(identity.user(), PasswordChange::From(&from)).await?;
            let mut response = see_with(HERE, &Toast::new(t.changed()))?;
            carry_on(&mut response, visit.session.kind(), &token)?;
            Ok(response)
        }
        Err(error) => {
            let errors = explained(t, visit.page.words, error)?;
            page(&webmail, visit, StatusCode::UNPROCESSABLE_ENTITY, errors).await
        }
    }
}

/// The visitor's browser and address, for a mail.
pub(super) fn whence(visit: &Visit) -> String {
    let t = SecurityWords::new(visit.page.language);
    let device = device_name(&visit.agent).unwrap_or_else(|| t.unknown().to_owned());
    format!("{device}, {}", visit.peer)
}

fn explained(t: SecurityWords, words: web::CommonWords, error: AuthError) -> Result<Errors, Trouble> {
    let old = |text: String| Errors { old: Some(text), ..Errors::default() };
    let new = |text| Errors { new: Some(text), ..Errors::default() };
    Ok(match error {
        AuthError::Refused => old(t.old_wrong().to_owned()),
        AuthError::TooMany(minutes) => old(words.locked(minutes)),
        AuthError::Password(PasswordError::TooShort) => new(t.too_short()),
        AuthError::Password(PasswordError::TooLong) => new(t.too_long()),
        AuthError::Password(PasswordError::BadCharacter) => new(t.bad_character()),
        other => return Err(other.into()),
    })
}

pub(super) async fn end_one(State(webmail): State<Arc<Webmail>>, visit: Visit, Path(id): Path<String>) -> Answer {
    if !webmail.auth.end_device(&visit.session, &id).await? {
        return Err(Trouble::NotFound);
    }
    see_with(HERE, &Toast::new(SecurityWords::new(visit.page.language).ended()))
}

pub(super) async fn end_others(State(webmail): State<Arc<Webmail>>, visit: Visit) -> Answer {
    let ended = webmail.auth.end_other_sessions(&visit.session).await?;
    see_with(HERE, &Toast::new(SecurityWords::new(visit.page.language).ended_others(ended)))
}
