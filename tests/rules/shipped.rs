//! What a fresh company's own rules do, with nothing switched on: the four that are not about numbers, by both doors, and
//! NI-MN and MN-INSIDE from the browser. Its other rules about numbers, pictures and programs: `links::a_fresh_company_‥`, `outgoing::…`, `rules::ready`.

use crate::house::Demo;

use super::doors::{DOORS, PEN};

#[test]
fn a_fresh_company_asks_senders_about_closed_files_and_open_recipients_records_lists_and_puts_files_off() {
    let demo = Demo::start_on_a_clock();
    demo.python(&format!(
        r##"{PEN}
{DOORS}
import glob, os, sqlite3
ASKED = "2.0.0 held until you confirm it"
def by_smtp_said(subject, to=PARTNER, **fields):
    code, said = send("sato", *mail("sato", to, subject=subject, **fields))
    assert code == 250, said
    return said
def checked(subject, to=PARTNER, files=(), **fields):
    return pen("sato").check(list(files), to=to, subject=subject, body="hello", **fields)
def judged(word):
    """What the last judgement says of it."""
    mails = sqlite3.connect(os.path.join(os.path.dirname(demo["config"]), "data", "mail.db"))
    return json.loads(mails.execute("SELECT detail FROM audit WHERE event = 'submission.judged' ORDER BY id DESC").fetchone()[0])[word]
def left():
    """The subjects of what is outside."""
    mails = [email.message_from_binary_file(open(file, "rb")) for file in glob.glob(os.path.join(demo["outside_mail"], "*"))]
    return sorted({{str(mail["Subject"]) for mail in mails}})
def leaves(*subjects):
    end = time.monotonic() + 30
    while not set(subjects) <= set(left()):
        assert time.monotonic() < end, (left(), sekisho("queue", "list"))
        time.sleep(0.05)
def asked(subject, message):
    """Its sender is told of the mail by SMTP, and he alone; he confirms it on its page, and it goes at once."""
    subject_, notice = inbox("sato")[-1]
    assert subject_ == "【ご自身の確認待ち】" + subject and message in text(notice), (subject_, text(notice))
    for name in ("suzuki", "tanaka", "takahashi"):
        assert "承認待ちのメールはありません" in pen(name).get("/approve").text(), name
    assert subject not in left(), "it left unconfirmed"
    [path] = re.findall(r'href="(/outgoing/\d+/confirm)"', pen("sato").get("/outgoing").body)
    shown = pen("sato").get(path)
    assert message in shown.text() and subject in shown.text(), shown.text()
    assert pen("sato").post(path, shown.form("confirm")).to == "/outgoing"
    leaves(subject)
def ticks(check, code, message):
    """The check asks for a tick of its own, without which nothing is sent."""
    assert "ご自身で確かめてから送信してください" in check.text() and message in check.text(), check.text()
    box = "rule:" + code
    few = pen("sato").tick(check, [one for one in check.boxes() if one != box])
    assert box in check.boxes() and few.status == 422 and "未確認の項目が 1件" in few.text(), (check.boxes(), few)
    assert pen("sato").tick(check).status == 303

# a file that nobody could look into
unseen = "検査できない添付ファイルがあります。内容と宛先をご確認のうえ、送信してください。パスワードを入力すると検査できます。"
closed = [("data.zip", "application/zip", locked())]
assert by_smtp_said("closed", files=closed).startswith(ASKED)
asked("closed", unseen)
ticks(checked("closed too", files=closed), "NI-SELF", unseen)
assert judged("rules") == ["NI-SELF"], judged("rules")

# five domains that see each other
open_ = "多数の社外アドレスが互いに見える状態です。Bcc への変更をご検討ください。"
five = dict(to="a@d1.example, b@d2.example, c@d3.example", cc="d@d4.example, e@d5.example")
assert by_smtp_said("open", **five).startswith(ASKED)
asked("open", open_)
ticks(checked("open too", **five), "TO-OPEN", open_)
leaves("open too")
four = dict(five, cc="d@d4.example, f@d4.example")
assert by_smtp_said("not open", **four).startswith("2.0.0 accepted") and "宛先の公開" not in checked("not open", **four).text()

# a list is recorded and goes as any other file does
people = [("名簿.csv", "text/csv", "".join("氏名%d,03-3210-%04d\r\n" % (n, n) for n in range(50)).encode())]
def recorded():
    assert (judged("recorded"), judged("rules"), judged("outcome")) == (["PI-LIST"], ["DELAY"], "sent"), judged("rules")
assert by_smtp_said("list", files=people).startswith("2.0.0 accepted")
recorded()
check = checked("list too", files=people)
assert "名簿" not in check.text().replace("名簿.csv", "") and pen("sato").tick(check).status == 303, check.text()
recorded()

# a file waits a minute, in which its sender takes it back
note = [("a.txt", "text/plain", b"x")]
assert by_smtp_said("back", files=note).startswith("2.0.0 accepted")
check = checked("back too", files=note)
assert "添付ありの社外メール" in check.text() and "1分後に送信" in check.text(), check.text()
assert pen("sato").tick(check).status == 303
page = pen("sato").get("/outgoing")
put_off = {{html.unescape(subject): recall for subject, recall in re.findall(r'<h2>([^<]*)</h2>(?:(?!<h2>|</li>).)*?action="(/outgoing/recall/[^"]*)"', page.body, re.S)}}
assert sorted(put_off) == ["back", "back too", "closed too", "list", "list too"], page.text()
assert len(re.findall("約1分後に送信されます|あと[0-9]+秒で送信されます", page.text())) == 5, page.text()
for subject in ("back", "back too"):
    again = pen("sato").post(put_off[subject], [field for field in page.fields() if field[0] == "csrf"])
    assert "送信を取り消しました" in pen("sato").toast(again), again
    assert subject in [one for one, _ in inbox("sato", "Drafts")], subject
assert left() == ["closed", "not open", "open", "open too"], left()
passes(60)
leaves("closed too", "list", "list too")
end = time.time() + 30
while waiting := sekisho("queue", "list"):
    assert "back" not in waiting and time.time() < end, waiting
    time.sleep(0.05)
assert left() == sorted(["closed", "closed too", "list", "list too", "not open", "open", "open too"]), left()
assert "すでに送信されている" in pen("sato").toast(pen("sato").post(put_off["list"], [field for field in page.fields() if field[0] == "csrf"]))
# a number to a colleague who is no handler goes, and his sender and the handlers are told of it, without it
check = pen("sato").check([], to="ito@aoba.example", subject="社内の件", body="個人番号 1234 5678 9018")
assert pen("sato").tick(check).status == 303
assert inbox("ito")[-1][0] == "社内の件"
for name in ("sato", "suzuki", "tanaka"):
    subject, notice = inbox(name)[-1]
    assert subject == "【お知らせ】佐藤 健一さんのメール" and not digits(text(notice)), (name, subject)
# what cannot be looked into and speaks of numbers waits for the handlers
check = checked("マイナンバーの件", files=closed)
assert "承認待ちになります" in check.text() and "検査できない添付(個人番号の文脈)" in check.text(), check.text()
assert pen("sato").tick(check).to == "/outgoing"
assert "NI-MN" in sekisho("held", "list") and "マイナンバーの件" not in left(), sekisho("held", "list")
"##
    ));
}
