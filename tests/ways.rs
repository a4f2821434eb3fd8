//! Ways in and out through the front doors: who gets what comes in, under which protection and in which form, what is
//! seen in it, and what hands can do to the queue.

use std::fmt::Write as _;

use crate::house::{Demo, House, PASSWORD, text};

/// Memory for whole mails in the test of large ones: room for one of 45 MB at a time.
const MEMORY_MIB: u64 = 50;
/// So much more memory may six mails of 45 MB (258 MiB) need while they are appended at once: what is set aside for
/// whole mails, and for each session its buffers, the compressor's, and what the allocator keeps of them.
const APPEND_MIB: u64 = MEMORY_MIB + 6 * 24;

#[test]
fn mail_reaches_aliases_groups_and_detail_addresses_once_and_unchanged() {
    let house = House::start();
    house.good_with(&["user", "add", "hanako@aoba.example", "--name", "花子", "--password-stdin"], PASSWORD);
    house.good(&["alias", "add", "info@aoba.example", "--user", "hanako@aoba.example"]);
    let group = ["group", "add", "all", "--tenant", "aoba", "--address", "all@aoba.example"];
    house.good(&[&group[..], &["--member", "hanako@aoba.example", "--member", "taro@aoba.example"]].concat());
    house.python(
        r#"
import imaplib, smtplib, socket
# 8BITMIME: raw Shift_JIS; CHUNKING: two pieces, a bare LF in them; SMTPUTF8: a sender who is not ASCII
eight_bit = "Subject: 8bit\r\nContent-Type: text/plain; charset=Shift_JIS\r\n\r\n表示\r\n.dot\r\n".encode("shift_jis")
smtp = smtplib.SMTP("127.0.0.1", SMTP)
smtp.ehlo("client.b.example")
smtp.sendmail("x@b.example", ["info@aoba.example", "all@aoba.example", "taro+list@aoba.example"], eight_bit, ["BODY=8BITMIME"])
smtp.command_encoding = "utf-8"
assert smtp.docmd("MAIL FROM:<太郎@b.example>")[0] == 553
assert smtp.docmd("MAIL FROM:<太郎@b.example> SMTPUTF8")[0] == 250
smtp.rset()
chunks = [b"Subject: chunks\r\n\r\nfirst", b" and second\r\n"]
assert smtp.mail("x@b.example")[0] == 250 and smtp.rcpt("hanako@aoba.example")[0] == 250
for piece, last in ((chunks[0], ""), (chunks[1], " LAST")):
    smtp.send(b"BDAT %d%s\r\n" % (len(piece), last.encode()) + piece)
    assert smtp.getreply()[0] == 250
loop = "Delivered-To: hanako@aoba.example\r\nSubject: loop\r\n\r\nx\r\n"
try:
    smtp.sendmail("x@b.example", ["hanako@aoba.example"], loop)
    raise SystemExit("a loop was taken")
except smtplib.SMTPResponseException as refused:
    assert (refused.smtp_code, refused.smtp_error[:5]) == (554, b"5.4.6"), refused
def bodies(name):
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login(name + "@aoba.example", PASSWORD)
    imap.select("INBOX")
    return [part[1] for part in imap.fetch("1:*", "(BODY.PEEK[])")[1] if isinstance(part, tuple)]
hanako, taro = bodies("hanako"), bodies("taro")
assert len(hanako) == 2 and len(taro) == 1, (len(hanako), len(taro))
assert hanako[0].endswith(eight_bit) and taro[0].endswith(eight_bit)
assert hanako[1].endswith(b"".join(chunks)), hanako[1]
"#,
    );
}

#[test]
fn a_mail_larger_than_a_quota_is_refused_for_that_recipient_at_rcpt() {
    let house = House::start();
    house.good_with(&["user", "add", "hanako@aoba.example", "--name", "花子", "--password-stdin"], PASSWORD);
    house.good(&["user", "set", "taro@aoba.example", "--quota", "1"]);
    house.python(
        r#"
import smtplib
smtp = smtplib.SMTP("127.0.0.1", SMTP)
smtp.ehlo("client.b.example")
assert smtp.mail("x@b.example", ["SIZE=2000000"])[0] == 250
assert smtp.rcpt("hanako@aoba.example")[0] == 250
code, said = smtp.rcpt("taro@aoba.example")
assert (code, said[:5]) == (552, b"5.2.2"), said
assert smtp.data("Subject: x\r\n\r\nhello\r\n")[0] == 250
"#,
    );
}

#[test]
fn every_door_speaks_tls_and_port_25_signs_nobody_in() {
    let demo = Demo::start();
    demo.python(
        r#"
import ssl
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
mail = "From: sato@aoba.example\r\nSubject: tls\r\n\r\nx\r\n"
smtp = smtplib.SMTP("127.0.0.1", demo["smtp"])
smtp.ehlo("client.b.example")
assert smtp.has_extn("starttls") and not smtp.has_extn("auth"), smtp.esmtp_features
assert smtp.starttls(context=context)[0] == 220
smtp.ehlo("client.b.example")
assert not smtp.has_extn("starttls") and not smtp.has_extn("auth")
smtp.sendmail("x@b.example", ["ito@aoba.example"], mail)
subject, got = inbox("ito")[-1]
assert subject == "tls" and "ESMTPS" in got["Received"] and "TLS1.3" in got["Received"], got["Received"]
submission = smtplib.SMTP("127.0.0.1", demo["submission"])
assert submission.docmd("MAIL FROM:<sato@aoba.example>")[0] in (503, 530)
submission.starttls(context=context)
submission.ehlo()
assert set(submission.esmtp_features["auth"].split()) == {"PLAIN", "LOGIN"}
submission.login("sato@aoba.example", password("sato"))
submission.sendmail("sato@aoba.example", ["ito@aoba.example"], mail)
tls = smtplib.SMTP_SSL("127.0.0.1", demo["submissions"], context=context)
tls.user, tls.password = "sato@aoba.example", password("sato")
tls.ehlo()
assert tls.auth("LOGIN", tls.auth_login)[0] == 235
tls.sendmail("sato@aoba.example", ["ito@aoba.example"], mail)
assert [s for s, _ in inbox("ito")][-3:] == ["tls"] * 3
"#,
    );
}

/// Mails that hold one number each (the published test number of shared/mynumber.md), by where it stands.
const FORMS: &str = r#"
import base64
from email.header import Header
NUMBER, SPACED, WORD = "123456789018", "1234 5678 9018", "マイナンバー"
head = "From: sato@aoba.example\r\nTo: yamada@yamada.example\r\n"
def b64(text, charset):
    return base64.b64encode(text.encode(charset)).decode()
def plain(subject, body, charset="utf-8", declared=True, extra=""):
    kind = "Content-Type: text/plain; charset=%s\r\n" % charset if declared else ""
    return (head + extra + "Subject: " + subject + "\r\nMIME-Version: 1.0\r\n" + kind + "\r\n").encode() + body
def attached(name, content, kind="text/csv"):
    return (head + "Subject: file\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n\r\nご確認ください。\r\n--b\r\nContent-Type: %s; name=\"%s\"\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n" % (kind, name)).encode() + base64.b64encode(content) + b"\r\n--b--\r\n"
words = "%s: %s" % (WORD, SPACED)
html = ("<html><body><p>%s</p><p><b>1234</b><span>5678</span>9018</p></body></html>" % WORD).encode()
jis = words.encode("iso-2022-jp")
half = words.encode("shift_jis")
forms = {
    "subject": plain("=?ISO-2022-JP?B?%s?=" % b64(words, "iso-2022-jp"), b"x\r\n"),
    "subject split over encoded words": plain("=?UTF-8?B?%s?=\r\n =?UTF-8?B?%s?=" % (b64(WORD + ":123456", "utf-8"), b64("789018", "utf-8")), b"x\r\n"),
    "subject raw Shift_JIS": (head + "Subject: ").encode() + half + b"\r\n\r\nx\r\n",
    "header:to": plain("x", b"x\r\n").replace(b"To: yamada@yamada.example", b"To: =?UTF-8?B?%s?= <yamada@yamada.example>" % b64(words, "utf-8").encode()),
    "body undeclared ISO-2022-JP": plain("x", jis + b"\r\n", declared=False),
    "body undeclared Shift_JIS": plain("x", half + b"\r\n", declared=False),
    "body cp932": plain("x", (WORD + "① " + SPACED).encode("cp932") + b"\r\n", "cp932"),
    "body iso-2022-jp-ms": plain("x", jis + b"\r\n", "iso-2022-jp-ms"),
    "html": plain("x", html + b"\r\n").replace(b"text/plain", b"text/html"),
    "attachment": attached("list.csv", ("氏名,個人番号\r\n佐藤,%s\r\n" % NUMBER).encode("cp932")),
    "attachment text": attached("memo.txt", words.encode("utf-16"), "text/plain"),
    "attachment-name": attached("=?UTF-8?B?%s?=" % b64(WORD + NUMBER + ".csv", "utf-8"), b"a,b\r\n"),
}
"#;

#[test]
fn a_number_is_seen_wherever_and_however_it_is_written_and_holds_the_mail() {
    let demo = Demo::start();
    let files = demo.dir.path().join("forms");
    std::fs::create_dir(&files).unwrap();
    let said = demo.python(&format!(
        r#"{FORMS}
import os
folder = {:?}
for number, (name, mail) in enumerate(forms.items()):
    path = os.path.join(folder, "%02d.eml" % number)
    open(path, "wb").write(mail)
    line, = [json.loads(line) for line in sekisho("inspect", "--json", path).splitlines()]
    found = [(one["kind"], one["where"]) for one in line["findings"] if one["level"] in ("certain", "likely")]
    assert ("my_number", name.split(" ")[0]) in found and line["verdict"] == "hold", (name, line)
    code, answer = send("sato", mail, ["yamada@yamada.example"])
    assert code == 250 and answer.startswith("2.0.0 held for approval"), (name, answer)
    print(answer)
for subject, notice in inbox("sato") + inbox("suzuki"):
    said = subject + (text(notice) if not notice.is_multipart() else "")
    assert NUMBER not in said and SPACED not in said, said
"#,
        files.display().to_string()
    ));
    assert_eq!(said.lines().count(), 12);
    assert!(demo.outside(0).is_empty());
}

#[test]
fn what_cannot_be_inspected_is_held_where_words_speak_of_numbers_and_programs_are_refused() {
    let demo = Demo::start();
    demo.python(&format!(
        r#"{FORMS}
archive = b"PK\x03\x04" + b"\x14\x00\x01\x00\x08\x00" + bytes(40)
sealed = attached("data.zip", archive, "application/zip")
code, said = send("sato", sealed, ["yamada@yamada.example"])
assert code == 250 and said.startswith("2.0.0 held until you confirm it"), said
code, said = send("sato", sealed.replace("ご確認ください".encode(), "マイナンバーの件".encode()), ["yamada@yamada.example"])
assert code == 250 and said.startswith("2.0.0 held for approval"), said
code, said = send("sato", attached("tool.exe", b"MZ" + bytes(200), "application/octet-stream"), ["yamada@yamada.example"])
assert code == 550 and said.startswith("5.7.1 Not sent (rule EXE)."), said
"#
    ));
    assert!(demo.good(&["held", "list"]).contains("NI-MN"));
}

#[test]
fn a_repeat_after_a_lost_answer_is_one_mail() {
    let demo = Demo::start();
    let said = demo.python(
        r#"
import os, sqlite3
mail = "From: sato@aoba.example\r\nTo: yamada@yamada.example\r\nSubject: once\r\nMessage-ID: <once@aoba.example>\r\n\r\nhello\r\n"
smtp = smtplib.SMTP("127.0.0.1", demo["submission"])
smtp.login("sato@aoba.example", password("sato"))
assert smtp.mail("sato@aoba.example")[0] == 250 and smtp.rcpt("yamada@yamada.example")[0] == 250
assert smtp.docmd("DATA")[0] == 354
# the client dies between the last dot and the answer
smtp.send(mail + ".\r\n")
smtp.close()
db = sqlite3.connect(os.path.dirname(demo["config"]) + "/data/mail.db")
end = time.monotonic() + 20
while db.execute("SELECT count(*) FROM submission WHERE unanswered_until > 0").fetchone() == (0,):
    assert time.monotonic() < end, "nobody noticed that the answer was lost"
    time.sleep(0.02)
code, said = send("sato", mail, ["yamada@yamada.example"])
assert code == 250, said
print(sekisho("queue", "list", "--all", "--json"))
"#,
    );
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert_eq!(demo.outside(1).len(), 1);
}

#[test]
fn hands_list_stop_try_let_go_and_take_out_what_waits_and_a_kill_loses_nothing() {
    let mut house = House::empty();
    let mut config = std::fs::read_to_string(house.config()).unwrap();
    // nobody listens there
    write!(config, "[[route]]\ndomain = \"*\"\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\n").unwrap();
    std::fs::write(house.config(), config).unwrap();
    house.serve();
    let add = ["user", "add", "taro@aoba.example", "--name", "太郎", "--role", "operator", "--tenant", "aoba"];
    house.good_with(&[&add[..], &["--password-stdin"]].concat(), PASSWORD);
    let group = ["group", "add", "team", "--tenant", "aoba", "--address", "team@aoba.example"];
    house.good(&[&group[..], &["--member", "a@one.example", "--member", "b@two.example"]].concat());
    house.python(
        r#"
import smtplib
smtp = smtplib.SMTP("127.0.0.1", SMTP)
smtp.sendmail("x@b.example", ["team@aoba.example"], "Subject: forward\r\n\r\nhello\r\n")
"#,
    );
    let rows = |house: &House, args: &[&str]| -> Vec<serde_json::Value> {
        let said = house.good(&[&["queue", "list", "--json"], args].concat());
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let until = |house: &House, what: &dyn Fn(&[serde_json::Value]) -> bool| {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
        loop {
            let found = rows(house, &[]);
            if what(&found) {
                return found;
            }
            assert!(std::time::Instant::now() < end, "{found:?}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    };
    let tried = until(&house, &|rows| rows.len() == 2 && rows.iter().all(|row| row["attempts"] == 1));
    assert!(tried.iter().all(|row| row["state"] == "waiting" && row["answer"] != ""), "{tried:?}");
    house.kill();
    house.serve();
    let kept = rows(&house, &["--domain", "one.example"]);
    assert_eq!((kept.len(), kept[0]["to"].as_str()), (1, Some("a@one.example")));
    let id = kept[0]["id"].to_string();
    assert_eq!(house.good(&["queue", "hold", &id]).trim(), "1 rows");
    assert_eq!(house.good(&["queue", "retry", &id]).trim(), "0 rows", "what is held is not tried");
    assert_eq!(house.good(&["queue", "retry", "--domain", "two.example"]).trim(), "1 rows");
    let state = |rows: &[serde_json::Value], to: &str| {
        let row = rows.iter().find(|row| row["to"] == to).unwrap();
        (row["state"].as_str().unwrap().to_owned(), row["attempts"].as_u64().unwrap())
    };
    let after = until(&house, &|rows| state(rows, "b@two.example").1 == 2);
    assert_eq!(state(&after, "a@one.example"), ("held".into(), 1));
    assert_eq!(house.good(&["queue", "release", &id]).trim(), "1 rows");
    until(&house, &|rows| state(rows, "a@one.example") == ("waiting".into(), 2));
    assert_eq!(house.good(&["queue", "delete", "--domain", "one.example"]).trim(), "1 rows");
    assert_eq!(rows(&house, &[]).len(), 1);
    assert_eq!(state(&rows(&house, &["--all"]), "a@one.example").0, "deleted");
    let nothing = house.run(&["queue", "delete"]);
    assert!(text(&nothing.stderr).contains("say which"), "{}", text(&nothing.stderr));
    assert!(house.good(&["verify"]).contains("All is well."));
}

#[test]
fn large_appends_at_once_keep_the_servers_memory_within_bounds() {
    let house = House::start_with(&format!("[limits]\nmemory = {}\n", MEMORY_MIB << 20));
    let before = house.memory("VmHWM");
    house.python(
        r#"
import imaplib, threading
mail = b"Subject: large\r\nContent-Type: application/octet-stream\r\n\r\n" + b"x" * 70 + b"\r\n"
mail += (bytes(range(32, 96)) + b"\r\n") * (45_000_000 // 66)
placed = []
def append():
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login("taro@aoba.example", PASSWORD)
    placed.append(imap.append("Archive", None, None, mail)[0])
threads = [threading.Thread(target=append) for _ in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert placed == ["OK"] * 6, placed
"#,
    );
    let after = house.memory("VmHWM");
    println!("peak memory: {before} MiB before, {after} MiB after six mails of 45 MB at once");
    assert!(after < before + APPEND_MIB, "{before} MiB before, {after} MiB after");
}
