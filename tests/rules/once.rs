//! A decision and the death of the server within it: taken once or not at all, whatever of it had been written.

use crate::shim::Shim;

const SUBMITS: &str = r#"
submit("saburo", "partner@yamada.example", subject="decided %d" % ROUND)
"#;

/// Two approvers sign in, the order to die is given if there is one, and both press the button twice, all at once; prints what was answered.
const DECIDES: &str = r#"
import os, threading
people = []
for name in ("hanako", "shiro"):
    mail = Browser(WEB)
    assert mail.sign_in(name + "@aoba.example").status == 303
    case = "/approve/" + re.search(r'/approve/(\d+)"', mail.get("/approve").body).group(1)
    people += [(mail, case, mail.token(case))] * 2
if ORDER:
    with open(FAULT + ".new", "w") as file:
        file.write(ORDER + "\n")
    os.rename(FAULT + ".new", FAULT)
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
        let about =
            |order| format!("ROUND, ORDER, FAULT = {round}, {order:?}, {:?}\n", shim.order().display().to_string());
        let answers = house.keep(&(about(order) + SUBMITS + DECIDES));
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
            assert_eq!(house.keep(&(about("") + DECIDES)).trim(), "done done done done", "{order}");
            assert_eq!(house.keep(&(about("") + BECAME)).trim(), "released 1 1 1", "{order}");
        }
    }
    assert!(
        became.iter().any(|one| one.starts_with("held")) && became.iter().any(|one| one.starts_with("released")),
        "{became:?}"
    );
    assert!(house.good(&["verify"]).contains("All is well."));
}
