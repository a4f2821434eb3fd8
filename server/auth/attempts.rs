//! Wrong passwords, counted per account and per network in windows of ten minutes. An account with too many is closed until its
//! window ends; a network with too many is slowed down: an office sits behind one address, and one telephone of it that knows an
//! old password must not lock the others out (decision 051). Passwords from this machine are not counted; codes are, for a proxy or a
//! tunnel makes everybody come from here (decision 055).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use types::{Address, Timestamp, UserId};

use crate::AuthError;

/// In which passwords are counted.
const WINDOW_MS: i64 = 600_000;
/// So many names and networks are remembered; beyond that the oldest windows go first.
const MOST: usize = 100_000;
/// Nobody waits longer for his turn; who would have to is refused.
const PATIENCE_MS: i64 = 30_000;

/// Whose wrong ones are counted together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose<'a> {
    /// Those of a name that somebody gave.
    Name(&'a str),
    /// Those of the mail programs of a person who has a second factor: they close no browser for him.
    Programs(UserId),
}

impl Whose<'_> {
    fn key(self) -> String {
        match self {
            Self::Name(name) => format!("name {}", plain(name)),
            Self::Programs(user) => format!("apps {user}"),
        }
    }
}

/// A name without what may be written in many ways: an account that is reached by each of them has no more tries for that. Nobody
/// learns by it which accounts there are, since names that nobody has are counted so too.
fn plain(name: &str) -> String {
    let name = name.trim();
    match Address::parse(name) {
        Ok(address) => address.without_detail().unwrap_or(address).identity(),
        Err(_) => name.to_lowercase().chars().take(320).collect(),
    }
}

impl<'a> From<&'a str> for Whose<'a> {
    fn from(name: &'a str) -> Self {
        Self::Name(name)
    }
}

impl<'a> From<&'a String> for Whose<'a> {
    fn from(name: &'a String) -> Self {
        Self::Name(name)
    }
}

pub(crate) struct Attempts {
    most: u32,
    window_ms: i64,
    /// Whether those from this machine count too.
    from_here: bool,
    counts: Mutex<HashMap<String, Count>>,
}

/// The wrong passwords of a name or a network.
struct Count {
    /// When its window began.
    since: Timestamp,
    wrong: u32,
    /// When the next of a network that is slowed down has its turn.
    turn: Timestamp,
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
        Self { most, window_ms: WINDOW_MS, from_here: false, counts: Mutex::new(HashMap::new()) }
    }

    /// Those that count from everywhere, in windows of another length.
    pub(crate) fn from_everywhere(most: u32, window_ms: i64) -> Self {
        Self { window_ms, from_here: true, ..Self::new(most) }
    }

    fn is_exempt(&self, peer: IpAddr) -> bool {
        !self.from_here && peer.to_canonical().is_loopback()
    }

    /// Refuses when the tries are used up.
    pub(crate) fn check<'a>(&self, whose: impl Into<Whose<'a>>, peer: IpAddr, now: Timestamp) -> Result<(), AuthError> {
        if self.is_exempt(peer) {
            return Ok(());
        }
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get(&whose.into().key()) {
            let left = self.window_ms - (now.0 - count.since.0);
            if left > 0 && count.wrong >= self.most {
                return Err(AuthError::TooMany(u64::try_from(left / 60_000 + 1).unwrap_or(1)));
            }
        }
        Ok(())
    }

    /// How long somebody of this network waits before his password is looked at. A network may have ten times as many wrong ones
    /// as a name; beyond that its sign-ins have turns, as far apart as those wrong ones were on average. Refuses when the turn would
    /// be too far away.
    pub(crate) fn turn(&self, peer: IpAddr, now: Timestamp) -> Result<Duration, AuthError> {
        if peer.to_canonical().is_loopback() {
            return Ok(Duration::ZERO);
        }
        let most = self.most.saturating_mul(10).max(1);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let slowed = |count: &&mut Count| now.0 - count.since.0 < self.window_ms && count.wrong >= most;
        let Some(count) = counts.get_mut(&network(peer)).filter(slowed) else { return Ok(Duration::ZERO) };
        let wait = (count.turn.0 - now.0).max(0);
        if wait > PATIENCE_MS {
            return Err(AuthError::TooMany(1));
        }
        count.turn = Timestamp(now.0 + wait + self.window_ms / i64::from(most));
        Ok(Duration::from_millis(u64::try_from(wait).unwrap_or(0)))
    }

    pub(crate) fn failed<'a>(&self, whose: impl Into<Whose<'a>>, peer: IpAddr, now: Timestamp) {
        if self.is_exempt(peer) {
            return;
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST {
            counts.retain(|_, count| now.0 - count.since.0 < self.window_ms);
        }
        if counts.len() >= MOST {
            counts.clear();
        }
        for key in [whose.into().key(), network(peer)] {
            let fresh = || Count { since: now, wrong: 0, turn: Timestamp(0) };
            let count = counts.entry(key).or_insert_with(fresh);
            if now.0 - count.since.0 >= self.window_ms {
                *count = fresh();
            }
            count.wrong = count.wrong.saturating_add(1);
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

    #[test]
    fn an_account_has_no_more_tries_for_the_ways_in_which_its_name_can_be_written() {
        let far: IpAddr = "192.0.2.7".parse().unwrap();
        for (one, others) in [
            ("taro@a.example", &["TARO+1@a.example", " taro@a.example ", "\"taro\"@a.example", "taro+@ａ.example"][..]),
            ("taro@例え.jp", &["taro@xn--r8jz45g.jp", "taro+x@例え.ｊｐ", "taro@例え.jP"]),
            ("taro", &["Taro "]),
        ] {
            let attempts = Attempts::new(1);
            attempts.failed(one, far, Timestamp(0));
            for other in others {
                assert!(attempts.check(*other, far, Timestamp(0)).is_err(), "{other} is {one}");
            }
            attempts.check("tar@a.example", far, Timestamp(0)).unwrap();
        }
    }

    #[test]
    fn those_that_count_from_everywhere_close_a_name_for_this_machine_too() {
        let attempts = Attempts::from_everywhere(3, WINDOW_MS);
        for here in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            attempts.check("taro@a.example", here.parse().unwrap(), Timestamp(0)).unwrap();
            attempts.failed("taro@a.example", here.parse().unwrap(), Timestamp(0));
        }
        let closed = |peer: &str| attempts.check("taro@a.example", peer.parse().unwrap(), Timestamp(0)).is_err();
        assert!(closed("127.0.0.1") && closed("192.0.2.7"));
    }

    #[test]
    fn a_network_with_too_many_has_its_sign_ins_one_after_another_and_others_are_free() {
        let attempts = Attempts::new(10);
        let (far, beside, other) = ("192.0.2.7", "192.0.2.200", "198.51.100.7");
        let turn = |peer: &str, ms| attempts.turn(peer.parse().unwrap(), Timestamp(ms)).map(|wait| wait.as_millis());
        for n in 0..99 {
            attempts.failed(&format!("nobody{n}@a.example"), far.parse().unwrap(), Timestamp(n));
            assert_eq!(turn(far, n).unwrap(), 0);
        }
        attempts.failed("nobody@a.example", beside.parse().unwrap(), Timestamp(100));
        // six seconds apart, which makes a hundred in ten minutes
        let waits: Vec<u128> = (0..6).map(|_| turn(beside, 100).unwrap()).collect();
        assert_eq!(waits, [0, 6_000, 12_000, 18_000, 24_000, 30_000]);
        assert!(matches!(turn(far, 100), Err(AuthError::TooMany(1))), "nobody waits longer than half a minute");
        assert_eq!(turn(far, 6_100).unwrap(), 30_000, "the next has room again");
        assert_eq!((turn(other, 100).unwrap(), turn("127.0.0.1", 100).unwrap()), (0, 0));
        attempts.check("taro@a.example", far.parse().unwrap(), Timestamp(100)).unwrap();
        assert_eq!(turn(far, 600_000).unwrap(), 0, "the window has ended");
    }
}
