//! The second factor from outside: who must have one, the way from the password to the session, and what stands nowhere.

use crate::house::{House, PASSWORD};

/// What an authenticator does, and the steps of signing in; after `web::BROWSER`.
const AUTHENTICATOR: &str = r#"
import base64, hashlib, hmac, struct
def totp(key, ahead=0):
    """The code of now, or of so many steps later (RFC 6238)."""
    secret = base64.b32decode(key.replace(" ", ""))
    mac = hmac.new(secret, struct.pack(">Q", int(time.time()) // 30 + ahead), hashlib.sha1).digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000)
def field(answer, name):
    return re.search(r'name="%s" value="([^"]*)"' % name, answer.body).group(1)
def give(b, answer, path, code, **headers):
    return b.post(path, {"token": field(answer, "token"), "next": field(answer, "next"), "code": code}, **headers)
def key(answer):
    return re.search(r'id="key">([A-Z2-7 ]+)<', answer.body).group(1)
def codes(answer):
    return re.findall(r"<li>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</li>", answer.body)
def enrol(b, email):
    """Sets up a second factor that is demanded; key and recovery codes."""
    page = b.sign_in(email)
    assert page.status == 200 and "二要素認証の設定" in page.body, page
    done = give(b, page, "/login/factor", totp(key(page)))
    assert done.status == 200 and len(codes(done)) == 10, done
    return key(page), codes(done)
"#;

/// The command line, after [`AUTHENTICATOR`].
const COMMANDS: &str = r#"
import subprocess
def command(*args):
    return subprocess.run([PROGRAM, "--config", CONFIG, *args], capture_output=True, text=True)
def sekisho(*args):
    done = command(*args)
    assert done.returncode == 0, done.stderr
    return done.stdout
"#;

impl House {
    fn authenticate(&self, program: &str) -> String {
        let places = format!("PROGRAM, CONFIG = {:?}, {:?}\n", env!("CARGO_BIN_EXE_sekisho"), self.config());
        self.browse(&format!("{places}{AUTHENTICATOR}{COMMANDS}{program}"))
    }
    fn add(&self, person: &[&str]) {
        self.good_with(&[&["user", "add"], person, &["--name", "人", "--password-stdin"]].concat(), PASSWORD);
    }
}

/// Whoever is somebody's supervisor approves, without any role.
const RULES: &str = r#"
[[rule]]
code = "BOSS"
name = "上長承認"
direction = "out"
when = { keyword = ["機密"] }
action = { hold = { approvers = ["supervisor"] } }
message = "上長が確認します。"
"#;

impl House {
    /// Whether a text stands in one of the databases or their logs as it is.
    fn keeps(&self, text: &str) -> bool {
        let files = ["directory.db", "directory.db-wal", "mail.db", "mail.db-wal", "keys.db", "keys.db-wal"];
        let read = |name: &&str| std::fs::read(self.data().join(name)).unwrap_or_default();
        files.iter().map(read).any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
    }
}

/// A company with the policies of a fresh one: taro administers, and there is somebody of each kind.
fn strict() -> House {
    let mut house = House::empty_with("[web]\ntrusted_proxies = [\"127.0.0.1\"]\n");
    house.serve();
    house.add_strict_taro();
    house.add(&["handler@aoba.example", "--role", "handler"]);
    house.add(&["auditor@aoba.example", "--role", "auditor"]);
    house.add(&["boss@aoba.example"]);
    house.add(&["asked@aoba.example"]);
    house.add(&["chief@aoba.example"]);
    house.add(&["plain@aoba.example"]);
    house.add(&["hanako@aoba.example", "--supervisor", "boss@aoba.example"]);
    house.good(&["group", "set", "取扱担当者", "--tenant", "aoba", "--member", "asked@aoba.example"]);
    let file = house.dir.path().join("rules.toml");
    std::fs::write(&file, RULES).unwrap();
    house.good(&["rules", "apply", file.to_str().unwrap(), "--tenant", "aoba"]);
    house
}

#[test]
fn a_fresh_company_demands_a_second_factor_of_those_who_approve_handle_audit_and_administer() {
    let house = strict();
    house.authenticate(
        r#"
assert Browser(WEB).sign_in("hanako@aoba.example").status == 303, "nobody demands it of an ordinary employee"
for name in ["handler", "auditor", "boss", "asked", "taro"]:
    b = Browser(WEB)
    page = b.sign_in(name + "@aoba.example")
    assert page.status == 200 and "二要素認証の設定" in page.body and not b.cookies, (name, page)
    assert b.get("/mail").headers["Location"].startswith("/login"), "no session begins before it is set up"
# the way of the first administrator, into the console
b = Browser(ADMIN)
page = b.post("/login", {"email": "taro@aoba.example", "password": PASSWORD, "next": "/t/aoba/users"})
assert page.status == 200 and not b.cookies, page
svg = re.search(r'<svg class="qr" viewBox="0 0 (\d+) \1" role="img"[^>]*><path d="(M[^"]+)"/></svg>', page.body)
assert svg and 'href="otpauth://totp/Sekisho:taro@aoba.example?secret=' + key(page).replace(" ", "") in page.body
for wrong in ["000000", "", "abc"]:
    again = give(b, page, "/login/factor", wrong)
    assert again.status == 422 and key(again) == key(page) and not b.cookies, again
assert "コードが正しくないか" in again.body
first = totp(key(page))
done = give(b, page, "/login/factor", first)
assert done.status == 200 and len(set(codes(done))) == 10 and 'href="/t/aoba/users"' in done.body, done
assert b.get("/t/aoba/users").status == 200
used = give(Browser(ADMIN), page, "/login/factor", totp(key(page), 1))
assert used.status == 422 and "もう一度サインインしてください" in used.body, used
# from now on a code is asked for, of webmail too; the one that set it up is used up
b = Browser(WEB)
page = b.sign_in("taro@aoba.example")
assert page.status == 200 and 'autocomplete="one-time-code"' in page.body and not b.cookies, page
secret = key(again)
for wrong in [first, "000000", ""]:
    refused = give(b, page, "/login/code", wrong)
    assert refused.status == 422 and "コードが正しくないか" in refused.body and not b.cookies, refused
second = totp(secret, 1)
opened = give(b, page, "/login/code", second)
assert opened.status == 303 and b.get("/mail").status == 303, opened
once = give(Browser(WEB), page, "/login/code", second)
assert once.status == 422, "a code opens once"
# a token belongs to its own pages, and is nobody else's
assert give(Browser(ADMIN), page, "/login/code", codes(done)[0]).status == 422
token = field(page, "token")
forged = Browser(WEB).post("/login/code", {"token": ("B" if token[0] == "A" else "A") + token[1:], "code": codes(done)[0]})
assert forged.status == 422 and "もう一度サインインしてください" in forged.body
assert Browser(WEB).get("/login/code").headers["Location"] == "/login"
# a recovery code, once, as people write it; its owner is told
b = Browser(WEB)
page = b.sign_in("taro@aoba.example")
assert give(b, page, "/login/code", codes(done)[0].upper().replace("-", " ")).status == 303
inbox = b.get("/mail").headers["Location"]
said = b.get(inbox).body
assert "残りは9個です" in said and "回復コードでサインインがありました" in said and "二要素認証が設定されました" in said, said
assert give(Browser(WEB), page, "/login/code", codes(done)[0]).status == 422
# wrong codes close the account like wrong passwords, and their own step for this machine too
_, spare = enrol(Browser(WEB), "handler@aoba.example")
far = {"X-Forwarded-For": "203.0.113.9"}
page = Browser(WEB).sign_in("handler@aoba.example", **far)
for n in range(10):
    assert give(Browser(WEB), page, "/login/code", "000000", **far).status == 422, n
locked = give(Browser(WEB), page, "/login/code", spare[1], **far)
assert locked.status == 429 and re.search(r"しばらくたってからお試しください\(残り \d+分\)。", locked.body), locked
assert Browser(WEB).sign_in("handler@aoba.example", **far).status == 429
here = give(Browser(WEB), Browser(WEB).sign_in("handler@aoba.example"), "/login/code", spare[1])
assert here.status == 429, here
"#,
    );
}

#[test]
fn a_demand_that_comes_up_ends_sessions_and_the_command_line_knows_policy_and_state() {
    let house = strict();
    house.good(&["tenant", "set", "aoba", "--second-factor", "nobody"]);
    assert!(house.good(&["tenant", "list", "--json"]).contains(r#""second_factor":"nobody""#));
    assert!(house.run(&["tenant", "set", "aoba", "--second-factor", "some"]).status.code() == Some(2));
    house.authenticate(
        r#"
import imaplib, json
def is_in(b):
    return not b.get("/settings").headers.get("Location", "").startswith("/login")
def begun(email, port=WEB):
    b = Browser(port)
    assert b.sign_in(email).status == 303, email
    return b
people = {name: begun(name + "@aoba.example") for name in ["hanako", "boss", "handler"]}
sekisho("tenant", "set", "aoba", "--second-factor", "roles")
assert {name for name, b in people.items() if is_in(b)} == {"hanako"}, "who must have one and has none is signed out"
sekisho("user", "set", "boss@aoba.example", "--supervisor", "hanako@aoba.example")
assert not is_in(people["hanako"]), "a supervisor approves by the rules"
# who has not set it up yet goes on reading mail by his program
imap = imaplib.IMAP4("127.0.0.1", IMAP)
assert imap.login("handler@aoba.example", PASSWORD)[0] == "OK"
b = Browser(WEB)
enrol(b, "handler@aoba.example")
assert is_in(b)
try:
    said = imap.select()[0]
except imaplib.IMAP4.error:
    said = "ended"
assert said != "OK", "what was granted before has ended"
listed = {row["address"]: row["second_factor"] for row in map(json.loads, sekisho("user", "list", "--json").splitlines())}
assert [name for name, there in listed.items() if there] == ["handler@aoba.example"], listed
sekisho("user", "second-factor", "remove", "handler@aoba.example")
assert not is_in(b), "its removal signs him out everywhere"
page = b.sign_in("handler@aoba.example")
assert "二要素認証の設定" in page.body, "and it is demanded anew"
gone = command("user", "second-factor", "remove", "handler@aoba.example")
assert gone.returncode == 1 and "second factor" in gone.stderr, gone
"#,
    );
}

#[test]
fn whoever_is_asked_to_approve_needs_one_after_a_deadline_and_when_no_rule_names_him_any_more() {
    let house = strict();
    let (up, none) = (house.dir.path().join("up.toml"), house.dir.path().join("none.toml"));
    std::fs::write(&up, RULES.replace("[\"supervisor\"]", "[\"boss@aoba.example\"], then = \"escalate\"")).unwrap();
    std::fs::write(&none, RULES.replace("action =", "mode = \"off\"\naction =")).unwrap();
    let rules = house.dir.path().join("rules.toml");
    house.authenticate(&format!(
        r#"
import email.message, smtplib
def rules(path):
    sekisho("rules", "apply", path, "--tenant", "aoba")
def demanded(name):
    page = Browser(WEB).sign_in(name + "@aoba.example")
    assert page.status == 303 or "二要素認証の設定" in page.body, page
    return page.status == 200
# the supervisor of whom a rule asks first, where it escalates
rules({none:?})
sekisho("user", "set", "boss@aoba.example", "--supervisor", "chief@aoba.example")
assert not demanded("chief")
rules({up:?})
assert demanded("chief") and demanded("boss")
# whoever is asked about a held mail though no rule names him
rules({none:?})
boss = Browser(WEB)
assert boss.sign_in("boss@aoba.example").status == 303 and not demanded("chief")
assert boss.get("/approve").status == 200, "nothing is asked of him"
rules({rules:?})
mail = email.message.EmailMessage()
mail["From"], mail["To"], mail["Subject"] = "hanako@aoba.example", "x@b.example", "機密"
mail.set_content("機密")
smtp = smtplib.SMTP("127.0.0.1", SUBMISSION)
smtp.login("hanako@aoba.example", PASSWORD)
smtp.send_message(mail)
rules({none:?})
assert boss.get("/settings").status == 200, "his session goes on"
assert boss.get("/settings/security").body.count("二要素認証をやめる") == 0
led = boss.get("/approve")
assert led.status == 303 and led.headers["Location"].startswith("/login"), led
assert boss.get("/settings").headers["Location"].startswith("/login"), "and has ended there"
assert demanded("boss") and not demanded("chief") and not demanded("hanako")
enrol(boss, "boss@aoba.example")
case = re.search(r'href="(/approve/\d+)"', boss.get("/approve").body).group(1)
assert boss.get(case).status == 200
sent = boss.post(case, {{"csrf": boss.token(case), "do": "approve", "comment": ""}})
assert sent.status == 303, sent
"#
    ));
}

#[test]
fn its_owner_sets_it_up_makes_new_codes_and_takes_it_away_by_his_password() {
    let house = strict();
    house.add(&["head@aoba.example", "--role", "admin"]);
    house.good(&["tenant", "add", "other", "--name", "別会社"]);
    house.good(&["domain", "add", "other.example", "--tenant", "other"]);
    house.add(&["eve@other.example", "--role", "admin", "--tenant", "other"]);
    let printed = house.authenticate(
        r#"
HERE = "/settings/security"
def act(b, what, password=PASSWORD):
    return b.post(HERE + "/factor", {"csrf": b.token(HERE), "act": what, "password": password})
def confirm(b, page, code):
    return b.post(HERE + "/factor/confirm", {"csrf": b.token(HERE), "token": field(page, "token"), "code": code})
b, other = Browser(WEB), Browser(WEB)
for one in [b, other]:
    assert one.sign_in("hanako@aoba.example").status == 303
assert "設定されていません" in b.get(HERE).body
refused = act(b, "start", "wrong")
assert refused.status == 422 and "現在のパスワードが正しくありません。" in refused.body
assert b.post(HERE + "/factor", {"act": "start", "password": PASSWORD}).status == 403, "without the token of the form"
page = act(b, "start")
assert page.status == 200 and confirm(b, page, "000000").status == 422
before = dict(b.cookies)
done = confirm(b, page, totp(key(page)))
assert done.status == 200 and len(codes(done)) == 10 and b.cookies != before, "a new session"
assert "設定済みです" in b.get(HERE).body and "残り: 10個" in b.get(HERE).body
assert other.get(HERE).headers["Location"].startswith("/login"), "other devices are signed out"
# two accounts in one browser: the form of the one, sent under the session of the other, sets up nothing
z = Browser(WEB)
assert z.sign_in("plain@aoba.example").status == 303
begun = act(z, "start")
mixed = confirm(b, begun, totp(key(begun)))
assert mixed.status == 422 and "設定済みです" in b.get(HERE).body, mixed
assert "設定されていません" in z.get(HERE).body and Browser(WEB).sign_in("plain@aoba.example").status == 303
fresh = act(b, "codes")
assert len(codes(fresh)) == 10 and not set(codes(fresh)) & set(codes(done))
c = Browser(WEB)
asked = c.sign_in("hanako@aoba.example")
assert give(c, asked, "/login/code", codes(done)[0]).status == 422, "earlier codes are void"
assert give(c, asked, "/login/code", codes(fresh)[0]).status == 303
# another phone: the first one's codes open nothing any more
page2 = act(b, "start")
assert key(page2) != key(page)
assert confirm(b, page2, totp(key(page2))).status == 200
asked = Browser(WEB).sign_in("hanako@aoba.example")
assert give(Browser(WEB), asked, "/login/code", totp(key(page), 1)).status == 422
assert give(Browser(WEB), asked, "/login/code", totp(key(page2), 1)).status == 303
gone = act(b, "remove")
assert gone.status == 303 and "設定されていません" in b.get(HERE).body, gone
assert Browser(WEB).sign_in("hanako@aoba.example").status == 303
mails = b.get(b.get("/mail").headers["Location"]).body
for subject in ["二要素認証が設定されました", "回復コードが作り直されました", "回復コードでサインインがありました", "二要素認証が解除されました"]:
    assert subject in mails, subject
# where it is demanded nobody takes it away himself
h = Browser(WEB)
k, all = enrol(h, "handler@aoba.example")
assert "二要素認証をやめる" not in h.get(HERE).body
assert act(h, "remove").status == 422
# an administrator does, for people of his company who are no operators, and not for himself
a = Browser(ADMIN)
enrol(a, "taro@aoba.example")
people = a.get("/t/aoba/users").body
row = lambda name: re.search(r'<tr id="user-(\d+)">((?!</tr>).)*>%s@aoba.example<((?!</tr>).)*</tr>' % name, people, re.S)
assert "設定済み" in row("handler").group(0) and "未設定(必要)" in row("auditor").group(0) and ">なし<" in row("hanako").group(0)
without = a.get("/t/aoba/users?state=no_factor").body
assert "auditor@aoba.example" in without and "handler@aoba.example" not in without and "二要素なし" in without
def take_away(b, name):
    where = "/t/aoba/users/" + row(name).group(1)
    return b.post(where + "/factor", {"csrf": b.token("/t/aoba/users")})
assert take_away(a, "taro").status == 400, "his own he takes away in webmail"
head, eve = Browser(ADMIN), Browser(ADMIN)
enrol(head, "head@aoba.example")
enrol(eve, "eve@other.example")
assert take_away(head, "taro").status == 403, "an operator's only operators do"
hers = re.search(r'<tr id="user-(\d+)">', a.get("/t/other/users").body).group(1)
his = row("handler").group(1)
for b_, own, id, email in [(head, "aoba", hers, "eve@other.example"), (eve, "other", his, "handler@aoba.example")]:
    for company in ["aoba", "other"]:
        got = b_.post("/t/%s/users/%s/factor" % (company, id), {"csrf": b_.token("/t/%s/users" % own)})
        assert got.status == 404, (email, company, got)
for email in ["taro@aoba.example", "eve@other.example", "handler@aoba.example"]:
    assert 'autocomplete="one-time-code"' in Browser(WEB).sign_in(email).body, email
assert take_away(a, "handler").status == 303
assert h.get(HERE).headers["Location"].startswith("/login")
assert take_away(a, "handler").status == 404, "there is none any more"
log = a.get("/t/aoba/audit").body
for event in ["二要素認証を設定", "回復コードを作り直し", "二要素認証を解除", "回復コードを使用", "二要素認証のコード"]:
    assert event in log, event
for secret in [key(page), key(page2), k, *codes(done), *codes(fresh), *all]:
    print(secret.replace(" ", ""))
"#,
    );
    let (log, secrets) = (house.log(), printed.lines().collect::<Vec<_>>());
    assert_eq!(secrets.len(), 33);
    for secret in secrets {
        assert!(!log.contains(secret), "a secret stands in the log");
        let held = house.keeps(secret) || house.keeps(&secret.replace('-', ""));
        assert!(!held, "a secret stands in the databases");
    }
}

#[test]
fn a_mail_program_of_who_has_a_second_factor_needs_a_password_of_its_own() {
    let house = strict();
    let printed = house.authenticate(
        r#"
import imaplib, poplib, smtplib
ME = "hanako@aoba.example"
def imap(password):
    try:
        one = imaplib.IMAP4("127.0.0.1", IMAP)
        return one.login(ME, password)[0], one
    except imaplib.IMAP4.error as error:
        return str(error), None
def pop3(password):
    one = poplib.POP3("127.0.0.1", POP3)
    try:
        one.user(ME)
        return one.pass_(password).decode()
    except poplib.error_proto as error:
        return error.args[0].decode()
    finally:
        one.close()
def smtp(password, mechanism=None):
    one = smtplib.SMTP("127.0.0.1", SUBMISSION)
    try:
        return one.login(ME, password)[0], ""
    except smtplib.SMTPAuthenticationError as error:
        return error.smtp_code, error.smtp_error.decode()
def scram(password):
    """SCRAM-SHA-256 (RFC 5802) from the client's side."""
    bare, nobody = "n=%s,r=abcdefghijkl" % ME, lambda key, text: hmac.new(key, text, hashlib.sha256).digest()
    def answer(challenge):
        if not challenge:
            return "n,," + bare
        text = challenge.decode()
        if text.startswith("v="):
            return b""
        parts = dict(part.split("=", 1) for part in text.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(parts["s"]), int(parts["i"]))
        client, last = nobody(salted, b"Client Key"), "c=biws,r=" + parts["r"]
        signature = nobody(hashlib.sha256(client).digest(), ("%s,%s,%s" % (bare, text, last)).encode())
        return last + ",p=" + base64.b64encode(bytes(a ^ b for a, b in zip(client, signature))).decode()
    try:
        return imaplib.IMAP4("127.0.0.1", IMAP).authenticate("SCRAM-SHA-256", answer)[0]
    except imaplib.IMAP4.error as error:
        return str(error)
# before there is a second factor the password opens everything
assert imap(PASSWORD)[0] == "OK" and pop3(PASSWORD).startswith("+OK") and smtp(PASSWORD)[0] == 235 and scram(PASSWORD) == "OK"
HERE = "/settings/security"
b = Browser(WEB)
assert b.sign_in(ME).status == 303
assert "アプリパスワード" not in b.get(HERE).body
def post(path, **fields):
    return b.post(HERE + path, {"csrf": b.token(HERE), **fields})
refused = post("/apps", name="phone", password=PASSWORD)
assert refused.status == 404, "without a second factor there are none"
page = post("/factor", act="start", password=PASSWORD)
assert post("/factor/confirm", token=field(page, "token"), code=totp(key(page))).status == 200
# with one it opens no program any more, which is said to who has proved it, and to nobody else
told, same = "use an app password", "The name or the password is wrong"
assert told in imap(PASSWORD)[0] and told in pop3(PASSWORD), (imap(PASSWORD), pop3(PASSWORD))
code, said = smtp(PASSWORD)
assert code == 535 and told in said, said
assert same in scram(PASSWORD) and same in imap("wrong")[0] and same in pop3("wrong") and same in smtp("wrong")[1]
def make(name, password=PASSWORD):
    return post("/apps", name=name, password=password)
def shown(answer):
    return re.search(r'id="app-password">([a-z2-7]{4}(?:-[a-z2-7]{4}){3})<', answer.body).group(1)
assert "現在のパスワードが正しくありません。" in make("電話", "wrong").body
phone, desk = shown(make("電話")), shown(make("会社のPC"))
assert phone != desk and "この名前は使われています。" in make("電話").body and make(" ").status == 422
kept, one = imap(phone)
assert kept == "OK" and imap(desk)[0] == "OK" and imap(phone.replace("-", ""))[0] == "OK"
assert pop3(phone).startswith("+OK") and smtp(desk)[0] == 235
assert scram(phone) == "OK" and scram(desk) == "OK" and same in scram(PASSWORD)
assert one.select()[0] == "OK"
# it opens no browser, and changes nothing
assert Browser(WEB).sign_in(ME, phone).status == 422 and Browser(ADMIN).sign_in(ME, phone).status == 422
assert post("/factor", act="codes", password=phone).status == 422
listed = b.get(HERE).body
assert "電話</th>" in listed and "会社のPC</th>" in listed and "未使用" not in listed and phone not in listed, listed
assert "アプリパスワードを作って" in b.get("/settings/mail-app").body
assert post("/apps/remove", name="電話").status == 303
assert "会社のPC" in b.get(HERE).body and "電話</th>" not in b.get(HERE).body
try:
    said = one.select()[0]
except imaplib.IMAP4.error:
    said = "ended"
assert said != "OK", "who has signed in with it is out"
assert same in imap(phone)[0] and same in scram(phone) and imap(desk)[0] == "OK" and scram(desk) == "OK"
# without the second factor all is as before
assert post("/factor", act="remove", password=PASSWORD).status == 303
assert same in imap(desk)[0] and imap(PASSWORD)[0] == "OK" and scram(PASSWORD) == "OK"
inbox = b.get(b.get("/mail").headers["Location"]).body
assert "アプリパスワードが作られました" in inbox and "アプリパスワードが削除されました" in inbox
print(phone, desk)
"#,
    );
    for secret in printed.split_whitespace() {
        assert!(!house.log().contains(secret) && !house.keeps(secret), "an app password stands somewhere");
        assert!(!house.keeps(&secret.replace('-', "")), "an app password stands in the databases");
    }
}
