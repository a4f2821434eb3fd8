//! TNEF (MS-OXTNEF): the winmail.dat in which Exchange packs the body, the recipients and the attachments of a mail.

use super::mapi::{BINARY, OBJECT, Properties, Property, STRING8, UNICODE};
use crate::reader::Reader;
use crate::{Reason, TextKind};

const SIGNATURE: u32 = 0x223e_9f78;
/// Attributes that are read of one stream.
const ATTRIBUTES: usize = 10_000;
/// Properties of one list, and values of one property.
const PROPERTIES: u32 = 10_000;
/// What comes before the bytes of an object: the id of its interface.
const INTERFACE: usize = 16;

const SUBJECT: u32 = 0x0001_8004;
const BODY: u32 = 0x0002_800c;
const CODE_PAGE: u32 = 0x0006_9007;
const MAIL: u32 = 0x0006_9003;
const RECIPIENTS: u32 = 0x0006_9004;
const ATTACHMENT_BEGINS: u32 = 0x0006_9002;
const ATTACHMENT: u32 = 0x0006_9005;
const ATTACHMENT_DATA: u32 = 0x0006_800f;
const ATTACHMENT_TITLE: u32 = 0x0001_8010;

const DATA: u16 = 0x3701;
const LONG_NAME: u16 = 0x3707;
const DISPLAY_NAME: u16 = 0x3001;

/// Bytes that are taken from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, size: usize) -> Option<u32> {
        self.take(size).map(|bytes| bytes.iter().rev().fold(0, |value, &byte| value << 8 | u32::from(byte)))
    }

    /// Bytes filled up to a multiple of four.
    fn padded(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.take(count)?;
        // the last may lack its filling
        let _ = self.take(count.wrapping_neg() % 4);
        Some(taken)
    }
}

/// An attachment as it comes together.
#[derive(Default)]
struct Attachment {
    title: Vec<u8>,
    data: Option<Vec<u8>>,
    properties: Properties,
}

/// Reads a stream.
pub(crate) fn read(bytes: &[u8], out: &mut Reader) {
    let mut rest = Bytes(bytes);
    if rest.number(4) != Some(SIGNATURE) || rest.number(2).is_none() {
        return out.refuse(Reason::Broken);
    }
    let mut work = Work { charset: None, open: None, out };
    for _ in 0..ATTRIBUTES {
        if rest.0.is_empty() {
            return work.close();
        }
        let Some((id, value)) = attribute(&mut rest) else {
            work.close();
            return out.refuse(Reason::Broken);
        };
        work.attribute(id, value);
    }
    work.close();
    out.refuse(Reason::TooBig);
}

/// An attribute: level, id, length, bytes, checksum (2.1.3.1). One that was cut off is none.
fn attribute<'a>(rest: &mut Bytes<'a>) -> Option<(u32, &'a [u8])> {
    rest.take(1)?;
    let (id, length) = (rest.number(4)?, rest.number(4)?);
    let value = rest.take(length as usize)?;
    rest.take(2)?;
    Some((id, value))
}

struct Work<'w, 'a> {
    charset: Option<&'static str>,
    open: Option<Attachment>,
    out: &'w mut Reader<'a>,
}

impl Work<'_, '_> {
    fn attribute(&mut self, id: u32, value: &[u8]) {
        match id {
            CODE_PAGE if value.starts_with(&932u32.to_le_bytes()) => self.charset = Some("shift_jis"),
            SUBJECT => self.text(TextKind::Header("subject".to_owned()), value),
            BODY => self.text(TextKind::Plain, value),
            MAIL => list(&mut Bytes(value)).give(self.out),
            RECIPIENTS => self.recipients(value),
            ATTACHMENT_BEGINS => {
                self.close();
                self.open = Some(Attachment::default());
            }
            ATTACHMENT_TITLE => self.attachment().title = value.to_vec(),
            ATTACHMENT_DATA => self.attachment().data = Some(value.to_vec()),
            ATTACHMENT => self.attachment().properties = list(&mut Bytes(value)),
            _ => {}
        }
    }

    fn attachment(&mut self) -> &mut Attachment {
        self.open.get_or_insert_default()
    }

    fn text(&mut self, kind: TextKind, value: &[u8]) {
        let text = message::charset::decode(value, self.charset);
        self.out.text(kind, text.trim_end_matches('\0').to_owned());
    }

    /// The recipients: a list of properties for each.
    fn recipients(&mut self, value: &[u8]) {
        let mut rest = Bytes(value);
        let rows = rest.number(4).unwrap_or(0).min(PROPERTIES);
        for _ in 0..rows {
            if rest.0.is_empty() {
                return;
            }
            let text = list(&mut rest).others();
            self.out.text(TextKind::Plain, text);
        }
    }

    /// Reads the attachment that is complete now.
    fn close(&mut self) {
        let Some(attachment) = self.open.take() else { return };
        let Attachment { title, data, properties } = attachment;
        let title = message::charset::decode(&title, self.charset);
        let named =
            [properties.text(LONG_NAME), title.trim_end_matches('\0').to_owned(), properties.text(DISPLAY_NAME)];
        let name = named.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        // a mail or an object is in the properties, a file beside them
        let inner = properties.value(DATA).filter(|inner| matches!(inner.kind, OBJECT | BINARY));
        let bytes = match (&inner, &data) {
            (Some(inner), _) if inner.kind == OBJECT => inner.value.get(INTERFACE..),
            (_, Some(data)) => Some(data.as_slice()),
            (Some(inner), None) => Some(inner.value.as_slice()),
            (None, None) => None,
        };
        if let Some(bytes) = bytes {
            self.out.file(&name, bytes);
        }
    }
}

/// A list of properties (2.1.3.3 and 2.1.3.4); what is torn ends it.
fn list(rest: &mut Bytes<'_>) -> Properties {
    let count = rest.number(4).unwrap_or(0).min(PROPERTIES);
    let mut out = Vec::new();
    for _ in 0..count {
        if property(rest, &mut out).is_none() {
            break;
        }
    }
    Properties(out)
}

fn property(rest: &mut Bytes<'_>, out: &mut Vec<Property>) -> Option<()> {
    let kind = rest.number(2)? as u16;
    let id = rest.number(2)? as u16;
    let label = if id >= 0x8000 { name(rest)? } else { None };
    let single = kind & !0x1000;
    let variable = matches!(single, STRING8 | UNICODE | BINARY | OBJECT);
    let values = if variable || kind != single { rest.number(4)?.min(PROPERTIES) } else { 1 };
    for _ in 0..values {
        let size = if variable { rest.number(4)? as usize } else { fixed_size(single)? };
        let value = rest.padded(size)?.to_vec();
        out.push(Property { id, kind: single, label: label.clone(), value });
    }
    Some(())
}

/// The name of a property that a program or a user made: a number, or text.
fn name(rest: &mut Bytes<'_>) -> Option<Option<String>> {
    rest.take(16)?;
    if rest.number(4)? == 0 {
        rest.take(4)?;
        return Some(None);
    }
    let length = rest.number(4)? as usize;
    let text = rest.padded(length)?;
    let text = encoding_rs::UTF_16LE.decode_without_bom_handling(text).0;
    Some(Some(text.trim_end_matches('\0').to_owned()))
}

/// The bytes of a value of this type (MS-OXCDATA 2.11.1); `None` for unknown ones, behind which nothing can be read.
fn fixed_size(kind: u16) -> Option<usize> {
    match kind {
        0x0001 => Some(0),
        0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b => Some(4),
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => Some(8),
        0x0048 => Some(16),
        _ => None,
    }
}
