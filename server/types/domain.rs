//! Domains of mail addresses: names as people or machines spell them, and address literals (RFC 5321 4.1.2, RFC 5890).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::AddressError;

/// A domain name in lower case, or an address literal; never empty. It keeps the spelling in which it was written, as people
/// have it (U-labels) or machines (A-labels, RFC 5890 2.3.2.1), and is the same domain in both.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Domain {
    text: String,
    /// The people's spelling, where it is another.
    people: Option<Box<str>>,
}

impl Domain {
    /// Reads a domain: dot-separated labels of letters, digits, `-`, `_` and non-ASCII characters, at most
    /// 255 bytes, labels at most 63; or an address literal in brackets.
    ///
    /// # Errors
    /// [`AddressError`] that names what is wrong.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.is_empty() {
            return Err(AddressError::NoDomain);
        }
        if text.len() > 255 {
            return Err(AddressError::TooLong);
        }
        // What is kept is what is checked: lower case can be longer, or of other characters (`İ`).
        let text = text.to_lowercase();
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or(AddressError::BadDomain)?;
            let literal = inner.strip_prefix("ipv6:").unwrap_or(inner);
            literal.parse::<std::net::IpAddr>().map_err(|_| AddressError::BadDomain)?;
            return Ok(Self { text, people: None });
        }
        if text.len() > 255 {
            return Err(AddressError::TooLong);
        }
        let good = text.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        });
        if !good {
            return Err(AddressError::BadDomain);
        }
        let international = !text.is_ascii() || text.contains("xn--");
        let people = international.then(|| people_spelling(&text)).filter(|people| *people != text);
        Ok(Self { text, people: people.map(String::into_boxed_str) })
    }

    /// The name as it was written, lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name as people have it: what is compared.
    pub(crate) fn people(&self) -> &str {
        self.people.as_deref().unwrap_or(&self.text)
    }

    /// The name as machines have it; of what has no such spelling the name as it is.
    #[must_use]
    pub fn to_ascii(&self) -> Cow<'_, str> {
        match self.text.is_ascii() {
            true => Cow::Borrowed(&self.text),
            false => idna::domain_to_ascii(&self.text).map_or(Cow::Borrowed(&self.text), Cow::Owned),
        }
    }

    /// Every spelling in which it may be kept as text, each once.
    #[must_use]
    pub fn spellings(&self) -> Vec<String> {
        let mut all = vec![self.text.clone()];
        for other in [self.people(), &*self.to_ascii()] {
            if all.iter().all(|known| known != other) {
                all.push(other.to_owned());
            }
        }
        all
    }

    /// Whether it is an address literal such as `[192.0.2.1]` (RFC 5321 4.1.3).
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.text.starts_with('[')
    }
}

/// The labels as people have them (RFC 5891 5.4); one that is not valid stays as it is.
fn people_spelling(text: &str) -> String {
    let label = |label: &str| match idna::domain_to_unicode(label) {
        (people, Ok(())) if !label.is_ascii() || label.starts_with("xn--") => people,
        _ => label.to_owned(),
    };
    text.split('.').map(label).collect::<Vec<_>>().join(".")
}

impl PartialEq for Domain {
    fn eq(&self, other: &Self) -> bool {
        self.people() == other.people()
    }
}
impl Eq for Domain {}
impl Hash for Domain {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.people().hash(state);
    }
}
impl PartialOrd for Domain {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Domain {
    fn cmp(&self, other: &Self) -> Ordering {
        self.people().cmp(other.people())
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
impl std::str::FromStr for Domain {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}
impl TryFrom<String> for Domain {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}
impl From<Domain> for String {
    fn from(domain: Domain) -> Self {
        domain.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Address;

    #[test]
    fn a_domain_is_the_same_in_the_spelling_of_people_and_of_machines_and_keeps_its_own() {
        use std::collections::{BTreeSet, HashSet};
        for (people, machines) in [
            ("例え.jp", "xn--r8jz45g.jp"),
            ("mail.例え.jp", "MAIL.XN--R8JZ45G.jp"),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
            ("ｅｘ.jp", "ex.jp"),
        ] {
            let both = [people, machines].map(|text| Domain::parse(text).unwrap());
            assert_eq!(both[0], both[1], "{people}");
            assert_eq!(both.iter().collect::<HashSet<_>>().len(), 1);
            assert_eq!(both.iter().collect::<BTreeSet<_>>().len(), 1);
            assert_eq!((both[0].as_str(), both[1].to_string()), (people, machines.to_lowercase()));
            assert!(both.iter().all(|domain| domain.to_ascii() == machines.to_lowercase()));
            let taro = both.each_ref().map(|domain| Address::parse(&format!("Taro@{domain}")).unwrap());
            assert_eq!(taro[0], taro[1]);
            assert_eq!(taro.iter().collect::<HashSet<_>>().len(), 1);
            assert_eq!(taro[0].spelled(&both[1]).key(), format!("taro@{}", machines.to_lowercase()));
            // whoever looks for one spelling looks for all of them
            assert!(taro[0].keys().contains(&taro[1].key()), "{people}");
            let read = both[1].spellings();
            assert_eq!((read.len(), taro[1].keys().len()), (2 - usize::from(machines == "ex.jp"), read.len()));
            assert!(machines == "ex.jp" || taro[1].keys().contains(&taro[0].key()), "{people}");
        }
        let taro = Address::parse("taro@xn--r8jz45g.jp").unwrap();
        assert!(taro.is_ascii() && serde_json::to_string(&taro).unwrap() == "\"taro@xn--r8jz45g.jp\"");
        // no A-label: a domain of its own
        for text in ["xn--a.jp", "xn--999999999.jp", "xn--abc-.example", "axn--r8jz45g.jp"] {
            let Ok(domain) = Domain::parse(text) else { continue };
            assert_eq!((domain.people(), domain.to_ascii().as_ref()), (text, text));
        }
        assert_ne!(Domain::parse("例え.jp").unwrap(), Domain::parse("例.jp").unwrap());
    }
}
