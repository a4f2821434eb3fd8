//! How long a message that a client sends is waited for: who sends it a byte at a time is no less silent than who sends
//! nothing. Knows no clock.

use std::time::Duration;

use tokio::time::Instant;

/// So many bytes must come in the time that a session may be silent.
const LEAST: u64 = 64 * 1024;

/// The pace at which the messages of one command come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    silence: Duration,
    /// So many bytes more, and there is time anew.
    left: u64,
    end: Instant,
}

impl Pace {
    /// The pace of a session that may be silent for so long.
    pub(crate) fn begin(now: Instant, silence: Duration) -> Self {
        Self { silence, left: LEAST, end: now + silence }
    }

    /// Some bytes came.
    pub(crate) fn came(&mut self, count: usize, now: Instant) {
        match self.left.checked_sub(count as u64) {
            Some(left @ 1..) => self.left = left,
            _ => *self = Self::begin(now, self.silence),
        }
    }

    /// Until when more is waited for.
    pub(crate) fn end(&self) -> Instant {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_bytes_give_time_anew() {
        let (begun, minute) = (Instant::now(), Duration::from_secs(60));
        let mut pace = Pace::begin(begun, minute);
        for second in 0..59 {
            pace.came(1_000, begun + Duration::from_secs(second));
        }
        assert_eq!(pace.end(), begun + minute, "59,000 bytes are too few");
        let later = begun + Duration::from_secs(59);
        pace.came(6_536, later);
        assert_eq!(pace.end(), later + minute);
        pace.came(65_535, later + minute);
        assert_eq!(pace.end(), later + minute, "it is counted anew");
        pace.came(10 << 20, later + minute);
        assert_eq!(pace.end(), later + minute * 2);
    }
}
