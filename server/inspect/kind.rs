//! What an attachment is, by its content; a name that makes a system run the file counts as much.

use extract::{Extracted, FileType, TextKind};
use message::Leaf;
use review::FileKind;

/// Endings of programs and of what starts them; inside an archive, too.
const PROGRAMS: [&str; 14] =
    ["exe", "com", "scr", "pif", "msi", "msp", "cpl", "bat", "cmd", "vbs", "vbe", "hta", "lnk", "wsf"];
/// Endings of scripts and packages: archives of a web page or of a project hold such for good reason.
const SCRIPTS: [&str; 12] = ["dll", "ocx", "ps1", "psm1", "js", "jse", "wsh", "reg", "jar", "apk", "sh", "msc"];

/// The kind of an attachment.
pub(crate) fn kind(leaf: &Leaf<'_>, extracted: &Extracted) -> FileKind {
    let mut inside = extracted.texts.iter().filter(|text| text.kind == TextKind::Name);
    let own = ending(leaf.name.as_deref().unwrap_or_default());
    let runs = PROGRAMS.contains(&own.as_str()) || SCRIPTS.contains(&own.as_str());
    if runs || inside.any(|text| PROGRAMS.contains(&ending(&text.text).as_str())) {
        return FileKind::Executable;
    }
    match extracted.real_type {
        FileType::Program => FileKind::Executable,
        FileType::Image => FileKind::Image,
        FileType::Zip | FileType::Archive => FileKind::Archive,
        FileType::Office => FileKind::Office,
        FileType::Pdf => FileKind::Pdf,
        FileType::Text | FileType::Html | FileType::RichText => FileKind::Text,
        FileType::Mail | FileType::Signed => FileKind::Mail,
        // Signatures and what is no document; rules name what could not be read by its reason.
        _ => FileKind::Other,
    }
}

/// The last ending of a name, without the blanks and dots that Windows drops.
fn ending(name: &str) -> String {
    let name = name.trim_end_matches(|c: char| c.is_whitespace() || c == '.');
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ending_counts() {
        for (name, expected) in [("a.exe", "exe"), ("明細.pdf.SCR", "scr"), ("a.js. ", "js"), ("a", ""), ("", "")] {
            assert_eq!(ending(name), expected);
        }
    }
}
