//! The ledger of specified personal information from outside: what comes in, goes out and stays inside with numbers has a
//! line that those who keep it find, and nobody sees a number there.

use crate::house::{House, PASSWORD};

/// People, mails with numbers (published test numbers of shared/mynumber.md), and ways to send and to wait.
const TOOLS: &str = r#"
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
    let house = House::start();
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
for name in ("hanako", "jiro", "taro"):
    admin = Admin(name)
    page = line(admin, "結果 ●●●● ●●●● ●●●●")
    admin.see(page, "取得(社外から)", "yamada@b.example", "saburo@aoba.example, hanako@aoba.example", "確実 1、可能性が高い 0",
              "取扱担当者以外が受信", "三郎 さんの「INBOX」", "花子 さんの「INBOX」", "台帳に記録", "保管中")
    assert "a word of the body" not in admin.get(page).body
    assert len(rows(admin)) == 1, "ordinary mail has no line"
for name in ("hanako", "jiro"):
    admin = Admin(name)
    assert admin.get("/").headers["Location"] == LEDGER
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
for cell in ('"\'=cmd()"', '"提供(社外へ)"', '"保留"', '"社外宛 マイナンバー"', '"三郎 <saburo@aoba.example>"', "台帳に記録 三郎"):
    assert cell in got.body, (cell, got.body)
paper = jiro.see(LEDGER + "/print?kind=sent", "to a partner", "js/print.js")
assert "inside" not in re.sub("<[^>]*>", "", paper)
Admin("taro").see("/t/aoba/audit?event=ledger.", "台帳を書き出し", "台帳を印刷用に表示", "次郎")
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
hanako = Admin("hanako")
page, other = line(hanako, "to approve"), line(hanako, "to return")
hanako.see(page, "提供(社外へ)", "社外宛 マイナンバー", "送信(審査)", "承認待ち: partner@yamada.example")
mail = Browser(WEB)
mail.sign_in("hanako@aoba.example")
def decide(subject, word, comment):
    parcel = re.search(r'/approve/(\d+)"[^>]*>(?:(?!/approve/).)*?%s' % subject, mail.get("/approve").body, re.S).group(1)
    case = "/approve/" + parcel
    done = mail.post(case, {"csrf": mail.token(case), "do": word, "comment": comment})
    assert done.status == 303, done.body
decide("to approve", "approve", "ok")
decide("to return", "return", "no")
text = hanako.see(page, "閲覧", "保留メール(番号は伏せて表示)", "承認")
assert text.index("台帳に記録") < text.index("閲覧") < text.rindex("承認")
assert "承認待ち: partner" not in text
hanako.see(other, "差し戻し", "三郎 さんの「Drafts」")
"#,
    );
    assert!(house.good(&["verify"]).contains("All is well."));
}
