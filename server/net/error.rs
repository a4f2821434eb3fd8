//! What can go wrong with listeners, streams and certificates.

use std::net::SocketAddr;
use std::path::PathBuf;

use types::{Fault, Kind};

/// A failure of the network room.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// Another program listens on this address.
    #[error("port in use: {addr} ({name}); stop the other program or change {name}")]
    PortInUse {
        /// The address that was asked for.
        addr: SocketAddr,
        /// The configuration key that asks for it, such as `listen.smtp`.
        name: String,
    },
    /// Ports below 1024 want root or CAP_NET_BIND_SERVICE.
    #[error("not allowed to listen on {addr} ({name}); start as root or with CAP_NET_BIND_SERVICE")]
    PortForbidden {
        /// The address that was asked for.
        addr: SocketAddr,
        /// The configuration key that asks for it.
        name: String,
    },
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {addr} ({name}): {source}")]
    Listen {
        /// The address that was asked for.
        addr: SocketAddr,
        /// The configuration key that asks for it.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A certificate or key file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A certificate or key file does not hold what it should.
    #[error("{path}: {what}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// TLS cannot be set up.
    #[error("TLS: {0}")]
    Tls(String),
    /// The stream broke, or the peer's handshake did.
    #[error("connection: {0}")]
    Io(#[from] std::io::Error),
    /// The peer did not answer in time.
    #[error("the peer did not answer within {0} seconds")]
    Timeout(u64),
    /// STARTTLS on a stream that is encrypted, or that has no certificate to offer.
    #[error("TLS cannot be started on this connection")]
    NoStartTls,
}

impl Fault for NetError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io(_) | Self::Timeout(_) => Kind::Temporary,
            Self::NoStartTls => Kind::Client,
            _ => Kind::Bug,
        }
    }
}
