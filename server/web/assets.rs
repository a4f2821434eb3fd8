//! Styles, scripts and icons, compiled in and served under a name that holds their hash: a browser keeps them for ever
//! and asks again only when a byte has changed.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

/// One file of `static/`.
struct Asset {
    name: &'static str,
    plain: &'static [u8],
    zipped: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The path of an asset, such as `app.css` or `js/swap.js`.
#[must_use]
pub fn asset(name: &str) -> String {
    format!("/assets/{HASH}/{name}")
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

/// Answers `/assets/{hash}/{name}`; the name is compared whole with the table, so that no path leads anywhere else.
pub(crate) fn serve(hash: &str, name: &str, headers: &HeaderMap) -> Response {
    let found = ASSETS.iter().find(|asset| hash == HASH && asset.name == name);
    let Some(asset) = found else { return bare(StatusCode::NOT_FOUND, Body::from("not found\n")) };
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let zip = accepted.contains("gzip") && asset.zipped.len() < asset.plain.len();
    let mut response = bare(StatusCode::OK, Body::from(if zip { asset.zipped } else { asset.plain }));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if zip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn bare(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Modules by themselves and their weights, packed.
    const MODULES: &[(&str, usize)] = &include!(concat!(env!("OUT_DIR"), "/weights.rs"));

    fn weight(name: &str) -> usize {
        ASSETS.iter().filter(|asset| asset.name == name).map(|asset| asset.zipped.len()).sum()
    }

    #[test]
    fn styles_and_scripts_keep_to_their_weights() {
        let (css, js) = (weight("app.css"), weight("js/app.js"));
        println!("app.css {css} bytes, js/app.js {js} bytes, gzip, of {MODULES:?}");
        assert!(css > 0 && css <= 12 * 1024, "app.css: {css} bytes");
        assert!(js > 0 && js <= 16 * 1024, "js/app.js: {js} bytes");
        for (name, bytes) in MODULES {
            let most = if *name == "swap.js" { 4 } else { 3 } * 1024;
            assert!(*bytes <= most, "{name}: {bytes} bytes");
        }
    }

    #[test]
    fn a_page_needs_one_script_that_imports_nothing() {
        let scripts: Vec<_> = ASSETS.iter().filter(|asset| asset.name.starts_with("js/")).collect();
        assert_eq!(scripts.len(), 2, "every page's script and the print page's");
        for asset in scripts {
            let text = String::from_utf8_lossy(asset.plain);
            assert!(
                !text.lines().any(|line| line.starts_with("import ") || line.starts_with("export ")),
                "{}",
                asset.name
            );
        }
    }

    #[test]
    fn only_the_exact_name_under_the_exact_hash_is_served() {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"))]);
        let good = serve(HASH, "app.css", &headers);
        assert!(good.status() == StatusCode::OK && good.headers()[header::CONTENT_ENCODING] == "gzip");
        assert!(good.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        for (hash, name) in [("0", "app.css"), (HASH, "../Cargo.toml"), (HASH, "css/../app.css"), (HASH, "")] {
            assert_eq!(serve(hash, name, &headers).status(), StatusCode::NOT_FOUND);
        }
    }

    #[test]
    fn comments_do_not_travel() {
        let css = ASSETS.iter().find(|asset| asset.name == "app.css").unwrap();
        assert!(!String::from_utf8_lossy(css.plain).contains("/*"));
    }
}
