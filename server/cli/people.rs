//! `sekisho user`: the people of a company.

use std::io::Read as _;

use anyhow::{Context as _, bail};
use auth::FactorNews;
use clap::{Args, Subcommand};
use outbound::PasswordChange;
use serde_json::json;
use store::{Change, Directory, NewUser, Role, Roles, User, UserChange, UserState};
use types::{Address, Domain, Language, TenantId, UserId};

use super::control;
use super::desk::Desk;
use super::directory::{ListArgs, print, tenant_name, tenant_named, user_named};

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make a person. With --role operator and an unknown domain, --tenant makes tenant and domain too.
    Add {
        address: Address,
        #[arg(long)]
        name: String,
        #[arg(long = "role", value_parser = role)]
        roles: Vec<Role>,
        /// Read the password from standard input (one line).
        #[arg(long)]
        password_stdin: bool,
        /// Only together with --role operator: the tenant to be made.
        #[arg(long)]
        tenant: Option<String>,
        #[command(flatten)]
        more: UserArgs,
    },
    /// List people.
    List(ListArgs),
    /// Change a person; --role, given once or more, sets all roles.
    Set {
        address: Address,
        #[arg(long)]
        name: Option<String>,
        #[arg(long = "role", value_parser = role)]
        roles: Vec<Role>,
        #[command(flatten)]
        more: UserArgs,
    },
    /// Set a password.
    Password {
        address: Address,
        /// Read the password from standard input (one line).
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Name who decides held mail in a person's stead for a time, or nobody.
    Deputy {
        address: Address,
        /// Who; without it nobody does any more.
        #[arg(long, requires = "from", requires = "until")]
        to: Option<String>,
        /// The first day, such as 2026-12-28.
        #[arg(long, requires = "to")]
        from: Option<String>,
        /// The last day.
        #[arg(long, requires = "to")]
        until: Option<String>,
    },
    /// A person's second factor.
    #[command(subcommand)]
    SecondFactor(FactorCommand),
    /// Take a person away: no sign-in and no delivery any more.
    Remove { address: Address },
}

#[derive(Debug, Subcommand)]
pub enum FactorCommand {
    /// Take it away, with its recovery codes; all devices are signed out, and the person is told by mail.
    Remove { address: Address },
}

#[derive(Debug, Args)]
pub struct UserArgs {
    #[arg(long)]
    department: Option<String>,
    /// The supervisor's address; "none" takes it away.
    #[arg(long)]
    supervisor: Option<String>,
    /// Most megabytes in all mailboxes; "none" takes the bound away.
    #[arg(long)]
    quota: Option<String>,
    /// Most messages in all mailboxes; "none" takes the bound away.
    #[arg(long)]
    quota_messages: Option<String>,
    /// active or suspended.
    #[arg(long, value_parser = state)]
    state: Option<UserState>,
    /// ja or en.
    #[arg(long, value_parser = language)]
    language: Option<Language>,
}

fn role(word: &str) -> Result<Role, String> {
    Role::parse(word).ok_or_else(|| {
        let words: Vec<&str> = Role::ALL.iter().map(|(_, name)| *name).collect();
        format!("the roles are {}", words.join(", "))
    })
}

fn state(word: &str) -> Result<UserState, String> {
    match word {
        "active" => Ok(UserState::Active),
        "suspended" => Ok(UserState::Suspended),
        _ => Err("the states are active and suspended".into()),
    }
}

fn language(word: &str) -> Result<Language, String> {
    match word {
        "ja" => Ok(Language::Ja),
        "en" => Ok(Language::En),
        _ => Err("the languages are ja and en".into()),
    }
}

/// Reads a password from standard input: its first line.
fn password_from_stdin() -> anyhow::Result<zeroize::Zeroizing<String>> {
    let mut text = zeroize::Zeroizing::new(String::new());
    std::io::stdin().take(4_096).read_to_string(&mut text).context("standard input")?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    if line.is_empty() {
        bail!("--password-stdin: standard input is empty");
    }
    Ok(zeroize::Zeroizing::new(line))
}

pub async fn user(desk: &Desk, command: &UserCommand) -> anyhow::Result<()> {
    let directory = desk.store().directory();
    match command {
        UserCommand::Add { address, name, roles, password_stdin, tenant, more } => {
            add_user(desk, address, name, roles, *password_stdin, tenant.as_deref(), more).await?;
        }
        UserCommand::Set { address, name, roles, more } => {
            let id = user_named(&directory, address)?.id;
            let roles = (!roles.is_empty()).then(|| roles.iter().fold(Roles::default(), |all, role| all.with(*role)));
            let change = UserChange { name: name.clone(), roles, ..user_change(&directory, more)? };
            desk.change(Change::SetUser(id, Box::new(change))).await?;
        }
        UserCommand::Password { address, .. } => {
            let id = user_named(&directory, address)?.id;
            let credentials = Some(auth::credentials(&password_from_stdin()?)?);
            desk.change(Change::SetUser(id, Box::new(UserChange { credentials, ..UserChange::default() }))).await?;
            desk.outbound().tell_of_password(id, PasswordChange::By(None)).await?;
            control::tell(desk.data_dir(), "changed").await?;
        }
        UserCommand::Deputy { address, to, from, until } => {
            let user = user_named(&directory, address)?;
            let deputy = match to {
                None => None,
                Some(to) => {
                    let day = |text: &Option<String>| text.as_deref().unwrap_or_default().to_owned();
                    let days = (web::day_start(&day(from)), web::day_end(&day(until)));
                    let named = outbound::deputy(&directory, user, to, days, desk.rooms().clock.now());
                    Some(named.map_err(|problem| anyhow::anyhow!("{}", problem.told(Language::En)))?)
                }
            };
            let settings = Some(types::Settings { deputy, ..user.settings.clone() });
            desk.change(Change::SetUser(user.id, Box::new(UserChange { settings, ..UserChange::default() }))).await?;
        }
        UserCommand::SecondFactor(FactorCommand::Remove { address }) => {
            let id = user_named(&directory, address)?.id;
            desk.change(Change::RemoveSecondFactor(id)).await?;
            desk.outbound().tell_of_factor(id, FactorNews::Removed, PasswordChange::By(None)).await?;
            control::tell(desk.data_dir(), "changed").await?;
        }
        UserCommand::Remove { address } => {
            let user = user_named(&directory, address)?;
            let addresses: Vec<Address> = user.aliases.iter().chain([&user.address]).cloned().collect();
            desk.outbound().may_remove_addresses(user.tenant, &addresses)?;
            desk.change(Change::RemoveUser(user.id)).await?;
        }
        UserCommand::List(list) => {
            let mut users: Vec<_> = directory.users.values().collect();
            users.sort_by_key(|user| user.address.key());
            print(list, users.into_iter().map(|user| user_row(&directory, user)).collect());
        }
    }
    Ok(())
}

fn user_row(directory: &Directory, user: &User) -> (serde_json::Value, String) {
    let supervisor = user.supervisor.and_then(|id| directory.users.get(&id)).map(|user| user.address.to_string());
    let json = json!({
        "address": user.address, "name": user.name, "tenant": tenant_name(directory, user.tenant),
        "department": user.department, "supervisor": supervisor, "roles": user.roles.words(), "quota": user.quota,
        "quota_messages": user.message_quota,
        "state": user.state, "language": user.language, "aliases": user.aliases,
        "second_factor": user.second_factor.is_some(),
        "can_sign_in": user.credentials.is_some() && user.state == UserState::Active,
    });
    (json, format!("{}\t{}\t{}", user.address, user.name, user.roles.words().join(",")))
}

async fn add_user(
    desk: &Desk,
    address: &Address,
    name: &str,
    roles: &[Role],
    password: bool,
    tenant: Option<&str>,
    more: &UserArgs,
) -> anyhow::Result<()> {
    let credentials = if password { Some(auth::credentials(&password_from_stdin()?)?) } else { None };
    let roles = roles.iter().fold(Roles::default(), |all, role| all.with(*role));
    let tenant = match (desk.store().directory().tenant_of(address.domain()), tenant) {
        (Some(tenant), _) => tenant,
        (None, Some(name)) if roles.has(Role::Operator) => make_home(desk, name, address.domain()).await?,
        (None, None) if roles.has(Role::Operator) => {
            bail!("the domain {} is not known here; --tenant NAME makes a tenant for it", address.domain())
        }
        (None, _) => {
            bail!("the domain {0} is not known here; first: sekisho domain add {0} --tenant NAME", address.domain())
        }
    };
    let new = NewUser {
        tenant,
        address: address.clone(),
        name: name.to_owned(),
        roles,
        credentials,
        language: more.language.unwrap_or_default(),
    };
    desk.change(Change::AddUser(Box::new(new))).await?;
    let directory = desk.store().directory();
    let change = user_change(&directory, more)?;
    let id: UserId = user_named(&directory, address)?.id;
    desk.change(Change::SetUser(id, Box::new(change))).await?;
    Ok(())
}

/// The first administrator's tenant and domain, made by the line that the first start prints.
async fn make_home(desk: &Desk, name: &str, domain: &Domain) -> anyhow::Result<TenantId> {
    if desk.store().directory().tenant_by_name(name).is_none() {
        let rules = inspect::review::RuleSet::shipped_text().to_owned();
        desk.change(Change::AddTenant { name: name.to_owned(), title: name.to_owned(), rules }).await?;
    }
    let tenant = tenant_named(&desk.store().directory(), name)?.id;
    desk.change(Change::AddDomain { domain: domain.clone(), tenant }).await?;
    Ok(tenant)
}

fn user_change(directory: &Directory, more: &UserArgs) -> anyhow::Result<UserChange> {
    let supervisor = match more.supervisor.as_deref() {
        None => None,
        Some("none") => Some(None),
        Some(text) => Some(Some(user_named(directory, &text.parse().context("--supervisor")?)?.id)),
    };
    let megabytes = bound(more.quota.as_deref()).context("--quota must be a number of megabytes or none")?;
    let messages = bound(more.quota_messages.as_deref()).context("--quota-messages must be a number or none")?;
    Ok(UserChange {
        department: more.department.clone(),
        supervisor,
        quota: megabytes.map(|most| most.map(|megabytes| megabytes.saturating_mul(1 << 20))),
        message_quota: messages,
        state: more.state,
        language: more.language,
        ..UserChange::default()
    })
}

/// A bound as written: not at all, `none`, or a number.
fn bound(text: Option<&str>) -> Result<Option<Option<u64>>, std::num::ParseIntError> {
    match text {
        None => Ok(None),
        Some("none") => Ok(Some(None)),
        Some(text) => text.parse().map(|most| Some(Some(most))),
    }
}
