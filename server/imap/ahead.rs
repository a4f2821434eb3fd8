//! Rows of many messages, window by window: while one is used, the next is read on another thread.

use std::borrow::Cow;
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
const FIRST: u32 = 16;

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
    /// At most `size` messages a window.
    pub(crate) fn new(uids: &UidSet, size: u32, want: Want) -> Self {
        Self { windows: growing(uids, size).into_iter(), want, next: None }
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

/// Windows, each twice as large as the one before until they have `size` messages: what is read never takes much longer than what goes out.
fn growing(uids: &UidSet, size: u32) -> Vec<UidSet> {
    let (mut all, mut rest, mut room) = (Vec::new(), Cow::Borrowed(uids), FIRST);
    while room < size && rest.len() > room as usize {
        let next: UidSet = rest.iter().take(room as usize).collect();
        rest = Cow::Owned(rest.without(&next));
        all.push(next);
        room *= 2;
    }
    all.extend(windows(&rest, size));
    all
}

fn read(session: &Session, window: UidSet, want: Want) -> Result<impl Future<Output = Rows> + use<>, ImapError> {
    let (context, access) = (session.context.clone(), session.here::<Read>(Rights::READ)?);
    let mailbox = session.selected.as_ref().ok_or(ImapError::Bye("No mailbox selected"))?.id;
    Ok(async move { context.store.messages(&access, mailbox, &window, want).await })
}

#[cfg(test)]
mod tests {
    use types::Uid;

    use super::*;

    #[test]
    fn windows_grow_to_their_size_and_hold_every_message_once() {
        let uids = |numbers: std::ops::RangeInclusive<u32>| numbers.map(|n| Uid(3 * n)).collect::<UidSet>();
        let sizes = |uids: &UidSet, size| growing(uids, size).iter().map(UidSet::len).collect::<Vec<_>>();
        assert!(growing(&UidSet::new(), 200).is_empty());
        assert_eq!((sizes(&uids(1..=16), 200), sizes(&uids(1..=17), 200)), (vec![16], vec![16, 1]));
        assert_eq!(sizes(&uids(1..=700), 200), [16, 32, 64, 128, 200, 200, 60]);
        assert_eq!(sizes(&uids(1..=40), 10), [10; 4]);
        let all = growing(&uids(1..=700), 200);
        let back: Vec<Uid> = all.iter().flat_map(|window| window.iter().collect::<Vec<_>>()).collect();
        assert_eq!(back, uids(1..=700).iter().collect::<Vec<_>>());
    }
}
