//! Collection requests in the browser: a handler asks, and somebody outside hands in on the phone without scripts.

use super::chrome::Look;
use super::company::Company;
use super::links::fits;
use crate::rules::doors::{DOORS, PEN};

const STRANGER: &str = include_str!("../links/stranger.py");

fn python(company: &Company, program: &str) -> String {
    company.demo.python(&format!("{PEN}\n{DOORS}\n{STRANGER}\n{program}")).trim().to_owned()
}

#[test]
fn a_handler_asks_for_files_and_somebody_outside_hands_them_in_with_scripts_and_without() {
    let company = Company::start();
    let mut mails = 0;
    for look in [Look::PHONE.without_scripts(), Look::DESK] {
        let handler = company.at_mail("suzuki", look);
        handler.open(&company.mail("/collections"));
        handler.headed("収集依頼");
        handler.is_accessible();
        handler.click("新しい依頼");
        handler.headed("新しい依頼");
        handler.fill("依頼先のメールアドレス", "taro@yamada.example");
        handler.fill("件名", "本人確認書類");
        handler.is_accessible();
        handler.click("依頼を送る");
        handler.headed("本人確認書類");
        handler.see("受付中");
        handler.is_accessible();
        let count = mails + 1;
        let found = "import re\nprint(re.search(r'(/d/[a-p]{32})', words(";
        let path = python(&company, &format!("{found}arrived({count})[-1])).group(1))"));
        let guest = company.chrome.browser(look);
        guest.open(&company.content(&path));
        guest.headed("ファイルのご提出");
        fits(&guest);
        guest.click("確認コードを送る");
        guest.headed("本人確認");
        let code = python(&company, &format!("print(code_in(arrived({})[-1]))", mails + 2));
        guest.fill("確認コード", &code);
        guest.click("確認");
        guest.headed("ファイルのご提出");
        guest.see("本人確認書類");
        fits(&guest);
        let file = company.demo.dir.path().join("表面.jpg");
        std::fs::write(&file, b"\xff\xd8\xffpicture").unwrap();
        guest.attach("#files", &file);
        guest.click("送信する");
        guest.headed("送信しました");
        fits(&guest);
        guest.was_quiet();
        handler.open(&company.mail("/collections"));
        handler.see("受領");
        handler.click("本人確認書類");
        handler.see("ファイル 1件");
        handler.is_accessible();
        handler.was_quiet();
        mails += 2;
    }
}
