//! Rows of many messages, window by window: while one is used, the next is read on another thread.

use std::vec::IntoIter;

use store::{MessageRow, Read, Rights, StoreError, Want};
use tokio::task::JoinHandle;
use types::UidSet;

use crate::ImapError;
use crate::command::sync::windows;
use crate::session::Session;

type Rows = Result<Vec<MessageRow>, StoreError>;

/// The messages of a set in the selected mailbox. At most two windows are in memory at once.
pub(crate) struct Ahead {
    windows: IntoIter<UidSet>,
    want: Want,
    next: Option<Reading>,
}

/// The first window is small: the store answers it at once, and while it goes out the next one is read.
const FIRST: usize = 16;

/// A window that is being read; given up, it is read no further.
struct Reading(JoinHandle<Rows>);

impl Reading {
    async fn rows(mut self) -> Rows {
        (&mut self.0).await.unwrap_or_else(|_| Err(StoreError::Engine("reading messages was interrupted".into())))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Ahead {
    /// `size` messages a window, but [`FIRST`] in the first.
    pub(crate) fn new(uids: &UidSet, size: u32, want: Want) -> Self {
        let first: UidSet = uids.iter().take(FIRST).collect();
        let mut all = windows(&uids.without(&first), size);
        if !first.is_empty() {
            all.insert(0, first);
        }
        Self { windows: all.into_iter(), want, next: None }
    }

    /// The next window's messages, ascending by UID; `None` after the last. The right to read is judged anew for each.
    pub(crate) async fn next(&mut self, session: &Session) -> Result<Option<Vec<MessageRow>>, ImapError> {
        session.go_on()?;
        let Some(reading) = self.next.take() else {
            let Some(window) = self.windows.next() else { return Ok(None) };
            let first = read(session, window, self.want)?;
            self.begin_next(session)?;
            return Ok(Some(first.await?));
        };
        self.begin_next(session)?;
        Ok(Some(reading.rows().await?))
    }

    fn begin_next(&mut self, session: &Session) -> Result<(), ImapError> {
        if let Some(window) = self.windows.next() {
            self.next = Some(Reading(tokio::spawn(read(session, window, self.want)?)));
        }
        Ok(())
    }
}

fn read(session: &Session, window: UidSet, want: Want) -> Result<impl Future<Output = Rows> + use<>, ImapError> {
    let (context, access) = (session.context.clone(), session.here::<Read>(Rights::READ)?);
    let mailbox = session.selected.as_ref().ok_or(ImapError::Bye("No mailbox selected"))?.id;
    Ok(async move { context.store.messages(&access, mailbox, &window, want).await })
}
