"""Asks Sekisho what Dovecot was asked, and fails at each difference that has no reason, is another than the one written down, or is
none any more. With `update` our answers are written down anew where they differ (`sekisho.json`)."""
import json
import pathlib

import ask
import record
from mails import mails
from reasons import REASONS

HERE = pathlib.Path(__file__).parent


def loaded(name):
    return json.loads((HERE / name).read_text(encoding="ascii"))


def run(port, password, update):
    dovecot = loaded("dovecot.json")
    del dovecot["version"]
    ours = ask.everything(port, "taro@aoba.example", password, mails())
    ours = {title: json.loads(json.dumps(record.short(title, answers))) for title, answers in ours.items()}
    assert ours.keys() == dovecot.keys(), ours.keys() ^ dovecot.keys()
    differ = {}
    for title, answers in ours.items():
        theirs = dovecot[title]
        other = {item: answers.get(item) for item in theirs | answers if answers.get(item) != theirs.get(item)}
        if other:
            differ[title] = other
    if update:
        record.write(HERE / "sekisho.json", differ)
    known = loaded("sekisho.json")
    wrong = [f"{title}: {item}\n  Dovecot: {json.dumps(dovecot[title].get(item))[:600]}\n  Sekisho: {json.dumps(value)[:600]}"
             for title, other in differ.items() for item, value in other.items() if known.get(title, {}).get(item, ...) != value]  # fmt: skip
    wrong += [f"{title}: {item} does not differ any more" for title, other in known.items() for item in other if item not in differ.get(title, {})]
    reasons = [title for titles in REASONS.values() for title in titles]
    wrong += [f"{title} has no reason" for title in differ if title not in reasons]
    wrong += [f"{title} has a reason and no difference" for title in reasons if title not in differ]
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:40])
    print(f"{len(ours)} mails, of which {len(differ)} differ")
