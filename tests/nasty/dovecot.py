"""A Dovecot of its own for the comparison: Debian's dovecot-imapd, a loopback port, all files in one folder. Run by root."""
import contextlib
import os
import pwd
import socket
import subprocess
import tempfile
import time

PASSWORD = "dovecot"
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run/state
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = {folder}/log
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
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running():
    """Its port, while it runs."""
    owner = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name in ("run", "mail"):
            os.makedirs(f"{folder}/{name}")
        os.chown(f"{folder}/mail", owner.pw_uid, owner.pw_gid)
        port = free_port()
        with open(f"{folder}/dovecot.conf", "w", encoding="ascii") as file:
            file.write(CONFIG.format(folder=folder, uid=owner.pw_uid, gid=owner.pw_gid, port=port, password=PASSWORD))
        subprocess.run(["dovecot", "-c", f"{folder}/dovecot.conf"], check=True)
        try:
            end = time.monotonic() + 20
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    assert time.monotonic() < end
                    time.sleep(0.05)
            yield port
        finally:
            subprocess.run(["doveadm", "-c", f"{folder}/dovecot.conf", "stop"], check=False)
