//! Wrong passwords, counted per account and per network in windows of ten minutes.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use types::Timestamp;

use crate::AuthError;

const WINDOW_MS: i64 = 600_000;
/// So many names and networks are remembered; beyond that the oldest windows go first.
const MOST: usize = 100_000;

pub(crate) struct Attempts {
    most: u32,
    counts: Mutex<HashMap<String, (Timestamp, u32)>>,
}

/// A network: /24 of IPv4, /64 of IPv6, since attackers own at least that much.
fn network(peer: IpAddr) -> String {
    match peer.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("net {a}.{b}.{c}")
        }
        IpAddr::V6(ip) => format!("net {:x?}", &ip.segments()[..4]),
    }
}

impl Attempts {
    pub(crate) fn new(most: u32) -> Self {
        Self { most, counts: Mutex::new(HashMap::new()) }
    }

    /// Refuses when the name or the network has used up its tries; a network has ten times as many as a name,
    /// since an office sits behind one address.
    pub(crate) fn check(&self, name: &str, peer: IpAddr, now: Timestamp) -> Result<(), AuthError> {
        if peer.to_canonical().is_loopback() {
            return Ok(());
        }
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, most) in [(format!("name {}", name.to_lowercase()), self.most), (network(peer), self.most * 10)] {
            if let Some((since, count)) = counts.get(&key) {
                let left = WINDOW_MS - (now.0 - since.0);
                if left > 0 && *count >= most {
                    return Err(AuthError::TooMany(u64::try_from(left / 60_000 + 1).unwrap_or(1)));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn failed(&self, name: &str, peer: IpAddr, now: Timestamp) {
        if peer.to_canonical().is_loopback() {
            return;
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST {
            counts.retain(|_, (since, _)| now.0 - since.0 < WINDOW_MS);
        }
        if counts.len() >= MOST {
            counts.clear();
        }
        let name: String = name.to_lowercase().chars().take(320).collect();
        for key in [format!("name {name}"), network(peer)] {
            let entry = counts.entry(key).or_insert((now, 0));
            if now.0 - entry.0.0 >= WINDOW_MS {
                *entry = (now, 0);
            }
            entry.1 = entry.1.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_passwords_close_a_name_for_ten_minutes_and_not_for_this_machine() {
        let attempts = Attempts::new(10);
        let far: IpAddr = "192.0.2.7".parse().unwrap();
        for second in 0..10 {
            attempts.check("Taro@a.example", far, Timestamp::from_secs(second)).unwrap();
            attempts.failed("taro@a.example", far, Timestamp::from_secs(second));
        }
        assert!(matches!(attempts.check("taro@a.example", far, Timestamp::from_secs(10)), Err(AuthError::TooMany(10))));
        attempts.check("jiro@a.example", far, Timestamp::from_secs(10)).unwrap();
        attempts.check("taro@a.example", "127.0.0.1".parse().unwrap(), Timestamp::from_secs(10)).unwrap();
        attempts.check("taro@a.example", far, Timestamp::from_secs(600)).unwrap();
    }
}
