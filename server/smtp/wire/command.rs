//! Command lines to commands (RFC 5321 4.1.1, RFC 1870, 3030, 3207, 4954, 6152, 6531).

use types::Address;

use super::path::{self, Path};

/// A command that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// EHLO with the client's name.
    Ehlo(String),
    /// HELO with the client's name.
    Helo(String),
    /// MAIL FROM.
    Mail(Mail),
    /// RCPT TO; `None` is `<Postmaster>`.
    Rcpt(Option<Address>),
    /// DATA.
    Data,
    /// BDAT: bytes that follow, and whether they are the last (RFC 3030).
    Bdat { size: u64, last: bool },
    /// RSET.
    Rset,
    /// NOOP.
    Noop,
    /// QUIT.
    Quit,
    /// VRFY.
    Vrfy,
    /// HELP.
    Help,
    /// STARTTLS.
    StartTls,
    /// AUTH with its mechanism in upper case and the initial response (RFC 4954).
    Auth { mechanism: String, initial: Option<String> },
}

/// MAIL FROM with its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Mail {
    /// The reverse path; `None` is `<>`.
    pub(crate) from: Option<Address>,
    /// SIZE, bytes (RFC 1870).
    pub(crate) size: Option<u64>,
    /// SMTPUTF8 (RFC 6531).
    pub(crate) utf8: bool,
    /// BODY=8BITMIME (RFC 6152).
    pub(crate) eight_bit: bool,
}

/// Why a line is no command; each has its reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// No verb that we know.
    Unknown,
    /// A verb that we know and do not serve (EXPN, TURN, ETRN, LHLO …).
    NotServed,
    /// The arguments cannot be read; says what is wrong.
    Syntax(&'static str),
    /// A parameter that was not announced.
    Parameter(String),
    /// The sender's address cannot be read.
    Sender(types::AddressError),
    /// The recipient's address cannot be read.
    Recipient(types::AddressError),
    /// An address beyond ASCII without SMTPUTF8.
    NeedsUtf8,
    /// An encoding of the body that was not announced.
    Body,
}

/// Reads one line, without its CRLF.
pub(crate) fn parse(line: &[u8]) -> Result<Command, Wrong> {
    let line = std::str::from_utf8(line).map_err(|_| Wrong::Syntax("the line is not UTF-8"))?;
    let line = line.trim_end_matches(' ');
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let alone = |command| if rest.is_empty() { Ok(command) } else { Err(Wrong::Syntax("no argument is allowed")) };
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" => Ok(Command::Ehlo(name(rest)?)),
        "HELO" => Ok(Command::Helo(name(rest)?)),
        "MAIL" => mail(after_colon(rest, "FROM")?).map(Command::Mail),
        "RCPT" => recipient(after_colon(rest, "TO")?).map(Command::Rcpt),
        "DATA" => alone(Command::Data),
        "BDAT" => chunk(rest),
        "RSET" => alone(Command::Rset),
        "NOOP" => Ok(Command::Noop),
        "QUIT" => alone(Command::Quit),
        "VRFY" => Ok(Command::Vrfy),
        "HELP" => Ok(Command::Help),
        "STARTTLS" => alone(Command::StartTls),
        "AUTH" => auth(rest),
        "EXPN" | "TURN" | "ETRN" | "LHLO" | "SEND" | "SOML" | "SAML" => Err(Wrong::NotServed),
        _ => Err(Wrong::Unknown),
    }
}

/// The client's name: we believe nothing of it, so anything printable will do.
fn name(text: &str) -> Result<String, Wrong> {
    let text = text.trim_matches(' ');
    let good = !text.is_empty() && text.len() <= 255 && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    if good { Ok(text.to_owned()) } else { Err(Wrong::Syntax("a host name is needed")) }
}

fn after_colon<'a>(rest: &'a str, word: &str) -> Result<&'a str, Wrong> {
    match rest.trim_start_matches(' ').split_once(':') {
        Some((found, after)) if found.trim_end_matches(' ').eq_ignore_ascii_case(word) => Ok(after),
        _ if word == "FROM" => Err(Wrong::Syntax("write MAIL FROM:<address>")),
        _ => Err(Wrong::Syntax("write RCPT TO:<address>")),
    }
}

fn mail(text: &str) -> Result<Mail, Wrong> {
    let (sender, rest) = path::split(text)?;
    let mut mail = Mail::default();
    let mut seen: Vec<String> = Vec::new();
    for (key, value) in path::parameters(rest) {
        let key = key.to_ascii_uppercase();
        match (key.as_str(), value) {
            ("SIZE", Some(value)) => mail.size = Some(number(value)?),
            ("BODY", Some(value)) => mail.eight_bit = eight_bit(value)?,
            ("SMTPUTF8", None) => mail.utf8 = true,
            // Who the client says wrote it (RFC 4954 5): read and not believed.
            ("AUTH", Some(_)) => {}
            _ => return Err(Wrong::Parameter(key)),
        }
        if seen.contains(&key) {
            return Err(Wrong::Syntax("a parameter is given twice"));
        }
        seen.push(key);
    }
    mail.from = match path::read(sender).map_err(Wrong::Sender)? {
        Path::Null => None,
        Path::Postmaster => return Err(Wrong::Sender(types::AddressError::NoDomain)),
        Path::Address(address) => Some(address),
    };
    if mail.from.as_ref().is_some_and(|from| !from.is_ascii()) && !mail.utf8 {
        return Err(Wrong::NeedsUtf8);
    }
    Ok(mail)
}

/// Whether a recipient may be beyond ASCII depends on MAIL, so the session judges that.
fn recipient(text: &str) -> Result<Option<Address>, Wrong> {
    let (path, rest) = path::split(text)?;
    if let Some((key, _)) = path::parameters(rest).next() {
        return Err(Wrong::Parameter(key.to_ascii_uppercase()));
    }
    match path::read(path).map_err(Wrong::Recipient)? {
        Path::Null => Err(Wrong::Recipient(types::AddressError::NoLocalPart)),
        Path::Postmaster => Ok(None),
        Path::Address(address) => Ok(Some(address)),
    }
}

fn eight_bit(value: &str) -> Result<bool, Wrong> {
    match value.to_ascii_uppercase().as_str() {
        "8BITMIME" => Ok(true),
        "7BIT" => Ok(false),
        _ => Err(Wrong::Body),
    }
}

fn number(text: &str) -> Result<u64, Wrong> {
    let digits = !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit());
    // Twenty digits may be more than 64 bits hold; that is over every bound all the same.
    if digits { Ok(text.parse().unwrap_or(u64::MAX)) } else { Err(Wrong::Syntax("a number is needed")) }
}

fn chunk(rest: &str) -> Result<Command, Wrong> {
    let mut words = rest.split(' ').filter(|word| !word.is_empty());
    let size = number(words.next().unwrap_or(""))?;
    let last = match words.next() {
        None => false,
        Some(word) if word.eq_ignore_ascii_case("LAST") => true,
        Some(_) => return Err(Wrong::Syntax("write BDAT size [LAST]")),
    };
    if words.next().is_some() {
        return Err(Wrong::Syntax("write BDAT size [LAST]"));
    }
    Ok(Command::Bdat { size, last })
}

fn auth(rest: &str) -> Result<Command, Wrong> {
    let mut words = rest.split(' ').filter(|word| !word.is_empty());
    let mechanism = words.next().ok_or(Wrong::Syntax("write AUTH mechanism"))?.to_ascii_uppercase();
    let initial = words.next().map(str::to_owned);
    if words.next().is_some() {
        return Err(Wrong::Syntax("write AUTH mechanism [response]"));
    }
    Ok(Command::Auth { mechanism, initial })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    #[test]
    fn verbs_are_read_in_any_case_and_with_blanks_behind() {
        assert_eq!(parse(b"eHLO client.example "), Ok(Command::Ehlo("client.example".into())));
        assert_eq!(parse(b"data"), Ok(Command::Data));
        assert_eq!(parse(b"NOOP whatever"), Ok(Command::Noop));
        assert_eq!(parse(b"Quit  "), Ok(Command::Quit));
        assert_eq!(parse(b"BDAT 86 last"), Ok(Command::Bdat { size: 86, last: true }));
        assert_eq!(
            parse(b"auth plain AGEAYg=="),
            Ok(Command::Auth { mechanism: "PLAIN".into(), initial: Some("AGEAYg==".into()) })
        );
    }

    #[test]
    fn mail_takes_the_announced_parameters_only() {
        let line = "MAIL FROM:<花子@example.jp> size=1000 BODY=8bitmime SMTPUTF8 AUTH=<>";
        let expected = Mail { from: Some(address("花子@example.jp")), size: Some(1000), utf8: true, eight_bit: true };
        assert_eq!(parse(line.as_bytes()), Ok(Command::Mail(expected)));
        assert_eq!(parse(b"MAIL FROM: <>"), Ok(Command::Mail(Mail::default())));
        assert_eq!(parse(b"MAIL FROM:<a@b.jp> RET=FULL"), Err(Wrong::Parameter("RET".into())));
        assert_eq!(parse(b"MAIL FROM:<a@b.jp> BODY=BINARYMIME"), Err(Wrong::Body));
        assert_eq!(parse("MAIL FROM:<花子@example.jp>".as_bytes()), Err(Wrong::NeedsUtf8));
    }

    #[test]
    fn wrong_lines_say_what_is_wrong() {
        for (line, wrong) in [
            ("MAIL FROM:a@b.jp", Wrong::Syntax("the address needs < and >")),
            ("MAIL TO:<a@b.jp>", Wrong::Syntax("write MAIL FROM:<address>")),
            ("MAIL FROM:<a@b.jp> SIZE=1 SIZE=2", Wrong::Syntax("a parameter is given twice")),
            ("MAIL FROM:<a@b.jp> SIZE=-1", Wrong::Syntax("a number is needed")),
            ("MAIL FROM:<a>", Wrong::Sender(types::AddressError::NoDomain)),
            ("RCPT TO:<>", Wrong::Recipient(types::AddressError::NoLocalPart)),
            ("RCPT TO:<a@b.jp> NOTIFY=NEVER", Wrong::Parameter("NOTIFY".into())),
            ("DATA now", Wrong::Syntax("no argument is allowed")),
            ("BDAT", Wrong::Syntax("a number is needed")),
            ("BDAT 1 2", Wrong::Syntax("write BDAT size [LAST]")),
            ("EHLO", Wrong::Syntax("a host name is needed")),
            ("LHLO x", Wrong::NotServed),
            ("GET / HTTP/1.1", Wrong::Unknown),
            ("", Wrong::Unknown),
        ] {
            assert_eq!(parse(line.as_bytes()), Err(wrong), "{line}");
        }
    }

    #[test]
    fn a_size_beyond_64_bits_is_the_largest_there_is() {
        let Ok(Command::Mail(mail)) = parse(b"MAIL FROM:<> SIZE=99999999999999999999") else { panic!() };
        assert_eq!(mail.size, Some(u64::MAX));
    }

    proptest! {
        #[test]
        fn no_line_makes_the_parser_panic(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&line);
        }

        #[test]
        fn no_likely_line_makes_the_parser_panic(
            verb in "(MAIL FROM:|RCPT TO:|BDAT |AUTH |EHLO )", rest in "[<>@:\"\\\\ a=.,あ0-9\\[\\]]{0,40}"
        ) {
            let _ = parse(format!("{verb}{rest}").as_bytes());
        }

        #[test]
        fn an_address_reads_back_as_written(local in "[a-z \"\\\\<>@]{1,20}", domain in "[a-z]{1,10}\\.jp") {
            let quoted = local.replace('\\', "\\\\").replace('"', "\\\"");
            let address = Address::parse(&format!("\"{quoted}\"@{domain}")).unwrap();
            prop_assert_eq!(parse(format!("RCPT TO:<{address}>").as_bytes()), Ok(Command::Rcpt(Some(address))));
        }
    }
}
