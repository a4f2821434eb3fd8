//! Address lists of header fields (RFC 5322 3.4 with the obsolete forms of 4.4): lenient, in one pass,
//! over raw bytes, so that ENVELOPE shows them as they are written.

use types::Address;

use crate::Raw;
use crate::mime::Cursor;
use crate::summary::MailAddress;
use crate::words;

/// A person or program named in a From, To or Cc field, for people.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The display name, decoded; empty when there is none.
    pub name: String,
    /// The address as written, which may be none that we could send to.
    pub address: String,
}

/// Reads an address list; at most `limit` addresses and marks of groups.
pub(crate) fn parse(value: &[u8], limit: usize) -> Vec<MailAddress> {
    let mut list = List { cursor: Cursor::new(value), out: Vec::new(), in_group: false };
    while list.out.len() < limit && list.step() {}
    if list.in_group {
        list.out.push(MailAddress::default());
    }
    list.out
}

/// Who wrote a mail, by its first field From, as far as these are addresses for us.
#[must_use]
pub fn authors(mail: &[u8]) -> Vec<Address> {
    const MOST: usize = 100;
    let from = crate::fields(mail).find(|field| field.is("From"));
    from.map(|field| usable(&parse(&field.unfolded(), MOST))).unwrap_or_default()
}

/// The addresses of a list that are addresses for us, too.
pub(crate) fn usable(list: &[MailAddress]) -> Vec<Address> {
    list.iter().filter_map(usable_one).collect()
}

fn usable_one(address: &MailAddress) -> Option<Address> {
    let (mailbox, host) = (address.mailbox.as_ref()?.text(), address.host.as_ref()?.text());
    Address::parse(&format!("{mailbox}@{host}")).ok().or_else(|| {
        let quoted = mailbox.replace('\\', "\\\\").replace('"', "\\\"");
        Address::parse(&format!("\"{quoted}\"@{host}")).ok()
    })
}

/// The list for people: names decoded, marks of groups left out.
pub(crate) fn people(list: &[MailAddress]) -> Vec<Person> {
    list.iter()
        .filter(|a| a.is_address())
        .map(|a| Person {
            name: a.name.as_ref().map(|name| words::decode(name)).unwrap_or_default(),
            address: written(a),
        })
        .collect()
}

fn written(address: &MailAddress) -> String {
    let mailbox = address.mailbox.as_ref().map(|m| m.text().into_owned()).unwrap_or_default();
    match address.host.as_ref().map(|h| h.text()) {
        Some(host) if !host.is_empty() => format!("{mailbox}@{host}"),
        _ => mailbox,
    }
}

/// The local part before an `@`, and what stands before it: blanks around dots belong to it (RFC 5322 4.4), other words do
/// not.
fn last_word(phrase: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let parts = |at: &usize| phrase.get(..*at).is_some_and(|before| !before.ends_with(b"."));
    let within = |at: &usize| phrase.get(at + 1).is_none_or(|next| *next != b'.');
    let at = memchr::memrchr_iter(b' ', phrase).find(|at| parts(at) && within(at));
    let (name, local) = at.map_or((&[][..], phrase), |at| phrase.split_at(at));
    (name.to_vec(), local.iter().copied().filter(|byte| *byte != b' ').collect())
}

struct List<'a> {
    cursor: Cursor<'a>,
    out: Vec<MailAddress>,
    in_group: bool,
}

impl List<'_> {
    /// Reads one address, or one mark of a group; false at the end.
    fn step(&mut self) -> bool {
        self.cursor.skip_blanks();
        match self.cursor.peek() {
            None => return false,
            Some(b',') => {
                self.cursor.bump();
            }
            Some(b';') => {
                self.cursor.bump();
                self.end_group();
            }
            Some(b'>' | b')' | b']') => {
                self.cursor.bump();
            }
            Some(_) => self.address(),
        }
        true
    }

    fn end_group(&mut self) {
        if self.in_group {
            self.out.push(MailAddress::default());
            self.in_group = false;
        }
    }

    fn address(&mut self) {
        let (phrase, quoted) = self.words(true);
        match self.cursor.peek() {
            Some(b'<') => {
                let name = Some(Raw(phrase)).filter(|name| !name.is_empty());
                let address = self.angle(name);
                self.out.push(address);
            }
            Some(b':') => {
                self.cursor.bump();
                self.end_group();
                self.out.push(MailAddress { mailbox: Some(Raw(phrase)), ..MailAddress::default() });
                self.in_group = true;
            }
            Some(b'@') => {
                self.cursor.bump();
                let (name, local) = if quoted { (Vec::new(), phrase) } else { last_word(&phrase) };
                let (host, comment) = self.domain();
                self.out.push(MailAddress {
                    name: Some(Raw(name)).filter(|name| !name.is_empty()).or(comment.map(Raw)),
                    route: None,
                    mailbox: Some(Raw(local)),
                    host: Some(Raw(host)),
                });
            }
            _ if phrase.is_empty() => {
                self.cursor.bump();
            }
            _ => self.out.push(MailAddress {
                mailbox: Some(Raw(phrase)),
                host: Some(Raw::default()),
                ..MailAddress::default()
            }),
        }
    }

    /// Reads `<route:local@domain>`.
    fn angle(&mut self, name: Option<Raw>) -> MailAddress {
        self.cursor.bump();
        self.cursor.skip_blanks();
        let route = (self.cursor.peek() == Some(b'@')).then(|| self.route()).filter(|route| !route.is_empty());
        let (mailbox, _) = self.words(false);
        let host = if self.cursor.take(b'@') { self.domain().0 } else { Vec::new() };
        while let Some(byte) = self.cursor.peek() {
            if matches!(byte, b',' | b';') {
                break;
            }
            self.cursor.bump();
            if byte == b'>' {
                break;
            }
        }
        // A comment here is none of its name, as in Dovecot.
        self.cursor.skip_blanks();
        MailAddress { name, route: route.map(Raw), mailbox: Some(Raw(mailbox)), host: Some(Raw(host)) }
    }

    /// The source route of RFC 822, without its colon.
    fn route(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(byte) = self.cursor.peek() {
            match byte {
                b':' => {
                    self.cursor.bump();
                    break;
                }
                b'>' => break,
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => out.push(byte),
            }
            self.cursor.bump();
        }
        out
    }

    /// Atoms and quoted strings up to a special character; with `spaced`, words stand apart by one blank as
    /// in a display name, else they are joined as in a local part. The flag says whether a quoted string was among them.
    fn words(&mut self, spaced: bool) -> (Vec<u8>, bool) {
        let mut out = Vec::new();
        let mut quoted = false;
        let mut gap = false;
        loop {
            let before = self.cursor.peek();
            self.cursor.skip_blanks();
            gap |= matches!(before, Some(b' ' | b'\t' | b'\r' | b'\n' | b'('));
            let Some(byte) = self.cursor.peek() else { return (out, quoted) };
            if matches!(byte, b'<' | b'>' | b'@' | b',' | b';' | b':' | b')') {
                return (out, quoted);
            }
            if gap && spaced && !out.is_empty() {
                out.push(b' ');
            }
            gap = false;
            self.cursor.bump();
            match byte {
                b'"' => {
                    quoted = true;
                    // Quoted strings are words of their own: `x"y"z` is three (RFC 5322 3.2.5).
                    if spaced && !out.is_empty() && !matches!(out.last(), Some(b' ' | b'.')) {
                        out.push(b' ');
                    }
                    out.extend(self.cursor.quoted());
                    gap = !matches!(self.cursor.peek(), Some(b'.' | b'@'));
                }
                0x1b => self.cursor.escape_sequence(&mut out),
                _ => out.push(byte),
            }
        }
    }

    /// A domain or address literal, and the comment that follows it: `a@b (Name)`.
    fn domain(&mut self) -> (Vec<u8>, Option<Vec<u8>>) {
        let mut out = Vec::new();
        let mut comment = None;
        loop {
            let blank = matches!(self.cursor.peek(), Some(b' ' | b'\t' | b'\r' | b'\n'));
            comment = self.cursor.skip_blanks().or(comment);
            match self.cursor.peek() {
                // `a@b c@d`: blanks belong to a domain around its dots alone (RFC 5322 4.4).
                Some(byte) if blank && !matches!(out.last(), None | Some(b'.')) && byte != b'.' => {
                    return (out, comment);
                }
                Some(byte) if !matches!(byte, b'<' | b'>' | b',' | b';' | b'"') => {
                    out.push(byte);
                    self.cursor.bump();
                }
                _ => return (out, comment),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, route, mailbox, host; `-` is what is not there.
    fn shown(value: &str) -> Vec<String> {
        let show = |raw: &Option<Raw>| raw.as_ref().map_or("-".to_owned(), |raw| raw.text().into_owned());
        parse(value.as_bytes(), 100)
            .iter()
            .map(|a| format!("{}|{}|{}|{}", show(&a.name), show(&a.route), show(&a.mailbox), show(&a.host)))
            .collect()
    }

    #[test]
    fn address_lists_are_read_in_every_form() {
        for (value, right) in [
            ("a@b.jp", vec!["-|-|a|b.jp"]),
            ("<a@b.jp>", vec!["-|-|a|b.jp"]),
            ("Taro Yamada <a@b.jp>", vec!["Taro Yamada|-|a|b.jp"]),
            ("\"Yamada, Taro\" <a@b.jp>, c@d", vec!["Yamada, Taro|-|a|b.jp", "-|-|c|d"]),
            ("a@b.jp (Taro (T) Y)", vec!["Taro (T) Y|-|a|b.jp"]),
            ("=?UTF-8?B?6KGo?= =?UTF-8?B?6KGo?= <a@b>", vec!["=?UTF-8?B?6KGo?= =?UTF-8?B?6KGo?=|-|a|b"]),
            ("Group: a@b, c@d;, e@f", vec!["-|-|Group|-", "-|-|a|b", "-|-|c|d", "-|-|-|-", "-|-|e|f"]),
            ("undisclosed-recipients:;", vec!["-|-|undisclosed-recipients|-", "-|-|-|-"]),
            ("undisclosed-recipients:", vec!["-|-|undisclosed-recipients|-", "-|-|-|-"]),
            ("<@x,@y:a@b>", vec!["-|@x,@y|a|b"]),
            ("\"a b\"@c", vec!["-|-|a b|c"]),
            ("a . b @ c . d", vec!["-|-|a.b|c.d"]),
            ("John Q. Public <a@b>", vec!["John Q. Public|-|a|b"]),
            ("taro", vec!["-|-|taro|"]),
            ("Taro <>", vec!["Taro|-||"]),
            ("Taro <a@b, c@d", vec!["Taro|-|a|b", "-|-|c|d"]),
            (",,a@b,,", vec!["-|-|a|b"]),
            ("", vec![]),
            ("a@[192.0.2.1]", vec!["-|-|a|[192.0.2.1]"]),
            ("<a@b> (no name)", vec!["-|-|a|b"]),
            ("x\"y\"z <a@b>", vec!["x y z|-|a|b"]),
            ("\"a\".\"b\"@c", vec!["-|-|a.b|c"]),
            ("Taro Yamada a@b>", vec!["Taro Yamada|-|a|b"]),
            ("a@b c@d", vec!["-|-|a|b", "-|-|c|d"]),
            ("Q. a@b", vec!["-|-|Q.a|b"]),
        ] {
            assert_eq!(shown(value), right, "{value}");
        }
    }

    #[test]
    fn raw_iso_2022_jp_names_do_not_break_the_list() {
        let list = parse(b"\x1b$B\x22%,<:>\x1b(B <a@b>, c@d", 10);
        assert_eq!(list.len(), 2);
        assert_eq!(people(&list)[0].address, "a@b");
    }

    #[test]
    fn the_number_of_addresses_is_bounded() {
        assert_eq!(parse("a@b,".repeat(1000).as_bytes(), 7).len(), 7);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = usable(&parse(&bytes, 50));
        }
    }
}
