//! Listening sockets: binding with a clear error, and the accept loop with its bounds.

use std::future::Future;
use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use crate::{Conn, NetError, Peers, ServerTls, Stop};

/// A bound socket and the configuration key that asked for it.
#[derive(Debug)]
pub struct Listener {
    tcp: TcpListener,
    name: String,
}

/// What stands at the door of a listener.
#[derive(Debug, Clone)]
pub struct Door {
    /// Counts the connections; one for all listeners.
    pub peers: Arc<Peers>,
    /// The certificate that is offered; `None` for a protocol without TLS.
    pub tls: Option<ServerTls>,
    /// Whether TLS comes first (ports 465, 993), before any word of the protocol.
    pub implicit_tls: bool,
    /// The protocol's polite word to a peer that cannot be admitted, with its CRLF; it is not said on a listener
    /// with implicit TLS, whose peers could not read it.
    pub refusal: &'static str,
}

impl Listener {
    /// Binds `addr`; `name` is the configuration key that errors and logs name, such as `listen.smtp`.
    /// `[::]` listens on IPv4 as well, and on IPv4 alone where the machine has no IPv6.
    ///
    /// # Errors
    /// [`NetError::PortInUse`], [`NetError::PortForbidden`] or [`NetError::Listen`], each naming address and key.
    pub async fn bind(addr: SocketAddr, name: &str) -> Result<Self, NetError> {
        let tcp = match TcpListener::bind(addr).await {
            Err(error) if addr.ip().is_unspecified() && addr.is_ipv6() && no_ipv6(&error) => {
                TcpListener::bind((Ipv4Addr::UNSPECIFIED, addr.port())).await
            }
            other => other,
        };
        let name = name.to_owned();
        match tcp {
            Ok(tcp) => Ok(Self { tcp, name }),
            Err(source) => Err(match source.kind() {
                ErrorKind::AddrInUse => NetError::PortInUse { addr, name },
                ErrorKind::PermissionDenied => NetError::PortForbidden { addr, name },
                _ => NetError::Listen { addr, name, source },
            }),
        }
    }

    /// The address that is listened on, with the real port when port 0 was asked for.
    ///
    /// # Errors
    /// [`NetError::Io`] when the system does not tell.
    pub fn local_addr(&self) -> Result<SocketAddr, NetError> {
        Ok(self.tcp.local_addr()?)
    }

    /// Accepts until the stop is asked for; each connection becomes a task of `stop` that runs `serve`.
    pub async fn run<F, Fut>(self, door: Door, stop: Stop, serve: F)
    where
        F: Fn(Conn) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let serve = Arc::new(serve);
        loop {
            let accepted = tokio::select! {
                () = stop.asked() => return,
                accepted = self.tcp.accept() => accepted,
            };
            match accepted {
                Ok((tcp, peer)) => self.admit(tcp, peer, &door, &stop, &serve),
                Err(error) if is_peers_fault(&error) => {}
                Err(error) => {
                    // Out of descriptors or memory: the backlog waits in the kernel while sessions end.
                    tracing::warn!(listener = %self.name, %error, "accept failed");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn admit<F, Fut>(&self, tcp: TcpStream, peer: SocketAddr, door: &Door, stop: &Stop, serve: &Arc<F>)
    where
        F: Fn(Conn) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let permit = match door.peers.admit(peer.ip()) {
            Ok(permit) => permit,
            Err(full) => {
                tracing::warn!(listener = %self.name, bound = ?full, "connection refused, bound reached");
                if !door.implicit_tls {
                    refuse(tcp, door.refusal);
                }
                return;
            }
        };
        let Ok(conn) = Conn::accepted_from(tcp, peer, door.tls.clone(), Some(permit)) else { return };
        let (serve, implicit_tls) = (serve.clone(), door.implicit_tls);
        stop.spawn(async move {
            let conn = if implicit_tls { conn.start_tls().await } else { Ok(conn) };
            match conn {
                Ok(conn) => serve(conn).await,
                Err(error) => tracing::debug!(%peer, %error, "TLS handshake failed"),
            }
        });
    }
}

/// Writes the refusal without waiting: a fresh socket has room for a line, and a flood must cost nothing.
fn refuse(tcp: TcpStream, line: &str) {
    if let Ok(mut tcp) = tcp.into_std() {
        let _ = tcp.write(line.as_bytes());
    }
}

fn no_ipv6(error: &std::io::Error) -> bool {
    // EAFNOSUPPORT has no stable ErrorKind; a machine without IPv6 addresses answers EADDRNOTAVAIL.
    const EAFNOSUPPORT: i32 = 97;
    error.raw_os_error() == Some(EAFNOSUPPORT) || error.kind() == ErrorKind::AddrNotAvailable
}

fn is_peers_fault(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn door(most: usize) -> Door {
        Door { peers: Peers::new(most, 1), tls: None, implicit_tls: false, refusal: "421 4.3.2 later\r\n" }
    }

    #[tokio::test]
    async fn a_port_in_use_is_named_with_its_key() {
        let first = Listener::bind("127.0.0.1:0".parse().unwrap(), "listen.smtp").await.unwrap();
        let addr = first.local_addr().unwrap();
        let error = Listener::bind(addr, "listen.smtp").await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("port in use: {addr} (listen.smtp)")), "{error}");
    }

    #[tokio::test]
    async fn at_the_bound_a_peer_hears_the_refusal_and_a_stop_ends_the_loop() {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), "listen.smtp").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let stop = Stop::new();
        let session_stop = stop.clone();
        let served = tokio::spawn(listener.run(door(1), stop.clone(), move |mut conn: Conn| {
            let stop = session_stop.clone();
            async move {
                conn.write_all(b"hello").await.unwrap();
                stop.asked().await;
            }
        }));
        let mut first = TcpStream::connect(addr).await.unwrap();
        let mut word = [0; 5];
        first.read_exact(&mut word).await.unwrap();
        let mut second = TcpStream::connect(addr).await.unwrap();
        let mut refusal = String::new();
        second.read_to_string(&mut refusal).await.unwrap();
        assert_eq!(refusal, "421 4.3.2 later\r\n");
        assert!(stop.finish(Duration::from_secs(5)).await);
        served.await.unwrap();
    }
}
