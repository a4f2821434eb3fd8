"""What the benchmark has to know of a server's inside: its memory, what lies on its disk, and how far Sekisho's index is."""
import contextlib
import email
import email.policy
import fcntl
import imaplib
import os
import pathlib
import resource
import shutil
import socket
import sqlite3
import ssl
import time

import measure

PATIENCE = 1_800


def resident(server):
    """Bytes of memory of their own (Pss) of all processes of a server."""
    total = 0
    for pid in measure.tree(server):
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            continue
    return total * 1024


def at_rest(server):
    """Bytes of disk blocks while the server is down; Sekisho has indexed everything before."""
    if server.name == "sekisho":
        Index(server).wait()
    server.stop()
    try:
        return measure.disk(server)
    finally:
        server.begin()


class Index:
    """Sekisho's full-text index: its position is the first word of a file, the records are in the database."""

    def __init__(self, server):
        self.server = server
        self.folder = pathlib.Path(server.data[0]) / "index"

    def last(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.server.data[0]}/mail.db?mode=ro", uri=True)) as database:
            return database.execute("SELECT max(record) FROM message").fetchone()[0] or 0

    def position(self):
        try:
            return int((self.folder / "position").read_text(encoding="ascii").split()[0])
        except (FileNotFoundError, IndexError):
            return 0

    def wait(self):
        """Until the index has met every message."""
        last, end = self.last(), time.monotonic() + PATIENCE
        while self.position() < last:
            if time.monotonic() > end:
                raise TimeoutError("the index does not catch up")
            time.sleep(0.002)

    @contextlib.contextmanager
    def missing(self):
        """There is none, and none is made: who makes it holds a lock, and here that is the benchmark."""
        self.server.stop()
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        with open(self.folder / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.server.begin()
            self.start_cpu = measure.cpu(self.server)
            yield
            self.server.stop()

    def fed(self, mails, size):
        """Starts the server and lets it make the index: CPU ms of a message above those of a start, bytes of a byte of mail."""
        self.server.begin()
        self.wait()
        used, before = measure.cpu(self.server), 0
        # it may put its parts together yet
        while used - before > 0.01:
            time.sleep(1)
            used, before = measure.cpu(self.server), used
        bytes_of_it = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        return {"cpu_ms": (used - self.start_cpu) * 1e3 / mails, "bytes": bytes_of_it / size}

    def delays(self, count):
        """Seconds from the OK of an APPEND until the index has met the mail."""
        found = []
        with imaplib.IMAP4("127.0.0.1", self.server.imap) as session:
            session.login("u31@bench.test", self.server.password)
            for number in range(count):
                self.wait()
                session.append("INBOX", None, None, b"Subject: found %d\r\n\r\nfound soon\r\n" % number)
                began = time.monotonic()
                self.wait()
                found.append(time.monotonic() - began)
        return found


def scan(server, box, wanted):
    """How many mails of a mailbox hold each text in its place, found by decoding all of them."""
    found = dict.fromkeys(wanted, 0)
    with imaplib.IMAP4("127.0.0.1", server.imap) as session:
        session.login("u0@bench.test", server.password)
        count = int(session.select(box, readonly=True)[1][0])
        for first in range(1, count + 1, 500):
            rows = session.fetch(f"{first}:{min(first + 499, count)}", "(BODY.PEEK[])")[1]
            for mail in (row[1] for row in rows if isinstance(row, tuple)):
                places = decoded(mail)
                for place, text in wanted:
                    found[place, text] += text in places[place]
    return found


def decoded(mail):
    parsed = email.message_from_bytes(mail, policy=email.policy.default)
    head = {name: "\n".join(parsed.get_all(name, [])) for name in ("from", "subject")}
    parts = [part for part in parsed.walk() if part.get_content_maintype() == "text"]
    body = "\n".join(part.get_payload(decode=True).decode(part.get_content_charset("ascii"), "replace") for part in parts)
    everything = "\n".join(str(value) for value in parsed.values())
    return head | {"body": body, "text": f"{everything}\n{body}"}


@contextlib.contextmanager
def idle_over_tls(server, count):
    """So many connections in IDLE over TLS from the first byte."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connections = []
    try:
        for number in range(count):
            plain = socket.create_connection(("127.0.0.1", server.imaps), 60)
            connections.append(context.wrap_socket(plain))
            user = f"u{number % measure.USERS}@bench.test"
            talk(connections[-1], [f"LOGIN {user} {server.password}", "SELECT INBOX", "IDLE"])
        yield
    finally:
        for connection in connections:
            connection.close()


def talk(connection, commands):
    """Says these after the greeting, each when the one before is answered."""
    heard(connection, b"* OK")
    for command in commands:
        connection.sendall(f"x {command}\r\n".encode())
        heard(connection, b"+" if command == "IDLE" else b"x OK")


def heard(connection, wanted):
    """Reads until a line begins so."""
    bytes_read = b""
    while not any(line.startswith(wanted) for line in bytes_read.split(b"\n")[:-1]):
        more = connection.recv(65536)
        if not more or b"\nx NO" in bytes_read or b"\nx BAD" in bytes_read:
            raise ConnectionError(repr(bytes_read + more))
        bytes_read += more
