//! Readers of POP3: curl, getmail, fetchmail. They leave mail on the server, know what they had, and take it away.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::house::{House, PASSWORD, text};

/// Delivers mails with these numbers to Taro.
fn deliver(house: &House, numbers: &[u32]) {
    house.python(&format!(
        r#"
import smtplib
smtp = smtplib.SMTP("127.0.0.1", SMTP)
for n in {numbers:?}:
    smtp.sendmail("x@b.example", ["taro@aoba.example"], f"Subject: mail {{n}}\r\nMessage-ID: <{{n}}@b.example>\r\n\r\n.dot\r\nlast {{n}}\r\n")
"#
    ));
}

/// How many messages lie in Taro's INBOX.
fn left(house: &House) -> usize {
    let program = "import imaplib\nimap = imaplib.IMAP4('127.0.0.1', IMAP)\nimap.login('taro@aoba.example', PASSWORD)\n\
                   print(int(imap.select('INBOX', readonly=True)[1][0]))";
    house.python(program).trim().parse().unwrap()
}

#[test]
fn curl_lists_reads_and_removes_with_and_without_tls() {
    let house = House::start();
    deliver(&house, &[1, 2]);
    let curl = |args: &[&str]| {
        let mut command = Command::new("curl");
        command.args(["-sSk", "--max-time", "30", "-u", &format!("taro@aoba.example:{PASSWORD}")]).args(args);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let (plain, tls) = (format!("pop3://127.0.0.1:{}", house.pop3), format!("pop3s://127.0.0.1:{}", house.pop3s));
    assert_eq!(curl(&[&plain]).lines().count(), 2);
    assert!(curl(&[&format!("{tls}/2")]).ends_with("\r\n\r\n.dot\r\nlast 2\r\n"));
    assert!(curl(&["--ssl-reqd", &format!("{plain}/1")]).ends_with("\r\n\r\n.dot\r\nlast 1\r\n"));
    assert_eq!(curl(&["-X", "UIDL", "--login-options", "AUTH=PLAIN", &tls]).lines().count(), 2);
    curl(&["-X", "DELE 1", "-I", &plain]);
    assert_eq!(left(&house), 1);
}

/// Writes a file that its owner alone may read, as both want it.
fn secret(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// How many of the delivered mails stand whole in a file.
fn got(file: &Path) -> usize {
    text(&std::fs::read(file).unwrap_or_default()).matches("\n\n.dot\nlast ").count()
}

#[test]
fn getmail_leaves_mail_fetches_what_is_new_and_takes_all_away() {
    let house = House::start();
    let dir = house.dir.path();
    for (retriever, port) in [("SimplePOP3SSLRetriever", house.pop3s), ("SimpleIMAPRetriever", house.imap)] {
        let (rc, file) = (dir.join(format!("{retriever}.rc")), dir.join(retriever));
        let rc_text = format!(
            "[retriever]\ntype = {retriever}\nserver = 127.0.0.1\nport = {port}\nusername = taro@aoba.example\n\
             password = {PASSWORD}\n[destination]\ntype = MDA_external\npath = /bin/sh\n\
             arguments = (\"-c\", \"cat >> {}\")\nallow_root_commands = true\n[options]\nread_all = false\n",
            file.display()
        );
        secret(&rc, &rc_text);
        let getmail = |more: &[&str]| {
            let mut command = Command::new("getmail");
            command.arg("--getmaildir").arg(dir).arg("--rcfile").arg(&rc).args(more);
            let output = command.output().unwrap();
            let told = text(&output.stdout) + &text(&output.stderr);
            assert!(output.status.success() && !told.contains("error"), "{told}");
            got(&file)
        };
        deliver(&house, &[1, 2]);
        assert_eq!((getmail(&[]), getmail(&[])), (2, 2), "{retriever}");
        deliver(&house, &[3]);
        assert_eq!((getmail(&[]), left(&house)), (3, 3), "{retriever}");
        getmail(&["--delete"]);
        assert_eq!(left(&house), 0, "{retriever}");
    }
}

#[test]
fn fetchmail_keeps_knows_what_it_had_and_takes_away() {
    let house = House::start();
    let dir = house.dir.path();
    for (protocol, port) in [("POP3", house.pop3), ("IMAP", house.imap)] {
        let file = dir.join(protocol);
        let fetchmail = |keep: &str| {
            let rc = dir.join("fetchmailrc");
            let uidl = if protocol == "POP3" { " uidl" } else { "" };
            let mda = format!("cat >> {}", file.display());
            let rc_text = format!(
                "poll 127.0.0.1 with proto {protocol} service {port}{uidl}\n user \"taro@aoba.example\" password \"{PASSWORD}\" \
                 sslproto \"auto\" no sslcertck {keep} mda \"{mda}\"\n"
            );
            secret(&rc, &rc_text);
            let mut command = Command::new("fetchmail");
            command.env("FETCHMAILHOME", dir).arg("-f").arg(&rc).args(["-N", "-d0", "--timeout", "30"]);
            let output = command.output().unwrap();
            // 1: nothing new
            let told = text(&output.stdout) + &text(&output.stderr);
            assert!(matches!(output.status.code(), Some(0 | 1)), "{protocol}: {told}");
            got(&file)
        };
        deliver(&house, &[1, 2]);
        assert_eq!((fetchmail("keep"), fetchmail("keep")), (2, 2), "{protocol}");
        deliver(&house, &[3]);
        assert_eq!((fetchmail("keep"), left(&house)), (3, 3), "{protocol}");
        deliver(&house, &[4]);
        assert_eq!(fetchmail("no keep"), 4, "{protocol}");
        fetchmail("no keep fetchall");
        assert_eq!(left(&house), 0, "{protocol}");
    }
}
