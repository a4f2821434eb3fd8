//! A mail that is written while its files come in, piece by piece: its header and text first, then each file in base64. Nothing of
//! it is kept here but the few bytes that do not fill a line yet.

use crate::compose::{Mail, text_part};
use crate::encode::{Charset, base64_lines};
use crate::outgoing::{boundary, file_header};

/// Bytes of one line of base64.
const LINE: usize = 57;

/// A mail under way. Each function answers the next bytes of the mail.
#[derive(Debug)]
pub struct Gathering {
    boundary: String,
    /// What is left of the file under way: less than a line.
    rest: Vec<u8>,
}

impl Gathering {
    /// Begins with the fields of `mail` and its text; `random` are letters and digits for the boundary, at least 16.
    #[must_use]
    pub fn begin(mail: Mail, random: &str) -> (Self, Vec<u8>) {
        let (mut out, text) = mail.into_parts();
        let boundary = boundary(random, &text);
        let fields = format!("MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=\"{boundary}\"\r\n\r\n");
        out.extend_from_slice(fields.as_bytes());
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        out.extend(text_part(&text));
        (Self { boundary, rest: Vec::new() }, out)
    }

    /// Begins a file, after the end of the one before it.
    #[must_use]
    pub fn file(&mut self, name: &str, content_type: &str) -> Vec<u8> {
        let mut out = self.rest_of_file();
        out.extend_from_slice(format!("\r\n--{}\r\n", self.boundary).as_bytes());
        out.extend_from_slice(file_header(name, content_type, Charset::Utf8).as_bytes());
        out
    }

    /// Takes the next bytes of the file.
    #[must_use]
    pub fn bytes(&mut self, chunk: &[u8]) -> Vec<u8> {
        self.rest.extend_from_slice(chunk);
        let whole = self.rest.len() / LINE * LINE;
        let lines = base64_lines(self.rest.get(..whole).unwrap_or_default());
        self.rest.drain(..whole);
        lines
    }

    /// Ends the mail.
    #[must_use]
    pub fn end(mut self) -> Vec<u8> {
        let mut out = self.rest_of_file();
        out.extend_from_slice(format!("\r\n--{}--\r\n", self.boundary).as_bytes());
        out
    }

    fn rest_of_file(&mut self) -> Vec<u8> {
        base64_lines(&std::mem::take(&mut self.rest))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use types::{Address, Limits, Timestamp};

    use super::*;
    use crate::compose::Mailbox;
    use crate::{Parsed, attachments};

    fn mail(text: &str) -> Mail {
        let from = Mailbox::new("山田", Address::parse("taro@yamada.example").unwrap());
        Mail::new(&from, Timestamp(0), "1@aoba.example").subject("Re: 名簿").text(text)
    }

    proptest! {
        #[test]
        fn files_come_out_as_they_came_in_however_they_were_cut(
            files in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..500), 1..4), cut in 1usize..200,
        ) {
            let (mut gathering, mut bytes) = Gathering::begin(mail("お送りします。\n--=_abcdefgh12345678\n"), "abcdefgh12345678");
            for (number, file) in files.iter().enumerate() {
                bytes.extend(gathering.file(&format!("書類{number}.pdf"), "application/pdf"));
                file.chunks(cut).for_each(|chunk| bytes.extend(gathering.bytes(chunk)));
            }
            bytes.extend(gathering.end());
            let limits = Limits::default();
            let read = Parsed::parse(&bytes, &limits);
            let found = attachments::attachments(&read);
            prop_assert_eq!(found.len(), files.len());
            for ((number, file), found) in files.iter().enumerate().zip(&found) {
                prop_assert_eq!(&found.name, &format!("書類{number}.pdf"));
                let content = attachments::original(&read, found).map(std::borrow::Cow::into_owned);
                prop_assert_eq!(content.as_ref(), Some(file));
            }
            prop_assert_eq!(read.subject(), "Re: 名簿");
            prop_assert!(bytes.is_ascii());
        }
    }
}
