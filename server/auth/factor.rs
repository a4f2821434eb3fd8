//! The second factor in the browser: six-digit codes of an authenticator (RFC 6238) and recovery codes; who must have one, how
//! it is set up, and the sealed tokens that lead from the password to the code. Mail programs know none (decision 055).

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{digest, hmac, rand};
use serde_json::json;
use store::{
    Account, EndSessions, FactorSecret, NewSecondFactor, RECOVERY_CODES, RecoveryHash, Role, SessionKind, User, Write,
};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use types::{FactorDemand, Timestamp, UserId};
use zeroize::Zeroizing;

use crate::{Auth, AuthError, Identity, PasswordError, signing_in};

/// Whose work is such that the policy `roles` demands a second factor; whom rules ask to approve as well.
const ROLES: [Role; 5] = [Role::Approver, Role::Handler, Role::Auditor, Role::Admin, Role::Operator];
/// Bytes of a secret (RFC 4226 4).
const SECRET: usize = 20;
/// Bytes of a recovery code: 80 bits, sixteen letters.
const RECOVERY: usize = 10;
/// So long the code may come after the password.
const CODE_TIME: Duration = Duration::from_secs(5 * 60);
/// In which wrong codes are counted.
pub(crate) const WINDOW_MS: i64 = 3_600_000;
/// No more wrong codes in such a window, however many wrong passwords are allowed.
pub(crate) const MOST_WRONG: u32 = 10;
/// So long setting up may take: an app may have to be installed first.
const ENROL_TIME: Duration = Duration::from_secs(15 * 60);

/// What the right password opens in the browser.
pub enum Entry {
    /// A session may begin.
    Open(Identity),
    /// A code is asked for; the token goes with it.
    Code(String),
    /// He must set up a second factor first.
    Enrol(Enrolment),
}

/// A second factor that is being set up: nothing is kept of it before its first code has come.
pub struct Enrolment {
    token: String,
    secret: Zeroizing<Vec<u8>>,
    address: String,
}

impl Enrolment {
    /// What goes back with the first code.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }
    /// The secret as people type it, in groups of four (RFC 4648 6).
    #[must_use]
    pub fn secret(&self) -> String {
        in_groups(&base32(&self.secret), " ")
    }
    /// The address that authenticators read.
    #[must_use]
    pub fn uri(&self) -> String {
        let (address, secret) = (percent_encoded(&self.address), percent_encoded(&base32(&self.secret)));
        format!("otpauth://totp/Sekisho:{address}?secret={secret}&issuer=Sekisho")
    }
}

/// How a person's second factor stands.
#[derive(Debug, Clone, Copy)]
pub struct FactorState {
    /// Since when he has one.
    pub made: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    /// Whether his company demands one of him.
    pub demanded: bool,
}

/// What became of a second factor, to be told to its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorNews {
    /// It was set up.
    Set,
    /// It was taken away.
    Removed,
    /// It has new recovery codes.
    NewCodes,
    /// Somebody has signed in with a recovery code; so many are left.
    CodeUsed(u32),
    /// The password of a mail program was made.
    AppAdded,
    /// The password of a mail program was taken away.
    AppRemoved,
}

/// What signing in asks of the rooms above this one.
#[async_trait]
pub trait Overseer: Send + Sync {
    /// Whether the rules in force of his company ask somebody to approve, or he stands in for whom they ask.
    fn approves(&self, user: &User) -> bool;
    /// Tells a person by mail what became of his second factor; `whence` names the browser.
    async fn tell(&self, user: UserId, news: FactorNews, whence: &str);
}

/// To what a token leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Code,
    Enrol,
}

impl Stage {
    fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Enrol => "enrol",
        }
    }
    fn time(self) -> Duration {
        match self {
            Self::Code => CODE_TIME,
            Self::Enrol => ENROL_TIME,
        }
    }
}

impl Auth {
    /// Names who knows what is above this room; the first one stays.
    pub fn oversee(&self, overseer: std::sync::Arc<dyn Overseer>) {
        let _ = self.overseer.set(overseer);
    }

    /// The first step of signing in by browser: mail address and password.
    ///
    /// # Errors
    /// As [`Self::sign_in`]; [`AuthError::Refused`] too for who may not use pages of this kind.
    pub async fn enter(
        &self,
        name: &str,
        password: &str,
        kind: SessionKind,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<Entry, AuthError> {
        let identity = self.prove(name, password, peer, now).await?;
        let user = self.person(&identity)?;
        if kind == SessionKind::Admin && !self.may_use_console(&identity) {
            self.note_refused(Some(&user), "", peer, now).await?;
            return Err(AuthError::Refused);
        }
        if user.second_factor.is_some() {
            return Ok(Entry::Code(self.token(Stage::Code, &identity, kind, &[], now)));
        }
        if self.lacks_factor(&identity, now).await? {
            return Ok(Entry::Enrol(self.fresh_enrolment(&identity, kind, now)?));
        }
        Ok(Entry::Open(identity))
    }

    /// The second step: a code, or a recovery code; with the latter it answers how many are left.
    ///
    /// # Errors
    /// [`AuthError::WrongCode`], which is counted like a wrong password, and in an hour besides, from this machine too;
    /// [`AuthError::TooMany`]; [`AuthError::TooLate`].
    pub async fn enter_by_code(
        &self,
        token: &str,
        kind: SessionKind,
        code: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<(Identity, Option<u32>), AuthError> {
        let (identity, _) = self.opened(Stage::Code, token, kind, now)?;
        let user = self.person(&identity)?;
        let name = user.address.to_string();
        self.codes.check(&name, peer, now)?;
        self.attempts.check(&name, peer, now)?;
        // Held until a wrong code is counted, so that those who try many at once have no more tries than others.
        let permit = self.turn_to_hash(&name, peer, now).await?;
        self.codes.check(&name, peer, now)?;
        if let Some(left) = self.accepted(&user, code, peer, now).await? {
            return Ok((identity, left));
        }
        self.attempts.failed(&name, peer, now);
        self.codes.failed(&name, peer, now);
        drop(permit);
        let detail = json!({ "from": peer.to_string(), "at": "code" });
        let audit = signing_in::row(Some(user.tenant), None, now, "session.refused", &name, detail);
        self.store.note_access(&self.authority, audit).await?;
        Err(AuthError::WrongCode)
    }

    /// Whether this is a code of his now, each taken once; of a recovery code, how many are left.
    async fn accepted(
        &self,
        user: &User,
        code: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<Option<Option<u32>>, AuthError> {
        let typed = typed(code);
        if typed.len() == 6 && typed.bytes().all(|byte| byte.is_ascii_digit()) {
            let Some(secret) = self.store.factor_secret(&self.authority, user.id).await? else { return Ok(None) };
            let Some(step) = step_of(secret.reveal(), &typed, now) else { return Ok(None) };
            return Ok(self.store.accept_step(&self.authority, user.id, step).await?.then_some(None));
        }
        let detail = json!({ "from": peer.to_string() });
        let audit =
            signing_in::row(Some(user.tenant), Some(user.id), now, "session.recovery_code", &user.address, detail);
        let left = self.store.use_recovery_code(&self.authority, user.id, recovery_hash(&typed), audit).await?;
        Ok(left.map(Some))
    }

    /// Whether somebody has no second factor and must have one, now that the store is asked too: of whoever is asked about a held
    /// mail, though no rule in force names him. Sessions are judged by [`Self::must_have_factor`] alone, at every request.
    ///
    /// # Errors
    /// The store failed; or his rights have changed since.
    pub async fn lacks_factor(&self, identity: &Identity, now: Timestamp) -> Result<bool, AuthError> {
        let user = self.person(identity)?;
        Ok(user.second_factor.is_none() && self.demands_factor(identity, &user, now).await?)
    }

    async fn demands_factor(&self, identity: &Identity, user: &User, now: Timestamp) -> Result<bool, AuthError> {
        if self.must_have_factor(user) {
            return Ok(true);
        }
        let by_work = self.factor_demand(user) == FactorDemand::Roles;
        Ok(by_work && self.store.unsettled(&self.read_account(identity)?, now).await?.awaiting > 0)
    }

    fn factor_demand(&self, user: &User) -> FactorDemand {
        let directory = self.store.directory();
        directory.tenants.get(&user.tenant).map(|tenant| tenant.policies.second_factor).unwrap_or_default()
    }

    /// Whether the company demands a second factor of this person, as far as roles and rules say.
    #[must_use]
    pub fn must_have_factor(&self, user: &User) -> bool {
        match self.factor_demand(user) {
            FactorDemand::Nobody => false,
            FactorDemand::Everyone => true,
            FactorDemand::Roles => {
                ROLES.iter().any(|role| user.roles.has(*role))
                    || self.overseer.get().is_some_and(|overseer| overseer.approves(user))
            }
        }
    }

    /// How the person's second factor stands.
    ///
    /// # Errors
    /// The store failed; or his rights have changed since.
    pub async fn factor(&self, identity: &Identity, now: Timestamp) -> Result<FactorState, AuthError> {
        let user = self.person(identity)?;
        let made = user.second_factor.as_ref().map(|factor| factor.made);
        let recovery_codes = match made {
            Some(_) => self.store.recovery_codes(&self.authority, user.id).await?,
            None => 0,
        };
        Ok(FactorState { made, recovery_codes, demanded: self.demands_factor(identity, &user, now).await? })
    }

    /// Begins to set one up, in place of one that is there: the password is asked for again and counted like a sign-in.
    ///
    /// # Errors
    /// As [`Self::sign_in`].
    pub async fn begin_enrolment(
        &self,
        identity: &Identity,
        kind: SessionKind,
        password: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<Enrolment, AuthError> {
        self.confirm(identity, password, peer, now).await?;
        self.fresh_enrolment(identity, kind, now)
    }

    /// What is being set up under this token, to be shown again.
    ///
    /// # Errors
    /// [`AuthError::TooLate`].
    pub fn enrolment(&self, token: &str, kind: SessionKind, now: Timestamp) -> Result<Enrolment, AuthError> {
        let (identity, secret) = self.opened(Stage::Enrol, token, kind, now)?;
        let address = self.person(&identity)?.address.to_string();
        Ok(Enrolment { token: token.to_owned(), secret: secret.into(), address })
    }

    /// Sets up what its first code has proved; for whoever has a session as `of`, nobody else. All sessions end; answers the person
    /// under his new rights, and the recovery codes, which are not told again.
    ///
    /// # Errors
    /// [`AuthError::WrongCode`]; [`AuthError::TooLate`], also for another's token.
    pub async fn enrol(
        &self,
        token: &str,
        (kind, of): (SessionKind, Option<UserId>),
        code: &str,
        now: Timestamp,
    ) -> Result<(Identity, Vec<String>), AuthError> {
        let (identity, secret) = self.opened(Stage::Enrol, token, kind, now)?;
        if of.is_some_and(|of| of != identity.user()) {
            return Err(AuthError::TooLate);
        }
        let step = step_of(&secret, &typed(code), now).ok_or(AuthError::WrongCode)?;
        let (codes, hashes) = recovery_codes()?;
        let user = identity.user();
        let new = NewSecondFactor { user, secret: FactorSecret::new(secret.into()), step, codes: hashes };
        let access = self.granted::<Account, Write>(&identity, Account(user))?;
        self.store.set_second_factor(&self.authority, &access, new, now).await?;
        Ok((self.anew(user).await?, codes))
    }

    /// Makes new recovery codes in the place of those that are left; the password is asked for again.
    ///
    /// # Errors
    /// As [`Self::sign_in`]; the person has no second factor.
    pub async fn new_recovery_codes(
        &self,
        identity: &Identity,
        password: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<Vec<String>, AuthError> {
        self.confirm(identity, password, peer, now).await?;
        let (codes, hashes) = recovery_codes()?;
        let access = self.granted::<Account, Write>(identity, Account(identity.user()))?;
        self.store.set_recovery_codes(&self.authority, &access, hashes, now).await?;
        Ok(codes)
    }

    /// Takes the person's own second factor away; the password is asked for again. All sessions end; answers the person under his
    /// new rights.
    ///
    /// # Errors
    /// As [`Self::sign_in`]; [`AuthError::Demanded`] where his company demands one of him.
    pub async fn remove_factor(
        &self,
        identity: &Identity,
        password: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<Identity, AuthError> {
        self.confirm(identity, password, peer, now).await?;
        if self.demands_factor(identity, &*self.person(identity)?, now).await? {
            return Err(AuthError::Demanded);
        }
        let access = self.granted::<Account, Write>(identity, Account(identity.user()))?;
        self.store.remove_second_factor(&self.authority, &access, now).await?;
        self.anew(identity.user()).await
    }

    /// Tells a person by mail what became of his second factor.
    pub async fn tell_of_factor(&self, user: UserId, news: FactorNews, whence: &str) {
        if let Some(overseer) = self.overseer.get() {
            overseer.tell(user, news, whence).await;
        }
    }

    /// Ends all sessions of a person whose rights have changed by his own hand, and takes him as he is now.
    pub(crate) async fn anew(&self, user: UserId) -> Result<Identity, AuthError> {
        self.end(user, EndSessions::All).await?;
        let directory = self.store.directory();
        let user = directory.users.get(&user).ok_or(AuthError::Refused)?;
        Ok(Identity { user: user.id, tenant: user.tenant, signed_in_generation: user.generation })
    }

    fn fresh_enrolment(&self, identity: &Identity, kind: SessionKind, now: Timestamp) -> Result<Enrolment, AuthError> {
        let secret: Zeroizing<Vec<u8>> = random::<SECRET>()?.to_vec().into();
        let token = self.token(Stage::Enrol, identity, kind, &secret, now);
        Ok(Enrolment { token, secret, address: self.person(identity)?.address.to_string() })
    }

    /// What leads from one step to the next: who has proved his password, for which pages, until when, and under which rights. Only
    /// this process makes and takes it.
    fn token(&self, stage: Stage, who: &Identity, kind: SessionKind, with: &[u8], now: Timestamp) -> String {
        let until = now.after(stage.time()).0;
        let (with, generation) = (URL_SAFE_NO_PAD.encode(with), who.signed_in_generation);
        let text = format!("{}.{}.{}.{generation}.{until}.{with}", stage.word(), kind.word(), who.user.0);
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&self.proof_key, &sealed_text(&text))))
    }

    fn opened(
        &self,
        stage: Stage,
        token: &str,
        kind: SessionKind,
        now: Timestamp,
    ) -> Result<(Identity, Vec<u8>), AuthError> {
        self.read_token(stage, token, kind, now).ok_or(AuthError::TooLate)
    }

    fn read_token(&self, stage: Stage, token: &str, kind: SessionKind, now: Timestamp) -> Option<(Identity, Vec<u8>)> {
        let (text, seal) = token.rsplit_once('.')?;
        hmac::verify(&self.proof_key, &sealed_text(text), &URL_SAFE_NO_PAD.decode(seal).ok()?).ok()?;
        let mut parts = text.split('.');
        if parts.next()? != stage.word() || parts.next()? != kind.word() {
            return None;
        }
        let user = UserId(parts.next()?.parse().ok()?);
        let generation = parts.next()?.parse().ok()?;
        let until: i64 = parts.next()?.parse().ok()?;
        let with = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        let tenant = self.store.directory().users.get(&user)?.tenant;
        let identity = Identity { user, tenant, signed_in_generation: generation };
        (now.0 < until && self.person(&identity).is_ok()).then_some((identity, with))
    }
}

fn sealed_text(text: &str) -> Vec<u8> {
    [b"sekisho second step\0", text.as_bytes()].concat()
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], AuthError> {
    let made = rand::generate::<[u8; N]>(&rand::SystemRandom::new()).map_err(|_| PasswordError::NoRandomness)?;
    Ok(made.expose())
}

pub(crate) fn base32(bytes: &[u8]) -> String {
    Secret::new(bytes.into()).to_base32()
}

pub(crate) fn in_groups(text: &str, between: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(between)
}

/// A text as a part of an address (RFC 3986 2.1); `@` may stand in a path as it is.
fn percent_encoded(text: &str) -> String {
    let sign = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' | b'@' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(sign).collect()
}

/// Recovery codes as they are shown, and what is kept of them.
fn recovery_codes() -> Result<(Vec<String>, Vec<RecoveryHash>), AuthError> {
    let mut made = (Vec::new(), Vec::new());
    for _ in 0..RECOVERY_CODES {
        let code = base32(&random::<RECOVERY>()?).to_lowercase();
        made.1.push(recovery_hash(&code));
        made.0.push(in_groups(&code, "-"));
    }
    Ok(made)
}

fn recovery_hash(code: &str) -> RecoveryHash {
    let mut hash = [0; 32];
    // 80 random bits need no slow hash
    hash.copy_from_slice(digest::digest(&digest::SHA256, code.as_bytes()).as_ref());
    hash
}

/// What somebody typed: full-width signs as half-width ones, without what stands between groups.
pub(crate) fn typed(code: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    code.chars().map(half).filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).take(64).collect()
}

/// The step of 30 seconds whose code this is: the present one, the one before, or the next (RFC 6238 5.2).
fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<u64> {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1).with_step_duration(30);
    let totp: Totp = builder.with_secret(Secret::new(secret.into())).build().ok()?;
    totp.check(code, u64::try_from(now.secs()).ok()?)
}

#[cfg(test)]
mod tests;
