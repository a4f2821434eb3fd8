//! What delivery does by itself: it forgets which deliveries were made once no repeat of them can come any more.

use std::time::Duration;

use store::StoreError;
use types::QUEUE_LIFETIME;

use crate::Delivery;

/// So often it looks for what is old.
const EVERY: Duration = Duration::from_secs(3_600);
/// Repeats come no later than the queue lives, and seven days are room for clocks and for whoever stood still.
const KEPT: Duration = QUEUE_LIFETIME.saturating_add(Duration::from_secs(7 * 24 * 3_600));

impl Delivery {
    /// Runs until `stop` is ready.
    pub async fn run(&self, stop: impl Future<Output = ()> + Send) {
        tokio::pin!(stop);
        loop {
            if let Err(error) = self.forget_old_deliveries().await {
                tracing::error!(%error, "old deliveries could not be cleared away");
            }
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn forget_old_deliveries(&self) -> Result<(), StoreError> {
        while self.store.clear_delivered(&self.entrance, self.clock.now(), KEPT).await? > 0 {}
        Ok(())
    }
}
