//! Where every request ends that leaves our hosts: a proxy that answers nothing and remembers what was asked of it.
//! Browsers under test are told to use it for all but `*.localhost`, 127.0.0.1 included.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Hosts that Chromium itself asks (updates, its start page, autofill); no page under test names them.
const BROWSERS_OWN: [&str; 4] = ["google.com", "googleapis.com", "gvt1.com", "duckduckgo.com"];

/// A listening trap; its thread lives as long as the process.
#[derive(Clone)]
pub struct Trap {
    pub port: u16,
    caught: Arc<Mutex<Vec<String>>>,
}

impl Trap {
    pub fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let trap = Self { port: listener.local_addr().unwrap().port(), caught: Arc::default() };
        let caught = trap.caught.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let line = refuse(stream);
                caught.lock().unwrap().push(line);
            }
        });
        trap
    }

    /// The request lines that came so far, but for the browser's own.
    pub fn caught(&self) -> Vec<String> {
        let caught = self.caught.lock().unwrap();
        caught.iter().filter(|line| !browsers_own(line)).cloned().collect()
    }
}

fn browsers_own(line: &str) -> bool {
    let target = line.split(' ').nth(1).unwrap_or("");
    let authority = target.strip_prefix("http://").unwrap_or(target).split('/').next().unwrap_or("");
    let host = authority.split(':').next().unwrap_or("");
    // a connection opened ahead and never used asks for nothing
    line.is_empty() || BROWSERS_OWN.iter().any(|own| host == *own || host.ends_with(&format!(".{own}")))
}

/// Answers 403 and gives the request line.
fn refuse(mut stream: TcpStream) -> String {
    let _ = stream.set_read_timeout(Some(std::time::Duration::from_secs(2)));
    let mut line = String::new();
    let _ = BufReader::new(&stream).read_line(&mut line);
    let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    line.trim().to_owned()
}
