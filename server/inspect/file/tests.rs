use std::collections::HashMap;
use std::path::PathBuf;

use review::RuleSet;
use serde_json::Value;

use super::*;

const KEY: [u8; 32] = [7; 32];
const NUMBER: &str = "123456789018";

fn inspect(name: &str, bytes: &[u8]) -> Vec<Value> {
    inspect_with(PasswordsFor::default(), name, bytes)
}

fn inspect_with(passwords: PasswordsFor, name: &str, bytes: &[u8]) -> Vec<Value> {
    let rules = RuleSet::parse(RuleSet::shipped_text()).unwrap();
    let (labels, limits, at) = (Labels::default(), Limits::default(), Timestamp(0));
    let inspector = FileInspector { rules, labels, passwords, key: KEY, texts: Texts::Here, limits, at };
    let lines = inspector.inspect(name, bytes);
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_table_that_is_no_mail_is_an_attachment() {
    let table = "氏名,個人番号\r\n青葉太郎,123456789018\r\n";
    let lines = inspect("dir/list.csv", table.as_bytes());
    assert_eq!(lines[0]["file"], "dir/list.csv");
    assert_eq!(lines[0]["verdict"], "hold");
    let found = &lines[0]["findings"][0];
    assert_eq!((&found["kind"], &found["level"]), (&"my_number".into(), &"certain".into()));
    assert_eq!((&found["where"], &found["part"]), (&"attachment".into(), &"1".into()));
    assert_eq!(found["masked"], "************");
    assert_eq!(found["fingerprint"].as_str().unwrap().len(), 8);
    assert!(!lines[0].to_string().contains(NUMBER));
}

#[test]
fn an_mbox_gives_a_line_for_each_mail() {
    let mails = "From a\nSubject: x\n\nhello\n>From you\n\nFrom b\nSubject: y\nContent-Type: text/plain; \
                 charset=utf-8\n\nマイナンバー 123456789018\n";
    let verdicts: Vec<Value> = inspect("box", mails.as_bytes()).iter().map(|line| line["verdict"].clone()).collect();
    assert_eq!(verdicts, ["pass", "hold"]);
    assert!(String::from_utf8(mbox(mails.as_bytes()).remove(0)).unwrap().contains("\nFrom you"));
}

#[test]
fn mails_are_told_from_other_files() {
    for (text, expected) in [
        ("Subject: x\r\n\r\nhello", true),
        ("Received: a\n b\nFrom: x\n\n", true),
        ("key: value\n\n", false),
        ("hello\nSubject: x\n\n", false),
        ("", false),
        ("氏名,番号\n", false),
    ] {
        assert_eq!(is_mail(text.as_bytes()), expected, "{text}");
    }
}

#[test]
fn a_program_is_blocked() {
    assert_eq!(inspect("tool.exe", b"x")[0]["verdict"], "block");
}

fn samples() -> PathBuf {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/mynumber-samples");
    if beside.is_dir() { beside } else { PathBuf::from("/work/shared/mynumber-samples") }
}

/// What the shipped rules must do with a sample, by its label and whether it has files.
fn expected(label: &Value, files: bool) -> &'static [&'static str] {
    match (label["expect"].as_str().unwrap(), label["level"].as_str()) {
        ("found", Some("certain" | "likely")) => &["hold", "block"],
        ("uninspectable", _) => &["self_review", "hold"],
        _ if files => &["delay"],
        _ => &["pass"],
    }
}

#[test]
fn the_samples_get_the_verdicts_of_their_labels() {
    let folder = samples();
    let Ok(labels) = std::fs::read_to_string(folder.join("labels.jsonl")) else { return };
    let labels: Vec<Value> = labels.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut wrong = HashMap::new();
    for label in &labels {
        let file = label["file"].as_str().unwrap();
        let mail = std::fs::read(folder.join(file)).unwrap();
        let files = String::from_utf8_lossy(&mail).contains("Content-Disposition: attachment");
        let line = inspect(file, &mail).remove(0);
        let verdict = line["verdict"].as_str().unwrap().to_owned();
        if !expected(label, files).contains(&verdict.as_str()) {
            wrong.insert(file.to_owned(), (label["category"].clone(), verdict));
        }
        for finding in label["findings"].as_array().unwrap() {
            assert!(!line.to_string().contains(finding["value"].as_str().unwrap()), "{file} shows a number");
        }
        let unread = line["not_inspected"].as_array().unwrap();
        if label["expect"] == "uninspectable" {
            assert!(!unread.is_empty(), "{file} was not read, and nothing says so");
        }
    }
    assert_eq!(labels.len(), 60);
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn what_a_password_opens_is_inspected_and_said() {
    use base64::Engine as _;
    let zip = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../extract/tests/encrypted/zipcrypto.zip")).unwrap();
    let mail = format!(
        "From: taro@aoba.example\r\nTo: b@partner.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: \
         application/zip\r\nContent-Disposition: attachment; filename=a.zip\r\nContent-Transfer-Encoding: \
         base64\r\n\r\n{}\r\n",
        base64::engine::general_purpose::STANDARD.encode(&zip)
    );
    let of_partner = || {
        PasswordsFor::new(|from, to| {
            let agreed = from.is_some() && to.iter().any(|to| to.domain().as_str() == "partner.example");
            let password = extract::Password::parse("aoba-2026").ok().filter(|_| agreed);
            Passwords::new(password.map(|password| ([1; 16], password)))
        })
    };
    let opened = inspect_with(of_partner(), "a.eml", mail.as_bytes());
    assert_eq!((&opened[0]["verdict"], &opened[0]["opened"][0]["part"]), (&"hold".into(), &"1".into()));
    assert_eq!(opened[0]["not_inspected"].as_array().map(Vec::len), Some(0));
    let other = inspect_with(of_partner(), "a.eml", mail.replace("partner.example", "other.example").as_bytes());
    for closed in [inspect("a.eml", mail.as_bytes()), other, inspect_with(of_partner(), "a.zip", &zip)] {
        assert_eq!((&closed[0]["not_inspected"][0]["reason"], closed[0].get("opened")), (&"encrypted".into(), None));
    }
}
