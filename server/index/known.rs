//! What was answered lately of the documents of open segments. A segment never changes, so what was found of one of its
//! documents holds as long as it is open: who asks again, pages through what was found or narrows it down looks into no
//! text a second time.

use std::sync::{Arc, Mutex, PoisonError};

use moka::sync::Cache;

use crate::postings::Docs;
use crate::query::{Answer, Ask};

/// Memory of it, bytes, about.
const MOST: u64 = 8 << 20;
/// What keeping the answers of one question costs beside them.
const COST: usize = 400;

/// The answers, by the number of the open segment and the question.
#[derive(Clone)]
pub(crate) struct Known(Cache<(u64, Ask), Arc<Mutex<Facts>>>);

impl Default for Known {
    fn default() -> Self {
        let weight = |(_, ask): &(u64, Ask), facts: &Arc<Mutex<Facts>>| {
            let facts = facts.lock().unwrap_or_else(PoisonError::into_inner);
            let bytes = COST + ask.sought.len() + ask.name.len() + 3 * facts.looked.bytes();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().weigher(weight).max_capacity(MOST).build())
    }
}

impl Known {
    /// What is known of the `count` documents of a segment.
    pub(crate) fn of(&self, segment: u64, ask: &Ask, count: u32) -> Arc<Mutex<Facts>> {
        self.0.get_with((segment, ask.clone()), || Arc::new(Mutex::new(Facts::none(count))))
    }
    /// Forgets all of it.
    pub(crate) fn forget(&self) {
        self.0.invalidate_all();
        self.0.run_pending_tasks();
    }
}

/// What is known of the documents of one segment and one question.
pub(crate) struct Facts {
    looked: Docs,
    maybe: Docs,
    yes: Docs,
}

impl Facts {
    fn none(count: u32) -> Self {
        Self { looked: Docs::none(count), maybe: Docs::none(count), yes: Docs::none(count) }
    }
    /// Those of the documents of which nothing is known.
    pub(crate) fn unknown(&self, among: &[u32]) -> Vec<u32> {
        among.iter().copied().filter(|doc| !self.looked.contains(*doc)).collect()
    }
    /// Takes down the answers of documents.
    pub(crate) fn note(&mut self, docs: &[u32], answers: &[Answer]) {
        for (doc, answer) in docs.iter().zip(answers) {
            self.looked.insert(*doc);
            match answer {
                Answer::No => {}
                Answer::Maybe => self.maybe.insert(*doc),
                Answer::Yes => self.yes.insert(*doc),
            }
        }
    }
    /// The answers of documents that were looked at, in their order.
    pub(crate) fn answers(&self, among: &[u32]) -> Vec<Answer> {
        let answer = |doc: &u32| match (self.yes.contains(*doc), self.maybe.contains(*doc)) {
            (true, _) => Answer::Yes,
            (false, true) => Answer::Maybe,
            (false, false) => Answer::No,
        };
        among.iter().map(answer).collect()
    }
}
