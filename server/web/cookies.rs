//! Cookies: the session's, and the note that one page leaves for the next. All bear the prefix `__Host-` (RFC 6265bis
//! 4.1.3.2), so that no neighbouring host can plant one.

use auth::SessionKind;
use axum::http::{HeaderMap, HeaderValue, header};

/// The name of the session's cookie.
#[must_use]
pub fn session_cookie(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Mail => "__Host-sk_mail",
        SessionKind::Admin => "__Host-sk_admin",
    }
}

/// The name of the note's cookie.
pub(crate) const NOTE: &str = "__Host-sk_note";

/// The value of the cookie `name`.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// A header that sets the cookie until the browser ends, or for `seconds`; 0 takes it away. `None` when the value
/// cannot stand in a header.
pub(crate) fn set(name: &str, value: &str, seconds: Option<u32>) -> Option<HeaderValue> {
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict{age}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; x__Host-sk_mail=evil; __Host-sk_mail=good"));
        headers.append(header::COOKIE, HeaderValue::from_static("__Host-sk_admin=other"));
        assert_eq!(read(&headers, session_cookie(SessionKind::Mail)), Some("good"));
        assert_eq!(read(&headers, session_cookie(SessionKind::Admin)), Some("other"));
        assert_eq!(read(&headers, "b"), None);
    }

    #[test]
    fn every_cookie_is_bound_to_host_https_and_site() {
        let value = set("__Host-sk_mail", "v", None).unwrap();
        assert_eq!(value, "__Host-sk_mail=v; Path=/; Secure; HttpOnly; SameSite=Strict");
        assert!(set("__Host-sk_note", "", Some(0)).unwrap().to_str().unwrap().ends_with("; Max-Age=0"));
        assert!(set("x", "a\r\nb", None).is_none());
    }
}
