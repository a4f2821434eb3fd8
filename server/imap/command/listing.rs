//! FETCH of what stands on the cards of messages, which is what lists are made of: no message is read, and where the cards
//! are in memory only flags are asked for.

use std::io::Write as _;

use store::{FlagRow, Rights};
use types::UidSet;

use super::deal::{Deal, Dealt};
use super::sync::selected;
use crate::ImapError;
use crate::cards::Card;
use crate::session::Session;
use crate::wire::fetch::Item;
use crate::wire::write;

/// Whether a list of these items can be sent from cards.
pub(super) fn suffices(items: &[Item]) -> bool {
    let on_card = |item: &Item| {
        matches!(
            item,
            Item::Uid
                | Item::Flags
                | Item::ModSeq
                | Item::InternalDate
                | Item::Size
                | Item::Envelope
                | Item::BodyStructure
        )
    };
    items.iter().all(on_card)
}

/// Sends the list; how many messages it told. A message that cannot be read (damage) is left out, and the first such
/// failure is put into `failed`.
pub(super) async fn send(
    session: &mut Session,
    items: &[Item],
    uids: &UidSet,
    failed: &mut Option<ImapError>,
) -> Result<usize, ImapError> {
    let (mut deal, mut told) = (Deal::new(uids), 0);
    while let Some(Dealt { cards, failed: one }) = deal.next(session).await? {
        if let Some(error) = one {
            failed.get_or_insert(error);
        }
        let (access, id) = (session.here(Rights::READ)?, selected(session)?.id);
        let there: UidSet = cards.iter().map(|(uid, _)| *uid).collect();
        let rows = session.context.store.flags(&access, id, &there).await?;
        let Session { selected: Some(selected), link, .. } = &mut *session else { return Ok(told) };
        selected.announce(rows.iter().map(|row| &row.flags), link.out());
        let mut cards = cards.iter().peekable();
        for row in &rows {
            while cards.next_if(|(uid, _)| *uid < row.uid).is_some() {}
            let Some((_, card)) = cards.next_if(|(uid, _)| *uid == row.uid) else { continue };
            let Some(number) = selected.number(row.uid) else { continue };
            let recent = selected.recent.contains(row.uid);
            message(link.out(), items, number, row, recent, card);
            if row.modseq > selected.modseq && items.contains(&Item::Flags) {
                selected.told(row.uid, row.modseq);
            }
            told += 1;
            link.flush_batch().await?;
        }
    }
    Ok(told)
}

fn message(out: &mut Vec<u8>, items: &[Item], number: u32, row: &FlagRow, recent: bool, card: &Card) {
    // writing to memory does not fail
    let _ = write!(out, "* {number} FETCH (");
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        match item {
            Item::Uid => drop(write!(out, "UID {}", row.uid)),
            Item::ModSeq => drop(write!(out, "MODSEQ ({})", row.modseq)),
            Item::InternalDate => {
                out.extend_from_slice(b"INTERNALDATE ");
                out.extend_from_slice(card.date());
            }
            Item::Size => drop(write!(out, "RFC822.SIZE {}", card.size)),
            Item::Envelope => {
                out.extend_from_slice(b"ENVELOPE ");
                out.extend_from_slice(card.envelope());
            }
            Item::BodyStructure => {
                out.extend_from_slice(b"BODYSTRUCTURE ");
                out.extend_from_slice(card.structure());
            }
            _ => {
                out.extend_from_slice(b"FLAGS ");
                write::flags(out, &row.flags, recent);
            }
        }
    }
    out.extend_from_slice(b")\r\n");
}
