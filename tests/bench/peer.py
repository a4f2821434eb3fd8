"""A Postfix and a Dovecot of their own for the benchmark: Debian's packages, loopback ports, all files in one folder.

Settings are Debian's defaults but for what a careful administrator raises so that limits are not what is measured;
durability is left as it comes (Dovecot's mail_fsync = optimized, Postfix always flushes its queue files).
"""
import os
import pwd
import shutil
import socket
import subprocess
import time

NEEDED = {"postfix": "postfix", "dovecot": "dovecot-imapd", "/usr/lib/dovecot/lmtp": "dovecot-lmtpd"}
OWNER = "nobody"

DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/run/state
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = {folder}/dovecot.log
mail_location = maildir:{folder}/mail/%n
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 1000
default_client_limit = 4000
default_process_limit = 1000
auth_cache_size = 10M
namespace inbox {{
  inbox = yes
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n allow_all_users=yes
}}
service imap-login {{
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  process_min_avail = 4
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service anvil {{
  client_limit = 6000
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

    def start(self):
        owner = pwd.getpwnam(OWNER)
        for name in ("run", "mail", "postfix", "queue", "postfix-data"):
            os.makedirs(f"{self.folder}/{name}")
        os.chmod(self.folder, 0o755)
        os.chown(f"{self.folder}/mail", owner.pw_uid, owner.pw_gid)
        os.chown(f"{self.folder}/postfix-data", pwd.getpwnam("postfix").pw_uid, -1)
        words = {**vars(self), "uid": owner.pw_uid, "gid": owner.pw_gid}
        self._write("dovecot.conf", DOVECOT.format(**words))
        self._write("postfix/main.cf", MAIN.format(**words))
        rows = (f"{name} {kind} {rest}\n" for name, kind, rest in MASTER)
        self._write("postfix/master.cf", "".join(rows).format(**words))
        subprocess.run(["dovecot", "-c", f"{self.folder}/dovecot.conf"], check=True)
        self._postfix("start", check=True)
        for port in (self.smtp, self.lmtp, self.imap):
            listening(port)

    def pids(self):
        pids = []
        for path in (f"{self.folder}/run/master.pid", f"{self.folder}/queue/pid/master.pid"):
            with open(path, encoding="ascii") as file:
                pids.append(int(file.read()))
        return pids

    def stop(self):
        self._postfix("stop")
        subprocess.run(["doveadm", "-c", f"{self.folder}/dovecot.conf", "stop"], check=False)

    def _postfix(self, what, check=False):
        quiet = subprocess.DEVNULL
        subprocess.run(["postfix", "-c", f"{self.folder}/postfix", what], check=check, stdout=quiet, stderr=quiet)

    def _write(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="ascii") as file:
            file.write(text)


def listening(port):
    """Waits until something accepts connections on this port."""
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
