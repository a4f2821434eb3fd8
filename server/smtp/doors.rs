//! The doors behind SMTP: what it asks of the rooms that receive mail and that send it.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use types::{Address, Envelope, Reference, Reply, Timestamp};

use crate::ListenerKind;

/// Who is at the other end.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Where the connection comes from.
    pub addr: SocketAddr,
    /// The name given with EHLO or HELO; nothing of it is proved.
    pub helo: String,
    /// TLS version and cipher suite, when encrypted.
    pub tls: Option<(&'static str, String)>,
    /// The listener.
    pub kind: ListenerKind,
}

/// Where mail to us goes.
#[async_trait]
pub trait Inbound: Send + Sync {
    /// Whether mail for `to` is taken: the answer to RCPT. `Err` is the reply that refuses it (550 5.1.1 unknown,
    /// 550 5.7.1 relay, 452 4.2.2 or 552 5.2.2 over quota). `size` is what the client announced, bytes.
    async fn recipient(
        &self,
        peer: &Peer,
        from: Option<&Address>,
        to: &Address,
        size: Option<u64>,
    ) -> Result<(), Reply>;

    /// Begins to take a mail, before 354. `size` is what the client announced, bytes.
    async fn begin(&self, peer: &Peer, envelope: Envelope, size: Option<u64>) -> Result<Box<dyn Body>, Reply>;
}

/// Where our people's mail goes.
#[async_trait]
pub trait Submissions: Send + Sync {
    /// Signs in; `Err` is the reply (535 5.7.8, 454 4.7.0).
    async fn sign_in(&self, name: &str, password: &str, peer: &Peer) -> Result<Arc<dyn Author>, Reply>;
}

/// Somebody who has signed in and hands in mail.
#[async_trait]
pub trait Author: Send + Sync {
    /// Whether he may write `from` as the sender; `None` is `<>`, as receipts have it (RFC 8098). `Err` is the
    /// reply (550 5.7.1) that names the addresses he may use.
    async fn may_send_as(&self, from: Option<&Address>) -> Result<(), Reply>;

    /// Whether `to` can be reached at all: unknown people of our own domains, and those who are over their quota, are
    /// refused at once.
    async fn recipient(&self, from: Option<&Address>, to: &Address, size: Option<u64>) -> Result<(), Reply>;

    /// Begins to take a mail, before 354.
    async fn begin(&self, peer: &Peer, envelope: Envelope, size: Option<u64>) -> Result<Box<dyn Body>, Reply>;
}

/// A mail that is being taken. Dropping it forgets the mail.
#[async_trait]
pub trait Body: Send {
    /// Takes the next bytes of the mail. `Err` is the reply that refuses it; the rest is then read and thrown away.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Reply>;

    /// Takes responsibility for the mail, or refuses it. A 2xx is said only when the mail is durable.
    async fn finish(self: Box<Self>, trace: Trace) -> Answer;
}

/// What SMTP knows about the mail when it is complete.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Names this taking: in Received, in logs.
    pub id: Reference,
    /// When the mail was complete.
    pub at: Timestamp,
    /// `Return-Path:`, for mail to us; empty for mail that is handed in, since that is for the last server
    /// (RFC 5321 4.4).
    pub return_path: Vec<u8>,
    /// `Received:`, and for mail that is handed in a missing `Date:` and `Message-ID:`; each line ended by CRLF.
    pub received: Vec<u8>,
    /// Bytes of the mail, without these fields.
    pub size: u64,
}

impl Trace {
    /// All trace fields in their order: what stands before the mail's bytes in a mailbox.
    #[must_use]
    pub fn prefix(&self) -> Vec<u8> {
        [self.return_path.as_slice(), self.received.as_slice()].concat()
    }
}

/// The answer to a mail.
pub struct Answer {
    /// What is said.
    pub reply: Reply,
    /// What to do when the reply cannot be told, because the client has gone: it will hand in the mail again.
    pub lost: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self { reply, lost: None }
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("reply", &self.reply).finish_non_exhaustive()
    }
}
