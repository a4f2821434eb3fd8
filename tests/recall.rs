//! Taking back a mail that was sent from the browser: with scripts switched off, against its time, through a crash, and
//! as far as the company allows.

use crate::house::Demo;
use crate::rules::doors::ruled;

/// A rule that leaves every mail as it is, where the shipped ones would put off a file to the outside.
const NOTED: &str = r#"
[[rule]]
code = "NOTED"
name = "社外宛て"
direction = "out"
when = { recipients = "outside" }
action = "record"
"#;

/// A person with a browser: `Pen`; and what the tests ask of the pages.
const PEN: &str = concat!(
    include_str!("compose/pen.py"),
    r##"
sato = Pen("sato@aoba.example")
def subjects(name, folder="INBOX"):
    return [subject for subject, _ in inbox(name, folder)]
def undo_of(page):
    """Where the toast of a sent mail takes it back, and its page."""
    while page.status == 303:
        page = sato.get(page.to)
    found = re.search(r'<form method="post" action="(/outgoing/recall/[^"]+)"', page.body)
    return found and found.group(1), page
def csrf(page):
    return re.search(r'name="csrf" value="([^"]+)"', page.body).group(1)
def until(what):
    end = time.time() + 30
    while not what():
        assert time.time() < end, "it did not come"
        time.sleep(0.05)
"##
);

fn write(demo: &Demo, program: &str) {
    demo.python(&format!("{PEN}\n{program}"));
}

#[test]
fn a_sent_mail_is_taken_back_as_the_draft_that_it_was() {
    let demo = ruled(Demo::start_as_shipped(), NOTED);
    write(
        &demo,
        r##"
file = ("表.csv", "text/csv", "a,b\r\n".encode())
check = sato.check([file], to="山田 <taro@yamada.example>, suzuki@aoba.example", bcc="secret@yamada.example",
                   subject="取り消す件", body="山田様\n添付します。")
assert "送信後 30秒間は取り消せます。" in check.text(), check.text()
path, page = undo_of(sato.tick(check))
assert path and "送信しました。" in page.text() and "取り消す</button>" in page.body, page
assert 'data-stays="' in page.body
assert send("takahashi", "Subject: smtp\r\n\r\nhello\r\n", ["suzuki@aoba.example"])[0] == 250
assert subjects("suzuki").count("smtp") == 1, "mail by SMTP is not delayed"
assert "取り消す件" not in subjects("suzuki") + subjects("sato", "Sent") + subjects("sato", "Drafts")
status = sato.get("/outgoing")
assert "送信待ち" in status.text() and "秒で送信されます" in status.text() and path in status.body, status.text()
assert sato.get("/mail/compose/" + re.search(r"/compose/(\d+)/send", check.body).group(1)).status == 404
other = Pen("suzuki@aoba.example")
assert other.post(path, [("csrf", csrf(other.get("/outgoing")))]).status == 404, "another's mail"
assert sato.get(path).status in (404, 405), "GET changes nothing"
back = sato.post(path, [("csrf", csrf(status))])
assert back.status == 303 and re.fullmatch(r"/mail/compose/\d+", back.to), back
draft = sato.get(back.to)
assert "送信を取り消しました。" in draft.text(), draft.text()
assert (draft.value("to"), draft.value("bcc"), draft.value("subject")) == ("山田 <taro@yamada.example>, suzuki@aoba.example", "secret@yamada.example", "取り消す件"), draft.form("compose")
assert draft.value("body") == "山田様\n添付します。" and "表.csv" in draft.body
assert subjects("sato", "Drafts").count("取り消す件") == 1 and "取り消し" in sato.get("/outgoing").text()
late = sato.post(path, [("csrf", csrf(status))])
assert late.to == "/outgoing" and "すでに送信されている" in sato.toast(late), late
stale = sato.tick(check)
assert stale.status == 409 and "もう一度ご確認ください" in stale.text(), "the form that was sent is not taken for sent"
sekisho("tenant", "set", "aoba", "--undo-seconds", "0")
check = sato.follow(sato.write(draft, "check"))
assert "取り消せます" not in check.text()
path, page = undo_of(sato.tick(check))
assert path is None and "送信しました。" in page.text()
assert subjects("suzuki").count("取り消す件") == 1 == subjects("sato", "Sent").count("取り消す件")
assert "取り消す件" not in subjects("sato", "Drafts")
"##,
    );
    let outside = demo.outside(1);
    assert!(outside.len() <= 2 && outside.iter().all(|mail| !mail.contains("Bcc:")), "{outside:?}");
}

#[test]
fn a_mail_goes_once_when_its_time_has_come_though_the_server_was_killed_meanwhile() {
    let mut demo = Demo::start_with_undo(5);
    write(
        &demo,
        r##"
path, page = undo_of(sato.write(sato.get("/mail/compose"), "check", to="suzuki@aoba.example", subject="待つ件", body="鈴木さん"))
assert path and "待つ件" not in subjects("suzuki")
"##,
    );
    demo.serve_towards(1);
    write(
        &demo,
        r##"
until(lambda: "待つ件" in subjects("suzuki"))
assert subjects("suzuki").count("待つ件") == 1 == subjects("sato", "Sent").count("待つ件")
status = sato.get("/outgoing")
assert "送信待ち" not in status.text().replace("送信待ちに入れました", "") and "/outgoing/recall/" not in status.body, status.text()
assert "送信を開始しました" in status.text()
"##,
    );
    demo.good(&["verify"]);
}

#[test]
fn a_person_chooses_within_what_the_company_allows() {
    let demo = Demo::start_with_undo(10);
    write(
        &demo,
        r##"
def offered():
    page = sato.get("/settings")
    return re.findall(r'name="undo" value="(\d+)"( checked)?', page.body), page
def choose(seconds):
    page = sato.get("/settings")
    fields = [(n, v) for n, v in re.findall(r'<input type="radio" name="(\w+)" value="(\w+)" checked', page.body) if n != "undo"]
    return sato.post("/settings", [("csrf", csrf(page))] + fields + [("undo", seconds)])
def sent(subject):
    return undo_of(sato.write(sato.get("/mail/compose"), "check", to="suzuki@aoba.example", subject=subject, body="鈴木さん"))
assert [word for word, _ in offered()[0]] == ["0", "5", "10"] and ("10", " checked") in offered()[0], offered()
assert choose("0").status == 303
assert ("0", " checked") in offered()[0] and sent("すぐ")[0] is None and "すぐ" in subjects("suzuki")
assert choose("10").status == 303
sekisho("tenant", "set", "aoba", "--undo-seconds", "20")
assert ("20", " checked") in offered()[0], "the longest that was offered follows the policy"
assert sent("あとで")[0] and "あとで" not in subjects("suzuki")
sekisho("tenant", "set", "aoba", "--undo-seconds", "0")
words, page = offered()
assert words == [] and "管理者が設定しています" in page.text() and sent("今")[0] is None and "今" in subjects("suzuki")
assert choose("7").status == 400
"##,
    );
    assert!(demo.run(&["tenant", "set", "aoba", "--undo-seconds", "7"]).status.code() == Some(2));
    assert!(demo.good(&["tenant", "list", "--json"]).contains(r#""undo_seconds":0"#));
}
