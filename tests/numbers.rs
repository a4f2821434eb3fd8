//! "Who sees numbers" (DESIGN.md section 5): after all samples went through, no labelled number stands anywhere but
//! in its owners' own mail.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::house::Demo;

pub fn samples() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/mynumber-samples");
    let found = [beside, PathBuf::from("/work/shared/mynumber-samples")].into_iter().find(|path| path.exists());
    found.expect("the labelled samples lie beside the checkout: ../shared/mynumber-samples")
}

/// Every normal form of a number: plain, grouped, full-width.
fn forms(number: &str) -> Vec<String> {
    let groups = [&number[..4], &number[4..8], &number[8..]];
    let wide = |text: &str| {
        text.chars().map(|c| char::from_u32(c as u32 - '0' as u32 + '0' as u32).unwrap()).collect::<String>()
    };
    let mut forms = vec![number.to_owned(), wide(number)];
    for separator in ["-", " ", " ", "−", "ー"] {
        forms.push(groups.join(separator));
        forms.push(groups.map(wide).join(separator));
    }
    forms
}

fn files_under(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_under(&path, found) } else { found.push(path) }
    }
}

#[test]
fn no_labelled_number_stands_in_files_logs_answers_notices_or_output() {
    let samples = samples();
    let labels = std::fs::read_to_string(samples.join("labels.jsonl")).unwrap();
    let mut numbers = BTreeSet::new();
    for line in labels.lines() {
        let label: serde_json::Value = serde_json::from_str(line).unwrap();
        for finding in label["findings"].as_array().unwrap() {
            numbers.insert(finding["value"].as_str().unwrap().to_owned());
        }
    }
    let demo = Demo::start();
    let answers = demo.python(&format!(
        r#"
import glob, re
outcomes = {{}}
for file in sorted(glob.glob({:?} + "/*.eml")):
    mail = open(file, "rb").read()
    head, body = mail.split(b"\r\n\r\n", 1)
    head = re.sub(rb"(?im)^from:[^\r\n]*(\r\n[ \t][^\r\n]*)*", b"From: sato@aoba.example", head, count=1)
    code, said = send("sato", head + b"\r\n\r\n" + body, ["yamada@yamada.example"])
    word = "held" if "held" in said else str(code)
    outcomes[word] = outcomes.get(word, 0) + 1
    print(code, said)
assert outcomes.get("held", 0) >= 15 and outcomes.get("250", 0) >= 15, outcomes
for name in ("sato", "suzuki", "tanaka"):
    for subject, mail in inbox(name):
        print(subject, text(mail) if not mail.is_multipart() else "")
"#,
        samples.display().to_string()
    ));
    let mut seen = answers;
    for args in [&["held", "list"][..], &["held", "list", "--json"], &["queue", "list", "--all"], &["verify"]] {
        seen += &demo.good(args);
    }
    for line in demo.good(&["held", "list"]).lines() {
        seen += &demo.good(&["held", "show", line.split('\t').next().unwrap()]);
        seen += &demo.good(&["trace", line.split('\t').nth(1).unwrap()]);
    }
    let mut paths = vec![demo.dir.path().join("log")];
    files_under(&demo.dir.path().join("data"), &mut paths);
    assert!(paths.len() > 5, "{paths:?}");
    let forms: Vec<String> = numbers.iter().flat_map(|number| forms(number)).collect();
    let any = aho_corasick::AhoCorasick::new(&forms).unwrap();
    assert!(!any.is_match(&seen), "a labelled number stands in an answer, a notice or a command's output");
    for path in paths {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        assert!(!any.is_match(&bytes), "a labelled number stands in {}", path.display());
    }
}
