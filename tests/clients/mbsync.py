# The two sides of mbsync: the server (far) and a Maildir (near). DIR, HALF, SMTP, IMAP, PASSWORD come before.
import email, glob, hashlib, imaplib, os, re, smtplib, sqlite3, threading

imaplib._MAXLINE = 10_000_000
FOLDERS = ("INBOX", "Projects")
WORDS = {"\\Seen": "S", "\\Flagged": "F", "\\Answered": "R", "\\Draft": "D"}


def mail(number, side):
    head = f"From: x@b.example\r\nTo: taro@aoba.example\r\nSubject: {side} {number}\r\nMessage-ID: <{side}-{number}@b.example>\r\n\r\n"
    return head + f"line {number}\r\n" * (1 + number % 60)


def signed_in():
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login("taro@aoba.example", PASSWORD)
    return imap


def send(numbers):
    smtp = smtplib.SMTP("127.0.0.1", SMTP)
    for number in numbers:
        smtp.sendmail("x@b.example", ["taro@aoba.example"], mail(number, "far"))
    smtp.quit()


def fill():
    """Half of the mails lie in the server's INBOX, half in two folders of the Maildir."""
    threads = [threading.Thread(target=send, args=(range(first, HALF, 4),)) for first in range(4)]
    for thread in threads:
        thread.start()
    for folder in FOLDERS:
        for sub in ("cur", "new", "tmp"):
            os.makedirs(f"{DIR}/mail/{folder}/{sub}")
    for number in range(HALF):
        flags = "".join(sorted(flag for bit, flag in enumerate("DFRS") if number >> bit & 1))
        name = f"{DIR}/mail/{FOLDERS[number % 2]}/cur/{number}.near.example:2,{flags}"
        with open(name, "w", newline="") as file:
            file.write(mail(number, "near").replace("\r\n", "\n"))
    for thread in threads:
        thread.join()


def digest(bytes_):
    """Of the mail as it was made: mbsync writes LF in Maildir and may leave its X-TUID in the header."""
    lines = bytes_.replace(b"\r\n", b"\n").split(b"\n")
    return hashlib.sha256(b"\n".join(line for line in lines if not line.startswith(b"X-TUID: "))).hexdigest()[:16]


def far(imap, folder, item):
    """(UID, flags, bytes of `item`) of each message of the server's folder."""
    if imap.select(f'"{folder}"', readonly=True)[1] == [b"0"]:
        return []
    found = []
    for part in imap.fetch("1:*", f"(UID FLAGS {item})")[1]:
        if isinstance(part, tuple):
            uid = int(re.search(rb"UID (\d+)", part[0])[1])
            flags = re.search(rb"FLAGS \(([^)]*)\)", part[0])[1].decode().split()
            found.append((uid, "".join(sorted(WORDS[flag] for flag in flags if flag in WORDS)), part[1]))
    return found


def near(folder):
    found = []
    for path in glob.glob(f"{DIR}/mail/{folder}/cur/*") + glob.glob(f"{DIR}/mail/{folder}/new/*"):
        with open(path, "rb") as file:
            flags = path.rpartition(":2,")[2] if ":2," in path else ""
            found.append((path, flags, file.read()))
    return found


def far_folders(imap):
    return [line.decode().rpartition('"/" ')[2].strip('"') for line in imap.list()[1]]


def watch():
    """A line for each message and each folder of the server, UIDNEXT last."""
    imap = signed_in()
    for folder in far_folders(imap):
        status = imap.status(f'"{folder}"', "(UIDVALIDITY UIDNEXT)")[1][0].decode()
        validity, following = (re.search(rf"{word} (\d+)", status)[1] for word in ("UIDVALIDITY", "UIDNEXT"))
        for uid, _, header in far(imap, folder, "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"):
            print("message", folder, validity, uid, header.decode().strip(), sep="\t")
        print("folder", folder, validity, following, sep="\t")


def change():
    """On each side: every tenth of its own mails goes, every seventh is flagged anew."""
    imap = signed_in()
    uids = [uid for uid, _, header in far(imap, "INBOX", "BODY.PEEK[HEADER.FIELDS (SUBJECT)]") if b"far" in header]
    imap.select("INBOX")
    for uid in uids[2::7]:
        imap.uid("STORE", str(uid), "FLAGS.SILENT", "(\\Flagged \\Answered)")
    for uid in uids[1::10]:
        imap.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Deleted)")
    imap.expunge()
    own = {}
    for folder in FOLDERS:
        for path, _, body in near(folder):
            if b"Subject: near" in body:
                own[email.message_from_bytes(body)["Message-ID"]] = path
    paths = [own[key] for key in sorted(own)]
    for at, path in enumerate(paths):
        if at % 10 == 1:
            os.unlink(path)
        elif at % 7 == 2:
            base = path.rpartition(":2,")[0]
            os.rename(path, base.replace("/new/", "/cur/") + ":2,RS")


def equal(changed=False):
    """Both sides hold the same mails with the same flags in the same folders; how many."""
    imap = signed_in()
    total = 0
    for folder in far_folders(imap):
        there = sorted((digest(body), flags) for _, flags, body in far(imap, folder, "BODY.PEEK[]"))
        here = sorted((digest(body), flags) for _, flags, body in near(folder))
        assert there == here, f"{folder}: {len(there)} there, {len(here)} here: {set(there) ^ set(here)}"
        assert len({one for one, _ in there}) == len(there), f"{folder} holds a mail twice"
        total += len(there)
    if changed:
        flags = {flags for folder in FOLDERS for _, flags, _ in far(imap, folder, "BODY.PEEK[HEADER.FIELDS (SUBJECT)]")}
        assert {"FR", "RS"} <= flags, flags
    return total


def counters():
    """UIDNEXT and highest MODSEQ of every mailbox, from the database itself: no IMAP command may move them."""
    found = []
    for path in sorted(glob.glob(f"{DIR}/data/*.db")):
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'mailbox'").fetchone():
            found += database.execute("SELECT id, uid_next, modseq, messages FROM mailbox ORDER BY id").fetchall()
    assert found
    return found
