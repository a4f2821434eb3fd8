//! Every screen in every look: axe has nothing to say, the console is quiet, nothing is wider than the window. The
//! screens are found by following links, one of each kind, so that a new screen is looked at without being listed.

use std::collections::{BTreeMap, VecDeque};

use super::chrome::{Browser, Look};
use super::company::Company;

/// Addresses that are no screens: files, live streams.
const NO_SCREENS: [&str; 5] = ["/source", "/part/", "/file/", "/events", "/assets/"];
const LINKS: &str = "return [...document.querySelectorAll('a[href]')].map(a => a.href).filter(h => h.startsWith(location.origin)).map(h => h.slice(location.origin.length).split('#')[0])";
const TOO_WIDE: &str = "const w = document.documentElement.clientWidth; return document.documentElement.scrollWidth <= w ? '' : \
    [...document.querySelectorAll('main *, .side *, .head *')].filter(e => e.getBoundingClientRect().right > screen.width + 1 && !e.closest('.visually-hidden')).slice(0, 3).map(e => e.outerHTML.slice(0, 200)).join('\\n')";

/// The address with its numbers and names of things left out: what one address has in common with its kin.
fn kind(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let segment = |segment: &str| {
        let id = segment.chars().any(|c| c.is_ascii_digit() || c == '%' || c == '@');
        if id { "*".to_owned() } else { segment.to_owned() }
    };
    let path: Vec<_> = path.split('/').map(segment).collect();
    let keys: Vec<_> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    format!("{}?{}", path.join("/"), keys.join("&"))
}

/// One address of each kind that links lead to from `start`.
pub fn screens(browser: &Browser, origin: &str, start: &[&str]) -> Vec<String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut open: VecDeque<String> = start.iter().map(|&path| path.to_owned()).collect();
    while let Some(path) = open.pop_front() {
        let kind = kind(&path);
        if found.contains_key(&kind) || NO_SCREENS.iter().any(|part| path.contains(part)) {
            continue;
        }
        browser.open(&format!("{origin}{path}"));
        found.insert(kind, path);
        let links = browser.session.script(LINKS, &[]);
        open.extend(links.as_array().into_iter().flatten().filter_map(|link| link.as_str().map(str::to_owned)));
    }
    assert!(found.len() < 100, "{found:#?}");
    found.into_values().collect()
}

/// Everything that is wrong with the screens in one look.
fn faults(browser: &Browser, origin: &str, screens: &[String], look: Look) -> Vec<String> {
    browser.look(look);
    let mut faults = Vec::new();
    for path in screens {
        browser.open(&format!("{origin}{path}"));
        let wide = browser.session.script(TOO_WIDE, &[]);
        let wide = wide.as_str().filter(|wide| !wide.is_empty()).map(|wide| format!("wider than the window: {wide}"));
        let said = browser.console();
        faults
            .extend(browser.axe().into_iter().chain(wide).chain(said).map(|fault| format!("{path} {look:?}: {fault}")));
        browser.console();
    }
    faults
}

fn looks() -> Vec<Look> {
    if std::env::var_os("SEKISHO_LONG").is_none() {
        return vec![Look::DESK, Look::PHONE.dark().english()];
    }
    let phones = [Look::DESK, Look::PHONE];
    let themes = phones.into_iter().flat_map(|look| [look, look.dark()]);
    themes.flat_map(|look| [look, look.english()]).collect()
}

fn sweep(company: &Company, browser: &Browser, name: &str, origin: &str, start: &[&str], least: usize) -> Vec<String> {
    let screens = screens(browser, origin, start);
    println!("{name}: {} screens: {screens:?}", screens.len());
    assert!(screens.len() >= least, "{screens:?}");
    let mut all = Vec::new();
    for look in looks() {
        company.demo.good(&["user", "set", &format!("{name}@aoba.example"), "--language", look.language]);
        all.extend(faults(browser, origin, &screens, look));
    }
    all
}

/// One fault of those that differ in numbers and texts only.
fn of_each_kind(faults: &[String]) -> Vec<&str> {
    let kind = |fault: &&String| -> String {
        fault.chars().filter(|c| c.is_ascii_alphabetic() || "(/".contains(*c)).collect()
    };
    let kinds: BTreeMap<String, &str> = faults.iter().map(|fault| (kind(&fault), fault.as_str())).collect();
    kinds.into_values().collect()
}

#[test]
fn every_screen_is_accessible_quiet_and_fits_in_every_look() {
    let company = Company::start();
    company.demo.python(
        r#"
for who, rcpt in (("sato", "yamada@yamada.example"), ("suzuki", "yamada@yamada.example"), ("sato", "order@yamada.example")):
    mail = "From: %s@aoba.example\r\nTo: %s\r\nSubject: roster\r\n\r\n個人番号 123456789018\r\n" % (who, rcpt)
    code, said = send(who, mail.encode(), [rcpt])
    assert code == 250 and "held" in said, said
"#,
    );
    company.demo.good(&["labels", "add", "--tenant", "aoba", "職員識別子"]);
    assert!(company.demo.run_with(&["passwords", "add", "--tenant", "aoba", "山田製作所"], "x").status.success());
    let held = company.demo.good(&["held", "list"]);
    company.demo.good(&["held", "return", held.split('\t').next().unwrap(), "--comment", "x"]);
    let mut all = Vec::new();
    let guest = company.chrome.browser(Look::DESK);
    for look in looks() {
        all.extend(faults(&guest, &company.mail(""), &["/login".to_owned(), "/nowhere".to_owned()], look));
        all.extend(faults(&guest, &company.admin(""), &["/login".to_owned()], look));
    }
    drop(guest);
    let start =
        ["/mail", "/mail/folders", "/mail/search?q=%E3%83%A1%E3%83%BC%E3%83%AB", "/approve", "/outgoing", "/settings"];
    for name in ["sato", "suzuki"] {
        let browser = company.at_mail(name, Look::DESK);
        all.extend(sweep(&company, &browser, name, &company.mail(""), &start, 8));
    }
    let console = company.at_console("ito", Look::DESK);
    all.extend(sweep(&company, &console, "ito", &company.admin(""), &["/"], 1));
    all.retain(|fault| !fault.contains("/nowhere") || !fault.contains("status of 404"));
    assert!(all.is_empty(), "{} faults, these among them:\n{}", all.len(), of_each_kind(&all).join("\n"));
}
