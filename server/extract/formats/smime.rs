//! S/MIME and PKCS #7 (RFC 8551, RFC 5652): of a signed or compressed message the content is read, which lies inside
//! of the signature; what is enveloped needs a key. It reads BER as far as the way to the content goes.

use std::io::Read;

use message::{Leaf, LeafRole};

use crate::Reason;
use crate::reader::Reader;

/// Levels of the structure, and pieces of one string.
const DEPTH: usize = 32;
const PIECES: usize = 100_000;

/// What kind of content it is, by the last bytes of the object identifier behind 1.2.840.113549.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Signed,
    Compressed,
    Enveloped,
}

const OBJECT: u8 = 0x06;
const OCTETS: u8 = 0x04;
const OCTETS_IN_PIECES: u8 = 0x24;
const SEQUENCE: u8 = 0x30;
const CONTEXT_0: u8 = 0xa0;
const CONTEXT_0_OCTETS: u8 = 0x80;

/// A value: its tag, its content, and what follows it.
struct Value<'a> {
    tag: u8,
    content: &'a [u8],
    rest: &'a [u8],
}

/// Reads the value at the front (X.690, 8.1). One of indefinite length ends where its end mark is.
fn value(bytes: &[u8], depth: usize) -> Option<Value<'_>> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    match first {
        0x80 if depth < DEPTH => {
            let mut after = rest;
            while !after.starts_with(&[0, 0]) {
                // a message that was cut ends where it ends
                let Some(inner) = value(after, depth + 1) else { return Some(Value { tag, content: rest, rest: &[] }) };
                after = inner.rest;
            }
            let length = rest.len() - after.len();
            Some(Value { tag, content: rest.get(..length)?, rest: after.get(2..)? })
        }
        0..0x80 => cut(tag, rest, usize::from(first)),
        _ => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length =
                length.iter().try_fold(0usize, |all, &byte| all.checked_mul(256)?.checked_add(usize::from(byte)));
            cut(tag, rest, length?)
        }
    }
}

fn cut(tag: u8, rest: &[u8], length: usize) -> Option<Value<'_>> {
    let length = length.min(rest.len());
    let (content, rest) = rest.split_at_checked(length)?;
    Some(Value { tag, content, rest })
}

/// The kind of a message and what stands behind its name.
fn opened(bytes: &[u8]) -> Option<(Kind, &[u8])> {
    let outer = value(bytes, 0).filter(|outer| outer.tag == SEQUENCE)?;
    let name = value(outer.content, 0).filter(|name| name.tag == OBJECT)?;
    let kind = match name.content.strip_prefix(b"\x2a\x86\x48\x86\xf7\x0d\x01")? {
        b"\x07\x02" => Kind::Signed,
        b"\x09\x10\x01\x09" => Kind::Compressed,
        b"\x07\x03" | b"\x07\x04" | b"\x07\x06" | b"\x09\x10\x01\x17" => Kind::Enveloped,
        _ => return None,
    };
    Some((kind, value(name.rest, 0).filter(|inner| inner.tag == CONTEXT_0)?.content))
}

/// Whether bytes are such a message whose content can be read.
pub(crate) fn is_readable(bytes: &[u8]) -> bool {
    opened(bytes).is_some_and(|(kind, _)| kind != Kind::Enveloped)
}

/// Reads a message: its content as a mail, or what is said of why not.
pub(crate) fn read(bytes: &[u8], out: &mut Reader) {
    match opened(bytes) {
        Some((Kind::Enveloped, _)) => out.refuse(Reason::Encrypted),
        // a signature beside its text, or certificates only, have no content
        Some((kind, inner)) => content(inner).iter().for_each(|content| give(kind, content, out)),
        None => out.refuse(Reason::Broken),
    }
}

fn give(kind: Kind, content: &[u8], out: &mut Reader) {
    if kind == Kind::Signed {
        return mail(content, out);
    }
    let mut bytes = Vec::new();
    let limit = out.room() as u64 + 1;
    let whole = flate2::read::ZlibDecoder::new(content).take(limit).read_to_end(&mut bytes).is_ok();
    if !whole {
        out.refuse(Reason::Broken);
    }
    if out.take(bytes.len()) {
        mail(&bytes, out);
    }
}

/// The content is a part of a mail: a header and a body (RFC 8551, 3.1).
fn mail(bytes: &[u8], out: &mut Reader) {
    let inner = Leaf {
        part: String::new(),
        role: LeafRole::Message,
        content_type: "message/rfc822".to_owned(),
        name: None,
        charset: None,
        bytes: bytes.into(),
        text: None,
        issue: None,
    };
    out.leaf("signed", &inner, None, false);
}

/// The content within SignedData or CompressedData: the first EncapsulatedContentInfo with a content in it
/// (RFC 5652, 5.2).
fn content(inner: &[u8]) -> Option<Vec<u8>> {
    let mut rest = value(inner, 0).filter(|data| data.tag == SEQUENCE)?.content;
    while let Some(one) = value(rest, 0) {
        let named = value(one.content, 0).filter(|name| one.tag == SEQUENCE && name.tag == OBJECT);
        let held = named.and_then(|name| value(name.rest, 0)).filter(|held| held.tag == CONTEXT_0);
        if let Some(held) = held {
            return octets(held.content);
        }
        rest = one.rest;
    }
    None
}

/// A string of octets, whole or in pieces (X.690, 8.7).
fn octets(bytes: &[u8]) -> Option<Vec<u8>> {
    let string = value(bytes, 0)?;
    match string.tag {
        OCTETS | CONTEXT_0_OCTETS => Some(string.content.to_vec()),
        OCTETS_IN_PIECES | CONTEXT_0 => {
            let (mut out, mut rest) = (Vec::new(), string.content);
            for _ in 0..PIECES {
                let Some(piece) = value(rest, 0).filter(|piece| piece.tag == OCTETS) else { break };
                out.extend_from_slice(piece.content);
                rest = piece.rest;
            }
            Some(out)
        }
        // PKCS #7 before CMS let any value stand here
        _ => Some(string.content.to_vec()),
    }
}

/// The bytes between the lines of a text form (RFC 7468).
pub(crate) fn armoured(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (_, after) = text.split_once("-----BEGIN ")?;
    let (_, body) = after.split_once("-----")?;
    let (body, _) = body.split_once("-----END ")?;
    super::cards::base64(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let mut out = vec![tag];
        match length {
            0..0x80 => out.push(length as u8),
            _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
        }
        out.extend_from_slice(content);
        out
    }

    fn message(kind: &[u8], content: &[u8]) -> Vec<u8> {
        let name = |last: &[u8]| der(OBJECT, &[b"\x2a\x86\x48\x86\xf7\x0d\x01", last].concat());
        let held = der(SEQUENCE, &[name(b"\x07\x01"), der(CONTEXT_0, content)].concat());
        let data = der(SEQUENCE, &[der(2, &[1]), der(0x31, &[]), held, der(0x31, &[])].concat());
        der(SEQUENCE, &[name(kind), der(CONTEXT_0, &data)].concat())
    }

    #[test]
    fn the_content_of_a_signed_message_is_found() {
        let (kind, inner) = opened(&message(b"\x07\x02", &der(OCTETS, b"text"))).map(|(k, i)| (k, i.to_vec())).unwrap();
        assert_eq!((kind, content(&inner).as_deref()), (Kind::Signed, Some(&b"text"[..])));
        let pieces = [der(OCTETS, b"te"), der(OCTETS, b"xt")].concat();
        let indefinite = [&[OCTETS_IN_PIECES, 0x80], &pieces[..], &[0, 0]].concat();
        let bytes = message(b"\x07\x02", &indefinite);
        assert_eq!(content(opened(&bytes).unwrap().1).as_deref(), Some(&b"text"[..]));
    }

    #[test]
    fn what_is_enveloped_is_not_readable() {
        assert!(!is_readable(&message(b"\x07\x03", b"")));
        assert!(is_readable(&message(b"\x07\x02", b"")));
        assert!(!is_readable(b"0\x82") && !is_readable(&[0x30, 0x80].repeat(500)));
    }
}
