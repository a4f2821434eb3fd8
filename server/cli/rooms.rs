//! The rooms of the house, opened over the data folder: for the server and for commands beside it.

use std::sync::Arc;

use auth::Auth;
use delivery::Delivery;
use inspect::extract::Workers;
use inspect::{Inspector, Texts};
use net::ByteBudget;
use outbound::Outbound;
use store::Store;
use store_sqlite::{Mode, OpenConfig, SqliteEngine, is_empty};
use tokio_util::sync::CancellationToken;
use types::{Clock, Limits, SystemClock};

use super::config::Config;
use super::{extract_worker, master_key, sites};

/// Store, people, the door in, the door out.
#[derive(Clone)]
pub struct Rooms {
    pub store: Store,
    pub auth: Arc<Auth>,
    pub delivery: Arc<Delivery>,
    pub outbound: Arc<Outbound>,
    pub clock: Arc<dyn Clock>,
    pub limits: Arc<Limits>,
    /// Memory for whole mails under work, of all services together.
    pub memory: ByteBudget,
    /// The children that read attachments.
    pub workers: Workers,
    /// The full-text index.
    pub index: index::Index,
    /// Shown once, when the master key was made now.
    pub recovery_code: Option<String>,
    /// Cancelled when a flush or commit has failed: whoever runs the server ends it.
    pub failed: CancellationToken,
}

/// The exit code after a failed flush or commit (EX_SOFTWARE of sysexits.h).
pub const FAILED: i32 = 70;
/// So long after a failure the process ends, whatever still runs.
const LAST: std::time::Duration = std::time::Duration::from_secs(5);

impl Rooms {
    /// Opens everything over the configured data folder.
    pub async fn open(config: &Config, mode: Mode) -> anyhow::Result<Self> {
        let found = master_key::read_or_make(&config.master_key, is_empty(&config.data_dir))?;
        let failed = CancellationToken::new();
        let fatal = fatal(failed.clone());
        let data_dir = config.data_dir.clone();
        let engine = SqliteEngine::open(OpenConfig { data_dir, master_key: found.key, mode, fatal }).await?;
        let (store, authority, entrance, exit) = store::open(engine);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let (ocr, limits) = extract_worker::ocr(config);
        let limits = Arc::new(limits);
        let auth = Arc::new(Auth::new(store.clone(), authority, &limits)?);
        let delivery = Arc::new(Delivery::new(store.clone(), entrance, clock.clone(), limits.clone()));
        let workers = extract_worker::workers(&limits);
        let inspector = Inspector::new(limits.clone(), Texts::Children(workers.clone(), ocr));
        let hostname = config.hostname.clone();
        let pages = sites::mail_url(config);
        let outbound = Outbound::new(&delivery, exit, inspector, clock.clone(), limits.clone(), hostname, pages);
        let routes = config.routes.iter().filter_map(|route| route.name.clone()).collect();
        let outbound = outbound.with_page(sites::content_url(config)).with_routes(routes);
        let outbound = Arc::new(outbound);
        auth.oversee(outbound.clone());
        let recovery_code = found.recovery_code;
        let memory = ByteBudget::new(limits.memory);
        let index = super::indexing::open(config, (&store, &auth), &limits, &memory, outbound.clone());
        Ok(Self { store, auth, delivery, outbound, index, clock, limits, memory, workers, recovery_code, failed })
    }
}

/// What happens when a flush or commit has failed: the store answers its waiters and takes nothing more, sessions get
/// a moment to pass the answers on, and the process ends in any case.
fn fatal(failed: CancellationToken) -> Arc<dyn Fn(&str) + Send + Sync> {
    Arc::new(move |why: &str| {
        tracing::error!(%why, "the store has failed; the process ends so that nothing is promised that is not kept");
        if !failed.is_cancelled() {
            failed.cancel();
            std::thread::spawn(|| {
                std::thread::sleep(LAST);
                std::process::exit(FAILED);
            });
        }
    })
}
