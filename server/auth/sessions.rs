//! Signed-in browsers: opaque ids of 256 random bits, of which only a hash is kept; their ends by idleness, age,
//! hand, and by any change of the person's rights.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{digest, hmac, rand};
use store::{Account, EndSessions, Role, SessionBounds, SessionHash, SessionKind, SessionRow, Write};
use types::Timestamp;

use crate::{Auth, AuthError, Identity, PasswordError, credentials};

/// A session that nobody used for so long is over.
pub const IDLE: Duration = Duration::from_secs(60 * 60);
/// A session is over after so long, used or not.
pub const ABSOLUTE: Duration = Duration::from_secs(12 * 60 * 60);
/// Sessions of one person at once.
const MOST: usize = 50;
/// Sessions whose rows are remembered.
const REMEMBERED: usize = 10_000;
/// A use within so long of the last is not written.
const TOUCH_MS: i64 = 60_000;
/// What a browser calls itself is cut to so many characters.
const AGENT: usize = 200;

/// What the browser keeps in its cookie. Whoever has it is signed in, so it is never logged.
pub struct SessionToken(String);

impl SessionToken {
    /// The cookie's value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(***)")
    }
}

/// Where a session begins.
#[derive(Debug, Clone, Copy)]
pub struct Browser<'a> {
    /// The address.
    pub peer: IpAddr,
    /// What it calls itself.
    pub agent: &'a str,
}

impl Browser<'_> {
    /// What it calls itself, as it is kept.
    pub(crate) fn agent(&self) -> String {
        self.agent.chars().filter(|c| !c.is_control()).take(AGENT).collect()
    }
}

/// A signed-in browser.
#[derive(Debug, Clone)]
pub struct Session {
    identity: Identity,
    kind: SessionKind,
    hash: SessionHash,
    form_key: [u8; 32],
}

impl Session {
    /// Who. Rights are judged anew for each command, by [`Auth`].
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }
    /// Which pages it opens.
    #[must_use]
    pub fn kind(&self) -> SessionKind {
        self.kind
    }
    /// What names it without opening it: for lists, counters, caches.
    #[must_use]
    pub fn hash(&self) -> SessionHash {
        self.hash
    }
    /// A secret of this session, made from its token: the key of its forms' tokens.
    #[must_use]
    pub fn form_key(&self) -> &[u8; 32] {
        &self.form_key
    }
}

/// A session in the list that its owner sees.
#[derive(Debug, Clone)]
pub struct Device {
    /// What names it, 64 hex digits.
    pub id: String,
    /// Which pages it opens.
    pub kind: SessionKind,
    /// Whether it is the one that asks.
    pub current: bool,
    /// Since when.
    pub created: Timestamp,
    /// Last used, to the minute.
    pub seen: Timestamp,
    /// From where it began.
    pub peer: String,
    /// What the browser called itself.
    pub agent: String,
}

/// The rows of sessions in use, so that a request asks no database.
#[derive(Default)]
pub(crate) struct Remembered(Mutex<HashMap<SessionHash, SessionRow>>);

impl Remembered {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<SessionHash, SessionRow>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
    fn put(&self, row: SessionRow) {
        self.with(|rows| {
            if rows.len() >= REMEMBERED {
                rows.clear();
            }
            rows.insert(row.hash, row);
        });
    }
    fn forget(&self, mut over: impl FnMut(&SessionRow) -> bool) {
        self.with(|rows| rows.retain(|_, row| !over(row)));
    }
}

fn hash_of(token: &[u8]) -> SessionHash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, token).as_ref());
    hash
}

fn form_key_of(token: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, token), b"sekisho form key");
    key.copy_from_slice(tag.as_ref());
    key
}

fn before(now: Timestamp, span: Duration) -> Timestamp {
    Timestamp(now.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
}

fn hex(hash: &SessionHash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Auth {
    /// Begins a session under a fresh id.
    ///
    /// # Errors
    /// [`AuthError::Refused`] when the person may not use pages of this kind, in the same words as a wrong password.
    pub async fn open_session(
        &self,
        identity: &Identity,
        kind: SessionKind,
        browser: Browser<'_>,
        now: Timestamp,
    ) -> Result<(SessionToken, Session), AuthError> {
        let user = self.person(identity)?;
        if kind == SessionKind::Admin && !self.may_use_console(identity) {
            self.note_refused(Some(&user), "", browser.peer, now).await?;
            return Err(AuthError::Refused);
        }
        let token: [u8; 32] =
            rand::generate(&rand::SystemRandom::new()).map_err(|_| PasswordError::NoRandomness)?.expose();
        let row = SessionRow {
            hash: hash_of(&token),
            user: user.id,
            kind,
            generation: user.generation,
            created: now,
            seen: now,
            peer: browser.peer.to_string(),
            agent: browser.agent(),
        };
        let bounds = SessionBounds { seen_since: before(now, IDLE), created_since: before(now, ABSOLUTE), most: MOST };
        self.store.open_session(&self.authority, row.clone(), bounds).await?;
        let session = Session { identity: identity.clone(), kind, hash: row.hash, form_key: form_key_of(&token) };
        self.remembered.put(row);
        Ok((SessionToken(URL_SAFE_NO_PAD.encode(token)), session))
    }

    /// The session of this token, as it is now: `None` once it is over or when it never was.
    ///
    /// # Errors
    /// The store failed.
    pub async fn session(&self, token: &str, kind: SessionKind, now: Timestamp) -> Result<Option<Session>, AuthError> {
        let Ok(token) = URL_SAFE_NO_PAD.decode(token) else { return Ok(None) };
        if token.len() != 32 {
            return Ok(None);
        }
        let hash = hash_of(&token);
        let row = match self.remembered.with(|rows| rows.get(&hash).cloned()) {
            Some(row) => Some(row),
            None => self.store.session(&self.authority, hash).await?,
        };
        let Some(mut row) = row.filter(|row| row.kind == kind) else { return Ok(None) };
        let directory = self.store.directory();
        let Some(user) = directory.users.get(&row.user) else { return Ok(None) };
        let identity = Identity { user: user.id, tenant: user.tenant, signed_in_generation: row.generation };
        let over = now.since(row.seen) >= IDLE || now.since(row.created) >= ABSOLUTE;
        let allowed = kind == SessionKind::Mail || self.may_use_console(&identity);
        // a demand that has come up since leads to the sign-in, where it is met
        let lacks = user.second_factor.is_none() && self.must_have_factor(user);
        if over || !allowed || lacks || self.person(&identity).is_err() {
            self.end(row.user, EndSessions::One(hash)).await?;
            return Ok(None);
        }
        if now.0 - row.seen.0 >= TOUCH_MS {
            row.seen = now;
            self.store.touch_session(&self.authority, hash, now).await?;
        }
        self.remembered.put(row);
        Ok(Some(Session { identity, kind, hash, form_key: form_key_of(&token) }))
    }

    /// Ends this session.
    ///
    /// # Errors
    /// The store failed.
    pub async fn end_session(&self, session: &Session) -> Result<(), AuthError> {
        self.end(session.identity.user(), EndSessions::One(session.hash)).await.map(|_| ())
    }

    /// Ends all sessions of this person but this one; answers how many.
    ///
    /// # Errors
    /// The store failed.
    pub async fn end_other_sessions(&self, session: &Session) -> Result<u64, AuthError> {
        self.end(session.identity.user(), EndSessions::AllBut(session.hash)).await
    }

    /// Ends the person's session of this name ([`Device::id`]); false when he has none of that name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn end_device(&self, session: &Session, id: &str) -> Result<bool, AuthError> {
        let user = session.identity.user();
        let rows = self.store.sessions(&self.authority, user).await?;
        let Some(row) = rows.iter().find(|row| hex(&row.hash) == id) else { return Ok(false) };
        Ok(self.end(user, EndSessions::One(row.hash)).await? > 0)
    }

    /// Where the person is signed in, the last used first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn devices(&self, session: &Session, now: Timestamp) -> Result<Vec<Device>, AuthError> {
        let user = self.person(&session.identity)?;
        let rows = self.store.sessions(&self.authority, user.id).await?;
        let alive = |row: &SessionRow| {
            row.generation == user.generation && now.since(row.seen) < IDLE && now.since(row.created) < ABSOLUTE
        };
        let device = |row: SessionRow| Device {
            id: hex(&row.hash),
            kind: row.kind,
            current: row.hash == session.hash,
            created: row.created,
            seen: row.seen,
            peer: row.peer,
            agent: row.agent,
        };
        Ok(rows.into_iter().filter(alive).map(device).collect())
    }

    pub(crate) async fn end(&self, user: types::UserId, which: EndSessions) -> Result<u64, AuthError> {
        self.remembered.forget(|row| {
            row.user == user
                && match which {
                    EndSessions::One(hash) => row.hash == hash,
                    EndSessions::AllBut(hash) => row.hash != hash,
                    EndSessions::All => true,
                }
        });
        Ok(self.store.end_sessions(&self.authority, user, which).await?)
    }

    /// What is kept of a password that an administrator sets; hashed in its turn, like a sign-in.
    ///
    /// # Errors
    /// [`AuthError::Password`] when it is no good.
    pub async fn new_credentials(&self, password: &str) -> Result<store::Credentials, AuthError> {
        let password = zeroize::Zeroizing::new(password.to_owned());
        let _permit = self.hashing.acquire().await.map_err(|_| AuthError::Busy)?;
        Ok(tokio::task::spawn_blocking(move || credentials(&password)).await.map_err(|_| AuthError::Busy)??)
    }

    /// Whether the person may use the console; which of its pages, each of them asks.
    #[must_use]
    pub fn may_use_console(&self, identity: &Identity) -> bool {
        let roles = [Role::Admin, Role::Operator, Role::Handler, Role::Auditor];
        self.person(identity).is_ok_and(|user| roles.iter().any(|role| user.roles.has(*role)))
    }

    /// Sets a new password in place of the old one, which is asked for and counted like a sign-in. All sessions end;
    /// the identity answered is the person's under the new password.
    ///
    /// # Errors
    /// [`AuthError::Refused`] when the old one is wrong, [`AuthError::Password`] when the new one is no good.
    pub async fn change_password(
        &self,
        identity: &Identity,
        old: &str,
        new: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<Identity, AuthError> {
        let user = self.person(identity)?;
        self.confirm(identity, old, peer, now).await?;
        let made = self.new_credentials(new).await?;
        let access = self.granted::<Account, Write>(identity, Account(user.id))?;
        self.store.change_password(&self.authority, &access, made, now).await?;
        self.anew(user.id).await
    }

    /// Asks who is signed in for his password again; it is counted like a sign-in.
    ///
    /// # Errors
    /// As [`Self::sign_in`].
    pub(crate) async fn confirm(
        &self,
        identity: &Identity,
        password: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<(), AuthError> {
        let name = self.person(identity)?.address.to_string();
        self.prove(&name, password, peer, now).await.map(drop)
    }
}

#[cfg(test)]
mod tests;
