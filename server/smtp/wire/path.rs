//! Paths and parameters of MAIL and RCPT: `<local@domain> KEY=value …` (RFC 5321 4.1.2).

use types::Address;

use super::command::Wrong;

/// What stands between the angle brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Path {
    /// `<>`
    Null,
    /// `<Postmaster>`, the one local part that needs no domain (RFC 5321 4.5.1).
    Postmaster,
    /// An address.
    Address(Address),
}

/// Splits `<path> parameters`. Blanks before the path are forgiven, missing brackets are not.
pub(crate) fn split(text: &str) -> Result<(&str, &str), Wrong> {
    let inner = text.trim_start_matches(' ').strip_prefix('<').ok_or(Wrong::Syntax("the address needs < and >"))?;
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => {
                let (path, rest) = inner.split_at(at);
                let rest = rest.strip_prefix('>').unwrap_or(rest);
                if !(rest.is_empty() || rest.starts_with(' ')) {
                    return Err(Wrong::Syntax("a blank must stand between address and parameters"));
                }
                return Ok((path, rest.trim_matches(' ')));
            }
            _ => {}
        }
    }
    Err(Wrong::Syntax("the address needs < and >"))
}

/// Reads what [`split`] found. A source route is read over, as RFC 5321 4.1.1.3 asks.
pub(crate) fn read(path: &str) -> Result<Path, types::AddressError> {
    if path.is_empty() {
        return Ok(Path::Null);
    }
    if path.eq_ignore_ascii_case("postmaster") {
        return Ok(Path::Postmaster);
    }
    let mailbox = match path.strip_prefix('@').and_then(|route| route.split_once(':')) {
        Some((_, mailbox)) => mailbox,
        None => path,
    };
    Address::parse(mailbox).map(Path::Address)
}

/// The parameters: keyword and, if there is one, value.
pub(crate) fn parameters(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    text.split(' ').filter(|word| !word.is_empty()).map(|word| match word.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (word, None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bracket_in_quotes_does_not_end_the_path() {
        let (path, rest) = split(r#"<"a> \" b"@example.jp> SIZE=1"#).unwrap();
        assert_eq!((path, rest), (r#""a> \" b"@example.jp"#, "SIZE=1"));
        assert!(matches!(read(path).unwrap(), Path::Address(a) if a.local() == "a> \" b"));
    }

    #[test]
    fn a_source_route_is_read_over() {
        let expected = Path::Address(Address::parse("taro@example.jp").unwrap());
        assert_eq!(read("@a.example,@b.example:taro@example.jp").unwrap(), expected);
    }

    #[test]
    fn the_null_path_and_postmaster_need_no_domain() {
        assert_eq!(read("").unwrap(), Path::Null);
        assert_eq!(read("PostMaster").unwrap(), Path::Postmaster);
        assert!(read("taro").is_err());
    }

    #[test]
    fn missing_brackets_and_glued_parameters_are_refused() {
        for text in ["taro@example.jp", "<taro@example.jp", "<a@b.jp>SIZE=1", r#"<"a>"#] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
