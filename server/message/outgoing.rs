//! The mail that a person wrote in the browser, as bytes: header, text, files. The same fields, date, id and
//! boundary give the same bytes.

use types::Timestamp;

use crate::compose::{Mail, Mailbox, crlf, text_part};
use crate::encode::{self, Charset, base64_lines};
use crate::file_name;

/// What a person wrote.
#[derive(Clone, Default)]
pub struct Outgoing {
    /// To.
    pub to: Vec<Mailbox>,
    /// Cc.
    pub cc: Vec<Mailbox>,
    /// Bcc: stands in the mail, so that a draft and the copy in Sent keep it; the way out takes it away.
    pub bcc: Vec<Mailbox>,
    /// The subject.
    pub subject: String,
    /// The text, lines ended by LF or CRLF.
    pub text: String,
    /// The Message-ID that is answered, without brackets.
    pub in_reply_to: Option<String>,
    /// The Message-IDs of the thread without brackets, the oldest first.
    pub references: Vec<String>,
    /// The files.
    pub files: Vec<File>,
    /// The charset of header and text.
    pub charset: Charset,
}

/// A file that goes with a mail.
#[derive(Clone)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its type; what is none becomes `application/octet-stream`.
    pub content_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What the caller's clock and dice gave.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'a> {
    /// The date.
    pub date: Timestamp,
    /// The Message-ID, with or without brackets.
    pub message_id: &'a str,
    /// Random letters and digits for the boundary, at least 16.
    pub boundary: &'a str,
}

impl Outgoing {
    /// The mail, from `from`.
    #[must_use]
    pub fn to_bytes(&self, from: &Mailbox, stamp: &Stamp<'_>) -> Vec<u8> {
        let mail = Mail::in_charset(from, stamp.date, stamp.message_id, self.charset)
            .to(&self.to)
            .cc(&self.cc)
            .bcc(&self.bcc)
            .subject(&self.subject);
        let mail = match &self.in_reply_to {
            Some(id) => mail.in_thread(id, &self.references),
            None => mail,
        };
        let mut out = mail.into_header();
        out.extend_from_slice(b"MIME-Version: 1.0\r\n");
        let text = self.text_part();
        if self.files.is_empty() {
            out.extend(text);
        } else {
            self.multipart(text, &boundary(stamp.boundary, &self.text), &mut out);
        }
        out
    }

    /// The characters of subject, text, names of people and files that the chosen charset does not hold.
    #[must_use]
    pub fn lost_characters(&self) -> Vec<char> {
        if self.charset == Charset::Utf8 {
            return Vec::new();
        }
        let people = self.to.iter().chain(&self.cc).chain(&self.bcc).map(|person| person.name.as_str());
        let texts = people.chain([self.subject.as_str(), self.text.as_str()]);
        encode::lost_characters(&texts.collect::<Vec<_>>().join("\n"))
    }

    fn text_part(&self) -> Vec<u8> {
        if self.charset == Charset::Utf8 || self.text.is_ascii() {
            return text_part(&self.text);
        }
        let lines = crlf(&self.text);
        let encoded: Vec<Vec<u8>> = lines.split("\r\n").map(|line| self.charset.encode(line)).collect();
        let short = encoded.iter().all(|line| line.len() <= 900);
        let (encoding, body) = if short {
            ("7bit", encoded.join(&b"\r\n"[..]))
        } else {
            ("base64", base64_lines(&self.charset.encode(&lines)))
        };
        let label = self.charset.label();
        let fields =
            format!("Content-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n");
        [fields.into_bytes(), body].concat()
    }

    fn multipart(&self, text: Vec<u8>, boundary: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("Content-Type: multipart/mixed;\r\n boundary=\"{boundary}\"\r\n\r\n").as_bytes());
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        out.extend(text);
        for file in &self.files {
            out.extend_from_slice(format!("\r\n--{boundary}\r\n").as_bytes());
            out.extend_from_slice(file_header(&file.name, &file.content_type, self.charset).as_bytes());
            out.extend(base64_lines(&file.bytes));
        }
        out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    }
}

/// The fields of a file and the empty line.
pub(crate) fn file_header(name: &str, content_type: &str, charset: Charset) -> String {
    let name = file_name::safe(name).unwrap_or_else(|| "file".to_owned());
    // A mail as a file is a file: its bytes may not be 7-bit, and message/rfc822 takes no base64.
    let kind = self::content_type(content_type);
    format!(
        "Content-Type: {kind}{}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment{}\r\n\r\n",
        encode::old_parameter("name", &name, charset),
        encode::parameter("filename", &name)
    )
}

/// `type/subtype` without parameters, or that of bytes.
fn content_type(declared: &str) -> String {
    let kind = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c));
    let good = kind.split_once('/').is_some_and(|(media, sub)| token(media) && token(sub));
    let whole = !kind.starts_with("multipart/") && !kind.starts_with("message/");
    if good && whole && kind.len() < 60 { kind } else { "application/octet-stream".to_owned() }
}

/// A boundary that no line of the text begins with.
pub(crate) fn boundary(random: &str, text: &str) -> String {
    let letters: String = random.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    let mut boundary = format!("=_{letters}");
    while text.contains(&boundary) {
        boundary.push('x');
    }
    boundary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Parsed, attachments};
    use types::{Address, Limits};

    fn person(name: &str, address: &str) -> Mailbox {
        Mailbox::new(name, Address::parse(address).unwrap())
    }

    fn written(outgoing: &Outgoing) -> Vec<u8> {
        let stamp = Stamp {
            date: Timestamp::from_secs(1_795_501_929),
            message_id: "1@aoba.example",
            boundary: "abcdefgh12345678",
        };
        outgoing.to_bytes(&person("佐藤 健一", "sato@aoba.example"), &stamp)
    }

    fn example(charset: Charset) -> Outgoing {
        Outgoing {
            to: vec![person("山田 太郎", "taro@yamada.example")],
            cc: vec![person("", "b@yamada.example")],
            bcc: vec![person("鈴木", "suzuki@aoba.example")],
            subject: "10月度名簿の送付について（とても長い件名がここに続き、二行にわたります）".into(),
            text: "山田様\nいつもお世話になっております。\n.\nFrom here\n".into(),
            in_reply_to: Some("0@yamada.example".into()),
            references: vec!["a@x".into(), "0@yamada.example".into()],
            files: vec![
                File {
                    name: "とても長い名前の名簿ファイル（最終版）その２.xlsx".into(),
                    content_type: "application/vnd.ms-excel".into(),
                    bytes: vec![0; 200],
                },
                File { name: "a.txt".into(), content_type: "text/html\r\nX: y".into(), bytes: b"abc".to_vec() },
            ],
            charset,
        }
    }

    #[test]
    fn a_mail_reads_back_as_it_was_written() {
        for charset in [Charset::Utf8, Charset::Iso2022Jp] {
            let outgoing = example(charset);
            let bytes = written(&outgoing);
            assert!(bytes.is_ascii());
            assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 79), "{}", String::from_utf8_lossy(&bytes));
            let limits = Limits::default();
            let parsed = Parsed::parse(&bytes, &limits);
            assert_eq!(parsed.subject(), outgoing.subject);
            assert_eq!(parsed.people("To")[0].name, "山田 太郎");
            assert_eq!(parsed.bcc()[0].to_string(), "suzuki@aoba.example");
            assert_eq!(parsed.references(), ["a@x", "0@yamada.example"]);
            assert_eq!(
                parsed.leaves()[0].text.as_deref().unwrap().trim_end(),
                outgoing.text.trim_end().replace('\n', "\r\n")
            );
            let files = attachments::attachments(&parsed);
            assert_eq!(files[0].name, outgoing.files[0].name);
            assert_eq!((files[0].size, files[1].size), (200, 3));
            assert_eq!(files[1].declared_type, "application/octet-stream");
            assert_eq!(written(&outgoing), bytes);
        }
    }

    #[test]
    fn old_readers_get_their_charset_and_both_forms_of_a_file_name() {
        let text = String::from_utf8(written(&example(Charset::Iso2022Jp))).unwrap();
        assert!(text.contains("Content-Type: text/plain; charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit"));
        assert!(text.contains("=?ISO-2022-JP?B?"));
        assert!(text.contains(" name=\"=?ISO-2022-JP?B?") && text.contains(" filename*0*=UTF-8''"));
        assert!(!text.contains("=?UTF-8?"));
    }

    #[test]
    fn lost_characters_are_told_before_they_are_lost() {
        let mut outgoing = example(Charset::Iso2022Jp);
        outgoing.text = "①㈱髙😀".into();
        assert_eq!(outgoing.lost_characters(), ['①', '㈱', '髙', '😀']);
        outgoing.charset = Charset::Utf8;
        assert!(outgoing.lost_characters().is_empty());
    }

    #[test]
    fn a_text_cannot_forge_a_boundary_or_a_field() {
        let mut outgoing = example(Charset::Utf8);
        outgoing.text = "--=_abcdefgh12345678\r\nContent-Type: text/html\r\n\r\n<b>".into();
        outgoing.subject = "x\r\nBcc: evil@tracker.invalid".into();
        outgoing.in_reply_to = Some("x>\r\nBcc: y".into());
        outgoing.files[0].name = "a\"\r\nX: y.txt".into();
        let bytes = written(&outgoing);
        let limits = Limits::default();
        let parsed = Parsed::parse(&bytes, &limits);
        assert_eq!(parsed.bcc().len(), 1);
        assert_eq!(parsed.root().children.len(), 3);
    }
}
