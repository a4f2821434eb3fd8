//! One mail as its reader sees it, in pieces: trace headers of the copy, then the record without what is cut out of it
//! (DESIGN.md section 5). Never more than one piece is in memory.

use std::ops::Range;

use bytes::Bytes;
use store::{Access, Account, MessageRow, Read, StoreError};

use crate::{Context, Pop3Error};

/// So many bytes of a record are read at once: one frame of it.
const CHUNK: u64 = 64 * 1024;

/// What of a mail has not been read yet.
pub(crate) struct Mail {
    row: MessageRow,
    prefix: Vec<u8>,
    ranges: std::vec::IntoIter<Range<u64>>,
    range: Range<u64>,
}

impl Mail {
    pub(crate) fn new(mut row: MessageRow) -> Self {
        let prefix = std::mem::take(&mut row.prefix);
        let ranges = row.shown(0..row.record_size).into_iter();
        Self { row, prefix, ranges, range: 0..0 }
    }

    /// The next piece; `None` after the last one.
    pub(crate) async fn next(
        &mut self,
        context: &Context,
        access: &Access<Account, Read>,
    ) -> Result<Option<Bytes>, Pop3Error> {
        if !self.prefix.is_empty() {
            return Ok(Some(std::mem::take(&mut self.prefix).into()));
        }
        while self.range.is_empty() {
            let Some(range) = self.ranges.next() else { return Ok(None) };
            self.range = range;
        }
        let start = self.range.start;
        // at the frames' own borders, so that each is opened once
        let end = self.range.end.min((start / CHUNK + 1) * CHUNK);
        self.range.start = end;
        let bytes = context.store.read(access, &self.row, start..end).await?;
        if bytes.len() as u64 == end - start {
            return Ok(Some(bytes));
        }
        Err(StoreError::Damaged(format!("record {} is shorter than its row says", self.row.record)).into())
    }
}
