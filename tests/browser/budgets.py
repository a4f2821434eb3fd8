# Fills the company for the table of budgets, and times its screens from outside; after web.py and the prelude of tests/house.rs.
import sqlite3, sys, time, urllib.parse

def fill_folder(many):
    """Doubles a folder by COPY until it holds so many."""
    imap = imaplib.IMAP4("127.0.0.1", demo["imap"]); imap.login("sato@aoba.example", password("sato"))
    imap.create("big"); imap.select("INBOX"); imap.copy("1:*", "big")
    n = int(imap.select("big")[1][0])
    while n < many:
        assert imap.copy("1:%d" % min(n, many - n), "big")[0] == "OK"
        n = int(imap.select("big")[1][0])
    assert n == many

def fill_company(people, acts):
    """People, and acts in both tables of the audit log, written as the store keeps them: a command for each would take hours."""
    directory, log = (sqlite3.connect(os.path.join(os.path.dirname(demo["config"]), "data", name), timeout=60) for name in ("directory.db", "mail.db"))
    tenant = directory.execute("SELECT id FROM tenant WHERE name = 'aoba'").fetchone()[0]
    first = directory.execute("SELECT max(id) FROM user").fetchone()[0] + 1
    now = int(time.time() * 1000)
    with directory:
        directory.executemany("INSERT INTO user (id, tenant, address, name, department, roles) VALUES (?, ?, ?, ?, ?, 0)",
            ((first + n, tenant, "staff%05d@aoba.example" % n, "職員 %05d" % n, "第%d営業部" % (n % 40)) for n in range(people)))
        directory.executemany("INSERT INTO audit (tenant, actor, at, event, subject, detail) VALUES (?, ?, ?, ?, ?, ?)",
            ((tenant, first + n % people, now - n * 1000, "session.opened", "staff%05d@aoba.example" % (n % people),
              '{"pages":"mail","from":"192.0.2.1"}') for n in range(acts // 2)))
    with log:
        log.executemany("INSERT INTO audit (tenant, actor, at, event, subject, detail) VALUES (?, ?, ?, ?, ?, ?)",
            ((tenant, first + n % people, now - n * 1000, "submission.judged", "%04X-%04X" % (n // 65536, n % 65536),
              '{"outcome":"held","recorded":[],"rules":["MN-OUT"]}') for n in range(acts - acts // 2)))
    # any change makes the server read the directory again
    sekisho("user", "set", "sato@aoba.example", "--department", "営業部")

def fill_lists(mails):
    """Held mails for approvers, and mails that wait for a next hop that is not there."""
    smtp = smtplib.SMTP("127.0.0.1", demo["submission"]); smtp.login("sato@aoba.example", password("sato"))
    for n in range(mails):
        head = "From: 佐藤 健一 <sato@aoba.example>\r\nTo: <a%d@yamada%d.example>\r\nSubject: 10月度の名簿と請求書の送付について(%d)\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" % (n, n % 7, n)
        for body in ("個人番号 123456789018\r\n", "ご確認ください。\r\n"):
            smtp.sendmail("sato@aoba.example", ["a%d@yamada%d.example" % (n, n % 7)], (head + body).encode())

def write_draft(files, size):
    """A draft to ten people outside with files; the address of its check."""
    site = Site(demo["mail_url"]); site.sign_in("sato@aoba.example", password("sato"))
    to = ", ".join("山田 %d <yamada%d@kaisha%d.example>" % (n, n, n % 3) for n in range(10))
    page = site.submit(site.get("/mail/compose"), "保存", to=to, subject="資料の送付", body="いつもお世話になっております。\n資料をお送りします。")
    row = "山田製作所,東京都千代田区1-2-3,2026-11-%02d,部品,100\r\n"
    for n in range(files):
        if n % 2:
            data = os.urandom(size)
        else:
            data = "".join(row % (1 + line % 28) for line in range(size // 80)).encode()
        name = "資料%d.%s" % (n, "bin" if n % 2 else "csv")
        draft = re.search(r"/mail/compose/(\d+)", page.path).group(1)
        page = site.submit(site.get("/mail/compose/" + draft), "保存", [(name, data, "application/octet-stream")])
    draft = re.search(r"/mail/compose/(\d+)", page.path).group(1)
    return "/mail/compose/%s/check" % draft

def server_ms(url, path, person, rounds):
    """p50 and p95 of the time until the last byte, in ms, by the server's clock and the loopback's."""
    site = SITES.setdefault((url, person), None) or Site(url)
    if not site.cookies:
        site.sign_in(person + "@aoba.example", password(person))
    SITES[(url, person)] = site
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        answer, _data = site.request("GET", path)
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, (path, answer.status)
    taken.sort()
    return [taken[len(taken) // 2], taken[min(len(taken) - 1, len(taken) * 95 // 100)]]
SITES = {}
