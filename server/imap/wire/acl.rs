//! The arguments of GETACL, SETACL, DELETEACL, LISTRIGHTS and MYRIGHTS (RFC 4314 section 3).

use super::command::{Command, mailbox};
use super::cursor::{Cursor, Parsed, wrong};
use super::name::MailboxName;

/// Longest identifier, bytes.
const IDENTIFIER: usize = 1_000;

/// How SETACL changes rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AclMode {
    /// No sign: these and no others.
    Set,
    /// `+`
    Add,
    /// `-`
    Remove,
}

/// One of the five.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acl {
    /// GETACL
    Get(MailboxName),
    /// SETACL: of whom, how, which letters.
    Set(MailboxName, String, AclMode, String),
    /// DELETEACL: of whom.
    Delete(MailboxName, String),
    /// LISTRIGHTS: for whom.
    List(MailboxName, String),
    /// MYRIGHTS
    Mine(MailboxName),
}

/// Reads the arguments of `verb`.
///
/// # Errors
/// The grammar is broken.
pub(super) fn parse(verb: &str, cursor: &mut Cursor<'_>) -> Parsed<Command> {
    let name = mailbox(cursor)?;
    Ok(Command::Acl(match verb {
        "GETACL" => Acl::Get(name),
        "MYRIGHTS" => Acl::Mine(name),
        "DELETEACL" => Acl::Delete(name, identifier(cursor)?),
        "LISTRIGHTS" => Acl::List(name, identifier(cursor)?),
        _ => {
            let who = identifier(cursor)?;
            let (mode, letters) = rights(cursor)?;
            Acl::Set(name, who, mode, letters)
        }
    }))
}

fn identifier(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let text = text(cursor, "An identifier is not valid")?;
    if text.is_empty() || text.len() > IDENTIFIER || text.contains(char::is_control) {
        return wrong("An identifier is not valid");
    }
    Ok(text)
}

/// `[+-]letters`: small letters and digits (RFC 4314 section 7); which of them are known is not asked here.
fn rights(cursor: &mut Cursor<'_>) -> Parsed<(AclMode, String)> {
    let text = text(cursor, "Rights are letters")?;
    let (mode, letters) = match text.split_at_checked(1) {
        Some(("+", letters)) => (AclMode::Add, letters),
        Some(("-", letters)) => (AclMode::Remove, letters),
        _ => (AclMode::Set, text.as_str()),
    };
    if letters.len() > 50 || !letters.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        return wrong("Rights are letters");
    }
    Ok((mode, letters.to_owned()))
}

fn text(cursor: &mut Cursor<'_>, what: &'static str) -> Parsed<String> {
    cursor.space()?;
    String::from_utf8(cursor.astring()?.into_owned()).or_else(|_| wrong(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::command;

    fn read(line: &str) -> Parsed<Command> {
        command::parse(line.as_bytes(), 50).map(|request| request.command)
    }
    fn acl(line: &str) -> Acl {
        match read(line) {
            Ok(Command::Acl(acl)) => acl,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_five_are_read() {
        let name = |text: &str| MailboxName::parse(text.as_bytes()).unwrap();
        let inbox = || name("INBOX");
        for (line, read) in [
            ("a getacl inbox", Acl::Get(inbox())),
            ("a MYRIGHTS \"Other Users/h@a.jp/INBOX\"", Acl::Mine(name("Other Users/h@a.jp/INBOX"))),
            ("a DELETEACL INBOX -h@a.jp", Acl::Delete(inbox(), "-h@a.jp".into())),
            ("a LISTRIGHTS INBOX anyone", Acl::List(inbox(), "anyone".into())),
            ("a SETACL INBOX h@a.jp lr", Acl::Set(inbox(), "h@a.jp".into(), AclMode::Set, "lr".into())),
            ("a SETACL INBOX h@a.jp +s", Acl::Set(inbox(), "h@a.jp".into(), AclMode::Add, "s".into())),
            ("a SETACL INBOX {4+}\r\na日 \"-cd\"", Acl::Set(inbox(), "a日".into(), AclMode::Remove, "cd".into())),
            ("a SETACL INBOX h \"\"", Acl::Set(inbox(), "h".into(), AclMode::Set, String::new())),
        ] {
            assert_eq!(acl(line), read, "{line}");
        }
    }

    #[test]
    fn what_is_not_in_the_grammar_is_refused() {
        for line in [
            "a GETACL",
            "a GETACL a b",
            "a SETACL a",
            "a SETACL a b",
            "a SETACL a b LR",
            "a SETACL a b +-l",
            "a SETACL a b l r",
            "a SETACL a \"\" l",
            "a DELETEACL a",
            "a LISTRIGHTS a",
            "a MYRIGHTS",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
