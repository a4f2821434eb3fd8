//! One connection: a TCP stream, plain or under TLS, with its peer and its place in the budget.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::RecvFlags;
use rustls::ProtocolVersion;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

use crate::{ClientTls, NetError, Permit, ServerTls};

/// How long a peer may take over a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// A connection that can be read and written, and turned from plain to TLS once.
pub struct Conn {
    stream: Stream,
    peer: SocketAddr,
    local: SocketAddr,
    tls: Option<ServerTls>,
    #[expect(dead_code, reason = "held for its drop")]
    permit: Option<Permit>,
}

/// The TLS state is large, so it lies in a box of its own.
enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Conn {
    /// Wraps an accepted stream. `tls` is what [`Self::start_tls`] will offer.
    ///
    /// # Errors
    /// [`NetError::Io`] when the peer has gone already.
    pub fn accepted(tcp: TcpStream, tls: Option<ServerTls>, permit: Option<Permit>) -> Result<Self, NetError> {
        let peer = tcp.peer_addr()?;
        Self::accepted_from(tcp, peer, tls, permit)
    }

    /// The same for a peer whose address the caller knows already.
    ///
    /// # Errors
    /// [`NetError::Io`] when the peer has gone already.
    pub fn accepted_from(
        tcp: TcpStream,
        peer: SocketAddr,
        tls: Option<ServerTls>,
        permit: Option<Permit>,
    ) -> Result<Self, NetError> {
        // Replies are written whole, so waiting for more to send only costs time.
        tcp.set_nodelay(true)?;
        let (peer, local) = (canonical(peer), canonical(tcp.local_addr()?));
        Ok(Self { stream: Stream::Plain(tcp), peer, local, tls, permit })
    }

    /// Connects to `addr` as a client.
    ///
    /// # Errors
    /// [`NetError::Timeout`] after `patience`, [`NetError::Io`] when refused.
    pub async fn connect(addr: SocketAddr, patience: Duration) -> Result<Self, NetError> {
        let tcp = tokio::time::timeout(patience, TcpStream::connect(addr))
            .await
            .map_err(|_| NetError::Timeout(patience.as_secs()))??;
        Self::accepted(tcp, None, None)
    }

    /// Shakes hands as a server and returns the encrypted connection. What the caller has buffered from before
    /// the handshake must be thrown away, or a man in the middle could put commands there (RFC 3207 4.2).
    ///
    /// # Errors
    /// [`NetError::NoStartTls`] when TLS is on already or there is no certificate; [`NetError::Io`] or
    /// [`NetError::Timeout`] when the peer does not shake hands.
    pub async fn start_tls(self) -> Result<Self, NetError> {
        let (Stream::Plain(tcp), Some(tls)) = (self.stream, &self.tls) else {
            return Err(NetError::NoStartTls);
        };
        let stream = shake(tls.acceptor().accept(tcp)).await?;
        Ok(Self { stream: Stream::Tls(Box::new(stream.into())), ..self })
    }

    /// Shakes hands as a client of the host `name`.
    ///
    /// # Errors
    /// As [`Self::start_tls`]; [`NetError::Tls`] when `name` is no host name.
    pub async fn start_tls_as_client(self, config: &ClientTls, name: &str) -> Result<Self, NetError> {
        let Stream::Plain(tcp) = self.stream else {
            return Err(NetError::NoStartTls);
        };
        let server = rustls::pki_types::ServerName::try_from(name.trim_end_matches('.').to_owned())
            .map_err(|_| NetError::Tls(format!("{name} is not a host name")))?;
        let stream = shake(config.connector().connect(server, tcp)).await?;
        Ok(Self { stream: Stream::Tls(Box::new(stream.into())), ..self })
    }

    /// The other side's address; an IPv4 address is shown as such even on an IPv6 listener.
    #[must_use]
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Our side's address.
    #[must_use]
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    /// Whether [`Self::start_tls`] can work.
    #[must_use]
    pub fn can_start_tls(&self) -> bool {
        !self.is_tls() && self.tls.is_some()
    }

    /// Whether the peer is this very machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.peer.ip())
    }

    /// Whether the peer has closed its side and nothing of it waits to be read: it may still listen, but a client
    /// that was killed looks just so. Asks the system, not what the runtime last heard.
    #[must_use]
    pub fn is_deserted(&self) -> bool {
        let mut byte = [0];
        match rustix::net::recv(self.tcp(), &mut byte, RecvFlags::PEEK | RecvFlags::DONTWAIT) {
            Ok((read, _)) => read == 0,
            Err(Errno::AGAIN | Errno::INTR) => false,
            Err(_) => true,
        }
    }

    /// The application protocol that the TLS handshake agreed on (ALPN), such as `h2`.
    #[must_use]
    pub fn protocol(&self) -> Option<&[u8]> {
        match &self.stream {
            Stream::Plain(_) => None,
            Stream::Tls(stream) => stream.get_ref().1.alpn_protocol(),
        }
    }

    /// Says at once what has arrived. A client that sends the end of a message by itself is held back by its own
    /// system (Nagle) until we do, and ours would wait 40 ms for something to say with it.
    pub fn acknowledge(&self) {
        // Without it the answer is late, no more.
        let _ = rustix::net::sockopt::set_tcp_quickack(self.tcp(), true);
    }

    fn tcp(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(stream) => stream.get_ref().0,
        }
    }

    /// Keying material that both ends of this TLS connection know and nobody else (RFC 9266, `tls-exporter`); only where
    /// TLS is 1.3, which makes it unique without more ado.
    #[must_use]
    pub fn tls_exporter(&self) -> Option<[u8; 32]> {
        const LABEL: &[u8] = b"EXPORTER-Channel-Binding";
        let Stream::Tls(stream) = &self.stream else { return None };
        if stream.get_ref().1.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
            return None;
        }
        let material = match stream.as_ref() {
            TlsStream::Server(stream) => stream.get_ref().1.export_keying_material([0; 32], LABEL, Some(&[])),
            TlsStream::Client(stream) => stream.get_ref().1.export_keying_material([0; 32], LABEL, Some(&[])),
        };
        material.ok()
    }

    /// The TLS version as Received header fields name it (`TLS1.3`), and the cipher suite; `None` when plain.
    #[must_use]
    pub fn tls_words(&self) -> Option<(&'static str, String)> {
        let Stream::Tls(stream) = &self.stream else { return None };
        let state = stream.get_ref().1;
        let version = match state.protocol_version()? {
            ProtocolVersion::TLSv1_3 => "TLS1.3",
            ProtocolVersion::TLSv1_2 => "TLS1.2",
            _ => "TLS",
        };
        let suite = state.negotiated_cipher_suite()?.suite();
        Some((version, suite.as_str().unwrap_or("unknown").replace("TLS13_", "TLS_")))
    }
}

async fn shake<T>(handshake: impl Future<Output = io::Result<T>>) -> Result<T, NetError> {
    let done = tokio::time::timeout(HANDSHAKE, handshake).await;
    Ok(done.map_err(|_| NetError::Timeout(HANDSHAKE.as_secs()))??)
}

fn canonical(addr: SocketAddr) -> SocketAddr {
    SocketAddr::new(addr.ip().to_canonical(), addr.port())
}

pub(crate) fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conn").field("peer", &self.peer).field("tls", &self.is_tls()).finish_non_exhaustive()
    }
}

impl AsyncRead for Conn {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Conn {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Stream::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }
    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    async fn pair() -> (Conn, Conn) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Conn::connect(listener.local_addr().unwrap(), Duration::from_secs(5)).await.unwrap();
        let (tcp, _) = listener.accept().await.unwrap();
        (Conn::accepted(tcp, None, None).unwrap(), client)
    }

    #[tokio::test]
    async fn a_peer_that_closed_is_known_at_once_unless_words_of_it_wait() {
        let (mut server, mut client) = pair().await;
        assert!(!server.is_deserted());
        client.write_all(b"x").await.unwrap();
        client.shutdown().await.unwrap();
        assert!(!server.is_deserted(), "a word waits");
        server.read_u8().await.unwrap();
        assert!(server.is_deserted());
    }

    #[tokio::test]
    async fn without_a_certificate_tls_cannot_start() {
        let (server, _client) = pair().await;
        assert!(!server.can_start_tls());
        assert!(matches!(server.start_tls().await, Err(NetError::NoStartTls)));
    }
}
