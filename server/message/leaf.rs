//! What the inspection looks at: every part that holds content, with its transfer encoding taken off and
//! its text repaired.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::summary::{Part, PartIssue, PartKind};
use crate::{charset, flowed, hidden, transfer};

/// The most bytes of an HTML text in which its own charset declaration is looked for (HTML standard 13.2.3.2).
const META_BYTES: usize = 1024;

/// What a part is to its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LeafRole {
    /// The text of the mail, or one form of it.
    Text,
    /// The same in HTML.
    Html,
    /// A file, an image, anything that is not shown as the mail's text.
    Attachment,
    /// An attached mail (message/rfc822, message/global); its own parts are found by parsing its bytes.
    Message,
}

/// A part that holds content. Its `Debug` shows no content and no name.
#[derive(Clone)]
pub struct Leaf<'a> {
    /// The IMAP part number, such as `1.2`; `TEXT` for what stands outside all parts.
    pub part: String,
    /// What it is to the reader.
    pub role: LeafRole,
    /// `type/subtype` in lower case, as declared.
    pub content_type: String,
    /// The file name, decoded.
    pub name: Option<String>,
    /// The charset as declared.
    pub charset: Option<String>,
    /// The content, without transfer encoding.
    pub bytes: Cow<'a, [u8]>,
    /// The content as text: of text parts (format=flowed is unwrapped), and of parts that could not be
    /// understood.
    pub text: Option<String>,
    /// What went wrong, if something did.
    pub issue: Option<PartIssue>,
}

impl fmt::Debug for Leaf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaf")
            .field("part", &self.part)
            .field("role", &self.role)
            .field("content_type", &self.content_type)
            .field("size", &self.bytes.len())
            .field("issue", &self.issue)
            .finish_non_exhaustive()
    }
}

/// What `part` is to the reader.
pub(crate) fn role(part: &Part) -> LeafRole {
    let content_type = part.content_type();
    match content_type.as_str() {
        "message/rfc822" | "message/global" | "message/news" => return LeafRole::Message,
        _ if part.issue == Some(PartIssue::Broken) && content_type.starts_with("multipart/") => return LeafRole::Text,
        _ => {}
    }
    let marked = part.disposition.as_ref().is_some_and(|d| d.kind.eq_ignore_ascii_case("attachment"));
    if marked || part.file_name().is_some() {
        return LeafRole::Attachment;
    }
    match content_type.as_str() {
        "text/html" | "application/xhtml+xml" | "text/x-amp-html" => LeafRole::Html,
        "text/csv"
        | "text/tab-separated-values"
        | "text/xml"
        | "text/calendar"
        | "text/vcard"
        | "text/x-vcard"
        | "text/rtf"
        | "text/directory" => LeafRole::Attachment,
        _ if part.kind == PartKind::Text => LeafRole::Text,
        _ => LeafRole::Attachment,
    }
}

/// What a leaf is to the reader: a multipart without parts shows its text.
pub(crate) fn role_of(part: &Part) -> LeafRole {
    if part.kind == PartKind::Multipart { LeafRole::Text } else { role(part) }
}

/// Whether a leaf is text itself.
pub(crate) fn is_textual(part: &Part) -> bool {
    part.kind == PartKind::Text || !matches!(role_of(part), LeafRole::Attachment | LeafRole::Message)
}

/// Makes the leaf of the part `number` of the mail `bytes`.
pub(crate) fn leaf<'a>(bytes: &'a [u8], number: String, part: &Part) -> Leaf<'a> {
    let raw = bytes.get(part.body_start as usize..part.body_end as usize).unwrap_or_default();
    let (content, broken) = transfer::decode(raw, &part.encoding);
    let empty_multipart = (part.kind == PartKind::Multipart).then_some(PartIssue::Broken);
    let issue = part.issue.or(broken).or(empty_multipart.filter(|_| !content.trim_ascii().is_empty()));
    let role = role_of(part);
    let charset = part.param("charset");
    let flowed = part.param("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
    let text = is_textual(part).then(|| match role {
        LeafRole::Html => charset::decode(&content, charset.as_deref().or(declared_in_html(&content).as_deref())),
        _ if flowed => {
            let joined_without_blank = part.param("delsp").is_some_and(|word| word.eq_ignore_ascii_case("yes"));
            flowed::unwrap(&charset::decode(&content, charset.as_deref()), joined_without_blank)
        }
        _ => charset::decode(&content, charset.as_deref()),
    });
    Leaf {
        part: number,
        role,
        content_type: part.content_type(),
        name: part.file_name(),
        charset,
        bytes: content,
        text,
        issue,
    }
}

/// The files that are uuencoded inside the text of a leaf.
pub(crate) fn uuencoded<'a>(leaf: &Leaf<'a>) -> Vec<Leaf<'a>> {
    if leaf.role != LeafRole::Text {
        return Vec::new();
    }
    let files = hidden::uuencoded(&leaf.bytes).into_iter();
    files
        .map(|(name, lines)| {
            let (content, issue) = transfer::decode(lines, "uuencode");
            Leaf {
                part: leaf.part.clone(),
                role: LeafRole::Attachment,
                content_type: "application/octet-stream".to_owned(),
                name: Some(name),
                charset: None,
                bytes: Cow::Owned(content.into_owned()),
                text: None,
                issue,
            }
        })
        .collect()
}

/// The leaf of a text outside the parts of the multipart `number`.
pub(crate) fn outside<'a>((number, text): (String, Vec<u8>)) -> Leaf<'a> {
    Leaf {
        part: number,
        role: LeafRole::Text,
        content_type: "text/plain".to_owned(),
        name: None,
        charset: None,
        text: Some(charset::decode(&text, None)),
        bytes: Cow::Owned(text),
        issue: None,
    }
}

/// The charset that an HTML text names itself, `<meta charset=…>` in either form.
fn declared_in_html(html: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(html.get(..META_BYTES).unwrap_or(html)).to_ascii_lowercase();
    let (_, after) = head.split_once("charset=")?;
    let label: String = after
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    (!label.is_empty()).then_some(label)
}
