# Sends mails with numbers that are held, then walks all pages of every role and checks each answer; after web.py and the prelude of tests/house.rs.
import re, sys
NUMBERS = ["123456789018", "023456789013"]
table = base64.b64encode(("氏名,個人番号\r\n佐藤,%s\r\n" % NUMBERS[1]).encode()).decode()
for who, subject in (("sato", "roster %s" % NUMBERS[0]), ("suzuki", "roster"), ("takahashi", "roster")):
    mail = ("From: %s@aoba.example\r\nTo: yamada@yamada.example\r\nSubject: %s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n個人番号 %s です\r\n--b\r\nContent-Type: text/csv; charset=utf-8\r\n"
            "Content-Disposition: attachment; filename=%s.csv\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n" % (who, subject, NUMBERS[0], NUMBERS[0], table))
    code, said = send(who, mail.encode(), ["yamada@yamada.example"])
    assert code == 250 and "held" in said, said
wide = str.maketrans("0123456789", "0123456789")
def forms(n):
    groups = [n[:4], n[4:8], n[8:]]
    return [f for text in [n] + [s.join(groups) for s in "- \u3000\u2212"] for f in (text, text.translate(wide))]
FORBIDDEN = [form for n in NUMBERS for form in forms(n)]
# of the demo's own mail: an invoice number and a waybill number
KNOWN = {"202611240017"}
def check(page, own):
    for tag, at in page.tags:
        bad = [n for n in at if n.startswith("on") or n == "style"] or (tag == "script" and not at.get("src", "").startswith("/assets/")) or tag == "style"
        assert not bad, (page.path, tag, at)
    # an owner sees his own mail as he wrote it
    for form in () if own else FORBIDDEN:
        assert form not in page.html, (page.path, page.html[max(0, page.html.find(form) - 200):][:300].replace(form, "(the number)"))
    runs = set() if own else set(re.findall(r"(?<![\d.])\d{12}(?![\d.])", page.text)) - KNOWN
    assert not runs, (page.path, len(runs))
    policy = page.headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'", "form-action 'self'"):
        assert part in policy, (page.path, policy)
    assert "unsafe" not in policy, policy
    for name, value in (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"), ("Cache-Control", "no-store")):
        assert page.headers[name] == value, (page.path, name, page.headers[name])
def kind(path):
    path, _, query = path.partition("?")
    return re.sub(r"[^/]*[\d%@][^/]*", "*", path) + "?" + ",".join(sorted(p.partition("=")[0] for p in query.split("&")))
def walk(site, start, own_status):
    seen, count, left = set(), {}, list(start)
    while left:
        path = left.pop(0)
        if path in seen or count.get(kind(path), 0) >= 6 or "/source" in path or "/part/" in path:
            continue
        seen.add(path)
        count[kind(path)] = count.get(kind(path), 0) + 1
        page = site.get(path)
        assert page.status < 500, (path, page.status)
        check(page, own_status and path.startswith("/outgoing"))
        for tag, href in page.links:
            href = urllib.parse.urljoin(site.base + path, href)
            if tag == "a" and href.startswith(site.base + "/"):
                left.append(href.removeprefix(site.base).partition("#")[0])
    return seen
def state():
    """Everything that reading might change: what mailboxes hold and in which order it changed, held mail, people, rules, queue."""
    boxes = {}
    for name in ("sato", "takahashi", "suzuki", "watanabe"):
        imap = imaplib.IMAP4("127.0.0.1", demo["imap"]); imap.login(name + "@aoba.example", password(name))
        for line in imap.list()[1]:
            box = line.decode().rpartition(' "/" ')[2]
            boxes[name, box] = imap.status(box, "(MESSAGES UNSEEN UIDNEXT HIGHESTMODSEQ)")[1]
        imap.logout()
    return boxes, [sekisho(*words) for words in (("held", "list"), ("user", "list"), ("group", "list"), ("rules", "show", "--tenant", "aoba"), ("queue", "list"))]
before = state()
for base, people, start in ((demo["mail_url"], ("sato", "takahashi", "suzuki", "watanabe"), ["/mail", "/approve", "/approve/history", "/outgoing", "/settings", "/login"]),
                            (demo["admin_url"], ("ito", "watanabe"), ["/", "/login"])):
    for name in people:
        site = Site(base)
        page = site.submit(site.get("/login"), "サインイン", email=name + "@aoba.example", password=password(name))
        print(name, base.split("//")[1].split(".")[0], len(walk(site, start, name == "sato")), "pages")
# GET changes nothing (but the audit log, which says who looked)
after = state()
assert after == before, [(one, two) for one, two in zip(before, after) if one != two]
