//! What the mailbox steps do: fill a mailbox, time single commands, and let many sessions work at once.

use std::io::{BufRead as _, Result, Write as _};
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::imap::{Client, Took};
use super::{mail, quantile, session};

/// Mails sent together when a mailbox is filled.
const TOGETHER: usize = 50;
/// Bodies that one command asks for.
const PIECE: usize = 100;
/// So many mails are in each inbox at least when single ones are asked for.
const THERE: usize = 20;

/// The server, and how many do what.
pub struct Steps {
    pub address: String,
    pub password: String,
    pub sessions: usize,
    pub count: usize,
}

impl Steps {
    /// Runs the step of this name and prints what it measured as JSON lines; `rest` are its own arguments.
    pub fn run(&self, name: &str, rest: &[String]) -> Result<()> {
        let first = rest.first().map_or("INBOX", String::as_str);
        match name {
            "fill" => self.fill(first, size(rest.get(1))?),
            "maildir" => self.maildir(Path::new(first)),
            "script" => self.script(),
            "append" => {
                let size = size(rest.first())?;
                self.each(|client, _, mail| client.append("INBOX", &[written(mail, size)]))
            }
            // each command changes something: the flag comes with one pass over the mails and goes with the next
            "store" => self.each(|client, _, piece| {
                let turn = piece / self.sessions.max(1);
                let sign = if turn / THERE % 2 == 0 { '+' } else { '-' };
                Ok(client.ask(&format!("STORE {} {sign}FLAGS (\\Flagged)", turn % THERE + 1))?.time)
            }),
            "store-in" => self.store_in(first, rest.get(1).map_or("+FLAGS (\\Flagged)", String::as_str)),
            "bodies" => self.bodies(first),
            "mixed" => self.each(mixed),
            "sign-in" => self.sign_in(),
            "idle" => self.idle(),
            "push" => self.push(first),
            _ => Err(std::io::Error::other("fill|maildir|script|append|store|store-in|bodies|mixed|sign-in|idle|push")),
        }
    }

    fn fill(&self, mailbox: &str, size: Option<usize>) -> Result<()> {
        let mut client = Client::open(&self.address, 0, &self.password)?;
        let _ = client.ask(&format!("CREATE {mailbox}"));
        let mut bytes = 0;
        for first in (0..self.count).step_by(TOGETHER) {
            let together = first..(first + TOGETHER).min(self.count);
            let mails: Vec<_> = together.map(|number| written(number, size)).collect();
            bytes += mails.iter().map(Vec::len).sum::<usize>();
            client.append(mailbox, &mails)?;
        }
        println!("{{\"bytes\":{bytes}}}");
        Ok(())
    }

    /// The mails that `fill` puts in as files of a Maildir folder, for a server that would take half an hour for 100,000.
    fn maildir(&self, folder: &Path) -> Result<()> {
        for name in ["cur", "new", "tmp"] {
            std::fs::create_dir_all(folder.join(name))?;
        }
        let mut bytes = 0;
        for number in 0..self.count {
            let mail = written(number, None);
            let lines: Vec<u8> = mail.iter().copied().filter(|byte| *byte != b'\r').collect();
            let (second, sizes) = (1_700_000_000 + number / 10, format!("S={},W={}", lines.len(), mail.len()));
            std::fs::write(folder.join(format!("cur/{second}.M{number:06}P1.bench,{sizes}:2,S")), lines)?;
            bytes += mail.len();
        }
        println!("{{\"bytes\":{bytes}}}");
        Ok(())
    }

    /// Commands from the standard input, a line each; `{=text}` at the end is sent as a literal.
    fn script(&self) -> Result<()> {
        let mut client = Client::open(&self.address, 0, &self.password)?;
        for line in std::io::stdin().lock().lines() {
            let Took { time, bytes, lines, hits } = client.ask(&with_literal(&line?))?;
            let hits = hits.map_or("null".to_owned(), |hits| hits.to_string());
            let ms = time.as_secs_f64() * 1e3;
            println!("{{\"ms\":{ms:.3},\"bytes\":{bytes},\"lines\":{lines},\"hits\":{hits}}}");
            std::io::stdout().flush()?;
        }
        Ok(())
    }

    /// `count` pieces of work, each session with an inbox of its own; prints what they took.
    fn each(&self, work: impl Fn(&mut Client, usize, usize) -> Result<Duration> + Sync) -> Result<()> {
        let (times, taken) = self.dealt(self.count, None, work)?;
        print(&times, taken, times.len());
        Ok(())
    }

    /// Pieces of work dealt out to all sessions, each with an inbox of its own, or all with this mailbox open: what each piece took,
    /// and all together.
    fn dealt(
        &self,
        pieces: usize,
        mailbox: Option<&str>,
        work: impl Fn(&mut Client, usize, usize) -> Result<Duration> + Sync,
    ) -> Result<(Vec<Duration>, Duration)> {
        let gate = Barrier::new(self.sessions);
        let one = &|number: usize| {
            let user = if mailbox.is_some() { 0 } else { number };
            let opened = Client::open(&self.address, user, &self.password)
                .and_then(|mut client| client.ask(&format!("SELECT {}", mailbox.unwrap_or("INBOX"))).map(|_| client));
            gate.wait();
            let (mut client, began) = (opened?, Instant::now());
            let own = (number..pieces).step_by(self.sessions);
            let times = own.map(|piece| work(&mut client, number, piece)).collect::<Result<Vec<_>>>()?;
            Ok((began, Instant::now(), times))
        };
        let results = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.sessions).map(|number| scope.spawn(move || one(number))).collect();
            let ended = || Err(std::io::Error::other("a session's thread ended early"));
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| ended())).collect::<Result<Vec<_>>>()
        })?;
        let began = results.iter().map(|(began, ..)| *began).min();
        let ended = results.iter().map(|(_, ended, _)| *ended).max();
        let taken = began.zip(ended).map_or(Duration::ZERO, |(began, ended)| ended - began);
        Ok((results.into_iter().flat_map(|(.., times)| times).collect(), taken))
    }

    /// The same change of the first `count` mails of a mailbox that all sessions have open, one after the other.
    fn store_in(&self, mailbox: &str, change: &str) -> Result<()> {
        let (times, taken) = self.dealt(self.count, Some(mailbox), |client, _, piece| {
            Ok(client.ask(&format!("STORE {} {change}", piece + 1))?.time)
        })?;
        print(&times, taken, times.len());
        Ok(())
    }

    /// The first `count` mails of a mailbox, pieces of them dealt out to all sessions.
    fn bodies(&self, mailbox: &str) -> Result<()> {
        let bytes = AtomicUsize::new(0);
        let (_, taken) = self.dealt(self.count.div_ceil(PIECE), Some(mailbox), |client, _, piece| {
            let last = ((piece + 1) * PIECE).min(self.count);
            let took = client.ask(&format!("FETCH {}:{last} (BODY.PEEK[])", piece * PIECE + 1))?;
            bytes.fetch_add(took.bytes, Ordering::Relaxed);
            Ok(took.time)
        })?;
        println!("{{\"mb_s\":{:.1}}}", bytes.into_inner() as f64 / 1e6 / taken.as_secs_f64());
        Ok(())
    }

    /// Connect, sign in, SELECT, go.
    fn sign_in(&self) -> Result<()> {
        self.each(|_, number, _| {
            let began = Instant::now();
            let mut client = Client::open(&self.address, number, &self.password)?;
            client.ask("SELECT INBOX")?;
            let time = began.elapsed();
            client.ask("LOGOUT")?;
            Ok(time)
        })
    }

    /// `count` connections in IDLE, until the standard input ends.
    fn idle(&self) -> Result<()> {
        let mut open = Vec::with_capacity(self.count);
        for number in 0..self.count {
            let mut client = Client::open(&self.address, number % self.sessions.max(1), &self.password)?;
            client.ask("SELECT INBOX")?;
            client.idle()?;
            open.push(client);
        }
        println!("{{\"open\":{}}}", open.len());
        std::io::stdin().lock().lines().for_each(drop);
        Ok(())
    }

    /// From the sender's 250 at `smtp` to EXISTS at a client in IDLE.
    fn push(&self, smtp: &str) -> Result<()> {
        let mut client = Client::open(&self.address, 0, &self.password)?;
        client.ask("SELECT INBOX")?;
        let mut sender = session::Session::open(smtp, session::Kind::Smtp, 0, &self.password)?;
        let (began, mut times) = (Instant::now(), Vec::new());
        for number in 0..self.count {
            client.idle()?;
            sender.send(0, &mail::make(number, "sender@client.test", 0, 4096))?;
            let accepted = Instant::now();
            times.push(client.grown()?.saturating_duration_since(accepted));
        }
        print(&times, began.elapsed(), self.count);
        Ok(())
    }
}

/// The size that an argument names, if there is one.
fn size(argument: Option<&String>) -> Result<Option<usize>> {
    argument.map(|size| size.parse().map_err(std::io::Error::other)).transpose()
}

/// A letter, or a mail of exactly this size.
fn written(number: usize, size: Option<usize>) -> Vec<u8> {
    size.map_or_else(|| mail::letter(number), |size| mail::exactly(number, size))
}

fn with_literal(line: &str) -> String {
    match line.strip_suffix('}').and_then(|line| line.split_once("{=")) {
        Some((before, text)) => format!("{before}{{{}+}}\r\n{text}", text.len()),
        None => line.to_owned(),
    }
}

/// 15 % APPEND, 40 % a list of 50, 30 % a mail, 15 % STORE.
fn mixed(client: &mut Client, number: usize, piece: usize) -> Result<Duration> {
    let roll = (piece.wrapping_mul(2_654_435_761) >> 7) + number;
    let place = roll % THERE + 1;
    Ok(match roll % 100 {
        0..15 => client.append("INBOX", &[mail::letter(piece)])?,
        15..55 => client.ask(&format!("UID FETCH {place}:{} (FLAGS ENVELOPE BODYSTRUCTURE)", place + 49))?.time,
        55..85 => client.ask(&format!("FETCH {place} (BODY.PEEK[])"))?.time,
        _ => client.ask(&format!("STORE {place} {}FLAGS (\\Seen)", if piece / 100 % 2 == 0 { '+' } else { '-' }))?.time,
    })
}

fn print(times: &[Duration], taken: Duration, count: usize) {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let rate = count as f64 / taken.as_secs_f64().max(1e-9);
    let (p50, p99) = (quantile(&sorted, 0.5), quantile(&sorted, 0.99));
    println!("{{\"count\":{count},\"per_s\":{rate:.1},\"p50_ms\":{p50:.3},\"p99_ms\":{p99:.3}}}");
}
