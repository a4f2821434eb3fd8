//! One command as a value: the tag, the verb, and what the verb needs (RFC 3501 section 6 and the extensions
//! that are announced).

use std::fmt;

use types::{Flags, ModSeq};

use super::acl::{self, Acl};
use super::cursor::{Cursor, Parsed, wrong};
use super::fetch::{self, Item, Modifiers};
use super::list::{List, StatusItem, parse_list, parse_lsub, status_items};
use super::metadata;
use super::name::MailboxName;
use super::notify;
use super::search::{self, Search};
use super::select::{self, Select};
use super::sequence::SequenceSet;
use super::sort::{self, Sort, Thread};
use super::store::{StoreMode, parse_store};

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The client's tag.
    pub tag: String,
    /// What is asked.
    pub command: Command,
}

/// A password; its Debug shows stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What is asked. `uid` tells the UID form of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// CAPABILITY
    Capability,
    /// NOOP
    Noop,
    /// LOGOUT
    Logout,
    /// STARTTLS
    StartTls,
    /// COMPRESS (RFC 4978): the mechanism, in capitals.
    Compress(String),
    /// LOGIN
    Login {
        /// The name.
        name: String,
        /// The password.
        password: Password,
    },
    /// AUTHENTICATE, with the initial response of SASL-IR (RFC 4959) as written.
    Authenticate {
        /// In capitals.
        mechanism: String,
        /// base64, `=` for an empty one.
        initial: Option<Password>,
    },
    /// ID (RFC 2971)
    Id,
    /// ENABLE (RFC 5161): words in capitals.
    Enable(Vec<String>),
    /// NAMESPACE (RFC 2342)
    Namespace,
    /// SELECT and EXAMINE
    Select(Select),
    /// CREATE
    Create {
        /// The name.
        name: MailboxName,
        /// Its uses, as words with their backslash (RFC 6154 3).
        uses: Vec<String>,
    },
    /// DELETE
    Delete(MailboxName),
    /// RENAME
    Rename(MailboxName, MailboxName),
    /// SUBSCRIBE
    Subscribe(MailboxName),
    /// UNSUBSCRIBE
    Unsubscribe(MailboxName),
    /// LIST
    List(List),
    /// LSUB
    Lsub(List),
    /// STATUS
    Status(MailboxName, Vec<StatusItem>),
    /// IDLE (RFC 2177)
    Idle,
    /// CHECK
    Check,
    /// CLOSE
    Close,
    /// UNSELECT (RFC 3691)
    Unselect,
    /// EXPUNGE
    Expunge,
    /// UID EXPUNGE (RFC 4315)
    UidExpunge(SequenceSet),
    /// FETCH
    Fetch {
        /// UID form.
        uid: bool,
        /// Of which messages.
        set: SequenceSet,
        /// What.
        items: Vec<Item>,
        /// Of which of them.
        modifiers: Modifiers,
    },
    /// STORE
    Store {
        /// UID form.
        uid: bool,
        /// Of which messages.
        set: SequenceSet,
        /// Only where nothing changed after this (RFC 7162).
        unchanged_since: Option<ModSeq>,
        /// How.
        mode: StoreMode,
        /// `.SILENT`
        silent: bool,
        /// Which flags.
        flags: Flags,
    },
    /// COPY
    Copy {
        /// UID form.
        uid: bool,
        /// Which messages.
        set: SequenceSet,
        /// Where to.
        to: MailboxName,
    },
    /// MOVE (RFC 6851)
    Move {
        /// UID form.
        uid: bool,
        /// Which messages.
        set: SequenceSet,
        /// Where to.
        to: MailboxName,
    },
    /// SEARCH
    Search {
        /// UID form.
        uid: bool,
        /// What is searched, and how it is answered.
        search: Search,
    },
    /// SORT (RFC 5256)
    Sort {
        /// UID form.
        uid: bool,
        /// What.
        sort: Sort,
    },
    /// THREAD (RFC 5256)
    Thread {
        /// UID form.
        uid: bool,
        /// What.
        thread: Thread,
    },
    /// GETMETADATA (RFC 5464)
    GetMetadata(metadata::Get),
    /// SETMETADATA (RFC 5464)
    SetMetadata(metadata::Set),
    /// NOTIFY (RFC 5465)
    Notify(notify::Notify),
    /// GETQUOTA (RFC 9208) of a quota root.
    GetQuota(String),
    /// GETQUOTAROOT (RFC 9208)
    GetQuotaRoot(MailboxName),
    /// GETACL, SETACL, DELETEACL, LISTRIGHTS, MYRIGHTS (RFC 4314)
    Acl(Acl),
}

/// Reads the tag alone: what a command that cannot be read is answered under.
#[must_use]
pub fn tag_of(line: &[u8]) -> Option<&str> {
    let mut cursor = Cursor::new(line);
    let tag = cursor.tag().ok()?;
    (cursor.peek() == Some(b' ')).then_some(tag)
}

/// Whether a command is for those who have signed in, by its verb alone: a stranger's arguments of such a one are not read.
/// What is no command needs no sign-in to be told so.
#[must_use]
pub fn needs_sign_in(line: &[u8]) -> bool {
    let mut cursor = Cursor::new(line);
    if cursor.tag().is_err() || cursor.space().is_err() {
        return false;
    }
    let Ok(verb) = cursor.word().map(str::to_ascii_uppercase) else { return false };
    let verb = verb.as_str();
    let is_known = verb == "UID" || OF_MESSAGES.contains(&verb) || KNOWN.contains(&verb) || bare(verb).is_some();
    is_known && !FOR_STRANGERS.contains(&verb)
}

/// What may be said before sign-in (RFC 3501 6.1, 6.2; ID RFC 2971).
const FOR_STRANGERS: [&str; 7] = ["CAPABILITY", "NOOP", "LOGOUT", "STARTTLS", "ID", "LOGIN", "AUTHENTICATE"];

/// Reads a command without its line end. APPEND is not among them: it is read by [`super::append::parse`], since its
/// literal is streamed.
///
/// # Errors
/// What is wrong with it.
pub fn parse(line: &[u8], depth: usize) -> Parsed<Request> {
    parse_as(line, depth, false)
}

/// The same; with `utf8` names of mailboxes are UTF-8 (RFC 9755, 9051).
///
/// # Errors
/// As [`parse`].
pub fn parse_as(line: &[u8], depth: usize, utf8: bool) -> Parsed<Request> {
    let mut cursor = Cursor::new(line).with_utf8_names(utf8);
    let tag = cursor.tag()?.to_owned();
    cursor.space()?;
    let verb = cursor.word()?.to_ascii_uppercase();
    let command = if verb == "UID" {
        cursor.space()?;
        let verb = cursor.word()?.to_ascii_uppercase();
        with_messages(&verb, &mut cursor, true, depth)?
    } else {
        match bare(&verb) {
            Some(command) => command,
            None => with_arguments(&verb, &mut cursor, depth)?,
        }
    };
    cursor.end()?;
    Ok(Request { tag, command })
}

/// Verbs without arguments.
fn bare(verb: &str) -> Option<Command> {
    Some(match verb {
        "CAPABILITY" => Command::Capability,
        "NOOP" => Command::Noop,
        "LOGOUT" => Command::Logout,
        "STARTTLS" => Command::StartTls,
        "NAMESPACE" => Command::Namespace,
        "IDLE" => Command::Idle,
        "CHECK" => Command::Check,
        "CLOSE" => Command::Close,
        "UNSELECT" => Command::Unselect,
        "EXPUNGE" => Command::Expunge,
        _ => return None,
    })
}

fn with_arguments(verb: &str, cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Command> {
    if OF_MESSAGES.contains(&verb) {
        return with_messages(verb, cursor, false, depth);
    }
    if matches!(verb, "APPEND" | "REPLACE") {
        return wrong("This command needs a sign-in and its message as a literal");
    }
    if !KNOWN.contains(&verb) {
        return wrong("Unknown command");
    }
    cursor.space()?;
    Ok(match verb {
        "LOGIN" => login(cursor)?,
        "AUTHENTICATE" => authenticate(cursor)?,
        "ID" => id(cursor)?,
        "COMPRESS" => Command::Compress(cursor.atom()?.to_ascii_uppercase()),
        "ENABLE" => enable(cursor)?,
        "SELECT" => Command::Select(select::parse(cursor, false)?),
        "EXAMINE" => Command::Select(select::parse(cursor, true)?),
        "CREATE" => create(cursor)?,
        "GETMETADATA" => Command::GetMetadata(metadata::parse_get(cursor)?),
        "SETMETADATA" => Command::SetMetadata(metadata::parse_set(cursor)?),
        "NOTIFY" => Command::Notify(notify::parse(cursor, depth)?),
        "GETQUOTA" => Command::GetQuota(utf8(&cursor.astring()?)?),
        "GETQUOTAROOT" => Command::GetQuotaRoot(mailbox(cursor)?),
        "GETACL" | "SETACL" | "DELETEACL" | "LISTRIGHTS" | "MYRIGHTS" => acl::parse(verb, cursor)?,
        "DELETE" => Command::Delete(mailbox(cursor)?),
        "SUBSCRIBE" => Command::Subscribe(mailbox(cursor)?),
        "UNSUBSCRIBE" => Command::Unsubscribe(mailbox(cursor)?),
        "RENAME" => {
            let from = mailbox(cursor)?;
            cursor.space()?;
            Command::Rename(from, mailbox(cursor)?)
        }
        "LIST" => Command::List(parse_list(cursor)?),
        "LSUB" => Command::Lsub(parse_lsub(cursor)?),
        "STATUS" => {
            let name = mailbox(cursor)?;
            cursor.space()?;
            Command::Status(name, status_items(cursor)?)
        }
        _ => return wrong("Unknown command"),
    })
}

const OF_MESSAGES: [&str; 7] = ["FETCH", "STORE", "COPY", "MOVE", "SEARCH", "SORT", "THREAD"];

const KNOWN: [&str; 25] = [
    "GETACL",
    "SETACL",
    "DELETEACL",
    "LISTRIGHTS",
    "MYRIGHTS",
    "NOTIFY",
    "GETMETADATA",
    "SETMETADATA",
    "LOGIN",
    "AUTHENTICATE",
    "ID",
    "ENABLE",
    "SELECT",
    "EXAMINE",
    "CREATE",
    "DELETE",
    "RENAME",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "LIST",
    "LSUB",
    "STATUS",
    "GETQUOTA",
    "GETQUOTAROOT",
    "COMPRESS",
];

fn with_messages(verb: &str, cursor: &mut Cursor<'_>, uid: bool, depth: usize) -> Parsed<Command> {
    cursor.space()?;
    if verb == "SEARCH" {
        return Ok(Command::Search { uid, search: search::parse(cursor, depth)? });
    }
    if verb == "SORT" {
        return Ok(Command::Sort { uid, sort: sort::parse_sort(cursor, depth)? });
    }
    if verb == "THREAD" {
        return Ok(Command::Thread { uid, thread: sort::parse_thread(cursor, depth)? });
    }
    let set = SequenceSet::parse(cursor)?;
    if verb == "EXPUNGE" {
        return Ok(Command::UidExpunge(set));
    }
    cursor.space()?;
    Ok(match verb {
        "FETCH" => {
            let items = fetch::parse_items(cursor, depth)?;
            Command::Fetch { uid, set, items, modifiers: fetch::parse_modifiers(cursor, uid)? }
        }
        "STORE" => parse_store(cursor, uid, set)?,
        "COPY" => Command::Copy { uid, set, to: mailbox(cursor)? },
        "MOVE" => Command::Move { uid, set, to: mailbox(cursor)? },
        _ => return wrong("Unknown command"),
    })
}

/// `CREATE name [(USE (\Archive …))]` (RFC 6154 3).
fn create(cursor: &mut Cursor<'_>) -> Parsed<Command> {
    let name = mailbox(cursor)?;
    let mut uses = Vec::new();
    if cursor.take_word(" (USE ") {
        uses = cursor.list(|c| {
            c.expect(b'\\', "Expected a use such as \\Archive")?;
            Ok(format!("\\{}", c.atom()?))
        })?;
        cursor.expect(b')', "Expected a closing parenthesis")?;
    }
    Ok(Command::Create { name, uses })
}

fn login(cursor: &mut Cursor<'_>) -> Parsed<Command> {
    let name = utf8(&cursor.astring()?)?;
    cursor.space()?;
    Ok(Command::Login { name, password: Password(utf8(&cursor.astring()?)?) })
}

fn authenticate(cursor: &mut Cursor<'_>) -> Parsed<Command> {
    let mechanism = cursor.atom()?.to_ascii_uppercase();
    if cursor.is_empty() {
        return Ok(Command::Authenticate { mechanism, initial: None });
    }
    cursor.space()?;
    let initial = Some(Password(utf8(&cursor.astring()?)?));
    Ok(Command::Authenticate { mechanism, initial })
}

/// The client's words about itself are read and forgotten.
fn id(cursor: &mut Cursor<'_>) -> Parsed<Command> {
    if !cursor.take_word("NIL") {
        cursor.list(|c| c.nstring().map(drop))?;
    }
    Ok(Command::Id)
}

fn enable(cursor: &mut Cursor<'_>) -> Parsed<Command> {
    let mut words = vec![cursor.atom()?.to_ascii_uppercase()];
    while !cursor.is_empty() {
        cursor.space()?;
        if !cursor.is_empty() {
            words.push(cursor.atom()?.to_ascii_uppercase());
        }
    }
    Ok(Command::Enable(words))
}

/// Reads a mailbox name.
pub(super) fn mailbox(cursor: &mut Cursor<'_>) -> Parsed<MailboxName> {
    MailboxName::parse_as(&cursor.astring()?, cursor.names_in_utf8())
}

fn utf8(bytes: &[u8]) -> Parsed<String> {
    String::from_utf8(bytes.to_vec()).or_else(|_| wrong("Not valid UTF-8"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(line: &str) -> Parsed<Command> {
        parse(line.as_bytes(), 50).map(|request| request.command)
    }
    fn name(text: &str) -> MailboxName {
        MailboxName::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn verbs_are_read_in_any_case() {
        assert_eq!(read("a noop").unwrap(), Command::Noop);
        let Command::Select(select) = read("a1 select inbox").unwrap() else { panic!("no SELECT") };
        assert_eq!((select.name, select.read_only), (name("INBOX"), false));
        assert!(matches!(read("a EXAMINE x").unwrap(), Command::Select(Select { read_only: true, .. })));
        let uses = vec!["\\Archive".to_owned()];
        assert_eq!(read("a CREATE x (USE (\\Archive))").unwrap(), Command::Create { name: name("x"), uses });
        assert_eq!(read("a RENAME \"a b\" {1+}\r\nc").unwrap(), Command::Rename(name("a b"), name("c")));
        assert_eq!(
            read("a uid expunge 1:*").unwrap(),
            Command::UidExpunge(SequenceSet::parse(&mut Cursor::new(b"1:*")).unwrap())
        );
        assert_eq!(read("a ID (\"name\" \"x\" \"version\" NIL)").unwrap(), Command::Id);
        assert_eq!(
            read("a ENABLE condstore qresync").unwrap(),
            Command::Enable(vec!["CONDSTORE".into(), "QRESYNC".into()])
        );
    }

    #[test]
    fn a_password_shows_in_no_debug_output() {
        let login = read("a LOGIN taro@example.jp \"geheim 1\"").unwrap();
        assert!(
            matches!(&login, Command::Login { name, password } if name == "taro@example.jp" && password.0 == "geheim 1")
        );
        assert!(!format!("{login:?}").contains("geheim"));
    }

    #[test]
    fn what_is_not_in_the_grammar_is_refused() {
        for line in [
            "",
            "a",
            "a ",
            "a FOO",
            "a SELECT",
            "a SELECT a b",
            "a LOGIN x",
            "a UID NOOP",
            "a UID EXPUNGE",
            "+ NOOP",
            "a FETCH 1",
            "a FETCH 1 ",
            "a NOOP x",
            "a STATUS a ()",
            "a STATUS a",
            "a COPY 1",
            "a ENABLE",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_verb_says_whether_its_command_needs_a_sign_in() {
        for line in ["a SEARCH (((", "a uid x", "a check x", "a  Select", "a COMPRESS DEFLATE", "a IDLE", "a GETACL"] {
            assert!(needs_sign_in(line.as_bytes()), "{line}");
        }
        for line in
            ["", "a", "a ", "a FOO x", "a noop", "a LOGIN", "a id nil", "a STARTTLS", "+ SEARCH", "a APPEND x {1}"]
        {
            assert!(!needs_sign_in(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn the_tag_of_a_broken_command_is_known() {
        assert_eq!(tag_of(b"a7 FOO"), Some("a7"));
        assert_eq!(tag_of(b"a7"), None);
        assert_eq!(tag_of(b"+ x"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = parse(&bytes, 50);
            let _ = super::super::append::parse(&bytes);
        }

        #[test]
        fn no_words_panic(words in proptest::collection::vec(prop_oneof![
            Just("a"), Just(" "), Just("FETCH"), Just("UID"), Just("STORE"), Just("1:*"), Just("("), Just(")"), Just("BODY["),
            Just("]"), Just("{1}\r\n"), Just("\""), Just("\\"), Just("SEARCH"), Just("SORT"), Just("THREAD"), Just("$"), Just("UTF-8"), Just("CHANGEDSINCE"), Just("OR"), Just("LIST"), Just("RETURN"),
            Just("APPEND"), Just("INBOX"), Just("FLAGS"), Just("<"), Just("LOGIN"), Just("STATUS"), Just("MESSAGES"), Just("SETMETADATA"), Just("NOTIFY"), Just("SET"), Just("(selected "), Just("(MessageNew MessageExpunge)"), Just("GETMETADATA"), Just("/private/a"), Just("~{1}\r\n"), Just("DEPTH"), Just("SETACL"), Just("LISTRIGHTS"), Just("+lr"), Just("MYRIGHTS"),
        ], 0..24)) {
            let line = format!("a {}", words.concat());
            let _ = parse(line.as_bytes(), 50);
            let _ = super::super::append::parse(format!("{line}{{5}}\r\n").as_bytes());
        }
    }
}
