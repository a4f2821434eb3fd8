//! GETMETADATA and SETMETADATA (RFC 5464 4.2, 4.3), after sign-in. What a client writes below /private and /shared belongs to
//! the owner of the mailbox; what is /shared of the server is the administrator's, and he has set nothing.

use std::collections::BTreeMap;

use store::{ANNOTATION_SIZE, Access, AnnotationChange, AnnotationHead, InMailbox, Read, Rights, StoreError};
use types::{MailboxId, UserId};

use super::copy::destination;
use crate::ImapError;
use crate::answer::Answer;
use crate::mail::permit;
use crate::session::Session;
use crate::spaces::Found;
use crate::wire::metadata::{Depth, Get, Set};
use crate::wire::name::MailboxName;
use crate::wire::write;

/// Which entries are told, and how.
pub(super) struct Asked<'a> {
    pub(super) entries: &'a [String],
    pub(super) depth: Depth,
    pub(super) max_size: Option<u64>,
}

/// Answers GETMETADATA.
pub(super) async fn get(session: &mut Session, get: &Get) -> Result<Answer, ImapError> {
    let mailbox = match named(session, get.mailbox.as_ref()).await? {
        Ok(mailbox) => mailbox,
        Err(answer) => return Ok(answer),
    };
    let asked = Asked { entries: &get.entries, depth: get.depth, max_size: get.max_size };
    let longest = tell(session, mailbox.as_ref(), &asked).await?;
    Ok(match longest {
        // RFC 5464 4.2.1: some were left out, and this is how long the longest is.
        Some(longest) => Answer::ok_with(format!("METADATA LONGENTRIES {longest}"), "GETMETADATA completed."),
        None => Answer::ok("GETMETADATA completed."),
    })
}

/// The mailbox; `None` for the server.
async fn named(session: &Session, name: Option<&MailboxName>) -> Result<Result<Option<Found>, Answer>, ImapError> {
    let Some(name) = name else { return Ok(Ok(None)) };
    Ok(match destination(session, name, Rights::NONE).await? {
        Ok(mailbox) => Ok(Some(mailbox)),
        Err(_) => Err(Answer::no("NONEXISTENT", "The mailbox does not exist")),
    })
}

/// Whose annotations are meant: of others' mailboxes only those are there that all readers share.
enum Place {
    /// The account, or one of its mailboxes.
    Own(Option<MailboxId>),
    /// Another's mailbox.
    Shared(UserId, MailboxId),
}

impl Place {
    fn of(session: &Session, found: Option<&Found>) -> Result<Self, ImapError> {
        let me = session.reading()?.what().0;
        Ok(match found {
            Some(found) if found.owner != me => Self::Shared(found.owner, found.mailbox.id),
            found => Self::Own(found.map(|found| found.mailbox.id)),
        })
    }
    async fn heads(&self, session: &Session) -> Result<Vec<AnnotationHead>, ImapError> {
        let store = &session.context.store;
        Ok(match self {
            Self::Own(of) => store.annotations(&session.reading()?, *of).await?,
            Self::Shared(owner, id) => store.shared_annotations(&shared(session, *owner, *id)?).await?,
        })
    }
    async fn values(&self, session: &Session, wanted: &[String]) -> Result<Vec<(String, Vec<u8>)>, ImapError> {
        let store = &session.context.store;
        Ok(match self {
            Self::Own(of) => store.annotation_values(&session.reading()?, *of, wanted).await?,
            Self::Shared(owner, id) => store.shared_annotation_values(&shared(session, *owner, *id)?, wanted).await?,
        })
    }
}

fn shared(session: &Session, owner: UserId, id: MailboxId) -> Result<Access<InMailbox, Read>, ImapError> {
    session.in_mailbox(owner, id, Rights::READ)
}

/// `* METADATA name (entry value …)`: what is there of what is asked for, and NIL for what was named itself and is not. The length of
/// the longest value that was left out.
pub(super) async fn tell(
    session: &mut Session,
    mailbox: Option<&Found>,
    asked: &Asked<'_>,
) -> Result<Option<u64>, ImapError> {
    let (context, place) = (session.context.clone(), Place::of(session, mailbox)?);
    let heads = place.heads(session).await?;
    let is_asked = |entry: &str| asked.entries.iter().any(|asked_entry| asked.depth.reaches(asked_entry, entry));
    let (short, long): (Vec<_>, Vec<_>) = heads
        .iter()
        .filter(|head| is_asked(&head.entry))
        .partition(|head| asked.max_size.is_none_or(|most| head.size <= most));
    // as they come, and as they are sent
    let bytes = 2 * short.iter().map(|head| head.size).sum::<u64>();
    let _permit = permit(&context, bytes).await?;
    let wanted: Vec<String> = short.into_iter().map(|head| head.entry.clone()).collect();
    let found = match wanted.as_slice() {
        [] => Vec::new(),
        wanted => place.values(session, wanted).await?,
    };
    let mut values: BTreeMap<String, Option<Vec<u8>>> =
        found.into_iter().map(|(entry, value)| (entry, Some(value))).collect();
    if asked.depth == Depth::Zero {
        for entry in asked.entries.iter().filter(|entry| !long.iter().any(|head| head.entry == **entry)) {
            values.entry(entry.clone()).or_default();
        }
    }
    if !values.is_empty() {
        let utf8 = session.enabled.names_in_utf8();
        write_values(session.link.out(), mailbox.map(|found| found.mailbox.name.as_str()), &values, utf8);
        session.link.flush_batch().await?;
    }
    Ok(long.iter().map(|head| head.size).max())
}

fn write_values(out: &mut Vec<u8>, mailbox: Option<&str>, values: &BTreeMap<String, Option<Vec<u8>>>, utf8: bool) {
    write_name(out, mailbox, utf8);
    out.push(b'(');
    for (i, (entry, value)) in values.iter().enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(entry.as_bytes());
        out.push(b' ');
        match value {
            Some(value) if memchr::memchr(0, value).is_some() => {
                out.push(b'~');
                write::literal_size(out, value.len() as u64);
                out.extend_from_slice(value);
            }
            value => write::nstring(out, value.as_deref()),
        }
    }
    out.extend_from_slice(b")\r\n");
}

/// `* METADATA name `, with "" for the server.
fn write_name(out: &mut Vec<u8>, mailbox: Option<&str>, utf8: bool) {
    out.extend_from_slice(b"* METADATA ");
    match mailbox {
        Some(name) => write::mailbox(out, name, utf8),
        None => out.extend_from_slice(b"\"\""),
    }
    out.push(b' ');
}

/// `* METADATA name entry …`: that these have changed (RFC 5464 4.4.2).
pub(super) fn write_changed(out: &mut Vec<u8>, mailbox: Option<&str>, entries: &[String], utf8: bool) {
    write_name(out, mailbox, utf8);
    out.extend_from_slice(entries.join(" ").as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Answers SETMETADATA: all of it is done, or nothing.
pub(super) async fn set(session: &mut Session, set: Set) -> Result<Answer, ImapError> {
    let mailbox = match named(session, set.mailbox.as_ref()).await? {
        Ok(mailbox) => mailbox,
        Err(answer) => return Ok(answer),
    };
    if mailbox.is_none() && set.values.iter().any(|(entry, _)| entry.starts_with("/shared")) {
        return Ok(Answer::no("NOPERM", "The shared entries of the server are the administrator's"));
    }
    let size = |value: &Option<Vec<u8>>| value.as_ref().map_or(0, Vec::len);
    if set.values.iter().any(|(_, value)| size(value) > ANNOTATION_SIZE) {
        return Ok(Answer::no(format!("METADATA MAXSIZE {ANNOTATION_SIZE}"), "The value is too long"));
    }
    let changes = set.values.into_iter().map(|(entry, value)| AnnotationChange { entry, value }).collect();
    let done = match Place::of(session, mailbox.as_ref())? {
        Place::Own(of) => session.context.store.annotate(&session.writing()?, of, changes).await,
        Place::Shared(owner, id) => {
            let access = session.in_mailbox(owner, id, Rights::READ.union(Rights::FLAG))?;
            session.context.store.annotate_shared(&access, changes).await
        }
    };
    match done {
        Ok(change) => session.own_annotation(change),
        Err(StoreError::Invalid(_)) => return Ok(Answer::no("METADATA TOOMANY", "There are too many annotations")),
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::ok("SETMETADATA completed."))
}
