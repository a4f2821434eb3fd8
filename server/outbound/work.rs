//! Work on the bytes of a whole mail that takes its time: on a thread apart from those that serve connections.

use std::sync::Arc;

use crate::OutboundError;

/// Does `work` with the bytes of a mail.
///
/// # Errors
/// [`OutboundError::Broken`]: it came to no end.
pub(crate) async fn apart<T: Send + 'static>(
    bytes: &Arc<Vec<u8>>,
    work: impl FnOnce(&[u8]) -> T + Send + 'static,
) -> Result<T, OutboundError> {
    let bytes = bytes.clone();
    on_a_thread(move || work(&bytes)).await
}

/// Does `work` with what it brings along.
///
/// # Errors
/// As [`apart`].
pub(crate) async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, OutboundError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| OutboundError::Broken)
}
