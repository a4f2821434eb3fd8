//! Parts without their transfer encoding (BINARY, RFC 3516 4.3): `BINARY[…]` and `BINARY.SIZE[…]` of a FETCH. Content of any
//! size goes by in chunks: once to be measured, since its length stands before it, and once to be sent.

use std::ops::Range;

use bytes::Bytes;
use message::section::find;
use message::{Decoder, Part, Section, Summary, What};
use store::{MessageRow, StoreError};

use crate::ImapError;
use crate::mail::{Piece, Reader, total};
use crate::session::Session;
use crate::wire::fetch::{Binary, Item, write_size_name};
use crate::wire::write;

/// A part as it lies in the mail.
struct Content<'a> {
    reader: &'a Reader<'a>,
    row: &'a MessageRow,
    pieces: Vec<Piece>,
    /// Whose encoding is taken off; of the whole mail nothing is.
    part: Option<&'a Part>,
}

/// What was learnt of a range of content.
struct Measured {
    /// How many bytes of it there are.
    size: u64,
    /// Whether NUL stands in it.
    nul: bool,
    /// The range itself, where it is within the first chunk.
    at_hand: Option<Bytes>,
}

/// Whether all parts that are asked for have an encoding that is known: nothing can be taken back once half of the answer is out.
pub(super) fn check(items: &[Item], summary: Option<&Summary>) -> Result<(), ImapError> {
    for item in items {
        let (Item::Binary(Binary { path, .. }) | Item::BinarySize(path)) = item else { continue };
        decoder(encoded(summary, path))?;
    }
    Ok(())
}

/// Sends how long a part is without its transfer encoding.
pub(super) async fn send_size(
    session: &mut Session,
    reader: &Reader<'_>,
    row: &MessageRow,
    summary: Option<&Summary>,
    path: &[u32],
) -> Result<(), ImapError> {
    let size = match Content::find(reader, row, summary, path).await? {
        Some(mut content) => content.measure(session, 0..u64::MAX).await?.size,
        None => 0,
    };
    let out = session.link.out();
    write_size_name(path, out);
    out.extend_from_slice(format!(" {size}").as_bytes());
    Ok(())
}

/// Sends a part without its transfer encoding: as literal8 when it holds NUL; no bytes where there is no such part.
pub(super) async fn send(
    session: &mut Session,
    reader: &Reader<'_>,
    row: &MessageRow,
    summary: Option<&Summary>,
    binary: &Binary,
) -> Result<(), ImapError> {
    let range = binary.partial.map_or(0..u64::MAX, |(offset, count)| offset..offset.saturating_add(count));
    let content = Content::find(reader, row, summary, &binary.path).await?;
    let Some(mut content) = content else {
        write_head(session.link.out(), binary, false, 0);
        return Ok(());
    };
    let Measured { size, nul, at_hand } = content.measure(session, range.clone()).await?;
    write_head(session.link.out(), binary, nul, size);
    match at_hand {
        Some(bytes) => session.link.body(bytes),
        None => content.send(session, range, size).await?,
    }
    Ok(())
}

fn write_head(out: &mut Vec<u8>, binary: &Binary, nul: bool, size: u64) {
    binary.write_name(out);
    out.extend_from_slice(if nul { b" ~" } else { b" " });
    write::literal_size(out, size);
}

/// The part whose encoding is taken off.
fn encoded<'s>(summary: Option<&'s Summary>, path: &[u32]) -> Option<&'s Part> {
    summary.filter(|_| !path.is_empty()).and_then(|summary| find(&summary.root, path))
}

fn decoder(part: Option<&Part>) -> Result<Decoder, ImapError> {
    part.map_or_else(|| Ok(Decoder::default()), |part| part.decoder().ok_or(ImapError::UnknownEncoding))
}

impl<'a> Content<'a> {
    /// The part with these numbers; `None` where there is none.
    async fn find(
        reader: &'a Reader<'a>,
        row: &'a MessageRow,
        summary: Option<&'a Summary>,
        path: &[u32],
    ) -> Result<Option<Self>, ImapError> {
        let section = Section { path: path.to_vec(), what: What::All };
        let pieces = reader.section(row, summary, &section).await?;
        Ok(pieces.map(|pieces| Self { reader, row, pieces, part: encoded(summary, path) }))
    }

    fn flow(&self) -> Result<Flow<'_>, ImapError> {
        let size = total(&self.pieces);
        Ok(Flow { content: self, size, decoder: decoder(self.part)?, read: 0, at: 0, is_encoded: true })
    }

    /// Reads content up to the end of `range`.
    async fn measure(&mut self, session: &Session, range: Range<u64>) -> Result<Measured, ImapError> {
        let mut flow = self.flow()?;
        let mut measured = Measured { size: 0, nul: false, at_hand: None };
        while let Some(some) = flow.next(&range).await? {
            measured.size += some.len() as u64;
            measured.nul = measured.nul || memchr::memchr(0, &some).is_some();
            measured.at_hand = flow.is_first_and_last(&range).then_some(some);
            session.go_on()?;
        }
        if flow.is_encoded {
            return Ok(measured);
        }
        // It is taken for what it is, as if it bore no encoding.
        self.part = None;
        Box::pin(self.measure(session, range)).await
    }

    /// Sends what was measured.
    async fn send(&self, session: &mut Session, range: Range<u64>, size: u64) -> Result<(), ImapError> {
        let (mut flow, mut sent) = (self.flow()?, 0);
        while let Some(some) = flow.next(&range).await? {
            sent += some.len() as u64;
            session.link.body(some);
            session.link.flush_batch().await?;
            session.go_on()?;
        }
        if sent == size {
            Ok(())
        } else {
            Err(StoreError::Damaged("a part is no longer what it was".to_owned()).into())
        }
    }
}

/// Content that goes by.
struct Flow<'a> {
    content: &'a Content<'a>,
    decoder: Decoder,
    /// How many bytes the part has, as it lies in the mail.
    size: u64,
    /// How many of them were read.
    read: u64,
    /// How much content they were.
    at: u64,
    /// Whether, at the end, something was decoded.
    is_encoded: bool,
}

impl Flow<'_> {
    /// What the next chunk brings of the range; `None` behind it.
    async fn next(&mut self, range: &Range<u64>) -> Result<Option<Bytes>, ImapError> {
        if self.is_over(range) {
            return Ok(None);
        }
        let Content { reader, row, pieces, .. } = self.content;
        let chunk = reader.chunk(row, pieces, self.read).await?;
        self.read += chunk.len() as u64;
        let mut content = Vec::with_capacity(chunk.len());
        self.decoder.feed(&chunk, &mut content);
        if self.read >= self.size {
            self.is_encoded = self.decoder.finish(&mut content);
        }
        let place = |at: u64| usize::try_from(at.saturating_sub(self.at)).unwrap_or(usize::MAX).min(content.len());
        let (from, to) = (place(range.start), place(range.end));
        self.at += content.len() as u64;
        Ok(Some(Bytes::from(content).slice(from..to.max(from))))
    }

    fn is_over(&self, range: &Range<u64>) -> bool {
        self.read >= self.size || self.at >= range.end
    }

    fn is_first_and_last(&self, range: &Range<u64>) -> bool {
        self.read <= crate::mail::CHUNK && self.is_over(range)
    }
}
