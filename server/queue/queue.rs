//! The queue's heart: it claims what is due, when it is due, and gives each row to the lane of its next hop.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use net::{ByteBudget, Resolver, Stop};
use store::{Claimed, Demands, Event};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, Semaphore};
use types::{Clock, Domain, Limits, QueueId};

use crate::client::Patience;
use crate::door::Door;
use crate::error::QueueError;
use crate::hop::{HopTls, hop_for};
use crate::lanes::{Lanes, Load, same_mail};
use crate::route::Route;
use crate::settle::Heard;

/// How long a claimed row is ours. An attempt that takes longer is claimed again and goes on; after a crash the row
/// waits at most this long.
const LEASE: Duration = Duration::from_secs(180);
/// Most rows claimed at once.
const CLAIM: usize = 200;
/// Most rows in work.
const IN_WORK: usize = 2_000;
/// Most connections to one next hop.
const CONNECTIONS_PER_HOP: usize = 4;
/// Most connections in all.
const CONNECTIONS: usize = 64;
/// Longest and shortest sleep: a clock may be set, and a row that is due may wait for something else.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
const SHORTEST_SLEEP: Duration = Duration::from_millis(200);
/// Sleep after the store failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// Of the memory for whole mails, the part that outgoing mail may take is one in this many.
const MEMORY_SHARE: u64 = 4;

/// Brings mail to the next hop.
pub struct Queue {
    pub(crate) door: Arc<dyn Door>,
    pub(crate) resolver: Resolver,
    pub(crate) routes: Vec<Route>,
    pub(crate) hostname: String,
    pub(crate) limits: Arc<Limits>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tls: HopTls,
    pub(crate) patience: Patience,
    pub(crate) lanes: Lanes,
    pub(crate) connections: Semaphore,
    pub(crate) memory: ByteBudget,
    in_work: Mutex<InWork>,
    room: Notify,
}

/// Which rows are in work here, and which were settled since the last claim began: a claim that ran at the same time
/// may still answer them.
#[derive(Debug, Default)]
struct InWork {
    now: HashSet<QueueId>,
    settled: HashSet<QueueId>,
}

impl Queue {
    /// The one of this process. `hostname` is this server's name, as EHLO and reports say it.
    #[must_use]
    pub fn new(
        door: Arc<dyn Door>,
        resolver: Resolver,
        routes: Vec<Route>,
        hostname: String,
        limits: Arc<Limits>,
        clock: Arc<dyn Clock>,
        tls: HopTls,
    ) -> Self {
        let memory = ByteBudget::new((limits.memory / MEMORY_SHARE).max(limits.message_size));
        Self {
            door,
            resolver,
            routes,
            hostname,
            limits,
            clock,
            tls,
            patience: Patience::default(),
            lanes: Lanes::new(CONNECTIONS_PER_HOP),
            connections: Semaphore::new(CONNECTIONS),
            memory,
            in_work: Mutex::default(),
            room: Notify::new(),
        }
    }

    /// Works until `stop` is asked for. Mails under way are brought to their end by tasks that `stop` waits for;
    /// those that only wait go back.
    pub async fn run(self: Arc<Self>, stop: Stop, mut events: Receiver<Event>) {
        while !stop.is_asked() {
            let sleep = self.turn(&stop).await.unwrap_or_else(|error| {
                tracing::error!(%error, "the queue cannot claim");
                AFTER_FAILURE
            });
            tokio::select! {
                () = stop.asked() => return,
                () = queue_event(&mut events), if !sleep.is_zero() => {}
                () = tokio::time::sleep(sleep), if self.free() > 0 => {}
                () = self.room.notified(), if self.free() == 0 => {}
            }
        }
    }

    /// Starts what is due. Answers how long there is nothing to do. That something is due is asked first, since
    /// each claim is a transaction and every result that is written rings the bell.
    async fn turn(self: &Arc<Self>, stop: &Stop) -> Result<Duration, QueueError> {
        let Some(due) = self.door.next_due().await? else { return Ok(LONGEST_SLEEP) };
        let now = self.clock.now();
        if due > now {
            return Ok(due.since(now).clamp(SHORTEST_SLEEP, LONGEST_SLEEP));
        }
        let fresh = self.claim(stop).await?;
        Ok(if fresh == 0 { SHORTEST_SLEEP } else { Duration::ZERO })
    }

    /// Claims what is due and starts its work. Answers how many rows were new.
    async fn claim(self: &Arc<Self>, stop: &Stop) -> Result<usize, QueueError> {
        let wanted = self.free().min(CLAIM);
        if wanted == 0 {
            return Ok(0);
        }
        self.in_work().settled.clear();
        let claimed = self.door.claim(wanted, LEASE).await?;
        let mut by_way: HashMap<(Domain, Demands), Vec<Claimed>> = HashMap::new();
        {
            let mut in_work = self.in_work();
            for row in claimed {
                let id = row.row.id;
                if !in_work.settled.contains(&id) && in_work.now.insert(id) {
                    let way = (row.row.recipient.domain().clone(), row.demands.clone());
                    by_way.entry(way).or_default().push(row);
                }
            }
        }
        let fresh = by_way.values().map(Vec::len).sum();
        for (way, rows) in by_way {
            let queue = self.clone();
            let inner = stop.clone();
            stop.spawn(async move { queue.sort(way, rows, &inner).await });
        }
        Ok(fresh)
    }

    /// Finds the next hop of rows that go the same way and hands them to its lane.
    async fn sort(self: Arc<Self>, (domain, demands): (Domain, Demands), rows: Vec<Claimed>, stop: &Stop) {
        let hop = match hop_for(&domain, &demands, &self.routes, &self.resolver, &self.hostname).await {
            Ok(hop) => Arc::new(hop),
            Err(fate) => {
                for load in loads(rows) {
                    let fates = vec![fate.clone(); load.rows.len()];
                    self.settle(load, fates, Heard::default()).await;
                }
                return;
            }
        };
        for _ in 0..self.lanes.push(&hop, rows) {
            let (queue, hop, inner) = (self.clone(), hop.clone(), stop.clone());
            stop.spawn(async move { queue.work(&hop, &inner).await });
        }
    }

    /// Takes rows out of work, after what became of them was written.
    pub(crate) fn release(&self, ids: impl Iterator<Item = QueueId>) {
        let mut in_work = self.in_work();
        for id in ids {
            in_work.now.remove(&id);
            in_work.settled.insert(id);
        }
        drop(in_work);
        self.room.notify_one();
    }

    fn free(&self) -> usize {
        IN_WORK.saturating_sub(self.in_work().now.len())
    }

    fn in_work(&self) -> MutexGuard<'_, InWork> {
        self.in_work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("routes", &self.routes).finish_non_exhaustive()
    }
}

/// Rows of the same submission in the same form together, for one report to its sender.
fn loads(rows: Vec<Claimed>) -> Vec<Load> {
    let mut loads: Vec<Load> = Vec::new();
    for row in rows {
        let same = |load: &&mut Load| load.rows.first().is_some_and(|first| same_mail(first, &row));
        match loads.iter_mut().find(same) {
            Some(load) => load.rows.push(row),
            None => loads.push(Load { rows: vec![row] }),
        }
    }
    loads
}

/// Ready when rows of the queue changed. Events that were lost may have told so too.
async fn queue_event(events: &mut Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(Event::Queue) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
