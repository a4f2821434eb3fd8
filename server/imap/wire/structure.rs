//! ENVELOPE, BODY and BODYSTRUCTURE (RFC 3501 7.4.2) from a mail's summary; where the RFC leaves a choice, as
//! Dovecot writes them.

use message::{HeaderSummary, MailAddress, Param, Part, PartKind, Raw};

use super::write::{nstring, string};

/// Writes an ENVELOPE. `hide_bcc`: this copy does not show Bcc.
pub fn envelope(out: &mut Vec<u8>, header: &HeaderSummary, hide_bcc: bool) {
    out.push(b'(');
    raw(out, header.date.as_ref());
    out.push(b' ');
    raw(out, header.subject.as_ref());
    let bcc = if hide_bcc { &[][..] } else { &header.bcc };
    let lists = [&header.from, header.sender_or_from(), header.reply_to_or_from(), &header.to, &header.cc, bcc];
    for list in lists {
        out.push(b' ');
        addresses(out, list);
    }
    out.push(b' ');
    raw(out, header.in_reply_to.as_ref());
    out.push(b' ');
    raw(out, header.message_id.as_ref());
    out.push(b')');
}

fn raw(out: &mut Vec<u8>, value: Option<&Raw>) {
    nstring(out, value.map(|value| &**value));
}

/// Several words without an address are a name.
fn shown(address: &MailAddress) -> std::borrow::Cow<'_, MailAddress> {
    use std::borrow::Cow;
    let words = |raw: &Raw| raw.contains(&b' ') && !raw.contains(&b'@');
    let (Some(mailbox), Some(host), None) = (&address.mailbox, &address.host, &address.name) else {
        return Cow::Borrowed(address);
    };
    if !host.is_empty() || !words(mailbox) {
        return Cow::Borrowed(address);
    }
    Cow::Owned(MailAddress { name: Some(mailbox.clone()), mailbox: Some(Raw::default()), ..address.clone() })
}

fn addresses(out: &mut Vec<u8>, list: &[MailAddress]) {
    if list.is_empty() {
        out.extend_from_slice(b"NIL");
        return;
    }
    out.push(b'(');
    for address in list.iter().map(shown) {
        let missing: &[u8] = if address.is_address() { b"MISSING_MAILBOX" } else { b"" };
        out.push(b'(');
        raw(out, address.name.as_ref());
        out.push(b' ');
        raw(out, address.route.as_ref());
        out.push(b' ');
        there(out, address.mailbox.as_ref(), missing);
        out.push(b' ');
        there(out, address.host.as_ref(), b"MISSING_DOMAIN");
        out.push(b')');
    }
    out.push(b')');
}

/// Half of an address. Only groups may have NIL for one, so Dovecot names what is missing.
fn there(out: &mut Vec<u8>, half: Option<&Raw>, missing: &[u8]) {
    match half {
        Some(half) if half.is_empty() => string(out, missing),
        half => raw(out, half),
    }
}

/// Writes BODY, or with `extended` BODYSTRUCTURE.
pub fn body(out: &mut Vec<u8>, part: &Part, extended: bool) {
    out.push(b'(');
    if part.kind == PartKind::Multipart {
        for child in &part.children {
            body(out, child, extended);
        }
        if part.children.is_empty() {
            // The grammar has no multipart without a part: Dovecot shows one that is empty.
            out.extend_from_slice(b"(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0");
            out.extend_from_slice(if extended { b" NIL NIL NIL NIL)" } else { b")" });
        }
        out.push(b' ');
        word(out, &part.subtype);
        if extended {
            out.push(b' ');
            params(out, &part.params);
            disposition_and_on(out, part);
        }
    } else {
        single(out, part, extended);
    }
    out.push(b')');
}

fn single(out: &mut Vec<u8>, part: &Part, extended: bool) {
    word(out, &part.media_type);
    out.push(b' ');
    word(out, &part.subtype);
    out.push(b' ');
    let charset = Param { name: "charset".to_owned(), value: Raw::from("us-ascii") };
    let named = part.params.iter().any(|param| param.name.eq_ignore_ascii_case("charset"));
    if part.kind == PartKind::Text && !named {
        let all: Vec<Param> = part.params.iter().cloned().chain([charset]).collect();
        params(out, &all);
    } else {
        params(out, &part.params);
    }
    out.push(b' ');
    raw(out, part.id.as_ref());
    out.push(b' ');
    raw(out, part.description.as_ref());
    out.push(b' ');
    word(out, &part.encoding);
    out.extend_from_slice(format!(" {}", part.size()).as_bytes());
    if let (PartKind::Message, Some(header), Some(child)) = (part.kind, &part.message, part.children.first()) {
        out.push(b' ');
        envelope(out, header, false);
        out.push(b' ');
        body(out, child, extended);
    }
    // The lines of a message part stand there only together with its envelope and body.
    let whole_message = part.kind == PartKind::Message && part.message.is_some() && !part.children.is_empty();
    if part.kind == PartKind::Text || whole_message {
        out.extend_from_slice(format!(" {}", part.lines).as_bytes());
    }
    if extended {
        out.push(b' ');
        raw(out, part.md5.as_ref());
        disposition_and_on(out, part);
    }
}

/// Disposition, language and location, which end both forms of BODYSTRUCTURE.
fn disposition_and_on(out: &mut Vec<u8>, part: &Part) {
    out.push(b' ');
    match &part.disposition {
        Some(disposition) => {
            out.push(b'(');
            word(out, &disposition.kind);
            out.push(b' ');
            params(out, &disposition.params);
            out.push(b')');
        }
        None => out.extend_from_slice(b"NIL"),
    }
    out.push(b' ');
    match part.language.as_slice() {
        [] => out.extend_from_slice(b"NIL"),
        several => {
            out.push(b'(');
            for (i, language) in several.iter().enumerate() {
                if i > 0 {
                    out.push(b' ');
                }
                word(out, language);
            }
            out.push(b')');
        }
    }
    out.push(b' ');
    raw(out, part.location.as_ref());
}

fn params(out: &mut Vec<u8>, list: &[Param]) {
    if list.is_empty() {
        out.extend_from_slice(b"NIL");
        return;
    }
    out.push(b'(');
    for (i, param) in list.iter().enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        word(out, &param.name);
        out.push(b' ');
        string(out, &param.value);
    }
    out.push(b')');
}

fn word(out: &mut Vec<u8>, text: &str) {
    string(out, text.as_bytes());
}

#[cfg(test)]
mod tests {
    use message::Parsed;
    use proptest::prelude::*;
    use types::Limits;

    use super::*;
    use crate::wire::cursor::Cursor;

    fn shown(mail: &[u8], extended: bool) -> String {
        let mut out = Vec::new();
        body(&mut out, &Parsed::parse(mail, &Limits::default()).summary().root, extended);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_envelope_is_written_as_rfc_3501_shows() {
        let mail = b"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\nFrom: Terry Gray <gray@cac.washington.edu>\r\n\
            Subject: IMAP4rev1 WG mtg summary\r\nTo: imap@cac.washington.edu\r\ncc: minutes@CNRI.Reston.VA.US,\r\n \
            John Klensin <KLENSIN@MIT.EDU>\r\nBcc: x@y.example\r\nMessage-Id: <B27397-0100000@cac.washington.edu>\r\n\r\nx\r\n";
        let summary = Parsed::parse(mail, &Limits::default()).summary();
        let mut out = Vec::new();
        envelope(&mut out, &summary.header, true);
        let from = "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\"))";
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!(
                "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary\" {from} {from} {from} \
                 ((NIL NIL \"imap\" \"cac.washington.edu\")) ((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")\
                 (\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL \"<B27397-0100000@cac.washington.edu>\")"
            )
        );
    }

    #[test]
    fn a_mail_without_a_content_type_is_us_ascii_text() {
        assert_eq!(
            shown(b"Subject: a\r\n\r\none\r\ntwo\r\n", true),
            "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 10 2 NIL NIL NIL NIL)"
        );
    }

    #[test]
    fn what_is_missing_of_an_address_is_named_as_dovecot_names_it() {
        let mail = b"From: Taro\r\nTo: Taro Yamada, <@b>, a@\r\nCc: G:;\r\nBcc: :x@y;\r\n\r\n";
        let mut out = Vec::new();
        envelope(&mut out, &Parsed::parse(mail, &Limits::default()).summary().header, false);
        let text = String::from_utf8(out).unwrap();
        for part in [
            "((NIL NIL \"Taro\" \"MISSING_DOMAIN\"))",
            "((\"Taro Yamada\" NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\")",
            "(NIL NIL \"a\" \"MISSING_DOMAIN\"))",
            "((NIL NIL \"G\" NIL)(NIL NIL NIL NIL))",
            "((NIL NIL \"\" NIL)(NIL NIL \"x\" \"y\")(NIL NIL NIL NIL))",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn a_multipart_without_a_part_shows_an_empty_one() {
        let part = "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0";
        let mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\nnothing\r\n";
        assert_eq!(shown(mail, false), format!("({part}) \"mixed\")"));
        assert_eq!(shown(mail, true), format!("({part} NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL NIL)"));
    }

    #[test]
    fn a_multipart_with_an_attached_mail() {
        let mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhi\r\n\
            --b\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"a.eml\"\r\n\r\nSubject: in\r\n\r\nx\r\n--b--\r\n";
        assert_eq!(
            shown(mail, true),
            "((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 2 0 NIL NIL NIL NIL)\
             (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 16 (NIL \"in\" NIL NIL NIL NIL NIL NIL NIL NIL) \
             (\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 1 0 NIL NIL NIL NIL) 2 NIL \
             (\"attachment\" (\"filename\" \"a.eml\")) NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL NIL)"
        );
        assert!(shown(mail, false).ends_with("\"mixed\")"));
    }

    proptest! {
        #[test]
        fn every_structure_is_balanced(mail in "(Content-Type: (multipart/mixed; boundary=b|message/rfc822|text/plain)\r\n|\r\n|--b\r\n|--b--\r\n|x\r\n|\"){0,20}") {
            let text = shown(mail.as_bytes(), true);
            let mut cursor = Cursor::new(text.as_bytes());
            prop_assert!(balanced(&mut cursor) && cursor.is_empty(), "{text}");
        }
    }

    fn balanced(cursor: &mut Cursor<'_>) -> bool {
        if !cursor.take(b'(') {
            return cursor.string().is_ok() || cursor.atom().is_ok();
        }
        while !cursor.take(b')') {
            cursor.take(b' ');
            if cursor.is_empty() || !balanced(cursor) {
                return false;
            }
        }
        true
    }
}
