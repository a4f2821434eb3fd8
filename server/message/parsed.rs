//! A mail as a structure: parsed once, asked for its summary, its header and its leaves.

use std::panic::catch_unwind;

use types::{Address, Limits};

use crate::addresses::{self, Person};
use crate::header::{Field, fields};
use crate::leaf::{self, Leaf, LeafRole};
use crate::structure::{self, bounded};
use crate::summary::{HeaderSummary, MailAddress, Part, PartIssue, Summary};
use crate::{date, words};

/// Most characters of a preview.
const PREVIEW_CHARS: usize = 200;
/// Most bytes of a text that are read for its preview; HTML mail begins with kilobytes of styles.
const PREVIEW_BYTES: u32 = 64 << 10;

/// A mail and its parts. Parsing never fails: what is broken has an [`PartIssue`].
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
        let leaves = self.leaf_parts();
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
            list: self.is_list(),
            auto_submitted: self.auto_submitted(),
            root: self.root.clone(),
        }
    }

    /// Every part that holds content, decoded, in the order of the mail.
    #[must_use]
    pub fn leaves(&self) -> Vec<Leaf<'a>> {
        self.leaf_parts().into_iter().map(|(number, part)| leaf::leaf(self.bytes, number, part)).collect()
    }

    /// The header as bytes, with its empty line.
    #[must_use]
    pub fn header_block(&self) -> &'a [u8] {
        self.bytes.get(..self.root.body_start as usize).unwrap_or_default()
    }

    /// The texts of the header that people write: subject, names, comments, keywords, their own X- fields,
    /// descriptions of parts; each with the name of its field, decoded. Not among them is what machines
    /// write, such as Message-ID, Received and boundaries.
    #[must_use]
    pub fn header_texts(&self) -> Vec<(String, String)> {
        let mut out: Vec<(String, String)> = self
            .fields()
            .filter_map(|field| {
                let name = String::from_utf8_lossy(field.name).into_owned();
                let text = match HeaderText::of(&name)? {
                    HeaderText::Free => words::decode(field.value),
                    HeaderText::Names => self.names(field.value),
                };
                (!text.trim().is_empty()).then_some((name, text))
            })
            .collect();
        let described = self.leaf_parts().into_iter().filter_map(|(_, part)| part.description.as_ref());
        out.extend(described.map(|raw| ("Content-Description".to_owned(), words::decode(raw))));
        out
    }

    /// Display names and names of groups, a line each.
    fn names(&self, value: &[u8]) -> String {
        let list = addresses::parse(value, self.limits.addresses);
        let name = |address: &MailAddress| match (&address.name, &address.host) {
            (Some(name), _) => Some(words::decode(name)),
            (None, None) => address.mailbox.as_ref().map(|group| words::decode(group)),
            (None, Some(_)) => None,
        };
        list.iter().filter_map(name).collect::<Vec<_>>().join("\n")
    }

    /// The subject for people; empty when there is none.
    #[must_use]
    pub fn subject(&self) -> String {
        self.header.subject.as_ref().map(|raw| words::decode(raw)).unwrap_or_default()
    }

    /// The addresses of From that are addresses.
    #[must_use]
    pub fn from(&self) -> Vec<Address> {
        addresses::usable(&self.header.from)
    }

    /// The address of Sender.
    #[must_use]
    pub fn sender(&self) -> Option<Address> {
        addresses::usable(&self.header.sender).into_iter().next()
    }

    /// The addresses of To.
    #[must_use]
    pub fn to(&self) -> Vec<Address> {
        addresses::usable(&self.header.to)
    }

    /// The addresses of Cc.
    #[must_use]
    pub fn cc(&self) -> Vec<Address> {
        addresses::usable(&self.header.cc)
    }

    /// The addresses of Bcc.
    #[must_use]
    pub fn bcc(&self) -> Vec<Address> {
        addresses::usable(&self.header.bcc)
    }

    /// The people of an address field (`From`, `To` …), names decoded.
    #[must_use]
    pub fn people(&self, field: &str) -> Vec<Person> {
        let list = self.fields().filter(|f| f.is(field));
        list.flat_map(|f| addresses::people(&addresses::parse(f.value, self.limits.addresses))).collect()
    }

    /// Message-ID without its angle brackets.
    #[must_use]
    pub fn message_id(&self) -> Option<String> {
        let text = self.header.message_id.as_ref()?.text().into_owned();
        let text = text.trim().trim_start_matches('<').trim_end_matches('>').to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// The Message-IDs of References and In-Reply-To without brackets, the oldest first, each once.
    #[must_use]
    pub fn references(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for name in ["References", "In-Reply-To"] {
            let text = self.header(name).unwrap_or_default();
            for piece in text.split('<').skip(1).take(self.limits.addresses) {
                let id = piece.split('>').next().unwrap_or_default().trim();
                if !id.is_empty() && !out.iter().any(|known| known == id) {
                    out.push(id.to_owned());
                }
            }
        }
        out
    }

    /// The first field with this name, decoded.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.fields().find(|field| field.is(name)).map(|field| words::decode(field.value))
    }

    /// All fields with this name, decoded.
    #[must_use]
    pub fn headers(&self, name: &str) -> Vec<String> {
        self.fields().filter(|field| field.is(name)).map(|field| words::decode(field.value)).collect()
    }

    /// The number of Received fields: how many servers the mail has seen (RFC 5321 6.3).
    #[must_use]
    pub fn received_count(&self) -> usize {
        self.fields().filter(|field| field.is("Received")).count()
    }

    /// The values of Delivered-To: where the mail has been before.
    #[must_use]
    pub fn delivered_to(&self) -> Vec<String> {
        self.headers("Delivered-To")
    }

    /// Whether a program sent the mail by itself (RFC 3834 5).
    #[must_use]
    pub fn auto_submitted(&self) -> bool {
        self.header("Auto-Submitted").is_some_and(|value| {
            let word = value.split([';', '(', ' ']).next().unwrap_or_default();
            !word.is_empty() && !word.eq_ignore_ascii_case("no")
        })
    }

    /// The value of Precedence, in lower case.
    #[must_use]
    pub fn precedence(&self) -> Option<String> {
        self.header("Precedence").map(|value| value.trim().to_ascii_lowercase())
    }

    /// Whether the mail came over a mailing list or is bulk mail: no automatic reply goes to such.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.fields().any(|f| f.is("List-Id") || f.is("List-Post") || f.is("List-Unsubscribe"))
            || self.precedence().is_some_and(|p| matches!(p.as_str(), "list" | "bulk" | "junk"))
    }

    /// What went wrong anywhere in the mail.
    #[must_use]
    pub fn issues(&self) -> Vec<PartIssue> {
        self.leaves().into_iter().filter_map(|leaf| leaf.issue).chain(self.root.issue).collect()
    }

    fn fields(&self) -> impl Iterator<Item = Field<'a>> {
        fields(bounded(self.header_block(), &self.limits))
    }

    fn leaf_parts(&self) -> Vec<(String, &Part)> {
        self.root.leaves()
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

/// How a field is read for inspection.
enum HeaderText {
    /// Its whole value.
    Free,
    /// Its display names.
    Names,
}

impl HeaderText {
    fn of(name: &str) -> Option<Self> {
        /// Prefixes of X- fields that servers and scanners write.
        const MACHINES: [&str; 14] = [
            "x-ms-",
            "x-microsoft-",
            "x-google-",
            "x-gm-",
            "x-received",
            "x-spam",
            "x-virus",
            "x-originating-",
            "x-forefront-",
            "x-mailer",
            "x-uid",
            "x-priority",
            "x-mimeole",
            "x-msmail-",
        ];
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "subject" | "comments" | "keywords" | "thread-topic" | "organization" => Some(Self::Free),
            "from" | "sender" | "reply-to" | "to" | "cc" | "bcc" => Some(Self::Names),
            _ if name.starts_with("x-") && !MACHINES.iter().any(|m| name.starts_with(m)) => Some(Self::Free),
            _ => None,
        }
    }
}

/// The text of HTML for a preview, by mail-parser, whose panics must not reach the caller.
fn text_of_html(html: &str) -> String {
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
