//! `sekisho inspect`: what the detector sees, and what the rules would do.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use inspect::detect::Labels;
use inspect::review::RuleSet;
use inspect::{FileInspector, Texts};
use store::Directory;
use types::{Clock as _, SystemClock};

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
    /// The company by whose rules and labels to judge.
    #[arg(long, conflicts_with = "rules")]
    tenant: Option<String>,
    /// Mails (.eml, mbox) or any files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

impl InspectArgs {
    /// The company that was named.
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }
}

/// What to judge by.
pub struct Measures {
    pub rules: String,
    pub labels: Labels,
}

impl Measures {
    /// The rules of a file, else the shipped ones; the shipped labels.
    fn shipped(rules: Option<&Path>) -> anyhow::Result<Self> {
        let rules = match rules {
            Some(file) => std::fs::read_to_string(file).with_context(|| file.display().to_string())?,
            None => RuleSet::shipped_text().to_owned(),
        };
        Ok(Self { rules, labels: Labels::default() })
    }

    /// A company's own.
    pub fn of_tenant(directory: &Directory, name: &str) -> anyhow::Result<Self> {
        let tenant = directory.tenant_by_name(name).with_context(|| format!("there is no tenant {name}"))?.id;
        let rules = directory.rules.get(&tenant).context("the tenant has no rules")?.text.to_string();
        let own = directory.labels.get(&tenant).map(|labels| labels.as_slice()).unwrap_or_default();
        Ok(Self { rules, labels: outbound::labels(own).context("the labels")? })
    }
}

/// Inspects by the shipped measures, or by those of `tenant`.
pub fn run(args: &InspectArgs, config: &Config, tenant: Option<Measures>) -> anyhow::Result<()> {
    let (ocr, limits) = extract_worker::ocr(config);
    let Measures { rules, labels } = match tenant {
        Some(measures) => measures,
        None => Measures::shipped(args.rules.as_deref())?,
    };
    let rules = RuleSet::parse(&rules).context("the rules")?;
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| anyhow::anyhow!("the machine gives no randomness"))?;
    let texts = Texts::Children(extract_worker::workers(&limits), ocr);
    let inspector = FileInspector { rules, labels, key, texts, limits, at: SystemClock.now() };
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
