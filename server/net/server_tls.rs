//! TLS as a server: one configuration for all listeners, whose certificate can be exchanged while it runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use crate::NetError;
use crate::certificate::Files;

/// TLS 1.2 and 1.3 with the `ring` provider. Clones share the certificate.
#[derive(Debug, Clone)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
    current: Arc<Current>,
    files: Arc<Files>,
    provider: Arc<CryptoProvider>,
}

/// The certificate that new handshakes get.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl ServerTls {
    /// The certificate chain and private key of two PEM files.
    ///
    /// # Errors
    /// [`NetError::File`] or [`NetError::Certificate`], each naming the file.
    pub fn from_files(certificate: PathBuf, key: PathBuf) -> Result<Self, NetError> {
        Self::new(Files { certificate, key })
    }

    /// The self-signed certificate in `data_dir/tls`, made now for `hostname`, localhost and the loopback
    /// addresses when there is none.
    ///
    /// # Errors
    /// As [`Self::from_files`]; [`NetError::Tls`] when `hostname` cannot stand in a certificate.
    pub fn self_signed(data_dir: &Path, hostname: &str) -> Result<Self, NetError> {
        Self::new(Files::self_signed(data_dir, hostname)?)
    }

    /// Reads the files again; running sessions keep what they have. On an error the old certificate stays.
    ///
    /// # Errors
    /// As [`Self::from_files`].
    pub fn reload(&self) -> Result<(), NetError> {
        self.current.0.store(Arc::new(self.files.load(&self.provider)?));
        Ok(())
    }

    /// The certificate chain's own certificate, DER: what a client pins or a test trusts.
    #[must_use]
    pub fn certificate(&self) -> Vec<u8> {
        self.current.0.load().cert.first().map(|der| der.to_vec()).unwrap_or_default()
    }

    fn new(files: Files) -> Result<Self, NetError> {
        // Named, never the process's default: a second provider in the graph would make rustls panic.
        let provider = Arc::new(ring::default_provider());
        let current = Arc::new(Current(ArcSwap::from_pointee(files.load(&provider)?)));
        let tls = |error: rustls::Error| NetError::Tls(error.to_string());
        let mut config = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(tls)?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.ticketer = ring::Ticketer::new().map_err(tls)?;
        Ok(Self { config: Arc::new(config), current, files: Arc::new(files), provider })
    }

    /// The same certificate, offering these application protocols (ALPN, RFC 7301), the preferred first.
    #[must_use]
    pub fn speaking(&self, protocols: &[&[u8]]) -> Self {
        let mut config = ServerConfig::clone(&self.config);
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Self { config: Arc::new(config), ..self.clone() }
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.config.clone().into()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use super::*;
    use crate::{ClientTls, Conn};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    async fn talk(server: ServerTls, client: &ClientTls, name: &str) -> Result<String, NetError> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let answer = tokio::spawn(async move {
            let (tcp, _) = listener.accept().await?;
            let conn = Conn::accepted(tcp, Some(server), None)?;
            assert!(conn.can_start_tls() && conn.is_loopback());
            let mut conn = conn.start_tls().await?;
            assert!(conn.is_tls() && !conn.can_start_tls());
            conn.write_all(b"over TLS").await?;
            conn.shutdown().await?;
            Ok::<_, NetError>(())
        });
        let conn = Conn::connect(addr, Duration::from_secs(5)).await?;
        let mut conn = conn.start_tls_as_client(client, name).await?;
        assert_eq!(conn.tls_words().unwrap().0, "TLS1.3");
        let mut text = String::new();
        conn.read_to_string(&mut text).await?;
        answer.await.unwrap()?;
        Ok(text)
    }

    #[tokio::test]
    async fn the_first_start_makes_a_certificate_that_only_we_can_read_and_the_second_keeps_it() {
        let dir = tempfile::tempdir().unwrap();
        let first = ServerTls::self_signed(dir.path(), "mail.example.co.jp").unwrap();
        let again = ServerTls::self_signed(dir.path(), "mail.example.co.jp").unwrap();
        assert_eq!(first.certificate(), again.certificate());
        for file in std::fs::read_dir(dir.path().join("tls")).unwrap() {
            assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        let text = talk(first, &ClientTls::opportunistic().unwrap(), "mail.example.co.jp").await.unwrap();
        assert_eq!(text, "over TLS");
    }

    #[tokio::test]
    async fn a_client_that_verifies_takes_only_what_it_trusts() {
        let dir = tempfile::tempdir().unwrap();
        let server = ServerTls::self_signed(dir.path(), "mail.example.co.jp").unwrap();
        assert!(talk(server.clone(), &ClientTls::verified().unwrap(), "mail.example.co.jp").await.is_err());
        let trusting = ClientTls::verified_with(&[server.certificate()]).unwrap();
        assert!(talk(server.clone(), &trusting, "localhost").await.is_ok());
        assert!(talk(server, &trusting, "other.example").await.is_err());
    }

    #[test]
    fn a_reload_exchanges_the_certificate_and_a_bad_file_keeps_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let tls = ServerTls::self_signed(dir.path(), "old.example").unwrap();
        let old = tls.certificate();
        std::fs::remove_file(dir.path().join("tls/self-signed.pem")).unwrap();
        ServerTls::self_signed(dir.path(), "new.example").unwrap();
        tls.reload().unwrap();
        let new = tls.certificate();
        assert_ne!(old, new);
        std::fs::write(dir.path().join("tls/self-signed.pem"), "nonsense").unwrap();
        let error = tls.reload().unwrap_err().to_string();
        assert!(error.contains("self-signed.pem") && error.contains("CERTIFICATE"), "{error}");
        assert_eq!(tls.certificate(), new);
    }

    #[test]
    fn a_key_of_another_certificate_is_refused_by_name() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        ServerTls::self_signed(one.path(), "one.example").unwrap();
        ServerTls::self_signed(two.path(), "two.example").unwrap();
        let error =
            ServerTls::from_files(one.path().join("tls/self-signed.pem"), two.path().join("tls/self-signed.key"));
        assert!(error.unwrap_err().to_string().contains("does not fit"));
    }
}
