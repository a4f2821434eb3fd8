//! CMaps (ISO 32000-1, 9.7.5 and 9.10.3; Adobe technical note 5014): how the bytes of a string are cut into codes,
//! and what each code is, a CID or a text. The predefined ones of Japanese are not tables here: their codes are
//! those of a charset, which says the characters by itself.

use std::collections::BTreeMap;

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS};

use super::object::{Lexer, Object, Token};

/// Entries that a CMap may have.
const ENTRIES: usize = 200_000;

/// How the bytes of a string are cut into codes, and what charset the codes belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Two bytes that are a CID.
    Identity,
    /// Two bytes of JIS X 0208.
    Jis,
    /// One or two bytes of this charset.
    Charset(&'static Encoding),
    Utf8,
    Utf16,
    Utf32,
}

impl Coding {
    /// That of a predefined CMap (9.7.5.2).
    pub fn named(name: &str) -> Option<Self> {
        let has = |part: &str| name.contains(part);
        Some(match () {
            () if name.starts_with("Identity") || name.starts_with("Adobe-") => Self::Identity,
            () if has("UTF32") => Self::Utf32,
            () if has("UTF8") => Self::Utf8,
            () if has("UCS2") || has("UTF16") => Self::Utf16,
            () if has("RKSJ") => Self::Charset(SHIFT_JIS),
            () if has("GBK") || has("GB-EUC") || has("GBpc") => Self::Charset(GBK),
            () if has("B5") || has("HKscs") || has("ETen") => Self::Charset(BIG5),
            () if has("KSC") => Self::Charset(EUC_KR),
            () if has("EUC") => Self::Charset(EUC_JP),
            () if ["H", "V", "78-H", "78-V", "Add-H", "Add-V", "Ext-H", "Ext-V"].contains(&name) => Self::Jis,
            () => return None,
        })
    }

    /// How many of `bytes` the first code takes.
    fn length(self, bytes: &[u8]) -> usize {
        let first = bytes.first().copied().unwrap_or_default();
        let second = bytes.get(1).copied().unwrap_or_default();
        match self {
            Self::Identity | Self::Jis => 2,
            Self::Utf32 => 4,
            Self::Utf16 if (0xd8..0xdc).contains(&first) => 4,
            Self::Utf16 => 2,
            Self::Utf8 => first.leading_ones().clamp(1, 4) as usize,
            Self::Charset(charset) if charset == SHIFT_JIS => {
                if matches!(first, 0x81..=0x9f | 0xe0..=0xfc) && second >= 0x40 { 2 } else { 1 }
            }
            Self::Charset(_) => usize::from(first >= 0x80) + 1,
        }
    }

    /// The characters of a code; `None` where the code is a CID.
    fn text(self, bytes: &[u8]) -> Option<String> {
        let units = |size: usize| bytes.chunks_exact(size).map(code_of);
        match self {
            Self::Identity => None,
            Self::Jis => {
                let euc: Vec<u8> = bytes.iter().map(|byte| byte | 0x80).collect();
                Some(EUC_JP.decode_without_bom_handling(&euc).0.into_owned())
            }
            Self::Charset(charset) => Some(charset.decode_without_bom_handling(bytes).0.into_owned()),
            Self::Utf8 => Some(String::from_utf8_lossy(bytes).into_owned()),
            Self::Utf16 => {
                let units: Vec<u16> = units(2).filter_map(|unit| u16::try_from(unit).ok()).collect();
                Some(String::from_utf16_lossy(&units))
            }
            Self::Utf32 => Some(units(4).filter_map(char::from_u32).collect()),
        }
    }
}

/// A code of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code {
    pub value: u32,
    /// Bytes that it takes.
    pub length: usize,
    /// What the charset of the CMap says it is.
    pub text: Option<String>,
    /// The CID that the CMap says; `None` where only the charset is known.
    pub cid: Option<u32>,
}

fn code_of(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |code, &byte| code << 8 | u32::from(byte))
}

/// A CMap.
#[derive(Debug, Clone, Default)]
pub(super) struct CMap {
    coding: Option<Coding>,
    /// Length, lowest and highest code.
    spaces: Vec<(usize, u32, u32)>,
    /// Runs of codes by their first one: the last, and the CID of the first.
    cids: BTreeMap<u32, (u32, u32)>,
    /// Runs of codes by their first one: the last, and the text of the first.
    texts: BTreeMap<u32, (u32, String)>,
    pub vertical: bool,
}

impl CMap {
    /// A predefined one; what is not known is taken for pairs of bytes.
    pub fn named(name: &str) -> Self {
        let coding = Coding::named(name).unwrap_or(Coding::Identity);
        Self { coding: Some(coding), vertical: name.ends_with('V'), ..Self::default() }
    }

    /// One that stands in the file.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut out = Self::default();
        let mut lexer = Lexer::of_content(bytes);
        let mut operands: Vec<Object> = Vec::new();
        let mut left = ENTRIES;
        loop {
            match lexer.token() {
                Token::Object(object) if operands.len() < ENTRIES => operands.push(object),
                Token::Object(_) => {}
                Token::Word(word) => {
                    left = left.saturating_sub(operands.len());
                    if left == 0 {
                        return out;
                    }
                    out.apply(word, &operands);
                    operands.clear();
                }
                Token::End => return out,
            }
        }
    }

    fn apply(&mut self, word: &[u8], operands: &[Object]) {
        match word {
            b"endcodespacerange" => operands.chunks_exact(2).for_each(|pair| self.space(pair)),
            b"endbfchar" => operands.chunks_exact(2).for_each(|pair| self.text_of(pair)),
            b"endbfrange" => operands.chunks_exact(3).for_each(|run| self.texts_of(run)),
            b"endcidchar" => operands.chunks_exact(2).for_each(|pair| self.cids_of(&[&pair[..1], pair].concat())),
            b"endcidrange" => operands.chunks_exact(3).for_each(|run| self.cids_of(run)),
            b"usecmap" => {
                if let Some(name) = operands.last().and_then(Object::name) {
                    self.coding = Coding::named(name);
                }
            }
            b"def" => {
                if let [Object::Name(name), Object::Int(value)] = operands {
                    self.vertical |= name == "WMode" && *value == 1;
                }
            }
            _ => {}
        }
    }

    fn space(&mut self, pair: &[Object]) {
        if let [Object::Text(low), Object::Text(high)] = pair {
            self.spaces.push((low.len().clamp(1, 4), code_of(low), code_of(high)));
        }
    }

    fn text_of(&mut self, pair: &[Object]) {
        if let [Object::Text(code), Object::Text(text)] = pair {
            let code = code_of(code);
            self.texts.insert(code, (code, utf16(text)));
        }
    }

    fn texts_of(&mut self, run: &[Object]) {
        match run {
            [Object::Text(low), Object::Text(high), Object::Text(text)] => {
                self.texts.insert(code_of(low), (code_of(high), utf16(text)));
            }
            [Object::Text(low), Object::Text(_), Object::Array(texts)] => {
                for (code, text) in (code_of(low)..).zip(texts).take(ENTRIES) {
                    let text = text.bytes().map(utf16).unwrap_or_default();
                    self.texts.insert(code, (code, text));
                }
            }
            _ => {}
        }
    }

    fn cids_of(&mut self, run: &[Object]) {
        if let [Object::Text(low), Object::Text(high), Object::Int(cid)] = run {
            self.cids.insert(code_of(low), (code_of(high), u32::try_from(*cid).unwrap_or_default()));
        }
    }

    /// The first code of `bytes`, which is not empty.
    pub fn next(&self, bytes: &[u8]) -> Code {
        let length = match (self.own_length(bytes), self.coding) {
            (Some(length), _) => length,
            (None, Some(coding)) => coding.length(bytes),
            // where nothing fits, the shortest code is skipped
            (None, None) => self.spaces.iter().map(|space| space.0).min().unwrap_or(2),
        };
        let taken = bytes.get(..length).unwrap_or(bytes);
        let value = code_of(taken);
        let own = self.cid(value);
        let text = self.coding.filter(|_| own.is_none()).and_then(|coding| coding.text(taken));
        let identity = (self.coding == Some(Coding::Identity)).then_some(value);
        Code { value, length: taken.len().max(1), text, cid: own.or(identity) }
    }

    fn own_length(&self, bytes: &[u8]) -> Option<usize> {
        (1..=4usize).find(|&length| {
            let code = bytes.get(..length).map(code_of);
            self.spaces
                .iter()
                .any(|&(size, low, high)| size == length && code.is_some_and(|code| within(code, low, high)))
        })
    }

    fn cid(&self, code: u32) -> Option<u32> {
        let (low, (high, cid)) = self.cids.range(..=code).next_back()?;
        (code <= *high).then(|| cid.saturating_add(code - low))
    }

    /// The text of a code.
    pub fn text(&self, code: u32) -> Option<String> {
        let (low, (high, text)) = self.texts.range(..=code).next_back()?;
        if code > *high {
            return None;
        }
        // the last character counts on (9.10.3)
        let last = text.chars().next_back()?;
        let now = char::from_u32(u32::from(last).checked_add(code - low)?)?;
        let start = text.get(..text.len() - last.len_utf8())?;
        Some(format!("{start}{now}"))
    }
}

/// Whether each byte of the code lies in its range (9.7.6.2).
fn within(code: u32, low: u32, high: u32) -> bool {
    let (code, low, high) = (code.to_be_bytes(), low.to_be_bytes(), high.to_be_bytes());
    code.iter().zip(low).zip(high).all(|((byte, low), high)| (low..=high).contains(byte))
}

fn utf16(bytes: &[u8]) -> String {
    if let [one] = bytes {
        return char::from(*one).to_string();
    }
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| code_of(pair) as u16).collect();
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(cmap: &CMap, mut bytes: &[u8]) -> Vec<Code> {
        let mut out = Vec::new();
        while !bytes.is_empty() {
            let code = cmap.next(bytes);
            bytes = &bytes[code.length..];
            out.push(code);
        }
        out
    }

    #[test]
    fn predefined_codes_are_those_of_their_charset() {
        for (name, bytes) in [
            ("90ms-RKSJ-H", &b"A\x82\x50\x8c\xc2"[..]),
            ("EUC-H", b"A\xa3\xb1\xb8\xc4"),
            ("UniJIS-UTF16-V", b"\0A\xff\x11\x50\x0b"),
            ("UniJIS-UTF8-H", "A１個".as_bytes()),
        ] {
            let cmap = CMap::named(name);
            let text: String = codes(&cmap, bytes).into_iter().filter_map(|code| code.text).collect();
            assert_eq!((text.as_str(), cmap.vertical), ("A１個", name.ends_with('V')), "{name}");
        }
        assert_eq!(codes(&CMap::named("H"), b"\x23\x31")[0].text.as_deref(), Some("１"));
        assert_eq!(codes(&CMap::named("Identity-H"), b"\x03\x0c\x01")[0].cid, Some(780));
    }

    #[test]
    fn a_cmap_in_the_file_says_codes_and_texts() {
        let cmap = CMap::parse(
            b"1 begincodespacerange <00> <7f> <8000> <ffff> endcodespacerange /WMode 1 def\n\
              1 begincidrange <8000> <8010> 700 endcidrange 1 begincidchar <41> 9 endcidchar\n\
              2 beginbfchar <01> <0031> <02> <00660069> endbfchar\n\
              2 beginbfrange <10> <19> <0030> <20> <21> [<0041> <D83DDE00>] endbfrange",
        );
        assert!(cmap.vertical);
        let read: Vec<(usize, Option<u32>)> =
            codes(&cmap, b"\x41\x80\x05\x01").iter().map(|code| (code.length, code.cid)).collect();
        assert_eq!(read, [(1, Some(9)), (2, Some(705)), (1, None)]);
        let texts = [1, 2, 0x15, 0x21, 0x22].map(|code| cmap.text(code));
        assert_eq!(
            texts,
            ["1", "fi", "5", "😀"].map(|text| Some(text.to_owned())).into_iter().chain([None]).collect::<Vec<_>>()[..]
        );
    }
}
