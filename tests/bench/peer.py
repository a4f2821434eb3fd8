"""A Postfix and a Dovecot of their own for the benchmark: Debian's packages, loopback ports, all files in one folder.

Settings are Debian's defaults but for what a careful administrator raises so that limits are not what is measured;
durability is left as it comes (Dovecot's mail_fsync = optimized, Postfix always flushes its queue files).
"""
import contextlib
import os
import pathlib
import pwd
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from dovecot import Dovecot, listening  # noqa: E402

NEEDED = {"postfix": "postfix", "dovecot": "dovecot-imapd", "/usr/lib/dovecot/lmtp": "dovecot-lmtpd"}

# what a careful administrator raises, and LMTP for Postfix
DOVECOT = """
protocols = imap lmtp
mail_max_userip_connections = 2000
default_client_limit = 12000
default_process_limit = 3000
auth_cache_size = 10M
service imap-login {{
  service_count = 0
}}
service imap {{
  process_limit = 3000
}}
service lmtp {{
  process_min_avail = 4
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service anvil {{
  client_limit = 12000
}}
"""

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/postfix-data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
multi_instance_enable = yes
multi_instance_name = postfix-bench
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.bench.test
mydestination =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = bench.test
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:nothing leaves the benchmark
alias_maps =
alias_database =
message_size_limit = 50000000
mailbox_size_limit = 0
smtpd_client_connection_count_limit = 0
biff = no
"""

# service, type, private, unprivileged, chroot, wakeup, processes, program
MASTER = [
    ("127.0.0.1:{smtp}", "inet", "n - n - - smtpd"),
    ("pickup", "unix", "n - n 60 1 pickup"),
    ("cleanup", "unix", "n - n - 0 cleanup"),
    ("qmgr", "unix", "n - n 300 1 qmgr"),
    ("tlsmgr", "unix", "- - n 1000? 1 tlsmgr"),
    ("rewrite", "unix", "- - n - - trivial-rewrite"),
    *((name, "unix", "- - n - 0 bounce") for name in ("bounce", "defer", "trace")),
    ("flush", "unix", "n - n 1000? 0 flush"),
    *((name, "unix", f"- - n - - {name}") for name in ("error", "retry", "lmtp", "smtp", "proxymap")),
    ("anvil", "unix", "- - n - 1 anvil"),
    ("scache", "unix", "- - n - 1 scache"),
    ("postlog", "unix-dgram", "n - n - 1 postlogd"),
]


def missing():
    """Why the peer cannot run here, or None."""
    absent = [package for program, package in NEEDED.items() if not shutil.which(program)]
    if absent:
        return "Debian packages are missing: " + " ".join(absent)
    return None if os.geteuid() == 0 else "Postfix and Dovecot must be started by root"


class Peer:
    """The pair while it runs."""

    name = "postfix+dovecot"
    submission = None

    def __init__(self, folder, password, ports):
        self.folder, self.password = folder, password
        self.smtp, self.lmtp, self.imap = ports
        self.data = [f"{folder}/mail"]
        self.dovecot = Dovecot(folder, password, self.imap, DOVECOT, lmtp=self.lmtp)
        for name in ("postfix", "queue", "postfix-data"):
            os.makedirs(f"{folder}/{name}")
        os.chown(f"{folder}/postfix-data", pwd.getpwnam("postfix").pw_uid, -1)
        words = {"folder": folder, "smtp": self.smtp, "lmtp": self.lmtp}
        self._write("postfix/main.cf", MAIN.format(**words))
        rows = (f"{name} {kind} {rest}\n" for name, kind, rest in MASTER)
        self._write("postfix/master.cf", "".join(rows).format(**words))

    def begin(self):
        self.dovecot.start()
        self._postfix("start", check=True)
        for port in (self.smtp, self.lmtp):
            listening(port)

    start = begin

    def restart(self):
        """Dovecot alone: what it keeps in memory is gone, what it keeps on the disk is not."""
        self.dovecot.stop()
        self.dovecot.start()

    def restart_afresh(self, user, box):
        """It has not what it made of the mails of a mailbox when it showed them."""
        self.dovecot.stop()
        with contextlib.suppress(FileNotFoundError):
            os.remove(f"{self.maildir(user, box)}/dovecot.index.cache")
        self.dovecot.start()

    def maildir(self, user, box):
        """The folder of somebody's mailbox."""
        return f"{self.folder}/mail/{user}/.{box}"

    def owns(self, folder):
        """Files that were put there are Dovecot's."""
        subprocess.run(["chown", "-R", "--reference", f"{self.folder}/mail", folder], check=True)

    def tell(self):
        """The end of its log, when it does not do what it should."""
        with open(f"{self.folder}/dovecot.log", encoding="utf-8", errors="replace") as log:
            print(log.read()[-2_000:], file=sys.stderr)

    def pids(self):
        with open(f"{self.folder}/queue/pid/master.pid", encoding="ascii") as file:
            return [self.dovecot.pid(), int(file.read())]

    def stop(self):
        self._postfix("stop")
        self.dovecot.stop()

    def _postfix(self, what, check=False):
        quiet = subprocess.DEVNULL
        subprocess.run(["postfix", "-c", f"{self.folder}/postfix", what], check=check, stdout=quiet, stderr=quiet)

    def _write(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="ascii") as file:
            file.write(text)
