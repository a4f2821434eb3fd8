//! HTTP over our own connections: HTTP/1.1, and HTTP/2 where the TLS handshake agreed on it. Bounds on heads and time,
//! a graceful end.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use net::{Conn, Stop};
use tower::ServiceExt as _;

use crate::limits::{HEAD, HEAD_TIME, STREAMS};

/// What HTTP listeners say to a peer that cannot be admitted.
pub const REFUSAL: &str = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
/// What the TLS handshake offers.
pub const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The connection of a request; in the request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub peer: SocketAddr,
    pub stop: Stop,
    /// Version and cipher suite of TLS; `None`: it is plain.
    pub tls: Option<(&'static str, String)>,
}

impl Connection {
    #[cfg(test)]
    pub fn of(peer: SocketAddr) -> Self {
        Self { peer, stop: Stop::new(), tls: None }
    }
}

/// Serves one connection until it ends or the stop is asked for; then requests under way are finished.
pub async fn serve(conn: Conn, app: Router, stop: Stop) {
    let connection = Connection { peer: conn.peer(), stop: stop.clone(), tls: conn.tls_words() };
    let is_h2 = conn.protocol() == Some(b"h2");
    let service = service_fn(move |request: Request<Incoming>| answer(app.clone(), connection.clone(), request));
    let io = TokioIo::new(conn);
    let ended = if is_h2 {
        let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(u32::try_from(HEAD).unwrap_or(u32::MAX))
            .keep_alive_interval(HEAD_TIME)
            .keep_alive_timeout(HEAD_TIME);
        let serving = builder.serve_connection(io, service);
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => ended,
            () = stop.asked() => { serving.as_mut().graceful_shutdown(); serving.await }
        }
    } else {
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD);
        let serving = builder.serve_connection(io, service);
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => ended,
            () = stop.asked() => { serving.as_mut().graceful_shutdown(); serving.await }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}

async fn answer(app: Router, connection: Connection, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(connection);
    app.oneshot(request).await
}
