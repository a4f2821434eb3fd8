//! One session: which state it is in, which command may come, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use net::{Conn, Stop};
use types::{Address, Envelope, Reply};

use crate::intake::Intake;
use crate::stream::{Ended, Line, Stream};
use crate::trace::Known;
use crate::wire::command::{self as wire, Command};
use crate::wire::data::LineEnds;
use crate::{Author, Context, ListenerKind, Peer, command, reply};

/// The state of a session.
pub(crate) struct Session {
    pub(crate) stream: Stream,
    pub(crate) context: Arc<Context>,
    pub(crate) peer: Peer,
    /// Whether the client greeted, and whether with EHLO.
    pub(crate) greeted: Option<Greeting>,
    pub(crate) author: Option<Arc<dyn Author>>,
    pub(crate) mail: Option<Transaction>,
    errors: usize,
}

/// How the client greeted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Greeting {
    /// HELO.
    Plain,
    /// EHLO.
    Extended,
}

/// A mail transaction (RFC 5321 3.3): begun by MAIL, ended by the answer to the mail, RSET, EHLO or STARTTLS.
pub(crate) struct Transaction {
    pub(crate) envelope: Envelope,
    pub(crate) utf8: bool,
    pub(crate) size: Option<u64>,
    /// A recipient was refused: a DATA without any is then no mistake of the client's.
    pub(crate) refused: bool,
    /// The chunks so far, once BDAT was used.
    pub(crate) chunks: Option<(Intake, LineEnds)>,
}

/// Serves one connection.
pub(crate) async fn run(conn: Conn, context: Arc<Context>, kind: ListenerKind, stop: Stop) {
    let peer = Peer { addr: conn.peer(), helo: String::new(), tls: conn.tls_words(), kind };
    let longest = context.limits.command_line;
    let stream = Stream::new(conn, stop, longest);
    let mut session = Session { stream, context, peer, greeted: None, author: None, mail: None, errors: 0 };
    session.say(&Reply::bare(220, format!("{} ESMTP", session.context.hostname)));
    let ended = loop {
        match session.step().await {
            Ok(Next::Go) => {}
            Ok(Next::StartTls) => match session.start_tls().await {
                Ok(secure) => session = secure,
                // The handshake took the connection with it.
                Err(_) => return,
            },
            Err(ended) => break ended,
        }
    };
    session.farewell(&ended);
    let patience = session.patience().min(Duration::from_secs(30));
    session.stream.close(patience).await;
}

/// What follows a command.
pub(crate) enum Next {
    /// The next command.
    Go,
    /// The TLS handshake.
    StartTls,
}

impl Session {
    async fn step(&mut self) -> Result<Next, Ended> {
        let patience = self.patience();
        let line = match self.stream.line(patience).await? {
            Line::Text(line) => line,
            Line::BadEnd => return self.wrong(&reply::bad_line_end()).map(|()| Next::Go),
            Line::TooLong => return self.wrong(&reply::line_too_long()).map(|()| Next::Go),
        };
        let next = match wire::parse(&line) {
            Ok(command) => self.obey(command).await?,
            Err(wrong) => {
                self.wrong(&reply::wrong(&wrong))?;
                Next::Go
            }
        };
        self.stream.relieve(patience).await?;
        Ok(next)
    }

    async fn obey(&mut self, command: Command) -> Result<Next, Ended> {
        match command {
            Command::Ehlo(name) => command::hello::ehlo(self, name),
            Command::Helo(name) => command::hello::helo(self, name),
            Command::Mail(mail) => command::mail::run(self, mail).await?,
            Command::Rcpt(to) => command::rcpt::run(self, to).await?,
            Command::Data => command::data::run(self).await?,
            Command::Bdat { size, last } => command::bdat::run(self, size, last).await?,
            Command::Auth { mechanism, initial } => command::auth::run(self, &mechanism, initial).await?,
            Command::StartTls => return command::starttls::run(self),
            Command::Rset => command::other::rset(self),
            Command::Noop => self.say(&reply::ok()),
            Command::Vrfy => command::other::vrfy(self),
            Command::Help => command::other::help(self),
            Command::Quit => return command::other::quit(self),
        }
        Ok(Next::Go)
    }

    /// Queues a reply.
    pub(crate) fn say(&mut self, reply: &Reply) {
        self.stream.say(reply);
    }

    /// Says that the client made a mistake; too many end the session.
    pub(crate) fn wrong(&mut self, reply: &Reply) -> Result<(), Ended> {
        self.say(reply);
        self.errors += 1;
        if self.errors < self.context.limits.errors {
            return Ok(());
        }
        self.say(&Reply::new(421, (4, 7, 0), "Too many errors, goodbye"));
        Err(Ended::Done)
    }

    /// How long the client may be silent.
    pub(crate) fn patience(&self) -> Duration {
        let limits = &self.context.limits;
        let waits_for_sign_in = self.peer.kind.is_submission() && self.author.is_none();
        Duration::from_secs(if waits_for_sign_in { limits.sign_in_idle } else { limits.smtp_idle })
    }

    /// Passwords go over TLS, or do not leave this machine.
    pub(crate) fn may_sign_in(&self) -> bool {
        self.stream.conn().is_tls() || self.stream.conn().is_loopback()
    }

    /// What is known about the mail of `transaction`.
    pub(crate) fn known<'a>(&'a self, envelope: &'a Envelope, utf8: bool) -> Known<'a> {
        Known {
            hostname: &self.context.hostname,
            peer: &self.peer,
            esmtp: self.greeted == Some(Greeting::Extended),
            utf8,
            signed_in: self.author.is_some(),
            envelope,
        }
    }

    /// Asks the door behind this listener to take a mail.
    pub(crate) async fn begin(&mut self, envelope: &Envelope, size: Option<u64>) -> Intake {
        let body = match &self.author {
            Some(author) => author.begin(&self.peer, envelope.clone(), size).await,
            None => self.context.inbound.begin(&self.peer, envelope.clone(), size).await,
        };
        Intake::new(body, &self.context.limits)
    }

    /// Asks the door whether it takes mail for `to`.
    pub(crate) async fn judge(&mut self, from: Option<&Address>, to: &Address, size: Option<u64>) -> Result<(), Reply> {
        match &self.author {
            Some(author) => author.recipient(from, to, size).await,
            None => self.context.inbound.recipient(&self.peer, from, to, size).await,
        }
    }

    /// Hands a complete mail over and answers; when nobody hears the answer, the door learns that.
    pub(crate) async fn deliver(&mut self, intake: Intake, envelope: &Envelope, utf8: bool) -> Result<(), Ended> {
        let answer = intake.finish(&self.context, &self.known(envelope, utf8)).await;
        self.say(&answer.reply);
        let Some(lost) = answer.lost else { return Ok(()) };
        let deserted = self.stream.is_deserted();
        let sent = self.stream.flush(self.patience()).await;
        if deserted || sent.is_err() {
            lost.await;
        }
        sent
    }

    /// After the handshake nothing of before counts (RFC 3207 4.2).
    async fn start_tls(self) -> Result<Self, Ended> {
        let patience = self.patience();
        let stream = self.stream.start_tls(patience).await?;
        let peer = Peer { helo: String::new(), tls: stream.conn().tls_words(), ..self.peer };
        Ok(Self { stream, peer, greeted: None, author: None, mail: None, ..self })
    }

    fn farewell(&mut self, ended: &Ended) {
        match ended {
            Ended::Late => self.say(&Reply::new(421, (4, 4, 2), "Too slow, goodbye")),
            Ended::Stopping => self.say(&Reply::new(421, (4, 3, 2), "The server stops, try again later")),
            Ended::Gone | Ended::Done => {}
        }
    }
}
