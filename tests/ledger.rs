//! The ledger of specified personal information from outside: what comes in, goes out and stays inside with numbers has a
//! line that those who keep it find, and nobody sees a number there.

use crate::house::{House, PASSWORD};

/// People, mails with numbers (published test numbers of shared/mynumber.md), and ways to send and to wait.
pub const TOOLS: &str = r#"
import imaplib, sqlite3
demo["people"] += [{"address": name + "@aoba.example", "password": PASSWORD} for name in ("hanako", "jiro", "saburo", "shiro")]
LEDGER = "/t/aoba/ledger"
def with_number(sender, to, subject="list", number=NUMBER):
    return ("From: %s\r\nTo: %s\r\nSubject: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nマイナンバー: %s\r\na word of the body\r\n"
            % (sender, to, subject, number)).encode()
def deliver(*to, subject="list", number=NUMBER, mail=None):
    smtp = smtplib.SMTP("127.0.0.1", SMTP)
    assert smtp.sendmail("yamada@b.example", to, mail or with_number("yamada@b.example", to[0], subject, number)) == {}
def submit(name, *to, subject="sent list"):
    smtp = smtplib.SMTP("127.0.0.1", SUBMISSION)
    smtp.login(name + "@aoba.example", PASSWORD)
    assert smtp.sendmail(name + "@aoba.example", to, with_number(name + "@aoba.example", to[0], subject)) == {}
def until(what, look):
    end = time.monotonic() + 30
    while not (found := look()):
        assert time.monotonic() < end, what
        time.sleep(0.05)
    return found
def rows(admin, query=""):
    return re.findall(r'<tr id="line-(\d+)">', admin.see(LEDGER + query))
def line(admin, subject, query=""):
    found = lambda: re.search(r'id="line-(\d+)"[^\n]*?>%s</a>' % re.escape(subject), admin.get(LEDGER + query).body)
    return LEDGER + "/" + until("a line about " + subject, found).group(1)
"#;

/// A company with taro, hanako (handler), jiro (auditor), saburo (no role), shiro (handler).
pub fn company() -> House {
    company_with("")
}

/// The same with more in its configuration.
pub fn company_with(sections: &str) -> House {
    let house = House::start_with(sections);
    for (name, called, roles) in [
        ("hanako", "花子", "handler"),
        ("jiro", "次郎", "auditor"),
        ("saburo", "三郎", "user"),
        ("shiro", "四郎", "handler"),
    ] {
        let address = format!("{name}@aoba.example");
        house.good_with(&["user", "add", &address, "--name", called, "--role", roles, "--password-stdin"], PASSWORD);
    }
    let members = ["--member", "hanako@aoba.example", "--member", "shiro@aoba.example"];
    house.good(&[&["group", "set", "取扱担当者", "--tenant", "aoba"][..], &members].concat());
    house
}

impl House {
    /// Runs a program that knows the company's people in the console, and the ledger.
    pub fn keep(&self, program: &str) -> String {
        self.administer(&format!("import time\nDATA={:?}\n{TOOLS}{program}", self.data().display().to_string()))
    }
}

#[test]
fn a_number_from_outside_is_a_line_that_handlers_auditors_and_administrators_find() {
    let house = company();
    house.keep(
        r#"
deliver("saburo@aoba.example", "hanako@aoba.example", subject="=?UTF-8?B?57WQ5p6c?= " + NUMBER)
deliver("saburo@aoba.example", subject="plain", mail=b"Subject: plain\r\n\r\nhello\r\n")
# what is only possible has none; what is likely has one, also where nothing is certain
unsure = "Subject: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s 1234-5678-9018\r\n"
deliver("saburo@aoba.example", mail=(unsure % ("possible one", "お問い合わせ番号")).encode())
deliver("saburo@aoba.example", mail=(unsure % ("likely one", "年末調整")).encode())
for name in ("hanako", "jiro", "taro"):
    admin = Admin(name)
    admin.see(line(admin, "likely one"), "取得(社外から)", "確実 0、可能性が高い 1", "保管中")
    page = line(admin, "結果 ●●●● ●●●● ●●●●")
    admin.see(page, "取得(社外から)", "yamada@b.example", "saburo@aoba.example, hanako@aoba.example", "確実 1、可能性が高い 0",
              "取扱担当者以外が受信", "三郎 さんの「受信トレイ」", "花子 さんの「受信トレイ」", "台帳に記録", "保管中")
    assert "a word of the body" not in admin.get(page).body
    assert len(rows(admin)) == 2, "ordinary mail has no line"
# the same of what goes out, and of what stays inside
hanako = Admin("hanako")
for to, kind, word in (("partner@yamada.example", "提供(社外へ)", "sent"), ("shiro@aoba.example", "社内", "inside")):
    smtp = smtplib.SMTP("127.0.0.1", SUBMISSION)
    smtp.login("saburo@aoba.example", PASSWORD)
    for subject, words in (("possible", "お問い合わせ番号"), ("likely", "年末調整")):
        head = "From: saburo@aoba.example\r\nTo: %s\r\n" % to
        assert smtp.sendmail("saburo@aoba.example", to, (head + unsure % (subject + " " + word, words)).encode()) == {}
    hanako.see(line(hanako, "likely " + word), kind, "確実 0、可能性が高い 1", to, "台帳に記録", "保管中")
    assert len(rows(hanako, "?kind=" + word)) == 1, "what is only possible has none"
assert len(rows(hanako)) == 4
for name in ("hanako", "jiro"):
    admin = Admin(name)
    assert admin.get("/").headers["Location"] == "/t/aoba/dashboard"
    for path in ("/t/aoba/users", "/t/aoba/held", "/t/aoba/audit", "/t/aoba/rules"):
        assert admin.get(path).status == 403, path
    assert "/t/aoba/users" not in admin.see(LEDGER)
assert Admin("saburo").entered.status != 303, "who has no such role does not enter the console"
assert Admin("taro").get("/t/other/ledger").status == 404
"#,
    );
    let list = house.good(&["ledger", "list", "--tenant", "aoba"]);
    assert!(list.contains("\tacquired\tyamada@b.example\t") && list.contains("\t1+0\tMN-IN\tkept"), "{list}");
    let json = house.good(&["ledger", "list", "--tenant", "aoba", "--json"]);
    assert!(json.contains("\"act\":\"entered\"") && !json.contains("1234"), "{json}");
    assert!(house.good(&["verify"]).contains("All is well."));
}

#[test]
fn the_ledger_is_searched_exported_and_printed_and_that_is_recorded() {
    let house = company();
    let group = ["group", "add", "all", "--tenant", "aoba", "--address", "all@aoba.example"];
    house.good(&[&group[..], &["--member", "hanako@aoba.example", "--member", "member@b.example"]].concat());
    house.keep(
        r#"
deliver("saburo@aoba.example", subject="=cmd()")
submit("saburo", "hanako@aoba.example", subject="inside")
submit("saburo", "partner@yamada.example", subject="to a partner")
jiro = Admin("jiro")
until("three lines", lambda: len(rows(jiro)) == 3)
assert len(rows(jiro, "?kind=acquired")) == len(rows(jiro, "?kind=inside")) == len(rows(jiro, "?kind=sent")) == 1
assert len(rows(jiro, "?person=PARTNER")) == 1 and rows(jiro, "?person=nobody") == []
assert rows(jiro, "?until=2020-01-01") == [] and len(rows(jiro, "?since=2020-01-01")) == 3
assert rows(jiro, "?state=disposed") == [] and len(rows(jiro, "?state=kept")) == 3
got = jiro.get(LEDGER + ".csv?person=saburo")
assert got.headers["Content-Type"] == "text/csv; charset=utf-8" and got.headers["Content-Disposition"] == 'attachment; filename="ledger.csv"'
assert got.body.startswith("\ufeff\"番号\",\"日時\""), got.body[:50]
for cell in ('"\'=cmd()"', '"提供(社外へ)"', '"保留"', '"社外宛 マイナンバー"', '"三郎 <saburo@aoba.example>"', "台帳に記録 三郎", "三郎 さんの「受信トレイ」 (1通)", "送信(審査) (承認待ち: partner@yamada.example)"):
    assert cell in got.body, (cell, got.body)
paper = jiro.see(LEDGER + "/print?kind=sent", "to a partner", "js/print.js", "社外宛 マイナンバー", "<td>保留</td>")
assert "inside" not in re.sub("<[^>]*>", "", paper)
one = line(jiro, "to a partner")
assert one + "/print" in jiro.see(one)
paper = jiro.see(one + "/print", "js/print.js", "to a partner", "社外宛 マイナンバー", "送信(審査)", "承認待ち: partner@yamada.example", "取扱いの経過", "台帳に記録", "保管中")
assert "<form" not in paper and "csrf" not in paper, paper
reference = re.search(r'<dd class="mono">([^<]*)</dd>', paper).group(1)
assert jiro.get(LEDGER + "/999999/print").status == 404
Admin("taro").see("/t/aoba/audit?event=ledger.", "台帳を書き出し", "台帳を印刷用に表示", "次郎", reference)
# by a group of the company somebody outside is reached: it went out, and to him
submit("saburo", "all@aoba.example", subject="to everybody")
page = line(jiro, "to everybody")
jiro.see(page, "提供(社外へ)", "hanako@aoba.example, member@b.example", "承認待ち: member@b.example")
assert (len(rows(jiro, "?kind=inside")), len(rows(jiro, "?kind=sent"))) == (1, 2)
assert len(rows(jiro, "?person=member@b")) == 1 and len(rows(jiro, "?person=hanako")) == 2
paper = jiro.see(LEDGER + "/print?kind=sent", "to everybody")
assert "member@b.example" in paper and "all@aoba.example" not in jiro.get(LEDGER + ".csv").body
hanako = Admin("hanako")
outline = hanako.see("/t/aoba/incidents/new?line=" + page.rsplit("/", 1)[1])
assert re.search(r"宛先:[^<]*member@b.example", outline), "what an incident says of it"
"#,
    );
}

#[test]
fn what_becomes_of_held_mail_is_in_its_line() {
    let house = company();
    house.keep(
        r#"
submit("saburo", "partner@yamada.example", subject="to approve")
submit("saburo", "partner@yamada.example", subject="to return")
"#,
    );
    for (most, lines) in [("1", 1), ("2", 2), ("9", 2)] {
        assert_eq!(house.good(&["held", "list", "--limit", most]).lines().count(), lines, "{most}");
    }
    house.keep(
        r#"
hanako = Admin("hanako")
page, other = line(hanako, "to approve"), line(hanako, "to return")
hanako.see(page, "提供(社外へ)", "社外宛 マイナンバー", "送信(審査)", "承認待ち: partner@yamada.example")
mail, other_mail = Browser(WEB), Browser(WEB)
mail.sign_in("hanako@aoba.example")
other_mail.sign_in("shiro@aoba.example")
waiting = other_mail.get("/approve").body
seen = other_mail.get(re.search(r'href="(/approve/\d+)"[^>]*>(?:(?!/approve/).)*?to approve', waiting, re.S).group(1))
assert "to approve" in seen.body, seen
def decide(subject, word, comment):
    parcel = re.search(r'/approve/(\d+)"[^>]*>(?:(?!/approve/).)*?%s' % subject, mail.get("/approve").body, re.S).group(1)
    case = "/approve/" + parcel
    done = mail.post(case, {"csrf": mail.token(case), "do": word, "comment": comment})
    assert done.status == 303, done.body
decide("to approve", "approve", "ok")
decide("to return", "return", "no")
text = hanako.see(page, "閲覧", "保留メール(番号は伏せて表示)", "承認")
# who did what, in the page and on paper
steps = re.findall(r'<td data-label="取扱い">([^<]*)</td><td data-label="実行者">([^<]*)</td>', text)
assert steps == [("台帳に記録", "三郎"), ("閲覧", "四郎"), ("閲覧", "花子"), ("承認", "花子")], steps
paper = re.sub(r"<[^>]*>", " ", hanako.see(LEDGER + "/print?person=partner"))
for words in ("閲覧 四郎 (保留メール(番号は伏せて表示))", "閲覧 花子", "承認 花子", "差し戻し 花子"):
    assert words in paper, (words, paper)
assert text.index("台帳に記録") < text.index("閲覧") < text.rindex("承認")
assert "承認待ち: partner" not in text
hanako.see(other, "差し戻し", "三郎 さんの「下書き」")
"#,
    );
    assert!(house.good(&["verify"]).contains("All is well."));
}

/// A person's mail program and browser, and what the content origin shows.
const PEOPLE: &str = r#"
def program(name):
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login(name + "@aoba.example", PASSWORD)
    imap.select("INBOX")
    return imap
def expunged(imap):
    imap.noop()
    return imap.response("EXPUNGE")[1] != [None]
def subjects(name):
    imap = program(name)
    found = []
    for box in (b"INBOX", b"Archive", b"Sent", b"Drafts"):
        imap.select(box.decode())
        for uid in imap.search(None, "ALL")[1][0].split():
            found.append(imap.fetch(uid, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0][1])
    return b"".join(found)
def browser(name):
    mail = Browser(WEB)
    assert mail.sign_in(name + "@aoba.example").status == 303
    return mail
def content(url):
    origin, path = re.match(r"(https://[^/]+)(/.*)", url.replace("&amp;", "&").replace("&#38;", "&")).groups()
    return Browser(int(origin.rsplit(":", 1)[1])).get(path)
def hand_over(mail, message):
    return mail.post(message + "/hand-over", {"csrf": mail.token("/settings")})
"#;

impl House {
    /// The same with mail programs and browsers of people.
    pub fn keep_with_people(&self, program: &str) -> String {
        self.keep(&format!("{PEOPLE}{program}"))
    }
}

#[test]
fn a_mail_that_is_handed_over_leaves_every_mailbox_and_lies_with_the_handlers() {
    let house = company();
    house.keep_with_people(
        r#"
deliver("saburo@aoba.example", "taro@aoba.example", subject="wrongly sent")
deliver("saburo@aoba.example", subject="plain", mail=b"Subject: plain\r\n\r\nhello\r\n")
jiro = Admin("jiro")
page = line(jiro, "wrongly sent")
imap = program("saburo")
mail, taro = browser("saburo"), browser("taro")
message = mail.get("/mail/by-uid/INBOX/1").headers["Location"]
for word in ("特定個人情報", "転送や保存をせず", "取扱担当者へ引き渡す", message + "/hand-over"):
    assert word in mail.get(message).body, word
other = mail.get("/mail/by-uid/INBOX/2").headers["Location"]
assert "hand-over" not in mail.get(other).body and mail.get(other + "/hand-over").status == 404
assert hand_over(mail, other).status == 404, "ordinary mail is handed over to nobody"
assert "元に戻せません" in mail.get(message + "/hand-over").body and not expunged(imap)
assert hand_over(taro, message).status == 404, "another's mail"
assert hand_over(mail, message).status == 303
assert mail.get(message).status == 404 and hand_over(mail, message).status == 404
assert expunged(imap), "a mail program sees it go"
import poplib
db = sqlite3.connect(DATA + "/mail.db", timeout=10)
the_box, uid = db.execute("SELECT b.id, m.uid FROM message AS m JOIN mailbox AS b ON b.id = m.mailbox WHERE b.leaf = 'Handlers'").fetchone()
db.close()
for name in ("saburo", "taro", "hanako", "jiro"):
    assert b"wrongly sent" not in subjects(name), name
    imap_ = program(name)
    for there in ("Handlers", '"Shared/Handlers"', '"Other Users/hanako@aoba.example/Handlers"', '"Other Users/saburo@aoba.example/Handlers"'):
        assert imap_.select(there)[0] == imap_.status(there, "(MESSAGES)")[0] == "NO", (name, there)
    pop = poplib.POP3("127.0.0.1", POP3, timeout=30)
    pop.user(name + "@aoba.example")
    pop.pass_(PASSWORD)
    count, _ = pop.stat()
    assert count == len(pop.list()[1]) and not any(b"wrongly sent" in b"\n".join(pop.top(n + 1, 0)[1]) for n in range(count)), name
    try:
        pop.retr(count + 1)
        raise AssertionError("there is another message")
    except poplib.error_proto:
        pop.quit()
    mail_ = browser(name)
    message_ = "%d.%d" % (the_box, uid)
    for path in ("/mail/m/" + message_, "/mail/m/%s/part/1" % message_, "/mail/f/%d" % the_box, "/mail/compose?forward=" + message_,
                 "/mail/compose?reply=" + message_, "/mail/compose?draft=" + message_):
        assert mail_.get(path).status == 404, (name, path)
    new = {"csrf": mail_.token("/settings"), "origin": "forward:" + message_, "carry": "1", "to": "partner@yamada.example", "subject": "Fwd", "body": "x", "do": "check"}
    answer = mail_.post("/mail/compose", new)
    while answer.status == 303:
        answer = mail_.get(answer.headers["Location"])
    assert NUMBER not in answer.body and "a word of the body" not in answer.body, (name, answer.body)
    listed = b" ".join(line for kind in ('"*"', '"Shared/*"', '"Other Users/*"') for line in program(name).list('""', kind)[1] if line)
    assert b"Handlers" not in listed, (name, listed)
assert "メールが取扱担当者へ引き渡されました" in taro.get("/mail").body + taro.get(taro.get("/mail").headers.get("Location", "/mail")).body
jiro.see(page, "引き渡し済み", "取扱担当者の受信箱", "三郎")
Admin("taro").see("/t/aoba/audit?event=ledger.", "メールを取扱担当者へ引き渡し", "三郎")
"#,
    );
    assert!(house.good(&["verify"]).contains("All is well."));
}

#[test]
fn the_handlers_box_is_opened_by_handlers_who_say_why() {
    let house = company();
    house.keep_with_people(
        r#"
from email.message import EmailMessage
sent = EmailMessage()
sent["From"], sent["To"], sent["Subject"] = "yamada@b.example", "saburo@aoba.example", "wrongly sent"
sent.set_content("マイナンバー: %s\na word of the body\n" % NUMBER)
sent.add_attachment(("氏名,個人番号\r\n佐藤,%s\r\n" % NUMBER).encode(), maintype="text", subtype="csv", filename="list.csv")
deliver("saburo@aoba.example", mail=sent.as_bytes(policy=sent.policy.clone(linesep="\r\n")))
page = line(Admin("jiro"), "wrongly sent")
mail = browser("saburo")
assert hand_over(mail, mail.get("/mail/by-uid/INBOX/1").headers["Location"]).status == 303
for name in ("saburo", "jiro", "taro"):
    other = browser(name)
    assert "/handlers" not in other.get("/settings").body + other.get("/approve").body
    assert other.get("/handlers").status == 403 and other.get("/handlers/1").status == 403
    assert other.post("/handlers/1", {"csrf": other.token("/settings"), "reason": "a reason"}).status == 403
hanako = browser("hanako")
listed = hanako.get("/handlers").body
assert "wrongly sent" in listed and "yamada@b.example" in listed and "引き渡し済み" in listed, listed
there = re.search(r'href="(/handlers/\d+)"', listed).group(1)
asking = hanako.get(there).body
assert "番号を伏せずに開く" in asking and "a word of the body" not in asking and "<iframe" not in asking
def why(reason):
    return hanako.post(there, {"csrf": hanako.token(there), "reason": reason})
for bad in ("", "x", "番号は " + NUMBER):
    refused = why(bad)
    assert refused.status == 422 and "閲覧の理由を入力してください" in refused.body and NUMBER not in refused.body
opened = why("本人へ返送するため")
assert opened.status == 200 and "閲覧は記録されました" in opened.body and NUMBER not in opened.body
frame = re.search(r'<iframe[^>]* src="([^"]+)"', opened.body).group(1)
shown = content(frame)
assert shown.status == 200 and NUMBER in shown.body and "a word of the body" in shown.body
assert content(frame.split("?")[0]).status != 200, "without its signature it opens nothing"
jiro = Admin("jiro")
assert "添付の保存" not in jiro.see(page)
file = re.search(r'href="([^"]*/box/\d+/file/[^"]*)"', opened.body).group(1)
saved = content(file)
assert saved.status == 200 and NUMBER in saved.body and saved.headers["Content-Disposition"].startswith("attachment"), saved.headers
text = jiro.see(page, "本人へ返送するため", "花子", "添付の保存")
assert text.count("本人へ返送するため") == 1, "what was refused is not written down"
Admin("taro").see("/t/aoba/audit?event=ledger.", "引き渡されたメールを番号を伏せずに閲覧", "引き渡されたメールの添付を番号を伏せずに保存", "花子")
"#,
    );
}

#[test]
fn two_people_dispose_of_a_mail_and_nothing_of_it_is_left() {
    let house = company();
    house.keep_with_people(
        r#"
deliver("saburo@aoba.example", "taro@aoba.example", subject="zebrasubject")
deliver("saburo@aoba.example", subject="another one", number="987654321098")
submit("saburo", "partner@yamada.example", subject="held one")
hanako, jiro, taro = Admin("hanako"), Admin("jiro"), Admin("taro")
page, held = line(hanako, "zebrasubject"), line(hanako, "held one")
imap = program("saburo")
words = dict(documents="扶養控除等申告書", reason="誤って受信したため")
assert "まだ廃棄できません" in hanako.see(held) and 'value="ask"' not in hanako.get(held).body
assert "まだ廃棄できません" in hanako.do(page, held + "/dispose", 422, do="ask", **words).body
assert 'value="ask"' not in jiro.see(page), "an auditor does not ask"
jiro.do(held, page + "/dispose", 403, do="ask", **words)
assert "書類の種類と理由を入力してください" in hanako.do(page, page + "/dispose", 422, do="ask", documents="", reason="x").body
assert "書類の種類と理由を入力してください" in hanako.do(page, page + "/dispose", 422, do="ask", documents="番号 " + NUMBER, reason="x").body
hanako.do(page, page + "/dispose", do="ask", **words)
asked = hanako.see(page, "廃棄の確認待ち", "花子さんが", "扶養控除等申告書", "別の方")
assert 'value="confirm"' not in asked and 'value="refuse"' in asked
assert "申請した方ご自身は確認できません" in hanako.do(page, page + "/dispose", 422, do="confirm").body
jiro.do(page, page + "/dispose", do="refuse")
assert "保管中" in hanako.see(page)
mail = browser("saburo")
uid = next(n for n in (1, 2) if "zebrasubject" in mail.get(mail.get("/mail/by-uid/INBOX/%d" % n).headers["Location"]).body)
message = mail.get("/mail/by-uid/INBOX/%d" % uid).headers["Location"]
assert message in mail.get("/mail/search?q=zebrasubject").body
hanako.do(page, page + "/dispose", do="ask", **words)
assert jiro.get(page + "/certificate").status == 404
assert "2026-12-31 の形" in jiro.do(page, page + "/dispose", 422, do="confirm", backups_end="soon").body
jiro.do(page, page + "/dispose", do="confirm", backups_end="2026-12-31")
assert "ほかの方がすでに操作しています" in taro.do(page, page + "/dispose", 422, do="confirm").body
assert expunged(imap), "a mail program sees it go"
assert mail.get(message).status == 404 and b"zebrasubject" not in subjects("saburo") + subjects("taro")
assert message not in mail.get("/mail/search?q=zebrasubject").body
gone = jiro.see(page, "(廃棄済み)", "廃棄済み", "メールボックスにも送信待ちにもありません")
assert "zebrasubject" not in gone
paper = jiro.see(page + "/certificate", "特定個人情報 廃棄記録書", "扶養控除等申告書", "誤って受信したため", "確実 1", "2026-12-31",
                 "花子", "次郎", "暗号鍵の消去", "受信箱・送信済み・保留・取扱担当者の受信箱・アーカイブ・検索索引(メールボックスの写し 2件)", "対象外", "js/print.js")
assert "zebrasubject" not in paper
# an incident about it says that its persons cannot be counted any more
drafted = hanako.see("/t/aoba/incidents/new?line=" + page.rsplit("/", 1)[1], "廃棄済みの記録1件(個人番号 1件)は照合できないため、この人数に含まれていません。")
assert "0人(" in drafted, drafted
assert "廃棄済みの記録" not in hanako.see("/t/aoba/incidents/new?line=" + held.rsplit("/", 1)[1], "1人(")
assert Admin("saburo").entered.status != 303 and browser("saburo").get(page).status == 404
taro.see("/t/aoba/audit?event=ledger.", "廃棄を申請", "廃棄の申請を取りやめ", "廃棄")
# rules are tried on what is left
past = "/t/aoba/rehearsal"
taro.do(past, past, days="7")
tried = until("the rules to be tried", lambda: "完了しました。" in taro.get(past).body and taro.get(past).body)
assert "受信メール1通、送信メール1通を判定しました。" in tried and "内容が残っていない1通は判定していません。" in tried, tried
import os
for folder, _, files in os.walk(DATA):
    for name in files:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            bytes = file.read()
        for word in (b"zebrasubject", NUMBER.encode()):
            assert word not in bytes, (word, name)
"#,
    );
    assert!(house.good(&["verify"]).contains("All is well."));
    assert!(house.good(&["ledger", "list", "--tenant", "aoba"]).contains("\tdisposed"));
}

#[test]
fn killed_between_the_rows_and_the_key_of_a_disposal_the_next_start_destroys_the_key() {
    let mut house = company();
    house.stop();
    let shim = crate::shim::Shim::under(&mut house);
    house.serve();
    let page = house.keep(&format!(
        r#"
import os
deliver("saburo@aoba.example", subject="zebrasubject")
hanako, jiro = Admin("hanako"), Admin("jiro")
page = line(hanako, "zebrasubject")
hanako.do(page, page + "/dispose", do="ask", documents="届出書", reason="保存期間の満了")
fields = {{"csrf": jiro.token(page), "do": "confirm", "backups_end": ""}}
with open({0:?} + ".new", "w") as file:
    file.write("write -9 keys.db-wal\n")
os.rename({0:?} + ".new", {0:?})
try:
    done = jiro.post(page + "/dispose", fields)
except Exception:
    done = None
assert done is None, done
print(page)
"#,
        shim.order().display().to_string()
    ));
    assert_eq!(house.ended(), None, "killed by a signal: {}", house.log());
    shim.well();
    let page = page.trim();
    let found = house.run(&["verify"]);
    let said = String::from_utf8_lossy(&found.stdout).into_owned();
    let spared = "it was disposed of, and its key is there until the server starts again";
    assert!(!found.status.success() && said.matches(spared).count() == 1, "{said}");
    house.serve();
    assert!(house.good(&["verify"]).contains("All is well."));
    house.keep(&format!(
        r#"
jiro = Admin("jiro")
jiro.see("{page}/certificate", "特定個人情報 廃棄記録書", "暗号鍵の消去", "届出書")
assert "zebrasubject" not in jiro.see("{page}", "(廃棄済み)")
"#
    ));
}

#[test]
fn what_was_handed_over_is_disposed_of_in_the_box_too() {
    let mut house = company();
    house.keep_with_people(
        r#"
deliver("saburo@aoba.example", subject="wrongly sent")
hanako, shiro = Admin("hanako"), Admin("shiro")
page = line(hanako, "wrongly sent")
mail, keeper = browser("saburo"), browser("hanako")
assert hand_over(mail, mail.get("/mail/by-uid/INBOX/1").headers["Location"]).status == 303
there = re.search(r'href="(/handlers/\d+)"', keeper.get("/handlers").body).group(1)
assert page in keeper.get(there).body, "the way to the ledger, where its disposal is asked for"
hanako.do(page, page + "/dispose", do="ask", documents="届出書", reason="保存期間の満了")
assert "廃棄の確認待ち" in keeper.get("/handlers").body
shiro.do(page, page + "/dispose", do="confirm")
assert keeper.get(there).status == 404 and "wrongly sent" not in keeper.get("/handlers").body
shiro.see(page + "/certificate", "記録なし", "花子", "四郎")
"#,
    );
    house.kill();
    house.serve();
    house.keep_with_people(
        r#"
assert "引き渡されたメールはありません" in browser("hanako").get("/handlers").body
Admin("hanako").see(LEDGER + "?state=disposed", "(廃棄済み)")
"#,
    );
    assert!(house.good(&["verify"]).contains("All is well."));
}

#[test]
fn an_export_has_every_line_and_says_how_many_they_are() {
    let house = company();
    house.keep(
        r#"
for number in range(205):
    deliver("saburo@aoba.example", subject="list %d" % number)
jiro = Admin("jiro")
until("all lines", lambda: len(re.findall("yamada@b.example", jiro.get(LEDGER + ".csv").body)) == 205)
rows = jiro.get(LEDGER + ".csv").body.strip().split("\r\n")
assert len(rows) == 1 + 205 + 1 and rows[-1] == '"以上、全205件"', rows[-1]
assert [row.split(",")[0] for row in rows[1:-1]] == ['"%d"' % n for n in range(205, 0, -1)]
Admin("taro").see("/t/aoba/audit?event=ledger.", "台帳を書き出し")
"#,
    );
}

#[test]
fn what_is_kept_for_too_long_is_proposed_for_disposal() {
    let house = company();
    house.keep(
        r#"
deliver("saburo@aoba.example", subject="old one")
deliver("saburo@aoba.example", subject="new one")
hanako = Admin("hanako")
old = line(hanako, "old one")
line(hanako, "new one")
assert hanako.get(LEDGER + "?state=due").status == 404 and "state=due" not in hanako.see(LEDGER), "without a rule nothing is proposed"
db = sqlite3.connect(DATA + "/mail.db", timeout=10)
# as if it had come eight years ago
db.execute("UPDATE ledger SET at = at - 8 * 366 * 86400000 WHERE id = ?", (int(old.rsplit("/", 1)[1]),))
db.commit()
db.close()
"#,
    );
    house.good(&["tenant", "set", "aoba", "--ledger-years", "7"]);
    house.keep(
        r#"
hanako, jiro = Admin("hanako"), Admin("jiro")
found = rows(hanako, "?state=due")
assert len(found) == 1 and "old one" in hanako.see(LEDGER + "?state=due", "保存年数(7年)を過ぎた廃棄の候補"), found
page = LEDGER + "/" + found[0]
assert "保存年数(7年)の満了</textarea>" in hanako.see(page)
new = [row for row in rows(hanako) if row != found[0]][0]
assert "の満了</textarea>" not in hanako.see(LEDGER + "/" + new)
hanako.do(page, page + "/dispose", do="ask", documents="届出書", reason="保存年数(7年)の満了")
assert rows(hanako, "?state=due") == [], "it is asked for"
jiro.do(page, page + "/dispose", do="confirm")
jiro.see(page + "/certificate", "保存年数(7年)の満了")
Admin("taro").see("/t/aoba/audit?event=policies.", "台帳の保存年数")
"#,
    );
    house.good(&["tenant", "set", "aoba", "--ledger-dispose", "on"]);
    house.keep(
        r#"
Admin("hanako").see(LEDGER, "保存年数(7年)を過ぎたメールは、会社の規則により自動で廃棄されます。")
Admin("taro").see("/t/aoba/audit?event=policies.", "保存年数を過ぎたら自動で廃棄: する")
"#,
    );
    house.good(&["tenant", "set", "aoba", "--ledger-years", "0"]);
    assert!(house.keep("print(Admin('hanako').get(LEDGER + '?state=due').status)").contains("404"));
}

/// From the name of a file to the certificate: proposed, counted to a day, given by a handler, listed when it is over.
#[test]
fn the_kind_of_documents_says_until_when_a_mail_is_kept() {
    let house = company();
    house.keep(
        r#"
from email.message import EmailMessage
from urllib.parse import quote
def with_file(subject, name):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "yamada@b.example", "saburo@aoba.example", subject
    mail.set_content("お送りします。\n")
    mail.add_attachment(("氏名,個人番号\r\n佐藤,%s\r\n" % NUMBER).encode(), maintype="text", subtype="csv", filename=name)
    deliver("saburo@aoba.example", mail=mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")))
with_file("declaration", "令和9年分 扶養控除等（異動）申告書.csv")
with_file("two kinds", "扶養控除等申告書と保険料控除申告書.csv")
hanako, jiro, taro, saburo = Admin("hanako"), Admin("jiro"), Admin("taro"), Admin("saburo")
page, other = line(hanako, "declaration"), line(hanako, "two kinds")
import datetime
now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9)))
year = now.year + (0 if (now.month, now.day) < (1, 11) else 1)
until_day = "%d-01-10" % (year + 7)
kinds = hanako.see("/t/aoba/documents", "書類の種類", "扶養控除等申告書", "7年", "次に来る1月11日(1月11日のメールは翌年)", "雇用保険の被保険者に関する書類", "完結の日の翌日")
assert "<form" not in kinds.split("</h1>")[1], "a handler looks at the kinds"
hanako.do("/t/aoba/ledger", "/t/aoba/documents", 403, name="x", years="1")
assert saburo.entered.status != 303
text = hanako.see(page, "扶養控除等申告書", "件名・ファイル名からの候補", until_day, "書類の種類を記録", "システム")
assert "期限到来" not in text and 'value="扶養控除等申告書" required' in text, "asked for by that name"
assert "(指定なし)" in hanako.see(other) and "保存期間満了日</dt>" not in hanako.get(other).body
assert 'name="stated"' not in jiro.see(page, until_day), "an auditor looks"
jiro.do("/t/aoba/incidents", page + "/documents", 403, documents="扶養控除等申告書", stated="")
# what a handler gives stands in the history, with the day from which it counts
hanako.do(other, other + "/documents", documents="雇用保険の被保険者に関する書類", stated="")
hanako.see(other, "雇用保険の被保険者に関する書類", "完結日が未入力")
assert "2026-12-31 の形" in hanako.do(other, other + "/documents", 422, documents="扶養控除等申告書", stated="soon").body
assert "この種類は削除されています" in hanako.do(other, other + "/documents", 422, documents="知らない種類", stated="").body
hanako.do(other, other + "/documents", documents="雇用保険の被保険者に関する書類", stated="2020-03-31")
hanako.see(other, "2024-03-31", "期限到来", "保存期間の満了(2024-03-31)</textarea>", "起算の基準日 2020-03-31", "花子")
number = lambda page: page.rsplit("/", 1)[1]
assert rows(hanako, "?state=expired") == [number(other)]
hanako.see(LEDGER, "期限到来(廃棄の候補)", "2024-03-31", until_day)
assert rows(hanako, "?order=due") == [number(other), number(page)], "the period that ends first comes first"
assert rows(hanako, "?documents=" + quote("扶養控除等申告書")) == [number(page)]
exported = jiro.get(LEDGER + ".csv").body
for cell in ('"書類の種類","保存期間満了日"', '"扶養控除等申告書 (件名・ファイル名からの候補)","%s"' % until_day, '"雇用保険の被保険者に関する書類","2024-03-31"'):
    assert cell in exported, (cell, exported)
jiro.see(LEDGER + "/print", "<td>雇用保険の被保険者に関する書類</td><td>2024-03-31</td>")
jiro.see(page + "/print", "扶養控除等申告書 (件名・ファイル名からの候補)", until_day)
# an administrator changes kinds; lines keep their day until he wants it counted anew, and keep it when the kind goes
kinds = "/t/aoba/documents"
taro.see(kinds + "?kind=" + quote("扶養控除等申告書"), 'value="扶養控除等申告書"', 'value="7"')
for wrong, word in ((dict(name="", years="7"), "1~60文字"), (dict(name="番号 " + NUMBER, years="7"), "1~60文字"), (dict(name="届出書", years="0"), "1~100"), (dict(name="届出書", years="1", words="字"), "2~60文字")):
    answer = taro.do(kinds, kinds, 422, **{"from": "arrival", "words": "", **wrong})
    assert word in answer.body and NUMBER not in answer.body, answer.body
taro.do(kinds, kinds, name="扶養控除等申告書", years="8", words="扶養控除", **{"from": "january-11"})
hanako.see(page, until_day)
taro.do(kinds, kinds, name="扶養控除等申告書", years="8", words="扶養控除", recompute="1", **{"from": "january-11"})
hanako.see(page, "%d-01-10" % (year + 8), "候補")
taro.do(kinds, kinds + "/remove", name="扶養控除等申告書")
assert ">扶養控除等申告書</a>" not in taro.see(kinds, ">保険料控除申告書</a>")
hanako.see(page, "扶養控除等申告書", "%d-01-10" % (year + 8))
taro.see("/t/aoba/audit?event=policies.", "書類の種類(年数、起算日)", "扶養控除等申告書 (8, january-11)")
taro.see("/t/aoba/audit?event=ledger.classified", "書類の種類を記録", "雇用保険の被保険者に関する書類")
hanako.do(other, other + "/dispose", do="ask", documents="雇用保険被保険者資格喪失届", reason="保存期間の満了(2024-03-31)")
jiro.do(other, other + "/dispose", do="confirm")
paper = jiro.see(other + "/certificate", "雇用保険被保険者資格喪失届")
assert "<dt>保存期間満了日</dt><dd>2024-03-31</dd>" in paper and "<dt>書類の種類</dt><dd>雇用保険被保険者資格喪失届</dd>" in paper, paper
assert rows(hanako, "?state=expired") == []
assert "廃棄済みのため、変更できません" in hanako.do(page, other + "/documents", 422, documents="労災保険に関する書類", stated="").body
"#,
    );
    house.good(&[
        "documents",
        "set",
        "身元の書類",
        "--tenant",
        "aoba",
        "--years",
        "3",
        "--from",
        "arrival",
        "--word",
        "身元",
    ]);
    let listed = house.good(&["documents", "list", "--tenant", "aoba"]);
    assert!(listed.contains("身元の書類\t3 years\tarrival\t身元\n"), "{listed}");
    house.good(&["documents", "remove", "身元の書類", "--tenant", "aoba"]);
    assert!(!house.good(&["documents", "list", "--tenant", "aoba", "--json"]).contains("身元"));
    for wrong in [["x", "--years", "0", "--from", "arrival"], ["123456789018", "--years", "1", "--from", "arrival"]] {
        let (name, rest) = wrong.split_first().unwrap();
        let mut words = vec!["documents", "set", name, "--tenant", "aoba"];
        words.extend(rest);
        assert!(!house.run(&words).status.success(), "{words:?}");
    }
    let ledger = house.good(&["ledger", "list", "--tenant", "aoba", "--json"]);
    assert!(
        ledger.contains("\"documents\":\"扶養控除等申告書\"") && ledger.contains("\"disposal_due\":\"20"),
        "{ledger}"
    );
    assert!(house.good(&["verify"]).contains("All is well."));
}

/// One source of the addresses: the list that rules ask. Contract and checks stand beside it, and what is missing is named where it matters.
#[test]
fn those_to_whom_numbers_are_entrusted_have_a_contract_and_are_checked_again() {
    let house = company();
    house.good(&["group", "set", "委託先", "--list", "--tenant", "aoba", "--member", "zeirishi@tax.example"]);
    house.keep(
        r#"
import datetime
hanako, jiro, taro, saburo = Admin("hanako"), Admin("jiro"), Admin("taro"), Admin("saburo")
PARTNERS = "/t/aoba/partners"
days = lambda n: (datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9))) + datetime.timedelta(days=n)).date().isoformat()
text = hanako.see(PARTNERS, "zeirishi@tax.example", "有効な契約なし", "点検未実施", "点検が未実施または期限を過ぎた委託先が1件あります。", "有効な契約の記載がない委託先が1件あります。")
assert PARTNERS + "/remove" not in text and 'action="%s"' % PARTNERS in text, "a handler writes down, and leaves the list alone"
assert 'method="post"' not in jiro.see(PARTNERS, "zeirishi@tax.example").split("</h1>")[1], "an auditor looks"
new = dict(address="sr@labour.example", name="みなと社労士事務所", contract="委託契約 2026-3", since="2026-04-01", until="")
assert "テナント管理者だけが追加できます" in hanako.do(PARTNERS, PARTNERS, 422, **new).body
jiro.do("/t/aoba/incidents", PARTNERS, 403, **new)
for wrong, word in ((dict(address="nobody"), "メールアドレスの形式"), (dict(name=""), "名称を1~200文字"), (dict(name="番号 " + NUMBER), "名称を1~200文字"), (dict(contract=NUMBER), "番号を含めず"), (dict(since="soon"), "2026-12-31 の形"), (dict(until="2026-03-31"), "開始日より後")):
    answer = taro.do(PARTNERS, PARTNERS, 422, **{**new, **wrong})
    assert word in answer.body and NUMBER not in answer.body, (word, answer.body)
taro.do(PARTNERS, PARTNERS, **new)
groups = taro.see("/t/aoba/groups", "委託先")
listed = taro.see(re.search(r'href="(/t/aoba/groups/\d+)"[^>]*>委託先', groups).group(1), "sr@labour.example", "zeirishi@tax.example")
# the line of a mail to somebody of whom something is missing says so to the handlers
submit("hanako", "zeirishi@tax.example", subject="to the accountant")
page = line(hanako, "to the accountant")
hanako.see(page, "委託先「zeirishi@tax.example」:有効な契約なし / 点検未実施")
hanako.do(PARTNERS, PARTNERS, address="zeirishi@tax.example", name="青葉税理士事務所", contract="顧問契約", since="2020-01-01", until=days(-1))
hanako.see(PARTNERS, "青葉税理士事務所", "2020-01-01~" + days(-1), "有効な契約なし")
hanako.do(PARTNERS, PARTNERS, address="zeirishi@tax.example", name="青葉税理士事務所", contract="顧問契約", since="2020-01-01", until=days(0))
for wrong, word in ((dict(checked=""), "2026-12-31 の形"), (dict(checked=days(1)), "今日までの日付"), (dict(note=NUMBER), "番号を含めず")):
    answer = hanako.do(PARTNERS, PARTNERS + "/check", 422, **{**dict(entry="zeirishi@tax.example", checked=days(0), note="", due=""), **wrong})
    assert word in answer.body and NUMBER not in answer.body, (word, answer.body)
hanako.do(PARTNERS, PARTNERS + "/check", entry="zeirishi@tax.example", checked="2024-02-29", note="", due="")
hanako.see(PARTNERS, "2024-02-29 花子", "2025-02-28", "点検期限超過")
hanako.do(PARTNERS, PARTNERS + "/check", entry="zeirishi@tax.example", checked=days(-1), note="異常なし", due=days(0))
text = hanako.see(PARTNERS, days(-1) + " 花子", "異常なし", days(0))
assert "点検期限超過" not in text and text.count("点検未実施") == 1, "the last day is in time"
hanako.see(PARTNERS + "?entry=zeirishi@tax.example", 'value="顧問契約"', 'value="%s"' % days(0))
assert "委託先「" not in hanako.see(page), "nothing is missing any more"
taro.see("/t/aoba/audit?event=partner.", "委託先の情報を変更", "委託先の点検を記録", "zeirishi@tax.example", "花子")
hanako.do(PARTNERS, PARTNERS + "/remove", 403, address="sr@labour.example")
taro.do(PARTNERS, PARTNERS + "/remove", address="sr@labour.example")
assert "sr@labour.example" not in hanako.see(PARTNERS), "it left the list"
assert taro.do(PARTNERS, PARTNERS + "/remove", 404, address="sr@labour.example")
taro.see("/t/aoba/audit?event=partner.removed", "委託先を削除", "sr@labour.example")
# who is taken out in the page of groups means nothing any more, and who comes back there has his contract and his check again
group = re.search(r'href="(/t/aoba/groups/\d+)"[^>]*>委託先', groups).group(1)
taro.do(group, group + "/members/remove", member="zeirishi@tax.example")
gone = hanako.see(PARTNERS)
assert "zeirishi@tax.example" not in gone and "顧問契約" not in gone, gone
taro.do(group, group + "/members", member="zeirishi@tax.example")
back = hanako.see(PARTNERS, "zeirishi@tax.example", "青葉税理士事務所", "顧問契約", "2020-01-01~" + days(0), days(-1) + " 花子", "異常なし")
assert "有効な契約なし" not in back and "点検未実施" not in back and "委託先「" not in hanako.see(page), back
"#,
    );
}

/// Every figure of the dashboard is the number of lines behind its link; who sees which, the role says.
#[test]
fn the_dashboard_counts_what_its_links_show() {
    let house = company();
    let file = house.dir.path().join("more.toml");
    let more = |code: &str, word: &str, action: &str| {
        format!(
            "\n[[rule]]\ncode = \"{code}\"\nname = \"{code}\"\ndirection = \"out\"\n\
             when = {{ wildcard = {{ any = [\"{word}*\"], where = \"subject\" }} }}\naction = \"{action}\"\n"
        )
    };
    let shipped = house.good(&["rules", "show", "--tenant", "aoba"]);
    std::fs::write(&file, shipped + &more("NO", "refused", "block") + &more("GONE", "discarded", "delete")).unwrap();
    house.good(&["rules", "apply", file.to_str().unwrap(), "--tenant", "aoba"]);
    house.good(&["group", "set", "委託先", "--list", "--tenant", "aoba", "--member", "zeirishi@tax.example"]);
    house.keep(
        r#"
HOME = "/t/aoba/dashboard"
hanako, jiro, taro, saburo = Admin("hanako"), Admin("jiro"), Admin("taro"), Admin("saburo")
def figures(admin):
    text = admin.see(HOME, "ダッシュボード", "社外宛てメール(過去30日間)")
    found = re.findall(r'<div id="figure-(\w+)"[^>]*><dt>[^<]*</dt><dd>(?:<a href="([^"]*)"[^>]*>)?([\d,]+)件', text)
    return text, {name: (int(count.replace(",", "")), href.replace("&amp;", "&").replace("&#38;", "&")) for name, href, count in found}
text, now = figures(taro)
assert all(now[name][0] == 0 for name in ("all", "stopped", "blocked", "deleted", "asked", "waiting", "overdue", "due")) and "メールなし" in text, now
def plain(name, *to, subject="plain", body="hello"):
    smtp = smtplib.SMTP("127.0.0.1", SUBMISSION)
    smtp.login(name + "@aoba.example", PASSWORD)
    mail = "From: %s@aoba.example\r\nTo: %s\r\nSubject: %s\r\n\r\n%s\r\n" % (name, ", ".join(to), subject, body)
    try:
        smtp.sendmail(name + "@aoba.example", to, mail.encode())
    except (smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused):
        pass
for n in range(3):
    plain("saburo", "partner@yamada.example")
plain("saburo", "taro@aoba.example", subject="inside")
submit("saburo", "partner@yamada.example", subject="a number to the outside")
submit("saburo", "taro@aoba.example", subject="a number inside")
plain("saburo", *["open%d@d%d.example" % (n, n) for n in range(5)], subject="to many")
for subject in ("refused", "discarded"):
    plain("saburo", "partner@yamada.example", subject=subject)
text, now = figures(taro)
assert {name: now[name][0] for name in ("all", "stopped", "held", "blocked", "deleted", "asked", "waiting")} == dict(all=7, stopped=3, held=1, blocked=1, deleted=1, asked=1, waiting=2), now
assert "止めた割合 42.86%" in text and "目安の1%以上です" in text and "社外宛 マイナンバー" in text, text
for name in ("all", "stopped", "held", "blocked", "deleted", "asked"):
    count, href = now[name]
    listed = taro.see(href, "過去30日間の社外宛てメール")
    assert listed.count('<tr id="mail-') == count, (name, listed)
by_rule = re.search(r'<a href="([^"]*tracking[^"]*rule=[^"]*)"[^>]*>社外宛 マイナンバー', text).group(1).replace("&amp;", "&").replace("&#38;", "&")
assert taro.see(by_rule, "止めたもの / 社外宛 マイナンバー").count('<tr id="mail-') == 1
assert taro.get("/t/aoba/tracking?fate=nonsense").status == 404
taro.see(now["waiting"][1], "a number to the outside")
taro.see(now["queue"][1], "キュー")
for name, subject in (("held", "a number to the outside"), ("blocked", "refused"), ("deleted", "discarded")):
    taro.see(now[name][1], subject)
# one that waits in spite of its deadline, as after a stop of an hour
db = sqlite3.connect(DATA + "/mail.db", timeout=10)
assert now["overdue"][0] == 0 and '<div id="figure-overdue">' in text, text
late = "SELECT a.parcel FROM approval AS a JOIN parcel AS p ON p.id = a.parcel ORDER BY p.submission LIMIT 1"
assert db.execute("UPDATE approval SET deadline = 1 WHERE parcel = (%s)" % late).rowcount == 1
db.commit()
text, now = figures(taro)
assert now["overdue"] == (1, "/t/aoba/held") and now["waiting"][0] == 2 and '<div id="figure-overdue" class="ng">' in text, text
taro.see(now["overdue"][1], "a number to the outside")
assert now["partners"] == (1, "/t/aoba/partners") and NUMBER not in text
# those who keep the ledger see what they may open, and the lists of mail are not theirs
for admin in (hanako, jiro):
    assert admin.get("/").headers["Location"] == HOME
    text, now = figures(admin)
    assert now["all"] == (7, "") and now["due"][1] == LEDGER + "?state=expired" and "waiting" not in now and "queue" not in now, now
    assert admin.get("/t/aoba/tracking?fate=stopped").status == 403
assert taro.get("/").headers["Location"] == HOME and saburo.entered.status != 303
assert "0件" in hanako.see(HOME)
page = line(hanako, "a number inside")
hanako.do(page, page + "/documents", documents="労災保険に関する書類", stated="2020-03-31")
assert figures(hanako)[1]["due"][0] == 1 == len(rows(hanako, "?state=expired"))
"#,
    );
}

/// On a clock that is put forward: eight years go by at once, and then an hour and a bit more in pieces. Killed when the keys are about to be
/// destroyed, the next start destroys those of all whose rows were cleared.
#[test]
fn the_rule_of_a_company_disposes_an_hour_after_a_start_or_a_jump_of_the_clock_and_its_certificate_says_so() {
    const YEARS: i64 = 8 * 366 * 86_400;
    let mut house = company();
    house.stop();
    let disk = crate::shim::Shim::under(&mut house);
    crate::shim::with_clock(&mut house);
    let folder = house.dir.path().to_owned();
    let set = |ahead: i64, passed: i64| crate::shim::set_clock(&folder, ahead, passed);
    set(-YEARS, 0);
    house.serve();
    house.keep(
        r#"
for number in range(3):
    deliver("saburo@aoba.example", subject="zebrasubject %d" % number)
    line(Admin("hanako"), "zebrasubject %d" % number)
"#,
    );
    house.stop();
    set(0, 0);
    house.good(&["tenant", "set", "aoba", "--ledger-years", "7"]);
    house.good(&["tenant", "set", "aoba", "--ledger-dispose", "on"]);
    house.serve();
    house.keep(
        r#"
deliver("saburo@aoba.example", subject="new one")
hanako = Admin("hanako")
line(hanako, "new one")
assert len(rows(hanako, "?state=due")) == 3
"#,
    );
    // half an hour goes by, then the clock jumps: another whole hour of rest begins
    set(1_800, 1_800);
    set(1_800 + 7_200, 1_800 + 60);
    let jumped = |house: &House| house.log().contains("the clock has jumped");
    crate::outgoing::foreign::until("the jump", || jumped(&house));
    let listed = |house: &House| house.good(&["ledger", "list", "--tenant", "aoba", "--json"]);
    let disposed = |house: &House| listed(house).matches("\"state\":\"disposed\"").count();
    assert_eq!(disposed(&house), 0);
    disk.ill("write -9 keys.db-wal");
    let mut passed = 1_860;
    let mut go_on = |house: &House| {
        assert!(passed < 20 * 3_600, "nothing was disposed of: {}", house.log());
        passed += 600;
        set(7_140 + passed, passed);
        // looks are half a minute apart on that clock, and the writer wakes once a second by it
        std::thread::sleep(std::time::Duration::from_millis(200));
    };
    while house.runs() {
        go_on(&house);
    }
    assert_eq!(house.ended(), None, "killed by a signal: {}", house.log());
    disk.well();
    let found = crate::house::text(&house.run(&["verify"]).stdout);
    let spared = found.matches("it was disposed of, and its key is there until the server starts again").count();
    assert!((1..=3).contains(&spared) && spared == disposed(&house), "{found}");
    house.serve();
    assert!(house.good(&["verify"]).contains("All is well."));
    // what was not cleared before waits for its hour after this start
    while disposed(&house) < 3 {
        go_on(&house);
    }
    house.keep(
        r#"
import datetime, os
jiro = Admin("jiro")
gone = rows(jiro, "?state=disposed")
assert len(gone) == 3 and rows(jiro, "?state=due") == []
for row in gone:
    page = LEDGER + "/" + row
    until("its certificate", lambda: jiro.get(page + "/certificate").status == 200)
    paper = jiro.see(page + "/certificate", "特定個人情報 廃棄記録書", "特定個人情報を含むメール", "保存年数(7年)の満了", "暗号鍵の消去", "メールボックスの写し 1件")
    assert paper.count("会社の規則による自動廃棄") == 2 and "zebrasubject" not in paper, "in place of the two people"
kept = line(jiro, "new one")
assert "保管中" in jiro.see(kept) and jiro.get(kept + "/certificate").status == 404
Admin("taro").see("/t/aoba/audit?event=ledger.", "廃棄")
for folder, _, files in os.walk(DATA):
    for path in filter(os.path.isfile, (os.path.join(folder, name) for name in files)):
        assert b"zebrasubject" not in open(path, "rb").read(), path
"#,
    );
    // an hour after the jump at the earliest, which is 9,000 seconds ahead
    let acts = listed(&house);
    let acts: Vec<serde_json::Value> = acts.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let moments = |act: &str| -> Vec<String> {
        let all = acts.iter().flat_map(|line| line["acts"].as_array().unwrap());
        all.filter(|one| one["act"] == act).map(|one| one["at"].as_str().unwrap().to_owned()).collect()
    };
    let parsed = |text: &String| text.parse::<jiff::Timestamp>().unwrap().as_second();
    // "new one" came before any of it
    let came = moments("entered").iter().map(parsed).max().unwrap();
    for at in moments("disposed").iter().map(parsed) {
        let rested = at - came - 9_000;
        assert!(rested >= 3_600, "{rested} seconds after the jump");
    }
    assert!(house.good(&["verify"]).contains("All is well."));
}
