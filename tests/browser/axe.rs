//! axe-core over a page: no violation of WCAG 2.2 A and AA or of its best practices. axe-core (MPL-2.0) comes from npm
//! into `target/axe` (tests/run does it) and is only used here; it enters through DevTools, so no policy of ours bends.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::chrome::Browser;

const RUN: &str = "
    const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, { runOnly: tags, iframes: false, preload: false, resultTypes: ['violations'] })
        .then(result => done(result.violations), error => done('' + error))";

fn axe() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing: tests/run installs it", path.display()))
}

impl Browser {
    /// What axe finds wrong with the page that is open: a line for each element, none when all is well.
    pub fn axe(&self) -> Vec<String> {
        // axe waits for promises, which stand still where scripts are off
        self.allow_scripts(true);
        self.session.cdp("Runtime.evaluate", json!({ "expression": axe(), "returnByValue": false }));
        let violations = self.session.script_async(RUN, &[]);
        self.allow_scripts(self.scripts.get());
        let violations = violations.as_array().unwrap_or_else(|| panic!("axe: {violations}"));
        violations.iter().flat_map(lines).collect()
    }

    /// axe has nothing to say about the page that is open.
    pub fn is_accessible(&self) {
        let (found, path) = (self.axe(), self.path());
        assert!(found.is_empty(), "axe on {path}: {found:#?}");
    }
}

fn lines(violation: &Value) -> Vec<String> {
    let (id, help) = (violation["id"].as_str().unwrap_or(""), violation["help"].as_str().unwrap_or(""));
    let nodes = violation["nodes"].as_array().into_iter().flatten();
    nodes
        .map(|node| {
            let mut line = format!("{id} ({help}): {}", node["html"].as_str().unwrap_or(""));
            let _ = write!(line, " {}", node["failureSummary"].as_str().unwrap_or("").replace('\n', " "));
            line
        })
        .collect()
}
