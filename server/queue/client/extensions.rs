//! What the next hop offers in its answer to EHLO (RFC 5321 4.1.1.1), and addresses as it can read them.

use hickory_resolver::proto::rr::Name;
use types::{Address, Domain, Reply};

/// The extensions that we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Extensions {
    /// RFC 2920.
    pub pipelining: bool,
    /// RFC 6152.
    pub eight_bit: bool,
    /// RFC 6531.
    pub utf8: bool,
    /// RFC 3207.
    pub starttls: bool,
    /// RFC 1870: offered, and the largest mail if it says so, bytes.
    pub size: Option<Option<u64>>,
    /// RFC 4954 with PLAIN.
    pub auth_plain: bool,
}

impl Extensions {
    /// Reads the lines after the first.
    pub fn of(reply: &Reply) -> Self {
        let mut found = Self::default();
        for line in reply.lines.iter().skip(1) {
            // `AUTH=PLAIN` is what old servers write beside `AUTH PLAIN`.
            let line = line.to_ascii_uppercase().replacen("AUTH=", "AUTH ", 1);
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("PIPELINING") => found.pipelining = true,
                Some("8BITMIME") => found.eight_bit = true,
                Some("SMTPUTF8") => found.utf8 = true,
                Some("STARTTLS") => found.starttls = true,
                Some("SIZE") => {
                    found.size = Some(words.next().and_then(|word| word.parse().ok()).filter(|most| *most > 0));
                }
                Some("AUTH") => found.auth_plain |= words.any(|word| word == "PLAIN"),
                _ => {}
            }
        }
        found
    }
}

/// An address for MAIL and RCPT, its domain in A-labels, and whether it still needs SMTPUTF8.
pub(crate) fn wire_address(address: &Address) -> (String, bool) {
    if address.is_ascii() || !address.local().is_ascii() {
        return (address.to_string(), !address.is_ascii());
    }
    match a_labels(address.domain()) {
        Some(domain) => {
            let text = address.to_string();
            let local = text.rsplit_once('@').map_or(address.local(), |(local, _)| local);
            (format!("{local}@{domain}"), false)
        }
        None => (address.to_string(), true),
    }
}

fn a_labels(domain: &Domain) -> Option<String> {
    let name = Name::from_utf8(domain.as_str()).ok()?;
    Some(name.to_ascii().trim_end_matches('.').to_owned()).filter(|text| text.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_read_in_any_case() {
        let reply = Reply::bare(250, "mx.a.example at your service")
            .line("pipelining")
            .line("SIZE 1000")
            .line("8BITMIME")
            .line("AUTH=LOGIN PLAIN")
            .line("STARTTLS")
            .line("X-ODD 1 2");
        let all = Extensions {
            pipelining: true,
            eight_bit: true,
            utf8: false,
            starttls: true,
            size: Some(Some(1_000)),
            auth_plain: true,
        };
        assert_eq!(Extensions::of(&reply), all);
        assert_eq!(Extensions::of(&Reply::bare(250, "PIPELINING")), Extensions::default());
        assert_eq!(Extensions::of(&Reply::bare(250, "x").line("SIZE 0")).size, Some(None));
    }

    #[test]
    fn a_domain_of_other_letters_needs_no_extension_and_a_local_part_does() {
        let wire = |text: &str| wire_address(&Address::parse(text).unwrap());
        assert_eq!(wire("taro@a.example"), ("taro@a.example".into(), false));
        assert_eq!(wire("taro@例え.jp"), ("taro@xn--r8jz45g.jp".into(), false));
        assert_eq!(wire("\"a b\"@例え.jp"), ("\"a b\"@xn--r8jz45g.jp".into(), false));
        assert_eq!(wire("太郎@例え.jp"), ("太郎@例え.jp".into(), true));
        assert_eq!(wire("x@[192.0.2.1]"), ("x@[192.0.2.1]".into(), false));
    }
}
