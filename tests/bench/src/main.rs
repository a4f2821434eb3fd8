//! Load for the benchmark: opens SMTP or LMTP sessions, sends mails over them and prints the times as one JSON line.
//!
//! `bench HOST:PORT smtp|lmtp|submission SESSIONS MAILS SIZE USERS PASSWORD`. It prints `ready` once every session
//! is open and greeted, and begins at a line on its standard input, so that the caller can read counters in between.
//!
//! `bench HOST:PORT imap STEP SESSIONS COUNT PASSWORD [MAILBOX|SIZE …]` works with mailboxes (`mailbox.rs` has the steps).

mod imap;
mod mail;
mod mailbox;
mod session;

use std::process::ExitCode;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use session::{Kind, Session};

/// What one run does.
struct Plan {
    address: String,
    kind: Kind,
    sessions: usize,
    mails: usize,
    size: usize,
    users: usize,
    password: String,
}

impl Plan {
    fn from_args() -> Option<Self> {
        let mut args = std::env::args().skip(1);
        let plan = Self {
            address: args.next()?,
            kind: Kind::parse(&args.next()?)?,
            sessions: args.next()?.parse().ok()?,
            mails: args.next()?.parse().ok()?,
            size: args.next()?.parse().ok()?,
            users: args.next()?.parse().ok()?,
            password: args.next()?,
        };
        let sound = plan.sessions > 0 && plan.users > 0 && plan.address.starts_with("127.");
        sound.then_some(plan)
    }

    /// The mails of one session: latencies of those that were accepted, and the first error.
    fn work(&self, number: usize, gate: &Barrier) -> (Vec<Duration>, Option<String>) {
        let opened = Session::open(&self.address, self.kind, number % self.users, &self.password);
        gate.wait();
        gate.wait();
        let mut session = match opened {
            Ok(session) => session,
            Err(error) => return (Vec::new(), Some(error.to_string())),
        };
        let mut latencies = Vec::new();
        let mut each = (number..self.mails).step_by(self.sessions);
        let error = each.find_map(|mail| {
            let recipient = mail % self.users;
            let bytes = mail::make(mail, session.sender(), recipient, self.size);
            session.send(recipient, &bytes).map(|latency| latencies.push(latency)).err()
        });
        (latencies, error.map(|error| error.to_string()))
    }
}

/// The value below which `part` of the sorted values lie, in milliseconds.
fn quantile(sorted: &[Duration], part: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let place = (last as f64 * part).round() as usize;
    sorted.get(place).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
}

fn run(plan: &Arc<Plan>) {
    let gate = Arc::new(Barrier::new(plan.sessions + 1));
    let workers: Vec<_> = (0..plan.sessions)
        .map(|number| {
            let (plan, gate) = (plan.clone(), gate.clone());
            std::thread::spawn(move || plan.work(number, &gate))
        })
        .collect();
    gate.wait();
    println!("ready");
    let mut go = String::new();
    let _ = std::io::stdin().read_line(&mut go);
    let began = Instant::now();
    gate.wait();
    let (mut latencies, mut errors) = (Vec::new(), Vec::new());
    for worker in workers {
        match worker.join() {
            Ok((more, error)) => {
                latencies.extend(more);
                errors.extend(error);
            }
            Err(_) => errors.push("a session's thread ended early".to_owned()),
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let error = errors.first().map(|text| text.replace(['"', '\\'], " ")).unwrap_or_default();
    println!(
        "{{\"accepted\":{},\"seconds\":{seconds:.4},\"p50_ms\":{:.3},\"p99_ms\":{:.3},\"error\":\"{}\"}}",
        latencies.len(),
        quantile(&latencies, 0.5),
        quantile(&latencies, 0.99),
        error.escape_default(),
    );
}

/// The IMAP steps, if that is what the arguments ask for.
fn mailbox_step(args: &[String]) -> Option<std::io::Result<()>> {
    let [address, kind, step, sessions, count, password, rest @ ..] = args else { return None };
    if kind != "imap" || !address.starts_with("127.") {
        return None;
    }
    let (sessions, count) = (sessions.parse().ok()?, count.parse().ok()?);
    let steps = mailbox::Steps { address: address.clone(), password: password.clone(), sessions, count };
    Some(steps.run(step, rest))
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match mailbox_step(&args) {
        Some(Ok(())) => return ExitCode::SUCCESS,
        Some(Err(error)) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
        None => {}
    }
    let Some(plan) = Plan::from_args() else {
        eprintln!("bench 127.0.0.1:PORT smtp|lmtp|submission SESSIONS MAILS SIZE USERS PASSWORD");
        eprintln!("bench 127.0.0.1:PORT imap STEP SESSIONS COUNT PASSWORD [MAILBOX]");
        return ExitCode::from(2);
    };
    run(&Arc::new(plan));
    ExitCode::SUCCESS
}
