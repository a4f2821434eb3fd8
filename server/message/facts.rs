//! What a reader should know of a mail's author before believing it: a name that shows another address, an
//! answer that goes elsewhere, a domain that only looks like one. What the mail says of its own authentication
//! is no fact and not read.

use types::Address;

use crate::Parsed;

/// What the header says about who wrote a mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The display name of the first author, decoded; empty for none.
    pub name: String,
    /// Its address as written.
    pub address: String,
    /// The address that the name shows although it is another than the author's.
    pub name_shows: Option<String>,
    /// Whether the name holds characters that turn the reading direction or show nothing.
    pub name_is_disguised: bool,
    /// The addresses that an answer goes to, where none of them is the author's.
    pub reply_goes_to: Vec<String>,
    /// Whether there are several authors.
    pub many_authors: bool,
    /// Where the domain is not what it looks like.
    pub odd_domain: Option<OddDomain>,
}

/// A domain that deserves a second look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddDomain {
    /// The name as people read it.
    pub unicode: String,
    /// The name as machines have it (punycode).
    pub ascii: String,
    /// The known domain that it looks like.
    pub looks_like: Option<String>,
}

/// Reads the facts; `known` are the domains that a forger would imitate, such as the company's own.
#[must_use]
pub fn facts(mail: &Parsed<'_>, known: &[&str]) -> Facts {
    let authors = mail.people("From");
    let Some(author) = authors.first() else { return Facts::default() };
    let same = |other: &str| other.trim().eq_ignore_ascii_case(author.address.trim());
    let replies: Vec<String> = mail.people("Reply-To").into_iter().map(|person| person.address).take(10).collect();
    Facts {
        name_shows: shown_address(&author.name).filter(|shown| !same(shown)),
        name_is_disguised: author.name.chars().any(is_disguise),
        reply_goes_to: if replies.iter().any(|address| same(address)) { Vec::new() } else { replies },
        many_authors: authors.len() > 1,
        odd_domain: author.address.rsplit_once('@').and_then(|(_, domain)| odd_domain(domain, known)),
        name: author.name.clone(),
        address: author.address.clone(),
    }
}

/// The address that stands in a name.
fn shown_address(name: &str) -> Option<String> {
    name.split(|c: char| c.is_whitespace() || "<>()\"',;「」".contains(c)).map(|word| word.replace('＠', "@")).find(
        |word| word.contains('@') && Address::parse(word).is_ok_and(|address| address.domain().as_str().contains('.')),
    )
}

fn is_disguise(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

/// Whether a domain is written in other letters than it seems, or looks like one of `known`.
#[must_use]
pub fn odd_domain(domain: &str, known: &[&str]) -> Option<OddDomain> {
    let domain = domain.trim_end_matches('.').to_lowercase();
    let (unicode, _) = idna::domain_to_unicode(&domain);
    let ascii = idna::domain_to_ascii(&domain).unwrap_or_else(|_| domain.clone());
    let own = |name: &&&str| ascii == **name || ascii.strip_suffix(**name).is_some_and(|rest| rest.ends_with('.'));
    if known.iter().any(|name| own(&name)) {
        return None;
    }
    let looks = skeleton(&unicode);
    let looks_like = known.iter().find(|name| {
        let name = skeleton(name);
        looks == name || looks.strip_suffix(&name).is_some_and(|rest| rest.ends_with('.'))
    });
    let international = !unicode.is_ascii() || domain.split('.').any(|label| label.starts_with("xn--"));
    (international || looks_like.is_some()).then(|| OddDomain {
        unicode,
        ascii,
        looks_like: looks_like.map(|name| (*name).to_owned()),
    })
}

/// The name with letters that look alike made one.
fn skeleton(domain: &str) -> String {
    let alike: String = domain
        .chars()
        .filter(|c| !is_disguise(*c))
        .map(|c| match c {
            'а' | 'ɑ' | 'α' | 'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' => 'a',
            'Ь' | 'ь' | 'ƅ' => 'b',
            'с' | 'ϲ' | 'ç' => 'c',
            'ԁ' => 'd',
            'е' | 'ҽ' | 'è' | 'é' | 'ê' | 'ë' | 'ē' => 'e',
            'ɡ' => 'g',
            'һ' => 'h',
            'і' | 'ї' | 'ı' | 'ì' | 'í' | 'î' | 'ï' | 'ī' | '1' | 'l' | 'ӏ' | '|' => 'i',
            'ј' => 'j',
            'к' | 'κ' => 'k',
            'п' | 'ñ' => 'n',
            'о' | 'ο' | 'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | '0' | 'օ' => 'o',
            'р' | 'ρ' => 'p',
            'ԛ' => 'q',
            'ѕ' | '5' => 's',
            'т' | 'τ' => 't',
            'ս' | 'υ' | 'ù' | 'ú' | 'û' | 'ü' | 'ū' => 'u',
            'ν' => 'v',
            'ѡ' | 'ԝ' => 'w',
            'х' | 'χ' => 'x',
            'у' | 'ү' | 'ý' => 'y',
            c => c,
        })
        .collect();
    alike.replace("rn", "m").replace("vv", "w").replace(['-', '_'], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Limits;

    fn read(header: &str) -> Facts {
        let limits = Limits::default();
        facts(&Parsed::parse(format!("{header}\r\n\r\n").as_bytes(), &limits), &["aoba.example"])
    }

    #[test]
    fn a_name_that_shows_another_address_is_told() {
        for (header, right) in [
            ("From: \"taro@aoba.example\" <evil@x.example>", Some("taro@aoba.example")),
            ("From: \"taro <taro@aoba.example>\" <evil@x.example>", Some("taro@aoba.example")),
            ("From: \"TARO@aoba.example\" <taro@aoba.example>", None),
            ("From: Taro <taro@aoba.example>", None),
            ("From: \"taro@home\" <taro@aoba.example>", None),
        ] {
            assert_eq!(read(header).name_shows.as_deref(), right, "{header}");
        }
        assert!(read("From: =?UTF-8?B?YeKArmI=?= <a@x.example>").name_is_disguised);
        assert!(read("From: a@x.example, b@y.example").many_authors);
        assert_eq!(read("Subject: x"), Facts::default());
    }

    #[test]
    fn an_answer_that_goes_elsewhere_is_told() {
        let mail = "From: a@x.example\r\nReply-To: b@y.example";
        assert_eq!(read(mail).reply_goes_to, ["b@y.example"]);
        assert!(read("From: a@x.example\r\nReply-To: A@x.example, b@y.example").reply_goes_to.is_empty());
        assert!(read("From: a@x.example\r\nAuthentication-Results: x; dmarc=pass").reply_goes_to.is_empty());
    }

    #[test]
    fn a_domain_in_other_letters_is_shown_as_machines_have_it() {
        let machine = idna::domain_to_ascii("аoba.example").unwrap();
        for (domain, unicode, looks_like) in [
            ("аoba.example", "аoba.example", Some("aoba.example")),
            (machine.as_str(), "аoba.example", Some("aoba.example")),
            ("a0ba.example", "a0ba.example", Some("aoba.example")),
            ("ao-ba.example", "ao-ba.example", Some("aoba.example")),
            ("青葉.example", "青葉.example", None),
        ] {
            let odd = odd_domain(domain, &["aoba.example"]).unwrap();
            assert_eq!((odd.unicode.as_str(), odd.looks_like.as_deref()), (unicode, looks_like));
            assert_eq!(odd.ascii.starts_with("xn--"), !unicode.is_ascii());
        }
        for domain in ["aoba.example", "AOBA.example", "mail.aoba.example", "yamada.example", "minato.example"] {
            assert_eq!(odd_domain(domain, &["aoba.example"]), None, "{domain}");
        }
    }
}
