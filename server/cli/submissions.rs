//! The door of submission while it is not built: nobody signs in.

use std::sync::Arc;

use async_trait::async_trait;
use smtp::{Author, Peer};
use types::Reply;

/// No submission listener can be configured yet; this only stands where one is asked for.
pub struct Closed;

#[async_trait]
impl smtp::Submissions for Closed {
    async fn sign_in(&self, _name: &str, _password: &str, _peer: &Peer) -> Result<Arc<dyn Author>, Reply> {
        Err(Reply::new(503, (5, 5, 1), "Submission is not available on this server"))
    }
}
