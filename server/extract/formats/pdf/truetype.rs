//! The table `cmap` of an embedded TrueType font (OpenType 1.9), read backwards: which character a glyph is. It serves
//! files whose fonts say nothing else of their glyphs.

use std::collections::HashMap;

/// Characters that are read of a font.
const MOST: usize = 100_000;

/// The characters of the glyphs of a font; empty when it says none.
pub(super) fn characters(font: &[u8]) -> HashMap<u32, char> {
    let mut out = HashMap::new();
    let Some(table) = cmap(font) else { return out };
    let count = number(table, 2, 2).unwrap_or(0);
    for at in (0..count.min(64)).map(|at| 4 + 8 * at as usize) {
        let (Some(platform), Some(encoding), Some(offset)) =
            (number(table, at, 2), number(table, at + 2, 2), number(table, at + 4, 4))
        else {
            break;
        };
        // Unicode, or Windows with Unicode
        if platform == 0 && encoding != 5 || platform == 3 && matches!(encoding, 1 | 10) {
            let sub = table.get(offset as usize..).unwrap_or_default();
            match number(sub, 0, 2) {
                Some(4) => segments(sub, &mut out),
                Some(12) => groups(sub, &mut out),
                _ => {}
            }
        }
    }
    out
}

/// `size` bytes from `at` as a number.
fn number(bytes: &[u8], at: usize, size: usize) -> Option<u32> {
    let taken = bytes.get(at..at.checked_add(size)?)?;
    Some(taken.iter().fold(0, |value, &byte| value << 8 | u32::from(byte)))
}

fn cmap(font: &[u8]) -> Option<&[u8]> {
    let count = number(font, 4, 2)?;
    for at in (0..count.min(256)).map(|at| 12 + 16 * at as usize) {
        if font.get(at..at + 4) == Some(b"cmap") {
            return font.get(number(font, at + 8, 4)? as usize..);
        }
    }
    None
}

/// Format 4: segments of 16-bit codes.
fn segments(table: &[u8], out: &mut HashMap<u32, char>) {
    let Some(double) = number(table, 6, 2).map(|double| double as usize) else { return };
    for at in (0..double).step_by(2) {
        let (Some(end), Some(start), Some(delta), Some(offset)) = (
            number(table, 14 + at, 2),
            number(table, 16 + double + at, 2),
            number(table, 16 + 2 * double + at, 2),
            number(table, 16 + 3 * double + at, 2),
        ) else {
            return;
        };
        for code in start..=end.min(0xfffe) {
            let glyph = match offset {
                0 => Some((code + delta) & 0xffff),
                offset => number(table, 16 + 3 * double + at + offset as usize + 2 * (code - start) as usize, 2)
                    .filter(|&glyph| glyph != 0)
                    .map(|glyph| (glyph + delta) & 0xffff),
            };
            if let Some((glyph, c)) = glyph.zip(char::from_u32(code)) {
                add(glyph, c, out);
            }
        }
    }
}

/// Format 12: groups of 32-bit codes.
fn groups(table: &[u8], out: &mut HashMap<u32, char>) {
    let count = number(table, 12, 4).unwrap_or(0);
    for at in (0..count.min(20_000)).map(|at| 16 + 12 * at as usize) {
        let (Some(start), Some(end), Some(first)) =
            (number(table, at, 4), number(table, at + 4, 4), number(table, at + 8, 4))
        else {
            return;
        };
        for (code, glyph) in (start..=end).zip(first..).take(MOST) {
            match char::from_u32(code) {
                Some(c) if out.len() < MOST => add(glyph, c, out),
                _ => return,
            }
        }
    }
}

fn add(glyph: u32, c: char, out: &mut HashMap<u32, char>) {
    if glyph != 0 && out.len() < MOST {
        out.entry(glyph).or_insert(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A font of one table, with one segment: '0' to '9' are the glyphs 5 to 14.
    fn font() -> Vec<u8> {
        let mut out = vec![0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        out.extend(b"cmap\0\0\0\0\0\0\0\x1c\0\0\0\x40");
        out.extend([0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12]);
        out.extend([0, 4, 0, 32, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0]);
        out.extend([0, 0x39, 0xff, 0xff, 0, 0, 0, 0x30, 0xff, 0xff]);
        out.extend([0xff, 0xd5, 0, 1, 0, 0, 0, 0]);
        out
    }

    #[test]
    fn glyphs_are_read_backwards() {
        let found = characters(&font());
        assert_eq!((found.get(&5), found.get(&14), found.len()), (Some(&'0'), Some(&'9'), 10));
    }

    #[test]
    fn torn_fonts_say_nothing() {
        for end in 0..font().len() {
            characters(&font()[..end]);
        }
    }
}
