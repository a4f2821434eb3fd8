//! The console through real clicks, at the desk, on the phone and without scripts: people, rules, a try, a decision,
//! the queue, the audit log. What is done there is then seen in the mail system.

use super::chrome::{Browser, Look};
use super::company::Company;
use super::driver::wait_for;
use super::reading::LOOKS;

const NUMBER: &str = "123456789018";
/// Words that make it certain what the number is.
const WITH_NUMBER: &str = "マイナンバー: 123456789018";

/// The administrator's browser, and how often this was.
fn consoles(company: &Company) -> impl Iterator<Item = (usize, Browser)> + '_ {
    LOOKS.into_iter().enumerate().map(|(count, look)| (count, company.at_console("ito", look)))
}

/// Sends a text from sato to the outside; what the server said.
fn send(company: &Company, subject: &str, text: &str) -> String {
    company.demo.python(&format!(
        "mail = 'From: sato@aoba.example\\r\\nTo: yamada@yamada.example\\r\\nSubject: {subject}\\r\\n\
         Content-Type: text/plain; charset=utf-8\\r\\n\\r\\n{text}\\r\\n'\n\
         print(*send('sato', mail.encode(), ['yamada@yamada.example']))"
    ))
}

#[test]
fn a_person_is_added_and_signs_in_with_the_password_that_was_made() {
    let company = Company::start();
    for (count, console) in consoles(&company) {
        let name = format!("hana{count}");
        let tanaka = |role: &str| company.demo.good(&["user", "set", "tanaka@aoba.example", "--role", role]);
        tanaka("user");
        console.follow("利用者");
        console.headed("利用者");
        // it stands there until there are two
        console.see("取扱担当者の役割を持つ利用者が1名です。");
        console.is_accessible();
        tanaka("handler");
        console.follow("利用者を追加");
        console.headed("利用者を追加");
        console.fill("アドレス", &format!("{name}@elsewhere.example"));
        console.fill("名前", &format!("山本 花{count}"));
        console.fill("部署", "経理部");
        console.press_button("追加");
        console.see("このテナントのドメインではありません。");
        console.is_accessible();
        let kept = console.session.script("return document.querySelector('#name').value", &[]);
        assert_eq!(kept, format!("山本 花{count}"), "what was typed is lost");
        console.click_css("[role=alert] a[href='#address']");
        let at = console.session.script("return document.activeElement.id", &[]);
        assert_eq!(at, "address", "the summary of what is wrong leads to the field");
        console.fill("アドレス", &format!("{name}@aoba.example"));
        console.press_button("追加");
        console.headed("パスワードを作成しました");
        console.is_accessible();
        let made = console.session.script("return document.querySelector('.once code').textContent", &[]);
        console.follow("利用者の画面へ");
        console.headed(&format!("山本 花{count}"));
        console.was_quiet_but(&["status of 422"]);

        let own = company.chrome.browser(Look::DESK);
        company.sign_in(&own, &company.mail("/login"), &name, made.as_str().unwrap());
        own.headed("受信トレイ");
    }
}

#[test]
fn a_rule_is_edited_published_and_switched_to_record_and_back() {
    let company = Company::start();
    for (count, console) in consoles(&company) {
        let word = format!("kimitsu{count}");
        assert!(send(&company, "before", &word).starts_with("250"), "the word is free yet");
        console.follow("審査ルール");
        console.headed("審査ルール");
        console.follow("ルールを編集");
        console.headed("ルールを編集");
        let text = wait_for("the text", || console.session.all("#text").first().cloned());
        console.keys(&text, &format!("\n[[rule]]\ncode = \"NEW{count}\"\nname = \"機密{count}\"\nwen = 1\n"));
        console.press_button("変更点を確認");
        console.see("「wen」という項目はありません。「when」ではありませんか?");
        console.is_accessible();
        let mend = "arguments[0].value = arguments[0].value.replace('wen = 1', arguments[1])";
        let rest = format!(
            "direction = \"out\"\nwhen = {{ keyword = [\"{word}\"] }}\naction = \"block\"\nmessage = \"送れません\""
        );
        console.session.script(mend, &[text_area(&console), rest.into()]);
        console.press_button("変更点を確認");
        console.headed("変更点の確認");
        console.see(&word);
        console.is_accessible();
        console.fill("変更の理由", "機密の語を止める");
        console.press_button("反映する");
        console.see("新しい版を反映しました。");
        assert!(send(&company, "after", &word).starts_with("550"), "the new rule is not in force");

        for (mode, told, held) in [("record", "記録のみ", false), ("on", "有効", true)] {
            console.click_css(&format!("#rule-MN-OUT button[value={mode}]"));
            console.see(&format!("社外宛 マイナンバー を「{told}」にしました。"));
            assert_eq!(send(&company, mode, WITH_NUMBER).contains("held"), held, "{mode}");
        }
        console.follow("版の履歴");
        console.see("機密の語を止める");
        console.was_quiet_but(&["status of 422"]);
    }
}

fn text_area(console: &Browser) -> serde_json::Value {
    wait_for("the text", || console.session.all("#text").first().cloned()).argument()
}

#[test]
fn a_mail_is_tried_in_the_simulator_and_nothing_is_sent() {
    let company = Company::start();
    let file = company.demo.dir.path().join("list.csv");
    std::fs::write(&file, format!("氏名,個人番号\r\n佐藤,{NUMBER}\r\n")).unwrap();
    for (_, console) in consoles(&company) {
        console.follow("審査ルール");
        console.headed("審査ルール");
        console.follow("シミュレーター");
        console.headed("シミュレーター");
        console.fill("送信者のアドレス", "sato@aoba.example");
        console.fill("宛先のアドレス", "yamada@yamada.example");
        console.fill("件名", "名簿");
        console.fill("本文", "ご確認ください");
        console.attach("#attachment", &file);
        console.press_button("試す");
        console.see("最終的な動作");
        let text = console.text();
        for word in ["保留", "list.csv", "●●●● ●●●● ●●●●", "鈴木 美咲", "社外宛 マイナンバー", "yamada@yamada.example"]
        {
            assert!(text.contains(word), "{word}: {text}");
        }
        assert!(!console.source().contains(NUMBER), "the number stands in the page");
        let given = console.session.script("return document.querySelector('#from').value", &[]);
        assert_eq!(given, "sato@aoba.example");
        console.is_accessible();
        console.was_quiet();
    }
    assert!(company.demo.good(&["held", "list"]).is_empty() && company.demo.outside(0).is_empty());
}

#[test]
fn a_held_mail_is_decided_then_stopped_and_let_go_in_the_queue_and_all_of_it_is_in_the_audit_log() {
    // nobody listens there, so that the queue keeps what is sent
    let company = Company::start_towards(1);
    for (count, console) in consoles(&company) {
        let subject = format!("roster-{count}");
        assert!(send(&company, &subject, WITH_NUMBER).contains("held"));
        console.follow("保留");
        console.headed("保留");
        console.follow(&subject);
        console.headed(&subject);
        assert!(!console.source().contains(NUMBER), "the number stands in the page");
        if count == 0 {
            // who may not open My Numbers is offered no approval, and reads why
            console.see("依頼を受けた取扱担当者が承認します");
            assert!(console.has("差し戻す") && console.has("却下する") && !console.has("送信する"));
            console.is_accessible();
            let roles = ["--role", "admin", "--role", "operator", "--role", "handler"];
            let page = console.url();
            // other roles end his sessions
            company.demo.good(&[&["user", "set", "ito@aoba.example"][..], &roles].concat());
            company.sign_in(&console, &company.admin("/login"), "ito", company.password("ito"));
            console.wait_path(|path| !path.starts_with("/login"));
            console.open(&page);
        }
        console.press_button("送信する");
        console.see("理由を入力してください。");
        console.is_accessible();
        console.fill("理由", &format!("確認済み-{count}"));
        console.press_button("送信する");
        console.see("送信しました。");

        console.follow("キュー");
        console.headed("キュー");
        let row = format!("#rows tbody tr:nth-child({}) input[type=checkbox]", count + 1);
        for act in ["保留", "解除"] {
            wait_for("the row in the queue", || {
                let there = !console.session.all(&row).is_empty();
                if !there {
                    console.open(&company.admin("/t/aoba/queue"));
                }
                there.then_some(())
            });
            console.click_css(&row);
            console.press_button(act);
            console.see("1件を処理しました。");
            console.is_accessible();
            console.open(&company.admin("/t/aoba/queue"));
        }

        console.follow("監査ログ");
        console.headed("監査ログ");
        console.choose("種類", "キュー");
        console.press_button("表示");
        console.wait_path(|path| path.contains("event=queue"));
        console.see("キュー: 保留");
        console.see("キュー: 解除");
        assert!(!console.text().contains("user.added"), "the filter did nothing:\n{}", console.text());
        console.fill("実行者のアドレス", "nobody@aoba.example");
        console.press_button("表示");
        console.see("このアドレスの利用者はいません。");
        console.is_accessible();
        console.was_quiet_but(&["status of 422"]);
    }
}
