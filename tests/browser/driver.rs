//! A small blocking WebDriver client (W3C WebDriver over HTTP): starts chromedriver, carries commands and answers.
//! Knows nothing of pages; whatever goes wrong is a panic, since only tests use it.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The name under which an answer carries an element (WebDriver, section 12.3).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A running chromedriver; ends with its value.
pub struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts it on a port that the system chooses; on another one where somebody took it before chromedriver had it for both IPv4 and
    /// IPv6.
    pub fn start() -> Self {
        let begun = (0..5).find_map(|_| Self::begun());
        begun.expect("chromedriver did not say its port")
    }

    fn begun() -> Option<Self> {
        let command = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = command.expect("chromedriver is missing: tests/run installs chromium-driver");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines
            .find_map(|line| line.unwrap().split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
        let driver = Self { process, port: port? };
        std::thread::spawn(move || lines.for_each(drop));
        Some(driver)
    }

    /// A browser with these capabilities.
    pub fn session(&self, capabilities: &Value) -> Session {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let mut session = Session { stream: RefCell::new(BufReader::new(stream)), path: "/session".to_owned() };
        let made = session.post("", &json!({ "capabilities": { "alwaysMatch": capabilities } }));
        session.path = format!("/session/{}", made["sessionId"].as_str().unwrap());
        session
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One browser; closed with its value.
pub struct Session {
    stream: RefCell<BufReader<TcpStream>>,
    path: String,
}

/// An element of the page, by WebDriver's reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element(pub String);

impl Element {
    fn from(value: &Value) -> Option<Self> {
        value[ELEMENT].as_str().map(|id| Self(id.to_owned()))
    }
    /// As an argument of a script.
    pub fn argument(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }
}

impl Session {
    /// A command with a body; its value, or WebDriver's error and message.
    pub fn try_post(&self, command: &str, body: &Value) -> Result<Value, String> {
        self.exchange("POST", command, &body.to_string())
    }
    pub fn post(&self, command: &str, body: &Value) -> Value {
        self.try_post(command, body).unwrap_or_else(|error| panic!("{command} {body}: {error}"))
    }
    pub fn get(&self, command: &str) -> Value {
        self.exchange("GET", command, "").unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    fn exchange(&self, method: &str, command: &str, body: &str) -> Result<Value, String> {
        let mut stream = self.stream.borrow_mut();
        let path = &self.path;
        let request = format!(
            "{method} {path}{command} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.get_mut().write_all(request.as_bytes()).map_err(|error| error.to_string())?;
        let answer = read_answer(&mut stream).map_err(|error| format!("chromedriver: {error}"))?;
        let mut answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", value["message"].as_str().unwrap_or(""))),
            None => Ok(value),
        }
    }

    /// A command of the DevTools protocol.
    pub fn cdp(&self, command: &str, params: Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": params }))
    }
    /// The entries of a log (`browser`, `performance`) since it was last read.
    pub fn log(&self, kind: &str) -> Vec<Value> {
        self.post("/se/log", &json!({ "type": kind })).as_array().cloned().unwrap_or_default()
    }
    /// The elements that a CSS selector finds now.
    pub fn all(&self, css: &str) -> Vec<Element> {
        let found = self.post("/elements", &json!({ "using": "css selector", "value": css }));
        found.as_array().unwrap().iter().filter_map(Element::from).collect()
    }
    /// Runs a script's body with arguments; its result. Also where the page may run none.
    pub fn script(&self, script: &str, args: &[Value]) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": args }))
    }
    /// The same for a script that calls its last argument when it is done.
    pub fn script_async(&self, script: &str, args: &[Value]) -> Value {
        self.post("/execute/async", &json!({ "script": script, "args": args }))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.exchange("DELETE", "", "");
    }
}

/// The body of an HTTP answer with Content-Length.
fn read_answer(stream: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}

/// Asks until there is an answer, for 15 seconds at most.
pub fn try_for<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let until = Instant::now() + Duration::from_secs(15);
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() > until {
            return None;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
}

/// The same where there must be one.
pub fn wait_for<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    try_for(ask).unwrap_or_else(|| panic!("waited in vain for {what}"))
}
