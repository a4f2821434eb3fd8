//! The pages from outside: signing in and out, sessions, what is refused, what every answer bears.

use crate::house::{House, PASSWORD, text};

/// What every program here begins with: a browser that keeps cookies and knows forms.
pub const BROWSER: &str = r#"
import http.client, re, ssl, sys, time
from urllib.parse import urlencode
tls = ssl.create_default_context()
tls.check_hostname = False
tls.verify_mode = ssl.CERT_NONE
class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
    def __repr__(self):
        return "%s %s" % (self.status, self.body[:300])
class Browser:
    def __init__(self, port, **headers):
        self.port, self.cookies = port, {}
        self.headers = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/133.0", "Accept-Language": "ja"}
        self.headers.update(headers)
    def ask(self, method, path, fields=None, body=None, **headers):
        all = dict(self.headers)
        all.update({name.replace("_", "-"): value for name, value in headers.items()})
        if self.cookies:
            all["Cookie"] = "; ".join("%s=%s" % pair for pair in self.cookies.items())
        if fields is not None:
            body = urlencode(fields)
            all["Content-Type"] = "application/x-www-form-urlencoded"
        to = http.client.HTTPSConnection("127.0.0.1", self.port, context=tls, timeout=30)
        to.request(method, path, body, all)
        got = to.getresponse()
        text = got.read().decode("utf-8", "replace")
        for line in got.headers.get_all("Set-Cookie") or []:
            assert "; Path=/; Secure; HttpOnly; SameSite=Strict" in line and line.startswith("__Host-"), line
            name, value = line.split(";")[0].split("=", 1)
            if value and "Max-Age=0" not in line:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        to.close()
        return Answer(got.status, got.headers, text)
    def get(self, path, **headers):
        return self.ask("GET", path, **headers)
    def post(self, path, fields, **headers):
        return self.ask("POST", path, fields, **headers)
    def token(self, path):
        return re.search(r'name="csrf" value="([^"]+)"', self.get(path).body).group(1)
    def sign_in(self, email, password=PASSWORD, **headers):
        return self.post("/login", {"email": email, "password": password}, **headers)
"#;

impl House {
    pub fn browse(&self, program: &str) -> String {
        self.python(&format!("WEB={}\nADMIN={}\nCONTENT={}\n{BROWSER}{program}", self.web, self.admin, self.content))
    }
    pub fn add_hanako(&self) {
        self.good_with(&["user", "add", "hanako@aoba.example", "--name", "花子", "--password-stdin"], PASSWORD);
    }
}

#[test]
fn signing_in_leads_to_the_page_that_was_asked_for_and_out_again() {
    House::start().browse(
        r#"
b = Browser(WEB)
first = b.get("/settings/security?x=1")
assert first.status == 303 and first.headers["Location"] == "/login?next=/settings/security%3Fx%3D1", first.headers
assert "ウェブメールにサインイン" in b.get("/login").body
done = b.post("/login", {"email": "taro@aoba.example", "password": PASSWORD, "next": "/settings/security?x=1"})
assert done.status == 303 and done.headers["Location"] == "/settings/security?x=1", done
page = b.get("/settings/security")
assert page.status == 200 and "太郎" in page.body and "Windows / Firefox" in page.body and "この端末" in page.body
for evil in ["https://evil.example/", "//evil.example", "/\\evil.example"]:
    away = Browser(WEB).post("/login", {"email": "taro@aoba.example", "password": PASSWORD, "next": evil})
    assert away.headers["Location"] == "/", evil
token = b.token("/settings")
kept = dict(b.cookies)
assert b.post("/logout", {"csrf": token}).headers["Location"] == "/login"
assert "__Host-sk_mail" not in b.cookies
b.cookies = kept
assert b.get("/settings").status == 303, "the session itself is over, not only the cookie"
english = Browser(WEB, **{"Accept-Language": "en-US,en"}).get("/login").body
assert '<html lang="en"' in english and "Sign in to webmail" in english
"#,
    );
}

#[test]
fn a_wrong_password_and_an_unknown_person_get_the_same_answer() {
    House::start().browse(
        r#"
same = set()
for email in ["taro@aoba.example", "nobody@aoba.example", "not an address"]:
    b = Browser(WEB)
    answer = b.sign_in(email, "wrong")
    assert answer.status == 422 and not b.cookies, answer
    assert "メールアドレスまたはパスワードが正しくありません。" in answer.body
    nonce = re.search(r'nonce="([^"]+)"', answer.body).group(1)
    same.add(answer.body.replace(email, "").replace(nonce, ""))
assert len(same) == 1
"#,
    );
}

#[test]
fn too_many_wrong_passwords_lock_the_name_and_tell_the_minutes() {
    House::start_with("[web]\ntrusted_proxies = [\"127.0.0.1\"]\n").browse(
        r#"
far = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
for n in range(10):
    assert Browser(WEB).sign_in("taro@aoba.example", "wrong", **far).status == 422, n
locked = Browser(WEB).sign_in("taro@aoba.example", **far)
assert locked.status == 429 and re.search(r"しばらくたってからお試しください\(残り \d+分\)。", locked.body), locked
elsewhere = Browser(WEB).sign_in("taro@aoba.example", X_Forwarded_For="192.0.2.50")
assert elsewhere.status == 429, "the name is locked from everywhere"
unknown = [Browser(WEB).sign_in("nobody@aoba.example", "wrong", **far).status for n in range(11)]
assert unknown == [422] * 10 + [429], unknown
assert Browser(WEB).sign_in("taro@aoba.example").status == 303, "never from this machine itself"
"#,
    );
}

#[test]
fn every_sign_in_has_a_new_id_and_a_planted_one_is_not_adopted() {
    House::start().browse(
        r#"
b = Browser(WEB)
planted = "A" * 43
b.cookies["__Host-sk_mail"] = planted
assert b.sign_in("taro@aoba.example").status == 303
first = b.cookies["__Host-sk_mail"]
assert first != planted and len(first) == 43
other = Browser(WEB)
other.cookies["__Host-sk_mail"] = planted
assert other.get("/settings").status == 303
assert b.sign_in("taro@aoba.example").status == 303
assert b.cookies["__Host-sk_mail"] != first
other.cookies["__Host-sk_mail"] = first
assert other.get("/settings").status == 303, "the session before is over"
"#,
    );
}

#[test]
fn a_post_from_elsewhere_or_without_its_token_changes_nothing() {
    House::start().browse(
        r#"
b = Browser(WEB)
assert b.sign_in("taro@aoba.example", Sec_Fetch_Site="cross-site").status == 403
assert b.sign_in("taro@aoba.example", Origin="https://evil.example").status == 403
assert b.sign_in("taro@aoba.example", Sec_Fetch_Site="same-origin").status == 303
look = {"language": "ja", "text_size": "largest", "theme": "dark", "density": "relaxed"}
token = b.token("/settings")
assert b.post("/settings", look).status == 403
assert b.post("/settings", dict(look, csrf="A" * 64)).status == 403
assert b.post("/settings", dict(look, csrf=token), Sec_Fetch_Site="cross-site").status == 403
assert b.post("/settings", dict(look, csrf=token), Sec_Fetch_Site="same-site").status == 403
assert b.ask("POST", "/settings", body='{"theme":"dark"}', Content_Type="application/json").status == 403
stranger = Browser(WEB)
stranger.sign_in("taro@aoba.example")
assert stranger.post("/settings", dict(look, csrf=token)).status == 403, "a token of another session"
assert 'data-theme="system"' in b.get("/settings").body
assert b.get("/settings", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest="image").status == 403
assert b.get("/settings", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document").status == 200
assert b.post("/settings", dict(look, csrf=token), Sec_Fetch_Site="same-origin").status == 303
assert b.ask("POST", "/settings", dict(look, language="en"), X_CSRF=token).status == 303
assert b.post("/logout", {}).status == 403
"#,
    );
}

#[test]
fn settings_are_kept_and_said_once() {
    let mut house = House::start();
    let keep = r#"
b = Browser(WEB)
b.sign_in("taro@aoba.example")
look = {"csrf": b.token("/settings"), "language": "en", "text_size": "largest", "theme": "dark", "density": "relaxed"}
assert b.post("/settings", look).headers["Location"] == "/settings"
said = b.get("/settings").body
assert "Settings saved." in said and "Settings saved." not in b.get("/settings").body
assert b.post("/settings", dict(look, theme="sepia")).status == 400
print(b.cookies["__Host-sk_mail"])
"#;
    let cookie = house.browse(keep);
    house.stop();
    house.serve();
    house.browse(&format!(
        "b = Browser(WEB)\nb.cookies['__Host-sk_mail'] = {:?}\npage = b.get('/settings')\nassert page.status == 200\n\
         assert '<html lang=\"en\" data-theme=\"dark\" data-size=\"largest\" data-density=\"relaxed\">' in page.body",
        cookie.trim()
    ));
}

#[test]
fn every_kind_of_answer_is_confined() {
    House::start().browse(
        r#"
b = Browser(WEB)
guest = [b.get("/login"), b.get("/settings"), b.sign_in("taro@aoba.example", "wrong"), b.get("/login", Sec_Fetch_Site="cross-site")]
b.sign_in("taro@aoba.example")
known = [b.get("/settings"), b.get("/settings", Sekisho_Fragment="true"), b.get("/nothing"), b.get("/nothing", Sekisho_Fragment="true"),
    b.ask("DELETE", "/settings", X_CSRF=b.token("/settings")), b.get("/")]
assert [a.status for a in guest + known] == [200, 303, 422, 403, 200, 200, 404, 404, 405, 303]
nonces = set()
for a in guest + known:
    h = a.headers
    policy = h["Content-Security-Policy"]
    for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'",
            "require-trusted-types-for 'script'", "trusted-types sekisho", "frame-src https://mail.aoba.example:%d" % CONTENT]:
        assert part in policy, (part, policy)
    assert "unsafe" not in policy
    nonces.add(re.search("'nonce-([^']+)'", policy).group(1))
    assert h["X-Frame-Options"] == "DENY" and h["X-Content-Type-Options"] == "nosniff" and h["Referrer-Policy"] == "no-referrer"
    assert h["Cross-Origin-Opener-Policy"] == "same-origin" and h["Cross-Origin-Resource-Policy"] == "same-origin"
    assert h["Cache-Control"] == "no-store" and h["Strict-Transport-Security"] == "max-age=31536000"
    assert "Sekisho-Fragment" in h["Vary"] and "camera=()" in h["Permissions-Policy"]
assert len(nonces) == 10, "each answer has a nonce of its own"
whole, part = known[0].body, known[1].body
assert whole.startswith("<!doctype html>") and part.startswith("<title>") and '<main id="main"' in part and "<html" not in part
nonce = re.search("'nonce-([^']+)'", known[0].headers["Content-Security-Policy"]).group(1)
assert whole.count("<script") == 1 and '<script type="module" nonce="%s" src="/assets/' % nonce in whole
assert re.search(r"受付番号: [0-9A-Z]{4}-[0-9A-Z]{4}", known[2].body) and 'id="notice" role="alert"' in known[3].body
gone = Browser(WEB).get("/settings", Sekisho_Fragment="true")
assert gone.status == 401 and gone.headers["Sekisho-Location"] == "/login"
content = Browser(CONTENT).get("/body/1?u=1&e=1&s=x")
assert content.status == 404 and "sandbox; default-src 'none'" in content.headers["Content-Security-Policy"]
assert content.headers["X-Content-Type-Options"] == "nosniff" and not content.headers.get_all("Set-Cookie")
zipped = b.get("/settings", Accept_Encoding="gzip")
assert zipped.headers["Content-Encoding"] == "gzip"
"#,
    );
}

#[test]
fn no_path_leads_out_of_the_assets() {
    House::start().browse(
        r#"
b = Browser(WEB)
base = re.search(r'href="(/assets/[0-9a-f]+/)app.css"', b.get("/login").body).group(1)
style = b.get(base + "app.css", Accept_Encoding="gzip")
assert style.status == 200 and style.headers["Content-Encoding"] == "gzip" and "immutable" in style.headers["Cache-Control"]
assert b.get(base + "js/app.js").headers["Content-Type"] == "text/javascript; charset=utf-8"
for path in ["../Cargo.toml", "%2e%2e/Cargo.toml", "..%2f..%2fetc/passwd", "css/../app.css", "js/swap.js", "/etc/passwd", "js/", "app.css%00", "app.css/"]:
    answer = b.get(base + path)
    assert answer.status in (303, 404) and "workspace" not in answer.body and "root:" not in answer.body, (path, answer)
assert b.get("/assets/0/app.css").status == 404
"#,
    );
}

#[test]
fn oversized_requests_are_refused_and_the_next_one_is_served() {
    House::start().browse(
        r#"
b = Browser(WEB)
def refused(statuses, ask):
    # the server need not read to the end what it refuses: then the connection ends while it is still being sent
    try:
        status = ask().status
    except (OSError, http.client.HTTPException):
        return True
    assert status in statuses, status
    return True
assert refused([431], lambda: b.get("/login", X_Long="x" * 60_000))
assert refused([414, 431], lambda: b.get("/login?" + "x" * 70_000))
assert refused([413], lambda: b.post("/login", {"email": "x" * (5 << 20), "password": "x"}))
b.sign_in("taro@aoba.example")
token = b.token("/settings")
assert refused([413], lambda: b.post("/settings", {"csrf": token, "x": "x" * (5 << 20)}))
assert b.post("/login", {"email": "x"}).status == 400
assert b.get("/settings").status == 200
"#,
    );
}

#[test]
fn a_changed_password_ends_the_other_sessions_and_keeps_this_one() {
    let house = House::start();
    house.browse(
        r#"
one, two = Browser(WEB), Browser(WEB)
one.sign_in("taro@aoba.example")
two.sign_in("taro@aoba.example")
token = one.token("/settings/security")
change = lambda old, new, again: one.post("/settings/security/password", {"csrf": token, "old": old, "new": new, "again": again})
for old, new, again, words in [("wrong", "a good new one", "a good new one", "現在のパスワードが正しくありません。"),
        (PASSWORD, "a good new one", "another one", "2つの新しいパスワードが一致していません。"), (PASSWORD, "tiny42", "tiny42", "8文字以上")]:
    wrong = change(old, new, again)
    assert wrong.status == 422 and words in wrong.body and 'aria-invalid="true"' in wrong.body and new not in wrong.body, wrong
assert two.get("/settings").status == 200
before = one.cookies["__Host-sk_mail"]
assert change(PASSWORD, "a good new one", "a good new one").status == 303
assert one.cookies["__Host-sk_mail"] != before
assert one.get("/settings").status == 200 and two.get("/settings").status == 303
assert Browser(WEB).sign_in("taro@aoba.example").status == 422
three = Browser(WEB)
assert three.sign_in("taro@aoba.example", "a good new one").status == 303
token = one.token("/settings/security")
page = one.get("/settings/security").body
device = re.search(r'action="(/settings/security/devices/[0-9a-f]{64})"', page).group(1)
assert one.post(device, {"csrf": token}).status == 303 and three.get("/settings").status == 303
assert one.post(device, {"csrf": token}).status == 404
four = Browser(WEB)
four.sign_in("taro@aoba.example", "a good new one")
assert one.post("/settings/security/others", {"csrf": token}).status == 303
assert one.get("/settings").status == 200 and four.get("/settings").status == 303
"#,
    );
    house.good_with(&["user", "password", "taro@aoba.example", "--password-stdin"], PASSWORD);
    house.browse("b = Browser(WEB)\nassert b.sign_in('taro@aoba.example').status == 303\nassert b.get('/settings').status == 200");
}

#[test]
fn the_console_lets_administrators_in_and_nobody_else() {
    let house = House::start();
    house.add_hanako();
    house.browse(
        r#"
hanako = Browser(ADMIN)
refused = hanako.sign_in("hanako@aoba.example")
wrong = Browser(ADMIN).sign_in("hanako@aoba.example", "wrong")
assert refused.status == wrong.status == 422 and not hanako.cookies
strip = lambda body: re.sub(r'nonce="[^"]+"', "", body)
assert strip(refused.body) == strip(wrong.body)
mail = Browser(WEB)
mail.sign_in("hanako@aoba.example")
hanako.cookies = {"__Host-sk_admin": mail.cookies["__Host-sk_mail"], "__Host-sk_mail": mail.cookies["__Host-sk_mail"]}
assert hanako.get("/domains").status == 303, "a session of webmail opens no console"
taro = Browser(ADMIN)
assert taro.sign_in("taro@aoba.example").status == 303
page = taro.get("/domains")
assert page.status == 200 and "aoba.example" in page.body
assert taro.get("/settings").status == 404
both = Browser(WEB)
both.sign_in("taro@aoba.example")
assert both.get("/domains").status == 404, "no console behind the door of webmail"
tenant = re.search(r'<option value="(\d+)"', page.body).group(1)
token = taro.token("/domains")
add = lambda name: taro.post("/domains", {"csrf": token, "name": name, "tenant": tenant})
assert "形式が正しくありません" in add("no domain").body and "登録済み" in add("AOBA.example").body
assert add("new.example").status == 303 and "new.example を追加しました。" in taro.get("/domains").body
assert "アドレスが残っている" in taro.post("/domains/aoba.example/remove", {"csrf": token}).body
assert taro.get("/domains/new.example/remove").status == 200
assert taro.post("/domains/new.example/remove", {"csrf": token}).status == 303
assert taro.get("/domains/new.example/remove").status == 404
"#,
    );
    house.good(&["user", "set", "taro@aoba.example", "--role", "user"]);
    house.browse("assert Browser(ADMIN).sign_in('taro@aoba.example').status == 422");
}

#[test]
fn browsers_that_speak_http_2_are_served_with_it() {
    let house = House::start();
    let url = format!("https://127.0.0.1:{}/login", house.web);
    for (wish, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
        let mut curl = std::process::Command::new("curl");
        curl.args(["-sk", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", wish, &url]);
        assert_eq!(text(&curl.output().unwrap().stdout), format!("{version} 200"));
    }
}

#[test]
fn the_last_sign_in_is_told_and_signing_in_out_and_failing_stand_in_the_audit_log() {
    let house = House::start();
    house.browse(
        r#"
import html
def line(b, path="/settings"):
    return re.search(r'<p class="last-sign-in" role="status">([^<]*)</p>', b.get(path).body)
b = Browser(WEB)
b.sign_in("taro@aoba.example")
assert line(b) is None, "there was none before"
assert Browser(WEB).sign_in("taro@aoba.example", "a wrong password").status == 422
Browser(WEB).sign_in("secret word", "x"); Browser(WEB).sign_in("nobody@aoba.example", "another secret"); Browser(WEB).sign_in("someone@else.example", "x")
again = Browser(WEB, **{"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0.0.0 Safari/537.36"})
again.sign_in("taro@aoba.example")
told = line(again)
assert told and told.group(1).startswith("前回のサインイン: ") and told.group(1).endswith(" (Windows / Firefox, 127.0.0.1)"), told
assert line(again) is None, "it is told once"
english = Browser(WEB, **{"Accept-Language": "en"})
english.sign_in("taro@aoba.example")
assert re.fullmatch(r"前回のサインイン: .* \(Linux / Chrome, 127.0.0.1\)", line(english).group(1)), "in his own language"
history = again.get("/settings/security").body.split("最近のサインイン")[1]
assert history.count("<tr>") >= 3 and "Windows / Firefox" in history and "Linux / Chrome" in history, history
assert again.post("/logout", {"csrf": again.token("/settings")}).status == 303
admin = Browser(ADMIN)
admin.sign_in("taro@aoba.example")
log = html.unescape(admin.get("/t/aoba/audit?event=session.").body)
for word in ["session.opened", "session.refused", "session.ended", "taro@aoba.example", "@aoba.example", "接続元: 127.0.0.1", "端末: Linux / Chrome", "画面: 管理コンソール"]:
    assert word in log, (word, log)
for secret in ["wrong password", "secret word", "another secret", "nobody@", PASSWORD, "else.example"]:
    assert secret not in log, secret
everywhere = admin.get("/t/aoba/audit?event=session.&range=all").body
assert everywhere.count("session.refused") == log.count("session.refused") + 2, "who is of no company here is in the server's log"
"#,
    );
}

#[test]
fn a_changed_password_is_told_to_its_owner_whoever_changed_it() {
    let house = House::start();
    house.add_hanako();
    house.browse(
        r#"
import imaplib, email
from email.header import decode_header, make_header
def notices(password):
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login("hanako@aoba.example", password)
    imap.select()
    mails = [email.message_from_bytes(part[1]) for part in imap.fetch("1:*", "(BODY.PEEK[])")[1] if isinstance(part, tuple)]
    return [(str(make_header(decode_header(mail["Subject"]))), mail.get_payload(decode=True).decode("utf-8")) for mail in mails]
b = Browser(WEB)
b.sign_in("hanako@aoba.example")
changed = b.post("/settings/security/password", {"csrf": b.token("/settings/security"), "old": PASSWORD, "new": "a new password 1", "again": "a new password 1"})
assert changed.status == 303, changed
subject, text = notices("a new password 1")[0]
assert subject == "【お知らせ】パスワードが変更されました" and "hanako@aoba.example のパスワード" in text, (subject, text)
assert "変更した端末:Windows / Firefox, 127.0.0.1" in text and "a new password" not in text and "管理者へご連絡" in text, text
admin = Browser(ADMIN)
admin.sign_in("taro@aoba.example")
users = admin.get("/t/aoba/users").body
hanako = re.search(r'href="(/t/aoba/users/\d+)"[^>]*>(?:(?!</a>).)*花子', users, re.S).group(1)
set = admin.post(hanako + "/password", {"csrf": admin.token(hanako), "password": "a new password 2", "again": "a new password 2"})
assert set.status == 303, set
told = notices("a new password 2")
assert len(told) == 2 and "変更した人:太郎" in told[1][1], told
"#,
    );
    house.good_with(&["user", "password", "hanako@aoba.example", "--password-stdin"], "a new password 3");
    house.browse(
        r#"
import imaplib
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("hanako@aoba.example", "a new password 3")
assert imap.select()[1] == [b"3"]
"#,
    );
}
