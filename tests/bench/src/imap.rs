//! An IMAP client (RFC 3501) over loopback that times what it asks, and what many of them do at once.

use std::io::{BufRead as _, BufReader, Error, Result, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(300);

/// An open session that has signed in.
pub struct Client {
    stream: BufReader<TcpStream>,
    tag: u32,
}

/// What one command cost, and what came back.
#[derive(Default)]
pub struct Took {
    pub time: Duration,
    pub bytes: usize,
    pub lines: usize,
    /// Numbers in the first answer to SEARCH or SORT.
    pub hits: Option<usize>,
}

impl Client {
    /// Connects and signs in as user number `user`.
    pub fn open(address: &str, user: usize, password: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut client = Self { stream: BufReader::with_capacity(1 << 18, stream), tag: 0 };
        client.line(&mut Vec::new())?;
        client.ask(&format!("LOGIN u{user}@bench.test {password}"))?;
        Ok(client)
    }

    /// Sends a command and reads until it is answered; an answer other than OK is an error.
    pub fn ask(&mut self, command: &str) -> Result<Took> {
        let began = Instant::now();
        let tag = self.send(command.as_bytes())?;
        let mut took = self.finish(tag)?;
        took.time = began.elapsed();
        Ok(took)
    }

    /// Appends mails, all sent before the first answer is read.
    pub fn append(&mut self, mailbox: &str, mails: &[Vec<u8>]) -> Result<Duration> {
        let began = Instant::now();
        let mut tags = Vec::new();
        for mail in mails {
            let mut command = format!("APPEND {mailbox} (\\Seen) {{{}+}}\r\n", mail.len()).into_bytes();
            command.extend_from_slice(mail);
            tags.push(self.send(&command)?);
        }
        for tag in tags {
            self.finish(tag)?;
        }
        Ok(began.elapsed())
    }

    /// Begins IDLE; returns once the server waits.
    pub fn idle(&mut self) -> Result<()> {
        self.send(b"IDLE")?;
        let mut line = Vec::new();
        while !line.starts_with(b"+") {
            self.line(&mut line)?;
        }
        Ok(())
    }

    /// Waits in IDLE until the mailbox has grown, and ends IDLE.
    pub fn grown(&mut self) -> Result<Instant> {
        let mut line = Vec::new();
        while !line.ends_with(b" EXISTS\r\n") {
            self.line(&mut line)?;
        }
        let now = Instant::now();
        self.stream.get_mut().write_all(b"DONE\r\n")?;
        self.finish(self.tag)?;
        Ok(now)
    }

    fn send(&mut self, command: &[u8]) -> Result<u32> {
        self.tag += 1;
        let mut bytes = format!("t{} ", self.tag).into_bytes();
        bytes.extend_from_slice(command);
        bytes.extend_from_slice(b"\r\n");
        self.stream.get_mut().write_all(&bytes)?;
        Ok(self.tag)
    }

    fn finish(&mut self, tag: u32) -> Result<Took> {
        let (mut took, mut line, tagged) = (Took::default(), Vec::new(), format!("t{tag} ").into_bytes());
        loop {
            let literals = self.line(&mut line)?;
            if let Some(answer) = line.strip_prefix(&tagged[..]) {
                let text = String::from_utf8_lossy(answer).trim_end().to_owned();
                return if text.starts_with("OK") { Ok(took) } else { Err(Error::other(text)) };
            }
            took.lines += 1;
            took.bytes += line.len() + literals;
            if took.hits.is_none() && (line.starts_with(b"* SEARCH") || line.starts_with(b"* SORT")) {
                took.hits = Some(line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count() - 2);
            }
        }
    }

    /// Reads an answer up to its end without the literals in it, which nobody looks at; how many bytes they have. What the client does
    /// with them would be measured with both servers.
    fn line(&mut self, line: &mut Vec<u8>) -> Result<usize> {
        line.clear();
        let mut literals = 0;
        loop {
            if self.stream.read_until(b'\n', line)? == 0 {
                return Err(ended());
            }
            let Some(size) = literal(line) else { return Ok(literals) };
            self.pass_over(size)?;
            literals += size;
        }
    }

    fn pass_over(&mut self, mut bytes: usize) -> Result<()> {
        while bytes > 0 {
            let there = self.stream.fill_buf()?.len().min(bytes);
            if there == 0 {
                return Err(ended());
            }
            self.stream.consume(there);
            bytes -= there;
        }
        Ok(())
    }
}

fn ended() -> Error {
    Error::other("the server closed the connection")
}

/// The size of the literal that a line announces at its end.
fn literal(line: &[u8]) -> Option<usize> {
    let inside = line.strip_suffix(b"}\r\n")?;
    let open = inside.iter().rposition(|byte| *byte == b'{')?;
    std::str::from_utf8(inside.get(open + 1..)?).ok()?.parse().ok()
}
