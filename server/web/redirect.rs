//! The plain HTTP listener: leads to webmail over HTTPS and says nothing else.

use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

/// Leads every request to the same path under `mail_url` (308).
pub fn redirect_app(mail_url: &str) -> Router {
    let mail_url = mail_url.to_owned();
    Router::new().fallback(move |uri: Uri| {
        let to = mail_url.clone();
        async move { redirect(&to, &uri) }
    })
}

fn redirect(mail_url: &str, uri: &Uri) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let location = format!("{mail_url}{}", if path.starts_with('/') { path } else { "/" });
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_kept_and_the_host_is_ours() {
        for (uri, location) in [
            ("/mail/f/1?x=y", "https://mail.a.example/mail/f/1?x=y"),
            ("http://evil.example/login", "https://mail.a.example/login"),
            ("//evil.example/", "https://mail.a.example//evil.example/"),
        ] {
            let response = redirect("https://mail.a.example", &uri.parse().unwrap());
            assert_eq!(
                (response.status(), response.headers()["location"].to_str().unwrap()),
                (StatusCode::PERMANENT_REDIRECT, location)
            );
        }
    }
}
