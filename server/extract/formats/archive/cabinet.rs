//! Cabinet files of Windows ([MS-CAB]): MSZIP and LZX.

use std::io::Cursor;

use cab::Cabinet;

use crate::Reason;
use crate::reader::Reader;

/// Reads the files of a cabinet.
pub(super) fn read(bytes: &[u8], out: &mut Reader) {
    let Ok(mut cabinet) = Cabinet::new(Cursor::new(bytes)) else { return out.refuse(Reason::Broken) };
    let folders = cabinet.folder_entries();
    let names: Vec<String> = folders
        .flat_map(|folder| folder.file_entries().map(|file| file.name().to_owned()).collect::<Vec<_>>())
        .collect();
    for name in names {
        if out.full() {
            return out.refuse(Reason::TooBig);
        }
        match cabinet.read_file(&name) {
            Ok(file) => super::unpack(&name, file, out),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => {
                out.refuse_file(&name, Reason::Unsupported);
            }
            Err(_) => out.refuse_file(&name, Reason::Broken),
        }
    }
}
