//! Mails that are known to hold no NUL, which may not stand in a literal: to look for one costs as much as to send the mail. What a
//! record holds never changes.

use std::sync::atomic::{AtomicI64, Ordering};

use types::RecordId;

/// So many are remembered, 512 KiB: the last one of each place.
const PLACES: usize = 1 << 16;

/// Records without NUL.
pub(crate) struct Clean(Box<[AtomicI64]>);

impl Default for Clean {
    fn default() -> Self {
        Self((0..PLACES).map(|_| AtomicI64::new(0)).collect())
    }
}

impl Clean {
    fn place(&self, record: RecordId) -> Option<&AtomicI64> {
        self.0.get(usize::try_from(record.0).ok()? % PLACES)
    }
    /// Whether the record is known to hold none. Records begin with 1.
    pub fn knows(&self, record: RecordId) -> bool {
        self.place(record).is_some_and(|place| place.load(Ordering::Relaxed) == record.0) && record.0 != 0
    }
    /// The record holds none.
    pub fn learn(&self, record: RecordId) {
        if let Some(place) = self.place(record) {
            place.store(record.0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_knows_what_it_learnt_and_nothing_else() {
        let clean = Clean::default();
        let other = RecordId(5 + i64::try_from(PLACES).unwrap());
        assert!(!clean.knows(RecordId(0)) && !clean.knows(RecordId(5)));
        clean.learn(RecordId(5));
        assert!(clean.knows(RecordId(5)) && !clean.knows(other) && !clean.knows(RecordId(6)));
        clean.learn(other);
        assert!(clean.knows(other) && !clean.knows(RecordId(5)));
        clean.learn(RecordId(-1));
        assert!(!clean.knows(RecordId(-1)));
    }
}
