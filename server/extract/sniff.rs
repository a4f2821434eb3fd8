//! What a part really is, by its first bytes.

use memchr::memmem;
use message::{Leaf, LeafRole};

use crate::formats::outlook::msg;
use crate::formats::{mail, smime};

/// The real type of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileType {
    /// Nothing in it.
    Empty,
    /// Text of any kind.
    Text,
    /// HTML.
    Html,
    /// A mail.
    Mail,
    /// A picture.
    Image,
    /// A ZIP archive.
    Zip,
    /// A document of Office or OpenDocument (a ZIP inside), or of the older Office.
    Office,
    /// A PDF.
    Pdf,
    /// Rich text (RTF).
    RichText,
    /// Another archive or compressed file.
    Archive,
    /// The winmail.dat of Outlook (TNEF).
    Tnef,
    /// Sound or film.
    Media,
    /// A program.
    Program,
    /// Encrypted as a whole: S/MIME, PGP, a protected document.
    Encrypted,
    /// A signed mail whose text lies inside of its signature (S/MIME).
    Signed,
    /// A signature of the mail (S/MIME, PGP): it holds nothing that people wrote.
    Signature,
    /// Something else that is not text.
    Other,
}

impl FileType {
    /// The name in rules, reports and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Text => "text",
            Self::Html => "html",
            Self::Mail => "mail",
            Self::Image => "image",
            Self::Zip => "zip",
            Self::Office => "office",
            Self::Pdf => "pdf",
            Self::RichText => "rtf",
            Self::Archive => "archive",
            Self::Tnef => "tnef",
            Self::Media => "media",
            Self::Program => "program",
            Self::Encrypted => "encrypted",
            Self::Signed => "signed",
            Self::Signature => "signature",
            Self::Other => "other",
        }
    }
}

/// The first bytes of formats.
const MAGIC: &[(&[u8], FileType)] = &[
    (b"\x89PNG\r\n\x1a\n", FileType::Image),
    (b"\xff\xd8\xff", FileType::Image),
    (b"GIF8", FileType::Image),
    (b"II*\0", FileType::Image),
    (b"MM\0*", FileType::Image),
    (b"\0\0\x01\0", FileType::Image),
    (b"{\\rtf", FileType::RichText),
    (b"7z\xbc\xaf\x27\x1c", FileType::Archive),
    (b"Rar!\x1a\x07", FileType::Archive),
    (b"\x1f\x8b", FileType::Archive),
    (b"BZh", FileType::Archive),
    (b"\xfd7zXZ\0", FileType::Archive),
    (b"\x28\xb5\x2f\xfd", FileType::Archive),
    (b"MSCF", FileType::Archive),
    (b"\x78\x9f\x3e\x22", FileType::Tnef),
    (b"ID3", FileType::Media),
    (b"OggS", FileType::Media),
    (b"\x7fELF", FileType::Program),
    (b"-----BEGIN PGP MESSAGE-----", FileType::Encrypted),
];

/// The bytes that are looked at to tell text from other content.
const SAMPLE: usize = 4096;

/// The real type of a leaf.
pub(crate) fn file_type(leaf: &Leaf) -> FileType {
    let bytes = leaf.bytes.as_ref();
    if leaf.role == LeafRole::Message {
        return FileType::Mail;
    }
    if bytes.is_empty() {
        return FileType::Empty;
    }
    by_magic(bytes).unwrap_or_else(|| by_words(leaf, bytes))
}

/// The real type by the first bytes, where they say it.
pub(crate) fn by_magic(bytes: &[u8]) -> Option<FileType> {
    if let Some((_, found)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(*found);
    }
    let at = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
    // the two marks of archives in pieces stand before the first file (APPNOTE.TXT 8.5)
    if [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x07\x08PK", b"PK00PK"].iter().any(|mark| bytes.starts_with(mark)) {
        return Some(if crate::formats::zip::is_document(bytes) { FileType::Office } else { FileType::Zip });
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Some(compound(bytes));
    }
    if memmem::find(at(0, 1024.min(bytes.len())), b"%PDF-").is_some() {
        return Some(FileType::Pdf);
    }
    match (at(0, 4), at(4, 8), at(8, 12)) {
        (b"RIFF", _, b"WEBP") => Some(FileType::Image),
        (b"RIFF", ..) => Some(FileType::Media),
        (_, b"ftyp", b"heic" | b"heix" | b"mif1" | b"msf1" | b"avif") => Some(FileType::Image),
        (_, b"ftyp", _) => Some(FileType::Media),
        _ if matches!(at(2, 5), b"-lh" | b"-lz") && at(6, 7) == b"-" => Some(FileType::Archive),
        _ if at(257, 262) == b"ustar" || crate::formats::archive::is_tar(bytes) => Some(FileType::Archive),
        _ if bytes.starts_with(b"BM") && at(6, 10) == [0; 4] => Some(FileType::Image),
        _ if bytes.starts_with(b"MZ") && bytes.contains(&0) => Some(FileType::Program),
        _ => None,
    }
}

/// A compound file: the older Office, and the wrapping of newer documents with a password ([MS-OFFCRYPTO]).
fn compound(bytes: &[u8]) -> FileType {
    if msg::is_msg(bytes) {
        return FileType::Mail;
    }
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if memmem::find(bytes, &name).is_some() { FileType::Encrypted } else { FileType::Office }
}

/// Of what has no magic: mails, HTML, text, by declaration and by what is in it.
fn by_words(leaf: &Leaf, bytes: &[u8]) -> FileType {
    let name = leaf.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    match leaf.content_type.as_str() {
        "application/pkcs7-signature" | "application/x-pkcs7-signature" | "application/pgp-signature" => {
            return FileType::Signature;
        }
        "application/pgp-encrypted" => return FileType::Encrypted,
        "application/pkcs7-mime" | "application/x-pkcs7-mime" if !name.ends_with(".p7c") => {
            return if smime::is_readable(bytes) { FileType::Signed } else { FileType::Encrypted };
        }
        _ => {}
    }
    let armoured = bytes.starts_with(b"-----BEGIN PKCS7-----") || bytes.starts_with(b"-----BEGIN CMS-----");
    if let Some(der) = armoured.then(|| smime::armoured(bytes)) {
        return if der.is_some_and(|der| smime::is_readable(&der)) { FileType::Signed } else { FileType::Encrypted };
    }
    let secured = [".p7m", ".p7z", ".p7s"].iter().any(|end| name.ends_with(end));
    if secured && smime::is_readable(bytes) {
        return FileType::Signed;
    }
    if !is_text(bytes) && leaf.text.is_none() {
        let encrypted =
            name.ends_with(".p7m") || is_pgp(bytes) && [".pgp", ".gpg"].iter().any(|end| name.ends_with(end));
        return if encrypted { FileType::Encrypted } else { FileType::Other };
    }
    if leaf.role == LeafRole::Attachment && mail::is_box(bytes) {
        return FileType::Mail;
    }
    if leaf.role == LeafRole::Attachment && (name.ends_with(".eml") || name.ends_with(".mht") || is_mail(bytes)) {
        return FileType::Mail;
    }
    let start = String::from_utf8_lossy(bytes.get(..512).unwrap_or(bytes)).trim_start().to_ascii_lowercase();
    let html = start.starts_with("<!doctype html") || start.starts_with("<html");
    if html || name.ends_with(".html") || name.ends_with(".htm") || leaf.content_type == "text/html" {
        return FileType::Html;
    }
    FileType::Text
}

/// Whether the first packet is of an encrypted message (RFC 9580, 5): a session key, or encrypted data.
fn is_pgp(bytes: &[u8]) -> bool {
    let tag = match bytes.first() {
        Some(&byte) if byte & 0xc0 == 0xc0 => byte & 0x3f,
        Some(&byte) if byte & 0x80 != 0 => byte >> 2 & 0x0f,
        _ => return false,
    };
    matches!(tag, 1 | 3 | 9 | 18 | 20)
}

/// Whether it begins as mails do, or as a saved web page does (RFC 2557).
fn is_mail(bytes: &[u8]) -> bool {
    let start = bytes.get(..SAMPLE).unwrap_or(bytes).to_ascii_lowercase();
    let begins =
        [&b"return-path:"[..], b"received:", b"from:", b"date:", b"message-id:", b"delivered-to:", b"mime-version:"]
            .iter()
            .any(|name| start.starts_with(name));
    let holds = |name: &[u8]| memmem::find(&start, name).is_some();
    let from = start.starts_with(b"from:") || holds(b"\nfrom:");
    let page = start.starts_with(b"mime-version:") && holds(b"\ncontent-type: multipart/");
    page || begins && from && (holds(b"\nmime-version:") || holds(b"\nmessage-id:") || holds(b"\nsubject:"))
}

/// Whether the bytes are text in some charset: hardly any control characters, or every second byte zero.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    if crate::formats::plain::utf16_order(sample).is_some() {
        return true;
    }
    let odd = |byte: &u8| matches!(byte, 0..=8 | 0xb | 0xe..=0x1a | 0x1c..=0x1f | 0x7f);
    let count = sample.iter().filter(|byte| odd(byte)).count();
    !sample.contains(&0) && count * 50 <= sample.len()
}
