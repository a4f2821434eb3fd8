//! The desk at which commands work: the store opened beside the server, and a way to tell the server.

use std::sync::Arc;

use auth::Auth;
use store::{Change, Changed, Store};
use store_sqlite::{Mode, OpenConfig, SqliteEngine, is_empty};
use types::{Clock as _, SystemClock};

use super::config::Config;
use super::{control, master_key};

/// An opened store with the rights of the machine's own console.
pub struct Desk {
    config: Config,
    store: Store,
    auth: Auth,
}

/// Opens the engine over the configured data folder.
pub async fn open_engine(config: &Config, mode: Mode) -> anyhow::Result<(Arc<SqliteEngine>, Option<String>)> {
    let found = master_key::read_or_make(&config.master_key, is_empty(&config.data_dir))?;
    let fatal = Arc::new(|why: &str| {
        tracing::error!(%why, "the store has failed; the process ends so that nothing is promised that is not kept");
        std::process::exit(70);
    });
    let engine =
        SqliteEngine::open(OpenConfig { data_dir: config.data_dir.clone(), master_key: found.key, mode, fatal })
            .await?;
    Ok((engine, found.recovery_code))
}

impl Desk {
    /// Opens the store beside a running server, or without one.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        let (engine, _) = open_engine(&config, Mode::Command).await?;
        let (store, authority, _entrance, _exit) = store::open(engine);
        let auth = Auth::new(store.clone(), authority, &config.limits)?;
        Ok(Self { config, store, auth })
    }
    pub fn store(&self) -> &Store {
        &self.store
    }
    pub fn auth(&self) -> &Auth {
        &self.auth
    }
    /// Changes the directory and tells a running server.
    pub async fn change(&self, change: Change) -> anyhow::Result<Changed> {
        let changed = self.store.change_server(&self.auth.console().server(), change, SystemClock.now()).await?;
        control::tell(&self.config.data_dir, "reload").await?;
        Ok(changed)
    }
    pub async fn close(self) -> anyhow::Result<()> {
        Ok(self.store.close().await?)
    }
}
