//! Small clients of SMTP and IMAP over plain sockets: they say a line, and read its answer whole.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A session of either protocol.
struct Line {
    reader: BufReader<TcpStream>,
}

impl Line {
    fn connect(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { reader: BufReader::new(stream) })
    }
    fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.reader.get_mut().write_all(bytes)
    }
    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        if self.reader.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

/// A sender's session.
pub struct Smtp(Line);

impl Smtp {
    /// Connects and greets.
    pub fn connect(port: u16) -> io::Result<Self> {
        let mut smtp = Self(Line::connect(port)?);
        smtp.answer()?;
        smtp.say("EHLO client.example")?;
        Ok(smtp)
    }
    /// An answer: its last line.
    fn answer(&mut self) -> io::Result<String> {
        loop {
            let line = self.0.line()?;
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line);
            }
        }
    }
    /// Says a command; its answer.
    pub fn say(&mut self, command: &str) -> io::Result<String> {
        self.0.say(format!("{command}\r\n").as_bytes())?;
        self.answer()
    }
    pub fn sign_in(&mut self, name: &str, password: &str) -> io::Result<String> {
        use base64::Engine as _;
        let plain = format!("\0{name}\0{password}");
        self.say(&format!("AUTH PLAIN {}", base64::engine::general_purpose::STANDARD.encode(plain)))
    }
    /// Hands in a mail; the first answer that is a refusal, or the last. The mail has no line that begins with a dot.
    pub fn send(&mut self, from: &str, to: &[&str], mail: &[u8]) -> io::Result<String> {
        let mut words = vec![format!("MAIL FROM:<{from}>")];
        words.extend(to.iter().map(|to| format!("RCPT TO:<{to}>")));
        for word in words {
            let answer = self.say(&word)?;
            if !answer.starts_with('2') {
                self.say("RSET")?;
                return Ok(answer);
            }
        }
        let answer = self.say("DATA")?;
        if !answer.starts_with('3') {
            self.say("RSET")?;
            return Ok(answer);
        }
        self.0.say(&[mail, b".\r\n"].concat())?;
        self.answer()
    }
}

/// A reader's session.
pub struct Imap {
    line: Line,
    tag: u32,
}

/// A message as FETCH shows it. `\Recent` is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub uid: u32,
    pub flags: BTreeSet<String>,
    pub bytes: Vec<u8>,
}

/// The tagged line of a good answer, and the untagged ones with their literals.
pub struct Said {
    pub end: String,
    pub lines: Vec<(String, Vec<u8>)>,
}

impl Imap {
    /// Connects and signs in.
    pub fn connect(port: u16, name: &str, password: &str) -> io::Result<Self> {
        let mut imap = Self { line: Line::connect(port)?, tag: 0 };
        imap.line.line()?;
        imap.good(&format!("LOGIN \"{name}\" \"{password}\""))?;
        Ok(imap)
    }
    /// Runs a command that must succeed.
    pub fn good(&mut self, command: &str) -> io::Result<Said> {
        self.good_with(command, &[])
    }
    fn good_with(&mut self, command: &str, literal: &[u8]) -> io::Result<Said> {
        let said = self.run(command, literal)?;
        if said.end.starts_with("OK") { Ok(said) } else { Err(io::Error::other(format!("{command}: {}", said.end))) }
    }
    /// Runs a command, whose last word may be followed by a literal.
    pub fn run(&mut self, command: &str, literal: &[u8]) -> io::Result<Said> {
        self.tag += 1;
        let tag = format!("t{} ", self.tag);
        let end = if literal.is_empty() { String::new() } else { format!(" {{{}+}}\r\n", literal.len()) };
        self.line.say(&[format!("{tag}{command}{end}").as_bytes(), literal, b"\r\n"].concat())?;
        let mut lines = Vec::new();
        loop {
            let (line, bytes) = self.untagged()?;
            match line.strip_prefix(&tag) {
                Some(end) => return Ok(Said { end: end.to_owned(), lines }),
                None => lines.push((line, bytes)),
            }
        }
    }
    /// A line, with the literals in it taken out.
    fn untagged(&mut self) -> io::Result<(String, Vec<u8>)> {
        let (mut line, mut bytes) = (self.line.line()?, Vec::new());
        while let Some(len) = literal(&line) {
            let start = bytes.len();
            bytes.resize(start + len, 0);
            self.line.reader.read_exact(&mut bytes[start..])?;
            line.truncate(line.rfind('{').unwrap_or(0));
            line += &self.line.line()?;
        }
        Ok((line, bytes))
    }

    /// What a set of messages of the selected mailbox looks like; `what` names the bytes wanted.
    pub fn fetch(&mut self, uids: &str, what: &str) -> io::Result<Vec<Fetched>> {
        let said = self.good(&format!("UID FETCH {uids} (UID FLAGS {what})"))?;
        Ok(said.lines.into_iter().filter_map(|(line, bytes)| fetched(&line, bytes)).collect())
    }
    /// Puts a mail into a mailbox; its UID.
    pub fn append(&mut self, mailbox: &str, flags: &str, mail: &[u8]) -> io::Result<u32> {
        let said = self.good_with(&format!("APPEND {mailbox} ({flags})"), mail)?;
        number_behind(&said.end, "APPENDUID ", 1).ok_or_else(|| io::Error::other(said.end))
    }
    /// Copies or moves one message; its new UID.
    pub fn transfer(&mut self, verb: &str, uid: u32, to: &str) -> io::Result<u32> {
        let said = self.good(&format!("UID {verb} {uid} {to}"))?;
        let mut all = said.lines.iter().map(|(line, _)| line).chain([&said.end]);
        let told = all.find_map(|line| number_behind(line, "COPYUID ", 2));
        told.ok_or_else(|| io::Error::other(format!("{verb} {uid}: no COPYUID")))
    }
}

fn literal(line: &str) -> Option<usize> {
    line.strip_suffix('}')?.rsplit_once('{')?.1.parse().ok()
}

/// The number `skip` words behind a word.
fn number_behind(line: &str, word: &str, skip: usize) -> Option<u32> {
    let rest = line.split_once(word)?.1;
    rest.split([' ', ']', ')']).nth(skip)?.parse().ok()
}

fn fetched(line: &str, bytes: Vec<u8>) -> Option<Fetched> {
    if !line.contains(" FETCH (") {
        return None;
    }
    let flags = line.split_once("FLAGS (")?.1.split_once(')')?.0;
    let flags = flags.split(' ').filter(|flag| !flag.is_empty() && *flag != "\\Recent").map(str::to_owned).collect();
    Some(Fetched { uid: number_behind(line, "UID ", 0)?, flags, bytes })
}
