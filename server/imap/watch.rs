//! Wakes the sessions of a mailbox when it changes. One task reads the store's events and tells only those
//! who have that mailbox open, so that ten thousand idle sessions cost nothing while others get mail.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use net::Stop;
use store::{Event, Store};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use types::MailboxId;

/// Who has which mailbox open. The value that is watched only counts changes.
#[derive(Default)]
pub(crate) struct Watchers {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    mailboxes: HashMap<MailboxId, watch::Sender<u64>>,
    running: bool,
}

impl Watchers {
    /// Starts the task that listens to the store, unless it runs already; `stop` owns it.
    pub(crate) fn start(&self, store: &Store, stop: &Stop) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut inner.running, true) {
            return;
        }
        let (events, mine, asked) = (store.events(), self.inner.clone(), stop.clone());
        stop.spawn(async move {
            tokio::select! {
                () = listen(events, mine) => {}
                () = asked.asked() => {}
            }
        });
    }

    /// Watches a mailbox from now on.
    pub(crate) fn watch(&self, mailbox: MailboxId) -> watch::Receiver<u64> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.mailboxes.len() % 64 == 63 {
            inner.mailboxes.retain(|_, sender| sender.receiver_count() > 0);
        }
        inner.mailboxes.entry(mailbox).or_insert_with(|| watch::channel(0).0).subscribe()
    }
}

async fn listen(mut events: tokio::sync::broadcast::Receiver<Event>, inner: Arc<Mutex<Inner>>) {
    loop {
        let changed = match events.recv().await {
            Ok(Event::Mailbox { mailbox, .. }) => Some(mailbox),
            Ok(_) => continue,
            // Some were lost: everybody looks.
            Err(RecvError::Lagged(_)) => None,
            Err(RecvError::Closed) => return,
        };
        let inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
        match changed {
            Some(mailbox) => inner.mailboxes.get(&mailbox).into_iter().for_each(tell),
            None => inner.mailboxes.values().for_each(tell),
        }
    }
}

fn tell(sender: &watch::Sender<u64>) {
    sender.send_modify(|count| *count = count.wrapping_add(1));
}
