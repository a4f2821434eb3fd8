//! Mailbox names on the wire: modified UTF-7 (RFC 3501 5.1.3), INBOX in any case, and LIST's patterns.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::cursor::{Parsed, wrong};

/// The separator of levels.
pub const SEPARATOR: char = '/';

/// A mailbox name as people write it: Unicode, levels separated by `/`, INBOX in capitals. Names are equal that mean one
/// mailbox, in whatever form they came.
#[derive(Debug, Clone)]
pub struct MailboxName {
    kept: String,
    /// As it came, where that is another form.
    supplied: Option<String>,
}

impl PartialEq for MailboxName {
    fn eq(&self, other: &Self) -> bool {
        self.kept == other.kept
    }
}

impl Eq for MailboxName {}

impl MailboxName {
    /// Reads a name as it came over the wire: in modified UTF-7. Names that are UTF-8 already are taken too, since
    /// clients send them.
    ///
    /// # Errors
    /// The name is empty, too long, holds a control character or an empty level, or is no modified UTF-7.
    pub fn parse(bytes: &[u8]) -> Parsed<Self> {
        Self::parse_as(bytes, false)
    }

    /// The same; with `utf8` an ampersand stands for itself (RFC 9755 3, RFC 9051 5.1).
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_as(bytes: &[u8], utf8: bool) -> Parsed<Self> {
        let Some(name) = text(bytes, utf8) else { return wrong("The mailbox name is not valid") };
        // RFC 9051 6.3.4: it declares that levels will follow, and is no part of the name
        let name = name.strip_suffix(SEPARATOR).unwrap_or(&name);
        if name.len() > 1_000 || name.chars().any(char::is_control) {
            return wrong("The mailbox name is too long or holds a control character");
        }
        if name.split(SEPARATOR).any(str::is_empty) {
            return wrong("The mailbox name has an empty level");
        }
        let kept = capital_inbox(&composed(name));
        Ok(Self { supplied: (kept != name).then(|| name.to_owned()), kept })
    }

    /// The name, in the form in which it is kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.kept
    }

    /// The name as the client wrote it.
    #[must_use]
    pub fn supplied(&self) -> &str {
        self.supplied.as_ref().unwrap_or(&self.kept)
    }
}

/// In the form of Net-Unicode (RFC 5198, RFC 9051 5.1), as the store keeps names.
fn composed(name: &str) -> Cow<'_, str> {
    if is_nfc(name) { Cow::Borrowed(name) } else { Cow::Owned(name.nfc().collect()) }
}

/// INBOX and the levels below it are written with INBOX in capitals.
fn capital_inbox(name: &str) -> String {
    match name.split_at_checked(5) {
        Some((head, rest))
            if head.eq_ignore_ascii_case("INBOX") && (rest.is_empty() || rest.starts_with(SEPARATOR)) =>
        {
            format!("INBOX{rest}")
        }
        _ => name.to_owned(),
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// A name as modified UTF-7.
#[must_use]
pub fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut units: Vec<u16> = Vec::new();
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            shift_out(&mut units, &mut out);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    shift_out(&mut units, &mut out);
    out
}

/// Writes the units collected as base64 between `&` and `-`, and empties them.
fn shift_out(units: &mut Vec<u16>, out: &mut String) {
    if units.is_empty() {
        return;
    }
    out.push('&');
    let (mut bits, mut count) = (0u32, 0u32);
    for unit in units.drain(..) {
        bits = bits << 16 | u32::from(unit);
        count += 16;
        while count >= 6 {
            count -= 6;
            out.push(letter(bits >> count));
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        out.push(letter(bits << (6 - count)));
    }
    out.push('-');
}

fn letter(bits: u32) -> char {
    ALPHABET.get((bits & 63) as usize).copied().map_or('A', char::from)
}

fn text(bytes: &[u8], utf8: bool) -> Option<String> {
    if utf8 { String::from_utf8(bytes.to_vec()).ok() } else { decode(bytes) }
}

/// Reads modified UTF-7, or plain UTF-8; `None` when it is neither.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    if !text.is_ascii() {
        return Some(text.to_owned());
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let (coded, after) = behind.split_once('-')?;
        if coded.is_empty() {
            out.push('&');
        } else {
            out.push_str(&shift_in(coded)?);
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The text of a base64 run.
fn shift_in(coded: &str) -> Option<String> {
    let (mut bits, mut count) = (0u32, 0u32);
    let mut units = Vec::with_capacity(coded.len());
    for byte in coded.bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == byte)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push(u16::try_from(bits >> count & 0xffff).ok()?);
        }
        bits &= (1 << count) - 1;
    }
    // What is left over are fill bits: fewer than a letter's worth, and zero.
    (count < 6 && bits == 0).then(|| String::from_utf16(&units).ok())?
}

/// A LIST pattern: `*` any characters, `%` any but the separator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// The pattern of a LIST with `reference` before it (RFC 3501 6.3.8).
    ///
    /// # Errors
    /// Not modified UTF-7, or too long.
    pub fn parse(reference: &[u8], pattern: &[u8]) -> Parsed<Self> {
        Self::parse_as(reference, pattern, false)
    }

    /// The same; with `utf8` an ampersand stands for itself.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_as(reference: &[u8], pattern: &[u8], utf8: bool) -> Parsed<Self> {
        let (Some(reference), Some(pattern)) = (text(reference, utf8), text(pattern, utf8)) else {
            return wrong("The mailbox pattern is not valid");
        };
        let pattern = format!("{reference}{pattern}");
        if pattern.len() > 1_000 {
            return wrong("The mailbox pattern is too long");
        }
        Ok(Self(capital_inbox(&composed(&pattern))))
    }

    /// Whether nothing was asked for: then LIST tells the separator.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `name` matches; INBOX in any case.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        glob(self.0.as_bytes(), name.as_bytes())
            || (name == "INBOX" && glob(self.0.to_ascii_uppercase().as_bytes(), b"INBOX"))
    }
}

/// Matching in time pattern × name: the set of places in the pattern that can be reached is carried along.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let mut reached = vec![false; pattern.len() + 1];
    let close = |reached: &mut Vec<bool>| {
        for (i, byte) in pattern.iter().enumerate() {
            if reached.get(i) == Some(&true)
                && matches!(byte, b'*' | b'%')
                && let Some(next) = reached.get_mut(i + 1)
            {
                *next = true;
            }
        }
    };
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    close(&mut reached);
    for byte in name {
        let mut next = vec![false; pattern.len() + 1];
        for (i, wanted) in pattern.iter().enumerate() {
            if reached.get(i) != Some(&true) {
                continue;
            }
            let stays = *wanted == b'*' || (*wanted == b'%' && *byte != b'/');
            let to = if stays { i } else { i + 1 };
            if (stays || wanted == byte)
                && let Some(place) = next.get_mut(to)
            {
                *place = true;
            }
        }
        close(&mut next);
        reached = next;
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_written_as_rfc_3501_shows() {
        for (name, wire) in [
            ("INBOX", "INBOX"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("A&B", "A&-B"),
            ("送信済み", "&kAFP4W4IMH8-"),
            ("😀", "&2D3eAA-"),
        ] {
            assert_eq!(encode(name), wire);
            assert_eq!(decode(wire.as_bytes()).as_deref(), Some(name));
        }
    }

    #[test]
    fn broken_names_are_refused() {
        for wire in ["&", "&AA", "&!-", "&2D0-", "&ZeVnLIqeA-"] {
            assert_eq!(decode(wire.as_bytes()), None, "{wire}");
        }
        for wire in ["", "/", "a//b", "/a", "a\tb"] {
            assert!(MailboxName::parse(wire.as_bytes()).is_err(), "{wire}");
        }
    }

    #[test]
    fn a_name_is_kept_in_one_form_and_known_as_it_came() {
        for (wire, name, supplied) in [
            ("INBOX", "INBOX", "INBOX"),
            ("inbox", "INBOX", "inbox"),
            ("InBox/a", "INBOX/a", "InBox/a"),
            ("inboxes", "inboxes", "inboxes"),
            ("a/", "a", "a"),
            ("inbox/", "INBOX", "inbox"),
            ("か\u{3099}/e\u{301}", "が/é", "か\u{3099}/e\u{301}"),
            ("&MEswmQ-", "が", "か\u{3099}"),
        ] {
            let read = MailboxName::parse(wire.as_bytes()).unwrap();
            assert_eq!((read.as_str(), read.supplied()), (name, supplied), "{wire}");
            assert_eq!(read, MailboxName::parse(name.as_bytes()).unwrap());
        }
    }

    #[test]
    fn patterns_match_as_rfc_3501_says() {
        for (pattern, name, want) in [
            ("*", "a/b/c", true),
            ("%", "a", true),
            ("%", "a/b", false),
            ("a/%", "a/b", true),
            ("a/%", "a/b/c", false),
            ("%/b", "a/b", true),
            ("*b*", "abc", true),
            ("inbox", "INBOX", true),
            ("in%", "INBOX", true),
            ("INBOX", "Inboxes", false),
            ("日%", "日本", true),
            ("か\u{3099}%", "がく", true),
            ("", "a", false),
        ] {
            assert_eq!(Pattern::parse(b"", pattern.as_bytes()).unwrap().matches(name), want, "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_costs_little() {
        let pattern = Pattern::parse(b"", "*a".repeat(400).as_bytes()).unwrap();
        assert!(!pattern.matches(&"a".repeat(399)));
    }

    proptest! {
        #[test]
        fn every_name_comes_back(name in "\\PC{0,40}") {
            let wire = encode(&name);
            prop_assert!(wire.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            let decoded = decode(wire.as_bytes());
            prop_assert_eq!(decoded.as_deref(), Some(name.as_str()));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = MailboxName::parse(&bytes);
            let _ = Pattern::parse(b"", &bytes);
        }
    }
}
