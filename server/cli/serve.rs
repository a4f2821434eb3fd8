//! `sekisho serve`: configuration → stores → services → run until a signal.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use net::{ByteBudget, Conn, Door, Listener, Peers, Resolver, ServerTls, Stop};
use queue::{HopTls, Queue};
use smtp::ListenerKind;
use store_sqlite::Mode;
use tokio::signal::unix::{SignalKind, signal};
use web::axum::Router;

use super::config::Config;
use super::control;
use super::inbound::Inbound;
use super::onward::{self, Onward};
use super::records::Names;
use super::rooms::{FAILED, Rooms};
use super::sites::{self, Sites};
use super::submissions::Submissions;

/// Sessions have so long to end after the signal.
const GRACE: Duration = Duration::from_secs(20);
/// And so long after the store has failed: to pass on the refusals.
const FAILED_GRACE: Duration = Duration::from_secs(2);

/// Runs until SIGINT or SIGTERM.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let rooms = Rooms::open(&config, Mode::Server).await?;
    if let Some(code) = &rooms.recovery_code {
        println!("A master key was made: {}", config.master_key.display());
        println!("Recovery code, to be kept on paper and apart from this machine: {code}");
    }
    let running = start(&config, &rooms).await?;
    for (key, address) in &running.listening {
        println!("{key} {address}");
    }
    first_steps(&rooms.store);
    println!("Sekisho is running. Data: {}", config.data_dir.display());
    running.until_end(&rooms).await?;
    running.finish(&rooms).await
}

/// A server that runs.
pub struct Running {
    /// Key and address of each listener.
    pub listening: Vec<(String, SocketAddr)>,
    stop: Stop,
}

impl Running {
    /// Ready at SIGINT or SIGTERM. When the store has failed instead, the sessions pass on their refusals and the
    /// process ends; the databases are not closed, for that would write to them.
    pub async fn until_end(&self, rooms: &Rooms) -> anyhow::Result<()> {
        tokio::select! {
            result = signalled() => result,
            () = rooms.failed.cancelled() => {
                self.stop.finish(FAILED_GRACE).await;
                std::process::exit(FAILED);
            }
        }
    }

    /// Ends the sessions, then the store.
    pub async fn finish(self, rooms: &Rooms) -> anyhow::Result<()> {
        if !self.stop.finish(GRACE).await {
            tracing::warn!("some sessions did not end in time");
        }
        Ok(rooms.store.close().await?)
    }
}

/// Starts listeners, outbound's own work and the queue.
pub async fn start(config: &Config, rooms: &Rooms) -> anyhow::Result<Running> {
    let memory = rooms.memory.clone();
    let workers = rooms.workers.clone();
    // a failure is in the log, and is told with every mail that has an attachment
    tokio::task::spawn_blocking(move || workers.warm().is_ok());
    let smtp = Arc::new(smtp_context(config, rooms, &memory));
    let (store, auth, clock) = (rooms.store.clone(), rooms.auth.clone(), rooms.clock.clone());
    let imap = imap::Context::new(store, auth, config.limits.clone(), clock, memory.clone(), Some(rooms.index.clone()));
    let mut house = House::new(config)?;
    let (ready, asked) = (imap.clone(), house.stop.clone());
    let (access, file) = (rooms.auth.console().server(), config.data_dir.join("lists"));
    house.stop.spawn(async move { imap::keep_ready(ready, access, &file, asked.asked()).await });
    let listen = &config.listen;
    for (key, addresses, kind) in [
        ("listen.smtp", &listen.smtp, ListenerKind::Mx),
        ("listen.submission", &listen.submission, ListenerKind::Submission),
        ("listen.submissions", &listen.submissions, ListenerKind::Submissions),
    ] {
        let (smtp, implicit) = (smtp.clone(), kind == ListenerKind::Submissions);
        let serve = move |conn, stop| smtp::serve(conn, smtp.clone(), kind, stop);
        house.listen(key, addresses, implicit, smtp::REFUSAL, serve).await?;
    }
    for (key, addresses, implicit) in [("listen.imap", &listen.imap, false), ("listen.imaps", &listen.imaps, true)] {
        let imap = imap.clone();
        let serve = move |conn, stop| imap::serve(conn, imap.clone(), stop);
        house.listen(key, addresses, implicit, imap::REFUSAL, serve).await?;
    }
    let (store, auth, clock) = (rooms.store.clone(), rooms.auth.clone(), rooms.clock.clone());
    let pop3 = pop3::Context::new(store, auth, config.limits.clone(), clock);
    for (key, addresses, implicit) in [("listen.pop3", &listen.pop3, false), ("listen.pop3s", &listen.pop3s, true)] {
        let pop3 = pop3.clone();
        let serve = move |conn, stop| pop3::serve(conn, pop3.clone(), stop);
        house.listen(key, addresses, implicit, pop3::REFUSAL, serve).await?;
    }
    pages(&mut house, config, rooms, &memory).await?;
    control::listen(&config.data_dir, rooms.store.clone(), rooms.index.clone(), &house.stop)?;
    work(config, rooms, &house.stop)?;
    Ok(Running { listening: house.listening, stop: house.stop })
}

/// The web listeners: bound first, since the addresses in the pages hold the ports.
async fn pages(house: &mut House, config: &Config, rooms: &Rooms, memory: &ByteBudget) -> anyhow::Result<()> {
    let listen = &config.listen;
    let web = house.bind("listen.web", &listen.web).await?;
    let admin = house.bind("listen.admin", &listen.admin).await?;
    let content = house.bind("listen.content", &listen.content).await?;
    let http = house.bind("listen.http", &listen.http).await?;
    let urls = sites::urls(config, &house.listening);
    let sites = Sites::build(config, rooms, &urls, sites::doors(config, &house.listening), memory)?;
    for (listeners, url, app) in
        [(web, &urls.mail, sites.mail), (admin, &urls.admin, sites.admin), (content, &urls.content, sites.content)]
    {
        // plain HTTP is configured for names of this machine only (the demo)
        house.serve_http(listeners, url.starts_with("https:"), &app);
    }
    house.serve_http(http, false, &sites.http);
    Ok(())
}

fn smtp_context(config: &Config, rooms: &Rooms, memory: &ByteBudget) -> smtp::Context {
    smtp::Context {
        hostname: config.hostname.clone(),
        limits: config.limits.clone(),
        clock: rooms.clock.clone(),
        memory: memory.clone(),
        inbound: Arc::new(Inbound { delivery: rooms.delivery.clone(), limits: rooms.limits.clone() }),
        submissions: Arc::new(Submissions {
            store: rooms.store.clone(),
            auth: rooms.auth.clone(),
            outbound: rooms.outbound.clone(),
            delivery: rooms.delivery.clone(),
            clock: rooms.clock.clone(),
            limits: rooms.limits.clone(),
        }),
    }
}

/// The long-lived work: deadlines and reviews, mail that came in, what is cleared away, and the queue.
fn work(config: &Config, rooms: &Rooms, stop: &Stop) -> anyhow::Result<()> {
    let (outbound, asked) = (rooms.outbound.clone(), stop.clone());
    stop.keep("reminders, deadlines and reviews", move || {
        let (outbound, asked) = (outbound.clone(), asked.clone());
        async move { outbound.run(asked.asked()).await }
    });
    let (outbound, asked) = (rooms.outbound.clone(), stop.clone());
    stop.keep("the review of what comes in", move || {
        let (outbound, asked) = (outbound.clone(), asked.clone());
        async move { outbound.review_arrivals(asked.asked()).await }
    });
    let (delivery, asked) = (rooms.delivery.clone(), stop.clone());
    stop.keep("what is cleared away", move || {
        let (delivery, asked) = (delivery.clone(), asked.clone());
        async move { delivery.run(asked.asked()).await }
    });
    let (index, clock, asked) = (rooms.index.clone(), rooms.clock.clone(), stop.clone());
    stop.keep("the index", move || {
        let (index, clock, asked) = (index.clone(), clock.clone(), asked.clone());
        async move {
            if let Err(error) = index.feed(clock, asked.asked()).await {
                tracing::error!(%error, "the index is not kept up");
            }
        }
    });
    let (outbound, names, asked) = (rooms.outbound.clone(), Arc::new(Names::new(config)?), stop.clone());
    stop.keep("the keys that wait for their records", move || {
        let (outbound, names, asked) = (outbound.clone(), names.clone(), asked.clone());
        async move { outbound.await_records(&*names, asked.asked()).await }
    });
    let servers = Some(config.dns.clone()).filter(|servers| !servers.is_empty());
    let queue = Arc::new(Queue::new(
        Arc::new(Onward(rooms.outbound.clone())),
        Resolver::new(servers)?,
        onward::routes(config),
        config.hostname.clone(),
        rooms.limits.clone(),
        rooms.clock.clone(),
        HopTls::new()?,
    ));
    let (store, asked) = (rooms.store.clone(), stop.clone());
    stop.keep("the queue", move || queue.clone().run(asked.clone(), store.work()));
    Ok(())
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

/// Ready at SIGINT or SIGTERM.
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
    listening: Vec<(String, SocketAddr)>,
}

impl House {
    fn new(config: &Config) -> anyhow::Result<Self> {
        let tls = match &config.tls {
            Some((certificate, key)) => ServerTls::from_files(certificate.clone(), key.clone())?,
            None => ServerTls::self_signed(&config.data_dir, &config.hostname)?,
        };
        let wanted = config.limits.connections;
        let connections = net::room_for_connections(wanted);
        if connections < wanted {
            tracing::warn!(connections, wanted, "the limit on open files leaves room for fewer connections");
        }
        let peers = Peers::new(connections, config.limits.connections_per_peer);
        Ok(Self { peers, tls, stop: Stop::new(), listening: Vec::new() })
    }

    async fn bind(&mut self, key: &str, addresses: &[SocketAddr]) -> anyhow::Result<Vec<Listener>> {
        let mut listeners = Vec::new();
        for address in addresses {
            let listener = Listener::bind(*address, key).await?;
            self.listening.push((key.to_owned(), listener.local_addr()?));
            listeners.push(listener);
        }
        Ok(listeners)
    }

    fn serve_http(&self, listeners: Vec<Listener>, https: bool, app: &Router) {
        for listener in listeners {
            let tls = https.then(|| self.tls.speaking(&web::PROTOCOLS));
            let door = Door { peers: self.peers.clone(), tls, implicit_tls: https, refusal: web::REFUSAL };
            let (stop, app) = (self.stop.clone(), app.clone());
            let serve = move |conn| web::serve(conn, app.clone(), stop.clone());
            self.stop.spawn(listener.run(door, self.stop.clone(), serve));
        }
    }

    async fn listen<F, Fut>(
        &mut self,
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
        for listener in self.bind(key, addresses).await? {
            let door = Door { peers: self.peers.clone(), tls: Some(self.tls.clone()), implicit_tls, refusal };
            let (stop, serve) = (self.stop.clone(), serve.clone());
            self.stop.spawn(listener.run(door, self.stop.clone(), move |conn| serve(conn, stop.clone())));
        }
        Ok(())
    }
}
