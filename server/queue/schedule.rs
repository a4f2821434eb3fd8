//! When an attempt is followed by another, and when the sender is told. Pure: time and chance come as arguments.

use std::time::Duration;

use store::{Claimed, Outcome};
use types::Timestamp;

use crate::fate::{Fate, NO_TLS, Verdict};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// Delays after the first, second, … attempt, seconds; the last one repeats. RFC 5321 4.5.4.1 wants at least half an
/// hour on the whole, and earlier ones for the first tries, since greylisting lets a second one through.
const DELAYS: [u64; 8] = [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR];
/// When the sender is told that his mail is late.
pub(crate) const TELL_DELAY: Duration = Duration::from_secs(4 * HOUR);

/// What an attempt's result means for its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// What is written.
    pub outcome: Outcome,
    /// Given up only because the time is over.
    pub expired: bool,
    /// The sender is told now that the mail is late.
    pub tell_delay: bool,
}

/// How long to wait after `attempts` attempts: growing, and by up to a fifth shorter or longer, so that mails that
/// failed together do not come back together. `chance` is any random number.
pub(crate) fn delay(attempts: u32, chance: u32) -> Duration {
    let place = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX).min(DELAYS.len() - 1);
    let base = DELAYS.get(place).copied().unwrap_or(4 * HOUR) * 1_000;
    let spread = base * 2 / 5;
    Duration::from_millis(base - base / 5 + spread * u64::from(chance) / u64::from(u32::MAX))
}

/// What follows an attempt that ended with `fate` at `now`. The last attempt is made when the row expires.
pub(crate) fn step(claimed: &Claimed, fate: &Fate, now: Timestamp, chance: u32) -> Step {
    let row = &claimed.row;
    match fate.verdict {
        Verdict::Delivered => Step { outcome: Outcome::Delivered, expired: false, tell_delay: false },
        Verdict::Permanent => Step { outcome: Outcome::Failed, expired: false, tell_delay: false },
        // a try later would not be safer; whoever is told decides
        Verdict::Temporary if claimed.demands.verified_tls && fate.status == NO_TLS && !fate.remote => {
            Step { outcome: Outcome::Held, expired: false, tell_delay: false }
        }
        Verdict::Temporary if now >= row.expires => Step { outcome: Outcome::Failed, expired: true, tell_delay: false },
        Verdict::Temporary => Step {
            outcome: Outcome::Retry(now.after(delay(row.attempts.saturating_add(1), chance)).min(row.expires)),
            expired: false,
            tell_delay: !claimed.delay_told && now.since(row.since) >= TELL_DELAY,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::claimed;

    #[test]
    fn delays_grow_and_spread_by_a_fifth() {
        for (attempts, secs) in [(0, 60), (1, 60), (2, 300), (5, 3_600), (8, 14_400), (900, 14_400)] {
            assert_eq!(delay(attempts, 0), Duration::from_secs(secs * 4 / 5));
            assert_eq!(delay(attempts, u32::MAX), Duration::from_secs(secs * 6 / 5));
        }
    }

    #[test]
    fn a_row_is_tried_until_it_expires_once_more_then_and_given_up() {
        let mut claimed = claimed(1, "taro@a.example");
        let fate = Fate::temporary((4, 4, 1), "refused");
        let mut now = claimed.row.since;
        let mut tries = 0;
        let mut told = 0;
        loop {
            let step = step(&claimed, &fate, now, 7 << 28);
            tries += 1;
            claimed.row.attempts += 1;
            told += u32::from(step.tell_delay);
            claimed.delay_told |= step.tell_delay;
            match step.outcome {
                Outcome::Retry(next) => now = next,
                outcome => {
                    assert_eq!((outcome, step.expired, now), (Outcome::Failed, true, claimed.row.expires));
                    break;
                }
            }
        }
        assert!((30..60).contains(&tries), "{tries}");
        assert_eq!(told, 1);
    }

    proptest::proptest! {
        #[test]
        fn a_retry_lies_ahead_and_never_after_the_end(attempts: u32, chance: u32, late in 0u64..600_000) {
            let mut claimed = claimed(1, "taro@a.example");
            claimed.row.attempts = attempts;
            let now = claimed.row.since.after(Duration::from_secs(late));
            let step = step(&claimed, &Fate::temporary((4, 4, 1), "x"), now, chance);
            match step.outcome {
                Outcome::Retry(next) => proptest::prop_assert!(next > now && next <= claimed.row.expires),
                _ => proptest::prop_assert!(now >= claimed.row.expires),
            }
        }
    }
}
