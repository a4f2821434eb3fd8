//! The live streams of the pages from outside: how many a session may have, what a reader costs who does not read, when
//! they end.

use crate::house::Demo;

/// Opens streams by hand; after the prelude of tests/house.rs and `web.py`.
const STREAMS: &str = r#"
import socket
def signed_in(name="sato"):
    site = Site(demo["mail_url"])
    site.sign_in(name + "@aoba.example", password(name))
    return site
def open_stream(site, small=False):
    """A stream of the inbox and its status; with `small` the reader takes in hardly anything."""
    page = site.get("/mail")
    path = dict(next(at for tag, at in page.tags if "data-events" in at))["data-events"]
    stream = socket.socket()
    if small:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    stream.settimeout(20)
    stream.connect(("127.0.0.1", site.port))
    cookies = "; ".join("%s=%s" % pair for pair in site.cookies.items())
    stream.sendall(("GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\nSec-Fetch-Site: same-origin\r\nCookie: %s\r\n\r\n" % (path, site.host, cookies)).encode())
    head = b""
    while b"\r\n\r\n" not in head:
        more = stream.recv(1)
        assert more, head
        head += more
    return stream, int(head.split()[1])
def until(what, ask):
    end = time.time() + 20
    while not ask():
        assert time.time() < end, what
        time.sleep(0.05)
"#;

fn with_streams(program: &str) {
    let demo = Demo::start();
    demo.python(&format!("{}{STREAMS}{program}", include_str!("browser/web.py")));
}

#[test]
fn a_session_has_six_streams_and_the_next_one_when_one_of_them_is_closed() {
    with_streams(
        r#"
site = signed_in()
streams = [open_stream(site) for _ in range(6)]
assert [status for _, status in streams] == [200] * 6, streams
assert open_stream(site)[1] == 429
assert open_stream(signed_in())[1] == 200, "another session is not concerned"
assert site.get("/mail").status == 200
streams[0][0].close()
# the place is free once the server has noticed, at the latest when it has something to say
imap = imaplib.IMAP4("127.0.0.1", demo["imap"]); imap.login("sato@aoba.example", password("sato")); imap.select("INBOX")
def again():
    imap.store("1", "+FLAGS", "\\Flagged"); imap.store("1", "-FLAGS", "\\Flagged")
    return open_stream(site)[1] == 200
until("a seventh stream", again)
"#,
    );
}

#[test]
fn a_reader_who_does_not_read_costs_little_and_hinders_nobody() {
    with_streams(
        r#"
pid = open(demo["config"].replace("sekisho.toml", "pid")).read().strip() if os.path.exists(demo["config"].replace("sekisho.toml", "pid")) else None
def memory():
    return int(re.search(r"VmRSS:\s+(\d+)", open("/proc/%s/status" % pid).read()).group(1)) if pid else 0
slow, fast = signed_in(), signed_in()
asleep = [open_stream(slow, small=True)[0] for _ in range(6)]
awake, _ = open_stream(fast)
imap = imaplib.IMAP4("127.0.0.1", demo["imap"]); imap.login("sato@aoba.example", password("sato")); imap.select("INBOX")
imap.store("1", "+FLAGS", "\\Flagged")
before, heard = memory(), b""
for n in range(60):
    imap.store("1:20", "+FLAGS" if n % 2 else "-FLAGS", "\\Seen")
    while heard.count(b"cnt-") < n // 6:
        heard += awake.recv(65536)
    began = time.time()
    assert slow.get("/mail").status == 200
    assert time.time() - began < 10
assert memory() - before < 64 * 1024, (before, memory())
"#,
    );
}

#[test]
fn a_stream_ends_with_the_rights_that_it_was_opened_under() {
    with_streams(
        r#"
site = signed_in()
stream, status = open_stream(site)
assert status == 200
sekisho("user", "set", "sato@aoba.example", "--department", "総務部", "--role", "approver")
imap = imaplib.IMAP4("127.0.0.1", demo["imap"]); imap.login("sato@aoba.example", password("sato")); imap.select("INBOX")
stream.settimeout(0.5)
def ended():
    imap.store("1", "+FLAGS", "\\Flagged"); imap.store("1", "-FLAGS", "\\Flagged")
    try:
        return stream.recv(65536) in (b"", b"0\r\n\r\n")
    except TimeoutError:
        return False
until("the end of the stream", ended)
assert site.get("/mail").path.startswith("/login")
"#,
    );
}
