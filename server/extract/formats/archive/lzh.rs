//! LZH (LHA), which Japanese offices kept for long: methods lh0 to lh7, names in code page 932.

use delharc::LhaDecodeReader;
use delharc::header::LhaHeader;

use crate::Reason;
use crate::formats::zip::entry_name;
use crate::reader::Reader;

/// Kinds of extra headers: file name and folder, in the code page of the system, and in UTF-16 by UNLHA32.DLL.
const NAME: u8 = 0x01;
const FOLDER: u8 = 0x02;
const WIDE_NAME: u8 = 0x44;
/// What separates folders in an extra header.
const SEPARATOR: u8 = 0xff;

/// Reads the files of an archive.
pub(super) fn read(bytes: &[u8], out: &mut Reader) {
    let Ok(mut archive) = LhaDecodeReader::new(bytes) else { return out.refuse(Reason::Broken) };
    loop {
        if out.full() {
            return out.refuse(Reason::TooBig);
        }
        if !archive.header().is_directory() {
            let name = name(archive.header());
            if archive.is_decoder_supported() {
                super::unpack(&name, &mut archive, out);
                // what was not read to its end was refused already
                if archive.is_empty() && !archive.crc_is_ok() {
                    out.refuse_at(&name, Reason::Broken);
                }
            } else {
                out.refuse_file(&name, Reason::Unsupported);
            }
        }
        match archive.next_file() {
            Ok(true) => {}
            Ok(false) => return,
            Err(_) => return out.refuse(Reason::Broken),
        }
    }
}

fn name(header: &LhaHeader) -> String {
    let extra = |wanted: u8| {
        header.iter_extra().find_map(|one| one.split_first().filter(|(kind, _)| **kind == wanted).map(|(_, data)| data))
    };
    if let Some(wide) = extra(WIDE_NAME) {
        return encoding_rs::UTF_16LE.decode_without_bom_handling(wide).0.into_owned();
    }
    let folder = extra(FOLDER).map(|folder| folder.split(|byte| *byte == SEPARATOR).map(entry_name));
    let folder: Vec<String> = folder.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let own = entry_name(extra(NAME).unwrap_or(&header.filename));
    folder.into_iter().chain([own]).collect::<Vec<_>>().join("/")
}
