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
    tokio::task::spawn_blocking(move || work(&bytes)).await.map_err(|_| OutboundError::Broken)
}
