//! The headers that confine a page (web-design 1.3): one policy for our own pages, one for the body of a message, one
//! for everything else of a stranger's making.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn put_static(headers: &mut HeaderMap, pairs: &[(&'static str, &'static str)]) {
    for (name, value) in pairs {
        headers.insert(*name, HeaderValue::from_static(value));
    }
}

/// For our own pages. `nonce` is what the page's script tags carry; `content` is the content origin.
pub(crate) fn app(headers: &mut HeaderMap, nonce: &str, content: &str, https: bool) {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: {content}; \
         font-src 'self'; connect-src 'self'; frame-src {content}; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'; manifest-src 'self'; worker-src 'self'; require-trusted-types-for 'script'; \
         trusted-types sekisho"
    );
    put(headers, header::CONTENT_SECURITY_POLICY, &policy);
    put_static(
        headers,
        &[
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
            ("cache-control", "no-store"),
        ],
    );
    headers.append(header::VARY, HeaderValue::from_static("Sekisho-Fragment"));
    if https {
        put_static(headers, &[("strict-transport-security", "max-age=31536000")]);
    }
}

/// For pages without scripts, forms and frames.
pub(crate) fn plain(headers: &mut HeaderMap) {
    put_static(
        headers,
        &[
            (
                "content-security-policy",
                "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
            ),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
        ],
    );
}

/// What every answer of the content origin bears; the strictest policy unless a handler has set its own.
pub(crate) fn content(headers: &mut HeaderMap, https: bool) {
    put_static(
        headers,
        &[
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
            ("cache-control", "no-store"),
        ],
    );
    if !headers.contains_key("cross-origin-resource-policy") {
        // a sandboxed document has an origin of its own, so its images come from another one
        put_static(headers, &[("cross-origin-resource-policy", "cross-origin")]);
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        put_static(headers, &[("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'")]);
    }
    if https {
        put_static(headers, &[("strict-transport-security", "max-age=31536000")]);
    }
}

/// For a page of ours on the content origin: forms of its own, no script, no frame around it.
pub fn download_page(headers: &mut HeaderMap) {
    put_static(
        headers,
        &[
            (
                "content-security-policy",
                "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                 base-uri 'none'",
            ),
            ("x-frame-options", "DENY"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-robots-tag", "noindex, nofollow"),
        ],
    );
}

/// For the body of a message, a document of its own on the content origin that `mail` shows in a frame.
pub fn message_body(headers: &mut HeaderMap, mail: &str, content: &str) {
    let policy = format!(
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data: {content}; \
         style-src 'unsafe-inline'; font-src 'none'; form-action 'none'; frame-ancestors {mail}; base-uri 'none'"
    );
    put(headers, header::CONTENT_SECURITY_POLICY, &policy);
    put_static(headers, &[("content-type", "text/html; charset=utf-8")]);
}

/// Types that a browser may be told; everything else is bytes.
const SHOWN: [&str; 8] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "text/plain",
    "text/csv",
    "application/zip",
];

/// For a file: saved, never shown as a page. `kind` is what the sender called it, `name` its name.
pub fn attachment(headers: &mut HeaderMap, kind: &str, name: &str) {
    file(headers, kind, name, "attachment");
}

/// For an image of a message or a preview of an attachment: shown, and still nothing in it runs.
pub fn inline(headers: &mut HeaderMap, kind: &str, name: &str) {
    file(headers, kind, name, "inline");
}

fn file(headers: &mut HeaderMap, kind: &str, name: &str, how: &str) {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known = SHOWN.iter().find(|shown| **shown == kind);
    let how = if known.is_none() { "attachment" } else { how };
    let kind = match known {
        Some(&"text/plain" | &"text/csv") => "text/plain; charset=utf-8",
        Some(known) => known,
        None => "application/octet-stream",
    };
    put(headers, header::CONTENT_TYPE, kind);
    put(headers, header::CONTENT_DISPOSITION, &format!("{how}; filename*=UTF-8''{}", percent(name)));
    put_static(headers, &[("content-security-policy", "sandbox; default-src 'none'")]);
}

/// RFC 8187 `ext-value`: all but letters, digits and a few signs as %XX. Characters that would change what a name
/// looks like (controls, direction marks) and paths are left out.
fn percent(name: &str) -> String {
    let deceives = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let name: String =
        name.rsplit(['/', '\\']).next().unwrap_or_default().chars().filter(|c| !deceives(*c)).take(200).collect();
    let mut made = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            made.push(char::from(byte));
        } else {
            made.push_str(&format!("%{byte:02X}"));
        }
    }
    if made.is_empty() { "file".into() } else { made }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_pages_run_only_our_scripts_and_stand_in_no_frame() {
        let mut headers = HeaderMap::new();
        app(&mut headers, "abc", "https://content.a.example", true);
        for (name, value) in [
            (
                "content-security-policy",
                "default-src 'none'; script-src 'self' 'nonce-abc'; style-src 'self'; \
                 img-src 'self' data: https://content.a.example; font-src 'self'; connect-src 'self'; \
                 frame-src https://content.a.example; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
                 manifest-src 'self'; worker-src 'self'; require-trusted-types-for 'script'; trusted-types sekisho",
            ),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
            ("cache-control", "no-store"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(headers[name], value, "{name}");
        }
    }

    #[test]
    fn a_message_body_has_no_scripts_and_one_frame_that_may_show_it() {
        let mut headers = HeaderMap::new();
        message_body(&mut headers, "https://mail.a.example", "https://content.a.example");
        content(&mut headers, true);
        assert_eq!(
            headers["content-security-policy"],
            "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
             img-src data: https://content.a.example; style-src 'unsafe-inline'; font-src 'none'; form-action 'none'; \
             frame-ancestors https://mail.a.example; base-uri 'none'"
        );
    }

    #[test]
    fn a_file_keeps_its_name_and_loses_a_type_that_could_run() {
        for (kind, name, expected_kind, expected_name) in [
            (
                "application/pdf",
                "請求書.pdf",
                "application/pdf",
                "attachment; filename*=UTF-8''%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf",
            ),
            ("text/html", "a.html", "application/octet-stream", "attachment; filename*=UTF-8''a.html"),
            ("image/svg+xml", "../../x.svg", "application/octet-stream", "attachment; filename*=UTF-8''x.svg"),
            (
                "TEXT/CSV; header=x",
                "a\r\nSet-Cookie: b",
                "text/plain; charset=utf-8",
                "attachment; filename*=UTF-8''aSet-Cookie%3A%20b",
            ),
            ("x", "evil\u{202e}fdp.exe", "application/octet-stream", "attachment; filename*=UTF-8''evilfdp.exe"),
            ("x", "", "application/octet-stream", "attachment; filename*=UTF-8''file"),
        ] {
            let mut headers = HeaderMap::new();
            attachment(&mut headers, kind, name);
            assert_eq!(
                (headers["content-type"].to_str().unwrap(), headers["content-disposition"].to_str().unwrap()),
                (expected_kind, expected_name)
            );
            content(&mut headers, true);
            assert_eq!(headers["content-security-policy"], "sandbox; default-src 'none'");
            assert_eq!(headers["x-content-type-options"], "nosniff");
        }
        let mut headers = HeaderMap::new();
        inline(&mut headers, "text/html", "a.html");
        assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    }
}
