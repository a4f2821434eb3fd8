//! `sekisho inspect`: what the detector sees, and what the rules would do.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Args;
use inspect::detect::Labels;
use inspect::review::RuleSet;
use inspect::{FileInspector, PasswordsFor, Texts};
use outbound::{Outbound, Parties};
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
    /// The company by whose rules, labels and agreed passwords to judge.
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
    pub passwords: PasswordsFor,
}

impl Measures {
    /// The rules of a file, else the shipped ones; the shipped labels.
    fn shipped(rules: Option<&Path>) -> anyhow::Result<Self> {
        let rules = match rules {
            Some(file) => std::fs::read_to_string(file).with_context(|| file.display().to_string())?,
            None => RuleSet::shipped_text().to_owned(),
        };
        Ok(Self { rules, labels: Labels::default(), passwords: PasswordsFor::default() })
    }

    /// A company's own.
    pub async fn of_tenant(outbound: &Outbound, directory: &Arc<Directory>, name: &str) -> anyhow::Result<Self> {
        let tenant = directory.tenant_by_name(name).with_context(|| format!("there is no tenant {name}"))?.id;
        let rules = directory.rules.get(&tenant).context("the tenant has no rules")?.text.to_string();
        let own = directory.labels.get(&tenant).map(|labels| labels.as_slice()).unwrap_or_default();
        let labels = outbound::labels(own).context("the labels")?;
        let list = outbound.agreed_list(tenant).await.context("the agreed passwords")?;
        let directory = Arc::clone(directory);
        let choose = move |from, to| list.for_mail(&directory, &Parties { tenant, from, to });
        Ok(Self { rules, labels, passwords: PasswordsFor::new(choose) })
    }
}

/// Inspects by the shipped measures, or by those of `tenant`.
pub fn run(args: &InspectArgs, config: &Config, tenant: Option<Measures>) -> anyhow::Result<()> {
    let (ocr, limits) = extract_worker::ocr(config);
    let Measures { rules, labels, passwords } = match tenant {
        Some(measures) => measures,
        None => Measures::shipped(args.rules.as_deref())?,
    };
    let rules = RuleSet::parse(&rules).context("the rules")?;
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| anyhow::anyhow!("the machine gives no randomness"))?;
    let texts = Texts::Children(extract_worker::workers(&limits), ocr);
    let at = SystemClock.now();
    let inspector = FileInspector { rules, labels, passwords, key, texts, limits, at };
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
