//! The console from outside: what an administrator does there takes effect in the mail system, and nobody else does it.

use std::fmt::Write as _;

use crate::house::{Demo, House, text};
use crate::web::BROWSER;

/// A browser of the console that knows the demo, fills in forms and never sees a number.
const CONSOLE: &str = r#"
from pathlib import Path
from urllib.parse import urlparse
if demo["admin_url"].startswith("http:"):
    http.client.HTTPSConnection = lambda host, port, context, timeout: http.client.HTTPConnection(host, port, timeout=timeout)
ADMIN = urlparse(demo["admin_url"]).port
WEB = urlparse(demo["mail_url"]).port
NUMBER = "123456789018"
SPACED = "1234 5678 9018"
class Admin(Browser):
    def __init__(self, name, domain="aoba.example"):
        super().__init__(ADMIN)
        self.address = name + "@" + domain
        word = next(p["password"] for p in demo["people"] if p["address"] == self.address)
        self.entered = self.sign_in(self.address, word)
    def ask(self, *args, **more):
        got = super().ask(*args, **more)
        for number in (NUMBER, SPACED, "1234-5678-9018"):
            assert number not in got.body, (args, number)
        return got
    def see(self, path, *words):
        page = self.get(path)
        assert page.status == 200, (path, page)
        for word in words:
            assert word in page.body, (path, word, page.body)
        return page.body
    def do(self, page, path, status=303, **fields):
        fields["csrf"] = self.token(page)
        done = self.post(path, fields)
        assert done.status == status, (path, done.status, done.body)
        return done
    def try_mail(self, fields, files=()):
        boundary = "xxBOUNDARYxx"
        parts = [("csrf", None, self.token("/t/aoba/simulator"))] + [(k, None, v) for k, v in fields.items()] + list(files)
        body = b""
        for name, file, value in parts:
            body += ("--%s\r\nContent-Disposition: form-data; name=\"%s\"" % (boundary, name)).encode()
            body += ("; filename=\"%s\"" % file).encode() if file else b""
            body += b"\r\n\r\n" + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
        body += ("--%s--\r\n" % boundary).encode()
        return self.ask("POST", "/t/aoba/simulator", body=body, Content_Type="multipart/form-data; boundary=" + boundary)
def parcel(page):
    return re.search(r'id="held-(\d+)"', page).group(1)
mail = lambda body, subject="Subject": "From: sato@aoba.example\r\nSubject: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n" % (subject, body)
with_number = mail("マイナンバー: " + SPACED, "MN " + SPACED)
"#;

impl Demo {
    /// Runs a program that knows `Admin`, a person with a browser in the console.
    pub fn administer(&self, program: &str) -> String {
        self.python(&format!("PASSWORD=''\n{BROWSER}{CONSOLE}{program}"))
    }
}

impl House {
    /// The same at a house, whose taro is its operator.
    pub fn administer(&self, program: &str) -> String {
        let prelude = format!(
            "import smtplib, json\ndemo = {{'admin_url': 'https://127.0.0.1:{0}', 'mail_url': 'https://127.0.0.1:{1}', \
             'people': [{{'address': 'taro@aoba.example', 'password': PASSWORD}}]}}\n",
            self.admin, self.web
        );
        self.python(&format!("{prelude}{BROWSER}{CONSOLE}{program}"))
    }
}

#[test]
fn a_person_made_in_the_console_signs_in_and_a_suspended_or_removed_one_does_not() {
    Demo::start().administer(
        r#"
ito = Admin("ito")
assert ito.get("/").headers["Location"] == "/t/aoba/dashboard"
ito.see("/t/aoba/users", "佐藤 健一", "営業部", "全体管理者", "6名")
assert "佐藤" not in ito.see("/t/aoba/users?q=SUZUKI", "鈴木 美咲")
assert "鈴木" not in ito.see("/t/aoba/users?department=%E5%96%B6%E6%A5%AD%E9%83%A8", "佐藤")
add, people = "/t/aoba/users/add", "/t/aoba/users"
new = dict(address="yamamoto@aoba.example", name="山本 花", department="経理部", supervisor="takahashi@aoba.example", language="ja", quota="500")
wrong = ito.do(add, add, 422, **dict(new, address="yamamoto@elsewhere.example", quota="much", password="short", again="other"))
for word in ["このテナントのドメインではありません。", "1以上の整数", "8文字以上で入力してください。", "一致しません", 'value="山本 花"', "4件の入力"]:
    assert word in wrong.body, (word, wrong.body)
assert "short" not in wrong.body
made = ito.do(add, add, 200, **dict(new, **{"role-handler": "on"}))
first = re.search(r'<code class="mono">([^<]+)</code>', made.body).group(1)
assert "このアドレスは使われています。" in ito.do(add, add, 422, **new).body
def signs_in(word):
    imap = imaplib.IMAP4("127.0.0.1", demo["imap"])
    try:
        return imap.login("yamamoto@aoba.example", word)[0] == "OK"
    except imaplib.IMAP4.error:
        return False
assert signs_in(first)
row = re.search(r'/t/aoba/users/(\d+)" data-swap>山本 花', ito.get(people).body).group(1)
page = people + "/" + row
body = ito.see(page, "takahashi@aoba.example", 'value="500"', "経理部")
assert re.search(r'name="role-handler" value="on" checked', body)
ito.do(page, page, name="山本 花子", department="総務部", quota="", language="en", supervisor="")
ito.see(page, "山本 花子", 'value="総務部"')
assert "本人を上長に" in ito.do(page, page, 422, name="x", supervisor="yamamoto@aoba.example").body
ito.do(page, page + "/aliases", alias="hana@aoba.example")
ito.see(page, "hana@aoba.example")
send("sato", mail("hello", "to the alias"), ["hana@aoba.example"])
ito.do(page, page + "/aliases/remove", alias="hana@aoba.example")
ito.do(page, page + "/password", password="a good long word", again="a good long word")
assert signs_in("a good long word") and not signs_in(first)
ito.do(page, page + "/state", state="suspended")
assert not signs_in("a good long word")
ito.see(people + "?state=suspended", "山本 花子", "停止中")
ito.do(page, page + "/state", state="active")
assert signs_in("a good long word")
ito.see(page + "/remove", "山本 花子 を削除", "yamamoto@aoba.example")
ito.do(page + "/remove", page + "/remove")
assert not signs_in("a good long word") and ito.get(page).status == 404
own = re.search(r'/t/aoba/users/(\d+)" data-swap>伊藤', ito.get(people).body).group(1)
assert ito.do(people + "/" + own, people + "/" + own + "/state", 400, state="suspended")
assert ito.do(people + "/" + own, people + "/" + own + "/remove", 400)
log = ito.see("/t/aoba/audit?event=user.", "利用者を追加", "yamamoto@aoba.example", "伊藤 大輔", "user.password")
assert first not in log and "a good long word" not in log
"#,
    );
}

#[test]
fn groups_take_members_and_one_that_a_rule_names_stays() {
    Demo::start().administer(
        r#"
ito = Admin("ito")
groups = "/t/aoba/groups"
body = ito.see(groups, "取扱担当者", "委託先", "MN-OUT")
handlers = groups + "/" + re.search(r'/groups/(\d+)" data-swap>取扱担当者', body).group(1)
ito.see(handlers, "鈴木 美咲", "suzuki@aoba.example")
ito.do(handlers, handlers + "/members", member="ito@aoba.example")
assert "すでにメンバーです。" in ito.do(handlers, handlers + "/members", 422, member="ito@aoba.example").body
code, said = send("sato", with_number, ["taro@yamada.example"])
assert code == 250 and "held" in said, said
ito.see("/t/aoba/held", "伊藤 大輔")
assert "先にルールを変更" in ito.do(handlers + "/remove", handlers + "/remove", 422).body
ito.do(groups, groups, name="全社", kind="group", address="all@aoba.example")
company = groups + "/" + re.search(r'/groups/(\d+)" data-swap>全社', ito.get(groups).body).group(1)
for who in ["sato@aoba.example", "partner@yamada.example"]:
    ito.do(company, company + "/members", member=who)
ito.do(company, company + "/members/remove", member="partner@yamada.example")
assert send("takahashi", mail("x", "to all").replace("sato@", "takahashi@"), ["all@aoba.example"])[0] == 250
assert any(subject == "to all" for subject, _ in inbox("sato"))
ito.do(company + "/remove", company + "/remove")
assert ito.get(company).status == 404
"#,
    );
}

#[test]
fn a_rule_switched_to_record_lets_a_mail_pass_and_going_back_holds_again() {
    Demo::start().administer(
        r#"
ito = Admin("ito")
rules, to = "/t/aoba/rules", ["taro@yamada.example"]
body = ito.see(rules, "社外宛 マイナンバー", "マイナンバーが1件以上 かつ 宛先が社外", "8営業時間以内に承認がなければ差し戻します")
version = re.search(r'name="version" value="(\d+)"', body).group(1)
assert "held" in send("sato", with_number, to)[1]
ito.do(rules, rules + "/mode", code="MN-OUT", mode="record", version=version)
before = ito.see(rules, "社外宛 マイナンバー を「記録のみ」にしました。")
assert "held" not in send("sato", with_number, to)[1]
exported = ito.get(rules + "/export")
assert exported.status == 200 and 'code = "MN-OUT"\nmode = "record"\n' in exported.body
# stale: somebody else changed the rules meanwhile
ito.do(rules, rules + "/mode", code="MN-OUT", mode="off", version=version)
assert "ほかの管理者" in ito.get(rules).body
versions = ito.see(rules + "/versions", "MN-OUT を「記録のみ」に変更", "伊藤 大輔", "現在")
old = rules + "/versions/" + version
ito.see(old, "if_restored" if False else "この版に戻すと変わるところ", "mode = &#34;record&#34;")
now = re.search(r'name="version" value="(\d+)"', ito.get(old).body).group(1)
ito.do(old, old, version=now)
assert "held" in send("sato", with_number, to)[1]
# going back is a version of its own, with its reason
ito.see(rules + "/versions", "第%s版に戻す" % version)
# who goes back from what he saw before somebody else changed the rules is told so, and nothing changes
count = lambda: len(re.findall(r'href="%s/versions/[0-9]+"' % rules, ito.get(rules + "/versions").body))
before = (count(), ito.get(rules + "/export").body)
ito.do(old, old, version=now)
ito.see(rules, "確認中に、ほかの管理者がルールを変更しました。")
assert (count(), ito.get(rules + "/export").body) == before and before[0] > 2, before[0]
# of two who publish at the same moment one is told that the other was first, and neither is lost unseen
import html, threading
from concurrent.futures import ThreadPoolExecutor
pair, start = [ito, Admin("ito")], threading.Barrier(2)
for turn in range(5):
    now = re.search(r'name="version" value="(\d+)"', ito.get(old).body).group(1)
    texts = [before[1] + "\n# %s of %d\n" % (name, turn) for name in ("one", "two")]
    forms = [dict(text=text, version=now, comment="at once", csrf=admin.token(rules + "/edit")) for admin, text in zip(pair, texts)]
    def publish(admin, form):
        start.wait()
        return admin.post(rules + "/publish", form)
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(publish, pair, forms))
    assert sorted(answer.status for answer in answers) == [303, 422], answers
    first = next(n for n, answer in enumerate(answers) if answer.status == 303)
    assert ito.get(rules + "/export").body == texts[first] and count() == before[0] + 1 + turn
    assert "ほかの管理者がルールを変更しました" in answers[1 - first].body and texts[1 - first].strip() in html.unescape(answers[1 - first].body)
# a file that was exported comes in again: compared first, then published, and then it counts
def imported(file):
    body = "--xx\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"rules.toml\"\r\nContent-Type: text/plain\r\n\r\n" % ito.token(rules + "/edit")
    return ito.ask("POST", rules + "/import", body=body.encode() + file + b"\r\n--xx--\r\n", Content_Type="multipart/form-data; boundary=xx")
check = imported(b"\xef\xbb\xbf" + exported.body.encode())
assert check.status == 200 and "mode = &#34;record&#34;" in check.body, check
assert imported(b"[[rule]]\ncode = 1\n").status == 422 and imported(b"\xff\xfe").status == 422
assert "held" in send("sato", with_number, to)[1], "not before it is published"
version = re.search(r'name="version" value="(\d+)"', check.body).group(1)
ito.do(rules + "/edit", rules + "/publish", text=exported.body, version=version, comment="from a file")
assert ito.get(rules + "/export").body == exported.body and "held" not in send("sato", with_number, to)[1]
"#,
    );
}

/// Mail that is deleted is told to nobody, so that a company's administrator does not switch that on by any way there is.
#[test]
fn a_rule_that_deletes_is_switched_on_by_an_operator_alone_who_is_warned() {
    let demo = Demo::start();
    let file = demo.dir.path().join("deletes.toml");
    let more = |word: &str, mode: &str| {
        format!(
            "\n[[rule]]\ncode = \"GONE\"\nname = \"破棄\"\nmode = \"{mode}\"\ndirection = \"out\"\n\
             when = {{ wildcard = {{ any = [\"{word}*\"], where = \"subject\" }} }}\naction = \"delete\"\n"
        )
    };
    demo.administer(&format!(
        r#"
ON, OFF, WIDER = {:?}, {:?}, {:?}
{}"#,
        more("gone", "on"),
        more("gone", "off"),
        more("", "on"),
        r##"
ito, mori = Admin("ito"), Admin("mori", "midori.example")
home = mori.get("/").headers["Location"].rsplit("/", 1)[0]
rules, edit, publish = home + "/rules", home + "/rules/edit", home + "/rules/publish"
text = mori.get(rules + "/export").body
REFUSED = "「delete」を有効にできるのは全体管理者だけです。破棄したメールは差出人にも知らされません。"
WARNED = "GONE に該当したメールは破棄され、差出人にも宛先にも知らされません。"
def version(who=mori):
    return re.search(r'name="version" value="(\d+)"', who.get(edit).body).group(1)
def refused(done, words=REFUSED):
    """Refused with words that name the rule, where one was at hand, and nothing has changed."""
    page = done if done.status == 422 else mori.get(rules)
    assert words in page.body and "GONE" in page.body, page.body
    assert mori.get(rules + "/export").body == before, "something has changed"
def imported(text):
    body = "--xx\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"rules.toml\"\r\n\r\n%s\r\n--xx--\r\n"
    return mori.ask("POST", rules + "/import", body=(body % (mori.token(edit), text)).encode(), Content_Type="multipart/form-data; boundary=xx")
before = text
refused(mori.do(edit, edit, 422, text=text + ON))
refused(imported(text + ON))
refused(mori.do(edit, publish, 422, text=text + ON, version=version(), comment="x"))
# switched off it does nothing, and may be kept for the operator
mori.do(edit, publish, text=text + OFF, version=version(), comment="off")
before = text + OFF
refused(mori.do(rules, rules + "/mode", code="GONE", mode="on", version=version()))
# the operator is warned before and after
assert WARNED in ito.do(edit, edit, 200, text=text + ON).body and mori.get(rules + "/export").body == before
ito.do(rules, rules + "/mode", code="GONE", mode="on", version=version(ito))
ito.see(rules, WARNED)
on = version()
# what he switched on stays when the administrator changes something else, but becomes no wider
other = text.replace('code = "EXE"', 'code = "EXE2"')
assert other != text
mori.do(edit, publish, text=other + ON, version=version(), comment="another rule")
before = other + ON
assert WARNED not in mori.get(rules).body
refused(mori.do(edit, publish, 422, text=other + WIDER, version=version(), comment="x"))
mori.do(edit, publish, text=text, version=version(), comment="without it")
before = text
# going back to the version in which it was on
old = rules + "/versions/" + on
refused(mori.do(old, old, version=version()))
own = re.search(r'href="(%s/users/\d+)" data-swap>森' % home, mori.get(home + "/users").body).group(1)
mori.do(own, own, **{"name": "森 由美", "language": "en", "role-admin": "on"})
ENGLISH = "only an operator of the server may switch `delete` on; the sender of what is discarded is not told"
refused(mori.do(old, old, version=version()), ENGLISH)
refused(mori.do(edit, edit, 422, text=text + ON), ENGLISH)
ito.do(old, old, version=version(ito))
ito.see(rules, WARNED)
assert "GONE" in mori.get(rules + "/export").body
"##
    ));
    std::fs::write(&file, more("gone", "on")).unwrap();
    let apply = ["rules", "apply", file.to_str().unwrap(), "--tenant", "aoba"];
    let warned = |demo: &Demo| text(&demo.run(&apply).stderr);
    assert_eq!(
        warned(&demo),
        "Warning: mail that matches GONE is discarded, and neither its sender nor anybody else is told.\n"
    );
    assert_eq!(warned(&demo), "", "it is in force already");
    let log = std::fs::read_to_string(demo.dir.path().join("log")).unwrap();
    assert_eq!(log.matches("rules delete mail from now on without telling its sender").count(), 2, "{log}");
}

#[test]
fn rules_are_edited_as_text_with_lines_of_mistakes_and_a_comparison_first() {
    Demo::start().administer(
        r#"
import os, sqlite3
ito = Admin("ito")
rules, edit = "/t/aoba/rules", "/t/aoba/rules/edit"
text = ito.get(rules + "/export").body
bad = ito.do(edit, edit, 422, text=text + '\n[[rule]]\ncode = "NEW"\ndirecton = "out"\nwhen = { recipients = "outside" }\naction = "block"\n')
assert "行目:" in bad.body and "「directon」という項目はありません。「direction」ではありませんか?" in bad.body
assert bad.body.count('#text') > 0, "the mistake leads to the field"
unknown = text + '\n[[rule]]\ncode = "NEW"\ndirection = "out"\nwhen = { keyword = ["極秘"] }\naction = { notify = ["group:nobody", "left@aoba.example"] }\n'
nobody = ito.do(edit, edit, 422, text=unknown).body
line = "<strong>%d行目:</strong> <code>NEW</code> " % (unknown.count("\n"))
for word in ("group:nobody", "left@aoba.example"):
    assert line + "「%s」は登録されていません" % word in nobody, nobody
good = unknown.replace('{ notify = ["group:nobody", "left@aoba.example"] }', '"block"').replace("\n", "\r\n")
check = ito.do(edit, edit, 200, text=good)
assert '<tr class="new">' in check.body and "極秘" in check.body and '<tr class="gone">' not in check.body
version = re.search(r'name="version" value="(\d+)"', check.body).group(1)
assert "理由を入力" in ito.do(edit, rules + "/publish", 422, text=good, version=version, comment="").body
assert send("sato", mail("極秘の資料"), ["taro@yamada.example"])[0] == 250
ito.do(edit, rules + "/publish", text=good, version=version, comment="極秘を止める")
assert send("sato", mail("極秘の資料"), ["taro@yamada.example"])[0] == 550
ito.see(rules + "/versions", "極秘を止める")
# what mail leaves in the audit log afterwards, which is read in windows, keeps no version from its reason
with sqlite3.connect(os.path.join(os.path.dirname(demo["config"]), "data", "mail.db"), timeout=60) as log:
    tenant, now = log.execute("SELECT tenant FROM audit WHERE event = 'submission.judged'").fetchone()[0], int(time.time() * 1000)
    log.executemany("INSERT INTO audit (tenant, actor, at, event, subject, detail) VALUES (?, NULL, ?, 'submission.judged', '', '{}')",
                    ((tenant, now + n) for n in range(20_500)))
ito.see(rules + "/versions", "極秘を止める")
assert "違いはありません" in ito.do(edit, edit, 200, text=good).body
assert good.replace("\r\n", "\n") in ito.get(rules + "/export").body
again = ito.do(edit, rules + "/again", 200, text="half a rule")
assert "half a rule" in again.body
"#,
    );
}

#[test]
fn the_simulator_says_what_the_command_line_says_and_sends_nothing() {
    let demo = Demo::start();
    let mails = [
        ("number", "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nマイナンバー: 1234 5678 9018\r\n"),
        ("plain", "Subject: lunch\r\n\r\nhello\r\n"),
        (
            "exe",
            "Subject: tool\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n\
             Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"a.exe\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\nTVqQAAMAAAAEAAAA//8AALgAAAA=\r\n--b--\r\n",
        ),
    ];
    for (name, mail) in mails {
        let file = demo.dir.path().join(format!("{name}.eml"));
        std::fs::write(&file, mail).unwrap();
        let to = ["--to", "taro@yamada.example", "--to", "suzuki@aoba.example"];
        let args = ["rules", "simulate", file.to_str().unwrap(), "--tenant", "aoba", "--from", "sato@aoba.example"];
        let said = demo.good(&[&args[..], &to[..]].concat());
        demo.administer(&format!(
            r#"
said = json.loads({said:?})
ito = Admin("ito")
raw = Path({file:?}).read_bytes()
fields = {{"from": "sato@aoba.example", "to": "taro@yamada.example\nsuzuki@aoba.example"}}
page = ito.try_mail(fields, [("eml", "a.eml", raw)])
assert page.status == 200, page
for one in said["recipients"]:
    fate = re.search(r'<th scope="row"[^>]*>([^<]*%s[^<]*)</th><td[^>]*>.*?<code>(\w+)</code>' % one["recipient"], page.body, re.S)
    assert fate.group(2) == one["verdict"], (one, page.body)
words = {{"matched": "一致", "recorded": "一致(記録のみ)", "taken_out": "除外", "not_matched": "不一致"}}
for line in said["trace"]:
    row = r'%s</small></span></th><td[^>]*><span class="tag \w*">%s</span>' % (line["code"], re.escape(words[line["outcome"]]))
    assert re.search(row, page.body), (line, page.body)
assert ("●●●●" in page.body) == ({name:?} == "number")
"#,
            file = file.display().to_string(),
        ));
    }
    demo.administer(
        r#"
ito = Admin("ito")
form = {"from": "sato@aoba.example", "to": "taro@yamada.example", "subject": "名簿", "text": "ご確認ください"}
page = ito.try_mail(form, [("attachment", "list.csv", ("氏名,個人番号\n佐藤," + NUMBER + "\n").encode())])
assert "保留" in page.body and "list.csv" in page.body and "鈴木 美咲" in page.body, page.body
wrong = ito.try_mail({"from": "nobody", "to": "", "text": ""})
assert wrong.status == 422 and "宛先を入力" in wrong.body and 'value="nobody"' in wrong.body
assert "保留中のメールはありません" in ito.get("/t/aoba/held").body
log = ito.see("/t/aoba/audit?event=rules.", "試験(シミュレーター)", "rules.simulated")
assert len(ito.get("/t/aoba/tracking").body.split('id="mail-')) == 1
"#,
    );
}

#[test]
fn a_try_in_the_simulator_waits_for_memory_as_every_other_mail_does() {
    let mut house = House::empty();
    house.env.push(("SEKISHO_LIMITS__MEMORY", (8 << 20).to_string()));
    house.serve();
    house.add_taro();
    house.administer(
        r#"
import socket
ito, size = Admin("taro"), 1_200_000
form = {"from": "taro@aoba.example", "to": "yamada@yamada.example"}
big = ("eml", "big.eml", b"Subject: big\r\n\r\n" + b"hello world\r\n" * (size // 13))
first = tls.wrap_socket(socket.create_connection(("127.0.0.1", ADMIN), timeout=30), server_hostname="localhost")
head = {"Host": "localhost:%d" % ADMIN, "X-CSRF": ito.token("/t/aoba/simulator"), "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(size), "Expect": "100-continue", "Sec-Fetch-Site": "same-origin", "Cookie": "; ".join("%s=%s" % pair for pair in ito.cookies.items())}
first.sendall(("POST /t/aoba/simulator HTTP/1.1\r\n" + "".join("%s: %s\r\n" % pair for pair in head.items()) + "\r\n").encode())
# the server wants the form: it has the memory for it
assert b" 100 " in first.recv(4096)
assert ito.try_mail(dict(form, text="small")).status == 200
assert ito.try_mail(form, [big]).status == 503
first.close()
assert ito.try_mail(form, [big]).status == 200
"#,
    );
}

#[test]
fn held_mail_is_decided_by_the_administrator_with_a_reason_and_without_its_contents() {
    let demo = Demo::start();
    demo.administer(
        r#"
ito = Admin("ito")
held = "/t/aoba/held"
for n in range(3):
    assert "held" in send("sato", with_number.replace("MN", "MN%d" % n), ["taro@yamada.example"])[1]
assert "held" in send("ito", with_number.replace("sato", "ito"), ["taro@yamada.example"])[1]
body = ito.see(held, "4件が保留中です", "佐藤 健一(営業部)", "社外宛 マイナンバー", "taro@yamada.example", "鈴木 美咲", "MN0 ")
ids = dict(re.findall(r'/held/(\d+)" data-swap>MN(\d)', body))
ids = {n: id for id, n in ids.items()}
page = held + "/" + ids["0"]
seen = ito.see(page, "本文", "管理者には表示しません", "一致")
assert "マイナンバー: " not in seen and "/approve/" not in seen
assert "理由を入力してください。" in ito.do(page, page, 422, do="approve", comment=" ").body
# who may not open My Numbers lets none go unopened while those who may are asked; he may return and reject
refused = ito.do(page, page, 403, do="approve", comment="提供先を確認済み").body
for shown in (seen, refused):
    assert 'value="approve"' not in shown and "依頼を受けた取扱担当者が承認します" in shown, shown
    assert 'value="return"' in shown and 'value="reject"' in shown, shown
assert ito.see(held, "4件が保留中です")
# where none of those who were asked can say his word any more, it would be stuck
for name in ("suzuki", "tanaka"):
    sekisho("user", "set", name + "@aoba.example", "--state", "suspended")
shown = ito.see(page, 'value="approve"')
assert "依頼を受けた取扱担当者が" not in shown
ito.do(page, page, do="approve", comment="提供先を確認済み")
assert "すでに判断" in ito.get(held).body or ito.do(page, page, do="reject", comment="x") and "すでに判断されています。" in ito.get(held).body
other = held + "/" + ids["1"]
ito.do(other, other, do="return", comment="番号を消してください")
assert any("差し戻" in subject or "返" in subject for subject, _ in inbox("sato")), [s for s, _ in inbox("sato")]
third = held + "/" + ids["2"]
ito.do(third, third, do="reject", comment="送信不可")
own = held + "/" + parcel(ito.get(held).body)
assert "ご自身が送信したメールは判断できません。" in ito.see(own)
assert ito.do(own, own, 403, do="approve", comment="mine") 
history = ito.see(held + "/decided", "提供先を確認済み", "伊藤 大輔", "却下")
assert "送信不可" not in ito.see(held + "/decided?state=released", "提供先を確認済み")
assert "提供先" not in ito.get(held + "/decided?until=2001-01-01").body
ito.see("/t/aoba/audit?event=parcel.approved", "伊藤 大輔", "parcel.approved")
"#,
    );
    assert_eq!(demo.outside(1).len(), 1, "what was approved has left, and nothing else");
}

#[test]
fn the_queue_is_held_released_retried_and_deleted_and_a_mail_is_tracked() {
    let mut house = House::empty();
    let mut config = std::fs::read_to_string(house.config()).unwrap();
    // nobody listens there
    write!(config, "[[route]]\ndomain = \"*\"\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\n").unwrap();
    std::fs::write(house.config(), config).unwrap();
    house.serve();
    house.add_taro();
    house.administer(
        r#"
ito = Admin("taro")
def send(name, bytes, to):
    smtp = smtplib.SMTP("127.0.0.1", SUBMISSION)
    smtp.login("taro@aoba.example", PASSWORD)
    smtp.sendmail("taro@aoba.example", to, bytes.replace("sato@", "taro@").encode())
    smtp.quit()
queue = "/t/aoba/queue"
def wait(word, path=queue):
    until = time.time() + 20
    while time.time() < until:
        page = ito.get(path).body
        if word in page:
            return page
        time.sleep(0.05)
    raise SystemExit("%s never came: %s" % (word, page))
assert "配送を待っているメールはありません。" in ito.get(queue).body
for n in range(2):
    send("taro", mail("x", "stuck %d" % n), ["a%d@nowhere.example" % n, "b@elsewhere.example"])
page = wait("nowhere.example")
rows = re.findall(r'name="row-(\d+)"', page)
reference = re.search(r"/tracking/([0-9A-Z-]+)", page).group(1)
ito.do(queue, queue, **{"do": "hold", "row-" + rows[0]: "on"})
ito.see(queue, "1件を処理しました。")
held = ito.see(queue + "?state=held")
assert re.findall(r'name="row-(\d+)"', held) == [rows[0]]
ito.do(queue, queue, **{"do": "release", "row-" + rows[0]: "on"})
assert not re.findall(r'name="row-(\d+)"', ito.get(queue + "?state=held").body)
tries = lambda: sum(int(n) for n in re.findall(r'data-label="試行">(\d+)<', ito.get(queue).body))
before = tries()
ito.do(queue, queue, do="retry", domain="nowhere.example")
until = time.time() + 20
while tries() <= before:
    assert time.time() < until
    time.sleep(0.05)
sure = ito.do(queue, queue, 200, do="delete", domain="nowhere.example")
assert "nowhere.example 宛てのすべてを削除" in sure.body and "nowhere.example" in ito.get(queue).body
ito.do(queue, queue, do="delete", domain="nowhere.example", sure="yes")
assert "nowhere.example" not in ito.get(queue).body
found = ito.get("/t/aoba/tracking?reference=" + reference.lower().replace("-", ""))
assert found.status == 303, found
ito.see(found.headers["Location"], "太郎", "stuck", "再試行待ち", "queue.deferred", "Connection refused")
assert "この受付番号のメールはありません。" in ito.get("/t/aoba/tracking?reference=AAAA-BBBB").body
ito.see("/t/aoba/tracking", "stuck 0", "stuck 1")
ito.see("/t/aoba/queue?range=all", "サーバー全体")
ito.see("/t/aoba/audit?event=queue.", "太郎", "queue.deleted")
ito.see(found.headers["Location"], "キュー: 今すぐ再試行", "a0@nowhere.example: taro@aoba.example" if "a0@" in ito.get(found.headers["Location"]).body else "a1@nowhere.example: taro@aoba.example", "queue.deleted")
"#,
    );
}

#[test]
fn the_audit_log_is_filtered_paged_and_exported() {
    Demo::start().administer(
        r#"
ito = Admin("ito")
groups = "/t/aoba/groups"
for n in range(120):
    ito.do(groups, groups, name="g%d" % n, kind="list")
log = "/t/aoba/audit"
first = ito.see(log + "?event=group.&who=ito@aoba.example", "g119", "グループを追加", "group.added")
assert first.count("<tr>") == 101 and "g0<" not in first
older = re.search(r'href="(/t/aoba/audit\?[^"]*before=[^"]*)"', first).group(1).replace("&amp;", "&").replace("&#38;", "&")
assert "g0<" in ito.see(older) and "g119" not in ito.see(older)
assert "g7<" in ito.see(log + "?subject=g7") and "g8<" not in ito.get(log + "?subject=g7").body
assert "条件に合う記録はありません" in ito.get(log + "?until=2001-01-01").body
assert "このアドレスの利用者はいません。" in ito.get(log + "?who=nobody@aoba.example").body
csv = ito.get("/t/aoba/audit.csv?event=group.")
assert csv.headers["Content-Type"] == "text/csv; charset=utf-8" and csv.body.startswith("\ufeff\"日時\"")
assert csv.body.count("group.added") >= 120 and "attachment" in csv.headers["Content-Disposition"]
ito.see(log + "?event=audit.", "監査ログを書き出し")
ito.see(log + "?range=all", "サーバー全体", "みどり商会")
# details are told in words, and kept as they are for machines
assert "held" in send("sato", with_number, ["taro@yamada.example"])[1]
signed = ito.see(log + "?event=session.opened&who=ito@aoba.example", "画面: 管理コンソール", "接続元: 127.0.0.1")
judged = ito.see(log + "?event=submission.", "結果: 保留", "ルール: 社外宛 マイナンバー(MN-OUT)")
assert "{&#34;" not in signed + judged
assert '""rules"":[""MN-OUT""]' in ito.get("/t/aoba/audit.csv?event=submission.judged").body
"#,
    );
}

#[test]
fn nobody_sees_or_changes_another_company_and_ordinary_people_nothing() {
    Demo::start().administer(
        r#"
areas = ["users", "users/add", "groups", "rules", "rules/edit", "rules/versions", "rules/export", "simulator", "labels", "passwords", "held",
         "held/decided", "queue", "tracking", "audit", "audit.csv"]
nobody = Admin("sato")
assert nobody.entered.status == 422, nobody.entered
assert all(nobody.get("/t/aoba/" + area).status == 303 for area in areas)
# who keeps or audits the ledger sees nothing else
for name in ["suzuki", "watanabe"]:
    keeper = Admin(name)
    assert keeper.entered.status == 303 and keeper.get("/t/aoba/ledger").status == 200, (name, keeper.entered)
    assert keeper.get("/domains").status == 404, name
    assert [area for area in areas if keeper.get("/t/aoba/" + area).status not in (303, 403, 404)] == [], name
    token = keeper.token("/t/aoba/ledger")
    for path, fields in {"users/add": {"name": "x"}, "groups/1/members": {"member": "x@x.example"}, "rules/publish": {"text": ""},
                         "held/1": {"do": "approve", "comment": "x"}, "queue": {"do": "retry"}}.items():
        got = keeper.post("/t/aoba/" + path, dict(fields, csrf=token))
        assert got.status in (403, 404, 405), (name, path, got)
ito, mori = Admin("ito"), Admin("mori", "midori.example")
users = ito.get("/t/aoba/users").body
sato = re.search(r'/t/aoba/users/(\d+)" data-swap>佐藤', users).group(1)
group = re.search(r'/groups/(\d+)"', ito.get("/t/aoba/groups").body).group(1)
assert "held" in send("sato", with_number, ["taro@yamada.example"])[1]
held = parcel(ito.get("/t/aoba/held").body)
reference = re.search(r'id="mail-([^"]+)"', ito.get("/t/aoba/tracking").body).group(1)
home = mori.get("/").headers["Location"].rsplit("/", 1)[0]
for area in areas:
    assert mori.get("/t/aoba/" + area).status == 404, area
    assert mori.get(home + "/" + area).status == 200, area
    assert ito.get(home + "/" + area).status == 200, area
assert mori.get("/t/aoba/ledger").status == 404 and Admin("suzuki").get(home + "/ledger").status == 404
assert 'action="/company"' in users and 'action="/company"' not in mori.get(home + "/users").body
foreign = ["users/" + sato, "groups/" + group, "held/" + held, "tracking/" + reference]
for one in foreign:
    assert mori.get("/t/aoba/" + one).status == 404 and mori.get(home + "/" + one).status == 404, one
    assert ito.get("/t/aoba/" + one).status == 200, one
# a company's address alone leads to its dashboard
for who, company in ((ito, "/t/aoba"), (Admin("suzuki"), "/t/aoba"), (mori, home), (ito, home)):
    led = who.get(company)
    assert (led.status, led.headers["Location"]) == (303, company + "/dashboard"), (who.address, company, led)
assert mori.get("/t/aoba").status == 404 and Admin("suzuki").get(home).status == 404
assert nobody.get("/t/aoba").headers["Location"].startswith("/login"), nobody.get("/t/aoba")
token = mori.token(home + "/users/add")
acts = {"users/%s" % sato: {"name": "x"}, "users/%s/state" % sato: {"state": "suspended"}, "users/%s/password" % sato: {},
        "users/%s/remove" % sato: {}, "users/%s/aliases" % sato: {"alias": "x@midori.example"}, "groups/%s/members" % group: {"member": "x@x.example"},
        "groups/%s/remove" % group: {}, "held/%s" % held: {"do": "approve", "comment": "x"}}
for path, fields in acts.items():
    for base in ["/t/aoba/", home + "/"]:
        got = mori.post(base + path, dict(fields, csrf=token))
        assert got.status == 404, (base + path, got)
for query in ["queue?range=all", "audit?range=all", "audit.csv?range=all"]:
    assert mori.get(home + "/" + query).status == 403, query
got = mori.post(home + "/queue", {"csrf": token, "do": "retry", "range": "all", "domain": "yamada.example"})
assert got.status == 403, got
# no administrator makes himself an operator
own = re.search(r'/users/(\d+)" data-swap>森', mori.get(home + "/users").body).group(1)
mori.post(home + "/users/" + own, {"csrf": token, "name": "森 由美", "role-operator": "on", "role-admin": "on"})
assert mori.get("/t/aoba/users").status in (303, 404) and "/t/aoba" not in Admin("mori", "midori.example").get("/").headers["Location"]
assert "佐藤 健一" in ito.get("/t/aoba/users").body and "承認待ち" in ito.get("/t/aoba/tracking").body
"#,
    );
}

#[test]
fn the_console_speaks_english_too() {
    let demo = Demo::start();
    let out = demo.administer(
        r#"
ito = Admin("ito")
people = "/t/aoba/users"
own = people + "/" + re.search(r'/users/(\d+)" data-swap>伊藤', ito.get(people).body).group(1)
ito.do(own, own, name="Ito", language="en", department="IT")
pages = {"users": "People", "users/add": "Add a person", "groups": "Groups and lists", "rules": "All rules are judged",
         "rules/edit": "Edit the rules", "rules/versions": "Versions", "simulator": "Simulator", "labels": "Words for numbers", "passwords": "Agreed passwords", "held": "Held mail",
         "held/decided": "Decided", "queue": "Queue", "tracking": "Tracking", "audit": "Audit log"}
for area, word in pages.items():
    body = ito.see("/t/aoba/" + area, word, '<html lang="en"')
    print(area, len(body))
"#,
    );
    assert_eq!(out.lines().count(), 14, "{}", text(out.as_bytes()));
    fewer_than_two_handlers_are_warned_of(&demo);
}

/// Nobody approves his own mail, so a company needs two handlers: the pages and the command say so, in both languages.
fn fewer_than_two_handlers_are_warned_of(demo: &Demo) {
    let rules = demo.dir.path().join("rules.toml");
    std::fs::write(&rules, demo.good(&["rules", "show", "--tenant", "aoba"])).unwrap();
    let said = || text(&demo.run(&["rules", "apply", rules.to_str().unwrap(), "--tenant", "aoba"]).stderr);
    assert_eq!(said(), "", "there are two");
    let role = |name: &str, role: &str| demo.good(&["user", "set", &format!("{name}@aoba.example"), "--role", role]);
    demo.good(&["tenant", "set", "aoba", "--telephone", "03-1234-5678"]);
    demo.good(&["user", "set", "ito@aoba.example", "--language", "ja"]);
    let pages = |words: &str| {
        demo.administer(&format!(
            r#"
for page in ("rules", "users", "groups"):
    found = re.findall(r'<div class="banner warn"[^>]*><p>(.*?)</p>', Admin("ito").see("/t/aoba/" + page))
    assert found == {words}, (page, found)
"#
        ));
    };
    pages("[]");
    role("tanaka", "user");
    let one = "取扱担当者の役割を持つ利用者が1名です。ご自身のメールは承認できないため、2名以上の利用者に取扱担当者の役割を付けてください。";
    pages(&format!("[{one:?}]"));
    // it stands on every page, nothing closes it, and no rule by which somebody approves My Numbers is switched on meanwhile
    demo.administer(&format!(
        r##"
FEW = {one:?}
ito, rules = Admin("ito"), "/t/aoba/rules"
for page in ("dashboard", "users/add", "queue", "tracking", "rules/edit", "simulator", "held", "ledger", "incidents", "audit"):
    assert ito.see("/t/aoba/" + page).count(FEW) == 1, page
assert ito.see("/domains").count(FEW) == 1
assert FEW not in Admin("suzuki").see("/t/aoba/ledger"), "who can do nothing about it"
text = ito.get(rules + "/export").body
version = lambda: re.search(r'name="version" value="(\d+)"', ito.get(rules + "/edit").body).group(1)
def switched(code, mode):
    ito.do(rules, rules + "/mode", code=code, mode=mode, version=version())
    return ito.get(rules).body
switched("MN-OUT", "record")
recorded = ito.get(rules + "/export").body
assert recorded != text
assert "MN-OUT: " + FEW in switched("MN-OUT", "on") and ito.get(rules + "/export").body == recorded
new = "\n[[rule]]\ncode = \"NEW\"\ndirection = \"out\"\nwhen = {{ my_number = {{}} }}\naction = %s\n"
hold = recorded + new % '{{ hold = {{ approvers = ["supervisor"] }} }}'
assert FEW in ito.do(rules + "/edit", rules + "/edit", 422, text=hold).body
assert FEW in ito.do(rules + "/edit", rules + "/publish", 422, text=hold, version=version(), comment="x").body
# what stops needs nobody's approval
ito.do(rules + "/edit", rules + "/publish", text=recorded + new % '"block"', version=version(), comment="stop them")
sekisho("user", "set", "tanaka@aoba.example", "--role", "handler")
assert "MN-OUT を" in switched("MN-OUT", "on").replace("社外宛 マイナンバー", "MN-OUT")
assert FEW not in ito.get(rules).body and 'mode = "record"' not in ito.get(rules + "/export").body.split('code = "MN-LIST"')[0]
sekisho("user", "set", "tanaka@aoba.example", "--role", "user")
"##
    ));
    assert!(
        said().starts_with("Warning: 1 of two needed people have the role handler (取扱担当者が1名です。"),
        "{}",
        said()
    );
    role("suzuki", "user");
    demo.good(&["user", "set", "ito@aoba.example", "--language", "en"]);
    pages(
        r#"["0 people have the role handler. Nobody approves his own mail, so please give it to two people or more."]"#,
    );
    assert!(said().contains("取扱担当者が0名です"), "{}", said());
    // who is suspended decides nothing
    role("suzuki", "handler");
    role("tanaka", "handler");
    assert_eq!(said(), "");
    pages("[]");
    demo.good(&["user", "set", "tanaka@aoba.example", "--state", "suspended"]);
    pages(
        r#"["Only one person has the role handler. Nobody approves his own mail, so please give it to two people or more."]"#,
    );
    demo.administer(r#"Admin("ito").see("/t/aoba/audit?event=policies.changed", "Telephone: 03-1234-5678")"#);
}

#[test]
fn labels_are_kept_in_the_console_with_the_checks_of_the_command_line() {
    let demo = Demo::start();
    demo.administer(
        r##"
ito = Admin("ito")
labels = "/t/aoba/labels"
ito.see(labels, "登録した呼び名はまだありません。", "マイナンバー(個人番号)である")
mail = "From: sato@aoba.example\r\nTo: yamada@yamada.example\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n職員識別子：1234 5678 9018\r\n"
sent = lambda: send("sato", mail.encode(), ["yamada@yamada.example"])[1]
assert "held" not in sent()
token = ito.token(labels)
add = lambda **fields: ito.post(labels, dict(fields, csrf=token))
for words, said in {"": "呼び名を入力してください。", "番": "番:2文字以上にしてください。", "あ" * 61: "60文字以内にしてください。",
                    "職員1234 5678 9018": "4桁以上の数字を含む語は登録できません。"}.items():
    got = add(kind="strong", words=words)
    assert got.status == 422 and said in got.body and 'href="#words"' in got.body, (words, got)
assert "登録した呼び名はまだありません。" in ito.get(labels).body, "nothing of a bad list is taken"
assert add(kind="strong", words="職員識別子\r\n社員識別子\r\n").status == 303
ito.see(labels, "2件の呼び名", "職員識別子", "社員識別子")
assert "held" in sent(), "at once, at the running server"
assert add(kind="negative", words="職員識別子").status == 303
assert "held" not in sent() and "2件の呼び名" in ito.get(labels).body
assert ito.post(labels + "/remove", {"csrf": token, "word": "職員識別子"}).status == 303
again = ito.post(labels + "/remove", {"csrf": token, "word": "職員識別子"})
assert again.status == 303
body = ito.see(labels, "社員識別子")
assert '<th scope="row" data-label="呼び名">職員識別子' not in body
ito.see("/t/aoba/audit?event=labels.", "番号の呼び名を追加", "番号の呼び名を削除", "職員識別子", "伊藤")
"##,
    );
    assert_eq!(demo.good(&["labels", "list", "--tenant", "aoba"]), "strong\t社員識別子\n");
}

#[test]
fn agreed_passwords_go_into_the_console_and_never_come_out() {
    let demo = Demo::start();
    demo.administer(
        r##"
ito = Admin("ito")
passwords = "/t/aoba/passwords"
ito.see(passwords, "登録したパスワードはまだありません。", "現在:検査に使用していません。")
token = ito.token(passwords)
add = lambda **fields: ito.post(passwords, dict(fields, csrf=token))
bad = add(name="", password="", domain="not a domain", group="ない")
assert bad.status == 422 and 'href="#password"' in bad.body and "ドメイン名の形式が正しくありません。" in bad.body, bad
bad = add(name="山田", password="a\tb", domain="yamada.example", group="")
assert bad.status == 422 and "使用できない文字" in bad.body and "yamada.example" in bad.body, "input is not lost"
assert "名前にパスワードを含めない" in add(name="x aoba-himitsu x", password="aoba-himitsu").body
assert add(name="山田製作所", password="aoba-himitsu", domain="yamada.example", group="取扱担当者").status == 303
again = add(name="山田製作所", password="aoba-himitsu-2")
assert again.status == 422 and "この名前は使われています。" in again.body
assert "aoba-himitsu" not in again.body + bad.body, "what was typed is not shown"
page = ito.see(passwords, "1件のパスワード", "山田製作所", "yamada.example", "取扱担当者", "伊藤")
assert ito.post(passwords + "/try", {"csrf": token, "state": "on"}).status == 303
page += ito.see(passwords, "現在:検査に使用しています。")
log = ito.see("/t/aoba/audit?event=password.", "合意済みパスワードを追加", "山田製作所", "相手のドメイン: yamada.example")
page += log + ito.see("/t/aoba/audit?event=policies.", "合意済みパスワードの使用: する")
page += ito.get("/t/aoba/audit.csv?event=password.").body
question = re.search(r'href="(/t/aoba/passwords/remove\?name=[^"]*)"', page).group(1)
page += ito.see(question, "山田製作所 を削除します。")
assert "aoba-himitsu" not in page
assert ito.get(passwords + "/remove?name=none").status == 404
assert ito.post(passwords + "/remove", {"csrf": token, "name": "山田製作所"}).status == 303
ito.see(passwords, "登録したパスワードはまだありません。")
mori = Admin("mori", "midori.example")
assert mori.post(passwords, {"csrf": mori.token(mori.get("/").headers["Location"].rsplit("/", 1)[0] + "/passwords"), "name": "x", "password": "x"}).status == 404
"##,
    );
    let list = demo.good(&["passwords", "list", "--tenant", "aoba"]);
    assert_eq!(list, "");
}
