//! `sekisho tenant | domain | group | alias`: companies and names.

use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use store::{Change, Directory, GroupKind, Member, Tenant, User};
use types::{Address, Domain, FactorDemand, PolicyChange, Telephone, TenantId, UndoTime};

use super::desk::Desk;
use super::passwords::Switch;

#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Make a tenant with its first groups and rules.
    Add {
        /// Short name: lower-case letters, digits, hyphens.
        tenant: String,
        /// Name for people.
        #[arg(long)]
        name: String,
    },
    /// List tenants.
    List(ListArgs),
    /// Change a tenant's name for people, or its policies.
    #[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
    Set {
        tenant: String,
        #[arg(long, group = "what")]
        name: Option<String>,
        /// For how long mail sent from the browser can be taken back: 0, 5, 10, 20 or 30 seconds. People may choose
        /// less for themselves.
        #[arg(long, group = "what", value_parser = undo_time)]
        undo_seconds: Option<UndoTime>,
        /// After how many years the ledger of specified personal information proposes mail for disposal: 1 to 100; 0: never.
        #[arg(long, group = "what", value_parser = clap::value_parser!(u32).range(0..=100))]
        ledger_years: Option<u32>,
        /// Whether mail that is older than that is disposed of by itself: nobody looks at it before it goes for good.
        #[arg(long, group = "what")]
        ledger_dispose: Option<Switch>,
        /// The company's telephone number, which the mails that bring links tell; an empty one takes it out.
        #[arg(long, group = "what")]
        telephone: Option<String>,
        /// Who must sign in with a second factor: roles (approvers, handlers, auditors and administrators), everyone or nobody.
        #[arg(long, group = "what", value_parser = factor_demand)]
        second_factor: Option<FactorDemand>,
    },
    /// Take a tenant away; it must have no domains and no people.
    Remove { tenant: String },
}

#[derive(Debug, Subcommand)]
pub enum DomainCommand {
    /// Add a domain that this server receives for.
    Add {
        domain: Domain,
        #[arg(long)]
        tenant: String,
    },
    /// List domains.
    List(ListArgs),
    /// Take a domain away; no address may use it.
    Remove { domain: Domain },
    /// The keys with which a domain signs its mail (DKIM).
    #[command(subcommand)]
    Dkim(super::records::DkimCommand),
}

#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// Make a group (or with --list a list that rules name).
    Add {
        name: String,
        #[arg(long)]
        tenant: String,
        #[arg(long)]
        list: bool,
        /// Its own address, if it shall receive mail.
        #[arg(long)]
        address: Option<Address>,
        #[arg(long = "member")]
        members: Vec<Address>,
    },
    /// List groups and lists.
    List(ListArgs),
    /// Set the members as a whole.
    Set {
        name: String,
        #[arg(long)]
        tenant: String,
        #[arg(long)]
        list: bool,
        #[arg(long = "member")]
        members: Vec<Address>,
    },
    /// Take a group away.
    Remove {
        name: String,
        #[arg(long)]
        tenant: String,
        #[arg(long)]
        list: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum AliasCommand {
    /// Add a further address of a person's mailbox.
    Add {
        alias: Address,
        #[arg(long)]
        user: Address,
    },
    /// List aliases.
    List(ListArgs),
    /// Take an alias away.
    Remove { alias: Address },
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// As JSON, one line each.
    #[arg(long)]
    json: bool,
}

fn undo_time(word: &str) -> Result<UndoTime, String> {
    UndoTime::parse(word).ok_or_else(|| "must be 0, 5, 10, 20 or 30".to_owned())
}

fn factor_demand(word: &str) -> Result<FactorDemand, String> {
    FactorDemand::parse(word).ok_or_else(|| "must be roles, everyone or nobody".to_owned())
}

pub(super) fn tenant_named<'a>(directory: &'a Directory, name: &str) -> anyhow::Result<&'a Tenant> {
    directory.tenant_by_name(name).with_context(|| format!("there is no tenant {name}"))
}

pub(super) fn user_named<'a>(directory: &'a Directory, address: &Address) -> anyhow::Result<&'a Arc<User>> {
    directory.user_by_address(address).with_context(|| format!("there is no user {address}"))
}

pub(super) fn print(list: &ListArgs, rows: Vec<(serde_json::Value, String)>) {
    for (json, text) in rows {
        if list.json {
            println!("{json}");
        } else {
            println!("{text}");
        }
    }
}

pub async fn tenant(desk: &Desk, command: &TenantCommand) -> anyhow::Result<()> {
    let directory = desk.store().directory();
    match command {
        TenantCommand::Add { tenant, name } => {
            let rules = inspect::review::RuleSet::shipped_text().to_owned();
            desk.change(Change::AddTenant { name: tenant.clone(), title: name.clone(), rules }).await?;
        }
        TenantCommand::Set { tenant, name, undo_seconds, ledger_years, ledger_dispose, telephone, second_factor } => {
            let telephone = telephone.as_deref().map(telephone_of).transpose()?.map(PolicyChange::Telephone);
            let tenant = tenant_named(&directory, tenant)?.id;
            if let Some(title) = name.clone() {
                desk.change(Change::SetTenant { tenant, title }).await?;
            }
            let years = ledger_years.map(|years| PolicyChange::LedgerYears(Some(years).filter(|years| *years > 0)));
            let dispose = ledger_dispose.map(|switch| PolicyChange::LedgerDispose(switch == Switch::On));
            let changes = undo_seconds.map(PolicyChange::Undo).into_iter().chain(years).chain(dispose).chain(telephone);
            let factor = second_factor.map(PolicyChange::SecondFactor);
            let changes: Vec<PolicyChange> = changes.chain(factor).collect();
            if !changes.is_empty() {
                desk.change(Change::ChangePolicies { tenant, changes }).await?;
            }
        }
        TenantCommand::Remove { tenant } => {
            desk.change(Change::RemoveTenant(tenant_named(&directory, tenant)?.id)).await?;
        }
        TenantCommand::List(list) => {
            let mut tenants: Vec<&Tenant> = directory.tenants.values().collect();
            tenants.sort_by_key(|tenant| &tenant.name);
            let row = |t: &Tenant| {
                let (undo, factor) = (t.policies.undo.span().as_secs(), t.policies.second_factor.word());
                (
                    json!({"tenant": t.name, "name": t.title, "undo_seconds": undo, "second_factor": factor}),
                    format!("{}\t{}\tundo {undo} s\tsecond factor {factor}", t.name, t.title),
                )
            };
            print(list, tenants.into_iter().map(row).collect());
        }
    }
    Ok(())
}

/// A telephone number as it is typed; nothing: none.
fn telephone_of(text: &str) -> anyhow::Result<Option<Telephone>> {
    if text.trim().is_empty() { Ok(None) } else { Ok(Some(Telephone::parse(text)?)) }
}

pub(super) fn tenant_name(directory: &Directory, tenant: TenantId) -> &str {
    directory.tenants.get(&tenant).map_or("?", |tenant| tenant.name.as_str())
}

pub async fn domain(desk: &Desk, command: &DomainCommand) -> anyhow::Result<()> {
    let directory = desk.store().directory();
    match command {
        DomainCommand::Add { domain, tenant } => {
            let tenant = tenant_named(&directory, tenant)?.id;
            desk.change(Change::AddDomain { domain: domain.clone(), tenant }).await?;
        }
        DomainCommand::Remove { domain } => {
            desk.change(Change::RemoveDomain(domain.clone())).await?;
        }
        DomainCommand::Dkim(command) => super::records::dkim(desk, command).await?,
        DomainCommand::List(list) => {
            let mut domains: Vec<_> = directory.domains.values().collect();
            domains.sort_by_key(|row| &row.name);
            let rows = domains.into_iter().map(|row| {
                let tenant = tenant_name(&directory, row.tenant);
                (json!({"domain": row.name, "tenant": tenant}), format!("{}\t{tenant}", row.name))
            });
            print(list, rows.collect());
        }
    }
    Ok(())
}

fn kind(list: bool) -> GroupKind {
    if list { GroupKind::List } else { GroupKind::Group }
}

fn members(directory: &Directory, addresses: &[Address]) -> Vec<Member> {
    let member = |address: &Address| match directory.user_by_address(address) {
        Some(user) => Member::User(user.id),
        None => Member::Address(address.clone()),
    };
    addresses.iter().map(member).collect()
}

pub async fn group(desk: &Desk, command: &GroupCommand) -> anyhow::Result<()> {
    let directory = desk.store().directory();
    let found = |tenant: &str, list: bool, name: &str| {
        let tenant = tenant_named(&directory, tenant)?.id;
        let group = directory.group(tenant, kind(list), name);
        group.cloned().with_context(|| format!("there is no {} {name}", if list { "list" } else { "group" }))
    };
    match command {
        GroupCommand::Add { name, tenant, list, address, members: given } => {
            let tenant = tenant_named(&directory, tenant)?.id;
            let members = members(&directory, given);
            let (kind, name, address) = (kind(*list), name.clone(), address.clone());
            desk.change(Change::AddGroup { tenant, kind, name, address, members }).await?;
        }
        GroupCommand::Set { name, tenant, list, members: given } => {
            let group = found(tenant, *list, name)?;
            desk.change(Change::SetMembers(group.id, members(&directory, given))).await?;
        }
        GroupCommand::Remove { name, tenant, list } => {
            let group = found(tenant, *list, name)?;
            desk.outbound().may_remove_group(group.tenant, group.kind, name)?;
            desk.change(Change::RemoveGroup(group.id)).await?;
        }
        GroupCommand::List(list) => {
            let mut groups: Vec<_> = directory.groups.values().collect();
            groups.sort_by(|a, b| (a.tenant, &a.name).cmp(&(b.tenant, &b.name)));
            print(list, groups.into_iter().map(|group| group_row(&directory, group)).collect());
        }
    }
    Ok(())
}

fn group_row(directory: &Directory, group: &store::Group) -> (serde_json::Value, String) {
    let member = |member: &Member| match member {
        Member::User(id) => directory.users.get(id).map(|user| user.address.to_string()).unwrap_or_default(),
        Member::Address(address) => address.to_string(),
    };
    let members: Vec<String> = group.members.iter().map(member).collect();
    let tenant = tenant_name(directory, group.tenant);
    let json = json!({
        "name": group.name, "kind": group.kind, "tenant": tenant, "address": group.address, "members": members,
    });
    (json, format!("{}\t{tenant}\t{}", group.name, members.join(",")))
}

pub async fn alias(desk: &Desk, command: &AliasCommand) -> anyhow::Result<()> {
    let directory = desk.store().directory();
    match command {
        AliasCommand::Add { alias, user } => {
            let user = user_named(&directory, user)?.id;
            desk.change(Change::AddAlias { alias: alias.clone(), user }).await?;
        }
        AliasCommand::Remove { alias } => {
            if let Some(user) = directory.users.values().find(|user| user.aliases.contains(alias)) {
                desk.outbound().may_remove_addresses(user.tenant, std::slice::from_ref(alias))?;
            }
            desk.change(Change::RemoveAlias(alias.clone())).await?;
        }
        AliasCommand::List(list) => {
            let pairs = directory.users.values().flat_map(|user| user.aliases.iter().map(move |alias| (alias, user)));
            let mut pairs: Vec<_> = pairs.collect();
            pairs.sort_by_key(|(alias, _)| alias.key());
            let row = |(alias, user): (&Address, &Arc<User>)| {
                (json!({"alias": alias, "user": user.address}), format!("{alias}\t{}", user.address))
            };
            print(list, pairs.into_iter().map(row).collect());
        }
    }
    Ok(())
}
