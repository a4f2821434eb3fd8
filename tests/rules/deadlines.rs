//! What time does to mail that waits, by the front door: deadlines with each of their ends over a week of holidays, reminders that arrive, and
//! mail that was put off and leaves.

use super::doors::{DOORS, PEN, ruled};
use crate::house::Demo;

/// By the word in the subject.
const RULES: &str = r#"
[[rule]]
code = "BACK"
name = "営業時間の期限"
direction = "out"
when = { wildcard = { any = ["back*"], where = "subject" } }
action = { hold = { approvers = ["group:取扱担当者"], hours = 8, calendar = "business", then = "return" } }

[[rule]]
code = "SEND"
name = "送信の期限"
direction = "out"
when = { wildcard = { any = ["send*"], where = "subject" } }
action = { hold = { approvers = ["group:取扱担当者"], hours = 8, calendar = "always", then = "send" } }

[[rule]]
code = "REJECT"
name = "却下の期限"
direction = "out"
when = { wildcard = { any = ["reject*"], where = "subject" } }
action = { hold = { approvers = ["group:取扱担当者"], hours = 8, calendar = "always", then = "reject" } }

[[rule]]
code = "NEXT"
name = "次の承認者"
direction = "out"
when = { wildcard = { any = ["next*"], where = "subject" } }
action = { hold = { approvers = ["supervisor"], hours = 8, calendar = "always", then = "escalate", escalate_to = ["watanabe@aoba.example"] } }

[[rule]]
code = "LATER"
name = "後で送信"
direction = "out"
when = { wildcard = { any = ["later*"], where = "subject" } }
action = { delay = { minutes = 20 } }
"#;

const HELPERS: &str = r##"
import datetime, math, os
OUTSIDE = os.path.join(os.path.dirname(demo["config"]), "outside")
def at(moment):
    """Puts the clock to a moment in Japan."""
    ahead(math.ceil(datetime.datetime.fromisoformat(moment + ":00+09:00").timestamp() - time.time()))
    pens.clear()
def goes_by(**span):
    """So much time, and a moment; whoever was signed in signs in anew."""
    passes(int(datetime.timedelta(**span).total_seconds()))
    pens.clear()
def until(what, look):
    end = time.monotonic() + 30
    while not (found := look()):
        assert time.monotonic() < end, what
        time.sleep(0.05)
    return found
def outside():
    """Subjects of what has reached the outside."""
    mails = [open(os.path.join(OUTSIDE, name)).read() for name in os.listdir(OUTSIDE)]
    return sorted(re.search(r"(?m)^Subject: (.*?)\r?$", mail).group(1) for mail in mails)
def by_smtp(subject, text="hello"):
    code, said = send("sato", *mail("sato", PARTNER, subject=subject, text=text))
    assert code == 250, said
    return said
def by_hand(subject, foretold):
    check = pen("sato").check(to=PARTNER, subject=subject, body="hello")
    assert foretold in check.text(), check.text()
    sent = pen("sato").tick(check)
    assert (sent.status, sent.to) == (303, "/outgoing"), sent
def told(name, subject):
    """The texts of his notices whose subject is like this."""
    return [text(one) for found, one in inbox(name) if re.fullmatch(subject, found)]
def status():
    """By subject what the sender's page says of each mail."""
    parts = re.findall(r'<li class="sending".*?<h2>([^<]*)</h2>(.*?)(?=<li class="sending"|</main>)', pen("sato").get("/outgoing").body, re.S)
    return {subject: html.unescape(re.sub(r"<[^>]*>", "", rest)) for subject, rest in parts}
def waiting(who):
    """By subject the paths of what waits for somebody."""
    found = re.findall(r'href="(/approve/\d+)".*?<strong class="case-subject">([^<]*)</strong>', pen(who).get("/approve").body, re.S)
    return {subject: path for path, subject in found}
def approve(who, subject):
    path = waiting(who)[subject]
    page = pen(who).get(path)
    done = pen(who).post(path, page.form("decide") + [("do", "approve")])
    assert "承認して送信しました。" in pen(who).toast(done), done
"##;

#[test]
fn deadlines_end_as_rules_say_over_holidays_and_what_was_put_off_leaves() {
    let demo = ruled(Demo::start_on_a_clock(), RULES);
    demo.administer(&format!(
        "import html\n{PEN}\n{DOORS}\n{HELPERS}\n{}",
        r##"
# Thursday before four days that are holidays or a weekend: 3 to 6 May 2030
at("2030-05-02T16:00")
for subject in ("back", "reject", "next one", "next two"):
    assert "held for approval" in by_smtp(subject), subject
assert "held for approval" in by_smtp("send", "マイナンバー: 465281266333")
assert "accepted" in by_smtp("later by SMTP")
by_hand("later by hand", "20分後に送信")
by_hand("back by hand", "承認待ちになります")
now = status()
for subject, words in (("back", r"期限 5月7日 16:0\d"), ("send", r"期限 5月3日 00:0\d"), ("next one", "確認者: 高橋 誠"), ("later by hand", r"5月2日 16:2\d に送信")):
    assert re.search(words, now[subject]), (subject, now[subject])
assert outside() == []

# what was written in the browser is approved and leaves
approve("suzuki", "back by hand")
until("what was approved", lambda: outside() == ["back by hand"])
subject, notice = inbox("sato")[-1]
assert subject == "【送信しました】back by hand" and "鈴木 美咲" in text(notice), text(notice)

# what was put off leaves by itself, not before its time
goes_by(minutes=15)
assert status()["later by SMTP"].count("送信待ち") == 2 and outside() == ["back by hand"], status()
goes_by(minutes=5)
gone = ["back by hand", "later by SMTP", "later by hand"]
until("what was put off", lambda: outside() == gone)
assert all("相手先のサーバーに届きました" in status()["later by " + door] for door in ("SMTP", "hand"))

# those who are asked are reminded at half of all eight hours and two hours before midnight, of what the deadline will do
goes_by(hours=3, minutes=35)
assert not any(told(who, "【あと.*") for who in ("suzuki", "tanaka", "takahashi")), "none before 20:00"
for left, span in ((4, dict(minutes=6)), (2, dict(hours=2))):
    goes_by(**span)
    reminder = "【あと%d時間】承認待ちのメールが1件あります" % left
    until("reminders", lambda: all(len(told(who, reminder)) == 2 for who in ("suzuki", "tanaka", "takahashi")))
    both = " ".join(told("suzuki", reminder))
    assert "期限を過ぎるとそのまま送信されます。" in both and "期限を過ぎると送信されません。" in both and "hello" not in both, both
    assert len(told("suzuki", "【あと.*")) == (2 if left == 4 else 4), inbox("suzuki")

# midnight: one is sent, one rejected, two go on to whom their rule names
goes_by(hours=1, minutes=59, seconds=5)
gone.append("send")
until("what the deadline sends", lambda: outside() == gone)
until("the rejection", lambda: told("sato", "【却下】reject"))
assert "期限までに確認されなかったため、規則により却下されました。" in told("sato", "【却下】reject")[0]
assert "期限までに確認されなかったため、規則のとおりそのまま送信しました。" in told("sato", "【送信しました】send")[0]
# nobody approved it: neither its timeline nor the log says so
assert "期限を過ぎたため、規則のとおり送信しました" in status()["send"] and "承認されました" not in status()["send"], status()["send"]
assert "承認されました" in status()["back by hand"]
until("the next approver", lambda: sorted(waiting("watanabe")) == ["next one", "next two"])
assert len(told("watanabe", r"【承認のお願い】佐藤 健一さんのメール\(期限 5/3 08:0\d\)")) == 2, inbox("watanabe")
now = status()
assert "期限を過ぎたため、上位の承認者に依頼しました" in now["next one"] and "高橋 誠, 渡辺 優" in now["next one"], now["next one"]
assert "却下" in now["reject"] and "期限 5月7日 16:0" in now["back"], now
approve("watanabe", "next one")
gone.insert(3, "next one")
until("what the next approver let go", lambda: outside() == gone)
# what nobody decides there either comes back
goes_by(hours=8)
until("the end of it", lambda: told("sato", "【送信しませんでした】next two"))
assert "期限切れのため送信されませんでした" in status()["next two"]

# a deadline of working hours does not run while nobody works: Monday noon is a holiday
goes_by(days=3, hours=4)
assert list(waiting("suzuki")) == ["back"] and "期限まで 27時間" in pen("suzuki").get("/approve").text()
assert len(told("suzuki", "【あと.*")) == 4, inbox("suzuki")
for left in (4, 2):
    goes_by(hours=24 if left == 4 else 2)
    (words,) = until("a reminder", lambda: told("suzuki", "【あと%d時間】承認待ちのメールが1件あります" % left)[2:])
    assert "期限を過ぎると送信されず、佐藤 健一さんに差し戻されます。" in words, words
assert told("sato", "【送信しませんでした】back") == [] and list(waiting("suzuki")) == ["back"]
goes_by(hours=2)
(words,) = until("the return", lambda: told("sato", "【送信しませんでした】back"))
assert "期限までに確認されなかったため、送信しませんでした。下書きに保存しています。" in words, words
assert waiting("suzuki") == {} and waiting("tanaka") == {}
drafts = [subject for subject, _ in inbox("sato", "Drafts")]
assert drafts.count("back") == drafts.count("next two") == 1 and not {"reject", "send", "next one"} & set(drafts), drafts
opened = pen("sato").get("/mail/compose?draft=" + pen("sato").folder("下書き")[0])
assert opened.value("subject") == "back" and PARTNER in opened.value("to"), opened
assert outside() == gone and sekisho("held", "list") == sekisho("queue", "list") == "", outside()
assert "All is well" in sekisho("verify")

# what the deadline sent was approved by nobody: the ledger says so on its page, on paper and as CSV, and the log
suzuki, ito = Admin("suzuki"), Admin("ito")
LEDGER = "/t/aoba/ledger"
[line] = re.findall(r'href="(%s/\d+)"[^>]*>send</a>' % LEDGER, suzuki.see(LEDGER))
for where in (line, line + "/print", LEDGER + "/print", LEDGER + ".csv"):
    said = re.sub(r"<[^>]*>|\s+", " ", suzuki.see(where))
    assert re.search(r"期限により送信 +システム", said) and not re.search(r"承認 +システム", said), (where, said)
reference = re.search(r'<dd class="mono">([^<]*)</dd>', suzuki.get(line + "/print").body).group(1)
ito.see("/t/aoba/audit?event=parcel.sent_at_deadline", "期限により送信", reference)
assert reference not in ito.see("/t/aoba/audit?event=parcel.approved", "parcel.approved")
# in English too
sekisho("user", "set", "ito@aoba.example", "--language", "en")
sekisho("user", "set", "sato@aoba.example", "--language", "en")
english = Admin("ito")
assert "Sent at its deadline" in english.see(line) and "Sent at its deadline" in english.see("/t/aoba/audit?event=parcel.sent_at_deadline")
pens.clear()
assert "Sent at its deadline, as its rule says" in status()["send"], status()["send"]
"##
    ));
}
