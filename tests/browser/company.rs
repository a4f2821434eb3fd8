//! The demo's company with browsers for its people.

use serde_json::Value;

use super::chrome::{Browser, Chrome, Look};
use crate::house::Demo;
use crate::shim::Shim;

/// `sekisho demo`, and what its `demo.json` says.
pub struct Company {
    pub demo: Demo,
    pub chrome: Chrome,
    facts: Value,
}

impl Company {
    pub fn start() -> Self {
        Self::over(Demo::start())
    }
    /// The same, whose mail from the browser can be taken back for so many seconds.
    pub fn start_with_undo(seconds: u32) -> Self {
        Self::over(Demo::start_with_undo(seconds))
    }
    /// The same, whose mail to the outside goes to a server on this port.
    pub fn start_towards(port: u16) -> Self {
        let mut demo = Demo::start();
        demo.serve_towards(port);
        Self::over(demo)
    }
    /// The same on a disk that fails when it is told to.
    pub fn start_on_a_disk() -> (Self, Shim) {
        let (demo, shim) = Demo::start_on_a_disk();
        (Self::over(demo), shim)
    }
    fn over(demo: Demo) -> Self {
        let facts = std::fs::read_to_string(demo.dir.path().join("demo.json")).unwrap();
        Self { demo, chrome: Chrome::start(), facts: serde_json::from_str(&facts).unwrap() }
    }

    fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap_or_else(|| panic!("demo.json has no {name}"))
    }
    /// An address in webmail.
    pub fn mail(&self, path: &str) -> String {
        format!("{}{path}", self.fact("mail_url"))
    }
    /// An address in the console.
    pub fn admin(&self, path: &str) -> String {
        format!("{}{path}", self.fact("admin_url"))
    }
    /// An address of the content origin.
    pub fn content(&self, path: &str) -> String {
        format!("{}{path}", self.fact("content_url"))
    }
    /// An address of what shows the outside world.
    pub fn outside(&self, path: &str) -> String {
        format!("{}{path}", self.fact("outside_url"))
    }
    pub fn password(&self, name: &str) -> &str {
        let people = self.facts["people"].as_array().unwrap();
        let address = |person: &&Value| person["address"].as_str().unwrap().starts_with(&format!("{name}@"));
        people.iter().find(address).unwrap()["password"].as_str().unwrap()
    }

    /// Signs in at `url` through the form.
    pub fn sign_in(&self, browser: &Browser, url: &str, name: &str, password: &str) {
        browser.open(url);
        browser.fill_css("#email", &format!("{name}@aoba.example"));
        browser.fill_css("#password", password);
        browser.click_css("form button");
    }
    /// A browser in which this person is signed in to webmail.
    pub fn at_mail(&self, name: &str, look: Look) -> Browser {
        let browser = self.chrome.browser(look);
        self.sign_in(&browser, &self.mail("/login"), name, self.password(name));
        browser.wait_path(|path| !path.starts_with("/login"));
        browser
    }
    /// A browser in which this person is signed in to the console.
    pub fn at_console(&self, name: &str, look: Look) -> Browser {
        let browser = self.chrome.browser(look);
        self.sign_in(&browser, &self.admin("/login"), name, self.password(name));
        browser.wait_path(|path| !path.starts_with("/login"));
        browser
    }
}
