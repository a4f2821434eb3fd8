//! CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501 6.3.3 to 6.3.7), after sign-in; of mailboxes of others as far as
//! their rights go (RFC 4314 section 4). Administrators make the company's own mailboxes.

use store::{Below, Mailbox, MailboxRole, Rights, Write, company_of};
use types::UserId;

use super::list;
use crate::ImapError;
use crate::answer::Answer;
use crate::object_id;
use crate::session::Session;
use crate::spaces::{self, Found, Spot};
use crate::wire::name::MailboxName;

/// CREATE, with the levels above it; for a use when one is named (RFC 6154 3). Its lasting name is told (RFC 8474 4.1).
pub(super) async fn create(session: &mut Session, name: &MailboxName, uses: &[String]) -> Result<Answer, ImapError> {
    let role = match uses {
        [] => None,
        [word] if special_use(word).is_some() => special_use(word),
        _ => return Ok(Answer::no("USEATTR", "A mailbox can be for one of the known uses")),
    };
    if spaces::is_beside(name.as_str()) {
        return create_beside(session, name, role).await;
    }
    let (context, access) = (session.context.clone(), session.writing()?);
    let made = match role {
        None => context.store.create_mailbox(&access, name.as_str()).await?,
        Some(role) if is_taken(session, role).await? => {
            return Ok(Answer::no("USEATTR", "Another mailbox is for this use already"));
        }
        Some(role) => context.store.create_special(&access, name.as_str(), role).await?,
    };
    Ok(created(session, &made, name))
}

fn created(session: &mut Session, made: &Mailbox, name: &MailboxName) -> Answer {
    if session.enabled.rev2 && made.name != name.supplied() {
        list::tell_name(session, "", &made.name, name.supplied());
    }
    Answer::ok_with(format!("MAILBOXID ({})", object_id::mailbox(made.id)), "CREATE completed.")
}

/// CREATE among the mailboxes of others: below one that is seen and has `k`; the company's outermost are its administrators'.
async fn create_beside(
    session: &mut Session,
    name: &MailboxName,
    role: Option<MailboxRole>,
) -> Result<Answer, ImapError> {
    if role.is_some() {
        return Ok(Answer::no("USEATTR", "Only mailboxes of one's own are for a use"));
    }
    let Some((owner, rest)) = at_another(session, name.as_str())? else { return Ok(not_here()) };
    let (context, rest) = (session.context.clone(), rest.to_owned());
    let mut made = match spaces::above(session, owner, &rest).await? {
        Some(above) => {
            let access = session.in_mailbox(owner, above.mailbox.id, Rights::CREATE)?;
            context.store.create_below(&access, &rest).await?
        }
        None if company_of(owner).is_some() => {
            let identity = session.identity.as_ref().ok_or(ImapError::Closed)?;
            let access = context.auth.manage_tenant(identity)?;
            context.store.create_company_mailbox(&access, &rest, context.clock.now()).await?
        }
        None => return Ok(not_here()),
    };
    made.name = spaces::full_name(&context.store.directory(), owner, &made.name).unwrap_or_default();
    Ok(created(session, &made, name))
}

/// The other owner at whom a name points, and how he calls it.
fn at_another<'n>(session: &Session, name: &'n str) -> Result<Option<(UserId, &'n str)>, ImapError> {
    let directory = session.context.store.directory();
    Ok(match spaces::spot(&directory, &*session.person()?, name) {
        Spot::At(owner, rest) => Some((owner, rest)),
        Spot::Own | Spot::Nowhere => None,
    })
}

fn not_here() -> Answer {
    Answer::no("NONEXISTENT", "There is no mailbox above it")
}

fn special_use(word: &str) -> Option<MailboxRole> {
    let named =
        |(_, _, known): &&(MailboxRole, &str, Option<&str>)| known.is_some_and(|k| k.eq_ignore_ascii_case(word));
    MailboxRole::ALL.iter().find(named).map(|(role, _, _)| *role)
}

async fn is_taken(session: &Session, role: MailboxRole) -> Result<bool, ImapError> {
    let mailboxes = session.context.store.mailboxes(&session.reading()?).await?;
    Ok(mailboxes.iter().any(|mailbox| mailbox.role == Some(role)))
}

/// Whether it is one of the person's own.
fn is_own(session: &Session, found: &Found) -> bool {
    session.identity.as_ref().is_some_and(|identity| identity.user() == found.owner)
}

/// DELETE. The mailbox may be the selected one: then none is selected any more.
pub(super) async fn delete(session: &mut Session, name: &MailboxName) -> Result<Answer, ImapError> {
    let context = session.context.clone();
    let found = spaces::find(session, name.as_str()).await?;
    if is_own(session, &found) {
        context.store.delete_mailbox(&session.writing()?, name.as_str()).await?;
    } else {
        let access = session.in_mailbox(found.owner, found.mailbox.id, Rights::DELETE)?;
        context.store.delete_reached(&access).await?;
    }
    if session.selected.as_ref().is_some_and(|selected| selected.id == found.mailbox.id) {
        session.selected = None;
    }
    if session.enabled.rev2 && found.mailbox.name != name.supplied() {
        let became = if found.mailbox.has_children { "\\Noselect" } else { "\\NonExistent" };
        list::tell_name(session, became, &found.mailbox.name, name.supplied());
    }
    Ok(Answer::ok("DELETE completed."))
}

/// RENAME, with the levels below it. A mailbox stays with its owner.
pub(super) async fn rename(session: &mut Session, from: &MailboxName, to: &MailboxName) -> Result<Answer, ImapError> {
    let context = session.context.clone();
    if !spaces::is_beside(from.as_str()) && !spaces::is_beside(to.as_str()) {
        context.store.rename_mailbox(&session.writing()?, from.as_str(), to.as_str()).await?;
        return Ok(renamed(session, (from.as_str(), to.as_str()), (from, to)));
    }
    let found = spaces::find(session, from.as_str()).await?;
    if is_own(session, &found) {
        if spaces::is_beside(to.as_str()) {
            return Ok(Answer::no("CANNOT", "A mailbox stays with its owner"));
        }
        context.store.rename_mailbox(&session.writing()?, from.as_str(), to.as_str()).await?;
        return Ok(renamed(session, (from.as_str(), to.as_str()), (from, to)));
    }
    let access = session.in_mailbox::<Write>(found.owner, found.mailbox.id, Rights::DELETE)?;
    let Some((owner, rest)) = at_another(session, to.as_str())?.filter(|(owner, _)| *owner == found.owner) else {
        return Ok(Answer::no("CANNOT", "A mailbox stays with its owner"));
    };
    match spaces::above(session, owner, rest).await? {
        Some(above) => {
            let above = session.in_mailbox(owner, above.mailbox.id, Rights::CREATE)?;
            context.store.rename_reached(&access, Below::Mailbox(&above), rest).await?;
        }
        None if company_of(owner).is_some() => {
            let identity = session.identity.as_ref().ok_or(ImapError::Closed)?;
            let company = context.auth.manage_tenant(identity)?;
            context.store.rename_reached(&access, Below::Company(&company), rest).await?;
        }
        None => return Ok(not_here()),
    }
    let now = spaces::full_name(&context.store.directory(), owner, rest).unwrap_or_default();
    Ok(renamed(session, (&found.mailbox.name, &now), (from, to)))
}

/// RFC 9051 6.3.6: when one of the two names is kept in another form than it was written in, the new one is told.
fn renamed(session: &mut Session, kept: (&str, &str), written: (&MailboxName, &MailboxName)) -> Answer {
    let (from, to) = (written.0.supplied(), written.1.supplied());
    if session.enabled.rev2 && kept != (from, to) {
        list::tell_name(session, "", kept.1, from);
    }
    Answer::ok("RENAME completed.")
}

/// SUBSCRIBE and UNSUBSCRIBE; everybody has subscriptions of his own, of others' mailboxes too.
pub(super) async fn subscribe(session: &mut Session, name: &MailboxName, on: bool) -> Result<Answer, ImapError> {
    let store = session.context.store.clone();
    let found = if spaces::is_beside(name.as_str()) { Some(spaces::find(session, name.as_str()).await?) } else { None };
    match found.filter(|found| !is_own(session, found)) {
        Some(found) => {
            let access = session.in_mailbox(found.owner, found.mailbox.id, Rights::LOOKUP)?;
            store.subscribe_reached(&access, on).await?;
        }
        None => store.subscribe(&session.writing()?, name.as_str(), on).await?,
    }
    Ok(if on { Answer::ok("SUBSCRIBE completed.") } else { Answer::ok("UNSUBSCRIBE completed.") })
}
