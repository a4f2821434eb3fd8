//! One connection: reads commands, has them done, answers them. It holds who has signed in and his maildrop; what a
//! verb does stands in `command`.

use std::sync::Arc;
use std::time::Duration;

use net::{Conn, Stop};
use store::{Access, Account, FlagChange, FlagMode, Read, Write};
use types::{Flags, SystemFlags};

use crate::error::Consequence;
use crate::link::Link;
use crate::maildrop::{Maildrop, Opening};
use crate::reply::Reply;
use crate::wire::command::{LINE, parse};
use crate::{Context, Pop3Error, command};

/// A session.
pub(crate) struct Session {
    pub(crate) context: Arc<Context>,
    pub(crate) link: Link,
    /// The name that USER gave.
    pub(crate) name: Option<String>,
    /// Who has signed in, and what he has open.
    pub(crate) opening: Option<Opening>,
    /// The client takes UTF-8 in headers (RFC 6856).
    pub(crate) utf8: bool,
    stop: Stop,
    errors: usize,
}

impl Session {
    pub(crate) fn new(conn: Conn, context: Arc<Context>, stop: Stop) -> Self {
        let link = Link::new(conn);
        Self { context, link, name: None, opening: None, utf8: false, stop, errors: 0 }
    }

    /// Serves until the client goes, is sent away, or the server stops.
    pub(crate) async fn run(mut self) {
        self.link.say(&Reply::ok("Sekisho ready."));
        while self.step().await {}
        self.leave().await;
        let _ = self.link.flush().await;
        self.link.close().await;
    }

    /// One command and its answer; whether there is a next one.
    async fn step(&mut self) -> bool {
        let done = match self.line(LINE).await {
            Ok(line) => match parse(&line) {
                Ok(command) => command::run(self, command).await,
                Err(error) => Err(error.into()),
            },
            Err(error) => Err(error),
        };
        let done = match done.map_err(Pop3Error::consequence) {
            Ok(()) => Ok(()),
            Err(Consequence::Answer(reply)) => {
                self.link.say(&reply);
                Ok(())
            }
            Err(Consequence::Wrong(reply)) => {
                self.link.say(&reply);
                self.count_error()
            }
            Err(Consequence::Bye(reply)) => {
                self.link.say(&reply);
                Err(Pop3Error::Closed)
            }
            Err(Consequence::Gone) => Err(Pop3Error::Closed),
        };
        done.is_ok() && self.answered().await.is_ok()
    }

    /// Sends the answers when no further command waits (PIPELINING, RFC 2449 6.6).
    async fn answered(&mut self) -> Result<(), Pop3Error> {
        if memchr::memchr(b'\n', self.link.input()).is_none() {
            self.link.flush().await
        } else {
            self.link.flush_batch().await
        }
    }

    /// The next line of at most `most` bytes, without its end. All of it must be there in time, however slowly it drips.
    pub(crate) async fn line(&mut self, most: usize) -> Result<Vec<u8>, Pop3Error> {
        let limits = &self.context.limits;
        let seconds = if self.opening.is_some() { limits.pop3_idle } else { limits.sign_in_idle };
        let end = tokio::time::Instant::now() + Duration::from_secs(seconds);
        loop {
            let found = memchr::memchr(b'\n', self.link.input());
            if found.unwrap_or(self.link.input().len()) >= most {
                return Err(Pop3Error::Bye("The line is too long"));
            }
            if let Some(end) = found {
                let line = self.link.input().get(..end).unwrap_or_default();
                let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
                self.link.used(end + 1);
                return Ok(line);
            }
            self.fill(end).await?;
        }
    }

    /// Reads more from the client; what waits to be sent is sent first. Who is silent for too long is left without a word:
    /// he would take it for the answer to what he says next (RFC 1939 3).
    async fn fill(&mut self, end: tokio::time::Instant) -> Result<(), Pop3Error> {
        self.link.flush().await?;
        tokio::select! {
            () = self.stop.asked() => Err(Pop3Error::Bye("The server is shutting down")),
            came = tokio::time::timeout_at(end, self.link.fill()) => came.unwrap_or(Err(Pop3Error::Closed)),
        }
    }

    /// Counts a wrong command or password; too many end the session.
    pub(crate) fn count_error(&mut self) -> Result<(), Pop3Error> {
        self.errors += 1;
        if self.errors < self.context.limits.errors { Ok(()) } else { Err(Pop3Error::Closed) }
    }

    /// Ends a long answer early when the server stops.
    pub(crate) fn go_on(&self) -> Result<(), Pop3Error> {
        if self.stop.is_asked() { Err(Pop3Error::Closed) } else { Ok(()) }
    }

    /// Somebody has signed in.
    pub(crate) fn opened(&mut self, opening: Opening) {
        self.opening = Some(opening);
        self.errors = 0;
    }

    fn opening(&mut self) -> Result<&mut Opening, Pop3Error> {
        self.opening.as_mut().ok_or(Pop3Error::Refused("Please sign in first"))
    }

    /// The maildrop that is open.
    pub(crate) fn maildrop(&mut self) -> Result<&mut Maildrop, Pop3Error> {
        Ok(&mut self.opening()?.drop)
    }

    /// The right to look at the person's mailboxes, judged anew for this command.
    pub(crate) fn reading(&mut self) -> Result<Access<Account, Read>, Pop3Error> {
        let context = self.context.clone();
        Ok(context.auth.read_account(&self.opening()?.identity)?)
    }

    /// The right to change the person's mailboxes, judged anew for this command.
    pub(crate) fn writing(&mut self) -> Result<Access<Account, Write>, Pop3Error> {
        let context = self.context.clone();
        Ok(context.auth.write_account(&self.opening()?.identity)?)
    }

    /// The maildrop is closed however that came: what its client has whole counts as read from now on, as with Dovecot, the
    /// marks are gone (RFC 1939 6), and the next session may open it.
    pub(crate) async fn leave(&mut self) {
        let access = self.writing();
        let Some(Opening { drop, lock: _lock, .. }) = self.opening.take() else { return };
        let Ok(access) = access else { return };
        if drop.read().is_empty() {
            return;
        }
        let flags = Flags::system(SystemFlags::SEEN);
        let change = FlagChange { mode: FlagMode::Add, flags, unchanged_since: None };
        if let Err(error) = self.context.store.store_flags(&access, drop.mailbox, drop.read(), change).await {
            tracing::warn!(%error, "what was read by POP3 could not be marked so");
        }
    }
}
