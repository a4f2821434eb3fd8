//! tar (POSIX.1-2017 pax, ustar; GNU; the older form without a mark).

use crate::Reason;
use crate::formats::zip::entry_name;
use crate::reader::Reader;

/// The length of a header.
const HEADER: usize = 512;
/// Where the checksum stands in it.
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// Reads the files of an archive.
pub(super) fn read(bytes: &[u8], out: &mut Reader) {
    let mut archive = tar::Archive::new(bytes);
    // one archive behind another
    archive.set_ignore_zeros(true);
    let Ok(entries) = archive.entries() else { return out.refuse(Reason::Broken) };
    for entry in entries {
        if out.full() {
            return out.refuse(Reason::TooBig);
        }
        let Ok(entry) = entry else { return out.refuse(Reason::Broken) };
        let kind = entry.header().entry_type();
        if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
            let name = entry_name(&entry.path_bytes());
            super::unpack(&name, entry, out);
        }
    }
}

/// Whether it begins with a header: its checksum is right (the oldest form has no mark).
pub(crate) fn is_tar(bytes: &[u8]) -> bool {
    let Some(header) = bytes.get(..HEADER) else { return false };
    let digits = header.get(CHECKSUM).unwrap_or_default();
    let digits = String::from_utf8_lossy(digits);
    let Ok(said) = u32::from_str_radix(digits.trim_matches(['\0', ' ']), 8) else { return false };
    let sum = |at: usize, byte: u8| u32::from(if CHECKSUM.contains(&at) { b' ' } else { byte });
    let counted: u32 = header.iter().enumerate().map(|(at, byte)| sum(at, *byte)).sum();
    said == counted && header.first().is_some_and(|first| *first != 0)
}
