# A verifier of signatures with nothing of ours in it: dkimpy (Debian's python3-dkim, python3-nacl).
# oracle.py TEXTS FILE...: of each mail a line with selector and verdict of each of its signatures. TEXTS: the DNS as JSON.
import json, re, sys

import dkim

with open(sys.argv[1]) as file:
    TEXTS = json.load(file)


def ask(name, timeout=5):
    return TEXTS.get(name.decode().rstrip("."), "").encode() or None


for path in sys.argv[2:]:
    with open(path, "rb") as file:
        mail = file.read()
    said = []
    signer = dkim.DKIM(mail)
    fields = [value for name, value in signer.headers if name.lower() == b"dkim-signature"]
    for place, field in enumerate(fields):
        selector = re.search(rb"\bs=([^;\s]+)", field).group(1).decode()
        domain = re.search(rb"\bd=([^;\s]+)", field).group(1).decode()
        try:
            good = dkim.DKIM(mail).verify(idx=place, dnsfunc=ask)
        except dkim.DKIMException as error:
            good = str(error)
        said.append([selector, domain, good])
    print(json.dumps(said))
