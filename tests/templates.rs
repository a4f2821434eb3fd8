//! Templates, styles and scripts as they lie in the repository: what may not stand in them, and whether everybody can
//! read the colours.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

fn files(dir: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut left = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(dir)];
    while let Some(dir) = left.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{dir}");
    found
}

/// The opening tags of a template.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default())
}

#[test]
fn only_icons_are_put_in_as_they_are() {
    for (path, text) in files("templates", "html") {
        let raw =
            text.replace(' ', "").contains("|safe") || text.contains("escape(\"none\")") || text.contains("autoescape");
        assert_eq!(raw, path.ends_with("icons.html"), "{}", path.display());
    }
}

#[test]
fn no_script_and_no_style_stands_in_a_page() {
    for (path, text) in files("templates", "html") {
        for tag in tags(&text) {
            let name = tag.split_whitespace().next().unwrap_or_default();
            let inline = name == "style" || (name == "script" && !(tag.contains(" nonce=") && tag.contains(" src=")));
            let event = tag.split_whitespace().any(|word| word.starts_with("on") && word.contains('='));
            let styled = tag.contains(" style=") || tag.contains("javascript:");
            assert!(!(inline || event || styled), "{}: <{tag}>", path.display());
        }
    }
}

#[test]
fn every_frame_is_a_sandbox_in_which_nothing_runs() {
    let mut frames = 0;
    for (path, text) in files("templates", "html") {
        for tag in tags(&text).filter(|tag| tag.starts_with("iframe")) {
            frames += 1;
            let sandbox = tag.split("sandbox=\"").nth(1).and_then(|rest| rest.split('"').next());
            assert_eq!(sandbox, Some("allow-popups allow-popups-to-escape-sandbox"), "{}: <{tag}>", path.display());
            assert!(tag.contains("referrerpolicy=\"no-referrer\"") && !tag.contains("srcdoc"), "{}", path.display());
        }
    }
    assert!(frames >= 2, "messages and held mail are shown in frames");
}

#[test]
fn every_form_that_changes_something_begins_with_its_token() {
    // nobody is signed in on the download page, which has no cookie: what opens it stands in its addresses
    let without =
        |path: &Path| path.ends_with("sign_in.html") || path.parent().is_some_and(|dir| dir.ends_with("download"));
    for (path, text) in files("templates", "html").into_iter().filter(|(path, _)| !without(path)) {
        for form in
            text.split("<form ").skip(1).filter(|form| form.split('>').next().unwrap().contains("method=\"post\""))
        {
            let first = form.split_once('>').map(|(_, rest)| rest.trim_start()).unwrap_or_default();
            assert!(
                first.starts_with("{% include \"csrf.html\" %}"),
                "{}: {}",
                path.display(),
                &form[..form.len().min(80)]
            );
        }
    }
}

#[test]
fn scripts_build_pages_without_strings() {
    for (path, text) in files("static/js", "js") {
        for word in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "setTimeout('"]
        {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

/// WCAG 2: relative luminance of #rgb or #rrggbb.
fn luminance(colour: &str) -> f64 {
    let digits = colour.trim_start_matches('#');
    let digits: String =
        if digits.len() == 3 { digits.chars().flat_map(|c| [c, c]).collect() } else { digits.to_owned() };
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The colours of each block of the token file, by name: light, dark by the device, dark by choice.
fn palettes() -> Vec<HashMap<String, String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/css/00-tokens.css");
    let text = std::fs::read_to_string(path).unwrap();
    let blocks = text.split('{').filter(|block| block.contains("--bg:"));
    let read = |block: &str| {
        let pairs = block.split('}').next().unwrap().split(';').filter_map(|pair| pair.trim().split_once(':'));
        pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
    };
    blocks.map(read).collect()
}

#[test]
fn every_pair_of_colours_can_be_read() {
    let palettes = palettes();
    assert_eq!(palettes.len(), 3);
    let mut lowest = f64::MAX;
    for colours in &palettes {
        let of = |name: &str| colours[&format!("--{name}")].clone();
        let mut check = |one: &str, other: &str, least: f64| {
            let found = contrast(&of(one), &of(other));
            lowest = if least > 4.0 { lowest.min(found) } else { lowest };
            assert!(found >= least, "{one} on {other}: {found:.2}");
        };
        for text in ["text", "text-2", "text-3", "link", "pri", "ng", "ext"] {
            for ground in ["bg", "bg-sub", "bg-raise"] {
                check(text, ground, 4.5);
            }
        }
        for (text, ground) in [
            ("ok", "ok-bg"),
            ("warn", "warn-bg"),
            ("ng", "ng-bg"),
            ("pri", "pri-bg"),
            ("link", "pri-bg"),
            ("text", "pri-bg"),
        ] {
            check(text, ground, 4.5);
        }
        for ground in ["pri", "pri-hover", "pri-active"] {
            check("on-pri", ground, 4.5);
        }
        for ground in ["bg", "bg-sub"] {
            check("line-strong", ground, 3.0);
            check("focus", ground, 3.0);
        }
    }
    assert_eq!(palettes[1], palettes[2], "dark is the same by device and by choice");
    println!("lowest contrast of text: {lowest:.2}");
}
