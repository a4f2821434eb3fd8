//! The graceful stop: one signal that all sessions hear, and one wait that ends when all have ended.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};
use tokio_util::task::TaskTracker;

/// Work that panicked begins anew so much later.
const ANEW: Duration = if cfg!(test) { Duration::from_millis(20) } else { Duration::from_secs(5) };

/// Tells tasks to stop and knows when they have. Clones are the same stop.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    signal: CancellationToken,
    tasks: TaskTracker,
}

impl Stop {
    /// A stop that nobody has asked for yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a task that [`Self::finish`] waits for.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.tasks.spawn(task)
    }

    /// Starts work that lasts until the stop is asked for, of which [`Self::finish`] waits for the end. Where it panics, which is a bug,
    /// it begins anew a little later: one mail that it stumbles over must not end what all others wait for.
    pub fn keep<W, F>(&self, what: &'static str, work: W)
    where
        W: Fn() -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.clone();
        self.spawn(async move {
            while let Err(broken) = tokio::spawn(work()).await {
                if stop.is_asked() || !broken.is_panic() {
                    return;
                }
                tracing::error!(what, "it panicked, and begins anew");
                tokio::select! {
                    () = stop.asked() => return,
                    () = tokio::time::sleep(ANEW) => {}
                }
            }
        });
    }

    /// Ready as soon as the stop is asked for.
    pub fn asked(&self) -> WaitForCancellationFuture<'_> {
        self.signal.cancelled()
    }

    /// Whether the stop has been asked for.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.signal.is_cancelled()
    }

    /// Asks for the stop; returns at once.
    pub fn ask(&self) {
        self.signal.cancel();
        self.tasks.close();
    }

    /// Asks for the stop and waits at most `grace` for all tasks; false when some still run.
    pub async fn finish(&self, grace: Duration) -> bool {
        self.ask();
        tokio::time::timeout(grace, self.tasks.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn finish_waits_for_the_tasks_that_heard_the_signal() {
        let stop = Stop::new();
        let heard = stop.clone();
        let task = stop.spawn(async move {
            heard.asked().await;
            7
        });
        assert!(!stop.is_asked());
        assert!(stop.finish(Duration::from_secs(5)).await);
        assert_eq!(task.await.unwrap(), 7);
    }

    #[tokio::test]
    async fn work_that_panics_begins_anew_until_it_ends_or_the_stop_is_asked_for() {
        let (stop, (told, mut hears)) = (Stop::new(), tokio::sync::mpsc::unbounded_channel());
        let heard = stop.clone();
        let turns = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        stop.keep("work", move || {
            let (told, heard) = (told.clone(), heard.clone());
            let turn = turns.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            async move {
                told.send(turn).unwrap();
                assert!(turn == 2, "a bug");
                heard.asked().await;
            }
        });
        for turn in 0..3 {
            assert_eq!(hears.recv().await, Some(turn));
        }
        assert!(stop.finish(Duration::from_secs(60)).await);
        assert_eq!(hears.recv().await, None, "it is over");
    }

    #[tokio::test]
    async fn finish_gives_up_on_a_task_that_does_not_listen() {
        let stop = Stop::new();
        stop.spawn(std::future::pending::<()>());
        assert!(!stop.finish(Duration::from_millis(10)).await);
    }
}
