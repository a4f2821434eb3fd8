//! A PDF as a table of objects (ISO 32000-1, 7.5): the cross-reference tables and streams, or, where they are wrong,
//! what a walk through the file finds. Objects are read when they are asked for, and every byte that is unpacked
//! comes out of one bound.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use memchr::memmem;

use super::crypt::Crypt;
use super::filters;
use super::object::{Dict, Id, Lexer, Object, Stream, Token, is_space};

/// Objects that a file may have.
const OBJECTS: usize = 2_000_000;
/// Sections of cross-references that are followed, the newest first.
const SECTIONS: usize = 1_000;
/// References that lead to references.
const HOPS: usize = 16;
/// Bytes from the end of the file in which the way to the cross-references stands.
const TAIL: usize = 4096;

/// Where an object lies.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// At this byte.
    At(usize),
    /// In this stream of objects.
    In(u32),
}

/// A stream of objects, unpacked: where each begins.
struct Packed {
    bytes: Vec<u8>,
    starts: HashMap<u32, usize>,
}

/// A file. Reading one object may ask for others, so what is learnt lies in cells.
pub(super) struct File<'a> {
    bytes: &'a [u8],
    places: RefCell<BTreeMap<u32, Place>>,
    pub trailer: Dict,
    crypt: Option<Crypt>,
    known: RefCell<HashMap<u32, Rc<Object>>>,
    packed: RefCell<HashMap<u32, Rc<Packed>>>,
    /// The objects that are being read: one that needs itself is null.
    open: RefCell<BTreeSet<u32>>,
    walked: Cell<bool>,
    room: Cell<usize>,
    /// The streams that have been paid for, by their start, and what was paid: one that is read again is free, and
    /// no larger.
    paid: RefCell<BTreeMap<usize, usize>>,
    /// Whether something did not fit into the room.
    pub short: Cell<bool>,
    /// Whether a stream was damaged.
    pub damaged: Cell<bool>,
}

impl<'a> File<'a> {
    /// Reads the cross-references. `room` is what may be unpacked, bytes.
    pub fn open(bytes: &'a [u8], room: usize) -> Self {
        let start = memmem::find(bytes.get(..1024.min(bytes.len())).unwrap_or_default(), b"%PDF-").unwrap_or(0);
        let mut file = Self {
            bytes: bytes.get(start..).unwrap_or_default(),
            places: RefCell::default(),
            trailer: Dict::default(),
            crypt: None,
            known: RefCell::default(),
            packed: RefCell::default(),
            open: RefCell::default(),
            walked: Cell::new(false),
            room: Cell::new(room),
            paid: RefCell::default(),
            short: Cell::new(false),
            damaged: Cell::new(false),
        };
        file.cross_references();
        if !file.trailer.0.contains_key("Root") {
            file.repair();
        }
        file
    }

    /// Looks for the objects of a file whose cross-references lead nowhere.
    pub fn repair(&mut self) {
        self.walk();
        self.trailer_by_walking();
    }

    /// The dictionary of an encrypted file, and the first half of its identifier.
    pub fn encryption(&self) -> Option<(Dict, Vec<u8>)> {
        let dict = self.resolve(self.trailer.get("Encrypt")).dict()?.clone();
        let id = self.resolve(self.trailer.get("ID"));
        let first = id.array().first().map(|first| self.resolve(first));
        Some((dict, first.and_then(|first| first.bytes().map(<[u8]>::to_vec)).unwrap_or_default()))
    }

    /// From now on, strings and streams are decrypted.
    pub fn unlock(&mut self, crypt: Crypt) {
        self.crypt = Some(crypt);
        self.known.borrow_mut().clear();
        self.packed.borrow_mut().clear();
    }

    /// The catalogue.
    pub fn root(&self) -> Option<Dict> {
        let root = self.resolve(self.trailer.get("Root"));
        root.dict().filter(|dict| dict.0.contains_key("Pages") || dict.0.contains_key("AcroForm")).cloned()
    }

    /// What of the room is left.
    pub fn room(&self) -> usize {
        self.room.get()
    }

    /// What an object stands for: itself, or what it refers to.
    pub fn resolve(&self, object: &Object) -> Rc<Object> {
        let mut object = Rc::new(object.clone());
        for _ in 0..HOPS {
            match object.reference() {
                Some((number, _)) => object = self.get(number),
                None => return object,
            }
        }
        Rc::new(Object::Null)
    }

    /// An entry of a dictionary, resolved.
    pub fn entry(&self, dict: &Dict, key: &str) -> Rc<Object> {
        self.resolve(dict.get(key))
    }

    /// The object of that number.
    pub fn get(&self, number: u32) -> Rc<Object> {
        if let Some(known) = self.known.borrow().get(&number) {
            return Rc::clone(known);
        }
        if !self.open.borrow_mut().insert(number) {
            return Rc::new(Object::Null);
        }
        let object = Rc::new(self.read(number).unwrap_or(Object::Null));
        self.open.borrow_mut().remove(&number);
        self.known.borrow_mut().insert(number, Rc::clone(&object));
        object
    }

    fn read(&self, number: u32) -> Option<Object> {
        let place = self.places.borrow().get(&number).copied();
        match place {
            Some(Place::At(at)) => match self.read_at(at, Some(number)) {
                None if !self.walked.get() => {
                    self.walk();
                    self.read(number)
                }
                read => read,
            },
            Some(Place::In(holder)) => {
                let packed = self.packed(holder)?;
                let start = *packed.starts.get(&number)?;
                Some(Lexer::of_file(&packed.bytes, start).object())
            }
            None => None,
        }
    }

    /// The object whose `12 0 obj` stands at `at`, when it is the one of that number.
    fn read_at(&self, at: usize, number: Option<u32>) -> Option<Object> {
        let mut lexer = Lexer::of_file(self.bytes, at);
        let (Token::Object(Object::Int(found)), Token::Object(Object::Int(generation))) =
            (lexer.token(), lexer.token())
        else {
            return None;
        };
        let id = (u32::try_from(found).ok()?, u16::try_from(generation).unwrap_or(0));
        if lexer.token() != Token::Word(b"obj") || number.is_some_and(|number| number != id.0) {
            return None;
        }
        let object = lexer.object();
        self.damaged.set(self.damaged.get() || lexer.unclosed);
        let object = match (&self.crypt, object) {
            (Some(crypt), object) => crypt.decrypt_strings(object, id),
            (None, object) => object,
        };
        match object {
            Object::Dict(dict) => Some(self.stream(dict, lexer, id)),
            object => Some(object),
        }
    }

    /// A dictionary that `stream` follows is one (7.3.8); its length is believed when `endstream` stands there.
    fn stream(&self, dict: Dict, mut lexer: Lexer<'_>, id: Id) -> Object {
        lexer.skip_space();
        let Some(after) = self.bytes.get(lexer.at..).and_then(|rest| rest.strip_prefix(b"stream")) else {
            return Object::Dict(dict);
        };
        let line_end = match after {
            [b'\r', b'\n', ..] => 2,
            [b'\n' | b'\r', ..] => 1,
            _ => 0,
        };
        let start = lexer.at + b"stream".len() + line_end;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let said = self.entry(&dict, "Length").int().and_then(|length| usize::try_from(length).ok());
        let length = said.filter(|&length| ends_stream(rest, length)).unwrap_or_else(|| {
            memmem::find(rest, b"endstream").or_else(|| memmem::find(rest, b"endobj")).unwrap_or(rest.len())
        });
        Object::Stream(Stream { dict, range: start..start + length, id })
    }

    /// The bytes of a stream, decrypted and unpacked; as far as they can be, with what is missing noted.
    pub fn data(&self, stream: &Stream) -> Vec<u8> {
        let (bytes, left) = self.unpacked(stream);
        // what is no picture has no filter of pictures, and none that nobody knows
        self.damaged.set(self.damaged.get() || left.is_some());
        bytes
    }

    /// Whether something in the file may be the content of a page that names none: an object that cannot be read, or a
    /// stream for which nobody has asked and that does not say what it is.
    pub fn has_lost_content(&self) -> bool {
        let places: Vec<(u32, Place)> = self.places.borrow().iter().map(|(number, place)| (*number, *place)).collect();
        places.into_iter().any(|(number, place)| {
            let Place::At(at) = place else { return false };
            match self.read_at(at, Some(number)) {
                None => true,
                // a stream that does not begin; what says how a file is encrypted has a length, too
                Some(Object::Dict(dict)) => dict.0.contains_key("Length") && !dict.0.contains_key("V"),
                Some(Object::Stream(stream)) => {
                    let told =
                        ["Type", "Subtype", "Length1", "Length2", "N", "FunctionType", "PatternType", "ShadingType"];
                    let silent = !told.iter().any(|key| stream.dict.0.contains_key(*key));
                    silent && !self.paid.borrow().contains_key(&stream.range.start)
                }
                Some(_) => false,
            }
        })
    }

    /// The same, and the filter of pictures that is left: `None` when the bytes are unpacked wholly.
    pub fn unpacked(&self, stream: &Stream) -> (Vec<u8>, Option<String>) {
        let raw = self.bytes.get(stream.range.clone()).unwrap_or_default();
        let raw = match &self.crypt {
            Some(crypt) if !has_own_crypt(self, &stream.dict) => crypt.decrypt_stream(raw, stream.id, &stream.dict),
            _ => raw.to_vec(),
        };
        let paid = self.paid.borrow().get(&stream.range.start).copied();
        let out = filters::unpack(self, &stream.dict, raw, paid.unwrap_or(self.room.get()));
        if out.damaged {
            self.damaged.set(true);
        }
        if paid.is_none() {
            self.short.set(self.short.get() || out.short);
            self.room.set(self.room.get().saturating_sub(out.bytes.len()));
            self.paid.borrow_mut().insert(stream.range.start, out.bytes.len());
        }
        (out.bytes, out.picture)
    }

    fn packed(&self, holder: u32) -> Option<Rc<Packed>> {
        if let Some(known) = self.packed.borrow().get(&holder) {
            return Some(Rc::clone(known));
        }
        // a stream of objects lies in no other (7.5.7)
        if !matches!(self.places.borrow().get(&holder), Some(Place::At(_))) {
            return None;
        }
        let object = self.get(holder);
        let stream = object.stream()?;
        let bytes = self.data(stream);
        let first = usize::try_from(self.entry(&stream.dict, "First").int()?).ok()?;
        let mut starts = HashMap::new();
        let mut lexer = Lexer::of_content(bytes.get(..first.min(bytes.len()))?);
        while let (Token::Object(Object::Int(number)), Token::Object(Object::Int(at))) = (lexer.token(), lexer.token())
        {
            let (Ok(number), Ok(at)) = (u32::try_from(number), usize::try_from(at)) else { continue };
            starts.insert(number, first.saturating_add(at));
        }
        let packed = Rc::new(Packed { bytes, starts });
        self.packed.borrow_mut().insert(holder, Rc::clone(&packed));
        Some(packed)
    }

    /// Follows the sections of cross-references from the newest to the oldest (7.5.8.4).
    fn cross_references(&mut self) {
        let tail = self.bytes.len().saturating_sub(TAIL);
        let at = memmem::rfind(self.bytes.get(tail..).unwrap_or_default(), b"startxref");
        let first = at.map(|at| Lexer::of_file(self.bytes, tail + at + b"startxref".len()).object());
        let mut open: Vec<i64> = first.and_then(|first| first.int()).into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(at) = open.pop() {
            let Ok(at) = usize::try_from(at) else { continue };
            if !seen.insert(at) || seen.len() > SECTIONS {
                continue;
            }
            let Some(dict) = self.table(at).or_else(|| self.table_in_stream(at)) else { continue };
            // what is newer is in place already; a hybrid's stream comes before older sections
            open.extend(dict.get("Prev").int());
            open.extend(dict.get("XRefStm").int());
            for (key, value) in dict.0 {
                self.trailer.0.entry(key).or_insert(value);
            }
        }
    }

    /// A section that is written as a table (7.5.4).
    fn table(&self, at: usize) -> Option<Dict> {
        let mut lexer = Lexer::of_file(self.bytes, at);
        if lexer.token() != Token::Word(b"xref") {
            return None;
        }
        let mut places = self.places.borrow_mut();
        loop {
            let first = match lexer.token() {
                Token::Object(Object::Int(first)) => u32::try_from(first).ok()?,
                Token::Word(b"trailer") => return lexer.object().dict().cloned(),
                _ => return None,
            };
            let count = lexer.object().int()?;
            for number in (first..).take(usize::try_from(count).ok()?.min(OBJECTS)) {
                let (offset, _, kind) = (lexer.object(), lexer.object(), lexer.token());
                match (offset.int().and_then(|offset| usize::try_from(offset).ok()), kind) {
                    (Some(offset), Token::Word(b"n")) => drop(places.entry(number).or_insert(Place::At(offset))),
                    (Some(_), Token::Word(b"f")) => {}
                    _ => return None,
                }
            }
        }
    }

    /// A section that is written as a stream (7.5.8).
    fn table_in_stream(&self, at: usize) -> Option<Dict> {
        let object = self.read_at(at, None)?;
        let stream = object.stream()?;
        let dict = &stream.dict;
        if dict.get("Type").name() != Some("XRef") {
            return None;
        }
        let bytes = self.data(stream);
        let widths: Vec<usize> =
            dict.get("W").array().iter().map(|width| width.int().unwrap_or(0).clamp(0, 8) as usize).collect();
        let &[kind, second, third] = widths.as_slice() else { return None };
        let size = dict.get("Size").int().unwrap_or(0);
        let all = [Object::Int(0), Object::Int(size)];
        let index = if dict.get("Index").array().is_empty() { &all } else { dict.get("Index").array() };
        let mut rows = bytes.chunks_exact((kind + second + third).max(1));
        let mut places = self.places.borrow_mut();
        for pair in index.chunks_exact(2) {
            let range = pair.first().and_then(Object::int).zip(pair.get(1).and_then(Object::int));
            let (first, count) = range.and_then(|(first, count)| Some((u32::try_from(first).ok()?, count)))?;
            for (number, row) in (first..).take(usize::try_from(count).ok()?.min(OBJECTS)).zip(rows.by_ref()) {
                let (head, tail) = row.split_at_checked(kind)?;
                let (value, _) = tail.split_at_checked(second)?;
                let place = match if kind == 0 { 1 } else { big_endian(head) } {
                    1 => Place::At(usize::try_from(big_endian(value)).ok()?),
                    2 => Place::In(u32::try_from(big_endian(value)).ok()?),
                    _ => continue,
                };
                places.entry(number).or_insert(place);
            }
        }
        Some(dict.clone())
    }

    /// Finds the objects by their `12 0 obj`, for files whose cross-references are wrong; a later one replaces an
    /// earlier one of its number.
    fn walk(&self) {
        self.walked.set(true);
        let mut found: BTreeMap<u32, Place> = BTreeMap::new();
        for at in memmem::find_iter(self.bytes, b" obj").take(OBJECTS) {
            if let Some((number, start)) = heading(self.bytes, at) {
                found.insert(number, Place::At(start));
            }
        }
        let holders: Vec<u32> = found.keys().copied().collect();
        self.places.borrow_mut().extend(found);
        self.known.borrow_mut().clear();
        for holder in holders {
            let object = self.get(holder);
            if object.stream().is_some_and(|stream| stream.dict.get("Type").name() == Some("ObjStm")) {
                let numbers: Vec<u32> =
                    self.packed(holder).map(|packed| packed.starts.keys().copied().collect()).unwrap_or_default();
                let mut places = self.places.borrow_mut();
                for number in numbers {
                    places.entry(number).or_insert(Place::In(holder));
                }
            }
        }
        self.known.borrow_mut().clear();
    }

    /// The trailer of a file that has none that works.
    fn trailer_by_walking(&mut self) {
        for at in memmem::find_iter(self.bytes, b"trailer").take(SECTIONS) {
            if let Object::Dict(dict) = Lexer::of_file(self.bytes, at + b"trailer".len()).object() {
                self.trailer.0.extend(dict.0);
            }
        }
        let numbers: Vec<u32> = self.places.borrow().keys().copied().collect();
        for number in numbers {
            let object = self.get(number);
            let Some(dict) = object.dict() else { continue };
            match dict.get("Type").name() {
                Some("Catalog") => drop(self.trailer.0.insert("Root".to_owned(), Object::Ref((number, 0)))),
                Some("XRef") => {
                    for (key, value) in &dict.0 {
                        self.trailer.0.entry(key.clone()).or_insert_with(|| value.clone());
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether a stream says itself how it is encrypted (7.4.10): in practice, that it is not.
fn has_own_crypt(file: &File<'_>, dict: &Dict) -> bool {
    let filter = file.entry(dict, "Filter");
    filter.name() == Some("Crypt") || filter.array().first().is_some_and(|first| first.name() == Some("Crypt"))
}

fn ends_stream(rest: &[u8], length: usize) -> bool {
    let Some(after) = rest.get(length..) else { return false };
    let blanks = after.iter().take(4).take_while(|&&byte| is_space(byte)).count();
    after.get(blanks..).is_some_and(|after| after.starts_with(b"endstream"))
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

/// The number of the object whose ` obj` stands at `at`, and where its heading begins.
fn heading(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let before = bytes.get(at.saturating_sub(24)..at)?;
    let digits = |text: &[u8]| text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let generation = digits(before);
    let rest = before.get(..before.len() - generation)?;
    let blanks = rest.iter().rev().take_while(|&&byte| is_space(byte)).count();
    let rest = rest.get(..rest.len() - blanks)?;
    let length = digits(rest);
    let number = std::str::from_utf8(rest.get(rest.len() - length..)?).ok()?.parse().ok()?;
    (generation > 0 && blanks > 0).then(|| (number, at - generation - blanks - length))
}
