//! The demo's outside world: a server that takes all mail and keeps it as files.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use net::{ByteBudget, Door, Listener, Peers, Stop};
use smtp::{Answer, Author, Body, ListenerKind, Peer, Trace};
use types::{Address, Envelope, Reply, SystemClock};

use super::super::config::Config;

struct Sink {
    dir: PathBuf,
    next: AtomicU64,
}

/// Starts it on `port`; mails become `0001.eml`, … in `dir`.
pub async fn start(config: &Config, port: u16, dir: &Path) -> anyhow::Result<Stop> {
    std::fs::create_dir_all(dir)?;
    let next = AtomicU64::new(std::fs::read_dir(dir)?.count() as u64 + 1);
    let sink = Arc::new(Sink { dir: dir.to_owned(), next });
    let context = Arc::new(smtp::Context {
        hostname: "mx.outside.example".to_owned(),
        limits: config.limits.clone(),
        clock: Arc::new(SystemClock),
        memory: ByteBudget::new(config.limits.memory),
        inbound: sink.clone(),
        submissions: sink,
    });
    let stop = Stop::new();
    let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], port)), "the outside world").await?;
    let door = Door { peers: Peers::new(1_000, 1_000), tls: None, implicit_tls: false, refusal: smtp::REFUSAL };
    let ending = stop.clone();
    stop.spawn(
        listener
            .run(door, stop.clone(), move |conn| smtp::serve(conn, context.clone(), ListenerKind::Mx, ending.clone())),
    );
    Ok(stop)
}

#[async_trait]
impl smtp::Inbound for Sink {
    async fn recipient(
        &self,
        _peer: &Peer,
        _from: Option<&Address>,
        _to: &Address,
        _size: Option<u64>,
    ) -> Result<(), Reply> {
        Ok(())
    }
    async fn begin(&self, _peer: &Peer, _envelope: Envelope, _size: Option<u64>) -> Result<Box<dyn Body>, Reply> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        // beside the folder until it is whole: who looks into it finds whole mails only
        let part = self.dir.with_file_name(format!("{number:04}.part"));
        Ok(Box::new(Kept { part, file: self.dir.join(format!("{number:04}.eml")), bytes: Vec::new() }))
    }
}

#[async_trait]
impl smtp::Submissions for Sink {
    async fn sign_in(&self, _name: &str, _password: &str, _peer: &Peer) -> Result<Arc<dyn Author>, Reply> {
        Err(Reply::new(535, (5, 7, 8), "Nobody signs in here"))
    }
}

struct Kept {
    part: PathBuf,
    file: PathBuf,
    bytes: Vec<u8>,
}

#[async_trait]
impl Body for Kept {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Reply> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
    async fn finish(self: Box<Self>, _trace: Trace) -> Answer {
        let written = async {
            tokio::fs::write(&self.part, &self.bytes).await?;
            tokio::fs::rename(&self.part, &self.file).await
        };
        match written.await {
            Ok(()) => Reply::new(250, (2, 0, 0), "taken").into(),
            Err(_) => Reply::new(451, (4, 3, 0), "the disk failed").into(),
        }
    }
}
