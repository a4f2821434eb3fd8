//! The rooms of the house, opened over the data folder: for the server and for commands beside it.

use std::sync::Arc;

use auth::Auth;
use delivery::Delivery;
use inspect::Inspector;
use outbound::Outbound;
use store::Store;
use store_sqlite::{Mode, OpenConfig, SqliteEngine, is_empty};
use types::{Clock, Limits, SystemClock};

use super::config::Config;
use super::master_key;

/// Store, people, the door in, the door out.
pub struct Rooms {
    pub store: Store,
    pub auth: Arc<Auth>,
    pub delivery: Arc<Delivery>,
    pub outbound: Arc<Outbound>,
    pub clock: Arc<dyn Clock>,
    pub limits: Arc<Limits>,
    /// Shown once, when the master key was made now.
    pub recovery_code: Option<String>,
}

impl Rooms {
    /// Opens everything over the configured data folder.
    pub async fn open(config: &Config, mode: Mode) -> anyhow::Result<Self> {
        let found = master_key::read_or_make(&config.master_key, is_empty(&config.data_dir))?;
        let fatal = Arc::new(|why: &str| {
            tracing::error!(%why, "the store has failed; the process ends so that nothing is promised that is not kept");
            std::process::exit(70);
        });
        let data_dir = config.data_dir.clone();
        let engine = SqliteEngine::open(OpenConfig { data_dir, master_key: found.key, mode, fatal }).await?;
        let (store, authority, entrance, exit) = store::open(engine);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let limits = Arc::new(config.limits.clone());
        let auth = Arc::new(Auth::new(store.clone(), authority, &limits)?);
        let delivery = Arc::new(Delivery::new(store.clone(), entrance, clock.clone(), limits.clone()));
        let inspector = Inspector::new(limits.clone());
        let hostname = config.hostname.clone();
        let outbound = Arc::new(Outbound::new(&delivery, exit, inspector, clock.clone(), limits.clone(), hostname));
        Ok(Self { store, auth, delivery, outbound, clock, limits, recovery_code: found.recovery_code })
    }
}
