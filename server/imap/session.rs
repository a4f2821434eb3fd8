//! One connection: reads commands, has them done, answers them. It holds who is signed in and which mailbox is
//! selected; what a verb does stands in `command`.

use std::sync::Arc;
use std::time::Duration;

use auth::{AuthError, Identity};
use net::{Conn, Stop};
use store::{Access, Account, InMailbox, Read, Right, Rights, StoreError, User, Write};
use tokio::time::Instant;
use types::{MailboxId, UserId};

use crate::answer::{Answer, Status};
use crate::command::{self, Updates};
use crate::enabled::Enabled;
use crate::error::Consequence;
use crate::link::Link;
use crate::listening::Listening;
use crate::pace::Pace;
use crate::selected::Selected;
use crate::wire::append::{self, Append};
use crate::wire::command::{Command, Request, needs_sign_in, parse_as, tag_of};
use crate::wire::frame::{Frame, Step, TooMuch, without_line_end};
use crate::{Context, ImapError};

/// A session.
pub(crate) struct Session {
    pub(crate) context: Arc<Context>,
    pub(crate) link: Link,
    pub(crate) identity: Option<Identity>,
    pub(crate) selected: Option<Selected>,
    pub(crate) enabled: Enabled,
    /// What it listens for beyond the selected mailbox.
    pub(crate) listening: Option<Box<Listening>>,
    /// NOTIFY NONE was said: nothing is told but what a command asks for (RFC 5465 3.1).
    pub(crate) silent: bool,
    /// The tag of the command under work: ESEARCH answers name it (RFC 4731).
    pub(crate) tag: String,
    stop: Stop,
    frame: Frame,
    pace: Pace,
    errors: usize,
}

/// What the stream of bytes brought.
enum Incoming {
    /// A command with its literals.
    Whole(Vec<u8>),
    /// An APPEND whose message follows.
    Append(Append),
    /// Something that cannot be taken, with the line so far.
    Refused(Vec<u8>, Answer),
}

/// A literal that is announced.
#[derive(Debug, Clone, Copy)]
struct Literal {
    size: u64,
    /// Whether the client waits for `+` before it sends it.
    waits: bool,
}

impl Session {
    pub(crate) fn new(conn: Conn, context: Arc<Context>, stop: Stop) -> Self {
        let frame = Frame::new(context.limits.command_before_sign_in);
        let link = Link::new(conn, Duration::from_secs(context.limits.imap_idle));
        let (enabled, tag) = (Enabled::default(), String::new());
        let (selected, listening) = (None, None);
        let (pace, silent, errors) = (Pace::begin(Instant::now(), Duration::ZERO), false, 0);
        Self { context, link, identity: None, selected, enabled, listening, silent, tag, stop, frame, pace, errors }
    }

    /// Serves until the client goes, is sent away, or the server stops.
    pub(crate) async fn run(mut self) {
        let greeting = format!("* OK [CAPABILITY {}] Sekisho ready.", command::capability::words(&self));
        self.link.line(&greeting);
        let ended = loop {
            if let Err(error) = self.step().await {
                break error;
            }
        };
        if let Consequence::Bye(text) = ended.consequence() {
            self.link.line(&format!("* BYE {text}"));
            let _ = self.link.flush().await;
        }
        self.link.close().await;
    }

    /// One command and its answer.
    async fn step(&mut self) -> Result<(), ImapError> {
        match self.incoming().await? {
            Incoming::Whole(bytes) => {
                let line = without_line_end(&bytes);
                if self.identity.is_none() && needs_sign_in(line) {
                    let tag = tag_of(line).unwrap_or("*").to_owned();
                    return self.finish(&tag, Ok(command::sign_in_first()), Updates::None).await;
                }
                match parse_as(line, self.context.limits.depth, self.enabled.names_in_utf8()) {
                    Ok(request) => self.request(request).await,
                    Err(error) => self.unreadable(line, error.into()).await,
                }
            }
            Incoming::Append(append) => {
                let tag = append.tag.clone();
                let done = command::append::run(self, append).await;
                // The mailbox may be the selected one: its client shall hear of it at once (RFC 3501 6.3.11).
                self.finish(&tag, done, Updates::AskStore).await
            }
            Incoming::Refused(line, answer) => {
                let tag = tag_of(&line).unwrap_or("*").to_owned();
                self.finish(&tag, Ok(answer), Updates::None).await
            }
        }
    }

    async fn unreadable(&mut self, line: &[u8], error: ImapError) -> Result<(), ImapError> {
        let tag = tag_of(line).unwrap_or("*").to_owned();
        self.finish(&tag, Err(error), Updates::None).await
    }

    async fn request(&mut self, request: Request) -> Result<(), ImapError> {
        let Request { tag, command } = request;
        if command == Command::StartTls {
            return command::starttls::run(self, &tag).await;
        }
        if let Command::Compress(mechanism) = &command {
            return command::compress::run(self, &tag, mechanism).await;
        }
        let updates = command::updates(&command);
        let logout = command == Command::Logout;
        self.tag.clone_from(&tag);
        let done = command::run(self, command).await;
        self.finish(&tag, done, if logout { Updates::None } else { updates }).await?;
        if logout {
            self.link.flush().await?;
            return Err(ImapError::Closed);
        }
        Ok(())
    }

    /// Tells what happened in the mailbox meanwhile, then answers; sends it all when no further command waits.
    pub(crate) async fn finish(
        &mut self,
        tag: &str,
        done: Result<Answer, ImapError>,
        updates: Updates,
    ) -> Result<(), ImapError> {
        let mut answer = match done {
            Ok(answer) => answer,
            Err(error) => match error.consequence() {
                Consequence::Answer(answer) => answer,
                Consequence::Bye(text) => return Err(ImapError::Bye(text)),
                Consequence::Gone => return Err(ImapError::Closed),
            },
        };
        if answer.status != Status::Bad
            && let Err(error) = command::news::tell(self, updates).await
        {
            answer = match error.consequence() {
                Consequence::Answer(answer) => answer,
                Consequence::Bye(text) => return Err(ImapError::Bye(text)),
                Consequence::Gone => return Err(ImapError::Closed),
            };
        }
        answer.write(tag, self.link.out());
        if answer.status == Status::Bad {
            self.count_error()?;
        }
        if memchr::memchr(b'\n', self.link.input()).is_none() {
            self.link.flush().await
        } else {
            self.link.flush_batch().await
        }
    }

    /// The next command. It is silence too when a command comes byte by byte and does not end.
    async fn incoming(&mut self) -> Result<Incoming, ImapError> {
        let (mut end, mut begun) = (self.end_of_patience(), false);
        loop {
            while self.link.input().is_empty() {
                if self.is_notified() && self.frame.command().is_empty() {
                    // Apart, so that the many sessions that wait otherwise do not carry its memory.
                    Box::pin(command::news::wait(self)).await?;
                } else {
                    self.fill_by(end).await?;
                }
            }
            if !begun {
                // the silence before it is over
                (end, begun) = (self.end_of_patience(), true);
            }
            let (used, step) = self.frame.feed(self.link.input());
            self.link.used(used);
            match step {
                Step::More => {}
                Step::Whole => return Ok(Incoming::Whole(self.frame.take_command())),
                Step::TooLong => return Err(ImapError::Bye("The command is too long")),
                Step::Literal { size, waits } => {
                    if let Some(incoming) = self.literal(Literal { size, waits }).await? {
                        return Ok(incoming);
                    }
                }
            }
        }
    }

    /// Decides on an announced literal: into the command, past it (APPEND), or not at all.
    async fn literal(&mut self, literal: Literal) -> Result<Option<Incoming>, ImapError> {
        self.pace = Pace::begin(Instant::now(), self.patience());
        let appended = if self.identity.is_some() {
            append::parse_as(self.frame.command(), self.enabled.names_in_utf8())
        } else {
            Ok(None)
        };
        let refusal = match appended {
            Ok(Some(append)) => {
                self.frame.clear();
                return Ok(Some(Incoming::Append(append)));
            }
            Ok(None) => match self.frame.accept_literal(literal.size) {
                Ok(()) => {
                    if literal.waits {
                        self.link.line("+ OK");
                        self.link.flush().await?;
                    }
                    return Ok(None);
                }
                // RFC 7888 section 4: nobody need read what a stranger sends unasked.
                Err(TooMuch::Bytes) if self.identity.is_none() && !literal.waits => {
                    return Err(ImapError::Bye("The literal is too long"));
                }
                Err(TooMuch::Bytes) => Answer::no("TOOBIG", "The literal is too long"),
                Err(TooMuch::Literals) => return Err(ImapError::Bye("The command has too many literals")),
            },
            Err(error) => Answer::bad(error.to_string()),
        };
        if !literal.waits {
            // The bytes come whether we want them or not, and are no commands.
            if literal.size > self.context.limits.message_size.saturating_mul(2) {
                return Err(ImapError::Bye("The literal is too long"));
            }
            self.skip(literal.size).await?;
            let line = self.frame.take_command();
            self.rest_of_line().await?;
            return Ok(Some(Incoming::Refused(line, refusal)));
        }
        Ok(Some(Incoming::Refused(self.frame.take_command(), refusal)))
    }

    /// Waits until something of a message is there; what waits to be sent is sent first.
    pub(crate) async fn fill(&mut self) -> Result<(), ImapError> {
        if self.link.input().is_empty() { self.fill_by(self.pace.end()).await } else { Ok(()) }
    }

    /// Marks the next `count` bytes, which are of a message, as used.
    pub(crate) fn used(&mut self, count: usize) {
        self.link.used(count);
        self.pace.came(count, Instant::now());
    }

    /// How long a client may be silent (RFC 9051 5.4).
    fn patience(&self) -> Duration {
        Duration::from_secs(match self.identity {
            Some(_) => self.context.limits.imap_idle,
            None => self.context.limits.sign_in_idle,
        })
    }

    /// Until when one that begins to be silent now is waited for.
    fn end_of_patience(&self) -> Instant {
        Instant::now() + self.patience()
    }

    async fn fill_by(&mut self, end: Instant) -> Result<(), ImapError> {
        self.link.flush().await?;
        tokio::select! {
            () = self.stop.asked() => Err(ImapError::Bye("The server is shutting down")),
            came = tokio::time::timeout_at(end, self.link.fill()) => {
                came.unwrap_or(Err(ImapError::Bye("Disconnected for inactivity")))
            }
        }
    }

    /// Whether the client is told of events while no command runs (RFC 5465).
    fn is_notified(&self) -> bool {
        self.listening.as_ref().is_some_and(|listening| listening.notified.is_some())
    }

    /// Reads one line that is no command (a SASL response, DONE), without its end.
    pub(crate) async fn line(&mut self) -> Result<Vec<u8>, ImapError> {
        self.line_by(self.end_of_patience()).await
    }

    async fn line_by(&mut self, end: Instant) -> Result<Vec<u8>, ImapError> {
        loop {
            if let Some(at) = memchr::memchr(b'\n', self.link.input()) {
                let line = without_line_end(self.link.input().get(..=at).unwrap_or_default()).to_vec();
                self.link.used(at + 1);
                return Ok(line);
            }
            if self.link.input().len() > self.context.limits.command_line {
                return Err(ImapError::Bye("The line is too long"));
            }
            self.fill_by(end).await?;
        }
    }

    /// What is left of a line after a message; it takes of the time that the messages have.
    pub(crate) async fn rest_of_line(&mut self) -> Result<Vec<u8>, ImapError> {
        self.line_by(self.pace.end()).await
    }

    /// Throws the next `count` bytes of a message away.
    pub(crate) async fn skip(&mut self, mut count: u64) -> Result<(), ImapError> {
        while count > 0 {
            self.fill().await?;
            let step = self.link.input().len().min(usize::try_from(count).unwrap_or(usize::MAX));
            self.used(step);
            count -= step as u64;
        }
        Ok(())
    }

    /// Counts a wrong command or password; too many end the session.
    pub(crate) fn count_error(&mut self) -> Result<(), ImapError> {
        self.errors += 1;
        if self.errors > self.context.limits.errors { Err(ImapError::Bye("Too many wrong commands")) } else { Ok(()) }
    }

    /// Ends a long answer early when the server stops.
    pub(crate) fn go_on(&self) -> Result<(), ImapError> {
        if self.stop.is_asked() { Err(ImapError::Bye("The server is shutting down")) } else { Ok(()) }
    }

    /// Ready when the server stops.
    pub(crate) fn stopped(&self) -> Stop {
        self.stop.clone()
    }

    /// The client knows of MODSEQs from now on (RFC 7162 3.1). One that has a mailbox open is told where it stands.
    pub(crate) fn enable_condstore(&mut self) {
        if self.enabled.condstore {
            return;
        }
        self.enabled.condstore = true;
        if let Some(selected) = &mut self.selected {
            selected.enabled = self.enabled;
            let line = format!("* OK [HIGHESTMODSEQ {}] Highest", selected.known_whole());
            self.link.line(&line);
        }
    }

    /// This session has changed annotations itself.
    pub(crate) fn own_annotation(&mut self, change: i64) {
        if let Some(listening) = &mut self.listening {
            listening.own.push(change);
        }
    }

    /// Somebody has signed in: commands may be longer now.
    pub(crate) fn signed_in(&mut self, identity: Identity) {
        self.identity = Some(identity);
        self.errors = 0;
        self.frame.set_limit(self.context.limits.command);
    }

    /// The right to look at the person's mailboxes, judged anew for this command.
    pub(crate) fn reading(&self) -> Result<Access<Account, Read>, ImapError> {
        let identity = self.identity.as_ref().ok_or(ImapError::Bye("Not signed in"))?;
        Ok(self.context.auth.read_account(identity)?)
    }

    /// The right to change the person's mailboxes, judged anew for this command.
    pub(crate) fn writing(&self) -> Result<Access<Account, Write>, ImapError> {
        let identity = self.identity.as_ref().ok_or(ImapError::Bye("Not signed in"))?;
        Ok(self.context.auth.write_account(identity)?)
    }

    /// The person who has signed in, as he is now.
    pub(crate) fn person(&self) -> Result<Arc<User>, ImapError> {
        let identity = self.identity.as_ref().ok_or(ImapError::Bye("Not signed in"))?;
        Ok(self.context.auth.person(identity)?)
    }

    /// The right to do what needs these rights in a mailbox, judged anew for this command. One's own costs no look-up.
    pub(crate) fn in_mailbox<R: Right>(
        &self,
        owner: UserId,
        mailbox: MailboxId,
        needed: Rights,
    ) -> Result<Access<InMailbox, R>, ImapError> {
        let identity = self.identity.as_ref().ok_or(ImapError::Bye("Not signed in"))?;
        Ok(self.context.auth.in_mailbox(identity, owner, mailbox, needed)?)
    }

    /// The same in the selected mailbox. A session that may not read it any more ends: what its client knows of it cannot be
    /// kept right.
    pub(crate) fn here<R: Right>(&self, needed: Rights) -> Result<Access<InMailbox, R>, ImapError> {
        let selected = self.selected.as_ref().ok_or(ImapError::Bye("No mailbox selected"))?;
        match self.in_mailbox(selected.owner, selected.id, needed) {
            Err(ImapError::Auth(AuthError::Store(StoreError::NotFound(_)))) => {
                Err(ImapError::Bye("The selected mailbox may not be read any more"))
            }
            Err(ImapError::Auth(AuthError::Store(StoreError::NotPermitted))) if needed == Rights::READ => {
                Err(ImapError::Bye("The selected mailbox may not be read any more"))
            }
            judged => judged,
        }
    }
}
