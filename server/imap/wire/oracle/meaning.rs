//! imap-codec's commands in our words.

use imap_codec::imap_types::command::{CommandBody, FetchModifier, SelectParameter, StoreModifier};
use imap_codec::imap_types::core::{AString, NString8, Vec1};
use imap_codec::imap_types::extensions::enable::CapabilityEnable;
use imap_codec::imap_types::extensions::metadata::{Depth as TheirDepth, Entry, EntryValue, GetMetadataOption};
use imap_codec::imap_types::extensions::sort::{SortCriterion, SortKey as TheirKey};
use imap_codec::imap_types::extensions::thread::ThreadingAlgorithm;
use imap_codec::imap_types::fetch::{Macro, MacroOrMessageDataItemNames, MessageDataItemName, Part, Section as Theirs};
use imap_codec::imap_types::flag::{Flag, StoreResponse, StoreType};
use imap_codec::imap_types::mailbox::{ListMailbox, Mailbox};
use imap_codec::imap_types::search::SearchKey;
use imap_codec::imap_types::sequence::{SeqOrUid, Sequence, SequenceSet as TheirSet};
use imap_codec::imap_types::status::StatusDataItemName;
use message::{Section, What};
use types::{Flags, Keyword, ModSeq, SystemFlags, UidValidity};

use super::{Difference, Meaning};
use crate::wire::command::{Command, Password};
use crate::wire::cursor::Cursor;
use crate::wire::date::Day;
use crate::wire::fetch::{self, Binary, Bytes, Form, Item, Modifiers};
use crate::wire::list::{List, StatusItem};
use crate::wire::metadata::{self, Depth};
use crate::wire::name::{MailboxName, Pattern};
use crate::wire::search::{CHARSETS, Key, Search};
use crate::wire::select::{Resync, Select};
use crate::wire::sequence::{Bound, SequenceSet};
use crate::wire::sort::{Algorithm, Criterion, Sort, SortKey, Thread};
use crate::wire::store::StoreMode;

pub(super) fn mailbox(theirs: &Mailbox<'_>) -> Meaning<MailboxName> {
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

/// RFC 7162 section 7: of 63 bits.
fn modseq(theirs: u64) -> Meaning<u64> {
    if theirs <= i64::MAX as u64 { Ok(theirs) } else { Err(Difference::ModSeq) }
}

fn text(theirs: &AString<'_>) -> Meaning<String> {
    String::from_utf8(theirs.as_ref().to_vec()).map_err(|_| Difference::NotText)
}

pub(super) fn flags(theirs: &[Flag<'_>]) -> Meaning<Flags> {
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
        M::ModSeq => Item::ModSeq,
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
        S::Older(seconds) => Key::Older(seconds.get()),
        S::Younger(seconds) => Key::Younger(seconds.get()),
        S::ModSequence { modseq: since, .. } => Key::ModSeq(modseq(*since)?),
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
        StatusDataItemName::Size => Ok(StatusItem::Size),
        StatusDataItemName::HighestModSeq => Ok(StatusItem::HighestModSeq),
    };
    if theirs.is_empty() { Err(Difference::Empty) } else { theirs.iter().map(item).collect() }
}

fn opened(name: &Mailbox<'_>, parameters: &[SelectParameter], read_only: bool) -> Meaning<Command> {
    let mut select = Select { name: mailbox(name)?, read_only, condstore: false, resync: None };
    for parameter in parameters {
        match parameter {
            SelectParameter::CondStore => select.condstore = true,
            SelectParameter::QResync { uid_validity, mod_sequence_value, known_uids, seq_match_data } => {
                let pairs = seq_match_data.iter().flat_map(|(numbers, uids)| [numbers, uids]);
                if known_uids.iter().chain(pairs).any(|known| !set(known).is_of_numbers()) {
                    return Err(Difference::Known);
                }
                select.resync = Some(Resync {
                    uid_validity: UidValidity(uid_validity.get()),
                    modseq: ModSeq(modseq(mod_sequence_value.get())?),
                    known: known_uids.as_ref().map(set),
                });
            }
        }
    }
    Ok(Command::Select(select))
}

fn modifiers(theirs: &[FetchModifier], uid: bool) -> Meaning<Modifiers> {
    let mut modifiers = Modifiers::default();
    for modifier in theirs {
        match modifier {
            FetchModifier::ChangedSince(since) => modifiers.changed_since = Some(ModSeq(modseq(since.get())?)),
            FetchModifier::Vanished => modifiers.vanished = true,
        }
    }
    let alone = !uid || modifiers.changed_since.is_none();
    if modifiers.vanished && alone { Err(Difference::Vanished) } else { Ok(modifiers) }
}

fn unchanged_since(theirs: &[StoreModifier]) -> Meaning<Option<ModSeq>> {
    match theirs {
        [] => Ok(None),
        [StoreModifier::UnchangedSince(since)] => modseq(*since).map(|since| Some(ModSeq(since))),
        _ => Err(Difference::Twice),
    }
}

/// A mailbox, or the server.
fn annotated(theirs: &Mailbox<'_>) -> Meaning<Option<MailboxName>> {
    match theirs {
        Mailbox::Other(name) if name.as_ref().is_empty() => Ok(None),
        theirs => mailbox(theirs).map(Some),
    }
}

fn entry(theirs: &Entry<'_>) -> Meaning<String> {
    let name = theirs.as_ref();
    let literal = [format!("{{{}+}}\r\n", name.len()).as_bytes(), name].concat();
    let entries = metadata::entries(&mut Cursor::new(&literal)).map_err(|_| Difference::Entry)?;
    Ok(entries.concat())
}

fn get_metadata(options: &[GetMetadataOption], name: &Mailbox<'_>, entries: &Vec1<Entry<'_>>) -> Meaning<Command> {
    let entries = entries.as_ref().iter().map(entry).collect::<Meaning<_>>()?;
    let mut get = metadata::Get { mailbox: annotated(name)?, entries, max_size: None, depth: Depth::Zero };
    for option in options {
        match option {
            GetMetadataOption::MaxSize(most) => get.max_size = Some(u64::from(*most)),
            GetMetadataOption::Depth(TheirDepth::Null) => get.depth = Depth::Zero,
            GetMetadataOption::Depth(TheirDepth::One) => get.depth = Depth::One,
            GetMetadataOption::Depth(TheirDepth::Infinity) => get.depth = Depth::Infinity,
        }
    }
    Ok(Command::GetMetadata(get))
}

fn set_metadata(name: &Mailbox<'_>, values: &Vec1<EntryValue<'_>>) -> Meaning<Command> {
    let value = |theirs: &EntryValue<'_>| {
        let entry = entry(&theirs.entry)?;
        let value = match &theirs.value {
            NString8::NString(string) => string.0.as_ref().map(|string| string.as_ref().to_vec()),
            NString8::Literal8(literal) => Some(literal.data.to_vec()),
        };
        // RFC 5464 3.2: /private and /shared themselves have no value
        if entry.matches('/').count() < 2 { Err(Difference::Entry) } else { Ok((entry, value)) }
    };
    let values = values.as_ref().iter().map(value).collect::<Meaning<_>>()?;
    Ok(Command::SetMetadata(metadata::Set { mailbox: annotated(name)?, values }))
}

/// imap-codec's command in our words.
pub(super) fn meaning(theirs: &CommandBody<'_>) -> Meaning<Command> {
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
        C::Select { mailbox: name, parameters } => opened(name, parameters, false)?,
        C::Examine { mailbox: name, parameters } => opened(name, parameters, true)?,
        C::GetMetadata { options, mailbox: name, entries } => get_metadata(options, name, entries)?,
        C::SetMetadata { mailbox: name, entry_values } => set_metadata(name, entry_values)?,
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
            let algorithm = match algorithm {
                ThreadingAlgorithm::OrderedSubject => Algorithm::OrderedSubject,
                ThreadingAlgorithm::References => Algorithm::References,
                other if other.to_string().eq_ignore_ascii_case("REFS") => Algorithm::Refs,
                _ => return Err(Difference::NotAnnounced),
            };
            let key = search(Some(charset.as_ref()), search_criteria)?;
            Command::Thread { uid: *uid, thread: Thread { algorithm, key } }
        }
        C::Fetch { sequence_set, macro_or_item_names, uid, modifiers: theirs } => {
            let (set, items) = (set(sequence_set), items(macro_or_item_names)?);
            Command::Fetch { uid: *uid, set, items, modifiers: modifiers(theirs, *uid)? }
        }
        C::Store { sequence_set, kind, response, flags: theirs, uid, modifiers } => Command::Store {
            uid: *uid,
            set: set(sequence_set),
            unchanged_since: unchanged_since(modifiers)?,
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
