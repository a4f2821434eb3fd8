//! The first five minutes with `sekisho demo`, as the terminal proposes them: the prepared draft, what the check shows,
//! the handler on the phone, the draft that comes back, and what was not stopped.

use super::chrome::{Browser, Look};
use super::company::Company;

const SUBJECT: &str = "10月度名簿の送付";

/// The prepared draft, as its author finds it.
fn open_draft(sato: &Browser, company: &Company) {
    sato.open(&company.mail("/mail/drafts"));
    sato.headed("下書き");
    sato.follow(SUBJECT);
    sato.wait_path(|path| path.starts_with("/mail/compose"));
}

fn all_of(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn the_first_five_minutes_go_as_the_terminal_proposes() {
    let company = Company::start();
    let sato = company.at_mail("sato", Look::DESK);
    open_draft(&sato, &company);
    sato.see("社外・初めて");
    sato.click("送信前の確認へ");
    sato.headed("送信前の確認");
    // a hidden sheet whose number lost its leading zero, and a mail in an archive
    let places = ["2件見つかりました", "名簿.xlsx", "扶養", "C12", "控え.zip", "転送.eml", "3行目"];
    all_of(&sato.text(), &places);
    all_of(&sato.text(), &["宛名「山本様」と宛先「山田」が異なります", "承認者: 鈴木 美咲、田中 徹"]);
    assert!(!sato.has("送信する") && sato.has("承認を依頼する"));
    for tick in sato.session.all("#check input[name=ok]:not(:checked)") {
        sato.try_click(&tick).unwrap();
    }
    sato.click("承認を依頼する");
    sato.see("承認を依頼しました");

    let suzuki = company.at_mail("suzuki", Look::PHONE);
    suzuki.click("承認待ち");
    suzuki.headed("承認待ち");
    suzuki.click(SUBJECT);
    suzuki.headed(SUBJECT);
    all_of(&suzuki.text(), &places[1..]);
    suzuki.fill("コメント", "宛先をご確認ください");
    suzuki.click("差し戻す");
    suzuki.see("差し戻しました。");

    sato.open(&company.mail("/mail"));
    sato.see(&format!("【差し戻し】{SUBJECT}"));
    open_draft(&sato, &company);
    sato.see("名簿.xlsx");
    sato.see("控え.zip");

    let guest = company.chrome.browser(Look::DESK);
    guest.open(&company.outside("/"));
    guest.see("まだ何も届いていません");
    guest.open(&company.outside("/trial"));
    guest.headed("止めたもの・止めなかったもの");
    all_of(&guest.text(), &["200", "12", "188", "送り状"]);
    for browser in [&sato, &suzuki, &guest] {
        browser.was_quiet();
    }
}
