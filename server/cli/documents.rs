//! `sekisho documents`: for how long a company keeps documents with My Numbers, by their kind.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use serde_json::json;
use store::{Change, Tenant};
use types::{CountedFrom, DocumentKind, PolicyChange};

use super::desk::Desk;

#[derive(Debug, Subcommand)]
pub enum DocumentsCommand {
    /// List the kinds.
    List {
        #[arg(long)]
        tenant: String,
        /// As JSON, one line each.
        #[arg(long)]
        json: bool,
    },
    /// Add a kind, or change the one of this name. Lines of the ledger keep the end of their period; the console counts it anew.
    Set {
        name: String,
        #[arg(long)]
        tenant: String,
        /// For so many years it is kept: 1 to 100.
        #[arg(long)]
        years: u32,
        /// Counted from the next 11 January (january-11), the day after it came or was sent (arrival), the day after its completion, which
        /// handlers state (completion), 1 January of the next year (year-end) or the next 1 April (fiscal-year-end).
        #[arg(long, value_parser = counted_from)]
        from: CountedFrom,
        /// A word of a subject or of a file's name that proposes it; may be given several times.
        #[arg(long = "word")]
        words: Vec<String>,
    },
    /// Take a kind away; lines of the ledger keep theirs.
    Remove {
        name: String,
        #[arg(long)]
        tenant: String,
    },
}

fn counted_from(word: &str) -> Result<CountedFrom, String> {
    CountedFrom::parse(word).ok_or_else(|| {
        let words: Vec<&str> = CountedFrom::ALL.iter().map(|from| from.word()).collect();
        format!("must be one of {}", words.join(", "))
    })
}

pub async fn run(desk: &Desk, command: &DocumentsCommand) -> anyhow::Result<()> {
    let (DocumentsCommand::List { tenant, .. }
    | DocumentsCommand::Set { tenant, .. }
    | DocumentsCommand::Remove { tenant, .. }) = command;
    let directory = desk.store().directory();
    let tenant = directory.tenant_by_name(tenant).with_context(|| format!("there is no tenant {tenant}"))?;
    match command {
        DocumentsCommand::List { json, .. } => {
            for kind in &tenant.policies.document_kinds {
                println!("{}", if *json { in_json(kind) } else { in_words(kind) });
            }
            Ok(())
        }
        DocumentsCommand::Set { name, years, from, words, .. } => {
            let kind = DocumentKind { name: name.clone(), years: *years, from: *from, words: words.clone() };
            for text in words.iter().chain([name]) {
                if inspect::mask_every_number(text) != *text {
                    bail!("a kind of documents is named without a number");
                }
            }
            change(desk, tenant, PolicyChange::DocumentKind(kind)).await
        }
        DocumentsCommand::Remove { name, .. } => {
            if tenant.policies.document_kind(name).is_none() {
                bail!("there is no kind of documents {name}");
            }
            change(desk, tenant, PolicyChange::NoDocumentKind(name.clone())).await
        }
    }
}

async fn change(desk: &Desk, tenant: &Tenant, change: PolicyChange) -> anyhow::Result<()> {
    desk.change(Change::ChangePolicies { tenant: tenant.id, changes: vec![change] }).await.map(drop)
}

fn in_words(kind: &DocumentKind) -> String {
    format!("{}\t{} years\t{}\t{}", kind.name, kind.years, kind.from.word(), kind.words.join(","))
}

fn in_json(kind: &DocumentKind) -> String {
    json!({ "name": kind.name, "years": kind.years, "from": kind.from.word(), "words": kind.words }).to_string()
}
