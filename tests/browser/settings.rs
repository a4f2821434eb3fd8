//! Settings through real clicks: language and password, at the desk, on the phone and without scripts.

use super::chrome::Look;
use super::company::Company;

#[test]
fn a_person_changes_language_and_password_with_and_without_scripts() {
    let company = Company::start();
    let looks = [Look::DESK, Look::PHONE.dark(), Look::DESK.without_scripts()];
    for (name, look) in ["sato", "suzuki", "tanaka"].into_iter().zip(looks) {
        let browser = company.at_mail(name, look);
        browser.open(&company.mail("/settings"));
        browser.click("English");
        browser.click("保存");
        browser.see("Settings saved.");
        browser.is_accessible();
        browser.click("日本語");
        browser.click("Save");
        browser.see("設定を保存しました。");

        let old = company.password(name);
        browser.open(&company.mail("/settings/security"));
        browser.is_accessible();
        change(&browser, "wrong password", "a new password", "a new password");
        browser.see("現在のパスワードが正しくありません。");
        change(&browser, old, "a new password", "another password");
        browser.see("2つの新しいパスワードが一致していません。");
        browser.is_accessible();
        change(&browser, old, "a new password", "a new password");
        browser.see("パスワードを変更しました。");
        browser.click("サインアウト");
        browser.wait_path(|path| path.starts_with("/login"));
        company.sign_in(&browser, &company.mail("/login"), name, old);
        browser.see("メールアドレスまたはパスワードが正しくありません。");
        browser.is_accessible();
        company.sign_in(&browser, &company.mail("/login"), name, "a new password");
        browser.wait_path(|path| !path.starts_with("/login"));
        browser.was_quiet_but(&["status of 422", "status of 401"]);
    }
}

fn change(browser: &super::chrome::Browser, old: &str, new: &str, again: &str) {
    browser.fill("現在のパスワード", old);
    browser.fill("新しいパスワード", new);
    browser.fill("新しいパスワード(確認)", again);
    browser.click("パスワードを変更");
}
