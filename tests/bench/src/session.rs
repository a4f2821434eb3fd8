//! One SMTP (RFC 5321), submission (RFC 6409) or LMTP (RFC 2033) session over loopback.

use std::io::{BufRead as _, BufReader, Error, Result, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::mail::BASE64;

const PATIENCE: Duration = Duration::from_secs(60);

/// Which door of the server is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Smtp,
    Lmtp,
    Submission,
}

impl Kind {
    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "smtp" => Some(Self::Smtp),
            "lmtp" => Some(Self::Lmtp),
            "submission" => Some(Self::Submission),
            _ => None,
        }
    }
}

/// An open session that has greeted and, for submission, has logged in.
pub struct Session {
    stream: BufReader<TcpStream>,
    sender: String,
}

impl Session {
    /// Connects and greets; a submission logs in as `user`.
    pub fn open(address: &str, kind: Kind, user: usize, password: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let own = kind == Kind::Submission;
        let sender = if own { format!("u{user}@bench.test") } else { "sender@client.test".to_owned() };
        let mut session = Self { stream: BufReader::new(stream), sender };
        session.reply("220")?;
        session.ask(if kind == Kind::Lmtp { "LHLO client.test" } else { "EHLO client.test" }, "250")?;
        if own {
            let login = format!("AUTH PLAIN {}", base64(format!("\0u{user}@bench.test\0{password}").as_bytes()));
            session.ask(&login, "235")?;
        }
        Ok(session)
    }

    /// The address in MAIL FROM.
    pub fn sender(&self) -> &str {
        &self.sender
    }

    /// Sends a mail; the time from DATA to its last reply.
    pub fn send(&mut self, recipient: usize, mail: &[u8]) -> Result<Duration> {
        let envelope = format!("MAIL FROM:<{}> BODY=8BITMIME", self.sender);
        self.ask(&envelope, "250")?;
        self.ask(&format!("RCPT TO:<u{recipient}@bench.test>"), "250")?;
        let began = Instant::now();
        self.ask("DATA", "354")?;
        let mut bytes = Vec::with_capacity(mail.len() + 3);
        bytes.extend_from_slice(mail);
        bytes.extend_from_slice(b".\r\n");
        self.stream.get_mut().write_all(&bytes)?;
        self.reply("250")?;
        Ok(began.elapsed())
    }

    fn ask(&mut self, line: &str, code: &str) -> Result<()> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes())?;
        self.reply(code)
    }

    /// Reads a whole reply; another code than expected is an error.
    fn reply(&mut self, code: &str) -> Result<()> {
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(Error::other("the server closed the connection"));
            }
            if !line.starts_with(code) {
                return Err(Error::other(line.trim_end().to_owned()));
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let three = (0..3).fold(0_u32, |sum, at| sum << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = BASE64.get((three >> shift & 63) as usize).copied().unwrap_or(b'=');
            text.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}
