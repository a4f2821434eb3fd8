//! The signature: over the bytes that go over the wire, after all else was done to them (RFC 6376 5; DESIGN.md 4.4). It is
//! made anew at each attempt, so that it is always of a key that signs at present.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter as _;
use mail_auth::dkim::{DkimSigner, Done, Signature};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use store::{DkimAlgorithm, DkimKey, DkimState, PrivateKey};
use types::{Domain, TenantId};

use crate::{Outbound, OutboundError};

/// What is signed (RFC 6376 5.4.1). Those that come twice are signed once more than they are there, so that none can be
/// added on the way (5.4.2, 8.15).
const FIELDS: [&str; 22] = [
    "From",
    "From",
    "To",
    "To",
    "Cc",
    "Cc",
    "Subject",
    "Subject",
    "Date",
    "Date",
    "Message-ID",
    "Message-ID",
    "Reply-To",
    "Reply-To",
    "MIME-Version",
    "MIME-Version",
    "Content-Type",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Transfer-Encoding",
    "In-Reply-To",
    "References",
];
/// Room for the fields of two signatures.
pub(crate) const ROOM: usize = 2_048;

enum Signer {
    Rsa(DkimSigner<RsaKey<Sha256>, Done>),
    Ed25519(DkimSigner<Ed25519Key, Done>),
}

impl Signer {
    fn new(key: &DkimKey, private: &PrivateKey) -> mail_auth::Result<Self> {
        // as machines have it (RFC 8616 4)
        let (domain, selector) = (&*key.domain.to_ascii(), key.selector.as_str());
        Ok(match key.algorithm {
            DkimAlgorithm::Rsa => {
                let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(private.reveal()));
                let key = RsaKey::<Sha256>::from_key_der(der)?;
                Self::Rsa(DkimSigner::from_key(key).domain(domain).selector(selector).headers(FIELDS))
            }
            DkimAlgorithm::Ed25519 => {
                let key = Ed25519Key::from_pkcs8_der(private.reveal())?;
                Self::Ed25519(DkimSigner::from_key(key).domain(domain).selector(selector).headers(FIELDS))
            }
        })
    }

    fn sign(&self, mail: &[u8]) -> mail_auth::Result<Signature> {
        match self {
            Self::Rsa(signer) => signer.sign(mail),
            Self::Ed25519(signer) => signer.sign(mail),
        }
    }
}

/// Keys as stored, and ready to sign, by domain.
#[derive(Default)]
pub(crate) struct Signers(Mutex<HashMap<Domain, Known>>);

type Known = (Arc<Vec<DkimKey>>, Arc<Vec<Signer>>);

impl Outbound {
    /// The mail with the signatures of its author's domain as its first lines, when that is a domain of `tenant` whose
    /// keys sign; else as it is.
    ///
    /// # Errors
    /// The keys cannot be read, or do not sign. An unsigned mail would be refused where its domain's policy (DMARC) is
    /// strict, so it waits.
    pub(crate) async fn signed(&self, tenant: TenantId, mut mail: Vec<u8>) -> Result<Vec<u8>, OutboundError> {
        if self.store.directory().dkim.is_empty() {
            return Ok(mail);
        }
        let Some(signers) = self.signers_for(tenant, &mail).await? else { return Ok(mail) };
        let work = move || -> Result<Vec<u8>, OutboundError> {
            let mut fields = Vec::with_capacity(ROOM);
            for signer in signers.iter() {
                signer.sign(&mail).map_err(not_signed)?.write_header(&mut fields);
            }
            mail.splice(0..0, fields);
            Ok(mail)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| OutboundError::Broken)?
    }

    /// Those of the first author's domain that is ours and signs (RFC 7489 3.1.1: the domain that readers see).
    async fn signers_for(&self, tenant: TenantId, mail: &[u8]) -> Result<Option<Arc<Vec<Signer>>>, OutboundError> {
        let directory = self.store.directory();
        for author in message::authors(mail) {
            let domain = author.domain();
            let Some(keys) = directory.dkim.get(domain).filter(|_| directory.tenant_of(domain) == Some(tenant)) else {
                continue;
            };
            let signers = self.signers_of(domain, keys).await?;
            if !signers.is_empty() {
                return Ok(Some(signers));
            }
        }
        Ok(None)
    }

    async fn signers_of(&self, domain: &Domain, keys: &Arc<Vec<DkimKey>>) -> Result<Arc<Vec<Signer>>, OutboundError> {
        let known = || self.signers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, signers)) = known().get(domain).filter(|(of, _)| of == keys) {
            return Ok(signers.clone());
        }
        let mut signers = Vec::new();
        if keys.iter().any(|key| key.state == DkimState::Signing) {
            let private = self.store.dkim_private(&self.exit, domain).await?;
            for key in keys.iter().filter(|key| key.state == DkimState::Signing) {
                // one that has gone since the snapshot has another in its place, which the next attempt knows
                let (_, private) =
                    private.iter().find(|(mark, _)| *mark == key.mark).ok_or(OutboundError::NotSigned)?;
                signers.push(Signer::new(key, private).map_err(not_signed)?);
            }
        }
        let signers = Arc::new(signers);
        known().insert(domain.clone(), (keys.clone(), signers.clone()));
        Ok(signers)
    }
}

fn not_signed(error: mail_auth::Error) -> OutboundError {
    tracing::error!(%error, "a mail cannot be signed");
    OutboundError::NotSigned
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dkim::make;

    #[test]
    fn a_signature_names_its_domain_as_machines_have_it() {
        for domain in ["例え.jp", "xn--r8jz45g.jp"] {
            for new in make::pair(&[], types::Timestamp(0)).unwrap() {
                let key = DkimKey {
                    mark: [0; 16],
                    domain: Domain::parse(domain).unwrap(),
                    selector: new.selector.clone(),
                    algorithm: new.algorithm,
                    public: new.public.clone(),
                    state: DkimState::Signing,
                    made: types::Timestamp(0),
                    changed: types::Timestamp(0),
                };
                let name = format!("{}._domainkey.xn--r8jz45g.jp", new.selector);
                assert!(
                    key.record_name() == name && key.zone_line().starts_with(&format!("{name}. IN TXT ")),
                    "its record too"
                );
                let mut fields = Vec::new();
                let signer = Signer::new(&key, &new.private).unwrap();
                signer.sign(b"From: taro@xn--r8jz45g.jp\r\n\r\nhello\r\n").unwrap().write_header(&mut fields);
                let fields = String::from_utf8(fields).unwrap();
                assert!(fields.contains("d=xn--r8jz45g.jp;"), "{fields}");
            }
        }
    }
}
