//! Wakes the sessions of a mailbox when it changes, and those that listen for all that is a person's. One task reads the store's events and tells only those
//! who have that mailbox open, so that ten thousand idle sessions cost nothing while others get mail.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use net::Stop;
use store::{Event, Shares, Store};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use types::{MailboxId, UserId};

/// Who has which mailbox open, and who listens. The value that is watched only counts changes.
#[derive(Default)]
pub(crate) struct Watchers {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    mailboxes: HashMap<MailboxId, watch::Sender<u64>>,
    /// Those who listen for everything that is a person's.
    people: HashMap<UserId, watch::Sender<u64>>,
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
        let store = store.clone();
        stop.spawn(async move {
            tokio::select! {
                () = listen(events, mine, store) => {}
                () = asked.asked() => {}
            }
        });
    }

    /// Watches a mailbox from now on.
    pub(crate) fn watch(&self, mailbox: MailboxId) -> watch::Receiver<u64> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        subscribe(&mut inner.mailboxes, mailbox)
    }

    /// Watches everything that is a person's from now on.
    pub(crate) fn watch_person(&self, user: UserId) -> watch::Receiver<u64> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        subscribe(&mut inner.people, user)
    }
}

/// A receiver of what `key` names; those whom nobody watches any more are forgotten from time to time.
fn subscribe<K: Eq + std::hash::Hash>(senders: &mut HashMap<K, watch::Sender<u64>>, key: K) -> watch::Receiver<u64> {
    if senders.len() % 64 == 63 {
        senders.retain(|_, sender| sender.receiver_count() > 0);
    }
    senders.entry(key).or_insert_with(|| watch::channel(0).0).subscribe()
}

async fn listen(mut events: tokio::sync::broadcast::Receiver<Event>, inner: Arc<Mutex<Inner>>, store: Store) {
    loop {
        let changed = match events.recv().await {
            Ok(Event::Mailbox { user, mailbox, .. }) => Some((user, Some(mailbox))),
            Ok(Event::Mailboxes { user } | Event::Annotations { user }) => Some((user, None)),
            Ok(_) => continue,
            // Some were lost: everybody looks.
            Err(RecvError::Lagged(_)) => None,
            Err(RecvError::Closed) => return,
        };
        let concerns_others = changed.is_some_and(|(user, mailbox)| is_shared(&store.shares(), user, mailbox));
        let inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
        match changed {
            Some((user, mailbox)) => {
                mailbox.and_then(|mailbox| inner.mailboxes.get(&mailbox)).into_iter().for_each(tell);
                if concerns_others {
                    // Few have asked for NOTIFY, and who may see it each of them finds out for himself.
                    inner.people.values().for_each(tell);
                } else {
                    inner.people.get(&user).into_iter().for_each(tell);
                }
            }
            None => {
                inner.mailboxes.values().for_each(tell);
                inner.people.values().for_each(tell);
            }
        }
    }
}

/// Whether others than its owner may see the mailbox, or with `None` any of his.
fn is_shared(shares: &Shares, owner: UserId, mailbox: Option<MailboxId>) -> bool {
    match mailbox {
        Some(mailbox) => shares.by_mailbox.contains_key(&mailbox),
        None => shares.by_mailbox.values().any(|share| share.owner == owner),
    }
}

fn tell(sender: &watch::Sender<u64>) {
    sender.send_modify(|count| *count = count.wrapping_add(1));
}
