//! The arrows between the rooms are those of the design and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Who may use whom (DESIGN.md section 2); everyone may use types, and the root package everyone.
const ALLOWED: &[(&str, &str)] = &[
    ("types", ""),
    ("message", ""),
    ("detect", ""),
    ("net", ""),
    ("blobs", ""),
    ("store", "blobs"),
    ("store-sqlite", "store blobs"),
    ("review", "detect"),
    ("extract", "message"),
    ("inspect", "extract detect review message"),
    ("index", "store blobs extract"),
    ("auth", "store net"),
    ("delivery", "archive inspect auth store blobs message"),
    ("outbound", "delivery archive inspect auth store blobs message"),
    ("queue", "outbound store blobs net message"),
    ("smtp", "outbound delivery filter archive auth net"),
    ("imap", "store blobs index message auth net"),
    ("pop3", "store blobs index message auth net"),
    ("web", "auth net"),
    ("webmail", "web outbound delivery archive index inspect queue filter store message"),
    ("admin", "web outbound delivery archive index inspect queue filter store message"),
];

#[test]
fn the_rooms_use_only_those_that_the_design_allows() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked", "--offline"])
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(from, to)| (*from, to.split(' ').collect())).collect();
    for package in packages {
        let from = package["name"].as_str().unwrap();
        if from == "sekisho" {
            continue;
        }
        let may = allowed.get(from).unwrap_or_else(|| panic!("the room {from} is not in the design"));
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            let test_only = dependency["kind"].as_str() == Some("dev");
            if ours.contains(to) && to != "types" && !test_only {
                assert!(may.contains(to), "{from} may not use {to}");
            }
        }
    }
}
