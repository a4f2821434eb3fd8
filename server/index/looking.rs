//! Looks into the kept texts of many documents of a segment, with the help of a few more threads where the process has
//! some to spare. Which documents are looked into, others decide.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use memchr::memmem::Finder;

use crate::IndexError;
use crate::segment::Segment;
use crate::tokens::Zone;

/// Documents whose texts are looked into in one go. A thread is not called for less.
const PART: usize = 256;
/// Most threads of this process that help searches, whatever the number of searches and cores.
const MOST: usize = 3;

/// How many help just now.
static HELPING: AtomicUsize = AtomicUsize::new(0);

/// The documents among `docs` (ascending) that hold `sought` in one of their texts, in no order.
pub(crate) fn with_text(segment: &Segment, sought: &str, docs: &[u32]) -> Result<Vec<u32>, IndexError> {
    let finder = Finder::new(sought);
    let parts: Vec<&[u32]> = docs.chunks(PART).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            look_into(segment, &finder, part, &mut found)?;
        }
        Ok(found)
    };
    with_help(parts.len().saturating_sub(1), work)
}

/// Does the work here, and the same on at most `wanted` other threads; each takes of it what no other has taken.
fn with_help(wanted: usize, work: impl Fn() -> Result<Vec<u32>, IndexError> + Sync) -> Result<Vec<u32>, IndexError> {
    let guarded = || catch_unwind(AssertUnwindSafe(&work)).unwrap_or(Err(IndexError::Failed("a search broke off")));
    let help: Vec<Help> = std::iter::from_fn(Help::called).take(wanted).collect();
    thread::scope(|scope| {
        // a thread that cannot be had is no help, and the rest does its share
        let begun = help.iter().map_while(|_| {
            let thread = thread::Builder::new().name("search".into());
            thread.spawn_scoped(scope, guarded).ok()
        });
        let begun: Vec<_> = begun.collect();
        let mut results = vec![guarded()];
        results.extend(
            begun
                .into_iter()
                .map(|thread| thread.join().unwrap_or(Err(IndexError::Failed("a search was interrupted")))),
        );
        let found: Result<Vec<Vec<u32>>, IndexError> = results.into_iter().collect();
        found.map(|found| found.concat())
    })
}

/// The right to one more thread; given back when dropped.
struct Help;

impl Help {
    fn called() -> Option<Self> {
        let most = thread::available_parallelism().map_or(1, NonZero::get).saturating_sub(1).min(MOST);
        let more = |helping| (helping < most).then_some(helping + 1);
        HELPING.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok().map(|_| Self)
    }
}

impl Drop for Help {
    fn drop(&mut self) {
        HELPING.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What stands between texts is none: each is looked into for itself. That they are letters was seen when they were written.
fn look_into(segment: &Segment, finder: &Finder<'_>, docs: &[u32], found: &mut Vec<u32>) -> Result<(), IndexError> {
    let mut unreadable = false;
    segment.kept(Zone::Body, docs, &mut |doc, bytes| match postcard::from_bytes::<Vec<&[u8]>>(bytes) {
        Ok(texts) if texts.iter().any(|text| finder.find(text).is_some()) => found.push(doc),
        Ok(_) => {}
        Err(_) => unreadable = true,
    })?;
    if unreadable { Err(IndexError::Failed("kept texts cannot be read")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_bounded_and_what_fails_on_any_thread_is_an_error() {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let seen = AtomicUsize::new(0);
        let count = || Ok(vec![u32::try_from(seen.fetch_add(1, Ordering::Relaxed)).unwrap()]);
        let found = with_help(1_000, count).unwrap();
        assert!(found.len() <= cores.min(MOST + 1) && found.len() == seen.load(Ordering::Relaxed), "{found:?}");
        let broken = with_help(1_000, || panic!("a document is odd"));
        assert!(matches!(broken, Err(IndexError::Failed(_))), "{broken:?}");
        let failing = with_help(1_000, || Err(IndexError::Failed("a block does not open")));
        assert!(failing.is_err());
    }
}
