//! Clients that stall, flood or ask for everything: they cost little, and nobody else notices.

use crate::house::House;

/// So much more memory may 1,000 connections need that hold the server up in every way they know, MiB: what is set
/// aside for answers that nobody takes, and half a mail each.
const STALLED_MIB: u64 = 120;
/// So much more may 20 answers of 48,000 messages each need that nobody takes: as much as one window of each.
const MANY_MIB: u64 = 32;
/// So much more may an answer of 240 MB need that its client does not take: windows and buffers, and what the
/// allocator keeps of them.
const ANSWER_MIB: u64 = 48;

/// Python: how much waits for a client, and whether nothing more comes until it takes some.
const STALLED: &str = r#"
import fcntl, socket, struct, termios, time
def dial():
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    one.connect(("127.0.0.1", IMAP))
    one.sendall(b"a LOGIN taro@aoba.example {%d+}\r\n%s\r\nb SELECT INBOX\r\n" % (len(PASSWORD), PASSWORD.encode()))
    return one
def waiting(one):
    return struct.unpack("i", fcntl.ioctl(one, termios.FIONREAD, b"0000"))[0]
def stalled(ones):
    before, same = None, 0
    while same < 5:
        now = [waiting(one) for one in ones]
        same = same + 1 if now == before and all(now) else 0
        before = now
        time.sleep(0.05)
"#;

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
fn many_items_of_one_message_need_the_memory_of_one() {
    let mut house = House::start();
    let append = r#"
import base64, imaplib
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("taro@aoba.example", PASSWORD)
for mail in (
    b"Subject: 200 KB\r\n\r\n" + b"y" * 98 + (b"\r\n" + b"y" * 98) * 2_000,
    b"Subject: 12 MB\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(bytes(range(256)) * 46_875).replace(b"\n", b"\r\n"),
):
    assert imap.append("INBOX", None, None, mail)[0] == "OK"
"#;
    house.python(append);
    // the index reads each mail once: that is no part of the answers
    crate::searching::indexed(&house, 2);
    house.stop();
    house.serve();
    let before = house.memory("VmHWM");
    let program = r#"
def asks(items, message):
    one = dial()
    one.sendall(b"c FETCH %d (%s)\r\n" % (message, b" ".join(items)))
    return one
bodies = [asks([b"BODY.PEEK[]<%d.200000>" % n for n in range(100)], 1) for _ in range(5)]
binaries = asks([b"BINARY.PEEK[1]<%d.12000000>" % n for n in range(20)], 2)
stalled(bodies + [binaries])
# who begins to take gets everything
size, rest = 0, b""
while b"\nc OK" not in rest:
    more = bodies[0].recv(1 << 20)
    assert more, rest
    size, rest = size + len(more), (rest + more)[-60:]
assert 19_900_000 < size < 20_010_000, size
"#;
    house.python(&format!("{STALLED}{program}"));
    let most = house.memory("VmHWM");
    println!("memory: at most {before} MiB before the answers, {most} MiB after them");
    assert!(most < before + ANSWER_MIB, "{before} MiB before, at most {most} MiB");
}

#[test]
fn answers_of_many_small_mails_wait_for_those_who_ask_and_not_in_memory() {
    let house = House::start();
    let program = r#"
import imaplib, re
MANY, ASK = 48_000, b"c UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])\r\n"
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("taro@aoba.example", PASSWORD)
mails = (b"Subject: %d\r\n\r\n" % number + b"y" * 1_998 + b"\r\n" for number in range(750))
imap.send(b"a APPEND INBOX" + b"".join(b" {%d+}\r\n%s" % (len(mail), mail) for mail in mails) + b"\r\n")
while not (line := imap.readline()).startswith(b"a "):
    pass
assert line.startswith(b"a OK"), line
imap.select("INBOX")
for _ in range(6):
    assert imap.copy("1:*", "INBOX")[0] == "OK"
    imap.noop()

def asks():
    one = dial()
    one.sendall(ASK)
    return one
def memory():
    with open("/proc/%d/status" % SERVER) as file:
        return int(re.search(r"VmRSS:\s*(\d+)", file.read()).group(1)) // 1024
def takes_all(one):
    size, told, rest = 0, 0, b""
    while not (end := re.search(rb"(?:^|\n)c (OK|NO|BAD)", rest)):
        more = one.recv(1 << 20)
        assert more, rest[-200:]
        told += (rest[-24:] + more).count(b" FETCH (UID") - rest[-24:].count(b" FETCH (UID")
        size += len(more)
        rest = rest[-24:] + more
    assert end.group(1) == b"OK" and told == MANY and size > MANY * 2_000, (end, told, size)

# the first reads all: what is kept of the mailbox is kept from here on
takes_all(asks())
before = memory()
ones = [asks() for _ in range(20)]
stalled(ones)
held = memory()
# others are served, and who begins to take gets everything
assert imap.noop()[0] == "OK"
takes_all(ones[0])
most = max(held, memory())
print("memory: %d MiB before, at most %d MiB with %d answers of %d messages" % (before, most, len(ones), MANY))
assert most < before + MOST, (before, held, most)
"#;
    println!("{}", house.python(&format!("SERVER = {}\nMOST = {MANY_MIB}\n{STALLED}{program}", house.pid())));
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
assert ask(b"FETCH 1 (" + b"UID " * 100_000 + b"UID)")[-1].startswith(b"t BAD")
assert ask(b"FETCH 1 (" + b"UID " * 100 + b"UID)")[-1].startswith(b"t BAD"), "101 items"
assert ask(b"FETCH 1 (" + b"UID " * 99 + b"UID)") == [b"* 1 FETCH (UID 1)\r\n", b"t OK FETCH completed.\r\n"]
assert ask(b"FETCH 1 (" + b" ".join(b"BODY.PEEK[]<0.%d>" % n for n in range(1, 102)) + b")")[-1].startswith(b"t BAD")
assert ask(b"FETCH 1 BODY.PEEK[HEADER.FIELDS (" + b"a " * 1_000 + b"subject)]")[-1].startswith(b"t BAD")
assert b"Subject: 0\r\n" in ask(b"FETCH 1 BODY.PEEK[HEADER.FIELDS (" + b"a " * 999 + b"subject)]")
assert ask(b"STATUS INBOX (" + b"SIZE " * 11 + b"SIZE)")[-1].startswith(b"t BAD")
assert ask(b"LIST \"\" * RETURN (STATUS (" + b"SIZE " * 11 + b"SIZE))")[-1].startswith(b"t BAD")
assert ask(b"FETCH 1 (BODY.PEEK[" + b"1." * 10_000 + b"1])")[-1][:4] in (b"t OK", b"t BA", b"t NO")
assert ask(b"APPEND INBOX {4294967295}")[-1].startswith((b"t NO [TOOBIG]", b"t BAD"))
assert ask(b"SEARCH" + b" ALL" * 5_000)[-1].startswith(b"t OK")
assert ask(b"SEARCH" + b" ALL" * 5_001)[-1].startswith(b"t BAD")
assert ask(b"SEARCH" + b" SUBJECT {1+}\r\n1" * 1_000)[-1].startswith(b"t OK")
assert ask(b"APPEND INBOX" + b" {6+}\r\na: b\r\n" * 1_001)[-1].startswith(b"t NO [LIMIT]")
assert ask(b"STATUS INBOX (MESSAGES)")[0] == b"* STATUS INBOX (MESSAGES 3)\r\n", "all or none"
# the session is as it was
assert ask(b"NOOP")[-1].startswith(b"t OK")
# one literal more than a command may have
assert ask(b"SEARCH" + b" SUBJECT {1+}\r\n1" * 1_001)[-1] == b"* BYE The command has too many literals\r\n"
# a stranger gets a hundredth, and no patience
def stranger(command):
    one = socket.create_connection(("127.0.0.1", IMAP))
    file = one.makefile("rb")
    file.readline()
    one.sendall(command)
    return file.readline()
assert b"BAD" in (said := stranger(b"t LOGIN {100000}\r\n")) or b"BYE" in said or b"NO" in said, said
assert stranger(b"t LOGIN {100000+}\r\n") == b"* BYE The literal is too long\r\n"
for arguments in (b" ALL" * 5_000, b" (", b""):
    assert stranger(b"t SEARCH" + arguments + b"\r\n") == b"t BAD Please sign in first\r\n"
assert stranger(b"t LOGIN" + b" {1+}\r\na" * 10 + b"\r\n").startswith(b"t BAD")
assert stranger(b"t LOGIN" + b" {1+}\r\na" * 11 + b"\r\n") == b"* BYE The command has too many literals\r\n"
"#,
    );
}

#[test]
fn who_is_silent_or_says_and_takes_a_byte_at_a_time_is_left_and_others_are_served() {
    let house = House::start_with("[limits]\nimap_idle = 3\nsign_in_idle = 2\n");
    let program = r#"
import imaplib, os, select, socket, time
def sockets():
    count = 0
    for fd in os.listdir("/proc/%d/fd" % SERVER):
        try:
            count += os.readlink("/proc/%d/fd/%s" % (SERVER, fd)).startswith("socket:")
        except FileNotFoundError:
            pass
    return count
def dial(room=None):
    one = socket.socket()
    if room:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    one.settimeout(30)
    one.connect(("127.0.0.1", IMAP))
    file = one.makefile("rb")
    assert file.readline().startswith(b"* OK")
    return one, file
def signed_in(room=None):
    one, file = dial(room)
    one.sendall(b"a LOGIN taro@aoba.example {%d+}\r\n%s\r\n" % (len(PASSWORD), PASSWORD.encode()))
    line = file.readline()
    while not line.startswith(b"a "):
        line = file.readline()
    assert line.startswith(b"a OK"), line
    return one, file
GONE = b"* BYE Disconnected for inactivity\r\n"
def last(file):
    line = before = file.readline()
    while line:
        before, line = line, file.readline()
    return before
first = sockets()

# silence in each state
silent = [dial(), signed_in(), signed_in(), signed_in(), signed_in()]
begun = time.monotonic()
for (one, _), command in zip(silent, (b"", b"", b"b IDLE\r\n", b"b NOTIFY SET (personal (MailboxName))\r\n", b"b APPEND INBOX {100}\r\n")):
    one.sendall(command)
for one, file in silent:
    assert last(file) == GONE
assert 1.5 < time.monotonic() - begun < 20
# a command that comes byte by byte is no less silent, before and after signing in
for one, file in (dial(), signed_in()):
    begun, said = time.monotonic(), b""
    one.settimeout(0.2)
    while not said:
        try:
            one.sendall(b"x")
            said = one.recv(1000)
        except TimeoutError:
            assert time.monotonic() - begun < 20, "it is still there"
    assert said == GONE, said
# nor is a message, one that is refused, a literal that is too long, or messages of a byte each; one that is slow, and not as
# slow as that, is waited for longer than a silent client is
drips = [signed_in()[0] for _ in range(4)]
for one, command in zip(drips, (b"APPEND INBOX {100000+}", b"APPEND nowhere {100000+}", b"SEARCH TEXT {9000000+}", b"APPEND INBOX {1+}")):
    one.sendall(b"b " + command + b"\r\n")
steady, heard = signed_in()
steady.sendall(b"b APPEND INBOX {%d+}\r\nA: b\r\n\r\n" % (8 + 40 * 16_000))
begun, sent, turn = time.monotonic(), 0, 0
while drips or sent < 40:
    if sent < 40:
        steady.sendall(b"y" * 16_000)
        sent += 1
    for one in select.select(drips, [], [], 0.1)[0]:
        assert one.recv(1000) == GONE
        drips.remove(one)
    for one in drips:
        one.sendall(b"x {1+}\r\n"[turn % 8:][:1])
    turn += 1
    assert time.monotonic() - begun < 30, "it is still there"
assert time.monotonic() - begun > 3.5
steady.sendall(b"\r\n")
assert b"b OK" in heard.readline()

# who takes a byte at a time of a large answer: a small window, and more than the system keeps for it
def other(mail):
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login("taro@aoba.example", PASSWORD)
    assert imap.append("INBOX", None, None, mail)[0] == "OK"
    imap.logout()
for _ in range(4):
    other(b"Subject: large\r\n\r\n" + (b"y" * 98 + b"\r\n") * 40_000)
one, file = signed_in(4096)
one.sendall(b"b SELECT INBOX\r\n" + b"c FETCH 1:* (BODY.PEEK[])\r\n" * 3)
begun = time.monotonic()
while sockets() > first:
    one.recv(1)
    other(b"Subject: small\r\n\r\nx\r\n")
    assert time.monotonic() - begun < 40, "it is still served"
"#;
    house.python(&format!("SERVER = {}\n{program}", house.pid()));
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
