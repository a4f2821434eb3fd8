//! What `swap.js` does when the world is not smooth: an older answer comes late, none comes, the network fails, somebody
//! goes back.

use serde_json::{Value, json};

use super::chrome::{Browser, Look};
use super::company::Company;
use super::driver::{try_for, wait_for};

/// Lets each request of the page wait as many milliseconds as it is told, in turn, and remembers which were given up.
const SLOW_DOWN: &str = "
    const real = window.fetch;
    window.asked = [];
    window.delays = arguments[0];
    window.fetch = (url, options) => new Promise((done, fail) => {
        const one = { url: String(url), over: false, answered: false };
        window.asked.push(one);
        options.signal.addEventListener('abort', () => { one.over = true; fail(options.signal.reason); });
        setTimeout(() => real(url, options).then((answer) => { one.answered = true; done(answer); }, fail), window.delays.shift() ?? 0);
    });";

fn heading(browser: &Browser) -> String {
    browser.session.script("return document.querySelector('h1').innerText", &[]).as_str().unwrap().to_owned()
}

fn offline(browser: &Browser, offline: bool) {
    let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    browser.session.cdp("Network.enable", json!({}));
    browser.session.cdp("Network.emulateNetworkConditions", conditions);
}

/// Three times the mails of the demo, so that the list has more than one page.
fn fill(company: &Company) {
    company.demo.python(
        "imap = imaplib.IMAP4('127.0.0.1', demo['imap'])\nimap.login('sato@aoba.example', password('sato'))\nimap.select('INBOX')\n\
         assert imap.copy('1:*', 'INBOX')[0] == 'OK'\nassert imap.copy('1:*', 'INBOX')[0] == 'OK'",
    );
}

#[test]
fn an_older_answer_never_takes_the_place_of_a_newer_page() {
    let company = Company::start();
    let browser = company.at_mail("sato", Look::DESK);
    browser.headed("受信トレイ");
    // a page that is asked for while another one is on its way
    browser.session.script(SLOW_DOWN, &[json!([60_000, 0])]);
    browser.follow("下書き");
    browser.follow("送信済み");
    browser.headed("送信済み");
    assert_eq!(browser.session.script("return window.asked[0].over", &[]), true, "the older request goes on");
    // a change that is answered after somebody went on
    browser.follow("受信トレイ");
    browser.headed("受信トレイ");
    let first = browser.session.all("#rows > li input[type=checkbox]")[0].clone();
    browser.try_click(&first).unwrap();
    browser.session.script("window.delays = [1000, 0]", &[]);
    browser.press_button("アーカイブ");
    browser.follow("下書き");
    browser.headed("下書き");
    browser.see("1件をアーカイブへ移動しました。");
    assert_eq!(heading(&browser), "下書き", "the answer to an older act took the page");
    let path = browser.path();
    browser.open(&company.mail(&path));
    browser.headed("下書き");
    browser.was_quiet();
}

#[test]
fn a_server_that_does_not_answer_and_a_network_that_fails_leave_the_page_as_it_was() {
    let company = Company::start();
    let browser = company.at_mail("sato", Look::DESK);
    browser.headed("受信トレイ");
    let path = browser.path();
    browser.session.script(SLOW_DOWN, &[json!([60_000])]);
    // the patience of 15 s, shortened
    let hurry = "const real = window.setTimeout; window.setTimeout = (act, ms, ...more) => real(act, ms === 15000 ? 100 : ms, ...more)";
    browser.session.script(hurry, &[]);
    browser.follow("下書き");
    browser.see("応答に時間がかかっています。");
    assert_eq!((heading(&browser), browser.path()), ("受信トレイ".to_owned(), path.clone()));
    assert!(browser.session.all("[aria-busy]").is_empty(), "it still looks busy");
    browser.is_accessible();
    browser.follow("再読み込み");
    browser.headed("下書き");

    browser.open(&company.mail(&path));
    offline(&browser, true);
    browser.follow("下書き");
    browser.see("サーバーに接続できませんでした。");
    assert_eq!((heading(&browser), browser.path()), ("受信トレイ".to_owned(), path));
    browser.press_button("既読にする");
    browser.see("サーバーに接続できませんでした。");
    assert!(!browser.has("再読み込み"), "a change is not made again by a link");
    offline(&browser, false);
    browser.follow("下書き");
    browser.headed("下書き");
    assert!(!browser.text().contains("サーバーに接続できませんでした。"), "the notice stays");
    browser.was_quiet_but(&["ERR_INTERNET_DISCONNECTED"]);
}

/// Waits until the row of this id is in view and has the focus.
fn returned_to(browser: &Browser, id: &Value) {
    let there = "const row = document.getElementById(arguments[0]); const at = row?.getBoundingClientRect();
        return !!row && row.contains(document.activeElement) && at.top > 0 && at.bottom < innerHeight";
    let found = try_for(|| (browser.session.script(there, std::slice::from_ref(id)) == true).then_some(()));
    let state = "return [location.href, history.state, scrollY, document.activeElement?.outerHTML.slice(0, 200), [...document.querySelectorAll('#rows > li')].map(row => row.id).join(' ')]";
    assert!(found.is_some(), "not at {id}: {}", browser.session.script(state, std::slice::from_ref(id)));
}

#[test]
fn the_way_back_leads_to_the_row_and_the_place_that_one_came_from() {
    let company = Company::start();
    fill(&company);
    for look in [Look::DESK, Look::PHONE] {
        let browser = company.at_mail("sato", look);
        browser.headed("受信トレイ");
        browser.click("さらに50件を表示");
        let rows = || browser.session.all("#rows > li > a");
        wait_for("100 rows", || (rows().len() == 100).then_some(()));
        let row = rows()[80].clone();
        let id = browser.session.script("return arguments[0].closest('li').id", &[row.argument()]);
        browser.try_click(&row).unwrap();
        browser.wait_path(|path| path.starts_with("/mail/m/"));
        let message = browser.path();
        assert_eq!(browser.session.script("return scrollY", &[]), 0, "a message begins at its top");
        browser.session.post("/back", &json!({}));
        returned_to(&browser, &id);
        assert_eq!(rows().len(), 100, "the rows that were fetched later");
        browser.session.post("/forward", &json!({}));
        browser.wait_path(|path| path == message);
        browser.session.post("/back", &json!({}));
        returned_to(&browser, &id);
        // by way of a page that is loaded whole
        browser.open(&company.mail("/settings"));
        browser.headed("設定");
        browser.session.post("/back", &json!({}));
        returned_to(&browser, &id);
        browser.was_quiet();
    }
}

#[test]
fn a_link_to_a_place_in_the_page_keeps_what_was_typed() {
    let company = Company::start();
    let console = company.at_console("ito", Look::DESK);
    console.follow("利用者・組織");
    console.headed("利用者");
    console.follow("利用者を追加");
    console.headed("利用者を追加");
    console.fill("名前", "山本 花");
    console.session.script("window.stays = true; window.asked = 0; const real = fetch; window.fetch = (...all) => { asked += 1; return real(...all); }", &[]);
    console.session.script("document.querySelector('.skip').click()", &[]);
    console.wait_path(|path| path.ends_with("#main"));
    console.session.post("/back", &json!({}));
    console.wait_path(|path| !path.ends_with("#main"));
    let kept =
        console.session.script("return [document.querySelector('#name').value, window.stays, window.asked]", &[]);
    assert_eq!(kept, json!(["山本 花", true, 0]));
    console.was_quiet();
}
