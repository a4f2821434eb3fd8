"""Times the pages on which held mail is listed, the console's 保留 and an approver's 承認待ち, with very many held mails.

One mail is held by the demo's own rules and its rows are repeated in the database while the server is down; then the server
serves them, and each page of 50 is asked for over one connection. The goal of issue 6 is 50 ms with 100,000 held mails.
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
from email.message import EmailMessage
from urllib.parse import urlencode, urlparse

GOAL = 50
NUMBER = "123456789018"
COUNTED = "WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < :rows) "
# the newest row of each again and again; references are words of their own, deadlines lie apart
REPEATED = [
    ("submission", {"id": "t.id + n.value", "reference": "printf('HE%02d-%04d', n.value / 10000, n.value % 10000)"}),
    ("parcel", {"id": "t.id + n.value", "submission": "t.submission + n.value"}),
    ("approval", {"parcel": "t.parcel + n.value", "deadline": "t.deadline + (n.value * 7919 % :rows) * 60000"}),
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


def hold_one(demo):
    """A mail with a number to the outside, which the rules of a fresh company hold."""
    author = next(person for person in demo["people"] if person["address"].startswith("sato@"))
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = author["address"], "taro@yamada.example", "held"
    mail.set_content(f"マイナンバー: {NUMBER}")
    with smtplib.SMTP("127.0.0.1", demo["submission"]) as smtp:
        smtp.login(author["address"], author["password"])
        smtp.send_message(mail)


def repeat(database, rows):
    """Makes `rows` held mails of the newest; who is asked for that is asked for all."""
    with sqlite3.connect(database) as db:
        db.execute("PRAGMA synchronous = off")
        for table, changed in REPEATED:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            key = columns[0]
            values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
            newest = f"(SELECT max({key}) FROM {table})"
            db.execute(f"{COUNTED} INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM n CROSS JOIN {table} AS t "
                       f"WHERE t.{key} = {newest}", {"rows": rows})  # fmt: skip
        person = db.execute("SELECT person FROM asked ORDER BY parcel DESC LIMIT 1").fetchone()[0]
        db.execute("INSERT INTO asked (person, deadline, parcel) SELECT ?, deadline, parcel FROM approval AS a "
                   "WHERE NOT EXISTS (SELECT 1 FROM asked AS k WHERE k.person = ? AND k.parcel = a.parcel)", (person, person))  # fmt: skip


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

    def timed(self, name, path, entries, times):
        took = []
        for _ in range(times):
            began = time.perf_counter()
            status, page = self.ask("GET", path)
            took.append((time.perf_counter() - began) * 1e3)
            if status != 200 or len(re.findall(entries, page)) != 50:
                sys.exit(f"{path}: {status}, {len(re.findall(entries, page))} entries")
        took.sort()
        median = statistics.median(took)
        verdict = "reached" if median < GOAL else "**missed**"
        print(f"| {name} | {median:.1f} | {took[len(took) * 95 // 100]:.1f} | {verdict} |")
        return page

    def pages(self, name, path, entries, times):
        """The first page, and one far behind it."""
        page = self.timed(f"{name}, the first page", path, entries, times)
        for _ in range(20):
            older = re.search(rf'href="({path}\?[^"]*)"', page)
            page = self.ask("GET", html.unescape(older.group(1)))[1]
        older = re.search(rf'href="({path}\?[^"]*)"', page)
        self.timed(f"{name}, behind a thousand", html.unescape(older.group(1)), entries, times)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--load", help="what other benchmarks need")
    parser.add_argument("--folder", required=True)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=100)
    options = parser.parse_args()
    demo_folder = os.path.join(options.folder, "demo")
    process = started([options.binary, "demo", "--any-ports", "--data", demo_folder], "Ready")
    with open(os.path.join(demo_folder, "demo.json"), encoding="utf-8") as file:
        demo = json.load(file)
    hold_one(demo)
    stopped(process)
    config = demo["config"]
    repeat(os.path.join(os.path.dirname(config), "data", "mail.db"), options.rows)
    process = started([options.binary, "--config", config, "serve"], "Sekisho")
    try:
        print(f"{options.rows} held mails, {options.times} requests each\n")
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
