//! Clients that stall, flood or ask for everything: they cost little, and nobody else notices.

use crate::house::House;

/// So much more memory may 1,000 connections need that hold the server up in every way they know, MiB: what is set
/// aside for answers that nobody takes, and half a mail each.
const STALLED_MIB: u64 = 120;
/// So much more may an answer of 240 MB need that its client does not take: windows and buffers, and what the
/// allocator keeps of them.
const ANSWER_MIB: u64 = 48;

#[test]
fn a_thousand_connections_that_stall_cost_little_and_hurt_nobody() {
    let house = House::start();
    let before = house.memory("VmRSS");
    house.python(
        r#"
import imaplib, resource, socket, threading
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096) if hard > 0 else 4096, hard))
def imap():
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login("taro@aoba.example", PASSWORD)
    return imap
first = imap()
mail = b"Subject: x\r\n\r\n" + b"y" * 98 + b"\r\n"
mail = mail * 1000
for _ in range(20):
    assert first.append("INBOX", None, None, mail)[0] == "OK"

def dial():
    one = socket.create_connection(("127.0.0.1", IMAP))
    file = one.makefile("rb")
    assert file.readline().startswith(b"* OK")
    return one, file
def signed_in():
    one, file = dial()
    one.sendall(b"a LOGIN taro@aoba.example {%d}\r\n" % len(PASSWORD))
    assert file.readline().startswith(b"+")
    one.sendall(PASSWORD.encode() + b"\r\n")
    line = file.readline()
    while not line.startswith(b"a "):
        line = file.readline()
    assert line.startswith(b"a OK"), line
    return one, file
stalled = []
# says nothing; half a command; half a literal
for number in range(700):
    one, file = dial()
    one.sendall((b"", b"a LOG", b"a LOGIN {60000}\r\nhalf")[number % 3])
    stalled.append((one, file))
# half a mail
for _ in range(200):
    one, file = signed_in()
    one.sendall(b"b APPEND INBOX {2000000+}\r\n" + mail[:50_000])
    stalled.append((one, file))
# asks for everything, again and again, and takes nothing
for _ in range(100):
    one, file = signed_in()
    one.sendall(b"b SELECT INBOX\r\n" + b"c FETCH 1:* (BODY.PEEK[])\r\n" * 20)
    stalled.append((one, file))
assert len(stalled) == 1000

# others work as ever
other = imap()
assert other.append("INBOX", None, None, b"Subject: other\r\n\r\nx\r\n")[0] == "OK"
assert other.select("INBOX")[1] == [b"21"]
assert other.search(None, "SUBJECT", "other")[1] == [b"21"]
assert other.fetch("21", "(BODY.PEEK[])")[1][0][1].endswith(b"x\r\n")
other.logout()
for one, _ in stalled:
    one.close()
"#,
    );
    let most = house.memory("VmHWM");
    println!("memory: {before} MiB before, at most {most} MiB");
    assert!(most < before + STALLED_MIB, "{before} MiB before, at most {most} MiB");
}

#[test]
fn an_answer_of_any_size_needs_the_memory_of_a_window() {
    let house = House::start();
    house.python(
        r#"
import imaplib
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("taro@aoba.example", PASSWORD)
mail = b"Subject: large\r\n\r\n" + (bytes(range(32, 96)) + b"\r\n") * (12_000_000 // 66)
for _ in range(20):
    assert imap.append("INBOX", None, None, mail)[0] == "OK"
"#,
    );
    let before = house.memory("VmHWM");
    house.python(
        r#"
import socket
one = socket.create_connection(("127.0.0.1", IMAP))
file = one.makefile("rb")
file.readline()
one.sendall(b"a LOGIN taro@aoba.example {%d+}\r\n%s\r\nb SELECT INBOX\r\nc FETCH 1:* (BODY.PEEK[])\r\n" % (len(PASSWORD), PASSWORD.encode()))
size = 0
while True:
    line = file.readline()
    size += len(line)
    if line.startswith(b"c "):
        break
assert line.startswith(b"c OK") and size > 240_000_000, (line, size)
"#,
    );
    let most = house.memory("VmHWM");
    println!("memory: at most {before} MiB before the answer, {most} MiB after it");
    assert!(most < before + ANSWER_MIB, "{before} MiB before, at most {most} MiB");
}

#[test]
fn what_asks_for_more_than_there_is_or_can_be_is_answered_at_once() {
    let house = House::start();
    house.python(
        r#"
import imaplib, socket
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("taro@aoba.example", PASSWORD)
for number in range(3):
    imap.append("INBOX", None, None, b"Subject: %d\r\n\r\nx\r\n" % number)
one = socket.create_connection(("127.0.0.1", IMAP))
file = one.makefile("rb")
file.readline()
def ask(command):
    one.sendall(b"t " + command + b"\r\n")
    lines = [file.readline()]
    while not lines[-1].startswith(b"t ") and not lines[-1].startswith(b"* BYE") and lines[-1]:
        lines.append(file.readline())
    return lines
assert ask(b"LOGIN taro@aoba.example {%d+}\r\n%s" % (len(PASSWORD), PASSWORD.encode()))[-1].startswith(b"t OK")
assert ask(b"SELECT INBOX")[-1].startswith(b"t OK")
# sets that name four thousand million messages
assert len(ask(b"UID FETCH 1:4294967295 (FLAGS)")) == 4
assert ask(b"UID SEARCH UID 1:4294967295,4294967295:1")[0].split()[2:] == [b"1", b"2", b"3"]
assert len(ask(b"UID STORE 4294967295:1 +FLAGS.SILENT (\\Flagged)")) == 1
assert ask(b"UID FETCH " + b",".join(b"%d:4294967295" % n for n in range(1, 20_000)) + b" (UID)")[-1][:4] in (b"t OK", b"t BA")
# sizes, depths and counts
assert len(ask(b"FETCH 1 (BODY.PEEK[]<4294967295.4294967295>)")[0]) < 100
assert ask(b"SEARCH " + b"(" * 5_000 + b"ALL" + b")" * 5_000)[-1].startswith(b"t BAD")
assert ask(b"SEARCH " + b"NOT " * 5_000 + b"ALL")[-1].startswith(b"t BAD")
assert ask(b"SEARCH " + b"OR ALL " * 5_000 + b"ALL")[-1].startswith(b"t BAD")
assert ask(b"FETCH 1 (" + b"UID " * 100_000 + b"UID)")[-1][:4] in (b"t OK", b"t BA")
assert ask(b"FETCH 1 (BODY.PEEK[" + b"1." * 10_000 + b"1])")[-1][:4] in (b"t OK", b"t BA", b"t NO")
assert ask(b"APPEND INBOX {4294967295}")[-1].startswith((b"t NO [TOOBIG]", b"t BAD"))
# the session is as it was
assert ask(b"NOOP")[-1].startswith(b"t OK")
# a stranger gets a hundredth, and no patience
stranger = socket.create_connection(("127.0.0.1", IMAP))
stranger_file = stranger.makefile("rb")
stranger_file.readline()
stranger.sendall(b"t LOGIN {100000}\r\n")
assert b"BAD" in (said := stranger_file.readline()) or b"BYE" in said or b"NO" in said, said
"#,
    );
}

#[test]
fn where_few_files_may_be_open_connections_are_refused_and_the_store_goes_on() {
    let mut house = House::empty();
    house.open_files = Some(240);
    house.serve();
    house.add_taro();
    house.python(
        r#"
import imaplib, smtplib, socket, time
held = []
refused = 0
for _ in range(200):
    one = socket.create_connection(("127.0.0.1", SMTP))
    said = one.makefile("rb").readline()
    if said.startswith(b"421"):
        refused += 1
        one.close()
    else:
        assert said.startswith(b"220"), said
        held.append(one)
assert 100 <= len(held) <= 120 and refused >= 80, (len(held), refused)
# one of those that were there first sends a mail, and it is kept
one = held.pop()
file = one.makefile("rb")
for line in (b"EHLO x", b"MAIL FROM:<x@b.example>", b"RCPT TO:<taro@aoba.example>", b"DATA", b"Subject: kept\r\n\r\nx\r\n."):
    one.sendall(line + b"\r\n")
    said = file.readline()
    while said[3:4] == b"-":
        said = file.readline()
    assert said[:1] in b"23", said
for one in held:
    one.close()
end = time.monotonic() + 60
while True:
    try:
        imap = imaplib.IMAP4("127.0.0.1", IMAP)
        break
    except imaplib.IMAP4.error:
        assert time.monotonic() < end, "no connection became free"
        time.sleep(0.05)
imap.login("taro@aoba.example", PASSWORD)
assert imap.select("INBOX")[1] == [b"1"]
"#,
    );
    assert!(house.log().contains("leaves room for fewer connections"), "{}", house.log());
}
