//! Requests that another site made the browser send: refused by where they come from, and by the token that only our
//! own pages know. GET and HEAD change nothing, so they need no token.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::StreamExt as _;
use http_body_util::BodyExt as _;
use ring::hmac;

use crate::Trouble;
use crate::limits::FORM;

/// The field's name in forms. It is the first field of each, so that it is known before files arrive.
pub const FIELD: &str = "csrf";
/// The header of requests that scripts make.
pub const HEADER: &str = "x-csrf";
/// So many bytes of a multipart body are looked at for the first field.
const PEEK: usize = 4 << 10;
const SALT: usize = 16;

/// A token for the session of this key: another each time, so that compressing a page tells nothing about it.
pub(crate) fn token(form_key: &[u8; 32], salt: [u8; SALT]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, form_key), &salt);
    URL_SAFE_NO_PAD.encode([&salt[..], tag.as_ref()].concat())
}

/// Whether [`token`] made this token for this key.
pub(crate) fn is_good(form_key: &[u8; 32], token: &str) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
    let Some((salt, tag)) = bytes.split_at_checked(SALT) else { return false };
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, form_key), salt, tag).is_ok()
}

pub(crate) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether the browser says that another site is behind this request (Fetch Metadata; `Origin` where that is missing).
/// A client that says neither is no browser and carries nobody's cookies against his will.
pub(crate) fn is_foreign(method: &Method, headers: &HeaderMap, own_origin: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match text("sec-fetch-site") {
        Some("same-origin") => false,
        Some("none") => !is_safe(method),
        // a link elsewhere may lead here, as a page of its own only
        Some(_) => {
            !is_safe(method) || text("sec-fetch-mode") != Some("navigate") || text("sec-fetch-dest") != Some("document")
        }
        None => !is_safe(method) && text("origin").is_some_and(|origin| !origin.eq_ignore_ascii_case(own_origin)),
    }
}

/// Lets a changing request of a signed-in browser pass when it carries the session's token: in the header, or as the
/// form's first field. The body stays whole.
pub(crate) async fn check(request: Request, form_key: &[u8; 32]) -> Result<Request, Trouble> {
    if let Some(given) = request.headers().get(HEADER) {
        let good = given.to_str().is_ok_and(|token| is_good(form_key, token));
        return if good { Ok(request) } else { Err(Trouble::Foreign) };
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (multipart, form) =
        (kind.starts_with("multipart/form-data"), kind.starts_with("application/x-www-form-urlencoded"));
    let (parts, body) = request.into_parts();
    let (body, found) = match (form, multipart) {
        (true, _) => whole(body).await?,
        (_, true) => beginning(body).await?,
        _ => return Err(Trouble::Foreign),
    };
    match found {
        Some(token) if is_good(form_key, &token) => Ok(Request::from_parts(parts, body)),
        _ => Err(Trouble::Foreign),
    }
}

async fn whole(body: Body) -> Result<(Body, Option<String>), Trouble> {
    let limited = http_body_util::Limited::new(body, FORM);
    let bytes = limited.collect().await.map_err(|_| Trouble::TooLarge)?.to_bytes();
    let mut fields = bytes.split(|byte| *byte == b'&');
    let value = fields.find_map(|field| field.strip_prefix(b"csrf="));
    let token = value.and_then(|value| std::str::from_utf8(value).ok()).map(str::to_owned);
    Ok((Body::from(bytes), token))
}

async fn beginning(body: Body) -> Result<(Body, Option<String>), Trouble> {
    let mut stream = body.into_data_stream();
    let mut seen = Vec::new();
    while seen.len() < PEEK {
        match stream.next().await {
            Some(Ok(bytes)) => seen.extend_from_slice(&bytes),
            Some(Err(_)) => return Err(Trouble::BadRequest),
            None => break,
        }
    }
    let token = first_field(&seen);
    let start = futures_util::stream::once(async move { Ok::<_, axum::Error>(Bytes::from(seen)) });
    Ok((Body::from_stream(start.chain(stream)), token))
}

/// The value of the first part of a multipart body (RFC 7578), when its name is [`FIELD`].
fn first_field(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let (head, rest) = text.split_once("\r\n\r\n")?;
    let disposition =
        head.lines().skip(1).find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    if !disposition.split(';').any(|word| word.trim() == "name=\"csrf\"") {
        return None;
    }
    Some(rest.split_once("\r\n")?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const KEY: [u8; 32] = [7; 32];

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_token_fits_its_own_session_only_and_differs_each_time() {
        let (one, two) = (token(&KEY, [1; 16]), token(&KEY, [2; 16]));
        assert!(one != two && is_good(&KEY, &one) && is_good(&KEY, &two));
        assert!(!is_good(&[8; 32], &one));
        for wrong in ["", "AAAA", "!", &one[1..]] {
            assert!(!is_good(&KEY, wrong), "{wrong}");
        }
    }

    #[test]
    fn only_our_own_pages_may_change_anything() {
        let own = "https://mail.a.example";
        for (method, pairs, foreign) in [
            (Method::POST, &[("sec-fetch-site", "same-origin")][..], false),
            (Method::POST, &[("sec-fetch-site", "same-site")], true),
            (Method::POST, &[("sec-fetch-site", "cross-site")], true),
            (Method::POST, &[("sec-fetch-site", "none")], true),
            (Method::POST, &[("origin", "https://mail.a.example")], false),
            (Method::POST, &[("origin", "https://evil.example")], true),
            (Method::POST, &[("origin", "null")], true),
            (Method::POST, &[], false),
            (Method::GET, &[("sec-fetch-site", "none")], false),
            (
                Method::GET,
                &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
                false,
            ),
            (
                Method::GET,
                &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
                true,
            ),
            (Method::GET, &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")], true),
        ] {
            assert_eq!(is_foreign(&method, &headers(pairs), own), foreign, "{method} {pairs:?}");
        }
    }

    #[tokio::test]
    async fn the_token_is_found_in_header_form_and_multipart_and_the_body_stays_whole() {
        let good = token(&KEY, [3; 16]);
        let multipart = format!(
            "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{good}\r\n--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n{}\r\n--b--\r\n",
            "y".repeat(20_000)
        );
        for (kind, body) in [
            ("application/x-www-form-urlencoded", format!("csrf={good}&a=b")),
            ("application/x-www-form-urlencoded", format!("a=b&csrf={good}")),
            ("multipart/form-data; boundary=b", multipart),
        ] {
            let request = Request::post("/").header("content-type", kind).body(Body::from(body.clone())).unwrap();
            let passed = check(request, &KEY).await.unwrap();
            assert_eq!(passed.into_body().collect().await.unwrap().to_bytes(), body.as_bytes());
        }
        let request = Request::post("/").header(HEADER, &good).body(Body::empty()).unwrap();
        assert!(check(request, &KEY).await.is_ok());
    }

    #[tokio::test]
    async fn without_the_token_nothing_passes() {
        for (kind, body) in [
            ("application/x-www-form-urlencoded", "a=b"),
            ("application/x-www-form-urlencoded", "csrf=AAAA"),
            ("application/x-www-form-urlencoded", "notcsrf=AAAA"),
            ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n--b--"),
            ("text/plain", "csrf=AAAA"),
            ("application/json", "{}"),
        ] {
            let request = Request::post("/").header("content-type", kind).body(Body::from(body)).unwrap();
            assert!(matches!(check(request, &KEY).await, Err(Trouble::Foreign)), "{kind} {body}");
        }
    }
}
