//! Changes of the directory: each is checked, made and audited.

use sqlx::{Row as _, SqliteConnection};
use store::{Change, Changed, GroupKind, Member, NewAudit, NewUser, Role, StoreError, UserChange};
use types::{Address, Domain, GroupId, TenantId, Timestamp, UserId};

use super::passwords::SealedSecret;
use super::{app_passwords, deputies, dkim, factor, labels, passwords, policies, spelling};
use crate::database::failed;

type Result<T> = std::result::Result<T, StoreError>;

/// The groups and the list that every tenant has from the start (rules-and-texts.md).
const FIRST_CIRCLES: [(&str, &str); 2] = [("group", "取扱担当者"), ("list", "委託先")];

pub(super) async fn change(
    tx: &mut SqliteConnection,
    change: &Change,
    sealed: &[SealedSecret],
    by: Option<UserId>,
    at: Timestamp,
) -> Result<Changed> {
    let change = &*spelling::as_added(tx, change).await?;
    let (event, subject) = name(change);
    let tenant = tenant_of(tx, change).await?;
    let deputy = deputies::changed(tx, change).await?;
    let changed = make(tx, change, sealed, by, at).await?;
    let detail = match change {
        Change::ChangePolicies { tenant, .. } => policies::told(tx, *tenant).await?,
        _ => deputy.unwrap_or_else(|| detail(change)),
    };
    let tenant = if let Changed::Tenant(made) = changed { Some(made.0) } else { tenant };
    let row = |event, subject, detail| NewAudit { tenant: tenant.map(TenantId), actor: by, at, event, subject, detail };
    audit(tx, &row(event, subject, detail)).await?;
    if let (Change::SetRules { reason: Some(reason), .. }, Changed::Rules(version)) = (change, changed) {
        let detail = serde_json::json!({ "comment": reason }).to_string();
        audit(tx, &row("rules.published", version.to_string(), detail)).await?;
    }
    Ok(changed)
}

/// What the audit says of a change beside what it concerns, as JSON.
fn detail(change: &Change) -> String {
    match change {
        Change::AddLabels { labels, .. } => {
            let words: Vec<_> = labels.iter().map(|label| (label.kind.as_str(), label.word.as_str())).collect();
            serde_json::json!({ "labels": words }).to_string()
        }
        Change::RemoveLabels { words, .. } => serde_json::json!({ "labels": words }).to_string(),
        Change::AddAgreedPassword(new) => {
            serde_json::json!({ "domain": new.domain.as_ref().map(Domain::as_str), "group": new.group }).to_string()
        }
        Change::AddAppPassword(new) => serde_json::json!({ "app": new.name }).to_string(),
        Change::RemoveAppPassword { name, .. } => serde_json::json!({ "app": name }).to_string(),
        Change::AddDkimKeys { keys, .. } => {
            let selectors: Vec<&str> = keys.iter().map(|key| key.selector.as_str()).collect();
            serde_json::json!({ "selectors": selectors }).to_string()
        }
        Change::StartDkimKeys { selectors, .. } => serde_json::json!({ "selectors": selectors }).to_string(),
        Change::RemoveDkimKey { selector, .. } => serde_json::json!({ "selectors": [selector] }).to_string(),
        _ => String::new(),
    }
}

/// Writes a row of the directory's audit log.
pub(super) async fn audit(tx: &mut SqliteConnection, row: &NewAudit) -> Result<()> {
    let sql = "INSERT INTO audit (tenant, actor, at, event, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)";
    let query = sqlx::query(sql).bind(row.tenant.map(|tenant| tenant.0)).bind(row.actor.map(|user| user.0));
    let query = query.bind(row.at.0).bind(row.event).bind(&row.subject).bind(&row.detail);
    query.execute(tx).await.map_err(failed)?;
    Ok(())
}

/// The event's name and what it concerns, for the audit.
fn name(change: &Change) -> (&'static str, String) {
    match change {
        Change::AddTenant { name, .. } => ("tenant.added", name.clone()),
        Change::SetTenant { tenant, .. } => ("tenant.changed", tenant.to_string()),
        Change::ChangePolicies { tenant, .. } => ("policies.changed", tenant.to_string()),
        Change::RemoveTenant(tenant) => ("tenant.removed", tenant.to_string()),
        Change::AddDomain { domain, .. } => ("domain.added", domain.to_string()),
        Change::RemoveDomain(domain) => ("domain.removed", domain.to_string()),
        Change::AddUser(user) => ("user.added", user.address.to_string()),
        Change::SetUser(user, change) if change.credentials.is_some() => ("user.password", user.to_string()),
        Change::SetUser(user, _) => ("user.changed", user.to_string()),
        Change::RemoveUser(user) => ("user.removed", user.to_string()),
        Change::SetSecondFactor(new) => ("user.factor_set", new.user.to_string()),
        Change::SetRecoveryCodes { user, .. } => ("user.recovery_codes", user.to_string()),
        Change::RemoveSecondFactor(user) => ("user.factor_removed", user.to_string()),
        Change::AddAppPassword(new) => ("user.app_password_added", new.user.to_string()),
        Change::RemoveAppPassword { user, .. } => ("user.app_password_removed", user.to_string()),
        Change::AddAlias { alias, .. } => ("alias.added", alias.to_string()),
        Change::RemoveAlias(alias) => ("alias.removed", alias.to_string()),
        Change::AddGroup { name, .. } => ("group.added", name.clone()),
        Change::SetMembers(group, _) => ("group.changed", group.to_string()),
        Change::RemoveGroup(group) => ("group.removed", group.to_string()),
        Change::SetRules { tenant, .. } => ("rules.applied", tenant.to_string()),
        Change::AddLabels { tenant, .. } => ("labels.added", tenant.to_string()),
        Change::RemoveLabels { tenant, .. } => ("labels.removed", tenant.to_string()),
        Change::AddAgreedPassword(new) => ("password.added", new.name.clone()),
        Change::RemoveAgreedPassword { name, .. } => ("password.removed", name.clone()),
        Change::AddDkimKeys { domain, .. } => ("dkim.added", domain.to_string()),
        Change::StartDkimKeys { domain, .. } => ("dkim.started", domain.to_string()),
        Change::RemoveDkimKey { domain, .. } => ("dkim.removed", domain.to_string()),
    }
}

async fn tenant_of(tx: &mut SqliteConnection, change: &Change) -> Result<Option<i64>> {
    let (sql, id): (&'static str, i64) = match change {
        Change::SetTenant { tenant, .. }
        | Change::ChangePolicies { tenant, .. }
        | Change::RemoveTenant(tenant)
        | Change::AddDomain { tenant, .. }
        | Change::AddGroup { tenant, .. }
        | Change::SetRules { tenant, .. }
        | Change::AddLabels { tenant, .. }
        | Change::RemoveLabels { tenant, .. }
        | Change::RemoveAgreedPassword { tenant, .. } => return Ok(Some(tenant.0)),
        Change::AddAgreedPassword(new) => return Ok(Some(new.tenant.0)),
        Change::AddDkimKeys { domain, .. }
        | Change::StartDkimKeys { domain, .. }
        | Change::RemoveDkimKey { domain, .. } => {
            let sql = "SELECT tenant FROM domain WHERE name = $1";
            return sqlx::query_scalar(sql).bind(domain.as_str()).fetch_optional(tx).await.map_err(failed);
        }
        Change::AddUser(user) => return Ok(Some(user.tenant.0)),
        Change::AddAppPassword(new) => ("SELECT tenant FROM user WHERE id = $1", new.user.0),
        Change::SetSecondFactor(new) => ("SELECT tenant FROM user WHERE id = $1", new.user.0),
        Change::SetUser(user, _)
        | Change::RemoveUser(user)
        | Change::AddAlias { user, .. }
        | Change::SetRecoveryCodes { user, .. }
        | Change::RemoveAppPassword { user, .. }
        | Change::RemoveSecondFactor(user) => ("SELECT tenant FROM user WHERE id = $1", user.0),
        Change::SetMembers(group, _) | Change::RemoveGroup(group) => {
            ("SELECT tenant FROM circle WHERE id = $1", group.0)
        }
        Change::AddTenant { .. } | Change::RemoveDomain(_) | Change::RemoveAlias(_) => return Ok(None),
    };
    sqlx::query_scalar(sql).bind(id).fetch_optional(tx).await.map_err(failed)
}

async fn make(
    tx: &mut SqliteConnection,
    change: &Change,
    sealed: &[SealedSecret],
    by: Option<UserId>,
    at: Timestamp,
) -> Result<Changed> {
    match change {
        Change::AddTenant { name, title, rules } => add_tenant(tx, name, title, rules, by, at).await,
        Change::SetTenant { tenant, title } => {
            let sql = "UPDATE tenant SET title = $2 WHERE id = $1";
            let touched =
                sqlx::query(sql).bind(tenant.0).bind(title).execute(tx).await.map_err(failed)?.rows_affected();
            one(touched, || format!("tenant {tenant}")).map(|()| Changed::Tenant(*tenant))
        }
        Change::ChangePolicies { tenant, changes } => {
            policies::change(tx, *tenant, changes).await.map(|()| Changed::Tenant(*tenant))
        }
        Change::RemoveTenant(tenant) => remove_tenant(tx, *tenant).await,
        Change::AddDomain { domain, tenant } => add_domain(tx, domain, *tenant).await,
        Change::RemoveDomain(domain) => remove_domain(tx, domain).await,
        Change::AddUser(user) => add_user(tx, user).await,
        Change::SetUser(user, change) => set_user(tx, *user, change).await,
        Change::RemoveUser(user) => {
            remove(tx, "DELETE FROM user WHERE id = $1", user.0, || format!("user {user}")).await
        }
        Change::SetSecondFactor(new) => {
            let sealed = sealed.first().ok_or_else(|| StoreError::Engine("a secret that is not sealed".into()))?;
            factor::set(tx, new, sealed, at).await
        }
        Change::SetRecoveryCodes { user, codes } => factor::set_codes(tx, *user, codes).await,
        Change::RemoveSecondFactor(user) => factor::remove(tx, *user).await,
        Change::AddAppPassword(new) => app_passwords::add(tx, new, at).await,
        Change::RemoveAppPassword { user, name } => app_passwords::remove(tx, *user, name).await,
        Change::AddAlias { alias, user } => add_alias(tx, alias, *user).await,
        Change::RemoveAlias(alias) => {
            let sql = "DELETE FROM alias WHERE address = $1";
            let touched = sqlx::query(sql).bind(alias.key()).execute(tx).await.map_err(failed)?.rows_affected();
            one(touched, || format!("the alias {alias}")).map(|()| Changed::Done)
        }
        Change::AddGroup { tenant, kind, name, address, members } => {
            add_group(tx, *tenant, *kind, name, address.as_ref(), members).await
        }
        Change::SetMembers(group, members) => {
            sqlx::query("DELETE FROM member WHERE circle = $1")
                .bind(group.0)
                .execute(&mut *tx)
                .await
                .map_err(failed)?;
            set_members(tx, *group, members).await?;
            Ok(Changed::Group(*group))
        }
        Change::RemoveGroup(group) => {
            remove(tx, "DELETE FROM circle WHERE id = $1", group.0, || format!("group {group}")).await
        }
        Change::SetRules { tenant, text, seen, .. } => set_rules(tx, (*tenant, *seen), text, by, at).await,
        Change::AddLabels { tenant, labels } => labels::add(tx, *tenant, labels).await,
        Change::RemoveLabels { tenant, words } => labels::remove(tx, *tenant, words).await,
        Change::AddAgreedPassword(new) => {
            let sealed = sealed.first().ok_or_else(|| StoreError::Engine("a password that is not sealed".into()))?;
            passwords::add(tx, new, sealed, by, at).await
        }
        Change::RemoveAgreedPassword { tenant, name } => passwords::remove(tx, *tenant, name).await,
        Change::AddDkimKeys { domain, tenant, keys } => dkim::add(tx, domain, *tenant, keys, sealed, at).await,
        Change::StartDkimKeys { domain, selectors } => dkim::start(tx, domain, selectors, at).await,
        Change::RemoveDkimKey { domain, selector } => dkim::remove(tx, domain, selector).await,
    }
}

fn one(touched: u64, what: impl Fn() -> String) -> Result<()> {
    if touched == 0 { Err(StoreError::NotFound(what())) } else { Ok(()) }
}

async fn remove(tx: &mut SqliteConnection, sql: &'static str, id: i64, what: impl Fn() -> String) -> Result<Changed> {
    let touched = sqlx::query(sql).bind(id).execute(tx).await.map_err(failed)?.rows_affected();
    one(touched, what).map(|()| Changed::Done)
}

async fn count(tx: &mut SqliteConnection, sql: &'static str, argument: &str) -> Result<i64> {
    sqlx::query_scalar(sql).bind(argument).fetch_one(tx).await.map_err(failed)
}

async fn add_tenant(
    tx: &mut SqliteConnection,
    name: &str,
    title: &str,
    rules: &str,
    by: Option<UserId>,
    at: Timestamp,
) -> Result<Changed> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 40 || !name.chars().all(good) {
        return Err(StoreError::Invalid(format!(
            "the tenant name {name} must be 1 to 40 lower-case letters, digits and hyphens"
        )));
    }
    if count(tx, "SELECT count(*) FROM tenant WHERE name = $1", name).await? > 0 {
        return Err(StoreError::Exists(format!("the tenant {name}")));
    }
    let sql = "INSERT INTO tenant (name, title) VALUES ($1, $2) RETURNING id";
    let id: i64 = sqlx::query_scalar(sql).bind(name).bind(title).fetch_one(&mut *tx).await.map_err(failed)?;
    for (kind, name) in FIRST_CIRCLES {
        sqlx::query("INSERT INTO circle (tenant, kind, name) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(kind)
            .bind(name)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
    }
    set_rules(tx, (TenantId(id), None), rules, by, at).await?;
    Ok(Changed::Tenant(TenantId(id)))
}

async fn remove_tenant(tx: &mut SqliteConnection, tenant: TenantId) -> Result<Changed> {
    let sql = "SELECT (SELECT count(*) FROM domain WHERE tenant = $1), (SELECT count(*) FROM user WHERE tenant = $1)";
    let row = sqlx::query(sql).bind(tenant.0).fetch_one(&mut *tx).await.map_err(failed)?;
    let (domains, users): (i64, i64) = (row.get(0), row.get(1));
    if domains + users > 0 {
        return Err(StoreError::Invalid(format!("the tenant still has {domains} domains and {users} people")));
    }
    let theirs = [
        "DELETE FROM rules WHERE tenant = $1",
        "DELETE FROM label WHERE tenant = $1",
        "DELETE FROM agreed_password WHERE tenant = $1",
        "DELETE FROM circle WHERE tenant = $1",
    ];
    for sql in theirs {
        sqlx::query(sql).bind(tenant.0).execute(&mut *tx).await.map_err(failed)?;
    }
    remove(tx, "DELETE FROM tenant WHERE id = $1", tenant.0, || format!("tenant {tenant}")).await
}

async fn add_domain(tx: &mut SqliteConnection, domain: &Domain, tenant: TenantId) -> Result<Changed> {
    if domain.is_literal() {
        return Err(StoreError::Invalid(format!("{domain} is an address, not a domain")));
    }
    // people and machines spell one domain in two ways, which no comparison of texts knows
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM domain").fetch_all(&mut *tx).await.map_err(failed)?;
    if let Some(name) = names.iter().find(|name| Domain::parse(name).is_ok_and(|known| known == *domain)) {
        return Err(StoreError::Exists(format!("the domain {name}")));
    }
    sqlx::query("INSERT INTO domain (name, tenant) VALUES ($1, $2)")
        .bind(domain.as_str())
        .bind(tenant.0)
        .execute(tx)
        .await
        .map_err(failed)?;
    Ok(Changed::Done)
}

async fn remove_domain(tx: &mut SqliteConnection, domain: &Domain) -> Result<Changed> {
    let sql = "SELECT (SELECT count(*) FROM user WHERE address LIKE '%@' || $1) + (SELECT count(*) FROM alias WHERE address \
               LIKE '%@' || $1) + (SELECT count(*) FROM circle WHERE address LIKE '%@' || $1)";
    let used = count(tx, sql, domain.as_str()).await?;
    if used > 0 {
        return Err(StoreError::Invalid(format!("{used} addresses still use the domain {domain}")));
    }
    dkim::remove_all(tx, domain).await?;
    let sql = "DELETE FROM domain WHERE name = $1";
    let touched = sqlx::query(sql).bind(domain.as_str()).execute(tx).await.map_err(failed)?.rows_affected();
    one(touched, || format!("the domain {domain}")).map(|()| Changed::Done)
}

/// An address must be free and its domain the tenant's.
async fn free(tx: &mut SqliteConnection, address: &Address, tenant: i64) -> Result<()> {
    let sql = "SELECT tenant FROM domain WHERE name = $1";
    let owner: Option<i64> =
        sqlx::query_scalar(sql).bind(address.domain().as_str()).fetch_optional(&mut *tx).await.map_err(failed)?;
    match owner {
        None => return Err(StoreError::NotFound(format!("the domain {}", address.domain()))),
        Some(owner) if owner != tenant => {
            return Err(StoreError::Invalid(format!("the domain {} belongs to another tenant", address.domain())));
        }
        Some(_) => {}
    }
    let sql = "SELECT (SELECT count(*) FROM user WHERE lower(address) = $1) + (SELECT count(*) FROM alias WHERE address = $1) \
               + (SELECT count(*) FROM circle WHERE lower(address) = $1)";
    if count(tx, sql, &address.key()).await? > 0 {
        return Err(StoreError::Exists(format!("the address {address}")));
    }
    Ok(())
}

async fn add_user(tx: &mut SqliteConnection, user: &NewUser) -> Result<Changed> {
    free(tx, &user.address, user.tenant.0).await?;
    let credentials = user.credentials.as_ref().map(serde_json::to_string).transpose();
    let credentials = credentials.map_err(|error| StoreError::Engine(error.to_string()))?;
    let sql = "INSERT INTO user (tenant, address, name, roles, language, credentials) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
    let id: i64 = sqlx::query_scalar(sql)
        .bind(user.tenant.0)
        .bind(user.address.to_string())
        .bind(&user.name)
        .bind(user.roles.with(Role::User).0)
        .bind(language(user.language))
        .bind(credentials)
        .fetch_one(tx)
        .await
        .map_err(failed)?;
    Ok(Changed::User(UserId(id)))
}

fn language(language: types::Language) -> &'static str {
    match language {
        types::Language::Ja => "ja",
        types::Language::En => "en",
    }
}

async fn set_user(tx: &mut SqliteConnection, user: UserId, change: &UserChange) -> Result<Changed> {
    if change.supervisor == Some(Some(user)) {
        return Err(StoreError::Invalid("nobody is his own supervisor".into()));
    }
    let credentials = change.credentials.as_ref().map(serde_json::to_string).transpose();
    let credentials = credentials.map_err(|error| StoreError::Engine(error.to_string()))?;
    let settings = change.settings.as_ref().map(serde_json::to_string).transpose();
    let settings = settings.map_err(|error| StoreError::Engine(error.to_string()))?;
    let rights = change.roles.is_some() || change.state.is_some() || credentials.is_some();
    // to end what a thief may have made
    if change.ends_app_passwords() {
        app_passwords::remove_all(tx, user).await?;
    }
    let state = change.state.map(|state| if state == store::UserState::Active { "active" } else { "suspended" });
    let touched = sqlx::query(
        "UPDATE user SET name = coalesce($2, name), department = coalesce($3, department), \
         supervisor = CASE WHEN $4 THEN $5 ELSE supervisor END, roles = coalesce($6, roles), \
         quota = CASE WHEN $7 THEN $8 ELSE quota END, state = coalesce($9, state), language = coalesce($10, language), \
         credentials = coalesce($11, credentials), generation = generation + $12, \
         settings = coalesce($13, settings), message_quota = CASE WHEN $14 THEN $15 ELSE message_quota END WHERE id = $1",
    )
    .bind(user.0)
    .bind(&change.name)
    .bind(&change.department)
    .bind(change.supervisor.is_some())
    .bind(change.supervisor.flatten().map(|user| user.0))
    .bind(change.roles.map(|roles| roles.with(Role::User).0))
    .bind(change.quota.is_some())
    .bind(change.quota.flatten().and_then(|bytes| i64::try_from(bytes).ok()))
    .bind(state)
    .bind(change.language.map(language))
    .bind(credentials)
    .bind(i64::from(rights))
    .bind(settings)
    .bind(change.message_quota.is_some())
    .bind(change.message_quota.flatten().and_then(|most| i64::try_from(most).ok()))
    .execute(tx)
    .await
    .map_err(failed)?
    .rows_affected();
    one(touched, || format!("user {user}")).map(|()| Changed::User(user))
}

async fn add_alias(tx: &mut SqliteConnection, alias: &Address, user: UserId) -> Result<Changed> {
    let sql = "SELECT tenant FROM user WHERE id = $1";
    let tenant: Option<i64> = sqlx::query_scalar(sql).bind(user.0).fetch_optional(&mut *tx).await.map_err(failed)?;
    free(tx, alias, tenant.ok_or_else(|| StoreError::NotFound(format!("user {user}")))?).await?;
    sqlx::query("INSERT INTO alias (address, user) VALUES ($1, $2)")
        .bind(alias.key())
        .bind(user.0)
        .execute(tx)
        .await
        .map_err(failed)?;
    Ok(Changed::Done)
}

async fn add_group(
    tx: &mut SqliteConnection,
    tenant: TenantId,
    kind: GroupKind,
    name: &str,
    address: Option<&Address>,
    members: &[Member],
) -> Result<Changed> {
    if name.is_empty() || name.chars().count() > 100 || name.contains(|c: char| c.is_control() || c == ':') {
        return Err(StoreError::Invalid("a group's name has 1 to 100 characters and no colon".into()));
    }
    if let Some(address) = address {
        free(tx, address, tenant.0).await?;
    }
    let kind = if kind == GroupKind::Group { "group" } else { "list" };
    let sql =
        "INSERT INTO circle (tenant, kind, name, address) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id";
    let id: Option<i64> = sqlx::query_scalar(sql)
        .bind(tenant.0)
        .bind(kind)
        .bind(name)
        .bind(address.map(ToString::to_string))
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed)?;
    let id = GroupId(id.ok_or_else(|| StoreError::Exists(format!("the {kind} {name}")))?);
    set_members(tx, id, members).await?;
    Ok(Changed::Group(id))
}

async fn set_members(tx: &mut SqliteConnection, group: GroupId, members: &[Member]) -> Result<()> {
    for (place, member) in members.iter().enumerate() {
        let (user, address) = match member {
            Member::User(user) => (Some(user.0), None),
            Member::Address(address) => (None, Some(address.to_string())),
        };
        sqlx::query("INSERT INTO member (circle, place, user, address) VALUES ($1, $2, $3, $4)")
            .bind(group.0)
            .bind(i64::try_from(place).unwrap_or(i64::MAX))
            .bind(user)
            .bind(address)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
    }
    Ok(())
}

async fn set_rules(
    tx: &mut SqliteConnection,
    (tenant, seen): (TenantId, Option<u32>),
    text: &str,
    by: Option<UserId>,
    at: Timestamp,
) -> Result<Changed> {
    let version: Option<u32> = sqlx::query_scalar(
        "INSERT INTO rules (tenant, version, text, by, at) SELECT $1, 1 + coalesce(max(version), 0), $2, $3, $4 \
         FROM rules WHERE tenant = $1 HAVING $5 IS NULL OR $5 = coalesce(max(version), 0) RETURNING version",
    )
    .bind(tenant.0)
    .bind(text)
    .bind(by.map(|user| user.0))
    .bind(at.0)
    .bind(seen)
    .fetch_optional(tx)
    .await
    .map_err(failed)?;
    let version = version.ok_or_else(|| StoreError::Conflict("the rules were changed meanwhile".into()))?;
    Ok(Changed::Rules(version))
}
