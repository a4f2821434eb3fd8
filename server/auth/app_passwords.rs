//! Passwords of mail programs, for those who have a second factor: a program cannot ask for a code. They open no browser, and are made by
//! chance, so a fast hash keeps them (decision 055).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use ring::digest;
use store::{Account, AppKeys, AppPassword, NewAppPassword, User, UserState, Write};
use subtle::ConstantTimeEq as _;
use types::Timestamp;

use crate::factor::{base32, in_groups, random, typed};
use crate::{Auth, AuthError, Identity, password};

/// Bytes of such a password: 80 bits, sixteen letters.
const BYTES: usize = 10;
/// A use within so long of the last is not written.
const TOUCH_MS: i64 = 60_000;
/// So many moments of last use are remembered.
const MOST: usize = 20_000;

/// When each was last used, as far as it was written in this run.
#[derive(Default)]
pub(crate) struct Touched(Mutex<HashMap<i64, Timestamp>>);

impl Touched {
    /// Whether a use now is to be written.
    fn is_due(&self, id: i64, now: Timestamp) -> bool {
        let mut touched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if touched.get(&id).is_some_and(|at| now.0 - at.0 < TOUCH_MS) {
            return false;
        }
        if touched.len() >= MOST {
            touched.clear();
        }
        touched.insert(id, now);
        true
    }
}

/// The password of a mail program in the list that its owner sees.
#[derive(Debug, Clone)]
pub struct AppDevice {
    /// What he calls it.
    pub name: String,
    /// Since when it is there.
    pub made: Timestamp,
    /// Last used, to the minute.
    pub used: Option<Timestamp>,
}

/// The passwords of mail programs that open this person's mail; none without a second factor, and none while he may not sign in.
pub(crate) fn of(user: &User) -> &[AppPassword] {
    let factor = user.second_factor.as_ref().filter(|_| user.state == UserState::Active);
    factor.map(|factor| factor.app_passwords.as_slice()).unwrap_or_default()
}

/// The one of this person's that this is.
pub(crate) fn found<'a>(user: &'a User, password: &str) -> Option<&'a AppPassword> {
    let hash = hash(password);
    of(user).iter().find(|one| bool::from(one.keys.hash.as_slice().ct_eq(&hash)))
}

fn hash(password: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, typed(password).as_bytes()).as_ref());
    hash
}

impl Auth {
    /// Makes a password for a mail program of the person, who gives it a name; his own password is asked for again. It is not told again.
    ///
    /// # Errors
    /// As [`Self::sign_in`]; [`store::StoreError::Exists`]: the name is taken; [`store::StoreError::Invalid`]: it is none, or there are
    /// too many; [`store::StoreError::NotFound`]: he has no second factor.
    pub async fn add_app_password(
        &self,
        identity: &Identity,
        name: &str,
        password: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<String, AuthError> {
        self.confirm(identity, password, peer, now).await?;
        let user = self.person(identity)?;
        let made = in_groups(&base32(&random::<BYTES>()?).to_lowercase(), "-");
        let keys = self.app_keys(&user, &made).await?;
        let access = self.granted::<Account, Write>(identity, Account(user.id))?;
        let new = NewAppPassword { user: user.id, name: name.trim().to_owned(), keys };
        self.store.add_app_password(&self.authority, &access, new, now).await?;
        Ok(made)
    }

    /// What is kept of one: the salt is that of his others, so that an exchange of SCRAM proves any of them.
    async fn app_keys(&self, user: &User, made: &str) -> Result<AppKeys, AuthError> {
        let (salt, iterations) = match of(user).first() {
            Some(other) => (other.keys.salt.clone(), other.keys.iterations),
            None => (random::<16>()?.to_vec(), password::ITERATIONS.get()),
        };
        let (text, hash) = (zeroize::Zeroizing::new(made.to_owned()), hash(made));
        let derive = move || {
            let (stored_key, server_key) = password::scram_keys(&text, &salt, iterations);
            AppKeys { hash, salt, iterations, stored_key, server_key }
        };
        tokio::task::spawn_blocking(derive).await.map_err(|_| AuthError::Busy)
    }

    /// Takes the password of a mail program of the person away: whoever has signed in with it is out, and so are all other sessions. Answers
    /// the person under his new rights.
    ///
    /// # Errors
    /// The store failed; there is none of this name.
    pub async fn remove_app_password(
        &self,
        identity: &Identity,
        name: &str,
        now: Timestamp,
    ) -> Result<Identity, AuthError> {
        let access = self.granted::<Account, Write>(identity, Account(identity.user()))?;
        self.store.remove_app_password(&self.authority, &access, name, now).await?;
        self.anew(identity.user()).await
    }

    /// The passwords of the person's mail programs, in the order in which they were made.
    ///
    /// # Errors
    /// The store failed; or his rights have changed since.
    pub async fn app_passwords(&self, identity: &Identity) -> Result<Vec<AppDevice>, AuthError> {
        let user = self.person(identity)?;
        let used: HashMap<i64, Timestamp> =
            self.store.app_passwords_used(&self.authority, user.id).await?.into_iter().collect();
        let device =
            |one: &AppPassword| AppDevice { name: one.name.clone(), made: one.made, used: used.get(&one.id).copied() };
        Ok(of(&user).iter().map(device).collect())
    }

    /// Somebody has signed in with one; he is in, whether it can be written down or not.
    pub(crate) async fn app_used(&self, id: i64, now: Timestamp) {
        if !self.touched.is_due(id, now) {
            return;
        }
        if let Err(error) = self.store.touch_app_password(&self.authority, id, now).await {
            tracing::warn!(%error, app_password.id = id, "the use of an app password was not written down");
        }
    }
}
