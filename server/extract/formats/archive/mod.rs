//! Archives and compressed files other than ZIP: which of them a file is, by its first bytes, and what every reader of
//! archives does with a file that it finds. A reader knows its own format only.

mod cabinet;
mod lzh;
mod rar;
mod seven_zip;
mod tarball;

use std::io::{ErrorKind, Read};

use flate2::read::MultiGzDecoder;
use memchr::memmem;
use message::Leaf;

use super::zip;
use crate::Reason;
use crate::reader::Reader;

pub(crate) use tarball::is_tar;

/// Memory that one decoder may ask for, KiB: an archive says how much it needs.
const DECODER: u32 = 128 << 10;
/// The window that a zstd stream may ask for, as a power of two.
const ZSTD_WINDOW: u32 = 27;

const SEVEN_ZIP: &[u8] = b"7z\xbc\xaf\x27\x1c";
const RAR: &[u8] = b"Rar!\x1a\x07";
const CABINET: &[u8] = b"MSCF\0\0\0\0";

/// Reads an archive or a compressed file.
pub(crate) fn read(leaf: &Leaf, out: &mut Reader) {
    let bytes = leaf.bytes.as_ref();
    let inner = || inner_name(leaf.name.as_deref());
    match bytes {
        [0x1f, 0x8b, ..] => unpack(&inner(), MultiGzDecoder::new(bytes), out),
        [b'B', b'Z', b'h', ..] => unpack(&inner(), bzip2::read::MultiBzDecoder::new(bytes), out),
        [0xfd, b'7', b'z', ..] => unpack(&inner(), lzma_rust2::XzReader::new_mem_limit(bytes, true, DECODER), out),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => zstd_stream(&inner(), bytes, out),
        _ if bytes.starts_with(SEVEN_ZIP) => seven_zip::read(bytes, out),
        _ if bytes.starts_with(RAR) => rar::read(bytes, out),
        _ if bytes.starts_with(b"MSCF") => cabinet::read(bytes, out),
        _ if bytes.get(2..5) == Some(b"-lh") || bytes.get(2..5) == Some(b"-lz") => lzh::read(bytes, out),
        _ if is_tar(bytes) => tarball::read(bytes, out),
        _ => out.refuse(Reason::Unsupported),
    }
}

/// Reads a program: not its code, but the archive behind it when it is one that unpacks itself.
pub(crate) fn program(bytes: &[u8], out: &mut Reader) {
    out.refuse(Reason::Unsupported);
    let from = |mark: &[u8]| memmem::find(bytes, mark).and_then(|at| bytes.get(at..));
    if zip::is_at_the_end(bytes) {
        return zip::read(bytes, out);
    }
    if let Some(archive) = from(SEVEN_ZIP) {
        return seven_zip::read(archive, out);
    }
    if let Some(archive) = from(RAR) {
        return rar::read(archive, out);
    }
    if let Some(archive) = from(CABINET) {
        return cabinet::read(archive, out);
    }
    // the mark of LZH stands behind two bytes of its header
    let lzh = [&b"-lh5-"[..], b"-lh6-", b"-lh7-", b"-lh0-"].iter().find_map(|mark| memmem::find(bytes, mark));
    if let Some(archive) = lzh.and_then(|at| bytes.get(at.checked_sub(2)?..)) {
        lzh::read(archive, out);
    }
}

fn zstd_stream(name: &str, bytes: &[u8], out: &mut Reader) {
    let decoder = zstd::stream::read::Decoder::with_buffer(bytes).and_then(|mut decoder| {
        decoder.window_log_max(ZSTD_WINDOW)?;
        Ok(decoder)
    });
    match decoder {
        Ok(decoder) => unpack(name, decoder, out),
        Err(_) => out.refuse(Reason::Broken),
    }
}

/// Unpacks a stream as far as there is room and reads it as the file `name`.
pub(crate) fn unpack(name: &str, stream: impl Read, out: &mut Reader) {
    let mut bytes = Vec::new();
    let read = stream.take(out.room() as u64 + 1).read_to_end(&mut bytes);
    match read {
        Ok(_) => unpacked(name, &bytes, out),
        // what came before the damage is read all the same
        Err(error) => {
            let unknown = error.kind() == ErrorKind::Unsupported;
            out.refuse_file(name, if unknown { Reason::Unsupported } else { Reason::Broken });
            if out.take(bytes.len()) {
                out.file(name, &bytes);
            }
        }
    }
}

/// Reads what was unpacked as the file `name`, when there was room for it.
pub(crate) fn unpacked(name: &str, bytes: &[u8], out: &mut Reader) {
    match bytes.len() > out.room() || !out.take(bytes.len()) {
        true => out.refuse_file(name, Reason::TooBig),
        false => out.file(name, bytes),
    }
}

/// The name of the one file in a compressed file: `a.csv` in `a.csv.gz`, `a.tar` in `a.tgz`.
fn inner_name(name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    match ending.to_ascii_lowercase().as_str() {
        _ if stem.is_empty() => "content".to_owned(),
        "tgz" | "tbz" | "tbz2" | "txz" | "tzst" => format!("{stem}.tar"),
        "gz" | "bz2" | "xz" | "zst" | "zstd" => stem.to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_inside_is_the_name_without_its_last_ending() {
        for (name, inner) in [
            (Some("名簿.csv.gz"), "名簿.csv"),
            (Some("a.TGZ"), "a.tar"),
            (Some("a.txz"), "a.tar"),
            (Some("a.bin"), "a.bin"),
            (Some("gz"), "gz"),
            (Some(".gz"), "content"),
            (None, "content"),
        ] {
            assert_eq!(inner_name(name), inner, "{name:?}");
        }
    }
}
