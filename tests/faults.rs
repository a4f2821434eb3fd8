//! The disk fails or is full (DESIGN.md section 5): whoever waits is refused for now, nothing that was accepted is lost,
//! nothing that was refused is half there.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::house::{House, PASSWORD, text};
use crate::images::{Dice, Disk, Fate, TARO, mail, mails, read_log};
use crate::shim::Shim;
use crate::talk::{Imap, Smtp};

/// Error numbers of the system.
const EIO: i32 = 5;
const ENOSPC: i32 = 28;

/// What the senders were answered.
#[derive(Debug, Default)]
struct Answers {
    accepted: Vec<String>,
    refused: Vec<String>,
}

/// Three senders hand in mails, small and large, until each has had a refusal or its connection has ended; `meanwhile`
/// runs once ten are accepted.
fn send_until_refused(house: &House, round: &str, meanwhile: impl FnOnce()) -> Answers {
    let answers = Mutex::new(Answers::default());
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..3)
            .map(|sender| {
                let answers = &answers;
                scope.spawn(move || {
                    // a connection that ends without a word is a refusal too: the sender comes again
                    let Ok(mut smtp) = Smtp::connect(house.smtp) else { return };
                    for number in 0.. {
                        let name = format!("{}{round}-{sender}-{number}", if number % 2 == 0 { "large-" } else { "" });
                        let Ok(answer) = smtp.send("x@b.example", &[TARO], &mail(&name)) else { return };
                        let mut answers = answers.lock().unwrap();
                        if !answer.starts_with("250") {
                            return answers.refused.push(answer);
                        }
                        answers.accepted.push(name);
                    }
                })
            })
            .collect();
        wait("ten mails are accepted", || answers.lock().unwrap().accepted.len() >= 10);
        meanwhile();
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    });
    answers.into_inner().unwrap()
}

/// One mail; the answer.
fn send(house: &House, name: &str) -> String {
    Smtp::connect(house.smtp).unwrap().send("x@b.example", &[TARO], &mail(name)).unwrap()
}

fn wait(what: &str, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !done() {
        assert!(Instant::now() < until, "not within 30 s: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn all_there(house: &House, accepted: &[String]) {
    let found = mails(house).unwrap();
    for name in accepted {
        assert!(found.contains_key(name), "{name} was accepted and is gone");
    }
    let report = house.good(&["verify"]);
    assert!(report.contains("All is well."), "{report}");
}

/// The disk fails so; the process answers, ends with 70, and has lost nothing, also when the power goes at that moment.
fn ends_and_loses_nothing(order: &str) {
    let mut house = House::start();
    house.stop();
    let mut disk = Disk::with(&house.data());
    let shim = Shim::under(&mut house);
    house.serve();
    let answers = send_until_refused(&house, "a", || shim.ill(order));
    assert_eq!(house.ended(), Some(70), "{order}: {}", house.log());
    assert!(house.log().contains("the store has failed"), "{order}: {}", house.log());
    assert!(answers.refused.iter().all(|answer| answer.starts_with('4')), "{order}: {:?}", answers.refused);
    assert!(answers.refused.iter().any(|answer| answer.starts_with("451")), "{order}: {:?}", answers.refused);
    read_log(&shim.log).iter().for_each(|(_, act)| disk.act(act));
    for (seed, fate) in [(1, Fate::Lost), (2, Fate::Mixed)] {
        let mut image = House::empty();
        disk.image(&image.data(), fate, &mut Dice::new(seed));
        image.serve();
        all_there(&image, &answers.accepted);
    }
    shim.well();
    house.serve();
    all_there(&house, &answers.accepted);
    assert!(send(&house, "after").starts_with("250"));
}

#[test]
fn a_failed_flush_of_a_segment_refuses_ends_and_loses_nothing() {
    ends_and_loses_nothing(&format!("flush {EIO} .seg"));
}

#[test]
fn a_failed_write_to_a_segment_refuses_ends_and_loses_nothing() {
    ends_and_loses_nothing(&format!("write {EIO} .seg"));
}

#[test]
fn a_disk_that_is_full_only_at_the_flush_refuses_ends_and_loses_nothing() {
    ends_and_loses_nothing(&format!("flush {ENOSPC} .seg"));
}

#[test]
fn a_failed_flush_of_a_commit_refuses_ends_and_loses_nothing() {
    ends_and_loses_nothing(&format!("flush {EIO} mail.db-wal"));
}

#[test]
fn a_failed_write_of_a_commit_refuses_ends_and_loses_nothing() {
    ends_and_loses_nothing(&format!("write {EIO} mail.db-wal"));
}

/// Keys are committed before they are used: the first mail after a start makes some.
#[test]
fn keys_that_cannot_be_kept_are_not_used() {
    let mut house = House::start();
    house.stop();
    let shim = Shim::under(&mut house);
    house.serve();
    shim.ill(&format!("flush {EIO} keys.db-wal"));
    let answer = send(&house, "a");
    assert!(answer.starts_with("451"), "{answer}");
    assert_eq!(house.ended(), Some(70), "{}", house.log());
    shim.well();
    house.serve();
    all_there(&house, &[]);
    assert!(send(&house, "b").starts_with("250"));
    all_there(&house, &["b".to_owned()]);
}

/// A command that cannot write says so, and what it was to change is as before.
#[test]
fn a_command_that_cannot_write_says_so() {
    let mut house = House::start();
    let shim = Shim::under(&mut house);
    shim.ill(&format!("flush {EIO} directory.db-wal"));
    let output = house.run(&["user", "set", TARO, "--department", "総務部"]);
    assert!(!output.status.success());
    shim.well();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("directory.db"), "{said}");
    house.good(&["user", "set", TARO, "--department", "営業部"]);
    assert!(house.good(&["user", "list", "--json"]).contains("営業部"));
}

/// Writes find no room: senders are told so, the process goes on, and so does the mail when there is room again.
fn goes_on_when_space_returns(file: &str) {
    let mut house = House::start();
    house.stop();
    let shim = Shim::under(&mut house);
    house.serve();
    let first = send_until_refused(&house, "a", || shim.ill(&format!("write {ENOSPC} {file}")));
    assert!(first.refused.len() == 3 && first.refused.iter().all(|answer| answer.starts_with("452")), "{first:?}");
    let mut imap = Imap::connect(house.imap, TARO, PASSWORD).unwrap();
    imap.good("SELECT INBOX").unwrap();
    assert!(!imap.fetch("1:*", "BODY.PEEK[]").unwrap().is_empty(), "mail is read while the disk is full");
    shim.well();
    assert!(send(&house, "after").starts_with("250"), "{}", house.log());
    assert!(house.runs(), "{}", house.log());
    all_there(&house, &[first.accepted, vec!["after".to_owned()]].concat());
}

#[test]
fn a_segment_without_room_answers_452_until_space_returns() {
    goes_on_when_space_returns(".seg");
}

#[test]
fn a_journal_without_room_answers_452_until_space_returns() {
    goes_on_when_space_returns("mail.db-wal");
}

/// Mail that goes out, and an approval: refused for now, nothing of it is half there, and the next try does it once.
#[test]
fn without_room_a_submission_and_an_approval_are_refused_and_done_once_when_there_is() {
    let mut house = crate::ledger::company();
    house.stop();
    let shim = Shim::under(&mut house);
    house.serve();
    house.keep("submit(\"saburo\", \"partner@yamada.example\", subject=\"to approve\")");
    let program = |full: bool| {
        format!(
            r#"
full = {}
smtp = smtplib.SMTP("127.0.0.1", SUBMISSION)
smtp.login("saburo@aoba.example", PASSWORD)
mail = Browser(WEB)
assert mail.sign_in("hanako@aoba.example").status == 303
case = "/approve/" + re.search(r'/approve/(\d+)"', mail.get("/approve").body).group(1)
fields = {{"csrf": mail.token(case), "do": "approve", "comment": "ok"}}
if full:
    with open(FAULT + ".new", "w") as file:
        file.write("write {ENOSPC} mail.db-wal\n")
    import os
    os.rename(FAULT + ".new", FAULT)
smtp.mail("saburo@aoba.example")
smtp.rcpt("partner@yamada.example")
code, said = smtp.data(with_number("saburo@aoba.example", "partner@yamada.example", "submitted"))
assert code == (452 if full else 250), (code, said)
done = mail.post(case, fields)
assert done.status == (503 if full else 303), (done.status, done.body)
assert not full or "承認して送信しました" not in done.body
"#,
            if full { "True" } else { "False" }
        )
    };
    let fault = format!("FAULT = {:?}\n", shim.order().display().to_string());
    house.keep(&(fault.clone() + &program(true)));
    let waits = house.good(&["held", "list"]);
    assert_eq!(waits.lines().count(), 1, "the one is not approved, the other not there: {waits}");
    shim.well();
    assert!(house.runs(), "{}", house.log());
    house.keep(&(fault + &program(false)));
    assert_eq!(house.good(&["held", "list"]).lines().count(), 1, "what was submitted at last waits");
    assert_eq!(house.good(&["queue", "list", "--all", "--json"]).lines().count(), 1, "and one mail leaves");
    let rows = house.keep(
        r#"
db = sqlite3.connect(DATA + "/mail.db")
print([row[0] for row in db.execute("SELECT event FROM audit WHERE event LIKE 'parcel.approved%'")], db.execute("SELECT count(*) FROM submission").fetchone())
"#,
    );
    assert_eq!(rows.trim(), "['parcel.approved'] (2,)");
    assert!(house.good(&["verify"]).contains("All is well."));
}

/// A small disk of its own under a house's data folder, and something that fills it.
struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// `None` where mounting is not allowed; `tests/run` says so.
    fn under(house: &House) -> Option<Self> {
        let (folder, image) = (house.data(), house.dir.path().join("image"));
        std::fs::create_dir(&folder).unwrap();
        File::create(&image).unwrap().set_len(1_400 << 20).unwrap();
        let run = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
        let made = run(Command::new("mkfs.ext4").args(["-q", "-m", "0", "-F"]).arg(&image));
        let mounted = made && run(Command::new("mount").args(["-o", "loop"]).args([&image, &folder]));
        mounted.then_some(Self { folder })
    }
    /// Takes all that is free.
    fn fill(&self) {
        let output = Command::new("stat").args(["-f", "-c", "%a %S"]).arg(&self.folder).output().unwrap();
        let words = text(&output.stdout);
        let (blocks, size) = words.trim().split_once(' ').unwrap();
        let mut free: u64 = blocks.parse::<u64>().unwrap() * size.parse::<u64>().unwrap();
        let fill = self.folder.join("fill");
        while !Command::new("fallocate").args(["-l", &free.to_string()]).arg(&fill).output().unwrap().status.success() {
            free -= 1 << 20;
        }
        // what is left, byte by byte
        let mut rest = File::create(self.folder.join("fill.rest")).unwrap();
        while rest.write_all(&[1; 4096]).is_ok() {}
    }
    fn empty(&self) {
        for name in ["fill", "fill.rest"] {
            std::fs::remove_file(self.folder.join(name)).unwrap();
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.folder).output();
    }
}

#[test]
fn on_a_full_disk_mail_waits_and_reading_and_expunging_go_on() {
    let mut house = House::empty();
    let Some(disk) = SmallDisk::under(&house) else { return };
    house.serve();
    house.add_taro();
    let ballast = house.data().join("ballast");
    wait("the ballast is there", || std::fs::metadata(&ballast).is_ok_and(|meta| meta.len() > 0));
    let first = send_until_refused(&house, "a", || disk.fill());
    assert!(first.refused.len() == 3 && first.refused.iter().all(|answer| answer.starts_with("452")), "{first:?}");
    assert!(send(&house, "full").starts_with("452"));
    wait("the ballast is given up", || !ballast.exists());
    let mut imap = Imap::connect(house.imap, TARO, PASSWORD).unwrap();
    imap.good("SELECT INBOX").unwrap();
    let gone = first.accepted[0].clone();
    let uid = mails(&house).unwrap()[&gone];
    imap.good(&format!("UID STORE {uid} +FLAGS (\\Deleted)")).unwrap();
    imap.good("EXPUNGE").unwrap();
    disk.empty();
    wait("mail comes in again", || send(&house, "after").starts_with("250"));
    wait("the ballast is there again", || ballast.exists());
    assert!(house.runs());
    all_there(&house, &[&first.accepted[1..], &["after".to_owned()]].concat());
    assert!(!mails(&house).unwrap().contains_key(&gone));
    house.stop();
}
