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
# some are returned: their drafts, the notices of it and the lists of what was decided are views too
parcels = [line.split("\t")[0] for line in sekisho("held", "list").splitlines() if line]
returned = parcels[::5]
for parcel in returned:
    sekisho("held", "return", parcel, "--comment", "<img src=x onerror=pwned=1>")
out["sato"]["outgoing"] = [(path, []) for path in pages(sato, "/outgoing", r"/outgoing\?.*before=")]
drafts = sato.get(next(href for tag, href in sato.get("/mail").links if re.fullmatch(r"/mail/f/\d+", href) and "<h1>下書き</h1>" in sato.get(href).html))
written = [path for path in pages(sato, drafts.path, r"before=.*more=1") for _, path in sato.get(path).links if path.startswith("/mail/compose?draft=")]
out["sato"]["draft"] = [(path, []) for path in dict.fromkeys(written)]
assert len(out["sato"]["draft"]) >= len(returned) // 2, (len(out["sato"]["draft"]), len(returned))
waiting = pages(suzuki, "/approve", r"/approve\?.*after=")
cases = sorted({href for path in waiting for _, href in suzuki.get(path).links if re.fullmatch(r"/approve/\d+", href)})
assert len(cases) == held - len(returned), (len(cases), held, len(returned))
out["suzuki"]["approval"] = collect(suzuki, cases)
looks = sorted({href for case in cases[::3] for _, href in suzuki.get(case).links if "/file/" in href})
out["suzuki"]["file"] = collect(suzuki, looks)
out["suzuki"]["list"] = [(path, []) for path in waiting + pages(suzuki, "/approve/history", r"/history\?.*before=")]
# the console: what it shows of mails are subjects, addresses, names of files, places of what was found
ito, base = Site(demo["admin_url"]), "/t/aoba"
ito.sign_in("ito@aoba.example", password("ito"))
def console(start, one):
    """The pages of a list, and what they lead to."""
    lists = pages(ito, base + start, re.escape(base + start) + r"\?.*(before|after)=")
    ones = dict.fromkeys(href for path in lists for _, href in ito.get(path).links if re.fullmatch(re.escape(base) + one, href))
    return [(path, []) for path in lists], collect(ito, list(ones))
out["ito"] = {"audit": [(path, []) for path in pages(ito, base + "/audit", r"/audit\?.*before=")]}
for view, start, one in (("held", "/held", r"/held/\d+"), ("decided", "/held/decided", r"/held/\d+"), ("tracking", "/tracking", r"/tracking/[0-9A-Z-]+")):
    out["ito"][view + " list"], out["ito"][view] = console(start, one)
assert len(out["ito"]["held"]) == len(cases) and len(out["ito"]["decided"]) == len(returned), out["ito"]
for file in files[::EVERY]:
    data = open(file, "rb").read()
    result = ito.submit(ito.get(base + "/simulator"), "試す", **{"from": "sato@aoba.example", "to": "yamada@yamada.example", "raw": data.decode("utf-8", "replace")})
    assert result.status == 200, (file, result.status)
    look(result)
print(json.dumps(out))
