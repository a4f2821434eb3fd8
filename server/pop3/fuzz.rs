//! What `tests/fuzz` (and nobody else) does with our wire: arbitrary bytes as commands and as a message.

use crate::wire::command;
use crate::wire::content::Content;

/// Reads `bytes` as a stream of command lines, as a session does.
pub fn commands(bytes: &[u8]) {
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Ok(command) = command::parse(line) {
            let shown = format!("{command:?}");
            assert!(!shown.contains(['\r', '\n', '\0']), "{shown}");
        }
    }
}

/// Sends `bytes` as a message, at once and in pieces of `piece` bytes: both must look the same, and nothing in the
/// message may look like its end.
pub fn message(bytes: &[u8], piece: usize) {
    for (lines, utf8) in [(None, true), (None, false), (Some(0), false), (Some(2), true)] {
        let whole = sent(bytes, bytes.len().max(1), lines, utf8);
        assert_eq!(whole, sent(bytes, piece.max(1), lines, utf8), "the answer depends on how the message came");
        assert!(whole.ends_with(b".\r\n"), "an answer ends with a dot");
        let text = whole.strip_suffix(b".\r\n").unwrap_or_default();
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            assert!(line.ends_with(b"\r\n"), "a line without its end");
            assert!(!line.starts_with(b".") || line.starts_with(b".."), "a dot that is not doubled");
        }
    }
}

fn sent(bytes: &[u8], piece: usize, lines: Option<u64>, utf8: bool) -> Vec<u8> {
    let (mut content, mut out) = (Content::new(lines, utf8), Vec::new());
    bytes.chunks(piece).for_each(|piece| content.feed(piece, &mut out));
    content.finish(&mut out);
    out
}
