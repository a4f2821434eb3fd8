//! Approvals through the front door: two approvers, what has to be opened first, deputies, the next approvers after a
//! deadline's turn, the mail as it is.

use super::doors::{DOORS, PEN, ruled, under};
use crate::house::Demo;

/// Holds mail to the outside by the word in its subject.
const RULES: &str = r#"
[[rule]]
code = "TWO"
name = "二名承認"
direction = "out"
when = { wildcard = { any = ["two*"], where = "subject" } }
action = { hold = { approvers = ["group:取扱担当者"], approvals = 2, must_open = true } }
message = "二名で確認します。"

[[rule]]
code = "BOSS"
name = "上長承認"
direction = "out"
when = { wildcard = { any = ["boss*"], where = "subject" } }
action = { hold = { approvers = ["supervisor"] } }
message = "上長が確認します。"
"#;

const HELPERS: &str = r##"
from datetime import date, timedelta
NUMBER = "123456789018"
def sends(subject, text="hello", files=()):
    code, said = send("sato", *mail("sato", PARTNER, subject=subject, text=text, files=files))
    assert code == 250 and "held" in said, said
def waiting(who, subject):
    """The path of the held mail of this subject among what waits for somebody; None when it is not there."""
    page = pen(who).get("/approve").body
    found = re.findall(r'href="(/approve/\d+)".*?<strong class="case-subject">([^<]*)</strong>', page, re.S)
    return next((path for path, shown in found if shown == subject), None)
def decide(who, path, word, comment=""):
    page = pen(who).get(path)
    fields = [(name, comment if name == "comment" else value) for name, value in page.form("decide")]
    return pen(who).post(path, fields + [("do", word)])
def deputy(who, whom, first=0, last=7):
    page = pen(who).get("/settings/deputy")
    day = lambda n: (date.today() + timedelta(days=n)).isoformat()
    fields = dict(page.fields(), deputy=whom + "@aoba.example" if whom else "", **{"from": day(first), "until": day(last)})
    return pen(who).post("/settings/deputy", list(fields.items()))
"##;

fn run(demo: &Demo, program: &str) {
    demo.python(&format!("{PEN}\n{DOORS}\n{HELPERS}\n{program}"));
}

#[test]
fn two_approvers_who_opened_its_files_send_a_mail_and_one_alone_does_not() {
    let demo = under(RULES);
    run(
        &demo,
        r##"
sends("two", files=[("plan.csv", "text/csv", "月,件\r\n四,12\r\n".encode())])
path = waiting("suzuki", "two")
page = pen("suzuki").get(path)
said = page.text()
for words in ("送信者佐藤 健一(営業部)", "規則二名承認(TWO)", "確認していただきたいこと二名で確認します。"):
    assert words in said, (words, said)
assert "このメールの送信には2名の承認が必要です。" in said and "承認 0/2名" in said, said
assert "承認の前に、次の添付ファイルを開いて内容をご確認ください。" in said, said
assert re.search(r'value="approve" form="decide" disabled aria-describedby="to-open"', page.body), page
early = decide("suzuki", path, "approve")
assert early.status == 422 and "承認の前に、本文と添付ファイルを開いてご確認ください。" in early.text(), early
file = re.search(r'href="(%s/file/[\d.]+)"' % path, page.body).group(1)
opened = pen("suzuki").get(file)
assert opened.status == 200 and "四" in opened.text() and "12" in opened.text(), opened
page = pen("suzuki").get(path)
assert "disabled" not in page.body and "「plan.csv」を開きました" in page.text(), page
done = decide("suzuki", path, "approve", "数字を確かめました")
assert done.status == 303 and "承認しました。もう1名の承認後に送信されます。" in pen("suzuki").toast(done), done
assert waiting("suzuki", "two") is None, "it waits for the other"
again = pen("suzuki").get(path)
assert "1人目が承認しました(鈴木 美咲)。" in again.text() and "disabled" in again.body, again
twice = decide("suzuki", path, "approve")
assert "すでに承認済みです" in pen("suzuki").toast(twice), twice
own = pen("sato").get("/outgoing").text()
assert "承認 1/2名" in own and "1人目が承認しました" in own, own
"##,
    );
    assert!(demo.outside(0).is_empty(), "one alone sent it");
    run(
        &demo,
        r##"
path = waiting("tanaka", "two")
page = pen("tanaka").get(path)
assert "鈴木 美咲さんが承認しました" in page.text() and "disabled" in page.body, page
pen("tanaka").get(re.search(r'href="(%s/file/[\d.]+)"' % path, page.body).group(1))
done = decide("tanaka", path, "approve")
assert "承認して送信しました。" in pen("tanaka").toast(done), done
subject, notice = inbox("sato")[-1]
assert subject == "【送信しました】two" and "数字を確かめました" in text(notice), text(notice)
"##,
    );
    assert_eq!(demo.outside(1).len(), 1);
}

#[test]
fn a_deputy_named_on_the_settings_page_is_asked_and_decides_in_his_stead() {
    let demo = under(RULES);
    run(
        &demo,
        r##"
assert "本人を代理に指定することはできません。" in deputy("takahashi", "takahashi").text()
assert "同じ会社の、サインインできる方" in deputy("takahashi", "nobody").text()
assert "終了日は、今日以降で" in deputy("takahashi", "watanabe", 0, -1).text()
assert "期間は1年以内にしてください。" in deputy("takahashi", "watanabe", 0, 900).text()
done = deputy("takahashi", "watanabe")
assert done.status == 303 and "代理を指定しました。" in pen("takahashi").toast(done), done
assert "渡辺 優さんを代理に指定しています" in pen("takahashi").get("/settings/deputy").text()
assert "高橋 誠さん(" in pen("watanabe").get("/settings/deputy").text()
sends("boss")
subject, notice = inbox("watanabe")[-1]
assert subject.startswith("【承認のお願い】佐藤 健一さんのメール"), subject
assert "高橋 誠さんの代理としてお願いします。" in text(notice) and "hello" not in text(notice), text(notice)
assert "高橋 誠さんの代理" in pen("watanabe").get("/approve").text()
path = waiting("watanabe", "boss")
assert "高橋 誠さんの代理として判断します。" in pen("watanabe").get(path).text()
assert waiting("takahashi", "boss") == path, "he may decide it himself"
done = decide("watanabe", path, "approve")
assert "承認して送信しました。" in pen("watanabe").toast(done), done
assert waiting("takahashi", "boss") is None
"##,
    );
    assert_eq!(demo.outside(1).len(), 1);
    run(
        &demo,
        r##"
sends("boss with a number", "個人番号: " + NUMBER)
assert waiting("watanabe", "boss with a number") is None and waiting("takahashi", "boss with a number") is None
path = waiting("suzuki", "boss with a number")
assert path, "who may open numbers is asked in their stead"
assert pen("watanabe").get(path).status == 403 and pen("takahashi").get(path).status == 403
page = pen("takahashi").get("/settings/deputy")
csrf = [field for field in page.fields() if field[0] == "csrf"]
assert "代理を解除しました。" in pen("takahashi").toast(pen("takahashi").post("/settings/deputy", csrf + [("remove", "on")]))
sends("boss again")
assert waiting("watanabe", "boss again") is None and waiting("takahashi", "boss again")
# who has no supervisor is nobody's: the company's administrator is asked, and where only handlers may, they are
for subject, body, asked in (("boss of bosses", "hello", ["ito"]), ("boss of bosses with a number", "個人番号: " + NUMBER, ["suzuki", "tanaka"])):
    code, said = send("takahashi", *mail("takahashi", PARTNER, subject=subject, text=body))
    assert code == 250 and "held" in said, said
    found = [who for who in ("ito", "suzuki", "tanaka", "takahashi", "watanabe", "sato") if waiting(who, subject)]
    assert found == asked, (subject, found)
    for who in asked:
        assert inbox(who)[-1][0].startswith("【承認のお願い】高橋 誠さんのメール"), inbox(who)[-1]
    done = decide(asked[0], waiting(asked[0], subject), "return", "宛先を")
    assert done.status == 303, done
    subject_, notice = inbox("takahashi")[-1]
    assert subject_ == "【差し戻し】" + subject and "宛先を" in text(notice), subject_
"##,
    );
}

#[test]
fn a_handler_opens_a_mail_as_it_is_only_with_a_reason_that_is_recorded() {
    let demo = under(RULES);
    run(
        &demo,
        r##"
from urllib.parse import urlparse
sends("boss with a number", "個人番号: " + NUMBER, files=[("list.csv", "text/csv", ("氏名,個人番号\r\n佐藤," + NUMBER + "\r\n").encode())])
path = waiting("suzuki", "boss with a number")
assert NUMBER not in pen("suzuki").get(path).body
assert waiting("tanaka", "boss with a number") == path
for who in ("takahashi", "ito", "watanabe", "sato"):
    for answer in (pen(who).get(path + "/original"), pen(who).post(path + "/original", [f for f in pen(who).get("/outgoing").fields() if f[0] == "csrf"] + [("reason", "見たい")])):
        assert answer.status == 403, (who, answer)
        for word in (NUMBER, "list.csv", "boss", "氏名"):
            assert word not in answer.body, (who, word)
ask = pen("suzuki").get(path + "/original")
assert "閲覧の理由" in ask.text() and NUMBER not in ask.body, ask
fields = [field for field in ask.fields() if field[0] == "csrf"]
for empty in ("", "  ", "あ"):
    refused = pen("suzuki").post(path + "/original", fields + [("reason", empty)])
    assert refused.status == 422 and "閲覧の理由を入力してください" in refused.text(), refused
    assert "iframe" not in refused.body, refused
shown = pen("suzuki").post(path + "/original", fields + [("reason", "年末調整の確認 1234 5678 9018")])
assert shown.status == 200 and "閲覧は記録されました。" in shown.text(), shown
def content(address):
    where = urlparse(html.unescape(address))
    to = http.client.HTTPConnection("127.0.0.1", where.port, timeout=30)
    to.request("GET", where.path + "?" + where.query, headers={"Host": where.netloc})
    got = to.getresponse()
    return got.status, got.read().decode("utf-8", "replace"), got.headers
body = re.search(r'<iframe[^>]* src="([^"]*)"', shown.body).group(1)
assert NUMBER in content(body)[1]
file = re.search(r'<a href="([^"]*/original-file/[^"]*)"', shown.body).group(1)
status, saved, headers = content(file)
assert status == 200 and NUMBER in saved and headers["Content-Disposition"].startswith("attachment"), headers
assert content(file + "0")[0] == 404, "another address saves nothing, and writes nothing down"
assert content(body.replace("/original/", "/"))[0] == 404 and content(body.replace("s=", "s=0"))[0] == 404
assert "鈴木 美咲さんが開きました" in pen("suzuki").get(path).text()
"##,
    );
    demo.administer(
        r#"
ito = Admin("ito")
page = ito.see("/t/aoba/audit?event=held.original", "保留メールを番号を伏せずに閲覧", "年末調整の確認", "保留メールの添付を番号を伏せずに保存")
assert "1234 5678 9018" not in page and page.count("保留メールの添付を番号を伏せずに保存") == 1, page
line = re.search(r'id="line-(\d+)"', ito.get("/t/aoba/ledger").body).group(1)
page = ito.see("/t/aoba/ledger/" + line, "保留メールの原文(番号も表示)", "添付の保存", "保留メールの添付(番号もそのまま)")
assert page.index("保留メールの原文") < page.index("添付の保存") and "list.csv" not in page, page
"#,
    );
    // who was asked as a handler and is none any more sees nothing of it, not even that it waits
    demo.good(&["user", "set", "tanaka@aoba.example", "--role", "approver"]);
    run(
        &demo,
        r##"
assert waiting("suzuki", "boss with a number") and waiting("tanaka", "boss with a number") is None
assert "boss with" not in pen("tanaka").get("/approve").body
"##,
    );
}

#[test]
fn the_console_tells_which_approver_has_no_deputy_and_names_one() {
    let demo = under(RULES);
    demo.administer(
        r#"
ito = Admin("ito")
page = ito.see("/t/aoba/held", "代理の方を指定していない承認者が3名います。")
page = ito.see("/t/aoba/held/approvers", "鈴木 美咲", "田中 徹", "高橋 誠", "二名承認", "上長承認", "代理なし")
person = re.search(r'href="(/t/aoba/users/\d+)" data-swap>高橋 誠', page).group(1)
wrong = ito.do(person, person + "/deputy", 422, deputy="takahashi@aoba.example", deputy_from="2026-01-01", deputy_until="2099-01-01")
assert "本人を代理に指定することはできません。" in wrong.body
from datetime import date, timedelta
day = lambda n: (date.today() + timedelta(days=n)).isoformat()
ito.do(person, person + "/deputy", deputy="watanabe@aoba.example", deputy_from=day(0), deputy_until=day(30))
ito.see(person, "渡辺 優さんが代理です")
ito.see("/t/aoba/held", "代理の方を指定していない承認者が2名います。")
ito.do(person, person + "/deputy", remove="on")
ito.do("/t/aoba/held/approvers", "/t/aoba/held/approvers")
assert "代理の方を指定していない" not in ito.get("/t/aoba/held").body, "the policy is off"
ito.do("/t/aoba/held/approvers", "/t/aoba/held/approvers", need_deputy="on")
ito.see("/t/aoba/held/approvers", "代理の方を指定していない承認者が3名います。")
ito.see("/t/aoba/audit?event=policies", "承認者の代理を求める")
"#,
    );
}

#[test]
fn whom_a_rule_names_is_not_removed_before_the_rule_is_changed() {
    let demo = under(
        &RULES.replace("[\"supervisor\"]", "[\"watanabe@aoba.example\"]").replace("\"上長承認\"", "\"監査室の承認\""),
    );
    demo.administer(
        r#"
ito = Admin("ito")
people = ito.get("/t/aoba/users").body
person = re.search(r'href="(/t/aoba/users/\d+)"[^>]*>渡辺 優', people).group(1)
refused = ito.do(person, person + "/remove", 422)
assert "watanabe@aoba.example はルール BOSS で使われています。先にルールを変更してください。" in refused.body, refused.body
ito.see(person, "渡辺 優")
free = re.search(r'href="(/t/aoba/users/\d+)"[^>]*>佐藤 健一', people).group(1)
ito.do(free, free + "/remove")
"#,
    );
    let refused = demo.run(&["user", "remove", "watanabe@aoba.example"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("BOSS"), "{said}");
}

#[test]
fn rules_are_tried_on_past_mail_as_a_job_that_shows_counts_and_references_only() {
    let demo = ruled(Demo::start_on_a_clock(), RULES);
    run(
        &demo,
        r##"
for subject, text in (("plain", "hello"), ("two secrets", "個人番号: " + NUMBER), ("boss of it", "hello"), ("later words", "himitsu no kotoba")):
    code, said = send("sato", *mail("sato", PARTNER, subject=subject, text=text))
    assert code == 250, said
"##,
    );
    demo.administer(
        r#"
import time
ito = Admin("ito")
base = "/t/aoba/rehearsal"
def ended():
    for _ in range(200):
        page = ito.get(base).body
        if "完了しました。" in page:
            return page
        time.sleep(0.1)
    raise AssertionError(page)
ito.do(base, base, days="7")
page = ended()
assert "4通を判定しました。" in page and "現在の審査ルールで試しました。" in page, page
came = int(re.search(r"受信メール(\d+)通", page).group(1))
count = lambda page, name: int(re.search(r'<tr><th[^>]*>(?:<span[^>]*>)?%s[^<]*(?:</span>)?</th><td[^>]*>(\d+)</td>' % name, page).group(1))
assert (count(page, "二名承認"), count(page, "上長承認")) == (1, 1), page
assert page.count("/t/aoba/tracking/") == 2, page
for word in ("secrets", "himitsu", "boss of it", "yamada.example"):
    assert word not in page, word
draft = '[[rule]]\ncode = "WORDS"\nname = "ことば"\ndirection = "out"\nwhen = { wildcard = "himitsu*" }\naction = "block"\n'
ito.do("/t/aoba/rules/edit", base, days="30", text=draft)
page = ended()
assert "編集中のルールで試しました。" in page and count(page, "WORDS") == 1 and "受信メール: ルール" not in page, page
# what came in is asked about too: it is counted, and never among what would be stopped
import smtplib
outside = smtplib.SMTP("127.0.0.1", demo["smtp"])
for number in range(3):
    words = "himitsu no kotoba" if number else "hello"
    outside.sendmail("yamada@b.example", ["sato@aoba.example"], mail(words, "from outside %d" % number).encode())
ito.do("/t/aoba/rules/edit", base, days="30", text=draft + draft.replace("WORDS", "CAME").replace('"out"', '"in"'))
page = ended()
assert "受信メール%d通、送信メール4通を判定しました。" % (came + 3) in page, page
assert (count(page, "WORDS"), count(page, "CAME")) == (1, 2) and page.index("CAME") > page.index("受信メール: ルールごとの件数"), page
assert page.count("/t/aoba/tracking/") == 1 and "himitsu" not in page, page
for days in ("0", "91", "x", ""):
    assert "日数は1から90まで" in ito.do(base, base, 422, days=days).body
assert "ルールに誤りがあります。" in ito.do(base, base, 422, days="3", text="[[rule]]\ncode=1").body
ito.do(base, base + "/stop")
ito.see("/t/aoba/audit?event=rules.rehearsed", "過去のメールで試験")
for path in ("/t/midori/rehearsal", "/t/midori/rules/pattern"):
    assert Admin("ito").get(path).status == 200, "an operator sees each company"
    assert Admin("mori", "midori.example").get(path.replace("midori", "aoba")).status == 404
# ten days later: only what is as young as the days that were asked for is judged, to the day
ahead(10 * 86400 - 600)
for number in range(2):
    smtp = smtplib.SMTP("127.0.0.1", demo["submission"])
    smtp.login("sato@aoba.example", next(p["password"] for p in demo["people"] if p["address"].startswith("sato@")))
    smtp.sendmail("sato@aoba.example", ["taro@yamada.example"], mail("hello", "boss, later %d" % number).encode())
ito = Admin("ito")
for days, judged, bosses in (("9", 2, 2), ("10", 6, 3), ("90", 6, 3), ("1", 2, 2)):
    ito.do(base, base, days=days)
    page = ended()
    assert "送信メール%d通を判定しました。" % judged in page and count(page, "上長承認") == bosses, (days, page)
"#,
    );
}

#[test]
fn a_try_on_past_mail_shows_how_far_it_is_stops_when_it_is_told_to_and_the_next_can_begin() {
    let demo = ruled(Demo::start_on_a_clock(), RULES);
    demo.administer(
        r#"
import smtplib, time
smtp = smtplib.SMTP("127.0.0.1", demo["submission"])
person = next(p for p in demo["people"] if p["address"].startswith("sato@"))
smtp.login(person["address"], person["password"])
# fifty mails a day
for number in range(250):
    ahead(number // 50 * 86400)
    smtp.sendmail(person["address"], ["suzuki@aoba.example"], mail("plain " * 1000, "past %d" % number).encode())
ito = Admin("ito")
base = "/t/aoba/rehearsal"
def shown(word):
    end = time.monotonic() + 60
    while word not in (page := ito.get(base).body):
        assert time.monotonic() < end and "完了しました。" not in page, page
        time.sleep(0.05)
    return page
ito.do(base, base, days="5")
assert "すでに実行中です" in ito.do(base, base, 422, days="7").body
# how far it is goes by the days that it has walked back: 20 of a hundred for each of five
seen, end = [0], time.monotonic() + 60
while seen[-1] < 40:
    assert time.monotonic() < end, seen
    page = ito.get(base).body
    seen.append(int(re.search(r"実行中です\((\d+)%\)。", page).group(1)))
    judged = int(re.search(r"(\d+)通を判定しました。", page).group(1))
    assert judged > seen[-1] // 20 * 50 or seen[-1] == 0, (seen, judged)
    time.sleep(0.02)
assert seen == sorted(seen) and set(seen) <= {0, 20, 40, 60, 80}, seen
ito.do(base, base + "/stop")
page = shown("中止しました。")
judged = int(re.search(r"(\d+)通を判定しました。", page).group(1))
assert 100 < judged < 250, page
ito.see("/t/aoba/audit?event=rules.rehearsed", "過去のメールで試験")
ito.do(base, base, days="7")
ito.do(base, base + "/stop")
shown("中止しました。")
"#,
    );
}

#[test]
fn an_expression_shows_what_it_matches_in_a_pasted_text() {
    let demo = under(RULES);
    demo.administer(
        r##"
ito = Admin("ito")
page = "/t/aoba/rules/pattern"
def tried(expression, text, status=200):
    return ito.do(page, page, status, expression=expression, text=text).body
body = tried("見積.?書", "お見積 書をお送りします。ﾐﾂﾓﾘ<b>")
assert "1か所に一致しました。" in body and "<mark>見積書</mark>" in body and "&#60;b&#62;" in body.replace("&lt;", "&#60;").replace("&gt;", "&#62;"), body
assert "一致する箇所はありません。" in tried("zzz", "aaa")
assert "100か所以上に一致しました。" in tried("a", "a" * 500)
refused = tried("(", "a", 422)
assert "正規表現が正しくありません(1文字目:かっこが閉じられていません)。" in refused, refused
assert "bracket" not in refused, refused
assert "正規表現を入力してください。" in tried(" ", "a", 422)
assert "5万文字まで" in tried("a", "あ" * 50001, 422)
began = __import__("time").time()
tried("(a+)+$", "a" * 49000 + "!")
assert __import__("time").time() - began < 10, "it takes linear time"
"##,
    );
}

#[test]
fn killed_between_two_approvals_the_first_counts_and_one_mail_leaves() {
    let mut house = crate::ledger::company();
    let file = house.dir.path().join("two.toml");
    let rule = "[[rule]]\ncode = \"TWO\"\nname = \"二名承認\"\ndirection = \"out\"\nwhen = { recipients = \"outside\" }\n\
                action = { hold = { approvers = [\"group:取扱担当者\"], approvals = 2, hours = 8, then = \"return\" } }\n";
    std::fs::write(&file, rule).unwrap();
    house.good(&["rules", "apply", file.to_str().unwrap(), "--tenant", "aoba"]);
    let approve = |house: &crate::house::House, who: &str, said: &str| {
        house.keep(&format!(
            r#"
mail = Browser(WEB)
mail.sign_in("{who}@aoba.example")
case = "/approve/" + re.search(r'/approve/(\d+)"', mail.get("/approve").body).group(1)
done = mail.post(case, {{"csrf": mail.token(case), "do": "approve", "comment": ""}})
assert done.status == 303, done.body
print(case)
shown = mail.get(done.headers["Location"]).body
assert "{said}" in shown, shown
"#
        ))
    };
    house.keep("submit(\"saburo\", \"partner@yamada.example\", subject=\"two of them\")");
    approve(&house, "hanako", "もう1名の承認後に送信されます");
    house.kill();
    house.serve();
    assert_eq!(house.good(&["held", "list"]).lines().count(), 1, "it waits for the other");
    approve(&house, "shiro", "承認して送信しました");
    house.kill();
    house.serve();
    assert_eq!(house.good(&["held", "list"]), "");
    assert_eq!(house.good(&["queue", "list", "--all", "--json"]).lines().count(), 1, "one mail leaves");
    let log = house.keep(
        r#"
db = sqlite3.connect(DATA + "/mail.db")
print([row[0] for row in db.execute("SELECT event FROM audit WHERE event LIKE 'parcel.approved%' ORDER BY id")])
"#,
    );
    assert_eq!(log.trim(), "['parcel.approved_in_part', 'parcel.approved']");
    // an administrator whom nobody asked, and who may open numbers, is one of the two, on his own pages
    house.good(&["user", "set", "taro@aoba.example", "--role", "operator", "--role", "handler"]);
    house.keep(
        r#"
submit("saburo", "partner@yamada.example", subject="two with taro")
taro = Admin("taro")
page = re.search(r'href="(/t/aoba/held/\d+)"', taro.get("/t/aoba/held").body).group(1)
def approve():
    done = taro.post(page, {"csrf": taro.token(page), "do": "approve", "comment": "確認しました"})
    assert done.status == 303, done.body
    return taro.get(done.headers["Location"]).body
assert "もう1名の承認後に送信されます" in approve()
assert "すでに承認" in approve(), "he is one of them, however often he says it"
"#,
    );
    assert_eq!(house.good(&["queue", "list", "--all", "--json"]).lines().count(), 1, "he alone sends nothing");
    approve(&house, "hanako", "承認して送信しました");
    assert_eq!(house.good(&["queue", "list", "--all", "--json"]).lines().count(), 2);
    assert!(house.good(&["verify"]).contains("All is well."));
}
