//! IMAP: single commands, the stream that is cut into commands, names and patterns.

use imap::wire::frame::{Frame, Step, without_line_end};
use imap::wire::name::{MailboxName, Pattern, decode, encode};
use imap::wire::{append, command};

/// Reads a command; its Debug shows no password, and what is a command is one with any tag.
pub fn command(bytes: &[u8]) {
    let _ = append::parse(bytes);
    for last in [append::Head::default(), append::Head { utf8: true, ..append::Head::default() }] {
        let _ = append::parse_next(&last, bytes);
    }
    let _ = command::tag_of(bytes);
    // for a client that enabled UTF-8 only names may mean something else
    let utf8 = command::parse_as(bytes, 50, true).is_ok();
    assert!(utf8 || command::parse(bytes, 50).is_err() || bytes.contains(&b'&') || !bytes.is_ascii());
    if let Ok(request) = command::parse(bytes, 50) {
        let rest = bytes.get(request.tag.len()..).unwrap_or_default();
        let again = command::parse(&[b"other", rest].concat(), 50).expect("the same with another tag");
        assert_eq!(again.command, request.command);
    }
}

/// Cuts a stream into commands, as a session does in each of its states: before sign-in (small bounds, no APPEND),
/// signed in, and in the middle of an APPEND. The commands do not depend on how the bytes come.
pub fn stream(bytes: &[u8]) {
    for signed_in in [false, true] {
        let limit = if signed_in { 8_192 } else { 512 };
        let whole = commands(bytes, bytes.len().max(1), limit, signed_in);
        let piece = 1 + usize::from(bytes.first().copied().unwrap_or_default() % 7);
        // a line over the bound is noticed earlier or later, so only streams without one are compared
        if let (Some(whole), Some(pieces)) = (whole, commands(bytes, piece, limit, signed_in)) {
            assert_eq!(whole, pieces, "the commands depend on how their bytes came");
        }
    }
}

/// The commands; `None` when one was too long.
fn commands(bytes: &[u8], piece: usize, limit: usize, signed_in: bool) -> Option<Vec<Vec<u8>>> {
    let (mut frame, mut out, mut skip) = (Frame::new(limit), Vec::new(), 0u64);
    for mut rest in bytes.chunks(piece) {
        while !rest.is_empty() {
            let skipped = rest.len().min(usize::try_from(skip).unwrap_or(usize::MAX));
            skip -= skipped as u64;
            rest = &rest[skipped..];
            if rest.is_empty() {
                break;
            }
            let (used, step) = frame.feed(rest);
            assert!(used > 0 && used <= rest.len(), "bytes are taken");
            rest = &rest[used..];
            assert!(frame.command().len() <= limit, "a command over its bound");
            match step {
                Step::More => {}
                Step::TooLong => return None,
                Step::Whole => {
                    let command = frame.take_command();
                    let _ = command::parse(without_line_end(&command), 50);
                    out.push(command);
                }
                Step::Literal { size, .. } => match append::parse(frame.command()) {
                    Ok(Some(_)) if signed_in => {
                        out.push(frame.take_command());
                        skip = size;
                    }
                    _ if frame.accept_literal(size) => {}
                    _ => {
                        out.push(frame.take_command());
                        skip = size;
                    }
                },
            }
        }
    }
    Some(out)
}

/// Names come back from the wire as they are; patterns answer in time.
pub fn name(bytes: &[u8]) {
    if let Ok(name) = MailboxName::parse(bytes) {
        let wire = encode(name.as_str());
        assert!(wire.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{wire}");
        assert_eq!(decode(wire.as_bytes()).as_deref(), Some(name.as_str()));
        assert_eq!(MailboxName::parse(wire.as_bytes()), Ok(name.clone()));
        let all = Pattern::parse(b"", b"*").expect("a pattern");
        assert!(all.matches(name.as_str()), "* matches all");
        if let Ok(pattern) = Pattern::parse(b"", bytes) {
            let _ = pattern.matches(name.as_str());
        }
    }
    let (one, two) = bytes.split_at(bytes.len() / 2);
    if let Ok(pattern) = Pattern::parse(one, two) {
        let _ = pattern.matches("INBOX/a/日本語");
    }
}
