//! kill -9 in the middle of load: every acknowledged mail is there once, and `verify` is clean.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::house::House;

/// A sender's session: hands in mails named `round-sender-number` until the server dies; the acknowledged ones.
fn send(port: u16, round: usize, sender: usize, taken: &AtomicUsize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return acknowledged };
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut answer = move || {
        let mut line = String::new();
        loop {
            line.clear();
            match reader.read_line(&mut line) {
                Ok(0) | Err(_) => return None,
                Ok(_) if line.as_bytes().get(3) == Some(&b'-') => {}
                Ok(_) => return Some(line.clone()),
            }
        }
    };
    let mut say = |text: &str| stream.write_all(text.as_bytes()).is_ok();
    if answer().is_none() || !say("EHLO client.example\r\n") || answer().is_none() {
        return acknowledged;
    }
    for number in 0.. {
        let name = format!("{round}-{sender}-{number}");
        say("MAIL FROM:<x@b.example>\r\nRCPT TO:<taro@aoba.example>\r\nDATA\r\n");
        if (0..3).any(|_| answer().is_none()) {
            break;
        }
        say(&format!("Message-ID: <{name}@b.example>\r\nSubject: {name}\r\n\r\n{}\r\n.\r\n", "body ".repeat(200)));
        match answer() {
            Some(reply) if reply.starts_with("250") => {
                acknowledged.push(name);
                taken.fetch_add(1, Ordering::Relaxed);
            }
            _ => break,
        }
    }
    acknowledged
}

fn names_in_inbox(house: &House) -> Vec<String> {
    let list = house.python(
        r#"
import imaplib, re
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("taro@aoba.example", PASSWORD)
if imap.select("INBOX")[1] == [b"0"]:
    raise SystemExit
for part in imap.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]:
    if isinstance(part, tuple):
        print(part[1].decode().split(":", 1)[1].strip())
"#,
    );
    list.lines().map(str::to_owned).collect()
}

#[test]
fn killed_in_the_middle_of_load_every_acknowledged_mail_is_there_once() {
    let rounds = if std::env::var_os("SEKISHO_LONG").is_some() { 20 } else { 3 };
    let mut house = House::start();
    let acknowledged = Mutex::new(Vec::new());
    for round in 0..rounds {
        let taken = AtomicUsize::new(0);
        let port = house.smtp;
        std::thread::scope(|scope| {
            for sender in 0..8 {
                let (acknowledged, taken) = (&acknowledged, &taken);
                scope.spawn(move || {
                    // sent before the lock is taken: the senders must run at once
                    let mine = send(port, round, sender, taken);
                    acknowledged.lock().unwrap().extend(mine);
                });
            }
            // the moment of death wanders through the phases of a batch
            while taken.load(Ordering::Relaxed) < 40 + 23 * round {
                std::thread::yield_now();
            }
            house.kill();
        });
        house.serve();
        let found = names_in_inbox(&house);
        let mut once = found.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), found.len(), "a mail is there twice");
        for name in acknowledged.lock().unwrap().iter() {
            assert!(once.binary_search(name).is_ok(), "round {round}: {name} was acknowledged and is gone");
        }
    }
    assert!(acknowledged.lock().unwrap().len() > rounds, "no load");
    let report = house.good(&["verify"]);
    assert!(report.contains("All is well."), "{report}");
}
