"""Measures IMAP of Sekisho, and of a Dovecot beside it, with the same mailboxes in turn, and prints a table.

Only ratios of figures of one run mean something: the machine is shared, and the disk differs between machines.
docs/benchmarks.md says how each line is measured.
"""
import argparse
import contextlib
import json
import os
import subprocess
import sys
import time

import measure
import ours
from report import SAME, Table, times, under

BOX, GAPS, EIGHT, LARGE = "box", "gaps", "eight", "large"
ENVELOPE = "FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"
FLAGS = "FETCH 1:* (UID FLAGS)"
BY_DATE, BY_SUBJECT, THREAD = "SORT (REVERSE DATE) UTF-8 ALL", "SORT (SUBJECT) UTF-8 ALL", "THREAD REFERENCES UTF-8 ALL"
# name, command, goal; the second time in a session
WARM = [
    ("SELECT, open before", "SELECT {box}", under(2)),
    ("FETCH 1:* (UID FLAGS)", FLAGS, times(0.5)),
    ("FETCH 1:* (ENVELOPE …)", ENVELOPE, times(0.1)),
    ("FETCH 1:* (BODYSTRUCTURE)", "FETCH 1:* (BODYSTRUCTURE)", times(1)),
    ("list of 50", "FETCH {middle}:{later} (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)", times(0.5)),
    ("SEARCH UNSEEN", "SEARCH UNSEEN", None),
    ("SORT (REVERSE DATE)", BY_DATE, times(0.5)),
    ("SORT (SUBJECT)", BY_SUBJECT, times(0.5)),
    ("THREAD REFERENCES", THREAD, times(0.5)),
]  # fmt: skip
BODIES = "FETCH 1:{fifth} (BODY.PEEK[])"
STORES = [("STORE 1:* +FLAGS", "STORE 1:* +FLAGS.SILENT (\\Flagged)"), ("STORE 1:* -FLAGS", "STORE 1:* -FLAGS.SILENT (\\Flagged)")]
# name, command, what a scan looks for and where; goals with the index and without it
SEARCHES = [
    ("SEARCH FROM", "SEARCH FROM user020", ("from", "user020"), times(0.2), None),
    ("SEARCH SUBJECT 見積り", "SEARCH CHARSET UTF-8 SUBJECT {{=見積り}}", ("subject", "見積り"), times(0.2), None),
    ("SEARCH BODY, one in a hundred", "SEARCH BODY hyoujun-kaisen", ("body", "hyoujun-kaisen"), under(20), times(1 / 3)),
    ("SEARCH TEXT 定例会議", "SEARCH CHARSET UTF-8 TEXT {{=定例会議}}", ("text", "定例会議"), under(20), times(1 / 3)),
]  # fmt: skip
# a sentence of nearly every mail; each round looks for another part of it, which nobody has sought before
SENTENCE = "先日ご依頼いただきました見積書の件でご連絡いたします"
PART = 6
# name, command
COLD = [
    ("ENVELOPE", ENVELOPE), ("BODYSTRUCTURE", "FETCH 1:* (BODYSTRUCTURE)"), ("SORT by date", BY_DATE),
    ("SORT by subject", BY_SUBJECT), ("THREAD", THREAD), ("TEXT", "SEARCH CHARSET UTF-8 TEXT {=定例会議}"),
]  # fmt: skip
# name, step, sessions, pieces of work at 10,000 mails, goal, size
MANY = [
    ("APPEND of 4 KiB, 1 session", "append", 1, 400, 1.5, ["4096"]),
    ("APPEND of 4 KiB, 8 sessions", "append", 8, 1600, 3, ["4096"]),
    ("STORE one by one, 1 session, an INBOX of 20", "store", 1, 400, None, []),
    ("STORE one by one, 8 sessions, each an INBOX of 20", "store", 8, 1600, None, []),
    ("mixed, 8 sessions", "mixed", 8, 12000, 3, []),
    ("sign in + SELECT, 8 sessions", "sign-in", 8, 400, 5, []),
]


# sessions that have the same mailbox open, pieces of work, goal, a flag that these alone change
STORES_IN = [(1, 200, 1.5, "\\Flagged"), (8, 400, 8, "\\Answered")]


class Steps:
    """The client, and how it is used."""

    def __init__(self, load, options):
        self.load, self.options = load, options

    def scaled(self, count):
        """Of what is done with 10,000 mails, as much as fits the mails that there are."""
        return max(8, count * min(self.options.mails, 10_000) // 10_000)

    def command(self, server, step, sessions, count, *rest):
        address = f"127.0.0.1:{server.imap}"
        return [self.load, address, "imap", step, str(sessions), str(count), server.password, *rest]

    def run(self, server, step, sessions, count, *rest):
        done = subprocess.run(self.command(server, step, sessions, count, *rest), capture_output=True, text=True, check=False)
        if done.returncode:
            server.tell()
            sys.exit(f"{server.name}, {step}: {done.stderr}")
        return json.loads(done.stdout)

    def script(self, server, commands):
        """What each command took, in one session."""
        pipe = subprocess.PIPE
        process = subprocess.Popen(self.command(server, "script", 1, 1), stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        output, errors = process.communicate("".join(f"{command}\n" for command in commands))
        if process.returncode:
            server.tell()
            sys.exit(f"{server.name}: {errors}")
        return [json.loads(line) for line in output.splitlines()]


def fill(steps, servers, box, mails, *size):
    """Puts mails in; their bytes together."""
    for server in servers:
        filled = steps.run(server, "fill", 1, mails, box, *size)
        print(f"{server.name}: {mails} mails in {box}", file=sys.stderr)
    return filled["bytes"]


def rounds(steps, servers, what):
    """Each server in each round."""
    for number in range(steps.options.rounds):
        for server in servers:
            yield server
        print(f"{what}: round {number + 1}", file=sys.stderr)


def searches(steps, servers, table, expected, indexed):
    """The searches with the index or without it; each must find what a scan of the decoded text finds."""
    names = [name if indexed else f"{name}, no index" for name, *_ in SEARCHES]
    texts = [f"SELECT {BOX}", *(command.format() for _, command, *_ in SEARCHES)]
    for server in rounds(steps, servers, "searches" if indexed else "searches without the index"):
        taken = steps.script(server, texts + texts)[-len(SEARCHES):]  # fmt: skip
        for name, took, (_, _, what, goal, alone) in zip(names, taken, SEARCHES):
            table.note(name, "ms", server, took["ms"], goal if indexed else alone)
            if took["hits"] != expected[what]:
                table.wrong(name, f"**{server.name} finds {took['hits']}, a scan {expected[what]}**")


def part(number):
    """What is sought in round `number`, and where."""
    start = number % (len(SENTENCE) - PART)
    return "text", SENTENCE[start : start + PART]


def first_searches(steps, servers, table, expected):
    """A phrase that nearly every mail holds, sought for the first time."""
    name = "SEARCH TEXT, a phrase of nearly every mail, first time"
    for at, server in enumerate(rounds(steps, servers, "first searches")):
        what = part(at // len(servers))
        took = steps.script(server, [f"SELECT {BOX}", f"SEARCH CHARSET UTF-8 TEXT {{={what[1]}}}"])[-1]
        table.note(name, "ms", server, took["ms"], under(20))
        if took["hits"] != expected[what]:
            table.wrong(name, f"**{server.name} finds {took['hits']}, a scan {expected[what]}**")


def warm(steps, servers, table, box, lines, what):
    middle = steps.options.mails // 2
    words = {"box": box, "middle": middle, "later": middle + 49}
    texts = [f"SELECT {box}", *(command.format(**words) for _, command, _ in lines)]
    for server in rounds(steps, servers, what):
        for (name, _, goal), took in zip(lines, steps.script(server, texts + texts)[len(texts) + 1 :]):
            table.note(name, "ms", server, took["ms"], goal)


def bodies(steps, servers, table):
    command = BODIES.format(fifth=max(steps.options.mails // 5, 1))
    for server in rounds(steps, servers, "bodies"):
        took = steps.script(server, [f"SELECT {BOX}", command, command])[-1]
        table.note("full bodies, one command", "MB/s", server, took["bytes"] / took["ms"] / 1e3, times(3, True))
    for sessions in (1, 4):
        name = f"full bodies, pieces of 100, {sessions} session{'s' if sessions > 1 else ''}"
        for server in rounds(steps, servers, name):
            took = steps.run(server, "bodies", sessions, steps.scaled(4_000), BOX)
            table.note(name, "MB/s", server, took["mb_s"], times(3, True))


def cold(steps, servers, table, box, lines, title):
    """Each first time comes after a restart of its own, a second after the doors are open, as people come back."""
    for server in rounds(steps, servers, f"first times, {box}"):
        for at, (name, command) in enumerate(lines):
            server.restart()
            time.sleep(1)
            opened, first, second = steps.script(server, [f"SELECT {box}", command, command])
            _, later = steps.script(server, [f"SELECT {box}", command])
            if at == 0:
                table.note(f"{title}SELECT, first after a restart", "ms", server, opened["ms"], under(100))
            # the second time of a text is answered from memory: what the issue asks of the first is that of any search
            goal, same = (under(20), None) if name == "TEXT" else (None, under(SAME))
            table.note(f"{title}{name}, first after a restart", "ms", server, first["ms"], goal)
            table.note(f"{title}{name}, first to second time", "×", server, first["ms"] / second["ms"], same)
            table.note(f"{title}{name}, first to that of the next session", "×", server, first["ms"] / later["ms"])
            if name == "BODYSTRUCTURE":
                ours_first = first if server.name == "sekisho" else second
                table.note(f"{name}, first, to Dovecot's second", "ms", server, ours_first["ms"], times(1))


def afresh(steps, servers, table, box, title):
    """A mailbox of which nothing is kept but the mails, and what was made of them when they came."""
    for server in rounds(steps, servers, f"nothing kept, {box}"):
        server.restart_afresh("u0", box)
        time.sleep(1)
        _, first, second = steps.script(server, [f"SELECT {box}", ENVELOPE, ENVELOPE])
        table.note(f"{title}ENVELOPE, nothing kept ready, first after a restart", "ms", server, first["ms"])
        table.note(f"{title}ENVELOPE, nothing kept ready, first to second time", "×", server, first["ms"] / second["ms"])


def stores(steps, servers, table):
    for server in rounds(steps, servers, "STORE of all"):
        taken = steps.script(server, [f"SELECT {BOX}", *(command for _, command in STORES)])[1:]
        for (name, _), took in zip(STORES, taken):
            table.note(name, "ms", server, took["ms"], times(0.2))


def single_stores(steps, servers, table):
    """One flag of one message after another in the mailbox of all mails, which every session has open; each command changes something."""
    for sessions, count, goal, flag in STORES_IN:
        name = f"STORE one by one, {sessions} session{'s' if sessions > 1 else ''}"
        for at, server in enumerate(rounds(steps, servers, name)):
            sign = "-" if at // len(servers) % 2 else "+"
            took = steps.run(server, "store-in", sessions, steps.scaled(count), BOX, f"{sign}FLAGS ({flag})")
            table.note(name, "a second", server, took["per_s"], times(goal, True))
            table.note(f"{name}: p99", "ms", server, took["p99_ms"])


def gaps(steps, servers, table):
    """A mailbox of which every second message is gone."""
    odd = range(1, steps.options.mails + 1, 2)
    sets = [",".join(map(str, odd[at : at + 1000])) for at in range(0, len(odd), 1000)]
    marks = [f"STORE {numbers} +FLAGS.SILENT (\\Deleted)" for numbers in sets]
    for server in servers:
        steps.script(server, [f"CREATE {GAPS}", f"SELECT {BOX}", f"COPY 1:* {GAPS}", f"SELECT {GAPS}", *marks, "EXPUNGE"])
    lines = [(f"{name}, every second message gone", command, None) for name, command in [
        ("FETCH 1:* (UID FLAGS)", FLAGS), ("FETCH 1:* (ENVELOPE …)", ENVELOPE), ("SEARCH FROM", "SEARCH FROM user020"),
    ]]  # fmt: skip
    warm(steps, servers, table, GAPS, lines, "gaps")


def many(steps, servers, table):
    for name, step, sessions, count, goal, rest in MANY:
        for server in rounds(steps, servers, name):
            # what comes later wants 20 messages in each inbox
            took = steps.run(server, step, sessions, max(steps.scaled(count), 20 * sessions), *rest)
            table.note(name, "a second", server, took["per_s"], goal and times(goal, True))
            if step == "mixed":
                table.note(f"{name}: p99", "ms", server, took["p99_ms"], times(0.5))


def blocks(steps, servers, table):
    """Disk blocks of mails of 8 KB, while the servers are down and have put away what they keep for writing."""
    mails = steps.scaled(4_000)
    for server in servers:
        before = ours.at_rest(server)
        size = fill(steps, [server], EIGHT, mails, "8192")
        table.note("disk blocks, mails of 8,192 bytes", "of a byte", server, (ours.at_rest(server) - before) / size, under(0.7))


def push(steps, servers, table):
    """From the sender's 250 to EXISTS at a client in IDLE."""
    for server in servers:
        took = steps.run(server, "push", 1, steps.scaled(60), f"127.0.0.1:{server.smtp}")
        table.note("250 to EXISTS in IDLE: p50", "ms", server, took["p50_ms"])
        table.note("250 to EXISTS in IDLE: p99", "ms", server, took["p99_ms"], under(10))


def idle(steps, servers, table):
    """KB for each connection that is open in IDLE beyond those of the first, plain and over TLS."""
    plain, tls = steps.scaled(1_000), steps.scaled(5_000)
    for server in servers:
        server.restart()
        with plain_idle(steps, server, measure.USERS):
            before = ours.resident(server)
            with plain_idle(steps, server, plain):
                each = (ours.resident(server) - before) / plain / 1e3
        table.note(f"a connection in IDLE, {plain} plain", "KB", server, each, under(15))
    own = servers[0]
    own.restart()
    with ours.idle_over_tls(own, measure.USERS):
        before = ours.resident(own)
        with ours.idle_over_tls(own, tls):
            each = (ours.resident(own) - before) / tls / 1e3
    table.note(f"a connection in IDLE, {tls} TLS", "KB", own, each, under(40))


@contextlib.contextmanager
def plain_idle(steps, server, count):
    """So many connections in IDLE, of all users in turn."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(steps.command(server, "idle", measure.USERS, count), stdin=pipe, stdout=pipe, text=True)
    if not process.stdout.readline():
        sys.exit(f"{server.name}: {count} connections cannot be opened")
    yield
    process.communicate("")


def index_line(table, server, found):
    """What the index cost, and how long it lags behind."""
    table.note("index: CPU of a message", "ms", server, found["cpu_ms"], under(3))
    table.note("index: size to that of the mails", "×", server, found["bytes"], under(0.25))


def large(steps, servers, table):
    """The lines of the issue that speak of 100,000 messages."""
    count = steps.options.large
    for server in servers:
        # Dovecot would take half an hour for them by APPEND
        folder = server.maildir("u0", LARGE)
        steps.run(server, "maildir" if folder else "fill", 1, count, folder or LARGE)
        if folder:
            server.owns(folder)
    ours.Index(servers[0]).wait()
    of = f"{count:,}: "
    lines = [(of + name, command.format(box=LARGE), goal) for name, command, goal in WARM
             if command in ("SELECT {box}", FLAGS, ENVELOPE, BY_DATE, BY_SUBJECT, THREAD)]  # fmt: skip
    warm(steps, servers, table, LARGE, lines, f"{count:,}")
    firsts = [(name, command) for name, command in COLD if name not in ("BODYSTRUCTURE", "TEXT")]
    cold(steps, servers, table, LARGE, firsts, of)
    afresh(steps, servers, table, LARGE, of)


def run(options, servers):
    table = Table()
    try:
        size = measured(Steps(options.load, options), servers, table)
        print(f"{options.mails} mails of {size / options.mails:.0f} bytes, {options.rounds} rounds")
    finally:
        # what was measured before something broke off is worth as much
        load = " ".join(f"{load:.1f}" for load in os.getloadavg())
        print(f"{os.cpu_count()} cores, load averages at the end {load}\n")
        table.print()


def measured(steps, servers, table):
    """Fills the table; the bytes of all mails of the mailbox."""
    options, own = steps.options, servers[0]
    size = fill(steps, servers, BOX, options.mails)
    index = ours.Index(own)
    wanted = [what for _, _, what, *_ in SEARCHES] + [part(number) for number in range(options.rounds)]
    expected = ours.scan(own, BOX, wanted)
    print(f"a scan finds {expected}", file=sys.stderr)
    with index.missing():
        searches(steps, servers, table, expected, False)
    index_line(table, own, index.fed(options.mails, size))
    first_searches(steps, servers, table, expected)
    searches(steps, servers, table, expected, True)
    warm(steps, servers, table, BOX, WARM, "commands")
    bodies(steps, servers, table)
    cold(steps, servers, table, BOX, COLD, "")
    afresh(steps, servers, table, BOX, "")
    stores(steps, servers, table)
    single_stores(steps, servers, table)
    gaps(steps, servers, table)
    many(steps, servers, table)
    blocks(steps, servers, table)
    push(steps, servers, table)
    delays = index.delays(10)
    table.note("index: delay, the longest of ten", "s", own, max(delays), under(1))
    idle(steps, servers, table)
    if options.large:
        large(steps, servers, table)
    return size


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--folder", required=True, help="an empty folder on the disk that is to be measured")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mails", type=int, default=10_000, help="below 10,000 all counts are smaller by as much")
    parser.add_argument("--large", type=int, default=0, help="messages of another mailbox for the lines of 100,000")
    options = parser.parse_args()
    servers = measure.all_servers(options)
    started = []
    try:
        for server in servers:
            started.append(server)
            server.start()
        run(options, servers)
    finally:
        for server in started:
            server.stop()


if __name__ == "__main__":
    main()
