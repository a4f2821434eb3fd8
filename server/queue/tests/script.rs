//! A little SMTP server on a free port: it answers what its script says and notes what it hears.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use net::{Conn, ServerTls};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// How one connection goes. Commands without an answer of their own are taken.
#[derive(Clone, Default)]
pub(crate) struct Script {
    pub greeting: &'static str,
    /// What EHLO offers.
    pub offers: &'static [&'static str],
    /// Beginnings of commands (`.` for the end of the mail) and answers to them; `close` and `silence` are done.
    pub answers: &'static [(&'static str, &'static str)],
    pub tls: Option<ServerTls>,
}

/// A running server.
#[derive(Clone)]
pub(crate) struct Server {
    pub addr: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Plays a script for each connection, the last one for all that follow.
    pub async fn start(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { addr: listener.local_addr().unwrap(), heard: Arc::default() };
        let inner = server.clone();
        tokio::spawn(async move {
            for number in 0.. {
                let (tcp, _) = listener.accept().await.unwrap();
                let script = scripts[number.min(scripts.len() - 1)].clone();
                inner.note(&format!("connection {}", number + 1));
                let conn = Conn::accepted(tcp, script.tls.clone(), None).unwrap();
                let inner = inner.clone();
                tokio::spawn(async move { inner.play(conn, script).await });
            }
        });
        server
    }

    /// One that takes everything.
    pub async fn kind(offers: &'static [&'static str]) -> Self {
        Self::start(vec![Script { offers, ..Script::default() }]).await
    }

    /// All that was heard.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// How often a line that begins so was heard.
    pub fn count(&self, beginning: &str) -> usize {
        self.heard().iter().filter(|line| line.starts_with(beginning)).count()
    }

    fn note(&self, line: &str) {
        self.heard.lock().unwrap().push(line.to_owned());
    }

    async fn play(&self, conn: Conn, script: Script) -> Option<()> {
        let mut stream = BufReader::new(conn);
        let greeting = if script.greeting.is_empty() { "220 mx.test ESMTP" } else { script.greeting };
        say(&mut stream, greeting).await?;
        let mut in_mail = false;
        loop {
            let mut line = Vec::new();
            if stream.read_until(b'\n', &mut line).await.ok()? == 0 {
                self.note("gone");
                return None;
            }
            let line = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
            self.note(&line);
            if in_mail && line != "." {
                continue;
            }
            in_mail = false;
            let special = script.answers.iter().find(|(beginning, _)| line.starts_with(beginning));
            match special.map(|(_, answer)| *answer) {
                Some("close") => return None,
                Some("silence") => std::future::pending().await,
                Some(answer) => {
                    in_mail = answer.starts_with("354");
                    say(&mut stream, answer).await?;
                    if answer.starts_with("421") {
                        return None;
                    }
                }
                None if line.starts_with("EHLO") => {
                    let mut lines = vec!["mx.test greets you"];
                    lines
                        .extend(script.offers.iter().filter(|word| **word != "STARTTLS" || !stream.get_ref().is_tls()));
                    let last = lines.pop()?;
                    let text: String = lines.iter().map(|line| format!("250-{line}\r\n")).collect();
                    say(&mut stream, &format!("{text}250 {last}")).await?;
                }
                None if line == "STARTTLS" => {
                    say(&mut stream, "220 go on").await?;
                    let conn = stream.into_inner().start_tls().await.ok()?;
                    self.note("encrypted");
                    stream = BufReader::new(conn);
                }
                None if line == "DATA" => {
                    in_mail = true;
                    say(&mut stream, "354 go on").await?;
                }
                None if line == "QUIT" => {
                    say(&mut stream, "221 bye").await?;
                    return None;
                }
                None => say(&mut stream, "250 ok").await?,
            }
        }
    }
}

async fn say(stream: &mut BufReader<Conn>, line: &str) -> Option<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}
