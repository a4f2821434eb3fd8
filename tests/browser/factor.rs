//! The second factor through real clicks, at the desk, on the phone and without scripts: setting it up where it is demanded, signing
//! in with a code, and what an administrator sees.

use totp_rs::{Builder, Secret};

use super::chrome::{Browser, Look};
use super::company::Company;

/// What an authenticator shows that was given this key, so many steps from now.
fn code(key: &str, ahead: u64) -> String {
    let secret = Secret::try_from_base32(key.replace(' ', "")).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    Builder::new().with_secret(secret).build().unwrap().generate(now + 30 * ahead).to_string()
}

fn text_of(browser: &Browser, css: &str) -> String {
    let script = "const e = document.querySelector(arguments[0]); return e ? e.textContent : ''";
    browser.session.script(script, &[css.into()]).as_str().unwrap_or("").to_owned()
}

/// Sets up what is demanded after the password; the key.
fn set_up(browser: &Browser) -> String {
    browser.headed("二要素認証の設定");
    browser.is_accessible();
    let key = text_of(browser, "#key");
    let side = browser.session.script("return document.querySelector('svg.qr').getBoundingClientRect().width", &[]);
    assert!(side.as_f64().unwrap() > 150.0, "the code can be read by a camera: {side}");
    browser.fill("確認コード", "000000");
    browser.click("設定する");
    browser.see("コードが正しくないか、すでに使われています。");
    browser.is_accessible();
    assert_eq!(text_of(browser, "#key"), key, "the same key");
    browser.fill("確認コード", &code(&key, 0));
    browser.click("設定する");
    browser.headed("回復コード");
    browser.is_accessible();
    key
}

#[test]
fn a_second_factor_is_set_up_and_asked_for_with_and_without_scripts() {
    let company = Company::start();
    company.demo.good(&["tenant", "set", "aoba", "--second-factor", "roles"]);
    let sato = company.at_mail("sato", Look::DESK);
    sato.open(&company.mail("/settings/security"));
    sato.see("設定されていません。");
    sato.is_accessible();
    let looks = [Look::DESK, Look::PHONE.dark(), Look::DESK.without_scripts()];
    // who approves, who handles, and who administers the console
    for ((name, console), look) in [("takahashi", false), ("suzuki", false), ("ito", true)].into_iter().zip(looks) {
        let browser = company.chrome.browser(look);
        let login = if console { company.admin("/login") } else { company.mail("/login") };
        company.sign_in(&browser, &login, name, company.password(name));
        let key = set_up(&browser);
        assert_eq!(browser.has("印刷"), look.scripts, "a button that does nothing is not shown");
        let codes = text_of(&browser, "#codes");
        assert!(codes.matches('-').count() == 30, "{codes}");
        browser.click("保管しました。続ける");
        browser.wait_path(|path| !path.starts_with("/login"));
        browser.click("サインアウト");
        browser.wait_path(|path| path.starts_with("/login"));

        company.sign_in(&browser, &login, name, company.password(name));
        browser.headed("確認コードの入力");
        browser.is_accessible();
        browser.fill("確認コード", "123");
        browser.click("確認");
        browser.see("コードが正しくないか、すでに使われています。");
        browser.is_accessible();
        browser.fill("確認コード", &code(&key, 1));
        browser.click("確認");
        browser.wait_path(|path| !path.starts_with("/login"));
        if console {
            browser.follow("利用者");
            browser.see("二要素");
            browser.choose("状態", "二要素なし");
            browser.click("表示");
            // she has one, he has none
            browser.see_no_more("鈴木 美咲");
            browser.see("佐藤 健一");
            browser.is_accessible();
        } else {
            browser.open(&company.mail("/settings/security"));
            browser.see("設定済みです");
            browser.is_accessible();
        }
        browser.was_quiet_but(&["status of 422"]);
    }
    let console = company.chrome.browser(Look::PHONE);
    company.sign_in(&console, &company.admin("/login"), "sato", company.password("sato"));
    console.see("メールアドレスまたはパスワードが正しくありません。");
}
