# What imapclient is used for: PORT USER PASSWORD. Ends with an error when anything is not as it should be.
import sys, threading
from datetime import datetime
from imapclient import IMAPClient

PORT, USER, PASSWORD = int(sys.argv[1]), sys.argv[2], sys.argv[3]

def connect():
    client = IMAPClient("127.0.0.1", port=PORT, ssl=False, timeout=30)
    client.login(USER, PASSWORD)
    return client

one, two = connect(), connect()
for word in (b"IDLE", b"MOVE", b"UIDPLUS", b"CONDSTORE", b"SORT", b"THREAD=REFERENCES", b"QUOTA", b"NAMESPACE"):
    assert one.has_capability(word.decode()), word
assert one.namespace().personal == (("", "/"),), one.namespace()
one.create_folder("案件/見積り & 契約")
assert any(name == "案件/見積り & 契約" for _, _, name in one.list_folders()), one.list_folders()
assert one.find_special_folder(b"\\Sent") == "Sent"
opened = one.select_folder("案件/見積り & 契約")
assert opened[b"EXISTS"] == 0
date = datetime(2026, 6, 1, 10, 30)
for n in range(3):
    mail = f"From: x@b.example\r\nSubject: mail {2 - n}\r\nMessage-ID: <{n}@b>\r\n" + ("References: <0@b>\r\n" if n else "") + f"\r\nbody {n}\r\n"
    one.append("案件/見積り & 契約", mail, ["\\Seen"] if n == 0 else [], date)
uids = one.search("ALL")
assert len(uids) == 3, uids
assert one.search(["UNSEEN", "SUBJECT", "mail"]) == uids[1:]
assert one.search(["BODY", "見積り"], charset="UTF-8") == []
assert one.sort("SUBJECT") == uids[::-1]
(root, *answers), = one.thread("REFERENCES")
assert root == uids[0] and len(answers) == 2, one.thread("REFERENCES")
got = one.fetch(uids, ["ENVELOPE", "BODYSTRUCTURE", "INTERNALDATE", "FLAGS", "RFC822.SIZE", "BODY.PEEK[]"])
assert [got[uid][b"ENVELOPE"].subject for uid in uids] == [b"mail 2", b"mail 1", b"mail 0"]
assert all(len(got[uid][b"BODY[]"]) == got[uid][b"RFC822.SIZE"] for uid in uids)
assert got[uids[0]][b"BODYSTRUCTURE"][:2] == (b"text", b"plain"), got[uids[0]][b"BODYSTRUCTURE"]
assert got[uids[0]][b"INTERNALDATE"] == date, got[uids[0]][b"INTERNALDATE"]
# another session idles and hears of it
two.select_folder("案件/見積り & 契約")
two.idle()
assert {b"\\Flagged", b"$Work"} <= set(one.add_flags(uids[1], ["\\Flagged", "$Work"])[uids[1]])
heard = []
while not any(line[1] == b"FETCH" for line in heard):
    said = two.idle_check(timeout=20)
    assert said, "nothing was heard"
    heard += said
one.move(uids[2], "Archive")
while not any(line[1] == b"EXPUNGE" for line in heard):
    said = two.idle_check(timeout=20)
    assert said, "nothing was heard"
    heard += said
two.idle_done()
assert one.folder_status("Archive", ["MESSAGES"])[b"MESSAGES"] >= 1
one.delete_messages(uids[0])
one.expunge([uids[0]])
assert one.search("ALL") == [uids[1]]
modified = one.fetch(uids[1], ["MODSEQ"])[uids[1]][b"MODSEQ"][0]
assert one.search(["MODSEQ", str(modified)]) == [uids[1]]
assert one.get_quota("INBOX")[0].resource == "STORAGE"
one.rename_folder("案件/見積り & 契約", "終了")
one.unselect_folder()
one.delete_folder("終了")
one.logout()
two.logout()
print("well")
