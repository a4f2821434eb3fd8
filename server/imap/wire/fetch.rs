//! FETCH items (RFC 3501 6.4.5; MODSEQ RFC 7162, EMAILID and THREADID RFC 8474, PREVIEW RFC 8970, SAVEDATE RFC 8514) and modifiers
//! (RFC 7162, 9394): what is asked for, and under which name it is answered.

use message::{Section, What};
use types::ModSeq;

use super::cursor::{Cursor, Parsed, is_atom_char, wrong};
use super::partial::Partial;

/// Most items in one command.
pub const MOST_ITEMS: usize = 100;
/// Most names of header fields in one item.
const MOST_NAMES: usize = 1_000;

/// One data item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// `FLAGS`
    Flags,
    /// `UID`
    Uid,
    /// `INTERNALDATE`
    InternalDate,
    /// `SAVEDATE` (RFC 8514 4.2)
    SaveDate,
    /// `RFC822.SIZE`
    Size,
    /// `ENVELOPE`
    Envelope,
    /// `BODY` without brackets
    Body,
    /// `BODYSTRUCTURE`
    BodyStructure,
    /// Bytes of the mail.
    Bytes(Bytes),
    /// `BINARY[…]` and `BINARY.PEEK[…]` (RFC 3516): a part without its transfer encoding.
    Binary(Binary),
    /// `BINARY.SIZE[…]`: how long that is.
    BinarySize(Vec<u32>),
    /// `MODSEQ`
    ModSeq,
    /// `EMAILID`
    EmailId,
    /// `THREADID`
    ThreadId,
    /// `PREVIEW`; it lies ready, so `(LAZY)` changes nothing.
    Preview,
}

/// Of which of the messages the items are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modifiers {
    /// `CHANGEDSINCE`: only those that came or changed later.
    pub changed_since: Option<ModSeq>,
    /// `VANISHED`: also which of them went.
    pub vanished: bool,
    /// `PARTIAL`: only so many of the result.
    pub partial: Option<Partial>,
}

/// Reads the modifiers behind the items, if there are any.
///
/// # Errors
/// One is unknown, or not allowed here: VANISHED and PARTIAL belong to UID FETCH, VANISHED to CHANGEDSINCE.
pub fn parse_modifiers(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Modifiers> {
    let mut modifiers = Modifiers::default();
    if cursor.is_empty() {
        return Ok(modifiers);
    }
    cursor.space()?;
    if cursor.is_empty() {
        return Ok(modifiers);
    }
    cursor.list(|c| modifier(c, &mut modifiers))?;
    if !uid && (modifiers.vanished || modifiers.partial.is_some()) {
        return wrong("This modifier belongs to UID FETCH");
    }
    // RFC 7162 3.2.6
    if modifiers.vanished && modifiers.changed_since.is_none() {
        return wrong("VANISHED needs CHANGEDSINCE");
    }
    Ok(modifiers)
}

fn modifier(cursor: &mut Cursor<'_>, modifiers: &mut Modifiers) -> Parsed<()> {
    match cursor.word()?.to_ascii_uppercase().as_str() {
        "CHANGEDSINCE" => {
            cursor.space()?;
            modifiers.changed_since = Some(ModSeq(cursor.number64()?));
        }
        "VANISHED" => modifiers.vanished = true,
        "PARTIAL" => {
            cursor.space()?;
            modifiers.partial = Some(Partial::parse(cursor)?);
        }
        _ => return wrong("Unknown modifier of FETCH"),
    }
    Ok(())
}

/// Bytes of the mail: `BODY[…]`, `BODY.PEEK[…]`, and the three old forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytes {
    /// Which.
    pub section: Section,
    /// Offset and most bytes of a partial FETCH.
    pub partial: Option<(u64, u64)>,
    /// Whether `\Seen` is left as it is.
    pub peek: bool,
    /// Under which name the answer goes.
    pub form: Form,
}

/// A part without its transfer encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// Its numbers; none for the whole mail, from which nothing is taken off.
    pub path: Vec<u32>,
    /// Offset and most bytes of a partial FETCH.
    pub partial: Option<(u64, u64)>,
    /// Whether `\Seen` is left as it is.
    pub peek: bool,
}

/// The name of an answer with bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `BODY[…]`
    Body,
    /// `RFC822`
    Rfc822,
    /// `RFC822.HEADER`
    Rfc822Header,
    /// `RFC822.TEXT`
    Rfc822Text,
}

/// Reads the items of a FETCH: one, a macro, or a list.
///
/// # Errors
/// The grammar is broken, there are too many, or `depth` part numbers are exceeded.
pub fn parse_items(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Vec<Item>> {
    if cursor.peek() == Some(b'(') {
        let items = cursor.list_of(MOST_ITEMS, |c| item(c, depth))?;
        return if items.is_empty() { wrong("FETCH needs an item") } else { Ok(items) };
    }
    let basic = [Item::Flags, Item::InternalDate, Item::Size];
    let mut probe = cursor.clone();
    let mut items: Vec<Item> = match probe.word()?.to_ascii_uppercase().as_str() {
        "FAST" => basic.to_vec(),
        "ALL" => [&basic[..], &[Item::Envelope]].concat(),
        "FULL" => [&basic[..], &[Item::Envelope, Item::Body]].concat(),
        _ => return Ok(vec![item(cursor, depth)?]),
    };
    *cursor = probe;
    items.dedup();
    Ok(items)
}

fn item(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Item> {
    let old =
        |path, what, peek, form| Ok(Item::Bytes(Bytes { section: Section { path, what }, partial: None, peek, form }));
    match cursor.word()?.to_ascii_uppercase().as_str() {
        "FLAGS" => Ok(Item::Flags),
        "UID" => Ok(Item::Uid),
        "INTERNALDATE" => Ok(Item::InternalDate),
        "SAVEDATE" => Ok(Item::SaveDate),
        "ENVELOPE" => Ok(Item::Envelope),
        "BODYSTRUCTURE" => Ok(Item::BodyStructure),
        "RFC822.SIZE" => Ok(Item::Size),
        "MODSEQ" => Ok(Item::ModSeq),
        "EMAILID" => Ok(Item::EmailId),
        "THREADID" => Ok(Item::ThreadId),
        "PREVIEW" => {
            cursor.take_word(" (LAZY)");
            Ok(Item::Preview)
        }
        "RFC822" => old(Vec::new(), What::All, false, Form::Rfc822),
        "RFC822.HEADER" => old(Vec::new(), What::Header, true, Form::Rfc822Header),
        "RFC822.TEXT" => old(Vec::new(), What::Text, false, Form::Rfc822Text),
        "BODY" if cursor.peek() == Some(b'[') => bytes(cursor, false, depth),
        "BODY" => Ok(Item::Body),
        "BODY.PEEK" => bytes(cursor, true, depth),
        "BINARY" => binary(cursor, false, depth),
        "BINARY.PEEK" => binary(cursor, true, depth),
        "BINARY.SIZE" => Ok(Item::BinarySize(part_numbers(cursor, depth)?)),
        _ => wrong("Unknown FETCH item"),
    }
}

fn bytes(cursor: &mut Cursor<'_>, peek: bool, depth: usize) -> Parsed<Item> {
    cursor.expect(b'[', "Expected [ after BODY")?;
    let section = section(cursor, depth)?;
    cursor.expect(b']', "Expected ] after the section")?;
    let partial = if cursor.take(b'<') { Some(partial(cursor)?) } else { None };
    Ok(Item::Bytes(Bytes { section, partial, peek, form: Form::Body }))
}

fn binary(cursor: &mut Cursor<'_>, peek: bool, depth: usize) -> Parsed<Item> {
    let path = part_numbers(cursor, depth)?;
    let partial = if cursor.take(b'<') { Some(partial(cursor)?) } else { None };
    Ok(Item::Binary(Binary { path, partial, peek }))
}

/// `[1.2]` (RFC 3516 4.1, `section-binary`): part numbers and nothing else.
fn part_numbers(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Vec<u32>> {
    cursor.expect(b'[', "Expected [ after BINARY")?;
    let section = section(cursor, depth)?;
    cursor.expect(b']', "Expected ] after the section")?;
    if section.what == What::All { Ok(section.path) } else { wrong("BINARY takes numbers of parts") }
}

fn partial(cursor: &mut Cursor<'_>) -> Parsed<(u64, u64)> {
    let offset = cursor.number64()?;
    cursor.expect(b'.', "Expected <offset.count>")?;
    let count = cursor.number64()?;
    cursor.expect(b'>', "Expected > after the count")?;
    if count == 0 { wrong("A partial FETCH of no bytes") } else { Ok((offset, count)) }
}

fn section(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Section> {
    let mut path = Vec::new();
    while cursor.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        path.push(cursor.nz_number()?);
        if path.len() > depth {
            return wrong("The section has too many levels");
        }
        if !cursor.take(b'.') {
            return Ok(Section { path, what: What::All });
        }
    }
    if path.is_empty() && cursor.peek() == Some(b']') {
        return Ok(Section { path, what: What::All });
    }
    let what = match cursor.word()?.to_ascii_uppercase().as_str() {
        "HEADER" => What::Header,
        "TEXT" => What::Text,
        "MIME" if !path.is_empty() => What::Mime,
        "HEADER.FIELDS" => What::HeaderFields { names: names(cursor)?, not: false },
        "HEADER.FIELDS.NOT" => What::HeaderFields { names: names(cursor)?, not: true },
        _ => return wrong("Unknown section"),
    };
    Ok(Section { path, what })
}

fn names(cursor: &mut Cursor<'_>) -> Parsed<Vec<String>> {
    cursor.space()?;
    let names = cursor.list_of(MOST_NAMES, |c| match std::str::from_utf8(&c.astring()?) {
        Ok(name) if !name.is_empty() => Ok(name.to_ascii_uppercase()),
        _ => wrong("Expected the name of a header field"),
    })?;
    if names.is_empty() { wrong("Expected the names of header fields") } else { Ok(names) }
}

impl Binary {
    /// Writes the name of the answer: `BINARY[1.2]<0>`.
    pub fn write_name(&self, out: &mut Vec<u8>) {
        write_numbers(b"BINARY[", &self.path, out);
        if let Some((offset, _)) = self.partial {
            out.extend_from_slice(format!("<{offset}>").as_bytes());
        }
    }
}

/// Writes `BINARY.SIZE[1.2]`.
pub fn write_size_name(path: &[u32], out: &mut Vec<u8>) {
    write_numbers(b"BINARY.SIZE[", path, out);
}

fn write_numbers(word: &[u8], path: &[u32], out: &mut Vec<u8>) {
    let numbers: Vec<String> = path.iter().map(u32::to_string).collect();
    out.extend_from_slice(word);
    out.extend_from_slice(numbers.join(".").as_bytes());
    out.push(b']');
}

impl Bytes {
    /// Writes the name of the answer: `BODY[1.MIME]`, `BODY[TEXT]<0>`, `RFC822`.
    pub fn write_name(&self, out: &mut Vec<u8>) {
        let old: &[u8] = match self.form {
            Form::Rfc822 => b"RFC822",
            Form::Rfc822Header => b"RFC822.HEADER",
            Form::Rfc822Text => b"RFC822.TEXT",
            Form::Body => b"",
        };
        if !old.is_empty() {
            out.extend_from_slice(old);
            return;
        }
        out.extend_from_slice(b"BODY[");
        write_section(&self.section, out);
        out.push(b']');
        if let Some((offset, _)) = self.partial {
            out.extend_from_slice(format!("<{offset}>").as_bytes());
        }
    }
}

/// Writes a section as it stands between the brackets.
fn write_section(section: &Section, out: &mut Vec<u8>) {
    let numbers: Vec<String> = section.path.iter().map(u32::to_string).collect();
    out.extend_from_slice(numbers.join(".").as_bytes());
    if !section.path.is_empty() && section.what != What::All {
        out.push(b'.');
    }
    match &section.what {
        What::All => {}
        What::Header => out.extend_from_slice(b"HEADER"),
        What::Text => out.extend_from_slice(b"TEXT"),
        What::Mime => out.extend_from_slice(b"MIME"),
        What::HeaderFields { names, not } => {
            out.extend_from_slice(if *not { b"HEADER.FIELDS.NOT (" } else { b"HEADER.FIELDS (" });
            for (i, name) in names.iter().enumerate() {
                if i > 0 {
                    out.push(b' ');
                }
                if name.bytes().all(is_atom_char) {
                    out.extend_from_slice(name.as_bytes());
                } else {
                    super::write::string(out, name.as_bytes());
                }
            }
            out.push(b')');
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Parsed<Vec<Item>> {
        let mut cursor = Cursor::new(text.as_bytes());
        parse_items(&mut cursor, 50).and_then(|items| cursor.end().map(|()| items))
    }
    fn name(text: &str) -> String {
        let Item::Bytes(bytes) = read(text).unwrap().remove(0) else { panic!("{text}") };
        let mut out = Vec::new();
        bytes.write_name(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_answer_bears_the_name_that_was_asked_for() {
        for (asked, answered) in [
            ("BODY[]", "BODY[]"),
            ("body.peek[1.2.mime]", "BODY[1.2.MIME]"),
            ("BODY[TEXT]<0.100>", "BODY[TEXT]<0>"),
            ("BODY.PEEK[HEADER.FIELDS (From \"To\" {2}\r\nCc)]", "BODY[HEADER.FIELDS (FROM TO CC)]"),
            ("BODY[3.HEADER.FIELDS.NOT (X-A)]<5.6>", "BODY[3.HEADER.FIELDS.NOT (X-A)]<5>"),
            ("RFC822.HEADER", "RFC822.HEADER"),
            ("RFC822", "RFC822"),
        ] {
            assert_eq!(name(asked), answered);
        }
    }

    #[test]
    fn macros_and_lists() {
        assert_eq!(read("FAST").unwrap(), [Item::Flags, Item::InternalDate, Item::Size]);
        assert_eq!(read("full").unwrap().len(), 5);
        assert_eq!(read("(UID FLAGS BODYSTRUCTURE)").unwrap(), [Item::Uid, Item::Flags, Item::BodyStructure]);
        assert_eq!(read("BODY").unwrap(), [Item::Body]);
    }

    #[test]
    fn parts_without_their_encoding_are_named_by_number() {
        let all = read("(BINARY[1.2]<0.9> BINARY.PEEK[] BINARY.SIZE[3])").unwrap();
        let mut out = Vec::new();
        let (Item::Binary(one), Item::Binary(whole), Item::BinarySize(size)) = (&all[0], &all[1], &all[2]) else {
            panic!("{all:?}")
        };
        one.write_name(&mut out);
        whole.write_name(&mut out);
        write_size_name(size, &mut out);
        assert_eq!(out, b"BINARY[1.2]<0>BINARY[]BINARY.SIZE[3]");
        assert!(whole.peek && !one.peek);
        for text in ["BINARY", "BINARY[TEXT]", "BINARY[1.MIME]", "BINARY.SIZE[1]<0.1>", "BINARY[1]<0.0>"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn modifiers_are_read_where_they_belong() {
        let read = |text: &str, uid| {
            let mut cursor = Cursor::new(text.as_bytes());
            parse_modifiers(&mut cursor, uid).and_then(|modifiers| cursor.end().map(|()| modifiers))
        };
        assert_eq!(read("", false).unwrap(), Modifiers::default());
        let changed = read(" (CHANGEDSINCE 12345 VANISHED)", true).unwrap();
        assert_eq!((changed.changed_since, changed.vanished), (Some(ModSeq(12_345)), true));
        assert!(read(" (PARTIAL -1:-30)", true).unwrap().partial.is_some());
        for (text, uid) in [
            (" (CHANGEDSINCE 1 VANISHED)", false),
            (" (VANISHED)", true),
            (" (PARTIAL 1:2)", false),
            (" (FOO)", true),
            (" x", true),
        ] {
            assert!(read(text, uid).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_in_the_grammar_is_refused() {
        let deep = format!("BODY[{}1]", "1.".repeat(60));
        for text in [
            "",
            "()",
            "FOO",
            "(ALL)",
            "BODY[MIME]",
            "BODY[0]",
            "BODY[1.]",
            "BODY[",
            "BODY[]<0>",
            "BODY[]<0.0>",
            "BODY[HEADER.FIELDS ()]",
            "BODY[HEADER.FIELDS]",
            "RFC822.PEEK",
            "(FLAGS",
            "FLAGS UID",
            &deep,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn so_many_items_and_names_are_taken_and_no_more() {
        let items = |count: usize| read(&format!("({})", vec!["BODY.PEEK[]"; count].join(" ")));
        assert_eq!(items(100).map(|items| items.len()), Ok(100));
        assert!(items(101).is_err());
        let names = |count: usize| read(&format!("BODY[HEADER.FIELDS.NOT ({})]", vec!["a"; count].join(" ")));
        assert!(names(1_000).is_ok());
        assert!(names(1_001).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[A-Z0-9.\\[\\]<>() \"{}\r\n]{0,60}") {
            let _ = read(&text);
            let _ = read(&format!("BODY[{text}"));
        }
    }
}
