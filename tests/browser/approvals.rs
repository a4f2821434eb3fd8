//! Held mail through real clicks: the handler decides on the phone, the sender sees what became of it, and what was
//! approved arrives at a server that is not ours.

use super::chrome::{Browser, Look};
use super::company::Company;
use crate::outgoing::foreign::Outside;

/// The number in the mail that is held.
const NUMBER: &str = "123456789018";

/// Sends a mail with a number in a CSV as sato.
fn send(company: &Company, subject: &str) {
    company.demo.python(&format!(
        r#"
table = base64.b64encode("氏名,個人番号\r\n佐藤,{NUMBER}\r\n".encode()).decode()
mail = ("From: sato@aoba.example\r\nTo: yamada@yamada.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n本文です\r\n"
        "--b\r\nContent-Type: text/csv; charset=utf-8; name=list.csv\r\nContent-Disposition: attachment; filename=list.csv\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" + table + "\r\n--b--\r\n")
code, said = send("sato", mail.encode(), ["yamada@yamada.example"])
assert code == 250 and "held" in said, said
"#
    ));
}

/// Opens the case of this subject as the handler sees it, and looks for what must and must not stand there.
fn open_case(browser: &Browser, subject: &str) {
    browser.click("承認待ち");
    browser.headed("承認待ち");
    browser.see("規則: 社外宛 マイナンバー");
    assert!(!browser.text().contains("MN-OUT"), "a list tells names, not codes");
    browser.click(subject);
    browser.headed(subject);
    browser.see("検出");
    let text = browser.text();
    for word in ["list.csv", "●●●● ●●●● ●●●●", "社外", "yamada@yamada.example", "承認して送信", "差し戻す"]
    {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(!browser.source().contains(NUMBER), "the number stands in the page");
}

fn comment(browser: &Browser, words: &str) {
    browser.fill("コメント", words);
}

#[test]
fn a_handler_approves_on_the_phone_and_a_server_that_is_not_ours_takes_the_mail() {
    let outside = Outside::start(false);
    let company = Company::start_towards(outside.port());
    for (count, look) in [(1, Look::PHONE), (2, Look::PHONE.without_scripts()), (3, Look::DESK)] {
        let subject = format!("roster-{count}");
        send(&company, &subject);
        let browser = company.at_mail("suzuki", look);
        browser.open(&company.mail("/approve"));
        if look.width < 760 {
            let bar = "return document.querySelector('#bar a[aria-current=page]').innerText.replace(/\\s+/g, ' ')";
            assert_eq!(browser.session.script(bar, &[]), "1 承認待ち 1件", "the bar at the foot tells what waits");
        }
        open_case(&browser, &subject);
        browser.is_accessible();
        assert_eq!(outside.taken().len(), count - 1, "it left before it was approved");
        browser.click("承認して送信");
        browser.see("承認して送信しました。");
        let taken = outside.taken_when(count);
        assert_eq!(taken[count - 1]["to"][0], "yamada@yamada.example");
        browser.was_quiet();
    }
}

#[test]
fn a_returned_mail_tells_why_and_is_a_draft_again_and_a_rejected_one_is_not() {
    let company = Company::start();
    for (count, look) in super::reading::LOOKS.into_iter().enumerate() {
        let (back, no, own) = (format!("back-{count}"), format!("no-{count}"), format!("own-{count}"));
        send(&company, &back);
        send(&company, &no);
        send(&company, &own);
        let browser = company.at_mail("suzuki", look);
        open_case(&browser, &back);
        browser.click("差し戻す");
        browser.see("差し戻し・却下の理由を入力してください。");
        browser.is_accessible();
        comment(&browser, "宛先をご確認ください");
        browser.click("差し戻す");
        browser.see("差し戻しました。");
        open_case(&browser, &no);
        comment(&browser, "送れません");
        browser.click("却下");
        browser.see("却下しました。");
        browser.was_quiet_but(&["status of 422"]);

        let sender = company.at_mail("sato", look);
        sender.open(&company.mail("/outgoing"));
        for words in [&back, &no, "宛先をご確認ください", "送れません", "差し戻し", "却下"] {
            sender.see(words);
        }
        // what still waits he takes back himself: the button stands there once
        sender.click("取り下げる");
        sender.see("取り下げました。下書きに戻しています。");
        sender.is_accessible();
        assert!(!sender.text().contains("取り下げる"), "nothing waits any more");
        browser.open(&company.mail("/approve"));
        browser.headed("承認待ち");
        assert!(!browser.text().contains(&own), "it was taken back");
        sender.open(&company.mail("/mail"));
        sender.click("下書き");
        sender.headed("下書き");
        sender.see(&back);
        sender.see(&own);
        assert!(!sender.text().contains(&no), "a rejected mail became a draft");
        sender.was_quiet();
    }
    assert!(company.demo.outside(0).is_empty());
}
