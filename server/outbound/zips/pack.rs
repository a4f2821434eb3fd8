//! Files into an archive under a password, names and all: an inner ZIP holds them as they are called, an outer one has it as its only
//! entry, deflated and encrypted with AES-256 (AE-2, so that no checksum of the content stands outside). Pure: no mail, no store.

use std::io::{Cursor, Write as _};

use inspect::extract::Password;
use types::Timestamp;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, DateTime, ZipWriter};

/// What is said of the bytes in which an archive was sealed.
pub(super) const ALGORITHM: &str = "AES-256 (AE-2)";
/// The entry of the outer archive: it tells nothing.
const INNER: &str = "files.zip";
/// Bytes that an entry costs beside its content and its names.
const ENTRY: usize = 256;

/// A file to be packed.
pub(super) struct Packed {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// So many bytes of an archive come of a file of this size at most.
pub(super) fn at_most(name: &str, size: usize) -> usize {
    // deflate stores what it cannot press: five bytes for each 16 KiB at worst
    size + size / 2_000 + 2 * name.len() + ENTRY
}

/// The files as one archive that nothing but `password` opens. Takes its time: not for async threads.
///
/// # Errors
/// The machine gives no randomness.
pub(super) fn packed(files: &[Packed], password: &Password, at: Timestamp) -> ZipResult<Vec<u8>> {
    let moment = moment(at);
    let inner = inner(files, moment)?;
    // a stream leaves checksums out (AE-2), where a file that can be gone back in gets AE-1
    let mut outer = ZipWriter::new_stream(Vec::with_capacity(inner.len() / 2));
    let options = options(moment).compression_method(CompressionMethod::Deflated);
    outer.start_file(INNER, options.with_aes_encryption(AesMode::Aes256, password.reveal()))?;
    outer.write_all(&inner)?;
    Ok(outer.finish()?.into_inner())
}

/// The files under their names, each name once.
fn inner(files: &[Packed], moment: DateTime) -> ZipResult<Vec<u8>> {
    let room = files.iter().map(|file| at_most(&file.name, file.bytes.len())).sum();
    let mut archive = ZipWriter::new(Cursor::new(Vec::with_capacity(room)));
    let mut taken = std::collections::HashSet::new();
    for file in files {
        let name = untaken(&file.name, &taken);
        archive.start_file(name.as_str(), options(moment).compression_method(CompressionMethod::Stored))?;
        archive.write_all(&file.bytes)?;
        taken.insert(name.to_lowercase());
    }
    Ok(archive.finish()?.into_inner())
}

fn options(moment: DateTime) -> SimpleFileOptions {
    SimpleFileOptions::default().last_modified_time(moment)
}

/// The name, or the first free one made of it: systems that know no capitals would put one file over the other.
fn untaken(name: &str, taken: &std::collections::HashSet<String>) -> String {
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let others = (2u32..).map(|number| format!("{stem} ({number}){extension}"));
    let mut names = std::iter::once(name.to_owned()).chain(others);
    names.find(|name| !taken.contains(&name.to_lowercase())).unwrap_or_default()
}

/// The moment on clocks in Japan; the first that a ZIP knows where it knows none.
fn moment(at: Timestamp) -> DateTime {
    let local = |instant: jiff::Timestamp| jiff::tz::Offset::constant(9).to_datetime(instant);
    let small = |number: i8| u8::try_from(number).unwrap_or_default();
    let made = jiff::Timestamp::from_millisecond(at.0).ok().map(local).and_then(|at| {
        let (year, month, day) = (u16::try_from(at.year()).ok()?, small(at.month()), small(at.day()));
        DateTime::from_date_and_time(year, month, day, small(at.hour()), small(at.minute()), small(at.second())).ok()
    });
    made.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use zip::ZipArchive;

    use super::*;

    const AT: Timestamp = Timestamp(1_795_410_300_000);

    fn file(name: &str, bytes: &[u8]) -> Packed {
        Packed { name: name.to_owned(), bytes: bytes.to_vec() }
    }

    fn opened(archive: &[u8], password: &str) -> Option<Vec<(String, Vec<u8>)>> {
        let mut outer = ZipArchive::new(Cursor::new(archive)).unwrap();
        let mut inner = Vec::new();
        outer.by_index_decrypt(0, password.as_bytes()).ok()?.read_to_end(&mut inner).ok()?;
        let mut inner = ZipArchive::new(Cursor::new(inner)).unwrap();
        let all = (0..inner.len()).map(|place| {
            let mut entry = inner.by_index(place).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (entry.name().unwrap().into_owned(), bytes)
        });
        Some(all.collect())
    }

    #[test]
    fn names_and_bytes_are_seen_by_who_has_the_password_only() {
        let password = Password::parse("k3mw8xq2vr7tbn5h").unwrap();
        let files =
            vec![file("\u{540d}\u{7c3f}.csv", b"secret,1\r\n"), file("b.bin", &[7; 70_000]), file("B.bin", b"")];
        let archive = packed(&files, &password, AT).unwrap();
        for seen in ["\u{540d}\u{7c3f}", "csv", "b.bin", "secret"] {
            assert!(!archive.windows(seen.len()).any(|window| window == seen.as_bytes()), "{seen}");
        }
        assert!(archive.len() < 3_000, "{} bytes", archive.len());
        assert_eq!(opened(&archive, "k3mw8xq2vr7tbn5i"), None);
        let all = opened(&archive, password.reveal()).unwrap();
        let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["\u{540d}\u{7c3f}.csv", "b.bin", "B (2).bin"]);
        assert_eq!((all[0].1.as_slice(), all[1].1.len(), all[2].1.len()), (&b"secret,1\r\n"[..], 70_000, 0));
    }

    #[test]
    fn no_checksum_stands_outside_and_the_same_files_never_make_the_same_archive() {
        let password = Password::parse("k3mw8xq2vr7tbn5h").unwrap();
        let make = || packed(&[file("a.txt", b"the same")], &password, AT).unwrap();
        let (one, two) = (make(), make());
        assert_ne!(one, two);
        // APPNOTE 4.5 and AE: the extra field 0x9901 of seven bytes, version 2, AE, strength 3
        let extra = [0x01, 0x99, 7, 0, 2, 0, b'A', b'E', 3];
        assert_eq!(one.windows(extra.len()).filter(|window| *window == extra).count(), 2, "{one:02x?}");
        let central = one.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        assert_eq!(&one[central + 16..central + 20], [0; 4], "the checksum of the central directory");
        let mut archive = ZipArchive::new(Cursor::new(one.as_slice())).unwrap();
        assert_eq!(
            (archive.len(), archive.by_index_raw(0).unwrap().name().unwrap().into_owned()),
            (1, INNER.to_owned())
        );
    }

    #[test]
    fn what_comes_of_files_is_never_more_than_was_said() {
        let password = Password::parse("k3mw8xq2vr7tbn5h").unwrap();
        let mut seed = 1u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 56) as u8
        })
        .take(300_000)
        .collect();
        for size in [0, 1, 100, 16_384, 300_000] {
            let made = packed(&[file("a.bin", &noise[..size])], &password, AT).unwrap();
            assert!(made.len() <= at_most("a.bin", size) + ENTRY, "{size}: {}", made.len());
        }
    }
}
