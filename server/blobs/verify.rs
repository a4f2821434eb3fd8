//! Reading back: that stored bytes are still what was written, with or without the key.

use ring::digest::{Context, SHA256};

use crate::error::{BlobError, Damage};
use crate::key::RecordKey;
use crate::reader::{Record, Stored};
use crate::record::{self, CRC_FROM_END};
use crate::segments::{RecordRef, Segments};

/// Bytes that are read at once.
const WINDOW: u64 = 1 << 20;

impl Segments {
    /// Reads a record back without its key: end mark, structure, CRC32C and the SHA-256 that the row names. Blocking.
    /// The first thing that is wrong comes back as [`BlobError::Damaged`].
    pub fn verify(&self, at: &RecordRef, digest: &[u8; 32]) -> Result<(), BlobError> {
        let RecordRef::Segment { file, .. } = *at;
        self.check_header(file)?.map_err(BlobError::damaged(at))?;
        Stored::find(self, at)?.check(digest)
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

impl Record {
    /// As [`Segments::verify_with_key`], for stored bytes that are in memory.
    pub fn verify_in_memory(bytes: Vec<u8>, digest: &[u8; 32], key: &RecordKey) -> Result<u64, BlobError> {
        Stored::in_memory(bytes.clone())?.check(digest)?;
        let record = Self::in_memory(bytes, key)?;
        record.open_all()?;
        Ok(record.size())
    }
}

impl Stored {
    fn check(self, digest: &[u8; 32]) -> Result<(), BlobError> {
        let (stored, _) = self.tail()?;
        let damaged = stored.damaged();
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
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::FileExt as _;
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::*;
    use crate::contract::bytes;
    use crate::record::{FOOTER, Sealed, seal};
    use crate::segments::HEADER;

    /// One record alone in a data folder.
    struct One {
        _dir: tempfile::TempDir,
        segments: Segments,
        path: PathBuf,
        at: RecordRef,
        sealed: Sealed,
        key: RecordKey,
    }

    impl One {
        fn new(len: usize) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let segments = Segments::open(dir.path()).unwrap();
            let key = RecordKey::generate().unwrap();
            let sealed = seal(&bytes(len), &key).unwrap();
            let mut appender = segments.appender();
            let at = appender.write(&[&sealed]).unwrap()[0];
            appender.flush().unwrap();
            let RecordRef::Segment { file, .. } = at;
            let path = segments.path(file, ".seg");
            Self { _dir: dir, segments, path, at, sealed, key }
        }

        fn verify(&self) -> Option<Damage> {
            damage(self.segments.verify(&self.at, &self.sealed.digest))
        }

        fn read(&self) -> Option<Damage> {
            let record = match self.segments.open_record(&self.at, &self.key) {
                Ok(record) => record,
                Err(error) => return damage::<()>(Err(error)),
            };
            damage(record.read(0..record.size()))
        }

        /// Flips a bit of the stored byte `at` for the length of `look`.
        fn with_flipped<T>(&self, at: u64, look: impl FnOnce() -> T) -> T {
            let file = File::options().read(true).write(true).open(&self.path).unwrap();
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).unwrap();
            file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
            let seen = look();
            file.write_all_at(&byte, at).unwrap();
            seen
        }

        fn len(&self) -> u64 {
            self.sealed.bytes.len() as u64
        }
    }

    fn damage<T>(result: Result<T, BlobError>) -> Option<Damage> {
        match result {
            Ok(_) => None,
            Err(BlobError::Damaged { what, .. }) => Some(what),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn each_flipped_byte_of_a_record_is_noticed_with_and_without_the_key() {
        for len in [0, 1, 400, 70_000, 400_000] {
            let one = One::new(len);
            let step = (one.len() as usize / 800).max(1);
            let end = (one.len() - one.len().min(150))..one.len();
            for at in (0..one.len()).step_by(step).chain(end) {
                let (checked, opened) = one.with_flipped(HEADER + at, || (one.verify(), one.read()));
                assert!(checked.is_some(), "{len}: verify misses byte {at}");
                // a record too large to be read at once is not summed up by its reader: only CRC32C itself is unread
                let crc = one.len() - CRC_FROM_END as u64..one.len() - CRC_FROM_END as u64 + 4;
                assert!(opened.is_some() || (len == 400_000 && crc.contains(&at)), "{len}: read misses byte {at}");
            }
            assert_eq!((one.verify(), one.read()), (None, None));
        }
    }

    #[test]
    fn damage_is_named() {
        let one = One::new(300_000);
        let footer = HEADER + one.len() - FOOTER as u64;
        let last = HEADER + one.len() - 1;
        for (at, checked, opened) in [
            (8, Damage::Header, None),
            (HEADER + 5, Damage::Checksum, Some(Damage::Frame(0))),
            (footer - 5 * 4 - 1, Damage::Checksum, Some(Damage::Frame(4))),
            (footer - 1, Damage::Table, Some(Damage::Table)),
            (footer, Damage::Table, Some(Damage::Table)),
            (last - 11, Damage::Checksum, None),
            (last, Damage::EndMark, Some(Damage::EndMark)),
        ] {
            let seen = one.with_flipped(at, || (one.verify(), one.read()));
            assert_eq!(seen, (Some(checked), opened), "byte {at}");
        }
        assert_eq!(damage(one.segments.verify(&one.at, &[0; 32])), Some(Damage::Digest));
        let other = RecordKey::generate().unwrap();
        let opened = one.segments.verify_with_key(&one.at, &one.sealed.digest, &other);
        assert_eq!(damage(opened), Some(Damage::Frame(0)));
    }

    #[test]
    fn a_record_of_the_first_format_is_read_for_ever() {
        let one = One::new(0);
        let stored = include_bytes!("fixtures/record-format-1.bin");
        std::fs::write(&one.path, stored).unwrap();
        let RecordRef::Segment { file, .. } = one.at;
        let at = RecordRef::Segment { file, offset: 0, len: stored.len() as u64 };
        let record = one.segments.open_record(&at, &RecordKey::new(*b"the key of the fixture, 32 bytes")).unwrap();
        let plain = record.read(0..record.size()).unwrap();
        assert_eq!(plain, "Subject: 見積書\r\n\r\nいつも大変お世話になっております。\r\n".as_bytes());
    }

    #[test]
    fn a_record_that_was_cut_or_lost_is_named_and_the_others_are_served() {
        let one = One::new(5_000);
        let mut appender = one.segments.appender();
        let whole = seal(b"whole", &one.key).unwrap();
        let at = appender.write(&[&whole]).unwrap()[0];
        appender.flush().unwrap();
        File::options().write(true).open(&one.path).unwrap().set_len(HEADER + one.len() - 1).unwrap();
        let lost = RecordRef::Segment { file: 9_999_999, offset: HEADER, len: 500 };
        let newest = [(one.at, one.sealed.digest), (at, whole.digest), (lost, [0; 32])];
        let bad = one.segments.check_tail(&newest);
        let named: Vec<_> = bad.into_iter().map(|(at, error)| (at, damage::<()>(Err(error)))).collect();
        assert_eq!(named, [(one.at, Some(Damage::Short)), (lost, Some(Damage::Missing))]);
        // room that was made ahead is zeros, not a record
        let RecordRef::Segment { file, offset, len } = at;
        let ahead = RecordRef::Segment { file, offset: offset + len, len: 1_000 };
        assert_eq!(damage(one.segments.verify(&ahead, &[0; 32])), Some(Damage::EndMark));
    }

    #[test]
    fn frames_of_a_record_can_neither_be_swapped_nor_cut_off() {
        // noise, so that both frames are stored with the same length
        let noise: Vec<u8> = bytes(131_072).split_off(65_536).repeat(2);
        let key = RecordKey::generate().unwrap();
        let sealed = seal(&noise, &key).unwrap();
        let mut out = Vec::new();
        let tail = &sealed.bytes[2 * (65_536 + 16)..];
        let tail = crate::record::Tail::read(tail, sealed.bytes.len() as u64).unwrap();
        let working = tail.key(&key).unwrap();
        for (taken, claimed, opens) in [(0, 0, true), (1, 1, true), (0, 1, false), (1, 0, false)] {
            let (range, _) = tail.frame(taken).unwrap();
            let mut stored = sealed.bytes[range.start as usize..range.end as usize].to_vec();
            let (_, info) = tail.frame(claimed).unwrap();
            let opened = crate::frame::open(&working, info, &mut stored, &mut out);
            assert_eq!(opened.is_some(), opens, "{taken} as {claimed}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_range_of_any_bytes_comes_back(
            seed in proptest::collection::vec(any::<u8>(), 0..300),
            times in 0..1_500_usize,
            (a, b) in (any::<u64>(), any::<u64>()),
        ) {
            let plain = seed.repeat(times);
            let one = One::new(0);
            let mut appender = one.segments.appender();
            let at = appender.write(&[&seal(&plain, &one.key).unwrap()]).unwrap()[0];
            let record = one.segments.open_record(&at, &one.key).unwrap();
            prop_assert_eq!(record.size(), plain.len() as u64);
            let (a, b) = (a % (record.size() + 1), b % (record.size() + 1));
            let (start, end) = (a.min(b), a.max(b));
            prop_assert_eq!(&record.read(start..end).unwrap()[..], &plain[start as usize..end as usize]);
        }

        #[test]
        fn garbage_is_an_error_and_never_a_panic(
            mut garbage in proptest::collection::vec(any::<u8>(), 0..2_000),
            offset in 0..3_000_u64,
            len in prop_oneof![0..3_000_u64, any::<u64>()],
            frames in 0..200_u32,
            fix in any::<bool>(),
        ) {
            let one = One::new(0);
            if fix {
                dress_up(&mut garbage, frames);
            }
            std::fs::write(&one.path, &garbage).unwrap();
            let RecordRef::Segment { file, .. } = one.at;
            let (offset, len) = if fix { (0, garbage.len() as u64) } else { (offset, len) };
            let at = RecordRef::Segment { file, offset, len };
            prop_assert!(one.segments.verify(&at, &[0; 32]).is_err());
            prop_assert!(one.segments.open_record(&at, &one.key).map_or(true, |record| record.open_all().is_err()));
        }
    }

    /// Gives garbage a footer with right marks and checksums, so that what stands behind them is tried too.
    fn dress_up(garbage: &mut Vec<u8>, frames: u32) {
        let size = u64::from(frames) * 65_536;
        garbage.resize(garbage.len() + 16, 0);
        let frames = frames.to_le_bytes();
        garbage.extend_from_slice(&size.to_le_bytes());
        garbage.extend_from_slice(&frames);
        garbage.extend_from_slice(&[1, 0, 1, 0]);
        let table = u32::from_le_bytes(frames) as usize * 4 + 32;
        let tail = garbage.len().saturating_sub(table);
        garbage.extend_from_slice(&crc32c::crc32c(&garbage[tail..]).to_le_bytes());
        garbage.extend_from_slice(&crc32c::crc32c(garbage).to_le_bytes());
        garbage.extend_from_slice(b"\x89SKR\r\n\x1a\n");
    }
}
