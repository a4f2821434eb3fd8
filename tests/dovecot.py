"""A Dovecot of its own to compare with: Debian's dovecot-imapd, a loopback port, all files in one folder. Started by root.

The nasty mails (`tests/nasty`) and the benchmark (`tests/bench`) share it, so that both speak to the same server.
"""
import contextlib
import os
import pwd
import socket
import subprocess
import tempfile
import time

OWNER = "nobody"
PASSWORD = "dovecot"
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run/state
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = {folder}/dovecot.log
mail_location = maildir:{folder}/mail/%n
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
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
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


class Dovecot:
    """The server in an empty folder; `more` is configuration that comes after the common one, with the same words."""

    def __init__(self, folder, password, imap, more="", **words):
        self.folder, self.imap = folder, imap
        owner = pwd.getpwnam(OWNER)
        os.chmod(folder, 0o755)
        for name in ("run", "mail"):
            os.makedirs(f"{folder}/{name}")
        os.chown(f"{folder}/mail", owner.pw_uid, owner.pw_gid)
        words |= {"folder": folder, "password": password, "imap": imap, "uid": owner.pw_uid, "gid": owner.pw_gid}
        with open(f"{folder}/dovecot.conf", "w", encoding="ascii") as file:
            file.write((CONFIG + more).format(**words))

    def start(self):
        subprocess.run(["dovecot", "-c", f"{self.folder}/dovecot.conf"], check=True)
        listening(self.imap)

    def stop(self):
        """Ends it, and waits until its last process is gone."""
        pid = self.pid()
        subprocess.run(["doveadm", "-c", f"{self.folder}/dovecot.conf", "stop"], check=False)
        end = time.monotonic() + 20
        while pid and os.path.exists(f"/proc/{pid}") and time.monotonic() < end:
            time.sleep(0.01)

    def pid(self):
        """The process above all others, or None."""
        try:
            with open(f"{self.folder}/run/master.pid", encoding="ascii") as file:
                return int(file.read())
        except FileNotFoundError:
            return None


@contextlib.contextmanager
def running():
    """Its port, while it runs."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = Dovecot(folder, PASSWORD, port)
        try:
            server.start()
            yield port
        finally:
            server.stop()


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
            time.sleep(0.01)
