//! curl: IMAP and SMTP, in the clear and under TLS.

use std::process::Command;

use crate::house::{House, PASSWORD, text};

const MAIL: &str =
    "From: taro@aoba.example\r\nTo: hanako@aoba.example\r\nSubject: by curl\r\n\r\n.a dot begins this line\r\nlast\r\n";

/// Runs curl as taro; its standard output.
fn curl(args: &[&str]) -> String {
    let mut command = Command::new("curl");
    command.args(["-sSk", "--max-time", "30", "-u", &format!("taro@aoba.example:{PASSWORD}")]).args(args);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn curl_appends_lists_searches_and_reads_with_and_without_tls() {
    let house = House::start();
    let file = house.dir.path().join("mail.eml");
    std::fs::write(&file, MAIL).unwrap();
    let file = file.to_str().unwrap();
    let (plain, tls) = (format!("imap://127.0.0.1:{}", house.imap), format!("imaps://127.0.0.1:{}", house.imaps));
    curl(&["-T", file, &format!("{tls}/Drafts")]);
    curl(&["-T", file, "--ssl-reqd", &format!("{plain}/Drafts")]);
    assert!(curl(&[&format!("{plain}/")]).contains("* LIST (\\HasNoChildren \\Drafts) \"/\" Drafts"));
    assert_eq!(curl(&[&format!("{tls}/Drafts?SUBJECT%20curl")]).trim(), "* SEARCH 1 2");
    assert_eq!(curl(&[&format!("{tls}/Drafts;UID=2")]), MAIL);
    assert_eq!(curl(&[&format!("{plain}/Drafts;MAILINDEX=1;SECTION=TEXT")]), MAIL.split_once("\r\n\r\n").unwrap().1);
    assert!(curl(&["-X", "STORE 1 +FLAGS (\\Flagged)", &format!("{plain}/Drafts")]).contains("\\Flagged"));
    assert_eq!(curl(&["-X", "EXAMINE Drafts", &plain]).matches("2 EXISTS").count(), 1);
    let idle = curl(&["--login-options", "AUTH=PLAIN", "-X", "STATUS Drafts (MESSAGES)", &plain]);
    assert!(idle.contains("* STATUS Drafts (MESSAGES 2)"), "{idle}");
}

#[test]
fn curl_submits_over_both_doors_and_not_without_signing_in() {
    let house = House::start();
    house.good_with(&["user", "add", "hanako@aoba.example", "--name", "花子", "--password-stdin"], PASSWORD);
    let file = house.dir.path().join("mail.eml");
    std::fs::write(&file, MAIL).unwrap();
    let file = file.to_str().unwrap();
    let envelope = ["--mail-from", "taro@aoba.example", "--mail-rcpt", "hanako@aoba.example", "-T", file];
    let (starttls, tls) = (
        format!("smtp://127.0.0.1:{}/client", house.submission),
        format!("smtps://127.0.0.1:{}/client", house.submissions),
    );
    curl(&[&envelope[..], &["--ssl-reqd", &starttls]].concat());
    curl(&[&envelope[..], &["--login-options", "AUTH=LOGIN", &tls]].concat());
    let without = Command::new("curl").args(["-sSk", "--ssl-reqd"]).args(envelope).arg(&starttls).output().unwrap();
    assert!(!without.status.success() && text(&without.stderr).contains("530"), "{}", text(&without.stderr));
    house.python(&format!(
        r#"
import imaplib
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("hanako@aoba.example", PASSWORD)
assert imap.select("INBOX")[1] == [b"2"]
for number in "12":
    assert imap.fetch(number, "(BODY.PEEK[])")[1][0][1].endswith({MAIL:?}.encode())
"#
    ));
}
