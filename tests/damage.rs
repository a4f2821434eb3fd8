//! What was damaged on the disk is named, and the rest is served; what can be counted again is.

use std::fs::File;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::house::{House, PASSWORD, text};
use crate::images::{TARO, mail};
use crate::talk::{Imap, Smtp};

/// A stopped house with these mails in taro's INBOX.
fn with_mails(names: &[&str]) -> House {
    let mut house = House::start();
    let mut smtp = Smtp::connect(house.smtp).unwrap();
    for name in names {
        assert!(smtp.send("x@b.example", &[TARO], &mail(name)).unwrap().starts_with("250"));
    }
    drop(smtp);
    house.stop();
    house
}

/// Runs statements on a database of the house; what a query gives.
fn sql(house: &House, file: &str, sql: &str) -> String {
    let program = format!(
        "import sqlite3\ndb = sqlite3.connect('{}/{file}', isolation_level=None)\nfor row in db.execute({sql:?}): print(*row)",
        house.data().display()
    );
    let output = Command::new("python3").arg("-c").arg(program).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_damaged_segment_is_named_and_the_rest_is_served() {
    let mut house = with_mails(&["large-1", "large-2", "large-3"]);
    let row = sql(&house, "mail.db", "SELECT file, offset, stored FROM record ORDER BY id LIMIT 1 OFFSET 1");
    let [file, offset, stored] = row.trim().split(' ').map(|n| n.parse().unwrap()).collect::<Vec<u64>>()[..] else {
        panic!("{row}")
    };
    let name = format!("blobs/{file:010}.seg");
    let segment = File::options().read(true).write(true).open(house.data().join(&name)).unwrap();
    let (at, mut byte) = (offset + stored / 2, [0]);
    segment.read_exact_at(&mut byte, at).unwrap();
    segment.write_all_at(&[byte[0] ^ 1], at).unwrap();
    house.serve();
    let mut imap = Imap::connect(house.imap, TARO, PASSWORD).unwrap();
    imap.good("SELECT INBOX").unwrap();
    for (uid, name) in [(1, "large-1"), (3, "large-3")] {
        assert!(imap.fetch(&uid.to_string(), "BODY.PEEK[]").unwrap()[0].bytes.ends_with(&mail(name)));
    }
    let said = imap.run("UID FETCH 1:* (BODY.PEEK[])", &[]).unwrap();
    assert!(said.end.starts_with("NO [SERVERBUG]") && said.lines.len() == 2, "{}", said.end);
    assert!(imap.good("STATUS INBOX (MESSAGES)").unwrap().lines[0].0.contains("MESSAGES 3"), "it is not dropped");
    let log = house.log();
    assert!(log.contains(&format!("segment {file}, record at {offset}")), "{log}");
    for args in [&["verify"][..], &["verify", "--repair"]] {
        let output = house.run(args);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1));
        assert!(said.contains(&format!("{name} offset {offset}")) && !said.contains("repaired"), "{said}");
        assert!(text(&output.stderr).contains("1 things are damaged"), "{}", text(&output.stderr));
    }
}

#[test]
fn a_start_after_a_crash_names_a_damaged_record() {
    let mut house = with_mails(&["large-1"]);
    house.serve();
    house.kill();
    let row = sql(&house, "mail.db", "SELECT file, offset FROM record ORDER BY id LIMIT 1");
    let [file, offset] = row.trim().split(' ').map(|n| n.parse().unwrap()).collect::<Vec<u64>>()[..] else {
        panic!("{row}")
    };
    let segment = File::options().write(true).open(house.data().join(format!("blobs/{file:010}.seg"))).unwrap();
    segment.write_all_at(&[0; 64], offset + 40).unwrap();
    house.serve();
    let log = house.log();
    assert!(
        log.contains("a record is damaged") && log.contains(&format!("segment {file}, record at {offset}")),
        "{log}"
    );
}

#[test]
fn wrong_counters_are_named_and_counted_again() {
    let mut house = with_mails(&["a", "b"]);
    sql(&house, "mail.db", "UPDATE mailbox SET messages = 9, unseen = 0 WHERE uid_next > 1");
    let output = house.run(&["verify"]);
    let said = text(&output.stdout);
    assert!(output.status.code() == Some(1) && said.contains("the counter of messages says 9, a recount 2"), "{said}");
    house.serve();
    let said = house.good(&["verify", "--repair"]);
    assert!(said.contains("a recount 2 (repaired)") && said.contains("All is well."), "{said}");
    assert!(house.good(&["verify"]).contains("All is well."));
    let mut imap = Imap::connect(house.imap, TARO, PASSWORD).unwrap();
    let status = imap.good("STATUS INBOX (MESSAGES UNSEEN)").unwrap();
    assert!(status.lines[0].0.contains("MESSAGES 2 UNSEEN 2"), "{}", status.lines[0].0);
}

#[test]
fn a_broken_chain_of_hashes_is_named() {
    let house = with_mails(&["a", "b", "c"]);
    assert!(house.good(&["verify"]).contains("3 journal entries read"));
    sql(&house, "mail.db", "UPDATE journal SET envelope = replace(envelope, 'taro', 'jiro') WHERE seq = 2");
    let output = house.run(&["verify"]);
    let said = text(&output.stdout);
    assert!(output.status.code() == Some(1) && said.contains("entry 2: the chain of hashes is broken"), "{said}");
}

/// Mail that comes in, goes out or stays inside: each has its entry from the moment it is accepted.
#[test]
fn every_mail_has_one_entry_in_the_journal() {
    let mut house = House::start();
    assert!(Smtp::connect(house.smtp).unwrap().send("x@b.example", &[TARO], &mail("in")).unwrap().starts_with("250"));
    let mut smtp = Smtp::connect(house.submission).unwrap();
    assert!(smtp.sign_in(TARO, PASSWORD).unwrap().starts_with("235"));
    for (name, to) in [("inside", TARO), ("out", "x@b.example")] {
        let mail = [format!("From: {TARO}\r\n").into_bytes(), mail(name)].concat();
        assert!(smtp.send(TARO, &[to], &mail).unwrap().starts_with("250"), "{name}");
    }
    house.kill();
    let found = sql(&house, "mail.db", "SELECT direction, count(*) FROM journal GROUP BY direction ORDER BY direction");
    assert_eq!(found, "in 1\ninside 1\nout 1\n");
    assert!(house.good(&["verify"]).contains("3 journal entries read"));
}

#[test]
fn an_unreadable_data_folder_is_named() {
    let house = House::empty();
    std::fs::create_dir(house.data()).unwrap();
    std::fs::set_permissions(house.dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::set_permissions(house.data(), std::fs::Permissions::from_mode(0o000)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sekisho"));
    command.arg("--config").arg(house.config()).arg("serve");
    if text(&Command::new("id").arg("-u").output().unwrap().stdout).trim() == "0" {
        // no folder is closed to root: the server runs as nobody, from where nobody can read it
        let binary = house.dir.path().join("sekisho");
        std::fs::copy(env!("CARGO_BIN_EXE_sekisho"), &binary).unwrap();
        command = Command::new(binary);
        command.arg("--config").arg(house.config()).arg("serve").uid(65_534).gid(65_534);
    }
    let output = command.output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(house.data().to_str().unwrap()) && said.contains("denied"), "{said}");
    std::fs::set_permissions(house.data(), std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_data_folder_that_is_a_file_is_named() {
    let house = House::empty();
    std::fs::write(house.data(), "a file").unwrap();
    let said = house.wrong(&["serve"]);
    assert!(said.contains(house.data().to_str().unwrap()), "{said}");
}
