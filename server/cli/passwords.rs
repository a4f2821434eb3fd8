//! `sekisho passwords`: the passwords that a company has agreed with others, to be tried on encrypted files. A text is
//! read from standard input, and never shown again.

use std::io::Read as _;

use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};
use inspect::extract::Password;
use serde_json::json;
use store::{AgreedPassword, Change, GroupKind, NewAgreedPassword, Secret};
use types::{Domain, Policies, PolicyChange, TenantId};
use zeroize::Zeroizing;

use super::desk::Desk;

#[derive(Debug, Subcommand)]
pub enum PasswordsCommand {
    /// List the names of the passwords, where they are tried and since when; never their texts.
    List {
        #[arg(long)]
        tenant: String,
        /// As JSON, one line each.
        #[arg(long)]
        json: bool,
    },
    /// Add a password; its text is the first line of standard input.
    Add {
        #[arg(long)]
        tenant: String,
        /// Try it on mail with somebody of this domain only.
        #[arg(long)]
        domain: Option<Domain>,
        /// Try it on mail of this group's members only.
        #[arg(long)]
        group: Option<String>,
        /// What people call it.
        name: String,
    },
    /// Take a password away.
    Remove {
        #[arg(long)]
        tenant: String,
        name: String,
    },
    /// Say whether the passwords are tried on the company's mail; off until somebody says on.
    Try {
        #[arg(long)]
        tenant: String,
        state: Switch,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

pub async fn run(desk: &Desk, command: &PasswordsCommand) -> anyhow::Result<()> {
    match command {
        PasswordsCommand::List { tenant, json } => list(desk, id(desk, tenant)?, *json),
        PasswordsCommand::Add { tenant, domain, group, name } => {
            let of = id(desk, tenant)?;
            if let Some(group) = group
                && desk.store().directory().group(of, GroupKind::Group, group).is_none()
            {
                bail!("there is no group {group}");
            }
            let new = NewAgreedPassword {
                tenant: of,
                name: name.clone(),
                domain: domain.clone(),
                group: group.clone(),
                secret: typed()?,
            };
            desk.change(Change::AddAgreedPassword(Box::new(new))).await?;
            println!("{name} added; {} in all.", own(desk, of).len());
            if !policies(desk, of).try_passwords {
                println!("No password is tried yet: sekisho passwords try --tenant {tenant} on");
            }
        }
        PasswordsCommand::Remove { tenant, name } => {
            let tenant = id(desk, tenant)?;
            desk.change(Change::RemoveAgreedPassword { tenant, name: name.clone() }).await?;
            println!("{name} removed; {} in all.", own(desk, tenant).len());
        }
        PasswordsCommand::Try { tenant, state } => {
            let tenant = id(desk, tenant)?;
            let changes = vec![PolicyChange::TryPasswords(*state == Switch::On)];
            desk.change(Change::ChangePolicies { tenant, changes }).await?;
        }
    }
    Ok(())
}

fn list(desk: &Desk, tenant: TenantId, json: bool) {
    for one in own(desk, tenant) {
        let domain = one.domain.as_ref().map(Domain::as_str);
        match json {
            true => {
                println!("{}", json!({ "name": one.name, "domain": domain, "group": one.group, "added": one.added.0 }));
            }
            false => {
                let (domain, group) = (domain.unwrap_or("*"), one.group.as_deref().unwrap_or("*"));
                println!("{}\t{domain}\t{group}\t{}", one.name, moment(&one));
            }
        }
    }
}

/// When it was added, by the clock of the machine's zone.
fn moment(one: &AgreedPassword) -> String {
    let at = jiff::Timestamp::from_millisecond(one.added.0).unwrap_or_default();
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// The first line of standard input, as a password.
fn typed() -> anyhow::Result<Secret> {
    let mut input = Zeroizing::new(String::with_capacity(MOST));
    std::io::stdin().take(MOST as u64).read_to_string(&mut input).context("standard input")?;
    let line = input.lines().next().unwrap_or_default();
    Password::parse(line)?;
    Ok(Secret::new(Zeroizing::new(line.to_owned())))
}

/// Bytes of standard input that are read.
const MOST: usize = 1_024;

fn id(desk: &Desk, name: &str) -> anyhow::Result<TenantId> {
    let directory = desk.store().directory();
    Ok(directory.tenant_by_name(name).with_context(|| format!("there is no tenant {name}"))?.id)
}

fn own(desk: &Desk, tenant: TenantId) -> Vec<AgreedPassword> {
    desk.store().directory().agreed.get(&tenant).map(|all| all.to_vec()).unwrap_or_default()
}

fn policies(desk: &Desk, tenant: TenantId) -> Policies {
    desk.store().directory().tenants.get(&tenant).map(|tenant| tenant.policies.clone()).unwrap_or_default()
}
