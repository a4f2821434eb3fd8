//! One origin of the server (webmail or console): what its pages share, and how its router is wrapped.

use std::net::IpAddr;
use std::sync::Arc;

use auth::{Auth, SessionKind};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use types::Clock;

use crate::events::Streams;
use crate::limits::FORM;
use crate::{Trouble, assets, content, gate, headers, sign_in};

/// What people type: the three origins, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    /// Webmail.
    pub mail: String,
    /// The console.
    pub admin: String,
    /// Message bodies, attachments, the download page.
    pub content: String,
}

/// An origin.
pub struct Site {
    /// Webmail or console.
    pub kind: SessionKind,
    /// Signs in.
    pub auth: Arc<Auth>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The three origins.
    pub urls: Urls,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
    /// Streams of events that are open.
    pub streams: Streams,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("kind", &self.kind).field("urls", &self.urls).finish_non_exhaustive()
    }
}

impl Site {
    /// An origin without open streams.
    #[must_use]
    pub fn new(
        kind: SessionKind,
        auth: Arc<Auth>,
        clock: Arc<dyn Clock>,
        urls: Urls,
        proxies: Vec<IpAddr>,
    ) -> Arc<Self> {
        Arc::new(Self { kind, auth, clock, urls, proxies, streams: Streams::default() })
    }

    /// The address of this origin.
    #[must_use]
    pub fn url(&self) -> &str {
        match self.kind {
            SessionKind::Mail => &self.urls.mail,
            SessionKind::Admin => &self.urls.admin,
        }
    }
    pub(crate) fn is_https(&self) -> bool {
        self.url().starts_with("https:")
    }

    /// The whole of the origin: `pages` with sign-in, sign-out, assets, and the gate around everything.
    pub fn app(self: Arc<Self>, pages: Router) -> Router {
        let pages = pages
            .merge(sign_in::routes())
            .fallback(missing)
            .method_not_allowed_fallback(wrong_method)
            .layer(DefaultBodyLimit::max(FORM))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn_with_state(self, gate::gate))
            .layer(CompressionLayer::new().gzip(true).quality(CompressionLevel::Precise(5)));
        Router::new().route("/assets/{hash}/{*name}", get(asset)).fallback_service(pages)
    }
}

/// The content origin: no cookie, no session, the strictest headers. `routes` check their signed URLs themselves; `proxies` are
/// those whose `X-Forwarded-For` is believed.
pub fn content_app(urls: &Urls, proxies: &[IpAddr], routes: Router) -> Router {
    let confines = content::Confines { https: urls.content.starts_with("https:"), proxies: proxies.into() };
    let pages = routes
        .fallback(missing)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(FORM))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(confines, content::confine));
    Router::new().route("/assets/{hash}/{*name}", get(asset)).fallback_service(pages)
}

/// An origin without sign-in: pages of the demo. No script, no form, no frame.
pub fn open_app(routes: Router) -> Router {
    let pages = routes
        .fallback(missing)
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::map_response(|mut response: Response| async move {
            headers::plain(response.headers_mut());
            response
        }))
        .layer(CompressionLayer::new().gzip(true).quality(CompressionLevel::Precise(5)));
    Router::new().route("/assets/{hash}/{*name}", get(asset)).fallback_service(pages)
}

async fn asset(Path((hash, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    assets::serve(&hash, &name, &headers)
}
async fn missing() -> Trouble {
    Trouble::NotFound
}
async fn wrong_method() -> Trouble {
    Trouble::WrongMethod
}
#[allow(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Trouble::bug("a handler panicked").into_response()
}
