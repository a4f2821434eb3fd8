//! The download page as a recipient outside sees it: on the phone and at the desk, with scripts and without, in both languages; and
//! the screens on which the sender sees what became of his links.

use super::chrome::{Browser, Look};
use super::company::Company;
use crate::rules::doors::{DOORS, PEN};

const STRANGER: &str = include_str!("../links/stranger.py");
const RULES: &str = "[[rule]]\ncode = \"LINK\"\ndirection = \"out\"\nwhen = { recipients = \"outside\" }\naction = { encrypt = { form = \"link\", reply = true } }\n";

fn python(company: &Company, program: &str) -> String {
    company.demo.python(&format!("{PEN}\n{DOORS}\n{STRANGER}\n{program}")).trim().to_owned()
}

/// Sends two files to the outside; the address of the link. `count`: so many mails are outside then.
fn send(company: &Company, count: usize) -> String {
    let path = python(
        company,
        &format!(
            r#"
files = [("名簿.csv", "text/csv", FILE), ("とても長い名前の見積書_2026年度下期_株式会社山田製作所御中_最終版.pdf", "application/pdf", b"%PDF-1.4 x")]
code, said = send("sato", *mail("sato", PARTNER, subject="見積書の送付", files=files))
assert code == 250, said
print(link_in(arrived({count})[-1]))
"#
        ),
    );
    company.content(&path)
}

/// The code in the last of `count` mails outside.
fn code(company: &Company, count: usize) -> String {
    python(company, &format!("print(code_in(arrived({count})[-1]))"))
}

fn fits(browser: &Browser) {
    browser.is_accessible();
    let script = "return [document.documentElement.scrollWidth, window.innerWidth, document.scripts.length]";
    let seen = browser.session.script(script, &[]);
    assert!(seen[0].as_i64() <= seen[1].as_i64(), "it scrolls sideways on {}: {seen}", browser.url());
    assert_eq!(seen[2], 0, "a script stands on {}", browser.url());
}

#[test]
fn a_recipient_outside_receives_files_on_the_phone_and_at_the_desk_with_scripts_and_without() {
    let company = Company::start();
    let rules = company.demo.dir.path().join("rules.toml");
    std::fs::write(&rules, RULES).unwrap();
    company.demo.good(&["rules", "apply", rules.to_str().unwrap(), "--tenant", "aoba"]);
    let looks = [Look::PHONE, Look::PHONE.dark().without_scripts(), Look::DESK, Look::DESK.without_scripts()];
    let mut mails = 0;
    for look in looks {
        let link = send(&company, mails + 1);
        let browser = company.chrome.browser(look);
        browser.open(&link);
        browser.headed("ファイルの受け取り");
        browser.see("株式会社青葉製作所");
        fits(&browser);
        browser.click("確認コードを送る");
        browser.headed("本人確認");
        fits(&browser);
        browser.fill("確認コード", "000 00");
        browser.click("確認");
        browser.see("あと4回誤ると");
        fits(&browser);
        browser.fill("確認コード", &code(&company, mails + 2));
        browser.click("確認");
        browser.headed("ファイル");
        browser.see("名簿.csv");
        browser.see("残り 5回");
        fits(&browser);
        browser.click("「名簿.csv」をダウンロード");
        let told = "assert '名簿.csv' in links_page().text() and 'ダウンロード 1回' in links_page().text()";
        company.demo.until(|| {
            let asked = format!("try:\n    {told}\n    print('yes')\nexcept AssertionError:\n    print('no')");
            (python(&company, &asked) == "yes").then_some(())
        });
        let file = company.demo.dir.path().join("返信.csv");
        std::fs::write(&file, "a,b\r\n").unwrap();
        browser.fill("メッセージ(任意)", "ありがとうございます。");
        browser.attach("#files", &file);
        browser.click("送信する");
        browser.headed("送信しました");
        fits(&browser);
        browser.click("ファイルの一覧に戻る");
        browser.headed("ファイル");
        browser.open(&format!("{}?lang=en", link));
        browser.headed("Receive files");
        fits(&browser);
        browser.open(&company.content("/d/0123456789abcdef0123456789abcdef"));
        browser.headed("このリンクは使えません");
        fits(&browser);
        browser.was_quiet_but(&["status of 422", "status of 404"]);
        mails += 2;
    }
}

#[test]
fn a_sender_sees_and_stops_his_links_and_prints_that_nothing_was_taken() {
    let company = Company::start();
    let rules = company.demo.dir.path().join("rules.toml");
    std::fs::write(&rules, RULES).unwrap();
    company.demo.good(&["rules", "apply", rules.to_str().unwrap(), "--tenant", "aoba"]);
    for (count, look) in super::reading::LOOKS.into_iter().enumerate() {
        send(&company, count + 1);
        let browser = company.at_mail("sato", look);
        browser.open(&company.mail("/outgoing"));
        browser.click("リンクの状況");
        browser.headed("リンクの状況");
        browser.see("受け取り可能");
        browser.is_accessible();
        browser.click("リンクを停止: taro@yamada.example");
        browser.see("リンクを停止しました");
        browser.is_accessible();
        browser.click("ダウンロード 0件の証明");
        browser.headed("ダウンロード 0件の記録");
        browser.see("ファイルのダウンロードはありません");
        browser.is_accessible();
        browser.was_quiet();
    }
}
