//! The content origin's answers: confined whatever they hold. It knows no session; of who asks it knows where from and which
//! language.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use types::Language;

use crate::limits::{ANSWER_TIME, UPLOAD_TIME};
use crate::serve::Connection;
use crate::{Trouble, gate, headers};

/// Longest name of a browser that is remembered, characters.
const AGENT: usize = 120;

/// Who asks the content origin: nobody is signed in there.
#[derive(Debug, Clone)]
pub struct Caller {
    /// As the query says (`lang`), else as the browser prefers, else Japanese.
    pub language: Language,
    /// Where the request comes from, behind the proxies that are believed.
    pub peer: IpAddr,
    /// What the browser calls itself, trimmed.
    pub agent: String,
    /// Version and cipher suite of the TLS under this very connection; `None`: it is plain.
    pub tls: Option<(&'static str, String)>,
}

impl Caller {
    fn of(head: &Parts, proxies: &[IpAddr]) -> Self {
        let agent = head.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let agent = agent.chars().filter(|sign| !sign.is_control()).take(AGENT).collect();
        let tls = head.extensions.get::<Connection>().and_then(|connection| connection.tls.clone());
        Self { language: gate::language(head), peer: gate::peer(head, proxies), agent, tls }
    }

    /// The network from which it comes: the first 24 bits of an IPv4 address, the first 48 of an IPv6 one.
    #[must_use]
    pub fn network(&self) -> String {
        match self.peer.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}::/48")
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Trouble;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Trouble> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Trouble::bug("a handler outside the content origin"))
    }
}

/// What the content origin's answers need to know of it.
#[derive(Debug, Clone)]
pub(crate) struct Confines {
    pub https: bool,
    pub proxies: Arc<[IpAddr]>,
}

pub(crate) async fn confine(State(confines): State<Confines>, request: Request, next: Next) -> Response {
    let https = confines.https;
    // a body cannot be shared between threads: only the head is looked at
    let (mut head, body) = request.into_parts();
    let caller = Caller::of(&head, &confines.proxies);
    head.extensions.insert(caller);
    let time = if brings_files(&head) { UPLOAD_TIME } else { ANSWER_TIME };
    let request = Request::from_parts(head, body);
    let answered = tokio::time::timeout(time, next.run(request)).await;
    let mut response = answered.unwrap_or_else(|_| Trouble::Busy("a handler took too long".into()).into_response());
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        if response.status().is_server_error() {
            tracing::error!(cause = %trouble, "a request to the content origin failed");
        }
        response = (trouble.status(), format!("{}\n", trouble.status())).into_response();
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, plain);
    }
    headers::content(response.headers_mut(), https);
    response
}

fn brings_files(head: &Parts) -> bool {
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("multipart/form-data"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_known_by_his_network_only() {
        for (peer, network) in [
            ("203.0.113.9", "203.0.113.0/24"),
            ("::ffff:203.0.113.9", "203.0.113.0/24"),
            ("2001:db8:7:8::9", "2001:db8:7::/48"),
        ] {
            let (language, agent) = (Language::Ja, String::new());
            let caller = Caller { language, peer: peer.parse().unwrap(), agent, tls: None };
            assert_eq!(caller.network(), network);
        }
    }
}
