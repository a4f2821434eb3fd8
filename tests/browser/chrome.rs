//! A headless Chromium for a test: how it looks at pages, and what it saw on the wire and on its console.
//! Nothing may leave to hosts that are not ours: all else is led into the trap.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::driver::{Driver, Session};
use super::trap::Trap;

/// How a person looks at the pages.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub width: u32,
    pub height: u32,
    /// A phone: touch, and the viewport of a small device.
    pub phone: bool,
    /// What the browser prefers: `ja` or `en`.
    pub language: &'static str,
    pub dark: bool,
    /// Off: pages may run no script.
    pub scripts: bool,
}

impl Look {
    pub const DESK: Self = Self { width: 1280, height: 900, phone: false, language: "ja", dark: false, scripts: true };
    pub const PHONE: Self = Self { width: 390, height: 844, phone: true, ..Self::DESK };

    pub const fn english(self) -> Self {
        Self { language: "en", ..self }
    }
    pub const fn dark(self) -> Self {
        Self { dark: true, ..self }
    }
    pub const fn without_scripts(self) -> Self {
        Self { scripts: false, ..self }
    }
}

/// chromedriver and the trap, shared by the browsers of one test.
pub struct Chrome {
    driver: Driver,
    pub trap: Trap,
}

impl Chrome {
    pub fn start() -> Self {
        Self { driver: Driver::start(), trap: Trap::set() }
    }

    /// A browser with a profile of its own.
    pub fn browser(&self, look: Look) -> Browser {
        let profile = tempfile::tempdir().unwrap();
        let args = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-features=OptimizationHints,MediaRouter,Translate".to_owned(),
            "--force-prefers-reduced-motion".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
            format!("--proxy-server=http://127.0.0.1:{}", self.trap.port),
            "--proxy-bypass-list=<-loopback>;*.localhost".to_owned(),
            format!("--lang={}", look.language),
        ];
        let capabilities = json!({
            "browserName": "chrome",
            "acceptInsecureCerts": true,
            "unhandledPromptBehavior": "ignore",
            "goog:chromeOptions": {
                "args": args, "binary": "/usr/bin/chromium",
                "prefs": { "intl.accept_languages": look.language, "credentials_enable_service": false,
                           "profile.password_manager_leak_detection": false },
                "perfLoggingPrefs": { "enableNetwork": true, "enablePage": true },
            },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let session = self.driver.session(&capabilities);
        let browser = Browser {
            session,
            trap: self.trap.clone(),
            events: RefCell::default(),
            console: RefCell::default(),
            scripts: Cell::new(true),
            _profile: profile,
        };
        browser.look(look);
        // the browser's own first page is nobody's business
        browser.open("about:blank");
        browser.events();
        browser.console();
        browser
    }
}

/// One browser and all that it logged so far.
pub struct Browser {
    pub session: Session,
    trap: Trap,
    events: RefCell<Vec<Value>>,
    console: RefCell<Vec<String>>,
    /// Whether pages may run scripts.
    pub scripts: Cell<bool>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Looks at pages in another way from now on.
    pub fn look(&self, look: Look) {
        let Look { width, height, phone, language, dark, scripts } = look;
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.session.cdp("Emulation.setDeviceMetricsOverride", screen);
        self.session.cdp("Emulation.setTouchEmulationEnabled", json!({ "enabled": phone }));
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.session.cdp("Emulation.setEmulatedMedia", media);
        self.allow_scripts(scripts);
        self.scripts.set(scripts);
        let agent = self.session.cdp("Browser.getVersion", json!({}))["userAgent"].clone();
        self.session.cdp("Network.setUserAgentOverride", json!({ "userAgent": agent, "acceptLanguage": language }));
    }

    /// Whether scripts run from now on; what is there already stays.
    pub fn allow_scripts(&self, allow: bool) {
        self.session.cdp("Emulation.setScriptExecutionDisabled", json!({ "value": !allow }));
    }

    /// Brings the browser's logs over; what they say stays with this value.
    fn read_logs(&self) {
        let mut events = self.events.borrow_mut();
        for entry in self.session.log("performance") {
            let text = entry["message"].as_str().unwrap_or("{}");
            let mut message: Value = serde_json::from_str(text).unwrap();
            events.push(message["message"].take());
        }
        for entry in self.session.log("browser") {
            let level = entry["level"].as_str().unwrap_or("");
            if matches!(level, "DEBUG" | "INFO") {
                continue;
            }
            let said = format!("{level}: {}", entry["message"].as_str().unwrap_or(""));
            self.console.borrow_mut().push(said);
        }
    }

    /// The DevTools events of network and page since the last call of this function.
    pub fn events(&self) -> Vec<Value> {
        self.read_logs();
        std::mem::take(&mut self.events.borrow_mut())
    }

    /// What the console said since the last call of this function: errors, warnings, violations of the policy.
    pub fn console(&self) -> Vec<String> {
        self.read_logs();
        std::mem::take(&mut self.console.borrow_mut())
    }

    /// Nothing was wrong since the last call: a quiet console, no request to other hosts, one window.
    /// `expected` are pieces of console lines that may be there, such as the status of a refused form.
    pub fn was_quiet_but(&self, expected: &[&str]) {
        let said = self.console();
        let bad: Vec<_> = said.iter().filter(|line| !expected.iter().any(|piece| line.contains(piece))).collect();
        assert!(bad.is_empty(), "the console said: {bad:#?}");
        let left: BTreeSet<_> = requests(&self.events()).into_iter().filter(|url| !ours(url)).collect();
        assert!(left.is_empty(), "requests to other hosts: {left:#?}");
        assert_eq!(self.trap.caught(), Vec::<String>::new(), "requests in the trap");
        assert_eq!(self.session.get("/window/handles").as_array().map(Vec::len), Some(1), "a window was opened");
    }
    pub fn was_quiet(&self) {
        self.was_quiet_but(&[]);
    }
}

/// The addresses that were asked for.
pub fn requests(events: &[Value]) -> Vec<String> {
    let sent = events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
    sent.filter_map(|event| event["params"]["request"]["url"].as_str().map(str::to_owned)).collect()
}

/// Whether an address is one of ours, or none of any host.
pub fn ours(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once(':') else { return false };
    let authority = rest.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or("");
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    match scheme {
        "http" | "https" => host.ends_with(".localhost"),
        "data" | "about" | "blob" => true,
        _ => false,
    }
}
