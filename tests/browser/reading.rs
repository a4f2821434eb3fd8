//! Reading mail through real clicks: list, message, moving and taking back, paging, live arrival.

use super::chrome::{Browser, Look};
use super::company::Company;

/// The looks that each flow is done in: at the desk, on the phone in the dark, without scripts.
pub const LOOKS: [Look; 3] = [Look::DESK, Look::PHONE.dark(), Look::DESK.without_scripts()];

#[test]
fn mail_is_listed_read_moved_and_brought_back_with_and_without_scripts() {
    let company = Company::start();
    company.demo.python(
        "imap = imaplib.IMAP4('127.0.0.1', demo['imap'])\nimap.login('sato@aoba.example', password('sato'))\nimap.select('INBOX')\n\
         assert imap.copy('1:*', 'INBOX')[0] == 'OK'\nassert imap.copy('1:*', 'INBOX')[0] == 'OK'",
    );
    for look in LOOKS {
        let browser = company.at_mail("sato", look);
        browser.see("受信トレイ");
        let rows = |browser: &Browser| browser.session.all("#rows > li").len();
        assert_eq!(rows(&browser), 50);
        browser.click("さらに50件を表示");
        if look.scripts {
            super::driver::wait_for("100 rows", || (rows(&browser) == 100).then_some(()));
        } else {
            browser.wait_path(|path| path.contains("before"));
            browser.open(&company.mail("/mail"));
        }
        read_one(&browser);
        browser.open(&company.mail("/mail"));
        let first = browser.session.all("#rows > li input[type=checkbox]")[0].clone();
        browser.try_click(&first).unwrap();
        browser.press_button("アーカイブ");
        browser.see("1件をアーカイブへ移動しました。");
        browser.press_button("元に戻す");
        browser.see("元に戻しました。");
        browser.was_quiet();
    }
}

/// Opens a mail of the list and reads its body inside the frame.
fn read_one(browser: &Browser) {
    let row = browser.session.all("#rows > li > a")[1].clone();
    browser.try_click(&row).unwrap();
    browser.wait_path(|path| path.starts_with("/mail/m/"));
    browser.see("宛先");
    let body = browser.in_frame("iframe.message-body", |frame| {
        super::driver::wait_for("the body", || Some(frame.text()).filter(|text| text.contains("。")))
    });
    assert!(!body.contains('\u{FFFD}'), "{body}");
    assert!(browser.session.all("iframe.message-body")[0].0.len() > 1);
}

/// How many rows of buttons the toolbar of a message takes.
const ROWS_OF_TOOLS: &str = "return new Set([...document.querySelectorAll('.message-tools > a, .message-tools button, .message-tools select')]\
    .filter(e => e.offsetParent).map(e => Math.round(e.getBoundingClientRect().top / 20))).size";

#[test]
fn the_toolbar_of_a_message_is_one_row_in_both_languages() {
    let company = Company::start();
    for (look, first) in [(Look::DESK, "返信"), (Look::DESK.english(), "Reply"), (Look::PHONE, "返信")] {
        company.demo.good(&["user", "set", "sato@aoba.example", "--language", look.language]);
        let browser = company.at_mail("sato", look);
        let row = browser.session.all("#rows > li > a")[1].clone();
        browser.try_click(&row).unwrap();
        browser.wait_path(|path| path.starts_with("/mail/m/"));
        assert!(browser.has(first), "{look:?}");
        assert_eq!(browser.session.script(ROWS_OF_TOOLS, &[]), 1, "{look:?}");
    }
}

#[test]
fn new_mail_and_counters_come_without_a_reload() {
    let company = Company::start();
    let browser = company.at_mail("sato", Look::DESK);
    browser.see("受信トレイ");
    browser.session.script("window.stays = true", &[]);
    let send = |subject: &str| {
        company.demo.python(&format!(
            "smtp = smtplib.SMTP('127.0.0.1', demo['smtp'])\nassert smtp.sendmail('yamada@yamada.example', ['sato@aoba.example'], \
             'From: yamada@yamada.example\\r\\nTo: sato@aoba.example\\r\\nSubject: {subject}\\r\\n\\r\\nhello\\r\\n') == {{}}"
        ));
    };
    send("waybill-1");
    browser.see("新着 1件を表示");
    send("waybill-2");
    browser.see("新着 2件を表示");
    assert!(!browser.text().contains("waybill-2"), "a row was pushed under the reader's eyes");
    browser.click("新着 2件を表示");
    browser.see("waybill-2");
    assert_eq!(browser.session.script("return window.stays", &[]), true, "the page was loaded again");
    browser.was_quiet();
}
