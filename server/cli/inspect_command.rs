//! `sekisho inspect`: what the detector sees, and what the rules would do.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use inspect::review::RuleSet;
use inspect::{FileInspector, Texts};

use super::config::Config;
use super::extract_worker;

#[derive(Debug, Args)]
pub struct InspectArgs {
    /// As JSON (the only form).
    #[arg(long)]
    json: bool,
    /// Rules to judge by; without it the shipped ones.
    #[arg(long)]
    rules: Option<PathBuf>,
    /// Mails (.eml, mbox) or any files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

pub fn run(args: &InspectArgs, config: &Config) -> anyhow::Result<()> {
    let (ocr, limits) = extract_worker::ocr(config);
    let text = match &args.rules {
        Some(file) => std::fs::read_to_string(file).with_context(|| file.display().to_string())?,
        None => RuleSet::shipped_text().to_owned(),
    };
    let rules = RuleSet::parse(&text).context("the rules")?;
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| anyhow::anyhow!("the machine gives no randomness"))?;
    let texts = Texts::Children(extract_worker::workers(&limits), ocr);
    let inspector = FileInspector { rules, key, texts, limits };
    let mut unread = 0;
    for file in &args.files {
        let name = file.display().to_string();
        match std::fs::read(file) {
            Ok(bytes) => inspector.inspect(&name, &bytes).iter().for_each(|line| println!("{line}")),
            Err(error) => {
                eprintln!("sekisho: {name}: {error}");
                let line = serde_json::json!({ "file": name, "findings": [], "not_inspected": [], "verdict": "error" });
                println!("{line}");
                unread += 1;
            }
        }
    }
    if unread > 0 {
        bail!("{unread} of {} files could not be read", args.files.len());
    }
    Ok(())
}
