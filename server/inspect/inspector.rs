//! Looking at mail beside the sessions: on threads that may block, a bounded number at once, with a budget of time.
//! Who waits for a child that reads an attachment lets others have its turn meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use detect::Labels;
use extract::{Edition, Extracted, Kept, NoWorker, PartTexts, Passwords};
use message::{Leaf, Parsed};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use types::Limits;

use crate::flights::Flights;
use crate::texts::Reading;
use crate::{Seen, Texts};

/// A sender waits so long for the inspection; what takes longer is finished in the background.
pub const BUDGET: Duration = Duration::from_secs(10);
/// Mails that are looked at at once, those among them that wait for a child.
const LOOKS: usize = 64;

/// What a look gave.
#[derive(Debug, Clone)]
pub enum Looked {
    /// It is done.
    Seen(Arc<Seen>),
    /// It takes longer than the budget.
    Slow,
    /// It broke, with what is known of the cause. Nothing may pass because of that.
    Failed(String),
}

/// The inspection as a service. A clone shares its bounds.
#[derive(Debug, Clone)]
pub struct Inspector {
    limits: Arc<Limits>,
    labels: Labels,
    passwords: Passwords,
    /// Why every look fails, if so.
    failing: Option<&'static str>,
    texts: Texts,
    flights: Arc<Flights>,
    looks: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// A look under way. When it is dropped, it ends by itself, and what it gives is lost.
#[derive(Debug)]
pub struct Look(JoinHandle<Looked>);

impl Look {
    /// What it gives; [`Looked::Slow`] when that takes longer than [`BUDGET`], and the look goes on.
    pub async fn within_budget(&mut self) -> Looked {
        self.within(BUDGET).await
    }

    /// What it gives, however long that takes.
    pub async fn end(self) -> Looked {
        self.0.await.unwrap_or_else(|error| Looked::Failed(error.to_string()))
    }

    async fn within(&mut self, budget: Duration) -> Looked {
        match tokio::time::timeout(budget, &mut self.0).await {
            Ok(ended) => ended.unwrap_or_else(|error| Looked::Failed(error.to_string())),
            Err(_) => Looked::Slow,
        }
    }
}

impl Inspector {
    /// An inspection that works on twice as many mails at once as there are cores, and reads attachments by `texts`.
    #[must_use]
    pub fn new(limits: Arc<Limits>, texts: Texts) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (looks, turns) = (Arc::new(Semaphore::new(LOOKS)), Arc::new(Semaphore::new(2 * cores)));
        let (labels, passwords, failing) = (Labels::default(), Passwords::default(), None);
        Self { limits, labels, passwords, failing, texts, flights: Arc::default(), looks, turns }
    }

    /// The same inspection, with its bounds, by a company's labels.
    #[must_use]
    pub fn with_labels(&self, labels: Labels) -> Self {
        Self { labels, ..self.clone() }
    }

    /// The same inspection with passwords to try on what is encrypted.
    #[must_use]
    pub fn with_passwords(&self, passwords: Passwords) -> Self {
        Self { passwords, ..self.clone() }
    }

    /// The same inspection while something that it needs cannot be had: every look fails, with this reason.
    #[must_use]
    pub fn failing(&self, why: &'static str) -> Self {
        Self { failing: Some(why), ..self.clone() }
    }

    /// Which edition of the readers this is: what another one read is not used.
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.texts.edition(&self.limits)
    }

    /// How many parts were read since the start that were neither plain nor known.
    #[must_use]
    pub fn parts_read(&self) -> u64 {
        self.flights.begun()
    }

    /// Begins to look at a mail of which `known` was read before.
    pub fn begin(&self, bytes: impl AsRef<[u8]> + Send + 'static, known: Kept) -> Look {
        let inspector = self.clone();
        Look(tokio::spawn(async move { inspector.look_through(bytes, known).await }))
    }

    /// Looks at a mail however long it takes.
    pub async fn look_through(&self, bytes: impl AsRef<[u8]> + Send + 'static, known: Kept) -> Looked {
        let inspector = self.clone();
        let looked = self.work(move |turn| {
            let mut reading = inspector.reading(known);
            let mut seen = Seen::of_mail(bytes.as_ref(), &inspector.limits, &inspector.labels, &mut |leaf| {
                part(turn, &mut reading, leaf)
            });
            let read = reading.end();
            (seen.kept, seen.fresh, seen.settled) = (read.kept, read.fresh, read.settled);
            read.failed.map_or_else(|| Ok(Arc::new(seen)), |error| Err(error.to_string()))
        });
        match looked.await {
            Ok(seen) => Looked::Seen(seen),
            Err(why) => Looked::Failed(why),
        }
    }

    /// The texts of all parts of a mail of which `known` was read before; what of them is to be kept, and whether some
    /// of that was not known. For what reads mail without judging it.
    ///
    /// # Errors
    /// Why it could not be read.
    pub async fn texts(
        &self,
        bytes: impl AsRef<[u8]> + Send + 'static,
        known: Kept,
    ) -> Result<(Vec<PartTexts>, Kept, bool), String> {
        let inspector = self.clone();
        self.work(move |turn| {
            let mut reading = inspector.reading(known);
            let parsed = Parsed::parse(bytes.as_ref(), &inspector.limits);
            let texts = |leaf: &Leaf<'_>| PartTexts::new(leaf, part(turn, &mut reading, leaf));
            let texts = parsed.leaves().iter().map(texts).collect();
            let read = reading.end();
            let failed = |error: NoWorker| Err(error.to_string());
            read.failed.map_or_else(|| Ok((texts, read.kept, read.fresh)), failed)
        })
        .await
    }

    /// The texts of all parts of a mail of which `known` was read before; `None` where a part would have to be read.
    ///
    /// # Errors
    /// Why it could not be looked at.
    pub async fn known_texts(
        &self,
        bytes: impl AsRef<[u8]> + Send + 'static,
        known: Kept,
    ) -> Result<Option<Vec<PartTexts>>, String> {
        Ok(self.known_texts_of_many(vec![Some((bytes, known))]).await?.pop().flatten())
    }

    /// The same of many mails in one turn; `None` for those that are not given.
    ///
    /// # Errors
    /// Why they could not be looked at.
    pub async fn known_texts_of_many(
        &self,
        mails: Vec<Option<(impl AsRef<[u8]> + Send + 'static, Kept)>>,
    ) -> Result<Vec<Option<Vec<PartTexts>>>, String> {
        let inspector = self.clone();
        self.work(move |_| {
            let known = |(bytes, known): (_, Kept)| inspector.known_in(AsRef::as_ref(&bytes), known);
            Ok(mails.into_iter().map(|mail| mail.and_then(known)).collect())
        })
        .await
    }

    fn known_in(&self, bytes: &[u8], known: Kept) -> Option<Vec<PartTexts>> {
        let mut reading = self.reading(known);
        let known = |leaf: &Leaf<'_>| {
            let read = reading.plain(leaf).or_else(|| reading.known(leaf).ok())?;
            Some(PartTexts::new(leaf, read))
        };
        Parsed::parse(bytes, &self.limits).leaves().iter().map(known).collect()
    }

    fn reading(&self, known: Kept) -> Reading<'_> {
        self.texts.reading(&self.limits, &self.passwords, known, &self.flights)
    }

    /// The turn is given back when the work ends, not when its caller stops waiting.
    async fn work<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Turn) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        if let Some(why) = self.failing {
            return Err(why.to_owned());
        }
        let closed = |_| "the inspection is closed".to_owned();
        let place = Arc::clone(&self.looks).acquire_owned().await.map_err(closed)?;
        let permit = Arc::clone(&self.turns).acquire_owned().await.map_err(closed)?;
        let mut turn = Turn { permit: Some(permit), turns: Arc::clone(&self.turns), runtime: Handle::current() };
        let work = tokio::task::spawn_blocking(move || {
            let _place = place;
            catch_unwind(AssertUnwindSafe(|| look(&mut turn)))
        });
        // the text of a panic may quote what was read
        let panicked = |_| Err("the inspection panicked".to_owned());
        work.await.map_err(|error| error.to_string())?.unwrap_or_else(panicked)
    }
}

/// The texts of a part; who has to wait for a child lets others have the turn.
fn part(turn: &mut Turn, reading: &mut Reading<'_>, leaf: &Leaf<'_>) -> Extracted {
    if let Some(plain) = reading.plain(leaf) {
        return plain;
    }
    match reading.known(leaf) {
        Ok(known) => known,
        Err(print) => turn.aside(|| reading.by_child(leaf, print)),
    }
}

/// The right to use a processor.
struct Turn {
    permit: Option<OwnedSemaphorePermit>,
    turns: Arc<Semaphore>,
    runtime: Handle,
}

impl Turn {
    /// Waits for something that uses none. For threads that may block.
    fn aside<T>(&mut self, wait: impl FnOnce() -> T) -> T {
        drop(self.permit.take());
        let out = wait();
        self.permit = self.runtime.block_on(Arc::clone(&self.turns).acquire_owned()).ok();
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspector() -> Inspector {
        Inspector::new(Arc::new(Limits::default()), Texts::Here)
    }

    async fn look(inspector: &Inspector, mail: &'static [u8]) -> Looked {
        inspector.look_through(mail, Kept::default()).await
    }

    /// A mail with two files that are not plain, after `text`.
    fn with_files(text: &str) -> Vec<u8> {
        let file = |name: &str| {
            format!(
                "--b\r\nContent-Type: application/octet-stream; name={name}\r\nContent-Disposition: attachment; \
                 filename={name}\r\n\r\n{{\\rtf1 {name} 123456789018}}\r\n"
            )
        };
        let (one, two) = (file("one.rtf"), file("two.rtf"));
        let head = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
        format!("{head}--b\r\n\r\n{text}\r\n{one}{two}--b--\r\n").into_bytes()
    }

    async fn seen(inspector: &Inspector, mail: Vec<u8>, known: Kept) -> Arc<Seen> {
        match inspector.look_through(mail, known).await {
            Looked::Seen(seen) => seen,
            looked => panic!("{looked:?}"),
        }
    }

    #[tokio::test]
    async fn what_is_known_is_not_read_again() {
        let inspector = inspector();
        let first = seen(&inspector, with_files("one"), Kept::default()).await;
        assert!(first.fresh() && first.kept().edition() == inspector.edition());
        assert_eq!((inspector.parts_read(), first.findings.len()), (2, 1));
        let known = Kept::from_bytes(inspector.edition(), &first.kept().to_bytes()).unwrap();
        let again = seen(&inspector, with_files("another text"), known.clone()).await;
        assert!(!again.fresh() && !again.kept().of_part("3").is_empty());
        assert_eq!((inspector.parts_read(), again.findings.len()), (2, 1));
        let of_one = seen(&inspector, with_files("x"), known.of_part("2")).await;
        assert!(of_one.fresh(), "the other file was not known beside the mail, and is to be kept there");
        assert_eq!(inspector.parts_read(), 2, "it was read a moment ago");
        let known_texts = inspector.known_texts(with_files("y"), known.clone()).await.unwrap();
        assert_eq!(known_texts.map(|texts| texts.len()), Some(3));
        assert!(inspector.known_texts(with_files("y"), known.of_part("2")).await.unwrap().is_none());
        let (texts, kept, fresh) = inspector.texts(with_files("y"), known).await.unwrap();
        let parts: Vec<&str> = texts.iter().map(|one| one.part.as_str()).collect();
        assert_eq!((parts, kept.is_empty(), fresh, inspector.parts_read()), (vec!["1", "2", "3"], false, false, 2));
    }

    #[tokio::test]
    async fn a_mail_is_seen() {
        let looked = look(&inspector(), b"Subject: x\r\n\r\nhello\r\n").await;
        assert!(matches!(looked, Looked::Seen(seen) if seen.subject == "x" && !seen.sensitive()));
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_and_gives_its_turn_back() {
        let inspector = inspector();
        let turns = inspector.turns.available_permits();
        let looked = inspector.work::<()>(|_| std::panic::resume_unwind(Box::new("123456789018"))).await;
        assert!(matches!(looked, Err(cause) if !cause.contains("1234")));
        assert_eq!(inspector.turns.available_permits(), turns);
    }

    #[tokio::test]
    async fn who_waits_lets_others_look() {
        let inspector = inspector();
        let turns = inspector.turns.available_permits();
        let (wake, woken) = std::sync::mpsc::channel::<()>();
        let woken = Arc::new(std::sync::Mutex::new(woken));
        let waiting: Vec<_> = (0..turns + 1)
            .map(|_| {
                let (inspector, woken) = (inspector.clone(), Arc::clone(&woken));
                tokio::spawn(async move {
                    inspector
                        .work(move |turn| {
                            let awake = turn.aside(|| woken.lock().is_ok_and(|woken| woken.recv().is_ok()));
                            Ok(awake)
                        })
                        .await
                })
            })
            .collect();
        assert!(matches!(look(&inspector, b"Subject: x\r\n\r\n").await, Looked::Seen(_)));
        for _ in &waiting {
            wake.send(()).unwrap_or_default();
        }
        for one in waiting {
            assert!(matches!(one.await, Ok(Ok(true))));
        }
        assert_eq!(inspector.turns.available_permits(), turns);
    }

    #[tokio::test]
    async fn without_a_child_the_look_has_failed() {
        let program = extract::Program { path: "/nonexistent".into(), args: Vec::new() };
        let limits = Arc::new(Limits::default());
        let texts = Texts::Children(extract::Workers::new(program, &limits), None);
        let inspector = Inspector::new(limits, texts);
        let mail = b"Subject: x\r\nContent-Type: application/zip\r\n\r\nPK\x03\x04";
        assert!(matches!(look(&inspector, mail).await, Looked::Failed(why) if why.contains("no child process")));
        assert!(matches!(look(&inspector, b"Subject: x\r\n\r\nhello\r\n").await, Looked::Seen(_)));
    }

    #[tokio::test]
    async fn without_a_turn_within_the_budget_it_is_slow() {
        let inspector = inspector();
        let turns = u32::try_from(inspector.turns.available_permits()).unwrap();
        let all = Arc::clone(&inspector.turns).acquire_many_owned(turns).await.unwrap();
        let mut begun = inspector.begin(b"x", Kept::default());
        assert!(matches!(begun.within(Duration::from_millis(1)).await, Looked::Slow));
        drop(all);
        assert!(matches!(begun.end().await, Looked::Seen(_)), "it has gone on");
    }
}
