//! 7z. With a password on the names, nothing in it can be named; with one on the contents, every file is named.

use std::io::Cursor;

use sevenz_rust2::{ArchiveReader, Error, Password};

use crate::Reason;
use crate::reader::Reader;

/// Reads the files of an archive.
pub(super) fn read(bytes: &[u8], out: &mut Reader) {
    let memory = super::DECODER as usize;
    let opened = ArchiveReader::new_with_memory_limit(Cursor::new(bytes), Password::empty(), memory);
    let mut archive = match opened {
        Ok(archive) => archive,
        Err(error) => return out.refuse(reason(&error)),
    };
    // a child has no threads
    archive.set_thread_count(1);
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
