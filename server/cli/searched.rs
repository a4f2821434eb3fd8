//! What is searched in a mail: its header fields, its bodies, the mails in it, and what was read in its files. The index
//! and the searches that have to read a mail themselves both ask here, so that they mean the same texts.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use detect::{CELL, Finding, Labels, Level, NUMBER, Place, Segment, find, places_of};
use index::extract::{FileType, PartTexts, Text, TextKind};
use index::{Document, Loan, Passage, Reading};
use message::{LeafRole, Searchable, has_files, search_texts, spoken_fields};
use net::ByteBudget;
use types::Limits;

/// So long a mail waits for memory before it asks again.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads mails, each when there is memory for it.
pub struct Mails {
    limits: Arc<Limits>,
    memory: ByteBudget,
}

impl Mails {
    /// Within these bounds.
    pub fn new(limits: Arc<Limits>, memory: ByteBudget) -> Self {
        Self { limits, memory }
    }
}

impl Reading for Mails {
    fn lend(&self, bytes: u64) -> Pin<Box<dyn Future<Output = Loan> + Send + '_>> {
        Box::pin(async move {
            loop {
                if let Some(permit) = self.memory.take(bytes, PATIENCE).await {
                    return Loan::of(permit);
                }
            }
        })
    }

    fn has_files(&self, mail: &[u8]) -> bool {
        has_files(mail, &self.limits)
    }

    fn texts(&self, mail: &[u8], files: &[PartTexts]) -> Vec<String> {
        let pieces = pieces(mail, files, &self.limits).into_iter().filter(|piece| piece.searched);
        pieces.map(|piece| as_read(piece.text)).collect()
    }

    fn own_texts(&self, mail: &[u8]) -> (Vec<String>, bool) {
        let Searchable { texts, has_files } = Searchable::of(mail, &self.limits);
        // a file that is text itself may be read as a table
        let own = texts.into_iter().filter(|text| !(has_files && text.attached));
        (own.map(|text| as_read(text.text)).collect(), !has_files)
    }

    fn document(&self, mail: &[u8], files: &[PartTexts]) -> Document {
        let (fields, pieces) = (spoken_fields(mail), pieces(mail, files, &self.limits));
        let numbers = numbers(&fields, &pieces);
        let passage = |text: String| {
            let hidden = if numbers.is_empty() { Vec::new() } else { places_of(&text, &numbers) };
            // each mark is one byte, as a blank is: the places stay
            Passage { text: as_read(text), hidden }
        };
        Document {
            texts: pieces.into_iter().filter(|piece| piece.searched).map(|piece| passage(piece.text)).collect(),
            fields: fields.into_iter().map(|(name, value)| (name, passage(value))).collect(),
        }
    }
}

/// A text, with what the finder of numbers has to know of it.
struct Piece<'f> {
    place: Place,
    part: &'f str,
    inner: &'f str,
    /// The name of the file that it comes from.
    name: Option<&'f str>,
    text: String,
    /// Whether it is searched; else another piece says the same in the form that people write, and this one shows
    /// which numbers stand there.
    searched: bool,
}

/// The texts of a mail: what decoding it gives, then what was read in its files. A table is taken as it was read: there
/// its cells are told apart.
fn pieces<'f>(mail: &[u8], files: &'f [PartTexts], limits: &Limits) -> Vec<Piece<'f>> {
    let tables: HashSet<&str> = files.iter().filter(|file| is_table(file)).map(|file| file.part.as_str()).collect();
    let own = search_texts(mail, limits).into_iter().filter(|text| !tables.contains(text.part.as_str()));
    let own = own.map(|text| {
        // a file that is text itself speaks by its name too
        let file = files.iter().find(|file| file.role == LeafRole::Attachment && file.part == text.part);
        let place = match (file, text.html) {
            (Some(_), false) => Place::Attachment,
            (_, true) => Place::Html,
            (None, false) => Place::Body,
        };
        let (part, name) = file.map_or(("", None), |file| (file.part.as_str(), file.name.as_deref()));
        Piece { place, part, inner: "", name, text: text.text, searched: true }
    });
    let mut pieces: Vec<Piece<'f>> = own.collect();
    let seen: HashSet<String> = match files {
        [] => HashSet::new(),
        _ => pieces.iter().map(|piece| piece.text.trim().to_owned()).collect(),
    };
    for file in files {
        let texts = file.read.texts.iter().filter(|text| !seen.contains(text.text.trim()));
        pieces.extend(texts.map(|text| piece(file, text)));
    }
    pieces
}

/// Whether a part is text itself and was read as a table, as CSV is.
fn is_table(file: &PartTexts) -> bool {
    let table = |text: &Text| text.kind == TextKind::Table && is_decoded(file, text);
    file.role == LeafRole::Attachment && file.read.texts.iter().any(table)
}

/// Whether a text is that of a part which is text itself: decoding the mail gives it, too.
fn is_decoded(file: &PartTexts, text: &Text) -> bool {
    file.textual && text.inner.is_empty() && matches!(file.read.real_type, FileType::Text | FileType::Html)
}

fn piece<'f>(file: &'f PartTexts, text: &'f Text) -> Piece<'f> {
    let place = match (file.role, &text.kind) {
        (_, TextKind::Name) => Place::AttachmentName,
        (LeafRole::Text, _) => Place::Body,
        (LeafRole::Html, _) => Place::Html,
        _ => Place::Attachment,
    };
    Piece {
        place,
        part: &file.part,
        inner: &text.inner,
        name: text.name.as_deref().or(file.name.as_deref()),
        text: text.text.clone(),
        searched: text.kind == TextKind::Table || !is_decoded(file, text),
    }
}

/// A text without the marks that readers put between cells and before numbers.
fn as_read(text: String) -> String {
    let marked =
        text.as_bytes().iter().fold(false, |marked, byte| marked | (*byte == CELL as u8) | (*byte == NUMBER as u8));
    if marked { text.replace([CELL, NUMBER], " ") } else { text }
}

/// The numbers of level likely or above: they are kept as keyed hashes only.
fn numbers(fields: &[(String, String)], pieces: &[Piece<'_>]) -> Vec<Finding> {
    let subjects = fields.iter().filter(|(name, _)| name == "SUBJECT").map(|(_, value)| value);
    let subjects =
        subjects.map(|text| Segment { place: Place::Subject, part: "", inner: "", name: None, text: text.as_str() });
    let texts = pieces.iter().map(|piece| {
        let Piece { place, part, inner, name, text, .. } = piece;
        Segment { place: place.clone(), part, inner, name: *name, text }
    });
    let segments: Vec<Segment<'_>> = subjects.chain(texts).collect();
    let mut found = find(&segments, &Labels::default());
    found.retain(|finding| finding.level >= Level::Likely);
    found
}

#[cfg(test)]
mod tests {
    use index::extract::Extracted;
    use message::Leaf;

    use super::*;

    const MAIL: &[u8] = b"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nbody text\r\n";

    fn mails() -> Mails {
        Mails::new(Arc::new(Limits::default()), ByteBudget::new(1 << 20))
    }

    /// A file that is no text itself, in which these texts were read.
    fn file(name: &str, textual: bool, texts: &[(&str, TextKind, &str)]) -> PartTexts {
        let leaf = Leaf {
            part: "2".into(),
            role: LeafRole::Attachment,
            content_type: "application/octet-stream".into(),
            name: Some(name.into()),
            charset: None,
            bytes: b"body text".as_slice().into(),
            text: textual.then(String::new),
            issue: None,
        };
        let mut read = Extracted::nothing(&leaf);
        read.texts = texts
            .iter()
            .map(|(inner, kind, text)| Text {
                inner: (*inner).into(),
                kind: kind.clone(),
                name: None,
                text: (*text).into(),
            })
            .collect();
        PartTexts::new(&leaf, read)
    }

    #[test]
    fn the_texts_of_files_come_after_the_own_ones_and_none_comes_twice() {
        let sheet = file("a.xlsx", false, &[("Sheet1", TextKind::Table, "品名\u{1f}数量\n部品\u{1f}\u{1e}12\n")]);
        let (same, plain) = (("", TextKind::Plain, "body text\n"), ("", TextKind::Plain, "as decoded"));
        let files = [sheet, file("b.eml", false, &[same]), file("c.txt", true, &[plain])];
        let texts = mails().texts(MAIL, &files);
        assert_eq!(texts, ["body text\r\n", "品名 数量\n部品  12\n"]);
        let document = mails().document(MAIL, &files);
        assert_eq!(
            document.texts.iter().map(|passage| &passage.text).collect::<Vec<_>>(),
            texts.iter().collect::<Vec<_>>()
        );
    }

    #[test]
    fn numbers_in_files_are_hidden_wherever_the_mail_says_them() {
        for (name, text, number) in [
            ("a.xlsx", "氏名\u{1f}個人番号\n青葉太郎\u{1f}\u{1e}123456789018\n", "123456789018"),
            ("a.xlsx", "氏名\u{1f}個人番号\n青葉太郎\u{1f}\u{1e}23456789013\n", "23456789013"),
            ("マイナンバー.pdf", "青葉太郎 1234 5678 9018", "1234 5678 9018"),
            ("a.docx", "マイナンバー １２３４－５６７８－９０１８", "１２３４－５６７８－９０１８"),
        ] {
            let mail = format!("Subject: {number}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nsee {number}\r\n");
            let document = mails().document(mail.as_bytes(), &[file(name, false, &[("", TextKind::Table, text)])]);
            let hidden = |passage: &Passage| -> Vec<String> {
                passage.hidden.iter().map(|range| passage.text[range.clone()].to_owned()).collect()
            };
            // eleven digits are the number in a cell that has lost its zero, and nowhere else
            let in_body: &[&str] = if number.len() == 11 { &[] } else { &[number] };
            assert_eq!(document.texts.iter().map(hidden).collect::<Vec<_>>(), [in_body, &[number]], "{name}");
        }
        // nothing but a cell that has lost its zero
        let sheet =
            file("a.xlsx", false, &[("", TextKind::Table, "氏名\u{1f}個人番号\n青葉\u{1f}\u{1e}23456789013\n")]);
        let document = mails().document(MAIL, &[sheet]);
        let hidden: usize = document.texts.iter().map(|passage| passage.hidden.len()).sum();
        assert_eq!(hidden, 1);
        let plain =
            mails().document(MAIL, &[file("a.xlsx", false, &[("", TextKind::Table, "品番\u{1f}123456789018\n")])]);
        assert!(plain.texts.iter().all(|passage| passage.hidden.is_empty()), "a part number is no such number");
    }

    #[test]
    fn the_name_of_a_file_that_is_text_speaks_for_the_numbers_in_it() {
        for (name, hidden) in [("=?UTF-8?B?44Oe44Kk44OK44Oz44OQ44O8LnR4dA==?=", 1), ("a.txt", 0)] {
            let mail = format!(
                "Subject: x\r\nContent-Type: text/plain; charset=utf-8; name=\"{name}\"\r\nContent-Disposition: attachment\r\n\r\n123456789018\r\n"
            );
            let parsed = message::Parsed::parse(mail.as_bytes(), &Limits::default());
            let read = |leaf: &Leaf<'_>| PartTexts::new(leaf, inspect::extract::extract(leaf, &Limits::default()));
            let files: Vec<PartTexts> = parsed.leaves().iter().map(read).collect();
            let document = mails().document(mail.as_bytes(), &files);
            assert_eq!(document.texts.iter().map(|passage| passage.hidden.len()).sum::<usize>(), hidden, "{name}");
        }
    }

    #[test]
    fn a_list_in_csv_is_searched_and_its_numbers_hidden_as_its_columns_say() {
        let rows: String = (0..40).map(|at| format!("社員{at:03},東京都青葉区,営業部\r\n")).collect();
        let csv =
            format!("氏名,住所,個人番号\r\n{rows}青葉太郎,品川区,123456789018\r\n青葉花子,品川区,23456789013\r\n");
        let head = "Subject: x\r\nContent-Type: text/csv; charset=utf-8; name=a.csv\r\n\r\n";
        let mail = format!("{head}{csv}");
        let parsed = message::Parsed::parse(mail.as_bytes(), &Limits::default());
        let read = |leaf: &Leaf<'_>| PartTexts::new(leaf, inspect::extract::extract(leaf, &Limits::default()));
        let files: Vec<PartTexts> = parsed.leaves().iter().map(read).collect();
        let document = mails().document(mail.as_bytes(), &files);
        let [passage] = document.texts.as_slice() else { panic!("{document:?}") };
        let hidden: Vec<&str> = passage.hidden.iter().map(|range| &passage.text[range.clone()]).collect();
        assert_eq!(hidden, ["123456789018", "23456789013"]);
        assert!(passage.text.contains("社員007 東京都青葉区 営業部"), "{}", passage.text);
    }
}
