//! The whole directory as one value.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};
use store::{
    AgreedPassword, Directory, DomainRow, Group, Label, Member, Roles, RulesText, StoreError, Target, Tenant, User,
};
use types::{Address, Domain, GroupId, TenantId, Timestamp, UserId};

use super::{dkim, factor, passwords};
use crate::database::failed;
use crate::outgoing::words;

pub(super) async fn load(pool: &SqlitePool) -> Result<Directory, StoreError> {
    let mut directory = Directory::default();
    for row in all(pool, "SELECT id, name, title, policies FROM tenant").await? {
        let (id, policies) = (TenantId(row.get(0)), words::json(row.get(3))?);
        let tenant = Tenant { id, name: row.get(1), title: row.get(2), policies };
        directory.tenants.insert(tenant.id, tenant);
    }
    for row in all(pool, "SELECT name, tenant FROM domain").await? {
        let name: Domain = words::read(row.get(0))?;
        directory.domains.insert(name.clone(), DomainRow { name, tenant: TenantId(row.get(1)) });
    }
    users(pool, &mut directory).await?;
    groups(pool, &mut directory).await?;
    let rules = "SELECT tenant, version, text FROM rules r WHERE version = (SELECT max(version) FROM rules WHERE tenant = r.tenant)";
    for row in all(pool, rules).await? {
        let text: String = row.get(2);
        directory.rules.insert(TenantId(row.get(0)), RulesText { version: row.get(1), text: text.into() });
    }
    labels(pool, &mut directory).await?;
    agreed(pool, &mut directory).await?;
    directory.dkim = dkim::load(pool).await?;
    Ok(directory)
}

async fn labels(pool: &SqlitePool, directory: &mut Directory) -> Result<(), StoreError> {
    let mut found: HashMap<TenantId, Vec<Label>> = HashMap::new();
    for row in all(pool, "SELECT tenant, kind, word FROM label ORDER BY id").await? {
        let label = Label { kind: row.get(1), word: row.get(2) };
        found.entry(TenantId(row.get(0))).or_default().push(label);
    }
    directory.labels = found.into_iter().map(|(tenant, labels)| (tenant, Arc::new(labels))).collect();
    Ok(())
}

async fn agreed(pool: &SqlitePool, directory: &mut Directory) -> Result<(), StoreError> {
    let mut found: HashMap<TenantId, Vec<AgreedPassword>> = HashMap::new();
    let sql = "SELECT tenant, mark, name, domain, circle, added, adder FROM agreed_password ORDER BY id";
    for row in all(pool, sql).await? {
        let password = AgreedPassword {
            mark: passwords::mark(row.get(1))?,
            name: row.get(2),
            domain: row.get::<Option<String>, _>(3).map(words::read).transpose()?,
            group: row.get(4),
            added: Timestamp(row.get(5)),
            by: row.get::<Option<i64>, _>(6).map(UserId),
        };
        found.entry(TenantId(row.get(0))).or_default().push(password);
    }
    directory.agreed = found.into_iter().map(|(tenant, all)| (tenant, Arc::new(all))).collect();
    Ok(())
}

async fn all(pool: &SqlitePool, sql: &'static str) -> Result<Vec<SqliteRow>, StoreError> {
    sqlx::query(sql).fetch_all(pool).await.map_err(failed)
}

async fn users(pool: &SqlitePool, directory: &mut Directory) -> Result<(), StoreError> {
    let mut aliases: HashMap<i64, Vec<Address>> = HashMap::new();
    for row in all(pool, "SELECT user, address FROM alias ORDER BY address").await? {
        aliases.entry(row.get(0)).or_default().push(words::read(row.get(1))?);
    }
    let mut factors = factor::load(pool).await?;
    let sql = "SELECT id, tenant, address, name, department, supervisor, roles, quota, state, language, credentials, \
               generation, settings, message_quota FROM user";
    for row in all(pool, sql).await? {
        let credentials: Option<String> = row.get(10);
        let user = User {
            id: UserId(row.get(0)),
            tenant: TenantId(row.get(1)),
            address: words::read(row.get(2))?,
            aliases: aliases.remove(&row.get(0)).unwrap_or_default(),
            name: row.get(3),
            department: row.get(4),
            supervisor: row.get::<Option<i64>, _>(5).map(UserId),
            roles: Roles(row.get(6)),
            quota: row.get::<Option<i64>, _>(7).and_then(|bytes| u64::try_from(bytes).ok()),
            message_quota: row.get::<Option<i64>, _>(13).and_then(|most| u64::try_from(most).ok()),
            state: words::read(row.get(8))?,
            language: words::read(row.get(9))?,
            settings: words::json(row.get(12))?,
            credentials: credentials.map(|text| words::json(&text)).transpose()?,
            second_factor: factors.remove(&UserId(row.get(0))),
            generation: u64::try_from(row.get::<i64, _>(11)).unwrap_or(0),
        };
        for address in std::iter::once(&user.address).chain(&user.aliases) {
            directory.addresses.insert(address.key(), Target::User(user.id));
        }
        directory.users.insert(user.id, Arc::new(user));
    }
    Ok(())
}

async fn groups(pool: &SqlitePool, directory: &mut Directory) -> Result<(), StoreError> {
    let mut members: HashMap<i64, Vec<Member>> = HashMap::new();
    for row in all(pool, "SELECT circle, user, address FROM member ORDER BY circle, place").await? {
        let member = match row.get::<Option<i64>, _>(1) {
            Some(user) => Member::User(UserId(user)),
            None => Member::Address(words::read(row.get::<Option<String>, _>(2).unwrap_or_default())?),
        };
        members.entry(row.get(0)).or_default().push(member);
    }
    for row in all(pool, "SELECT id, tenant, kind, name, address FROM circle").await? {
        let group = Group {
            id: GroupId(row.get(0)),
            tenant: TenantId(row.get(1)),
            kind: words::read(row.get(2))?,
            name: row.get(3),
            address: row.get::<Option<String>, _>(4).map(words::read).transpose()?,
            members: members.remove(&row.get(0)).unwrap_or_default(),
        };
        if let Some(address) = &group.address {
            directory.addresses.insert(address.key(), Target::Group(group.id));
        }
        directory.groups.insert(group.id, Arc::new(group));
    }
    Ok(())
}
