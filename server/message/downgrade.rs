//! Header fields with UTF-8 in them (RFC 6532) for readers that have not asked for such (RFC 6856 7, after the manner of
//! RFC 6858): names and texts become encoded words; an address that ASCII cannot write becomes the name of an empty
//! group, so that it is seen and not answered to.

use crate::encode::{Charset, folded, phrase, unstructured, words};
use crate::summary::MailAddress;
use crate::{addresses, fields};

/// Fields that hold addresses.
const PEOPLE: [&str; 13] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Resent-From",
    "Resent-Sender",
    "Resent-To",
    "Resent-Cc",
    "Resent-Bcc",
    "Disposition-Notification-To",
    "Return-Receipt-To",
];
/// Fields that hold free text.
const TEXTS: [&str; 3] = ["Subject", "Comments", "Content-Description"];
/// Most addresses of one field.
const MOST: usize = 10_000;

/// The ASCII form of one field with its line ends. `None`: it stays as it is, being ASCII, no field, or not UTF-8 (then it
/// is of an older time, and its readers guess its charset).
#[must_use]
pub fn downgraded(field: &[u8]) -> Option<Vec<u8>> {
    if field.is_ascii() {
        return None;
    }
    std::str::from_utf8(field).ok()?;
    let field = fields(field).next()?;
    let name = std::str::from_utf8(field.name).ok().filter(|name| name.is_ascii() && !name.is_empty())?;
    let value = field.unfolded();
    let one_of = |names: &[&str]| names.iter().any(|known| field.is(known));
    let value = if one_of(&PEOPLE) {
        people(&addresses::parse(&value, MOST))
    } else if one_of(&TEXTS) {
        unstructured(&crate::decode_words(&value), Charset::Utf8)
    } else {
        runs(&String::from_utf8(value).ok()?)
    };
    Some(folded(name, &value).into_bytes())
}

/// A list of addresses.
fn people(list: &[MailAddress]) -> String {
    let (mut out, mut first) = (String::new(), true);
    for one in list {
        if one.host.is_none() && one.mailbox.is_none() {
            out.push(';');
            continue;
        }
        if !first {
            out.push_str(", ");
        }
        out.push_str(&person(one));
        // what follows the beginning of a group is its first member
        first = one.host.is_none();
    }
    out
}

fn person(one: &MailAddress) -> String {
    let text = |raw: &Option<crate::Raw>| raw.as_ref().map(|raw| raw.text().into_owned()).unwrap_or_default();
    let mailbox = text(&one.mailbox);
    if one.host.is_none() {
        return format!("{}: ", phrase(&crate::decode_words(mailbox.as_bytes()), Charset::Utf8));
    }
    let host = text(&one.host);
    let name = one.name.as_ref().map(|name| crate::decode_words(name)).unwrap_or_default();
    let address = format!("{}@{}", local(&mailbox), idna::domain_to_ascii(&host).unwrap_or_else(|_| host.clone()));
    match (address.is_ascii(), name.is_empty()) {
        (true, true) => address,
        (true, false) => format!("{} <{address}>", phrase(&name, Charset::Utf8)),
        (false, _) => format!("{}:;", words(format!("{name} {mailbox}@{host}").trim(), Charset::Utf8)),
    }
}

/// A local part as it is written: quoted where it must be (RFC 5322 3.4.1).
fn local(mailbox: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    if mailbox.chars().all(plain) {
        return mailbox.to_owned();
    }
    format!("\"{}\"", mailbox.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The value with its runs of other characters than ASCII as encoded words: between quotes too, where old readers look for
/// them in the names of files.
fn runs(value: &str) -> String {
    let (mut out, mut run) = (String::new(), String::new());
    let end = |run: &mut String, out: &mut String| {
        if !run.is_empty() {
            out.push_str(&words(run, Charset::Utf8));
            run.clear();
        }
    };
    for c in value.chars() {
        if c.is_ascii() {
            end(&mut run, &mut out);
            out.push(c);
        } else {
            run.push(c);
        }
    }
    end(&mut run, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii(field: &str) -> String {
        let bytes = downgraded(field.as_bytes()).unwrap();
        assert!(bytes.is_ascii(), "{field}");
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_is_ascii_or_of_an_older_time_stays() {
        assert_eq!(downgraded(b"Subject: plain\r\n"), None);
        assert_eq!(downgraded(b"Subject: \x8c\xa9\x90\xcf\r\n"), None, "Shift_JIS");
        assert_eq!(downgraded("見積り\r\n".as_bytes()), None, "no field");
    }

    #[test]
    fn texts_and_names_become_encoded_words() {
        let subject = ascii("Subject: 見積り の件\r\n");
        assert_eq!(crate::decode_words(subject.trim_end().as_bytes()), "Subject: 見積り の件");
        let from = ascii("From: 山田 太郎 <taro@example.jp>,\r\n \"花子\" <hanako@例え.jp>\r\n");
        assert!(from.contains("<taro@example.jp>,") && from.contains("<hanako@xn--"), "{from}");
        assert!(crate::decode_words(from.as_bytes()).contains("山田 太郎 <taro"), "{from}");
        let long = ascii(&format!("Subject: {}\r\n", "長".repeat(200)));
        assert!(long.lines().all(|line| line.len() <= 78), "{long}");
        assert_eq!(crate::decode_words(long.replace("\r\n", "").as_bytes()).matches('長').count(), 200);
    }

    #[test]
    fn an_address_that_ascii_cannot_write_names_an_empty_group() {
        let to = ascii("To: 太郎 <太郎@example.jp>, a@example.jp\r\n");
        assert!(to.contains(":;, a@example.jp\r\n"), "{to}");
        assert!(crate::decode_words(to.as_bytes()).contains("太郎 太郎@example.jp"), "{to}");
        assert_eq!(ascii("To: 例 <\"a b\"@example.jp>\r\n"), "To: =?UTF-8?B?5L6L?= <\"a b\"@example.jp>\r\n");
        let group = ascii("To: 営業: a@example.jp, b@example.jp;\r\n");
        assert!(group.ends_with("?=: a@example.jp, b@example.jp;\r\n"), "{group}");
    }

    #[test]
    fn other_fields_keep_their_form() {
        let field = ascii("Content-Type: text/csv; name=\"名簿.csv\"\r\n");
        assert_eq!(field, "Content-Type: text/csv; name=\"=?UTF-8?B?5ZCN57C/?=.csv\"\r\n");
    }
}
