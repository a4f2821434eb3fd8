//! POP3 through the front door: a maildrop as Python's poplib sees it, over restarts and deaths.

use crate::house::House;

/// A signed-in poplib, and three mails that came in by SMTP.
const PEOPLE: &str = r#"
import poplib, smtplib, imaplib, ssl
def deliver(*numbers):
    smtp = smtplib.SMTP("127.0.0.1", SMTP)
    for n in numbers:
        smtp.sendmail("x@b.example", ["taro@aoba.example"], f"From: x@b.example\r\nSubject: mail {n}\r\n\r\n.dot {n}\r\n.\r\n")
def pop():
    pop = poplib.POP3("127.0.0.1", POP3)
    pop.user("taro@aoba.example")
    pop.pass_(PASSWORD)
    return pop
"#;

fn python(house: &House, program: &str) -> String {
    house.python(&format!("{PEOPLE}{program}"))
}

#[test]
fn a_mail_that_came_in_by_smtp_is_read_by_pop3_as_by_imap() {
    let house = House::start();
    python(
        &house,
        r#"
deliver(1, 2)
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("taro@aoba.example", PASSWORD)
imap.select("INBOX", readonly=True)
whole = imap.fetch("1", "(RFC822.SIZE BODY.PEEK[])")[1][0]
pop_ = pop()
assert not hasattr(pop_, "timestamp") or b"<" not in pop_.welcome, pop_.welcome
assert pop_.capa()["EXPIRE"] == ["NEVER"]
status, lines, octets = pop_.retr(1)
assert b"\r\n".join(lines) + b"\r\n" == whole[1], lines
assert status == b"+OK %d octets" % len(whole[1]), status
assert lines[0] == b"Return-Path: <x@b.example>" and lines[-2:] == [b".dot 1", b"."], lines
assert pop_.list(1) == b"+OK 1 %d" % len(whole[1])
assert pop_.top(2, 1)[1][-2:] == [b"", b".dot 2"]
pop_.quit()
imap.noop()
assert imap.search(None, "SEEN")[1] == [b"1"], "what was read whole is read"
"#,
    );
}

#[test]
fn unique_ids_outlive_the_server_and_what_is_marked_goes_with_quit_alone() {
    let mut house = House::start();
    let before = python(&house, "deliver(1, 2, 3)\nprint(pop().uidl()[1])");
    house.stop();
    house.serve();
    assert_eq!(python(&house, "print(pop().uidl()[1])"), before);
    let ids = |left: &str| python(&house, &format!("{left}\nprint(pop_.uidl()[1])"));
    assert_eq!(ids("pop_ = pop()\npop_.dele(1)\npop_.rset()"), before);
    // this client has gone without QUIT, the server dies before another's
    assert_eq!(python(&house, "pop_ = pop()\npop_.dele(1)\npop_.close()"), "");
    house.kill();
    house.serve();
    assert_eq!(python(&house, "print(pop().uidl()[1])"), before);
    // an answered QUIT lasts, whatever comes next
    python(&house, "pop_ = pop()\npop_.dele(1)\npop_.dele(3)\npop_.quit()");
    house.kill();
    house.serve();
    python(
        &house,
        &format!(
            "before = {before}\nassert pop().uidl()[1] == [b'1 ' + before[1].split()[1]]\ndeliver(4)\nids = pop().uidl()[1]\nassert len(ids) == 2 and ids[1].split()[1] not in [id.split()[1] for id in before], ids"
        ),
    );
    assert!(house.good(&["verify"]).contains("All is well."));
}

#[test]
fn pop3_speaks_tls_on_both_ports() {
    let house = House::start();
    python(
        &house,
        r#"
deliver(1)
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
over_tls = poplib.POP3_SSL("127.0.0.1", POP3S, context=context)
assert "STLS" not in over_tls.capa() and "SCRAM-SHA-256-PLUS" in over_tls.capa()["SASL"], over_tls.capa()
over_tls.user("taro@aoba.example")
over_tls.pass_(PASSWORD)
assert over_tls.stat()[0] == 1
second = poplib.POP3("127.0.0.1", POP3)
assert "STLS" in second.capa()
second.stls(context)
second.user("taro@aoba.example")
try:
    second.pass_(PASSWORD)
    raise SystemExit("two sessions have the maildrop")
except poplib.error_proto as refused:
    assert refused.args[0].startswith(b"-ERR [IN-USE] "), refused
over_tls.quit()
second.user("taro@aoba.example")
second.pass_(PASSWORD)
assert second.stat()[0] == 1
for name, word in [("taro@aoba.example", "wrong"), ("nobody@aoba.example", PASSWORD)]:
    third = poplib.POP3("127.0.0.1", POP3)
    third.user(name)
    try:
        third.pass_(word)
        raise SystemExit("signed in")
    except poplib.error_proto as refused:
        assert refused.args[0] == b"-ERR [AUTH] The name or the password is wrong", refused
"#,
    );
}
