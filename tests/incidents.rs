//! Incidents from outside: made from lines of the ledger, filled from it, kept in versions, with the days of their reports;
//! never a number.

use crate::ledger::company;

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
