//! The three pictures of the README, made anew by `tests/run --all` (or with `PICTURES=1`), so that they stay
//! true: the mailbox, the check before sending, the approval on the phone.

use std::path::Path;

use super::chrome::Look;
use super::company::Company;

fn keep(name: &str, picture: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screens");
    std::fs::create_dir_all(&folder).unwrap();
    assert!(picture.len() < 200_000, "{name} has {} bytes", picture.len());
    std::fs::write(folder.join(name), picture).unwrap();
}

#[test]
fn the_pictures_of_the_readme_are_made_of_the_real_pages() {
    if std::env::var_os("PICTURES").or_else(|| std::env::var_os("SEKISHO_LONG")).is_none() {
        println!("not asked for: PICTURES=1 makes them");
        return;
    }
    let company = Company::start();
    let desk = Look { height: 640, ..Look::DESK };
    let browser = company.at_mail("sato", desk);
    browser.headed("受信トレイ");
    keep("mailbox.png", &browser.picture());
    let file = company.demo.dir.path().join("名簿.csv");
    std::fs::write(&file, "氏名,個人番号\r\n佐藤 健一,123456789018\r\n鈴木 美咲,023456789013\r\n").unwrap();
    browser.open(&company.mail("/mail/compose"));
    browser.fill("宛先", "山田 太郎 <yamada@yamada.example>");
    browser.fill_css("#subject", "10月度名簿の送付");
    browser.fill_css("#body", "山本様\nいつもお世話になっております。\n名簿をお送りします。");
    browser.attach("#attachments", &file);
    browser.see("下書きを保存しました");
    browser.click("送信前の確認へ");
    browser.headed("送信前の確認");
    keep("check.png", &browser.picture());
    for tick in browser.session.all("#check input[name=ok]:not(:checked)") {
        browser.try_click(&tick).unwrap();
    }
    browser.click("承認を依頼する");
    browser.see("承認を依頼しました");
    let phone = company.at_mail("suzuki", Look::PHONE);
    phone.click("承認待ち");
    phone.headed("承認待ち");
    phone.click("10月度名簿の送付");
    phone.headed("10月度名簿の送付");
    keep("approval.png", &phone.picture());
}
