# A recipient outside who has 7-Zip, and the sender who reads the password on his page.
import io, subprocess, tempfile, zipfile

def send_file(subject="名簿の送付", to=PARTNER, cc="", text="名簿をお送りします。"):
    code, said = send("sato", *mail("sato", to, cc=cc, subject=subject, text=text, files=[("名簿.csv", "text/csv", FILE)]))
    assert code == 250, said
def parts(mail):
    """The text of a mail, and the name and bytes of its one file."""
    body, file = mail.get_payload()
    assert file.get_content_type() == "application/zip", mail
    return body.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n"), str(make_header(decode_header(file.get_filename()))), file.get_payload(decode=True)
def at_seven_zip(archive, *args):
    """What 7-Zip says of an archive, and what it takes out of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "it.zip")
        with open(path, "wb") as file:
            file.write(archive)
        out = os.path.join(folder, "out")
        done = subprocess.run(["7z", *args, "-y", "-o" + out, path], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        taken = {}
        for name in os.listdir(out) if os.path.isdir(out) else []:
            with open(os.path.join(out, name), "rb") as file:
                taken[name] = file.read()
        return done, taken
def seven_zip(what, archive):
    done, _ = at_seven_zip(archive, what, "-slt")
    assert done.returncode == 0, done
    return done.stdout
def opens(archive, secret):
    return at_seven_zip(archive, "t", "-p" + secret)[0].returncode == 0
def opened_files(archive, secret):
    """The files of the archive in the archive."""
    done, taken = at_seven_zip(archive, "x", "-p" + secret)
    assert done.returncode == 0 and list(taken) == ["files.zip"], done
    inner = zipfile.ZipFile(io.BytesIO(taken["files.zip"]))
    assert inner.testzip() is None
    return {name: inner.read(name) for name in inner.namelist()}
def zip_reference(name="sato"):
    """The reference of the last mail that somebody sent as a ZIP."""
    return re.search(r'href="/outgoing/passwords/([0-9A-Z-]+)"', pen(name).get("/outgoing").body).group(1)
def password_told(name):
    """The password on his page."""
    page = pen(name).get("/outgoing/passwords/" + zip_reference(name))
    assert page.status == 200 and page.headers["Cache-Control"] == "no-store", page.headers
    return re.search(r"(?<![a-z0-9])([a-z2-9]{16})(?![a-z0-9])", page.text()).group(1)
def spoken(mail):
    """Every text of a mail."""
    texts = [part.get_payload(decode=True) for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join(one.decode("utf-8", "replace") for one in texts)
def indexed(name, word):
    """Waits until somebody finds the notice of a password by this word of it."""
    end = time.time() + 30
    while "【ZIP のパスワード】" not in pen(name).get("/mail/search?q=" + quote(word)).text():
        assert time.time() < end, "it was not indexed"
        time.sleep(0.1)
