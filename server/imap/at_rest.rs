//! Orders of mailboxes from a stop to the next start, in a file: UIDs, and which messages are equal to the one before, without
//! names and contents. It is there only while the server is down: who reads it takes it away, and after a crash orders are
//! made anew. What does not read as a whole is none.

use std::io;
use std::path::Path;

use flate2::Crc;
use types::{MailboxId, Uid};

use crate::orders::Place;
use crate::wire::sort::SortKey;

/// Its first line; another number once messages are compared by something else.
const FORM: &[u8] = b"orders 1\n";
/// A longer file is not ours.
const LONGEST: u64 = 32 << 20;

/// The order of a mailbox.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AtRest {
    pub(crate) mailbox: MailboxId,
    pub(crate) key: SortKey,
    pub(crate) places: Vec<Place>,
}

/// Writes the file whole or not at all. What it says is worth no flush.
pub(crate) fn write(file: &Path, orders: &[AtRest]) -> io::Result<()> {
    let draft = file.with_extension("new");
    std::fs::write(&draft, written(orders))?;
    std::fs::rename(&draft, file)
}

/// Reads the file and takes it away; no orders where there is none.
pub(crate) fn take(file: &Path) -> io::Result<Vec<AtRest>> {
    let bytes = match std::fs::metadata(file) {
        Ok(facts) if facts.len() > LONGEST => Vec::new(),
        Ok(_) => std::fs::read(file)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    std::fs::remove_file(file)?;
    Ok(read(&bytes).unwrap_or_default())
}

/// `mailbox KEY count`, then the UIDs, four bytes each, then a bit for each; a checksum at the end.
fn written(orders: &[AtRest]) -> Vec<u8> {
    let mut out = FORM.to_vec();
    for AtRest { mailbox, key, places } in orders {
        out.extend_from_slice(format!("{} {} {}\n", mailbox.0, key.name(), places.len()).as_bytes());
        out.extend(places.iter().flat_map(|place| place.uid.0.to_le_bytes()));
        let bits = |eight: &[Place]| eight.iter().rev().fold(0, |bits, place| bits << 1 | u8::from(place.same));
        out.extend(places.chunks(8).map(bits));
    }
    let sum = sum(&out);
    out.extend_from_slice(&sum.to_le_bytes());
    out
}

fn read(bytes: &[u8]) -> Option<Vec<AtRest>> {
    let (bytes, told) = bytes.split_last_chunk()?;
    if sum(bytes) != u32::from_le_bytes(*told) {
        return None;
    }
    let (mut rest, mut orders) = (bytes.strip_prefix(FORM)?, Vec::new());
    while !rest.is_empty() {
        let (order, more) = order(rest)?;
        orders.push(order);
        rest = more;
    }
    Some(orders)
}

fn order(bytes: &[u8]) -> Option<(AtRest, &[u8])> {
    let end = memchr::memchr(b'\n', bytes)?;
    let mut words = std::str::from_utf8(bytes.get(..end)?).ok()?.split(' ');
    let (mailbox, key) = (words.next()?.parse().ok()?, SortKey::named(words.next()?)?);
    let count: usize = words.next()?.parse().ok()?;
    let (uids, rest) = bytes.get(end + 1..)?.split_at_checked(count.checked_mul(4)?)?;
    let (bits, rest) = rest.split_at_checked(count.div_ceil(8))?;
    let (uids, _) = uids.as_chunks();
    let same = bits.iter().flat_map(|bits| (0..8).map(move |at| bits >> at & 1 == 1));
    let places = uids.iter().zip(same).map(|(uid, same)| Place { uid: Uid(u32::from_le_bytes(*uid)), same }).collect();
    Some((AtRest { mailbox: MailboxId(mailbox), key, places }, rest))
}

fn sum(bytes: &[u8]) -> u32 {
    let mut sum = Crc::new();
    sum.update(bytes);
    sum.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vec<AtRest> {
        let places = |count: u32| (1..=count).rev().map(|uid| Place { uid: Uid(uid), same: uid % 3 == 0 }).collect();
        [(7, SortKey::Date, 0), (8, SortKey::Subject, 19), (8, SortKey::DisplayFrom, 8)]
            .into_iter()
            .map(|(mailbox, key, count)| AtRest { mailbox: MailboxId(mailbox), key, places: places(count) })
            .collect()
    }

    #[test]
    fn orders_read_back_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("lists.orders");
        assert_eq!(take(&file).unwrap(), []);
        write(&file, &some()).unwrap();
        assert_eq!(take(&file).unwrap(), some());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "who reads it takes it away");
    }

    #[test]
    fn what_is_cut_changed_or_of_another_form_is_none() {
        let whole = written(&some());
        assert_eq!(read(&whole), Some(some()));
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]), None, "cut at {end}");
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert_eq!(read(&changed), None, "changed at {at}");
        }
        let sealed = |text: &[u8]| [text, &sum(text).to_le_bytes()].concat();
        for other in [
            "orders 2\n",
            "orders 1\n7 DATE 4294967295\n",
            "orders 1\n7 DATE 18446744073709551615\n",
            "orders 1\n7 NEVER 0\n",
        ] {
            assert_eq!(read(&sealed(other.as_bytes())), None, "{other}");
        }
    }
}
