//! XML as a stream of elements and text, pushed into a [`Sink`]: local names, whatever the prefixes; bytes that are
//! no characters replaced; no entity beyond the five of XML resolved, so that none can grow. It knows no format.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// What takes the elements of a document in order.
pub(crate) trait Sink {
    /// An element begins. An empty element begins and ends.
    fn open(&mut self, tag: &Tag<'_>);
    /// An element ends, by its local name.
    fn close(&mut self, name: &str);
    /// Character data, perhaps in several pieces.
    fn text(&mut self, text: &str);
    /// Whether the rest of the document need not be read.
    fn done(&self) -> bool {
        false
    }
}

/// A start tag.
pub(crate) struct Tag<'a>(&'a BytesStart<'a>);

impl<'a> Tag<'a> {
    /// The name without its prefix.
    pub fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The attribute with this local name.
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The attributes, by their local names.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        let mut all = self.0.attributes();
        all.with_checks(false);
        all.flatten().map(|one| {
            let value = one.normalized_value(XmlVersion::Implicit1_0).unwrap_or_else(|_| one.value.clone());
            (one.key.local_name().into_inner(), value)
        })
    }

    /// The tag as it is written, with the namespaces it declares.
    pub fn raw(&self) -> &str {
        self.0.attributes_raw()
    }
}

/// Reads a document to its end or to where it is damaged; false for the latter.
pub(crate) fn parse(stream: impl Read, sink: &mut dyn Sink) -> bool {
    let mut reader = Reader::from_reader(Text::new(stream));
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    config.expand_empty_elements = true;
    let mut buffer = Vec::new();
    while !sink.done() {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start)) => sink.open(&Tag(&start)),
            Ok(Event::End(end)) => sink.close(end.local_name().into_inner()),
            Ok(Event::Text(text)) => sink.text(&text.xml10_content()),
            Ok(Event::CData(text)) => sink.text(&text.xml10_content()),
            Ok(Event::GeneralRef(name)) => {
                let mut bytes = [0; 4];
                if let Some(c) = character(&name.into_inner()) {
                    sink.text(c.encode_utf8(&mut bytes));
                }
            }
            Ok(Event::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    true
}

/// The character of a reference (XML 1.0, 4.1 and 4.6).
fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            code.ok().and_then(char::from_u32)
        }
    }
}

/// Bytes read at once.
const BLOCK: usize = 32 << 10;

/// A byte stream as UTF-8, whatever charset it is written in.
struct Text<R> {
    inner: R,
    decoder: Option<Decoder>,
    input: Vec<u8>,
    /// The bytes of `input` that are read and not decoded yet.
    waiting: std::ops::Range<usize>,
    output: Vec<u8>,
    ready: std::ops::Range<usize>,
    ended: bool,
}

impl<R: Read> Text<R> {
    fn new(inner: R) -> Self {
        let (input, output) = (vec![0; BLOCK], vec![0; BLOCK * 3]);
        Self { inner, decoder: None, input, waiting: 0..0, output, ready: 0..0, ended: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        while self.ready.is_empty() && !self.ended {
            if self.waiting.is_empty() {
                let read = self.inner.read(&mut self.input)?;
                self.waiting = 0..read;
            }
            let bytes = self.input.get(self.waiting.clone()).unwrap_or_default();
            let last = bytes.is_empty();
            let decoder = self.decoder.get_or_insert_with(|| charset(bytes).new_decoder_with_bom_removal());
            let (result, read, written, _) = decoder.decode_to_utf8(bytes, &mut self.output, last);
            self.waiting.start += read;
            self.ready = 0..written;
            self.ended = last && result == CoderResult::InputEmpty;
        }
        Ok(())
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Text<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill()?;
        Ok(self.output.get(self.ready.clone()).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.ready.start = (self.ready.start + amount).min(self.ready.end);
    }
}

/// The charset by the first bytes (XML 1.0, appendix F).
fn charset(start: &[u8]) -> &'static Encoding {
    match start {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => return UTF_16LE,
        [0xfe, 0xff, ..] | [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    let head = String::from_utf8_lossy(start.get(..100).unwrap_or(start));
    let declared = head.split_once("encoding=").and_then(|(_, rest)| rest.get(1..)?.split(['"', '\'']).next());
    let declared = declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    declared.filter(|charset| charset.is_ascii_compatible()).unwrap_or(UTF_8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Told(String);

    impl Sink for Told {
        fn open(&mut self, tag: &Tag<'_>) {
            self.0 += &format!("<{}{}>", tag.name(), tag.get("a").unwrap_or_default());
        }
        fn close(&mut self, name: &str) {
            self.0 += &format!("</{name}>");
        }
        fn text(&mut self, text: &str) {
            self.0 += text;
        }
    }

    fn told(bytes: &[u8]) -> (String, bool) {
        let mut sink = Told::default();
        let whole = parse(bytes, &mut sink);
        (sink.0, whole)
    }

    #[test]
    fn elements_and_text_come_in_order() {
        let xml = "<?xml version='1.0'?><x:a x:a='1&amp;2'>&#x33;<b/>&lt;<![CDATA[<]]>&none;</x:a>";
        assert_eq!(told(xml.as_bytes()), ("<a1&2>3<b></b><<</a>".to_owned(), true));
    }

    #[test]
    fn every_charset_is_read() {
        let xml = "<?xml version='1.0' encoding='utf-16'?><a>番号</a>";
        let utf16: Vec<u8> = xml.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(told(&utf16).0, "<a>番号</a>");
        let (sjis, ..) = encoding_rs::SHIFT_JIS.encode("<?xml version='1.0' encoding='Shift_JIS'?><a>番号</a>");
        assert_eq!(told(&sjis).0, "<a>番号</a>");
        assert_eq!(told(xml.as_bytes()).0, "<a>番号</a>");
        assert_eq!(told(b"<a>1\xff2</a>").0, "<a>1\u{fffd}2</a>");
    }

    #[test]
    fn what_stands_before_the_damage_is_read() {
        for (xml, want, whole) in [
            ("<a>1<b", "<a>1", false),
            ("<a>1</b>2</c></c>", "<a>1</b>2</c></c>", true),
            ("<a>1 & 2", "<a>1 & 2", true),
            ("<!DOCTYPE a [<!ENTITY b \"&c;&c;\">]><a>&b;</a>", "<a></a>", true),
        ] {
            assert_eq!(told(xml.as_bytes()), (want.to_owned(), whole), "{xml}");
        }
    }
}
