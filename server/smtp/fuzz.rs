//! What `tests/fuzz` (and nobody else) does with our wire: arbitrary bytes as commands and as the body of DATA.

use crate::wire::command;
use crate::wire::data::{Decoder, LineEnds};
use crate::wire::header::Scan;
use crate::wire::line::{self, Next};

/// Reads `bytes` as a stream of command lines, as a session does.
pub fn commands(bytes: &[u8]) {
    let mut rest = bytes;
    loop {
        let taken = match line::next(rest, 2_000) {
            Next::Line(text, taken) => {
                // a line that is no command has a reply, never a panic
                let _ = command::parse(text);
                taken
            }
            Next::Bad(taken) | Next::TooLong(taken) => taken,
            Next::Incomplete | Next::Endless => return,
        };
        assert!(taken > 0, "a line takes bytes");
        rest = rest.get(taken..).unwrap_or_default();
    }
}

/// Reads `bytes` as the body of DATA, at once and in pieces of `piece` bytes: both must find the same mail.
pub fn data(bytes: &[u8], piece: usize) {
    let whole = decode(bytes, bytes.len().max(1));
    assert_eq!(whole, decode(bytes, piece.max(1)), "the mail depends on how its bytes came");
    let (mail, used, ended, spoiled) = whole;
    let mut ends = LineEnds::default();
    ends.feed(&mail);
    if ended {
        assert_eq!(bytes.get(used - 3..used), Some(&b".\r\n"[..]), "something else than a dot ended the mail");
        assert!(spoiled || !ends.spoiled(), "a bare CR or LF was let through");
    }
    let (mut at_once, mut in_pieces) = (Scan::new(), Scan::new());
    at_once.feed(&mail);
    mail.chunks(piece.max(1)).for_each(|part| in_pieces.feed(part));
    assert_eq!(format!("{at_once:?}"), format!("{in_pieces:?}"), "the header depends on how its bytes came");
}

/// The mail, how many bytes it took, whether its end came, whether it is spoiled.
fn decode(bytes: &[u8], piece: usize) -> (Vec<u8>, usize, bool, bool) {
    let (mut decoder, mut mail, mut at) = (Decoder::new(), Vec::new(), 0);
    while at < bytes.len() {
        let end = bytes.len().min(at.saturating_add(piece));
        while at < end {
            let step = decoder.step(bytes.get(at..end).unwrap_or_default());
            mail.extend_from_slice(step.bytes);
            at += step.consumed;
            if step.end {
                return (mail, at, true, decoder.spoiled());
            }
        }
    }
    (mail, at, false, decoder.spoiled())
}
