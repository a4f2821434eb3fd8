//! Live streams to open pages (server-sent events): ids, resuming, heartbeats, a bound per session, the end at the
//! server's stop.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt as _};
use net::Stop;

use crate::limits::EVENT_STREAMS;
use crate::serve::Connection;
use crate::{Site, Trouble, Visit};

const HEARTBEAT: Duration = Duration::from_secs(25);

/// How many streams each session has open.
#[derive(Debug, Default)]
pub struct Streams(Mutex<HashMap<[u8; 32], usize>>);

/// One open stream; gives its place back when it ends.
struct Open {
    site: Arc<Site>,
    session: [u8; 32],
}

impl Open {
    fn take(site: &Arc<Site>, session: [u8; 32]) -> Result<Self, Trouble> {
        let mut open = site.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(session).or_insert(0);
        if *count >= EVENT_STREAMS {
            return Err(Trouble::TooMany);
        }
        *count += 1;
        Ok(Self { site: site.clone(), session })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut open = self.site.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.session);
            }
        }
    }
}

/// What goes over a stream: HTML elements whose ids say what they replace, under the number of the change.
#[derive(Debug, Clone)]
pub struct Update {
    /// Grows; comes back as [`Listener::last_id`] when the browser connects again.
    pub id: u64,
    /// A fragment, as `swap.js` takes it.
    pub html: String,
}

/// A request for a stream, by somebody who is signed in: the handler's argument.
#[derive(Debug)]
pub struct Listener {
    /// The visit.
    pub visit: Visit,
    /// The number of the last update that this browser saw: its own word when it connects again, else the query's
    /// `after`.
    pub last_id: Option<u64>,
    stop: Stop,
}

impl<S: Send + Sync> FromRequestParts<S> for Listener {
    type Rejection = Trouble;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Trouble> {
        let visit = Visit::from_request_parts(parts, state).await?;
        let stop = parts.extensions.get::<Connection>().map(|connection| connection.stop.clone());
        let named = parts.headers.get("last-event-id").and_then(|id| id.to_str().ok());
        let query = parts.uri.query().unwrap_or_default();
        let after = query.split('&').find_map(|pair| pair.strip_prefix("after="));
        let last_id = named.or(after).and_then(|id| id.parse().ok());
        Ok(Self { visit, last_id, stop: stop.ok_or_else(|| Trouble::bug("a request without a connection"))? })
    }
}

impl Listener {
    /// Sends the updates of `stream` until it ends, the browser leaves or the server stops.
    ///
    /// # Errors
    /// [`Trouble::TooMany`] when the session has six streams already.
    pub fn send(self, stream: impl Stream<Item = Update> + Send + 'static) -> Result<Response, Trouble> {
        let open = Open::take(&self.visit.site, self.visit.session.hash())?;
        let stop = self.stop;
        let events = stream
            .map(move |update| {
                let _held = &open;
                Ok::<_, Infallible>(Event::default().id(update.id.to_string()).data(update.html))
            })
            .take_until(async move { stop.asked().await });
        Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response())
    }
}
