//! neomutt, driven by pushed keys on a terminal of its own: reads, replies through our submission, moves, expunges.

use std::process::Command;

use super::on_a_terminal;
use crate::house::{House, PASSWORD};

/// Lets neomutt open `folder` and press `keys`.
fn neomutt(house: &House, folder: &str, keys: &str) {
    let dir = house.dir.path();
    let rc = dir.join("muttrc");
    let text_of_rc = format!(
        r#"set my_pass="{PASSWORD}"
set imap_user=taro@aoba.example imap_pass=$my_pass smtp_pass=$my_pass imap_authenticators=login
set folder=imap://127.0.0.1:{imap}/ spoolfile=+INBOX record=+Sent postponed=+Drafts trash=""
set smtp_url=smtp://taro@aoba.example@127.0.0.1:{submission}/ smtp_authenticators=plain
set ssl_starttls=yes ssl_force_tls=no ssl_verify_host=no certificate_file={data}/tls/self-signed.pem
set from=taro@aoba.example realname="Taro" use_envelope_from=yes hostname=aoba.example
set editor="{dir}/editor" autoedit fast_reply delete=yes move=no confirmappend=no confirmcreate=no
set quit=yes wait_key=no mail_check=0 beep=no sleep_time=0 include=yes abort_nosubject=no abort_unmodified=no
set header_cache="" tmpdir={dir} sort=date timeout=1 pager_stop
"#,
        imap = house.imap,
        submission = house.submission,
        data = house.data().display(),
        dir = dir.display(),
    );
    std::fs::write(&rc, text_of_rc).unwrap();
    let editor = dir.join("editor");
    std::fs::write(&editor, "#!/bin/sh\nprintf 'An answer in words.\\n' >> \"$1\"\n").unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&editor).status().unwrap().success());
    let push = format!("push \"{keys}<quit>\"");
    on_a_terminal(&["neomutt", "-n", "-F", rc.to_str().unwrap(), "-f", &format!("={folder}"), "-e", &push]);
}

#[test]
fn neomutt_reads_replies_moves_and_expunges() {
    let house = House::start();
    house.good_with(&["user", "add", "hanako@aoba.example", "--name", "花子", "--password-stdin"], PASSWORD);
    house.python(
        r#"
import smtplib
smtp = smtplib.SMTP("127.0.0.1", SMTP)
for number in range(1, 5):
    smtp.sendmail("hanako@aoba.example", ["taro@aoba.example"],
        f"From: hanako@aoba.example\r\nTo: taro@aoba.example\r\nSubject: mail {number}\r\nMessage-ID: <{number}@aoba.example>\r\n"
        f"Date: Mon, 0{number} Jun 2026 10:00:00 +0900\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + "\x1b$B%F%9%H\x1b(B\r\n")
"#,
    );
    neomutt(&house, "INBOX", "<first-entry><display-message><exit>2<enter><reply><send-message>");
    neomutt(&house, "INBOX", "3<enter><save-message>=Archive<enter><sync-mailbox>");
    neomutt(&house, "INBOX", "<last-entry><delete-message><sync-mailbox>");
    house.python(
        r#"
import email, imaplib
def open_(name, folder):
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login(name + "@aoba.example", PASSWORD)
    count = int(imap.select(folder)[1][0])
    parts = imap.fetch("1:*", "(FLAGS BODY.PEEK[])")[1] if count else []
    return [(email.message_from_bytes(part[1]), part[0].decode()) for part in parts if isinstance(part, tuple)]
inbox = open_("taro", "INBOX")
assert [mail["Subject"] for mail, _ in inbox] == ["mail 1", "mail 2"], inbox
assert "\\Seen" in inbox[0][1] and "\\Answered" not in inbox[0][1], inbox[0][1]
assert "\\Answered" in inbox[1][1], inbox[1][1]
assert [mail["Subject"] for mail, _ in open_("taro", "Archive")] == ["mail 3"]
(reply, flags), = open_("hanako", "INBOX")
assert reply["Subject"] == "Re: mail 2" and reply["In-Reply-To"] == "<2@aoba.example>", reply
text = reply.get_payload(decode=True).decode(reply.get_content_charset())
assert "An answer in words." in text and "テスト" in text, text
(sent, flags), = open_("taro", "Sent")
assert sent["Message-ID"] == reply["Message-ID"] and "\\Seen" in flags, flags
"#,
    );
    assert!(house.good(&["verify"]).contains("All is well."));
}
