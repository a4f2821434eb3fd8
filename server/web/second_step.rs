//! Signing in after the password: the code of who has a second factor, and setting one up where it is demanded. Between the steps
//! no session exists; a sealed token in the form says who has proved his password.

use askama::Template;
use auth::{AuthError, Enrolment, FactorNews};
use axum::Router;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::routing::get;
use serde::Deserialize;

use crate::answer::{Answer, html, html_with, local_path, see};
use crate::factor::{EnrolmentView, FactorWords};
use crate::gate::Frame;
use crate::sign_in::{self, Opened};
use crate::visit::Entered;
use crate::{Guest, Toast, Trouble};

pub(crate) fn routes() -> Router {
    Router::new().route("/login/code", get(again).post(code)).route("/login/factor", get(again).post(enrol))
}

/// What both forms send; no `Debug`, so that it stands in no log.
#[derive(Deserialize)]
struct Given {
    token: String,
    code: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    lang: String,
}

#[derive(Template)]
#[template(path = "factor/code.html")]
struct CodePage {
    frame: Frame,
    f: FactorWords,
    token: String,
    next: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "factor/enrol.html")]
struct EnrolPage {
    frame: Frame,
    f: FactorWords,
    enrolment: EnrolmentView,
    action: &'static str,
    next: String,
    error: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "factor/codes.html")]
struct CodesPage {
    frame: Frame,
    f: FactorWords,
    codes: Vec<String>,
    next: String,
}

/// Who comes back to a page in between begins anew.
async fn again() -> Answer {
    see("/login")
}

/// The page that asks for the code.
pub(crate) fn ask_code(guest: Guest, token: String, next: &str) -> Answer {
    code_page(guest, StatusCode::OK, token, next, None)
}

fn code_page(guest: Guest, status: StatusCode, token: String, next: &str, error: Option<String>) -> Answer {
    let f = FactorWords::new(guest.page.language);
    html_with(status, &CodePage { frame: Frame { page: guest.page }, f, token, next: next.to_owned(), error })
}

/// The page that sets up a second factor.
pub(crate) fn ask_enrolment(guest: Guest, enrolment: &Enrolment, next: &str) -> Answer {
    enrol_page(guest, StatusCode::OK, enrolment, next, false)
}

fn enrol_page(guest: Guest, status: StatusCode, enrolment: &Enrolment, next: &str, wrong: bool) -> Answer {
    let f = FactorWords::new(guest.page.language);
    let (enrolment, next, error) = (EnrolmentView::of(enrolment)?, next.to_owned(), wrong.then(|| f.wrong_code()));
    html_with(
        status,
        &EnrolPage { frame: Frame { page: guest.page }, f, enrolment, action: "/login/factor", next, error },
    )
}

/// POST /login/code
async fn code(mut guest: Guest, entered: axum::Extension<Entered>, Form(given): Form<Given>) -> Answer {
    guest.speak(&given.lang);
    let (auth, kind, next) = (guest.site.auth.clone(), guest.site.kind, local_path(&given.next).to_owned());
    let f = FactorWords::new(guest.page.language);
    match auth.enter_by_code(&given.token, kind, &given.code, guest.peer, guest.now).await {
        Ok((identity, None)) => {
            let opened = sign_in::open(&guest, &entered, &identity).await?;
            let line = opened.line.clone().map(Toast::line);
            sign_in::land(&guest, &opened, &next, line)
        }
        Ok((identity, Some(left))) => {
            let opened = sign_in::open(&guest, &entered, &identity).await?;
            auth.tell_of_factor(identity.user(), FactorNews::CodeUsed(left), &sign_in::whence(&guest)).await;
            sign_in::land(&guest, &opened, &next, Some(Toast::line(f.recovery_left(left))))
        }
        Err(AuthError::WrongCode) => {
            let text = f.wrong_code().to_owned();
            code_page(guest, StatusCode::UNPROCESSABLE_ENTITY, given.token, &next, Some(text))
        }
        Err(AuthError::TooMany(minutes)) => {
            let text = guest.page.words.locked(minutes);
            code_page(guest, StatusCode::TOO_MANY_REQUESTS, given.token, &next, Some(text))
        }
        Err(error) => over(guest, &next, error),
    }
}

/// POST /login/factor: the first code of a second factor that is demanded.
async fn enrol(mut guest: Guest, entered: axum::Extension<Entered>, Form(given): Form<Given>) -> Answer {
    guest.speak(&given.lang);
    let (auth, kind, next) = (guest.site.auth.clone(), guest.site.kind, local_path(&given.next).to_owned());
    match auth.enrol(&given.token, (kind, None), &given.code, guest.now).await {
        Ok((identity, codes)) => {
            auth.tell_of_factor(identity.user(), FactorNews::Set, &sign_in::whence(&guest)).await;
            let opened: Opened = sign_in::open(&guest, &entered, &identity).await?;
            let f = FactorWords::new(guest.page.language);
            let mut response = html(&CodesPage { frame: Frame { page: guest.page }, f, codes, next })?;
            sign_in::carry_on(&mut response, kind, &opened.token)?;
            Ok(response)
        }
        Err(AuthError::WrongCode) => {
            let enrolment = auth.enrolment(&given.token, kind, guest.now)?;
            enrol_page(guest, StatusCode::UNPROCESSABLE_ENTITY, &enrolment, &next, true)
        }
        Err(error) => over(guest, &next, error),
    }
}

/// The first step again, when the way to the second has ended.
fn over(guest: Guest, next: &str, error: AuthError) -> Answer {
    match error {
        AuthError::TooLate | AuthError::Refused => {
            let text = FactorWords::new(guest.page.language).too_late().to_owned();
            sign_in::page(guest, StatusCode::UNPROCESSABLE_ENTITY, String::new(), next, Some(text))
        }
        other => Err(Trouble::from(other)),
    }
}
