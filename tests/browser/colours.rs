//! Contrast, computed from the style sheets: 4.5:1 for text, 3:1 for lines that carry meaning (WCAG 2.2, 1.4.3, 1.4.11).

use std::collections::BTreeMap;
use std::path::Path;

type Tokens = BTreeMap<String, String>;

const TEXTS: [&str; 9] = ["text", "text-2", "text-3", "link", "pri", "ok", "warn", "ng", "ext"];
const GROUNDS: [&str; 3] = ["bg", "bg-sub", "bg-raise"];
const PAIRS: [(&str, &str); 10] = [
    ("on-pri", "pri"),
    ("on-pri", "pri-hover"),
    ("on-pri", "pri-active"),
    ("text", "pri-bg"),
    ("link", "pri-bg"),
    ("ok", "ok-bg"),
    ("warn", "warn-bg"),
    ("ng", "ng-bg"),
    ("text", "warn-bg"),
    ("text", "ng-bg"),
];
const LINES: [&str; 2] = ["line-strong", "focus"];

fn sheets() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/css");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |path: &Path| {
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
    };
    files.iter().map(|path| read(path)).collect()
}

/// The innermost blocks of a style sheet: selector and declarations.
fn blocks(sheet: &str) -> Vec<(String, Tokens)> {
    let ends = sheet.match_indices('}').map(|(at, _)| at);
    let block = |end: usize| {
        let open = sheet[..end].rfind('{')?;
        let inner = &sheet[open + 1..end];
        let selector = sheet[..open].rsplit(['}', '{']).next()?.trim().to_owned();
        let pairs = inner.split(';').filter_map(|line| line.split_once(':'));
        let tokens: Tokens = pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect();
        (!tokens.is_empty()).then_some((selector, tokens))
    };
    ends.filter_map(block).collect()
}

/// The tokens of one theme, without their dashes.
fn tokens(theme: &str) -> Tokens {
    let sheets = sheets();
    let (_, sheet) = sheets.iter().find(|(name, _)| name.contains("tokens")).unwrap();
    let mut found = Tokens::new();
    for (selector, block) in blocks(sheet) {
        let of_theme = selector.ends_with(":root") || selector.contains(theme);
        if of_theme {
            found.extend(
                block.into_iter().filter_map(|(name, value)| Some((name.strip_prefix("--")?.to_owned(), value))),
            );
        }
    }
    found
}

/// Relative luminance of `#rgb` or `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let hex = colour.trim_start_matches('#');
    let full = if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex.to_owned() };
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&full[at..at + 2], 16).unwrap_or_else(|_| panic!("{colour}"))) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The names of tokens that a block sets as text and as ground, if it sets both.
fn set_together(block: &Tokens) -> Option<(&str, &str)> {
    let token = |value: &str| -> Option<usize> { value.find("var(--") };
    let name = |property: &str| {
        let value = block.get(property)?;
        Some(value[token(value)? + 6..].split(')').next()?.trim())
    };
    Some((name("color")?, name("background").or_else(|| name("background-color"))?))
}

#[test]
fn every_pair_of_colours_has_enough_contrast_in_both_themes() {
    for theme in ["light", "data-theme=dark"] {
        let tokens = tokens(theme);
        let check = |front: &str, back: &str, least: f64| {
            let found = contrast(&tokens[front], &tokens[back]);
            assert!(found >= least, "{theme}: --{front} on --{back} is {found:.2}:1");
            found
        };
        let grounds = TEXTS.iter().flat_map(|text| GROUNDS.map(|ground| (*text, ground)));
        let texts: Vec<f64> = grounds.chain(PAIRS).map(|(front, back)| check(front, back, 4.5)).collect();
        let lines: Vec<f64> = LINES.iter().flat_map(|line| GROUNDS.map(|ground| check(line, ground, 3.0))).collect();
        let least = |all: &[f64]| all.iter().copied().fold(f64::INFINITY, f64::min);
        println!("{theme}: lowest text {:.2}:1, lowest line {:.2}:1", least(&texts), least(&lines));
        for (sheet, text) in sheets() {
            for (selector, block) in blocks(&text) {
                if let Some((front, back)) = set_together(&block) {
                    println!("{sheet} {selector}: --{front} on --{back}");
                    check(front, back, 4.5);
                }
            }
        }
    }
}

#[test]
fn the_dark_theme_is_the_same_by_choice_and_by_the_system() {
    let sheets = sheets();
    let (_, sheet) = sheets.iter().find(|(name, _)| name.contains("tokens")).unwrap();
    let blocks = blocks(sheet);
    let find = |part: &str| &blocks.iter().find(|(selector, _)| selector.contains(part)).unwrap().1;
    assert_eq!(find("not([data-theme=light])"), find("[data-theme=dark]"));
}
