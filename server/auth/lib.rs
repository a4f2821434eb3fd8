//! Who somebody is and what he may do: passwords, sign-in with its limits, roles; the only maker of access.
//! It knows no protocol.

mod app_passwords;
mod attempts;
mod factor;
mod grants;
mod password;
pub mod sasl;
mod scram;
mod sessions;
mod signing_in;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ring::hmac;
use store::{
    Access, Account, Authority, Manage, Read, Right, Role, Server, Store, StoreError, Tenancy, User, UserState, Write,
};
use types::{Address, Fault, Kind, Limits, TenantId, Timestamp, UserId};

pub use app_passwords::AppDevice;
use attempts::Attempts;
pub use factor::{Enrolment, Entry, FactorNews, FactorState, Overseer};
pub use password::{PasswordError, credentials, generated};
pub use scram::{Binding, Proved, Scram};
pub use sessions::{ABSOLUTE, Browser, Device, IDLE, Session, SessionToken};
pub use store::{SessionKind, SignIn};

/// Why nobody was signed in, or why something was not granted.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Unknown name, wrong password, suspended, or no password set: told in the same words after the same time.
    #[error("the name or the password is wrong")]
    Refused,
    /// Too many wrong passwords from there or for this name.
    #[error("too many failed sign-ins; try again in {0} minutes")]
    TooMany(u64),
    /// The code of the second factor is wrong, or was used before.
    #[error("the code is wrong")]
    WrongCode,
    /// The code came too late after the password, or the person's rights have changed since.
    #[error("too late; please sign in again")]
    TooLate,
    /// The password is right, but who has a second factor signs in to his mail program with a password made for it.
    #[error("this account has a second factor: use an app password, made in webmail under Settings, Security")]
    NeedsAppPassword,
    /// The company demands a second factor of this person.
    #[error("a second factor is demanded of this person")]
    Demanded,
    /// The signed-in person may not.
    #[error("not allowed: this needs the role {0}")]
    NotAllowed(&'static str),
    /// What a client sent as a SASL response is none, or gives up.
    #[error("{0}")]
    Response(&'static str),
    /// Cannot be told now.
    #[error("signing in is not possible at the moment")]
    Busy,
    /// The new password cannot be set.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for AuthError {
    fn kind(&self) -> Kind {
        match self {
            Self::Refused
            | Self::NeedsAppPassword
            | Self::WrongCode
            | Self::TooLate
            | Self::Password(_)
            | Self::Response(_) => Kind::Client,
            Self::NotAllowed(_) | Self::Demanded => Kind::Policy,
            Self::TooMany(_) | Self::Busy => Kind::Temporary,
            Self::Store(error) => error.kind(),
        }
    }
}

/// Somebody who has signed in. It proves the sign-in, not the rights: those are judged anew for each command.
#[derive(Debug, Clone)]
pub struct Identity {
    user: UserId,
    tenant: TenantId,
    signed_in_generation: u64,
}

impl Identity {
    /// Who.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }
    /// Of which company.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }
}

/// Signs people in and grants access.
pub struct Auth {
    store: Store,
    authority: Authority,
    attempts: Attempts,
    /// Wrong codes of second factors: a code is shorter than any password, so its tries are counted for longer, and from everywhere.
    codes: Attempts,
    /// Argon2 costs 20 MB and tens of milliseconds: so many at once.
    hashing: tokio::sync::Semaphore,
    /// What was proved in the last minutes, as keyed hashes: clients sign in again and again.
    proved: Mutex<HashMap<[u8; 32], Timestamp>>,
    proof_key: hmac::Key,
    dummy: String,
    remembered: sessions::Remembered,
    overseer: OnceLock<Arc<dyn Overseer>>,
    touched: app_passwords::Touched,
}

/// Seconds for which a password that proved right need not be hashed again.
const PROVED_FOR_MS: i64 = 300_000;

impl Auth {
    /// The one of this process.
    ///
    /// # Errors
    /// The machine gives no randomness.
    pub fn new(store: Store, authority: Authority, limits: &Limits) -> Result<Self, PasswordError> {
        let proof_key = hmac::Key::generate(hmac::HMAC_SHA256, &ring::rand::SystemRandom::new())
            .map_err(|_| PasswordError::NoRandomness)?;
        Ok(Self {
            store,
            authority,
            attempts: Attempts::new(limits.sign_in_failures),
            codes: Attempts::from_everywhere(limits.sign_in_failures.min(factor::MOST_WRONG), factor::WINDOW_MS),
            hashing: tokio::sync::Semaphore::new(2),
            proved: Mutex::new(HashMap::new()),
            proof_key,
            dummy: password::argon2_hash("a password that nobody has")?,
            remembered: sessions::Remembered::default(),
            overseer: OnceLock::new(),
            touched: app_passwords::Touched::default(),
        })
    }

    /// Signs a mail program in by mail address and password: whoever has a second factor, by a password made for such a program. Unknown
    /// names take as long as wrong passwords; wrong ones are counted per account and per network, except from this machine.
    ///
    /// # Errors
    /// [`AuthError::Refused`], [`AuthError::TooMany`]; [`AuthError::NeedsAppPassword`] for who has proved his own password.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<Identity, AuthError> {
        let user = self.called(name);
        // before the limit of the account: it is random, and strangers with wrong passwords must not stop its owner's programs
        if let Some(user) = &user
            && let Some(app) = app_passwords::found(user, password)
        {
            self.app_used(app.id, now).await;
            return Ok(Identity { user: user.id, tenant: user.tenant, signed_in_generation: user.generation });
        }
        let identity = self.prove(name, password, peer, now).await?;
        // no wrong password: it is neither counted nor written down each time that a program tries again
        let has_factor = self.person(&identity)?.second_factor.is_some();
        if has_factor { Err(AuthError::NeedsAppPassword) } else { Ok(identity) }
    }

    /// Who has this mail address.
    fn called(&self, name: &str) -> Option<Arc<User>> {
        let address = Address::parse(name.trim()).ok()?;
        self.store.directory().user_by_address(&address).cloned()
    }

    /// Looks whether this is the person's own password.
    pub(crate) async fn prove(
        &self,
        name: &str,
        password: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<Identity, AuthError> {
        self.attempts.check(name, peer, now)?;
        let user = self.called(name);
        let hash = user.as_ref().and_then(|user| Some(user.credentials.as_ref()?.argon2.clone()));
        let proof = self.proof(user.as_deref(), password);
        let known = hash.is_some() && self.is_proved(&proof, now);
        // Held until a wrong password is counted, so that those who try many at once have no more tries than others.
        let permit = if known { None } else { Some(self.turn_to_hash(name, peer, now).await?) };
        let right = match &hash {
            Some(_) if known || self.is_proved(&proof, now) => true,
            _ => verify(hash.as_deref().unwrap_or(&self.dummy), password).await? && hash.is_some(),
        };
        match user {
            Some(user) if right && user.state == UserState::Active => {
                self.remember(proof, now);
                Ok(Identity { user: user.id, tenant: user.tenant, signed_in_generation: user.generation })
            }
            user => {
                self.attempts.failed(name, peer, now);
                // the disk is waited for without it
                drop(permit);
                self.note_refused(user.as_deref(), name, peer, now).await?;
                Err(AuthError::Refused)
            }
        }
    }

    /// Waits until a password may be looked at: for the network's turn, then for room.
    async fn turn_to_hash(
        &self,
        name: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<tokio::sync::SemaphorePermit<'_>, AuthError> {
        tokio::time::sleep(self.attempts.turn(peer, now)?).await;
        let permit = self.hashing.acquire().await.map_err(|_| AuthError::Busy)?;
        self.attempts.check(name, peer, now)?;
        Ok(permit)
    }

    fn proof(&self, user: Option<&User>, password: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.proof_key);
        if let Some(user) = user {
            context.update(&user.id.0.to_be_bytes());
            context.update(&user.generation.to_be_bytes());
        }
        context.update(password.as_bytes());
        let mut proof = [0; 32];
        proof.copy_from_slice(context.sign().as_ref());
        proof
    }
    fn is_proved(&self, proof: &[u8; 32], now: Timestamp) -> bool {
        let proved = self.proved.lock().unwrap_or_else(PoisonError::into_inner);
        proved.get(proof).is_some_and(|at| now.0 - at.0 < PROVED_FOR_MS)
    }
    fn remember(&self, proof: [u8; 32], now: Timestamp) {
        let mut proved = self.proved.lock().unwrap_or_else(PoisonError::into_inner);
        if proved.len() >= 20_000 {
            proved.retain(|_, at| now.0 - at.0 < PROVED_FOR_MS);
        }
        // What was proved counts from then, however often it was used since; once that is over, from now.
        let at = proved.entry(proof).or_insert(now);
        if now.0 - at.0 >= PROVED_FOR_MS {
            *at = now;
        }
    }

    /// The signed-in person as he is now.
    ///
    /// # Errors
    /// [`AuthError::Refused`] once he is gone, suspended, or his password or roles changed since he signed in.
    pub fn person(&self, identity: &Identity) -> Result<Arc<User>, AuthError> {
        let directory = self.store.directory();
        let user = directory.users.get(&identity.user).ok_or(AuthError::Refused)?;
        let same = user.generation == identity.signed_in_generation && user.state == UserState::Active;
        if same { Ok(user.clone()) } else { Err(AuthError::Refused) }
    }

    fn granted<What, R: Right>(&self, identity: &Identity, what: What) -> Result<Access<What, R>, AuthError> {
        let user = self.person(identity)?;
        Ok(self.authority.grant(what, Some(user.id), user.generation))
    }

    /// His own mailboxes, to look at.
    ///
    /// # Errors
    /// As [`Self::person`].
    pub fn read_account(&self, identity: &Identity) -> Result<Access<Account, Read>, AuthError> {
        self.granted(identity, Account(identity.user))
    }
    /// His own mailboxes, to change.
    ///
    /// # Errors
    /// As [`Self::person`].
    pub fn write_account(&self, identity: &Identity) -> Result<Access<Account, Write>, AuthError> {
        self.granted(identity, Account(identity.user))
    }
    /// His company, to administer.
    ///
    /// # Errors
    /// [`AuthError::NotAllowed`] without the role admin or operator.
    pub fn manage_tenant(&self, identity: &Identity) -> Result<Access<Tenancy, Manage>, AuthError> {
        let user = self.person(identity)?;
        if user.roles.has(Role::Admin) || user.roles.has(Role::Operator) {
            return self.granted(identity, Tenancy(identity.tenant));
        }
        Err(AuthError::NotAllowed("admin"))
    }
    /// The whole server, to administer.
    ///
    /// # Errors
    /// [`AuthError::NotAllowed`] without the role operator.
    pub fn manage_server(&self, identity: &Identity) -> Result<Access<Server, Manage>, AuthError> {
        if self.person(identity)?.roles.has(Role::Operator) {
            return self.granted(identity, Server);
        }
        Err(AuthError::NotAllowed("operator"))
    }
    /// The console of the machine itself (the command line, run by who owns the data folder): everything.
    #[must_use]
    pub fn console(&self) -> Console<'_> {
        Console { authority: &self.authority }
    }
}

async fn verify(hash: &str, password: &str) -> Result<bool, AuthError> {
    let (hash, password) = (hash.to_owned(), zeroize::Zeroizing::new(password.to_owned()));
    tokio::task::spawn_blocking(move || password::argon2_matches(&hash, &password)).await.map_err(|_| AuthError::Busy)
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Auth")
    }
}

/// What the machine's own console may do; whoever can read the data folder has these rights anyway.
#[derive(Debug, Clone, Copy)]
pub struct Console<'a> {
    authority: &'a Authority,
}

impl Console<'_> {
    /// The whole server.
    #[must_use]
    pub fn server(&self) -> Access<Server, Manage> {
        self.authority.grant(Server, None, 0)
    }
    /// A company's reviews and its ledger, to look at.
    #[must_use]
    pub fn reviews(&self, tenant: TenantId) -> Access<store::Review, Read> {
        self.authority.grant(store::Review(tenant), None, 0)
    }
    /// A person's mailboxes, to look at (import, export, the demo's sample mail).
    #[must_use]
    pub fn read_account(&self, user: UserId) -> Access<Account, Read> {
        self.authority.grant(Account(user), None, 0)
    }
    /// A person's mailboxes, to change.
    #[must_use]
    pub fn write_account(&self, user: UserId) -> Access<Account, Write> {
        self.authority.grant(Account(user), None, 0)
    }
}
