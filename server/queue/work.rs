//! A worker: one connection to one next hop, over which it brings load after load.

use std::net::SocketAddr;
use std::time::Duration;

use net::{BytePermit, Stop};
use store::{Attempt, Claimed, Outcome};
use types::Address;

use crate::Queue;
use crate::client::{self, Mail, Session, Target};
use crate::fate::Fate;
use crate::hop::{Hop, no_hop};
use crate::lanes::Load;
use crate::settle::Heard;

/// Most mails over one connection.
const MAILS: u32 = 100;
/// Most addresses tried for one mail.
const ADDRESSES: usize = 6;
/// How long a mail waits for memory before it waits for its next turn instead.
const FOR_MEMORY: Duration = Duration::from_secs(300);

/// What became of a load, and the fate that everything for this hop shares when nobody is there.
struct Result {
    fates: Vec<Fate>,
    heard: Heard,
    unreachable: Option<Fate>,
}

impl Queue {
    /// Brings loads to `hop` until none waits.
    pub(crate) async fn work(&self, hop: &Hop, stop: &Stop) {
        // The semaphore is never closed.
        let Ok(_place) = self.connections.acquire().await else { return };
        let key = hop.key();
        let mut line = None;
        while let Some(load) = self.lanes.take(&key) {
            if stop.is_asked() {
                self.put_back(load).await;
                continue;
            }
            let result = self.bring(hop, &mut line, &load).await;
            self.settle(load, result.fates, result.heard).await;
            if let Some(fate) = result.unreachable {
                for load in self.lanes.drain(&key) {
                    let fates = vec![fate.clone(); load.rows.len()];
                    self.settle(load, fates, Heard::default()).await;
                }
            }
        }
        if let Some(session) = line {
            session.quit().await;
        }
    }

    async fn bring(&self, hop: &Hop, line: &mut Option<Session>, load: &Load) -> Result {
        let all = |fate: Fate| vec![fate; load.rows.len()];
        let Some(first) = load.rows.first() else {
            return Result { fates: Vec::new(), heard: Heard::default(), unreachable: None };
        };
        let (_permit, bytes) = match self.load_bytes(first).await {
            Ok(loaded) => loaded,
            Err(fate) => return Result { fates: all(fate), heard: Heard::default(), unreachable: None },
        };
        let recipients: Vec<Address> = load.rows.iter().map(|claimed| claimed.row.recipient.clone()).collect();
        let mail = Mail { from: first.row.from.as_ref(), to: &recipients, bytes: &bytes };
        let mut fates: Vec<Option<Fate>> = vec![None; recipients.len()];
        let (mut unreachable, mut way) = (None, None);
        let last = loop {
            let mut session = match line.take().filter(|session| session.used() < MAILS) {
                Some(session) => session,
                None => match self.connect(hop).await {
                    Ok(session) => session,
                    Err(fate) => {
                        unreachable = Some(fate.clone());
                        break fate;
                    }
                },
            };
            way = Some(session.way());
            match session.send(&mail, &mut fates).await {
                Ok(()) => *line = Some(session),
                Err(trouble) if session.went_stale(&trouble) => {}
                Err(trouble) => break trouble.fate(session.host()),
            }
            if fates.iter().all(Option::is_some) {
                break Fate::temporary((4, 4, 2), "not tried");
            }
        };
        let fates = fates.into_iter().map(|fate| fate.unwrap_or_else(|| last.clone())).collect();
        Result { fates, heard: Heard { header: self.header_of(first, &bytes), way }, unreachable }
    }

    /// The bytes of a mail, within the budget of memory.
    pub(crate) async fn load_bytes(&self, claimed: &Claimed) -> std::result::Result<(BytePermit, Vec<u8>), Fate> {
        let size = claimed.record_size.min(self.memory.all());
        let permit = self.memory.take(size, FOR_MEMORY).await;
        let permit = permit.ok_or_else(|| Fate::temporary((4, 3, 1), "no memory for this mail at present"))?;
        match self.door.bytes(claimed).await {
            Ok(bytes) => Ok((permit, bytes)),
            Err(error) => {
                tracing::error!(queue.id = %claimed.row.id, %error, "the bytes of a queued mail cannot be read");
                Err(Fate::temporary((4, 3, 0), "the mail cannot be read at present"))
            }
        }
    }

    /// A conversation with the best host that talks to us.
    async fn connect(&self, hop: &Hop) -> std::result::Result<Session, Fate> {
        let mut last = None;
        let mut tried = 0;
        for host in &hop.hosts {
            let addresses = match self.resolver.addresses(host).await {
                Ok(addresses) => addresses,
                Err(error) => {
                    let fate = no_hop(&error).at(host);
                    // A route that cannot be found is the administrator's mistake, and no reason to give mail up.
                    last.get_or_insert(if hop.from_mx { fate } else { Fate::temporary((4, 4, 4), fate.text).at(host) });
                    continue;
                }
            };
            for ip in addresses {
                if tried == ADDRESSES {
                    break;
                }
                tried += 1;
                let target = Target {
                    host,
                    addr: SocketAddr::new(ip, hop.port),
                    policy: hop.tls,
                    tls: &self.tls,
                    auth: hop.auth.as_ref(),
                    hostname: &self.hostname,
                    from_mx: hop.from_mx,
                    patience: self.patience,
                };
                match client::open(&target).await {
                    Ok(session) => return Ok(session),
                    Err(trouble) => {
                        tracing::debug!(host, %ip, %trouble, "a next hop does not talk to us");
                        last = Some(trouble.fate(host));
                    }
                }
            }
        }
        Err(last.unwrap_or_else(|| Fate::temporary((4, 4, 4), "the next hop has no address")))
    }

    /// Gives rows back that were not tried, because the server stops.
    async fn put_back(&self, load: Load) {
        let now = self.clock.now();
        let attempt = |claimed: &Claimed| Attempt {
            id: claimed.row.id,
            at: now,
            outcome: Outcome::Retry(now),
            answer: claimed.row.last_answer.clone(),
            way: None,
        };
        let attempts = load.rows.iter().map(attempt).collect();
        if let Err(error) = self.door.report(attempts, Vec::new(), Vec::new()).await {
            // Their leases run out by themselves.
            tracing::warn!(%error, "rows of the queue could not be given back");
        }
        self.release(load.rows.iter().map(|claimed| claimed.row.id));
    }
}
