//! What rules do to a mail when it is released: what arrives outside and inside, by SMTP and from the browser, and what
//! its sender is told before and afterwards.

use super::doors::{DOORS, PEN, under};
use crate::house::Demo;
use crate::outgoing::foreign::Outside;

/// One rule for all mail to the outside.
fn rule(action: &str) -> String {
    format!(
        "[[rule]]\ncode = \"IT\"\nname = \"ためし\"\ndirection = \"out\"\nwhen = {{ recipients = \"outside\" }}\naction = {action}\n"
    )
}

const SENDS: &str = r#"
def sends(subject, to=PARTNER, **fields):
    """By SMTP."""
    code, said = send("sato", *mail("sato", to, subject=subject, **fields))
    assert code == 250, said
def sends_from_browser(subject, told, to=PARTNER, **fields):
    """After a check that says what will be done."""
    check = pen("sato").check(to=to, subject=subject, body="hello", **fields)
    assert told in check.text(), check.text()
    sent = pen("sato").tick(check)
    assert sent.status == 303, sent
def timeline():
    return pen("sato").get("/outgoing").text()
"#;

fn run(demo: &Demo, program: &str) {
    demo.python(&format!("{PEN}\n{DOORS}\n{SENDS}\n{program}"));
}

/// The header of the mail with this subject among those that came out.
fn header<'a>(outside: &'a [String], subject: &str) -> &'a str {
    let mail = outside.iter().find(|mail| mail.contains(&format!("Subject: {subject}\r\n")));
    let mail = mail.unwrap_or_else(|| panic!("no {subject} in {outside:?}"));
    mail.split("\r\n\r\n").next().unwrap()
}

#[test]
fn a_copy_goes_to_people_inside_whom_no_header_names_by_both_doors() {
    let demo = under(&rule("{ bcc = [\"group:取扱担当者\", \"supervisor\", \"watanabe@aoba.example\"] }"));
    run(
        &demo,
        r##"
told = "取扱担当者・上長・watanabe@aoba.exampleに写しを届けます"
before = {name: len(inbox(name)) for name in ("suzuki", "takahashi", "watanabe", "ito")}
sends("copy me", cc="suzuki@aoba.example")
sends_from_browser("copy me too", told)
for name, more in (("suzuki", 2), ("takahashi", 2), ("watanabe", 2), ("ito", 0)):
    assert len(inbox(name)) == before[name] + more, (name, inbox(name))
subject, copy = inbox("watanabe")[-1]
assert subject == "copy me too" and "watanabe" not in str(copy["To"]) + str(copy["Cc"]) + str(copy["Bcc"]), copy
assert copy["Delivered-To"] == "watanabe@aoba.example", copy
said = timeline()
assert "写しを届けました" in said and "watanabe@aoba.example" in said, said
"##,
    );
    let outside = demo.outside(2);
    assert!(outside.len() == 2 && outside.iter().all(|mail| !mail.contains("watanabe")), "{outside:?}");
}

#[test]
fn a_header_is_added_by_both_doors() {
    let demo = under(&rule("{ header = { name = \"X-Aoba-Class\", value = \"社外秘\" } }"));
    run(
        &demo,
        r##"
sends("mark me", header=[("X-Aoba-Class", "none")])
sends_from_browser("mark me too", "ヘッダー X-Aoba-Class に「社外秘」を付けます")
said = timeline()
assert "ヘッダーを追加しました" in said and "X-Aoba-Class: 社外秘" in said, said
sends("leave me", to="ito@aoba.example")
assert inbox("ito")[-1][1]["X-Aoba-Class"] is None
"##,
    );
    let outside = demo.outside(2);
    for subject in ["mark me", "mark me too"] {
        let header = header(&outside, subject);
        assert!(header.lines().any(|line| line == "X-Aoba-Class: =?UTF-8?B?56S+5aSW56eY?="), "{header}");
    }
}

#[test]
fn recipients_are_hidden_from_the_outside_by_both_doors_and_not_from_colleagues() {
    let demo = under(&rule("\"hide_recipients\""));
    run(
        &demo,
        r##"
others = "a@minato.example, b@sakura.example"
sends("hide me", to=PARTNER + ", " + others, cc="ito@aoba.example")
sends_from_browser("hide me too", "社外の方には宛先(To・Cc)を表示しません", to=PARTNER, cc=others + ", ito@aoba.example")
for subject, mail in inbox("ito")[-2:]:
    assert PARTNER in mail["To"] and "ito@aoba.example" in mail["Cc"], mail
assert "宛先(To・Cc)を表示せずに送信しました" in timeline()
# each who is hidden has his mail, by both doors
end = time.time() + 20
while waiting := sekisho("queue", "list"):
    assert time.time() < end, waiting
    time.sleep(0.05)
rows = [json.loads(line) for line in sekisho("queue", "list", "--all", "--json").splitlines()]
mails = {row["reference"] for row in rows}
came = sorted((row["reference"], row["to"], row["state"]) for row in rows)
assert len(mails) == 2 and came == sorted((one, to, "delivered") for one in mails for to in (PARTNER, "a@minato.example", "b@sakura.example")), rows
"##,
    );
    let outside = demo.outside(2);
    assert!(outside.len() >= 2, "{outside:?}");
    for mail in &outside {
        let header = mail.split("\r\n\r\n").next().unwrap();
        let to: Vec<&str> = header.lines().filter(|line| line.starts_with("To:")).collect();
        assert_eq!(to, ["To: undisclosed-recipients:;"], "{header}");
        assert!(!header.contains("Cc:") && !header.contains("minato") && !header.contains("ito@"), "{header}");
    }
}

#[test]
fn what_waited_for_an_approver_is_treated_when_it_goes() {
    let hold = "{ hold = { approvers = [\"group:取扱担当者\"] } }";
    let demo = under(&(rule(&format!("[ {hold}, {{ header = {{ name = \"X-Seen\", value = \"yes\" }} }} ]"))));
    run(
        &demo,
        r##"
sends("wait for it")
number = re.search(r'href="/approve/(\d+)"', pen("suzuki").get("/approve").body).group(1)
page = pen("suzuki").get("/approve/" + number)
said = page.text()
assert "ヘッダー X-Seen に「yes」を付けます" in said, said
done = pen("suzuki").post("/approve/" + number, [(n, v) for n, v in page.fields() if n == "csrf"] + [("do", "approve")])
assert done.status == 303, done
"##,
    );
    assert!(header(&demo.outside(1), "wait for it").lines().any(|line| line == "X-Seen: yes"));
}

#[test]
fn what_cannot_be_treated_is_held_with_the_reason_and_never_sent() {
    let demo = under(&rule("\"hide_recipients\""));
    run(
        &demo,
        r##"
signed = ("From: sato@aoba.example\r\nTo: %s\r\nSubject: signed\r\nMIME-Version: 1.0\r\n"
          "Content-Type: multipart/signed; hp=clear; boundary=b; protocol=\"application/pgp-signature\"\r\n\r\n"
          "--b\r\nTo: %s\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n" % (PARTNER, PARTNER))
code, said = send("sato", signed.encode(), [PARTNER])
assert code == 250 and said.startswith("2.0.0 held for approval"), said
assert "宛先を隠すことができません" in text(inbox("sato")[-1][1])
number = re.search(r'href="/approve/(\d+)"', pen("suzuki").get("/approve").body).group(1)
page = pen("suzuki").get("/approve/" + number)
assert "宛先を隠すことができません" in page.text(), page.text()
csrf = [(n, v) for n, v in page.fields() if n == "csrf"]
tried = pen("suzuki").post("/approve/" + number, csrf + [("do", "approve")])
assert tried.to == "/approve/" + number and "宛先を隠すことができません" in pen("suzuki").toast(tried), tried
assert pen("suzuki").post("/approve/" + number, csrf + [("do", "return"), ("comment", "no")]).status == 303
"##,
    );
    assert!(demo.outside(0).is_empty() && demo.good(&["queue", "list"]).is_empty());
}

#[test]
fn a_footer_is_added_for_the_outside_by_both_doors() {
    let own_html = "{ footer = { text = \"持出禁止\", html = \"<p class=\\\"end\\\">持出<b>禁止</b></p>\" } }";
    let own_html = rule(own_html).replace("\"IT\"", "\"HTML\"").replace("\"outside\"", "\"hanako@minato.example\"");
    let rules = rule("{ footer = { text = \"\"\"\n本メールは社外秘です。\n転送はご遠慮ください。\"\"\" } }");
    let demo = under(&(rules + &own_html));
    run(
        &demo,
        r##"
end = "本メールは社外秘です。\n転送はご遠慮ください。\n"
def ends(mail):
    return text(mail).replace("\r\n", "\n").endswith(end)
old = ("From: sato@aoba.example\r\nTo: %s\r\nCc: ito@aoba.example\r\nSubject: old\r\nMIME-Version: 1.0\r\n"
       "Content-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" % PARTNER).encode()
old += "お世話になっております。\r\n".encode("iso-2022-jp")
code, said = send("sato", old, [PARTNER, "ito@aoba.example"])
assert code == 250, said
assert not ends(inbox("ito")[-1][1]), "a colleague gets what was written"
def written():
    import os
    with open(os.path.join(os.path.dirname(demo["config"]), "log")) as log:
        return log.read().count("a draft was written out as a mail")
before = written()
assert "社外の方への本文の末尾に" in pen("sato").check(to=PARTNER, subject="looked at", body="hello").text()
assert written() - before == 2, "once for the copy in Drafts, and once for the check and for what is done to it"
sends_from_browser("new", "社外の方への本文の末尾に「本メールは社外秘です。…」を付けます")
assert "本文の末尾に定型文を追加しました" in timeline()
"##,
    );
    let outside = demo.outside(2);
    let jis: Vec<u8> = b"\x1b$BK\\%a!<%k$O<R30Hk$G$9!#\x1b(B".to_vec();
    let old = outside.iter().find(|mail| mail.contains("Subject: old")).unwrap();
    assert!(old.contains("charset=iso-2022-jp") && old.contains(&String::from_utf8(jis).unwrap()), "{old}");
    let new = outside.iter().find(|mail| mail.contains("Subject: new")).unwrap();
    assert!(new.contains("charset=UTF-8") && new.contains("base64"), "{new}");

    // HTML, which the browser does not write: the text and the HTML of alternatives, and HTML alone
    run(
        &demo,
        r##"
def html_mail(to, subject, only):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "sato@aoba.example", to, subject
    page = "<html><body><p>こんにちは</p></body></html>"
    if only:
        made.set_content(page, subtype="html")
    else:
        made.set_content("こんにちは")
        made.add_alternative(page, subtype="html")
    code, said = send("sato", made.as_bytes(policy=made.policy.clone(linesep="\r\n")), [to])
    assert code == 250, said
html_mail(PARTNER, "both", False)
html_mail("hanako@minato.example", "only html", True)
import glob, os
end = time.time() + 20
while len(files := glob.glob(os.path.join(demo["outside_mail"], "*"))) < 4:
    assert time.time() < end, files
    time.sleep(0.05)
mails = {one["Subject"]: one for one in (email.message_from_bytes(open(file, "rb").read()) for file in files)}
plain, rich = [text(part).replace("\r\n", "\n") for part in mails["both"].get_payload()]
lines = "本メールは社外秘です。\n転送はご遠慮ください。\n"
assert plain == "こんにちは\n" + lines or plain == "こんにちは\n\n" + lines, plain
assert "<p>こんにちは</p>" in rich and "本メールは社外秘です。<br>" in rich and rich.index("本メール") < rich.index("</body>"), rich
rich = text(mails["only html"])
assert rich.count('<p class="end">持出<b>禁止</b></p>') == 1 and "本メールは社外秘です。<br>" in rich and rich.index("禁止") < rich.index("</body>"), rich

# what somebody signed is left as it is and goes over verified TLS or stops
open(os.path.join(os.path.dirname(demo["config"]), "signed.eml"), "w", newline="").write(signed := (
    "From: sato@aoba.example\r\nTo: %s\r\nSubject: signed\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n" % PARTNER))
code, said = send("sato", signed, [PARTNER])
assert code == 250 and said.startswith("2.0.0 accepted"), said
end = time.time() + 20
while '"state":"held"' not in (rows := sekisho("queue", "list", "--json")):
    assert time.time() < end, rows
    time.sleep(0.05)
said = timeline()
assert "署名・暗号化されたメールのため変更せず、認証された TLS でのみ送信します" in said and "認証された TLS で送信できないため、止めています" in said, said
"##,
    );
    assert_eq!(demo.outside(4).len(), 4, "what was signed has not left");
    demo.administer(
        r##"
tried = Admin("ito").try_mail({"from": "sato@aoba.example", "to": "taro@yamada.example, ito@aoba.example", "subject": "x", "text": "hello"})
assert tried.body.count("社外の方への本文の末尾に「本メールは社外秘です。…」を付けます") == 1, tried.body
"##,
    );
}

/// Waits until both mails are stopped in the queue.
fn stopped(demo: &Demo) {
    let held = || demo.good(&["queue", "list", "--json"]).matches("\"state\":\"held\"").count();
    demo.until(|| (held() == 2).then_some(()));
}

#[test]
fn what_must_go_over_verified_tls_stops_without_it_by_both_doors() {
    let demo = under(&rule("{ tls = \"required\" }"));
    run(
        &demo,
        r##"
sends("guard me")
sends_from_browser("guard me too", "認証された TLS でのみ送信し、できないときは止めます")
"##,
    );
    stopped(&demo);
    run(
        &demo,
        r##"
told = [mail for subject, mail in inbox("sato") if subject.startswith("【送信を止めました】")]
assert len(told) == 2 and "暗号化せずに送信することはありません" in text(told[0]), inbox("sato")
told = [mail for subject, mail in inbox("suzuki") if subject.startswith("【お知らせ】送信を止めたメール")]
assert len(told) == 2 and "guard me" not in text(told[0]), inbox("suzuki")
said = timeline()
assert "認証された TLS で送信できないため、止めています" in said, said
"##,
    );
    demo.good(&["queue", "release", "--domain", "yamada.example"]);
    let again = || demo.good(&["queue", "list", "--json"]).matches("\"attempts\":2").count();
    demo.until(|| (again() == 2).then_some(()));
    stopped(&demo);
    assert!(demo.outside(0).is_empty());
}

#[test]
fn a_server_without_tls_is_remembered_by_both_doors() {
    let rule = rule("\"block\"").replace("{ recipients = \"outside\" }", "{ no_tls = {} }").replace("ためし", "IT");
    let demo = under(&rule);
    run(
        &demo,
        r##"
assert by_smtp("sato", to=PARTNER) is None, "nobody knows yet"
"##,
    );
    assert_eq!(demo.outside(1).len(), 1);
    demo.until(|| demo.good(&["queue", "list"]).is_empty().then_some(()));
    run(
        &demo,
        r##"
assert by_smtp("sato", to=PARTNER) == "IT" and by_check("sato", to=PARTNER) == "IT"
assert by_smtp("sato", to="a@minato.example") is None and by_smtp("sato", to="ito@aoba.example") is None
"##,
    );
}

#[test]
fn what_must_go_over_verified_tls_goes_to_a_host_that_proves_its_name_by_both_doors() {
    let must = "{ all = [ { wildcard = { any = \"must*\", where = \"subject\" } }, { recipients = \"outside\" } ] }";
    let unknown =
        "{ all = [ { wildcard = { any = \"known*\", where = \"subject\" } }, { no_tls = { unknown = true } } ] }";
    let when = |code: &str, when: &str, action: &str| {
        let rule = rule(action).replace("\"IT\"", &format!("\"{code}\"")).replace("ためし", code);
        rule.replace("{ recipients = \"outside\" }", when)
    };
    let rules = when("MUST", must, "{ tls = \"required\" }") + &when("UNKNOWN", unknown, "\"block\"");
    let mut demo = under(&rules);
    let outside = Outside::start(false);
    // one server under two names: its certificate proves the first alone
    let config = demo.dir.path().join("sekisho.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let route = |domain: &str, host: &str| {
        format!("[[route]]\ndomain = \"{domain}\"\nhost = \"{host}\"\nport = {}\n", outside.port())
    };
    let routes = route("yamada.example", "localhost") + &route("minato.example", "127.0.0.1");
    std::fs::write(&config, text.replacen("[[route]]", &format!("{routes}[[route]]"), 1)).unwrap();
    demo.env.push(("SSL_CERT_FILE", outside.certificate()));
    demo.serve_again();
    run(
        &demo,
        r##"
for to in (PARTNER, "a@minato.example"):
    assert by_smtp("sato", to=to, subject="known") == by_check("sato", to=to, subject="known") == "UNKNOWN", "nobody has spoken to it"
sends("must")
sends_from_browser("must too", "認証された TLS でのみ送信し、できないときは止めます")
"##,
    );
    let taken = outside.taken_when(2);
    assert!(taken.iter().all(|mail| mail["tls"] == true && mail["to"][0] == "taro@yamada.example"), "{taken:?}");
    demo.until(|| demo.good(&["queue", "list"]).is_empty().then_some(()));
    run(
        &demo,
        r##"
assert "認証された TLS でのみ送信します" in timeline() and timeline().count("[TLS1.3 TLS_AES_256_GCM_SHA384, localhost 証明書で確認済み]") == 2 and "[TLS なし]" not in timeline(), timeline()
assert "[TLS1.3 TLS_AES_256_GCM_SHA384, localhost proved its name]" in sekisho("trace", re.search(r'id="s-([0-9A-Z-]+)', pen("sato").get("/outgoing").body).group(1))
# the page of the copy in Sent says what went out to whom, and how
copy = pen("sato").follow(pen("sato").get("/mail/by-uid/Sent/%d" % len(inbox("sato", "Sent"))))
went = re.search(r'<section class="went".*?</section>', copy.body, re.S).group(0)
assert PARTNER in went and '<span class="tag">認証された TLS</span>' in went and "送信済み" in went, went
assert by_smtp("sato", to=PARTNER, subject="known by smtp") is None and by_check("sato", to=PARTNER, subject="known") is None
assert by_smtp("sato", to="a@minato.example", subject="known") == "UNKNOWN"
"##,
    );
    assert_eq!(outside.taken_when(3).len(), 3);

    // the same by what the company says of a domain
    demo.administer(
        r##"
ito = Admin("ito")
page = "/t/aoba/safeguards"
for domain in ("yamada.example", "minato.example"):
    ito.do(page, page, domain=domain, how="tls")
ito.see("/t/aoba/audit?event=policies", "yamada.example (tls)")
"##,
    );
    run(
        &demo,
        r##"
for to in (PARTNER, "a@minato.example"):
    sends("by policy", to=to)
    check = pen("sato").check(to=to, subject="by policy too", body="hello")
    assert "認証された TLS" in check.text(), check.text()
    assert pen("sato").tick(check).status == 303
"##,
    );
    let taken = outside.taken_when(5);
    stopped(&demo);
    assert_eq!(outside.taken().len(), 5);
    assert!(taken.iter().all(|mail| mail["tls"] == true && mail["to"][0] == "taro@yamada.example"), "{taken:?}");
    let held = demo.good(&["queue", "list", "--json"]);
    assert_eq!((held.lines().count(), held.matches("a@minato.example").count()), (2, 2), "{held}");

    // one mail to people of whom each has his own form: the page of its copy in Sent says which
    demo.administer(&format!(
        r##"{PEN}
{DOORS}
ito = Admin("ito")
page = "/t/aoba/safeguards"
ito.do(page, page, domain="minato.example", how="zip")
ito.do(page, page, domain="sakura.example", how="link")
to = "taro@yamada.example, boss@minato.example, kana@sakura.example, x@other.example"
wanted = {{"taro@yamada.example": ["認証された TLS"], "boss@minato.example": ["ZIP(AES-256)"], "kana@sakura.example": ["リンク"], "x@other.example": [], "ito@aoba.example": []}}
check = pen("sato").check([("名簿.csv", "text/csv", b"a,b")], to=to, cc="ito@aoba.example", subject="mixed", body="hello")
for address, forms in wanted.items():
    row = re.search(r'class="mono">%s<(?:(?!</label>|</li>).)*' % address, check.body, re.S).group(0)
    assert re.findall(r'<span class="tag ok">([^<]*)</span>', row) == forms, (address, row)
assert pen("sato").tick(check).status == 303
def went():
    """State and forms of each recipient on the page of the copy."""
    copy = pen("sato").follow(pen("sato").get("/mail/by-uid/Sent/%d" % len(inbox("sato", "Sent"))))
    assert "mixed" in copy.body, copy
    rows = re.findall(r'<li class="fate"><span class="tag[^"]*">([^<]*)</span> <span class="mono">([^<]*)</span>(.*?)</li>', copy.body, re.S)
    return {{to: (state, re.findall(r'<span class="tag">([^<]*)</span>', rest), re.findall(r'href="/outgoing/(\w+)/', rest))
            for state, those, rest in rows for to in those.split(", ")}}
end = time.time() + 30
while any(state != "送信済み" for state, _, _ in went().values()):
    assert time.time() < end, went()
    time.sleep(0.1)
ways = {{"boss@minato.example": ["passwords"], "kana@sakura.example": ["links"]}}
assert went() == {{to: ("送信済み", forms, ways.get(to, [])) for to, forms in wanted.items()}}, went()
"##
    ));
    let taken = outside.taken_when(7);
    assert!(taken[5..].iter().all(|mail| mail["tls"] == true), "{taken:?}");
}

#[test]
fn mail_goes_by_the_route_that_a_rule_names_by_both_doors() {
    let mut demo = Demo::start();
    let file = demo.dir.path().join("rules.toml");
    std::fs::write(&file, rule("{ route = \"safe\" }")).unwrap();
    let apply = ["rules", "apply", file.to_str().unwrap(), "--tenant", "aoba"];
    let output = demo.run_with(&apply, "");
    let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && wrong.contains("line 6") && wrong.contains("route:safe"), "{wrong}");
    let outside = Outside::start(false);
    let config = demo.dir.path().join("sekisho.toml");
    let mut text = std::fs::read_to_string(&config).unwrap();
    let route = "[[route]]\ndomain = \"nowhere.example\"\nhost = \"127.0.0.1\"\n";
    let safe = format!("[[route]]\nname = \"safe\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n", outside.port());
    text = text.replacen("[[route]]", &format!("{route}{safe}[[route]]"), 1);
    std::fs::write(&config, text).unwrap();
    demo.serve_again();
    demo.good(&apply);
    run(
        &demo,
        r##"
sends("guide me")
sends_from_browser("guide me too", "経路「safe」で送信します")
"##,
    );
    assert_eq!(outside.taken_when(2).len(), 2);
    run(&demo, "assert '指定の経路で送信します' in timeline()");
}
