//! The records of a workbook's stream, each with those that continue it ([MS-XLS] 2.1.4).

/// Numbers of records (2.3).
pub(super) const FORMULA: u16 = 0x06;
pub(super) const HEADER: u16 = 0x14;
pub(super) const FOOTER: u16 = 0x15;
pub(super) const NAME: u16 = 0x18;
pub(super) const NOTE: u16 = 0x1c;
pub(super) const FILEPASS: u16 = 0x2f;
const CONTINUE: u16 = 0x3c;
pub(super) const OBJ: u16 = 0x5d;
pub(super) const BOUNDSHEET: u16 = 0x85;
pub(super) const MULRK: u16 = 0xbd;
pub(super) const RSTRING: u16 = 0xd6;
pub(super) const XF: u16 = 0xe0;
pub(super) const SST: u16 = 0xfc;
pub(super) const LABELSST: u16 = 0xfd;
pub(super) const TXO: u16 = 0x1b6;
pub(super) const HLINK: u16 = 0x1b8;
pub(super) const DV: u16 = 0x1be;
pub(super) const NUMBER: u16 = 0x203;
pub(super) const LABEL: u16 = 0x204;
pub(super) const STRING: u16 = 0x207;
pub(super) const RK: u16 = 0x27e;
pub(super) const FORMAT: u16 = 0x41e;
pub(super) const LINK_TIP: u16 = 0x800;
pub(super) const BOF: u16 = 0x809;

/// A record.
pub(super) struct Record<'a> {
    /// Its number.
    pub kind: u16,
    /// Where it begins in the stream.
    pub offset: usize,
    /// Its bytes, and those of each record that continues it.
    pub segments: Vec<&'a [u8]>,
    /// Whether the stream ends within it.
    pub cut: bool,
}

impl<'a> Record<'a> {
    /// Its own bytes.
    pub fn data(&self) -> &'a [u8] {
        self.segments.first().copied().unwrap_or_default()
    }

    /// The two bytes at this place; 0 where it is shorter.
    pub fn short(&self, at: usize) -> u16 {
        let bytes = self.data().get(at..at + 2).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u16::from_le_bytes).unwrap_or_default()
    }
}

/// The records of a stream.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    /// The records of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn head(&self) -> Option<(u16, usize)> {
        let head = self.bytes.get(self.at..self.at + 4)?;
        let short = |at: usize| head.get(at..at + 2).and_then(|two| two.try_into().ok()).map(u16::from_le_bytes);
        Some((short(0)?, usize::from(short(2)?)))
    }

    fn take(&mut self, size: usize) -> &'a [u8] {
        let rest = self.bytes.get(self.at + 4..).unwrap_or_default();
        self.at += 4 + size;
        rest.get(..size).unwrap_or(rest)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let offset = self.at;
        let (kind, size) = self.head()?;
        // the end of the stream is filled up with zeros
        if kind == 0 && size == 0 {
            return None;
        }
        let mut segments = vec![self.take(size)];
        while let Some((CONTINUE, size)) = self.head() {
            segments.push(self.take(size));
        }
        Some(Record { kind, offset, segments, cut: self.at > self.bytes.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_holds_what_continues_it() {
        let bytes = [1, 0, 2, 0, 7, 8, 0x3c, 0, 1, 0, 9, 2, 0, 5, 0, 1];
        let records: Vec<(u16, Vec<&[u8]>, bool)> =
            Records::new(&bytes).map(|record| (record.kind, record.segments, record.cut)).collect();
        assert_eq!(records, [(1, vec![&[7, 8][..], &[9]], false), (2, vec![&[1][..]], true)]);
    }
}
