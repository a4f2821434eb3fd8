//! Header text for people: encoded words (RFC 2047) and raw characters, as mailers really write them.

use crate::charset;
use crate::header::unfold;
use crate::transfer;

/// Decodes a header value: folding goes, raw characters are read in the charset that they seem to be in,
/// encoded words are decoded. Control characters become blanks.
#[must_use]
pub fn decode(raw: &[u8]) -> String {
    let unfolded = match String::from_utf8(unfold(raw)) {
        // nearly all fields: nothing in them could mean anything else
        Ok(plain) if is_plain(&plain) => return plain,
        Ok(text) => text.into_bytes(),
        Err(error) => error.into_bytes(),
    };
    // Raw text first: in ISO-2022-JP its bytes may look like an encoded word, while an encoded word is ASCII.
    decode_text(&charset::decode(&unfolded, None))
}

/// Whether a value is visible ASCII without encoded words.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !value.contains("=?")
}

/// Decodes the encoded words of a text; for values whose raw characters are decoded already.
pub(crate) fn decode_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run: Vec<Word> = Vec::new();
    let mut rest = text;
    // Behind the last "?=" no word can end; looking for it at every "=?" would cost the square of the length.
    let last_end = text.rfind("?=").unwrap_or(0);
    while let Some(at) = rest.find("=?") {
        if text.len() - rest.len() + at >= last_end {
            break;
        }
        let (before, from) = rest.split_at(at);
        let Some((word, after)) = Word::read(from) else {
            flush(&mut run, &mut out);
            out.push_str(before);
            out.push_str("=?");
            rest = &from[2..];
            continue;
        };
        if run.is_empty() || !before.trim().is_empty() {
            flush(&mut run, &mut out);
            out.push_str(before);
        }
        run.push(word);
        rest = after;
    }
    flush(&mut run, &mut out);
    out.push_str(rest);
    if out.contains(char::is_control) {
        out = out.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    }
    out
}

/// One encoded word, not yet decoded.
struct Word {
    charset: String,
    base64: bool,
    payload: Vec<u8>,
}

impl Word {
    /// Reads `=?charset?B?payload?=` at the start of `text`; the answer holds what follows it. Blanks inside
    /// (from wild folding) are taken.
    fn read(text: &str) -> Option<(Self, &str)> {
        let rest = text.strip_prefix("=?")?;
        let (charset, rest) = rest.split_once('?')?;
        if charset.is_empty() || charset.len() > 60 || charset.contains([' ', '=']) {
            return None;
        }
        let (encoding, rest) = rest.split_once('?')?;
        let base64 = match encoding {
            "B" | "b" => true,
            "Q" | "q" => false,
            _ => return None,
        };
        let (payload, rest) = rest.split_once("?=")?;
        // RFC 2231 5 allows a language after the charset.
        let charset = charset.split('*').next().unwrap_or_default().to_ascii_lowercase();
        Some((Self { charset, base64, payload: payload.as_bytes().to_vec() }, rest))
    }

    fn ends_inside_a_base64_group(&self) -> bool {
        let letters = self.payload.iter().filter(|b| !b.is_ascii_whitespace()).count();
        self.base64 && !self.payload.contains(&b'=') && letters % 4 != 0
    }
}

/// Decodes adjacent words. Those of one charset are put together as bytes first, since mailers split
/// characters, and even base64 groups, over two words (against RFC 2047 5).
fn flush(run: &mut Vec<Word>, out: &mut String) {
    for group in run.chunk_by(|a, b| a.charset == b.charset) {
        let mut bytes = Vec::new();
        let mut pending: Vec<u8> = Vec::new();
        for (i, word) in group.iter().enumerate() {
            if !word.base64 {
                bytes.extend(transfer::q_word(&word.payload));
                continue;
            }
            pending.extend_from_slice(&word.payload);
            let goes_on = group.get(i + 1).is_some_and(|next| next.base64);
            if !(goes_on && word.ends_inside_a_base64_group()) {
                bytes.extend(transfer::base64(&pending).0);
                pending.clear();
            }
        }
        let label = group.first().map(|word| word.charset.as_str());
        out.push_str(&charset::decode(&bytes, label));
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_read_as_their_authors_meant_them() {
        for (raw, right) in [
            (&b"plain"[..], "plain"),
            (b"=?UTF-8?B?6KGo?=", "表"),
            (b"=?utf-8*ja?q?=E8=A1=A8_x?=", "表 x"),
            (b"Re: =?UTF-8?B?6KGo?= end", "Re: 表 end"),
            (b"=?UTF-8?B?6KGo?=\r\n =?UTF-8?B?6KGo?=", "表表"),
            (b"=?UTF-8?B?6KE=?= =?UTF-8?B?qA==?=", "表"),
            (b"=?UTF-8?B?6KG?=\r\n\t=?UTF-8?B?o?=", "表"),
            (b"=?UTF-8?Q?=E8=A1?= =?UTF-8?Q?=A8?=", "表"),
            (b"=?iso-2022-jp?B?GyRCSUobKEI=?= =?iso-2022-jp?B?GyRCSUobKEI=?=", "品品"),
            (b"=?iso-2022-jp?B?GyRCSQ==?= =?iso-2022-jp?B?ShsoQg==?=", "品"),
            (b"=?cp932?B?lVw=?=", "表"),
            (b"\x1b$BIJ\x1b(B", "品"),
            (b"\x95\x5c\x8e\xa6\x82\xb7\x82\xe9", "表示する"),
            (b"\xe8\xa1\xa8", "表"),
            (b"\"=?UTF-8?B?6KGo?=\"", "\"表\""),
            (b"=?UTF-8?B?6KGo", "=?UTF-8?B?6KGo"),
            (b"=?UTF-8?X?6KGo?=", "=?UTF-8?X?6KGo?="),
            (b"a =?b c", "a =?b c"),
            (b"=?UTF-8?Q?a b?=", "a b"),
            (b"=?UTF-8?Q?a=0D=0Ab?=", "a  b"),
            (b" <1@a>\r\n\t<2@b> ", "<1@a> <2@b>"),
            (b"a\x07b\x7f", "a b "),
        ] {
            assert_eq!(decode(raw), right, "{}", String::from_utf8_lossy(raw));
        }
    }
}
