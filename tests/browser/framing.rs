//! Clickjacking: a page of a stranger puts ours into frames. The browser shows none of them there, so that nobody clicks
//! in them what he does not see.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use serde_json::json;

use super::chrome::Look;
use super::company::Company;
use super::driver::{try_for, wait_for};

/// A page with these addresses in frames, on an origin of its own.
fn stranger(urls: &[String]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let frames: String = urls.iter().map(|url| format!("<iframe src='{url}' width=400 height=300></iframe>")).collect();
    let page =
        format!("<!doctype html><title>Win a prize</title><link rel=icon href=data:,><h1>Win a prize</h1>{frames}");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut line = String::new();
            let _ = BufReader::new(&stream).read_line(&mut line);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{page}", page.len());
        }
    });
    format!("http://stranger.localhost:{port}/")
}

#[test]
fn no_page_and_no_mail_stands_in_the_frame_of_a_stranger() {
    let company = Company::start();
    let browser = company.at_mail("sato", Look::DESK);
    let row = wait_for("a mail", || browser.session.all("#rows > li > a").first().cloned());
    browser.try_click(&row).unwrap();
    let body = "return document.querySelector('iframe.message-body')?.src";
    let body = wait_for("the mail's body", || browser.session.script(body, &[]).as_str().map(str::to_owned));
    let urls = [company.mail("/login"), company.mail("/mail"), company.admin("/login"), body];
    browser.console();
    browser.open(&stranger(&urls));
    browser.headed("Win a prize");
    let mut said = Vec::new();
    let refused = try_for(|| {
        said.extend(browser.console());
        (said.iter().filter(|line| line.contains("frame-ancestors")).count() >= urls.len()).then_some(())
    });
    assert!(refused.is_some(), "the browser did not refuse all {}: {said:#?}", urls.len());
    for frame in browser.session.all("iframe") {
        browser.session.post("/frame", &json!({ "id": frame.argument() }));
        let shown = browser.session.script("return document.querySelectorAll('form, main, .h, .t').length", &[]);
        browser.session.post("/frame", &json!({ "id": null }));
        assert_eq!(shown, 0, "a page is shown in the frame of a stranger");
    }
}
