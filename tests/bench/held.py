"""Times the pages on which held mail is listed, the console's 保留 and an approver's 承認待ち, with very many held mails.

Mails that differ in subject, sender, recipients, text, findings and files are held by the demo's own rules (`--mails`), each under a key
of its own; their rows are repeated in the database while the server is down (`--rows`), so that copies of one lie far apart; then the
server serves them, and each page of 50 different mails is asked for over one connection. The goal of issue 6 is 50 ms with 100,000 held mails.
"""
import argparse
import html
import http.client
import json
import os
import re
import signal
import smtplib
import sqlite3
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from urllib.parse import urlencode, urlparse

GOAL = 50
# the subject of a mail; no two are the same
NUMBERED = re.compile(r"件名(\d{6})")
PLACES = ["yamada.example", "minato.example", "sakura.example", "kaikei.example", "kita.example", "minami.example", "higashi.example"]
WORDS = ["扶養控除", "年末調整", "支払調書", "入社手続き", "源泉徴収", "社会保険", "退職手続き", "報酬のお支払い"]
# (table, key, what of a row is another in its copy number :copy): ids lie :span apart, references are words of their own, deadlines lie apart
REPEATED = [
    ("submission", "id", {"id": "id + :copy * :submissions", "reference": "printf('HE%02d-%04d', n / 10000, n % 10000)"}),
    ("parcel", "id", {"id": "id + :copy * :parcels", "submission": "submission + :copy * :submissions"}),
    ("approval", "parcel", {"parcel": "parcel + :copy * :parcels", "deadline": "deadline + (n * 7919 % :rows) * 60000"}),
]


def started(command, word):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in process.stdout:
        if word in line:
            return process
    sys.exit(f"{command} does not start")


def stopped(process):
    process.send_signal(signal.SIGTERM)
    process.stdout.read()
    process.wait()


def my_number(seed):
    """A My Number with its check digit (the ministry's ordinance 2014/85, article 5)."""
    digits = [int(one) for one in f"{seed * 7919 % 10**11:011d}"]
    weight = sum(one * (at + 1 if at <= 6 else at - 5) for at, one in enumerate(reversed(digits), 1))
    check = 11 - weight % 11
    return "".join(map(str, digits)) + str(0 if check > 9 else check)


def written(number, author):
    """A mail that the rules of a fresh company hold: with one to nine numbers, in its text or in a file."""
    mail, people = EmailMessage(), 1 + number % 3
    mail["From"], mail["Subject"] = author["address"], f"{WORDS[number % len(WORDS)]}の件 件名{number:06d}"
    mail["To"] = ", ".join(f"p{number}-{one}@{PLACES[(number + one) % len(PLACES)]}" for one in range(people))
    lines = "\n".join(f"{WORDS[(number + at) % len(WORDS)]} 個人番号: {my_number((number + 1) * 10 + at)}" for at in range(1 + number % 9))
    mail.set_content(lines if number % 10 else "添付をご確認ください。")
    if number % 10 == 0:
        mail.add_attachment(lines.encode(), maintype="text", subtype="csv", filename=f"一覧{number}.csv")
    return mail


def hold(demo, mails):
    """Has so many different mails held, by everybody who is asked for none of them."""
    authors = [one for one in demo["people"] if one["address"].split("@")[0] in ("sato", "takahashi", "watanabe", "ito")]

    def by(author, numbers):
        with smtplib.SMTP("127.0.0.1", demo["submission"]) as smtp:
            smtp.login(author["address"], author["password"])
            for number in numbers:
                smtp.send_message(written(number, author))

    with ThreadPoolExecutor(len(authors)) as pool:
        list(pool.map(by, authors, [range(at, mails, len(authors)) for at in range(len(authors))]))


def repeat(database, mails, rows):
    """Makes `rows` held mails of these; who is asked for one is asked for its copies."""
    with sqlite3.connect(database) as db:
        db.execute("PRAGMA synchronous = off")
        held = db.execute("SELECT count(*) FROM parcel WHERE state = 'held'").fetchone()[0]
        if held != mails:
            sys.exit(f"{held} of {mails} mails are held")
        counts = {name: db.execute(f"SELECT max(id) FROM {table}").fetchone()[0] for table, name in (("submission", "submissions"), ("parcel", "parcels"))}
        of = "SELECT {} FROM parcel WHERE state = 'held'"
        db.execute(f"CREATE TEMP TABLE first AS {of.format('id AS parcel, submission, row_number() OVER (ORDER BY id) AS n')}")
        db.execute("CREATE TEMP TABLE asks AS SELECT person, parcel FROM asked")
        for copy in range(1, rows // mails):
            given = {"copy": copy, "rows": rows, **counts}
            for table, key, changed in REPEATED:
                columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
                values = ", ".join(changed.get(column, column) for column in columns)
                which = "submission" if table == "submission" else "parcel"
                db.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM (SELECT t.*, f.n + :copy * {mails} AS n "
                           f"FROM first AS f JOIN {table} AS t ON t.{key} = f.{which})", given)  # fmt: skip
            db.execute("INSERT INTO asked (person, deadline, parcel) SELECT k.person, a.deadline, a.parcel FROM asks AS k "
                       "JOIN approval AS a ON a.parcel = k.parcel + :copy * :parcels", {"copy": copy, "parcels": counts["parcels"]})  # fmt: skip


class Visitor:
    """A browser over one connection that stays open."""

    def __init__(self, url, person):
        parts = urlparse(url)
        self.host, self.cookies = parts.netloc, {}
        self.to = http.client.HTTPConnection("127.0.0.1", parts.port)
        status, _ = self.ask("POST", "/login", urlencode({"email": person["address"], "password": person["password"]}))
        if status != 303:
            sys.exit(f"{person['address']} cannot sign in at {url}: {status}")

    def ask(self, method, path, body=None):
        headers = {"Host": self.host, "Accept-Language": "ja", "Content-Type": "application/x-www-form-urlencoded",
                   "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}  # fmt: skip
        self.to.request(method, path, body, headers)
        got = self.to.getresponse()
        for line in got.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return got.status, got.read().decode()

    def page(self, path, entries):
        """A page of fifty different mails, and how long it took."""
        began = time.perf_counter()
        status, page = self.ask("GET", path)
        took = (time.perf_counter() - began) * 1e3
        found, differ = len(re.findall(entries, page)), len(set(NUMBERED.findall(page)))
        if (status, found, differ) != (200, 50, 50):
            sys.exit(f"{path}: {status}, {found} entries, {differ} different mails")
        return page, took

    def pages(self, name, path, entries, times):
        """The first page again and again, and one page after the other from there."""
        told(f"{name}, the first page", [self.page(path, entries)[1] for _ in range(times)])
        here, took = path, []
        for _ in range(times):
            page, one = self.page(here, entries)
            took.append(one)
            older = re.search(rf'href="({path}\?[^"]*)"', page)
            here = html.unescape(older.group(1)) if older else path
        told(f"{name}, page after page", took)


def told(name, took):
    took.sort()
    median = statistics.median(took)
    verdict = "reached" if median < GOAL else "**missed**"
    print(f"| {name} | {median:.1f} | {took[len(took) * 95 // 100]:.1f} | {verdict} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--load", help="what other benchmarks need")
    parser.add_argument("--folder", required=True)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--mails", type=int, default=10_000, help="so many of them are mails of their own; the others are copies of their rows")
    parser.add_argument("--times", type=int, default=100)
    options = parser.parse_args()
    demo_folder = os.path.join(options.folder, "demo")
    process = started([options.binary, "demo", "--any-ports", "--data", demo_folder], "Ready")
    with open(os.path.join(demo_folder, "demo.json"), encoding="utf-8") as file:
        demo = json.load(file)
    mails = min(options.mails, options.rows)
    began = time.monotonic()
    hold(demo, mails)
    took = time.monotonic() - began
    stopped(process)
    config = demo["config"]
    repeat(os.path.join(os.path.dirname(config), "data", "mail.db"), mails, options.rows)
    process = started([options.binary, "--config", config, "serve"], "Sekisho")
    try:
        print(f"{options.rows // mails * mails} held mails of {mails} different ones, held in {took:.0f} s; {options.times} requests each\n")
        print(f"| page of 50 | p50 ms | p95 ms | goal {GOAL} ms |\n|---|---|---|---|")
        people = {person["address"].split("@")[0]: person for person in demo["people"]}
        Visitor(demo["admin_url"], people["ito"]).pages("保留 (console)", "/t/aoba/held", r'id="held-\d+"', options.times)
        visitor = Visitor(demo["mail_url"], people[approver(demo_folder)])
        visitor.pages("承認待ち", "/approve", r'id="case-\d+"', options.times)
    finally:
        stopped(process)


def approver(folder):
    """Who is asked."""
    with sqlite3.connect(os.path.join(folder, "data", "mail.db")) as mail:
        person = mail.execute("SELECT person FROM asked GROUP BY person ORDER BY count(*) DESC LIMIT 1").fetchone()[0]
    with sqlite3.connect(os.path.join(folder, "data", "directory.db")) as directory:
        address = directory.execute("SELECT address FROM user WHERE id = ?", (person,)).fetchone()[0]
    return address.split("@")[0]


if __name__ == "__main__":
    main()
