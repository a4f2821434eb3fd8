//! The connection with its two buffers: bytes that came and are not yet read as commands, and answers that wait to be
//! sent together (RFC 2449 6.6). The only place that reads from and writes to the network.

use std::time::Duration;

use bytes::{Buf, BytesMut};
use net::Conn;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::Pop3Error;
use crate::reply::Reply;

/// So many bytes of answers are sent together.
const BATCH: usize = 64 * 1024;
/// So many bytes of commands are read at once: they are short.
const COMMANDS: usize = 2 * 1024;
/// A client that takes no batch of bytes for so long is gone.
const WRITE_PATIENCE: Duration = Duration::from_secs(300);

/// The connection of one session.
pub(crate) struct Link {
    conn: Option<Conn>,
    input: BytesMut,
    output: Vec<u8>,
}

impl Link {
    pub(crate) fn new(conn: Conn) -> Self {
        Self { conn: Some(conn), input: BytesMut::new(), output: Vec::new() }
    }

    /// The connection's own facts: peer, TLS.
    pub(crate) fn facts(&self) -> Option<&Conn> {
        self.conn.as_ref()
    }

    /// What came and is not used yet.
    pub(crate) fn input(&self) -> &[u8] {
        &self.input
    }

    /// Marks the first `count` bytes of the input as used.
    pub(crate) fn used(&mut self, count: usize) {
        self.input.advance(count.min(self.input.len()));
    }

    /// Reads more, until something came.
    pub(crate) async fn fill(&mut self) -> Result<(), Pop3Error> {
        self.input.reserve(COMMANDS);
        let Self { conn, input, .. } = self;
        let conn = conn.as_mut().ok_or(Pop3Error::Closed)?;
        match conn.read_buf(input).await? {
            0 => Err(Pop3Error::Closed),
            _ => Ok(()),
        }
    }

    /// Where answers are written.
    pub(crate) fn out(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Writes a status line.
    pub(crate) fn say(&mut self, reply: &Reply) {
        reply.write(&mut self.output);
    }

    /// Writes a whole line, with its end.
    pub(crate) fn line(&mut self, line: &str) {
        self.output.extend_from_slice(line.as_bytes());
        self.output.extend_from_slice(b"\r\n");
    }

    /// Sends what waits.
    pub(crate) async fn flush(&mut self) -> Result<(), Pop3Error> {
        if self.output.is_empty() {
            return Ok(());
        }
        let Self { conn, output, .. } = self;
        let conn = conn.as_mut().ok_or(Pop3Error::Closed)?;
        let written = async {
            conn.write_all(output).await?;
            conn.flush().await
        };
        match tokio::time::timeout(WRITE_PATIENCE, written).await {
            Ok(result) => result?,
            Err(_) => return Err(Pop3Error::Closed),
        }
        // The buffer is used again, unless a great answer has blown it up.
        self.output.clear();
        self.output.shrink_to(BATCH);
        Ok(())
    }

    /// Sends what waits, if it is enough for a batch: this is what holds a fast reader of the store back to the pace of
    /// its client.
    pub(crate) async fn flush_batch(&mut self) -> Result<(), Pop3Error> {
        if self.output.len() >= BATCH { self.flush().await } else { Ok(()) }
    }

    /// Begins TLS. What came before the handshake is thrown away (RFC 2595 4).
    pub(crate) async fn start_tls(&mut self) -> Result<(), Pop3Error> {
        self.input.clear();
        let conn = self.conn.take().ok_or(Pop3Error::Closed)?;
        self.conn = Some(conn.start_tls().await?);
        Ok(())
    }

    /// Says goodbye to the other side's TCP stack.
    pub(crate) async fn close(&mut self) {
        if let Some(mut conn) = self.conn.take() {
            let _ = tokio::time::timeout(Duration::from_secs(5), conn.shutdown()).await;
        }
    }
}
