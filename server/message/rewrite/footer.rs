//! Texts at the end of a mail's body, in the charset and transfer encoding in which it is written: into the text and the HTML
//! of alternatives, into the first body of a mixed mail, into a part of its own where there is none. A body that ends with
//! a text already does not get it again.

use encoding_rs::{Encoding, UTF_8};
use types::{Footer, Limits};

use super::part::{end_line, mime_fields_apart, new_boundary, written};
use super::tail::{ends_with, html_end, html_of, in_two_bytes, plain_lines};
use crate::compose::text_part;
use crate::encode::{Charset, lost_characters};
use crate::leaf::{LeafRole, role};
use crate::parsed::Parsed;
use crate::summary::{Part, PartIssue, PartKind};
use crate::{charset, transfer};

/// Why a text was not put at the end of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAppended {
    /// The mail is not built as it says.
    #[error("the body of the mail is broken")]
    Broken,
    /// It would be larger than a mail may be.
    #[error("the mail would be too large")]
    TooBig,
}

/// The mail with these texts at its end. Whether it may be changed at all is for the caller to ask
/// ([`super::protection`]).
///
/// # Errors
/// [`NotAppended`]; nothing of it is a matter of time.
pub fn with_footers<'a>(
    mail: &[u8],
    footers: impl IntoIterator<Item = &'a Footer>,
    limits: &Limits,
) -> Result<Vec<u8>, NotAppended> {
    let footers: Vec<&Footer> = footers.into_iter().collect();
    let parsed = Parsed::parse(mail, limits);
    let mut bodies = Vec::new();
    find_bodies(parsed.root(), &mut bodies)?;
    let mut out = mail.to_vec();
    if bodies.is_empty() {
        out = with_body_of_its_own(mail, parsed.root(), &footers)?;
    }
    // from the end on, so that the places before stay what they are
    for part in bodies.iter().rev() {
        if let Some(new) = changed(mail, part, &footers)? {
            out.splice(part.header_start as usize..part.body_end as usize, new);
        }
    }
    if out.len() as u64 > limits.message_size { Err(NotAppended::TooBig) } else { Ok(out) }
}

/// The parts that a reader takes for the text of the mail, in their order.
fn find_bodies<'p>(part: &'p Part, found: &mut Vec<&'p Part>) -> Result<(), NotAppended> {
    if part.issue.is_some() {
        return Err(NotAppended::Broken);
    }
    if part.kind != PartKind::Multipart {
        if matches!(role(part), LeafRole::Text | LeafRole::Html) {
            found.push(part);
        }
        return Ok(());
    }
    if part.children.is_empty() {
        return Err(NotAppended::Broken);
    }
    let all = part.subtype.eq_ignore_ascii_case("alternative");
    for child in &part.children {
        find_bodies(child, found)?;
        if !all && !found.is_empty() {
            break;
        }
    }
    Ok(())
}

/// The part with what it lacks of the texts; `None`: it lacks none.
fn changed(mail: &[u8], part: &Part, footers: &[&Footer]) -> Result<Option<Vec<u8>>, NotAppended> {
    let body = mail.get(part.body_start as usize..part.body_end as usize).ok_or(NotAppended::Broken)?;
    let (content, issue) = transfer::decode(body, &part.encoding);
    if issue == Some(PartIssue::Broken) || issue == Some(PartIssue::UnknownEncoding) {
        return Err(NotAppended::Broken);
    }
    let label = part.param("charset");
    let text = charset::decode(&content, label.as_deref());
    let missing: Vec<&Footer> =
        footers.iter().copied().filter(|footer| !ends_with(&text, role(part), footer, footers)).collect();
    if missing.is_empty() {
        return Ok(None);
    }
    let (content, charset) = match role(part) {
        LeafRole::Html => appended_to_html(&content, &text, label.as_deref(), &missing)?,
        _ => appended_to_text(&content, &text, label.as_deref(), &missing)?,
    };
    Ok(Some(written(mail, part, &content, charset)))
}

type Appended = (Vec<u8>, Option<&'static str>);

/// In the text's own charset where that holds the footers, else all of it in UTF-8.
fn appended_to_text(
    content: &[u8],
    text: &str,
    label: Option<&str>,
    footers: &[&Footer],
) -> Result<Appended, NotAppended> {
    let added: String = footers.iter().map(|footer| format!("\r\n{}\r\n", plain_lines(&footer.text))).collect();
    let (mut all, bytes, charset) = match Own::of(content, label).and_then(|own| own.encode(&added)) {
        Some(bytes) => (content.to_vec(), bytes, None),
        None => (in_utf8(content, text)?, added.into_bytes(), Some("UTF-8")),
    };
    back_to_ascii(&mut all);
    end_line(&mut all);
    all.extend(bytes);
    Ok((all, charset))
}

/// In front of where the document ends. What a charset does not hold stands there as a character reference.
fn appended_to_html(
    content: &[u8],
    text: &str,
    label: Option<&str>,
    footers: &[&Footer],
) -> Result<Appended, NotAppended> {
    let added: String = footers.iter().map(|footer| format!("{}\r\n", html_of(footer))).collect();
    let (mut all, bytes, charset) = match Own::of(content, label) {
        Some(own) => (content.to_vec(), own.encode_for_html(&added), None),
        None => (in_utf8(content, text)?, added.into_bytes(), Some("UTF-8")),
    };
    let at = html_end(&all);
    if at == all.len() {
        back_to_ascii(&mut all);
        end_line(&mut all);
        all.extend(bytes);
    } else {
        all.splice(at..at, bytes);
    }
    Ok((all, charset))
}

/// A charset to which text can be added byte by byte.
#[derive(Clone, Copy)]
enum Own {
    /// Nothing beyond ASCII is in it, whatever it is called.
    Ascii,
    /// ISO-2022-JP (RFC 1468).
    Jis,
    /// One that begins and ends in ASCII.
    Known(&'static Encoding),
}

impl Own {
    /// The one of this content; `None`: it has none such, or is not what it says.
    fn of(content: &[u8], label: Option<&str>) -> Option<Self> {
        let label = label.unwrap_or("us-ascii").to_ascii_lowercase();
        let encoding = match label.as_str() {
            "cp932" | "ms932" | "sjis-win" => Some(encoding_rs::SHIFT_JIS),
            "us-ascii" | "ascii" => None,
            name if name.starts_with("iso-2022-jp") || name.starts_with("cp5022") => {
                return content.is_ascii().then_some(Self::Jis);
            }
            name => Some(Encoding::for_label(name.as_bytes())?),
        };
        if content.is_ascii() && content.contains(&0x1b) {
            return None;
        }
        match encoding {
            Some(encoding) if encoding == UTF_8 => std::str::from_utf8(content).is_ok().then_some(Self::Known(UTF_8)),
            Some(encoding) => encoding.is_ascii_compatible().then_some(Self::Known(encoding)),
            None => content.is_ascii().then_some(Self::Ascii),
        }
    }

    /// A text in it; `None`: it does not hold all of it.
    fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
            Self::Jis => lost_characters(text).is_empty().then(|| Charset::Iso2022Jp.encode(text)),
            Self::Known(encoding) => {
                let (bytes, _, lost) = encoding.encode(text);
                (!lost).then(|| bytes.into_owned())
            }
        }
    }

    /// The same for HTML, where everything can be written.
    fn encode_for_html(self, text: &str) -> Vec<u8> {
        let held = |c: char| self.encode(c.encode_utf8(&mut [0; 4])).is_some();
        let referred = |c: char| if held(c) { c.to_string() } else { format!("&#{};", u32::from(c)) };
        let text: String = text.chars().map(referred).collect();
        self.encode(&text).unwrap_or_else(|| text.into_bytes())
    }
}

/// Leaves the two-byte state of ISO-2022-JP in which a text was cut off.
fn back_to_ascii(content: &mut Vec<u8>) {
    if content.is_ascii() && in_two_bytes(content) {
        content.extend_from_slice(b"\x1b(B");
    }
}

/// The text in UTF-8, if nothing of it is lost by that.
fn in_utf8(content: &[u8], text: &str) -> Result<Vec<u8>, NotAppended> {
    let is_utf8 = std::str::from_utf8(content).is_ok();
    if text.contains('\u{fffd}') && !is_utf8 { Err(NotAppended::Broken) } else { Ok(text.as_bytes().to_vec()) }
}

/// The mail with a body that it lacks: a text in front of its parts, or of the one part that it is.
fn with_body_of_its_own(mail: &[u8], root: &Part, footers: &[&Footer]) -> Result<Vec<u8>, NotAppended> {
    let text: String = footers.iter().map(|footer| format!("{}\r\n", plain_lines(&footer.text))).collect();
    let body = text_part(&text);
    let start = root.body_start as usize;
    let (header, content) = (mail.get(..start), mail.get(start..));
    let (Some(header), Some(content)) = (header, content) else { return Err(NotAppended::Broken) };
    if root.kind == PartKind::Multipart {
        let boundary = root.param("boundary").ok_or(NotAppended::Broken)?;
        let first = root.children.first().ok_or(NotAppended::Broken)?.header_start as usize;
        let (before, rest) = (mail.get(start..first), mail.get(first..));
        let (Some(before), Some(rest)) = (before, rest) else { return Err(NotAppended::Broken) };
        let delimiter = format!("--{boundary}\r\n").into_bytes();
        return Ok([header, before, &body, b"\r\n", &delimiter, rest].concat());
    }
    let boundary = new_boundary(mail);
    let (own, moved) = mime_fields_apart(header);
    let head =
        format!("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n");
    let (next, end) = (format!("\r\n--{boundary}\r\n"), format!("\r\n--{boundary}--\r\n"));
    Ok([&own, head.as_bytes(), &body, next.as_bytes(), &moved, b"\r\n", content, end.as_bytes()].concat())
}

#[cfg(test)]
mod tests;
