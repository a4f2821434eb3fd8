//! `sekisho serve`: configuration → stores → services → run until a signal.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use auth::Auth;
use delivery::Delivery;
use net::{ByteBudget, Conn, Door, Listener, Peers, ServerTls, Stop};
use smtp::ListenerKind;
use store_sqlite::Mode;
use tokio::signal::unix::{SignalKind, signal};
use types::{Clock, SystemClock};

use super::config::Config;
use super::desk::open_engine;
use super::inbound::Inbound;
use super::{control, submissions};

/// Sessions have so long to end after the signal.
const GRACE: Duration = Duration::from_secs(20);

/// Runs until SIGINT or SIGTERM.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let (engine, recovery_code) = open_engine(&config, Mode::Server).await?;
    let (store, authority, entrance, _exit) = store::open(engine);
    if let Some(code) = recovery_code {
        println!("A master key was made: {}", config.master_key.display());
        println!("Recovery code, to be kept on paper and apart from this machine: {code}");
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let limits = Arc::new(config.limits.clone());
    let auth = Arc::new(Auth::new(store.clone(), authority, &limits)?);
    let delivery = Arc::new(Delivery::new(store.clone(), entrance, clock.clone(), limits.clone()));
    let memory = ByteBudget::new(limits.memory);
    let smtp = Arc::new(smtp::Context {
        hostname: config.hostname.clone(),
        limits: config.limits.clone(),
        clock: clock.clone(),
        memory: memory.clone(),
        inbound: Arc::new(Inbound { delivery, limits: limits.clone() }),
        submissions: Arc::new(submissions::Closed),
    });
    let imap = imap::Context::new(store.clone(), auth, config.limits.clone(), clock, memory);
    let house = House::new(&config)?;
    house
        .listen("listen.smtp", &config.listen.smtp, false, smtp::REFUSAL, move |conn, stop| {
            smtp::serve(conn, smtp.clone(), ListenerKind::Mx, stop)
        })
        .await?;
    for (key, addresses, implicit) in
        [("listen.imap", &config.listen.imap, false), ("listen.imaps", &config.listen.imaps, true)]
    {
        let imap = imap.clone();
        house
            .listen(key, addresses, implicit, imap::REFUSAL, move |conn, stop| imap::serve(conn, imap.clone(), stop))
            .await?;
    }
    control::listen(&config.data_dir, store.clone(), &house.stop)?;
    first_steps(&store);
    println!("Sekisho is running. Data: {}", config.data_dir.display());
    signalled().await?;
    if !house.stop.finish(GRACE).await {
        tracing::warn!("some sessions did not end in time");
    }
    Ok(store.close().await?)
}

/// Says how the first administrator is made, while there is nobody.
fn first_steps(store: &store::Store) {
    if store.directory().users.is_empty() {
        println!("There is nobody yet. The first administrator (it asks for the password on standard input):");
        println!(
            "  sekisho user add you@your-company.example --name 'Your Name' --role operator --tenant company --password-stdin"
        );
    }
}

async fn signalled() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// What all listeners share.
struct House {
    peers: Arc<Peers>,
    tls: ServerTls,
    stop: Stop,
}

impl House {
    fn new(config: &Config) -> anyhow::Result<Self> {
        let tls = match &config.tls {
            Some((certificate, key)) => ServerTls::from_files(certificate.clone(), key.clone())?,
            None => ServerTls::self_signed(&config.data_dir, &config.hostname)?,
        };
        let peers = Peers::new(config.limits.connections, config.limits.connections_per_peer);
        Ok(Self { peers, tls, stop: Stop::new() })
    }

    async fn listen<F, Fut>(
        &self,
        key: &str,
        addresses: &[SocketAddr],
        implicit_tls: bool,
        refusal: &'static str,
        serve: F,
    ) -> anyhow::Result<()>
    where
        F: Fn(Conn, Stop) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        for address in addresses {
            let listener = Listener::bind(*address, key).await?;
            println!("{key} {}", listener.local_addr()?);
            let door = Door { peers: self.peers.clone(), tls: Some(self.tls.clone()), implicit_tls, refusal };
            let (stop, serve) = (self.stop.clone(), serve.clone());
            self.stop.spawn(listener.run(door, self.stop.clone(), move |conn| serve(conn, stop.clone())));
        }
        Ok(())
    }
}
