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

/// Sends two files to a partner; the address of the link. `count`: so many mails are outside then.
fn send(company: &Company, count: usize) -> String {
    send_to(company, "taro@yamada.example", count)
}

fn send_to(company: &Company, to: &str, count: usize) -> String {
    let path = python(
        company,
        &format!(
            r#"
files = [("名簿.csv", "text/csv", FILE), ("とても長い名前の見積書_2026年度下期_株式会社山田製作所御中_最終版.pdf", "application/pdf", b"%PDF-1.4 x")]
code, said = send("sato", *mail("sato", "{to}", subject="見積書の送付", files=files))
assert code == 250, said
print(link_in(arrived({count})[-1]))
"#
        ),
    );
    company.content(&path)
}

/// Asks the partner for files as a handler; the path of the page. `count` as above.
fn asked(company: &Company, count: usize) -> String {
    python(
        company,
        &format!(
            r#"
csrf = re.search(r'name="csrf" value="([^"]*)"', pen("suzuki").get("/collections/new").body).group(1)
fields = [("csrf", csrf), ("recipient", PARTNER), ("title", "本人確認書類"), ("note", ""), ("expected", "マイナンバーカード 表面"), ("days", "7")]
assert pen("suzuki").post("/collections/new", fields).status == 303
print(re.search(r"(/d/[a-p]{{32}})\n", words(arrived({count})[-1])).group(1))
"#
        ),
    )
}

/// Sends a mail that stays here as a whole, with a file; the address of the link and the password that opens it. `count` as above.
fn send_whole(company: &Company, count: usize) -> (String, String) {
    let said = python(
        company,
        &format!(
            r#"
text_ = "お世話になっております。\n\n" + "x" * 300 + "\n" + "長い段落です。" * 60 + "\n" * 3 + "以上"
code, said = send("sato", *mail("sato", "kana@sakura.example", subject="ご相談 " + "w" * 120, text=text_, files=[("名簿.csv", "text/csv", FILE)]))
assert code == 250, said
notice = next(text(one) for title, one in reversed(inbox("sato")) if title.startswith("【リンクのパスワード】ご相談"))
print(link_in(arrived({count})[-1]), re.search(r"パスワード:(\S+)", notice).group(1))
"#
        ),
    );
    let (path, password) = said.split_once(' ').unwrap();
    (company.content(path), password.to_owned())
}

/// The code in the last of `count` mails outside.
fn code(company: &Company, count: usize) -> String {
    python(company, &format!("print(code_in(arrived({count})[-1]))"))
}

/// The page of a guest is accessible, no wider than the window, and needs no script.
pub(super) fn fits(browser: &Browser) {
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
        browser.open(&company.content("/d/abcdefghijklmnopabcdefghijklmnop"));
        browser.headed("このリンクは使えません");
        fits(&browser);
        browser.was_quiet_but(&["status of 422", "status of 404"]);
        mails += 2;
    }
}

/// What a guest sees where he does not get on: a password, a lock, a pass that is over, files that were taken, a full disk; and where he does
/// by a password: the list of files, and the text of a mail that stays here as a whole.
#[test]
fn pages_on_which_a_guest_does_not_get_on_are_accessible_and_fit_the_phone_and_the_desk() {
    let (company, shim) = Company::start_on_a_disk();
    let rules = company.demo.dir.path().join("rules.toml");
    let terms =
        ["reply = true, downloads = 1", "identity = \"password\"", "identity = \"password\", what = \"message\""];
    let rule = |(code, domain, terms): (&str, &str, &str)| {
        format!(
            "[[rule]]\ncode = \"{code}\"\ndirection = \"out\"\nwhen = {{ recipients = \"{domain}\" }}\naction = {{ encrypt = {{ form = \"link\", {terms} }} }}\n"
        )
    };
    let all = [
        ("LINK", "yamada.example", terms[0]),
        ("WORD", "minato.example", terms[1]),
        ("WHOLE", "sakura.example", terms[2]),
    ];
    std::fs::write(&rules, all.map(rule).concat()).unwrap();
    company.demo.good(&["rules", "apply", rules.to_str().unwrap(), "--tenant", "aoba"]);
    let no_room = "ただいまファイルを受け取ることができません。";
    let file = company.demo.dir.path().join("返信.csv");
    std::fs::write(&file, "a,b\r\n").unwrap();
    let hand_in = |browser: &Browser| {
        shim.ill("write 28 mail.db-wal");
        browser.attach("#files", &file);
        browser.click("送信する");
        browser.see(no_room);
        shim.well();
        fits(browser);
    };
    for (turn, look) in [Look::PHONE.without_scripts(), Look::DESK].into_iter().enumerate() {
        let count = 6 * turn;
        let browser = company.chrome.browser(look);
        browser.open(&send_to(&company, "a@minato.example", count + 1));
        browser.headed("ファイルの受け取り");
        browser.see("メール以外の方法で伝えられたパスワード");
        fits(&browser);
        for left in ["あと4回", "あと3回", "あと2回", "あと1回", ""] {
            browser.fill("パスワード", "wrong");
            browser.click("確認");
            if left.is_empty() {
                browser.headed("一時的に開けません");
            } else {
                browser.see(left);
            }
            fits(&browser);
        }

        let link = send(&company, count + 2);
        browser.open(&link);
        browser.click("確認コードを送る");
        browser.headed("本人確認");
        browser.fill("確認コード", &code(&company, count + 3));
        browser.click("確認");
        browser.headed("ファイル");
        hand_in(&browser);
        for _ in 0..2 {
            browser.click("「名簿.csv」をダウンロード");
        }
        browser.headed("ダウンロードの回数が上限に達しました");
        fits(&browser);
        browser.open(&format!("{link}/files/x"));
        browser.headed("確認の有効時間が過ぎました");
        fits(&browser);

        browser.open(&company.content(&asked(&company, count + 4)));
        browser.headed("ファイルのご提出");
        fits(&browser);
        browser.click("確認コードを送る");
        browser.headed("本人確認");
        fits(&browser);
        browser.fill("確認コード", &code(&company, count + 5));
        browser.click("確認");
        browser.headed("ファイルのご提出");
        browser.see("本人確認書類");
        fits(&browser);
        hand_in(&browser);

        // behind the right password the files are listed, and a mail that stays here as a whole is read
        let (link, password) = send_whole(&company, count + 6);
        browser.open(&link);
        browser.fill("パスワード", &password);
        browser.click("確認");
        browser.headed("ファイル");
        browser.see("メール全体");
        browser.see("名簿.csv");
        fits(&browser);
        browser.click("本文を表示");
        browser.headed("ご相談 w");
        browser.see("お世話になっております。");
        browser.see("以上");
        fits(&browser);
        browser.click("ファイルの一覧に戻る");
        browser.headed("ファイル");
        browser.see("残り 4回");
        let refused = ["status of 422", "status of 429", "status of 403", "status of 409", "status of 507"];
        browser.was_quiet_but(&refused);
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
