//! Looking at mail beside the sessions: on threads that may block, a bounded number at once, with a budget of time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use types::Limits;

use crate::Seen;

/// A sender waits so long for the inspection; what takes longer is finished in the background.
pub const BUDGET: Duration = Duration::from_secs(10);

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
    turns: Arc<Semaphore>,
}

impl Inspector {
    /// An inspection that looks at twice as many mails at once as there are cores.
    #[must_use]
    pub fn new(limits: Arc<Limits>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { limits, turns: Arc::new(Semaphore::new(2 * cores)) }
    }

    /// Looks at a mail for at most [`BUDGET`], the wait for a turn included.
    pub async fn look(&self, bytes: impl AsRef<[u8]> + Send + 'static) -> Looked {
        self.look_for(BUDGET, bytes).await
    }

    /// Looks at a mail however long it takes: for the review in the background.
    pub async fn look_through(&self, bytes: impl AsRef<[u8]> + Send + 'static) -> Looked {
        let limits = Arc::clone(&self.limits);
        self.work(move || Seen::of(bytes.as_ref(), &limits)).await
    }

    async fn look_for(&self, budget: Duration, bytes: impl AsRef<[u8]> + Send + 'static) -> Looked {
        tokio::time::timeout(budget, self.look_through(bytes)).await.unwrap_or(Looked::Slow)
    }

    /// The turn is given back when the work ends, not when its caller stops waiting.
    async fn work(&self, look: impl FnOnce() -> Seen + Send + 'static) -> Looked {
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else {
            return Looked::Failed("the inspection is closed".to_owned());
        };
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            catch_unwind(AssertUnwindSafe(look))
        });
        match work.await {
            Ok(Ok(seen)) => Looked::Seen(Arc::new(seen)),
            // The text of a panic may quote what was read.
            Ok(Err(_)) => Looked::Failed("the inspection panicked".to_owned()),
            Err(error) => Looked::Failed(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspector() -> Inspector {
        Inspector::new(Arc::new(Limits::default()))
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
        let looked = inspector.work(|| std::panic::resume_unwind(Box::new("123456789018"))).await;
        assert!(matches!(looked, Looked::Failed(cause) if !cause.contains("1234")));
        assert_eq!(inspector.turns.available_permits(), turns);
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
