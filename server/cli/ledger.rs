//! `sekisho ledger`: the ledger of specified personal information.

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;
use store::{LEDGER_MOST, LedgerFilter, LedgerLine};
use types::Timestamp;

use super::desk::Desk;

#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// List its lines, newest first: mail that likely holds My Numbers. Never a number, never a text.
    List {
        #[arg(long)]
        tenant: String,
        /// As JSON, one line each, with what was done.
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(desk: &Desk, command: &LedgerCommand) -> anyhow::Result<()> {
    let LedgerCommand::List { tenant, json } = command;
    let directory = desk.store().directory();
    let tenant = directory.tenant_by_name(tenant).with_context(|| format!("there is no tenant {tenant}"))?.id;
    let access = desk.auth().console().reviews(tenant);
    let mut before = None;
    loop {
        let filter = LedgerFilter::default();
        let page = desk.store().ledger_page(&access, &filter, before, LEDGER_MOST).await?;
        let Some(last) = page.last() else { return Ok(()) };
        before = Some(last.id);
        for line in &page {
            match json {
                true => println!("{}", in_json(desk, line).await?),
                false => println!("{}", in_words(line)),
            }
        }
    }
}

fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_string()).unwrap_or_default()
}

fn in_words(line: &LedgerLine) -> String {
    let from = line.from.as_ref().map(ToString::to_string).unwrap_or_default();
    let to: Vec<String> = line.to.iter().map(ToString::to_string).collect();
    format!(
        "{}\t{}\t{}\t{}\t{from}\t{}\t{}+{}\t{}\t{}",
        line.id,
        line.reference,
        moment(line.at),
        line.kind.word(),
        to.join(","),
        line.certain,
        line.likely,
        line.rules.join(","),
        line.state.word()
    )
}

async fn in_json(desk: &Desk, line: &LedgerLine) -> anyhow::Result<serde_json::Value> {
    let (_, entries) = desk.store().ledger_line(&desk.auth().console().reviews(line.tenant), line.id).await?;
    let directory = desk.store().directory();
    let acts = entries.iter().map(|entry| {
        let actor = entry.actor.and_then(|id| directory.users.get(&id)).map(|user| user.address.to_string());
        json!({ "at": moment(entry.at), "act": entry.act.word(), "actor": actor })
    });
    Ok(json!({
        "id": line.id, "reference": line.reference, "at": moment(line.at), "kind": line.kind.word(), "from": line.from,
        "to": line.to, "certain": line.certain, "likely": line.likely, "rules": line.rules, "outcome": line.outcome,
        "state": line.state.word(), "documents": line.documents.as_ref().map(|documents| &documents.kind),
        "disposal_due": line.documents.as_ref().and_then(|documents| documents.due).map(moment), "acts": acts.collect::<Vec<_>>(),
    }))
}
