//! What was read a moment ago. A draft is looked at, put into Drafts, indexed there, sent and delivered within minutes,
//! each time as another mail whose record does not know yet what was read in the others: its files are the same. Only
//! memory, bounded, of one process.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use extract::Extracted;

use crate::flights::About;

/// Bytes of texts that are kept.
const MOST: usize = 32 << 20;
/// For so long.
const FOR: Duration = Duration::from_secs(300);

/// The last readings, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    readings: VecDeque<(About, Arc<Extracted>, Instant)>,
    bytes: usize,
}

impl Recent {
    /// What was read in this part.
    pub fn get(&mut self, about: &About, now: Instant) -> Option<Arc<Extracted>> {
        while self.readings.front().is_some_and(|(.., at)| now.duration_since(*at) > FOR) {
            self.drop_oldest();
        }
        self.readings.iter().find(|(one, ..)| one == about).map(|(_, read, _)| Arc::clone(read))
    }

    /// Puts a reading there that another one would repeat; the oldest go where there is no room.
    pub fn put(&mut self, about: About, read: &Arc<Extracted>, now: Instant) {
        let weight = weight(read);
        if !read.settled || weight > MOST / 4 || self.get(&about, now).is_some() {
            return;
        }
        self.readings.push_back((about, Arc::clone(read), now));
        self.bytes += weight;
        while self.bytes > MOST {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, read, _)) = self.readings.pop_front() {
            self.bytes -= weight(&read);
        }
    }
}

/// Bytes of its texts, and of itself.
fn weight(read: &Extracted) -> usize {
    1024 + read.texts.iter().map(|text| text.text.len() + text.inner.len()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use extract::{Fingerprint, Tried};
    use message::{Leaf, LeafRole};
    use types::Limits;

    use super::*;

    fn read(bytes: &[u8]) -> (About, Arc<Extracted>) {
        let leaf = Leaf {
            part: "2".into(),
            role: LeafRole::Attachment,
            content_type: "text/csv".into(),
            name: Some("a.csv".into()),
            charset: None,
            bytes: bytes.into(),
            text: None,
            issue: None,
        };
        ((Fingerprint::of(&leaf), Tried::default()), Arc::new(extract::extract(&leaf, &Limits::default())))
    }

    #[test]
    fn what_was_read_is_there_for_minutes_and_what_another_look_may_read_better_is_not() {
        let (mut recent, now) = (Recent::default(), Instant::now());
        let (about, one) = read(b"a,1\r\n");
        recent.put(about, &one, now);
        recent.put(about, &one, now);
        assert!(recent.get(&about, now).is_some());
        assert!(recent.get(&read(b"a,2\r\n").0, now).is_none());
        assert!(recent.get(&about, now + FOR + Duration::from_secs(1)).is_none());
        assert_eq!(recent.bytes, 0);
        let unsettled = Arc::new(Extracted { settled: false, ..(*one).clone() });
        recent.put(about, &unsettled, now);
        assert!(recent.get(&about, now).is_none());
    }

    #[test]
    fn the_oldest_give_way() {
        let (mut recent, now) = (Recent::default(), Instant::now());
        let all: Vec<_> = (0..12u8).map(|n| read(&[vec![b'a' + n; 4 << 20], b",1\r\n".to_vec()].concat())).collect();
        for (about, one) in &all {
            recent.put(*about, one, now);
            assert!(recent.bytes <= MOST);
        }
        assert!(recent.get(&all[0].0, now).is_none() && recent.get(&all[11].0, now).is_some());
    }
}
