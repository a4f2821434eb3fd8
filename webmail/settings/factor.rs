//! 二要素認証 on the tab セキュリティ: setting it up, new recovery codes, taking it away. Each asks for the password again, and its
//! owner is told by mail.

use std::sync::Arc;

use serde::Deserialize;
use web::auth::{AuthError, Browser, FactorNews, FactorState, Identity, SessionKind};
use web::axum::extract::{Form, State};
use web::axum::http::StatusCode;
use web::axum::response::Response;
use web::{Answer, EnrolmentView, FactorWords, Toast, Trouble, Visit, askama, carry_on, html_with, see_with};

use super::security::{self, Errors, HERE, SecurityWords};
use super::{Tab, TabWords, frame};
use crate::Webmail;
use crate::frame::Frame;

web::catalogue! {
    /// Texts of the part 二要素認証.
    pub struct OwnFactorWords {
        title: ja "二要素認証", en "Second factor";
        off: ja "設定されていません。パスワードが知られても、ほかの人がサインインできないようにします。",
            en "It is not set up. With it, who knows your password cannot sign in.";
        on(since: &str): ja "設定済みです({since}から)。", en "It is set up, since {since}.";
        codes_left(n: u32): ja "回復コードの残り: {n}個", en "{n} recovery codes are left.", one "One recovery code is left.";
        demanded: ja "この会社では、あなたの役割に二要素認証が必要です。", en "Your company demands it of you.";
        password: ja "確認のためのパスワード", en "Your password, to confirm";
        start: ja "設定を始める", en "Set it up";
        replace: ja "別の端末で設定し直す", en "Set it up on another device";
        new_codes: ja "回復コードを作り直す", en "Make new recovery codes";
        remove: ja "二要素認証をやめる", en "Take it away";
        removed: ja "二要素認証を解除しました。", en "The second factor has been taken away.";
    }
}

#[derive(askama::Template)]
#[template(path = "webmail/settings/factor.html")]
struct Enrol {
    frame: Frame,
    f: FactorWords,
    tabs: TabWords,
    enrolment: EnrolmentView,
    action: &'static str,
    next: &'static str,
    error: Option<&'static str>,
}

#[derive(askama::Template)]
#[template(path = "webmail/settings/codes.html")]
struct Codes {
    frame: Frame,
    f: FactorWords,
    tabs: TabWords,
    codes: Vec<String>,
    next: &'static str,
}

/// What the part of the page says.
pub(super) struct OwnFactor {
    pub t: OwnFactorWords,
    pub since: Option<String>,
    pub codes_left: u32,
    pub demanded: bool,
}

impl OwnFactor {
    pub(super) fn of(visit: &Visit, state: FactorState) -> Self {
        let since = state.made.map(|at| visit.page.style.day_long(at));
        let t = OwnFactorWords::new(visit.page.language);
        Self { t, since, codes_left: state.recovery_codes, demanded: state.demanded }
    }
}

/// What the form of the part sends; no `Debug`, so that it stands in no log.
#[derive(Deserialize)]
pub(super) struct Asked {
    password: String,
    act: String,
}

/// POST /settings/security/factor
pub(super) async fn act(State(webmail): State<Arc<Webmail>>, visit: Visit, Form(asked): Form<Asked>) -> Answer {
    let done = match asked.act.as_str() {
        "start" => start(&webmail, &visit, &asked.password).await,
        "codes" => new_codes(&webmail, &visit, &asked.password).await,
        "remove" => remove(&webmail, &visit, &asked.password).await,
        _ => return Err(Trouble::BadRequest),
    };
    match done {
        Ok(answer) => answer,
        Err(error) => {
            let errors = refused(&visit, error)?;
            security::page(&webmail, visit, StatusCode::UNPROCESSABLE_ENTITY, errors).await
        }
    }
}

fn refused(visit: &Visit, error: AuthError) -> Result<Errors, Trouble> {
    let text = match error {
        AuthError::Refused => SecurityWords::new(visit.page.language).old_wrong().to_owned(),
        AuthError::TooMany(minutes) => visit.page.words.locked(minutes),
        AuthError::Demanded => OwnFactorWords::new(visit.page.language).demanded().to_owned(),
        other => return Err(other.into()),
    };
    Ok(Errors::of_factor(text))
}

async fn start(webmail: &Webmail, visit: &Visit, password: &str) -> Result<Answer, AuthError> {
    let kind = visit.session.kind();
    let made = webmail.auth.begin_enrolment(visit.identity(), kind, password, visit.peer, visit.now).await?;
    Ok(EnrolmentView::of(&made).and_then(|view| enrol_page(visit, StatusCode::OK, view, false)))
}

fn enrol_page(visit: &Visit, status: StatusCode, enrolment: EnrolmentView, wrong: bool) -> Answer {
    let (f, tabs) = (FactorWords::new(visit.page.language), TabWords::new(visit.page.language));
    let error = wrong.then(|| f.wrong_code());
    let (frame, action) = (frame(visit.page.clone(), Tab::Security), "/settings/security/factor/confirm");
    html_with(status, &Enrol { frame, f, tabs, enrolment, action, next: HERE, error })
}

async fn new_codes(webmail: &Webmail, visit: &Visit, password: &str) -> Result<Answer, AuthError> {
    let codes = webmail.auth.new_recovery_codes(visit.identity(), password, visit.peer, visit.now).await?;
    webmail.auth.tell_of_factor(visit.identity().user(), FactorNews::NewCodes, &security::whence(visit)).await;
    Ok(codes_page(visit, codes))
}

fn codes_page(visit: &Visit, codes: Vec<String>) -> Answer {
    let (f, tabs) = (FactorWords::new(visit.page.language), TabWords::new(visit.page.language));
    html_with(StatusCode::OK, &Codes { frame: frame(visit.page.clone(), Tab::Security), f, tabs, codes, next: HERE })
}

async fn remove(webmail: &Webmail, visit: &Visit, password: &str) -> Result<Answer, AuthError> {
    let identity = webmail.auth.remove_factor(visit.identity(), password, visit.peer, visit.now).await?;
    webmail.auth.tell_of_factor(identity.user(), FactorNews::Removed, &security::whence(visit)).await;
    let removed = Toast::new(OwnFactorWords::new(visit.page.language).removed());
    match see_with(HERE, &removed) {
        Ok(response) => Ok(carried_on(webmail, visit, &identity, response).await),
        Err(trouble) => Ok(Err(trouble)),
    }
}

/// The answer under a new session of the person: the one before has ended with his rights.
pub(super) async fn carried_on(
    webmail: &Webmail,
    visit: &Visit,
    identity: &Identity,
    mut response: Response,
) -> Answer {
    let browser = Browser { peer: visit.peer, agent: &visit.agent };
    let (token, _) = webmail.auth.open_session(identity, visit.session.kind(), browser, visit.now).await?;
    carry_on(&mut response, visit.session.kind(), &token)?;
    Ok(response)
}

/// What confirms a second factor that is being set up; no `Debug`, so that it stands in no log.
#[derive(Deserialize)]
pub(super) struct Confirmed {
    token: String,
    code: String,
}

/// POST /settings/security/factor/confirm
pub(super) async fn confirm(State(webmail): State<Arc<Webmail>>, visit: Visit, Form(given): Form<Confirmed>) -> Answer {
    let kind: SessionKind = visit.session.kind();
    // two accounts in one browser: the form may be the other's
    let of = Some(visit.identity().user());
    match webmail.auth.enrol(&given.token, (kind, of), &given.code, visit.now).await {
        Ok((identity, codes)) => {
            webmail.auth.tell_of_factor(identity.user(), FactorNews::Set, &security::whence(&visit)).await;
            let response = codes_page(&visit, codes)?;
            carried_on(&webmail, &visit, &identity, response).await
        }
        Err(AuthError::WrongCode) => {
            let again = EnrolmentView::of(&webmail.auth.enrolment(&given.token, kind, visit.now)?)?;
            enrol_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, again, true)
        }
        Err(AuthError::TooLate) => {
            let text = FactorWords::new(visit.page.language).set_up_late().to_owned();
            let errors = Errors::of_factor(text);
            security::page(&webmail, visit, StatusCode::UNPROCESSABLE_ENTITY, errors).await
        }
        Err(error) => Err(error.into()),
    }
}
