//! The files of a mail as people see them: name, size, kind, and as what they may be served to a browser.

use std::borrow::Cow;

use crate::leaf::{self, Leaf, LeafRole};
use crate::{Parsed, file_name, view};

/// Most attachments that are listed.
const ATTACHMENTS: usize = 1_000;

/// A file of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The IMAP part number.
    pub part: String,
    /// Its place among the files of this part: 0, or that of a uuencoded file inside a text.
    pub inner: usize,
    /// The name, safe to show and to save; made up from number and kind where the mail gives none.
    pub name: String,
    /// Whether the mail gives a name.
    pub is_named: bool,
    /// Size without transfer encoding, bytes.
    pub size: usize,
    /// `type/subtype` in lower case, as the mail declares it.
    pub declared_type: String,
    /// As what it is served: a type on the list that its bytes agree with, else `application/octet-stream`.
    pub served_type: ServedType,
    /// Whether the mail means it to be shown within its text.
    pub is_inline: bool,
    /// Its Content-ID without brackets.
    pub cid: Option<String>,
    /// Whether it is a mail itself.
    pub is_mail: bool,
}

impl Attachment {
    /// Whether a picture that the HTML shows: no reader lists it among the files.
    #[must_use]
    pub fn is_embedded_picture(&self) -> bool {
        self.cid.is_some() && self.served_type.is_picture()
    }
}

/// The types that attachments may have towards a browser (web-design 1.3): none of them runs anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServedType {
    /// image/png
    Png,
    /// image/gif
    Gif,
    /// image/jpeg
    Jpeg,
    /// image/webp
    Webp,
    /// application/pdf
    Pdf,
    /// text/plain in UTF-8: the caller serves the decoded text.
    Text,
    /// application/octet-stream: to be saved, never shown.
    Bytes,
}

impl ServedType {
    /// The value of Content-Type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain; charset=utf-8",
            Self::Bytes => "application/octet-stream",
        }
    }

    /// Whether it is a picture that may stand in a mail's body.
    #[must_use]
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Gif | Self::Jpeg | Self::Webp)
    }

    /// By the first bytes, and for text by the declared type.
    fn of(bytes: &[u8], declared: &str) -> Self {
        let webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
        match bytes {
            _ if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Self::Png,
            _ if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") => Self::Gif,
            _ if bytes.starts_with(b"\xff\xd8\xff") => Self::Jpeg,
            _ if webp => Self::Webp,
            _ if bytes.starts_with(b"%PDF-") => Self::Pdf,
            _ if matches!(declared, "text/plain" | "text/csv" | "text/tab-separated-values") => Self::Text,
            _ => Self::Bytes,
        }
    }
}

/// The files of a mail, in their order: every part that is not a form of its body.
#[must_use]
pub fn attachments(mail: &Parsed<'_>) -> Vec<Attachment> {
    let shown = view::shown(mail);
    let mut out: Vec<Attachment> = Vec::new();
    for leaf in mail.leaves() {
        let is_body = shown.contains(&leaf.part) && matches!(leaf.role, LeafRole::Text | LeafRole::Html);
        let outside_parts = matches!(leaf.role, LeafRole::Text) && leaf.name.is_none();
        if is_body || outside_parts || out.len() >= ATTACHMENTS {
            continue;
        }
        let inner = out.iter().filter(|known| known.part == leaf.part).count();
        out.push(attachment(mail, &leaf, inner, out.len() + 1));
    }
    out
}

/// Whether the text that readers see and these files together are the whole mail: nothing of it is left out of both, and no
/// part was read only in part. Who takes the two apart loses nothing then.
#[must_use]
pub fn with_text_are_all(mail: &Parsed<'_>) -> bool {
    let read = mail.leaves().iter().all(|leaf| mail.part(&leaf.part).is_none_or(|part| part.issue.is_none()));
    read && view::is_text_whole(mail) && attachments(mail).len() < ATTACHMENTS
}

fn attachment(mail: &Parsed<'_>, leaf: &Leaf<'_>, inner: usize, number: usize) -> Attachment {
    let described = mail.part(&leaf.part);
    let named = leaf.name.as_deref().and_then(file_name::safe);
    let served_type = ServedType::of(&leaf.bytes, &leaf.content_type);
    let is_mail = leaf.role == LeafRole::Message;
    let subject = || is_mail.then(|| Parsed::parse(&leaf.bytes, mail.limits()).subject());
    let is_named = named.is_some();
    let name = named.or_else(|| file_name::safe(&format!("{}.eml", subject()?)).filter(|name| name != "eml"));
    Attachment {
        part: leaf.part.clone(),
        inner,
        name: name.unwrap_or_else(|| format!("attachment-{number}.{}", extension(served_type, &leaf.content_type))),
        is_named,
        size: leaf.bytes.len(),
        declared_type: leaf.content_type.clone(),
        served_type,
        is_inline: described
            .is_some_and(|part| part.disposition.as_ref().is_some_and(|d| d.kind.eq_ignore_ascii_case("inline"))),
        cid: described.and_then(|part| part.id.as_ref()).map(|id| content_id(&id.text())).filter(|id| !id.is_empty()),
        is_mail,
    }
}

fn content_id(raw: &str) -> String {
    raw.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
}

fn extension(served: ServedType, declared: &str) -> &'static str {
    match served {
        ServedType::Png => "png",
        ServedType::Gif => "gif",
        ServedType::Jpeg => "jpg",
        ServedType::Webp => "webp",
        ServedType::Pdf => "pdf",
        ServedType::Text => "txt",
        ServedType::Bytes if declared == "message/rfc822" => "eml",
        ServedType::Bytes if declared == "text/html" => "html",
        ServedType::Bytes if declared == "text/calendar" => "ics",
        ServedType::Bytes => "bin",
    }
}

/// The content of a file without its transfer encoding; text in UTF-8 where it is served as text.
#[must_use]
pub fn content<'a>(mail: &Parsed<'a>, attachment: &Attachment) -> Option<Cow<'a, [u8]>> {
    let leaf = attachment.leaf(mail)?;
    match (attachment.served_type, leaf.text) {
        (ServedType::Text, Some(text)) => Some(Cow::Owned(text.into_bytes())),
        _ => Some(leaf.bytes),
    }
}

/// The same as it was attached, byte for byte, also where it is a text in another charset.
#[must_use]
pub fn original<'a>(mail: &Parsed<'a>, attachment: &Attachment) -> Option<Cow<'a, [u8]>> {
    Some(attachment.leaf(mail)?.bytes)
}

/// Every file of a mail with its name and its content as it was attached; `None` where one cannot be had whole, or text and
/// files are not all of the mail: who takes them apart must not lose any.
#[must_use]
pub fn all_whole<'a>(mail: &Parsed<'a>) -> Option<Vec<(String, Cow<'a, [u8]>)>> {
    if !with_text_are_all(mail) {
        return None;
    }
    let content = |file: Attachment| {
        let leaf = file.leaf(mail).filter(|leaf| leaf.issue.is_none())?;
        Some((file.name, leaf.bytes))
    };
    attachments(mail).into_iter().map(content).collect()
}

impl Attachment {
    fn leaf<'a>(&self, mail: &Parsed<'a>) -> Option<Leaf<'a>> {
        if self.inner == 0 && !self.is_uuencoded(mail) {
            return mail.leaf(&self.part);
        }
        let named = mail.leaves().into_iter().filter(|leaf| leaf.part == self.part && leaf.name.is_some());
        named.into_iter().nth(self.inner)
    }

    /// Whether it stands inside the text of its part.
    fn is_uuencoded(&self, mail: &Parsed<'_>) -> bool {
        mail.part(&self.part).is_some_and(|part| leaf::role(part) == LeafRole::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Limits;

    const MAIL: &[u8] = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: multipart/related; boundary=c\r\n\r\n\
        --c\r\nContent-Type: text/html\r\n\r\n<img src=cid:a@b>\r\n\
        --c\r\nContent-Type: image/png\r\nContent-ID: <a@b>\r\nContent-Disposition: inline; filename=a.png\r\n\
        Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--c--\r\n\
        --b\r\nContent-Type: image/png; name=evil.png\r\n\r\n<script>x</script>\r\n\
        --b\r\nContent-Type: text/html; name=page.html\r\n\r\n<b>x</b>\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: a/b\r\n\r\nx\r\n\
        --b\r\nContent-Type: text/csv; charset=shift_jis; name=a.csv\r\n\r\n\x95\x5c\r\n\
        --b\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\r\n--b--\r\n";

    #[test]
    fn text_and_files_are_all_of_an_ordinary_mail_and_not_of_one_with_endless_texts_or_broken_parts() {
        let limits = Limits::default();
        let all = |mail: &[u8]| with_text_are_all(&Parsed::parse(mail, &limits));
        assert!(all(b"Subject: x\r\n\r\nhello\r\n"));
        let texts = |count: usize| {
            let part = |number: usize| format!("--b\r\nContent-Type: text/plain\r\n\r\ntext {number}\r\n");
            let parts: String = (1..=count).map(part).collect();
            format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n").into_bytes()
        };
        assert!(all(&texts(50)));
        assert!(!all(&texts(51)), "the last is neither shown nor a file");
        assert!(!all(b"Content-Type: multipart/mixed\r\n\r\nx\r\n"));
        let html = format!("Content-Type: text/html\r\n\r\n{}\r\n", "x".repeat((1 << 20) + 1));
        assert!(!all(html.as_bytes()));
    }

    #[test]
    fn a_text_in_another_charset_is_shown_in_utf_8_and_handed_out_as_it_was_attached() {
        let limits = Limits::default();
        let mail = Parsed::parse(MAIL, &limits);
        let csv = attachments(&mail).into_iter().find(|file| file.name == "a.csv").unwrap();
        assert_eq!(content(&mail, &csv).as_deref(), Some("表\r\n".trim_end().as_bytes()));
        assert_eq!(original(&mail, &csv).as_deref(), Some(&b"\x95\x5c"[..]));
    }

    #[test]
    fn files_are_listed_with_what_they_really_are() {
        let limits = Limits::default();
        let mail = Parsed::parse(MAIL, &limits);
        let list = attachments(&mail);
        let shown: Vec<_> =
            list.iter().map(|a| (a.part.as_str(), a.name.as_str(), a.served_type, a.is_inline)).collect();
        assert_eq!(
            shown,
            [
                ("1.2", "a.png", ServedType::Png, true),
                ("2", "evil.png", ServedType::Bytes, false),
                ("3", "page.html", ServedType::Bytes, false),
                ("4", "a_b.eml", ServedType::Bytes, false),
                ("5", "a.csv", ServedType::Text, false),
                ("6", "attachment-6.pdf", ServedType::Pdf, false),
            ]
        );
        assert_eq!(list[0].cid.as_deref(), Some("a@b"));
        assert!(list[0].is_embedded_picture() && list[3].is_mail && !list[5].is_named);
        assert_eq!(content(&mail, &list[4]).as_deref(), Some("表".as_bytes()));
        assert_eq!(content(&mail, &list[0]).map(|bytes| bytes.len()), Some(8));
        assert_eq!(list[0].size, 8);
    }

    #[test]
    fn all_files_are_had_whole_or_none() {
        let limits = Limits::default();
        let files = all_whole(&Parsed::parse(MAIL, &limits)).expect("all of them");
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a.png", "evil.png", "page.html", "a_b.eml", "a.csv", "attachment-6.pdf"]);
        let text = b"Subject: x\r\n\r\nhello\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n";
        let files = all_whole(&Parsed::parse(text, &limits)).expect("the one");
        assert_eq!((files[0].0.as_str(), files[0].1.as_ref()), ("a.txt", &b"abc"[..]));
        for broken in [
            &b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: x-odd\r\n\r\nx\r\n"[..],
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: x-odd\r\n\r\nx\r\n--b--\r\n",
        ] {
            assert!(all_whole(&Parsed::parse(broken, &limits)).is_none());
        }
    }

    #[test]
    fn a_uuencoded_file_can_be_had() {
        let limits = Limits::default();
        let mail = b"Subject: x\r\n\r\nhello\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n";
        let mail = Parsed::parse(mail, &limits);
        let list = attachments(&mail);
        assert_eq!((list.len(), list[0].name.as_str()), (1, "a.txt"));
        assert_eq!(content(&mail, &list[0]).as_deref(), Some(&b"abc"[..]));
    }
}
