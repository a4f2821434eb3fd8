//! The harness tells good pages from bad ones: a page made for the purpose does each thing that must be noticed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

use super::chrome::{Browser, Chrome, Look};
use super::driver::wait_for;
use super::weights::Visit;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src * data:; connect-src 'self'; form-action 'self'; \
    require-trusted-types-for 'script'; trusted-types sekisho";

const GOOD: &str = "<!doctype html><html lang=ja><head><title>良い</title><link rel=icon href=data:,><meta name=viewport content='width=device-width'>\
    <script src=/good.js defer></script></head><body><main><h1>良いページ</h1><form action=/sent method=get>\
    <p><label>件名 <input name=subject></label></p><p><label>色 <select name=colour><option>赤<option>青</select></label></p>\
    <button>送信</button></form><p id=scripts>なし</p></main></body></html>";
const BAD: &str = "<!doctype html><html><body><img src=http://elsewhere.example/pixel.png><img src=http://127.0.0.1:8099/local.png>\
    <script>document.title = 'ran'</script><p style='color:#ccc'>薄い</p></body></html>";

/// Serves the pages on a port of its own; every answer carries the policy.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| answer(stream).unwrap_or(())));
    format!("http://pages.localhost:{port}")
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or("/");
    let script = "document.querySelector('#scripts').textContent = 'あり'";
    let (kind, body) = match path.split('?').next().unwrap_or("/") {
        "/bad" => ("text/html", BAD.to_owned()),
        "/dialog.js" => ("text/javascript", "alert(1)".to_owned()),
        "/dialog" => ("text/html", "<!doctype html><title>x</title><script src=/dialog.js></script>".to_owned()),
        "/good.js" => ("text/javascript", script.to_owned()),
        "/sent" => ("text/html", format!("<!doctype html><title>送信</title><p>{path}")),
        _ => ("text/html", GOOD.to_owned()),
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Security-Policy: {POLICY}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn fill_and_send(browser: &Browser, url: &str) {
    browser.open(url);
    browser.fill("件名", "名簿");
    browser.choose("色", "青");
    browser.click("送信");
    browser.see("/sent?subject=%E5%90%8D%E7%B0%BF&colour=%E9%9D%92");
}

#[test]
fn a_good_page_passes_and_each_fault_of_a_bad_one_is_noticed() {
    let url = serve();
    let chrome = Chrome::start();
    let browser = chrome.browser(Look::DESK);
    browser.open(&url);
    browser.see("あり");
    let weight = Visit::from(&browser.events());
    assert_eq!((weight.html.raw, weight.requests()), (GOOD.len() as u64, 2), "{weight:?}");
    assert!(browser.times().visible > 0.0);
    browser.is_accessible();
    fill_and_send(&browser, &url);
    browser.was_quiet();
    browser.look(Look::PHONE.dark().without_scripts());
    fill_and_send(&browser, &url);
    browser.open(&url);
    browser.see("なし");
    let seen = browser.session.script("return [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]", &[]);
    assert_eq!(seen, serde_json::json!([390, true]));
    browser.was_quiet();

    browser.look(Look::DESK);
    browser.open(&format!("{url}/bad"));
    assert_ne!(browser.session.get("/title"), "ran", "the policy was not in force");
    let found = browser.axe();
    for rule in ["html-has-lang", "image-alt", "document-title"] {
        assert!(found.iter().any(|line| line.starts_with(rule)), "{rule}: {found:#?}");
    }
    let said = browser.console();
    assert!(said.iter().any(|line| line.contains("Content Security Policy")), "{said:#?}");
    let caught = wait_for("both pictures", || Some(chrome.trap.caught()).filter(|caught| caught.len() >= 2));
    assert!(caught.iter().any(|line| line.contains("elsewhere.example")), "{caught:?}");
    assert!(caught.iter().any(|line| line.contains("127.0.0.1:8099/local.png")), "{caught:?}");
    browser.open(&format!("{url}/dialog"));
    let stopped = browser.session.try_post("/execute/sync", &serde_json::json!({ "script": "return 1", "args": [] }));
    assert!(stopped.is_err_and(|error| error.contains("alert open")), "a dialog was not noticed");
}
