//! A decision and the death of the server within it: taken once or not at all, whatever of it had been written.

use std::os::unix::fs::MetadataExt as _;

use base64::Engine as _;

use crate::house::{House, text};
use crate::images::{Act, read_log};
use crate::shim::Shim;

const SUBMITS: &str = r#"
submit("saburo", "partner@yamada.example", subject="decided %d" % ROUND)
"#;

/// The approvers `PEOPLE` sign in and open the case, each twice; then the order to die is given if there is one. Prints how much of the disk's
/// work was recorded until then.
const AT_THE_BUTTON: &str = r#"
import os, threading
people = []
for name in PEOPLE:
    mail = Browser(WEB)
    assert mail.sign_in(name + "@aoba.example").status == 303
    case = "/approve/" + re.search(r'/approve/(\d+)"', mail.get("/approve").body).group(1)
    people += [(mail, case, mail.token(case))] * 2
if ORDER:
    with open(FAULT + ".new", "w") as file:
        file.write(ORDER + "\n")
    os.rename(FAULT + ".new", FAULT)
print(os.path.getsize(LOG))
"#;

/// All press the button at once; prints what was answered.
const DECIDES: &str = r#"
answers = []
def approve(mail, case, token):
    try:
        done = mail.post(case, {"csrf": token, "do": "approve", "comment": "ok"})
        answers.append("done" if done.status == 303 else str(done.status))
    except Exception:
        answers.append("cut off")
turns = [threading.Thread(target=approve, args=one) for one in people]
[turn.start() for turn in turns]
[turn.join() for turn in turns]
print(" ".join(answers))
"#;

/// What became of the mail of this round: its state, the rows about its approval, its queue rows, and what its author was told.
const BECAME: &str = r#"
db = sqlite3.connect(DATA + "/mail.db", timeout=10)
submission, reference = db.execute("SELECT id, reference FROM submission ORDER BY id DESC LIMIT 1").fetchone()
count = lambda sql, *rest: db.execute(sql, rest).fetchone()[0]
state = count("SELECT state FROM parcel WHERE submission = ?", submission)
rows = count("SELECT count(*) FROM audit WHERE subject = ? AND event LIKE 'parcel.approved%'", reference)
queued = count("SELECT count(*) FROM queue AS q JOIN parcel AS p ON p.id = q.parcel WHERE p.submission = ?", submission)
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("saburo@aoba.example", PASSWORD)
imap.select("INBOX")
from email.header import decode_header, make_header
from email import message_from_bytes
found = imap.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
told = [str(make_header(decode_header(message_from_bytes(part[1])["Subject"]))) for part in found if isinstance(part, tuple)]
print(state, rows, queued, told.count("【送信しました】decided %d" % ROUND))
"#;

/// What was done to the journal of the database of mail while something was decided.
#[derive(Debug, Default)]
struct Work {
    writes: usize,
    flushes: usize,
    /// Writes before the first flush.
    first: usize,
}

impl Work {
    /// Since the record of the disk had this length; no process may have died of an order by then.
    fn since(house: &House, shim: &Shim, since: u64) -> Self {
        let journal = std::fs::metadata(house.data().join("mail.db-wal")).unwrap().ino();
        let mut work = Self::default();
        for (_, act) in read_log(&shim.log).into_iter().filter(|(at, _)| *at > since) {
            match act {
                Act::Wrote { inode, .. } if inode == journal => {
                    work.writes += 1;
                    work.first += usize::from(work.flushes == 0);
                }
                Act::Flushing { inode, .. } if inode == journal => work.flushes += 1,
                _ => {}
            }
        }
        assert!(work.writes > 8 && work.first > 0 && work.flushes > 1, "a decision is written and flushed: {work:?}");
        work
    }
    fn dies_at_write(count: usize) -> String {
        format!("write -9 mail.db-wal {count}")
    }
    fn dies_at_flush(count: usize) -> String {
        format!("flush -9 mail.db-wal {count}")
    }
}

/// What a program of these rounds is told.
fn about(shim: &Shim, people: &str, round: usize, order: &str, pid: u32) -> String {
    let [fault, log] = [shim.order(), &shim.log].map(|path| path.display().to_string());
    format!("PEOPLE, ROUND, ORDER, PID, FAULT, LOG = {people}, {round}, {order:?}, {pid}, {fault:?}, {log:?}\n")
}

/// The length of the record of the disk when the order was given, and what else a program said.
fn told(said: &str) -> (u64, String) {
    let (since, rest) = said.trim().split_once('\n').unwrap_or((said.trim(), ""));
    (since.parse().unwrap(), rest.to_owned())
}

/// The server has died of its order, by itself: a signal leaves no exit code.
fn died(house: &mut House, shim: &Shim, order: &str) {
    assert_eq!(house.ended(), None, "{order}: {}", house.log());
    shim.well();
}

/// The server dies at a write or a flush of the journal of its database: early, in the middle and late in the commit of the decision, before and
/// after it is safe; how many writes that are, a first decision shows that nothing disturbs. Whoever was told that the mail went was told the
/// truth; where it still waits, it is decided again.
#[test]
fn killed_within_a_decision_it_is_taken_once_or_not_at_all() {
    let mut house = crate::ledger::company();
    let file = house.dir.path().join("one.toml");
    let rule = "[[rule]]\ncode = \"ONE\"\nname = \"承認\"\ndirection = \"out\"\nwhen = { recipients = \"outside\" }\n\
                action = { hold = { approvers = [\"group:取扱担当者\"], hours = 8, then = \"return\" } }\n";
    std::fs::write(&file, rule).unwrap();
    house.good(&["rules", "apply", file.to_str().unwrap(), "--tenant", "aoba"]);
    house.stop();
    let shim = Shim::under(&mut house);
    house.serve();
    let both = "('hanako', 'shiro')";
    let (since, answers) = told(&house.keep(&(about(&shim, both, 0, "", 0) + SUBMITS + AT_THE_BUTTON + DECIDES)));
    let work = Work::since(&house, &shim, since);
    assert!(answers.split(' ').all(|answer| answer == "done"), "{answers}");
    assert_eq!(house.keep(&(about(&shim, both, 0, "", 0) + BECAME)).trim(), "released 1 1 1");
    assert!(work.first > 3, "{work:?}");
    let orders = [
        Work::dies_at_write(1),
        Work::dies_at_write(work.first / 2),
        Work::dies_at_write(work.first),
        Work::dies_at_flush(1),
        Work::dies_at_write(work.first + 1),
        Work::dies_at_flush(2),
    ];
    let mut became = Vec::new();
    for (round, order) in (1..).zip(&orders) {
        let said = house.keep(&(about(&shim, both, round, order, 0) + SUBMITS + AT_THE_BUTTON + DECIDES));
        let (_, answers) = told(&said);
        let acknowledged = answers.split_whitespace().any(|answer| answer == "done");
        died(&mut house, &shim, order);
        house.serve();
        let after = house.keep(&(about(&shim, both, round, "", 0) + BECAME)).trim().to_owned();
        assert!(["held 0 0 0", "released 1 1 1"].contains(&after.as_str()), "{order}: {after} after {answers}");
        assert!(!acknowledged || after.starts_with("released"), "{order}: {after} after {answers}");
        if after.starts_with("held") {
            let (_, answers) = told(&house.keep(&(about(&shim, both, round, "", 0) + AT_THE_BUTTON + DECIDES)));
            assert_eq!(answers, "done done done done", "{order}");
            assert_eq!(house.keep(&(about(&shim, both, round, "", 0) + BECAME)).trim(), "released 1 1 1", "{order}");
        }
        became.push((order, after));
    }
    eprintln!("{work:?} {became:?}");
    assert!(
        became[0].1.starts_with("held") && became.iter().any(|(_, after)| after.starts_with("released")),
        "{work:?} {became:?}"
    );
    assert!(house.good(&["verify"]).contains("All is well."));
}

/// Beside the approvers the deadline, which is due: whoever is there first decides, and a mail that puts itself off wakes the timers meanwhile.
const DECIDES_AT_THE_DEADLINE: &str = r#"
db = sqlite3.connect(DATA + "/mail.db", timeout=10)
parcel = db.execute("SELECT parcel FROM approval WHERE decided_at IS NULL").fetchone()[0]
assert db.execute("UPDATE timer SET due = 0 WHERE kind = 'deadline' AND parcel = ?", (parcel,)).rowcount == 1
db.commit()
def approve(mail, case, token):
    try:
        mail.post(case, {"csrf": token, "do": "approve", "comment": "ok"})
    except Exception:
        pass
def wake():
    try:
        submit("saburo", "partner@yamada.example", subject="put off %d" % ROUND)
    except Exception:
        pass
turns = [threading.Thread(target=wake)] + [threading.Thread(target=approve, args=one) for one in people]
[turn.start() for turn in turns]
[turn.join() for turn in turns]
"#;

/// Waits until the mail is decided, or the server has died of its order.
const ENDED: &str = r#"
def over():
    try:
        return db.execute("SELECT decided_at FROM approval WHERE parcel = ?", (parcel,)).fetchone()[0] or not os.path.exists("/proc/%d" % PID) \
            or open("/proc/%d/stat" % PID).read().split()[2] == "Z"
    except OSError:
        return True
until("an end", over)
"#;

/// What became of the mail: its state; audit rows of approvals and of the deadline; queue rows; drafts that came back; what its author was told of
/// either end.
const ENDS: &str = r#"
from email import message_from_bytes
from email.header import decode_header, make_header
db = sqlite3.connect(DATA + "/mail.db", timeout=10)
sql = "SELECT s.id, s.reference, p.state FROM submission AS s JOIN parcel AS p ON p.submission = s.id JOIN approval AS a ON a.parcel = p.id ORDER BY s.id DESC"
submission, reference, state = db.execute(sql).fetchone()
count = lambda sql, *rest: db.execute(sql, rest).fetchone()[0]
events = [count("SELECT count(*) FROM audit WHERE subject = ? AND event LIKE ?", reference, event) for event in ("parcel.approved%", "parcel.expired")]
queued = count("SELECT count(*) FROM queue AS q JOIN parcel AS p ON p.id = q.parcel WHERE p.submission = ?", submission)
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("saburo@aoba.example", PASSWORD)
def subjects(folder):
    if imap.select(folder)[1] == [b"0"]:
        return []
    found = imap.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
    return [str(make_header(decode_header(message_from_bytes(part[1])["Subject"]))) for part in found if isinstance(part, tuple)]
own = "decided %d" % ROUND
told = subjects("INBOX")
print(state, *events, queued, subjects("Drafts").count(own), told.count("【送信しました】" + own), told.count("【送信しませんでした】" + own))
"#;

/// A deadline that is due is one more who decides, also when the server dies within it: each mail is approved or comes back, once, and as many
/// mails as were approved reach the outside, once each.
#[test]
fn killed_within_a_decision_while_its_deadline_is_due_it_ends_once_and_one_mail_leaves_or_none() {
    let mut house =
        crate::ledger::company_with("[[route]]\ndomain = \"*\"\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\n");
    let file = house.dir.path().join("one.toml");
    let rules = "[[rule]]\ncode = \"LATER\"\nname = \"後で\"\ndirection = \"out\"\nwhen = { wildcard = { any = [\"put off*\"], where = \"subject\" } }\n\
                 action = { delay = { minutes = 600 } }\n\n\
                 [[rule]]\ncode = \"ONE\"\nname = \"承認\"\ndirection = \"out\"\nwhen = { wildcard = { any = [\"decided*\"], where = \"subject\" } }\n\
                 action = { hold = { approvers = [\"group:取扱担当者\"], hours = 8, then = \"return\" } }\n";
    std::fs::write(&file, rules).unwrap();
    house.good(&["rules", "apply", file.to_str().unwrap(), "--tenant", "aoba"]);
    house.stop();
    let shim = Shim::under(&mut house);
    house.serve();
    let (both, nobody) = ("('hanako', 'shiro')", "()");
    let (mut approved, mut returned, mut round) = (Vec::new(), 0, 0);
    let mut decide = |house: &mut House, people: &str, order: &str| {
        let program = SUBMITS.to_owned() + AT_THE_BUTTON + DECIDES_AT_THE_DEADLINE + ENDED;
        let (since, _) = told(&house.keep(&(about(&shim, people, round, order, house.pid()) + &program)));
        let work = order.is_empty().then(|| Work::since(house, &shim, since));
        if !order.is_empty() {
            died(house, &shim, order);
            house.serve();
        }
        let ends = about(&shim, "()", round, "", 0) + ENDS;
        let mut after = house.keep(&ends).trim().to_owned();
        if after == "held 0 0 0 0 0 0" {
            assert!(!order.is_empty(), "nobody decided, and nothing broke");
            // after a start no deadline fires for an hour: it is put off, and somebody approves
            house.keep(&(about(&shim, "()", round, "", 0) + APPROVES));
            after = house.keep(&ends).trim().to_owned();
        }
        match after.as_str() {
            "released 1 0 1 0 1 0" => approved.push(format!("decided {round}")),
            "expired 0 1 0 1 0 1" => returned += 1,
            _ => panic!("{people} {order}: {after}"),
        }
        round += 1;
        work
    };
    // whoever is first, and the deadline alone: how much is written; then the server dies within it
    let (with_people, alone) = (decide(&mut house, both, "").unwrap(), decide(&mut house, nobody, "").unwrap());
    eprintln!("{with_people:?} {alone:?}");
    for order in [
        Work::dies_at_write(1),
        Work::dies_at_write(with_people.writes / 4),
        Work::dies_at_write(with_people.writes / 2),
        Work::dies_at_flush(1),
        Work::dies_at_flush(2),
    ] {
        decide(&mut house, both, &order);
    }
    for order in [
        Work::dies_at_write(1),
        Work::dies_at_write(alone.writes / 4),
        Work::dies_at_write(alone.writes / 2),
        Work::dies_at_flush(1),
        Work::dies_at_flush(2),
    ] {
        decide(&mut house, nobody, &order);
    }
    assert!(returned > 0, "the deadline alone decides");
    // and one that nothing disturbs
    let after = house.keep(&(about(&shim, "()", round, "", 0) + SUBMITS + APPROVES + ENDS));
    assert_eq!(after.trim(), "released 1 0 1 0 1 0");
    approved.push(format!("decided {round}"));

    // until now the outside was not there; now it is, and each approved mail comes once. A kill in the middle of an attempt leaves its row
    // leased for three minutes, which are over now
    house.stop();
    house.keep("db = sqlite3.connect(DATA + '/mail.db')\ndb.execute('UPDATE queue SET leased = 0')\ndb.commit()\n");
    let outside = crate::outgoing::foreign::Outside::start(false);
    let config = std::fs::read_to_string(house.config()).unwrap();
    std::fs::write(house.config(), config.replace("port = 1\n", &format!("port = {}\n", outside.port()))).unwrap();
    house.serve();
    house.good(&["queue", "retry", "--domain", "yamada.example"]);
    let taken = outside.taken_when(approved.len());
    let subject = |mail: &serde_json::Value| {
        let bytes = base64::engine::general_purpose::STANDARD.decode(mail["bytes"].as_str().unwrap()).unwrap();
        let head = text(&bytes);
        head.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap().to_owned()
    };
    let mut came: Vec<String> = taken.iter().map(subject).collect();
    came.sort();
    approved.sort();
    assert_eq!(came, approved, "{taken:?}");
    let waits = house.good(&["queue", "list"]);
    assert_eq!(waits, "", "nothing else is on its way: {waits}");
    assert!(house.good(&["verify"]).contains("All is well."));
}

/// Somebody approves the mail of this round.
const APPROVES: &str = r#"
mail = Browser(WEB)
assert mail.sign_in("hanako@aoba.example").status == 303
case = "/approve/" + re.search(r'/approve/(\d+)"', mail.get("/approve").body).group(1)
assert mail.post(case, {"csrf": mail.token(case), "do": "approve", "comment": "ok"}).status == 303
"#;
