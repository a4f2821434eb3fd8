"""Measures IMAP of Sekisho, and of a Dovecot beside it, with the same mailboxes in turn, and prints a table.

Only ratios of figures of one run mean something: the machine is shared, and the disk differs between machines.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

import measure
import peer

BOX = "box"
# name, command, and the goal: our time to Dovecot's
COMMANDS = [
    ("SELECT", "SELECT {box}", None),
    ("FETCH 1:* (UID FLAGS)", "FETCH 1:* (UID FLAGS)", 0.5),
    ("FETCH 1:* (ENVELOPE …)", "FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)", 0.1),
    ("FETCH 1:* (BODYSTRUCTURE)", "FETCH 1:* (BODYSTRUCTURE)", 1),
    ("list of 50", "FETCH {middle}:{later} (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)", 0.5),
    ("FETCH 2,000 bodies", "FETCH 1:2000 (BODY.PEEK[])", 0.33),
    ("SEARCH UNSEEN", "SEARCH UNSEEN", None),
    ("SEARCH FROM", "SEARCH FROM user020", 0.2),
    ("SEARCH SUBJECT 見積", "SEARCH CHARSET UTF-8 SUBJECT {{=見積}}", 0.2),
    ("SEARCH BODY, one in a hundred", "SEARCH BODY hyoujun-kaisen", 0.33),
    ("SEARCH TEXT, Japanese", "SEARCH CHARSET UTF-8 TEXT {{=定例会議}}", 0.33),
    ("SORT (REVERSE DATE)", "SORT (REVERSE DATE) UTF-8 ALL", 0.5),
    ("SORT (SUBJECT)", "SORT (SUBJECT) UTF-8 ALL", 0.5),
    ("THREAD REFERENCES", "THREAD REFERENCES UTF-8 ALL", 0.5),
    ("STORE 1:* +FLAGS", "STORE 1:* +FLAGS.SILENT (\\Flagged)", 0.2),
    ("STORE 1:* -FLAGS", "STORE 1:* -FLAGS.SILENT (\\Flagged)", 0.2),
]  # fmt: skip
# name, step, sessions, pieces of work, and the goal: our rate to Dovecot's
MANY = [
    ("APPEND, 1 session", "append", 1, 400, 1.5),
    ("APPEND, 8 sessions", "append", 8, 1600, 3),
    ("STORE one by one, 1 session", "store", 1, 200, 1.5),
    ("STORE one by one, 8 sessions", "store", 8, 800, 8),
    ("mixed, 8 sessions", "mixed", 8, 12000, 3),
    ("sign in and SELECT, 8 sessions", "sign-in", 8, 400, 5),
]


class Steps:
    """The client, and how it is used."""

    def __init__(self, load, options):
        self.load, self.options = load, options

    def command(self, server, step, sessions, count, *rest):
        address = f"127.0.0.1:{server.imap}"
        return [self.load, address, "imap", step, str(sessions), str(count), server.password, *rest]

    def run(self, server, step, sessions, count, *rest):
        done = subprocess.run(self.command(server, step, sessions, count, *rest), capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{server.name}, {step}: {done.stderr}")
        return json.loads(done.stdout)

    def script(self, server, commands):
        pipe = subprocess.PIPE
        process = subprocess.Popen(self.command(server, "script", 1, 1), stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        output, errors = process.communicate("".join(f"{command}\n" for command in commands))
        if process.returncode:
            sys.exit(f"{server.name}: {errors}")
        return [json.loads(line) for line in output.splitlines()]


def fill(steps, servers):
    for server in servers:
        before = measure.disk(server)
        took = steps.run(server, "fill", 1, steps.options.mails, BOX)
        print(f"{server.name}: {steps.options.mails} mails in, {took['per_s']:.0f}/s, "
              f"{(measure.disk(server) - before) / steps.options.mails:.0f} disk bytes each", file=sys.stderr)  # fmt: skip


def commands(steps, servers, rows):
    middle = steps.options.mails // 2
    words = {"box": BOX, "middle": middle, "later": middle + 49}
    texts = [command.format(**words) for _, command, _ in COMMANDS]
    hits = {}
    for number in range(steps.options.rounds):
        for server in servers:
            # twice in one session: the first time, and what is remembered
            first, again = steps.script(server, texts), steps.script(server, texts)
            for (name, _, _), one, two in zip(COMMANDS, first, again):
                rows.setdefault((name, server.name), []).append(two["ms"])
                if number == 0:
                    rows.setdefault((f"{name}, the first time", server.name), []).append(one["ms"])
                    hits.setdefault(name, {})[server.name] = one["hits"]
            print(f"round {number + 1}: {server.name}", file=sys.stderr)
    return {name: found for name, found in hits.items() if len(set(found.values())) > 1}


def many(steps, servers, rates, tails):
    for name, step, sessions, count, _ in MANY:
        for _ in range(steps.options.rounds):
            for server in servers:
                took = steps.run(server, step, sessions, max(count // steps.options.divide, sessions))
                rates.setdefault((name, server.name), []).append(took["per_s"])
                tails.setdefault((name, server.name), []).append(took["p99_ms"])
        print(name, file=sys.stderr)


def push(steps, servers):
    """From the sender's 250 to EXISTS at a client in IDLE, p50 and p99 in ms."""
    return {server.name: steps.run(server, "push", 1, 60, f"127.0.0.1:{server.smtp}") for server in servers}


def resident(server):
    """KiB of memory of their own (Pss) of all processes of a server."""
    total = 0
    for pid in measure.tree(server):
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            continue
    return total


def idle(steps, servers, connections):
    """KiB for each connection that is open in IDLE."""
    found = {}
    for server in servers:
        before = resident(server)
        process = subprocess.Popen(steps.command(server, "idle", measure.USERS, connections),
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip
        line = process.stdout.readline()
        if line:
            found[server.name] = (resident(server) - before) / json.loads(line)["open"]
        process.communicate("")
    return found


def table(title, unit, rows, goals, least):
    print(f"\n| {title} | sekisho {unit} | dovecot {unit} | ratio | goal | |\n|---|---|---|---|---|---|")
    for name in dict.fromkeys(name for name, _ in rows):
        ours = statistics.median(rows[name, "sekisho"])
        theirs = rows.get((name, peer.Peer.name))
        goal = goals.get(name)
        if not theirs:
            print(f"| {name} | {ours:.2f} | | | | |")
            continue
        theirs = statistics.median(theirs)
        ratio = ours / theirs
        reached = "" if goal is None else ("reached" if (ratio >= goal if least else ratio <= goal) else "missed")
        sign = "" if goal is None else f"{'≥' if least else '≤'} {goal}"
        print(f"| {name} | {ours:.2f} | {theirs:.2f} | {ratio:.2f} | {sign} | {reached} |")


def run(options, servers):
    steps, rows, rates, tails = Steps(options.load, options), {}, {}, {}
    fill(steps, servers)
    differing = commands(steps, servers, rows)
    many(steps, servers, rates, tails)
    pushed, memory = push(steps, servers), idle(steps, servers, options.idle)
    load = " ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"{options.mails} mails, {options.rounds} rounds, medians; {os.cpu_count()} cores, load averages at the end {load}")
    goals = {name: goal for name, _, goal in COMMANDS}
    table("command", "ms", rows, goals, False)
    table("many at once", "per s", rates, {name: goal for name, *_, goal in MANY}, True)
    table("p99 of these", "ms", tails, {"mixed, 8 sessions": 0.5}, False)
    print()
    for name, took in pushed.items():
        print(f"- from the 250 to EXISTS in IDLE, {name}: p50 {took['p50_ms']:.2f} ms, p99 {took['p99_ms']:.2f} ms")
    for name, each in memory.items():
        print(f"- memory of a connection in IDLE, {options.idle} of them, {name}: {each:.1f} KiB")
    for name, found in differing.items():
        print(f"- not the same hits, {name}: {found}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--folder", required=True, help="an empty folder on the disk that is to be measured")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--idle", type=int, default=500, help="connections in IDLE")
    parser.add_argument("--divide", type=int, default=1, help="do so many times less at once")
    options = parser.parse_args()
    servers = measure.all_servers(options)
    try:
        for server in servers:
            server.start()
        run(options, servers)
    finally:
        for server in servers:
            server.stop()


if __name__ == "__main__":
    main()
