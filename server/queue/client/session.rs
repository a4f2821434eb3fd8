//! Bytes and replies: writing commands and waiting for answers, each with its limit of time.

use std::io;
use std::time::Duration;

use net::Conn;
use store::Way;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use types::Reply;

use super::extensions::Extensions;
use super::reply;
use super::trouble::Trouble;

/// How long each step may take (RFC 5321 4.5.3.2).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// To connect.
    pub connect: Duration,
    /// For the greeting, EHLO, AUTH, MAIL, RCPT and RSET.
    pub command: Duration,
    /// For the 354.
    pub data: Duration,
    /// For each block of the mail.
    pub block: Duration,
    /// For the answer to the mail.
    pub end: Duration,
    /// For the answer to QUIT, whose loss costs nothing.
    pub quit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(60),
            command: Duration::from_secs(300),
            data: Duration::from_secs(120),
            block: Duration::from_secs(180),
            end: Duration::from_secs(600),
            quit: Duration::from_secs(5),
        }
    }
}

/// A conversation with a next hop that has greeted us.
#[derive(Debug)]
pub(crate) struct Session {
    pub(super) conn: Conn,
    pub(super) input: Vec<u8>,
    pub(super) extensions: Extensions,
    pub(super) patience: Patience,
    pub(super) host: String,
    /// The name that its certificate proved.
    pub(super) proved: Option<String>,
    /// Mails tried over it.
    pub(super) used: u32,
    /// Whether the present mail's MAIL has been answered.
    pub(super) heard: bool,
    /// Whether a transaction was left open.
    pub(super) dirty: bool,
}

impl Session {
    /// Over a connection on which nothing has been said.
    pub fn new(conn: Conn, host: &str, patience: Patience) -> Self {
        Self {
            conn,
            input: Vec::new(),
            extensions: Extensions::default(),
            patience,
            host: host.to_owned(),
            proved: None,
            used: 0,
            heard: false,
            dirty: false,
        }
    }

    /// The host at the other end.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How it is spoken to.
    pub fn way(&self) -> Way {
        match self.conn.tls_words() {
            Some((version, cipher)) => Way::Tls { version, cipher, proved: self.proved.clone() },
            None => Way::Clear,
        }
    }

    /// How many mails were tried over it.
    pub fn used(&self) -> u32 {
        self.used
    }

    /// Whether the connection ended between two mails, as servers do that have waited long enough: the present mail
    /// was not heard of, so it can go over a new connection at once.
    pub fn went_stale(&self, trouble: &Trouble) -> bool {
        self.used > 1 && !self.heard && matches!(trouble, Trouble::Lost(_) | Trouble::Refused(..))
    }

    /// Says good-bye; what comes of it does not matter.
    pub async fn quit(mut self) {
        let patience = self.patience.quit;
        let farewell = async {
            self.write(b"QUIT\r\n", patience).await?;
            self.answer("QUIT", patience).await
        };
        if let Err(trouble) = farewell.await {
            tracing::trace!(%trouble, "no answer to QUIT");
        }
    }

    /// Writes a command and waits for its answer.
    pub(super) async fn command(&mut self, name: &'static str, line: &str) -> Result<Reply, Trouble> {
        let patience = self.patience.command;
        self.write(line.as_bytes(), patience).await?;
        self.answer(name, patience).await
    }

    /// Writes all of `bytes`.
    pub(super) async fn write(&mut self, bytes: &[u8], patience: Duration) -> Result<(), Trouble> {
        let writing = async {
            self.conn.write_all(bytes).await?;
            self.conn.flush().await
        };
        match tokio::time::timeout(patience, writing).await {
            Ok(done) => done.map_err(|error| lost(&error)),
            Err(_) => Err(Trouble::Silent("what was sent")),
        }
    }

    /// The next reply. 421 ends every conversation.
    pub(super) async fn answer(&mut self, to: &'static str, patience: Duration) -> Result<Reply, Trouble> {
        let reading = async {
            loop {
                if let Some((reply, used)) = reply::parse(&self.input)? {
                    self.input.drain(..used);
                    return Ok(reply);
                }
                if self.conn.read_buf(&mut self.input).await.map_err(|error| lost(&error))? == 0 {
                    return Err(Trouble::Lost(format!("closed while waiting for the answer to {to}")));
                }
            }
        };
        let reply: Reply = tokio::time::timeout(patience, reading).await.map_err(|_| Trouble::Silent(to))??;
        if reply.code == 421 { Err(Trouble::Refused(to, reply)) } else { Ok(reply) }
    }
}

fn lost(error: &io::Error) -> Trouble {
    Trouble::Lost(error.to_string())
}
