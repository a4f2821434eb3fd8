//! Makes ready again after a start what lists of mailboxes are made of, for the mailboxes that were looked at before it: the
//! first list after a restart is as fast as any. Which ones these were stands in a file of numbers, without names and
//! contents; without it, or where it is wrong, they are made when they are asked for. Orders lie in a file of their own from a
//! stop to the next start.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use message::Summary;
use store::{Access, Manage, Server, StoreError};
use tokio::task::JoinSet;
use types::{MailboxId, Uid, UidSet, UserId};

use crate::Context;
use crate::at_rest::{self, AtRest};
use crate::cards::{Card, Lately};
use crate::command::sort::order_of;
use crate::command::sync::windows;
use crate::orders::of_those;
use crate::wire::sequence::write_set;
use crate::wire::sort::SortKey;

/// So often it is written down which mailboxes were looked at.
const EVERY: Duration = Duration::from_secs(60);
/// Messages asked of the store at once.
const ASKED: u32 = 500;
/// Windows that are made at once: while one is read, the one before it is opened, and the one before that is made into cards.
const AT_ONCE: usize = 3;
/// Messages of all mailboxes together that are made ready at most.
const MOST: usize = 200_000;
/// A longer file is not ours.
const LONGEST: u64 = 4 << 20;
/// Its first line.
const FORM: &str = "lists 1";

/// A mailbox that is to be made ready.
#[derive(Debug, PartialEq, Eq)]
struct List {
    of: Lately,
    /// The orders that were kept of it.
    orders: Vec<SortKey>,
}

/// Makes ready what `file` names, then writes down there every minute, and when `stopped` is ready, what is in memory.
pub async fn keep_ready(
    context: Arc<Context>,
    access: Access<Server, Manage>,
    file: &Path,
    stopped: impl Future<Output = ()>,
) {
    let mut last = read(file).unwrap_or_else(|error| {
        if error.kind() != io::ErrorKind::NotFound {
            tracing::warn!(%error, file = %file.display(), "which lists to make ready cannot be read");
        }
        String::new()
    });
    tokio::pin!(stopped);
    let (access, orders) = (Arc::new(access), file.with_extension("orders"));
    let making = make_ready(&context, &access, lists(&last), &orders);
    let mut ended = tokio::select! {
        biased;
        () = making => false,
        // what was to be made ready is so at the next start
        () = &mut stopped => true,
    };
    while !ended {
        ended = tokio::select! {
            () = tokio::time::sleep(EVERY) => false,
            () = &mut stopped => true,
        };
        let of = context.clone();
        let Ok(now) = crunched(move || written(&of)).await else {
            tracing::warn!("which lists to make ready is written down no more");
            return;
        };
        if now != last {
            match write(file, now.clone()).await {
                Ok(()) => last = now,
                Err(error) => {
                    tracing::warn!(%error, file = %file.display(), "which lists to make ready cannot be written");
                }
            }
        }
    }
    if let Err(error) = lay_to_rest(&context, &access, lists(&last), orders).await {
        tracing::warn!(%error, "orders of mailboxes are made anew at the next start");
    }
}

/// Writes down the orders of these mailboxes, without the messages that are gone.
async fn lay_to_rest(
    context: &Arc<Context>,
    access: &Access<Server, Manage>,
    lists: Vec<List>,
    file: PathBuf,
) -> Result<(), StoreError> {
    let mut orders = Vec::new();
    for Lately { owner, mailbox, .. } in lists.into_iter().map(|list| list.of) {
        let keys = context.orders.keys(mailbox);
        if keys.is_empty() {
            continue;
        }
        let uids = match context.store.mailbox_ahead(access, owner, mailbox).await {
            Ok(opened) => opened.uids,
            // its owner has deleted it
            Err(StoreError::NotFound(_)) => continue,
            Err(error) => return Err(error),
        };
        for key in keys {
            let Some(places) = context.orders.get(mailbox, key) else { continue };
            orders.push(AtRest { mailbox, key, places: of_those(&places, |uid| uids.contains(uid)) });
        }
    }
    let written = crunched(move || at_rest::write(&file, &orders)).await?;
    written.map_err(|error| StoreError::Engine(format!("they cannot be written: {error}")))
}

/// Opens the mailboxes, and has again the orders that lay in `file`.
async fn wake(context: &Arc<Context>, access: &Access<Server, Manage>, lists: &[List], file: &Path) {
    let file = file.to_owned();
    let mut orders = match crunched(move || at_rest::take(&file)).await {
        Ok(Ok(orders)) => orders,
        Ok(Err(error)) => {
            tracing::warn!(%error, "orders of mailboxes cannot be read and are made anew");
            Vec::new()
        }
        Err(_) => Vec::new(),
    };
    for Lately { owner, mailbox, .. } in lists.iter().map(|list| &list.of) {
        // its owner may have deleted it
        let Ok(opened) = context.store.mailbox_ahead(access, *owner, *mailbox).await else { continue };
        let next = opened.mailbox.state.uid_next;
        for order in orders.extract_if(.., |order| order.mailbox == *mailbox) {
            // a store that is older than the file would give these UIDs to other messages
            if order.places.iter().all(|place| place.uid < next) {
                context.orders.put(order.mailbox, order.key, order.places);
            }
        }
    }
}

async fn make_ready(context: &Arc<Context>, access: &Arc<Access<Server, Manage>>, lists: Vec<List>, orders: &Path) {
    let (begun, mut count) = (std::time::Instant::now(), 0);
    if lists.is_empty() {
        return;
    }
    wake(context, access, &lists, orders).await;
    for list in lists {
        if count >= MOST {
            break;
        }
        match make_one(context, access, &list).await {
            Ok(made) => count += made,
            Err(StoreError::NotFound(_)) => {}
            Err(error) => {
                tracing::warn!(%error, mailbox.id = list.of.mailbox.0, "a list was not made ready");
                break;
            }
        }
    }
    tracing::debug!(messages = count, duration_ms = begun.elapsed().as_millis(), "lists were made ready");
}

/// The cards of a list, and its orders; how many cards. The newest come first, as most people ask for them.
async fn make_one(
    context: &Arc<Context>,
    access: &Arc<Access<Server, Manage>>,
    list: &List,
) -> Result<usize, StoreError> {
    let Lately { owner, mailbox, uids } = &list.of;
    let (mut all, mut making) = (Vec::with_capacity(uids.len()), JoinSet::new());
    let mut windows = windows(uids, ASKED).into_iter().rev();
    loop {
        while making.len() < AT_ONCE
            && let Some(window) = windows.next()
        {
            making.spawn(make_window(context.clone(), access.clone(), (*owner, *mailbox), window));
        }
        let Some(made) = making.join_next().await else { break };
        all.extend(made.map_err(|_| broken_off())??);
    }
    let count = all.len();
    let whole = |key: &SortKey| context.orders.get(*mailbox, *key).is_some_and(|places| places.len() == count);
    let missing: Vec<SortKey> = list.orders.iter().copied().filter(|key| !whole(key)).collect();
    if missing.is_empty() {
        return Ok(count);
    }
    let sorted = crunched(move || {
        all.sort_unstable_by_key(|(uid, _)| *uid);
        Arc::new(all)
    });
    let (all, mut ordering) = (sorted.await?, JoinSet::new());
    // each is there as soon as it is made, and they are made side by side
    for key in missing {
        let (context, all, mailbox) = (context.clone(), all.clone(), *mailbox);
        ordering.spawn_blocking(move || context.orders.put(mailbox, key, order_of(&all, key)));
    }
    while let Some(made) = ordering.join_next().await {
        made.map_err(|_| broken_off())?;
    }
    Ok(count)
}

/// The cards of a window, which are in memory then.
async fn make_window(
    context: Arc<Context>,
    access: Arc<Access<Server, Manage>>,
    (owner, mailbox): (UserId, MailboxId),
    window: UidSet,
) -> Result<Vec<(Uid, Arc<Card>)>, StoreError> {
    let rows = context.store.messages_ahead(&access, owner, mailbox, &window).await?;
    let made = crunched(move || {
        let summary = |row: &store::MessageRow| Summary::from_bytes(row.summary.as_deref()?).ok();
        let card = |row: &store::MessageRow| Some((row.uid, Arc::new(Card::new(row, &summary(row)?))));
        rows.iter().filter_map(card).collect::<Vec<(Uid, Arc<Card>)>>()
    });
    let made = made.await?;
    context.cards.put(owner, mailbox, &made);
    Ok(made)
}

/// Work for the processor, off the threads that serve sessions.
async fn crunched<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| broken_off())
}

fn broken_off() -> StoreError {
    StoreError::Engine("making a list ready broke off".into())
}

/// What is in memory, as the file tells it: owner, mailbox, UIDs and orders of each mailbox, the one that was used last first.
fn written(context: &Context) -> String {
    let mut text = FORM.to_owned();
    for Lately { owner, mailbox, uids } in context.cards.lately(MOST) {
        let mut set = Vec::new();
        write_set(&mut set, &uids);
        let orders: Vec<&str> = context.orders.keys(mailbox).into_iter().map(SortKey::name).collect();
        let (set, orders) = (String::from_utf8_lossy(&set).into_owned(), orders.join(","));
        text.push_str(&format!("\n{} {} {set} {orders}", owner.0, mailbox.0));
    }
    text.push('\n');
    text
}

/// The lists that a file names; what does not read as one is none.
fn lists(text: &str) -> Vec<List> {
    let mut lines = text.lines();
    if lines.next() != Some(FORM) {
        return Vec::new();
    }
    lines.filter_map(list).collect()
}

fn list(line: &str) -> Option<List> {
    let mut words = line.split(' ');
    let (owner, mailbox) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let mut uids = UidSet::new();
    for run in words.next()?.split(',') {
        let (first, last) = run.split_once(':').unwrap_or((run, run));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        if first == 0 || first > last || (last - first) as usize >= MOST {
            return None;
        }
        uids.insert_run(first, last);
    }
    let orders = words.next()?.split(',').filter_map(SortKey::named).collect();
    Some(List { of: Lately { owner: UserId(owner), mailbox: MailboxId(mailbox), uids }, orders })
}

fn read(file: &Path) -> io::Result<String> {
    if std::fs::metadata(file)?.len() > LONGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    std::fs::read_to_string(file)
}

/// Writes the file whole or not at all. What it says is worth no flush.
async fn write(file: &Path, text: String) -> io::Result<()> {
    let draft = file.with_extension("new");
    tokio::fs::write(&draft, text).await?;
    tokio::fs::rename(&draft, file).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_back_and_what_is_wrong_in_it_is_left_out() {
        let file = "lists 1\n3 17 1:200,205 DATE,SUBJECT\n3 18 7 \n";
        let read = lists(file);
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].of.owner, read[0].of.mailbox, read[0].of.uids.len()), (UserId(3), MailboxId(17), 201));
        assert_eq!(read[0].orders, [SortKey::Date, SortKey::Subject]);
        assert!(read[1].orders.is_empty() && read[1].of.uids.contains(Uid(7)));
        for wrong in
            ["", "lists 2\n3 17 1 ", "lists 1\nx 17 1 ", "lists 1\n3 17 0:4 ", "lists 1\n3 17 9:4 ", "lists 1\n3 17 ,"]
        {
            assert_eq!(lists(wrong), [], "{wrong:?}");
        }
        assert_eq!(lists("lists 1\n1 1 1:4294967295 "), [], "more than is ever made ready");
    }
}
