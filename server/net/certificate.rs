//! Certificates on disk: reading PEM files, and making the self-signed one of the first start.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::NetError;

/// The two files of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Files {
    /// The chain, our own certificate first, PEM.
    pub(crate) certificate: PathBuf,
    /// The private key, PEM (PKCS#8, PKCS#1 or SEC1).
    pub(crate) key: PathBuf,
}

impl Files {
    /// Reads both files and checks that the key belongs to the certificate.
    pub(crate) fn load(&self, provider: &CryptoProvider) -> Result<CertifiedKey, NetError> {
        let chain = CertificateDer::pem_slice_iter(&read(&self.certificate)?)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| wrong(&self.certificate, error))?;
        if chain.is_empty() {
            return Err(wrong(&self.certificate, "no CERTIFICATE block in it"));
        }
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?).map_err(|error| match error {
            PemError::NoItemsFound => wrong(&self.key, "no PRIVATE KEY block in it"),
            error => wrong(&self.key, error),
        })?;
        CertifiedKey::from_der(chain, key, provider)
            .map_err(|error| wrong(&self.key, format!("does not fit {}: {error}", self.certificate.display())))
    }

    /// The self-signed certificate in `data_dir/tls`, made now for `hostname` when it is not there yet.
    pub(crate) fn self_signed(data_dir: &Path, hostname: &str) -> Result<Self, NetError> {
        let dir = data_dir.join("tls");
        let files = Self { certificate: dir.join("self-signed.pem"), key: dir.join("self-signed.key") };
        if !(files.certificate.exists() && files.key.exists()) {
            files.make(&dir, hostname)?;
        }
        Ok(files)
    }

    fn make(&self, dir: &Path, hostname: &str) -> Result<(), NetError> {
        let failed = |error: rcgen::Error| NetError::Tls(format!("self-signed certificate for {hostname}: {error}"));
        let names = [hostname, "localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let mut params = CertificateParams::new(names).map_err(failed)?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, hostname);
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.self_signed(&key).map_err(failed)?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(|source| NetError::File { path: dir.to_owned(), source })?;
        // The certificate comes last: as long as it is missing, a start makes both anew.
        write(&self.key, &key.serialize_pem())?;
        write(&self.certificate, &certificate.pem())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, NetError> {
    std::fs::read(path).map_err(|source| NetError::File { path: path.to_owned(), source })
}

/// Writes a file that only we may read, whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), NetError> {
    let draft = path.with_extension("new");
    let written = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, path)?;
        // the key's name is on disk before the certificate is made that needs it
        path.parent().map_or(Ok(()), |dir| std::fs::File::open(dir)?.sync_all())
    };
    written().map_err(|source| NetError::File { path: path.to_owned(), source })
}

fn wrong(path: &Path, what: impl ToString) -> NetError {
    NetError::Certificate { path: path.to_owned(), what: what.to_string() }
}
