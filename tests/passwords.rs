//! The passwords that a company has agreed with others, from the command line and the console to every door through
//! which mail is looked at; and nowhere a trace of them.

use std::path::Path;

use crate::house::{Demo, House, PASSWORD, text};

/// A CSV with a number (a published test number of shared/mynumber.md) under this password, made by Info-ZIP.
const ZIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/server/extract/tests/encrypted/zipcrypto.zip");
const SECRET: &str = "aoba-2026";
const PEN: &str = include_str!("compose/pen.py");

/// The archive as the attachment of a mail, for Python: `mail(to)`.
fn tools() -> String {
    format!(
        r#"
import base64
ZIP = open({ZIP:?}, "rb").read()
def mail(to, sender="sato@aoba.example"):
    body = base64.encodebytes(ZIP).decode().replace("\n", "\r\n")
    return ("From: %s\r\nTo: %s\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: application/zip; name=list.zip\r\n"
            "Content-Disposition: attachment; filename=list.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n"
            % (sender, to, body))
"#
    )
}

/// The files below a folder in which these bytes stand.
fn files_with(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
        } else if path.is_file() {
            let content = std::fs::read(&path).unwrap_or_default();
            if content.windows(bytes.len()).any(|window| window == bytes) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

/// Nothing in the folder, logs and databases among it, holds the text in either of its forms.
fn no_trace_of(secret: &str, folder: &Path) {
    let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for form in [secret.as_bytes(), &wide] {
        assert_eq!(files_with(folder, form), Vec::<String>::new());
    }
}

#[test]
fn an_agreed_password_holds_mail_at_every_door_when_the_company_wants_it() {
    let demo = Demo::start();
    let tools = tools();
    let to = "yamada@yamada.example";
    demo.python(&format!("{tools}open({:?}, 'w').write(mail({to:?}))", demo.dir.path().join("mail.eml")));
    let file = demo.dir.path().join("mail.eml");
    let file = file.to_str().unwrap();
    let sent = |to: &str| demo.python(&format!("{tools}print(send('sato', mail({to:?}), [{to:?}])[1])"));
    let check = || {
        demo.python(&format!(
            "{tools}{PEN}\nsato = Pen('sato@aoba.example')\nprint(sato.check(files=[('list.zip', 'application/zip', ZIP)], \
             to={to:?}, subject='x', body='x').text())"
        ))
    };
    let simulate = ["rules", "simulate", file, "--tenant", "aoba", "--from", "sato@aoba.example", "--to", to];
    let simulated = || {
        serde_json::from_str::<serde_json::Value>(&demo.good(&simulate)).unwrap()["recipients"][0]["verdict"].clone()
    };
    let inspect = ["inspect", "--json", "--tenant", "aoba", file];
    let closed = || {
        assert!(sent(to).starts_with("2.0.0 held until you confirm it") && simulated() == "self_review");
        let seen = demo.good(&inspect);
        assert!(seen.contains(r#""reason":"encrypted""#) && !seen.contains("my_number"), "{seen}");
        let said = check();
        assert!(
            said.contains("list.csv: パスワードで保護されています")
                && !said.contains("マイナンバー(個人番号)の可能性がある番号が"),
            "{said}"
        );
    };
    closed();

    let add = ["passwords", "add", "--tenant", "aoba", "--domain", "yamada.example", "山田製作所"];
    let added = demo.run_with(&add, &format!("{SECRET}\n"));
    assert!(added.status.success(), "{}", text(&added.stderr));
    assert!(text(&added.stdout).starts_with("山田製作所 added; 1 in all.\nNo password is tried yet"));
    closed();

    demo.good(&["passwords", "try", "--tenant", "aoba", "on"]);
    assert!(sent(to).starts_with("2.0.0 held for approval"), "by the running server");
    assert_eq!(simulated(), "hold");
    let seen = demo.good(&inspect);
    assert!(seen.contains(r#""opened":[{"part":"2","inner":""}]"#) && seen.contains("my_number"), "{seen}");
    assert!(!seen.contains("encrypted"), "{seen}");
    assert!(!demo.good(&["inspect", "--json", file]).contains("my_number"), "without the company there is no list");
    let said = check();
    assert!(said.contains("マイナンバー(個人番号)の可能性がある番号が 1件"), "{said}");
    assert!(said.contains("合意済みのパスワードで開いて検査しました"), "{said}");
    let held = demo.good(&["held", "list"]);
    let held = held.lines().find(|line| line.contains("MN-OUT")).unwrap().split('\t').next().unwrap();
    let case = demo.python(&format!("{PEN}\nprint(Pen('suzuki@aoba.example').get('/approve/{held}').text())"));
    assert!(case.contains("合意済みのパスワードで開いて検査しました") && case.contains("list.zip"), "{case}");
    assert!(sent("order@minato.example").starts_with("2.0.0 held until you confirm it"), "it was not agreed with them");

    demo.good(&["passwords", "try", "--tenant", "aoba", "off"]);
    closed();
    demo.good(&["passwords", "try", "--tenant", "aoba", "on"]);
    assert!(sent(to).starts_with("2.0.0 held for approval"));
    demo.good(&["passwords", "remove", "--tenant", "aoba", "山田製作所"]);
    closed();
    no_trace_of(SECRET, demo.dir.path());
}

#[test]
fn a_rule_may_name_what_was_encrypted_also_when_it_was_opened() {
    let demo = Demo::start();
    let rules = demo.dir.path().join("rules.toml");
    let rule = "[[rule]]\ncode = \"LOCKED\"\nname = \"x\"\ndirection = \"out\"\naction = \"block\"\n\
                when = { all = [ { attachment = { encrypted = true } }, { recipients = \"outside\" } ] }\n";
    std::fs::write(&rules, rule).unwrap();
    demo.good(&["rules", "apply", rules.to_str().unwrap(), "--tenant", "aoba"]);
    let sent = || {
        demo.python(&format!(
            "{}print(send('sato', mail('yamada@yamada.example'), ['yamada@yamada.example'])[1])",
            tools()
        ))
    };
    assert!(sent().contains("LOCKED"));
    assert!(demo.run_with(&["passwords", "add", "--tenant", "aoba", "all"], SECRET).status.success());
    demo.good(&["passwords", "try", "--tenant", "aoba", "on"]);
    assert!(sent().contains("LOCKED"), "it was encrypted, whoever opened it");
}

#[test]
fn mail_from_outside_is_opened_with_what_was_agreed_with_its_author() {
    let house = House::start();
    let person = ["user", "add", "hanako@aoba.example", "--name", "花子", "--role", "handler", "--password-stdin"];
    house.good_with(&person, PASSWORD);
    house.good(&["group", "set", "取扱担当者", "--tenant", "aoba", "--member", "hanako@aoba.example"]);
    house.good_with(&["passwords", "add", "--tenant", "aoba", "--domain", "b.example", "b"], SECRET);
    house.good(&["passwords", "try", "--tenant", "aoba", "on"]);
    house.python(&format!(
        r#"{}
import email, imaplib, smtplib, time
def deliver(sender):
    smtp = smtplib.SMTP("127.0.0.1", SMTP)
    assert smtp.sendmail(sender, ["taro@aoba.example"], mail("taro@aoba.example", sender).encode()) == {{}}
def notices():
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login("hanako@aoba.example", PASSWORD)
    if imap.select("INBOX")[1] == [b"0"]:
        return []
    return [email.message_from_bytes(part[1]) for part in imap.fetch("1:*", "(BODY.PEEK[])")[1] if isinstance(part, tuple)]
deliver("x@other.example")
deliver("x@b.example")
end = time.monotonic() + 30
while not (told := notices()):
    assert time.monotonic() < end
    time.sleep(0.05)
said = told[0].get_payload(decode=True).decode()
assert len(told) == 1 and "x@b.example" in said and "list.zip" in said, said
"#,
        tools()
    ));
    no_trace_of(SECRET, &house.data());
    assert!(!house.log().contains(SECRET));
}

#[test]
fn the_command_line_lists_names_and_never_a_password() {
    let house = House::start();
    let add = |args: &[&str], input: &str| {
        let all: Vec<&str> = ["passwords", "add", "--tenant", "aoba"].iter().chain(args).copied().collect();
        house.run_with(&all, input)
    };
    assert!(add(&["one"], "secret-of-one\nsecond line\n").status.success());
    assert!(add(&["--domain", "b.example", "--group", "取扱担当者", "two"], "秘密の言葉").status.success());
    let list = house.good(&["passwords", "list", "--tenant", "aoba"]);
    let lines: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(
        (lines[0][..3].to_vec(), lines[1][..3].to_vec()),
        (vec!["one", "*", "*"], vec!["two", "b.example", "取扱担当者"])
    );
    let json = house.good(&["passwords", "list", "--tenant", "aoba", "--json"]);
    assert!(json.contains(r#""domain":"b.example""#) && !json.contains("mark") && !json.contains("secret"), "{json}");
    for (args, input, said) in [
        (&["one"][..], "x", "the password one"),
        (&["three"], "", "the password is empty"),
        (&["three"], "\n", "the password is empty"),
        (&["three"], &"a".repeat(129), "longer than 128 bytes"),
        (&["three"], "a\tb", "control character"),
        (&["--group", "ない", "three"], "x", "there is no group ない"),
    ] {
        let refused = add(args, input);
        assert!(refused.status.code() == Some(1) && text(&refused.stderr).contains(said), "{}", text(&refused.stderr));
    }
    assert!(house.wrong(&["passwords", "remove", "--tenant", "aoba", "three"]).contains("the password three"));
    house.good(&["tenant", "set", "aoba", "--undo-seconds", "10"]);
    house.good(&["passwords", "try", "--tenant", "aoba", "on"]);
    let tenants = house.good(&["tenant", "list", "--json"]);
    assert!(tenants.contains(r#""undo_seconds":10"#), "one policy leaves the others as they are: {tenants}");
    for secret in ["secret-of-one", "秘密の言葉"] {
        no_trace_of(secret, &house.data());
        assert!(!house.log().contains(secret));
    }
}
