//! Mail that goes out to a server that is not ours: aiosmtpd, by route and by MX, with its mishaps.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::house::{House, PASSWORD, text};

/// Where the MX of the outside world listens on port 25.
const MX_ADDRESS: &str = "127.53.0.2";

/// `outside.py`; it ends when this is dropped.
pub struct Outside {
    dir: tempfile::TempDir,
    server: Child,
    smtp: u16,
    dns: u16,
}

impl Outside {
    /// Starts it; with `mx` it takes mail on port 25 of [`MX_ADDRESS`] too, for which it must be root.
    pub fn start(mx: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let mut openssl = Command::new("openssl");
        openssl.args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=mx2.partner.example",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-addext",
            "subjectAltName=DNS:mx2.partner.example,DNS:localhost",
        ]);
        openssl.arg("-keyout").arg(at("key.pem")).arg("-out").arg(at("certificate.pem"));
        assert!(openssl.stderr(Stdio::null()).status().unwrap().success());
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside.py");
        let mut python = python_of_debian(mx);
        python.arg(program).arg(dir.path()).arg(at("certificate.pem")).arg(at("key.pem"));
        if mx {
            python.arg(MX_ADDRESS);
        }
        let mut server = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut ports = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut ports).unwrap();
        let ports: Vec<u16> = ports.split_ascii_whitespace().map(|port| port.parse().unwrap()).collect();
        let [smtp, dns] = ports[..] else { panic!("the outside world did not start") };
        Self { dir, server, smtp, dns }
    }

    /// Where it takes mail.
    pub fn port(&self) -> u16 {
        self.smtp
    }
    /// Its certificate, which proves the name `localhost` to whoever trusts it.
    pub fn certificate(&self) -> String {
        self.file("certificate.pem").display().to_string()
    }
    /// The configuration that leads all mail here.
    pub fn route(&self, tls: &str) -> String {
        format!("[[route]]\ndomain = \"*\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"{tls}\"\n", self.smtp)
    }
    /// The configuration that asks the names here.
    pub fn names(&self) -> String {
        format!("[dns]\nservers = [\"127.0.0.1:{}\"]\n", self.dns)
    }
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The mails taken so far; a line that is still being written is none.
    pub fn taken(&self) -> Vec<Value> {
        let lines = std::fs::read_to_string(self.file("taken")).unwrap_or_default();
        lines
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
    /// The mails taken, once there are `count`.
    pub fn taken_when(&self, count: usize) -> Vec<Value> {
        until("mail outside", || self.taken().len() >= count);
        self.taken()
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.wait();
    }
}

/// The interpreter that Debian's Python packages are installed for; as root when it shall use port 25.
fn python_of_debian(root: bool) -> Command {
    let me = Command::new("id").arg("-u").output().unwrap();
    if !root || text(&me.stdout).trim() == "0" {
        return Command::new("/usr/bin/python3");
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", "/usr/bin/python3"]);
    sudo
}

/// Waits until `condition` holds, for at most half a minute.
pub fn until(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn start(sections: &str) -> House {
    let house = House::start_with(sections);
    let hanako = ["user", "add", "hanako@aoba.example", "--name", "花子", "--language", "en", "--password-stdin"];
    house.good_with(&hanako, PASSWORD);
    house
}

/// Sends a mail with `lines` lines as `name`; `to` are addresses.
fn send(house: &House, name: &str, to: &[&str], lines: usize) {
    house.python(&format!(
        r#"
import smtplib
smtp = smtplib.SMTP("127.0.0.1", SUBMISSION)
smtp.login("{name}@aoba.example", PASSWORD)
mail = "From: {name}@aoba.example\r\nTo: {first}\r\nSubject: =?UTF-8?B?6KaL56mN5pu4?=\r\nMessage-ID: <1@aoba.example>\r\n\r\n.dot\r\n"
assert smtp.sendmail("{name}@aoba.example", {to:?}, mail + "line\r\n" * {lines}) == {{}}
"#,
        first = to[0]
    ));
}

/// The queue's rows of `domain`, also those that are done.
fn rows(house: &House, domain: &str) -> Vec<Value> {
    let list = house.good(&["queue", "list", "--json", "--all", "--domain", domain]);
    list.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Waits until the row of `recipient` was tried `attempts` times; its state and last answer.
fn tried(house: &House, recipient: &str, attempts: u64) -> (String, String) {
    let domain = recipient.rsplit('@').next().unwrap();
    let row = || rows(house, domain).into_iter().find(|row| row["to"] == recipient);
    until(recipient, || {
        row().is_some_and(|row| row["attempts"].as_u64() >= Some(attempts) && row["state"] != "claimed")
    });
    let row = row().unwrap();
    (row["state"].as_str().unwrap_or_default().to_owned(), row["answer"].as_str().unwrap_or_default().to_owned())
}

/// Waits for a report in the INBOX of `name` and checks its structure (RFC 3464); `more` looks at `report`, `words`
/// (the text for people), `each` (the fields of each recipient) and `quoted` (the header of the mail).
fn report(house: &House, name: &str, more: &str) {
    house.python(&format!(
        r#"
import email, email.policy, imaplib, time
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("{name}@aoba.example", PASSWORD)
until = time.time() + 30
while imap.select("INBOX")[1] == [b"0"]:
    assert time.time() < until, "no report came"
    time.sleep(0.05)
raw = imap.fetch("*", "(BODY.PEEK[])")[1][0][1]
report = email.message_from_bytes(raw, policy=email.policy.default)
assert report.get_content_type() == "multipart/report", report["Content-Type"]
assert report.get_param("report-type") == "delivery-status"
assert report["Return-Path"] == "<>" and report["Auto-Submitted"].startswith("auto-replied"), raw
assert report["To"] == "{name}@aoba.example" and report["Message-ID"] and report["Date"]
people, status, quoted = report.get_payload()
words = people.get_content()
assert status.get_content_type() == "message/delivery-status"
whole, *each = status.get_payload()
assert whole["Reporting-MTA"] == "dns; mail.aoba.example" and whole["Arrival-Date"], whole
assert all(one["Final-Recipient"].startswith("rfc822; ") and one["Status"] and one["Action"] for one in each)
assert quoted.get_content_type() == "text/rfc822-headers"
quoted = quoted.get_content()
assert "Message-ID: <1@aoba.example>" in quoted and "line" not in quoted, quoted
{more}
"#
    ));
}

#[test]
fn a_mail_reaches_a_foreign_server_under_tls_in_one_flight_of_commands_and_unchanged() {
    let outside = Outside::start(false);
    let house = start(&outside.route("opportunistic"));
    send(&house, "taro", &["a@partner.example", "b@partner.example"], 40_000);
    let taken = outside.taken_when(1);
    assert_eq!((taken[0]["tls"].as_bool(), taken[0]["pipelined"].as_bool()), (Some(true), Some(true)));
    assert_eq!(taken[0]["to"], serde_json::json!(["a@partner.example", "b@partner.example"]));
    assert_eq!(
        (taken[0]["from"].as_str(), taken[0]["helo"].as_str()),
        (Some("taro@aoba.example"), Some("mail.aoba.example"))
    );
    assert_eq!(tried(&house, "b@partner.example", 1).0, "delivered");
    let reference = rows(&house, "partner.example")[0]["reference"].as_str().unwrap().to_owned();
    let trace = house.good(&["trace", &reference]);
    assert_eq!(trace.matches("[TLS1.3 TLS_AES_256_GCM_SHA384, name not proved]").count(), 2, "{trace}");
    let program = format!(
        "import base64\nmail = base64.b64decode({:?})\nassert mail.endswith(b'\\r\\n\\r\\n.dot\\r\\n' + b'line\\r\\n' * 40000), mail[:600]\n\
         assert mail.startswith(b'Received: ') and b'\\r\\nFrom: taro@aoba.example\\r\\n' in mail, mail[:600]",
        taken[0]["bytes"].as_str().unwrap()
    );
    std::fs::write(outside.file("look.py"), program).unwrap();
    assert!(Command::new("python3").arg(outside.file("look.py")).status().unwrap().success());
    assert_eq!(outside.taken().len(), 1, "both recipients are in one transaction");
}

#[test]
fn a_route_that_demands_proof_does_not_send_to_a_certificate_without_it() {
    let outside = Outside::start(false);
    let house = start(&outside.route("required"));
    send(&house, "taro", &["a@partner.example"], 3);
    let (state, answer) = tried(&house, "a@partner.example", 1);
    assert_eq!(state, "waiting", "{answer}");
    assert!(outside.taken().is_empty());
}

#[test]
fn each_recipient_has_his_own_result_and_the_sender_a_report_in_his_language() {
    let outside = Outside::start(false);
    let house = start(&outside.route("opportunistic"));
    let to = ["fine@partner.example", "nobody@partner.example", "later@partner.example"];
    send(&house, "taro", &to, 3);
    assert_eq!(outside.taken_when(1)[0]["to"], serde_json::json!([to[0]]));
    assert_eq!(tried(&house, to[0], 1).0, "delivered");
    let (state, answer) = tried(&house, to[1], 1);
    assert!(state == "failed" && answer.contains("550 5.1.1"), "{state} {answer}");
    let (state, answer) = tried(&house, to[2], 1);
    assert!(state == "waiting" && answer.contains("451 4.2.1 please come again"), "{state} {answer}");
    report(
        &house,
        "taro",
        r#"
assert report["Subject"] == "【配信できませんでした】見積書", report["Subject"]
assert "nobody@partner.example" in words and "宛先のメールアドレスが存在しません" in words, words
assert "fine@" not in words and "later@" not in words
one, = each
assert one["Final-Recipient"] == "rfc822; nobody@partner.example"
assert (one["Action"], one["Status"], one["Remote-MTA"]) == ("failed", "5.1.1", "dns; 127.0.0.1"), one
assert one["Diagnostic-Code"] == "smtp; 550 5.1.1 <nobody@partner.example>: there is no such person", one
"#,
    );
    house.good(&["queue", "retry", "--domain", "partner.example"]);
    let taken = outside.taken_when(2);
    assert_eq!(taken[1]["to"], serde_json::json!([to[2]]));
    assert_eq!(tried(&house, to[2], 2).0, "delivered");

    // refused as a whole after DATA: the report of an English reader
    send(&house, "hanako", &["refused@partner.example"], 3);
    report(
        &house,
        "hanako",
        r#"
assert report["Subject"] == "Not delivered: 見積書", report["Subject"]
assert "could not be delivered" in words and "refused@partner.example" in words, words
assert (each[0]["Action"], each[0]["Status"]) == ("failed", "5.7.1")
assert each[0]["Diagnostic-Code"] == "smtp; 554 5.7.1 not by our policy"
"#,
    );
    assert_eq!(outside.taken().len(), 2);
}

#[test]
fn a_server_that_dies_in_the_middle_of_data_gets_the_mail_once_when_it_is_back() {
    let outside = Outside::start(false);
    let house = start(&outside.route("opportunistic"));
    send(&house, "taro", &["dies@partner.example"], 100_000);
    assert_eq!(tried(&house, "dies@partner.example", 1).0, "waiting");
    assert!(outside.taken().is_empty());
    house.good(&["queue", "retry", "--domain", "partner.example"]);
    assert_eq!(tried(&house, "dies@partner.example", 2).0, "delivered");
    assert_eq!(outside.taken_when(1).len(), 1);
    house.python("import imaplib\nimap = imaplib.IMAP4('127.0.0.1', IMAP)\nimap.login('taro@aoba.example', PASSWORD)\nassert imap.select('INBOX')[1] == [b'0']");
}

#[test]
fn mx_records_lead_past_a_dead_host_and_what_names_say_becomes_of_the_mail() {
    let outside = Outside::start(true);
    let house = start(&outside.names());
    send(&house, "taro", &["a@partner.example"], 3);
    assert_eq!(outside.taken_when(1)[0]["to"][0], "a@partner.example");
    let (state, answer) = tried(&house, "a@partner.example", 1);
    assert!(state == "delivered" && answer.starts_with("mx2.partner.example: "), "{state} {answer}");
    send(&house, "taro", &["a@bare.example"], 3);
    assert_eq!(outside.taken_when(2)[1]["to"][0], "a@bare.example");

    // name servers that fail are asked again
    send(&house, "taro", &["a@broken.example"], 3);
    assert_eq!(tried(&house, "a@broken.example", 1).0, "waiting");
    std::fs::write(outside.file("mended"), "").unwrap();
    house.good(&["queue", "retry", "--domain", "broken.example"]);
    assert_eq!(outside.taken_when(3)[2]["to"][0], "a@broken.example");

    // domains without mail are reported at once
    for (domain, status) in [("nowhere.example", "5.1.2"), ("nomail.example", "5.1.10")] {
        send(&house, "hanako", &[&format!("a@{domain}")], 3);
        assert_eq!(tried(&house, &format!("a@{domain}"), 1).0, "failed");
        report(
            &house,
            "hanako",
            &format!(
                "assert (each[0]['Action'], each[0]['Status']) == ('failed', '{status}'), each[0]\nimap.store('1:*', '+FLAGS', '(\\\\Deleted)')\nimap.expunge()"
            ),
        );
    }
    assert_eq!(outside.taken().len(), 3);
}

#[test]
fn a_slow_server_gets_four_connections_and_keeps_nobody_else_waiting() {
    let outside = Outside::start(false);
    let other = format!("[[route]]\ndomain = \"quick.example\"\nhost = \"localhost\"\nport = {}\n", outside.port());
    let house = start(&format!("{other}{}", outside.route("opportunistic")));
    for _ in 0..12 {
        send(&house, "taro", &["slow@partner.example"], 3);
    }
    let at_once = || {
        let lines = std::fs::read_to_string(outside.file("slow")).unwrap_or_default();
        lines.lines().map(|line| line.parse().unwrap()).max().unwrap_or(0)
    };
    until("four connections", || at_once() >= 4);
    send(&house, "taro", &["a@quick.example"], 3);
    assert_eq!(outside.taken_when(1)[0]["to"][0], "a@quick.example");
    std::fs::write(outside.file("go"), "").unwrap();
    outside.taken_when(13);
    assert_eq!(at_once(), 4);
}
