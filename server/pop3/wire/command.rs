//! Command lines (RFC 1939 3, 9; RFC 2449 4; RFC 5034 4; RFC 6856).

use std::fmt;

use zeroize::Zeroizing;

/// Longest line of a command, bytes with its end. RFC 2449 4 allows 255; names in UTF-8 and what clients send with
/// AUTH may be longer.
pub const LINE: usize = 2_048;

/// A password or a SASL response; its Debug shows stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub Zeroizing<String>);

impl Secret {
    fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// AUTH, with the initial response as written; without a mechanism it asks which there are.
    Auth {
        /// The mechanism's name.
        mechanism: Option<String>,
        /// The initial response, in base64.
        initial: Option<Secret>,
    },
    /// CAPA
    Capa,
    /// DELE n
    Dele(u32),
    /// LIST \[n\]
    List(Option<u32>),
    /// NOOP
    Noop,
    /// PASS string
    Pass(Secret),
    /// QUIT
    Quit,
    /// RETR n
    Retr(u32),
    /// RSET
    Rset,
    /// STAT
    Stat,
    /// STLS
    Stls,
    /// TOP n lines
    Top {
        /// Which.
        number: u32,
        /// So many lines of its body.
        lines: u64,
    },
    /// UIDL \[n\]
    Uidl(Option<u32>),
    /// USER name
    User(String),
    /// UTF8
    Utf8,
}

/// Why a line is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// No such verb.
    #[error("this command is not known")]
    Unknown,
    /// The verb takes other arguments.
    #[error("these arguments do not fit the command")]
    Arguments,
    /// Bytes that no command holds: controls, or not UTF-8.
    #[error("the line holds what no command does")]
    Bytes,
}

/// Reads a line, without its end.
///
/// # Errors
/// What is wrong with it.
pub fn parse(line: &[u8]) -> Result<Command, ParseError> {
    let text = std::str::from_utf8(line).map_err(|_| ParseError::Bytes)?;
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return Err(ParseError::Bytes);
    }
    let (verb, rest) = text.split_once(' ').map_or((text, None), |(verb, rest)| (verb, Some(rest)));
    let verb = verb.trim_ascii_end().to_ascii_uppercase();
    // all of it is the password, blanks too (RFC 1939 7)
    if verb == "PASS" {
        return rest.map(|password| Command::Pass(Secret::new(password))).ok_or(ParseError::Arguments);
    }
    let words: Vec<&str> = rest.unwrap_or_default().split_ascii_whitespace().collect();
    arguments(&verb, &words)
}

fn arguments(verb: &str, words: &[&str]) -> Result<Command, ParseError> {
    let command = match (verb, words) {
        ("AUTH", []) => Command::Auth { mechanism: None, initial: None },
        ("AUTH", [name]) => Command::Auth { mechanism: Some((*name).to_owned()), initial: None },
        ("AUTH", [name, initial]) => {
            Command::Auth { mechanism: Some((*name).to_owned()), initial: Some(Secret::new(initial)) }
        }
        ("CAPA", []) => Command::Capa,
        ("DELE", [number]) => Command::Dele(message(number)?),
        ("LIST", []) => Command::List(None),
        ("LIST", [number]) => Command::List(Some(message(number)?)),
        ("NOOP", []) => Command::Noop,
        ("QUIT", []) => Command::Quit,
        ("RETR", [number]) => Command::Retr(message(number)?),
        ("RSET", []) => Command::Rset,
        ("STAT", []) => Command::Stat,
        ("STLS", []) => Command::Stls,
        ("TOP", [number, lines]) => Command::Top { number: message(number)?, lines: count(lines)? },
        ("UIDL", []) => Command::Uidl(None),
        ("UIDL", [number]) => Command::Uidl(Some(message(number)?)),
        ("USER", [name]) => Command::User((*name).to_owned()),
        ("UTF8", []) => Command::Utf8,
        (known, _) if VERBS.contains(&known) => return Err(ParseError::Arguments),
        _ => return Err(ParseError::Unknown),
    };
    Ok(command)
}

const VERBS: [&str; 14] =
    ["AUTH", "CAPA", "DELE", "LIST", "NOOP", "QUIT", "RETR", "RSET", "STAT", "STLS", "TOP", "UIDL", "USER", "UTF8"];

/// A number of digits; larger than any message's number means none of them.
fn count(text: &str) -> Result<u64, ParseError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ParseError::Arguments);
    }
    Ok(text.parse().unwrap_or(u64::MAX))
}

/// A message's number: from 1 on.
fn message(text: &str) -> Result<u32, ParseError> {
    match count(text)? {
        0 => Err(ParseError::Arguments),
        number => Ok(u32::try_from(number).unwrap_or(u32::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_in_any_case() {
        let table: [(&str, Command); 14] = [
            ("stat", Command::Stat),
            ("LIST", Command::List(None)),
            ("list 7", Command::List(Some(7))),
            ("Retr 1", Command::Retr(1)),
            ("DELE 0002", Command::Dele(2)),
            ("TOP 3 0", Command::Top { number: 3, lines: 0 }),
            ("UIDL 99999999999", Command::Uidl(Some(u32::MAX))),
            ("top 1 99999999999999999999999", Command::Top { number: 1, lines: u64::MAX }),
            ("USER 太郎@例え.jp", Command::User("太郎@例え.jp".into())),
            ("QUIT ", Command::Quit),
            ("UTF8", Command::Utf8),
            ("AUTH", Command::Auth { mechanism: None, initial: None }),
            ("AUTH PLAIN", Command::Auth { mechanism: Some("PLAIN".into()), initial: None }),
            ("AUTH PLAIN =", Command::Auth { mechanism: Some("PLAIN".into()), initial: Some(Secret::new("=")) }),
        ];
        for (line, want) in table {
            assert_eq!(parse(line.as_bytes()), Ok(want), "{line}");
        }
    }

    #[test]
    fn a_password_is_the_whole_rest_of_the_line_and_is_never_shown() {
        let Ok(command) = parse("PASS  two  blanks ".as_bytes()) else { panic!("no command") };
        assert_eq!(command, Command::Pass(Secret::new(" two  blanks ")));
        assert_eq!(format!("{command:?}"), "Pass(***)");
        assert_eq!(parse(b"PASS "), Ok(Command::Pass(Secret::new(""))));
        assert_eq!(parse(b"PASS"), Err(ParseError::Arguments));
    }

    #[test]
    fn what_is_no_command_is_named() {
        for line in ["", "APOP taro c4c9334bac560ecc979e58001b3e22fb", "LAST", "HELO x", "RETR1"] {
            assert_eq!(parse(line.as_bytes()), Err(ParseError::Unknown), "{line}");
        }
        for line in
            ["RETR", "RETR 0", "RETR -1", "RETR 1 2", "TOP 1", "TOP 1 x", "STAT 1", "USER", "USER a b", "DELE +1"]
        {
            assert_eq!(parse(line.as_bytes()), Err(ParseError::Arguments), "{line}");
        }
        for line in [&b"USER \xff"[..], b"NOOP\0", b"STAT\rQUIT"] {
            assert_eq!(parse(line), Err(ParseError::Bytes));
        }
    }
}
