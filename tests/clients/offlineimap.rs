//! offlineimap3: a Maildir and the server are the same after each run, and a run without news does nothing.

use std::process::Command;

use crate::house::{House, PASSWORD, text};

/// Runs offlineimap once; what it said.
fn sync(house: &House) -> String {
    let dir = house.dir.path().display();
    let rc = format!(
        "[general]\naccounts = A\nmetadata = {dir}/meta\nui = basic\nsocktimeout = 30\n\
         [Account A]\nlocalrepository = L\nremoterepository = R\n\
         [Repository L]\ntype = Maildir\nlocalfolders = {dir}/mail\n\
         [Repository R]\ntype = IMAP\nremotehost = 127.0.0.1\nremoteport = {}\nremoteuser = taro@aoba.example\n\
         remotepass = {PASSWORD}\nssl = no\nstarttls = no\n",
        house.imap
    );
    let path = house.dir.path().join("offlineimaprc");
    std::fs::write(&path, rc).unwrap();
    let output = Command::new("timeout").args(["90", "offlineimap", "-o", "-c"]).arg(&path).output().unwrap();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success(), "{said}");
    said
}

/// The subjects in a Maildir, sorted, those of seen mails with `S`.
const LOCAL: &str = r#"
import imaplib, mailbox, re
def local(folder):
    return sorted(mail["Subject"] + (" S" if "S" in mail.get_flags() else "") for mail in mailbox.Maildir(f"{DIR}/mail/{folder}", create=False))
def server():
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login("taro@aoba.example", PASSWORD)
    imap.select("INBOX")
    return imap
"#;

#[test]
fn offlineimap_carries_mail_flags_and_expunges_both_ways_and_then_rests() {
    let house = House::start();
    let python = |program: &str| {
        house.python(&format!("DIR=\"{}\"\n{LOCAL}{program}", house.dir.path().display()));
    };
    python(
        r#"
imap = server()
for n in range(1, 4):
    imap.append("INBOX", None, None, f"Subject: mail {n}\r\nMessage-ID: <{n}@b>\r\n\r\nbody {n}\r\n".encode())
assert imap.create("&aEhO9g-")[0] == "OK"
imap.append("&aEhO9g-", "\\Seen", None, b"Subject: deep\r\n\r\nx\r\n")
"#,
    );
    sync(&house);
    python(
        r#"
assert local("INBOX") == ["mail 1", "mail 2", "mail 3"], local("INBOX")
assert local("&aEhO9g-") == ["deep S"]
inbox = mailbox.Maildir(f"{DIR}/mail/INBOX", create=False)
for key, mail in list(inbox.items()):
    if mail["Subject"] == "mail 1":
        inbox.remove(key)
inbox.add(mailbox.MaildirMessage("Subject: written here\nMessage-ID: <4@b>\n\nx\n"))
imap = server()
imap.store("2", "+FLAGS", "\\Seen")
imap.store("3", "+FLAGS", "\\Deleted")
imap.expunge()
"#,
    );
    sync(&house);
    python(
        r#"
assert local("INBOX") == ["mail 2 S", "written here"], local("INBOX")
imap = server()
heads = [part[1] for part in imap.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1] if isinstance(part, tuple)]
assert [head.strip() for head in heads] == [b"Subject: mail 2", b"Subject: written here"], heads
"#,
    );
    let said = sync(&house);
    for word in ["Copy message", "Deleting", "Adding flags", "Deleting flags"] {
        assert!(!said.contains(word), "{said}");
    }
}
