//! What a rule can do with outgoing mail besides holding and refusing it: record, notify, delete.

use crate::house::{Demo, text};

const RULES: &str = r#"
[[rule]]
code = "NOTE"
name = "x"
direction = "out"
when = { wildcard = "*record me*" }
action = "record"
message = "記録"

[[rule]]
code = "TELL"
name = "x"
direction = "out"
when = { wildcard = "*tell them*" }
action = { notify = ["group:取扱担当者"] }
message = "お知らせの理由"

[[rule]]
code = "AWAY"
name = "x"
direction = "out"
when = { wildcard = "*delete me*" }
action = "delete"
message = "廃棄"
"#;

const SEND: &str = r#"
def mail(words):
    return ("From: sato@aoba.example\r\nTo: yamada@yamada.example\r\nSubject: %s\r\n"
            "Message-ID: <%s@aoba.example>\r\n\r\nhello\r\n" % (words, words.replace(" ", "-")))
def sent(words):
    code, said = send("sato", mail(words), ["yamada@yamada.example"])
    assert code == 250 and said.startswith("2.0.0 accepted, ref "), said
    print(said.split()[-1])
"#;

/// The demo's company under [`RULES`].
fn demo() -> Demo {
    let demo = Demo::start();
    let file = demo.dir.path().join("rules.toml");
    std::fs::write(&file, RULES).unwrap();
    let applied = demo.run(&["rules", "apply", file.to_str().unwrap(), "--tenant", "aoba"]);
    assert!(applied.status.success(), "{}", text(&applied.stderr));
    demo
}

#[test]
fn a_mail_that_a_rule_records_goes_and_nobody_is_told() {
    let demo = demo();
    demo.python(&format!(
        "{SEND}\nbefore = [len(inbox(n)) for n in ('sato', 'suzuki')]\nsent('record me')\n\
         assert [len(inbox(n)) for n in ('sato', 'suzuki')] == before, 'nobody is told'\n\
         import os, sqlite3\n\
         mails = sqlite3.connect(os.path.join(os.path.dirname(demo['config']), 'data', 'mail.db'))\n\
         told = mails.execute(\"SELECT detail FROM audit WHERE event = 'submission.judged' ORDER BY id DESC\").fetchone()\n\
         assert json.loads(told[0])['outcome'] == 'sent' and 'NOTE' in told[0], told"
    ));
    assert_eq!(demo.outside(1).len(), 1);
}

#[test]
fn a_mail_of_which_a_rule_tells_goes_and_those_named_are_told() {
    let demo = demo();
    demo.python(&format!(
        "{SEND}\nsent('tell them')\nfor name in ('suzuki', 'tanaka'):\n    \
         subject, notice = inbox(name)[-1]\n    \
         assert subject == '【お知らせ】佐藤 健一さんのメール', subject\n    \
         assert text(notice).startswith('お知らせの理由'), text(notice)"
    ));
    assert_eq!(demo.outside(1).len(), 1);
}

#[test]
fn a_mail_that_a_rule_deletes_leaves_nothing_but_a_record_and_its_sender_is_not_told() {
    let demo = demo();
    let reference = demo.python(&format!(
        "{SEND}\nfolders = ('INBOX', 'Drafts', 'Sent')\nbefore = [len(inbox('sato', f)) for f in folders]\n\
         sent('delete me')\nassert [len(inbox('sato', f)) for f in folders] == before, 'the sender is told'"
    ));
    // a later mail is there, so this one would be too
    demo.python(&format!("{SEND}\nsent('hello')"));
    let outside = demo.outside(1);
    assert!(outside.len() == 1 && outside[0].contains("Subject: hello"), "{outside:?}");
    assert!(demo.good(&["queue", "list"]).is_empty() && demo.good(&["held", "list"]).is_empty());
    let trace = demo.good(&["trace", reference.trim()]);
    assert!(trace.contains("deleted\tyamada@yamada.example\tAWAY") && trace.contains("parcel.deleted"), "{trace}");
}
