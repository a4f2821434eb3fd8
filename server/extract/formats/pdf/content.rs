//! What a page shows (ISO 32000-1, 8 and 9): its operators are followed for the places of the glyphs and for the area
//! of the pictures. Nothing is drawn; invisible text counts as any other.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use memchr::memmem;

use super::file::File;
use super::font::Font;
use super::matrix::{Matrix, Rect};
use super::object::{Dict, Lexer, Object, Stream, Token, is_space};

/// Tokens that are read of all contents of a file.
const TOKENS: usize = 20_000_000;
/// What opening a form costs, in tokens: forms that show each other many times come to an end.
const FORM: usize = 200;
/// Glyphs that are kept of one page.
const GLYPHS: usize = 400_000;
/// Pictures that are kept of one page.
const SCANS: usize = 8;
/// Forms within forms.
const DEPTH: usize = 12;
/// Graphics states that are kept.
const STATES: usize = 256;
/// The operators that every reader knows (ISO 32000-1, Annex A), but those of pictures in the content.
const OPERATORS: [&str; 70] = [
    "b", "B", "b*", "B*", "BDC", "BMC", "BT", "BX", "c", "cm", "CS", "cs", "d", "d0", "d1", "Do", "DP", "EMC", "ET",
    "EX", "f", "F", "f*", "G", "g", "gs", "h", "i", "j", "J", "K", "k", "l", "m", "M", "MP", "n", "q", "Q", "re", "RG",
    "rg", "ri", "s", "S", "SC", "sc", "SCN", "scn", "sh", "T*", "Tc", "Td", "TD", "Tf", "Tj", "TJ", "TL", "Tm", "Tr",
    "Ts", "Tw", "Tz", "v", "w", "W", "W*", "y", "'", "\"",
];
/// Operands that an operator may have.
const OPERANDS: usize = 4_096;

/// A glyph at its place on the page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Glyph {
    pub text: String,
    /// Where it begins on its baseline.
    pub from: (f64, f64),
    /// Where it ends.
    pub to: (f64, f64),
    /// Its height: the size of the font as it is seen.
    pub size: f64,
    /// The direction of its line: the cosine and the sine.
    pub way: (f64, f64),
}

/// What a page shows.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub glyphs: Vec<Glyph>,
    /// Codes of which no font tells what they say.
    pub unknown: usize,
    /// The area of the pictures, in units of the page.
    pub pictures: f64,
    /// The first of the pictures.
    pub scans: Vec<Stream>,
    /// What the file says that marked parts read as (14.9.4).
    pub instead: Vec<String>,
}

/// What is learnt of a file while its contents are read.
pub(super) struct Reading<'f, 'a> {
    pub file: &'f File<'a>,
    fonts: RefCell<HashMap<u32, Rc<Font>>>,
    tokens: Cell<usize>,
    /// Whether a bound ended the reading.
    pub cut: Cell<bool>,
}

impl<'f, 'a> Reading<'f, 'a> {
    pub fn of(file: &'f File<'a>) -> Self {
        Self { file, fonts: RefCell::default(), tokens: Cell::new(TOKENS), cut: Cell::new(false) }
    }

    /// Reads a content with its resources into `out`.
    pub fn content(&self, bytes: &[u8], resources: &Dict, at: Matrix, out: &mut Shown) {
        let mut run = Run { reading: self, out, states: Vec::new(), now: State::new(at), forms: Vec::new() };
        run.content(bytes, resources);
    }

    /// Reads a form, as an appearance is one, at a place of the page.
    pub fn form(&self, form: &Stream, resources: &Dict, at: Matrix, out: &mut Shown) {
        let mut run = Run { reading: self, out, states: Vec::new(), now: State::new(at), forms: Vec::new() };
        run.form(form, resources);
    }

    /// The font of that name among the resources.
    pub fn font(&self, resources: &Dict, name: &str) -> Option<Rc<Font>> {
        let fonts = self.file.entry(resources, "Font");
        self.font_of(fonts.dict()?.get(name))
    }

    fn font_of(&self, object: &Object) -> Option<Rc<Font>> {
        let id = object.reference().map(|(number, _)| number);
        if let Some(known) = id.and_then(|id| self.fonts.borrow().get(&id).cloned()) {
            return Some(known);
        }
        let font = Rc::new(Font::read(self.file, self.file.resolve(object).dict()?));
        if let Some(id) = id {
            self.fonts.borrow_mut().insert(id, Rc::clone(&font));
        }
        Some(font)
    }

    /// Counts a token; false at the bound.
    fn count(&self) -> bool {
        self.spend(1)
    }

    fn spend(&self, tokens: usize) -> bool {
        let left = self.tokens.get().saturating_sub(tokens);
        self.tokens.set(left);
        if left == 0 {
            self.cut.set(true);
        }
        left > 0
    }
}

/// The graphics and text state (8.4, 9.3).
#[derive(Clone)]
struct State {
    page: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    char_space: f64,
    word_space: f64,
    /// The horizontal scaling, 1 for 100 %.
    scale: f64,
    leading: f64,
    rise: f64,
    text: Matrix,
    line: Matrix,
}

impl State {
    fn new(page: Matrix) -> Self {
        Self {
            page,
            font: None,
            size: 0.0,
            char_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
            text: Matrix::ONE,
            line: Matrix::ONE,
        }
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line = Matrix::shift(x, y).then(self.line);
        self.text = self.line;
    }
}

/// One content under work.
struct Run<'r, 'f, 'a> {
    reading: &'r Reading<'f, 'a>,
    out: &'r mut Shown,
    states: Vec<State>,
    now: State,
    /// The forms that are open, by where they lie in the file: one that shows itself is left out.
    forms: Vec<usize>,
}

impl Run<'_, '_, '_> {
    fn content(&mut self, bytes: &[u8], resources: &Dict) {
        let mut lexer = Lexer::of_content(bytes);
        let mut operands: Vec<Object> = Vec::new();
        // where a picture has ended is a guess, and what is marked so may hold operators of its own (7.8.2)
        let mut lenient = false;
        while self.reading.count() {
            match lexer.token() {
                Token::Object(object) if operands.len() < OPERANDS => operands.push(object),
                Token::Object(_) => {}
                Token::Word(b"BI") => {
                    self.inline_picture(bytes, &mut lexer);
                    lenient = true;
                }
                Token::Word(word) => {
                    lenient |= word == b"BX";
                    if !lenient && !OPERATORS.iter().any(|known| known.as_bytes() == word) {
                        self.reading.file.damaged.set(true);
                    }
                    self.operator(word, &operands, resources);
                    operands.clear();
                }
                Token::End => break,
            }
        }
        if lexer.unclosed && !lenient {
            self.reading.file.damaged.set(true);
        }
    }

    fn operator(&mut self, word: &[u8], operands: &[Object], resources: &Dict) {
        let number = |at: usize| operands.get(at).and_then(Object::number).filter(|n| n.is_finite()).unwrap_or(0.0);
        let bytes = |at: usize| operands.get(at).and_then(Object::bytes).unwrap_or_default();
        match word {
            b"q" if self.states.len() < STATES => self.states.push(self.now.clone()),
            b"Q" => {
                if let Some(state) = self.states.pop() {
                    self.now = state;
                }
            }
            b"cm" => {
                if let Some(matrix) = Matrix::read(operands) {
                    self.now.page = matrix.then(self.now.page);
                }
            }
            b"BT" => (self.now.text, self.now.line) = (Matrix::ONE, Matrix::ONE),
            b"Tc" => self.now.char_space = number(0),
            b"Tw" => self.now.word_space = number(0),
            b"Tz" => self.now.scale = number(0) / 100.0,
            b"TL" => self.now.leading = number(0),
            b"Ts" => self.now.rise = number(0),
            b"Tf" => {
                let name = operands.first().and_then(Object::name).unwrap_or_default();
                self.now.font = self.reading.font(resources, name);
                self.now.size = number(1);
            }
            b"gs" => self.outer_state(operands, resources),
            b"Td" => self.now.next_line(number(0), number(1)),
            b"TD" => {
                self.now.leading = -number(1);
                self.now.next_line(number(0), number(1));
            }
            b"Tm" => {
                if let Some(matrix) = Matrix::read(operands) {
                    (self.now.text, self.now.line) = (matrix, matrix);
                }
            }
            b"T*" => self.now.next_line(0.0, -self.now.leading),
            b"Tj" => self.show(bytes(0)),
            b"'" => {
                self.now.next_line(0.0, -self.now.leading);
                self.show(bytes(0));
            }
            b"\"" => {
                (self.now.word_space, self.now.char_space) = (number(0), number(1));
                self.now.next_line(0.0, -self.now.leading);
                self.show(bytes(2));
            }
            b"TJ" => self.show_spaced(operands.first().map(Object::array).unwrap_or_default()),
            b"Do" => self.external(operands, resources),
            b"BDC" => self.marked(operands, resources),
            _ => {}
        }
    }

    /// The font in a dictionary of graphics states (8.4.5).
    fn outer_state(&mut self, operands: &[Object], resources: &Dict) {
        let file = self.reading.file;
        let states = file.entry(resources, "ExtGState");
        let name = operands.first().and_then(Object::name).unwrap_or_default();
        let state = states.dict().map(|states| file.entry(states, name));
        let font = state.as_deref().and_then(Object::dict).map(|state| file.entry(state, "Font"));
        if let Some([font, size]) = font.as_deref().map(Object::array) {
            self.now.font = self.reading.font_of(font);
            self.now.size = size.number().unwrap_or(0.0);
        }
    }

    fn show_spaced(&mut self, items: &[Object]) {
        for item in items {
            if !self.reading.count() {
                return;
            }
            match item {
                Object::Text(bytes) => self.show(bytes),
                other => {
                    let back = other.number().unwrap_or(0.0) / 1000.0 * self.now.size;
                    let down = self.now.font.as_ref().is_some_and(|font| font.vertical);
                    let (x, y) = if down { (0.0, -back) } else { (-back * self.now.scale, 0.0) };
                    self.now.text = Matrix::shift(x, y).then(self.now.text);
                }
            }
        }
    }

    /// Places the glyphs of a string (9.4.4).
    fn show(&mut self, bytes: &[u8]) {
        let Some(font) = self.now.font.clone() else {
            self.out.unknown += bytes.len();
            return;
        };
        for shown in font.shown(bytes) {
            if !self.reading.count() || self.out.glyphs.len() >= GLYPHS {
                self.reading.cut.set(true);
                return;
            }
            let State { size, scale, rise, .. } = self.now;
            let space = self.now.char_space + if shown.blank { self.now.word_space } else { 0.0 };
            let place = Matrix([size * scale, 0.0, 0.0, size, 0.0, rise]).then(self.now.text).then(self.now.page);
            let (end, x, y) = match font.vertical {
                false => (place.point(shown.width, 0.0), (shown.width * size + space) * scale, 0.0),
                true => (place.point(0.0, -shown.width), 0.0, -shown.width * size + space),
            };
            self.place(shown.text, place, end, font.vertical);
            self.now.text = Matrix::shift(x, y).then(self.now.text);
        }
    }

    fn place(&mut self, text: Option<String>, place: Matrix, to: (f64, f64), vertical: bool) {
        let Some(text) = text else {
            self.out.unknown += 1;
            return;
        };
        let from = place.point(0.0, 0.0);
        // of lines that run down, the height of a glyph is its width
        let (along, across) = if vertical { ((0.0, -1.0), (1.0, 0.0)) } else { ((1.0, 0.0), (0.0, 1.0)) };
        let from_origin = |(x, y): (f64, f64)| {
            let (px, py) = place.point(x, y);
            (px - from.0, py - from.1)
        };
        let (way, up) = (from_origin(along), from_origin(across));
        let (length, size) = (way.0.hypot(way.1), up.0.hypot(up.1));
        if length.is_normal() && size.is_normal() && from.0.is_finite() && from.1.is_finite() {
            self.out.glyphs.push(Glyph { text, from, to, size, way: (way.0 / length, way.1 / length) });
        }
    }

    fn external(&mut self, operands: &[Object], resources: &Dict) {
        let file = self.reading.file;
        let objects = file.entry(resources, "XObject");
        let name = operands.first().and_then(Object::name).unwrap_or_default();
        let object = objects.dict().map(|objects| file.entry(objects, name));
        let Some(stream) = object.as_deref().and_then(Object::stream) else { return };
        match file.entry(&stream.dict, "Subtype").name() {
            Some("Image") => {
                self.out.pictures += self.now.page.area();
                if self.out.scans.len() < SCANS {
                    self.out.scans.push(stream.clone());
                }
            }
            Some("Form") => self.form(stream, resources),
            _ => {}
        }
    }

    /// Reads a form (8.10); without resources of its own it uses those around it.
    fn form(&mut self, form: &Stream, resources: &Dict) {
        if self.forms.len() >= DEPTH || self.forms.contains(&form.range.start) || !self.reading.spend(FORM) {
            return;
        }
        let file = self.reading.file;
        let own = file.entry(&form.dict, "Resources");
        let matrix = Matrix::read(file.entry(&form.dict, "Matrix").array()).unwrap_or(Matrix::ONE);
        let bytes = file.data(form);
        let states = std::mem::take(&mut self.states);
        let before = self.now.clone();
        self.now.page = matrix.then(self.now.page);
        self.forms.push(form.range.start);
        self.content(&bytes, own.dict().unwrap_or(resources));
        self.forms.pop();
        (self.now, self.states) = (before, states);
    }

    /// Goes over a picture in the content (8.9.7).
    fn inline_picture(&mut self, bytes: &[u8], lexer: &mut Lexer<'_>) {
        self.out.pictures += self.now.page.area();
        while self.reading.count() {
            match lexer.token() {
                Token::Word(b"ID") => break,
                Token::End => return,
                _ => {}
            }
        }
        let rest = bytes.get(lexer.at..).unwrap_or_default();
        let blank = |at: Option<&u8>| at.is_none_or(|&byte| is_space(byte));
        let end = memmem::find_iter(rest, b"EI")
            .find(|&at| blank(at.checked_sub(1).and_then(|before| rest.get(before))) && blank(rest.get(at + 2)));
        lexer.at = end.map_or(bytes.len(), |end| lexer.at + end + 2);
    }

    /// The text that a marked part stands for.
    fn marked(&mut self, operands: &[Object], resources: &Dict) {
        let file = self.reading.file;
        let listed = operands.get(1).and_then(Object::name).and_then(|name| {
            let properties = file.entry(resources, "Properties");
            properties.dict().map(|properties| file.entry(properties, name))
        });
        let Some(dict) = listed.as_deref().or(operands.get(1)).and_then(Object::dict) else { return };
        for key in ["ActualText", "Alt", "E"] {
            if let Some(text) = file.entry(dict, key).bytes() {
                self.out.instead.push(super::strings::text(text));
            }
        }
    }
}

/// The matrix that brings an appearance into the rectangle of its annotation (12.5.5).
pub(super) fn into_rect(file: &File<'_>, form: &Stream, rect: Rect) -> Matrix {
    let matrix = Matrix::read(file.entry(&form.dict, "Matrix").array()).unwrap_or(Matrix::ONE);
    let Some(bounds) = Rect::read(file.entry(&form.dict, "BBox").array()) else {
        return Matrix::shift(rect.left, rect.bottom);
    };
    let seen = bounds.through(matrix);
    let ratio = |to: f64, of: f64| if of > 0.0 { to / of } else { 1.0 };
    let (x, y) = (ratio(rect.width(), seen.width()), ratio(rect.height(), seen.height()));
    Matrix([x, 0.0, 0.0, y, rect.left - seen.left * x, rect.bottom - seen.bottom * y])
}
