//! Arbitrary bytes as a next hop's replies, and as a mail on its way to DATA.

use super::dots::Stuffer;
use super::extensions::Extensions;
use super::reply;

/// Reads replies until none is left; each takes bytes.
pub(crate) fn replies(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(Some((reply, used))) = reply::parse(rest) {
        assert!(used > 0, "a reply takes bytes");
        let _ = Extensions::of(&reply);
        rest = rest.get(used..).unwrap_or_default();
    }
}

/// What goes over the wire has one end mark, no bare line end, and does not depend on the pieces it came in.
pub(crate) fn dots(bytes: &[u8]) {
    let wire = |piece: usize| {
        let (mut stuffer, mut out) = (Stuffer::new(), Vec::new());
        bytes.chunks(piece).for_each(|part| stuffer.push(part, &mut out));
        stuffer.finish(&mut out);
        out
    };
    let whole = wire(bytes.len().max(1));
    assert_eq!(whole, wire(3), "the wire form depends on the pieces");
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let marks = lines.iter().filter(|line| **line == b".\r\n").count();
    assert_eq!((marks, lines.last().copied()), (1, Some(&b".\r\n"[..])), "one end mark, at the end");
    for line in lines {
        let text = line.strip_suffix(b"\r\n").unwrap_or(line);
        assert!(line.ends_with(b"\r\n") && !text.contains(&b'\r'), "a bare line end");
    }
}
