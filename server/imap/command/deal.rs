//! Deals the cards of a set of messages, window by window: those in memory, and the others made of what the store keeps.

use std::sync::Arc;
use std::vec::IntoIter;

use store::{Read, Rights, Want};
use types::{Uid, UidSet};

use super::sync::{selected, windows};
use crate::ImapError;
use crate::ahead::Ahead;
use crate::cards::Card;
use crate::mail::Reader;
use crate::session::Session;

/// Messages whose cards are held at once.
const WINDOW: u32 = 1_000;
/// Messages asked of the store at once, with their summaries.
const ASKED: u32 = 200;

/// The cards of a set that are still to be dealt.
pub(super) struct Deal {
    windows: IntoIter<UidSet>,
}

/// The cards of a window, ascending by UID; messages that are gone have none.
pub(super) struct Dealt {
    pub(super) cards: Vec<(Uid, Arc<Card>)>,
    /// Why a message that is there has none: the first such failure (damage).
    pub(super) failed: Option<ImapError>,
}

impl Deal {
    pub(super) fn new(uids: &UidSet) -> Self {
        Self { windows: windows(uids, WINDOW).into_iter() }
    }

    /// The next window; `None` after the last. The right to read is judged anew for each.
    pub(super) async fn next(&mut self, session: &mut Session) -> Result<Option<Dealt>, ImapError> {
        session.go_on()?;
        session.here::<Read>(Rights::READ)?;
        let Some(window) = self.windows.next() else { return Ok(None) };
        let (context, id, owner) = (session.context.clone(), selected(session)?.id, selected(session)?.owner);
        let (cards, missing) = context.cards.get(id, &window);
        let mut dealt = Dealt { cards, failed: None };
        if missing.is_empty() {
            return Ok(Some(dealt));
        }
        let mut ahead = Ahead::new(&missing, ASKED, Want { summary: true });
        while let Some(rows) = ahead.next(session).await? {
            let reader = Reader::new(&context, session.here(Rights::READ)?);
            let mut made = Vec::with_capacity(rows.len());
            for row in &rows {
                match reader.summary(row).await {
                    Ok(summary) => made.push((row.uid, Arc::new(Card::new(row, &summary)))),
                    Err(error) => drop(dealt.failed.get_or_insert(error)),
                }
            }
            context.cards.put(owner, id, &made);
            dealt.cards.extend(made);
        }
        dealt.cards.sort_unstable_by_key(|(uid, _)| *uid);
        Ok(Some(dealt))
    }
}
