//! Reading replies (RFC 5321 4.2): pure, bounded, and forgiving where other servers are known to be careless.

use types::Reply;

/// Longest line of a reply, bytes (RFC 5321 4.5.3.1.5 says 512; some write more).
const LINE: usize = 4_096;
/// Most lines of one reply.
const LINES: usize = 256;

/// What is wrong with a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReplyError {
    #[error("the next hop does not speak SMTP")]
    NoCode,
    #[error("a line of the next hop's reply is too long")]
    LongLine,
    #[error("the next hop's reply has too many lines")]
    ManyLines,
}

/// The reply at the beginning of `input` and how many bytes it takes; `None` when more must be read.
///
/// # Errors
/// [`ReplyError`] when no reply can begin so.
pub(crate) fn parse(input: &[u8]) -> Result<Option<(Reply, usize)>, ReplyError> {
    let mut reply = Reply { code: 0, enhanced: None, lines: Vec::new() };
    let mut used = 0;
    loop {
        let rest = input.get(used..).unwrap_or_default();
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            return if rest.len() > LINE { Err(ReplyError::LongLine) } else { Ok(None) };
        };
        if end > LINE {
            return Err(ReplyError::LongLine);
        }
        if reply.lines.len() == LINES {
            return Err(ReplyError::ManyLines);
        }
        used += end + 1;
        let line = rest.get(..end).unwrap_or_default();
        if take_line(&mut reply, line.strip_suffix(b"\r").unwrap_or(line))? {
            return Ok(Some((reply, used)));
        }
    }
}

/// Adds a line; true when it was the last.
fn take_line(reply: &mut Reply, line: &[u8]) -> Result<bool, ReplyError> {
    let (code, rest) = line.split_at_checked(3).ok_or(ReplyError::NoCode)?;
    if !matches!(code, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9']) {
        return Err(ReplyError::NoCode);
    }
    let (last, text) = match rest {
        [] => (true, rest),
        [b' ', text @ ..] => (true, text),
        [b'-', text @ ..] => (false, text),
        _ => return Err(ReplyError::NoCode),
    };
    reply.code = code.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    let text = String::from_utf8_lossy(text);
    let (enhanced, text) = enhanced(&text);
    reply.enhanced = reply.enhanced.or(enhanced);
    reply.lines.push(text.to_owned());
    Ok(last)
}

/// The enhanced status code at the beginning of a text (RFC 2034 4), and what follows it.
fn enhanced(text: &str) -> (Option<(u8, u16, u16)>, &str) {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut numbers = word.split('.').map(|part| {
        let digits = !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<u16>().ok()).flatten()
    });
    let found = match (numbers.next(), numbers.next(), numbers.next(), numbers.next()) {
        (Some(Some(class)), Some(Some(subject)), Some(Some(detail)), None) => match class {
            2 => Some((2, subject, detail)),
            4 => Some((4, subject, detail)),
            5 => Some((5, subject, detail)),
            _ => None,
        },
        _ => None,
    };
    if found.is_some() { (found, rest) } else { (None, text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn replies_are_read_as_servers_write_them() {
        for (input, code, enhanced, lines, used) in [
            ("220 mx.a.example ESMTP\r\n", 220, None, vec!["mx.a.example ESMTP"], 24),
            ("250-a\r\n250-b\r\n250 c\r\n354", 250, None, vec!["a", "b", "c"], 21),
            ("250\r\n", 250, None, vec![""], 5),
            ("250-\n250 x\n", 250, None, vec!["", "x"], 11),
            ("550-5.1.1 no\r\n550 5.1.1 such\r\n", 550, Some((5, 1, 1)), vec!["no", "such"], 30),
            ("250 2.1.0\r\n", 250, Some((2, 1, 0)), vec![""], 11),
            ("451 192.0.2.1 is busy\r\n", 451, None, vec!["192.0.2.1 is busy"], 23),
        ] {
            let (reply, taken) = parse(input.as_bytes()).unwrap().unwrap();
            assert_eq!((reply.code, reply.enhanced, taken), (code, enhanced, used), "{input}");
            assert_eq!(reply.lines, lines, "{input}");
        }
    }

    #[test]
    fn what_is_no_reply_is_refused_and_what_is_not_whole_waits() {
        for input in ["HTTP/1.1 400 Bad\r\n", "25\r\n", "\r\n", "150 x\r\n", "250_x\r\n", "650 x\r\n", "2\u{e9}0 x\r\n"]
        {
            assert_eq!(parse(input.as_bytes()), Err(ReplyError::NoCode), "{input}");
        }
        for input in ["", "2", "250", "250 ok", "250-a\r\n", "250-a\r\n250 b\r"] {
            assert_eq!(parse(input.as_bytes()), Ok(None), "{input}");
        }
        assert_eq!(parse(&[b'2'; 5_000]), Err(ReplyError::LongLine));
        assert_eq!(parse("250-x\r\n".repeat(300).as_bytes()), Err(ReplyError::ManyLines));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(input in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&input);
        }

        #[test]
        fn a_reply_is_read_the_same_however_it_arrives(
            code in 200u16..560, lines in prop::collection::vec("[ -~]{0,40}", 1..6), more in "[ -~]{0,10}",
        ) {
            let mut wire = String::new();
            for (at, line) in lines.iter().enumerate() {
                let sign = if at + 1 == lines.len() { ' ' } else { '-' };
                wire.push_str(&format!("{code}{sign}{line}\r\n"));
            }
            let whole = wire.len();
            wire.push_str(&more);
            for cut in 0..whole {
                prop_assert_eq!(parse(&wire.as_bytes()[..cut]), Ok(None));
            }
            let (reply, used) = parse(wire.as_bytes()).unwrap().unwrap();
            prop_assert_eq!((reply.code, used, reply.lines.len()), (code, whole, lines.len()));
        }
    }
}
