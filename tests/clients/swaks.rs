//! swaks: what an SMTP tester tries: TLS, AUTH, pipelining, refusals.

use std::process::Command;

use crate::house::{House, PASSWORD, text};

/// Runs swaks against `port`; its exit code and what it wrote.
fn swaks(port: u16, args: &[&str]) -> (i32, String) {
    let mut command = Command::new("swaks");
    command.args(["--server", "127.0.0.1", "--port", &port.to_string(), "--helo", "client.example", "--timeout", "30"]);
    let output = command.args(args).output().unwrap();
    (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn swaks_signs_in_and_submits_under_starttls_and_under_tls() {
    let house = House::start();
    let me = ["--from", "taro@aoba.example", "--to", "taro@aoba.example"];
    let auth = |mechanism| ["--auth", mechanism, "--auth-user", "taro@aoba.example", "--auth-password", PASSWORD];
    let tries: [(u16, &[&str]); 4] = [
        (house.submission, &["-tls", "--pipeline"]),
        (house.submissions, &["--tls-on-connect"]),
        (house.submission, &["-tls", "--protocol", "ESMTPS"]),
        (house.submission, &[]),
    ];
    for (at, (port, how)) in tries.iter().enumerate() {
        let auth = auth(if at % 2 == 0 { "PLAIN" } else { "LOGIN" });
        let (code, said) = swaks(*port, &[&me[..], &auth[..], how].concat());
        assert_eq!(code, 0, "{how:?}: {said}");
        assert!(said.contains("235 2.7.0") && said.contains(" 250 2.0.0 accepted, ref "), "{said}");
        assert_eq!(said.contains("TLS started with cipher TLSv1."), !how.is_empty(), "{said}");
    }
    let mut wrong = auth("PLAIN");
    wrong[5] = "not the password";
    let (code, said) = swaks(house.submission, &[&me[..], &wrong[..], &["-tls"]].concat());
    assert!(code == 28 && said.contains("535 5.7.8"), "{code} {said}");
    let (code, said) = swaks(house.submission, &[&me[..], &["-tls"]].concat());
    assert!(code == 23 && said.contains("530 5.7.0"), "{code} {said}");
}

#[test]
fn swaks_delivers_on_port_25_with_starttls_pipelining_and_chunks_and_is_refused_relay() {
    let house = House::start();
    let taro = ["--from", "x@b.example", "--to", "taro@aoba.example"];
    for how in [&["-tls", "--pipeline"][..], &["-tls"], &["--pipeline"], &["--protocol", "SMTP"]] {
        let (code, said) = swaks(house.smtp, &[&taro[..], how].concat());
        assert!(code == 0 && said.contains(" 250 2.0.0 "), "{how:?}: {said}");
    }
    let (code, said) = swaks(house.smtp, &["--from", "x@b.example", "--to", "y@c.example", "--pipeline", "-tls"]);
    assert!(code == 24 && said.contains("550 5.7.1 Relaying denied"), "{code} {said}");
    // one of two recipients is known: the mail goes to him
    let (code, said) =
        swaks(house.smtp, &["--from", "x@b.example", "--to", "taro@aoba.example,no@aoba.example", "--pipeline"]);
    assert!(code == 0 && said.contains("550 5.1.1"), "{code} {said}");
    let (code, said) = swaks(house.smtp, &[&taro[..], &["--quit-after", "EHLO"]].concat());
    assert!(code == 0 && said.contains("250-CHUNKING") && !said.contains("AUTH"), "{said}");
    house.python("import imaplib\nimap = imaplib.IMAP4('127.0.0.1', IMAP)\nimap.login('taro@aoba.example', PASSWORD)\nassert imap.select('INBOX')[1] == [b'5']");
}
