//! People at work while the disk is recorded, and what they were told when: what must be found after any crash since.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::house::{House, PASSWORD};
use crate::shim::Shim;
use crate::talk::{Imap, Smtp};

/// Who gets what: mail from outside goes to taro, hanako works in folders of her own and sends.
pub const TARO: &str = "taro@aoba.example";
pub const HANAKO: &str = "hanako@aoba.example";
/// Hanako's folders.
pub const FOLDERS: [&str; 2] = ["Work", "Done"];

/// Something that somebody was told.
#[derive(Debug, Clone)]
pub enum Fact {
    /// A mail was accepted for taro.
    Mail(String),
    /// Taro's client saw the mail of this name under this UID.
    Seen {
        uid: u32,
        name: String,
    },
    /// A reader of the rows saw a mailbox's UIDNEXT and HIGHESTMODSEQ.
    Counters {
        mailbox: i64,
        uid_next: i64,
        modseq: i64,
    },
    /// A submission is held, or waits in the queue.
    Held(String),
    Queued(String),
    /// A held submission was rejected by a command.
    Rejected(String),
}

/// Hanako's folders: what lies where, under which UID, with which flags.
pub type Folders = BTreeMap<(usize, u32), (String, BTreeSet<String>)>;

/// What everybody was told, with the length of the log when the answer had come.
#[derive(Default)]
pub struct Told {
    /// When taro was made; `None`: before the record.
    pub taro: Option<u64>,
    pub facts: Vec<(u64, Fact)>,
    /// Hanako's folders after each of her commands.
    pub folders: Vec<(u64, Folders)>,
    /// The length of the log before a command to reject began.
    pub rejecting: Vec<(u64, String)>,
}

/// The bytes of the mail of a name: always the same.
pub fn mail(name: &str) -> Vec<u8> {
    let mut state = name.bytes().fold(7u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 40
    };
    let lines = match noise() % 20 {
        _ if name.starts_with("large") => 1_500,
        0 => 18_000,
        1..4 => 1_500,
        _ => noise() % 60,
    };
    let mut mail = format!("Message-ID: <{name}@b.example>\r\nSubject: {name}\r\n\r\n");
    for _ in 0..lines {
        mail += &format!("{:x} いつもお世話になっております {:x}{:x}{:x}\r\n", noise(), noise(), noise(), noise());
    }
    mail.into_bytes()
}

/// The load of one recording.
pub struct Load<'a> {
    pub house: &'a House,
    pub shim: &'a Shim,
    /// How much everybody does.
    pub much: usize,
    told: Mutex<Told>,
    over: AtomicBool,
}

impl<'a> Load<'a> {
    pub fn new(house: &'a House, shim: &'a Shim, much: usize) -> Self {
        Self { house, shim, much, told: Mutex::default(), over: AtomicBool::new(false) }
    }

    /// Lets everybody work to the end.
    pub fn run(self) -> Told {
        std::thread::scope(|scope| {
            let watchers = [scope.spawn(|| self.watch_inbox().unwrap()), scope.spawn(|| self.watch_counters())];
            let mut workers = vec![scope.spawn(|| self.keep_order().unwrap()), scope.spawn(|| self.submit().unwrap())];
            for sender in 0..3 {
                let load = &self;
                workers.push(scope.spawn(move || load.send(&format!("in-{sender}"), load.much).unwrap()));
            }
            workers.into_iter().for_each(|worker| worker.join().unwrap());
            self.over.store(true, Ordering::Relaxed);
            watchers.into_iter().for_each(|watcher| watcher.join().unwrap());
        });
        self.told.into_inner().unwrap()
    }

    /// Lets three senders work until the server is killed in the middle of it; what they were told.
    pub fn run_until_killed(self) -> Vec<(u64, Fact)> {
        std::thread::scope(|scope| {
            for sender in 0..3 {
                let load = &self;
                // its connection breaks in the end
                scope.spawn(move || load.send(&format!("early-{sender}"), usize::MAX).unwrap_err());
            }
            while self.told.lock().unwrap().facts.len() < self.much {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            let pid = self.house.pid().to_string();
            assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
        });
        self.told.into_inner().unwrap().facts
    }

    fn tell(&self, fact: Fact) {
        let at = self.shim.recorded();
        self.told.lock().unwrap().facts.push((at, fact));
    }

    /// A server outside.
    fn send(&self, sender: &str, much: usize) -> io::Result<()> {
        let mut smtp = Smtp::connect(self.house.smtp)?;
        for number in 0..much {
            let name = format!("{sender}-{number}");
            let answer = smtp.send("x@b.example", &[TARO], &mail(&name))?;
            assert!(answer.starts_with("250"), "{answer}");
            self.tell(Fact::Mail(name));
        }
        Ok(())
    }

    /// Hanako's outgoing mail: every second one is held for its My Number, some of them are rejected.
    fn submit(&self) -> io::Result<()> {
        let mut smtp = Smtp::connect(self.house.submission)?;
        assert!(smtp.sign_in(HANAKO, PASSWORD)?.starts_with("235"));
        for number in 0..self.much / 5 {
            let text = if number % 2 == 0 { "個人番号: 123456789018" } else { "お世話になっております" };
            let mail =
                format!("From: {HANAKO}\r\nMessage-ID: <out-{number}@aoba.example>\r\nSubject: x\r\n\r\n{text}\r\n");
            let answer = smtp.send(HANAKO, &["partner@b.example"], mail.as_bytes())?;
            let (_, reference) = answer.rsplit_once(' ').unwrap();
            let held = answer.starts_with("250 2.0.0 held for approval");
            assert!(held || answer.starts_with("250 2.0.0 accepted"), "{answer}");
            assert_eq!(held, number % 2 == 0, "{answer}");
            let fact = if held { Fact::Held } else { Fact::Queued };
            self.tell(fact(reference.to_owned()));
            if number % 6 == 0 {
                self.reject(reference);
            }
        }
        Ok(())
    }

    fn reject(&self, reference: &str) {
        let list = self.house.good(&["held", "list"]);
        let line = list.lines().find(|line| line.contains(reference)).unwrap();
        let id = line.split('\t').next().unwrap();
        let before = (self.shim.recorded(), reference.to_owned());
        self.told.lock().unwrap().rejecting.push(before);
        self.house.good(&["held", "reject", id]);
        self.tell(Fact::Rejected(reference.to_owned()));
    }

    /// Hanako at her own folders.
    fn keep_order(&self) -> io::Result<()> {
        let mut imap = Imap::connect(self.house.imap, HANAKO, PASSWORD)?;
        for folder in FOLDERS {
            imap.good(&format!("CREATE {folder}"))?;
        }
        imap.good("SELECT Work")?;
        let mut folders = Folders::new();
        let note = |folders: &Folders| {
            let at = self.shim.recorded();
            self.told.lock().unwrap().folders.push((at, folders.clone()));
        };
        note(&folders);
        let mut in_work: Vec<u32> = Vec::new();
        for number in 0..self.much {
            let name = format!("own-{number}");
            let uid = imap.append("Work", "\\Seen", &mail(&name))?;
            in_work.push(uid);
            folders.insert((0, uid), (name, BTreeSet::from(["\\Seen".to_owned()])));
            note(&folders);
            let old = in_work[number / 2 % in_work.len()];
            match number % 4 {
                0 => {
                    imap.good(&format!("UID STORE {uid} +FLAGS (\\Flagged $Label{})", number % 3))?;
                    let flags = &mut folders.get_mut(&(0, uid)).unwrap().1;
                    flags.extend(["\\Flagged".to_owned(), format!("$Label{}", number % 3)]);
                }
                1 => {
                    let new = imap.transfer("MOVE", old, "Done")?;
                    in_work.retain(|uid| *uid != old);
                    let moved = folders.remove(&(0, old)).unwrap();
                    folders.insert((1, new), moved);
                }
                2 => {
                    let new = imap.transfer("COPY", old, "Done")?;
                    let copied = folders[&(0, old)].clone();
                    folders.insert((1, new), copied);
                }
                _ => {
                    imap.good(&format!("UID STORE {old} +FLAGS (\\Deleted)"))?;
                    folders.get_mut(&(0, old)).unwrap().1.insert("\\Deleted".to_owned());
                    note(&folders);
                    imap.good(&format!("UID EXPUNGE {old}"))?;
                    in_work.retain(|uid| *uid != old);
                    folders.remove(&(0, old));
                }
            }
            note(&folders);
        }
        Ok(())
    }

    /// Taro's client looks what came.
    fn watch_inbox(&self) -> io::Result<()> {
        let mut imap = Imap::connect(self.house.imap, TARO, PASSWORD)?;
        imap.good("SELECT INBOX")?;
        let mut next = 1;
        while !self.over.load(Ordering::Relaxed) {
            imap.good("NOOP")?;
            for mail in imap.fetch(&format!("{next}:*"), "BODY.PEEK[HEADER.FIELDS (SUBJECT)]")? {
                let subject = String::from_utf8_lossy(&mail.bytes).trim().to_owned();
                let name = subject.trim_start_matches("Subject: ").to_owned();
                next = next.max(mail.uid + 1);
                self.tell(Fact::Seen { uid: mail.uid, name });
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Ok(())
    }

    /// Somebody reads the counters of all mailboxes over and over: what he sees, a session may have seen.
    fn watch_counters(&self) {
        let program = format!(
            r#"
import os, select, sqlite3, sys
db = sqlite3.connect("file:{}/mail.db?mode=ro", uri=True)
while not select.select([sys.stdin], [], [], 0.03)[0]:
    rows = db.execute("SELECT id, uid_next, modseq FROM mailbox").fetchall()
    at = os.stat("{}").st_size
    for row in rows:
        print(at, *row)
"#,
            self.house.data().display(),
            self.shim.log.display()
        );
        let mut python = Command::new("python3");
        let mut python = python.arg("-c").arg(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let stdin = python.stdin.take().unwrap();
        let output = std::thread::spawn(move || python.wait_with_output().unwrap());
        while !self.over.load(Ordering::Relaxed) {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        drop(stdin);
        let output = output.join().unwrap();
        assert!(output.status.success());
        let rows = String::from_utf8(output.stdout).unwrap();
        let facts = rows.lines().map(|row| {
            let [at, mailbox, uid_next, modseq] =
                row.split(' ').map(|number| number.parse().unwrap()).collect::<Vec<i64>>().try_into().unwrap();
            (at as u64, Fact::Counters { mailbox, uid_next, modseq })
        });
        self.told.lock().unwrap().facts.extend(facts);
    }
}
