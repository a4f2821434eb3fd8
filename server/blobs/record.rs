//! The stored form of a record, and the making of it. Knows no files.
//!
//! ```text
//! frame 0 | frame 1 | … | table: u32 per frame | footer
//! frame   = sealed bytes + 16 bytes of tag; 64 KiB of plain bytes each, the last one less (or none)
//! table   = stored length of the frame with its tag; bit 31: compressed
//! footer  = salt 16 | plain size u64 | frames u32 | format u16 | dictionary u16
//!         | CRC32C of table and footer so far u32 | CRC32C of everything so far u32 | end mark 8
//! ```
//! Numbers are little-endian. The table stands at the end, so that a record can be written while it comes in, and a
//! reader needs the end, the table and one frame at a time. A seal binds a frame's number, size, dictionary and
//! whether it is the last; the two checksums tell damage from a wrong key, and are checked without any key.

use ring::aead::LessSafeKey;
use ring::digest::{Context, SHA256};

use crate::error::{BlobError, Damage};
use crate::frame::{self, DICTIONARY, FRAME, FrameInfo, TAG};
use crate::key::{FRAMES, RecordKey, SALT, new_salt};

/// The last bytes of every record.
const END_MARK: [u8; 8] = *b"\x89SKR\r\n\x1a\n";
const FORMAT: u16 = 1;
/// Bytes of the footer.
pub(crate) const FOOTER: usize = SALT + 8 + 4 + 2 + 2 + 4 + 4 + END_MARK.len();
/// Where CRC32C of everything before it stands, counted from the record's end.
pub(crate) const CRC_FROM_END: usize = 4 + END_MARK.len();
const PACKED: u32 = 1 << 31;

/// A record ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The stored bytes.
    pub bytes: Vec<u8>,
    /// Size of the plain bytes.
    pub size: u64,
    /// SHA-256 of the stored bytes: what rows and hash chains name.
    pub digest: [u8; 32],
}

/// Compresses and seals a whole record in memory.
pub fn seal(plain: &[u8], key: &RecordKey) -> Result<Sealed, BlobError> {
    let mut sealer = Sealer::new(key)?;
    let mut bytes = Vec::with_capacity(plain.len() + plain.len() / FRAME * (TAG + 4) + TAG + 4 + FOOTER);
    let (head, last) = plain.split_at(whole_frames_before_last(plain.len()));
    for frame in head.chunks(FRAME) {
        sealer.frame(frame, &mut bytes)?;
    }
    let (size, digest) = sealer.finish(last, &mut bytes)?;
    Ok(Sealed { bytes, size, digest })
}

/// How many of `len` pending bytes are in frames that cannot be the last, if nothing more may come.
pub(crate) fn whole_frames_before_last(len: usize) -> usize {
    len.saturating_sub(1) / FRAME * FRAME
}

/// Seals a record frame by frame. What it appends to the caller's buffers is, in order, the record.
pub(crate) struct Sealer {
    key: LessSafeKey,
    salt: [u8; SALT],
    table: Vec<u32>,
    size: u64,
    crc: u32,
    digest: Context,
}

impl Sealer {
    pub(crate) fn new(key: &RecordKey) -> Result<Self, BlobError> {
        let salt = new_salt()?;
        let key = key.derive(&salt, FRAMES)?;
        Ok(Self { key, salt, table: Vec::new(), size: 0, crc: 0, digest: Context::new(&SHA256) })
    }

    /// Appends a frame that is not the last; `plain` has exactly 64 KiB.
    pub(crate) fn frame(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), BlobError> {
        debug_assert_eq!(plain.len(), FRAME);
        self.add(plain, false, out)
    }

    /// Appends the last frame (at most 64 KiB, maybe none), table and footer; returns plain size and digest.
    pub(crate) fn finish(mut self, last: &[u8], out: &mut Vec<u8>) -> Result<(u64, [u8; 32]), BlobError> {
        self.add(last, true, out)?;
        let start = out.len();
        for entry in &self.table {
            out.extend_from_slice(&entry.to_le_bytes());
        }
        out.extend_from_slice(&self.salt);
        out.extend_from_slice(&self.size.to_le_bytes());
        out.extend_from_slice(&(self.table.len() as u32).to_le_bytes());
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(&DICTIONARY.to_le_bytes());
        let tail = crc32c::crc32c(out.get(start..).unwrap_or_default());
        out.extend_from_slice(&tail.to_le_bytes());
        let crc = crc32c::crc32c_append(self.crc, out.get(start..).unwrap_or_default());
        out.extend_from_slice(&crc.to_le_bytes());
        out.extend_from_slice(&END_MARK);
        self.digest.update(out.get(start..).unwrap_or_default());
        let mut digest = [0; 32];
        digest.copy_from_slice(self.digest.finish().as_ref());
        Ok((self.size, digest))
    }

    fn add(&mut self, plain: &[u8], last: bool, out: &mut Vec<u8>) -> Result<(), BlobError> {
        let start = out.len();
        let index = self.table.len() as u32;
        let (stored, packed) = frame::seal(&self.key, index, last, plain, out)?;
        self.table.push(if packed { stored | PACKED } else { stored });
        let bytes = out.get(start..).unwrap_or_default();
        self.crc = crc32c::crc32c_append(self.crc, bytes);
        self.digest.update(bytes);
        self.size += plain.len() as u64;
        Ok(())
    }
}

/// What a reader must know of a record before its frames: made from the record's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tail {
    salt: [u8; SALT],
    dictionary: u16,
    /// Plain bytes.
    pub(crate) size: u64,
    /// Per frame: where it begins in the record, and whether it is compressed; then the end of the last.
    starts: Vec<(u64, bool)>,
    frames_end: u64,
}

impl Tail {
    /// How many bytes before the record's end are needed, told by the footer (the record's last bytes).
    pub(crate) fn len(footer: &[u8], record: u64) -> Result<usize, Damage> {
        let fields = Fields::read(footer)?;
        let table = u64::from(fields.frames) * 4;
        let tail = table + FOOTER as u64;
        if fields.frames == 0 || u64::from(fields.frames) * TAG as u64 + tail > record {
            return Err(Damage::Table);
        }
        usize::try_from(tail).map_err(|_| Damage::Table)
    }

    /// Reads table and footer (`tail` as long as [`Tail::len`] says) of a record of `record` stored bytes.
    pub(crate) fn read(tail: &[u8], record: u64) -> Result<Self, Damage> {
        let fields = Fields::read(tail)?;
        let frames_end = record.checked_sub(tail.len() as u64).ok_or(Damage::Short)?;
        let checked = tail.len().checked_sub(CRC_FROM_END + 4).ok_or(Damage::Short)?;
        if crc32c::crc32c(tail.get(..checked).unwrap_or_default()) != fields.tail_crc {
            return Err(Damage::Table);
        }
        if fields.format != FORMAT || !frame::knows(fields.dictionary) {
            return Err(Damage::Unknown);
        }
        let table = tail.get(..tail.len().saturating_sub(FOOTER)).unwrap_or_default();
        let starts = starts(table, frames_end)?;
        let frame = FRAME as u64;
        if starts.len() as u64 != fields.size.div_ceil(frame).max(1) {
            return Err(Damage::Table);
        }
        Ok(Self { salt: fields.salt, dictionary: fields.dictionary, size: fields.size, starts, frames_end })
    }

    /// The key that opens this record's frames.
    pub(crate) fn key(&self, key: &RecordKey) -> Result<LessSafeKey, BlobError> {
        key.derive(&self.salt, FRAMES)
    }

    /// Number of frames, at least one.
    pub(crate) fn frames(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Where frame `index` stands in the record and how it is to be opened.
    pub(crate) fn frame(&self, index: u32) -> Option<(std::ops::Range<u64>, FrameInfo)> {
        let at = index as usize;
        let &(start, packed) = self.starts.get(at)?;
        let end = self.starts.get(at + 1).map_or(self.frames_end, |next| next.0);
        let last = at + 1 == self.starts.len();
        let plain = if last { self.size - u64::from(index) * FRAME as u64 } else { FRAME as u64 };
        Some((start..end, FrameInfo { index, last, packed, plain: plain as u32, dictionary: self.dictionary }))
    }
}

/// The table as positions. Lengths must fill the space before the table exactly.
fn starts(table: &[u8], frames_end: u64) -> Result<Vec<(u64, bool)>, Damage> {
    let mut at = 0;
    let mut starts = Vec::with_capacity(table.len() / 4);
    for entry in table.chunks_exact(4) {
        let entry = u32::from_le_bytes(entry.try_into().map_err(|_| Damage::Table)?);
        let stored = entry & !PACKED;
        if (stored as usize) < TAG || stored as usize > FRAME + TAG {
            return Err(Damage::Table);
        }
        starts.push((at, entry & PACKED != 0));
        at += u64::from(stored);
    }
    if at == frames_end { Ok(starts) } else { Err(Damage::Table) }
}

struct Fields {
    salt: [u8; SALT],
    size: u64,
    frames: u32,
    format: u16,
    dictionary: u16,
    tail_crc: u32,
}

impl Fields {
    /// Reads the footer at the end of `bytes`.
    fn read(bytes: &[u8]) -> Result<Self, Damage> {
        let footer = bytes.last_chunk::<FOOTER>().ok_or(Damage::Short)?;
        let mut rest = &footer[..];
        let fields = Self {
            salt: take(&mut rest)?,
            size: u64::from_le_bytes(take(&mut rest)?),
            frames: u32::from_le_bytes(take(&mut rest)?),
            format: u16::from_le_bytes(take(&mut rest)?),
            dictionary: u16::from_le_bytes(take(&mut rest)?),
            tail_crc: u32::from_le_bytes(take(&mut rest)?),
        };
        if rest.get(4..) != Some(&END_MARK[..]) {
            return Err(Damage::EndMark);
        }
        Ok(fields)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Damage> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(Damage::Short)?;
    *rest = tail;
    Ok(*head)
}

/// CRC32C as written in the record's last bytes.
pub(crate) fn stored_crc(record_end: &[u8]) -> Option<u32> {
    let at = record_end.len().checked_sub(CRC_FROM_END)?;
    record_end.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}
