//! The running text of Office Open XML: documents, slides, notes, drawings, charts, diagrams, the old VML drawings
//! (ECMA-376 part 1, 17 and 21; part 4, 19). The elements are told by their local names, which these vocabularies
//! share.

use super::flow::{Change, Flow};
use super::xml::{Sink, Tag};

/// Elements whose attributes people read.
const SEEN: &[(&str, &[&str])] = &[
    ("docPr", &["title", "descr"]),
    ("cNvPr", &["title", "descr"]),
    ("shape", &["alt"]),
    ("textpath", &["string"]),
    ("listItem", &["displayText", "value"]),
    ("listEntry", &["val"]),
    ("default", &["val"]),
    ("helpText", &["val"]),
    ("statusText", &["val"]),
    ("docVar", &["name", "val"]),
    ("fldSimple", &["instr"]),
    ("hyperlink", &["tooltip"]),
    ("hlinkClick", &["tooltip"]),
    ("tag", &["name", "val"]),
    ("smartTag", &["element"]),
];

/// A text while it is read.
#[derive(Default)]
pub(crate) struct Word {
    flow: Flow,
    /// Open elements that hold characters.
    hot: usize,
    /// Open elements whose tabs are tab stops.
    stops: usize,
    added: usize,
    removed: usize,
    /// Open readings (ruby).
    readings: usize,
    in_instruction: bool,
    /// In a text box of VML, whose characters stand in no run.
    loose: bool,
    instruction: String,
    reading: String,
}

impl Word {
    /// The text, and what stands beside it.
    pub fn finish(mut self) -> (String, String) {
        self.end_asides();
        self.flow.finish()
    }

    /// Whether the text is longer than what is read.
    pub fn full(&self) -> bool {
        self.flow.full()
    }

    fn change(&self) -> Change {
        match (self.added, self.removed) {
            (_, 1..) => Change::Removed,
            (1.., _) => Change::Added,
            _ => Change::None,
        }
    }

    fn end_asides(&mut self) {
        for aside in [&mut self.instruction, &mut self.reading] {
            self.flow.aside(aside);
            aside.clear();
        }
    }

    fn attributes(&mut self, tag: &Tag<'_>) {
        let Some((_, names)) = SEEN.iter().find(|(element, _)| *element == tag.name()) else { return };
        let values: Vec<_> = names.iter().filter_map(|name| tag.get(name)).collect();
        self.flow.aside(&values.join(" "));
    }

    fn symbol(&mut self, tag: &Tag<'_>) {
        let code = tag.get("char").and_then(|code| u32::from_str_radix(&code, 16).ok());
        let font = tag.get("font").unwrap_or_default();
        if let Some(c) = code.and_then(|code| symbol(&font, code)) {
            self.flow.text(c.encode_utf8(&mut [0; 4]), self.change());
        }
    }
}

/// The character of a symbol font: digits in circles of Wingdings, else what the private area stands for.
fn symbol(font: &str, code: u32) -> Option<char> {
    let code = if (0xf000..0xf100).contains(&code) { code - 0xf000 } else { code };
    match (font, code) {
        ("Wingdings", 0x80..=0x89) => char::from_digit(code - 0x80, 10),
        ("Wingdings", 0x8b..=0x94) => char::from_digit(code - 0x8b, 10),
        ("Wingdings" | "Wingdings 2" | "Wingdings 3" | "Webdings", _) => Some(' '),
        _ => char::from_u32(code),
    }
}

impl Sink for Word {
    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "t" | "delText" | "text" => self.hot += 1,
            "p" => self.flow.open_paragraph(),
            // a value of a chart
            "v" => {
                self.flow.open_paragraph();
                self.hot += 1;
            }
            "instrText" | "delInstrText" => self.in_instruction = true,
            "tbl" => self.flow.open_table(),
            "tr" => self.flow.open_row(),
            "tc" => self.flow.open_cell(),
            "gridSpan" => self.flow.span(tag.get("val").and_then(|val| val.parse().ok()).unwrap_or(1)),
            "tabs" | "tabLst" => self.stops += 1,
            "tab" | "ptab" if self.stops == 0 => self.flow.text("\t", self.change()),
            "br" | "cr" => self.flow.line_break(),
            "noBreakHyphen" => self.flow.text("-", self.change()),
            "sym" => self.symbol(tag),
            "ins" | "moveTo" => self.added += 1,
            "del" | "moveFrom" => self.removed += 1,
            "rt" => self.readings += 1,
            "alias" => self.flow.label(&tag.get("val").unwrap_or_default()),
            "textbox" => self.loose = true,
            "txbxContent" => self.loose = false,
            _ => {}
        }
        self.attributes(tag);
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" | "delText" | "text" => self.hot = self.hot.saturating_sub(1),
            "p" => {
                self.flow.close_paragraph();
                self.end_asides();
            }
            "v" => {
                self.hot = self.hot.saturating_sub(1);
                self.flow.close_paragraph();
            }
            "instrText" | "delInstrText" => self.in_instruction = false,
            "tbl" => self.flow.close_table(),
            "tabs" | "tabLst" => self.stops = self.stops.saturating_sub(1),
            "ins" | "moveTo" => self.added = self.added.saturating_sub(1),
            "del" | "moveFrom" => self.removed = self.removed.saturating_sub(1),
            "rt" => {
                self.readings = self.readings.saturating_sub(1);
                self.reading.push(' ');
            }
            "div" if self.loose => self.flow.line_break(),
            "textbox" => {
                self.loose = false;
                self.flow.line_break();
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.readings > 0 && self.hot > 0 {
            self.reading.push_str(text);
        } else if self.hot > 0 || self.loose && !text.trim().is_empty() {
            self.flow.text(text, self.change());
        } else if self.in_instruction {
            self.instruction.push_str(text);
        }
    }

    fn done(&self) -> bool {
        self.flow.full()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::office::xml;

    fn read(xml: &str) -> (String, String) {
        let mut word = Word::default();
        assert!(xml::parse(xml.as_bytes(), &mut word));
        word.finish()
    }

    #[test]
    fn the_runs_of_a_paragraph_are_joined() {
        let (text, _) = read(
            "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>12</w:t></w:r> <w:proofErr/><w:r><w:t>34</w:t><w:tab/>\
             <w:t>x</w:t><w:br/><w:noBreakHyphen/><w:sym w:font='Wingdings' w:char='F081'/></w:r></w:p>",
        );
        assert_eq!(text, "1234\tx\n-1\n");
    }

    #[test]
    fn tracked_changes_give_both_readings() {
        let (text, _) = read(
            "<p><r><t>a</t></r><del><r><delText>1</delText></r></del><ins><r><t>2</t></r></ins><r><t>b</t></r></p>",
        );
        assert_eq!(text, "a2b\na1b\n");
    }

    #[test]
    fn what_stands_beside_the_text_is_kept_apart() {
        let (text, apart) = read(
            "<w:p><w:r><w:instrText>HYPER</w:instrText><w:instrText>LINK \"x\"</w:instrText></w:r>\
             <w:ruby><w:rt><w:r><w:t>よみ</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>読</w:t></w:r></w:rubyBase></w:ruby>\
             <wp:docPr descr='alt'/><w:sdt><w:alias w:val='欄'/><w:r><w:t>1</w:t></w:r></w:sdt></w:p>",
        );
        assert_eq!((text.as_str(), apart.as_str()), ("読欄: 1\n", "alt\nHYPERLINK \"x\"\nよみ\n"));
    }

    #[test]
    fn text_boxes_are_paragraphs_of_their_own() {
        let (text, _) =
            read("<p><r><t>12</t><pict><txbxContent><p><r><t>x</t></r></p></txbxContent></pict><t>34</t></r></p>");
        assert_eq!(text, "x\n1234\n");
        let (text, _) =
            read("<xml><v:shape><v:textbox><div><font>12</font><font>34</font></div></v:textbox></v:shape></xml>");
        assert_eq!(text.trim(), "1234");
    }
}
