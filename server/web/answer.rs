//! From templates to answers: pages, fragments, redirects with a word for the next page.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{Toast, Trouble, cookies};

/// What a handler returns.
pub type Answer = Result<Response, Trouble>;

/// A note to the next page is forgotten after so many seconds.
const NOTE_SECONDS: u32 = 30;
/// Longest note, bytes of JSON.
const NOTE_BYTES: usize = 1_500;

/// The page, or its fragment when a script asks: the layout knows.
///
/// # Errors
/// [`Trouble::Bug`] when the template fails.
pub fn html<T: Template>(template: &T) -> Answer {
    html_with(StatusCode::OK, template)
}

/// The same with another status: 422 for a form with errors.
///
/// # Errors
/// As [`html`].
pub fn html_with<T: Template>(status: StatusCode, template: &T) -> Answer {
    let text = template.render().map_err(Trouble::bug)?;
    let mut response = (status, text).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Ok(response)
}

/// After a POST: to this page of ours (303).
///
/// # Errors
/// [`Trouble::Bug`] when the path cannot stand in a header.
pub fn see(path: &str) -> Answer {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let location = HeaderValue::from_str(path).map_err(Trouble::bug)?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// As [`see`], and that page says the toast.
///
/// # Errors
/// As [`see`].
pub fn see_with(path: &str, toast: &Toast) -> Answer {
    let mut response = see(path)?;
    let json = serde_json::to_vec(toast).map_err(Trouble::bug)?;
    if json.len() <= NOTE_BYTES
        && let Some(cookie) = cookies::set(cookies::NOTE, &URL_SAFE_NO_PAD.encode(json), Some(NOTE_SECONDS))
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The toast of a note's cookie.
pub(crate) fn noted(cookie: &str) -> Option<Toast> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cookie).ok()?).ok()
}

/// A path of this site to go to after signing in; anything that could lead elsewhere becomes `/`.
#[must_use]
pub fn local_path(path: &str) -> &str {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let local = path.starts_with('/') && !path.starts_with("//") && plain && path.len() <= 1_000;
    if local && !path.starts_with("/login") && !path.starts_with("/logout") { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Undo;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for (path, followed) in [
            ("/mail/f/3?before=9", "/mail/f/3?before=9"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/a\r\nSet-Cookie: x", "/"),
            ("/login?next=/login", "/"),
            ("", "/"),
        ] {
            assert_eq!(local_path(path), followed);
        }
    }

    #[test]
    fn a_toast_survives_the_way_to_the_next_page() {
        let toast =
            Toast::new("3件をごみ箱へ移動しました。").with_undo(Some(Undo { path: "/mail/undo/x".into(), sending: 0 }));
        let response = see_with("/mail/f/1", &toast).unwrap();
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        let value = cookie.split(['=', ';']).nth(1).unwrap();
        assert_eq!(noted(value), Some(toast));
        assert_eq!(noted("%%%"), None);
    }
}
