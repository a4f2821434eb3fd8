//! The connection with its two buffers: bytes that came and are not yet read as commands, and answers that
//! wait to be sent together. The only place that reads from and writes to the network.

use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use net::Conn;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::ImapError;
use crate::deflate::{Broken, Deflate};
use crate::output::{Mark, Output};

/// Room for what a client sends at once, as far as it is a command; a connection that waits holds no more.
const LINE: usize = 1024;
/// Room for more, while more comes.
const MUCH: usize = 16 * 1024;
/// So many bytes of answers are sent together.
const BATCH: usize = 128 * 1024;
/// A client that does not take a batch in so long is gone, or takes a byte a minute; where a session may be silent for less, in that
/// time.
const WRITE_PATIENCE: Duration = Duration::from_secs(300);

/// The connection of one session.
pub(crate) struct Link {
    conn: Option<Conn>,
    input: BytesMut,
    output: Output,
    sent: u64,
    deflate: Option<Box<Deflate>>,
    /// Whether the last read filled all its room: more is on its way.
    flows: bool,
    patience: Duration,
}

impl Link {
    /// The link of a session that may be silent for so long.
    pub(crate) fn new(conn: Conn, silence: Duration) -> Self {
        let (input, output, patience) = (BytesMut::new(), Output::default(), WRITE_PATIENCE.min(silence));
        Self { conn: Some(conn), input, output, sent: 0, deflate: None, flows: false, patience }
    }

    fn conn(&mut self) -> Result<&mut Conn, ImapError> {
        self.conn.as_mut().ok_or(ImapError::Closed)
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
    pub(crate) async fn fill(&mut self) -> Result<(), ImapError> {
        if self.deflate.is_some() {
            return self.fill_inflated().await;
        }
        self.make_room();
        let Self { conn, input, flows, .. } = self;
        let conn = conn.as_mut().ok_or(ImapError::Closed)?;
        let count = conn.read_buf(input).await?;
        *flows = input.len() == input.capacity();
        if count == 0 { Err(ImapError::Closed) } else { Ok(()) }
    }

    /// Room to read into: little where all is answered, since the next command may be hours away.
    fn make_room(&mut self) {
        if self.input.is_empty() && !self.flows {
            if self.input.capacity() > LINE {
                self.input = BytesMut::new();
            }
            if self.output.len() == 0 && self.output.room() > MUCH {
                self.output = Output::default();
            }
        }
        self.input.reserve(if self.flows { MUCH } else { LINE });
    }

    async fn fill_inflated(&mut self) -> Result<(), ImapError> {
        loop {
            let Self { conn, input, deflate: Some(deflate), .. } = self else { return Err(ImapError::Closed) };
            if deflate.inflate(input).map_err(|Broken| ImapError::Bye("The compressed stream is broken"))? {
                return Ok(());
            }
            deflate.raw.reserve(16 * 1024);
            let conn = conn.as_mut().ok_or(ImapError::Closed)?;
            if conn.read_buf(&mut deflate.raw).await? == 0 {
                return Err(ImapError::Closed);
            }
        }
    }

    /// Compresses from now on (RFC 4978); what came already is compressed too.
    pub(crate) fn compress(&mut self) {
        self.deflate = Some(Box::new(Deflate::new(&self.input)));
        self.input.clear();
    }

    /// Whether the connection is compressed.
    pub(crate) fn is_compressed(&self) -> bool {
        self.deflate.is_some()
    }

    /// Where answers are written.
    pub(crate) fn out(&mut self) -> &mut Vec<u8> {
        self.output.text()
    }

    /// Sends a body behind what was written, without copying it.
    pub(crate) fn body(&mut self, body: Bytes) {
        self.output.body(body);
    }

    /// Where the answers end now.
    pub(crate) fn mark(&self) -> Mark {
        self.output.mark()
    }

    /// Takes back what was written since, while [`Self::sent`] is what it was.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.output.rewind(mark);
    }

    /// Writes a whole line, with its end.
    pub(crate) fn line(&mut self, line: &str) {
        self.out().extend_from_slice(line.as_bytes());
        self.out().extend_from_slice(b"\r\n");
    }

    /// How many batches went out: what was written before can no longer be taken back.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Sends what waits.
    pub(crate) async fn flush(&mut self) -> Result<(), ImapError> {
        if self.output.len() == 0 {
            return Ok(());
        }
        let mut output = std::mem::take(&mut self.output);
        if let Some(deflate) = &mut self.deflate {
            let joined = output.joined();
            output = Output::default();
            *output.text() = deflate.deflated(&joined).map_err(|Broken| ImapError::Closed)?;
        }
        self.sent += 1;
        let patience = self.patience;
        let conn = self.conn()?;
        let written = async {
            write_all(conn, &mut output.slices()).await?;
            conn.flush().await
        };
        match tokio::time::timeout(patience, written).await {
            Ok(result) => result?,
            Err(_) => return Err(ImapError::Closed),
        }
        // The buffer is used again, unless one great answer has blown it up.
        self.output = output;
        self.output.clear(BATCH * 2);
        Ok(())
    }

    /// Sends what waits, if it is enough for a batch: this is what holds a fast reader of the store back to the
    /// pace of its client.
    pub(crate) async fn flush_batch(&mut self) -> Result<(), ImapError> {
        if self.output.len() >= BATCH { self.flush().await } else { Ok(()) }
    }

    /// Whether so much waits that it is sent even within the answer of one message. What is less than that, after a message that
    /// began behind less than a batch, can be taken back whole.
    pub(crate) fn is_full(&self) -> bool {
        self.output.len() >= 2 * BATCH
    }

    /// Whether the client has gone without a LOGOUT, as one that was killed looks: what it had sent ahead is read
    /// up to the end, as far as `most` bytes (mbsync has a megabyte of commands under way). A script that sends all
    /// its commands and closes its side ends with LOGOUT.
    pub(crate) async fn is_deserted(&mut self, most: usize) -> bool {
        // Lets the runtime hear what the system knows.
        tokio::task::yield_now().await;
        while self.input.len() < most {
            match at_once(self.fill()).await {
                Some(Ok(())) => {}
                Some(Err(_)) => return !self.says_goodbye(),
                None => return self.conn.as_ref().is_none_or(Conn::is_deserted) && !self.says_goodbye(),
            }
        }
        false
    }

    fn says_goodbye(&self) -> bool {
        let end = self.input.trim_ascii_end();
        end.len().checked_sub(6).and_then(|at| end.get(at..)).is_some_and(|word| word.eq_ignore_ascii_case(b"LOGOUT"))
    }

    /// Begins TLS. What came before the handshake is thrown away (RFC 3501 6.2.1).
    pub(crate) async fn start_tls(&mut self) -> Result<(), ImapError> {
        self.input.clear();
        let conn = self.conn.take().ok_or(ImapError::Closed)?;
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

/// What a future gives without waiting. (A timeout of nothing waits for the next tick of the clock: a millisecond.)
async fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| {
        Poll::Ready(match future.as_mut().poll(context) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        })
    })
    .await
}

/// Writes slices to their last byte.
async fn write_all(conn: &mut Conn, mut slices: &mut [IoSlice<'_>]) -> std::io::Result<()> {
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        match conn.write_vectored(slices).await? {
            0 => return Err(ErrorKind::WriteZero.into()),
            count => IoSlice::advance_slices(&mut slices, count),
        }
    }
    Ok(())
}
