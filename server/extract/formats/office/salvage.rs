//! What can be read out of bytes whose format is unknown or damaged: runs of characters in UTF-16 and in code page
//! 932. It never says that all was read.

use encoding_rs::SHIFT_JIS;

/// A shorter run is chance.
const RUN: usize = 5;

/// The runs of characters, a line each.
pub(crate) fn text(bytes: &[u8]) -> String {
    let mut out = String::new();
    wide(bytes, &mut out);
    wide(bytes.get(1..).unwrap_or_default(), &mut out);
    narrow(bytes, &mut out);
    out
}

/// Whether people write such a character.
fn is_written(c: char) -> bool {
    matches!(c, ' '..='~' | '\t' | '\u{a0}'..='\u{ff}' | '\u{2010}'..='\u{2027}' | '\u{2460}'..='\u{24ff}'
        | '\u{3000}'..='\u{30ff}' | '\u{3220}'..='\u{33ff}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}')
}

fn wide(bytes: &[u8], out: &mut String) {
    let mut run = Run::default();
    for pair in bytes.chunks_exact(2) {
        let unit = pair.first().zip(pair.get(1)).map_or(0, |(low, high)| u32::from(*low) | u32::from(*high) << 8);
        match char::from_u32(unit).filter(|&c| is_written(c)) {
            // the bytes of a narrow text are kanji as well: those without a space, a digit or a kana are chance
            Some(c) => run.push(c),
            None => run.end(out),
        }
    }
    run.end(out);
}

/// A run of wide characters.
#[derive(Default)]
struct Run {
    text: String,
    count: usize,
    plain: bool,
}

impl Run {
    fn push(&mut self, c: char) {
        self.text.push(c);
        self.count += 1;
        self.plain |= c.is_ascii() || matches!(c, '\u{3000}'..='\u{30ff}' | '\u{ff10}'..='\u{ff19}');
    }

    fn end(&mut self, out: &mut String) {
        if self.count >= RUN && self.plain {
            out.push_str(&self.text);
            out.push('\n');
        }
        self.text.clear();
        (self.count, self.plain) = (0, false);
    }
}

fn narrow(bytes: &[u8], out: &mut String) {
    let mut start = 0;
    let mut at = 0;
    while at <= bytes.len() {
        let length = narrow_character(bytes.get(at..).unwrap_or_default());
        if length > 0 {
            at += length;
            continue;
        }
        let run = bytes.get(start..at).unwrap_or_default();
        if run.len() >= RUN {
            out.push_str(&SHIFT_JIS.decode_without_bom_handling(run).0);
            out.push('\n');
        }
        at += 1;
        start = at;
    }
}

/// Bytes of the character of code page 932 that these begin with; 0 when there is none.
fn narrow_character(bytes: &[u8]) -> usize {
    match (bytes.first(), bytes.get(1)) {
        (Some(b' '..=b'~' | b'\t' | 0xa1..=0xdf), _) => 1,
        (Some(0x81..=0x9f | 0xe0..=0xfc), Some(0x40..=0x7e | 0x80..=0xfc)) => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_in_both_charsets_are_found() {
        let mut bytes = vec![1, 2, 3];
        bytes.extend("個人番号1234".encode_utf16().flat_map(u16::to_le_bytes));
        bytes.extend([0, 0, 1]);
        bytes.extend(&*SHIFT_JIS.encode("個人番号5678").0);
        let found = text(&bytes);
        assert!(found.contains("個人番号1234") && found.contains("個人番号5678"), "{found}");
        assert_eq!(text(b"ab\0cd\0"), "");
    }
}
