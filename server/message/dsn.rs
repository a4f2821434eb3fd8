//! Delivery status notifications: multipart/report (RFC 6522) with a part for people, a part for programs
//! (RFC 3464), and the header of the mail or nothing of it.

use types::{Address, Timestamp};

use crate::compose::{AutoSubmitted, Mail, Mailbox, text_part};
use crate::date;

/// What became of a recipient (RFC 3464 2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Given up.
    Failed,
    /// Still trying.
    Delayed,
    /// In the mailbox.
    Delivered,
    /// Handed to a server that reports no further.
    Relayed,
    /// Delivered to an alias or list, further copies are not reported.
    Expanded,
}

impl Action {
    fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::Relayed => "relayed",
            Self::Expanded => "expanded",
        }
    }
}

/// One recipient of the report (RFC 3464 2.3).
#[derive(Debug, Clone)]
pub struct Recipient {
    /// The address that delivery was tried to.
    pub address: Address,
    /// ORCPT as the sender gave it, such as `rfc822;a@example.jp` (RFC 3461 4.2), decoded.
    pub original: Option<String>,
    /// What became of it.
    pub action: Action,
    /// The status code (RFC 3463): class, subject, detail.
    pub status: (u8, u16, u16),
    /// The server that gave the answer.
    pub remote_mta: Option<String>,
    /// Its answer, with the code.
    pub diagnostic: Option<String>,
    /// When it was last tried.
    pub last_attempt: Option<Timestamp>,
    /// Until when it will be tried; for delays.
    pub will_retry_until: Option<Timestamp>,
}

impl Recipient {
    /// A recipient with what every report says of it.
    #[must_use]
    pub fn new(address: Address, action: Action, status: (u8, u16, u16)) -> Self {
        Self {
            address,
            original: None,
            action,
            status,
            remote_mta: None,
            diagnostic: None,
            last_attempt: None,
            will_retry_until: None,
        }
    }
}

/// A report under construction. It goes out with the null sender.
#[derive(Clone)]
pub struct Dsn<'a> {
    /// Who reports, in From.
    pub from: Mailbox,
    /// The sender of the mail.
    pub to: Address,
    /// When the report is written.
    pub date: Timestamp,
    /// The report's own Message-ID.
    pub message_id: String,
    /// The subject, in the sender's language.
    pub subject: String,
    /// The text for people, in the sender's language.
    pub text: String,
    /// This server's name.
    pub reporting_mta: String,
    /// When the mail came in.
    pub arrival: Option<Timestamp>,
    /// ENVID as the sender gave it, decoded (RFC 3461 4.4).
    pub envelope_id: Option<String>,
    /// The recipients.
    pub recipients: Vec<Recipient>,
    /// The header of the mail; `None` when nothing of it may be quoted.
    pub original_header: Option<&'a [u8]>,
}

impl Dsn<'_> {
    /// The finished report.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut parts = vec![text_part(&self.text), self.status_part()];
        parts.extend(self.original_header.map(header_part));
        let boundary = boundary(&self.message_id, &parts);
        let mut out = Mail::new(&self.from, self.date, &self.message_id)
            .to(&[self.to.clone().into()])
            .subject(&self.subject)
            .auto_submitted(AutoSubmitted::Replied)
            .into_header();
        out.extend_from_slice(b"MIME-Version: 1.0\r\n");
        let content_type =
            format!("Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"{boundary}\"\r\n\r\n");
        out.extend_from_slice(content_type.as_bytes());
        for part in parts {
            out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
            out.extend(part);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        out
    }

    fn status_part(&self) -> Vec<u8> {
        let mut out = String::from("Content-Type: message/delivery-status\r\n\r\n");
        let mut field = |name: &str, value: &str| {
            out.push_str(&format!("{name}: {}\r\n", printable(value)));
        };
        field("Reporting-MTA", &format!("dns; {}", self.reporting_mta));
        if let Some(id) = &self.envelope_id {
            field("Original-Envelope-Id", id);
        }
        if let Some(arrival) = self.arrival {
            field("Arrival-Date", &date::rfc5322(arrival, date::JAPAN));
        }
        for recipient in &self.recipients {
            out.push_str("\r\n");
            recipient_fields(recipient, &mut out);
        }
        out.into_bytes()
    }
}

fn recipient_fields(recipient: &Recipient, out: &mut String) {
    let (class, subject, detail) = recipient.status;
    let at = |moment: Option<Timestamp>| moment.map(|at| date::rfc5322(at, date::JAPAN));
    let fields = [
        ("Original-Recipient", recipient.original.clone()),
        ("Final-Recipient", Some(typed_address(&recipient.address))),
        ("Action", Some(recipient.action.word().to_owned())),
        ("Status", Some(format!("{class}.{subject}.{detail}"))),
        ("Remote-MTA", recipient.remote_mta.as_ref().map(|name| format!("dns; {name}"))),
        ("Diagnostic-Code", recipient.diagnostic.as_ref().map(|text| format!("smtp; {text}"))),
        ("Last-Attempt-Date", at(recipient.last_attempt)),
        ("Will-Retry-Until", at(recipient.will_retry_until)),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            out.push_str(&format!("{name}: {}\r\n", printable(&value)));
        }
    }
}

/// `rfc822; a@b`, or the ASCII form of an address that is not ASCII (RFC 6533 3).
fn typed_address(address: &Address) -> String {
    let text = address.to_string();
    if text.is_ascii() {
        return format!("rfc822; {text}");
    }
    let escaped: String =
        text.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("\\x{{{:X}}}", u32::from(c)) }).collect();
    format!("utf-8; {escaped}")
}

/// One line of printable ASCII, short enough for a header line (RFC 5322 2.1.1).
fn printable(value: &str) -> String {
    value.chars().take(900).map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect()
}

fn header_part(header: &[u8]) -> Vec<u8> {
    let encoding = if header.is_ascii() { "7bit" } else { "8bit" };
    let fields = format!("Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n");
    [fields.as_bytes(), header.trim_ascii_end(), b"\r\n"].concat()
}

/// A boundary that stands in none of the parts.
fn boundary(message_id: &str, parts: &[Vec<u8>]) -> String {
    let seed: String = message_id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    let mut boundary = format!("=_{seed}");
    while boundary.len() < 70 && parts.iter().any(|part| memchr::memmem::find(part, boundary.as_bytes()).is_some()) {
        boundary.push('_');
    }
    boundary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Parsed;
    use types::Limits;

    #[test]
    fn a_report_has_its_three_parts() {
        let address = Address::parse("taro@partner.example").unwrap();
        let mut failed = Recipient::new(address.clone(), Action::Failed, (5, 1, 1));
        failed.diagnostic = Some("550 5.1.1 no such\r\nuser".into());
        failed.remote_mta = Some("mx.partner.example".into());
        let odd = Recipient::new(Address::parse("太郎@例え.jp").unwrap(), Action::Delayed, (4, 4, 1));
        let dsn = Dsn {
            from: Mailbox::new("メール配送", Address::parse("postmaster@example.jp").unwrap()),
            to: Address::parse("hanako@example.jp").unwrap(),
            date: Timestamp::from_secs(1_795_501_929),
            message_id: "9@example.jp".into(),
            subject: "配信できませんでした".into(),
            text: "お送りできませんでした。".into(),
            reporting_mta: "mail.example.jp".into(),
            arrival: Some(Timestamp::from_secs(1_795_501_900)),
            envelope_id: Some("QQ1".into()),
            recipients: vec![failed, odd],
            original_header: Some(b"From: hanako@example.jp\r\n--=_9examplejp\r\nSubject: x\r\n\r\n"),
        };
        let bytes = dsn.to_bytes();
        let limits = Limits::default();
        let parsed = Parsed::parse(&bytes, &limits);
        let leaves = parsed.leaves();
        let types: Vec<_> = leaves.iter().map(|leaf| leaf.content_type.as_str()).collect();
        assert_eq!(types, ["text/plain", "message/delivery-status", "text/rfc822-headers"]);
        let status = String::from_utf8(leaves[1].bytes.to_vec()).unwrap();
        assert_eq!(
            status,
            "Reporting-MTA: dns; mail.example.jp\r\nOriginal-Envelope-Id: QQ1\r\n\
             Arrival-Date: Tue, 24 Nov 2026 15:31:40 +0900\r\n\r\n\
             Final-Recipient: rfc822; taro@partner.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\
             Remote-MTA: dns; mx.partner.example\r\nDiagnostic-Code: smtp; 550 5.1.1 no such??user\r\n\r\n\
             Final-Recipient: utf-8; \\x{592A}\\x{90CE}@\\x{4F8B}\\x{3048}.jp\r\nAction: delayed\r\nStatus: 4.4.1\r\n"
        );
        assert!(parsed.auto_submitted());
        assert_eq!(parsed.subject(), "配信できませんでした");
    }
}
