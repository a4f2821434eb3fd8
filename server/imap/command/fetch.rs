//! FETCH (RFC 3501 6.4.5; of what changed RFC 7162 3.1.4, of a part RFC 9394), in the selected state. Messages are asked for in windows and sent in batches, so
//! that an answer of any size needs little memory; bytes stream past in chunks.

use std::io::Write as _;

use auth::AuthError;
use message::{Summary, What};
use store::{FlagChange, FlagMode, FlagRow, MessageRow, Rights, StoreError, Want};
use types::{Flags, ModSeq, SystemFlags, UidSet};

use super::sync::{resolve, selected, windows};
use super::{binary, listing};
use crate::ImapError;
use crate::ahead::Ahead;
use crate::answer::Answer;
use crate::clean::Clean;
use crate::mail::{Reader, needs_summary, partial, total};
use crate::object_id;
use crate::selected::{gone_of, write_vanished};
use crate::session::Session;
use crate::wire::fetch::{Bytes, Item, Modifiers};
use crate::wire::partial::Partial;
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
    /// Parts without their encoding are among the items.
    decodes: bool,
}

impl Plan {
    fn new(uid: bool, asked: &[Item], modifiers: &Modifiers, read_only: bool) -> Self {
        let mut items = Vec::with_capacity(asked.len() + 1);
        if uid && !asked.contains(&Item::Uid) {
            items.push(Item::Uid);
        }
        // What is asked for twice is told once, as Dovecot does; bytes as often as they are asked for.
        let is_bytes = |item: &Item| matches!(item, Item::Bytes(_) | Item::Binary(_));
        for item in asked {
            if is_bytes(item) || !items.contains(item) {
                items.push(item.clone());
            }
        }
        if modifiers.changed_since.is_some() && !asked.contains(&Item::ModSeq) {
            items.push(Item::ModSeq);
        }
        let summary = |item: &Item| match item {
            Item::Envelope | Item::Body | Item::BodyStructure | Item::Preview | Item::ThreadId => true,
            Item::Bytes(bytes) => needs_summary(&bytes.section),
            Item::Binary(_) | Item::BinarySize(_) => true,
            _ => false,
        };
        let sees = |item: &Item| match item {
            Item::Bytes(bytes) => !bytes.peek,
            Item::Binary(binary) => !binary.peek,
            _ => false,
        };
        Self {
            only_flags: items.iter().all(|item| matches!(item, Item::Flags | Item::Uid | Item::ModSeq)),
            summary: items.iter().any(summary),
            decodes: items.iter().any(|item| matches!(item, Item::Binary(_) | Item::BinarySize(_))),
            sees: !read_only && items.iter().any(sees),
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
    modifiers: &Modifiers,
) -> Result<Answer, ImapError> {
    if modifiers.vanished && !session.enabled.qresync {
        return Ok(Answer::bad("QRESYNC is not enabled"));
    }
    if modifiers.changed_since.is_some() || items.contains(&Item::ModSeq) {
        session.enable_condstore();
    }
    let plan = Plan::new(uid, items, modifiers, !selected(session)?.marks_seen());
    let uids = wanted(session, uid, set, modifiers).await?;
    let mut sent = 0;
    let mut failed = None;
    if plan.only_flags {
        for window in windows(&uids, FLAG_WINDOW) {
            session.go_on()?;
            sent += send_flags(session, &plan, &window).await?;
        }
    } else if plan.summary && listing::suffices(&plan.items) {
        sent = listing::send(session, &plan.items, &uids, &mut failed).await?;
    } else {
        let mut ahead = Ahead::new(&uids, WINDOW, Want { summary: plan.summary });
        while let Some(rows) = ahead.next(session).await? {
            sent += rows.len();
            send_window(session, &plan, &rows, &mut failed).await?;
        }
    }
    match failed {
        Some(error) => Err(error),
        None if sent < uids.len() && !uid => Ok(Answer::no("EXPUNGEISSUED", "Some of the messages no longer exist")),
        None => Ok(Answer::ok("FETCH completed.")),
    }
}

/// Tells of messages that have come what NOTIFY asked for (RFC 5465 5.1). One that cannot be read is told of by its number
/// alone.
pub(super) async fn tell_new(session: &mut Session, uids: &UidSet, items: &[Item]) -> Result<(), ImapError> {
    let plan = Plan::new(true, items, &Modifiers::default(), !selected(session)?.marks_seen());
    let mut failed = None;
    let mut ahead = Ahead::new(uids, WINDOW, Want { summary: plan.summary });
    while let Some(rows) = ahead.next(session).await? {
        send_window(session, &plan, &rows, &mut failed).await?;
    }
    // What is our fault is logged by this.
    drop(failed.map(ImapError::consequence));
    Ok(())
}

/// The messages that are meant. With VANISHED, those that went are told here, before all others (RFC 7162 3.2.6).
async fn wanted(
    session: &mut Session,
    uid: bool,
    set: &SequenceSet,
    modifiers: &Modifiers,
) -> Result<UidSet, ImapError> {
    let chosen = selected(session)?;
    let (id, mut uids) = (chosen.id, resolve(chosen, uid, set)?);
    if let Some(since) = modifiers.changed_since {
        let (context, access) = (session.context.clone(), session.here(Rights::READ)?);
        let changes = context.store.changes_since(&access, id, since, false).await?;
        uids = uids.intersection(&changes.rows.iter().map(|row| row.uid).collect());
        if modifiers.vanished {
            let Session { selected: Some(selected), link, .. } = &mut *session else { return Ok(uids) };
            let asked = set.all_uids(&selected.view, &selected.saved);
            write_vanished(link.out(), true, &gone_of(&changes, &asked, &selected.view));
        }
    }
    Ok(match modifiers.partial {
        Some(partial) => part(&uids, partial),
        None => uids,
    })
}

fn part(uids: &UidSet, partial: Partial) -> UidSet {
    let places = partial.of(uids.len());
    let mut out = UidSet::new();
    let mut before = 0;
    for (first, last) in uids.runs() {
        let count = (last - first) as usize + 1;
        let (from, to) = (places.start.max(before), places.end.min(before + count));
        if from < to {
            let place = |at: usize| first + u32::try_from(at - before).unwrap_or(0);
            out.insert_run(place(from), place(to - 1));
        }
        before += count;
    }
    out
}

async fn send_flags(session: &mut Session, plan: &Plan, window: &UidSet) -> Result<usize, ImapError> {
    let (access, id) = (session.here(Rights::READ)?, selected(session)?.id);
    let rows = session.context.store.flags(&access, id, window).await?;
    let Session { selected: Some(selected), link, .. } = session else { return Ok(0) };
    selected.announce(rows.iter().map(|row| &row.flags), link.out());
    for row in &rows {
        let Some(number) = selected.number(row.uid) else { continue };
        let out = link.out();
        let _ = write!(out, "* {number} FETCH (");
        for (i, item) in plan.items.iter().enumerate() {
            if i > 0 {
                out.push(b' ');
            }
            match item {
                Item::Uid => drop(write!(out, "UID {}", row.uid)),
                Item::ModSeq => write_modseq(out, row.modseq),
                _ => {
                    out.extend_from_slice(b"FLAGS ");
                    write::flags(out, &row.flags, selected.recent.contains(row.uid));
                }
            }
        }
        out.extend_from_slice(b")\r\n");
        if row.modseq > selected.modseq {
            selected.told(row.uid, row.modseq);
        }
        link.flush_batch().await?;
    }
    Ok(rows.len())
}

/// Sends a window. A message that cannot be read (damage) is left out, the others are sent; the first such
/// failure is the command's answer.
async fn send_window(
    session: &mut Session,
    plan: &Plan,
    rows: &[MessageRow],
    failed: &mut Option<ImapError>,
) -> Result<(), ImapError> {
    let context = session.context.clone();
    let seen = if plan.sees { mark_seen(session, rows).await? } else { Vec::new() };
    let reader = Reader::new(&context, session.here(Rights::READ)?);
    for row in rows {
        let newer = seen.binary_search_by_key(&row.uid, |flags| flags.uid).ok().and_then(|at| seen.get(at));
        let (start, batches) = (session.link.mark(), session.link.sent());
        if let Err(error) = send_message(session, &reader, plan, row, newer).await {
            if session.link.sent() != batches {
                // Half an answer is out: nothing but the end of the connection can follow it.
                let _ = error.consequence();
                return Err(ImapError::Closed);
            }
            session.link.rewind(start);
            failed.get_or_insert(error);
        }
        session.link.flush_batch().await?;
    }
    Ok(())
}

/// Sets `\Seen` where it is missing; the rows that changed, by UID.
async fn mark_seen(session: &mut Session, rows: &[MessageRow]) -> Result<Vec<FlagRow>, ImapError> {
    let unseen = |row: &&MessageRow| !row.flags.system.contains(SystemFlags::SEEN);
    let uids: UidSet = rows.iter().filter(unseen).map(|row| row.uid).collect();
    if uids.is_empty() {
        return Ok(Vec::new());
    }
    let access = match session.here(Rights::SEEN) {
        // The right went since the mailbox was selected: it is read without a trace.
        Err(ImapError::Auth(AuthError::Store(StoreError::NotPermitted))) => return Ok(Vec::new()),
        access => access?,
    };
    let id = selected(session)?.id;
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
    if plan.decodes {
        binary::check(&plan.items, summary.as_ref())?;
    }
    let Session { selected: Some(selected), link, .. } = &mut *session else { return Ok(()) };
    let Some(number) = selected.number(row.uid) else { return Ok(()) };
    let flags = newer.map_or(&row.flags, |newer| &newer.flags);
    let recent = selected.recent.contains(row.uid);
    selected.announce(std::iter::once(flags), link.out());
    link.out().extend_from_slice(format!("* {number} FETCH (").as_bytes());
    // Flags that this FETCH has changed are told before the bytes that changed them.
    let mut untold = newer.is_some() && !plan.items.contains(&Item::Flags);
    let modseq = newer.map_or(row.modseq, |newer| newer.modseq);
    let also_modseq = newer.is_some() && selected.enabled.condstore && !plan.items.contains(&Item::ModSeq);
    for (i, item) in plan.items.iter().enumerate() {
        if i > 0 {
            if session.link.is_full() {
                session.link.flush().await?;
                session.go_on()?;
            }
            session.link.out().push(b' ');
        }
        match item {
            Item::Flags => write_flags(session.link.out(), flags, recent),
            Item::ModSeq => write_modseq(session.link.out(), modseq),
            Item::Bytes(bytes) => {
                if std::mem::take(&mut untold) {
                    write_flags(session.link.out(), flags, recent);
                    session.link.out().push(b' ');
                }
                send_bytes(session, reader, row, summary.as_ref(), bytes).await?;
            }
            Item::Binary(asked) => {
                if std::mem::take(&mut untold) {
                    write_flags(session.link.out(), flags, recent);
                    session.link.out().push(b' ');
                }
                binary::send(session, reader, row, summary.as_ref(), asked).await?;
            }
            Item::BinarySize(path) => binary::send_size(session, reader, row, summary.as_ref(), path).await?,
            item => write_item(session.link.out(), item, row, summary.as_ref()),
        }
    }
    if also_modseq {
        session.link.out().push(b' ');
        write_modseq(session.link.out(), modseq);
    }
    session.link.out().extend_from_slice(b")\r\n");
    Ok(())
}

fn write_flags(out: &mut Vec<u8>, flags: &Flags, recent: bool) {
    out.extend_from_slice(b"FLAGS ");
    write::flags(out, flags, recent);
}

/// `MODSEQ (n)` (RFC 7162 3.1.4.2)
fn write_modseq(out: &mut Vec<u8>, modseq: ModSeq) {
    out.extend_from_slice(format!("MODSEQ ({modseq})").as_bytes());
}

/// Items that need no reading.
fn write_item(out: &mut Vec<u8>, item: &Item, row: &MessageRow, summary: Option<&Summary>) {
    match (item, summary) {
        (Item::Uid, _) => out.extend_from_slice(format!("UID {}", row.uid).as_bytes()),
        (Item::InternalDate, _) => {
            out.extend_from_slice(format!("INTERNALDATE {}", date::date_time(row.internal_date)).as_bytes());
        }
        // RFC 8514 4.2: NIL where nobody knows.
        (Item::SaveDate, _) => {
            let saved = row.saved.map_or_else(|| "NIL".to_owned(), date::date_time);
            out.extend_from_slice(format!("SAVEDATE {saved}").as_bytes());
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
        (Item::Preview, Some(summary)) => {
            out.extend_from_slice(b"PREVIEW ");
            write::string(out, summary.preview.as_bytes());
        }
        (Item::EmailId, _) => out.extend_from_slice(format!("EMAILID ({})", object_id::email(row)).as_bytes()),
        (Item::ThreadId, Some(summary)) => {
            let id = object_id::thread(summary).map_or_else(|| "NIL".to_owned(), |id| format!("({id})"));
            out.extend_from_slice(format!("THREADID {id}").as_bytes());
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
        Some((offset, count)) => partial(&pieces, offset, count),
        None => pieces,
    };
    let size = total(&pieces);
    let mut at = 0;
    let mut chunk = reader.chunk(row, &pieces, 0).await?;
    let is_whole = bytes.partial.is_none()
        && bytes.section.path.is_empty()
        && matches!(bytes.section.what, What::All)
        && chunk.len() as u64 == size;
    session.link.out().push(b' ');
    write::literal_size(session.link.out(), size);
    loop {
        at += chunk.len() as u64;
        let sent = if is_whole { sendable(&session.context.clean, row, chunk) } else { write::sendable(chunk) };
        session.link.body(sent);
        if at >= size {
            return Ok(());
        }
        session.link.flush_batch().await?;
        session.go_on()?;
        chunk = reader.chunk(row, &pieces, at).await?;
    }
}

/// A whole mail as a literal may hold it. Of a mail that something was cut out of nothing is learnt.
fn sendable(clean: &Clean, row: &MessageRow, mail: bytes::Bytes) -> bytes::Bytes {
    let whole = row.cuts.is_empty();
    if whole && clean.knows(row.record) && memchr::memchr(0, &row.prefix).is_none() {
        return mail;
    }
    if memchr::memchr(0, &mail).is_some() {
        return write::sendable(mail);
    }
    if whole {
        clean.learn(row.record);
    }
    mail
}
