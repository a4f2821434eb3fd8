//! GETACL, SETACL, DELETEACL, LISTRIGHTS and MYRIGHTS (RFC 4314 section 3), after sign-in. An identifier is the address of a
//! colleague, `group:NAME`, or `anyone` for everybody of the company; others do not exist.

use store::{Directory, GroupKind, Identifier, Rights, RightsChange, User, company_of};
use types::Address;

use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::spaces::{self, Found};
use crate::wire::acl::{Acl, AclMode};
use crate::wire::write;

/// Before the name of a group.
const GROUP: &str = "group:";

/// Answers any of the five.
pub(super) async fn run(session: &mut Session, acl: &Acl) -> Result<Answer, ImapError> {
    match acl {
        Acl::Get(name) => get(session, name.as_str()).await,
        Acl::Mine(name) => mine(session, name.as_str()).await,
        Acl::List(name, who) => list(session, name.as_str(), who).await,
        Acl::Delete(name, who) => change(session, name.as_str(), who, None, "DELETEACL completed.").await,
        Acl::Set(name, who, mode, letters) => {
            let Some(rights) = Rights::parse(letters) else { return Ok(Answer::bad("A right is not known")) };
            let wanted = match mode {
                AclMode::Set => RightsChange::Set(rights),
                AclMode::Add => RightsChange::Add(rights),
                AclMode::Remove => RightsChange::Remove(rights),
            };
            change(session, name.as_str(), who, Some(wanted), "SETACL completed.").await
        }
    }
}

/// `* ACL name who rights who rights`, the owner first where there is a person who is.
async fn get(session: &mut Session, name: &str) -> Result<Answer, ImapError> {
    let found = spaces::find(session, name).await?;
    let access = session.in_mailbox(found.owner, found.mailbox.id, Rights::ADMINISTER)?;
    let entries = session.context.store.rights_on(&access)?;
    let directory = session.context.store.directory();
    let owner = company_of(found.owner).is_none().then_some((Identifier::User(found.owner), Rights::ALL));
    begin(session, "ACL", &found);
    for (who, rights) in owner.into_iter().chain(entries) {
        // Who is gone has no name, and nothing to do with it.
        if let Some(who) = name_of(&directory, who) {
            told(session.link.out(), who.as_bytes());
            told(session.link.out(), rights.to_string().as_bytes());
        }
    }
    session.link.out().extend_from_slice(b"\r\n");
    Ok(Answer::ok("GETACL completed."))
}

/// `* MYRIGHTS name rights`
async fn mine(session: &mut Session, name: &str) -> Result<Answer, ImapError> {
    let found = spaces::find(session, name).await?;
    tell_mine(session, &found);
    Ok(Answer::ok("MYRIGHTS completed."))
}

/// The line of MYRIGHTS, for LIST too (RFC 8440).
pub(super) fn tell_mine(session: &mut Session, found: &Found) {
    begin(session, "MYRIGHTS", found);
    let out = session.link.out();
    told(out, found.rights.to_string().as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// `* LISTRIGHTS name who always can can …`: the owner has all, everybody else may be given each alone.
async fn list(session: &mut Session, name: &str, who: &str) -> Result<Answer, ImapError> {
    let found = spaces::find(session, name).await?;
    session.in_mailbox::<store::Read>(found.owner, found.mailbox.id, Rights::ADMINISTER)?;
    let meant = match identifier(session, who)? {
        Ok(meant) => meant,
        Err(answer) => return Ok(answer),
    };
    begin(session, "LISTRIGHTS", &found);
    let out = session.link.out();
    told(out, who.as_bytes());
    if meant == Identifier::User(found.owner) {
        told(out, Rights::ALL.to_string().as_bytes());
    } else {
        told(out, b"");
        for letter in Rights::ALL.letters().chain(['c', 'd']) {
            told(out, letter.to_string().as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
    Ok(Answer::ok("LISTRIGHTS completed."))
}

async fn change(
    session: &mut Session,
    name: &str,
    who: &str,
    change: Option<RightsChange>,
    done: &'static str,
) -> Result<Answer, ImapError> {
    let found = spaces::find(session, name).await?;
    let access = session.in_mailbox(found.owner, found.mailbox.id, Rights::ADMINISTER)?;
    let who = match identifier(session, who)? {
        Ok(who) => who,
        Err(answer) => return Ok(answer),
    };
    let now = session.context.clock.now();
    session.context.store.set_rights(&access, who, change, now).await?;
    Ok(Answer::ok(done))
}

/// `* WORD name`
fn begin(session: &mut Session, word: &str, found: &Found) {
    let utf8 = session.enabled.names_in_utf8();
    let out = session.link.out();
    out.extend_from_slice(format!("* {word} ").as_bytes());
    write::mailbox(out, &found.mailbox.name, utf8);
}

fn told(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b' ');
    write::string(out, text);
}

/// Whom an identifier means, or the answer that it means nobody.
fn identifier(session: &Session, text: &str) -> Result<Result<Identifier, Answer>, ImapError> {
    let me = session.person()?;
    if text.starts_with('-') {
        return Ok(Err(Answer::no("CANNOT", "Rights cannot be denied, only not given")));
    }
    let meant = meant(&session.context.store.directory(), &me, text);
    Ok(meant.ok_or_else(|| Answer::no("NONEXISTENT", "There is nobody of this name")))
}

fn meant(directory: &Directory, me: &User, text: &str) -> Option<Identifier> {
    if text == "anyone" {
        return Some(Identifier::Anyone);
    }
    if let Some(name) = text.strip_prefix(GROUP) {
        return directory.group(me.tenant, GroupKind::Group, name).map(|group| Identifier::Group(group.id));
    }
    let person = directory.user_by_address(&Address::parse(text).ok()?)?;
    (person.tenant == me.tenant).then_some(Identifier::User(person.id))
}

fn name_of(directory: &Directory, who: Identifier) -> Option<String> {
    match who {
        Identifier::Anyone => Some("anyone".to_owned()),
        Identifier::User(id) => directory.users.get(&id).map(|user| user.address.to_string()),
        Identifier::Group(id) => directory.groups.get(&id).map(|group| format!("{GROUP}{}", group.name)),
    }
}
