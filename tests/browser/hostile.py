# Mails the hostile mails in and out and walks every view of them; after web.py and the prelude of tests/house.rs; FOLDER, EVERY are given.
import glob, re, sys
files = sorted(glob.glob(FOLDER + "/*/*.eml"))
smtp, refused = smtplib.SMTP("127.0.0.1", demo["smtp"]), 0
smtp.ehlo()
for file in files:
    data = open(file, "rb").read()
    assert smtp.docmd("MAIL FROM:<x@outside.example>")[0] == 250 and smtp.docmd("RCPT TO:<sato@aoba.example>")[0] == 250
    code, said = smtp.data(data)
    if code != 250:
        refused += 1
        smtp.close(); smtp = smtplib.SMTP("127.0.0.1", demo["smtp"]); smtp.ehlo()
held, own = 0, re.compile(rb"(?im)^from:[^\r\n]*(\r\n[ \t][^\r\n]*)*")
submission = smtplib.SMTP("127.0.0.1", demo["submission"]); submission.login("sato@aoba.example", password("sato"))
for file in files[::EVERY]:
    head, mark, body = open(file, "rb").read().partition(b"\r\n\r\n")
    head = own.sub(b"From: sato@aoba.example", head, count=1)
    assert submission.docmd("MAIL FROM:<sato@aoba.example>")[0] == 250 and submission.docmd("RCPT TO:<yamada@yamada.example>")[0] == 250
    code, said = submission.data(head + mark + body)
    held += code == 250 and b"held" in said
    if code != 250:
        submission.close(); submission = smtplib.SMTP("127.0.0.1", demo["submission"]); submission.login("sato@aoba.example", password("sato"))
print("%d hostile mails, %d refused at the door, %d held" % (len(files), refused, held), file=sys.stderr)
assert refused < len(files) // 10 and held > len(files) // EVERY // 2, (len(files), refused, held, said)

def frames(page):
    return [href for tag, href in page.links if tag == "iframe"]
def collect(site, paths):
    found = []
    for path in paths:
        page = site.get(path)
        assert page.status == 200, (path, page.status)
        look(page)
        found.append((page.path, frames(page)))
    return found
def look(page):
    for tag, at in page.tags:
        bad = [n for n in at if n.startswith("on") or n in ("style", "srcdoc")] or (tag == "script" and not at.get("src", "").startswith("/assets/"))
        assert not bad and tag not in ("style", "object", "embed", "base"), (page.path, tag, at)
        for n in ("href", "src", "action", "formaction"):
            assert not re.match(r"(?i)\s*(javascript|data|vbscript):", at.get(n) or ""), (page.path, tag, at)
def pages(site, path, pattern):
    """All list pages from `path`, following the link that goes on."""
    seen = []
    while path and path not in seen:
        seen.append(path)
        page = site.get(path)
        look(page)
        path = page.link(pattern)
    return seen
sato, suzuki = Site(demo["mail_url"]), Site(demo["mail_url"])
sato.sign_in("sato@aoba.example", password("sato"))
suzuki.sign_in("suzuki@aoba.example", password("suzuki"))
imap = imaplib.IMAP4("127.0.0.1", demo["imap"]); imap.login("sato@aoba.example", password("sato"))
imap.select("INBOX")
uids = imap.uid("SEARCH", "HEADER", "Return-Path", "x@outside.example")[1][0].split()
messages = collect(sato, ["/mail/by-uid/INBOX/%s" % uid.decode() for uid in uids])
out = {"sato": {"list": [(path, []) for path in pages(sato, "/mail", r"before=.*more=1")], "message": messages}, "suzuki": {}}
ids = [path.split("/")[3].partition("?")[0] for path, _ in messages][::EVERY]
for view in ("print", "headers"):
    out["sato"][view] = collect(sato, ["/mail/m/%s/%s" % (id, view) for id in ids])
reply = sato.get("/mail/compose?reply=" + ids[0])
if reply.status == 200:
    out["sato"]["quote"] = collect(sato, ["/mail/compose?reply=" + id for id in ids])
cases = sorted({href for _, href in suzuki.get("/approve").links if re.fullmatch(r"/approve/\d+", href)})
assert len(cases) == held, (len(cases), held)
out["suzuki"]["approval"] = collect(suzuki, cases)
looks = sorted({href for case in cases[::3] for _, href in suzuki.get(case).links if "/file/" in href})
out["suzuki"]["file"] = collect(suzuki, looks)
print(json.dumps(out))
