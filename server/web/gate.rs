//! The gate of an origin: who comes from where, with which session and token; and on the way out the headers, the
//! error pages, the one log line of a failure. No handler can be reached around it.

use std::net::IpAddr;
use std::sync::Arc;

use askama::Template;
use auth::Session;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use types::Reference;

use crate::answer::{html_with, noted, see};
use crate::page::{language_of, preferred};
use crate::serve::Connection;
use crate::visit::{Entered, Guest};
use crate::{CommonWords, Page, Site, Trouble, Who, cookies, csrf, headers, limits, session_cookie};

pub(crate) async fn gate(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    // A body cannot be shared between threads, so only the head is looked at while others are waited for.
    let (head, body) = request.into_parts();
    let wants = Wants::of(&head);
    let entered = match enter(&site, &head).await {
        Ok(entered) => entered,
        Err(trouble) => {
            tracing::error!(cause = %trouble, "a request could not be taken in");
            return trouble.status().into_response();
        }
    };
    let page = entered.guest.page.clone();
    let request = Request::from_parts(head, body);
    let answered = match pass(request, entered).await {
        Ok(request) => tokio::time::timeout(limits::ANSWER_TIME, next.run(request)).await,
        Err(trouble) => Ok(trouble.into_response()),
    };
    let mut response = answered.unwrap_or_else(|_| Trouble::Busy("a handler took too long".into()).into_response());
    if let Some(trouble) = trouble_in(&mut response) {
        response = explain(&page, &wants, &trouble);
    }
    if wants.note
        && response.status() == StatusCode::OK
        && let Some(gone) = cookies::set(cookies::NOTE, "", Some(0))
    {
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    headers::app(response.headers_mut(), &page.nonce, &site.urls.content, site.is_https());
    response
}

/// What must be known of a request after it is gone.
struct Wants {
    method: Method,
    path: String,
    fragment: bool,
    events: bool,
    note: bool,
}

impl Wants {
    fn of(head: &Parts) -> Self {
        let headers = &head.headers;
        let has =
            |name: &str, word: &str| headers.get(name).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(word));
        let events = has("accept", "text/event-stream");
        Self {
            method: head.method.clone(),
            path: path_of(head),
            fragment: has("sekisho-fragment", "true"),
            events,
            note: !events && head.method == Method::GET && cookies::read(headers, cookies::NOTE).is_some(),
        }
    }
}

fn path_of(head: &Parts) -> String {
    head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
}

/// Finds out who comes.
async fn enter(site: &Arc<Site>, head: &Parts) -> Result<Entered, Trouble> {
    let headers = &head.headers;
    let now = site.clock.now();
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let mut page = Page::guest(site.kind, language(head), now, path_of(head))?;
    page.fragment = text("sekisho-fragment") == "true";
    if head.method == Method::GET {
        page.toast = cookies::read(headers, cookies::NOTE).and_then(noted);
    }
    let session = match cookies::read(headers, session_cookie(site.kind)) {
        Some(token) => site.auth.session(token, site.kind, now).await?,
        None => None,
    };
    if let Some(session) = &session {
        know(site, &mut page, session)?;
    }
    let peer = peer(head, &site.proxies);
    let guest = Guest { page, site: site.clone(), peer, agent: text("user-agent").to_owned(), now };
    Ok(Entered { guest, session })
}

fn know(site: &Site, page: &mut Page, session: &Session) -> Result<(), Trouble> {
    let user = site.auth.person(session.identity())?;
    let who = Who { name: user.name.clone(), address: user.address.to_string() };
    page.signed_in(session, site.clock.now(), who, user.language, user.settings.clone())
}

/// The language of a guest: as the query says (`lang`), else as the browser prefers.
pub(crate) fn language(head: &Parts) -> types::Language {
    let asked = head.uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("lang=")));
    let accepted = head.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    asked.and_then(language_of).unwrap_or_else(|| preferred(accepted.unwrap_or_default()))
}

/// The peer's address; behind a proxy that is believed, the last address that is not one itself.
pub(crate) fn peer(head: &Parts, proxies: &[IpAddr]) -> IpAddr {
    let unknown = IpAddr::from([0, 0, 0, 0]);
    let direct = head.extensions.get::<Connection>().map_or(unknown, |connection| connection.peer.ip());
    if !proxies.contains(&direct) {
        return direct;
    }
    let lines = head.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<IpAddr> = lines.flat_map(|line| line.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
    hops.into_iter().rev().find(|hop| !proxies.contains(hop)).unwrap_or(direct)
}

/// Lets a request pass that came from our own pages.
async fn pass(mut request: Request, entered: Entered) -> Result<Request, Trouble> {
    let foreign = csrf::is_foreign(request.method(), request.headers(), &own_origin(&entered.guest.site, &request));
    if foreign {
        return Err(Trouble::Foreign);
    }
    // The forms of signing in are shown to guests, who have no token; where they came from has been checked.
    let path = request.uri().path();
    let signs_in = path == "/login" || path.starts_with("/login/");
    let needs_token = !csrf::is_safe(request.method()) && !signs_in;
    if let (true, Some(session)) = (needs_token, &entered.session) {
        request = csrf::check(request, session.form_key()).await?;
    }
    request.extensions_mut().insert(entered);
    Ok(request)
}

/// The origin under which the browser knows us: the scheme is ours, the name is the one it asked for.
fn own_origin(site: &Site, request: &Request) -> String {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str)).unwrap_or_default();
    format!("{}://{host}", if site.is_https() { "https" } else { "http" })
}

/// The trouble that a handler reported, or that a library answered in words of its own.
fn trouble_in(response: &mut Response) -> Option<Trouble> {
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        return Some(trouble);
    }
    let status = response.status();
    let ours =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    ((status.is_client_error() || status.is_server_error()) && !ours).then(|| Trouble::from_status(status))
}

/// The page or fragment that tells the reader.
fn explain(page: &Page, wants: &Wants, trouble: &Trouble) -> Response {
    if matches!(trouble, Trouble::SignedOut) {
        return to_sign_in(wants);
    }
    let mut random = [0; 5];
    let _ = getrandom::fill(&mut random);
    let reference = Reference::from_random(random);
    let (status, path) = (trouble.status(), wants.path.split('?').next().unwrap_or_default());
    if status.is_server_error() {
        tracing::error!(%reference, status = status.as_u16(), path, cause = %trouble, "a request failed");
    } else {
        tracing::debug!(%reference, status = status.as_u16(), path, "a request was refused");
    }
    let (title, help) = told(&page.words, trouble);
    let reference = page.words.error_reference(&reference.to_string());
    let made = if wants.fragment {
        html_with(status, &Notice { title, help, reference })
    } else {
        html_with(status, &ErrorPage { frame: Frame { page: page.clone() }, title, help, reference })
    };
    made.unwrap_or_else(|_| status.into_response())
}

fn to_sign_in(wants: &Wants) -> Response {
    let path = if wants.method == Method::GET && wants.path != "/" {
        format!("/login?next={}", encoded(&wants.path))
    } else {
        "/login".to_owned()
    };
    if !wants.fragment && !wants.events {
        return see(&path).unwrap_or_else(|_| StatusCode::UNAUTHORIZED.into_response());
    }
    let mut headers = HeaderMap::new();
    // A script asked from a page that is still open: it goes to the sign-in and from there to the first page.
    headers.insert("sekisho-location", HeaderValue::from_static("/login"));
    (StatusCode::UNAUTHORIZED, headers).into_response()
}

/// A path as a query's value.
fn encoded(path: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    path.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn told(words: &CommonWords, trouble: &Trouble) -> (&'static str, &'static str) {
    match trouble {
        Trouble::BadRequest | Trouble::SignedOut => (words.bad_request(), words.bad_request_help()),
        Trouble::NotAllowed => (words.not_allowed(), words.not_allowed_help()),
        Trouble::Foreign => (words.foreign(), words.foreign_help()),
        Trouble::NotFound => (words.not_found(), words.not_found_help()),
        Trouble::WrongMethod => (words.wrong_method(), words.bad_request_help()),
        Trouble::TooLarge => (words.too_large(), words.too_large_help()),
        Trouble::TooMany => (words.too_many(), words.too_many_help()),
        Trouble::Busy(_) => (words.not_now(), words.failed_help()),
        Trouble::Bug(_) => (words.failed(), words.failed_help()),
    }
}

/// The frame of pages without a menu.
pub(crate) struct Frame {
    pub page: Page,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    title: &'static str,
    help: &'static str,
    reference: String,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice {
    title: &'static str,
    help: &'static str,
    reference: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn a_forwarded_address_is_believed_of_known_proxies_only() {
        let request = |peer: &str, forwarded: &str| {
            let mut request = Request::get("/").header("x-forwarded-for", forwarded).body(Body::empty()).unwrap();
            request.extensions_mut().insert(Connection::of(format!("{peer}:1").parse().unwrap()));
            request.into_parts().0
        };
        let proxies = ["127.0.0.1".parse().unwrap(), "192.0.2.1".parse().unwrap()];
        for (direct, forwarded, found) in [
            ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("127.0.0.1", "198.51.100.1, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
            ("127.0.0.1", "nonsense", "127.0.0.1"),
            ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ] {
            assert_eq!(peer(&request(direct, forwarded), &proxies).to_string(), found);
        }
    }
}
