//! Where the texts of the parts of a mail come from: what is plain is read here, everything else in a child without
//! rights. It knows no format and no rule; it keeps the time that one mail may take.

use std::time::{Duration, Instant};

use extract::{Extracted, NoWorker, Ocr, Reason, Workers, extract, extract_plain};
use message::Leaf;
use types::Limits;

/// All parts of one mail together have so long in children; what is left then is too slow.
const LONGEST: Duration = Duration::from_secs(90);

/// Who reads attachments.
#[derive(Debug, Clone)]
pub enum Texts {
    /// Children without rights, and what reads pictures, if something does: what a server and its commands use.
    Children(Workers, Option<Ocr>),
    /// This very process: for tests of what is made of the texts.
    Here,
}

impl Texts {
    /// For the next mail.
    pub(crate) fn reading(&self) -> Reading<'_> {
        Reading { texts: self, until: Instant::now() + LONGEST, failed: None }
    }
}

/// The parts of one mail while they are read.
pub(crate) struct Reading<'a> {
    texts: &'a Texts,
    until: Instant,
    failed: Option<NoWorker>,
}

impl Reading<'_> {
    /// The texts of a part, when no child has to be asked.
    pub fn plain(&self, leaf: &Leaf<'_>, limits: &Limits) -> Option<Extracted> {
        match self.texts {
            Texts::Here => Some(extract(leaf, limits)),
            Texts::Children(..) => extract_plain(leaf, limits),
        }
    }

    /// The texts of any other part; waits for a child.
    pub fn by_child(&mut self, leaf: &Leaf<'_>, limits: &Limits) -> Extracted {
        let Texts::Children(workers, ocr) = self.texts else { return extract(leaf, limits) };
        match workers.extract(leaf, limits, self.until) {
            Ok(out) => self.with_pictures(leaf, out, ocr.as_ref()),
            Err(error) => {
                self.failed = Some(error);
                let mut out = Extracted::nothing(leaf);
                out.refuse(leaf, Reason::Broken);
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

    /// Why the mail as a whole could not be looked at: no child could be started.
    pub fn failed(self) -> Option<NoWorker> {
        self.failed
    }
}
