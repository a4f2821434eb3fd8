//! Incidents from outside: made from lines of the ledger, filled from it, kept in versions, with the days of their reports;
//! never a number.

use crate::house::Demo;
use crate::ledger::{self, company};
use crate::links::STRANGER;
use crate::rules::doors::{DOORS, PEN};

/// A line about a mail, and the form of an incident about it.
const TOOLS: &str = r#"
INCIDENTS = "/t/aoba/incidents"
ITEMS = ("outline", "data", "persons", "cause", "harm", "to_persons", "publication", "prevention", "other")
def number(page):
    return page.rsplit("/", 1)[1]
def area(body, name):
    return html.unescape(re.search(r'<textarea id="%s"[^>]*>\n?([^<]*)</textarea>' % name, body).group(1))
def value(body, name):
    return html.unescape(re.search(r'id="%s"[^>]* value="([^"]*)"' % name, body).group(1))
def form(body, **changed):
    fields = {name: area(body, name) for name in ITEMS}
    fields.update(known_day=value(body, "known_day"), known_time=value(body, "known_time"))
    for hidden in re.findall(r'<input type="hidden" name="(line-\d+|version)" value="([^"]*)"', body):
        fields[hidden[0]] = hidden[1]
    fields.update(changed)
    return fields
def draft(admin, *lines):
    return admin.see(INCIDENTS + "/new?" + "&".join("line=" + one for one in lines), "漏えい等事案を作成")
def make(admin, *lines, **changed):
    page = INCIDENTS + "/new?" + "&".join("line=" + one for one in lines)
    done = admin.do(page, INCIDENTS, 303, **form(draft(admin, *lines), **changed))
    return done.headers["Location"]
"#;

#[test]
fn an_incident_is_drafted_from_the_ledger_and_kept_in_versions() {
    let house = company();
    house.keep(&format!(
        "import html, datetime\n{TOOLS}{}",
        r#"
other = "465281266333"
deliver("saburo@aoba.example", subject="one")
deliver("saburo@aoba.example", subject="two")
deliver("saburo@aoba.example", subject="three", number=other)
hanako = Admin("hanako")
lines = [number(line(hanako, subject)) for subject in ("one", "two", "three")]
page = hanako.see(LEDGER, 'name="line"', "選んだ記録から漏えい等事案を作成")
body = draft(hanako, *lines)
# the nine items, from what the ledger knows
assert "2人(台帳の記録にある個人番号を、同じ番号を1人として数えた数" in area(body, "persons"), area(body, "persons")
outline = area(body, "outline")
assert outline.count("取得(社外から)") == 3 and "差出人:yamada@b.example 宛先:saburo@aoba.example" in outline, outline
assert area(body, "data").startswith("個人番号(マイナンバー)"), area(body, "data")
for name in ITEMS:
    assert area(body, name), name
for secret in (NUMBER, other, "1234 5678 9018", "a word of the body"):
    assert secret not in body
assert hanako.see(INCIDENTS).count('id="incident-') == 0, "looking at a draft writes nothing"
case = make(hanako, *lines, cause="宛先の誤り " + NUMBER, known_time="00:00")
body = hanako.see(case, "未報告", "速報(知った日を1日目として", "確報(30日以内)", "第1版", "花子", "現在の版")
assert "●●●●" in area(body, "cause") and NUMBER not in body, area(body, "cause")
for one in lines:
    assert 'href="%s/%s"' % (LEDGER, one) in body
    hanako.see(LEDGER + "/" + one, "この記録を含む事案")
# another version; the earlier one is kept
hanako.do(case, case, 303, **form(body, prevention="宛先の確認を二人で行う"))
body = hanako.see(case, "第2版", "第1版")
assert area(body, "prevention") == "宛先の確認を二人で行う"
assert "二人で行う" not in hanako.see(case + "/versions/1", "第1版")
assert "二人で行う" in hanako.see(case + "/versions/2", "第2版")
# two at once: the second sees what the first wrote, and keeps his own text
late = hanako.do(case, case, 409, **form(body, version="1", cause="遅れた入力"))
assert "ほかの方が先に保存しました" in late.body and area(late.body, "cause") == "遅れた入力"
# a moment to come, a line that is not there
wrong = hanako.do(case, case, 422, **form(body, known_day="2099-01-01"))
assert "現在までの日時で" in wrong.body
assert "その番号の記録は台帳にありません" in hanako.see(hanako.do(case, case + "/lines", 303, line="999999").headers["Location"])
deliver("saburo@aoba.example", subject="four")
hanako.do(case, case + "/lines", 303, line=number(line(hanako, "four")))
assert hanako.see(case).count('href="%s/' % LEDGER) >= 4
paper = hanako.see(case + "/print", "js/print.js", "報告の9項目", "1. 概要", "9. その他参考となる事項", "宛先の確認を二人で行う")
assert NUMBER not in paper
Admin("taro").see("/t/aoba/audit?event=incident.", "漏えい等事案を記録", "漏えい等事案を変更", "漏えい等事案を印刷用に表示", "花子")
for name in ("mail.db", "mail.db-wal"):
    assert NUMBER.encode() not in open(DATA + "/" + name, "rb").read(), name
"#
    ));
    assert!(house.good(&["verify"]).contains("All is well."));
}

#[test]
fn its_reports_have_days_and_handlers_are_reminded_until_they_are_made() {
    let house = company();
    house.keep(&format!(
        "import html, datetime, email\nfrom email.header import decode_header, make_header\n{TOOLS}{}",
        r#"
TOKYO = datetime.timezone(datetime.timedelta(hours=9))
today = datetime.datetime.now(TOKYO).date()
def told(name):
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login(name + "@aoba.example", PASSWORD)
    if imap.select("INBOX")[1] == [b"0"]:
        return []
    found = [email.message_from_bytes(part[1]) for part in imap.fetch("1:*", "(BODY.PEEK[])")[1] if isinstance(part, tuple)]
    mine = [(str(make_header(decode_header(mail["Subject"] or ""))), mail.get_payload(decode=True).decode()) for mail in found]
    return [(subject, text) for subject, text in mine if "漏えい等事案" in subject]
deliver("saburo@aoba.example", subject="secret plan")
hanako = Admin("hanako")
page = line(hanako, "secret plan")
# known since today: nobody is reminded yet
fresh = make(hanako, number(page), known_time="00:00")
hanako.see(fresh, "あと4日", "未報告")
# known for three days: today is the fourth
known = (today - datetime.timedelta(days=3)).isoformat()
case = make(hanako, number(page), known_day=known, known_time="09:00")
body = hanako.see(case, "あと1日")
japanese = lambda day: "%d年%d月%d日" % (day.year, day.month, day.day)
assert japanese(today - datetime.timedelta(days=1)) in body and japanese(today + datetime.timedelta(days=1)) in body, body
which = case.rsplit("/", 1)[1]
for name in ("hanako", "shiro"):
    (subject, text), = until("a reminder for " + name, lambda: told(name))
    assert subject == "【ご確認ください】漏えい等事案 %s の速報(あと1日です)" % which, subject
    for secret in (NUMBER, "secret plan", "yamada@b.example", "saburo"):
        assert secret not in text, secret
assert told("saburo") == [] and told("jiro") == [], "who does not handle them is not told"
# 60 days where it may have been done for a wrongful purpose
hanako.do(case, case, 303, **form(hanako.see(case), wrongful="on"))
hanako.see(case, "確報(60日以内)")
# its states
hanako.do(case, case + "/state", 303, **{"from": "open", "to": "first_reported"})
hanako.see(case, "速報済", "報告済み")
again = hanako.do(case, case + "/state", 303, **{"from": "open", "to": "first_reported"})
assert "ほかの方が先に状況を変更しました" in hanako.see(case)
hanako.do(case, case + "/state", 303, **{"from": "first_reported", "to": "fully_reported"})
hanako.do(case, case + "/state", 303, **{"from": "fully_reported", "to": "closed"})
hanako.see(case, "完了")
for wrong in ({"from": "closed", "to": "fully_reported"}, {"from": "open", "to": "nowhere"}):
    hanako.do(case, case + "/state", 400, **wrong)
hanako.see(INCIDENTS, "完了", "未報告", "速報 ")
assert len(told("hanako")) == 1, "each reminder comes once"
"#
    ));
}

#[test]
fn those_who_keep_the_ledger_look_handlers_and_administrators_write_and_nobody_else_is_there() {
    let house = company();
    house.keep(&format!(
        "import html\n{TOOLS}{}",
        r#"
deliver("saburo@aoba.example", subject="mine")
hanako, jiro, taro = Admin("hanako"), Admin("jiro"), Admin("taro")
which = number(line(hanako, "mine"))
case = make(taro, which)
body = hanako.see(case, '<textarea id="cause"')
looks = jiro.see(case, "原因", "確認中")
assert "<textarea" not in looks and case + "/state" not in looks
jiro.see(INCIDENTS, "未報告")
jiro.see(case + "/print", "報告の9項目")
assert 'name="line"' not in jiro.see(LEDGER)
assert jiro.get(INCIDENTS + "/new?line=" + which).status == 403
for path, fields in ((INCIDENTS, {"line-" + which: "on"}), (case, form(body)), (case + "/state", {"from": "open", "to": "closed"}), (case + "/lines", {"line": which})):
    jiro.do(LEDGER, path, 403, **fields)
assert taro.get("/t/other/incidents").status == 404
assert taro.get(INCIDENTS + "/new").status == 200 and "1件から200件まで" in taro.see(INCIDENTS + "/new")
assert taro.get(INCIDENTS + "/new?line=x").status == 404 and taro.get(INCIDENTS + "/new?line=999999").status == 404
assert taro.get(INCIDENTS + "/999999").status == 404
"#
    ));
}

/// On a clock that is put forward, from the day on which a company comes to know to its full report.
#[test]
fn the_nine_items_tell_of_links_and_of_held_mail_and_reminders_come_on_the_days_of_the_reports() {
    let demo = Demo::start_on_a_clock();
    demo.administer(&format!(
        "import html\n{PEN}\n{DOORS}\n{STRANGER}\n{}{TOOLS}{}",
        ledger::TOOLS,
        r#"
import datetime, math
def at(moment):
    ahead(math.ceil(datetime.datetime.fromisoformat(moment + ":00+09:00").timestamp() - time.time()))
START = "2030-04-06T10:00"
went = datetime.timedelta()
def day(moment):
    """Lets time go by until a moment in Japan; a new visitor."""
    global went
    span = datetime.datetime.fromisoformat(moment) - datetime.datetime.fromisoformat(START) - went
    passes(int(span.total_seconds()))
    went += span
    return Admin("suzuki")
def later(seconds):
    """Lets so much time go by, which the next day counts from."""
    global went
    passes(seconds)
    went += datetime.timedelta(seconds=seconds)
def told(name):
    """How often he was reminded, by the end of the subject."""
    return [subject.split(" の")[1] for subject, _ in inbox(name) if subject.startswith("【ご確認ください】漏えい等事案 ")]
def reminded(*words):
    for name in ("suzuki", "tanaka"):
        # they are looked for every half minute
        until("a reminder for %s: %s" % (name, words[-1]), lambda: len(told(name)) >= len(words) or later(31))
        assert told(name) == list(words), told(name)
sekisho("group", "set", "委託先", "--list", "--tenant", "aoba", "--member", "zeirishi@kaikei.example", "--member", "roumu@romu.example")
at(START)
code, said = send("suzuki", *mail("suzuki", "zeirishi@kaikei.example, roumu@romu.example", subject="年末調整", text="添付します。", files=[("名簿.csv", "text/csv", ("氏名,個人番号\r\n佐藤,%s\r\n" % NUMBER).encode())]))
assert code == 250 and "held" not in said, said
# a file to the outside waits a minute
later(60)
[link] = [link_in(one) for one in all_arrived("zeirishi@kaikei.example", "roumu@romu.example") if "zeirishi@kaikei.example 宛て" in words(one)]
files = opened(link, 3)
assert NUMBER.encode() in post(files + "/1").bytes
code, said = send("sato", *mail("sato", PARTNER, subject="承認待ちの名簿", text="マイナンバー: 465281266333"))
assert code == 250 and "held" in said, said
case = re.search(r'href="(/approve/\d+)"', pen("tanaka").get("/approve").body).group(1)
page = pen("tanaka").get(case)
assert "承認待ちの名簿" in page.body
suzuki = Admin("suzuki")
lines = [number(line(suzuki, subject)) for subject in ("年末調整", "承認待ちの名簿")]
items = lambda: {name: area(draft(suzuki, *lines), name) for name in ITEMS}
found = items()
linked, held = found["outline"].split("\n")
assert "提供(社外へ) 差出人:suzuki@aoba.example 宛先:zeirishi@kaikei.example, roumu@romu.example" in linked and linked.endswith("審査の結果: 送信"), linked
assert "提供(社外へ) 差出人:sato@aoba.example 宛先:taro@yamada.example" in held and held.endswith("審査の結果: 保留"), held
assert found["data"].split("\n") == ["個人番号(マイナンバー)", "そのほかの項目:確認中"] and found["persons"].startswith("2人("), found
fetched, proof, rest = found["harm"].split("\n")
assert fetched == "zeirishi@kaikei.example あてのリンクから1回ダウンロードされています。" and rest == "確認中", found["harm"]
assert re.fullmatch(r"roumu@romu\.example: 本システムの記録では、2030年4月6日\(土\) 10:0\dから2030年4月6日\(土\) 10:0\dまでの間、ファイルのダウンロードはありません。", proof), proof
assert (found["to_persons"], found["publication"], found["cause"], found["prevention"]) == ("未実施", "未実施", "確認中", "確認中"), found
assert found["other"].split("\n") == ["%s あて:添付ファイルはリンクで受け渡し(本システム内に暗号化して保存)" % to for to in ("zeirishi@kaikei.example", "roumu@romu.example")] + ["台帳に記録された閲覧・保存:1回"], found["other"]
# what became of the held mail is told
done = pen("tanaka").post(case, page.form("decide")[:1] + [("comment", "宛先が違います"), ("do", "reject")])
assert done.status == 303, done
assert items()["outline"].split("\n")[1].endswith("審査の結果: 保留 → 却下"), items()["outline"]
for body in (draft(suzuki, *lines), "".join(items().values())):
    assert "年末調整" not in body and "名簿" not in body and "465281266333" not in body

# what a ZIP protected, and that nothing else did on the way, is told too
Admin("ito").do("/t/aoba/safeguards", "/t/aoba/safeguards", domain="yamada.example", how="zip")
files = [("名簿.csv", "text/csv", ("氏名,個人番号\r\n佐藤,%s\r\n" % NUMBER).encode())]
code, said = send("sato", *mail("sato", PARTNER, subject="ZIP で", text="添付します。", files=files))
assert code == 250 and "held" in said, said
[packed] = re.findall(r'href="(/approve/\d+)"', pen("tanaka").get("/approve").body)
done = pen("tanaka").post(packed, pen("tanaka").get(packed).form("decide")[:1] + [("do", "approve")])
assert done.status == 303, done
packed = number(line(suzuki, "ZIP で"))
until("it has left", lambda: "TLS なしで配送" in area(draft(suzuki, packed), "other"))
assert area(draft(suzuki, packed), "other").split("\n")[:2] == ["taro@yamada.example あて:添付ファイルを ZIP(AES-256)で送信", "taro@yamada.example あて:TLS なしで配送"], area(draft(suzuki, packed), "other")

# the days of its reports: the thirtieth is a Sunday before two holidays, the sixtieth a working day
case = make(suzuki, *lines, known_time="00:00")
shown = suzuki.see(case, "確報(30日以内)", "2030年5月7日", "2030年4月8日", "2030年4月10日", "あと4日", "あと31日")
paper = suzuki.see(case + "/print", "2030年5月7日", "リンクから1回", "審査の結果: 保留 → 却下", "本システムの記録では、")
suzuki.do(case, case, 303, **form(shown, wrongful="on"))
shown = suzuki.see(case, "確報(60日以内)", "2030年6月4日", "あと59日")
fields = form(shown)
suzuki.do(case, case, 303, **fields)
suzuki.see(case, "確報(30日以内)", "2030年5月7日")
day("2030-04-08T08:30:00")
assert told("suzuki") == told("tanaka") == [], "not before nine on the third day"
day("2030-04-08T09:00:10")
first = ["速報(あと2日です)"]
reminded(*first)
suzuki = day("2030-04-10T09:00:10")
first.append("速報(本日が期限です)")
reminded(*first)
suzuki.see(case, "本日まで")
suzuki.see(INCIDENTS, "速報 2030年4月10日", "本日まで")
suzuki = day("2030-04-11T09:00:10")
first.append("速報(期限を1日過ぎています)")
reminded(*first)
suzuki.do(case, case + "/state", 303, **{"from": "open", "to": "first_reported"})
suzuki.see(INCIDENTS, "速報済", "確報 2030年5月7日", "あと26日")
suzuki = day("2030-04-30T09:00:10")
full = first + ["確報(あと7日です)"]
reminded(*full)
suzuki = day("2030-05-05T09:00:10")
reminded(*full, "確報(あと2日です)")
suzuki = day("2030-05-07T09:00:10")
reminded(*full, "確報(あと2日です)", "確報(本日が期限です)")
assert re.search("4月11日 [0-9:]* 報告済み", suzuki.see(case, "本日まで"))
suzuki.do(case, case + "/state", 303, **{"from": "first_reported", "to": "fully_reported"})
suzuki = day("2030-05-10T12:00:00")
assert "確報 2030年" not in suzuki.see(INCIDENTS, "確報済")
assert told("sato") == told("ito") == []
full += ["確報(あと2日です)", "確報(本日が期限です)"]
reminded(*full)
# sixty days where it may have been done for a wrongful purpose: nothing is due on the days of the thirty
case = make(suzuki, *lines, known_day="2030-05-10", known_time="00:00", wrongful="on")
suzuki.see(case, "確報(60日以内)", "2030年7月8日", "あと59日")
suzuki.do(case, case + "/state", 303, **{"from": "open", "to": "first_reported"})
for moment in ("2030-06-03", "2030-06-10", "2030-07-01"):
    suzuki = day(moment + "T08:59:00")
    reminded(*full)
for moment, words in (("2030-07-01", "あと7日です"), ("2030-07-06", "あと2日です"), ("2030-07-08", "本日が期限です"), ("2030-07-09", "期限を1日過ぎています")):
    suzuki = day(moment + "T09:00:10")
    full.append("確報(%s)" % words)
    reminded(*full)
suzuki.see(case, "2030年7月8日")
suzuki.see(INCIDENTS, "速報済", "確報 2030年7月8日")
suzuki.do(case, case + "/state", 303, **{"from": "first_reported", "to": "fully_reported"})
suzuki = day("2030-07-12T09:00:10")
reminded(*full)
"#
    ));
}
