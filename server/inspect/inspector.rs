//! Looking at mail beside the sessions: on threads that may block, a bounded number at once, with a budget of time.
//! Who waits for a child that reads an attachment lets others have its turn meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use types::Limits;

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
    texts: Texts,
    looks: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Inspector {
    /// An inspection that works on twice as many mails at once as there are cores, and reads attachments by `texts`.
    #[must_use]
    pub fn new(limits: Arc<Limits>, texts: Texts) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (looks, turns) = (Arc::new(Semaphore::new(LOOKS)), Arc::new(Semaphore::new(2 * cores)));
        Self { limits, texts, looks, turns }
    }

    /// Looks at a mail for at most [`BUDGET`], the wait for a turn included.
    pub async fn look(&self, bytes: impl AsRef<[u8]> + Send + 'static) -> Looked {
        self.look_for(BUDGET, bytes).await
    }

    /// Looks at a mail however long it takes: for the review in the background.
    pub async fn look_through(&self, bytes: impl AsRef<[u8]> + Send + 'static) -> Looked {
        let (limits, texts) = (Arc::clone(&self.limits), self.texts.clone());
        self.work(move |turn| {
            let mut reading = texts.reading();
            let seen = Seen::of_mail(bytes.as_ref(), &limits, &mut |leaf| {
                let plain = reading.plain(leaf, &limits);
                plain.unwrap_or_else(|| turn.aside(|| reading.by_child(leaf, &limits)))
            });
            match reading.failed() {
                Some(error) => Looked::Failed(error.to_string()),
                None => Looked::Seen(Arc::new(seen)),
            }
        })
        .await
    }

    async fn look_for(&self, budget: Duration, bytes: impl AsRef<[u8]> + Send + 'static) -> Looked {
        tokio::time::timeout(budget, self.look_through(bytes)).await.unwrap_or(Looked::Slow)
    }

    /// The turn is given back when the work ends, not when its caller stops waiting.
    async fn work(&self, look: impl FnOnce(&mut Turn) -> Looked + Send + 'static) -> Looked {
        let closed = || Looked::Failed("the inspection is closed".to_owned());
        let Ok(place) = Arc::clone(&self.looks).acquire_owned().await else { return closed() };
        let Ok(permit) = Arc::clone(&self.turns).acquire_owned().await else { return closed() };
        let mut turn = Turn { permit: Some(permit), turns: Arc::clone(&self.turns), runtime: Handle::current() };
        let work = tokio::task::spawn_blocking(move || {
            let _place = place;
            catch_unwind(AssertUnwindSafe(|| look(&mut turn)))
        });
        match work.await {
            Ok(Ok(looked)) => looked,
            // The text of a panic may quote what was read.
            Ok(Err(_)) => Looked::Failed("the inspection panicked".to_owned()),
            Err(error) => Looked::Failed(error.to_string()),
        }
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

    #[tokio::test]
    async fn a_mail_is_seen() {
        let looked = inspector().look(b"Subject: x\r\n\r\nhello\r\n".to_vec()).await;
        assert!(matches!(looked, Looked::Seen(seen) if seen.subject == "x" && !seen.sensitive()));
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_and_gives_its_turn_back() {
        let inspector = inspector();
        let turns = inspector.turns.available_permits();
        let looked = inspector.work(|_| std::panic::resume_unwind(Box::new("123456789018"))).await;
        assert!(matches!(looked, Looked::Failed(cause) if !cause.contains("1234")));
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
                            Looked::Failed(format!("awake: {awake}"))
                        })
                        .await
                })
            })
            .collect();
        assert!(matches!(inspector.look(b"Subject: x\r\n\r\n".to_vec()).await, Looked::Seen(_)));
        for _ in &waiting {
            wake.send(()).unwrap_or_default();
        }
        for one in waiting {
            assert!(matches!(one.await, Ok(Looked::Failed(why)) if why == "awake: true"));
        }
        assert_eq!(inspector.turns.available_permits(), turns);
    }

    #[tokio::test]
    async fn without_a_child_the_look_has_failed() {
        let program = extract::Program { path: "/nonexistent".into(), args: Vec::new() };
        let limits = Arc::new(Limits::default());
        let texts = Texts::Children(extract::Workers::new(program, &limits), None);
        let inspector = Inspector::new(limits, texts);
        let mail = b"Subject: x\r\nContent-Type: application/zip\r\n\r\nPK\x03\x04".to_vec();
        assert!(matches!(inspector.look(mail).await, Looked::Failed(why) if why.contains("no child process")));
        assert!(matches!(inspector.look(b"Subject: x\r\n\r\nhello\r\n".to_vec()).await, Looked::Seen(_)));
    }

    #[tokio::test]
    async fn without_a_turn_within_the_budget_it_is_slow() {
        let inspector = inspector();
        let turns = u32::try_from(inspector.turns.available_permits()).unwrap();
        let all = Arc::clone(&inspector.turns).acquire_many_owned(turns).await.unwrap();
        let looked = inspector.look_for(Duration::from_millis(1), b"x".to_vec()).await;
        assert!(matches!(looked, Looked::Slow));
        drop(all);
        assert!(matches!(inspector.look(b"x".to_vec()).await, Looked::Seen(_)));
    }
}
