//! The hostile mails of `tests/hostile` in every view: nothing of theirs runs, asks, navigates or opens a window. Pages
//! are walked by their links without a browser first, then opened in one: the frames of bodies in batches, the pages one
//! by one (a slice of both; all with `tests/run --all`).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::chrome::{Browser, Look, requests};
use super::company::Company;
use super::driver::{Element, wait_for};

const WEB: &str = include_str!("web.py");
/// Frames that are open at once.
const BATCH: usize = 40;

/// Mails all of them to sato from the outside, and lets sato send them out, where a rule holds everything. Prints, for
/// each view, the pages and the frames in them.
const MAIL_AND_WALK: &str = include_str!("hostile.py");

/// A rule that holds all that leaves.
const HOLD_ALL: &str = "[[rule]]\ncode = \"ALL\"\nname = \"x\"\ndirection = \"out\"\nwhen = { recipients = \"outside\" }\n\
    action = { hold = { approvers = [\"group:取扱担当者\"], hours = 8, calendar = \"business\", then = \"return\" } }\nmessage = \"x\"\n";

#[test]
fn nothing_of_a_hostile_mail_runs_asks_or_leads_away_in_any_view() {
    let company = Company::start();
    let long = std::env::var_os("SEKISHO_LONG").is_some();
    let rules = company.demo.dir.path().join("rules.toml");
    std::fs::write(&rules, HOLD_ALL).unwrap();
    company.demo.good(&["rules", "apply", rules.to_str().unwrap(), "--tenant", "aoba"]);
    let folder = format!("{}/tests/hostile", env!("CARGO_MANIFEST_DIR"));
    let every = if long { 1 } else { 8 };
    let found = company.demo.python(&format!("{WEB}\nFOLDER, EVERY = {folder:?}, {every}\n{MAIL_AND_WALK}"));
    let found: Value = serde_json::from_str(found.trim().lines().last().unwrap()).unwrap();
    for name in ["sato", "suzuki"] {
        let browser = company.at_mail(name, Look::DESK);
        open_views(&company, &browser, &company.mail(""), name, &found[name], long);
    }
    let console = company.at_console("ito", Look::DESK);
    open_views(&company, &console, &company.admin(""), "ito", &found["ito"], long);
    assert_eq!(company.chrome.trap.caught(), Vec::<String>::new(), "a request left");
}

#[test]
fn nothing_of_a_hostile_mail_runs_asks_or_leads_away_in_the_simulator() {
    let company = Company::start();
    let console = company.at_console("ito", Look::DESK);
    let folder = format!("{}/tests/hostile", env!("CARGO_MANIFEST_DIR"));
    let every = if std::env::var_os("SEKISHO_LONG").is_some() { 1 } else { 40 };
    try_in_simulator(&company, &console, &folder, every);
    assert_eq!(company.chrome.trap.caught(), Vec::<String>::new(), "a request left");
}

/// Opens the pages of each view, and the frames in them.
fn open_views(company: &Company, browser: &Browser, origin: &str, name: &str, views: &Value, long: bool) {
    for (view, pages) in views.as_object().unwrap() {
        let began = std::time::Instant::now();
        let pages: Vec<(String, Vec<String>)> = serde_json::from_value(pages.clone()).unwrap();
        let some = if long { 1 } else { 3 };
        let framed: Vec<&str> = pages
            .iter()
            .step_by(some)
            .filter(|(_, frames)| !frames.is_empty())
            .map(|(path, _)| path.as_str())
            .collect();
        if !framed.is_empty() {
            browser.open(&format!("{origin}/settings"));
        }
        framed.chunks(BATCH).for_each(|batch| open_frames(browser, &fresh_frames(company, name, batch)));
        let step = if long || view.contains("list") { 1 } else { 10 };
        let opened: Vec<_> = pages.iter().step_by(step).collect();
        opened.iter().for_each(|(path, _)| open_page(browser, &format!("{origin}{path}")));
        println!(
            "{name} {view}: frames of {} pages, {} of {} pages, {:?}",
            framed.len(),
            opened.len(),
            pages.len(),
            began.elapsed()
        );
    }
}

/// Gives the mails to the simulator as files, one by one.
fn try_in_simulator(company: &Company, console: &Browser, folder: &str, every: usize) {
    let began = std::time::Instant::now();
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .flat_map(|path| std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    files.sort();
    for file in files.iter().step_by(every) {
        console.open(&company.admin("/t/aoba/simulator"));
        console.events();
        console.fill_css("#from", "sato@aoba.example");
        console.fill_css("#to", "yamada@yamada.example");
        console.attach("#eml", file);
        console.click_css("#try button.primary");
        wait_for("the result", || console.session.all("#result").first().cloned());
        stayed(console, "/t/aoba/simulator");
        let asked = requests(&console.events());
        let foreign: Vec<_> = asked.iter().filter(|url| !super::chrome::ours(url)).collect();
        assert!(foreign.is_empty(), "{} asks for {foreign:#?}", file.display());
    }
    println!("ito simulator: {} of {} mails, {:?}", files.len().div_ceil(every), files.len(), began.elapsed());
}

/// The frames of these pages, asked for now: their addresses serve for five minutes.
fn fresh_frames(company: &Company, name: &str, pages: &[&str]) -> Vec<String> {
    let program = format!(
        "{WEB}\nsite = Site(demo['mail_url']); site.sign_in('{name}@aoba.example', password('{name}'))\n\
         print(json.dumps([href for path in {pages:?} for tag, href in site.get(path).links if tag == 'iframe']))"
    );
    let frames: Vec<String> = serde_json::from_str(company.demo.python(&program).trim()).unwrap();
    assert!(frames.len() >= pages.len(), "pages lost their frames: {pages:?}");
    frames
}

/// Opens frames as the page of a message does and sees that they stay what they are.
fn open_frames(browser: &Browser, urls: &[String]) {
    browser.events();
    let path = browser.path();
    let add = "
        const done = arguments[arguments.length - 1];
        document.querySelectorAll('iframe').forEach(frame => frame.remove());
        let waiting = arguments[0].length;
        for (const url of arguments[0]) {
            const frame = document.createElement('iframe');
            frame.setAttribute('sandbox', 'allow-popups allow-popups-to-escape-sandbox');
            frame.referrerPolicy = 'no-referrer';
            frame.addEventListener('load', () => { waiting -= 1; if (!waiting) setTimeout(done, 50); });
            frame.src = url;
            document.getElementById('main').append(frame);
        }";
    browser.session.script_async(add, &[json!(urls)]);
    for frame in browser.session.all("iframe") {
        let Element(_) = &frame;
        browser.session.post("/frame", &json!({ "id": frame.argument() }));
        let pwned = browser.session.script("return [typeof window.pwned, document.scripts.length]", &[]);
        browser.session.post("/frame", &json!({ "id": null }));
        assert_eq!(pwned, json!(["undefined", 0]), "in a frame of {urls:?}");
    }
    stayed(browser, &path);
    let asked: BTreeSet<_> = requests(&browser.events()).into_iter().collect();
    let strange =
        asked.iter().filter(|url| !urls.contains(url) && !url.contains("/picture/") && !url.starts_with("data:"));
    let strange: Vec<_> = strange.filter(|url| !url.contains("/assets/")).collect();
    assert!(strange.is_empty(), "asked for by frames: {strange:#?}");
}

/// Opens a page and sees that it stays.
fn open_page(browser: &Browser, url: &str) {
    browser.open(url);
    let path = browser.path();
    wait_for("the page", || (browser.session.script("return document.readyState", &[]) == "complete").then_some(()));
    stayed(browser, &path);
    let asked = requests(&browser.events());
    let foreign: Vec<_> = asked.iter().filter(|url| !super::chrome::ours(url)).collect();
    assert!(foreign.is_empty(), "{url} asks for {foreign:#?}");
}

fn stayed(browser: &Browser, path: &str) {
    // a subject may hold anything, so the title is no sign but by its end
    let script = "return [typeof window.pwned, document.title.endsWith(' - Sekisho')]";
    assert_eq!(browser.session.script(script, &[]), json!(["undefined", true]), "{path}");
    assert_eq!(browser.path(), path, "it led away");
    assert_eq!(browser.session.get("/window/handles").as_array().map(Vec::len), Some(1), "{path} opened a window");
}
