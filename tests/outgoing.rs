//! The way out: submission, review, hold, decision, queue, and what people are told.

mod actions;
pub mod foreign;
mod signatures;

use crate::house::{Demo, text};

/// A mail with a CSV of `rows` numbers (the published test numbers of shared/mynumber.md).
const MAIL: &str = r#"
NUMBERS = ["123456789018", "023456789013", "123456789050", "983205673214", "465281266333", "548836529885",
           "000111111111", "111111111118", "222222222225", "999999999996", "123456789000"]
def csv(rows, subject="list"):
    table = "氏名,個人番号\r\n" + "".join("佐藤%d,%s\r\n" % (i, n) for i, n in enumerate(NUMBERS[:rows]))
    return ("From: sato@aoba.example\r\nTo: yamada@yamada.example\r\nSubject: %s\r\nMessage-ID: <%s-%d@aoba.example>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nlist\r\n"
            "--b\r\nContent-Type: text/csv; charset=utf-8; name=list.csv\r\nContent-Disposition: attachment; filename=list.csv\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n"
            % (subject, subject, rows, base64.b64encode(table.encode()).decode()))
plain = "From: sato@aoba.example\r\nTo: yamada@yamada.example\r\nBcc: secret@yamada.example\r\nSubject: hello\r\n\r\nhello\r\n"
"#;

#[test]
fn an_ordinary_mail_goes_out_without_its_bcc_line() {
    let demo = Demo::start();
    demo.python(&format!("{MAIL}\ncode, said = send('sato', plain, ['yamada@yamada.example'])\nassert code == 250 and said.startswith('2.0.0 accepted, ref '), said"));
    let outside = demo.outside(1);
    assert_eq!(outside.len(), 1);
    assert!(outside[0].contains("Subject: hello") && !outside[0].contains("secret@yamada.example"), "{}", outside[0]);
}

#[test]
fn a_my_number_in_a_csv_is_held_told_approved_and_goes_out() {
    let demo = Demo::start();
    demo.python(&format!(
        r#"{MAIL}
code, said = send("sato", csv(1), ["yamada@yamada.example", "takahashi@aoba.example"])
assert code == 250 and said.startswith("2.0.0 held for approval, ref "), said
reference = said.split()[-1]
subject, notice = inbox("sato")[-1]
assert subject == "【確認待ち】list", subject
assert reference in text(notice) and "list.csv" in text(notice) and "123456789018" not in text(notice), text(notice)
url = demo["mail_url"]
assert "\n状況を見る・取り下げる:%s/outgoing\n" % url in text(notice).replace("\r\n", "\n"), text(notice)
for handler in ("suzuki", "tanaka"):
    subject, notice = inbox(handler)[-1]
    assert subject.startswith("【承認のお願い】佐藤 健一さんのメール(期限 "), subject
    asked = text(notice).replace("\r\n", "\n")
    assert "\n確認画面を開く:%s/approve\n" % url in asked and "\n宛先:yamada.example 1件\n" in asked, asked
    assert "123456789018" not in asked and subject.count("/") == 1, asked
assert inbox("takahashi")[-1][0] == "list", "the colleague inside does not wait"
"#
    ));
    assert!(demo.outside(0).is_empty(), "it left without approval");
    let list = demo.good(&["held", "list", "--json"]);
    let held: serde_json::Value = serde_json::from_str(list.trim()).unwrap();
    assert_eq!((held["rules"][0].as_str(), held["to"][0].as_str()), (Some("MN-OUT"), Some("yamada@yamada.example")));
    let id = held["id"].to_string();
    assert_eq!(demo.good(&["held", "approve", &id, "--comment", "確認しました"]).trim(), format!("{id} released"));
    let outside = demo.outside(1);
    assert!(outside.len() == 1 && outside[0].contains("Subject: list"));
    let late = demo.run(&["held", "return", &id]);
    assert_eq!(late.status.code(), Some(1));
    assert!(text(&late.stderr).contains("already decided: released"), "{}", text(&late.stderr));
    demo.python("subject, notice = inbox('sato')[-1]\nassert subject == '【送信しました】list' and '確認しました' in text(notice), subject");
    let trace = demo.good(&["trace", held["reference"].as_str().unwrap()]);
    assert!(trace.contains("[no TLS]"), "the demo's outside world speaks none, and the mail's record says so: {trace}");
    for event in ["parcel.held", "parcel.approved", "queue.delivered"] {
        assert!(trace.contains(event), "{trace}");
    }
}

#[test]
fn ten_numbers_are_refused_with_rule_and_place_and_a_notice() {
    let demo = Demo::start();
    demo.python(&format!(
        r#"{MAIL}
code, said = send("sato", csv(11), ["yamada@yamada.example"])
lines = said.split("\n")
assert code == 550 and lines[0].startswith("5.7.1 Not sent. My Number found (rule MN-LIST): part 2, "), said
assert lines[0].endswith(" and 10 more.") and lines[1].startswith("5.7.1 See the notice in your INBOX. Ref "), said
assert not any(number in said for number in NUMBERS)
subject, notice = inbox("sato")[-1]
assert subject == "【送信できませんでした】list", subject
told = text(notice).replace("\r\n", "\n")
assert told.startswith("次のメールは送信されていません。宛先のどなたにも届いていません。\n理由:マイナンバー(個人番号)が含まれている可能性があります。\n"), told
assert "\n箇所:添付2「list.csv」" in told and "ほか10件(番号は表示しません)\n対応:該当箇所を削除して" in told, told
assert told.endswith("\n受付番号:%s\n" % said.split()[-1]) and not any(number in told for number in NUMBERS), told
assert inbox("suzuki")[-1][0].startswith("【お知らせ】"), "the handlers are told"
"#
    ));
    assert!(demo.outside(0).is_empty());
    assert!(demo.good(&["held", "list"]).is_empty());
}

#[test]
fn a_returned_mail_is_a_draft_again_and_tells_why() {
    let demo = Demo::start();
    demo.python(&format!("{MAIL}\nassert send('sato', csv(1), ['yamada@yamada.example'])[0] == 250"));
    let id = demo.good(&["held", "list"]).split('\t').next().unwrap().to_owned();
    demo.good(&["held", "return", &id, "--comment", "宛先をご確認ください"]);
    demo.python(
        "assert [s for s, _ in inbox('sato', 'Drafts')][-1] == 'list'\nsubject, notice = inbox('sato')[-1]\n\
         assert subject == '【差し戻し】list', subject\n\
         assert '差し戻されました。管理者さんより:『宛先をご確認ください』' in text(notice), text(notice)\n\
         assert '下書きを開く:%s/mail/drafts' % demo['mail_url'] in text(notice), text(notice)",
    );
    assert!(demo.outside(0).is_empty());
}

#[test]
fn of_many_decisions_at_once_one_takes_effect() {
    let demo = Demo::start();
    demo.python(&format!("{MAIL}\nassert send('sato', csv(1), ['yamada@yamada.example'])[0] == 250"));
    let id = demo.good(&["held", "list"]).split('\t').next().unwrap().to_owned();
    let won = std::thread::scope(|scope| {
        let words = ["approve", "return", "reject", "approve", "return", "reject"];
        let (demo, id) = (&demo, &id);
        let all = words.map(|word| scope.spawn(move || demo.run(&["held", word, id]).status.success()));
        all.into_iter().map(|one| one.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!(won, 1);
}

#[test]
fn a_sender_uses_only_his_own_addresses() {
    let demo = Demo::start();
    demo.python(&format!(
        r#"{MAIL}
code, said = send("sato", plain, ["yamada@yamada.example"], sender="ito@aoba.example")
assert code == 550 and "ito@aoba.example" in said, said
forged = plain.replace("From: sato", "From: ito")
code, said = send("sato", forged, ["yamada@yamada.example"])
assert code == 550 and said.startswith("5.7.1") and "ito@aoba.example" in said, said
"#
    ));
    assert!(demo.outside(0).is_empty());
}

#[test]
fn held_mail_survives_a_kill() {
    let mut demo = Demo::start();
    demo.python(&format!("{MAIL}\nassert send('sato', csv(1), ['yamada@yamada.example'])[0] == 250"));
    demo.kill();
    assert!(demo.good(&["held", "list"]).contains("MN-OUT"));
    assert!(demo.good(&["verify"]).contains("All is well."));
}

#[test]
fn a_file_of_rules_replaces_the_rules_and_a_wrong_one_is_named() {
    let demo = Demo::start();
    let file = demo.dir.path().join("rules.toml");
    let rule = "[[rule]]\ncode = \"HELLO\"\nname = \"x\"\ndirection = \"out\"\nwhen = { wildcard = \"*hello*\" }\naction = \"block\"\nmessage = \"だめ\"\n";
    std::fs::write(&file, rule).unwrap();
    let path = file.to_str().unwrap();
    assert!(demo.good(&["rules", "apply", path, "--tenant", "aoba"]).contains("Version 2"));
    demo.python(&format!("{MAIL}\ncode, said = send('sato', plain, ['yamada@yamada.example'])\nassert code == 550 and 'HELLO' in said, said"));
    std::fs::write(&file, rule.replace("wildcard", "wildcrad")).unwrap();
    let wrong = demo.run(&["rules", "apply", path, "--tenant", "aoba"]);
    assert!(text(&wrong.stderr).contains("wildcard"), "{}", text(&wrong.stderr));
    std::fs::write(&file, rule.replace("\"block\"", "{ hold = { approvers = [\"left@aoba.example\"] } }")).unwrap();
    let wrong = demo.run(&["rules", "apply", path, "--tenant", "aoba"]);
    let told = text(&wrong.stderr);
    assert!(told.contains("line 6: rule HELLO: the company has no `left@aoba.example`"), "{told}");
    assert_eq!(demo.good(&["rules", "show", "--tenant", "aoba"]).trim(), rule.trim());
}
