//! Budgets: how many connections there may be in all and per peer, and how many bytes may be under work.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Counts connections in all and per peer. A peer is an IPv4 address or an IPv6 /64, since one
/// customer of a network usually holds a whole /64.
#[derive(Debug)]
pub struct Peers {
    most: usize,
    most_per_peer: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_peer: HashMap<IpAddr, usize>,
}

/// Why a connection was not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The server has as many connections as it takes.
    InAll,
    /// This peer has as many as one peer gets.
    Peer,
}

/// The right to hold one connection; given back when dropped.
#[derive(Debug)]
pub struct Permit {
    peers: Arc<Peers>,
    key: IpAddr,
}

impl Peers {
    /// At most `most` connections in all, and `most_per_peer` from one peer other than loopback.
    #[must_use]
    pub fn new(most: usize, most_per_peer: usize) -> Arc<Self> {
        Arc::new(Self { most, most_per_peer, open: Mutex::default() })
    }

    /// Admits a connection, or says which bound is reached.
    ///
    /// # Errors
    /// [`Full`] names the bound.
    pub fn admit(self: &Arc<Self>, ip: IpAddr) -> Result<Permit, Full> {
        let key = peer_key(ip);
        let mut open = self.lock();
        if open.all >= self.most {
            return Err(Full::InAll);
        }
        let of_peer = open.by_peer.entry(key).or_default();
        if *of_peer >= self.most_per_peer && !key.is_loopback() {
            return Err(Full::Peer);
        }
        *of_peer += 1;
        open.all += 1;
        Ok(Permit { peers: self.clone(), key })
    }

    /// How many connections are open now.
    #[must_use]
    pub fn open(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.peers.lock();
        open.all = open.all.saturating_sub(1);
        if let Some(count) = open.by_peer.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.by_peer.remove(&self.key);
            }
        }
    }
}

fn peer_key(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        ip => ip,
    }
}

/// Memory for mails under work, shared by all sessions (`limits.memory`).
#[derive(Debug, Clone)]
pub struct ByteBudget {
    free: Arc<Semaphore>,
    all: u32,
}

/// The right to some bytes; given back when dropped.
#[derive(Debug)]
pub struct BytePermit(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

/// A semaphore's permits are 32 bits wide in one taking, so bytes are counted in KiB.
const UNIT: u64 = 1024;

impl ByteBudget {
    /// A budget of `bytes`.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let all = units(bytes).min(u32::MAX >> 4);
        Self { free: Arc::new(Semaphore::new(all as usize)), all }
    }

    /// The whole budget, bytes.
    #[must_use]
    pub fn all(&self) -> u64 {
        u64::from(self.all) * UNIT
    }

    /// Takes `bytes`, waiting at most `patience`; `None` when they did not become free in time. More than the
    /// whole budget is given when nothing else is under work, so that no mail is refused for ever.
    pub async fn take(&self, bytes: u64, patience: Duration) -> Option<BytePermit> {
        let wanted = units(bytes).min(self.all);
        let taking = self.free.clone().acquire_many_owned(wanted);
        tokio::time::timeout(patience, taking).await.ok()?.ok().map(BytePermit)
    }
}

fn units(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_peer_gets_no_more_than_its_share_and_gets_it_back() {
        let peers = Peers::new(10, 2);
        let first = peers.admit(ip("192.0.2.1")).unwrap();
        let _second = peers.admit(ip("::ffff:192.0.2.1")).unwrap();
        assert_eq!(peers.admit(ip("192.0.2.1")).unwrap_err(), Full::Peer);
        let _other = peers.admit(ip("192.0.2.2")).unwrap();
        drop(first);
        assert!(peers.admit(ip("192.0.2.1")).is_ok());
    }

    #[test]
    fn one_ipv6_network_is_one_peer() {
        let peers = Peers::new(10, 1);
        let _first = peers.admit(ip("2001:db8:0:1::1")).unwrap();
        assert_eq!(peers.admit(ip("2001:db8:0:1:ffff::2")).unwrap_err(), Full::Peer);
        assert!(peers.admit(ip("2001:db8:0:2::1")).is_ok());
    }

    #[test]
    fn loopback_is_bound_by_the_total_only() {
        let peers = Peers::new(3, 1);
        let held: Vec<_> = (0..3).map(|_| peers.admit(ip("127.0.0.1")).unwrap()).collect();
        assert_eq!(peers.admit(ip("127.0.0.1")).unwrap_err(), Full::InAll);
        drop(held);
        assert_eq!(peers.open(), 0);
        assert!(peers.lock().by_peer.is_empty());
    }

    #[tokio::test]
    async fn bytes_are_lent_and_given_back() {
        let budget = ByteBudget::new(10 * UNIT);
        let most = budget.take(9 * UNIT, Duration::ZERO).await.unwrap();
        assert!(budget.take(2 * UNIT, Duration::from_millis(5)).await.is_none());
        drop(most);
        assert!(budget.take(1 << 40, Duration::from_secs(1)).await.is_some(), "more than all counts as all");
    }
}
