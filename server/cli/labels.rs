//! `sekisho labels`: the words by which a company's mail names numbers, beside those that are shipped.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use inspect::detect::Labels;
use serde_json::json;
use store::{Change, Label};
use types::TenantId;

use super::desk::Desk;

#[derive(Debug, Subcommand)]
pub enum LabelsCommand {
    /// List the company's own labels in the order in which they were added.
    List {
        #[arg(long)]
        tenant: String,
        /// As JSON, one line each.
        #[arg(long)]
        json: bool,
    },
    /// Add labels; one that is there takes the new kind.
    Add {
        #[arg(long)]
        tenant: String,
        /// What the words say of a number beside them: strong (a My Number), negative (another number), or another
        /// section of the list.
        #[arg(long, default_value = "strong", value_name = "KIND")]
        kind: String,
        /// A list of sections such as [strong] with one word a line, instead of words here.
        #[arg(long, conflicts_with = "words")]
        file: Option<PathBuf>,
        #[arg(required_unless_present = "file")]
        words: Vec<String>,
    },
    /// Take labels away.
    Remove {
        #[arg(long)]
        tenant: String,
        #[arg(required = true)]
        words: Vec<String>,
    },
}

pub async fn run(desk: &Desk, command: &LabelsCommand) -> anyhow::Result<()> {
    match command {
        LabelsCommand::List { tenant, json } => {
            for label in own(desk, id(desk, tenant)?) {
                match json {
                    true => println!("{}", json!({ "kind": label.kind, "word": label.word })),
                    false => println!("{}\t{}", label.kind, label.word),
                }
            }
        }
        LabelsCommand::Add { tenant, kind, file, words } => {
            let tenant = id(desk, tenant)?;
            let labels = match file {
                Some(file) => {
                    let list = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
                    listed(&list).with_context(|| file.display().to_string())?
                }
                None => words.iter().map(|word| typed(kind, word)).collect::<anyhow::Result<_>>()?,
            };
            let count = labels.len();
            desk.change(Change::AddLabels { tenant, labels }).await?;
            println!("{count} added; {} in all.", own(desk, tenant).len());
        }
        LabelsCommand::Remove { tenant, words } => {
            let tenant = id(desk, tenant)?;
            desk.change(Change::RemoveLabels { tenant, words: words.clone() }).await?;
            println!("{} removed; {} in all.", words.len(), own(desk, tenant).len());
        }
    }
    Ok(())
}

fn id(desk: &Desk, name: &str) -> anyhow::Result<TenantId> {
    let directory = desk.store().directory();
    Ok(directory.tenant_by_name(name).with_context(|| format!("there is no tenant {name}"))?.id)
}

fn own(desk: &Desk, tenant: TenantId) -> Vec<Label> {
    desk.store().directory().labels.get(&tenant).map(|labels| labels.to_vec()).unwrap_or_default()
}

/// The labels of a file; what is wrong is named with its line.
fn listed(list: &str) -> anyhow::Result<Vec<Label>> {
    let words = Labels::words(list)?;
    if words.is_empty() {
        bail!("there is no label in it");
    }
    Ok(words.into_iter().map(|(kind, word)| Label { kind: kind.to_owned(), word }).collect())
}

/// A label of the command line, read as a list of one.
fn typed(kind: &str, word: &str) -> anyhow::Result<Label> {
    match listed(&format!("[{kind}]\n{word}")).with_context(|| format!("the label {word}"))?.as_slice() {
        [label] => Ok(label.clone()),
        _ => bail!("the label {word} is more than one line"),
    }
}
