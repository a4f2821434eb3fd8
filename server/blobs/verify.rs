//! Reading back: that stored bytes are still what was written, with or without the key.

use ring::digest::{Context, SHA256};

use crate::error::{BlobError, Damage};
use crate::key::RecordKey;
use crate::reader::Stored;
use crate::record::{self, CRC_FROM_END};
use crate::segments::{RecordRef, Segments};

/// Bytes that are read at once.
const WINDOW: u64 = 1 << 20;

impl Segments {
    /// Reads a record back without its key: end mark, structure, CRC32C and the SHA-256 that the row names. Blocking.
    /// The first thing that is wrong comes back as [`BlobError::Damaged`].
    pub fn verify(&self, at: &RecordRef, digest: &[u8; 32]) -> Result<(), BlobError> {
        let damaged = BlobError::damaged(at);
        let RecordRef::Segment { file, .. } = *at;
        self.check_header(file)?.map_err(damaged)?;
        let (stored, _) = Stored::find(self, at)?.tail()?;
        let crc_at = stored.len() - CRC_FROM_END as u64;
        let (mut sha, mut crc, mut window) = (Context::new(&SHA256), 0, Vec::new());
        let mut start = 0;
        while start < stored.len() {
            let end = stored.len().min(start + WINDOW);
            stored.read(start..end, &mut window)?;
            sha.update(&window);
            let checked = window.len().min(crc_at.saturating_sub(start) as usize);
            crc = crc32c::crc32c_append(crc, window.get(..checked).unwrap_or_default());
            start = end;
        }
        stored.read(crc_at..stored.len(), &mut window)?;
        if record::stored_crc(&window) != Some(crc) {
            return Err(damaged(Damage::Checksum));
        }
        if sha.finish().as_ref() != digest {
            return Err(damaged(Damage::Digest));
        }
        Ok(())
    }

    /// As [`Segments::verify`], and opens every frame; returns the size of the plain bytes. Blocking.
    pub fn verify_with_key(&self, at: &RecordRef, digest: &[u8; 32], key: &RecordKey) -> Result<u64, BlobError> {
        self.verify(at, digest)?;
        let record = self.open_record(at, key)?;
        record.open_all()?;
        Ok(record.size())
    }

    /// The check after an unclean stop: reads the newest records back and names each that is damaged. Blocking.
    pub fn check_tail(&self, newest: &[(RecordRef, [u8; 32])]) -> Vec<(RecordRef, BlobError)> {
        newest.iter().filter_map(|(at, digest)| Some((*at, self.verify(at, digest).err()?))).collect()
    }
}
