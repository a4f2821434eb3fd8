//! Shared mailboxes through the front door: people of one company and another, over a restart.

use crate::house::{House, PASSWORD};
use crate::talk::Imap;

const MAIL: &[u8] = b"Subject: shared\r\n\r\nx\r\n";

fn add(house: &House, arguments: &[&str]) {
    house.good_with(&[&["user", "add"], arguments, &["--password-stdin"]].concat(), PASSWORD);
}

fn sign_in(house: &House, address: &str) -> Imap {
    Imap::connect(house.imap, address, PASSWORD).unwrap()
}

/// The lines of a good answer.
fn lines(imap: &mut Imap, command: &str) -> Vec<String> {
    imap.good(command).unwrap().lines.into_iter().map(|(line, _)| line).collect()
}

/// The last line of an answer.
fn end(imap: &mut Imap, command: &str) -> String {
    imap.run(command, b"").unwrap().end
}

#[test]
fn a_mailbox_is_shared_within_the_company_until_it_is_no_longer() {
    let mut house = House::start();
    add(&house, &["hanako@aoba.example", "--name", "花子"]);
    add(&house, &["eve@other.example", "--name", "Eve", "--role", "operator", "--tenant", "other"]);
    let mut taro = sign_in(&house, "taro@aoba.example");
    for _ in 0..2 {
        taro.append("INBOX", "", MAIL).unwrap();
    }
    taro.good("SETACL INBOX hanako@aoba.example lrs").unwrap();
    taro.good("CREATE Shared/info").unwrap();
    taro.good("SETACL Shared/info anyone lrswite").unwrap();
    let there = "\"Other Users/taro@aoba.example/INBOX\"";
    let mut hanako = sign_in(&house, "hanako@aoba.example");
    hanako.good(&format!("SELECT {there}")).unwrap();
    hanako.good("STORE 1 +FLAGS (\\Seen)").unwrap();
    assert!(end(&mut hanako, "STORE 1 +FLAGS (\\Deleted)").starts_with("NO [NOPERM]"));
    hanako.append("Shared/info", "\\Seen", MAIL).unwrap();

    house.stop();
    house.serve();
    let mut taro = sign_in(&house, "taro@aoba.example");
    let mut hanako = sign_in(&house, "hanako@aoba.example");
    let mut eve = sign_in(&house, "eve@other.example");
    assert_eq!(lines(&mut hanako, &format!("STATUS {there} (UNSEEN)")), [format!("* STATUS {there} (UNSEEN 1)")]);
    assert_eq!(lines(&mut taro, "STATUS INBOX (UNSEEN)"), ["* STATUS INBOX (UNSEEN 2)"]);
    assert_eq!(lines(&mut hanako, "STATUS Shared/info (UNSEEN)"), ["* STATUS Shared/info (UNSEEN 0)"]);
    assert_eq!(lines(&mut taro, "STATUS Shared/info (UNSEEN)"), ["* STATUS Shared/info (UNSEEN 1)"]);
    assert_eq!(lines(&mut eve, "LIST \"\" *").len(), 6, "another company sees its own");
    assert!(end(&mut eve, &format!("SELECT {there}")).starts_with("NO [NONEXISTENT]"));

    hanako.good(&format!("SELECT {there}")).unwrap();
    taro.good("DELETEACL INBOX hanako@aoba.example").unwrap();
    assert!(hanako.good("NOOP").is_err(), "her session has ended");
    let mut hanako = sign_in(&house, "hanako@aoba.example");
    assert!(end(&mut hanako, &format!("SELECT {there}")).starts_with("NO [NONEXISTENT]"));
    assert_eq!(lines(&mut hanako, "LIST \"\" \"Other*\""), [] as [&str; 0]);
}
