//! Bytes, requests and times of the screens (web-design 1.2) with folders of 100,000 messages and full lists. Bytes,
//! requests and that nothing moves are asserted; times depend on the machine and are printed: run with `--no-capture`,
//! the table goes to docs/screens.md.

use serde_json::Value;

use super::chrome::{Browser, Look};
use super::company::Company;
use super::driver::wait_for;
use super::weights::{Times, Visit};

const WEB: &str = include_str!("web.py");
const TOOLS: &str = include_str!("budgets.py");

/// A row of the table of web-design 1.2, in bytes, raw and packed.
struct Budget {
    html: (u64, u64),
    js: u64,
    css: u64,
    /// Requests of a first and of a later visit, the icon of the tab among them.
    requests: (u64, u64),
}

const KB: u64 = 1000;
const MAILBOX: Budget = Budget { html: (60 * KB, 10 * KB), js: 35 * KB, css: 12 * KB, requests: (8, 1) };
const NEXT: Budget = Budget { html: (45 * KB, 8 * KB), js: 0, css: 0, requests: (1, 1) };
const MESSAGE: Budget = Budget { html: (15 * KB, 4 * KB), js: 0, css: 0, requests: (2, 2) };
const COMPOSE: Budget = Budget { html: (25 * KB, 7 * KB), js: 50 * KB, css: 12 * KB, requests: (4, 1) };
const CHECK: Budget = Budget { html: (20 * KB, 5 * KB), js: 0, css: 0, requests: (1, 1) };
/// The console's lists, and the approvers'.
const LIST: Budget = Budget { html: (60 * KB, 10 * KB), js: 35 * KB, css: 12 * KB, requests: (6, 1) };

/// Where a screen is and who looks at it.
struct Screen<'a> {
    what: &'a str,
    budget: &'a Budget,
    person: &'a str,
    origin: String,
    path: &'a str,
}

/// The table as it is made, and what is over.
#[derive(Default)]
struct Table {
    over: Vec<String>,
}

impl Table {
    fn head() -> Self {
        println!(
            "| screen | HTML kB | HTML gzip kB | JS gzip kB | CSS gzip kB | requests first / warm | server ms p50 / p95 | LCP or done ms | CLS |"
        );
        println!("|---|---|---|---|---|---|---|---|---|");
        Self::default()
    }

    fn row(
        &mut self,
        what: &str,
        budget: &Budget,
        first: &Visit,
        warm: &Visit,
        times: Times,
        server: Option<(f64, f64)>,
    ) {
        let of = |found: u64, most: u64| format!("{:.1}/{}", found as f64 / 1000.0, most / KB);
        let server = server.map_or_else(|| "-".to_owned(), |(p50, p95)| format!("{p50:.0} / {p95:.0}"));
        println!(
            "| {what} | {} | {} | {} | {} | {} / {} (goal {} / {}) | {server} | {:.0} | {:.3} |",
            of(warm.html.raw, budget.html.0),
            of(warm.html.wire, budget.html.1),
            of(first.js.wire, budget.js),
            of(first.css.wire, budget.css),
            first.requests(),
            warm.requests(),
            budget.requests.0,
            budget.requests.1,
            times.visible,
            times.shift
        );
        let bad = warm.html.raw > budget.html.0
            || warm.html.wire > budget.html.1
            || first.js.wire > budget.js
            || first.css.wire > budget.css
            || first.requests() > budget.requests.0
            || warm.requests() > budget.requests.1
            || times.shift > 0.0;
        if bad {
            self.over.push(format!("{what}: {times:?}, moved: {}, first {first:?} warm {warm:?}", times.moved));
        }
    }

    /// A screen visited for the first time (or, where nothing may come but the page, with styles and scripts at hand),
    /// then again, then timed from outside.
    fn screen(&mut self, company: &Company, browser: &Browser, screen: &Screen<'_>, rounds: usize) {
        let Screen { what, budget, person, origin, path } = screen;
        let url = format!("{origin}{path}");
        browser.open("about:blank");
        if budget.css > 0 {
            browser.forget_cache();
        }
        let (first, times) = browser.weigh(&url);
        let (warm, _) = browser.weigh(&url);
        let program = format!("print(json.dumps(server_ms({origin:?}, {path:?}, {person:?}, {rounds})))");
        let taken: Value = serde_json::from_str(&tools(company, &program)).unwrap();
        let server = (taken[0].as_f64().unwrap(), taken[1].as_f64().unwrap());
        self.row(what, budget, &first, &warm, times, Some(server));
    }

    /// What an act on the page that is open costs.
    fn part(&mut self, browser: &Browser, what: &str, budget: &Budget, act: impl Fn()) {
        browser.events();
        let began = std::time::Instant::now();
        act();
        let times = Times { visible: began.elapsed().as_secs_f64() * 1000.0, ..Times::default() };
        let visit = Visit::from(&browser.events());
        self.row(what, budget, &visit, &visit, times, None);
    }

    fn end(self) {
        assert!(self.over.is_empty(), "{}", self.over.join("\n"));
    }
}

fn tools(company: &Company, program: &str) -> String {
    company.demo.python(&format!("{WEB}\n{TOOLS}\n{program}")).trim().to_owned()
}

#[test]
fn the_screens_keep_their_budgets_with_a_hundred_thousand_messages() {
    let company = Company::start();
    tools(&company, "fill_folder(100_000)");
    let check = tools(&company, "print(write_draft(10, 2_000_000))");
    let browser = company.at_mail("sato", Look::DESK);
    browser.click("big");
    browser.headed("big");
    let path = browser.path();
    let folder = path.split('?').next().unwrap();
    let mut table = Table::head();
    let mut screen = |what, budget, path, rounds| {
        let screen = Screen { what, budget, person: "sato", origin: company.mail(""), path };
        table.screen(&company, &browser, &screen, rounds);
    };
    screen("mailbox, 100,000", &MAILBOX, folder, 40);
    screen("compose", &COMPOSE, "/mail/compose", 40);
    screen("check before sending, 10 files, 20 MB", &CHECK, &check, 3);
    browser.open(&company.mail(folder));
    table.part(&browser, "next 50 rows", &NEXT, || {
        browser.click_css("#older a");
        wait_for("100 rows", || (browser.session.all("#rows > li").len() == 100).then_some(()));
    });
    table.part(&browser, "open a message", &MESSAGE, || {
        let row = browser.session.all("#rows > li > a")[2].clone();
        browser.try_click(&row).unwrap();
        browser.wait_path(|path| path.starts_with("/mail/m/"));
        browser
            .in_frame("iframe.message-body", |frame| wait_for("the body", || (!frame.text().is_empty()).then_some(())));
    });
    table.end();
}

#[test]
fn the_lists_of_console_and_approvers_keep_their_budgets_when_they_are_full() {
    // nobody listens there, so that the queue keeps what it has
    let company = Company::start_towards(1);
    tools(&company, "fill_company(10_000, 100_000)\nfill_lists(60)");
    let mut table = Table::head();
    let console = company.at_console("ito", Look::DESK);
    for (what, path) in [
        ("console: users, 10,000", "/t/aoba/users"),
        ("console: users, one name of 10,000", "/t/aoba/users?q=09999"),
        ("console: held", "/t/aoba/held"),
        ("console: queue", "/t/aoba/queue"),
        ("console: tracking", "/t/aoba/tracking"),
        ("console: audit log, 100,000", "/t/aoba/audit"),
        ("console: audit log, what is rare", "/t/aoba/audit?event=tenant."),
    ] {
        let screen = Screen { what, budget: &LIST, person: "ito", origin: company.admin(""), path };
        table.screen(&company, &console, &screen, 20);
    }
    let approver = company.at_mail("suzuki", Look::DESK);
    approver.open(&company.mail("/approve"));
    let case = approver.session.script("return document.querySelector('a.case').getAttribute('href')", &[]);
    for (what, person, browser, path) in [
        ("approvals", "suzuki", &approver, "/approve"),
        ("approval, one mail", "suzuki", &approver, case.as_str().unwrap()),
    ] {
        let screen = Screen { what, budget: &LIST, person, origin: company.mail(""), path };
        table.screen(&company, browser, &screen, 20);
    }
    table.end();
}
