//! TLS as a client: opportunistic towards any mail server, verified where the route demands it.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;

use crate::NetError;

/// How we speak TLS to another server. Clones share the session cache.
#[derive(Debug, Clone)]
pub struct ClientTls(Arc<ClientConfig>);

impl ClientTls {
    /// Encrypts to whoever answers, whatever certificate it shows: better than plain text, and no proof of
    /// identity (RFC 7435). Only for routes that would otherwise go in the clear.
    ///
    /// # Errors
    /// [`NetError::Tls`] when TLS cannot be set up.
    pub fn opportunistic() -> Result<Self, NetError> {
        let provider = Arc::new(ring::default_provider());
        let schemes = provider.signature_verification_algorithms.supported_schemes();
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| NetError::Tls(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AcceptAnyCertificate { schemes }))
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// Only servers whose certificate leads to a root of this machine and names the host.
    ///
    /// # Errors
    /// [`NetError::Tls`] when TLS cannot be set up.
    pub fn verified() -> Result<Self, NetError> {
        Self::verified_with(&[])
    }

    /// As [`Self::verified`], and trusts these roots too (DER).
    ///
    /// # Errors
    /// [`NetError::Tls`] when TLS cannot be set up or a root is no certificate.
    pub fn verified_with(extra_roots: &[Vec<u8>]) -> Result<Self, NetError> {
        let tls = |error: Error| NetError::Tls(error.to_string());
        let native = rustls_native_certs::load_native_certs();
        for error in &native.errors {
            tracing::warn!(%error, "a root certificate of this machine could not be read");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(native.certs);
        for root in extra_roots {
            roots.add(CertificateDer::from(root.clone())).map_err(tls)?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    pub(crate) fn connector(&self) -> TlsConnector {
        self.0.clone().into()
    }
}

/// The verifier that verifies nothing: signatures would prove only that the peer holds a key which nobody vouches for.
#[derive(Debug)]
struct AcceptAnyCertificate {
    schemes: Vec<SignatureScheme>,
}

impl ServerCertVerifier for AcceptAnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}
