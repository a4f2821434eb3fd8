//! A mail's bytes, read under the memory budget and worked on beside the async threads.

use std::time::Duration;

use message::Parsed;
use store::{Access, Account, MessageRow, Read};
use web::Trouble;

use super::MailId;
use crate::Rooms;

/// Whoever finds no memory within so long is asked to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// A mail under work; its memory is given back when it is dropped.
pub(crate) struct Opened {
    /// The row with its summary.
    pub row: MessageRow,
    bytes: bytes::Bytes,
    _memory: web::BytePermit,
}

/// Reads the mail `id`.
///
/// # Errors
/// [`Trouble::NotFound`]; [`Trouble::Busy`] when there is no memory for it.
pub(crate) async fn open(rooms: &Rooms, access: &Access<Account, Read>, id: MailId) -> Result<Opened, Trouble> {
    let row = rooms.store.message(access, id.0.mailbox, id.0.uid).await?;
    let memory = rooms.memory.take(row.record_size.saturating_mul(3), PATIENCE).await;
    let memory = memory.ok_or_else(|| Trouble::Busy("no memory for another mail".into()))?;
    let bytes = rooms.store.read(access, &row, 0..row.record_size).await?;
    Ok(Opened { row, bytes, _memory: memory })
}

impl Opened {
    /// Parses the mail and does `work` on a thread that may take its time.
    ///
    /// # Errors
    /// [`Trouble::Bug`] when the work panicked.
    pub async fn with<T: Send + 'static>(
        self,
        rooms: &Rooms,
        work: impl FnOnce(&Parsed<'_>, &MessageRow) -> T + Send + 'static,
    ) -> Result<T, Trouble> {
        let limits = rooms.limits.clone();
        let done = tokio::task::spawn_blocking(move || {
            let parsed = Parsed::parse(&self.bytes, &limits);
            work(&parsed, &self.row)
        });
        done.await.map_err(Trouble::bug)
    }

    /// The mail as it is seen: what stands before the record, and the record without what this copy does not show.
    pub fn as_seen(&self) -> Vec<u8> {
        let mut seen = self.row.prefix.clone();
        let mut at = 0;
        for cut in &self.row.cuts {
            let (start, end) = (bounded(cut.start, &self.bytes), bounded(cut.end, &self.bytes));
            seen.extend_from_slice(self.bytes.get(at..start).unwrap_or_default());
            at = end;
        }
        seen.extend_from_slice(self.bytes.get(at..).unwrap_or_default());
        seen
    }
}

fn bounded(at: u64, bytes: &[u8]) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len())
}
