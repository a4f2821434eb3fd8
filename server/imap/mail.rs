//! One mail as its reader sees it: trace headers of the copy, then the record without what is cut out of it
//! (DESIGN.md section 5). Says which bytes a section is, and reads them.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use message::{Parsed, Section, Summary, What, header_fields, resolve};
use net::BytePermit;
use store::{Access, InMailbox, MessageRow, Read, StoreError};

use crate::{Context, ImapError};

/// So many bytes of a mail are read at once.
pub(crate) const CHUNK: u64 = 256 * 1024;
/// So long a reader waits for memory.
const PATIENCE: Duration = Duration::from_secs(10);

/// What an answer with bytes consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Bytes that are here.
    Here(Vec<u8>),
    /// A range of the record.
    Record(Range<u64>),
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Self::Here(bytes) => bytes.len() as u64,
            Self::Record(range) => range.end - range.start,
        }
    }
}

/// The bytes of `range` of the record that are not cut.
fn uncut(row: &MessageRow, range: Range<u64>) -> Vec<Piece> {
    row.shown(range).into_iter().map(Piece::Record).collect()
}

/// The length of all pieces.
pub(crate) fn total(pieces: &[Piece]) -> u64 {
    pieces.iter().map(Piece::len).sum()
}

/// At most `count` bytes from `offset` on (RFC 3501 6.4.5, partial FETCH).
pub(crate) fn partial(pieces: &[Piece], offset: u64, count: u64) -> Vec<Piece> {
    let (mut skip, mut left, mut out) = (offset, count, Vec::new());
    for piece in pieces {
        let length = piece.len();
        let from = skip.min(length);
        let take = left.min(length - from);
        skip -= from;
        left -= take;
        if take == 0 {
            continue;
        }
        out.push(match piece {
            Piece::Record(range) => Piece::Record(range.start + from..range.start + from + take),
            Piece::Here(bytes) => {
                let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
                Piece::Here(bytes.get(place(from)..place(from + take)).unwrap_or_default().to_vec())
            }
        });
    }
    out
}

/// Memory for `bytes`, or the answer that there is none.
pub(crate) async fn permit(context: &Context, bytes: u64) -> Result<BytePermit, ImapError> {
    context.memory.take(bytes, PATIENCE).await.ok_or(ImapError::Memory)
}

/// What was read of a record, when it is as long as it must be: the literal's size was or will be announced by the row,
/// and fewer bytes would break the protocol.
fn whole(row: &MessageRow, wanted: u64, bytes: Bytes) -> Result<Bytes, ImapError> {
    if bytes.len() as u64 == wanted {
        return Ok(bytes);
    }
    Err(StoreError::Damaged(format!("record {} is shorter than its row says", row.record)).into())
}

/// A reader of one mailbox's mails.
pub(crate) struct Reader<'c> {
    context: &'c Context,
    access: Access<InMailbox, Read>,
}

impl<'c> Reader<'c> {
    pub(crate) fn new(context: &'c Context, access: Access<InMailbox, Read>) -> Self {
        Self { context, access }
    }

    /// What the store keeps of the mail, made anew from its bytes where that is missing or of another version.
    pub(crate) async fn summary(&self, row: &MessageRow) -> Result<Summary, ImapError> {
        if let Some(Ok(summary)) = row.summary.as_deref().map(Summary::from_bytes) {
            return Ok(summary);
        }
        let (_permit, bytes) = self.record(row).await?;
        Ok(Parsed::parse(&bytes, &self.context.limits).summary())
    }

    /// Memory for `bytes`, or the answer that there is none.
    pub(crate) async fn permit(&self, bytes: u64) -> Result<BytePermit, ImapError> {
        permit(self.context, bytes).await
    }

    /// A range of the record.
    pub(crate) async fn range(&self, row: &MessageRow, range: Range<u64>) -> Result<Bytes, ImapError> {
        let wanted = range.end - range.start;
        whole(row, wanted, self.context.store.read(&self.access, row, range).await?)
    }

    /// The whole record, with the permit for its memory.
    pub(crate) async fn record(&self, row: &MessageRow) -> Result<(BytePermit, Bytes), ImapError> {
        let permit = self.permit(row.record_size).await?;
        let bytes = self.range(row, 0..row.record_size).await?;
        Ok((permit, bytes))
    }

    /// The whole records of many mails, in their order, for which memory is lent already.
    pub(crate) async fn records(&self, rows: &[&MessageRow]) -> Result<Vec<Bytes>, ImapError> {
        let read = self.context.store.read_many(&self.access, rows).await?;
        rows.iter().zip(read).map(|(row, bytes)| whole(row, row.record_size, bytes)).collect()
    }

    /// Pieces as bytes; one range alone is not copied.
    pub(crate) async fn bytes(&self, row: &MessageRow, pieces: &[Piece]) -> Result<Bytes, ImapError> {
        if let [Piece::Record(range)] = pieces {
            return self.range(row, range.clone()).await;
        }
        let mut out = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Here(bytes) => out.extend_from_slice(bytes),
                Piece::Record(range) => out.extend_from_slice(&self.range(row, range.clone()).await?),
            }
        }
        Ok(out.into())
    }

    /// The next bytes of pieces from `at` on: a chunk, or what is left.
    pub(crate) async fn chunk(&self, row: &MessageRow, pieces: &[Piece], at: u64) -> Result<Bytes, ImapError> {
        self.bytes(row, &partial(pieces, at, CHUNK)).await
    }

    /// A header as far as it is read, as everywhere: up to the last line that ends within `limits.header_bytes`.
    async fn header(&self, row: &MessageRow, pieces: &[Piece]) -> Result<Bytes, ImapError> {
        let most = self.context.limits.header_bytes as u64;
        if total(pieces) <= most {
            return self.bytes(row, pieces).await;
        }
        let block = self.bytes(row, &partial(pieces, 0, most)).await?;
        let end = memchr::memrchr(b'\n', &block).map_or(0, |at| at + 1);
        Ok([block.get(..end).unwrap_or_default(), b"\r\n"].concat().into())
    }

    /// The pieces of a section; `None` where the mail has no such part. `summary` is needed for all but the
    /// whole mail.
    pub(crate) async fn section(
        &self,
        row: &MessageRow,
        summary: Option<&Summary>,
        section: &Section,
    ) -> Result<Option<Vec<Piece>>, ImapError> {
        let whole = section.path.is_empty() && section.what == What::All;
        let range = match summary {
            _ if whole => Some(0..row.record_size),
            Some(summary) => resolve(summary, section).map(|range| range.start as u64..range.end as u64),
            None => None,
        };
        let Some(range) = range else { return Ok(None) };
        let range = range.start.min(row.record_size)..range.end.min(row.record_size);
        let mut pieces = Vec::new();
        if section.begins_with_the_mail() && !row.prefix.is_empty() {
            pieces.push(Piece::Here(row.prefix.clone()));
        }
        pieces.extend(uncut(row, range));
        if let What::HeaderFields { names, not } = &section.what {
            let block = self.header(row, &pieces).await?;
            pieces = vec![Piece::Here(header_fields(&block, names, *not))];
        }
        Ok(Some(pieces))
    }
}

/// Whether a section can be told without the summary.
pub(crate) fn needs_summary(section: &Section) -> bool {
    !section.path.is_empty() || section.what != What::All
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use types::{Flags, ModSeq, RecordId, Timestamp, Uid};

    use super::*;

    fn row(prefix: &[u8], size: u64, cuts: Vec<Range<u64>>) -> MessageRow {
        MessageRow {
            uid: Uid(1),
            modseq: ModSeq(1),
            flags: Flags::default(),
            internal_date: Timestamp(0),
            saved: None,
            record: RecordId(1),
            record_size: size,
            prefix: prefix.to_vec(),
            cuts,
            sensitive: false,
            summary: None,
        }
    }

    #[test]
    fn what_is_cut_is_not_shown() {
        let row = row(b"", 100, vec![10..20, 20..25, 90..100]);
        assert_eq!(uncut(&row, 0..100), [Piece::Record(0..10), Piece::Record(25..90)]);
        assert_eq!(uncut(&row, 12..30), [Piece::Record(25..30)]);
        assert_eq!(uncut(&row, 30..30), []);
    }

    proptest! {
        #[test]
        fn a_partial_is_a_slice_of_the_whole(
            lengths in proptest::collection::vec((any::<bool>(), 0u64..9), 0..6), offset in 0u64..40, count in 1u64..40,
        ) {
            // The record's byte at i is i; bytes that are here are taken from the same row of numbers.
            let (mut at, mut pieces, mut whole) = (0u64, Vec::new(), Vec::new());
            for (here, length) in lengths {
                whole.extend((at..at + length).map(|i| i as u8));
                pieces.push(if here { Piece::Here((at..at + length).map(|i| i as u8).collect()) } else { Piece::Record(at..at + length) });
                at += length;
            }
            let want: Vec<u8> = whole.iter().copied().skip(offset as usize).take(count as usize).collect();
            let got = partial(&pieces, offset, count);
            prop_assert_eq!(total(&got), want.len() as u64);
            let bytes: Vec<u8> = got.iter().flat_map(|piece| match piece {
                Piece::Here(bytes) => bytes.clone(),
                Piece::Record(range) => range.clone().map(|i| i as u8).collect(),
            }).collect();
            prop_assert_eq!(bytes, want);
        }

        #[test]
        fn uncut_pieces_and_cuts_make_the_whole(cuts in proptest::collection::vec((0u64..60, 0u64..9), 0..5), start in 0u64..50, length in 0u64..30) {
            let cuts: Vec<Range<u64>> = cuts.into_iter().map(|(at, n)| at..at + n).collect();
            let pieces = uncut(&row(b"", 60, cuts.clone()), start..start + length);
            let shown: Vec<u64> = pieces.iter().flat_map(|piece| match piece { Piece::Record(r) => r.clone().collect(), Piece::Here(_) => vec![] }).collect();
            let want: Vec<u64> = (start..start + length).filter(|at| !cuts.iter().any(|cut| cut.contains(at))).collect();
            prop_assert_eq!(shown, want);
        }
    }
}
