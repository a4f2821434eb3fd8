//! `sekisho rules | queue | trace | inspect`: what leaves and what may.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use inspect::review::new_deletions;
use outbound::Question;
use serde_json::json;
use store::{AUDIT_MOST, AuditFilter, Change, Changed, Origin, QueueAction, QueueFilter, QueueRow};
use types::{Address, Clock as _, Domain, QueueId, Reference, SystemClock, TenantId, Timestamp};

use super::control;
use super::desk::Desk;

#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Put a file of rules in force, in place of all rules of the tenant; the earlier version is kept.
    Apply {
        file: PathBuf,
        #[arg(long)]
        tenant: String,
    },
    /// Print the rules in force.
    Show {
        #[arg(long)]
        tenant: String,
    },
    /// Say what the rules would do with a mail.
    Simulate {
        mail: PathBuf,
        #[arg(long)]
        tenant: String,
        #[arg(long)]
        from: Address,
        #[arg(long = "to", required = true)]
        to: Vec<Address>,
    },
}

#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// List what waits for its next hop.
    List {
        /// As JSON, one line each.
        #[arg(long)]
        json: bool,
        /// Also what is done.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        which: Which,
    },
    /// Try now.
    Retry(Which),
    /// Stop.
    Hold(Which),
    /// Let go on.
    Release(Which),
    /// Take out, without a report to the sender.
    Delete(Which),
}

#[derive(Debug, Args)]
pub struct Which {
    ids: Vec<i64>,
    #[arg(long)]
    domain: Option<Domain>,
}

fn tenant(desk: &Desk, name: &str) -> anyhow::Result<TenantId> {
    let directory = desk.store().directory();
    Ok(directory.tenant_by_name(name).with_context(|| format!("there is no tenant {name}"))?.id)
}

pub async fn rules(desk: &Desk, command: &RulesCommand) -> anyhow::Result<()> {
    match command {
        RulesCommand::Apply { file, tenant: name } => {
            let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            let rules = inspect::review::RuleSet::parse(&text).with_context(|| file.display().to_string())?;
            let tenant = tenant(desk, name)?;
            desk.outbound().check_names(tenant, &rules).with_context(|| file.display().to_string())?;
            let before = desk.store().directory().rules.get(&tenant).map(|rules| rules.text.to_string());
            let deletions = new_deletions(&before.unwrap_or_default(), &text);
            let change = Change::SetRules { tenant, text, by: None, reason: None, seen: None };
            if let Changed::Rules(version) = desk.change(change).await? {
                println!("Version {version} is in force.");
            }
            let directory = desk.store().directory();
            if directory.lacks_handlers(tenant) {
                let few = directory.handlers(tenant);
                eprintln!(
                    "Warning: {few} of two needed people have the role handler (取扱担当者が{few}名です。2名以上必要です). \
                     Nobody approves his own mail: sekisho user set ADDRESS --role handler."
                );
            }
            if !deletions.is_empty() {
                let codes = deletions.join(", ");
                eprintln!(
                    "Warning: mail that matches {codes} is discarded, and neither its sender nor anybody else is told."
                );
            }
        }
        RulesCommand::Show { tenant: name } => {
            let directory = desk.store().directory();
            let rules = directory.rules.get(&tenant(desk, name)?).context("the tenant has no rules")?;
            println!("{}", rules.text);
        }
        RulesCommand::Simulate { mail, tenant: name, from, to } => {
            let bytes = std::fs::read(mail).with_context(|| mail.display().to_string())?;
            let tenant = tenant(desk, name)?;
            let (from, to, at) = (Some(from.clone()), to.clone(), SystemClock.now());
            let directory = desk.store().directory();
            let person = from.as_ref().and_then(|from| directory.user_by_address(from));
            let author = person.filter(|user| user.tenant == tenant).map(|user| user.id);
            let question = Question { tenant, author, origin: Origin::Author, from, to, at, safeguard: None };
            println!("{}", desk.outbound().simulate(&question, bytes).await);
        }
    }
    Ok(())
}

fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_string()).unwrap_or_default()
}

fn filter(which: &Which, all: bool) -> QueueFilter {
    QueueFilter { ids: which.ids.iter().map(|id| QueueId(*id)).collect(), domain: which.domain.clone(), all }
}

pub async fn queue(desk: &Desk, command: &QueueCommand) -> anyhow::Result<()> {
    let console = desk.auth().console().server();
    let (which, action) = match command {
        QueueCommand::List { json, all, which } => {
            for row in desk.store().queue_everywhere(&console, &filter(which, *all)).await? {
                println!("{}", if *json { queue_json(&row).to_string() } else { queue_line(&row) });
            }
            return Ok(());
        }
        QueueCommand::Retry(which) => (which, QueueAction::Retry),
        QueueCommand::Hold(which) => (which, QueueAction::Hold),
        QueueCommand::Release(which) => (which, QueueAction::Release),
        QueueCommand::Delete(which) => (which, QueueAction::Delete),
    };
    if which.ids.is_empty() && which.domain.is_none() {
        bail!("say which: numbers, or --domain");
    }
    let touched = desk.store().control_queue(&console, &filter(which, false), action, SystemClock.now()).await?;
    control::tell(desk.data_dir(), "changed").await?;
    println!("{} rows", touched.len());
    Ok(())
}

fn queue_json(row: &QueueRow) -> serde_json::Value {
    json!({
        "id": row.id, "reference": row.reference, "from": row.from, "to": row.recipient, "state": row.state,
        "attempts": row.attempts, "due": moment(row.due), "expires": moment(row.expires), "answer": row.last_answer,
    })
}

fn queue_line(row: &QueueRow) -> String {
    let from = row.from.as_ref().map(ToString::to_string).unwrap_or_else(|| "<>".into());
    let (due, answer) = (moment(row.due), &row.last_answer);
    format!("{}\t{}\t{from}\t{}\t{}\t{due}\t{answer}", row.id, row.reference, row.recipient, row.attempts)
}

pub async fn trace(desk: &Desk, id: &str) -> anyhow::Result<()> {
    let reference = Reference::parse(id).with_context(|| format!("{id} is not a reference such as 7F3K-92QA"))?;
    let Some((submission, parcels, trail)) = desk.store().trace(&desk.auth().console().server(), reference).await?
    else {
        return trace_arrival(desk, reference).await;
    };
    let from = submission.from.as_ref().map(ToString::to_string).unwrap_or_else(|| "<>".into());
    println!("{reference}\t{from}\t{}", moment(submission.at));
    for parcel in parcels {
        let to: Vec<String> = parcel.recipients.iter().map(ToString::to_string).collect();
        println!("parcel {}\t{}\t{}\t{}", parcel.id, parcel.state.word(), to.join(","), parcel.rules.join(","));
    }
    for line in trail {
        println!("{}\t{}\t{}", moment(line.at), line.event, line.detail);
    }
    Ok(())
}

/// What a notice about mail that came in refers to stands in the audit log only.
async fn trace_arrival(desk: &Desk, reference: Reference) -> anyhow::Result<()> {
    let console = desk.auth().console().server();
    let filter = AuditFilter { event: "arrival.".to_owned(), subject: reference.to_string(), ..AuditFilter::default() };
    let mut before = None;
    loop {
        let page = desk.store().audit_log_everywhere(&console, &filter, before, AUDIT_MOST).await?;
        for row in &page.rows {
            println!("{reference}\t{}\t{}\t{}", moment(row.key.at), row.event, row.detail);
        }
        match (page.rows.is_empty(), page.next) {
            (false, _) => return Ok(()),
            (true, Some(next)) => before = Some(next),
            (true, None) => bail!("there is no mail {reference}"),
        }
    }
}
