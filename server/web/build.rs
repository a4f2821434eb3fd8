//! Puts `static/` into the binary: styles joined into one file, modules of scripts into one a page's entry, comments taken
//! out, everything compressed once, all under one hash that changes when any byte does.
#![allow(clippy::expect_used, reason = "a build that cannot read its files must stop")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};

#[path = "build/modules.rs"]
mod modules;

/// The modules that pages name; each brings all that it imports. `app.js` is every page's.
const ENTRIES: [&str; 2] = ["app.js", "print.js"];

/// Name under `/assets/<hash>/` and content.
type Assets = BTreeMap<String, Vec<u8>>;

fn main() {
    let root = PathBuf::from("../../static");
    println!("cargo::rerun-if-changed={}", root.display());
    println!("cargo::rerun-if-changed=build");
    let mut assets = Assets::new();
    assets.insert("app.css".into(), styles(&root.join("css")).into_bytes());
    let weights = scripts(&root.join("js"), &mut assets);
    collect(&root, &root, &mut assets);
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("assets.rs"), table(&out, &assets)).expect("OUT_DIR can be written");
    fs::write(out.join("weights.rs"), format!("{weights:?}")).expect("OUT_DIR can be written");
}

/// All styles in the order of their names, without comments.
fn styles(dir: &Path) -> String {
    let mut files: Vec<_> =
        entries(dir).into_iter().filter(|path| path.extension().is_some_and(|e| e == "css")).collect();
    files.sort();
    files.iter().map(|path| plain_css(&fs::read_to_string(path).expect("a readable style"))).collect()
}

fn plain_css(text: &str) -> String {
    let mut left = text;
    let mut made = String::new();
    while let Some((before, rest)) = left.split_once("/*") {
        made.push_str(before);
        left = rest.split_once("*/").map_or("", |(_, after)| after);
    }
    made.push_str(left);
    lines(&made, |_| true)
}

/// Without indentation and empty lines.
fn lines(text: &str, keep: impl Fn(&str) -> bool) -> String {
    let kept = text.lines().map(str::trim).filter(|line| !line.is_empty() && keep(line));
    kept.fold(String::new(), |all, line| all + line + "\n")
}

/// Joins each entry's modules. Gives the weight of every module by itself, packed, for the test that bounds it.
fn scripts(dir: &Path, assets: &mut Assets) -> Vec<(String, usize)> {
    // a line that is only a comment tells the browser nothing
    let read = |name: &str| {
        let text = fs::read_to_string(dir.join(name)).map_err(|error| format!("static/js/{name}: {error}"))?;
        Ok(lines(&text, |line| !line.starts_with("//")))
    };
    let mut weights = Vec::new();
    for entry in ENTRIES {
        let joined = modules::join(entry, &read).expect("modules that can be joined");
        assets.insert(format!("js/{entry}"), joined.text.into_bytes());
        for name in joined.names {
            let twice = weights.iter().any(|(known, _)| *known == name);
            assert!(!twice, "{name} would run twice where two entries meet: import it by way of app.js");
            weights.push((name.clone(), gzip(read(&name).expect("read before").as_bytes()).len()));
        }
    }
    for path in entries(dir) {
        let name = path.file_name().expect("a file").to_string_lossy();
        assert!(weights.iter().any(|(known, _)| *known == name), "nothing imports static/js/{name}");
    }
    weights
}

fn collect(root: &Path, dir: &Path, assets: &mut Assets) {
    for path in entries(dir) {
        if path.is_dir() {
            collect(root, &path, assets);
            continue;
        }
        let name = path.strip_prefix(root).expect("below static").to_string_lossy().replace('\\', "/");
        let bytes = fs::read(&path).expect("a readable file");
        match path.extension().and_then(|e| e.to_str()) {
            Some("css" | "js") => {}
            _ => {
                assets.insert(name, bytes);
            }
        }
    }
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(dir).expect("static has its folders");
    read.map(|entry| entry.expect("a readable folder").path()).collect()
}

fn table(out: &Path, assets: &Assets) -> String {
    let mut hasher = DefaultHasher::new();
    let mut rows = String::new();
    for (number, (name, bytes)) in assets.iter().enumerate() {
        hasher.write(name.as_bytes());
        hasher.write(bytes);
        let (plain, zipped) = (out.join(format!("asset-{number}")), out.join(format!("asset-{number}.gz")));
        fs::write(&plain, bytes).expect("OUT_DIR can be written");
        fs::write(&zipped, gzip(bytes)).expect("OUT_DIR can be written");
        let _ = writeln!(
            rows,
            "    Asset {{ name: {name:?}, plain: include_bytes!({plain:?}), zipped: include_bytes!({zipped:?}) }},"
        );
    }
    format!("const HASH: &str = \"{:016x}\";\nstatic ASSETS: &[Asset] = &[\n{rows}];\n", hasher.finish())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory can be written")
}
