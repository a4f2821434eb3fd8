//! Wakes the sessions of a mailbox when it changes, and those that listen for all that is a person's. One task reads the store's events and tells only those
//! who have that mailbox open, so that ten thousand idle sessions cost nothing while others get mail.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use net::Stop;
use store::{Directory, Event, Rights, Store, User, UserState, company_owner};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use types::{MailboxId, TenantId, UserId};

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
    /// Those whose sign-in is watched: what is watched is the [`sign_in`] under which they are known.
    sign_ins: HashMap<UserId, watch::Sender<Option<u64>>>,
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

    /// Wakes when the rights under which this person has signed in have ended: whoever waits judges them anew then.
    pub(crate) fn watch_sign_in(&self, user: &User) -> watch::Receiver<Option<u64>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        forget_unwatched(&mut inner.sign_ins);
        inner.sign_ins.entry(user.id).or_insert_with(|| watch::channel(sign_in(user)).0).subscribe()
    }
}

/// The generation of somebody's rights; `None`: he cannot sign in.
fn sign_in(user: &User) -> Option<u64> {
    (user.state == UserState::Active).then_some(user.generation)
}

/// Those whom nobody watches any more are forgotten from time to time.
fn forget_unwatched<K: Eq + std::hash::Hash, T>(senders: &mut HashMap<K, watch::Sender<T>>) {
    if senders.len() % 64 == 63 {
        senders.retain(|_, sender| sender.receiver_count() > 0);
    }
}

/// A receiver of what `key` names.
fn subscribe<K: Eq + std::hash::Hash>(senders: &mut HashMap<K, watch::Sender<u64>>, key: K) -> watch::Receiver<u64> {
    forget_unwatched(senders);
    senders.entry(key).or_insert_with(|| watch::channel(0).0).subscribe()
}

async fn listen(mut events: tokio::sync::broadcast::Receiver<Event>, inner: Arc<Mutex<Inner>>, store: Store) {
    loop {
        let event = match events.recv().await {
            Ok(event) => Some(event),
            // Some were lost: everybody looks.
            Err(RecvError::Lagged(_)) => None,
            Err(RecvError::Closed) => return,
        };
        let inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Some(event) => inner.told(&event, &store),
            None => {
                inner.mailboxes.values().for_each(tell);
                inner.people.values().for_each(tell);
                inner.end_sign_ins(&store);
            }
        }
    }
}

impl Inner {
    /// Tells those whom an event concerns: of a mailbox its owner and those who see it.
    fn told(&self, event: &Event, store: &Store) {
        match event {
            Event::Mailbox { user: owner, mailbox, .. } => {
                self.mailboxes.get(mailbox).into_iter().for_each(tell);
                let shares = store.shares();
                if shares.by_mailbox.contains_key(mailbox) {
                    let sees = |directory: &Directory, user: &User| shares.rights(directory, user, *mailbox);
                    self.tell_others(store, *owner, |directory, user| sees(directory, user).has(Rights::LOOKUP));
                }
                self.people.get(owner).into_iter().for_each(tell);
            }
            Event::Mailboxes { user: owner } | Event::Annotations { user: owner } => {
                let shares = store.shares();
                self.tell_others(store, *owner, |directory, user| shares.sees_any_of(directory, user, *owner));
                self.people.get(owner).into_iter().for_each(tell);
            }
            // Those who have lost sight of a mailbox are told of that too.
            Event::Shares { tenant } => {
                self.tell_others(store, company_owner(*tenant), |_, user| user.tenant == *tenant)
            }
            // Groups have other members, or people other names: others see what is shared in that company.
            Event::Directory { tenant } => {
                self.end_sign_ins(store);
                let shares = store.shares();
                let shared = shares.by_mailbox.values().map(|share| share.tenant);
                let companies: HashSet<TenantId> = shared.filter(|of| tenant.is_none_or(|one| one == *of)).collect();
                if !companies.is_empty() {
                    self.tell_others(store, UserId(0), |_, user| companies.contains(&user.tenant));
                }
            }
            _ => {}
        }
    }

    /// Tells those whose rights are not those of their sign-in any more.
    fn end_sign_ins(&self, store: &Store) {
        let directory = store.directory();
        for (id, sender) in &self.sign_ins {
            let now = directory.users.get(id).and_then(|user| sign_in(user));
            sender.send_if_modified(|known| std::mem::replace(known, now) != now);
        }
    }

    /// Tells those who listen, but for the owner, whom `concerns` takes.
    fn tell_others(&self, store: &Store, owner: UserId, concerns: impl Fn(&Directory, &User) -> bool) {
        if self.people.is_empty() {
            return;
        }
        let directory = store.directory();
        for (id, sender) in self.people.iter().filter(|(id, _)| **id != owner) {
            if directory.users.get(id).is_some_and(|user| concerns(&directory, user)) {
                tell(sender);
            }
        }
    }
}

fn tell(sender: &watch::Sender<u64>) {
    sender.send_modify(|count| *count = count.wrapping_add(1));
}
