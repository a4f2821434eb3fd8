//! What a page weighs and how long it takes, read from the events of the network: bytes on the wire and unpacked.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::chrome::Browser;

/// Bytes of one kind of answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weight {
    /// Unpacked.
    pub raw: u64,
    /// As they came, packed, without the headers of the answers.
    pub wire: u64,
    /// Answers that came over the network, not out of the browser's cache.
    pub requests: u64,
}

/// A visit: its answers by kind.
#[derive(Debug, Default)]
pub struct Visit {
    pub html: Weight,
    pub js: Weight,
    pub css: Weight,
    pub other: Weight,
}

impl Visit {
    pub fn requests(&self) -> u64 {
        self.html.requests + self.js.requests + self.css.requests + self.other.requests
    }

    /// Adds up the events of a visit. Streams that do not end (live updates) are not counted.
    pub fn from(events: &[Value]) -> Self {
        let mut kinds = BTreeMap::new();
        let mut visit = Self::default();
        for event in events {
            let params = &event["params"];
            let id = params["requestId"].as_str().unwrap_or("").to_owned();
            match event["method"].as_str().unwrap_or("") {
                "Network.responseReceived" => {
                    let response = &params["response"];
                    let cached = response["fromDiskCache"] == true || response["fromPrefetchCache"] == true;
                    let mime = response["mimeType"].as_str().unwrap_or("").to_owned();
                    let live = mime == "text/event-stream"
                        || response["url"].as_str().is_some_and(|url| url.starts_with("data:"));
                    if !cached && !live {
                        let head = response["encodedDataLength"].as_f64().unwrap_or(0.0);
                        kinds.insert(id, (mime, head));
                    }
                }
                "Network.requestServedFromCache" => {
                    kinds.remove(&id);
                }
                "Network.dataReceived" => {
                    if let Some((kind, _)) = kinds.get(&id) {
                        visit.kind(kind).raw += params["dataLength"].as_u64().unwrap_or(0);
                    }
                }
                "Network.loadingFinished" => {
                    let wire = params["encodedDataLength"].as_f64().unwrap_or(0.0);
                    // nothing on the wire: it came out of the memory of the browser
                    if let (Some((kind, head)), true) = (kinds.get(&id), wire > 0.0) {
                        let weight = visit.kind(kind);
                        weight.wire += (wire - head).max(0.0) as u64;
                        weight.requests += 1;
                    }
                }
                _ => {}
            }
        }
        visit
    }

    fn kind(&mut self, mime: &str) -> &mut Weight {
        match mime {
            "text/html" => &mut self.html,
            "text/css" => &mut self.css,
            mime if mime.contains("javascript") => &mut self.js,
            _ => &mut self.other,
        }
    }
}

/// What the browser measured of the page that is open, in milliseconds.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// Largest contentful paint.
    pub visible: f64,
    /// Cumulative layout shift (no unit).
    pub shift: f64,
    /// What moved, from where to where.
    pub moved: String,
}

impl Browser {
    pub fn times(&self) -> Times {
        let script = "
            const done = arguments[arguments.length - 1];
            const found = { visible: 0, shift: 0, moved: '' };
            const place = rect => `${rect.x},${rect.y} ${rect.width}x${rect.height}`;
            const name = node => node?.nodeType === 1 ? node.cloneNode(false).outerHTML : node?.nodeValue ?? 'gone';
            const watch = (type, take) => new PerformanceObserver(list => list.getEntries().forEach(take)).observe({ type, buffered: true });
            watch('largest-contentful-paint', entry => found.visible = entry.startTime);
            watch('layout-shift', entry => {
                found.shift += entry.value;
                for (const one of entry.sources) found.moved += `${name(one.node)} ${place(one.previousRect)} to ${place(one.currentRect)}; `;
            });
            setTimeout(() => done(found), 100);";
        let found = self.session.script_async(script, &[]);
        let number = |name: &str| found[name].as_f64().unwrap_or(0.0);
        let moved = found["moved"].as_str().unwrap_or("").to_owned();
        Times { visible: number("visible"), shift: number("shift"), moved }
    }

    /// Opens an address and weighs it.
    pub fn weigh(&self, url: &str) -> (Visit, Times) {
        self.events();
        self.open(url);
        let times = self.times();
        (Visit::from(&self.events()), times)
    }

    /// The next visit is a first one.
    pub fn forget_cache(&self) {
        self.session.cdp("Network.clearBrowserCache", json!({}));
    }
}
