# A recipient outside: reads what arrived there, opens the page of a link without cookies and scripts.
import glob, http.client, os, re
from email import message_from_bytes
from email.header import decode_header, make_header
from urllib.parse import urlencode

# where links are, as the server says it
ORIGIN = re.search(r'content_url = "([^"]*)"', open(demo["config"]).read()).group(1)

def wire(timeout=60):
    """A connection to that origin, over TLS where its address says so; the server proves its name by the certificate that it made."""
    if ORIGIN.startswith("http:"):
        return http.client.HTTPConnection("127.0.0.1", demo["content_port"], timeout=timeout)
    import ssl
    data = re.search(r'data_dir = "([^"]*)"', open(demo["config"]).read()).group(1)
    trusted = ssl.create_default_context(cafile=os.path.join(data, "tls", "self-signed.pem"))
    return http.client.HTTPSConnection("127.0.0.1", demo["content_port"], timeout=timeout, context=trusted)
def outside_mails():
    """What the outside world has, the last one last."""
    files = sorted(glob.glob(os.path.join(demo["outside_mail"], "*")), key=os.path.getmtime)
    return [message_from_bytes(open(file, "rb").read()) for file in files]
def arrived(count):
    """What the outside world got, the last one last, once there are so many."""
    end = time.time() + 20
    while len(mails := outside_mails()) < count and time.time() < end:
        time.sleep(0.02)
    assert len(mails) == count, [str(mail) for mail in mails]
    return mails
def all_arrived(*recipients):
    """The same once nothing waits to leave, and the last mail went to just these: those of one form may share a transaction."""
    end = time.time() + 20
    while waiting := sekisho("queue", "list"):
        assert time.time() < end, waiting
        time.sleep(0.05)
    rows = [json.loads(line) for line in sekisho("queue", "list", "--all", "--json").splitlines()]
    last = max(rows, key=lambda row: row["id"])["reference"]
    went = sorted(row["to"] for row in rows if row["reference"] == last and row["state"] == "delivered")
    assert went == sorted(recipients), rows
    return outside_mails()
def subject_of(mail):
    return str(make_header(decode_header(mail["Subject"] or "")))
def words(mail):
    """The text of a mail that has one part."""
    assert not mail.is_multipart(), mail
    return mail.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")
def link_in(mail):
    """The path of the link in a mail."""
    return re.search(r"%s(/d/[a-p]{32})\n" % re.escape(ORIGIN), words(mail)).group(1)
def bits_of(token):
    """The bytes that a link's letters stand for, two from `a` to `p` for each."""
    return bytes((ord(high) - 97) << 4 | ord(low) - 97 for high, low in zip(token[::2], token[1::2]))
def code_in(mail):
    assert mail["Auto-Submitted"] == "auto-generated", mail
    return re.search(r"確認コード:(\d{3} \d{3})\(10分間有効\)", words(mail)).group(1)

class Shown:
    def __init__(self, got):
        self.status, self.headers, self.bytes = got.status, got.headers, got.read()
        self.to = got.headers["Location"] or ""
        assert got.headers["Set-Cookie"] is None, "no cookie on this origin"
        assert got.headers["Referrer-Policy"] == "no-referrer" and got.headers["Cache-Control"] == "no-store", got.headers
        assert got.headers["X-Content-Type-Options"] == "nosniff", got.headers
    def text(self):
        import html
        return html.unescape(re.sub(r"<[^>]*>", "", self.bytes.decode("utf-8")))
    def __repr__(self):
        return "%s %s %s" % (self.status, self.to, self.bytes[:4000].decode("utf-8", "replace"))

def ask(method, path, fields=None, language="ja", **headers):
    to = wire()
    headers = {"Host": "content.localhost:%d" % demo["content_port"], "Accept-Language": language, "User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0", **headers}
    body = None
    if fields is not None:
        body, headers["Content-Type"] = urlencode(fields), "application/x-www-form-urlencoded"
    to.request(method, path, body, headers)
    shown = Shown(to.getresponse())
    to.close()
    return shown
def get(path, **more):
    return ask("GET", path, **more)
def post(path, **fields):
    return ask("POST", path, fields)
def enter(link, code):
    return post(link + "/enter", code=code)
def opened(link, count):
    """Opens a link with a code that arrives as mail number `count`; the path of its files."""
    asked = post(link + "/code")
    assert asked.status == 303 and asked.to.startswith(link + "/enter"), asked
    answer = enter(link, code_in(arrived(count)[-1]))
    assert answer.status == 303 and answer.to.startswith(link + "/files/"), answer
    return answer.to.split("?")[0]
def reply(files, sent, words="", kind="application/octet-stream", length=None):
    """Sends files (name and bytes) back from the page `files`, with these words."""
    edge = "----edge7f3k92qa"
    parts = [b'Content-Disposition: form-data; name="text"\r\n\r\n' + words.encode()]
    for name, content in sent or [("", b"")]:
        parts.append(('Content-Disposition: form-data; name="files"; filename="%s"\r\nContent-Type: %s\r\n\r\n' % (name, kind)).encode() + content)
    body = b"".join(b"--" + edge.encode() + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + edge.encode() + b"--\r\n"
    to = wire(120)
    headers = {"Host": "content.localhost:%d" % demo["content_port"], "Accept-Language": "ja", "User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0", "Content-Type": "multipart/form-data; boundary=" + edge}
    to.request("POST", files + "/reply", body, headers)
    shown = Shown(to.getresponse())
    to.close()
    return shown
def stands_nowhere(*texts):
    """None of these stands in clear in any file of the server: rows and their logs, segments, index, what it says. What arrived outside is not its own."""
    seen, others = [], os.path.realpath(demo["outside_mail"])
    for folder, _, files in os.walk(os.path.dirname(demo["config"])):
        for path in filter(os.path.isfile, (os.path.join(folder, file) for file in files)):
            if os.path.realpath(path).startswith(others):
                continue
            seen.append(os.path.basename(path))
            content = open(path, "rb").read()
            for one in texts:
                assert one not in content, (path, one)
    assert {"mail.db", "mail.db-wal", "keys.db", "log"} <= set(seen), seen
def reference():
    """The reference of sato's last mail with links."""
    return re.search(r'href="/outgoing/links/([0-9A-Z-]+)"', pen("sato").get("/outgoing").body).group(1)
def links_page(name="sato"):
    return pen(name).get("/outgoing/links/" + reference())
def act(what, **fields):
    """Presses a button of the page of links."""
    page = links_page()
    path = re.search(r'action="([^"]*/%s)"' % what, page.body).group(1)
    csrf = re.search(r'name="csrf" value="([^"]*)"', page.body).group(1)
    done = pen("sato").post(path, [("csrf", csrf), *fields.items()])
    assert done.status == 303, done
    return pen("sato").toast(done)
FILE = ("氏名,部署\r\n" + "".join("佐藤 %d,営業\r\n" % n for n in range(400))).encode("cp932")
