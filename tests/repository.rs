//! The repository itself: what stands at its top, what every crate keeps to, and that its commands say what is wrong.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::house::text;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// All files below a folder whose name ends so.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() && !path.ends_with("target") { files(&path, end) } else { vec![path] })
        .filter(|path| path.to_str().unwrap().ends_with(end))
        .collect()
}

fn manifests() -> Vec<PathBuf> {
    let folders = ["server", "webmail", "admin"].map(|folder| root().join(folder));
    folders.iter().filter(|folder| folder.is_dir()).flat_map(|folder| files(folder, "Cargo.toml")).collect()
}

#[test]
fn the_top_level_is_what_the_design_draws() {
    let must = ["Cargo.toml", "Cargo.lock", "server", "tests", "docs", "README.md", "LICENSE-APACHE", "LICENSE-MIT"];
    let may = ["webmail", "admin", "templates", "static", "target"];
    let names = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<String> = names.filter(|name| !name.starts_with('.')).collect();
    for name in must {
        assert!(there.contains(name), "{name} is missing");
    }
    let other: Vec<_> =
        there.iter().filter(|name| !must.contains(&name.as_str()) && !may.contains(&name.as_str())).collect();
    assert!(other.is_empty(), "{other:?}");
}

#[test]
fn every_crate_takes_lints_and_versions_from_the_workspace() {
    for path in manifests() {
        let manifest: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        let path = path.display();
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{path}");
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(section) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
            for (name, what) in section {
                assert_eq!(what.get("workspace").and_then(toml::Value::as_bool), Some(true), "{path}: {name}");
            }
        }
    }
    assert!(read("Cargo.toml").contains("unsafe_code = \"forbid\""));
}

#[test]
fn the_tests_use_no_room_but_types() {
    let rooms: Vec<String> = manifests()
        .iter()
        .map(|path| path.parent().unwrap().file_name().unwrap().to_str().unwrap().replace('-', "_"))
        .filter(|room| room != "types")
        .collect();
    let tests = root().join("tests");
    for path in files(&tests, ".rs").into_iter().filter(|path| !path.starts_with(tests.join("fuzz"))) {
        let source = fs::read_to_string(&path).unwrap();
        for room in &rooms {
            let used = [format!("use {room}::"), format!("use {room};")];
            assert!(!used.iter().any(|used| source.lines().any(|line| line.starts_with(used))), "{path:?} uses {room}");
        }
    }
}

/// Whether a company keeps the law is not ours to say (rules-and-texts.md, "Texts"): no catalogue, template, script or notice does.
#[test]
fn no_text_of_the_product_promises_that_the_law_is_kept() {
    let mut texts = 0;
    for folder in ["server", "webmail", "admin", "templates", "static"] {
        for end in [".rs", ".html", ".js", ".toml"] {
            for path in files(&root().join(folder), end) {
                let text = fs::read_to_string(&path).unwrap().to_lowercase();
                let promise = ["法令準拠", "complian"].into_iter().find(|word| text.contains(word));
                assert_eq!(promise, None, "{}", path.display());
                texts += usize::from(text.contains("catalogue!") || end == ".html");
            }
        }
    }
    assert!(texts > 100, "catalogues and templates were looked at: {texts}");
}

#[test]
fn the_readme_names_the_two_commands_and_ci_runs_the_second() {
    let readme = read("README.md");
    assert!(readme.contains("\ncargo run --release -- demo\n") && readme.contains("\ntests/run\n"));
    assert!(read(".ci/run").trim_end().ends_with("exec tests/run"));
    for script in [".ci/run", "tests/run"] {
        assert!(fs::metadata(root().join(script)).unwrap().permissions().mode() & 0o111 != 0, "{script} cannot be run");
    }
}

/// Who may not install is told what is missing, and no test runs without it.
#[test]
fn tests_run_names_what_is_missing_and_fails() {
    let dir = tempfile::tempdir().unwrap();
    for (name, body) in [("dpkg", "exit 1"), ("sudo", "exit 1"), ("id", "echo 1000"), ("cargo", "echo cargo ran")] {
        let path = dir.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap());
    let output = Command::new(root().join("tests/run")).env("PATH", path).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(!text(&output.stdout).contains("cargo ran"));
    let said = text(&output.stderr);
    assert!(said.contains("please install: make python3 curl isync"), "{said}");
}

/// Bash goes on behind a command that failed in a function whose end is asked for (`"$@" || …`).
#[test]
fn a_failing_test_fails_the_run_though_more_comes_behind_it() {
    let run = read("tests/run");
    let body = run.split_once("tests() {").and_then(|(_, rest)| rest.split_once("\n}")).unwrap().0;
    let lines: Vec<&str> = body.lines().map(str::trim).filter(|line| line.starts_with("cargo ")).collect();
    let [with_nextest, alone] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(with_nextest.contains("nextest run") && with_nextest.contains(" && cargo test "), "{with_nextest}");
    assert!(alone.starts_with("cargo test --workspace"), "{alone}");
}

/// A name on the page is a whole one, or its beginning and `…`.
#[test]
fn every_test_that_the_page_of_proofs_names_exists() {
    let sources = ["server", "webmail", "admin", "tests"].map(|folder| files(&root().join(folder), ".rs"));
    let sources: Vec<String> = sources.iter().flatten().map(|path| fs::read_to_string(path).unwrap()).collect();
    let is_fn = |name: &str| sources.iter().any(|source| source.contains(&format!("fn {name}(")));
    let begins = |name: &str| sources.iter().any(|source| source.contains(&format!("fn {name}")));
    let cut_off = ['…', '‥'];
    let pages = [("docs/proof.md", 100), ("docs/review.md", 100), ("docs/protocols.md", 100), ("docs/ledger.md", 50)];
    for (page, least) in pages {
        let text = read(page);
        let named = text.split('`').skip(1).step_by(2).filter(|word| word.matches('_').count() >= 3);
        // with the way to it, `rules::actions::‥`, or with its beginning left out
        let named = named.filter_map(|word| word.rsplit("::").next()).map(|name| name.trim_start_matches(cut_off));
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || cut_off.contains(&c);
        let (mut count, mut missing) = (0, Vec::new());
        for test in named.filter(|word| word.chars().all(is_name)) {
            count += 1;
            let there = test.strip_suffix(cut_off).map_or_else(|| is_fn(test), begins);
            if !there {
                missing.push(test);
            }
        }
        assert!(missing.is_empty() && count > least, "{page}: {count} named, missing: {missing:?}");
    }
}
