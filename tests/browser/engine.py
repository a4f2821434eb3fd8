# The same sample mails through webmail, submission and `sekisho inspect`; after web.py and the prelude of tests/house.rs;
# BINARY and SAMPLES are given.
# Webmail writes each mail anew, so the very bytes that it made (the draft) go through the other two doors.
import glob, os, subprocess, tempfile, html
from email import policy
# the settings of the tests are none of the server's
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("SEKISHO_")}
sato = Site(demo["mail_url"])
sato.sign_in("sato@aoba.example", password("sato"))
imap = imaplib.IMAP4("127.0.0.1", demo["imap"]); imap.login("sato@aoba.example", password("sato"))
CLASS = {"pass": "goes", "record": "goes", "notify": "goes", "bcc": "goes", "footer": "goes", "delay": "goes", "self_review": "asks",
         "encrypt": "goes", "hold": "held", "block": "blocked", "delete": "blocked"}

def parts(mail):
    """Text and files of a mail."""
    text, files = None, []
    for part in mail.walk():
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            continue
        name = part.get_filename()
        if text is None and name is None and part.get_content_type() == "text/plain":
            text = part.get_content() if not part.get_content_charset() else part.get_payload(decode=True).decode(
                {"cp932": "cp932", "iso-2022-jp": "iso2022_jp_ext"}.get(part.get_content_charset(), part.get_content_charset()), "replace")
        elif part.get_content_type() == "message/rfc822":
            files.append((name or "mail.eml", part.get_payload(0).as_bytes(), "message/rfc822"))
        elif name or part.get_content_maintype() != "text":
            files.append((name or "file.bin", part.get_payload(decode=True) or b"", part.get_content_type()))
        elif part.get_content_type() == "text/html":
            files.append(("body.html", part.get_payload(decode=True), "text/html"))
    return text or "", files

def by_webmail(subject, text, files):
    """What webmail foresees, the bytes of the draft, and what webmail did."""
    form = sato.get("/mail/compose")
    page = sato.submit(form, "送信前の確認へ", files, to="yamada@yamada.example", subject=subject, body=text)
    assert "送信前の確認" in page.text, (page.status, page.text[:500])
    buttons = [button["text"] for form in page.forms for button in form["buttons"]]
    foreseen = "held" if any("承認を依頼する" in b for b in buttons) else "goes" if "送信" in buttons else "blocked"
    # the sender himself is asked: of what cannot be inspected
    foreseen = "asks" if foreseen == "goes" and "検査できない添付ファイルがあります" in page.text else foreseen
    imap.select("Drafts")
    last = imap.uid("SEARCH", "ALL")[1][0].split()[-1]
    draft = next(part[1] for part in imap.uid("FETCH", last, "(BODY.PEEK[])")[1] if isinstance(part, tuple))
    if foreseen == "blocked":
        return foreseen, draft, foreseen
    ticks = [at["value"] for tag, at in page.tags if tag == "input" and at.get("name") == "ok"]
    done = sato.submit(page, "承認を依頼する" if foreseen == "held" else "送信", ok=ticks)
    did = "held" if "承認を依頼しました" in done.text else foreseen if foreseen in ("goes", "asks") and "送信しました" in done.text else done.text[:300]
    return foreseen, draft, did

def by_submission(draft):
    code, said = send("sato", draft, ["yamada@yamada.example"])
    return "blocked" if code == 550 else "asks" if "held until you confirm it" in said else "held" if "held" in said else "goes" if code == 250 else said

def by_command(draft):
    with tempfile.NamedTemporaryFile(suffix=".eml") as file:
        file.write(draft); file.flush()
        done = subprocess.run([BINARY, "inspect", "--json", file.name], capture_output=True, env=PLAIN)
    assert done.returncode == 0, done
    return CLASS[json.loads(done.stdout)["verdict"]]

def plain(draft):
    """The draft as it is sent: without what IMAP puts before it."""
    head, mark, body = draft.partition(b"\r\n\r\n")
    lines = re.split(rb"\r\n(?![ \t])", head)
    return b"\r\n".join(l for l in lines if not l.lower().startswith((b"return-path:", b"delivered-to:", b"x-sekisho"))) + mark + body

counts = {}
for file in sorted(glob.glob(SAMPLES + "/*.eml")):
    mail = email.message_from_bytes(open(file, "rb").read(), policy=policy.default)
    text, files = parts(mail)
    foreseen, draft, did = by_webmail(" ".join(str(mail["Subject"] or "").split()), text, files)
    verdicts = (foreseen, did, by_submission(plain(draft)), by_command(plain(draft)))
    assert len(set(verdicts)) == 1, (os.path.basename(file), verdicts)
    counts[did] = counts.get(did, 0) + 1
print(counts)
assert sum(counts.values()) == 60 and counts.get("held", 0) >= 15 and counts.get("goes", 0) >= 15 and counts.get("asks", 0) >= 1, counts
