//! 7z. With a password on the names, nothing in it can be named; with one on the contents, every file is named. A
//! password is right when the first encrypted file gives what its sum says.

use std::io::{Cursor, Read};

use memchr::memmem;
use sevenz_rust2::{Archive, ArchiveReader, BlockDecoder, EncoderMethod, Error, Password};

use crate::Reason;
use crate::reader::Reader;

/// Rounds of a key that the archive does not tell beforehand: those of the program that invented the format.
const USUAL: u64 = 1 << 19;
/// The header behind the mark (7zFormat.txt, SignatureHeader): where the next one begins, counted from its end.
const HEADER: usize = 32;

type Opened<'a> = ArchiveReader<Cursor<&'a [u8]>>;

/// Reads the files of an archive.
pub(super) fn read(bytes: &[u8], out: &mut Reader) {
    let archive = match open(bytes, Password::empty()) {
        Ok(archive) if first_locked(archive.archive()).is_some() => unlocked(bytes, out).unwrap_or(archive),
        Ok(archive) => archive,
        Err(error) if reason(&error) == Reason::Encrypted => match unlocked(bytes, out) {
            Some(archive) => archive,
            None => return out.refuse(Reason::Encrypted),
        },
        Err(error) => return out.refuse(reason(&error)),
    };
    files(archive, out);
}

fn open(bytes: &[u8], password: Password) -> Result<Opened<'_>, Error> {
    let mut archive = ArchiveReader::new_with_memory_limit(Cursor::new(bytes), password, super::DECODER as usize)?;
    // a child has no threads
    archive.set_thread_count(1);
    Ok(archive)
}

fn files(mut archive: Opened<'_>, out: &mut Reader) {
    let mut read = Vec::new();
    let done = archive.for_each_entries(|entry, content| {
        if out.full() {
            out.refuse(Reason::TooBig);
            return Err(Error::Other("enough".into()));
        }
        if !entry.is_directory && entry.has_stream {
            read.push(entry.name.clone());
            super::unpack(&entry.name, content, out);
        }
        Ok(true)
    });
    if let Err(error) = done
        && !out.full()
    {
        let rest = archive.archive().files.iter().filter(|file| file.has_stream && !read.contains(&file.name));
        rest.for_each(|file| out.refuse_file(&file.name, reason(&error)));
        out.refuse(reason(&error));
    }
}

/// The archive with the first password that opens it.
fn unlocked<'a>(bytes: &'a [u8], out: &mut Reader) -> Option<Opened<'a>> {
    let room = out.room() as u64;
    out.unlock(rounds(bytes), |password| {
        let password = Password::from(password.reveal());
        let archive = open(bytes, password.clone()).ok()?;
        gives_a_file(bytes, &archive, &password, room).then_some(archive)
    })
}

/// Whether the first encrypted file comes out as its sum says; there is nothing to prove where none is encrypted.
fn gives_a_file(bytes: &[u8], archive: &Opened<'_>, password: &Password, room: u64) -> bool {
    let archive = archive.archive();
    let Some(block) = first_locked(archive) else { return true };
    let (mut source, mut right) = (Cursor::new(bytes), false);
    let memory = super::DECODER as usize;
    let decoder = BlockDecoder::new_with_memory_limit(1, memory, block, archive, password, &mut source);
    let read = decoder.for_each_entries(&mut |entry, content| {
        // without a sum, or cut short of it, anything would come out right
        let read = std::io::copy(&mut content.take(room), &mut std::io::sink());
        right = entry.has_crc && read.is_ok_and(|read| read < room);
        Ok(right && !entry.has_stream)
    });
    right && read.is_ok()
}

/// The first block of contents that is encrypted.
fn first_locked(archive: &Archive) -> Option<usize> {
    let locks = |coder: &sevenz_rust2::Coder| coder.encoder_method_id() == EncoderMethod::ID_AES256_SHA256;
    archive.blocks.iter().position(|block| block.coders.iter().any(locks))
}

/// How many rounds the hardest of its keys takes.
fn rounds(bytes: &[u8]) -> u64 {
    let contents = open(bytes, Password::empty()).ok().map(|archive| {
        let coders = archive.archive().blocks.iter().flat_map(|block| &block.coders);
        let locks = coders.filter(|coder| coder.encoder_method_id() == EncoderMethod::ID_AES256_SHA256);
        locks.filter_map(|coder| coder.properties().first().copied()).map(power).max().unwrap_or(USUAL)
    });
    contents.or_else(|| names_locked(bytes).map(power)).unwrap_or(USUAL)
}

fn power(properties: u8) -> u64 {
    match properties & 0x3f {
        // the password is the key as it stands
        0x3f => 1,
        power => 1u64.checked_shl(power.into()).unwrap_or(u64::MAX),
    }
}

/// The first byte of the properties of the cipher that the names are encrypted with: the last header stands open, and
/// names it with the length of its properties.
fn names_locked(bytes: &[u8]) -> Option<u8> {
    let at = u64::from_le_bytes(bytes.get(12..20)?.try_into().ok()?);
    let header = bytes.get(HEADER.checked_add(usize::try_from(at).ok()?)?..)?;
    let found = memmem::find(header, EncoderMethod::ID_AES256_SHA256)?;
    header.get(found + EncoderMethod::ID_AES256_SHA256.len() + 1).copied()
}

fn reason(error: &Error) -> Reason {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => Reason::Encrypted,
        Error::MaxMemLimited { .. } => Reason::TooBig,
        Error::UnsupportedCompressionMethod(_) | Error::Unsupported(_) | Error::ExternalUnsupported => {
            Reason::Unsupported
        }
        _ => Reason::Broken,
    }
}
