//! `sekisho domain dkim`: the keys with which a domain signs, and their records in the DNS; and the DNS as `outbound` asks it.

use anyhow::Context as _;
use async_trait::async_trait;
use clap::Subcommand;
use net::Resolver;
use outbound::{Published, TextRecords};
use serde_json::json;
use store::{Change, DkimKey, DkimState};
use types::Domain;

use super::config::Config;
use super::desk::Desk;

#[derive(Debug, Subcommand)]
pub enum DkimCommand {
    /// The keys and the records that belong into the DNS.
    List {
        domain: Domain,
        /// As JSON, one line each.
        #[arg(long)]
        json: bool,
    },
    /// Make a pair of keys (RSA 2048 and Ed25519). They sign when their records stand in the DNS, in place of those that
    /// sign now.
    Make { domain: Domain },
    /// Ask the DNS for the records; keys that stand there begin to sign. The result word comes first.
    Check { domain: Domain },
    /// Let a key sign without asking the DNS.
    Start { domain: Domain, selector: String },
    /// Take a key away.
    Remove { domain: Domain, selector: String },
}

pub async fn dkim(desk: &Desk, command: &DkimCommand) -> anyhow::Result<()> {
    match command {
        DkimCommand::List { domain, json } => {
            known(desk, domain)?;
            let keys = desk.outbound().dkim_keys(domain);
            if keys.is_empty() && !json {
                println!("{domain} has no keys; its mail is not signed: sekisho domain dkim make {domain}");
            }
            keys.iter().for_each(|key| print(key, *json));
        }
        DkimCommand::Make { domain } => {
            known(desk, domain)?;
            desk.change(desk.outbound().new_dkim_keys(domain).await?).await?;
            let waiting = |key: &&DkimKey| key.state == DkimState::Waiting;
            for key in desk.outbound().dkim_keys(domain).iter().filter(waiting) {
                println!("{}", key.zone_line());
            }
            println!("When these records stand in the DNS: sekisho domain dkim check {domain}");
        }
        DkimCommand::Check { domain } => check(desk, domain).await?,
        DkimCommand::Start { domain, selector } => {
            let key = named(desk, domain, selector)?;
            anyhow::ensure!(key.state == DkimState::Waiting, "the key {selector} is {}", key.state.as_str());
            desk.change(Change::StartDkimKeys { domain: domain.clone(), selectors: vec![selector.clone()] }).await?;
        }
        DkimCommand::Remove { domain, selector } => {
            named(desk, domain, selector)?;
            desk.change(Change::RemoveDkimKey { domain: domain.clone(), selector: selector.clone() }).await?;
        }
    }
    Ok(())
}

async fn check(desk: &Desk, domain: &Domain) -> anyhow::Result<()> {
    known(desk, domain)?;
    let names = Names::new(desk.config())?;
    let found = desk.outbound().follow_records(&names, domain, None).await?;
    desk.tell_changed().await?;
    for (key, published) in &found {
        let (word, more) = match published {
            Published::Yes => ("published", String::new()),
            Published::Missing => ("missing", String::new()),
            Published::Other(text) => ("different", format!("\t{text}")),
            Published::Unknown(why) => ("unknown", format!("\t{why}")),
        };
        println!("{word}\t{}{more}", key.record_name());
    }
    Ok(())
}

fn known(desk: &Desk, domain: &Domain) -> anyhow::Result<()> {
    let there = desk.store().directory().domains.contains_key(domain);
    there.then_some(()).with_context(|| format!("there is no domain {domain}"))
}

fn named(desk: &Desk, domain: &Domain, selector: &str) -> anyhow::Result<DkimKey> {
    known(desk, domain)?;
    let found = desk.outbound().dkim_keys(domain).into_iter().find(|key| key.selector == selector);
    found.with_context(|| format!("{domain} has no key {selector}"))
}

fn print(key: &DkimKey, json: bool) {
    let (algorithm, state) = (key.algorithm.as_str(), key.state.as_str());
    if json {
        let row = json!({"domain": key.domain, "selector": key.selector, "algorithm": algorithm, "state": state,
            "name": key.record_name(), "text": key.record_text()});
        println!("{row}");
    } else {
        println!("{state}\t{}", key.zone_line());
    }
}

/// The DNS.
pub struct Names(Resolver);

impl Names {
    /// That of the configuration, asked anew each time.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let servers = Some(config.dns.clone()).filter(|servers| !servers.is_empty());
        Ok(Self(Resolver::uncached(servers)?))
    }
}

#[async_trait]
impl TextRecords for Names {
    async fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        self.0.texts(name).await.map_err(|error| error.to_string())
    }
}
