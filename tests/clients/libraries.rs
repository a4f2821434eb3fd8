//! imapclient (Python) and imapflow (node), on which other programs are built: what each is used for, in two sessions.
//! `tests/run` puts both into `target/clients`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::house::{House, PASSWORD, text};

fn here(path: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    assert!(path.exists(), "{} is missing: tests/run installs it", path.display());
    path
}

/// Runs a program of `tests/clients` against a server of its own; it says `well` at its end.
fn runs_well(interpreter: &str, program: &str, variable: &str, library: &str) {
    let house = House::start();
    house.good(&["user", "set", "taro@aoba.example", "--quota", "100"]);
    let mut command = Command::new("timeout");
    command.args(["60", interpreter]).arg(here(&format!("tests/clients/{program}")));
    command.arg(house.imap.to_string()).args(["taro@aoba.example", PASSWORD]).env(variable, here(library));
    let output = command.output().unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success() && out.ends_with("well\n"), "{out}{err}");
    assert!(house.good(&["verify"]).contains("All is well."));
}

#[test]
fn imapclient_lists_appends_searches_sorts_threads_idles_moves_and_expunges() {
    runs_well("python3", "with_imapclient.py", "PYTHONPATH", "target/clients/python");
}

#[test]
fn imapflow_lists_appends_fetches_downloads_idles_moves_and_deletes() {
    runs_well("node", "with_imapflow.js", "NODE_PATH", "target/clients/node_modules");
}
