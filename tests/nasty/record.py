#!/usr/bin/env python3
"""Writes down what a real Dovecot answers about every nasty mail (`dovecot.json`): `tests/nasty/record.py`, as root, with Debian's
dovecot-imapd. The test `nasty` asks Sekisho the same. With names of mails it shows what Dovecot says of these."""
import json
import pathlib
import subprocess
import sys

import ask
from mails import mails

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import dovecot  # noqa: E402


def short(title, answers):
    """Of hostile mails, which are many, only a digest is written down."""
    if not title.startswith("hostile: ") or "APPEND" in answers:
        return answers
    return {"all": ask.digest(json.dumps(answers, sort_keys=True).encode())}


def text(answers):
    """As JSON with a line for each answer."""
    rows = (f" {json.dumps(item)}: {json.dumps(value)}" for item, value in answers.items())
    return "{\n" + ",\n".join(rows) + "\n}"


def write(path, answers):
    path.write_text("{\n" + ",\n".join(f"{json.dumps(title)}: {text(of)}" for title, of in answers.items()) + "\n}\n", encoding="ascii")


def main():
    chosen = [(title, mail) for title, mail in mails() if len(sys.argv) == 1 or title in sys.argv]
    with dovecot.running() as port:
        answers = ask.everything(port, "taro", dovecot.PASSWORD, chosen)
    if len(sys.argv) > 1:
        print(json.dumps(answers, indent=1))
        return
    version = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    write(HERE / "dovecot.json", {"version": {"Dovecot": version}} | {title: short(title, of) for title, of in answers.items()})


if __name__ == "__main__":
    main()
