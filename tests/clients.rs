//! Real clients: Python's smtplib and imaplib here, one file for each other program.

mod curl;
mod libraries;
mod mbsync;
mod neomutt;
mod offlineimap;
mod pop3;
mod swaks;

use std::process::Command;

use crate::house::{House, PASSWORD, text};

/// Gives a program a terminal, as some want one, and ends it after two minutes.
const TERMINAL: &str = r#"
import os, pty, select, signal, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execvp(sys.argv[1], sys.argv[1:])
seen, until = b"", time.time() + 120
while time.time() < until:
    if select.select([fd], [], [], 1)[0]:
        try:
            some = os.read(fd, 65536)
        except OSError:
            break
        if not some:
            break
        seen += some
else:
    os.kill(pid, signal.SIGKILL)
print(seen.decode(errors="replace"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255)
"#;

/// Runs a program on a terminal; what it showed.
fn on_a_terminal(program: &[&str]) -> String {
    let output = Command::new("python3").arg("-c").arg(TERMINAL).args(program).output().unwrap();
    let (shown, errors) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{program:?}: {shown}{errors}");
    shown
}

const SEND: &str = r#"
import smtplib, imaplib
mail = "From: x@b.example\r\nTo: taro@aoba.example\r\nSubject: =?UTF-8?B?44GT44KT?=\r\n\r\nhello\r\n"
smtp = smtplib.SMTP("127.0.0.1", SMTP)
smtp.ehlo("client.b.example")
for feature in ("pipelining", "8bitmime", "enhancedstatuscodes", "smtputf8", "chunking", "starttls"):
    assert smtp.has_extn(feature), feature
assert smtp.sendmail("x@b.example", ["taro@aoba.example"], mail) == {}
"#;

#[test]
fn a_mail_that_came_in_by_smtp_is_read_by_imap_unchanged() {
    let house = House::start();
    let read = r#"
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("taro@aoba.example", PASSWORD)
assert imap.select("INBOX")[1] == [b"1"]
data = imap.fetch("1", "(FLAGS RFC822.SIZE BODY.PEEK[])")[1][0]
body = data[1]
assert body.startswith(b"Return-Path: <x@b.example>\r\nDelivered-To: taro@aoba.example\r\nReceived: from"), body
assert body.endswith(mail.encode()), body
assert b"RFC822.SIZE %d" % len(body) in data[0], data[0]
"#;
    house.python(&format!("{SEND}{read}"));
    let report = house.good(&["verify"]);
    assert!(report.contains("1 messages") && report.contains("All is well."), "{report}");
}

#[test]
fn strangers_and_other_domains_are_refused_at_rcpt() {
    let house = House::start();
    house.python(
        r#"
import smtplib
smtp = smtplib.SMTP("127.0.0.1", SMTP)
smtp.ehlo()
smtp.mail("x@b.example")
assert smtp.rcpt("nobody@aoba.example") == (550, b"5.1.1 No such user here")
code, said = smtp.rcpt("someone@elsewhere.example")
assert code == 550 and said.startswith(b"5.7.1 Relaying denied"), said
assert smtp.rcpt("postmaster@aoba.example")[0] == 250
"#,
    );
}

#[test]
fn the_bytes_of_a_large_mail_come_back_and_curl_reads_them() {
    let house = House::start();
    house.python(
        r#"
import smtplib
smtp = smtplib.SMTP("127.0.0.1", SMTP)
line = "x" * 70 + "\r\n"
smtp.sendmail("x@b.example", ["taro@aoba.example"], "Subject: large\r\n\r\n" + line * 60000)
"#,
    );
    let url = format!("imap://127.0.0.1:{}/INBOX;MAILINDEX=1", house.imap);
    let output =
        Command::new("curl").args(["-sS", "-u", &format!("taro@aoba.example:{PASSWORD}"), &url]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(output.stdout.ends_with(format!("{}\r\n", "x".repeat(70)).as_bytes()));
    assert!(output.stdout.len() > 60_000 * 72);
}

#[test]
fn a_quota_stops_intake_with_a_temporary_refusal() {
    let house = House::start();
    house.good(&["user", "set", "taro@aoba.example", "--quota", "1"]);
    house.python(
        r#"
import smtplib
smtp = smtplib.SMTP("127.0.0.1", SMTP)
body = "Subject: x\r\n\r\n" + ("y" * 70 + "\r\n") * 8000
smtp.sendmail("x@b.example", ["taro@aoba.example"], body)
try:
    smtp.sendmail("x@b.example", ["taro@aoba.example"], body)
    raise SystemExit("was taken")
except smtplib.SMTPRecipientsRefused as refused:
    code, said = refused.recipients["taro@aoba.example"]
    assert (code, said[:5]) == (452, b"4.2.2"), said
"#,
    );
    // As many messages as are there already: no further one, however small; taken away, all is taken again.
    house.good(&["user", "set", "taro@aoba.example", "--quota", "none", "--quota-messages", "1"]);
    let try_one = |taken: bool| {
        house.python(&format!(
            r#"
import smtplib
smtp = smtplib.SMTP("127.0.0.1", SMTP)
try:
    smtp.sendmail("x@b.example", ["taro@aoba.example"], "Subject: small\r\n\r\nx\r\n")
    taken = True
except smtplib.SMTPRecipientsRefused as refused:
    assert refused.recipients["taro@aoba.example"][0] == 452, refused
    taken = False
assert taken == {}
"#,
            if taken { "True" } else { "False" }
        ));
    };
    try_one(false);
    house.good(&["user", "set", "taro@aoba.example", "--quota-messages", "none"]);
    try_one(true);
}

#[test]
fn renaming_inbox_moves_its_mail_and_leaves_inbox_empty() {
    let house = House::start();
    let rename = r#"
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("taro@aoba.example", PASSWORD)
assert imap.create("INBOX/below")[0] == "OK"
assert imap.rename("inbox", "old")[0] == "OK"
assert imap.status("old", "(MESSAGES UIDNEXT)")[1] == [b"old (MESSAGES 1 UIDNEXT 2)"]
assert imap.status("INBOX", "(MESSAGES)")[1] == [b"INBOX (MESSAGES 0)"]
assert any(line.endswith(b" INBOX/below") for line in imap.list()[1])
assert imap.rename("INBOX", "old")[0] == "NO"
"#;
    house.python(&format!("{SEND}{rename}"));
    assert!(house.good(&["verify"]).contains("All is well."));
}
