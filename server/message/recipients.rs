//! Recipients as people type them: names and addresses between commas, semicolons and line ends, in half and
//! full width. What is wrong is named, the rest is taken.

use std::collections::HashSet;

use types::{Address, AddressError};

use crate::compose::Mailbox;

/// Most bytes that are read.
const INPUT: usize = 256 << 10;

/// What was typed into a field of recipients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipients {
    /// Those that are addresses, each address once.
    pub people: Vec<Mailbox>,
    /// Those that are none.
    pub wrong: Vec<Wrong>,
}

/// A recipient that is no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What was typed.
    pub text: String,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// No `@` in it.
    #[error("there is no @ in it")]
    NoAt,
    /// More than one `@`.
    #[error("there is more than one @ in it")]
    ManyAts,
    /// Nothing before the `@`.
    #[error("there is nothing before the @")]
    NoLocalPart,
    /// Nothing after the `@`.
    #[error("there is nothing after the @")]
    NoDomain,
    /// A blank inside.
    #[error("there is a blank in it")]
    Blank,
    /// A character that may not stand before the `@`.
    #[error("the character {0:?} may not stand before the @")]
    Character(char),
    /// What follows the `@` is no domain name.
    #[error("what follows the @ is not a domain name")]
    BadDomain,
    /// The domain has no dot in it.
    #[error("the domain has no dot in it")]
    NoDot,
    /// It is too long.
    #[error("the address is too long")]
    TooLong,
    /// A bracket or quote is not closed.
    #[error("a bracket or a quote is not closed")]
    Open,
}

/// Reads a field of recipients.
#[must_use]
pub fn recipients(typed: &str) -> Recipients {
    let mut out = Recipients::default();
    let mut known = HashSet::new();
    let typed = typed.get(..typed.floor_char_boundary(INPUT)).unwrap_or_default();
    for piece in pieces(typed) {
        for one in one_or_more(&piece) {
            match person(one) {
                Ok(person) if known.insert(person.address.clone()) => out.people.push(person),
                Ok(_) => {}
                Err(why) => out.wrong.push(Wrong { text: one.to_owned(), why }),
            }
        }
    }
    out
}

/// What stands between separators that are in no quote and no bracket.
fn pieces(typed: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let (mut quoted, mut angle, mut escaped) = (false, false, false);
    for c in typed.chars().map(half_width_sign) {
        let separator = matches!(c, ',' | ';' | '、' | '\n' | '\r') && !escaped && (!quoted && !angle || c == '\n');
        if separator {
            (quoted, angle) = (false, false);
            out.push(String::new());
            continue;
        }
        match c {
            '"' if !escaped => quoted = !quoted,
            '<' if !quoted => angle = true,
            '>' if !quoted => angle = false,
            _ => {}
        }
        escaped = c == '\\' && quoted && !escaped;
        if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out.into_iter().map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).collect()
}

/// Signs that a Japanese keyboard writes in full width.
fn half_width_sign(c: char) -> char {
    match c {
        '，' => ',',
        '；' => ';',
        '＜' => '<',
        '＞' => '>',
        '＠' => '@',
        '“' | '”' | '＂' => '"',
        '\u{3000}' => ' ',
        c => c,
    }
}

/// Addresses with only blanks between them are several.
fn one_or_more(piece: &str) -> Vec<&str> {
    let words: Vec<_> = piece.split_whitespace().collect();
    let all_addresses = words.len() > 1 && words.iter().all(|word| Address::parse(&half_width(bare(word))).is_ok());
    if all_addresses { words } else { vec![piece] }
}

fn bare(word: &str) -> &str {
    word.trim_start_matches('<').trim_end_matches('>')
}

/// `Name <address>`, `address (Name)`, `address`.
fn person(text: &str) -> Result<Mailbox, Why> {
    if let Some((name, rest)) = text.rsplit_once('<') {
        let address = rest.strip_suffix('>').ok_or(Why::Open)?;
        return Ok(Mailbox::new(unquoted(name)?, address_of(address)?));
    }
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    if let Some((address, name)) = text.split_once('(') {
        let name = name.strip_suffix(')').ok_or(Why::Open)?;
        return Ok(Mailbox::new(name.trim(), address_of(address)?));
    }
    Ok(Mailbox::from(address_of(text)?))
}

fn unquoted(name: &str) -> Result<String, Why> {
    let name = name.trim();
    let Some(inner) = name.strip_prefix('"') else { return Ok(name.to_owned()) };
    let inner = inner.strip_suffix('"').ok_or(Why::Open)?;
    Ok(inner.replace("\\\"", "\"").replace("\\\\", "\\"))
}

fn address_of(text: &str) -> Result<Address, Why> {
    let text = half_width(text.trim());
    let quoted = text.starts_with('"');
    let (local, domain) = text.rsplit_once('@').ok_or(Why::NoAt)?;
    if !quoted && local.contains('@') {
        return Err(Why::ManyAts);
    }
    if !quoted && text.contains(char::is_whitespace) {
        return Err(Why::Blank);
    }
    let address = Address::parse(&text).map_err(|error| match error {
        AddressError::NoDomain => Why::NoDomain,
        AddressError::NoLocalPart => Why::NoLocalPart,
        AddressError::TooLong => Why::TooLong,
        AddressError::BadDomain => Why::BadDomain,
        AddressError::BadLocalPart => {
            Why::Character(local.chars().find(|c| c.is_control() || "()<>[]:;,\\\"".contains(*c)).unwrap_or('"'))
        }
    })?;
    if domain.contains('.') || address.domain().is_literal() { Ok(address) } else { Err(Why::NoDot) }
}

/// Full-width letters, digits and signs as ASCII.
fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '。' => '.',
            c => c,
        })
        .collect()
}

/// People as they stand in a field of a form: what [`recipients`] reads back.
#[must_use]
pub fn typed(people: &[Mailbox]) -> String {
    let one = |person: &Mailbox| {
        if person.name.is_empty() {
            return person.address.to_string();
        }
        let plain = !person.name.contains([
            ',', ';', '<', '>', '"', '(', ')', '@', '\\', '、', '，', '；', '＜', '＞', '＠', '“', '”', '＂',
            '\u{3000}', '\n', '\r',
        ]);
        match plain {
            true => format!("{} <{}>", person.name, person.address),
            false => {
                format!("\"{}\" <{}>", person.name.replace('\\', "\\\\").replace('"', "\\\""), person.address)
            }
        }
    };
    people.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Vec<String> {
        let read = recipients(typed);
        let good = read.people.iter().map(|p| format!("{}|{}", p.name, p.address));
        good.chain(read.wrong.iter().map(|w| format!("!{}|{:?}", w.text, w.why))).collect()
    }

    #[test]
    fn recipients_are_read_as_people_type_them() {
        for (typed, right) in [
            ("a@b.jp", vec!["|a@b.jp"]),
            ("a@b.jp, c@d.jp; e@f.jp\ng@h.jp、i@j.jp", vec!["|a@b.jp", "|c@d.jp", "|e@f.jp", "|g@h.jp", "|i@j.jp"]),
            ("山田 太郎 <taro@b.jp>", vec!["山田 太郎|taro@b.jp"]),
            ("\"山田, 太郎\" <taro@b.jp>, x@y.jp", vec!["山田, 太郎|taro@b.jp", "|x@y.jp"]),
            ("山田＜ｔａｒｏ＠ｂ．ｊｐ＞", vec!["山田|taro@b.jp"]),
            ("taro@b.jp (山田)", vec!["山田|taro@b.jp"]),
            ("a@b.jp c@d.jp", vec!["|a@b.jp", "|c@d.jp"]),
            ("a@b.jp, A@B.JP", vec!["|a@b.jp"]),
            ("mailto:a@b.jp", vec!["|a@b.jp"]),
            (" , ;\n", vec![]),
            ("taro", vec!["!taro|NoAt"]),
            ("taro@", vec!["!taro@|NoDomain"]),
            ("@b.jp", vec!["!@b.jp|NoLocalPart"]),
            ("a@@b.jp", vec!["!a@@b.jp|ManyAts"]),
            ("a b@c.jp", vec!["!a b@c.jp|Blank"]),
            ("a@b..jp", vec!["!a@b..jp|BadDomain"]),
            ("a@localhost", vec!["!a@localhost|NoDot"]),
            ("a[b@c.jp", vec!["!a[b@c.jp|Character('[')"]),
            ("山田 <a@b.jp", vec!["!山田 <a@b.jp|Open"]),
        ] {
            assert_eq!(read(typed), right, "{typed}");
        }
        assert_eq!(read(&format!("{}@b.jp", "x".repeat(70)))[0].split('|').nth(1), Some("TooLong"));
    }

    proptest::proptest! {
        #[test]
        fn what_a_form_shows_reads_back(name in "[a-z ,;<>\"\\\\()@山田、＠]{0,12}", n in 1usize..4) {
            let people: Vec<_> = (0..n).map(|i| Mailbox::new(name.trim(), Address::parse(&format!("a{i}@b.jp")).unwrap())).collect();
            let read = recipients(&typed(&people));
            proptest::prop_assert!(read.wrong.is_empty(), "{:?}", read.wrong);
            proptest::prop_assert_eq!(read.people.len(), n);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = recipients(&text);
        }
    }
}
