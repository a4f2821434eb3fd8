//! What a session listens for beyond the mailbox that it has open, for clients that asked for that.

use tokio::sync::watch;

use crate::notified::Notified;

/// A session that listens.
pub(crate) struct Listening {
    /// Wakes with every change of the person's mailboxes and annotations.
    pub(crate) changed: watch::Receiver<u64>,
    /// Changes of annotations up to this one were told.
    pub(crate) annotations: i64,
    /// Changes of annotations that this session made itself, and that it need not be told of.
    pub(crate) own: Vec<i64>,
    /// What NOTIFY asked for.
    pub(crate) notified: Option<Notified>,
}

/// Ready when the value changes; never where there is none, or when the task that tells of changes has ended with the server.
pub(crate) async fn woken<T>(changed: Option<&mut watch::Receiver<T>>) {
    if let Some(changed) = changed
        && changed.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}
