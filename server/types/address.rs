//! Mail addresses as SMTP sees them: local part and domain (RFC 5321 4.1.2, RFC 6531).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::Domain;

/// A mail address. The local part keeps its case; comparison and hashing ignore it, as every
/// company's mail system does (RFC 5321 2.4 leaves it to the receiving host).
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    local: String,
    domain: Domain,
}

impl Address {
    /// Reads `local@domain`, without brackets. A quoted local part is unquoted.
    ///
    /// # Errors
    /// [`AddressError`] that names what is wrong.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.len() > 320 {
            return Err(AddressError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoDomain)?;
        Ok(Self { local: parse_local(local)?, domain: Domain::parse(domain)? })
    }

    /// The local part, unquoted, in the case it was written in.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Lower-case form in the spelling of its domain: the key under which directories and databases know the address.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}@{}", self.local.to_lowercase(), self.domain)
    }

    /// The keys under which it may be kept: one for each spelling of its domain.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let local = self.local.to_lowercase();
        self.domain.spellings().into_iter().map(|domain| format!("{local}@{domain}")).collect()
    }

    /// What is compared: one text for all ways in which the address can be written.
    #[must_use]
    pub fn identity(&self) -> String {
        format!("{}@{}", self.local.to_lowercase(), self.domain.people())
    }

    /// The same address in another spelling of its domain.
    #[must_use]
    pub fn spelled(&self, domain: &Domain) -> Self {
        debug_assert!(self.domain == *domain);
        Self { local: self.local.clone(), domain: domain.clone() }
    }

    /// The address without a `+detail` in its local part, if it has one (RFC 5233).
    #[must_use]
    pub fn without_detail(&self) -> Option<Self> {
        let (base, _) = self.local.split_once('+')?;
        (!base.is_empty()).then(|| Self { local: base.to_owned(), domain: self.domain.clone() })
    }

    /// Whether the address fits in ASCII (otherwise the next hop must know SMTPUTF8, RFC 6531).
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.local.is_ascii() && self.domain.as_str().is_ascii()
    }
}

fn parse_local(text: &str) -> Result<String, AddressError> {
    if text.is_empty() {
        return Err(AddressError::NoLocalPart);
    }
    if text.len() > 64 {
        return Err(AddressError::TooLong);
    }
    if let Some(inner) = text.strip_prefix('"') {
        let inner = inner.strip_suffix('"').ok_or(AddressError::BadLocalPart)?;
        return unquote(inner);
    }
    // Atoms and single dots; double and trailing dots are taken too, since Japanese carriers gave such addresses out.
    let atom = |c: char| c.is_alphanumeric() || !c.is_ascii() && !c.is_control() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    if text.chars().all(atom) { Ok(text.to_owned()) } else { Err(AddressError::BadLocalPart) }
}

fn unquote(inner: &str) -> Result<String, AddressError> {
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Err(AddressError::BadLocalPart),
            '\\' => out.push(chars.next().filter(|c| !c.is_control()).ok_or(AddressError::BadLocalPart)?),
            c if c.is_control() => return Err(AddressError::BadLocalPart),
            c => out.push(c),
        }
    }
    if out.is_empty() { Err(AddressError::NoLocalPart) } else { Ok(out) }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.domain == other.domain && self.local.to_lowercase() == other.local.to_lowercase()
    }
}
impl Eq for Address {}
impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}
impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Address {
    fn cmp(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }
}

impl fmt::Display for Address {
    /// Writes the address as RFC 5321 wants it: the local part quoted where it must be.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        if self.local.chars().all(plain) {
            return write!(f, "{}@{}", self.local, self.domain);
        }
        let quoted = self.local.replace('\\', "\\\\").replace('"', "\\\"");
        write!(f, "\"{quoted}\"@{}", self.domain)
    }
}
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{self}>")
    }
}
impl std::str::FromStr for Address {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}
impl TryFrom<String> for Address {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}
impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

/// The SMTP envelope (RFC 5321 2.3.1): who sends, `None` for the null sender `<>`, and who shall receive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The reverse path; `None` is `<>`.
    pub from: Option<Address>,
    /// The forward paths, in the order given.
    pub to: Vec<Address>,
}

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No `@`, or nothing after it.
    #[error("the address has no domain")]
    NoDomain,
    /// Nothing before the `@`.
    #[error("the address has nothing before the @")]
    NoLocalPart,
    /// Over 64 bytes before the `@`, over 255 after it, or over 320 in all.
    #[error("the address is too long")]
    TooLong,
    /// A character that may not stand before the `@` without quotes.
    #[error("a character is not allowed before the @")]
    BadLocalPart,
    /// Not a domain name and not an address literal.
    #[error("the domain is not a domain name")]
    BadDomain,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_case_and_compares_without_it() {
        let a = Address::parse("Taro.Yamada@Example.CO.JP").unwrap();
        assert_eq!(a.to_string(), "Taro.Yamada@example.co.jp");
        assert_eq!(a, Address::parse("taro.yamada@example.co.jp").unwrap());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, error) in [
            ("taro", AddressError::NoDomain),
            ("taro@", AddressError::NoDomain),
            ("@example.jp", AddressError::NoLocalPart),
            ("ta ro@example.jp", AddressError::BadLocalPart),
            ("taro@-x.jp", AddressError::BadDomain),
            ("taro@a..jp", AddressError::BadDomain),
            ("taro@[300.1.1.1]", AddressError::BadDomain),
            ("\"a\r\nb\"@example.jp", AddressError::BadLocalPart),
            ("\"a\\\r\"@example.jp", AddressError::BadLocalPart),
        ] {
            assert_eq!(Address::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn carrier_addresses_with_double_dots_and_quoted_ones_are_taken() {
        for text in ["a..b.@docomo.example", "\"a b\"@example.jp", "太郎@例え.jp", "x@[192.0.2.1]"] {
            let address = Address::parse(text).unwrap();
            assert_eq!(Address::parse(&address.to_string()).unwrap(), address);
        }
    }

    /// Found by tests/fuzz: the tag of an IPv6 literal was put into lower case and then not known any more.
    #[test]
    fn what_is_kept_of_a_domain_can_be_read_again() {
        for text in ["x@[IPv6:2001:DB8::1]", "x@[ipv6:::1]", "x@Ä.example"] {
            let address = Address::parse(text).unwrap();
            assert_eq!(Address::parse(&address.to_string()).unwrap().to_string(), address.to_string());
        }
        assert_eq!(Domain::parse("İ.example"), Err(AddressError::BadDomain));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_and_what_parses_prints_back(text in "\\PC{0,40}@\\PC{0,20}") {
            if let Ok(address) = Address::parse(&text) {
                proptest::prop_assert_eq!(Address::parse(&address.to_string()).unwrap(), address);
            }
        }
    }
}
