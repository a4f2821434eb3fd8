//! Starts the server on an image and asks it for everything that anybody was told before the crash.

use std::collections::{BTreeMap, HashMap};
use std::process::Command;

use super::work::{FOLDERS, Fact, Folders, HANAKO, TARO, Told, mail};
use crate::house::{House, PASSWORD, text};
use crate::talk::{Fetched, Imap, Smtp};

type Outcome = Result<(), String>;

/// What an image lacks, if anything. `crash` is the length of the log when the power went.
pub fn check(house: &mut House, told: &Told, crash: u64) -> Outcome {
    house.try_serve()?;
    if told.taro.is_some_and(|at| at > crash) {
        return Ok(());
    }
    let before: Vec<&Fact> = told.facts.iter().filter(|(at, _)| *at <= crash).map(|(_, fact)| fact).collect();
    let next = inbox(house, &before)?;
    own_folders(house, told, crash)?;
    outgoing(house, told, crash, &before)?;
    new_mail(house, next, &before)?;
    let verify = house.run(&["verify"]);
    let said = text(&verify.stdout) + &text(&verify.stderr);
    house.kill();
    if said.contains("All is well.") { Ok(()) } else { Err(format!("verify: {said}")) }
}

fn broken(error: std::io::Error) -> String {
    format!("the session broke: {error}")
}
fn missing(good: bool, what: impl FnOnce() -> String) -> Outcome {
    if good { Ok(()) } else { Err(what()) }
}

fn all(imap: &mut Imap, mailbox: &str) -> Result<Vec<Fetched>, String> {
    let selected = imap.good(&format!("SELECT {mailbox}")).map_err(broken)?;
    if selected.lines.iter().any(|(line, _)| line == "* 0 EXISTS") {
        return Ok(Vec::new());
    }
    imap.fetch("1:*", "BODY.PEEK[]").map_err(broken)
}

fn name_of(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2_000)]).into_owned();
    let subject = head.lines().find_map(|line| line.strip_prefix("Subject: "));
    subject.unwrap_or_default().to_owned()
}

/// The mails in taro's INBOX with their UIDs: each is whole, and none is there twice.
pub fn mails(house: &House) -> Result<HashMap<String, u32>, String> {
    let mut imap = Imap::connect(house.imap, TARO, PASSWORD).map_err(broken)?;
    let mut found = HashMap::new();
    for message in all(&mut imap, "INBOX")? {
        let name = name_of(&message.bytes);
        missing(message.bytes.ends_with(&mail(&name)), || format!("{name} has other bytes"))?;
        let twice = found.insert(name.clone(), message.uid);
        missing(twice.is_none(), || format!("{name} is there twice"))?;
    }
    Ok(found)
}

/// Taro's mail; the first UID that nobody was told of.
fn inbox(house: &House, before: &[&Fact]) -> Result<u32, String> {
    let found = mails(house)?;
    let mut next = 1;
    for fact in before {
        match fact {
            Fact::Mail(name) => missing(found.contains_key(name), || format!("{name} was accepted and is gone"))?,
            Fact::Seen { uid, name } => {
                missing(found.get(name) == Some(uid), || format!("{name} was UID {uid}, is {:?}", found.get(name)))?;
                next = next.max(uid + 1);
            }
            _ => {}
        }
    }
    Ok(next)
}

/// Hanako's folders are as they were after her last command, or after the one that was under way.
fn own_folders(house: &House, told: &Told, crash: u64) -> Outcome {
    let done = told.folders.iter().filter(|(at, _)| *at <= crash).count();
    let Some(last) = done.checked_sub(1) else { return Ok(()) };
    let mut imap = Imap::connect(house.imap, HANAKO, PASSWORD).map_err(broken)?;
    let mut found = Folders::new();
    for (number, folder) in FOLDERS.into_iter().enumerate() {
        for message in all(&mut imap, folder)? {
            let name = name_of(&message.bytes);
            missing(message.bytes == mail(&name), || format!("{name} in {folder} has other bytes"))?;
            found.insert((number, message.uid), (name, message.flags));
        }
    }
    let states: Vec<&Folders> = told.folders[last..].iter().take(2).map(|(_, folders)| folders).collect();
    missing(states.contains(&&found), || {
        let differs = |one: &Folders, other: &Folders| -> Vec<String> {
            one.iter().filter(|(key, value)| other.get(key) != Some(value)).map(|item| format!("{item:?}")).collect()
        };
        let (lost, found) = (differs(states[0], &found), differs(&found, states[0]));
        format!("hanako's folders: was {lost:?}, is {found:?}")
    })?;
    for (number, folder) in FOLDERS.into_iter().enumerate() {
        let given = told.folders[..done].iter().flat_map(|(_, folders)| folders.keys());
        let last = given.filter(|key| key.0 == number).map(|key| key.1).max().unwrap_or(0);
        let uid = imap.append(folder, "", &mail("after")).map_err(broken)?;
        missing(uid > last, || format!("UID {uid} in {folder} is used again, {last} was shown"))?;
    }
    Ok(())
}

/// What is held is held, what waits in the queue waits there, what was rejected is neither.
fn outgoing(house: &House, told: &Told, crash: u64, before: &[&Fact]) -> Outcome {
    let held = house.good(&["held", "list"]);
    let queue = house.good(&["queue", "list"]);
    let maybe = |reference: &str| told.rejecting.iter().any(|(at, other)| other == reference && *at <= crash);
    for fact in before {
        match fact {
            Fact::Held(reference) if !maybe(reference) => {
                missing(held.contains(reference), || format!("{reference} was held and is not"))?;
            }
            Fact::Rejected(reference) => {
                missing(!held.contains(reference), || format!("{reference} was rejected and is held"))?;
            }
            Fact::Queued(reference) => {
                let count = queue.matches(reference.as_str()).count();
                missing(count == 1, || format!("{reference} is {count} times in the queue"))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// A mail that comes now has a new UID, and no counter went back.
fn new_mail(house: &House, next: u32, before: &[&Fact]) -> Outcome {
    let mut seen: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for fact in before {
        if let Fact::Counters { mailbox, uid_next, modseq } = fact {
            let most = seen.entry(*mailbox).or_default();
            *most = (most.0.max(*uid_next), most.1.max(*modseq));
        }
    }
    let counters = counters(house);
    for (mailbox, (uid_next, modseq)) in &seen {
        let now = counters.get(mailbox).copied().unwrap_or_default();
        missing(now.0 >= *uid_next && now.1 >= *modseq, || {
            format!("mailbox {mailbox}: UIDNEXT {uid_next} and HIGHESTMODSEQ {modseq} were shown, now {now:?}")
        })?;
    }
    let mut smtp = Smtp::connect(house.smtp).map_err(broken)?;
    let answer = smtp.send("x@b.example", &[TARO], &mail("after")).map_err(broken)?;
    missing(answer.starts_with("250"), || format!("new mail: {answer}"))?;
    let mut imap = Imap::connect(house.imap, TARO, PASSWORD).map_err(broken)?;
    imap.good("SELECT INBOX").map_err(broken)?;
    let last = imap.fetch("*", "BODY.PEEK[]").map_err(broken)?.remove(0);
    missing(last.uid >= next && name_of(&last.bytes) == "after", || format!("UID {} is used again", last.uid))
}

/// UIDNEXT and HIGHESTMODSEQ of each mailbox.
fn counters(house: &House) -> BTreeMap<i64, (i64, i64)> {
    let program = format!(
        "import sqlite3\ndb = sqlite3.connect('file:{}/mail.db?mode=ro', uri=True)\n\
         for row in db.execute('SELECT id, uid_next, modseq FROM mailbox'): print(*row)",
        house.data().display()
    );
    let output = Command::new("python3").arg("-c").arg(program).output().unwrap();
    let rows = text(&output.stdout);
    let number = |row: &str, at| row.split(' ').nth(at).and_then(|number| number.parse().ok()).unwrap_or_default();
    rows.lines().map(|row| (number(row, 0), (number(row, 1), number(row, 2)))).collect()
}
