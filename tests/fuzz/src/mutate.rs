//! Mutation of seeds without a compiler's help: for stable Rust and for the slice in `tests/run`.

/// Words that parsers stumble over.
const WORDS: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b".",
    b"\r\n.\r\n",
    b"\r\n\r\n",
    b"{",
    b"}",
    b"{0}\r\n",
    b"{5+}\r\n",
    b"{99999999999999999999}",
    b"\"",
    b"\\",
    b"(",
    b")",
    b"[",
    b"]",
    b"<",
    b">",
    b"*",
    b"%",
    b":",
    b",",
    b";",
    b"=",
    b"@",
    b"&",
    b"-",
    b"4294967295",
    b"4294967296",
    b"18446744073709551616",
    b"0",
    b"=?UTF-8?B?",
    b"?=",
    b"=?iso-2022-jp?B?",
    b"\x1b$B",
    b"\x1b(B",
    b"\xff\xfe",
    b"\xe3\x81\x82",
    b"\xf0\x9f\x98\x80",
    b"\x82\xa0",
    b"BODY[",
    b"UID ",
    b"OR ",
    b"NOT ",
    b"Content-Type: ",
    b"multipart/mixed; boundary=b",
    b"--b",
    b"--b--",
    b"message/rfc822",
    b"base64",
    b"quoted-printable",
    b"charset=",
    b"filename*0*=",
    b"<b>",
    b"&#x0;",
    b"&amp",
    b"<!--",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"PK\x03\x04",
    b"[[rule]]",
    b"\xef\xbc\x91",
    b"123456789018",
    b"1234-5678-9018",
];

/// A small generator of random numbers; the same seed gives the same run everywhere.
pub struct Chance(u64);

impl Chance {
    /// Begins with `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    /// A number below `bound`, 0 when that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        if bound == 0 { 0 } else { (self.0 >> 11) as usize % bound }
    }
}

/// One of `seeds`, changed in one to eight ways, at most `most` bytes long.
pub fn mutated(seeds: &[Vec<u8>], chance: &mut Chance, most: usize) -> Vec<u8> {
    let mut bytes = seeds.get(chance.below(seeds.len())).cloned().unwrap_or_default();
    for _ in 0..=chance.below(8) {
        change(&mut bytes, seeds, chance);
    }
    bytes.truncate(most);
    bytes
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    let reach = 1 << chance.below(8);
    let end = (at + 1 + chance.below(reach)).min(bytes.len());
    match chance.below(8) {
        0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
        1 if at < bytes.len() => bytes[at] = chance.below(256) as u8,
        2 if at < end => drop(bytes.drain(at..end)),
        3 if at < end => {
            let copy = bytes[at..end].to_vec();
            let to = chance.below(bytes.len() + 1);
            bytes.splice(to..to, copy);
        }
        4 if at < end => {
            // the same again and again: depth and length
            let copy = bytes[at..end].repeat(1 + chance.below(60));
            bytes.splice(at..at, copy);
        }
        5 => {
            let other = seeds.get(chance.below(seeds.len())).cloned().unwrap_or_default();
            let from = chance.below(other.len() + 1);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        6 => bytes.truncate(at),
        _ => {
            let word = WORDS[chance.below(WORDS.len())];
            bytes.splice(at..at, word.iter().copied());
        }
    }
}
