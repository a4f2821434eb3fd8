//! SCRAM-SHA-256 (RFC 5802, 7677) from the server's side: the password is proved and never sent. With channel binding
//! (`-PLUS`, RFC 9266) the proof holds for this very TLS connection only.
//!
//! Whoever has a second factor proves one of the passwords of his mail programs, which are all under one salt; his own is not looked at.
//! A program that goes on with it is counted apart, so that it does not close the browser for him.
//! Names that nobody has get a salt too, always the same, so that they look like others until the proof fails.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, rand};
use store::{Credentials, User, UserState};
use subtle::ConstantTimeEq as _;
use types::Timestamp;

use crate::attempts::Whose;
use crate::{Auth, AuthError, Identity, app_passwords, password};

/// Longest message of a client, bytes: names and nonces are short.
const MOST: usize = 4_096;

/// What is known of the channel below (RFC 5802 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding<'a> {
    /// The mechanism without binding. `offered` says whether the one with binding was offered here: then a client that
    /// thinks it was not has been deceived.
    None {
        /// Whether `-PLUS` was offered.
        offered: bool,
    },
    /// `-PLUS` with the keying material `EXPORTER-Channel-Binding` of this connection (RFC 9266).
    TlsExporter(&'a [u8]),
}

/// An exchange that has begun.
pub struct Scram {
    name: String,
    user: Option<Arc<User>>,
    /// What the client's `c=` must be.
    channel: String,
    nonce: String,
    client_first: String,
    server_first: String,
}

impl std::fmt::Debug for Scram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scram")
    }
}

impl Scram {
    /// The server's first message, to be sent.
    #[must_use]
    pub fn challenge(&self) -> &str {
        &self.server_first
    }
}

/// An exchange that has ended well.
pub struct Proved {
    /// Who has signed in.
    pub identity: Identity,
    /// The server's own proof, to be sent.
    pub server_final: String,
    /// The number of the password of a mail program that was proved.
    pub(crate) app: Option<i64>,
}

/// What a password is proved by.
struct Keys<'a> {
    salt: &'a [u8],
    iterations: u32,
    stored_key: &'a [u8],
    server_key: &'a [u8],
    app: Option<i64>,
}

impl<'a> Keys<'a> {
    /// Those of somebody's own password.
    fn of(own: &'a Credentials) -> Self {
        let Credentials { salt, iterations, stored_key, server_key, .. } = own;
        Self { salt, iterations: *iterations, stored_key, server_key, app: None }
    }
}

/// All that open this person's mail to a program.
fn keys_of(user: &User) -> Vec<Keys<'_>> {
    if user.second_factor.is_none() {
        return user.credentials.iter().map(Keys::of).collect();
    }
    let apps = app_passwords::of(user).iter().map(|one| Keys {
        salt: &one.keys.salt,
        iterations: one.keys.iterations,
        stored_key: &one.keys.stored_key,
        server_key: &one.keys.server_key,
        app: Some(one.id),
    });
    apps.collect()
}

/// Under what the exchanges of this name are counted.
fn counted<'a>(name: &'a str, user: Option<&User>) -> Whose<'a> {
    let with_factor = user.filter(|user| user.second_factor.is_some());
    with_factor.map_or(Whose::Name(name), |user| Whose::Programs(user.id))
}

/// The client's first message.
struct ClientFirst<'a> {
    /// `n,,`, `y,,` or `p=tls-exporter,,`, with the name to act for.
    header: &'a str,
    bare: &'a str,
    name: String,
    nonce: &'a str,
}

impl<'a> ClientFirst<'a> {
    fn parse(message: &'a str) -> Option<Self> {
        let (flag, rest) = message.split_once(',')?;
        let (acting_for, bare) = rest.split_once(',')?;
        let header = message.get(..flag.len() + acting_for.len() + 2)?;
        // `m=` would be an extension that must be understood: there is none
        let (name, rest) = bare.strip_prefix("n=")?.split_once(',')?;
        let nonce = rest.strip_prefix("r=")?.split(',').next().filter(|nonce| is_nonce(nonce))?;
        let (name, acting_for) = (sasl_name(name)?, acting_for.strip_prefix("a=").unwrap_or(acting_for));
        // acting for another is not known here
        (acting_for.is_empty() || sasl_name(acting_for)? == name).then_some(Self { header, bare, name, nonce })
    }

    /// Whether what the client says of the channel fits what is so.
    fn fits(&self, binding: Binding<'_>) -> bool {
        let flag = self.header.split(',').next().unwrap_or_default();
        match binding {
            Binding::None { offered } => flag == "n" || (flag == "y" && !offered),
            Binding::TlsExporter(_) => flag == "p=tls-exporter",
        }
    }
}

/// A nonce of the client: printable, no comma, long enough to be one.
fn is_nonce(nonce: &str) -> bool {
    nonce.len() >= 8 && nonce.bytes().all(|byte| (0x21..0x7f).contains(&byte) && byte != b',')
}

/// A name with `=2C` and `=3D` for comma and equals sign.
fn sasl_name(text: &str) -> Option<String> {
    let mut parts = text.split('=');
    let mut name = parts.next()?.to_owned();
    for part in parts {
        let (sign, rest) = part.split_at_checked(2)?;
        name.push(match sign {
            "2C" => ',',
            "3D" => '=',
            _ => return None,
        });
        name.push_str(rest);
    }
    (!name.is_empty()).then_some(name)
}

impl Auth {
    /// Begins an exchange with the client's first message.
    ///
    /// # Errors
    /// [`AuthError::Refused`] when it is none, or does not fit the channel; [`AuthError::TooMany`].
    pub fn scram(
        &self,
        client_first: &str,
        binding: Binding<'_>,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<Scram, AuthError> {
        let first = Some(client_first).filter(|message| message.len() <= MOST).and_then(ClientFirst::parse);
        let first = first.filter(|first| first.fits(binding)).ok_or(AuthError::Refused)?;
        let user = self.called(&first.name);
        self.attempts.check(counted(&first.name, user.as_deref()), peer, now)?;
        let known = user.as_ref().and_then(|user| keys_of(user).into_iter().next());
        let (salt, iterations) = match known {
            Some(keys) => (keys.salt.to_vec(), keys.iterations),
            None => (self.salt_of_nobody(&first.name), password::ITERATIONS.get()),
        };
        let fresh: [u8; 18] = rand::generate(&rand::SystemRandom::new()).map_err(|_| AuthError::Busy)?.expose();
        let nonce = format!("{}{}", first.nonce, STANDARD.encode(fresh));
        let server_first = format!("r={nonce},s={},i={iterations}", STANDARD.encode(salt));
        let mut channel = first.header.as_bytes().to_vec();
        if let Binding::TlsExporter(material) = binding {
            channel.extend_from_slice(material);
        }
        Ok(Scram {
            name: first.name,
            user,
            channel: STANDARD.encode(channel),
            nonce,
            client_first: first.bare.to_owned(),
            server_first,
        })
    }

    fn salt_of_nobody(&self, name: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.proof_key);
        context.update(b"salt of nobody");
        context.update(name.trim().to_lowercase().as_bytes());
        context.sign().as_ref().iter().copied().take(16).collect()
    }

    /// Ends an exchange with the client's final message.
    ///
    /// # Errors
    /// [`AuthError::Refused`], which is counted like a wrong password; [`AuthError::TooMany`].
    pub fn scram_end(
        &self,
        scram: Scram,
        client_final: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<Proved, AuthError> {
        // Of exchanges that began together no more are ended than tries are left.
        let counted = counted(&scram.name, scram.user.as_deref());
        self.attempts.check(counted, peer, now)?;
        let user = scram.user.as_ref().filter(|user| user.state == UserState::Active);
        let by = |keys: Keys<'_>| Some((scram.server_final(&keys, client_final)?, keys.app));
        let proved = user.and_then(|user| Some((user, keys_of(user).into_iter().find_map(by)?)));
        match proved {
            Some((user, (server_final, app))) => {
                let identity = Identity { user: user.id, tenant: user.tenant, signed_in_generation: user.generation };
                Ok(Proved { identity, server_final, app })
            }
            None => {
                self.attempts.failed(counted, peer, now);
                Err(AuthError::Refused)
            }
        }
    }
}

impl Scram {
    /// The server's final message, if the client's proves the password (RFC 5802 3).
    fn server_final(&self, known: &Keys<'_>, client_final: &str) -> Option<String> {
        let message = Some(client_final).filter(|message| message.len() <= MOST)?;
        let (without_proof, proof) = message.rsplit_once(",p=")?;
        let rest = without_proof.strip_prefix("c=")?.strip_prefix(self.channel.as_str())?.strip_prefix(",r=")?;
        if rest.split(',').next() != Some(self.nonce.as_str()) {
            return None;
        }
        let proof = STANDARD.decode(proof).ok().filter(|proof| proof.len() == 32)?;
        let signed = format!("{},{},{without_proof}", self.client_first, self.server_first);
        let sign = |key: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes());
        let client_key: Vec<u8> = proof.iter().zip(sign(known.stored_key).as_ref()).map(|(a, b)| a ^ b).collect();
        let stored = digest::digest(&digest::SHA256, &client_key);
        if !bool::from(stored.as_ref().ct_eq(known.stored_key)) {
            return None;
        }
        Some(format!("v={}", STANDARD.encode(sign(known.server_key))))
    }
}

#[cfg(test)]
mod tests;
