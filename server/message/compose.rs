//! Mail that the system itself writes: notices, replies, reports. Strict output: CRLF, ASCII headers with
//! RFC 2047 words, bodies in base64 where they are not plain ASCII; no value can add a header of its own.

use types::{Address, Timestamp};

use crate::date;
use crate::encode::{Charset, base64_lines, folded, phrase, unstructured};

/// An address with a name, as it stands in From and To.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name; empty for none.
    pub name: String,
    /// The address.
    pub address: Address,
}

impl Mailbox {
    /// An address with a display name.
    #[must_use]
    pub fn new(name: impl Into<String>, address: Address) -> Self {
        Self { name: name.into(), address }
    }

    /// The form in a header: `"Name" <address>`.
    fn written(&self, charset: Charset) -> String {
        if self.name.trim().is_empty() {
            return self.address.to_string();
        }
        format!("{} <{}>", phrase(&self.name, charset), self.address)
    }
}

impl From<Address> for Mailbox {
    fn from(address: Address) -> Self {
        Self { name: String::new(), address }
    }
}

/// What program mail says of itself (RFC 3834 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoSubmitted {
    /// Nobody asked for it: notices, reports.
    Generated,
    /// An answer to a mail: vacation replies, DSNs.
    Replied,
}

/// A mail under construction.
#[derive(Clone)]
pub struct Mail {
    header: Vec<u8>,
    text: String,
    charset: Charset,
}

impl Mail {
    /// Begins a mail. `message_id` is written with or without its angle brackets; the date is shown in
    /// Japan's zone.
    #[must_use]
    pub fn new(from: &Mailbox, date: Timestamp, message_id: &str) -> Self {
        Self::in_charset(from, date, message_id, Charset::Utf8)
    }

    /// The same in another charset.
    pub(crate) fn in_charset(from: &Mailbox, date: Timestamp, message_id: &str, charset: Charset) -> Self {
        let mail = Self { header: Vec::new(), text: String::new(), charset };
        mail.field("From", &from.written(charset))
            .field("Date", &date::rfc5322(date, date::JAPAN))
            .field("Message-ID", &bracketed(message_id))
    }

    /// To.
    #[must_use]
    pub fn to(self, people: &[Mailbox]) -> Self {
        self.people("To", people)
    }

    /// Cc.
    #[must_use]
    pub fn cc(self, people: &[Mailbox]) -> Self {
        self.people("Cc", people)
    }

    /// Bcc; taken out on the way to everybody but the author.
    #[must_use]
    pub fn bcc(self, people: &[Mailbox]) -> Self {
        self.people("Bcc", people)
    }

    /// Reply-To.
    #[must_use]
    pub fn reply_to(self, people: &[Mailbox]) -> Self {
        self.people("Reply-To", people)
    }

    /// Subject, in any characters.
    #[must_use]
    pub fn subject(self, text: &str) -> Self {
        let text = unstructured(text, self.charset);
        self.field("Subject", &text)
    }

    /// Marks it as program mail.
    #[must_use]
    pub fn auto_submitted(self, how: AutoSubmitted) -> Self {
        let word = match how {
            AutoSubmitted::Generated => "auto-generated",
            AutoSubmitted::Replied => "auto-replied",
        };
        self.field("Auto-Submitted", word)
    }

    /// In-Reply-To and References: the Message-ID that this mail answers.
    #[must_use]
    pub fn in_reply_to(self, message_id: &str) -> Self {
        let id = bracketed(message_id);
        self.field("In-Reply-To", &id).field("References", &id)
    }

    /// In-Reply-To, and References with the whole chain, the oldest first (RFC 5322 3.6.4).
    #[must_use]
    pub fn in_thread(self, in_reply_to: &str, references: &[String]) -> Self {
        let chain: Vec<_> = references.iter().map(|id| bracketed(id)).filter(|id| id.len() > 2).collect();
        let mail = self.field("In-Reply-To", &bracketed(in_reply_to));
        if chain.is_empty() { mail } else { mail.field("References", &chain.join(" ")) }
    }

    /// Any other field, its text in any characters.
    #[must_use]
    pub fn header(self, name: &str, text: &str) -> Self {
        let text = unstructured(text, self.charset);
        self.field(name, &text)
    }

    /// The text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// The finished mail.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.header.clone();
        out.extend_from_slice(b"MIME-Version: 1.0\r\n");
        out.extend(text_part(&self.text));
        out
    }

    /// The header so far, as [`Self::into_header`], and the text.
    pub(crate) fn into_parts(self) -> (Vec<u8>, String) {
        (self.header, self.text)
    }

    /// The header so far, without the fields of MIME and without the empty line.
    pub(crate) fn into_header(self) -> Vec<u8> {
        self.header
    }

    fn people(self, name: &str, people: &[Mailbox]) -> Self {
        if people.is_empty() {
            return self;
        }
        let list: Vec<_> = people.iter().map(|person| person.written(self.charset)).collect();
        self.field(name, &list.join(", "))
    }

    /// Adds a field whose value is in its final form; it is folded at blanks.
    fn field(mut self, name: &str, value: &str) -> Self {
        let name: String = name.chars().filter(|c| c.is_ascii_graphic() && *c != ':').collect();
        self.header.extend_from_slice(folded(&name, value).as_bytes());
        self
    }
}

/// A text/plain part: its MIME fields, the empty line, the text.
pub(crate) fn text_part(text: &str) -> Vec<u8> {
    let lines = crlf(text);
    let plain = lines.is_ascii() && lines.split("\r\n").all(|line| line.len() <= 78 && !line.starts_with('.'));
    let (charset, encoding, body) = if plain && !lines.contains(|c: char| c.is_control() && !"\r\n\t".contains(c)) {
        ("us-ascii", "7bit", lines.into_bytes())
    } else {
        ("utf-8", "base64", base64_lines(lines.as_bytes()))
    };
    let fields =
        format!("Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n");
    [fields.into_bytes(), body].concat()
}

/// Every line ended by CRLF, the last one too.
pub(crate) fn crlf(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for line in text.lines() {
        out.push_str(&line.replace('\r', ""));
        out.push_str("\r\n");
    }
    out
}

pub(crate) fn bracketed(message_id: &str) -> String {
    let id: String = message_id.chars().filter(|c| c.is_ascii_graphic() && !"<>".contains(*c)).collect();
    format!("<{id}>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Parsed;
    use types::Limits;

    fn mailbox(name: &str, address: &str) -> Mailbox {
        Mailbox::new(name, Address::parse(address).unwrap())
    }

    fn notice(subject: &str, text: &str) -> Vec<u8> {
        Mail::new(&mailbox("メール管理", "postmaster@example.jp"), Timestamp::from_secs(1_795_501_929), "1@example.jp")
            .to(&[mailbox("山田, 太郎", "taro@example.jp"), mailbox("Doe, Jane", "jane@example.jp")])
            .subject(subject)
            .auto_submitted(AutoSubmitted::Generated)
            .text(text)
            .to_bytes()
    }

    #[test]
    fn a_notice_reads_back_as_it_was_meant() {
        let subject = "【送信保留】見積書の件について、承認者の確認を待っています（受付番号 7F3K-92QA）";
        let text = "山田様\n\n保留しました。\n.\n以上";
        let bytes = notice(subject, text);
        let limits = Limits::default();
        let parsed = Parsed::parse(&bytes, &limits);
        assert_eq!(parsed.subject(), subject);
        assert_eq!(parsed.people("To")[0].name, "山田, 太郎");
        assert_eq!(parsed.people("To")[1].name, "Doe, Jane");
        assert_eq!(parsed.header("Date").unwrap(), "Tue, 24 Nov 2026 15:32:09 +0900");
        assert_eq!(parsed.message_id().unwrap(), "1@example.jp");
        assert!(parsed.auto_submitted());
        assert_eq!(parsed.leaves()[0].text.as_deref().unwrap(), text.replace('\n', "\r\n") + "\r\n");
        assert!(bytes.is_ascii());
        assert!(
            bytes.split(|b| *b == b'\n').all(|line| line.len() <= 78 && (line.is_empty() || line.ends_with(b"\r")))
        );
    }

    #[test]
    fn no_value_adds_a_header_or_a_line() {
        let bytes = notice("x\r\nBcc: evil@example.com\r\n\r\nbody", "a\r\nb\rc\n");
        let limits = Limits::default();
        let parsed = Parsed::parse(&bytes, &limits);
        assert!(parsed.bcc().is_empty());
        assert_eq!(parsed.subject(), "x  Bcc: evil@example.com    body");
        assert_eq!(parsed.leaves()[0].text.as_deref(), Some("a\r\nbc\r\n"));
    }

    proptest::proptest! {
        #[test]
        fn any_subject_and_text_read_back(subject in "[^\\p{C}]{0,80}", text in "[^\\p{C}]{0,200}") {
            let bytes = notice(&subject, &text);
            let limits = Limits::default();
            let parsed = Parsed::parse(&bytes, &limits);
            proptest::prop_assert_eq!(parsed.subject(), subject);
            proptest::prop_assert_eq!(parsed.leaves()[0].text.clone().unwrap().trim_end_matches("\r\n").to_owned(), text);
            proptest::prop_assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 79));
        }
    }
}
