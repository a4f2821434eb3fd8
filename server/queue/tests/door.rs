//! A door to rows in memory.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use net::{Resolver, Stop};
use store::{Attempt, Claimed, Outcome};
use tokio::sync::{broadcast, watch};
use types::{Address, Clock, Domain, FixedClock, Language, Limits, QueueId, SubmissionId, Timestamp, UserId};

use super::BEGIN;
use super::script::Server;
use crate::client::Patience;
use crate::{Bounce, Door, HopTls, Queue, QueueError, Route, RouteTls};

/// Rows, the bytes of their mails, and what was reported.
pub(crate) struct Rows {
    rows: Mutex<Vec<Claimed>>,
    pub bytes: HashMap<SubmissionId, Vec<u8>>,
    pub attempts: Mutex<Vec<Attempt>>,
    pub bounces: Mutex<Vec<Bounce>>,
    pub stopped: Mutex<Vec<QueueId>>,
    reported: watch::Sender<usize>,
    /// How many rows were claimed, again or for the first time.
    pub claimed: watch::Sender<usize>,
    pub clock: Arc<FixedClock>,
}

impl Rows {
    /// With these rows, whose mails are all the same.
    pub fn new(rows: Vec<Claimed>, mail: &[u8]) -> Self {
        Self {
            bytes: rows.iter().map(|row| (row.submission, mail.to_vec())).collect(),
            rows: Mutex::new(rows),
            attempts: Mutex::default(),
            bounces: Mutex::default(),
            stopped: Mutex::default(),
            reported: watch::Sender::new(0),
            claimed: watch::Sender::new(0),
            clock: Arc::new(FixedClock::new(BEGIN)),
        }
    }

    /// The outcome and the answer for a row.
    pub fn attempt(&self, id: i64) -> (Outcome, String) {
        let attempts = self.attempts.lock().unwrap();
        let found = attempts.iter().find(|attempt| attempt.id == QueueId(id)).unwrap();
        (found.outcome, found.answer.clone())
    }
}

#[async_trait]
impl Door for Rows {
    async fn claim(&self, n: usize, lease: Duration) -> Result<Vec<Claimed>, QueueError> {
        let now = self.clock.now();
        let mut rows = self.rows.lock().unwrap();
        let due = rows.iter_mut().filter(|claimed| claimed.row.due <= now).take(n);
        let claim = |claimed: &mut Claimed| {
            claimed.row.due = now.after(lease);
            claimed.clone()
        };
        let taken: Vec<Claimed> = due.map(claim).collect();
        self.claimed.send_modify(|sum| *sum += taken.len());
        Ok(taken)
    }
    async fn bytes(&self, claimed: &Claimed) -> Result<Vec<u8>, QueueError> {
        Ok(self.bytes[&claimed.submission].clone())
    }
    async fn report(
        &self,
        attempts: Vec<Attempt>,
        bounces: Vec<Bounce>,
        stopped: Vec<Claimed>,
    ) -> Result<(), QueueError> {
        self.stopped.lock().unwrap().extend(stopped.iter().map(|row| row.row.id));
        let count = attempts.len();
        let rows: std::collections::HashSet<QueueId> = attempts.iter().map(|attempt| attempt.id).collect();
        assert_eq!(rows.len(), count, "the store takes one word about a row at a time");
        self.attempts.lock().unwrap().extend(attempts);
        self.bounces.lock().unwrap().extend(bounces);
        self.reported.send_modify(|sum| *sum += count);
        Ok(())
    }
    async fn next_due(&self) -> Result<Option<Timestamp>, QueueError> {
        Ok(self.rows.lock().unwrap().iter().map(|claimed| claimed.row.due).min())
    }
    fn language_of(&self, _author: Option<UserId>) -> Language {
        Language::Ja
    }
}

/// A route for all domains to `server`.
pub(crate) fn to(server: &Server, tls: RouteTls) -> Vec<Route> {
    let host = server.addr.ip().to_string();
    vec![Route { name: None, by_name_only: false, domain: None, host, port: server.addr.port(), tls, auth: None }]
}

/// A route for one domain.
pub(crate) fn for_domain(domain: &str, server: &Server) -> Route {
    Route { domain: Some(Domain::parse(domain).unwrap()), ..to(server, RouteTls::None).remove(0) }
}

/// A name server that knows no names: those that begin with `gone` do not exist, for the others it fails.
fn name_server() -> SocketAddr {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let addr = socket.local_addr().unwrap();
    let socket = tokio::net::UdpSocket::from_std(socket).unwrap();
    tokio::spawn(async move {
        let mut packet = [0; 512];
        while let Ok((len, peer)) = socket.recv_from(&mut packet).await {
            let exists = !packet[..len].windows(5).any(|bytes| bytes == b"\x04gone");
            // RFC 1035 4.1.1: this is the answer, recursion is available, and SERVFAIL or NXDOMAIN.
            packet[2] |= 0x80;
            packet[3] = 0x80 | if exists { 2 } else { 3 };
            // Nothing but the question is answered, so what comes after it is left out (EDNS).
            packet[10..12].fill(0);
            let end = 12 + packet[12..len].iter().position(|byte| *byte == 0).unwrap() + 5;
            socket.send_to(&packet[..end], peer).await.unwrap();
        }
    });
    addr
}

/// A queue with these rows, and short limits of time.
pub(crate) fn queue(rows: &Arc<Rows>, routes: Vec<Route>) -> Queue {
    let mut queue = Queue::new(
        rows.clone(),
        Resolver::new(Some(vec![name_server()])).unwrap(),
        routes,
        "mail.own.example".into(),
        Arc::new(Limits::default()),
        rows.clock.clone(),
        HopTls::new().unwrap(),
    );
    let short = Duration::from_millis(400);
    let patient = Duration::from_secs(20);
    queue.patience =
        Patience { connect: patient, command: patient, data: patient, block: patient, end: patient, quit: short };
    queue
}

/// Runs a queue until `reports` attempts were reported, and stops it.
pub(crate) async fn run_until(queue: Queue, rows: &Rows, reports: usize) {
    let stop = Stop::new();
    let (events, receiver) = broadcast::channel(4);
    let running = tokio::spawn(Arc::new(queue).run(stop.clone(), receiver));
    let mut reported = rows.reported.subscribe();
    let all = reported.wait_for(|sum| *sum >= reports);
    tokio::time::timeout(Duration::from_secs(30), all).await.expect("the reports did not come").unwrap();
    assert!(stop.finish(Duration::from_secs(30)).await);
    running.await.unwrap();
    drop(events);
}

/// Sends one mail to each of `recipients` over one route and answers what came of it.
pub(crate) async fn send(server: &Server, tls: RouteTls, recipients: &[&str], mail: &[u8]) -> Arc<Rows> {
    let all = (1..).zip(recipients).map(|(id, to)| super::claimed(id, to)).collect();
    let rows = Arc::new(Rows::new(all, mail));
    run_until(queue(&rows, to(server, tls)), &rows, recipients.len()).await;
    rows
}

/// An address.
pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}
