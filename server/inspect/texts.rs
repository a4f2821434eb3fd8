//! Where the texts of the parts of a mail come from: what is plain is read here, what was read before is taken from
//! what is kept, everything else is read in a child without rights. It knows no format and no rule; it keeps the time
//! that one mail may take.

use std::sync::Arc;
use std::time::{Duration, Instant};

use extract::{
    Edition, Extracted, Fingerprint, Kept, NoWorker, Ocr, Passwords, Reason, Workers, extract_plain, extract_with,
};
use message::Leaf;
use types::Limits;

use crate::flights::Flights;

/// All parts of one mail together have so long in children; what is left then is too slow.
const LONGEST: Duration = Duration::from_secs(90);

/// Who reads attachments.
#[derive(Debug, Clone)]
pub enum Texts {
    /// Children without rights, and what reads pictures, if something does: what a server and its commands use.
    Children(Workers, Option<Ocr>),
    /// This very process: for tests of what is made of the texts.
    Here,
    /// This function, in this process: for tests of what becomes of a mail when its reader breaks.
    By(fn(&Leaf<'_>) -> Extracted),
}

impl Texts {
    /// What reads, under these bounds.
    pub(crate) fn edition(&self, limits: &Limits) -> Edition {
        Edition::of(limits, matches!(self, Self::Children(_, Some(_))))
    }

    /// For the next mail, of which `known` was read before, with these passwords for what is encrypted; who reads the
    /// same at the same time shares `flights`.
    pub(crate) fn reading<'a>(
        &'a self,
        limits: &'a Limits,
        passwords: &'a Passwords,
        known: Kept,
        flights: &'a Flights,
    ) -> Reading<'a> {
        let (kept, until) = (Kept::new(self.edition(limits)), Instant::now() + LONGEST);
        let (fresh, settled, failed) = (false, true, None);
        Reading { texts: self, limits, passwords, until, known, flights, kept, fresh, settled, failed }
    }
}

/// The parts of one mail while they are read.
pub(crate) struct Reading<'a> {
    texts: &'a Texts,
    limits: &'a Limits,
    passwords: &'a Passwords,
    until: Instant,
    known: Kept,
    flights: &'a Flights,
    kept: Kept,
    fresh: bool,
    settled: bool,
    failed: Option<NoWorker>,
}

/// What is left of a reading beside the texts.
pub(crate) struct Read {
    /// What was read in the parts that were not plain.
    pub kept: Kept,
    /// Whether some of it was not known before.
    pub fresh: bool,
    /// Whether another look would read the same.
    pub settled: bool,
    /// Why the mail as a whole could not be looked at: no child could be started.
    pub failed: Option<NoWorker>,
}

impl Reading<'_> {
    /// The texts of a part, when no child has to be asked: it is plain.
    pub fn plain(&self, leaf: &Leaf<'_>) -> Option<Extracted> {
        extract_plain(leaf, self.limits, self.passwords)
    }

    /// The texts of any other part, when they are known; else what to ask [`Self::by_child`] for.
    pub fn known(&mut self, leaf: &Leaf<'_>) -> Result<Extracted, Fingerprint> {
        let print = Fingerprint::of(leaf);
        let tried = self.passwords.tried();
        let read = self.known.get(&print, tried).or_else(|| self.kept.get(&print, tried)).cloned().ok_or(print)?;
        self.kept.put(print, &leaf.part, tried, &read);
        Ok(read.at_part(&leaf.part))
    }

    /// The texts of a part that is neither plain nor known; waits for a child, or for who reads the same just now.
    pub fn by_child(&mut self, leaf: &Leaf<'_>, print: Fingerprint) -> Extracted {
        let flights = self.flights;
        let tried = self.passwords.tried();
        let read = flights.join((print, tried), self.until, || Arc::new(self.read(leaf)));
        self.fresh |= read.settled;
        self.settled &= read.settled;
        self.kept.put(print, &leaf.part, tried, &read);
        read.at_part(&leaf.part)
    }

    fn read(&mut self, leaf: &Leaf<'_>) -> Extracted {
        let (workers, ocr) = match self.texts {
            Texts::Children(workers, ocr) => (workers, ocr),
            Texts::Here => return extract_with(leaf, self.limits, self.passwords),
            Texts::By(read) => return read(leaf),
        };
        match workers.extract(leaf, self.limits, self.passwords, self.until) {
            Ok(out) => self.with_pictures(leaf, out, ocr.as_ref()),
            Err(error) => {
                self.failed = Some(error);
                let mut out = Extracted::nothing(leaf);
                out.fail(leaf, Reason::Broken);
                out
            }
        }
    }

    /// Reads the pictures. One that cannot be read is named: it could hold what nobody saw.
    fn with_pictures(&self, leaf: &Leaf<'_>, mut out: Extracted, ocr: Option<&Ocr>) -> Extracted {
        let Some(ocr) = ocr else { return out };
        for picture in std::mem::take(&mut out.pictures) {
            match ocr.read(&picture, self.until) {
                Ok(Some(text)) => out.read_picture(&picture, text),
                Ok(None) => {}
                Err(reason) => out.refuse_picture(leaf, &picture, reason),
            }
        }
        out
    }

    /// Ends the reading.
    pub fn end(self) -> Read {
        Read { kept: self.kept, fresh: self.fresh, settled: self.settled, failed: self.failed }
    }
}
