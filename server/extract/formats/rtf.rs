//! Rich text (RTF 1.9.1): its text in every charset, tables as rows, what stands beside the text, pictures and
//! objects as files, and the HTML that mails carry inside it ([MS-OXRTFEX]).

mod objects;
mod token;
mod words;

use encoding_rs::{Encoding, SHIFT_JIS};

use self::token::{Token, Tokens};
use self::words::Group;
use super::html;
use super::office::flow::Change;
use super::office::marked::Marked;
use crate::reader::Reader;
use crate::{FileType, Reason, TextKind, sniff};

/// Groups within each other at most.
const DEPTH: usize = 1000;
/// Pictures that are looked at, and the bytes of one that is no mere sign.
const PICTURES: usize = 100;
const SIGN: usize = 2048;

/// Reads a document.
pub(crate) fn read(bytes: &[u8], out: &mut Reader) {
    let mut text = Text::default();
    if !Tokens::new(bytes).all(|token| text.token(token, out)) {
        out.refuse(Reason::TooBig);
    } else if !text.states.is_empty() {
        // a group that does not end may have swallowed the text behind it: the table of fonts, for one
        out.refuse(Reason::Broken);
    }
    text.finish(out);
}

/// What a group inherits from the one around it.
#[derive(Clone)]
struct State {
    group: Group,
    /// Whether the group began a text of its own.
    own: bool,
    /// Whether nothing was said in the group so far, so that a word can still name it.
    fresh: bool,
    /// Whether `\*` stands before the name of the group.
    optional: bool,
    font: i32,
    /// Characters that stand behind `\u` for readers that do not know it.
    instead: usize,
    removed: bool,
    added: bool,
    /// In what is only there for readers of RTF, not of the HTML in it.
    only_rtf: bool,
}

/// The document so far.
struct Text {
    states: Vec<State>,
    state: State,
    /// The texts in work: the document's, and those that stand beside it.
    open: Vec<Marked>,
    beside: Vec<String>,
    /// Bytes of the charset in force that are not decoded yet.
    bytes: Vec<u8>,
    charset: &'static Encoding,
    /// The charsets of the fonts.
    fonts: Vec<(i32, &'static Encoding)>,
    /// The first half of a character beyond 16 bits.
    half: Option<u16>,
    /// Characters still to be passed over.
    passed: usize,
    in_table: bool,
    html: Option<String>,
    /// The name of the property of a shape whose value follows.
    property: String,
    /// The hexadecimal digits of a picture or an object, as bytes.
    data: Vec<u8>,
    nibble: Option<u8>,
    pictures: usize,
}

impl Default for Text {
    fn default() -> Self {
        let state = State {
            group: Group::Text,
            own: false,
            fresh: false,
            optional: false,
            font: -1,
            instead: 1,
            removed: false,
            added: false,
            only_rtf: false,
        };
        Self {
            states: Vec::new(),
            state,
            open: vec![Marked::default()],
            beside: Vec::new(),
            bytes: Vec::new(),
            charset: encoding_rs::WINDOWS_1252,
            fonts: Vec::new(),
            half: None,
            passed: 0,
            in_table: false,
            html: None,
            property: String::new(),
            data: Vec::new(),
            nibble: None,
            pictures: 0,
        }
    }
}

impl Text {
    /// Takes the next token; false when there is more than is read.
    fn token(&mut self, token: Token, out: &mut Reader) -> bool {
        match token {
            Token::Open => return self.open(),
            Token::Close => self.close(out),
            Token::Word(word, number) => self.word(word, number),
            Token::Optional => self.state.optional = true,
            Token::Byte(byte) => self.byte(byte),
            Token::Char(c) => self.character(c),
            Token::Binary(bytes) => {
                if self.data.len() + bytes.len() <= out.room() {
                    self.data.extend_from_slice(bytes);
                }
            }
        }
        self.open.last().is_some_and(|text| !text.full())
    }

    fn open(&mut self) -> bool {
        self.flush();
        self.passed = 0;
        self.states.push(self.state.clone());
        (self.state.own, self.state.fresh, self.state.optional) = (false, true, false);
        self.states.len() <= DEPTH
    }

    fn close(&mut self, out: &mut Reader) {
        self.flush();
        self.passed = 0;
        let Some(outer) = self.states.pop() else { return };
        let ended = std::mem::replace(&mut self.state, outer);
        if ended.own && self.open.len() > 1 {
            self.beside.extend(self.open.pop().map(Marked::finish));
        }
        if ended.group.is_data() && !self.state.group.is_data() {
            self.end_data(ended.group, out);
        }
    }

    /// A picture or an object is whole.
    fn end_data(&mut self, group: Group, out: &mut Reader) {
        let data = std::mem::take(&mut self.data);
        self.nibble = None;
        if !out.take(data.len()) {
            return;
        }
        if group == Group::Object {
            return objects::read(&data, out);
        }
        let picture = sniff::by_magic(&data) == Some(FileType::Image);
        if !picture || data.len() < SIGN {
            return;
        }
        if self.pictures >= PICTURES {
            return out.passed_picture(data.len());
        }
        self.pictures += 1;
        out.picture_file("picture", &data);
    }

    fn word(&mut self, word: &str, number: Option<i32>) {
        self.passed = 0;
        if std::mem::take(&mut self.state.fresh) || self.state.optional {
            if let Some(group) = words::group(word) {
                self.flush();
                return self.enter(group);
            }
            if std::mem::take(&mut self.state.optional) && self.state.group == Group::Text {
                self.state.group = Group::Skipped;
                return;
            }
        }
        self.say(word, number);
    }

    fn enter(&mut self, group: Group) {
        self.state.optional = false;
        // what lies in something that is passed over is passed over too
        if self.state.group == Group::Skipped && !group.is_data() {
            return;
        }
        if group == Group::Beside {
            self.state.own = true;
            self.state.group = Group::Text;
            (self.state.removed, self.state.added) = (false, false);
            return self.open.push(Marked::default());
        }
        self.state.group = match group {
            Group::ShapeValue if words::is_read(&self.property) => return self.enter(Group::Beside),
            Group::ShapeValue => Group::Skipped,
            group => group,
        };
        if group == Group::ShapeName {
            self.property.clear();
        }
    }

    fn say(&mut self, word: &str, number: Option<i32>) {
        let on = number != Some(0);
        match word {
            "u" => self.unicode(number.unwrap_or_default()),
            "uc" => self.state.instead = usize::try_from(number.unwrap_or(1)).unwrap_or_default().min(8),
            "ansicpg" => self.charset = number.and_then(words::by_codepage).unwrap_or(self.charset),
            "mac" => self.charset = encoding_rs::MACINTOSH,
            "f" => {
                self.flush();
                self.state.font = number.unwrap_or_default();
            }
            "fcharset" if self.state.group == Group::Fonts => {
                self.fonts.extend(number.and_then(words::by_charset).map(|charset| (self.state.font, charset)));
            }
            "deleted" => self.changed(|state| state.removed = on),
            "revised" => self.changed(|state| state.added = on),
            "plain" => self.changed(|state| (state.removed, state.added) = (false, false)),
            "fromhtml" => self.html = Some(String::new()),
            "htmlrtf" => self.changed(|state| state.only_rtf = on),
            "intbl" => self.in_table = true,
            "pard" => self.in_table = false,
            _ => self.mark(word),
        }
    }

    fn changed(&mut self, change: impl FnOnce(&mut State)) {
        self.flush();
        change(&mut self.state);
    }

    /// Words that stand for a character or end something.
    fn mark(&mut self, word: &str) {
        if let Some(c) = words::character(word) {
            return self.character(c);
        }
        if !matches!(word, "par" | "sect" | "page" | "cell" | "nestcell" | "row" | "nestrow") {
            return;
        }
        self.flush();
        if self.state.group != Group::Text {
            return;
        }
        self.tag("\n");
        let in_table = self.in_table;
        let Some(text) = self.open.last_mut() else { return };
        match word {
            "cell" | "nestcell" => text.end_cell(),
            "row" | "nestrow" => text.end_row(),
            _ => text.end_paragraph(in_table),
        }
    }

    fn unicode(&mut self, number: i32) {
        self.flush();
        let Ok(unit) = u16::try_from(number.rem_euclid(0x1_0000)) else { return };
        let units = self.half.take().into_iter().chain([unit]);
        for c in char::decode_utf16(units) {
            match c {
                Ok(c) => self.put(c.encode_utf8(&mut [0; 4])),
                Err(half) if half.unpaired_surrogate() < 0xdc00 => self.half = Some(half.unpaired_surrogate()),
                Err(_) => {}
            }
        }
        self.passed = self.state.instead;
    }

    fn character(&mut self, c: char) {
        if self.passed > 0 {
            self.passed -= 1;
            return;
        }
        self.flush();
        self.put(c.encode_utf8(&mut [0; 4]));
    }

    fn byte(&mut self, byte: u8) {
        self.state.fresh = false;
        if self.passed > 0 {
            self.passed -= 1;
        } else if self.state.group.is_data() {
            self.hexadecimal(byte);
        } else {
            self.bytes.push(byte);
        }
    }

    fn hexadecimal(&mut self, byte: u8) {
        let Some(digit) = char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()) else { return };
        match self.nibble.take() {
            Some(high) => self.data.push(high << 4 | digit),
            None => self.nibble = Some(digit),
        }
    }

    /// Decodes what waits, by the charset of the font or of the document.
    fn flush(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let font = self.fonts.iter().rev().find(|(font, _)| *font == self.state.font).map(|(_, charset)| *charset);
        let charset = font.unwrap_or(self.charset);
        let text = charset.decode_without_bom_handling(&bytes).0;
        // a document with Japanese fonts says not always which bytes are theirs
        let japanese = charset != SHIFT_JIS && self.fonts.iter().any(|(_, font)| *font == SHIFT_JIS);
        let other = (japanese && !bytes.is_ascii())
            .then(|| SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&bytes))
            .flatten();
        self.put(&other.unwrap_or(text));
    }

    fn put(&mut self, text: &str) {
        match self.state.group {
            Group::Tag => self.tag(text),
            Group::ShapeName => self.property.push_str(text),
            Group::Text => {
                let change = match (self.state.removed, self.state.added) {
                    (true, _) => Change::Removed,
                    (_, true) => Change::Added,
                    _ => Change::None,
                };
                if !self.state.only_rtf {
                    self.tag(text);
                }
                if let Some(open) = self.open.last_mut() {
                    open.text(text, change);
                }
            }
            _ => {}
        }
    }

    /// Adds to the HTML that is carried inside.
    fn tag(&mut self, text: &str) {
        if let Some(html) = self.html.as_mut().filter(|_| !self.state.only_rtf) {
            html.push_str(text);
        }
    }

    fn finish(mut self, out: &mut Reader) {
        self.flush();
        for text in self.open {
            out.text(TextKind::Plain, text.finish());
        }
        out.text(TextKind::Plain, self.beside.join("\n"));
        if let Some(page) = self.html {
            out.text(TextKind::Html, html::text(&page));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extracted(source: &str) -> crate::Extracted {
        let leaf = message::Leaf {
            part: String::new(),
            role: message::LeafRole::Attachment,
            content_type: String::new(),
            name: None,
            charset: None,
            bytes: source.as_bytes().into(),
            text: None,
            issue: None,
        };
        crate::extract(&leaf, &types::Limits::default())
    }

    /// The text, and the HTML inside.
    fn read(source: &str) -> (String, Option<String>, Vec<String>) {
        let mut texts = extracted(source).texts.into_iter();
        let first = texts.next().map(|text| text.text).unwrap_or_default();
        let (mut html, mut beside) = (None, Vec::new());
        for text in texts {
            match text.kind {
                TextKind::Html => html = Some(text.text),
                _ => beside.push(text.text),
            }
        }
        (first, html, beside)
    }

    #[test]
    fn only_what_people_see_is_text() {
        let (text, _, beside) = read(
            "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\colortbl;\\red1;}{\\stylesheet{\\s0 Normal;}}{\\*\\unknown 12}{\\listtext 1.}\
             a{\\*\\bkmkstart x}\\u30058?b\\'e9\\tab{\\field{\\*\\fldinst DATE}{\\fldrslt c}}{\\pict\\wmetafile8 0102}\\par}",
        );
        assert_eq!(text, "a番bé\tc\n");
        assert_eq!(beside, ["DATE"]);
    }

    #[test]
    fn bytes_in_a_japanese_font_are_code_page_932() {
        let fonts = "{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset128 MS;}}";
        for body in [
            "\\f1 \\'94\\'d4\\'8d\\'86\\par",
            "\\f0 \\'94\\'d4\\'8d\\'86\\par",
            "{\\f1\\'94\\'d4}{\\f1\\'8d\\'86}\\par",
        ] {
            assert_eq!(read(&format!("{{\\rtf1\\ansi\\ansicpg1252{fonts}{body}}}")).0, "番号\n", "{body}");
        }
    }

    #[test]
    fn cells_are_kept_in_their_rows() {
        let (text, ..) = read("{\\rtf1 \\trowd\\intbl a\\par b\\cell\\intbl 1\\cell\\row\\pard x\\par}");
        assert_eq!(text, "a\u{2028}b\u{1f}1\u{1f}\nx\n");
    }

    #[test]
    fn the_html_inside_is_read() {
        let source = "{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag <p>}\\htmlrtf \\par\\htmlrtf0 1{\\*\\htmltag <b>}2{\\*\\htmltag </b></p>}}";
        assert_eq!(read(source).1.as_deref().map(str::trim), Some("12"));
    }

    #[test]
    fn a_group_that_does_not_end_is_named() {
        let issues =
            |source: &str| extracted(source).not_inspected.into_iter().map(|one| one.reason).collect::<Vec<_>>();
        assert_eq!(issues("{\\rtf1{\\fonttbl{\\f0 Arial;}}\\f0 a\\par}"), []);
        assert_eq!(issues("{\\rtf1{\\fonttbl{\\f0 Arial;}}\\f0 a\\par}\0\0\r\n"), []);
        assert_eq!(issues("{\\rtf1{\\fonttbl{\\f0 Arial;}\\f0 a\\par}"), [Reason::Broken]);
        assert_eq!(issues("{\\rtf1{\\fonttbl{\\f0 Arial;}}\\f0 a\\par"), [Reason::Broken]);
    }

    #[test]
    fn groups_without_end_are_bounded() {
        let (text, ..) = read(&format!("{{\\rtf1 a{}", "{".repeat(100_000)));
        assert_eq!(text, "a");
    }
}
