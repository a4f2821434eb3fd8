//! What the header of a mail says: to people, to the inspection, to those who deliver it.

use types::Address;

use crate::Parsed;
use crate::addresses::{self, Person};
use crate::summary::MailAddress;
use crate::words;

impl Parsed<'_> {
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
        let described = self.root().leaves().into_iter().filter_map(|(_, part)| part.description.as_ref());
        out.extend(described.map(|raw| ("Content-Description".to_owned(), words::decode(raw))));
        out
    }

    /// Display names and names of groups, a line each.
    fn names(&self, value: &[u8]) -> String {
        let list = addresses::parse(value, self.limits().addresses);
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
        self.envelope().subject.as_ref().map(|raw| words::decode(raw)).unwrap_or_default()
    }

    /// The addresses of From that are addresses.
    #[must_use]
    pub fn from(&self) -> Vec<Address> {
        addresses::usable(&self.envelope().from)
    }

    /// The address of Sender.
    #[must_use]
    pub fn sender(&self) -> Option<Address> {
        addresses::usable(&self.envelope().sender).into_iter().next()
    }

    /// The addresses of To.
    #[must_use]
    pub fn to(&self) -> Vec<Address> {
        addresses::usable(&self.envelope().to)
    }

    /// The addresses of Cc.
    #[must_use]
    pub fn cc(&self) -> Vec<Address> {
        addresses::usable(&self.envelope().cc)
    }

    /// The addresses of Bcc.
    #[must_use]
    pub fn bcc(&self) -> Vec<Address> {
        addresses::usable(&self.envelope().bcc)
    }

    /// The people of an address field (`From`, `To` …), names decoded.
    #[must_use]
    pub fn people(&self, field: &str) -> Vec<Person> {
        let list = self.fields().filter(|f| f.is(field));
        list.flat_map(|f| addresses::people(&addresses::parse(f.value, self.limits().addresses))).collect()
    }

    /// Message-ID without its angle brackets.
    #[must_use]
    pub fn message_id(&self) -> Option<String> {
        let text = self.envelope().message_id.as_ref()?.text().into_owned();
        let text = text.trim().trim_start_matches('<').trim_end_matches('>').to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// The Message-IDs of References and In-Reply-To without brackets, the oldest first, each once.
    #[must_use]
    pub fn references(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for name in ["References", "In-Reply-To"] {
            let text = self.header(name).unwrap_or_default();
            for piece in text.split('<').skip(1).take(self.limits().addresses) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use types::Limits;

    fn with<'a, T>(mail: &'a [u8], look: impl FnOnce(&Parsed<'a>) -> T) -> T {
        look(&Parsed::parse(mail, &Limits::default()))
    }

    #[test]
    fn header_texts_are_those_that_people_write() {
        let mail = "Received: by 123456789018\r\nMessage-ID: <1@x>\r\nSubject: s\r\nSubject: t\r\nComments: c\r\n\
            From: =?UTF-8?B?5bGx55Sw?= <y@x>\r\nTo: \"A, B\" <a@x>, b@x (C), Team: d@x;\r\nX-Note: n\r\n\
            X-MS-Exchange-Id: 1\r\nCc: z@x\r\nContent-Description: d\r\n\r\n";
        let texts = with(mail.as_bytes(), Parsed::header_texts);
        let shown: Vec<_> = texts.iter().map(|(name, text)| format!("{name}={text}")).collect();
        assert_eq!(
            shown,
            [
                "Subject=s",
                "Subject=t",
                "Comments=c",
                "From=山田",
                "To=A, B\nC\nTeam",
                "X-Note=n",
                "Content-Description=d"
            ]
        );
    }

    #[test]
    fn the_header_answers_questions() {
        let mail = b"From: A <a@Example.jp>, bad\r\nTo: b@x.jp\r\nTo: c@x.jp\r\nCc: G: d@x.jp;\r\nBcc: e@x.jp\r\n\
            Sender: s@x.jp\r\nMessage-ID: <id@x>\r\nReferences: <1@x> <2@x>\r\n <id0@x>\r\nIn-Reply-To: <2@x>\r\n\
            Received: a\r\nReceived: b\r\nDelivered-To: b@x.jp\r\nPrecedence: Bulk\r\nAuto-Submitted: no\r\n\r\n";
        with(mail, |parsed| {
            let shown = |list: Vec<Address>| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            assert_eq!(shown(parsed.from()), "a@example.jp");
            assert_eq!(shown(parsed.to()), "b@x.jp c@x.jp");
            assert_eq!(shown(parsed.cc()), "d@x.jp");
            assert_eq!(shown(parsed.bcc()), "e@x.jp");
            assert_eq!(parsed.sender().map(|a| a.to_string()).as_deref(), Some("s@x.jp"));
            assert_eq!(parsed.message_id().as_deref(), Some("id@x"));
            assert_eq!(parsed.references(), ["1@x", "2@x", "id0@x"]);
            assert_eq!(parsed.received_count(), 2);
            assert_eq!(parsed.delivered_to(), ["b@x.jp"]);
            assert!(parsed.is_list() && !parsed.auto_submitted());
        });
    }
}
