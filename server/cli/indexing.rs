//! The full-text index of this house, and the commands that make it anew and compare it.

use std::sync::Arc;

use auth::Auth;
use index::Index;
use index::extract::MailTexts;
use net::ByteBudget;
use store::Store;
use types::{Clock, Limits, TenantId};

use super::config::Config;
use super::control;
use super::desk::Desk;
use super::searched::Mails;

/// The index of the data folder; mails are read for it when `memory` has room, their files by `files`.
pub fn open(
    config: &Config,
    (store, auth): (&Store, &Auth),
    limits: &Arc<Limits>,
    memory: &ByteBudget,
    files: Arc<dyn MailTexts>,
) -> Index {
    let reading = Arc::new(Mails::new(limits.clone(), memory.clone()));
    Index::open(&config.data_dir.join("index"), store.clone(), auth.console().server(), reading, files)
}

/// `sekisho reindex [TENANT]`: a running server is told to make the index anew; without one it is made here.
pub async fn reindex(desk: &Desk, tenant: Option<&str>) -> anyhow::Result<()> {
    let directory = desk.store().directory();
    let wanted: Vec<TenantId> = match tenant {
        Some(name) => {
            let found = directory.tenants.values().find(|tenant| tenant.name == name);
            vec![found.ok_or_else(|| anyhow::anyhow!("there is no tenant {name}"))?.id]
        }
        None => directory.tenants.keys().copied().collect(),
    };
    for id in &wanted {
        if control::ask(desk.data_dir(), &format!("reindex {id}")).await? {
            continue;
        }
        let rooms = desk.rooms();
        rooms.index.make_anew(*id);
        let clock: Arc<dyn Clock> = rooms.clock.clone();
        rooms.index.catch_up(&clock).await?;
    }
    println!("{} indexes are made anew.", wanted.len());
    Ok(())
}

/// The part of `sekisho verify`: compares the index with the mails; how many differences there are.
pub async fn compare(desk: &Desk) -> anyhow::Result<usize> {
    let rooms = desk.rooms();
    let (compared, differences) = rooms.index.compare().await?;
    println!("{compared} records compared with the index.");
    for difference in &differences {
        println!("index of tenant {}, {}: {}", difference.tenant, difference.place, difference.what);
    }
    Ok(differences.len())
}
