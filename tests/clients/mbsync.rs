//! mbsync, two ways: killed at random moments and run again, it ends with both sides equal.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::process::{Command, Stdio};

use super::on_a_terminal;
use crate::house::{House, PASSWORD};

/// Fills both sides, changes them, and tells what they hold: `DIR`, `HALF` stand before it.
const SIDES: &str = include_str!("mbsync.py");

/// A server, a Maildir beside it, and mbsync between them.
struct Pair {
    house: House,
    half: usize,
    /// What was seen under (mailbox, UIDVALIDITY, UID): no UID may ever mean another message.
    seen: BTreeMap<(String, u64, u64), String>,
    /// UIDNEXT as last seen: what comes later gets no smaller UID.
    uid_next: BTreeMap<(String, u64), u64>,
}

impl Pair {
    fn new(half: usize) -> Self {
        let house = House::start();
        let (dir, port) = (house.dir.path(), house.imap);
        let rc = format!(
            "IMAPAccount a\nHost 127.0.0.1\nPort {port}\nUser taro@aoba.example\nPass \"{PASSWORD}\"\nSSLType None\nAuthMechs LOGIN\n\n\
             IMAPStore far\nAccount a\n\nMaildirStore near\nPath {0}/mail/\nInbox {0}/mail/INBOX\nSubFolders Verbatim\n\n\
             Channel c\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nExpunge Both\nSyncState *\n",
            dir.display()
        );
        std::fs::create_dir_all(dir.join("mail")).unwrap();
        std::fs::write(dir.join("mbsyncrc"), rc).unwrap();
        Self { house, half, seen: BTreeMap::new(), uid_next: BTreeMap::new() }
    }

    fn python(&self, program: &str) -> String {
        let dir = self.house.dir.path().display();
        self.house.python(&format!("DIR=\"{dir}\"\nHALF={}\n{SIDES}\n{program}", self.half))
    }

    /// A whole run on a terminal, where mbsync counts what it does.
    fn sync(&self) -> String {
        let rc = self.house.dir.path().join("mbsyncrc");
        on_a_terminal(&["mbsync", "-c", rc.to_str().unwrap(), "-a"])
    }

    /// Starts mbsync and kills it once it has read and written `bytes`; whether it was still running then.
    fn sync_killed_after(&self, bytes: u64) -> bool {
        let mut command = Command::new("mbsync");
        command.arg("-c").arg(self.house.dir.path().join("mbsyncrc")).arg("-aq");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let io = format!("/proc/{}/io", child.id());
        let moved = || -> u64 {
            let text = std::fs::read_to_string(&io).unwrap_or_default();
            text.lines().filter_map(|line| line.split_once("char: ")?.1.parse::<u64>().ok()).sum()
        };
        while child.try_wait().unwrap().is_none() && moved() < bytes {
            std::thread::yield_now();
        }
        let running = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        running
    }

    /// Looks at every UID of the server's side and compares with all that was ever seen.
    fn watch_uids(&mut self) {
        for line in self.python("watch()").lines() {
            let words: Vec<&str> = line.split('\t').collect();
            let number = |at: usize| words[at].parse::<u64>().unwrap();
            let place = (words[1].to_owned(), number(2));
            match words[0] {
                "message" => {
                    let key = (place.0.clone(), place.1, number(3));
                    let next = self.uid_next.get(&place).copied().unwrap_or(1);
                    match self.seen.get(&key) {
                        Some(before) => assert_eq!(before, words[4], "UID {key:?} was another message before"),
                        None => assert!(key.2 >= next, "UID {key:?} is new and below UIDNEXT {next}"),
                    }
                    self.seen.insert(key, words[4].to_owned());
                }
                _ => {
                    let before = self.uid_next.insert(place, number(3));
                    assert!(before.is_none_or(|before| before <= number(3)), "UIDNEXT went back: {line}");
                }
            }
        }
    }

    /// mbsync is killed `kills` times on its way, each time within `bytes` of traffic, then runs to its end.
    fn sync_with_kills(&mut self, kills: usize, bytes: u64, chance: &RandomState) {
        let mut killed = 0;
        for round in 0..kills {
            let at = chance.hash_one((round, self.seen.len())) % bytes;
            killed += usize::from(self.sync_killed_after(at));
            eprintln!("round {round}: {killed} killed, this one within {at} bytes");
            self.watch_uids();
        }
        assert!(killed > kills / 3, "only {killed} of {kills} runs were killed on their way");
        self.sync();
        self.watch_uids();
    }
}

#[test]
fn mbsync_killed_at_random_moments_ends_with_both_sides_equal_and_then_changes_nothing() {
    let (half, kills) = if std::env::var_os("SEKISHO_LONG").is_some() { (2_500, 10) } else { (500, 5) };
    let mut pair = Pair::new(half);
    let chance = RandomState::new();
    pair.python("fill()");
    pair.watch_uids();
    // a whole run moves some 2,400 bytes for each mail of a side; what a killed run has done is not done again
    pair.sync_with_kills(kills, half as u64 * 900, &chance);
    let total = pair.python("print(equal())");
    assert_eq!(total.trim().parse::<usize>().unwrap(), 2 * half);

    // flags and expunges on both sides, and another way with deaths on it; mbsync compresses (RFC 4978), so that a
    // mail's flags are some ten bytes
    pair.python("change()");
    pair.sync_with_kills(kills, half as u64 * 12, &chance);
    let left = pair.python("print(equal(changed=True))");
    assert_eq!(left.trim().parse::<usize>().unwrap(), 2 * half - 2 * (half / 10));

    let counters = pair.python("print(counters())");
    for _ in 0..2 {
        let said = pair.sync();
        let done = said.rsplit(['\r', '\n']).find(|line| line.starts_with("C: 1/1")).unwrap_or_default();
        assert!(done.ends_with("F: +0/0 *0/0 #0/0  N: +0/0 *0/0 #0/0"), "{said}");
        assert_eq!(pair.python("print(counters())"), counters, "UIDNEXT or MODSEQ moved");
    }
    assert!(pair.house.good(&["verify"]).contains("All is well."));
}
