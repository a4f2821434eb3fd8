//! `sekisho held`: mail that waits for a decision, company by company; read in pages, so that it ends at no number.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use outbound::DecisionWord;
use serde_json::json;
use store::{Case, ParcelState, REVIEW_MOST, Tenant};
use types::{ParcelId, Timestamp};

use super::control;
use super::desk::Desk;

#[derive(Debug, Subcommand)]
pub enum HeldCommand {
    /// List held mail, company by company, nearest deadline first.
    List {
        /// Of this company alone.
        #[arg(long)]
        tenant: Option<String>,
        /// So many at most; the last line on standard error says when there are more.
        #[arg(long)]
        limit: Option<usize>,
        /// As JSON, one line each.
        #[arg(long)]
        json: bool,
    },
    /// Show one.
    Show { id: i64 },
    /// Let it go.
    Approve(Deciding),
    /// Send it back to its author.
    Return(Deciding),
    /// Refuse it.
    Reject(Deciding),
}

#[derive(Debug, Args)]
pub struct Deciding {
    id: i64,
    #[arg(long, default_value = "")]
    comment: String,
}

pub async fn run(desk: &Desk, command: &HeldCommand) -> anyhow::Result<()> {
    let (deciding, word) = match command {
        HeldCommand::List { tenant, limit, json } => {
            return list(desk, tenant.as_deref(), limit.unwrap_or(usize::MAX), *json).await;
        }
        HeldCommand::Show { id } => return show(desk, ParcelId(*id)).await,
        HeldCommand::Approve(deciding) => (deciding, DecisionWord::Approve),
        HeldCommand::Return(deciding) => (deciding, DecisionWord::Return),
        HeldCommand::Reject(deciding) => (deciding, DecisionWord::Reject),
    };
    let state = desk.outbound().decide(ParcelId(deciding.id), word, None, &deciding.comment).await?;
    control::tell(desk.data_dir(), "changed").await?;
    println!("{} {}", deciding.id, state.word());
    Ok(())
}

/// The companies by name, or the one that is meant.
fn companies(desk: &Desk, name: Option<&str>) -> anyhow::Result<Vec<Tenant>> {
    let directory = desk.store().directory();
    if let Some(name) = name {
        let found = directory.tenant_by_name(name).with_context(|| format!("there is no tenant {name}"))?;
        return Ok(vec![found.clone()]);
    }
    let mut all: Vec<Tenant> = directory.tenants.values().cloned().collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(all)
}

async fn list(desk: &Desk, tenant: Option<&str>, limit: usize, json: bool) -> anyhow::Result<()> {
    let mut left = limit;
    for company in companies(desk, tenant)? {
        let access = desk.auth().console().reviews(company.id);
        let mut after = None;
        loop {
            let page = desk.store().held_cases(&access, after, REVIEW_MOST).await?;
            for case in &page {
                if left == 0 {
                    eprintln!("There are more.");
                    return Ok(());
                }
                left -= 1;
                println!("{}", if json { in_json(desk, case).to_string() } else { in_words(case) });
            }
            match page.last().and_then(Case::held_key) {
                Some(last) => after = Some(last),
                None => break,
            }
        }
    }
    Ok(())
}

fn in_json(desk: &Desk, case: &Case) -> serde_json::Value {
    let directory = desk.store().directory();
    let approval = case.part.approval.as_ref();
    let asked = approval.into_iter().flat_map(|one| &one.approvers);
    let approvers: Vec<String> =
        asked.filter_map(|one| directory.users.get(&one.0)).map(|user| user.address.to_string()).collect();
    json!({
        "id": case.part.id, "reference": case.submission.reference, "from": case.submission.from,
        "to": case.part.recipients, "rules": case.part.rules, "approvers": approvers,
        "since": moment(case.submission.at), "deadline": approval.map(|one| moment(one.deadline)),
        "then": approval.map(|one| one.then.as_str()),
    })
}

fn in_words(case: &Case) -> String {
    let to: Vec<String> = case.part.recipients.iter().map(ToString::to_string).collect();
    let from = case.submission.from.as_ref().map(ToString::to_string).unwrap_or_default();
    let (id, reference) = (case.part.id, case.submission.reference);
    let deadline = case.part.approval.as_ref().map(|one| moment(one.deadline)).unwrap_or_default();
    format!("{id}\t{reference}\t{from}\t{}\t{}\t{deadline}", to.join(","), case.part.rules.join(","))
}

async fn show(desk: &Desk, id: ParcelId) -> anyhow::Result<()> {
    for company in companies(desk, None)? {
        let found = desk.store().reviewed_case(&desk.auth().console().reviews(company.id), id).await;
        let Ok(case) = found else { continue };
        if case.part.state != ParcelState::Held {
            break;
        }
        let mut row = in_json(desk, &case);
        row["verdict"] = serde_json::from_str(&case.submission.verdict).unwrap_or_default();
        row["message"] = case.part.approval.map(|one| one.message).into();
        println!("{}", serde_json::to_string_pretty(&row)?);
        return Ok(());
    }
    anyhow::bail!("there is no held mail {id}")
}

fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_string()).unwrap_or_default()
}
