//! LIST and LSUB (RFC 3501 6.3.8, 6.3.9; extended RFC 5258, with STATUS RFC 5819, special uses RFC 6154), after
//! sign-in.

use store::{Mailbox, MailboxRole, Rights};

use super::{acl, metadata, status};
use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::spaces::{self, Found};
use crate::wire::list::List;
use crate::wire::metadata::Depth;
use crate::wire::write;

/// Answers LIST.
pub(super) async fn run(session: &mut Session, list: &List) -> Result<Answer, ImapError> {
    if let [pattern] = list.patterns.as_slice()
        && pattern.is_empty()
    {
        session.link.line("* LIST (\\Noselect) \"/\" \"\"");
        return Ok(Answer::ok("LIST completed."));
    }
    let all = visible(session).await?;
    for found in &all {
        let mailbox = &found.mailbox;
        if !list.patterns.iter().any(|pattern| pattern.matches(&mailbox.name)) {
            continue;
        }
        let is_selected = |other: &Found| is_below(&other.mailbox, mailbox) && selects(list, &other.mailbox);
        let below = list.recursive && all.iter().any(is_selected);
        if !selects(list, mailbox) && !below {
            continue;
        }
        let utf8 = session.enabled.names_in_utf8();
        write_line(session.link.out(), list, mailbox, below, utf8);
        if list.rights && mailbox.selectable {
            acl::tell_mine(session, found);
        }
        // What its STATUS would refuse is left out (RFC 5819 section 2).
        let readable = mailbox.selectable && found.rights.has(Rights::READ);
        if !list.status.is_empty() && readable {
            status::tell(session, found, &list.status).await?;
        }
        if !list.metadata.is_empty() && readable {
            let asked = metadata::Asked { entries: &list.metadata, depth: Depth::Zero, max_size: None };
            metadata::tell(session, Some(found), &asked).await?;
        }
        session.link.flush_batch().await?;
    }
    Ok(Answer::ok("LIST completed."))
}

/// All mailboxes that the person sees, with the names above those of others.
async fn visible(session: &Session) -> Result<Vec<Found>, ImapError> {
    let mut all = spaces::all(session).await?;
    let levels = spaces::levels_above(&all);
    if !levels.is_empty() {
        all.extend(levels);
        all.sort_by(|a, b| a.mailbox.name.cmp(&b.mailbox.name));
    }
    Ok(all)
}

/// Answers LSUB. A `%` that stops above a subscribed mailbox shows the level itself as `\Noselect`.
pub(super) async fn lsub(session: &mut Session, list: &List) -> Result<Answer, ImapError> {
    let mailboxes: Vec<Mailbox> = visible(session).await?.into_iter().map(|found| found.mailbox).collect();
    for mailbox in &mailboxes {
        if !list.patterns.iter().any(|pattern| pattern.matches(&mailbox.name)) {
            continue;
        }
        let utf8 = session.enabled.names_in_utf8();
        let out = session.link.out();
        let attributes = if mailbox.subscribed {
            ""
        } else if mailboxes.iter().any(|other| other.subscribed && is_below(other, mailbox)) {
            "\\Noselect"
        } else {
            continue;
        };
        out.extend_from_slice(format!("* LSUB ({attributes}) \"/\" ").as_bytes());
        write::mailbox(out, &mailbox.name, utf8);
        out.extend_from_slice(b"\r\n");
    }
    Ok(Answer::ok("LSUB completed."))
}

/// Whether the selection options take the mailbox.
fn selects(list: &List, mailbox: &Mailbox) -> bool {
    (!list.only_subscribed || mailbox.subscribed) && (!list.only_special || special_use(mailbox).is_some())
}

fn is_below(mailbox: &Mailbox, above: &Mailbox) -> bool {
    mailbox.name.strip_prefix(&above.name).is_some_and(|rest| rest.starts_with('/'))
}

fn special_use(mailbox: &Mailbox) -> Option<&'static str> {
    let role = mailbox.role?;
    MailboxRole::ALL.iter().find(|(known, _, _)| *known == role).and_then(|(_, _, word)| *word)
}

/// `* LIST (…) "/" name`: under which name a mailbox is kept, for IMAP4rev2 (RFC 9051 6.3.2 to 6.3.6); with the name that
/// the client wrote where that is another (6.3.9.7).
pub(super) fn tell_name(session: &mut Session, attributes: &str, name: &str, supplied: &str) {
    let out = session.link.out();
    out.extend_from_slice(format!("* LIST ({attributes}) \"/\" ").as_bytes());
    write::mailbox(out, name, true);
    if name != supplied {
        write_old_name(out, supplied, true);
    }
    out.extend_from_slice(b"\r\n");
}

/// `* LIST (\NonExistent) "/" name`: it was deleted, or bears another name now (RFC 5465 5.4).
pub(super) fn tell_gone(session: &mut Session, name: &str) {
    let utf8 = session.enabled.names_in_utf8();
    let out = session.link.out();
    out.extend_from_slice(b"* LIST (\\NonExistent) \"/\" ");
    write::mailbox(out, name, utf8);
    out.extend_from_slice(b"\r\n");
}

/// `* LIST (\NoAccess) "/" name`: it may be listed and not read, so its messages cannot be told of (RFC 5465 3.1).
pub(super) fn tell_no_access(session: &mut Session, name: &str) {
    let utf8 = session.enabled.names_in_utf8();
    let out = session.link.out();
    out.extend_from_slice(b"* LIST (\\NoAccess) \"/\" ");
    write::mailbox(out, name, utf8);
    out.extend_from_slice(b"\r\n");
}

/// `* LIST (…) "/" name ("OLDNAME" (old))`: it was made, renamed or (un)subscribed (RFC 5465 5.4, 5.5).
pub(super) fn tell_change(session: &mut Session, mailbox: &Mailbox, old: Option<&str>) {
    let utf8 = session.enabled.names_in_utf8();
    let out = session.link.out();
    write_start(out, &List { subscribed: true, ..List::default() }, mailbox, utf8);
    if let Some(old) = old {
        write_old_name(out, old, utf8);
    }
    out.extend_from_slice(b"\r\n");
}

fn write_old_name(out: &mut Vec<u8>, old: &str, utf8: bool) {
    out.extend_from_slice(b" (\"OLDNAME\" (");
    write::mailbox(out, old, utf8);
    out.extend_from_slice(b"))");
}

fn write_line(out: &mut Vec<u8>, list: &List, mailbox: &Mailbox, below: bool, utf8: bool) {
    write_start(out, list, mailbox, utf8);
    if below && list.only_subscribed {
        out.extend_from_slice(b" (\"CHILDINFO\" (\"SUBSCRIBED\"))");
    }
    out.extend_from_slice(b"\r\n");
}

/// `* LIST (…) "/" name`
fn write_start(out: &mut Vec<u8>, list: &List, mailbox: &Mailbox, utf8: bool) {
    // CHILDREN (RFC 3348 section 4): one of the two stands at every name, whether or not it was asked for
    let mut attributes = vec![if mailbox.has_children { "\\HasChildren" } else { "\\HasNoChildren" }];
    if !mailbox.selectable {
        attributes.push("\\Noselect");
    }
    if list.subscribed && mailbox.subscribed {
        attributes.push("\\Subscribed");
    }
    attributes.extend(special_use(mailbox));
    out.extend_from_slice(format!("* LIST ({}) \"/\" ", attributes.join(" ")).as_bytes());
    write::mailbox(out, &mailbox.name, utf8);
}
