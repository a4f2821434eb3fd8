//! Bytes and times of the screens (web-design 1.2) with folders of 100,000 messages. Bytes are asserted; times depend on
//! the machine and are printed: run with `--nocapture`, the table goes to docs/screens.md.

use super::chrome::Look;
use super::company::Company;
use super::weights::{Times, Visit};

/// Doubles a folder by COPY until it holds so many.
const FILL: &str = r#"
imap = imaplib.IMAP4("127.0.0.1", demo["imap"]); imap.login("sato@aoba.example", password("sato"))
imap.create("big"); imap.select("INBOX"); imap.copy("1:*", "big")
n = int(imap.select("big")[1][0])
while n < MANY:
    assert imap.copy("1:%d" % min(n, MANY - n), "big")[0] == "OK"
    n = int(imap.select("big")[1][0])
print(n)
"#;

/// A row of the table of web-design 1.2, in bytes, raw and packed.
struct Budget {
    html: (u64, u64),
    js: u64,
    css: u64,
    /// Requests of a first and of a later visit: a goal, printed beside what was found.
    requests: (u64, u64),
}

const KB: u64 = 1000;
const MAILBOX: Budget = Budget { html: (60 * KB, 10 * KB), js: 35 * KB, css: 12 * KB, requests: (8, 1) };
const NEXT: Budget = Budget { html: (45 * KB, 8 * KB), js: 0, css: 0, requests: (1, 1) };
const MESSAGE: Budget = Budget { html: (15 * KB, 4 * KB), js: 0, css: 0, requests: (2, 2) };
const COMPOSE: Budget = Budget { html: (25 * KB, 7 * KB), js: 50 * KB, css: 12 * KB, requests: (4, 1) };

fn within(what: &str, budget: &Budget, first: &Visit, warm: &Visit, times: Times) -> Option<String> {
    let of = |found: u64, most: u64| format!("{:.1}/{}", found as f64 / 1000.0, most / KB);
    println!(
        "| {what} | {} | {} | {} | {} | {} / {} (goal {} / {}) | {:.0} | {:.0} | {:.3} |",
        of(warm.html.raw, budget.html.0),
        of(warm.html.wire, budget.html.1),
        of(first.js.wire, budget.js),
        of(first.css.wire, budget.css),
        first.requests(),
        warm.requests(),
        budget.requests.0,
        budget.requests.1,
        times.server,
        times.visible,
        times.shift
    );
    let bad = warm.html.raw > budget.html.0
        || warm.html.wire > budget.html.1
        || first.js.wire > budget.js
        || first.css.wire > budget.css;
    bad.then(|| format!("{what}: first {first:?} warm {warm:?}"))
}

#[test]
fn the_screens_keep_their_budgets_with_a_hundred_thousand_messages() {
    let company = Company::start();
    assert_eq!(company.demo.python(&format!("MANY = 100_000\n{FILL}")).trim(), "100000");
    let browser = company.at_mail("sato", Look::DESK);
    browser.click("big");
    browser.headed("big");
    let folder = company.mail(browser.path().split('?').next().unwrap());
    println!(
        "| screen | HTML kB | HTML gzip kB | JS gzip kB | CSS gzip kB | requests first / warm | server ms | LCP or done ms | CLS |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut over = Vec::new();
    let mut weigh = |what: &str, budget: &Budget, url: &str| {
        browser.open("about:blank");
        browser.forget_cache();
        let (first, times) = browser.weigh(url);
        let (warm, _) = browser.weigh(url);
        over.extend(within(what, budget, &first, &warm, times));
    };
    weigh("mailbox, 100,000", &MAILBOX, &folder);
    weigh("compose", &COMPOSE, &company.mail("/mail/compose"));
    browser.open(&folder);
    let mut part = |what: &str, budget: &Budget, act: &dyn Fn()| {
        browser.events();
        let began = std::time::Instant::now();
        act();
        let times = Times { visible: began.elapsed().as_secs_f64() * 1000.0, ..Times::default() };
        let visit = Visit::from(&browser.events());
        over.extend(within(what, budget, &visit, &visit, times));
    };
    part("next 50 rows", &NEXT, &|| {
        browser.click_css("#older a");
        super::driver::wait_for("100 rows", || (browser.session.all("#rows > li").len() == 100).then_some(()));
    });
    part("open a message", &MESSAGE, &|| {
        let row = browser.session.all("#rows > li > a")[2].clone();
        browser.try_click(&row).unwrap();
        browser.wait_path(|path| path.starts_with("/mail/m/"));
        browser.in_frame("iframe.message-body", |frame| {
            super::driver::wait_for("the body", || (!frame.text().is_empty()).then_some(()))
        });
    });
    assert!(over.is_empty(), "{}", over.join("\n"));
}
