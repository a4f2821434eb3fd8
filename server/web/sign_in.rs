//! Signing in and out, the same for webmail and console but for the words above the form and who is let in.

use askama::Template;
use auth::{AuthError, Browser, Entry, Identity, SessionKind, SignIn};
use axum::Router;
use axum::extract::{Form, Query};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use types::{Language, Timestamp};

use crate::answer::{Answer, html_with, local_path, see, see_with};
use crate::gate::Frame;
use crate::visit::Entered;
use crate::{CommonWords, Guest, Style, Toast, Trouble, Visit, cookies, device_name, second_step, session_cookie};

pub(crate) fn routes() -> Router {
    let steps = second_step::routes();
    steps.route("/login", get(show).post(sign_in)).route("/logout", post(sign_out))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    next: String,
}

/// What the form sends. The password stands in no log: this type has no `Debug`.
#[derive(Deserialize)]
struct Given {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    lang: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    email: String,
    next: String,
    error: Option<String>,
}

impl SignInPage {
    fn title(&self) -> &'static str {
        match self.frame.page.kind {
            SessionKind::Mail => self.frame.page.words.sign_in_mail(),
            SessionKind::Admin => self.frame.page.words.sign_in_admin(),
        }
    }
    fn other_language(&self) -> &'static str {
        if self.frame.page.language == Language::Ja { "en" } else { "ja" }
    }
}

async fn show(guest: Guest, Query(asked): Query<Asked>) -> Answer {
    page(guest, StatusCode::OK, String::new(), local_path(&asked.next), None)
}

/// The form of the first step.
pub(crate) fn page(guest: Guest, status: StatusCode, email: String, next: &str, error: Option<String>) -> Answer {
    html_with(status, &SignInPage { frame: Frame { page: guest.page }, email, next: next.to_owned(), error })
}

async fn sign_in(mut guest: Guest, entered: axum::Extension<Entered>, Form(given): Form<Given>) -> Answer {
    guest.speak(&given.lang);
    let (auth, kind, next) = (guest.site.auth.clone(), guest.site.kind, local_path(&given.next));
    match auth.enter(&given.email, &given.password, kind, guest.peer, guest.now).await {
        Ok(Entry::Open(identity)) => {
            let opened = open(&guest, &entered, &identity).await?;
            land(&guest, &opened, next, opened.line.clone().map(Toast::line))
        }
        Ok(Entry::Code(token)) => second_step::ask_code(guest, token, next),
        Ok(Entry::Enrol(enrolment)) => second_step::ask_enrolment(guest, &enrolment, next),
        Err(error) => refused(guest, &given, error),
    }
}

/// 「前回のサインイン」 in the person's language.
fn last_sign_in(language: Language, now: Timestamp, before: &SignIn) -> String {
    let words = CommonWords::new(language);
    let device = device_name(&before.agent).unwrap_or_else(|| words.unknown_device().to_owned());
    words.last_sign_in(&Style::new(language, now).date_short(before.at), &device, &before.peer)
}

/// The browser and its address, for a mail.
pub(crate) fn whence(guest: &Guest) -> String {
    let device = device_name(&guest.agent).unwrap_or_else(|| guest.page.words.unknown_device().to_owned());
    format!("{device}, {}", guest.peer)
}

/// A session that has begun.
pub(crate) struct Opened {
    pub token: auth::SessionToken,
    /// What is said of the sign-in before it.
    pub line: Option<String>,
}

/// Begins a session. The one before, if any, is not carried on: a new sign-in has a new id.
pub(crate) async fn open(guest: &Guest, entered: &Entered, identity: &Identity) -> Result<Opened, Trouble> {
    let (auth, kind) = (&guest.site.auth, guest.site.kind);
    let browser = Browser { peer: guest.peer, agent: &guest.agent };
    let (token, _) = auth.open_session(identity, kind, browser, guest.now).await?;
    let before = auth.note_sign_in(identity, kind, browser, guest.now).await?;
    let language = auth.person(identity)?.language;
    if let Some(before) = &entered.session {
        auth.end_session(before).await?;
    }
    Ok(Opened { token, line: before.map(|before| last_sign_in(language, guest.now, &before)) })
}

/// To the page that was asked for, under the new session.
pub(crate) fn land(guest: &Guest, opened: &Opened, next: &str, line: Option<Toast>) -> Answer {
    let mut response = match line {
        Some(line) => see_with(next, &line)?,
        None => see(next)?,
    };
    keep(&mut response, session_cookie(guest.site.kind), opened.token.as_str(), None)?;
    Ok(response)
}

fn refused(guest: Guest, given: &Given, error: AuthError) -> Answer {
    let words = guest.page.words;
    let (status, text) = match error {
        AuthError::Refused => (StatusCode::UNPROCESSABLE_ENTITY, words.wrong_password().to_owned()),
        AuthError::TooMany(minutes) => (StatusCode::TOO_MANY_REQUESTS, words.locked(minutes)),
        AuthError::Busy => (StatusCode::SERVICE_UNAVAILABLE, words.sign_in_busy().to_owned()),
        other => return Err(other.into()),
    };
    page(guest, status, given.email.clone(), local_path(&given.next), Some(text))
}

async fn sign_out(visit: Visit) -> Answer {
    visit.site.auth.sign_out(&visit.session, visit.peer, visit.now).await?;
    let mut response = see("/login")?;
    keep(&mut response, session_cookie(visit.site.kind), "", Some(0))?;
    Ok(response)
}

fn keep(response: &mut Response, name: &str, value: &str, seconds: Option<u32>) -> Result<(), Trouble> {
    let cookie: HeaderValue = cookies::set(name, value, seconds).ok_or_else(|| Trouble::bug("a cookie"))?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(())
}

/// Puts the browser under the token of a session that was opened in place of its own (a changed password).
///
/// # Errors
/// [`Trouble::Bug`] when the token cannot stand in a header.
pub fn carry_on(response: &mut Response, kind: SessionKind, token: &auth::SessionToken) -> Result<(), Trouble> {
    keep(response, session_cookie(kind), token.as_str(), None)
}
