//! What an attachment is, by its content; a name that makes a system run the file counts as much.

use extract::{Extracted, FileType, TextKind};
use message::Leaf;
use review::{AttachmentFact, FileKind};

/// Endings of programs, of scripts and of what starts them.
const PROGRAMS: [&str; 26] = [
    "exe", "com", "scr", "pif", "msi", "msp", "cpl", "bat", "cmd", "vbs", "vbe", "hta", "lnk", "wsf", "dll", "ocx",
    "ps1", "psm1", "js", "jse", "wsh", "reg", "jar", "apk", "sh", "msc",
];
/// Of these, what archives of a web page or of a project hold for good reason: inside another file it is no program.
const PARTS_OF_PAGES: [&str; 2] = ["js", "sh"];

/// The kind of an attachment.
pub(crate) fn kind(leaf: &Leaf, extracted: &Extracted) -> FileKind {
    let runs = |name: &str| PROGRAMS.contains(&ending(name).as_str());
    let runs_inside = |name: &str| runs(name) && !PARTS_OF_PAGES.contains(&ending(name).as_str());
    let mut inside = extracted.texts.iter().filter(|text| text.kind == TextKind::Name);
    if runs(leaf.name.as_deref().unwrap_or_default())
        || extracted.inside.program
        || inside.any(|text| runs_inside(&text.text))
    {
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

/// Endings of pictures.
const PICTURES: [&str; 14] =
    ["png", "jpg", "jpeg", "jpe", "gif", "bmp", "webp", "svg", "tif", "tiff", "heic", "avif", "ico", "wmz"];

/// Whether what a mail says is a picture may be one: it is, or is at least nothing that rules know otherwise, by content or by name.
pub(crate) fn may_be_a_picture(file: &AttachmentFact) -> bool {
    let ending = ending(&file.name);
    match file.kind {
        FileKind::Image => true,
        FileKind::Text | FileKind::Other => ending.is_empty() || PICTURES.contains(&ending.as_str()),
        _ => false,
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

    #[test]
    fn programs_by_name_or_content_count_inside_another_file_too_and_parts_of_web_pages_do_not() {
        let parsed = message::Parsed::parse(b"Content-Type: x/y\r\n\r\nhello", &types::Limits::default());
        let leaf = Leaf { name: None, ..parsed.leaves().remove(0) };
        let named = |name: &str| Leaf { name: Some(name.to_owned()), ..leaf.clone() };
        let holding = |name: &str, program| {
            let mut out = Extracted::nothing(&leaf);
            let text = |kind| extract::Text { inner: String::new(), kind, name: None, text: name.to_owned() };
            out.texts = vec![text(TextKind::Name), text(TextKind::Plain)];
            out.inside.program = program;
            kind(&leaf, &out) == FileKind::Executable
        };
        for (name, alone, inside) in [
            ("site/app.js", true, false),
            ("run.sh", true, false),
            ("x/y.jar", true, true),
            ("a.ps1", true, true),
            ("a.DLL", true, true),
            ("a.vbs", true, true),
            ("js", false, false),
            ("a.csv", false, false),
        ] {
            let out = Extracted::nothing(&leaf);
            assert_eq!(kind(&named(name), &out) == FileKind::Executable, alone, "{name}");
            assert_eq!(holding(name, false), inside, "{name}");
        }
        assert!(holding("a.dat", true));
    }
}
