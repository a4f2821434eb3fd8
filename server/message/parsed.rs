//! A mail as a structure: parsed once, asked for its summary, its header and its leaves.

use std::panic::catch_unwind;

use types::Limits;

use crate::date;
use crate::header::{Field, fields};
use crate::hidden;
use crate::leaf::{self, Leaf, LeafRole};
use crate::references::references;
use crate::structure::{self, bounded};
use crate::summary::{HeaderSummary, Part, Summary};

/// Most characters of a preview.
const PREVIEW_CHARS: usize = 200;
/// Most bytes of a text that are read for its preview; HTML mail begins with kilobytes of styles.
const PREVIEW_BYTES: u32 = 64 << 10;

/// A mail and its parts. Parsing never fails: what is broken carries a
/// [`PartIssue`](crate::PartIssue).
pub struct Parsed<'a> {
    bytes: &'a [u8],
    limits: Limits,
    root: Part,
    header: HeaderSummary,
}

impl<'a> Parsed<'a> {
    /// Parses a mail, within the limits on depth, parts, header bytes and addresses.
    #[must_use]
    pub fn parse(bytes: &'a [u8], limits: &Limits) -> Self {
        let root = structure::walk(bytes, limits);
        let header = structure::envelope(bytes.get(..root.body_start as usize).unwrap_or_default(), limits);
        Self { bytes, limits: limits.clone(), root, header }
    }

    /// The outermost part.
    #[must_use]
    pub fn root(&self) -> &Part {
        &self.root
    }

    /// The fields of ENVELOPE, as they are written.
    #[must_use]
    pub fn envelope(&self) -> &HeaderSummary {
        &self.header
    }

    /// What the store keeps.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let date = self.header.date.as_ref().and_then(|raw| date::parse(&raw.text()));
        let author = self.people("From").into_iter().next();
        let leaves = self.root.leaves();
        Summary {
            header: self.header.clone(),
            subject: self.subject(),
            from: author.map(|p| if p.name.trim().is_empty() { p.address } else { p.name }).unwrap_or_default(),
            date: date.map(|(at, _)| at),
            zone: date.map_or(0, |(_, zone)| i16::try_from(zone).unwrap_or(0)),
            preview: self.preview(&leaves),
            header_len: self.root.body_start,
            size: u32::try_from(self.bytes.len()).unwrap_or(u32::MAX),
            attachments: u32::try_from(leaves.iter().filter(|(_, part)| part.is_attachment()).count()).unwrap_or(0),
            references: references(self.fields()),
            list: self.is_list(),
            auto_submitted: self.auto_submitted(),
            root: self.root.clone(),
        }
    }

    /// Every part that holds content, decoded, in the order of the mail; then what stands outside the parts
    /// of a multipart, as texts. A uuencoded file inside a text follows it as an attachment of the same part.
    #[must_use]
    pub fn leaves(&self) -> Vec<Leaf<'a>> {
        let mut out = Vec::new();
        for (number, part) in self.root.leaves() {
            let leaf = leaf::leaf(self.bytes, number, part);
            let files = leaf::uuencoded(&leaf);
            out.push(leaf);
            out.extend(files);
        }
        out.extend(hidden::outside_parts(self.bytes, &self.root).into_iter().map(leaf::outside));
        out
    }

    /// The part with this IMAP number, as the leaves are numbered; not one inside an attached mail.
    #[must_use]
    pub fn part(&self, number: &str) -> Option<&Part> {
        self.root.leaves().into_iter().find(|(known, _)| known == number).map(|(_, part)| part)
    }

    /// The content of the part with this IMAP number.
    #[must_use]
    pub fn leaf(&self, number: &str) -> Option<Leaf<'a>> {
        self.part(number).map(|part| leaf::leaf(self.bytes, number.to_owned(), part))
    }

    /// The header as bytes, with its empty line.
    #[must_use]
    pub fn header_block(&self) -> &'a [u8] {
        self.bytes.get(..self.root.body_start as usize).unwrap_or_default()
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = Field<'a>> {
        fields(bounded(self.header_block(), &self.limits))
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    fn preview(&self, leaves: &[(String, &Part)]) -> String {
        [LeafRole::Text, LeafRole::Html]
            .into_iter()
            .flat_map(|role| leaves.iter().filter(move |(_, part)| leaf::role(part) == role))
            .map(|(number, part)| {
                let start = Part {
                    body_end: part.body_end.min(part.body_start.saturating_add(PREVIEW_BYTES)),
                    ..(*part).clone()
                };
                let leaf = leaf::leaf(self.bytes, number.clone(), &start);
                let text = leaf.text.unwrap_or_default();
                one_line(&if leaf.role == LeafRole::Html { text_of_html(&text) } else { text })
            })
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }
}

/// The text of HTML for a preview, by mail-parser, whose panics must not reach the caller.
pub(crate) fn text_of_html(html: &str) -> String {
    catch_unwind(|| mail_parser::decoders::html::html_to_text(html)).unwrap_or_default()
}

/// The first characters on one line, blanks and invisible characters made one blank.
fn one_line(text: &str) -> String {
    let mut out = String::new();
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if count > 0 {
            out.push(' ');
            count += 1;
        }
        for c in word.chars() {
            if count >= PREVIEW_CHARS {
                return out;
            }
            out.push(c);
            count += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PartIssue, resolve, section};

    fn with<'a, T>(mail: &'a [u8], look: impl FnOnce(&Parsed<'a>) -> T) -> T {
        look(&Parsed::parse(mail, &Limits::default()))
    }

    #[test]
    fn the_summary_tells_what_a_list_shows_and_reads_back() {
        let mail = "From: =?UTF-8?B?5bGx55Sw?= <yamada@example.jp>\r\nTo: a@example.jp\r\n\
            Subject: =?UTF-8?B?6KGo?=\r\nDate: Tue, 24 Nov 2026 15:32:09 +0900\r\nList-Id: <x>\r\n\
            Auto-Submitted: auto-generated (x)\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
            --b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n\
            --c\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n  Hello,\r\n\r\n\tworld \u{3000} ok\r\n\
            --c\r\nContent-Type: text/html\r\n\r\n<p>other</p>\r\n--c--\r\n\
            --b\r\nContent-Type: text/csv; name=a.csv\r\n\r\n1\r\n--b--\r\n";
        let summary = with(mail.as_bytes(), Parsed::summary);
        assert_eq!((summary.subject.as_str(), summary.from.as_str()), ("表", "山田"));
        assert_eq!(summary.preview, "Hello, world ok");
        assert_eq!(summary.date.map(|at| at.secs()), Some(1_795_501_929));
        assert_eq!((summary.zone, summary.attachments), (540, 1));
        assert!(summary.list && summary.auto_submitted);
        assert_eq!(summary.size as usize, mail.len());
        let numbers: Vec<_> = summary.leaves().into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, ["1.1", "1.2", "2"]);
        assert_eq!(Summary::from_bytes(&summary.to_bytes()), Ok(summary.clone()));
        let shown = format!("{summary:?}");
        assert!(!shown.contains("Hello") && !shown.contains('表') && !shown.contains("yamada"), "{shown}");
    }

    #[test]
    fn a_stored_summary_of_another_time_is_refused() {
        use crate::SummaryError::{Damaged, Version};
        let bytes = with(b"Subject: x\r\n\r\ny", |parsed| parsed.summary().to_bytes());
        assert_eq!(Summary::from_bytes(&[]), Err(Damaged));
        assert_eq!(Summary::from_bytes(&[9, 1]), Err(Version(9)));
        for cut in 1..bytes.len() {
            assert!(Summary::from_bytes(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn an_html_mail_has_a_preview_of_its_text() {
        let mail = "Content-Type: text/html; charset=utf-8\r\n\r\n<html><head><title>t</title><style>p{}</style></head>\
            <body><p>番号&nbsp;は</p><script>x()</script><b>12</b>34</body></html>";
        assert_eq!(with(mail.as_bytes(), |parsed| parsed.summary().preview), "番号 は 1234");
    }

    #[test]
    fn the_preview_ends_after_200_characters() {
        let mail = format!("Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}", "あ ".repeat(500));
        let preview = with(mail.as_bytes(), |parsed| parsed.summary().preview);
        assert_eq!(preview.chars().count(), 200);
    }

    #[test]
    fn leaves_have_their_role_their_name_and_their_text() {
        let mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain; charset=sjis-win\r\nContent-Transfer-Encoding: base64\r\n\r\nlVyOpg==\r\n\
            --b\r\nContent-Type: text/html\r\n\r\n<meta charset=shift_jis>\x95\x5c\x8e\xa6\x82\xb7\x82\xe9\r\n\
            --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\ntext\r\n\
            --b\r\nContent-Type: text/plain; name=\"\x95\x5c.txt\"\r\n\r\n\x1b$BIJ\x1b(B\r\n\
            --b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n\
            --b\r\nContent-Type: multipart/mixed\r\n\r\nlost text\r\n--b--\r\n";
        with(mail, |parsed| {
            let leaves = parsed.leaves();
            let shown: Vec<_> = leaves
                .iter()
                .map(|l| (l.part.as_str(), l.role, l.name.as_deref(), l.text.as_deref().map(str::trim_end), l.issue))
                .collect();
            use LeafRole::{Attachment, Html, Message, Text};
            assert_eq!(
                shown,
                [
                    ("1", Text, None, Some("表示"), None),
                    ("2", Html, None, Some("<meta charset=shift_jis>表示する"), None),
                    ("3", Message, None, None, None),
                    ("4", Attachment, Some("表.txt"), Some("品"), None),
                    ("5", Attachment, None, None, Some(PartIssue::Broken)),
                    ("6", Text, None, Some("lost text"), Some(PartIssue::Broken)),
                ]
            );
            assert_eq!(&*leaves[2].bytes, b"Subject: in\r\n\r\ntext");
        });
    }

    #[test]
    fn what_costs_the_square_of_its_length_elsewhere_does_not_here() {
        let start = std::time::Instant::now();
        let long = 900_000;
        for header in [
            format!("Subject: {}", "=?x?Q?a ".repeat(long / 8)),
            format!("Subject: {}", "=?".repeat(long / 2)),
            format!("To: {}", "(".repeat(long)),
            format!("To: {}", "a:".repeat(long / 2)),
            format!("To: {}", "\"".repeat(long)),
            format!("Content-Type: text/plain{}", "; a*1*=x".repeat(long / 8)),
            (0..long / 20).map(|i| format!("Content-{i:07}: x\r\n")).collect(),
            format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n".repeat(long / 5)),
            format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--\r\n".repeat(long / 4)),
            format!("Subject: {}", "\u{1b}$".repeat(long / 2)),
        ] {
            with(header.as_bytes(), |parsed| {
                let _ = (parsed.summary(), parsed.header_texts(), parsed.leaves());
            });
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    #[test]
    fn nesting_up_to_the_limit_fits_on_the_stack_of_a_worker() {
        let multiparts: String =
            (0..200).map(|i| format!("Content-Type: multipart/mixed; boundary=b{i}x\r\n\r\n--b{i}x\r\n")).collect();
        let mails = "Content-Type: message/rfc822\r\n\r\n".repeat(200);
        for mail in [multiparts, mails] {
            let summary = with(mail.as_bytes(), |parsed| parsed.summary());
            assert_eq!(Summary::from_bytes(&summary.to_bytes()), Ok(summary));
        }
    }

    /// Everything that can be asked of a mail.
    fn ask_everything(mail: &[u8]) {
        let limits = Limits { depth: 4, parts: 20, header_bytes: 400, addresses: 5, ..Limits::default() };
        let parsed = Parsed::parse(mail, &limits);
        let summary = parsed.summary();
        assert_eq!(Summary::from_bytes(&summary.to_bytes()).as_ref(), Ok(&summary));
        let _ = (parsed.leaves(), parsed.header_texts(), parsed.references(), parsed.people("To"), parsed.from());
        for path in ["", "1", "2", "1.1", "2.1", "1.2.1"] {
            for what in ["", "HEADER", "TEXT", "MIME"] {
                let dot = if path.is_empty() || what.is_empty() { "" } else { "." };
                let Some(section) = section::Section::parse(&format!("{path}{dot}{what}")) else { continue };
                if let Some(range) = resolve(&summary, &section) {
                    assert!(range.start <= range.end && range.end <= mail.len(), "{range:?}");
                }
            }
        }
        within(&summary.root, 0, mail.len());
    }

    /// No part reaches out of the one around it.
    fn within(part: &Part, from: usize, to: usize) {
        let places = [part.header_start as usize, part.body_start as usize, part.body_end as usize];
        assert!(from <= places[0] && places[0] <= places[1] && places[1] <= places[2] && places[2] <= to);
        for child in &part.children {
            within(child, places[1], places[2]);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(mail in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            ask_everything(&mail);
        }

        #[test]
        fn no_mime_panics(pieces in proptest::collection::vec(proptest::sample::select(vec![
            "Content-Type: multipart/mixed; boundary=b", "Content-Type: multipart/digest; boundary=\"c\"",
            "Content-Type: message/rfc822", "Content-Type: text/html; charset=iso-2022-jp", "Subject: =?x?B?", "?=",
            "To: \"a\" <b@c>,", "Content-Transfer-Encoding: base64", "\r\n", "\r\n", "\r\n", "\n", "--b", "--c", "--b--",
            "--c--", "--", " ", "x", "\u{1b}$B", "\u{1b}(B", "表", "=", ":", ";", "\"", "(", "<", "Date: ", "name*0*=", "'",
        ]), 0..60)) {
            ask_everything(pieces.concat().as_bytes());
        }
    }
}
