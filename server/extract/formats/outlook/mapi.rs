//! The properties of MAPI (MS-OXPROPS, MS-OXCDATA 2.11): which of them people wrote, and how their texts are read.

use crate::formats::html;
use crate::reader::Reader;
use crate::{Reason, TextKind};

use super::lzfu;

/// The number of a property.
pub(super) type Id = u16;

pub(super) const SUBJECT: Id = 0x0037;
const HEADERS: Id = 0x007d;
const BODY: Id = 0x1000;
const RTF: Id = 0x1009;
const HTML: Id = 0x1013;
const CODE_PAGE: Id = 0x3ffd;
const INTERNET_CODE_PAGE: Id = 0x3fde;

/// Types of properties.
pub(super) const STRING8: u16 = 0x001e;
pub(super) const UNICODE: u16 = 0x001f;
pub(super) const BINARY: u16 = 0x0102;
pub(super) const OBJECT: u16 = 0x000d;
const LONG: u16 = 0x0003;

/// Texts that programs wrote for programs: classes, kinds of addresses, ids, and what stands in others once more.
const TECHNICAL: &[Id] = &[
    0x001a, 0x0064, 0x0065, 0x0070, 0x0075, 0x0076, 0x0077, 0x0078, 0x0c1e, 0x0c1f, 0x0e1d, 0x1035, 0x1039, 0x1042,
    0x1046, 0x3002, 0x3003, 0x3703, 0x370e, 0x3712, 0x39fe, 0x3fd9, 0x4022, 0x4023, 0x4024, 0x4025, 0x4030, 0x4031,
    0x4038, 0x4039, 0x5d01, 0x5d02, 0x5d0a, 0x5d0b, 0x8000,
];

/// A property.
#[derive(Debug, Clone)]
pub(super) struct Property {
    pub id: Id,
    pub kind: u16,
    /// What users call it, where they made it.
    pub label: Option<String>,
    pub value: Vec<u8>,
}

/// The properties of a mail, a recipient or an attachment.
#[derive(Debug, Default)]
pub(super) struct Properties(pub Vec<Property>);

impl Properties {
    /// The value of a property.
    pub fn value(&self, id: Id) -> Option<&Property> {
        self.0.iter().find(|property| property.id == id)
    }

    /// The text of a property; empty without it.
    pub fn text(&self, id: Id) -> String {
        self.value(id).and_then(|property| self.read(property)).unwrap_or_default()
    }

    /// A property that is a text.
    fn read(&self, property: &Property) -> Option<String> {
        let text = match property.kind {
            UNICODE => encoding_rs::UTF_16LE.decode_without_bom_handling(&property.value).0.into_owned(),
            STRING8 => message::charset::decode(&property.value, self.charset()),
            _ => return None,
        };
        Some(text.trim_end_matches('\0').to_owned())
    }

    /// The charset of texts that are not Unicode, by the code page; unknown ones are guessed.
    fn charset(&self) -> Option<&'static str> {
        let page = self.value(CODE_PAGE).or_else(|| self.value(INTERNET_CODE_PAGE)).filter(|page| page.kind == LONG)?;
        let page = u32::from_le_bytes(page.value.get(..4)?.try_into().ok()?);
        match page {
            932 => Some("shift_jis"),
            50220..=50222 => Some("iso-2022-jp"),
            51932 | 20932 => Some("euc-jp"),
            65001 => Some("utf-8"),
            1252 => Some("windows-1252"),
            _ => None,
        }
    }

    /// Gives the texts of a mail to `out`.
    pub fn give(&self, out: &mut Reader) {
        let subject = self.text(SUBJECT);
        out.text(TextKind::Header("subject".to_owned()), subject);
        out.text(TextKind::Plain, self.text(BODY));
        if let Some(html) = self.value(HTML) {
            let text = match html.kind {
                BINARY => message::charset::decode(&html.value, html_charset(&html.value).or(self.charset())),
                _ => self.read(html).unwrap_or_default(),
            };
            out.text(TextKind::Html, html::text(&text));
        }
        if let Some(rtf) = self.value(RTF) {
            self.rich_text(&rtf.value, out);
        }
        self.headers(out);
        out.text(TextKind::Plain, self.others());
    }

    fn rich_text(&self, packed: &[u8], out: &mut Reader) {
        match lzfu::unpacked(packed, out.room()) {
            Some(rtf) if !rtf.is_empty() && out.take(rtf.len()) => out.file("body.rtf", &rtf),
            Some(_) => {}
            None => out.refuse(Reason::Broken),
        }
    }

    /// The fields of the header as it came, but the subject, which is a property.
    fn headers(&self, out: &mut Reader) {
        let header = self.text(HEADERS);
        let parsed = message::Parsed::parse(header.as_bytes(), out.limits());
        for (name, text) in parsed.header_texts() {
            if !name.eq_ignore_ascii_case("subject") {
                out.text(TextKind::Header(name.to_ascii_lowercase()), text);
            }
        }
    }

    /// All other texts, a line each: of contacts, appointments and the fields that users made.
    pub fn others(&self) -> String {
        let special = [SUBJECT, HEADERS, BODY, HTML, RTF];
        let mut out = String::new();
        for property in &self.0 {
            // what several values are, is told one by one
            let single = Property { kind: property.kind & !0x1000, ..property.clone() };
            let Some(text) = self.read(&single) else { continue };
            let skip = TECHNICAL.contains(&property.id) && property.label.is_none() || special.contains(&property.id);
            if skip || text.starts_with("/O=") || text.starts_with("/o=") || text.trim().is_empty() {
                continue;
            }
            match &property.label {
                Some(label) => out.push_str(&format!("{label}: {text}\n")),
                None => out.push_str(&format!("{text}\n")),
            }
        }
        out
    }
}

/// The charset that an HTML text declares in its beginning.
fn html_charset(html: &[u8]) -> Option<&'static str> {
    let start = String::from_utf8_lossy(html.get(..1024).unwrap_or(html)).to_ascii_lowercase();
    let after = start.split_once("charset=")?.1.trim_start_matches(['"', '\'']);
    let known = ["utf-8", "shift_jis", "iso-2022-jp", "euc-jp", "windows-31j", "windows-1252"];
    known.into_iter().find(|name| after.starts_with(name))
}
