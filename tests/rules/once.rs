//! A decision and the death of the server within it: taken once or not at all, whatever of it had been written.

use base64::Engine as _;

use crate::house::text;
use crate::shim::Shim;

const SUBMITS: &str = r#"
submit("saburo", "partner@yamada.example", subject="decided %d" % ROUND)
"#;

/// The approvers `PEOPLE` sign in and open the case, each twice; then the order to die is given if there is one.
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

/// The server dies at a write or a flush of the journal of its database: early and late in the commit of the decision, before and after it
/// is safe. Whoever was told that the mail went was told the truth; where it still waits, it is decided again.
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
    let mut became = Vec::new();
    let orders = [
        "write -9 mail.db-wal 1",
        "write -9 mail.db-wal 9",
        "write -9 mail.db-wal 40",
        "flush -9 mail.db-wal 1",
        "flush -9 mail.db-wal 2",
    ];
    for (round, order) in orders.into_iter().enumerate() {
        let about = |order| {
            format!(
                "PEOPLE, ROUND, ORDER, FAULT = ('hanako', 'shiro'), {round}, {order:?}, {:?}\n",
                shim.order().display().to_string()
            )
        };
        let answers = house.keep(&(about(order) + SUBMITS + AT_THE_BUTTON + DECIDES));
        let acknowledged = answers.split_whitespace().any(|answer| answer == "done");
        shim.well();
        // it may be about to die, or have lived on
        house.kill();
        house.serve();
        let after = house.keep(&(about("") + BECAME));
        let after = after.trim();
        assert!(["held 0 0 0", "released 1 1 1"].contains(&after), "{order}: {after} after {answers}");
        assert!(!acknowledged || after.starts_with("released"), "{order}: {after} after {answers}");
        became.push(after.to_owned());
        if after.starts_with("held") {
            assert_eq!(house.keep(&(about("") + AT_THE_BUTTON + DECIDES)).trim(), "done done done done", "{order}");
            assert_eq!(house.keep(&(about("") + BECAME)).trim(), "released 1 1 1", "{order}");
        }
    }
    assert!(
        became.iter().any(|one| one.starts_with("held")) && became.iter().any(|one| one.starts_with("released")),
        "{became:?}"
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
    let (mut approved, mut returned) = (Vec::new(), 0);
    let about = |round: usize, order: &str, people: &str, pid: u32| {
        let fault = shim.order().display().to_string();
        format!("ROUND, ORDER, PEOPLE, PID, FAULT = {round}, {order:?}, {people}, {pid}, {fault:?}\n")
    };
    // the last order of each is none: whoever is first, and the deadline alone
    let rounds = [
        (both, "write -9 mail.db-wal 3"),
        (both, "write -9 mail.db-wal 20"),
        (both, "flush -9 mail.db-wal 2"),
        (both, ""),
        (nobody, "write -9 mail.db-wal 9"),
        (nobody, "flush -9 mail.db-wal 2"),
        (nobody, ""),
    ];
    for (round, (people, order)) in rounds.into_iter().enumerate() {
        house.keep(
            &(about(round, order, people, house.pid()) + SUBMITS + AT_THE_BUTTON + DECIDES_AT_THE_DEADLINE + ENDED),
        );
        if !order.is_empty() {
            shim.well();
        }
        house.kill();
        house.serve();
        let mut after = house.keep(&(about(round, "", "()", 0) + ENDS)).trim().to_owned();
        if after == "held 0 0 0 0 0 0" {
            assert!(!order.is_empty(), "nobody decided, and nothing broke");
            // after a start no deadline fires for an hour: it is put off, and somebody approves
            house.keep(&(about(round, "", "()", 0) + APPROVES));
            after = house.keep(&(about(round, "", "()", 0) + ENDS)).trim().to_owned();
        }
        match after.as_str() {
            "released 1 0 1 0 1 0" => approved.push(format!("decided {round}")),
            "expired 0 1 0 1 0 1" => returned += 1,
            _ => panic!("{people} {order}: {after}"),
        }
    }
    assert!(returned > 0, "the deadline alone decides");
    // and one that nothing disturbs
    let round = rounds.len();
    let after = house.keep(&(about(round, "", "()", 0) + SUBMITS + APPROVES + ENDS));
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
