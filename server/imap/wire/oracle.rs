//! Our grammar beside imap-codec's: where it takes a line, ours means the same, or the reason stands in
//! [`Difference`].

use imap_codec::CommandCodec;
use imap_codec::decode::Decoder as _;
use imap_codec::imap_types::command::CommandBody;
use imap_codec::imap_types::core::{AString, Vec1};
use imap_codec::imap_types::extensions::enable::CapabilityEnable;
use imap_codec::imap_types::extensions::sort::{SortCriterion, SortKey as TheirKey};
use imap_codec::imap_types::extensions::thread::ThreadingAlgorithm;
use imap_codec::imap_types::fetch::{Macro, MacroOrMessageDataItemNames, MessageDataItemName, Part, Section as Theirs};
use imap_codec::imap_types::flag::{Flag, StoreResponse, StoreType};
use imap_codec::imap_types::mailbox::{ListMailbox, Mailbox};
use imap_codec::imap_types::search::SearchKey;
use imap_codec::imap_types::sequence::{SeqOrUid, Sequence, SequenceSet as TheirSet};
use imap_codec::imap_types::status::StatusDataItemName;
use message::{Section, What};
use proptest::prelude::*;
use types::{Flags, Keyword, SystemFlags};

use super::append;
use super::command::{Command, Password, parse};
use super::cursor::{Cursor, ParseError};
use super::date::{Day, parse_date_time};
use super::fetch::{self, Binary, Bytes, Form, Item, Modifiers};
use super::list::{List, StatusItem};
use super::name::{MailboxName, Pattern};
use super::search::{CHARSETS, Key, Search};
use super::select::Select;
use super::sequence::{Bound, SequenceSet};
use super::sort::{Algorithm, Criterion, Sort, SortKey, Thread};
use super::store::StoreMode;

/// Why we refuse or read otherwise what imap-codec takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Difference {
    /// An extension that we do not announce (SETQUOTA).
    NotAnnounced,
    /// `\Foo`: RFC 3501 keeps flag-extension for the future; PERMANENTFLAGS names what may be stored.
    FlagExtension,
    /// A mailbox name that cannot be: no modified UTF-7, empty, an empty level, a control character.
    Name,
    /// A charset that SEARCH does not know: `NO [BADCHARSET]` (RFC 3501 6.4.4).
    Charset,
    /// A name, password or field name that is no UTF-8, or an empty field name.
    NotText,
    /// A keyword longer than we keep.
    Keyword,
    /// STATUS or FETCH of no items, which the grammar does not have.
    Empty,
}

type Meaning<T> = Result<T, Difference>;

fn mailbox(theirs: &Mailbox<'_>) -> Meaning<MailboxName> {
    let bytes = match theirs {
        Mailbox::Inbox => b"INBOX",
        Mailbox::Other(other) => other.as_ref(),
    };
    MailboxName::parse(bytes).map_err(|_| Difference::Name)
}

fn set(theirs: &TheirSet) -> SequenceSet {
    let bound = |bound: &SeqOrUid| match bound {
        SeqOrUid::Value(number) => Bound::Number(number.get()),
        SeqOrUid::Asterisk => Bound::Last,
    };
    let range = |sequence: &Sequence| match sequence {
        Sequence::Single(one) => (bound(one), bound(one)),
        Sequence::Range(from, to) => (bound(from), bound(to)),
    };
    SequenceSet::Ranges(theirs.0.as_ref().iter().map(range).collect())
}

fn text(theirs: &AString<'_>) -> Meaning<String> {
    String::from_utf8(theirs.as_ref().to_vec()).map_err(|_| Difference::NotText)
}

fn flags(theirs: &[Flag<'_>]) -> Meaning<Flags> {
    let mut out = Flags::default();
    for flag in theirs {
        let system = match flag {
            Flag::Answered => SystemFlags::ANSWERED,
            Flag::Deleted => SystemFlags::DELETED,
            Flag::Draft => SystemFlags::DRAFT,
            Flag::Flagged => SystemFlags::FLAGGED,
            Flag::Seen => SystemFlags::SEEN,
            Flag::Extension(_) if flag.to_string().eq_ignore_ascii_case("\\Recent") => continue,
            Flag::Extension(_) => return Err(Difference::FlagExtension),
            Flag::Keyword(word) => {
                out.keywords.insert(Keyword::parse(word.as_ref()).ok_or(Difference::Keyword)?);
                continue;
            }
        };
        out.system = out.system.union(system);
    }
    Ok(out)
}

fn path(part: Option<&Part>) -> Vec<u32> {
    part.map(|part| part.0.as_ref().iter().map(|number| number.get()).collect()).unwrap_or_default()
}

fn section(theirs: Option<&Theirs<'_>>) -> Meaning<Section> {
    let fields = |part: &Option<Part>, names: &Vec1<AString<'_>>, not| {
        let names: Meaning<Vec<String>> = names.as_ref().iter().map(text).collect();
        let names: Vec<String> = names?.iter().map(|name| name.to_ascii_uppercase()).collect();
        let empty = names.iter().any(String::is_empty);
        let section = Section { path: path(part.as_ref()), what: What::HeaderFields { names, not } };
        if empty { Err(Difference::NotText) } else { Ok(section) }
    };
    Ok(match theirs {
        None => Section { path: Vec::new(), what: What::All },
        Some(Theirs::Part(part)) => Section { path: path(Some(part)), what: What::All },
        Some(Theirs::Header(part)) => Section { path: path(part.as_ref()), what: What::Header },
        Some(Theirs::Text(part)) => Section { path: path(part.as_ref()), what: What::Text },
        Some(Theirs::Mime(part)) => Section { path: path(Some(part)), what: What::Mime },
        Some(Theirs::HeaderFields(part, names)) => fields(part, names, false)?,
        Some(Theirs::HeaderFieldsNot(part, names)) => fields(part, names, true)?,
    })
}

fn item(theirs: &MessageDataItemName<'_>) -> Meaning<Item> {
    use MessageDataItemName as M;
    let whole = |what, peek, form| Bytes { section: Section { path: vec![], what }, partial: None, peek, form };
    Ok(match theirs {
        M::Body => Item::Body,
        M::BodyStructure => Item::BodyStructure,
        M::Envelope => Item::Envelope,
        M::Flags => Item::Flags,
        M::InternalDate => Item::InternalDate,
        M::Rfc822Size => Item::Size,
        M::Uid => Item::Uid,
        M::Rfc822 => Item::Bytes(whole(What::All, false, Form::Rfc822)),
        M::Rfc822Header => Item::Bytes(whole(What::Header, true, Form::Rfc822Header)),
        M::Rfc822Text => Item::Bytes(whole(What::Text, false, Form::Rfc822Text)),
        M::BodyExt { section: theirs, partial, peek } => {
            let partial = partial.map(|(offset, count)| (u64::from(offset), u64::from(count.get())));
            Item::Bytes(Bytes { section: section(theirs.as_ref())?, partial, peek: *peek, form: Form::Body })
        }
        M::Binary { section, partial, peek } => {
            let partial = partial.map(|(offset, count)| (u64::from(offset), u64::from(count.get())));
            Item::Binary(Binary { path: section.iter().map(|number| number.get()).collect(), partial, peek: *peek })
        }
        M::BinarySize { section } => Item::BinarySize(section.iter().map(|number| number.get()).collect()),
    })
}

fn items(theirs: &MacroOrMessageDataItemNames<'_>) -> Meaning<Vec<Item>> {
    let of_macro = |word: &str| fetch::parse_items(&mut Cursor::new(word.as_bytes()), 1).map_err(|_| Difference::Empty);
    match theirs {
        MacroOrMessageDataItemNames::Macro(Macro::All) => of_macro("ALL"),
        MacroOrMessageDataItemNames::Macro(Macro::Fast) => of_macro("FAST"),
        MacroOrMessageDataItemNames::Macro(_) => of_macro("FULL"),
        MacroOrMessageDataItemNames::MessageDataItemNames(names) if names.is_empty() => Err(Difference::Empty),
        MacroOrMessageDataItemNames::MessageDataItemNames(names) => names.iter().map(item).collect(),
    }
}

fn key(theirs: &SearchKey<'_>, charset: &str) -> Meaning<Key> {
    use SearchKey as S;
    let words = |text: &AString<'_>| message::charset::decode(text.as_ref(), Some(charset));
    let has = |flag| Key::Flag(Flags::system(flag));
    let not = |key| Key::Not(Box::new(key));
    let day = |date: &imap_codec::imap_types::datetime::NaiveDate| {
        let shown = date.as_ref().format("%-d-%b-%Y").to_string();
        Day::parse(&mut Cursor::new(shown.as_bytes())).unwrap()
    };
    let keyword = |word: &str| {
        let keyword = Keyword::parse(word).ok_or(Difference::Keyword)?;
        Ok(Key::Flag(Flags { keywords: [keyword].into(), ..Flags::default() }))
    };
    Ok(match theirs {
        S::And(keys) => all_of(keys, charset)?,
        S::Or(one, two) => Key::Or(Box::new(key(one, charset)?), Box::new(key(two, charset)?)),
        S::Not(one) => not(key(one, charset)?),
        S::SequenceSet(numbers) => Key::Numbers(set(numbers)),
        S::Uid(uids) => Key::Uids(set(uids)),
        S::All => Key::And(vec![]),
        S::Answered => has(SystemFlags::ANSWERED),
        S::Deleted => has(SystemFlags::DELETED),
        S::Draft => has(SystemFlags::DRAFT),
        S::Flagged => has(SystemFlags::FLAGGED),
        S::Seen => has(SystemFlags::SEEN),
        S::Unanswered => not(has(SystemFlags::ANSWERED)),
        S::Undeleted => not(has(SystemFlags::DELETED)),
        S::Undraft => not(has(SystemFlags::DRAFT)),
        S::Unflagged => not(has(SystemFlags::FLAGGED)),
        S::Unseen => not(has(SystemFlags::SEEN)),
        S::Recent => Key::Recent,
        S::Old => not(Key::Recent),
        S::New => Key::And(vec![Key::Recent, not(has(SystemFlags::SEEN))]),
        S::Keyword(word) => keyword(word.as_ref())?,
        S::Unkeyword(word) => not(keyword(word.as_ref())?),
        S::Larger(size) => Key::Larger(u64::from(*size)),
        S::Smaller(size) => Key::Smaller(u64::from(*size)),
        S::Before(date) => Key::Before(day(date)),
        S::On(date) => Key::On(day(date)),
        S::Since(date) => Key::Since(day(date)),
        S::SentBefore(date) => Key::SentBefore(day(date)),
        S::SentOn(date) => Key::SentOn(day(date)),
        S::SentSince(date) => Key::SentSince(day(date)),
        S::Subject(text) => Key::Header("SUBJECT".into(), words(text)),
        S::From(text) => Key::Header("FROM".into(), words(text)),
        S::To(text) => Key::Header("TO".into(), words(text)),
        S::Cc(text) => Key::Header("CC".into(), words(text)),
        S::Bcc(text) => Key::Header("BCC".into(), words(text)),
        S::Header(name, text) => Key::Header(words(name).to_ascii_uppercase(), words(text)),
        S::Body(text) => Key::Body(words(text)),
        S::Text(text) => Key::Text(words(text)),
    })
}

/// Keys side by side; one alone needs no "and".
fn all_of(theirs: &Vec1<SearchKey<'_>>, charset: &str) -> Meaning<Key> {
    let keys: Vec<Key> = theirs.as_ref().iter().map(|one| key(one, charset)).collect::<Meaning<_>>()?;
    Ok(if keys.len() == 1 { keys[0].clone() } else { Key::And(keys) })
}

fn search(charset: Option<&str>, criteria: &Vec1<SearchKey<'_>>) -> Meaning<Key> {
    let charset = charset.unwrap_or("UTF-8");
    if !CHARSETS.iter().any(|known| known.eq_ignore_ascii_case(charset)) {
        return Err(Difference::Charset);
    }
    all_of(criteria, charset)
}

fn criterion(theirs: &SortCriterion) -> Criterion {
    let key = match theirs.key {
        TheirKey::Arrival => SortKey::Arrival,
        TheirKey::Cc => SortKey::Cc,
        TheirKey::Date => SortKey::Date,
        TheirKey::DisplayFrom => SortKey::DisplayFrom,
        TheirKey::DisplayTo => SortKey::DisplayTo,
        TheirKey::From => SortKey::From,
        TheirKey::Size => SortKey::Size,
        TheirKey::Subject => SortKey::Subject,
        TheirKey::To => SortKey::To,
    };
    Criterion { key, reverse: theirs.reverse }
}

fn pattern(reference: &Mailbox<'_>, wildcard: &ListMailbox<'_>) -> Meaning<Vec<Pattern>> {
    let reference = match reference {
        Mailbox::Inbox => b"INBOX",
        Mailbox::Other(other) => other.as_ref(),
    };
    let wildcard = match wildcard {
        ListMailbox::Token(token) => token.as_ref(),
        ListMailbox::String(string) => string.as_ref(),
    };
    Pattern::parse(reference, wildcard).map(|pattern| vec![pattern]).map_err(|_| Difference::Name)
}

fn status(theirs: &[StatusDataItemName]) -> Meaning<Vec<StatusItem>> {
    let item = |item: &StatusDataItemName| match item {
        StatusDataItemName::Messages => Ok(StatusItem::Messages),
        StatusDataItemName::Recent => Ok(StatusItem::Recent),
        StatusDataItemName::UidNext => Ok(StatusItem::UidNext),
        StatusDataItemName::UidValidity => Ok(StatusItem::UidValidity),
        StatusDataItemName::Unseen => Ok(StatusItem::Unseen),
        StatusDataItemName::Deleted => Ok(StatusItem::Deleted),
        StatusDataItemName::DeletedStorage => Ok(StatusItem::DeletedStorage),
    };
    if theirs.is_empty() { Err(Difference::Empty) } else { theirs.iter().map(item).collect() }
}

fn opened(name: &Mailbox<'_>, read_only: bool) -> Meaning<Command> {
    Ok(Command::Select(Select { name: mailbox(name)?, read_only, condstore: false, resync: None }))
}

/// imap-codec's command in our words.
fn meaning(theirs: &CommandBody<'_>) -> Meaning<Command> {
    use CommandBody as C;
    Ok(match theirs {
        C::Capability => Command::Capability,
        C::Noop => Command::Noop,
        C::Logout => Command::Logout,
        C::StartTLS => Command::StartTls,
        C::Namespace => Command::Namespace,
        C::Idle => Command::Idle,
        C::Compress { algorithm } => Command::Compress(algorithm.to_string().to_ascii_uppercase()),
        C::Check => Command::Check,
        C::Close => Command::Close,
        C::Unselect => Command::Unselect,
        C::Expunge => Command::Expunge,
        C::Id { .. } => Command::Id,
        C::ExpungeUid { sequence_set } => Command::UidExpunge(set(sequence_set)),
        C::Login { username, password } => {
            Command::Login { name: text(username)?, password: Password(text(password.declassify())?) }
        }
        C::Enable { capabilities } => {
            let word = |one: &CapabilityEnable<'_>| one.to_string().to_ascii_uppercase();
            Command::Enable(capabilities.as_ref().iter().map(word).collect())
        }
        C::Select { mailbox: name } => opened(name, false)?,
        C::Examine { mailbox: name } => opened(name, true)?,
        C::Create { mailbox: name } => Command::Create { name: mailbox(name)?, uses: Vec::new() },
        C::GetQuota { root } => Command::GetQuota(text(root)?),
        C::GetQuotaRoot { mailbox: name } => Command::GetQuotaRoot(mailbox(name)?),
        C::Delete { mailbox: name } => Command::Delete(mailbox(name)?),
        C::Subscribe { mailbox: name } => Command::Subscribe(mailbox(name)?),
        C::Unsubscribe { mailbox: name } => Command::Unsubscribe(mailbox(name)?),
        C::Rename { from, to } => Command::Rename(mailbox(from)?, mailbox(to)?),
        C::Status { mailbox: name, item_names } => Command::Status(mailbox(name)?, status(item_names)?),
        C::List { reference, mailbox_wildcard } => {
            Command::List(List { patterns: pattern(reference, mailbox_wildcard)?, ..List::default() })
        }
        C::Lsub { reference, mailbox_wildcard } => {
            let patterns = pattern(reference, mailbox_wildcard)?;
            Command::Lsub(List { patterns, only_subscribed: true, ..List::default() })
        }
        C::Search { charset, criteria, uid } => {
            let charset = charset.as_ref().map(|charset| charset.as_ref());
            let key = search(charset, criteria)?;
            let search = Search { returns: None, charset: charset.map(str::to_owned), key };
            Command::Search { uid: *uid, search }
        }
        C::Sort { sort_criteria, charset, search_criteria, uid } => {
            let key = search(Some(charset.as_ref()), search_criteria)?;
            let criteria = sort_criteria.as_ref().iter().map(criterion).collect();
            Command::Sort { uid: *uid, sort: Sort { returns: None, criteria, key } }
        }
        C::Thread { algorithm, charset, search_criteria, uid } => {
            let key = search(Some(charset.as_ref()), search_criteria)?;
            let algorithm = match algorithm {
                ThreadingAlgorithm::OrderedSubject => Algorithm::OrderedSubject,
                ThreadingAlgorithm::References => Algorithm::References,
                _ => return Err(Difference::NotAnnounced),
            };
            Command::Thread { uid: *uid, thread: Thread { algorithm, key } }
        }
        C::Fetch { sequence_set, macro_or_item_names, uid } => {
            let (set, items) = (set(sequence_set), items(macro_or_item_names)?);
            Command::Fetch { uid: *uid, set, items, modifiers: Modifiers::default() }
        }
        C::Store { sequence_set, kind, response, flags: theirs, uid } => Command::Store {
            uid: *uid,
            set: set(sequence_set),
            unchanged_since: None,
            mode: match kind {
                StoreType::Replace => StoreMode::Replace,
                StoreType::Add => StoreMode::Add,
                StoreType::Remove => StoreMode::Remove,
            },
            silent: *response == StoreResponse::Silent,
            flags: flags(theirs)?,
        },
        C::Copy { sequence_set, mailbox: name, uid } => {
            Command::Copy { uid: *uid, set: set(sequence_set), to: mailbox(name)? }
        }
        C::Move { sequence_set, mailbox: name, uid } => {
            Command::Move { uid: *uid, set: set(sequence_set), to: mailbox(name)? }
        }
        // AUTHENTICATE and APPEND are compared in tests of their own.
        _ => return Err(Difference::NotAnnounced),
    })
}

/// Both read `line` (with its line end); whether imap-codec took it, and why we differ if we do.
fn compare(line: &[u8]) -> Option<Meaning<()>> {
    let (rest, theirs) = CommandCodec::default().decode(line).ok()?;
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(line));
    if let CommandBody::List { reference: Mailbox::Inbox, .. } | CommandBody::Lsub { reference: Mailbox::Inbox, .. } =
        theirs.body
    {
        // imap-codec forgets in which case INBOX was written, and before a pattern that is no INBOX it matters
        return None;
    }
    let shown = String::from_utf8_lossy(line).into_owned();
    let ours = parse(line.strip_suffix(b"\r\n").unwrap(), 50);
    Some(match meaning(&theirs.body) {
        Ok(wanted) => {
            let ours = ours.unwrap_or_else(|error| panic!("{shown}: we say {error}, they read {theirs:?}"));
            assert_eq!((ours.tag.as_str(), &ours.command), (theirs.tag.inner(), &wanted), "{shown}");
            Ok(())
        }
        Err(Difference::Charset) => {
            assert_eq!(ours, Err(ParseError::Charset), "{shown}");
            Err(Difference::Charset)
        }
        Err(difference) => {
            assert!(ours.is_err(), "{shown}: {difference:?}, yet we read {ours:?}");
            Err(difference)
        }
    })
}

#[test]
fn the_lines_of_rfc_3501_mean_the_same_to_both() {
    for line in RFC_3501.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let line = format!("{line}\r\n").replace("\\r\\n", "\r\n");
        assert_eq!(compare(line.as_bytes()), Some(Ok(())), "{line}");
    }
}

/// The client's lines of RFC 3501's sections 6 and 8, and of the extensions that we announce.
const RFC_3501: &str = r##"
    abcd CAPABILITY
    a002 NOOP
    A023 LOGOUT
    a002 STARTTLS
    a001 LOGIN SMITH SESAME
    A142 SELECT INBOX
    A932 EXAMINE blurdybloop
    A003 CREATE owatagusiam/
    A004 CREATE owatagusiam/blurdybloop
    A683 DELETE blurdybloop
    A685 DELETE foo
    Z433 RENAME INBOX old-mail
    A683 RENAME zowie foo.bar
    A002 SUBSCRIBE #news.comp.mail.mime
    A002 UNSUBSCRIBE #news.comp.mail.mime
    A101 LIST "" ""
    A102 LIST #news.comp.mail.misc ""
    A202 LIST ~/Mail/ %
    A002 LSUB "#news." "comp.mail.*"
    A042 STATUS blurdybloop (UIDNEXT MESSAGES)
    FXXZ CHECK
    A341 CLOSE
    A202 EXPUNGE
    A282 SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    A283 SEARCH TEXT "string not in mailbox"
    A284 SEARCH CHARSET UTF-8 TEXT {6}\r\nXXXXXX
    A654 FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])
    A003 STORE 2:4 +FLAGS (\Deleted)
    A003 COPY 2:4 MEETING
    A999 UID FETCH 4827313:4828442 FLAGS
    a004 fetch 12 body[header]
    a005 store 12 +flags \deleted
    a006 UID SEARCH 1:100 UID 443:557
    A001 FETCH 1 (BODY.PEEK[4.1.MIME] BODY[3.2.HEADER.FIELDS.NOT (X-A "x b")]<0.2048> RFC822.TEXT)
    A002 UID STORE 1,3:*,*:9 -FLAGS.SILENT ($Forwarded \Seen)
    A101 UID EXPUNGE 3000:3002
    a UID MOVE 42:69 foo
    a101 IDLE
    A ENABLE X-GOOD-IDEA
    a NAMESPACE
    a023 ID ("name" "sodr" "version" "19.34" "vendor" NIL)
    a042 ID NIL
    B002 UNSELECT
    a SEARCH OR (SEEN LARGER 5) NOT (1:3 DELETED) HEADER X-Spam "" KEYWORD $x UNKEYWORD $y SENTON "3-Mar-2020"
    a LOGIN {4+}\r\ntaro {6}\r\nse cre
    a SELECT "&ZeVnLIqe-/a \"b\" \\c"
    G0001 GETQUOTA ""
    D05 COMPRESS DEFLATE
    a1 FETCH 1 (BINARY.PEEK[1.2]<0.5> BINARY[] BINARY.SIZE[3])
    A282 SORT (SUBJECT) UTF-8 SINCE 1-Feb-1994
    A283 UID SORT (SUBJECT REVERSE DATE) UTF-8 ALL
    A284 THREAD ORDEREDSUBJECT UTF-8 ALL
    A285 THREAD REFERENCES US-ASCII TEXT "gewp"
    A003 GETQUOTAROOT INBOX
    S0000 STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)
"##;

#[test]
fn each_difference_is_one_that_we_chose() {
    for (line, difference) in [
        ("a SETQUOTA \"\" (STORAGE 5)", Difference::NotAnnounced),
        ("a STORE 1 +FLAGS (\\Foo)", Difference::FlagExtension),
        ("a SELECT a//b", Difference::Name),
        ("a SELECT &x", Difference::Name),
        ("a SELECT \"\"", Difference::Name),
        ("a SEARCH CHARSET X-NO ALL", Difference::Charset),
        ("a LOGIN {1+}\r\n\u{80} x", Difference::NotText),
        ("a FETCH 1 BODY[HEADER.FIELDS (\"\")]", Difference::NotText),
    ] {
        let line: Vec<u8> = format!("{line}\r\n").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_eq!(compare(&line), Some(Err(difference)), "{}", String::from_utf8_lossy(&line));
    }
}

#[test]
fn authenticate_and_append_mean_the_same_to_both() {
    let line = b"a AUTHENTICATE plain AGEAYg==\r\n";
    let CommandBody::Authenticate { mechanism, initial_response } =
        CommandCodec::default().decode(line).unwrap().1.body
    else {
        panic!("not AUTHENTICATE")
    };
    let ours = parse(line.strip_suffix(b"\r\n").unwrap(), 50).unwrap().command;
    assert_eq!(
        ours,
        Command::Authenticate { mechanism: mechanism.to_string(), initial: Some(Password("AGEAYg==".into())) }
    );
    assert_eq!(initial_response.unwrap().declassify().as_ref(), b"\0a\0b");

    for head in [
        "A003 APPEND saved-messages (\\Seen)",
        "a APPEND \"a b\" (\\Draft $x) \" 7-Feb-1994 21:52:25 -0800\"",
        "a append inbox \"17-Jul-1996 02:44:25 +0930\"",
        "a APPEND {5+}\r\nSent/ ()",
    ] {
        let line = format!("{head} {{3+}}\r\n");
        let whole = format!("{line}a\r\n\r\n");
        let (_, theirs) = CommandCodec::default().decode(whole.as_bytes()).unwrap();
        let CommandBody::Append { mailbox: name, flags: theirs, date, .. } = theirs.body else { panic!("{head}") };
        let ours = append::parse(line.as_bytes()).unwrap().unwrap();
        assert_eq!((Ok(ours.mailbox), Ok(ours.head.flags)), (mailbox(&name), flags(&theirs)));
        let date = date.map(|date| date.as_ref().format("\"%d-%b-%Y %H:%M:%S %z\"").to_string());
        assert_eq!(ours.head.date, date.map(|text| parse_date_time(&mut Cursor::new(text.as_bytes())).unwrap()));
    }
}

/// A string in one of the forms that the grammar has for it.
fn astring(text: &'static str) -> impl Strategy<Value = String> {
    proptest::string::string_regex(text).unwrap().prop_flat_map(|text| {
        let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let literal = |plus: &str| format!("{{{}{plus}}}\r\n{text}", text.len());
        let bare = if text.is_empty() || text.contains([' ', '"', '\\', '(', ')', '{', '%', '*']) {
            quoted.clone()
        } else {
            text.clone()
        };
        prop_oneof![Just(bare), Just(quoted), Just(literal("+")), Just(literal(""))]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![Just("INBOX".to_owned()), Just("inbox".to_owned()), astring("[a-z&/ .\\]\\[\"\\\\*%-]{0,8}")]
}

fn numbers() -> impl Strategy<Value = String> {
    let bound = || {
        prop_oneof![
            (0u32..9).prop_map(|number| number.to_string()),
            Just("*".to_owned()),
            Just("4294967295".to_owned())
        ]
    };
    let range = (bound(), proptest::option::of(bound())).prop_map(|(from, to)| match to {
        Some(to) => format!("{from}:{to}"),
        None => from,
    });
    proptest::collection::vec(range, 1..4).prop_map(|ranges| ranges.join(","))
}

fn fetch_item() -> impl Strategy<Value = String> {
    let path = prop_oneof![Just(""), Just("1"), Just("2.3"), Just("0"), Just("1.1.4294967295")];
    let what = prop_oneof![
        Just(String::new()),
        prop_oneof![Just("HEADER"), Just("TEXT"), Just("MIME"), Just("header")].prop_map(str::to_owned),
        (any::<bool>(), astring("[A-Za-z -]{0,6}"))
            .prop_map(|(not, name)| { format!("HEADER.FIELDS{} (Subject {name})", if not { ".NOT" } else { "" }) }),
    ];
    let partial = prop_oneof![Just(""), Just("<0.1>"), Just("<5.4294967295>"), Just("<0.0>")];
    let bytes = (any::<bool>(), path, what, partial).prop_map(|(peek, path, what, partial)| {
        let dot = if path.is_empty() || what.is_empty() { "" } else { "." };
        format!("BODY{}[{path}{dot}{what}]{partial}", if peek { ".PEEK" } else { "" })
    });
    let words = vec![
        "FLAGS",
        "uid",
        "INTERNALDATE",
        "RFC822.SIZE",
        "ENVELOPE",
        "BODY",
        "BodyStructure",
        "RFC822",
        "RFC822.HEADER",
        "RFC822.TEXT",
        "ALL",
        "FAST",
        "FULL",
    ];
    prop_oneof![3 => bytes, 2 => proptest::sample::select(words).prop_map(str::to_owned)]
}

fn search_key() -> impl Strategy<Value = String> {
    let words = vec!["ALL", "seen", "NEW", "OLD", "RECENT", "UNSEEN", "UNFLAGGED", "DELETED", "Undraft", "ANSWERED"];
    let date = prop_oneof![
        Just("1-Feb-1994"),
        Just("\"31-dec-2024\""),
        Just("29-Feb-2023"),
        Just(" 1-Feb-1994"),
        Just("01-Mar-0001")
    ];
    let leaf = prop_oneof![
        proptest::sample::select(words).prop_map(str::to_owned),
        numbers(),
        numbers().prop_map(|numbers| format!("UID {numbers}")),
        (
            proptest::sample::select(&["SUBJECT", "from", "TEXT", "BODY", "BCC", "HEADER x-a"][..]),
            astring("[ -~]{0,6}")
        )
            .prop_map(|(key, text)| format!("{key} {text}")),
        (proptest::sample::select(&["BEFORE", "ON", "SENTSINCE"][..]), date)
            .prop_map(|(key, date)| format!("{key} {date}")),
        (proptest::sample::select(&["LARGER", "SMALLER"][..]), any::<u32>())
            .prop_map(|(key, size)| format!("{key} {size}")),
        proptest::string::string_regex("(KEYWORD|UNKEYWORD) [!-~]{1,6}").unwrap(),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|key| format!("NOT {key}")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("OR {one} {two}")),
            proptest::collection::vec(inner, 1..3).prop_map(|keys| format!("({})", keys.join(" "))),
        ]
    })
}

fn line() -> impl Strategy<Value = String> {
    let mailbox_verbs = vec!["SELECT", "EXAMINE", "CREATE", "DELETE", "SUBSCRIBE", "UNSUBSCRIBE"];
    let uid = || prop_oneof![Just(""), Just("UID ")];
    let flag =
        || prop_oneof![Just("\\Seen"), Just("\\deleted"), Just("$a"), Just("b]"), Just("\\Foo"), Just("\\Recent")];
    let command = prop_oneof![
        (proptest::sample::select(mailbox_verbs), name()).prop_map(|(verb, name)| format!("{verb} {name}")),
        (name(), name()).prop_map(|(from, to)| format!("rename {from} {to}")),
        (astring("[a-z@.]{0,6}"), astring("[ -~]{0,8}")).prop_map(|(name, secret)| format!("LOGIN {name} {secret}")),
        (any::<bool>(), astring("[a-z#./]{0,6}"), prop_oneof![name(), Just("*".to_owned()), Just("a%b*".to_owned())])
            .prop_map(|(all, reference, name)| format!("{} {reference} {name}", if all { "LIST" } else { "Lsub" })),
        (
            name(),
            proptest::collection::vec(proptest::sample::select(&["MESSAGES", "recent", "UIDNEXT", "UNSEEN"][..]), 0..4)
        )
            .prop_map(|(name, items)| format!("STATUS {name} ({})", items.join(" "))),
        (uid(), numbers(), proptest::collection::vec(fetch_item(), 0..4))
            .prop_map(|(uid, numbers, items)| format!("{uid}FETCH {numbers} ({})", items.join(" "))),
        (uid(), numbers(), fetch_item()).prop_map(|(uid, numbers, item)| format!("{uid}fetch {numbers} {item}")),
        (
            uid(),
            numbers(),
            proptest::sample::select(&["FLAGS", "+FLAGS", "-flags.silent"][..]),
            proptest::collection::vec(flag(), 0..3),
            any::<bool>()
        )
            .prop_map(|(uid, numbers, mode, flags, bare)| {
                let flags = flags.join(" ");
                format!("{uid}STORE {numbers} {mode} {}", if bare { flags } else { format!("({flags})") })
            }),
        (uid(), any::<bool>(), numbers(), name()).prop_map(|(uid, copy, numbers, name)| format!(
            "{uid}{} {numbers} {name}",
            if copy { "COPY" } else { "MOVE" }
        )),
        (
            uid(),
            proptest::option::of(proptest::sample::select(&["UTF-8", "us-ascii", "X-NO"][..])),
            proptest::collection::vec(search_key(), 1..4)
        )
            .prop_map(|(uid, charset, keys)| {
                let charset = charset.map(|charset| format!("CHARSET {charset} ")).unwrap_or_default();
                format!("{uid}SEARCH {charset}{}", keys.join(" "))
            }),
        numbers().prop_map(|numbers| format!("UID EXPUNGE {numbers}")),
    ];
    ("[A-Za-z0-9.]{1,4}", command).prop_map(|(tag, command)| format!("{tag} {command}\r\n"))
}

proptest! {
    // a failure is mended and put into a table above, not kept in a file
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn what_imap_codec_takes_means_the_same_to_us(line in line()) {
        compare(line.as_bytes());
    }

    #[test]
    fn a_line_with_a_wrong_byte_means_the_same_to_us_if_imap_codec_takes_it(line in line(), at: prop::sample::Index, byte in 0x20u8..0x7f) {
        let mut line = line.into_bytes();
        let at = at.index(line.len() - 2);
        line[at] = byte;
        if let Ok((rest, _)) = CommandCodec::default().decode(&line) && rest.is_empty() {
            compare(&line);
        }
    }
}
