//! Writing mail through real clicks: reply, a My Number in a CSV to the outside, the check before sending, what waits.

use std::path::PathBuf;

use super::chrome::Browser;
use super::company::Company;
use super::driver::wait_for;
use super::reading::LOOKS;

const NUMBER: &str = "123456789018";

/// A CSV with a number, in the demo's folder.
fn csv(company: &Company) -> PathBuf {
    let path = company.demo.dir.path().join("meibo.csv");
    std::fs::write(&path, format!("氏名,個人番号\r\n佐藤,{NUMBER}\r\n")).unwrap();
    path
}

/// Fills the form and goes to the check.
fn write(browser: &Browser, company: &Company, subject: &str) {
    browser.open(&company.mail("/mail/compose"));
    browser.fill("宛先", "yamada@yamada.example");
    browser.fill_css("#subject", subject);
    browser.fill_css("#body", "山田様\n名簿をお送りします。");
    browser.attach("#attachments", &csv(company));
    if browser.scripts.get() {
        browser.see("下書きを保存しました");
    } else {
        browser.click("保存");
    }
    wait_for("the attachment", || browser.has("meibo.csv").then_some(()));
    browser.click("送信前の確認へ");
    browser.headed("送信前の確認");
}

/// Ticks all that must be looked at.
fn tick_all(browser: &Browser) {
    for tick in browser.session.all("#check input[name=ok]:not(:checked)") {
        browser.try_click(&tick).unwrap();
    }
}

#[test]
fn a_number_in_a_file_is_shown_before_sending_and_the_mail_then_waits_for_approval() {
    let company = Company::start();
    for (count, look) in LOOKS.into_iter().enumerate() {
        let subject = format!("meibo-{count}");
        let browser = company.at_mail("sato", look);
        write(&browser, &company, &subject);
        let text = browser.text();
        for word in [
            "1件見つかりました",
            "meibo.csv",
            "●●●● ●●●● ●●●●",
            "社外宛 マイナンバー",
            "承認待ち",
            "社外",
            "yamada.example",
        ] {
            assert!(text.contains(word), "{word}: {text}");
        }
        assert!(text.contains("保留して取扱担当者の承認を待ちます"), "what will happen: {text}");
        assert!(!text.contains("保留しました"), "nothing has happened yet: {text}");
        assert!(!browser.source().contains(NUMBER), "the number stands in the page");
        browser.is_accessible();
        tick_all(&browser);
        browser.click("承認を依頼する");
        browser.see("承認を依頼しました");
        browser.open(&company.mail("/outgoing"));
        browser.see(&subject);
        browser.see("承認待ち");
        assert!(company.demo.good(&["held", "list"]).lines().count() == count + 1);
        browser.was_quiet();
    }
    assert!(company.demo.outside(0).is_empty(), "it left without approval");
}

#[test]
fn a_reply_goes_out_and_quotes_and_a_returned_mail_opens_as_a_draft() {
    let company = Company::start();
    for (count, look) in LOOKS.into_iter().enumerate() {
        let browser = company.at_mail("sato", look);
        browser.click("受信トレイ");
        let outside =
            "return [...document.querySelectorAll('#rows > li')].findIndex(row => row.textContent.includes('山田'))";
        let at = browser.session.script(outside, &[]).as_u64().unwrap();
        let row = browser.session.all("#rows > li > a")[usize::try_from(at).unwrap()].clone();
        browser.try_click(&row).unwrap();
        browser.wait_path(|path| path.starts_with("/mail/m/"));
        browser.click("返信");
        browser.wait_path(|path| path.starts_with("/mail/compose"));
        let text = wait_for("the form", || browser.session.all("#body").first().cloned());
        let quoted = browser.session.script("return arguments[0].value", &[text.argument()]);
        assert!(quoted.as_str().unwrap().contains("> "), "{quoted}");
        browser.keys(&text, "承知しました。");
        browser.click("送信前の確認へ");
        browser.headed("送信前の確認");
        tick_all(&browser);
        browser.press_button("送信");
        browser.see("送信しました");
        let left = company.demo.outside(count + 1);
        assert_eq!(left.len(), count + 1, "it did not reach the outside");
        browser.was_quiet();
    }
    let browser = company.at_mail("sato", LOOKS[0]);
    write(&browser, &company, "returned");
    tick_all(&browser);
    browser.click("承認を依頼する");
    browser.see("承認を依頼しました");
    let held = company.demo.good(&["held", "list"]);
    company.demo.good(&["held", "return", held.split('\t').next().unwrap(), "--comment", "宛先をご確認ください"]);
    browser.open(&company.mail("/mail"));
    browser.click("下書き");
    browser.headed("下書き");
    browser.follow("returned");
    browser.wait_path(|path| path.starts_with("/mail/compose"));
    let subject = browser.session.script("return document.querySelector('#subject').value", &[]);
    assert_eq!(subject, "returned");
    wait_for("the attachment", || browser.text().contains("meibo.csv").then_some(()));
    browser.was_quiet();
}

#[test]
fn a_mail_is_taken_back_from_the_toast_and_leaves_when_nobody_does() {
    let company = Company::start_with_undo(30);
    for (count, look) in LOOKS.into_iter().enumerate() {
        let browser = company.at_mail("sato", look);
        browser.open(&company.mail("/mail/compose"));
        browser.fill("宛先", "yamada@yamada.example");
        browser.fill_css("#subject", "undone");
        browser.fill_css("#body", "山田様");
        browser.click("送信前の確認へ");
        browser.headed("送信前の確認");
        browser.see("送信後 30秒間は取り消せます。");
        tick_all(&browser);
        browser.press_button("送信");
        browser.see("送信しました。");
        browser.is_accessible();
        browser.press_button("取り消す");
        browser.wait_path(|path| path.starts_with("/mail/compose/"));
        browser.see("送信を取り消しました。");
        let subject = browser.session.script("return document.querySelector('#subject').value", &[]);
        assert_eq!(subject, "undone");
        company.demo.good(&["tenant", "set", "aoba", "--undo-seconds", "5"]);
        browser.click("送信前の確認へ");
        browser.headed("送信前の確認");
        tick_all(&browser);
        browser.press_button("送信");
        browser.see("送信しました。");
        browser.open(&company.mail("/outgoing"));
        browser.see("送信待ち");
        browser.is_accessible();
        company.demo.good(&["tenant", "set", "aoba", "--undo-seconds", "30"]);
        assert_eq!(company.demo.outside(count + 1).len(), count + 1, "each mail leaves once, the one taken back never");
        browser.was_quiet();
    }
}
