//! What breaks holds, by both doors: the child that reads an attachment, the rules, the disk. Nothing leaves, nothing is lost, and when all is
//! well again each mail goes once.

use super::doors::{DOORS, PEN, ruled};
use crate::house::Demo;

/// Holds what could not be read.
const RULES: &str = r#"
[[rule]]
code = "BROKEN"
name = "読めない添付"
direction = "out"
when = { not_inspected = { reasons = ["broken"] } }
action = { hold = { approvers = ["group:取扱担当者"] } }
message = "添付ファイルを検査できませんでした。"
"#;

/// A file that takes a child its time, and `by_both(subject, files)`, which hands a mail in by SMTP and sends it in the browser: both must wait.
const HELPERS: &str = r##"
import glob, io, os, signal, threading, zipfile
DATA = os.path.join(os.path.dirname(demo["config"]), "data")
def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "a word of the file\n" * 200_000)
    return out.getvalue()
FILE = [("a.zip", "application/zip", zipped())]
def by_both(subject, files=()):
    code, said = send("sato", *mail("sato", PARTNER, subject=subject + " by SMTP", files=files))
    assert code == 250 and said.startswith("2.0.0 held for approval"), said
    check = pen("sato").check(list(files), to=PARTNER, subject=subject + " by hand", body="hello")
    assert "承認待ちになります" in check.text() and "すぐに送信されます" not in check.text(), check.text()
    sent = pen("sato").tick(check)
    assert (sent.status, sent.to) == (303, "/outgoing"), sent
def children():
    """Of the server, those that read attachments."""
    server = open(os.path.join(DATA, "pid")).read().strip()
    for status in glob.glob("/proc/[0-9]*/status"):
        try:
            if "PPid:\t%s\n" % server in open(status).read():
                yield int(status.split("/")[2])
        except OSError:
            pass
class NoChildLives:
    """As long as it lasts every child is killed: before it has its file, or in the middle of it."""
    def __enter__(self):
        self.over, self.killed = False, 0
        self.thread = threading.Thread(target=self.kill)
        self.thread.start()
        return self
    def kill(self):
        while not self.over:
            for child in children():
                try:
                    os.kill(child, signal.SIGKILL)
                    self.killed += 1
                except ProcessLookupError:
                    pass
    def __exit__(self, *_):
        self.over = True
        self.thread.join()
def held():
    return sorted(json.loads(line)["rules"][0] for line in sekisho("held", "list", "--json").splitlines())
"##;

fn run(demo: &Demo, program: &str) {
    demo.python(&format!("{PEN}\n{DOORS}\n{HELPERS}\n{program}"));
}

#[test]
fn nothing_leaves_by_either_door_when_the_review_panics_every_child_dies_or_the_rules_cannot_be_read() {
    let mut demo = ruled(Demo::start_that_panics_at("panic in the middle"), RULES);
    run(
        &demo,
        r##"
by_both("panics", [("a.rtf", "application/rtf", b"{\\rtf1 panic in the middle}")])
assert held() == ["REVIEW-FAILED"] * 2 and sekisho("queue", "list") == "", held()
asked = [subject for subject, _ in inbox("suzuki") if subject.startswith("【承認のお願い】")]
waiting = pen("suzuki").get("/approve").text()
assert len(asked) == 2 and "panics by SMTP" in waiting and "panics by hand" in waiting, waiting
log = open(os.path.join(os.path.dirname(demo["config"]), "log")).read()
assert log.count("the inspection panicked") >= 2, log
with NoChildLives() as dying:
    by_both("dying", FILE)
assert dying.killed >= 2, dying.killed
assert set(held()) <= {"BROKEN", "REVIEW-FAILED"} and len(held()) == 4, held()
assert sekisho("queue", "list") == ""
# the same file is read by the next child, and goes
code, said = send("sato", *mail("sato", PARTNER, subject="living", files=FILE))
assert code == 250 and said.startswith("2.0.0 accepted"), said
check = pen("sato").check(FILE, to=PARTNER, subject="living too", body="hello")
assert "すぐに送信されます" in check.text() and pen("sato").tick(check).to == "/mail", check.text()
"##,
    );
    let gone = demo.outside(2);
    demo.until(|| demo.good(&["queue", "list"]).is_empty().then_some(()));
    assert!(gone.len() == 2 && gone.iter().all(|mail| mail.contains("Subject: living")), "{gone:?}");

    demo.kill();
    run(
        &demo,
        r##"
import sqlite3
directory = sqlite3.connect(os.path.join(DATA, "directory.db"))
assert directory.execute("UPDATE rules SET text = '[[rule]]\ncode = '").rowcount > 0
directory.commit()
"##,
    );
    demo.serve_again();
    run(
        &demo,
        r##"
before = len(held())
by_both("unruled")
assert held().count("REVIEW-FAILED") >= 2 and len(held()) == before + 2, held()
assert sekisho("queue", "list") == "", "nothing leaves"
asked = [subject for subject, _ in inbox("suzuki") if subject.startswith("【承認のお願い】")]
assert len(asked) == 6, asked
waiting = pen("suzuki").get("/approve").text()
assert "unruled by SMTP" in waiting and "unruled by hand" in waiting, waiting
"##,
    );
    assert_eq!(demo.outside(2).len(), 2, "nothing left");
}

#[test]
fn on_a_full_disk_a_mail_that_is_sent_from_its_draft_stays_a_draft_and_goes_once_when_there_is_room() {
    let (demo, shim) = Demo::start_on_a_disk();
    let demo = ruled(demo, RULES);
    run(
        &demo,
        &format!(
            r##"
FAULT = {:?}
note = [("a.txt", "text/plain", b"x" * 3_000)]
check = pen("sato").check(note, to=PARTNER, subject="no room", body="hello")
draft = re.search(r'action="(/mail/compose/\d+)/send"', check.body).group(1)
for _ in range(2):
    with open(FAULT + ".new", "w") as file:
        file.write("write 28 mail.db-wal\n")
    os.rename(FAULT + ".new", FAULT)
    failed = pen("sato").tick(check)
    os.remove(FAULT)
    assert failed.status == 503 and "送信しました" not in failed.text(), failed
    assert pen("sato").get(draft).value("subject") == "no room", "it is still a draft"
    assert inbox("sato", "Sent") == [] and sekisho("queue", "list") == sekisho("held", "list") == ""
sent = pen("sato").tick(check)
assert (sent.status, sent.to) == (303, "/mail"), sent
assert [subject for subject, _ in inbox("sato", "Sent")] == ["no room"]
again = pen("sato").tick(check)
assert again.status == 303, again
assert "All is well" in sekisho("verify")
"##,
            shim.order().display().to_string()
        ),
    );
    let outside = demo.outside(1);
    assert!(outside.len() == 1 && outside[0].contains("Subject: no room"), "{outside:?}");
}
