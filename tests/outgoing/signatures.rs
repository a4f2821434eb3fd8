//! Signatures on what leaves (DKIM): keys begin to sign when the DNS has their records, and another verifier finds every form of a
//! mail signed as it arrives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use serde_json::Value;

use super::foreign::{Outside, until};
use crate::house::{Demo, House, PASSWORD, text};
use crate::links::STRANGER;
use crate::rules::doors::{DOORS, PEN, under};

/// What `oracle.py` says of mails under these records: selector, domain and verdict of each signature, mail by mail.
fn verified(dir: &Path, records: &BTreeMap<String, String>, mails: &[PathBuf]) -> Vec<Vec<(String, String, Value)>> {
    let texts = dir.join("oracle.json");
    std::fs::write(&texts, serde_json::to_string(records).unwrap()).unwrap();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outgoing/oracle.py");
    let output = Command::new("/usr/bin/python3").arg(program).arg(texts).args(mails).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn keys(list: &str) -> Vec<Value> {
    list.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The records of `sekisho domain dkim list --json`, by name.
fn records(list: &str) -> BTreeMap<String, String> {
    let word = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
    keys(list).iter().map(|key| (word(key, "name"), word(key, "text"))).collect()
}

/// Selector and state of each key.
fn states(house: &House) -> Vec<String> {
    let list = house.good(&["domain", "dkim", "list", "aoba.example", "--json"]);
    keys(&list).iter().map(|key| format!("{} {}", key["selector"], key["state"]).replace('"', "")).collect()
}

/// Sends a mail with every sort of bytes in it; the file in which it arrived as the nth mail.
fn arrived(house: &House, outside: &Outside, nth: usize) -> PathBuf {
    house.python(
        r#"
import smtplib
smtp = smtplib.SMTP("127.0.0.1", SUBMISSION)
smtp.login("hanako@aoba.example", PASSWORD)
mail = ("From: =?UTF-8?B?6Iqx5a2Q?=\r\n <hanako@aoba.example>\r\nTo: a@partner.example\r\nBcc: b@partner.example\r\nSubject: a  long\r\n\t subject \r\n"
        "Message-ID: <1@aoba.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        ".dot\r\n見積り \t です \r\n\r\n\r\n").encode()
assert smtp.sendmail("hanako@aoba.example", ["a@partner.example"], mail, ["BODY=8BITMIME"]) == {}
"#,
    );
    let taken = outside.taken_when(nth);
    let bytes = base64::engine::general_purpose::STANDARD.decode(taken[nth - 1]["bytes"].as_str().unwrap()).unwrap();
    let path = outside.file(&format!("mail-{nth}"));
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn keys_sign_once_the_dns_has_their_records_and_others_take_their_place() {
    let outside = Outside::start(false);
    let house = House::start_with(&format!("{}{}", outside.route("opportunistic"), outside.names()));
    house.good_with(&["user", "add", "hanako@aoba.example", "--name", "花子", "--password-stdin"], PASSWORD);
    let dkim = |word: &str| house.good(&["domain", "dkim", word, "aoba.example"]);
    let publish = |records: &BTreeMap<String, String>| {
        std::fs::write(outside.file("texts"), serde_json::to_string(records).unwrap()).unwrap();
    };
    let said = |mail: PathBuf, all: &BTreeMap<String, String>| verified(house.data().as_path(), all, &[mail]).remove(0);
    let good = |selector: &str| (selector.to_owned(), "aoba.example".to_owned(), Value::Bool(true));
    assert!(dkim("list").contains("its mail is not signed"), "{}", dkim("list"));
    assert!(house.wrong(&["domain", "dkim", "make", "elsewhere.example"]).contains("there is no domain"));

    let made = dkim("make");
    let lines: Vec<&str> = made.lines().collect();
    assert!(lines[0].contains("r._domainkey.aoba.example. IN TXT \"v=DKIM1; k=rsa; p=MII"), "{made}");
    assert!(lines[1].contains("e._domainkey.aoba.example. IN TXT \"v=DKIM1; k=ed25519; p="), "{made}");
    assert!(house.wrong(&["domain", "dkim", "make", "aoba.example"]).contains("wait for their records"));
    let first = records(&house.good(&["domain", "dkim", "list", "aoba.example", "--json"]));
    let selectors: Vec<String> = states(&house).iter().map(|state| state.split(' ').next().unwrap().into()).collect();
    let [rsa, ed25519] = selectors.as_slice() else { panic!("{selectors:?}") };
    assert_eq!(dkim("check").matches("missing\t").count(), 2);
    assert_eq!(said(arrived(&house, &outside, 1), &first), [], "keys that wait sign nothing");

    let mut half = first.clone();
    half.insert(format!("{ed25519}._domainkey.aoba.example"), "v=DKIM1; k=ed25519; p=other".into());
    publish(&half);
    let checked = dkim("check");
    assert!(checked.contains(&format!("published\t{rsa}._domainkey.aoba.example\n")), "{checked}");
    assert!(checked.contains("different\t") && checked.contains("p=other"), "{checked}");
    assert_eq!(said(arrived(&house, &outside, 2), &first), [good(rsa)]);
    publish(&first);
    dkim("check");
    let mail = arrived(&house, &outside, 3);
    assert_eq!(said(mail.clone(), &first), [good(rsa), good(ed25519)]);

    // what was changed on the way is found: the text, a field that came twice, one that was not there
    let whole = std::fs::read(&mail).unwrap();
    let whole = whole.iter().map(|byte| char::from(*byte)).collect::<String>();
    assert!(!whole.contains("b@partner.example"), "{whole}");
    for (from, to) in [
        (".dot", ".Dot"),
        ("To: a@", "To: b@"),
        ("Message-ID:", "Subject: other\r\nMessage-ID:"),
        ("Message-ID:", "From: other@partner.example\r\nMessage-ID:"),
        ("Message-ID:", "Reply-To: other@partner.example\r\nMessage-ID:"),
    ] {
        let forged: Vec<u8> =
            whole.replacen(from, to, 1).chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let path = outside.file("forged");
        std::fs::write(&path, forged).unwrap();
        let verdicts = said(path, &first);
        assert!(verdicts.len() == 2 && verdicts.iter().all(|(_, _, good)| *good != true), "{to}: {verdicts:?}");
    }

    // new keys take the place of these when their records are there, which the running server finds by itself
    dkim("make");
    let all = records(&house.good(&["domain", "dkim", "list", "aoba.example", "--json"]));
    assert_eq!(said(arrived(&house, &outside, 4), &all), [good(rsa), good(ed25519)]);
    publish(&all);
    let mut house = house;
    house.stop();
    house.serve();
    until("the new keys", || {
        states(&house).iter().filter(|state| state.ends_with(" signing")).count() == 2
            && states(&house)[0].ends_with(" retired")
    });
    let next = [format!("{rsa}2"), format!("{ed25519}2")];
    let expected = [
        format!("{rsa} retired"),
        format!("{ed25519} retired"),
        format!("{} signing", next[0]),
        format!("{} signing", next[1]),
    ];
    assert_eq!(states(&house), expected);
    let mail = arrived(&house, &outside, 5);
    assert_eq!(verified(&house.data(), &all, &[mail]), [[good(&next[0]), good(&next[1])]]);
    house.good(&["domain", "dkim", "remove", "aoba.example", rsa]);
    assert!(house.wrong(&["domain", "dkim", "start", "aoba.example", ed25519]).contains("is retired"));
    assert!(house.wrong(&["domain", "dkim", "remove", "aoba.example", rsa]).contains("has no key"));
}

/// Rules that change what goes out, each for the mails that name it.
const FORMS: &str = r#"
[[rule]]
code = "FOOT"
name = "末尾"
direction = "out"
when = { all = [{ recipients = "outside" }, { wildcard = { any = ["footer*"], where = "subject" } }] }
action = { footer = { text = "社外秘" } }
[[rule]]
code = "ZIP"
name = "ZIP"
direction = "out"
when = { all = [{ recipients = "outside" }, { wildcard = { any = ["zip*"], where = "subject" } }] }
action = { encrypt = "zip" }
[[rule]]
code = "LINK"
name = "リンク"
direction = "out"
when = { all = [{ recipients = "outside" }, { wildcard = { any = ["link*"], where = "subject" } }] }
action = { encrypt = "link" }
[[rule]]
code = "HEAD"
name = "見出し"
direction = "out"
when = { all = [{ recipients = "outside" }, { wildcard = { any = ["header*"], where = "subject" } }] }
action = { header = { name = "X-Classification", value = "社外秘" } }
[[rule]]
code = "HIDE"
name = "宛先"
direction = "out"
when = { all = [{ recipients = "outside" }, { wildcard = { any = ["hidden*"], where = "subject" } }] }
action = "hide_recipients"
"#;

#[test]
fn every_form_of_a_mail_is_signed_as_it_arrives() {
    let demo = under(FORMS);
    demo.administer(
        r#"
ito = Admin("ito")
page = ito.see("/domains/aoba.example", "鍵がないため、このドメインのメールには署名が付いていません。")
ito.do("/domains/aoba.example", "/domains/aoba.example/dkim/make")
page = ito.see("/domains/aoba.example", "DNSへの登録待ち", "v=DKIM1; k=rsa; p=MII", "v=DKIM1; k=ed25519; p=", "署名を始めます")
again = ito.do("/domains/aoba.example", "/domains/aoba.example/dkim/make", status=422)
assert "DNSへの登録を待っている鍵があります。" in again.body
looked = ito.do("/domains/aoba.example", "/domains/aoba.example/dkim/check", status=200)
assert "DNSに問い合わせできません" in looked.body or "レコードが見つかりません" in looked.body, looked.body
first, second = re.findall(r'id="key-([0-9a-z]+)"', page)
for selector in (first, second):
    ito.do("/domains/aoba.example", "/domains/aoba.example/dkim/start", selector=selector)
page = ito.see("/domains/aoba.example", "署名中", "新しい鍵に替える")
assert "DNSへの登録待ち" not in page, page
log = ito.see("/t/aoba/audit", "DKIMの鍵を作成", "DKIMの署名を開始", first)
"#,
    );
    let all = records(&demo.good(&["domain", "dkim", "list", "aoba.example", "--json"]));
    demo.python(&format!(
        r#"{PEN}
{DOORS}
FILE = ("名簿\r\n" * 50).encode()
for subject in ("plain", "footer", "header", "hidden", "zip", "link"):
    for door in ("smtp", "browser"):
        name = subject + " by " + door
        if door == "smtp":
            code, said = send("sato", *mail("sato", PARTNER, subject=name, text="本文です。", files=[("名簿.csv", "text/csv", FILE)]))
            assert code == 250, said
        else:
            check = pen("sato").check([("名簿.csv", "text/csv", FILE)], to=PARTNER, subject=name, body="本文です。")
            assert pen("sato").tick(check).status == 303, check
"#
    ));
    demo.outside_files(12);
    // what the system itself writes to somebody outside: a code, a link anew, a request for files
    demo.python(&format!(
        r#"{PEN}
{DOORS}
{STRANGER}
links = [link_in(one) for one in outside_mails() if subject_of(one).startswith("link by")]
assert len(links) == 2 and post(links[-1] + "/code").status == 303
arrived(13)
assert "新しいリンクを送りました" in act("renew")
arrived(14)
csrf = re.search(r'name="csrf" value="([^"]*)"', pen("suzuki").get("/collections/new").body).group(1)
fields = [("csrf", csrf), ("recipient", PARTNER), ("title", "書類"), ("note", ""), ("expected", "写し"), ("days", "7")]
assert pen("suzuki").post("/collections/new", fields).status == 303
arrived(15)
"#
    ));
    let mails = demo.outside_files(15);
    let said = verified(demo.folder(), &all, &mails);
    assert_eq!(said.len(), mails.len());
    for (mail, verdicts) in mails.iter().zip(said) {
        let good = verdicts.iter().all(|(_, domain, good)| domain == "aoba.example" && *good == true);
        assert!(verdicts.len() == 2 && good, "{verdicts:?} {}", std::fs::read_to_string(mail).unwrap_or_default());
    }
    forwarded_mail_is_not_signed(&demo, &all);
}

/// Whoever writes from outside in the name of somebody here to a group with members outside gets no signature of ours; an author here does.
fn forwarded_mail_is_not_signed(demo: &Demo, all: &BTreeMap<String, String>) {
    demo.good(&[
        "group",
        "add",
        "outsiders",
        "--tenant",
        "aoba",
        "--address",
        "all@aoba.example",
        "--member",
        "taro@yamada.example",
    ]);
    demo.python(
        r#"
mail = "From: sato@aoba.example\r\nTo: all@aoba.example\r\nSubject: %s\r\n\r\nhello\r\n"
smtp = smtplib.SMTP("127.0.0.1", demo["smtp"])
assert smtp.sendmail("stranger@elsewhere.example", ["all@aoba.example"], mail % "forged") == {}
code, said = send("sato", mail % "genuine", ["all@aoba.example"])
assert code == 250, said
"#,
    );
    let mails = demo.outside_files(17);
    for (mail, verdicts) in mails.iter().zip(verified(demo.folder(), all, &mails)) {
        let signed = !std::fs::read_to_string(mail).unwrap().contains("Subject: forged");
        assert_eq!(verdicts.len(), if signed { 2 } else { 0 }, "{}", mail.display());
    }
}
