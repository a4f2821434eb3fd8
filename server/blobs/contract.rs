//! What every engine for records has to do, as one suite that any engine can be put through.

use std::ops::Range;

use bytes::Bytes;

use crate::error::BlobError;
use crate::key::RecordKey;
use crate::record::{Sealed, seal};
use crate::segments::{RecordRef, Segments};
use crate::{Draft, Intake, Stored};

const MAX: u64 = 64 << 20;

/// The face of an engine that the suite needs.
pub(crate) trait Engine {
    /// Makes records safe and says where they are.
    fn keep(&mut self, records: &[&Sealed]) -> Vec<RecordRef>;
    /// Closes the engine and opens it over the same place.
    fn again(&mut self);
    /// Begins a mail.
    fn intake(&self, key: &RecordKey, max: u64) -> Intake;
    /// Reads a range.
    async fn read(&self, at: &RecordRef, key: &RecordKey, range: Range<u64>) -> Result<Bytes, BlobError>;
    /// Reads everything.
    async fn read_all(&self, at: &RecordRef, key: &RecordKey) -> Result<Bytes, BlobError>;
    /// Reads back with the key.
    fn verify(&self, at: &RecordRef, digest: &[u8; 32], key: &RecordKey) -> Result<u64, BlobError>;
}

/// Puts an engine through everything.
pub(crate) async fn run(engine: &mut impl Engine) {
    records_of_every_size_come_back(engine).await;
    any_range_comes_back(engine).await;
    a_batch_stays_in_order(engine).await;
    another_key_opens_nothing(engine).await;
    another_digest_is_noticed(engine);
    mail_of_every_size_comes_in(engine).await;
    a_mail_above_the_bound_is_refused(engine).await;
    what_was_kept_is_there_for_whoever_opens_later(engine).await;
}

/// Sizes around frames, around what is read at once, and around what stays in memory.
const SIZES: [usize; 14] =
    [0, 1, 100, 4_096, 65_535, 65_536, 65_537, 131_071, 131_072, 200_000, 1_048_575, 1_048_576, 1_048_577, 3_333_333];

/// Half text, half noise, so that some frames are compressed and some are not.
pub(crate) fn bytes(len: usize) -> Vec<u8> {
    let mut state = len as u64 + 1;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let text = "いつも大変お世話になっております。\r\n".bytes().cycle();
    text.enumerate().map(|(at, byte)| if at / 65_536 % 2 == 1 { noise() } else { byte }).take(len).collect()
}

async fn records_of_every_size_come_back(engine: &mut impl Engine) {
    for len in SIZES {
        let (plain, key) = (bytes(len), RecordKey::generate().unwrap());
        let sealed = seal(&plain, &key).unwrap();
        assert_eq!(sealed.size, len as u64);
        let at = engine.keep(&[&sealed])[0];
        assert_eq!(engine.read_all(&at, &key).await.unwrap(), plain, "{len}");
        assert_eq!(engine.verify(&at, &sealed.digest, &key).unwrap(), len as u64);
    }
}

async fn any_range_comes_back(engine: &mut impl Engine) {
    let (plain, key) = (bytes(300_000), RecordKey::generate().unwrap());
    let at = engine.keep(&[&seal(&plain, &key).unwrap()])[0];
    for (start, end) in
        [(0, 0), (0, 1), (65_535, 65_537), (65_536, 131_072), (10, 299_999), (299_999, 300_000), (300_000, 300_000)]
    {
        let got = engine.read(&at, &key, start..end).await.unwrap();
        assert_eq!(got, plain[start as usize..end as usize], "{start}..{end}");
    }
    let reversed = Range { start: 5, end: 4 };
    for outside in [0..300_001, 300_001..300_001, reversed, u64::MAX - 1..u64::MAX] {
        let error = engine.read(&at, &key, outside.clone()).await.unwrap_err();
        assert!(matches!(error, BlobError::Range { size: 300_000, .. }), "{outside:?}: {error}");
    }
}

async fn a_batch_stays_in_order(engine: &mut impl Engine) {
    let key = RecordKey::generate().unwrap();
    let plain: Vec<Vec<u8>> = (0..50).map(|n| bytes(n * 700)).collect();
    let sealed: Vec<Sealed> = plain.iter().map(|plain| seal(plain, &key).unwrap()).collect();
    let places = engine.keep(&sealed.iter().collect::<Vec<_>>());
    assert_eq!(places.len(), 50);
    for (at, plain) in places.iter().zip(&plain) {
        assert_eq!(engine.read_all(at, &key).await.unwrap(), *plain);
    }
    assert!(engine.keep(&[]).is_empty());
}

async fn another_key_opens_nothing(engine: &mut impl Engine) {
    let key = RecordKey::generate().unwrap();
    let at = engine.keep(&[&seal(b"secret", &key).unwrap()])[0];
    let other = RecordKey::generate().unwrap();
    assert!(matches!(engine.read_all(&at, &other).await, Err(BlobError::Damaged { .. })));
}

fn another_digest_is_noticed(engine: &mut impl Engine) {
    let key = RecordKey::generate().unwrap();
    let at = engine.keep(&[&seal(b"bytes", &key).unwrap()])[0];
    assert!(matches!(engine.verify(&at, &[7; 32], &key), Err(BlobError::Damaged { .. })));
}

async fn mail_of_every_size_comes_in(engine: &mut impl Engine) {
    for (len, step) in SIZES.into_iter().zip([1, 1, 7, 1_000, 4_096, 65_536, 9_999].into_iter().cycle()) {
        let (plain, key) = (bytes(len), RecordKey::generate().unwrap());
        let mut intake = engine.intake(&key, MAX);
        for part in plain.chunks(step) {
            intake.write(part).await.unwrap();
        }
        assert_eq!(intake.size(), len as u64);
        let Draft { size, digest, stored, plain: kept } = intake.finish().await.unwrap();
        assert_eq!(size, len as u64);
        assert!(kept.is_none_or(|kept| kept == plain));
        let at = match stored {
            Stored::Memory(sealed) => engine.keep(&[&sealed])[0],
            Stored::Segment(at) => at,
        };
        assert_eq!(engine.read_all(&at, &key).await.unwrap(), plain, "{len} in steps of {step}");
        assert_eq!(engine.verify(&at, &digest, &key).unwrap(), len as u64);
    }
}

async fn a_mail_above_the_bound_is_refused(engine: &mut impl Engine) {
    let key = RecordKey::generate().unwrap();
    let mut intake = engine.intake(&key, 1_000);
    intake.write(&[b'a'; 1_000]).await.unwrap();
    assert!(matches!(intake.write(b"b").await, Err(BlobError::TooLarge { max: 1_000 })));
}

/// New records take no older one's place, also after several openings.
async fn what_was_kept_is_there_for_whoever_opens_later(engine: &mut impl Engine) {
    let key = RecordKey::generate().unwrap();
    let mut kept: Vec<(RecordRef, Vec<u8>)> = Vec::new();
    for round in 0..4 {
        let plain = bytes(1_000 + round);
        let at = engine.keep(&[&seal(&plain, &key).unwrap()])[0];
        assert!(kept.iter().all(|(other, _)| *other != at));
        kept.push((at, plain));
        engine.again();
        for (at, plain) in &kept {
            assert_eq!(engine.read_all(at, &key).await.unwrap(), *plain);
        }
    }
}

struct Folder {
    segments: Segments,
    appender: crate::Appender,
}

impl Engine for Folder {
    fn keep(&mut self, records: &[&Sealed]) -> Vec<RecordRef> {
        let places = self.appender.write(records).unwrap();
        self.appender.flush().unwrap();
        places
    }

    fn again(&mut self) {
        self.segments = Segments::open(self.segments.dir()).unwrap();
        self.appender = self.segments.appender();
    }

    fn intake(&self, key: &RecordKey, max: u64) -> Intake {
        Intake::new(&self.segments, key.clone(), max)
    }

    async fn read(&self, at: &RecordRef, key: &RecordKey, range: Range<u64>) -> Result<Bytes, BlobError> {
        self.segments.read(at, key, range).await
    }

    async fn read_all(&self, at: &RecordRef, key: &RecordKey) -> Result<Bytes, BlobError> {
        self.segments.read_all(at, key).await
    }

    fn verify(&self, at: &RecordRef, digest: &[u8; 32], key: &RecordKey) -> Result<u64, BlobError> {
        self.segments.verify_with_key(at, digest, key)
    }
}

#[tokio::test]
async fn segment_files_keep_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let segments = Segments::open(dir.path().join("blobs")).unwrap();
    let appender = segments.appender();
    run(&mut Folder { segments, appender }).await;
}
