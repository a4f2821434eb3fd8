//! RAR 4 and 5, as far as their headers go: no library of a fitting licence unpacks them, so files that are stored are
//! read, and compressed ones are named as not inspected (RAR's technical note; `technote.txt` of RAR 4).

use crate::Reason;
use crate::formats::zip::entry_name;
use crate::reader::Reader;

const RAR_5: &[u8] = b"Rar!\x1a\x07\x01\0";
const RAR_4: &[u8] = b"Rar!\x1a\x07\0";

/// A file as its header tells of it.
struct File<'a> {
    name: String,
    encrypted: bool,
    /// Its bytes, when they are stored and whole.
    stored: Option<&'a [u8]>,
}

/// Names the files of an archive, and reads those that can be.
pub(super) fn read(bytes: &[u8], out: &mut Reader) {
    let done = match (bytes.strip_prefix(RAR_5), bytes.strip_prefix(RAR_4)) {
        (Some(blocks), _) => five(blocks, out),
        (None, Some(blocks)) => four(blocks, out),
        (None, None) => None,
    };
    if done.is_none() {
        out.refuse(Reason::Broken);
    }
}

fn told(file: &File, out: &mut Reader) {
    match file.stored {
        _ if file.encrypted => out.refuse_file(&file.name, Reason::Encrypted),
        Some(bytes) if out.take(bytes.len()) => out.file(&file.name, bytes),
        _ => out.refuse_file(&file.name, Reason::Unsupported),
    }
}

/// The blocks of RAR 5: checksum, then as variable numbers the header's size, its type, its flags.
fn five(mut rest: &[u8], out: &mut Reader) -> Option<()> {
    while !rest.is_empty() {
        if out.full() {
            out.refuse(Reason::TooBig);
            return Some(());
        }
        let mut at = rest.get(4..)?;
        let size = usize::try_from(number(&mut at)?).ok()?;
        let (header, behind) = at.split_at_checked(size)?;
        let mut header = header;
        let (kind, flags) = (number(&mut header)?, number(&mut header)?);
        let extra = if flags & 1 != 0 { usize::try_from(number(&mut header)?).ok()? } else { 0 };
        let data = if flags & 2 != 0 { usize::try_from(number(&mut header)?).ok()? } else { 0 };
        let whole = behind.get(..data);
        match kind {
            2 => told(&file_of_five(header, extra, whole)?, out),
            // every header behind this one is encrypted
            4 => {
                out.refuse(Reason::Encrypted);
                return Some(());
            }
            5 => return Some(()),
            _ => {}
        }
        rest = behind.get(data..)?;
    }
    // the end has a block of its own
    None
}

fn file_of_five<'a>(mut header: &[u8], extra: usize, data: Option<&'a [u8]>) -> Option<File<'a>> {
    let extra = header.len().checked_sub(extra).and_then(|from| header.get(from..))?;
    let flags = number(&mut header)?;
    let (_unpacked, _attributes) = (number(&mut header)?, number(&mut header)?);
    let fixed = if flags & 2 != 0 { 4 } else { 0 } + if flags & 4 != 0 { 4 } else { 0 };
    header = header.get(fixed..)?;
    let method = (number(&mut header)? >> 7) & 7;
    let _system = number(&mut header)?;
    let length = usize::try_from(number(&mut header)?).ok()?;
    let name = entry_name(header.get(..length)?);
    Some(File { name, encrypted: has_encryption(extra), stored: data.filter(|_| method == 0) })
}

/// Whether one of the records (size, type, …) is that of encryption.
fn has_encryption(mut extra: &[u8]) -> bool {
    while let Some(size) = number(&mut extra).and_then(|size| usize::try_from(size).ok()) {
        let mut record = extra.get(..size).unwrap_or_default();
        if number(&mut record) == Some(1) {
            return true;
        }
        let Some(rest) = extra.get(size.max(1)..) else { return false };
        extra = rest;
    }
    false
}

/// A variable number: seven bits a byte, the lowest first.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut out = 0u64;
    for shift in (0..63).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        out |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(out);
        }
    }
    None
}

/// The blocks of RAR 4: checksum, type, flags, size.
fn four(mut rest: &[u8], out: &mut Reader) -> Option<()> {
    let mut blocks = 0;
    while rest.len() >= 7 {
        blocks += 1;
        if out.full() {
            out.refuse(Reason::TooBig);
            return Some(());
        }
        let (kind, flags, size) = (*rest.get(2)?, short(rest, 3)?, usize::from(short(rest, 5)?));
        let header = rest.get(..size).filter(|_| size >= 7)?;
        let mut data = if flags & 0x8000 != 0 { long(header, 7)? } else { 0 };
        match kind {
            // every header behind this one is encrypted
            0x73 if flags & 0x80 != 0 => {
                out.refuse(Reason::Encrypted);
                return Some(());
            }
            0x74 => {
                data = long(header, 7)?;
                told(&file_of_four(header, flags, rest.get(size..size.checked_add(data)?))?, out);
            }
            0x7b => return Some(()),
            _ => {}
        }
        rest = rest.get(size.checked_add(data)?..)?;
    }
    (blocks > 0).then_some(())
}

fn file_of_four<'a>(header: &[u8], flags: u16, data: Option<&'a [u8]>) -> Option<File<'a>> {
    let from = if flags & 0x100 != 0 { 40 } else { 32 };
    let length = usize::from(short(header, 26)?);
    let name = header.get(from..from + length)?;
    // behind a zero the name stands again, in a packing of Unicode
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    let stored = header.get(25) == Some(&0x30);
    Some(File { name: entry_name(name), encrypted: flags & 4 != 0, stored: data.filter(|_| stored) })
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}
