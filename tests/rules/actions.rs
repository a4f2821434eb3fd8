//! Actions: what becomes of a mail by SMTP and of one from the browser, and what the sender sees of it beforehand.

use super::doors::{DOORS, PEN, under};
use crate::house::text;

/// One rule for all mail to the outside.
fn rule(action: &str) -> String {
    format!(
        "[[rule]]\ncode = \"IT\"\nname = \"ためし\"\ndirection = \"out\"\nwhen = {{ recipients = \"outside\" }}\naction = {action}\n\
         message = \"宛先をもう一度ご確認ください。\"\n"
    )
}

const SENDS: &str = r#"
def sends(subject):
    """By SMTP; the answer."""
    code, said = send("sato", *mail("sato", PARTNER, subject=subject))
    assert code == 250, said
    return said
def checks(subject):
    return pen("sato").check(to=PARTNER, subject=subject, body="hello")
def csrf(page):
    return [field for field in page.fields() if field[0] == "csrf"]
def outgoing(who="sato"):
    return pen(who).get("/outgoing")
"#;

fn run(demo: &crate::house::Demo, program: &str) {
    demo.python(&format!("{PEN}\n{DOORS}\n{SENDS}\n{program}"));
}

#[test]
fn an_approver_decides_where_he_sees_the_mail_and_not_on_the_page_of_its_sender() {
    let demo = under(&rule("{ hold = { approvers = [\"group:取扱担当者\"] } }"));
    run(
        &demo,
        r##"
sends("hold me")
waiting = lambda: re.search(r'href="/approve/(\d+)"', pen("suzuki").get("/approve").body)
number = waiting().group(1)
assert pen("suzuki").post("/outgoing/%s/confirm" % number, csrf(outgoing("suzuki"))).status == 404
assert waiting().group(1) == number, "it is decided"
"##,
    );
    assert!(demo.outside(0).is_empty());
    run(&demo, "sends('hold me too')\nsends('and me')");
    for (limit, lines, more) in
        [("1", 1, "There are more.\n"), ("2", 2, "There are more.\n"), ("3", 3, ""), ("4", 3, "")]
    {
        let listed = demo.run(&["held", "list", "--limit", limit]);
        assert_eq!((text(&listed.stdout).lines().count(), text(&listed.stderr).as_str()), (lines, more), "{limit}");
    }
}

#[test]
fn a_mail_by_smtp_waits_until_its_sender_has_confirmed_it_on_a_page() {
    let demo = under(&rule("\"self_review\""));
    run(
        &demo,
        r##"
said = sends("confirm me")
assert said.startswith("2.0.0 held until you confirm it"), said
subject, notice = inbox("sato")[-1]
assert subject == "【ご自身の確認待ち】confirm me", subject
told = text(notice).replace("\r\n", "\n")
assert "理由:宛先をもう一度ご確認ください。" in told and demo["mail_url"] + "/outgoing" in told, told
page = outgoing()
assert "ご自身の確認待ち" in page.text(), page
path = re.search(r'href="(/outgoing/\d+/confirm)"', page.body).group(1)
assert pen("ito").get(path).status == 404 and pen("ito").post(path, csrf(outgoing("ito"))).status == 404
shown = pen("sato").get(path)
said = shown.text()
assert "confirm me" in said and PARTNER in said and "宛先をもう一度ご確認ください。" in said and "ためし" in said, said
assert "承認待ちのメールはありません" in pen("sato").get("/approve").text(), "it is no approval"
"##,
    );
    assert!(demo.outside(0).is_empty(), "it left unconfirmed");
    run(
        &demo,
        r##"
path = re.search(r'href="(/outgoing/\d+/confirm)"', outgoing().body).group(1)
shown = pen("sato").get(path)
done = pen("sato").post(path, shown.form("confirm"))
assert (done.status, done.to) == (303, "/outgoing"), done
assert "ご自身で確認し、送信しました" in outgoing().text(), outgoing()
again = pen("sato").post(path, shown.form("confirm"))
assert again.status == 303 and "すでに判断されています" in pen("sato").toast(again), again
assert pen("sato").get(path).status == 404
"##,
    );
    assert_eq!(demo.outside(1).len(), 1);
}

#[test]
fn a_mail_from_the_browser_is_confirmed_by_a_tick_of_its_check() {
    let demo = under(&rule("\"self_review\""));
    run(
        &demo,
        r##"
check = checks("confirm me")
said = check.text()
assert "ご自身で確かめてから送信してください" in said and "宛先をもう一度ご確認ください。" in said, said
assert "rule:IT" in check.boxes(), check.boxes()
few = pen("sato").tick(check, [box for box in check.boxes() if box != "rule:IT"])
assert few.status == 422 and "未確認の項目が 1件" in few.text(), few
sent = pen("sato").tick(check)
assert (sent.status, sent.to) == (303, "/mail"), sent
"##,
    );
    assert_eq!(demo.outside(1).len(), 1);
}

#[test]
fn a_mail_put_off_by_smtp_waits_and_is_taken_back_by_its_sender() {
    let demo = under(&rule("{ delay = { minutes = 30 } }"));
    run(
        &demo,
        r##"
assert sends("put me off").startswith("2.0.0 accepted, ref ")
page = outgoing()
said = page.text()
assert "送信待ち" in said and "約30分後に送信されます" in said, said
path = re.search(r'action="(/outgoing/recall/[^"]*)"', page.body).group(1)
assert pen("ito").post(path, csrf(outgoing("ito"))).status == 404
back = pen("sato").post(path, csrf(page))
assert back.status == 303 and "送信を取り消しました" in pen("sato").toast(back), back
assert [subject for subject, _ in inbox("sato", "Drafts")][-1] == "put me off"
assert "送信を取り消しました" in outgoing().text()
"##,
    );
    assert!(demo.outside(0).is_empty() && demo.good(&["queue", "list"]).is_empty());
}

#[test]
fn a_mail_from_the_browser_is_told_to_leave_later_and_is_taken_back() {
    let demo = under(&rule("{ delay = { minutes = 30 } }"));
    run(
        &demo,
        r##"
check = checks("put me off")
said = check.text()
assert "時間の後に送信されます" in said and "30分後に送信" in said and "すぐに送信されます" not in said, said
sent = pen("sato").tick(check)
assert (sent.status, sent.to) == (303, "/outgoing"), sent
page = outgoing()
path = re.search(r'action="(/outgoing/recall/[^"]*)"', page.body).group(1)
back = pen("sato").post(path, csrf(page))
assert back.status == 303 and back.to.startswith("/mail/compose/"), back
assert pen("sato").get(back.to).value("subject") == "put me off"
"##,
    );
    assert!(demo.outside(0).is_empty() && demo.good(&["queue", "list"]).is_empty());
}

#[test]
fn whom_a_rule_names_is_told_by_both_doors_with_no_content() {
    let demo = under(&rule(
        "{ notify = [\"administrator\", \"supervisor\", \"group:取扱担当者\", \"watanabe@aoba.example\", \"sender\"] }",
    ));
    run(
        &demo,
        r##"
people = ("ito", "takahashi", "suzuki", "tanaka", "watanabe", "sato")
before = {name: len(inbox(name)) for name in people}
def told(subject):
    for name in people:
        assert len(inbox(name)) == before[name] + 1, name
        before[name] += 1
        notice = inbox(name)[-1]
        assert notice[0].startswith("【お知らせ】") and subject not in text(notice[1]) and "hello" not in text(notice[1]), notice
sends("tell of me")
told("tell of me")
check = checks("tell of me too")
assert "管理者・上長・取扱担当者・watanabe@aoba.example・差出人に知らせます" in check.text(), check.text()
assert pen("sato").tick(check).to == "/mail"
told("tell of me too")
# of a mail with numbers in its subject, its text, a file and a file's name they are told the places, and nothing that stands there
secret = dict(subject="社員番号 1234-5678-9018 の件", text="個人番号 123456789018 himitsu")
files = [("個人番号 1234 5678 9018.csv", "text/csv", "氏名,個人番号\r\n佐藤,123456789018\r\n".encode())]
def told_without():
    for name in people:
        assert len(inbox(name)) == before[name] + 1, name
        before[name] += 1
        subject, notice = inbox(name)[-1]
        said = subject + "\n" + text(notice) + "\n" + str(make_header(decode_header(notice["From"] or "")))
        assert subject.startswith("【お知らせ】") and "箇所:" in said and "(番号は表示しません)" in said, said
        assert not digits(said) and not digits(notice.as_string()), said
        for word in ("himitsu", "の件", "氏名", "123456789018", "1234-5678-9018"):
            assert word not in said and word not in notice.as_string(), (word, said)
code, said = send("sato", *mail("sato", PARTNER, files=files, **secret))
assert code == 250, said
told_without()
check = pen("sato").check(files, to=PARTNER, subject=secret["subject"], body=secret["text"])
assert pen("sato").tick(check).to == "/mail"
told_without()
"##,
    );
    assert_eq!(demo.outside(4).len(), 4);
}

#[test]
fn what_stops_discards_or_records_a_mail_does_so_by_both_doors_and_stands_in_the_records() {
    let rules: String = [
        ("HOLD", "{ hold = { approvers = [\"group:取扱担当者\"] } }"),
        ("BLOCK", "\"block\""),
        ("DELETE", "\"delete\""),
        ("RECORD", "\"record\""),
    ]
    .map(|(code, action)| {
        rule(action)
            .replace("\"IT\"", &format!("\"{code}\""))
            .replace("{ recipients = \"outside\" }", &format!("{{ wildcard = \"do {code}.\" }}"))
    })
    .concat();
    let part = rule("\"delete\"").replace("\"IT\"", "\"PART\"").replace("\"outside\"", "\"gone@minato.example\"");
    let demo = under(&(rules + &part));
    run(
        &demo,
        r##"
held = checks("do HOLD.")
assert "承認待ちになります" in held.text() and "鈴木 美咲" in held.text(), held
assert pen("sato").tick(held).to == "/outgoing"
blocked = checks("do BLOCK.")
assert "このメールは送信できません" in blocked.text() and 'id="send"' not in blocked.body, blocked
assert pen("sato").tick(blocked).status == 422
for subject in ("do DELETE.", "do RECORD."):
    check = checks(subject)
    assert "すぐに送信されます" in check.text() and pen("sato").tick(check).to == "/mail", check
assert len([s for s, _ in inbox("suzuki") if s.startswith("【承認のお願い】")]) == 1
check = pen("sato").check(to=PARTNER + ", gone@minato.example", subject="to some", body="hello")
assert pen("sato").tick(check).to == "/mail"

for subject in ("do HOLD.", "do BLOCK.", "do DELETE.", "do RECORD."):
    code, said = send("sato", *mail("sato", PARTNER, subject=subject))
    assert code == (550 if "BLOCK" in subject else 250), said
assert send("sato", *mail("sato", PARTNER, bcc="gone@minato.example", subject="to some"))[0] == 250
import os, sqlite3
mails = sqlite3.connect(os.path.join(os.path.dirname(demo["config"]), "data", "mail.db"))
rows = mails.execute("SELECT subject, actor, detail FROM audit WHERE event = 'submission.judged' ORDER BY id").fetchall()
sato = sqlite3.connect(os.path.join(os.path.dirname(demo["config"]), "data", "directory.db")).execute("SELECT id FROM user WHERE address = 'sato@aoba.example'").fetchone()[0]
wanted = [("HOLD", "held", "parcel.held"), ("BLOCK", "blocked", "submission.blocked"), ("DELETE", "deleted", "parcel.deleted"), ("RECORD", "sent", "queue.delivered"), ("PART", "deleted_in_part", "queue.delivered")] * 2
assert len(rows) == len(wanted), rows
for (reference, actor, detail), (code, outcome, event) in zip(rows, wanted):
    detail = json.loads(detail)
    assert actor == sato and detail["outcome"] == outcome and detail["rules"] + detail["recorded"] == [code], (actor, detail)
    end = time.time() + 20
    while event not in (trace := sekisho("trace", reference)):
        assert time.time() < end, (code, trace)
        time.sleep(0.05)
    assert PARTNER in trace and (code in trace or code == "RECORD"), trace
# its sender is not told of what was discarded, and is of what was refused
told = outgoing().text()
assert told.count("do DELETE.") == 2 and told.count("規則により送信できませんでした") == 2 and "破棄" not in told, told
assert len([s for s, _ in inbox("sato") if s == "【送信できませんでした】do BLOCK."]) == 2
"##,
    );
    demo.administer("Admin('ito').see('/t/aoba/audit?event=submission.judged', '破棄', '一部を破棄', '送信不可')");
    let outside = demo.outside(4);
    let came = |subject: &str| outside.iter().filter(|mail| mail.contains(&format!("Subject: {subject}\r\n"))).count();
    assert_eq!((outside.len(), came("do RECORD."), came("to some")), (4, 2, 2), "{outside:?}");
}
