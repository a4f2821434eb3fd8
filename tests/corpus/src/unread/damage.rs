//! How files break: on the way, on a disk, in a program that writes wrong lengths. A number that stands in the bytes as
//! it is read is left whole: without it there would be nothing to find.

use corpus::dice::Dice;
use corpus::encode::base64_lines;

/// What is left of a file.
pub enum Damaged {
    /// Its bytes.
    File(Vec<u8>),
    /// The lines of Base64 in which it came.
    Lines(String),
}

/// A way to break.
pub struct Fault {
    /// Its name in tables.
    pub name: &'static str,
    /// Breaks a file that holds the number.
    pub breaks: fn(&[u8], &str, &mut Dice) -> Damaged,
}

/// All of them.
pub static FAULTS: [Fault; 8] = [
    Fault { name: "cut off", breaks: cut },
    Fault { name: "bytes changed", breaks: changed },
    Fault { name: "a block of zeros", breaks: zeros },
    Fault { name: "bytes lost", breaks: lost },
    Fault { name: "bytes put in", breaks: put_in },
    Fault { name: "wrong check sum", breaks: check_sum },
    Fault { name: "Base64 with other signs", breaks: signs },
    Fault { name: "Base64 cut off", breaks: cut_lines },
];

/// Where the number stands as it is read, with its label and the end of its line.
fn plain(bytes: &[u8], number: &str) -> Option<(usize, usize)> {
    let at = bytes.windows(number.len()).position(|window| window == number.as_bytes())?;
    Some((at.saturating_sub(24), at + number.len() + 8))
}

/// A place where `length` bytes may go without touching the number.
fn place(bytes: &[u8], number: &str, length: usize, dice: &mut Dice) -> usize {
    let kept = plain(bytes, number);
    loop {
        let at = dice.below(bytes.len().saturating_sub(length).max(1));
        if kept.is_none_or(|(from, to)| at + length <= from || to <= at) {
            return at;
        }
    }
}

fn cut(bytes: &[u8], number: &str, dice: &mut Dice) -> Damaged {
    let first = plain(bytes, number).map_or(bytes.len() / 20, |(_, to)| to);
    Damaged::File(bytes[..dice.from(first.min(bytes.len() - 1), bytes.len() - 1)].to_vec())
}

fn changed(bytes: &[u8], number: &str, dice: &mut Dice) -> Damaged {
    let mut out = bytes.to_vec();
    for _ in 0..dice.from(1, 16) {
        let at = place(bytes, number, 1, dice);
        out[at] ^= dice.from(1, 255) as u8;
    }
    Damaged::File(out)
}

fn zeros(bytes: &[u8], number: &str, dice: &mut Dice) -> Damaged {
    let length = dice.from(16, 128).min(bytes.len() / 4);
    let at = place(bytes, number, length, dice);
    let mut out = bytes.to_vec();
    out[at..at + length].fill(0);
    Damaged::File(out)
}

fn lost(bytes: &[u8], number: &str, dice: &mut Dice) -> Damaged {
    let length = dice.from(1, 64).min(bytes.len() / 4);
    let at = place(bytes, number, length, dice);
    Damaged::File([&bytes[..at], &bytes[at + length..]].concat())
}

fn put_in(bytes: &[u8], number: &str, dice: &mut Dice) -> Damaged {
    let at = place(bytes, number, 1, dice);
    let more: Vec<u8> = (0..dice.from(1, 64)).map(|_| dice.below(256) as u8).collect();
    Damaged::File([&bytes[..at], &more, &bytes[at..]].concat())
}

/// The sums that the format keeps are changed, wherever they stand: of ZIP both copies of the first file with content,
/// of gzip the end, of 7z the head; of others the last bytes.
fn check_sum(bytes: &[u8], number: &str, dice: &mut Dice) -> Damaged {
    let mut out = bytes.to_vec();
    let change = dice.from(1, 255) as u8;
    if bytes.starts_with(b"PK") {
        for (mark, at) in [(b"PK\x03\x04", 14), (b"PK\x01\x02", 16)] {
            let heads: Vec<usize> = (0..bytes.len() - 4).filter(|from| bytes[*from..].starts_with(mark)).collect();
            heads.into_iter().filter(|from| from + at < bytes.len()).for_each(|from| out[from + at] ^= change);
        }
    } else {
        let at = match bytes {
            [b'7', b'z', ..] => 28,
            [0x1f, 0x8b, ..] => bytes.len() - 7,
            _ => plain(bytes, number).map_or(0, |(_, to)| to).max(bytes.len() - 4),
        };
        out[at.min(bytes.len() - 1)] ^= change;
    }
    Damaged::File(out)
}

fn signs(bytes: &[u8], number: &str, dice: &mut Dice) -> Damaged {
    let mut lines = base64_lines(bytes).into_bytes();
    // four signs of Base64 for three bytes, and two for the end of each line
    let sign = |at: usize| at / 57 * 78 + at % 57 / 3 * 4;
    for _ in 0..dice.from(1, 8) {
        let at = sign(place(bytes, number, 6, dice)) + dice.below(4);
        if lines.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            lines[at] = dice.pick(b"!?*<~");
        }
    }
    Damaged::Lines(String::from_utf8_lossy(&lines).into_owned())
}

fn cut_lines(bytes: &[u8], number: &str, dice: &mut Dice) -> Damaged {
    let lines = base64_lines(bytes);
    let first = plain(bytes, number).map_or(bytes.len() / 20, |(_, to)| to);
    let at = (first / 57 * 78 + 78).min(lines.len() - 3);
    let mut cut = dice.from(at, lines.len() - 3);
    // within a group of four signs, as a line breaks off
    while !lines.as_bytes()[cut].is_ascii_alphanumeric() || (cut % 78) % 4 == 0 {
        cut -= 1;
    }
    Damaged::Lines(format!("{}\r\n", &lines[..cut]))
}
