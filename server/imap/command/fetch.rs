//! FETCH (RFC 3501 6.4.5), in the selected state. Messages are asked for in windows and sent in batches, so
//! that an answer of any size needs little memory; bytes stream past in chunks.

use message::Summary;
use store::{FlagChange, FlagMode, FlagRow, MessageRow, Want};
use types::{Flags, SystemFlags, UidSet};

use super::sync::{resolve, selected, windows};
use crate::ImapError;
use crate::answer::Answer;
use crate::mail::{CHUNK, Piece, Reader, needs_summary, partial, total};
use crate::session::Session;
use crate::wire::fetch::{Bytes, Item};
use crate::wire::sequence::SequenceSet;
use crate::wire::{date, structure, write};

/// Messages asked of the store at once, with their summaries.
const WINDOW: u32 = 200;
/// Flag rows asked of the store at once.
const FLAG_WINDOW: u32 = 5_000;

/// What a FETCH needs of each message.
struct Plan {
    items: Vec<Item>,
    /// Only flags and UIDs: the rows of messages are not touched.
    only_flags: bool,
    summary: bool,
    /// `\Seen` is set.
    sees: bool,
}

impl Plan {
    fn new(uid: bool, asked: &[Item], read_only: bool) -> Self {
        let mut items = Vec::with_capacity(asked.len() + 1);
        if uid && !asked.contains(&Item::Uid) {
            items.push(Item::Uid);
        }
        items.extend(asked.iter().cloned());
        let summary = |item: &Item| match item {
            Item::Envelope | Item::Body | Item::BodyStructure => true,
            Item::Bytes(bytes) => needs_summary(&bytes.section),
            _ => false,
        };
        Self {
            only_flags: items.iter().all(|item| matches!(item, Item::Flags | Item::Uid)),
            summary: items.iter().any(summary),
            sees: !read_only && items.iter().any(|item| matches!(item, Item::Bytes(bytes) if !bytes.peek)),
            items,
        }
    }
}

/// Sends what is asked for.
pub(super) async fn run(
    session: &mut Session,
    uid: bool,
    set: &SequenceSet,
    items: &[Item],
) -> Result<Answer, ImapError> {
    let selected = selected(session)?;
    let uids = resolve(selected, uid, set)?;
    let plan = Plan::new(uid, items, selected.read_only);
    let mut sent = 0;
    let mut failed = None;
    for window in windows(&uids, if plan.only_flags { FLAG_WINDOW } else { WINDOW }) {
        session.go_on()?;
        if plan.only_flags {
            sent += send_flags(session, &plan, &window).await?;
        } else {
            sent += send_window(session, &plan, &window, &mut failed).await?;
        }
    }
    match failed {
        Some(error) => Err(error),
        None if sent < uids.len() && !uid => Ok(Answer::no("EXPUNGEISSUED", "Some of the messages no longer exist")),
        None => Ok(Answer::ok("FETCH completed.")),
    }
}

async fn send_flags(session: &mut Session, plan: &Plan, window: &UidSet) -> Result<usize, ImapError> {
    let (access, id) = (session.reading()?, selected(session)?.id);
    let rows = session.context.store.flags(&access, id, window).await?;
    let Session { selected: Some(selected), link, .. } = session else { return Ok(0) };
    selected.announce(rows.iter().map(|row| &row.flags), link.out());
    for row in &rows {
        let Some(number) = selected.number(row.uid) else { continue };
        let out = link.out();
        out.extend_from_slice(format!("* {number} FETCH (").as_bytes());
        for (i, item) in plan.items.iter().enumerate() {
            if i > 0 {
                out.push(b' ');
            }
            match item {
                Item::Uid => out.extend_from_slice(format!("UID {}", row.uid).as_bytes()),
                _ => {
                    out.extend_from_slice(b"FLAGS ");
                    write::flags(out, &row.flags, selected.recent.contains(row.uid));
                }
            }
        }
        out.extend_from_slice(b")\r\n");
        selected.told(row.uid, row.modseq);
        link.flush_batch().await?;
    }
    Ok(rows.len())
}

/// Sends a window. A message that cannot be read (damage) is left out, the others are sent; the first such
/// failure is the command's answer.
async fn send_window(
    session: &mut Session,
    plan: &Plan,
    window: &UidSet,
    failed: &mut Option<ImapError>,
) -> Result<usize, ImapError> {
    let context = session.context.clone();
    let (access, id) = (session.reading()?, selected(session)?.id);
    let rows = context.store.messages(&access, id, window, Want { summary: plan.summary }).await?;
    let seen = if plan.sees { mark_seen(session, &rows).await? } else { Vec::new() };
    let reader = Reader::new(&context, access);
    for row in &rows {
        let newer = seen.binary_search_by_key(&row.uid, |flags| flags.uid).ok().and_then(|at| seen.get(at));
        let (start, batches) = (session.link.out().len(), session.link.sent());
        if let Err(error) = send_message(session, &reader, plan, row, newer).await {
            if session.link.sent() != batches {
                // Half an answer is out: nothing but the end of the connection can follow it.
                let _ = error.consequence();
                return Err(ImapError::Closed);
            }
            session.link.out().truncate(start);
            failed.get_or_insert(error);
        }
        session.link.flush_batch().await?;
    }
    Ok(rows.len())
}

/// Sets `\Seen` where it is missing; the rows that changed, by UID.
async fn mark_seen(session: &mut Session, rows: &[MessageRow]) -> Result<Vec<FlagRow>, ImapError> {
    let unseen = |row: &&MessageRow| !row.flags.system.contains(SystemFlags::SEEN);
    let uids: UidSet = rows.iter().filter(unseen).map(|row| row.uid).collect();
    if uids.is_empty() {
        return Ok(Vec::new());
    }
    let (access, id) = (session.writing()?, selected(session)?.id);
    let flags = Flags::system(SystemFlags::SEEN);
    let change = FlagChange { mode: FlagMode::Add, flags, unchanged_since: None };
    let (mut changed, _) = session.context.store.store_flags(&access, id, &uids, change).await?;
    changed.sort_unstable_by_key(|row| row.uid);
    let selected = selected(session)?;
    for row in &changed {
        selected.told(row.uid, row.modseq);
    }
    Ok(changed)
}

async fn send_message(
    session: &mut Session,
    reader: &Reader<'_>,
    plan: &Plan,
    row: &MessageRow,
    newer: Option<&FlagRow>,
) -> Result<(), ImapError> {
    let summary = if plan.summary { Some(reader.summary(row).await?) } else { None };
    let Session { selected: Some(selected), link, .. } = &mut *session else { return Ok(()) };
    let Some(number) = selected.number(row.uid) else { return Ok(()) };
    let flags = newer.map_or(&row.flags, |newer| &newer.flags);
    let recent = selected.recent.contains(row.uid);
    selected.announce(std::iter::once(flags), link.out());
    link.out().extend_from_slice(format!("* {number} FETCH (").as_bytes());
    // Flags that this FETCH has changed are told before the bytes that changed them.
    let mut untold = newer.is_some() && !plan.items.contains(&Item::Flags);
    for (i, item) in plan.items.iter().enumerate() {
        if i > 0 {
            session.link.out().push(b' ');
        }
        match item {
            Item::Flags => write_flags(session.link.out(), flags, recent),
            Item::Bytes(bytes) => {
                if std::mem::take(&mut untold) {
                    write_flags(session.link.out(), flags, recent);
                    session.link.out().push(b' ');
                }
                send_bytes(session, reader, row, summary.as_ref(), bytes).await?;
            }
            item => write_item(session.link.out(), item, row, summary.as_ref()),
        }
    }
    session.link.out().extend_from_slice(b")\r\n");
    Ok(())
}

fn write_flags(out: &mut Vec<u8>, flags: &Flags, recent: bool) {
    out.extend_from_slice(b"FLAGS ");
    write::flags(out, flags, recent);
}

/// Items that need no reading.
fn write_item(out: &mut Vec<u8>, item: &Item, row: &MessageRow, summary: Option<&Summary>) {
    match (item, summary) {
        (Item::Uid, _) => out.extend_from_slice(format!("UID {}", row.uid).as_bytes()),
        (Item::InternalDate, _) => {
            out.extend_from_slice(format!("INTERNALDATE {}", date::date_time(row.internal_date)).as_bytes());
        }
        (Item::Size, _) => out.extend_from_slice(format!("RFC822.SIZE {}", row.size()).as_bytes()),
        (Item::Envelope, Some(summary)) => {
            out.extend_from_slice(b"ENVELOPE ");
            structure::envelope(out, &summary.header, !row.cuts.is_empty());
        }
        (Item::Body, Some(summary)) => {
            out.extend_from_slice(b"BODY ");
            structure::body(out, &summary.root, false);
        }
        (Item::BodyStructure, Some(summary)) => {
            out.extend_from_slice(b"BODYSTRUCTURE ");
            structure::body(out, &summary.root, true);
        }
        _ => {}
    }
}

/// Sends a section as a literal. Its first chunk is read before its size is told, so that damage there can
/// still be answered; what is larger streams.
async fn send_bytes(
    session: &mut Session,
    reader: &Reader<'_>,
    row: &MessageRow,
    summary: Option<&Summary>,
    bytes: &Bytes,
) -> Result<(), ImapError> {
    let pieces = reader.section(row, summary, &bytes.section).await?;
    bytes.write_name(session.link.out());
    let Some(pieces) = pieces else {
        // Nothing of that number: the RFC leaves the answer open, Dovecot sends no bytes.
        session.link.out().extend_from_slice(b" {0}\r\n");
        return Ok(());
    };
    let pieces = match bytes.partial {
        Some((offset, count)) => partial(pieces, offset, count),
        None => pieces,
    };
    let size = total(&pieces);
    let mut at = 0;
    let mut chunk = reader.bytes(row, &partial(pieces.clone(), 0, CHUNK)).await?;
    session.link.out().push(b' ');
    write::literal_size(session.link.out(), size);
    loop {
        write::sendable(session.link.out(), &chunk);
        at += chunk.len() as u64;
        if at >= size {
            return Ok(());
        }
        session.link.flush_batch().await?;
        session.go_on()?;
        chunk = next_chunk(reader, row, &pieces, at).await?;
    }
}

async fn next_chunk(reader: &Reader<'_>, row: &MessageRow, pieces: &[Piece], at: u64) -> Result<Vec<u8>, ImapError> {
    reader.bytes(row, &partial(pieces.to_vec(), at, CHUNK)).await
}
