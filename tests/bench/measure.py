"""Measures Sekisho, and Postfix with Dovecot beside it, with the same mails in turn, and prints a table.

Only ratios of figures of one run mean something: the machine is shared, and the disk differs between machines.
"""
import argparse
import contextlib
import imaplib
import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

import peer

PASSWORD = "benchmark-password"
USERS = 32
MAILBOXES = 8
TICKS = os.sysconf("SC_CLK_TCK")
MAILS = {(1, 4096): 400, (8, 4096): 1600, (32, 4096): 3200, (1, 102400): 100, (8, 102400): 400, (32, 102400): 800}


def free_ports(number):
    """Ports below those that the system gives to clients, which may take one while its server is down for a moment."""
    held = []
    while len(held) < number:
        try:
            held.append(socket.create_server(("127.0.0.1", random.randrange(20_000, 32_000))))
        except OSError:
            continue
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


class Sekisho:
    """Our server in a fresh data folder, with users u0 to u31."""

    name = "sekisho"
    lmtp = None

    def __init__(self, folder, binary, ports):
        self.binary, self.config = binary, f"{folder}/sekisho.toml"
        self.smtp, self.submission, self.imap, self.imaps = ports
        self.password, self.data, self.process = PASSWORD, [f"{folder}/data"], None
        os.makedirs(folder)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(
                f'hostname = "mail.bench.test"\ndata_dir = "{folder}/data"\n[listen]\nsmtp = ["127.0.0.1:{self.smtp}"]\n'
                f'submission = ["127.0.0.1:{self.submission}"]\nsubmissions = []\n'
                f'imap = ["127.0.0.1:{self.imap}"]\nimaps = ["127.0.0.1:{self.imaps}"]\npop3 = []\npop3s = []\nweb = []\nadmin = []\ncontent = []\nhttp = []\n'
            )

    def begin(self):
        with open(f"{self.config}.log", "ab") as log:
            self.process = subprocess.Popen([self.binary, "--config", self.config, "serve"], stdout=log, stderr=log)
        try:
            peer.listening(self.imap)
        except OSError:
            self.tell()
            raise

    def restart(self):
        self.stop()
        self.begin()

    def restart_afresh(self, _user, _box):
        """It does not know what was looked at before."""
        self.stop()
        for name in ("lists", "lists.orders"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(f"{self.data[0]}/{name}")
        self.begin()

    def maildir(self, _user, _box):
        """Its mailboxes are no folders."""

    def tell(self):
        """The end of its log, when it does not do what it should."""
        with open(f"{self.config}.log", encoding="utf-8", errors="replace") as log:
            print(log.read()[-2_000:], file=sys.stderr)

    def start(self):
        self.begin()
        for user in range(USERS):
            role = ["--role", "operator", "--tenant", "bench"] if user == 0 else []
            self._command("user", "add", f"u{user}@bench.test", "--name", f"User {user}", *role, "--password-stdin")

    def _command(self, *args):
        command = [self.binary, "--config", self.config, *args]
        done = subprocess.run(command, input=PASSWORD, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(args)}: {done.stdout}{done.stderr}")

    def pids(self):
        return [self.process.pid]

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
            self.process = None


def tree(server):
    """Process id to the fields of /proc/PID/stat after the name, for the server and its children."""
    fields, children = {}, {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                fields[int(pid)] = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[int(pid)][1]), []).append(int(pid))
    found, todo = {}, server.pids()
    while todo:
        pid = todo.pop()
        if pid in fields and pid not in found:
            found[pid] = fields[pid]
            todo += children.get(pid, [])
    return found


def cpu(server):
    """CPU seconds so far, those of children that ended and were waited for included."""
    return sum(int(value) for fields in tree(server).values() for value in fields[11:15]) / TICKS


def disk(server):
    done = subprocess.run(["du", "-sc", "--block-size=1", *server.data], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-2])


class Mailboxes:
    """Counts the mails in the inboxes that the load goes to."""

    def __init__(self, server):
        self.sessions = []
        for user in range(MAILBOXES):
            session = imaplib.IMAP4("127.0.0.1", server.imap)
            session.login(f"u{user}@bench.test", server.password)
            self.sessions.append(session)

    def count(self):
        total = 0
        for session in self.sessions:
            session.noop()
            status = session.status("INBOX", "(MESSAGES)")[1][0]
            total += int(re.search(rb"MESSAGES (\d+)", status).group(1))
        return total

    def close(self):
        for session in self.sessions:
            session.logout()


class Bench:
    """The load generator and how it is used."""

    def __init__(self, load):
        self.load = load

    def start(self, server, kind, sessions, mails, size):
        address = f"127.0.0.1:{getattr(server, kind)}"
        command = [self.load, address, kind, sessions, mails, size, MAILBOXES, server.password]
        pipe = subprocess.PIPE
        process = subprocess.Popen([str(word) for word in command], stdin=pipe, stdout=pipe, text=True)
        process.stdout.readline()
        return process

    def finish(self, process):
        answer = json.loads(process.communicate("go\n")[0])
        if answer["error"]:
            print(f"  error: {answer['error']}", file=sys.stderr)
        return answer

    def round(self, server, kind, sessions, mails, size):
        """One measured run: rate and latency of the acceptance, rate into the mailbox, CPU and disk of each mail."""
        boxes = Mailboxes(server)
        process = self.start(server, kind, sessions, mails, size)
        there, used, bytes_before, began = boxes.count(), cpu(server), disk(server), time.monotonic()
        answer = self.finish(process)
        accepted = max(answer["accepted"], 1)
        end = time.monotonic() + 120
        arrived = boxes.count() - there
        while arrived < answer["accepted"] and time.monotonic() < end:
            time.sleep(0.02)
            arrived = boxes.count() - there
        visible = time.monotonic() - began
        used = cpu(server) - used
        boxes.close()
        return {
            "server": server.name, "kind": kind, "sessions": sessions, "size": size,
            "accepted": answer["accepted"], "arrived": arrived, "error": answer["error"],
            "per_s": accepted / answer["seconds"], "visible_per_s": arrived / visible,
            "p50_ms": answer["p50_ms"], "p99_ms": answer["p99_ms"],
            "cpu_ms": used * 1e3 / accepted, "disk": (disk(server) - bytes_before) / accepted,
        }  # fmt: skip

    def flushes(self, server, sessions):
        """Flushes of a mail in a short run of its own, for counting slows the server."""
        mails = 200
        boxes = Mailboxes(server)
        there = boxes.count()
        process = self.start(server, "smtp", sessions, mails, 4096)
        out = f"{server.data[0]}.strace"
        pids = [word for pid in tree(server) for word in ("-p", str(pid))]
        calls = "trace=fsync,fdatasync,sync_file_range,msync"
        tracer = subprocess.Popen(["strace", "-f", "-c", "-o", out, "-e", calls, *pids], stderr=subprocess.PIPE)
        tracer.stderr.readline()
        time.sleep(0.5)
        accepted = self.finish(process)["accepted"]
        end = time.monotonic() + 60
        while boxes.count() - there < accepted and time.monotonic() < end:
            time.sleep(0.05)
        tracer.send_signal(signal.SIGINT)
        tracer.wait()
        boxes.close()
        with open(out, encoding="utf-8") as file:
            rows = (line.split() for line in file if re.search(r"(sync|sync_file_range)$", line))
            total = sum(int(row[3]) for row in rows)
        return total / max(accepted, 1)


def middle(rounds, server, step, key):
    values = [row[key] for row in rounds if row["server"] == server and (row["kind"], row["sessions"], row["size"]) == step]
    return statistics.median(values) if values else None


COLUMNS = [("per_s", "250/s"), ("visible_per_s", "in the mailbox/s"), ("p50_ms", "p50 ms"), ("p99_ms", "p99 ms"),
           ("cpu_ms", "CPU ms/mail"), ("disk", "disk bytes/mail")]  # fmt: skip


def table(rounds, servers):
    print("| mails | server | " + " | ".join(title for _, title in COLUMNS) + " |")
    print("|---|---|" + "---|" * len(COLUMNS))
    steps = list(dict.fromkeys((row["kind"], row["sessions"], row["size"]) for row in rounds))
    for step in steps:
        kind, sessions, size = step
        plural = "1 session" if sessions == 1 else f"{sessions} sessions"
        cells = {server: [middle(rounds, server, step, key) for key, _ in COLUMNS] for server in servers}
        cells = {server: row for server, row in cells.items() if row[0] is not None}
        for server, row in cells.items():
            shown = " | ".join(f"{value:.0f}" if value >= 100 else f"{value:.2f}" for value in row)
            print(f"| {kind}, {size // 1024} KiB, {plural} | {server} | {shown} |")
        if len(cells) == 2:
            ours, theirs = cells["sekisho"], cells["postfix+dovecot"]
            ratios = " | ".join(f"{a / b:.2f}" if b else "-" for a, b in zip(ours, theirs))
            print(f"| {kind}, {size // 1024} KiB, {plural} | ratio | {ratios} |")


def verdicts(rounds, flushes):
    """The goals of the project, and whether this run reached them."""

    def smtp(server, sessions, key):
        return middle(rounds, server, ("smtp", sessions, 4096), key)

    other = "postfix+dovecot"
    goals = []
    if smtp(other, 32, "per_s"):
        lmtp = middle(rounds, other, ("lmtp", 1, 4096), "per_s")
        goals += [
            ("1 session: rate to that of Dovecot LMTP alone", smtp("sekisho", 1, "per_s") / lmtp, 3, True),
            *((f"{n} session(s): rate to Postfix's 250", smtp("sekisho", n, "per_s") / smtp(other, n, "per_s"), goal, True)
              for n, goal in ((1, 1.2), (8, 2), (32, 3))),
            ("32 sessions: rate to its rate into the mailbox",
             smtp("sekisho", 32, "per_s") / smtp(other, 32, "visible_per_s"), 12, True),
            ("32 sessions: p99 to Postfix's", smtp("sekisho", 32, "p99_ms") / smtp(other, 32, "p99_ms"), 0.5, False),
        ]  # fmt: skip
    goals.append(("32 sessions: CPU ms of a mail", smtp("sekisho", 32, "cpu_ms"), 0.5, False))
    if ("sekisho", 32) in flushes:
        goals.append(("32 sessions: flushes of a mail", flushes["sekisho", 32], 0.3, False))
    sent = middle(rounds, "sekisho", ("submission", 8, 4096), "cpu_ms")
    if sent is not None:
        goals.append(("submission: CPU ms of a mail above SMTP's", sent - smtp("sekisho", 8, "cpu_ms"), 0.3, False))
    print("\n| goal | at least / at most | measured | |\n|---|---|---|---|")
    for what, value, goal, least in goals:
        reached = value >= goal if least else value <= goal
        print(f"| {what} | {'≥' if least else '≤'} {goal} | {value:.2f} | {'reached' if reached else 'missed'} |")


def run(options, servers):
    bench, rounds, flushes = Bench(options.load), [], {}
    for kind, sessions, size in [("smtp", *step) for step in MAILS] + [("lmtp", 1, 4096), ("submission", 8, 4096)]:
        mails = max(MAILS[sessions, size] // options.divide, sessions)
        for _ in range(options.rounds):
            for server in servers:
                if getattr(server, kind):
                    row = bench.round(server, kind, sessions, mails, size)
                    print(json.dumps(row), file=sys.stderr, flush=True)
                    rounds.append(row)
    if shutil.which("strace"):
        for sessions in (1, 8, 32):
            for server in servers:
                flushes[server.name, sessions] = bench.flushes(server, sessions)
    else:
        print("flushes are not counted: strace is missing", file=sys.stderr)
    load = " ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"{options.rounds} rounds, medians; {os.cpu_count()} cores, load averages at the end {load}\n")
    table(rounds, [server.name for server in servers])
    print()
    for (server, sessions), each in flushes.items():
        print(f"- flushes of a mail, {sessions} session(s), {server}: {each:.2f}")
    verdicts(rounds, flushes)


def all_servers(options):
    """Ours, and Postfix and Dovecot where they are installed; not started yet."""
    servers = [Sekisho(f"{options.folder}/sekisho", options.binary, free_ports(4))]
    reason = peer.missing()
    if reason:
        print(f"Postfix and Dovecot are left out: {reason}", file=sys.stderr)
    else:
        os.makedirs(f"{options.folder}/peer")
        servers.append(peer.Peer(f"{options.folder}/peer", PASSWORD, free_ports(3)))
    return servers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--folder", required=True, help="an empty folder on the disk that is to be measured")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--divide", type=int, default=1, help="send so many times fewer mails")
    options = parser.parse_args()
    servers = all_servers(options)
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
