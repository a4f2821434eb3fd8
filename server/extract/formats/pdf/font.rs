//! A font of a PDF (ISO 32000-1, 9.5 to 9.10): which text the codes of a string are and how wide they run. What text a
//! code is, the font says in several ways; the first that speaks wins.

use std::collections::{BTreeMap, HashMap};

use super::cmap::CMap;
use super::encoding::{self, Base};
use super::file::File;
use super::object::{Dict, Lexer, Object, Token};
use super::{japan, truetype};

/// Widths that are read of a font.
const WIDTHS: usize = 70_000;

/// A code of a string as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    /// What it says; `None` when the font does not tell.
    pub text: Option<String>,
    /// How far it runs, in units of the font's size.
    pub width: f64,
    /// Whether it is the one byte 32, which word spacing widens (9.3.3).
    pub blank: bool,
}

/// A font.
pub(super) struct Font {
    to_unicode: Option<CMap>,
    kind: Kind,
    /// Whether lines run downwards.
    pub vertical: bool,
}

enum Kind {
    Simple { texts: Vec<Option<String>>, widths: Vec<f64> },
    Composite(Box<Composite>),
}

struct Composite {
    codes: CMap,
    /// Whether its CIDs are those of Adobe-Japan1.
    japanese: bool,
    /// Of fonts that nothing else is known of: the characters of the glyphs, and the glyphs of the CIDs.
    glyphs: HashMap<u32, char>,
    glyph_of: Vec<u8>,
    widths: BTreeMap<u32, (u32, f64)>,
    width: f64,
}

impl Font {
    /// Reads a font by its dictionary.
    pub fn read(file: &File<'_>, dict: &Dict) -> Self {
        let to_unicode = file.entry(dict, "ToUnicode").stream().map(|stream| CMap::parse(&file.data(stream)));
        if file.entry(dict, "Subtype").name() == Some("Type0") {
            let composite = Composite::read(file, dict, to_unicode.is_some());
            return Self { to_unicode, vertical: composite.codes.vertical, kind: Kind::Composite(Box::new(composite)) };
        }
        let kind = Kind::Simple { texts: simple_texts(file, dict), widths: simple_widths(file, dict) };
        Self { to_unicode, kind, vertical: false }
    }

    /// What a string shows.
    pub fn shown(&self, mut bytes: &[u8]) -> Vec<Shown> {
        let mut out = Vec::with_capacity(bytes.len());
        match &self.kind {
            Kind::Simple { texts, widths } => {
                for &code in bytes {
                    let own = || texts.get(usize::from(code)).cloned().flatten();
                    let width = widths.get(usize::from(code)).copied().unwrap_or(0.5);
                    out.push(Shown { text: self.said(u32::from(code)).or_else(own), width, blank: code == b' ' });
                }
            }
            Kind::Composite(font) => {
                while !bytes.is_empty() {
                    let code = font.codes.next(bytes);
                    bytes = bytes.get(code.length..).unwrap_or_default();
                    let text = self.said(code.value).or_else(|| font.text(&code.text, code.cid));
                    let cid = code.cid.or_else(|| code.text.as_ref()?.chars().next().and_then(japan::cid));
                    let narrow = code.length == 1;
                    let width = if self.vertical { 1.0 } else { font.width(cid, narrow) };
                    out.push(Shown { text, width, blank: narrow && code.value == 32 });
                }
            }
        }
        out
    }

    /// What the font's own map to Unicode says, when it says characters.
    fn said(&self, code: u32) -> Option<String> {
        let text = self.to_unicode.as_ref()?.text(code)?;
        let empty = text.chars().all(|c| c == '\0' || c == '\u{fffd}' || matches!(c, '\u{e000}'..='\u{f8ff}'));
        (!empty).then_some(text)
    }
}

impl Composite {
    fn read(file: &File<'_>, dict: &Dict, mapped: bool) -> Self {
        let encoding = file.entry(dict, "Encoding");
        let mut codes = match &*encoding {
            Object::Stream(stream) => CMap::parse(&file.data(stream)),
            other => CMap::named(other.name().unwrap_or("Identity-H")),
        };
        if encoding.dict().is_some_and(|dict| file.entry(dict, "WMode").int() == Some(1)) {
            codes.vertical = true;
        }
        let descendants = file.entry(dict, "DescendantFonts");
        let descendant = descendants.array().first().map(|first| file.resolve(first));
        let descendant = descendant.as_deref().and_then(Object::dict).cloned().unwrap_or_default();
        let system = file.entry(&descendant, "CIDSystemInfo");
        let ordering = system.dict().map(|system| file.entry(system, "Ordering"));
        let japanese = ordering.as_deref().and_then(Object::bytes).is_some_and(|name| name.starts_with(b"Japan"));
        // a font file is opened only for what nothing else tells
        let (glyphs, glyph_of) = if mapped || japanese { Default::default() } else { embedded(file, &descendant) };
        let width = file.entry(&descendant, "DW").number().unwrap_or(1000.0) / 1000.0;
        Self { codes, japanese, glyphs, glyph_of, widths: cid_widths(file, &descendant), width }
    }

    fn text(&self, by_charset: &Option<String>, cid: Option<u32>) -> Option<String> {
        if by_charset.is_some() {
            return by_charset.clone();
        }
        let cid = cid?;
        if self.japanese {
            return japan::character(cid).map(String::from);
        }
        let at = cid as usize * 2;
        let glyph = match self.glyph_of.get(at..at + 2) {
            Some(pair) => pair.iter().fold(0, |glyph, &byte| glyph << 8 | u32::from(byte)),
            None => cid,
        };
        self.glyphs.get(&glyph).map(char::to_string)
    }

    fn width(&self, cid: Option<u32>, narrow: bool) -> f64 {
        let listed = cid.and_then(|cid| {
            let (_, (last, width)) = self.widths.range(..=cid).next_back()?;
            (cid <= *last).then_some(*width)
        });
        listed.unwrap_or(if narrow { self.width.min(0.5) } else { self.width })
    }
}

/// The characters of the glyphs of an embedded font, and which glyph a CID is (9.7.4.3; empty when they are the same).
fn embedded(file: &File<'_>, descendant: &Dict) -> (HashMap<u32, char>, Vec<u8>) {
    let descriptor = file.entry(descendant, "FontDescriptor");
    let Some(descriptor) = descriptor.dict() else { return Default::default() };
    let font = ["FontFile2", "FontFile3"].into_iter().find_map(|key| file.entry(descriptor, key).stream().cloned());
    let glyphs = font.map(|font| truetype::characters(&file.data(&font))).unwrap_or_default();
    let map = file.entry(descendant, "CIDToGIDMap").stream().map(|map| file.data(map));
    (glyphs, map.unwrap_or_default())
}

/// The widths of CIDs (9.7.4.3): `first [w w w]` or `first last w`.
fn cid_widths(file: &File<'_>, descendant: &Dict) -> BTreeMap<u32, (u32, f64)> {
    let mut out = BTreeMap::new();
    let list = file.entry(descendant, "W");
    let mut items = list.array().iter().map(|item| file.resolve(item)).take(WIDTHS);
    while let (Some(first), Some(second)) = (items.next(), items.next()) {
        let Some(first) = first.int().and_then(|first| u32::try_from(first).ok()) else { continue };
        if let Object::Array(widths) = &*second {
            for (cid, width) in (first..).zip(widths).take(WIDTHS) {
                out.insert(cid, (cid, file.resolve(width).number().unwrap_or(1000.0) / 1000.0));
            }
        } else if let (Some(last), Some(width)) = (second.int(), items.next().and_then(|width| width.number())) {
            out.insert(first, (u32::try_from(last).unwrap_or(first), width / 1000.0));
        }
    }
    out
}

/// The texts of the 256 codes of a simple font: its base encoding with the differences from it.
fn simple_texts(file: &File<'_>, dict: &Dict) -> Vec<Option<String>> {
    let encoding = file.entry(dict, "Encoding");
    let named = match encoding.dict() {
        Some(encoding) => file.entry(encoding, "BaseEncoding").name().and_then(Base::named),
        None => encoding.name().and_then(Base::named),
    };
    let dingbats = file.entry(dict, "BaseFont").name().is_some_and(|name| name.contains("Dingbats"));
    let base = if dingbats { Base::Dingbats } else { named.unwrap_or(own_base(file, dict)) };
    let mut texts: Vec<Option<String>> = (0..=255).map(|code| base.character(code).map(String::from)).collect();
    if named.is_none() {
        built_in(file, dict, &mut texts);
    }
    let differences = encoding.dict().map(|encoding| file.entry(encoding, "Differences"));
    let mut code = 0usize;
    for item in differences.as_deref().map(Object::array).unwrap_or_default().iter().take(WIDTHS) {
        match &*file.resolve(item) {
            Object::Name(name) => {
                if let Some(text) = texts.get_mut(code) {
                    *text = encoding::by_name(name);
                }
                code += 1;
            }
            other => code = other.int().and_then(|code| usize::try_from(code).ok()).unwrap_or(code),
        }
    }
    texts
}

/// Of a font that names no encoding: TrueType is written for Windows.
fn own_base(file: &File<'_>, dict: &Dict) -> Base {
    if file.entry(dict, "Subtype").name() == Some("TrueType") { Base::WinAnsi } else { Base::Standard }
}

/// What a Type 1 font says itself in the part that is text: `dup 49 /one put` (Adobe Type 1 Font Format, 2.3).
fn built_in(file: &File<'_>, dict: &Dict, texts: &mut [Option<String>]) {
    let descriptor = file.entry(dict, "FontDescriptor");
    let program = descriptor.dict().map(|descriptor| file.entry(descriptor, "FontFile"));
    let Some(stream) = program.as_deref().and_then(Object::stream) else { return };
    let bytes = file.data(stream);
    let end = memchr::memmem::find(&bytes, b"eexec").unwrap_or(bytes.len());
    let mut lexer = Lexer::of_content(bytes.get(..end).unwrap_or_default());
    let mut code = None;
    loop {
        match lexer.token() {
            Token::Object(Object::Int(number)) => code = usize::try_from(number).ok(),
            Token::Object(Object::Name(name)) => {
                if let Some(text) = code.take().and_then(|code| texts.get_mut(code)) {
                    *text = encoding::by_name(&name);
                }
            }
            Token::End => return,
            _ => code = None,
        }
    }
}

fn simple_widths(file: &File<'_>, dict: &Dict) -> Vec<f64> {
    let fixed = file.entry(dict, "BaseFont").name().is_some_and(|name| name.contains("Courier"));
    let missing = if fixed { 0.6 } else { 0.5 };
    // a Type 3 font measures in units of its own (9.6.5)
    let matrix = file.entry(dict, "FontMatrix");
    let unit = matrix.array().first().and_then(Object::number).unwrap_or(0.001);
    let mut out = vec![missing; 256];
    let first = file.entry(dict, "FirstChar").int().and_then(|first| usize::try_from(first).ok()).unwrap_or(0);
    let widths = file.entry(dict, "Widths");
    for (at, width) in (first..256).zip(widths.array()) {
        if let (Some(slot), Some(width)) = (out.get_mut(at), file.resolve(width).number()) {
            *slot = width * unit.abs();
        }
    }
    out
}
