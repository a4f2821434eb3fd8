//! The connection as lines and replies: one read buffer; replies wait until it is drained, so that a client that
//! pipelines gets them in one piece (RFC 2920 3.2).

use std::io;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use net::{Conn, NetError, Stop};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};
use types::Reply;

use crate::wire::line::{self, Next};

/// Room for commands; a body gets more.
const COMMANDS: usize = 8 << 10;
/// Room for the bytes of a small body, which most are.
const SMALL_BODY: usize = 16 << 10;
/// Room for those of a large one: what one read, one decoding step and one write to the door take.
const LARGE_BODY: usize = 64 << 10;
/// Replies are sent at the latest when this many bytes wait.
const REPLIES: usize = 16 << 10;
/// A line without end is borne up to this many bytes.
const ENDLESS: usize = 1 << 20;

/// Why a session ends.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The client closed or the stream broke.
    Gone,
    /// Nothing came, or not enough, or the client does not read.
    Late,
    /// The server stops.
    Stopping,
    /// The session said its last word.
    Done,
}

impl From<io::Error> for Ended {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// A command line, or what was there instead.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Text(Vec<u8>),
    BadEnd,
    TooLong,
}

/// The connection with its buffers.
pub(crate) struct Stream {
    conn: Conn,
    input: BytesMut,
    output: Vec<u8>,
    stop: Stop,
    longest: usize,
}

impl Stream {
    pub(crate) fn new(conn: Conn, stop: Stop, longest: usize) -> Self {
        Self { conn, input: BytesMut::new(), output: Vec::new(), stop, longest }
    }

    pub(crate) fn conn(&self) -> &Conn {
        &self.conn
    }

    /// Queues a reply.
    pub(crate) fn say(&mut self, reply: &Reply) {
        use std::io::Write;
        // Writing to a Vec cannot fail.
        let _ = write!(self.output, "{reply}");
    }

    /// Sends what is queued.
    pub(crate) async fn flush(&mut self, patience: Duration) -> Result<(), Ended> {
        if self.output.is_empty() {
            return Ok(());
        }
        let sending = async {
            self.conn.write_all(&self.output).await?;
            self.conn.flush().await
        };
        tokio::time::timeout(patience, sending).await.map_err(|_| Ended::Late)??;
        self.output.clear();
        Ok(())
    }

    /// The next line. All of it must be there within `patience`, however slowly it drips.
    pub(crate) async fn line(&mut self, patience: Duration) -> Result<Line, Ended> {
        let deadline = Instant::now() + patience;
        let mut skipped = 0;
        loop {
            match line::next(&self.input, self.longest) {
                Next::Line(text, taken) if skipped == 0 => {
                    let text = text.to_vec();
                    self.input.advance(taken);
                    return Ok(Line::Text(text));
                }
                Next::Line(_, taken) | Next::TooLong(taken) => {
                    self.input.advance(taken);
                    return Ok(Line::TooLong);
                }
                Next::Bad(taken) => {
                    self.input.advance(taken);
                    return Ok(if skipped == 0 { Line::BadEnd } else { Line::TooLong });
                }
                Next::Endless if skipped > ENDLESS => return Err(Ended::Late),
                Next::Endless => {
                    skipped += self.input.len();
                    self.input.clear();
                }
                Next::Incomplete => {}
            }
            self.flush(patience).await?;
            self.fill_or_stop(deadline).await?;
        }
    }

    /// Reads more of a command; a stop interrupts the wait.
    async fn fill_or_stop(&mut self, deadline: Instant) -> Result<(), Ended> {
        let stop = self.stop.clone();
        tokio::select! {
            biased;
            () = stop.asked() => Err(Ended::Stopping),
            filled = self.fill_idle(deadline) => filled,
        }
    }

    /// A session may be idle for long, so what a body needed is given back first.
    async fn fill_idle(&mut self, deadline: Instant) -> Result<(), Ended> {
        if self.input.is_empty() && self.input.capacity() > SMALL_BODY {
            self.input = BytesMut::new();
        }
        self.fill(deadline, COMMANDS).await
    }

    async fn fill(&mut self, deadline: Instant, room: usize) -> Result<(), Ended> {
        self.input.reserve(room);
        let read = timeout_at(deadline, self.conn.read_buf(&mut self.input)).await.map_err(|_| Ended::Late)??;
        if read == 0 { Err(Ended::Gone) } else { Ok(()) }
    }

    /// The bytes of a body that are there, at least one; reads when there are none. `so_far` bytes have come.
    pub(crate) async fn body(&mut self, so_far: u64, deadline: Instant, patience: Duration) -> Result<&[u8], Ended> {
        if self.input.is_empty() {
            self.flush(patience).await?;
            let room = if so_far < SMALL_BODY as u64 { SMALL_BODY } else { LARGE_BODY };
            self.fill(deadline.min(Instant::now() + patience), room).await?;
        }
        Ok(&self.input)
    }

    /// Goes on behind bytes that [`Self::body`] showed.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.input.advance(bytes.min(self.input.len()));
    }

    /// Sends early when many replies wait, so that a client that pipelines for ever costs no memory.
    pub(crate) async fn relieve(&mut self, patience: Duration) -> Result<(), Ended> {
        if self.output.len() < REPLIES { Ok(()) } else { self.flush(patience).await }
    }

    /// Whether the client has closed its side without having pipelined anything more: the reply that we are about
    /// to send reaches nobody, most likely.
    pub(crate) fn is_deserted(&self) -> bool {
        self.input.is_empty() && self.conn.is_deserted()
    }

    /// Sends what is queued and shakes hands. Bytes that came before the handshake are thrown away: a man in the
    /// middle may have written them (RFC 3207 4.2, the flaw of CVE-2011-0411).
    pub(crate) async fn start_tls(mut self, patience: Duration) -> Result<Self, Ended> {
        self.flush(patience).await?;
        let conn = self.conn.start_tls().await.map_err(|error| {
            tracing::debug!(%error, "TLS handshake failed");
            match error {
                NetError::Timeout(_) => Ended::Late,
                _ => Ended::Gone,
            }
        })?;
        Ok(Self { conn, input: BytesMut::new(), ..self })
    }

    /// Says the last word and closes.
    pub(crate) async fn close(mut self, patience: Duration) {
        if self.flush(patience).await.is_ok() {
            let _ = tokio::time::timeout(patience, self.conn.shutdown()).await;
        }
    }
}
