//! The verbs, a file each; here is which one runs in which state (RFC 3501 section 3).

mod acl;
pub(crate) mod append;
mod authenticate;
mod binary;
pub(crate) mod capability;
mod close;
pub(crate) mod compress;
mod copy;
mod deal;
mod enable;
mod expunge;
mod fetch;
mod find;
mod id;
mod idle;
mod indexed;
mod list;
mod listing;
mod login;
mod mailboxes;
mod metadata;
mod namespace;
pub(crate) mod news;
mod notify;
mod quota;
mod replace;
mod scan;
mod search;
mod select;
pub(crate) mod sort;
pub(crate) mod starttls;
mod status;
mod store;
pub(crate) mod sync;

use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::wire::command::Command;

/// What may be told of the selected mailbox before a command is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Updates {
    /// Nothing.
    None,
    /// New messages and flags, if a change was heard of; no expunges (RFC 3501 7.4.1).
    NoExpunges,
    /// The same; the store is asked in any case.
    AskNoExpunges,
    /// Everything, if a change was heard of.
    All,
    /// Everything; the store is asked in any case.
    AskStore,
    /// The same, also to a client that wants to hear nothing (RFC 5465): it asked for it by this command.
    Own,
}

/// What may be told at the end of this command.
pub(crate) fn updates(command: &Command) -> Updates {
    match command {
        Command::Fetch { uid: false, .. }
        | Command::Store { uid: false, .. }
        | Command::Search { uid: false, .. }
        | Command::Sort { uid: false, .. }
        | Command::Thread { uid: false, .. } => Updates::NoExpunges,
        Command::Noop | Command::Check | Command::Copy { .. } => Updates::AskStore,
        Command::Expunge | Command::UidExpunge(_) | Command::Move { .. } => Updates::Own,
        // RFC 5465 3.1: a NOTIFY SET is a NOOP too.
        Command::Notify(crate::wire::notify::Notify::Set { .. }) => Updates::Own,
        // SELECT has just told everything; the others leave or are outside a mailbox.
        Command::Select(_)
        | Command::Close
        | Command::Unselect
        | Command::Logout
        | Command::StartTls
        | Command::Login { .. }
        | Command::Authenticate { .. } => Updates::None,
        _ => Updates::All,
    }
}

/// When a command is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Any,
    BeforeSignIn,
    SignedIn,
    Selected,
}

fn state(command: &Command) -> State {
    match command {
        Command::Capability | Command::Noop | Command::Logout | Command::Id => State::Any,
        Command::StartTls | Command::Login { .. } | Command::Authenticate { .. } => State::BeforeSignIn,
        Command::Check
        | Command::Close
        | Command::Unselect
        | Command::Expunge
        | Command::UidExpunge(_)
        | Command::Fetch { .. }
        | Command::Store { .. }
        | Command::Copy { .. }
        | Command::Move { .. }
        | Command::Search { .. }
        | Command::Sort { .. }
        | Command::Thread { .. } => State::Selected,
        _ => State::SignedIn,
    }
}

/// The answer to a stranger.
pub(crate) fn sign_in_first() -> Answer {
    Answer::bad("Please sign in first")
}

/// Does what the command says.
pub(crate) async fn run(session: &mut Session, command: Command) -> Result<Answer, ImapError> {
    match state(&command) {
        State::BeforeSignIn if session.identity.is_some() => return Ok(Answer::bad("Already signed in")),
        State::SignedIn | State::Selected if session.identity.is_none() => {
            return Ok(sign_in_first());
        }
        State::Selected if session.selected.is_none() => return Ok(Answer::bad("No mailbox selected")),
        _ => {}
    }
    match command {
        Command::Capability => Ok(capability::run(session)),
        Command::Noop => Ok(Answer::ok("NOOP completed.")),
        Command::Check => Ok(Answer::ok("CHECK completed.")),
        Command::Logout => Ok(close::logout(session)),
        // Answered where they are read, since TLS and compression begin behind their answers.
        Command::StartTls => Ok(Answer::bad("TLS is not available")),
        Command::Compress(_) => Ok(Answer::bad("Compression is not available")),
        Command::Login { name, password } => login::run(session, &name, &password.0).await,
        Command::Authenticate { mechanism, initial } => authenticate::run(session, &mechanism, initial).await,
        Command::Id => Ok(id::run(session)),
        Command::Enable(words) => enable::run(session, &words).await,
        Command::Namespace => Ok(namespace::run(session)),
        Command::Select(select) => select::run(session, &select).await,
        Command::Create { name, uses } => mailboxes::create(session, &name, &uses).await,
        Command::Delete(name) => mailboxes::delete(session, &name).await,
        Command::Rename(from, to) => mailboxes::rename(session, &from, &to).await,
        Command::Subscribe(name) => mailboxes::subscribe(session, &name, true).await,
        Command::Unsubscribe(name) => mailboxes::subscribe(session, &name, false).await,
        Command::List(list) => list::run(session, &list).await,
        Command::Lsub(list) => list::lsub(session, &list).await,
        Command::Status(name, items) => status::run(session, &name, &items).await,
        Command::Idle => idle::run(session).await,
        Command::Close => close::close(session).await,
        Command::Unselect => Ok(close::unselect(session)),
        Command::Expunge => expunge::run(session, None).await,
        Command::UidExpunge(set) => expunge::run(session, Some(&set)).await,
        Command::Fetch { uid, set, items, modifiers } => fetch::run(session, uid, &set, &items, &modifiers).await,
        Command::Store { uid, set, unchanged_since, mode, silent, flags } => {
            store::run(session, &store::Asked { uid, set, unchanged_since, mode, silent, flags }).await
        }
        Command::Copy { uid, set, to } => copy::copy(session, uid, &set, &to).await,
        Command::Move { uid, set, to } => copy::move_to(session, uid, &set, &to).await,
        Command::Search { uid, search } => search::run(session, uid, &search).await,
        Command::Sort { uid, sort } => sort::sort(session, uid, &sort).await,
        Command::Thread { uid, thread } => sort::thread(session, uid, &thread).await,
        Command::GetMetadata(asked) => metadata::get(session, &asked).await,
        Command::SetMetadata(changes) => metadata::set(session, changes).await,
        Command::Notify(asked) => notify::run(session, asked).await,
        Command::GetQuota(root) => quota::get(session, &root).await,
        Command::Acl(asked) => acl::run(session, &asked).await,
        Command::GetQuotaRoot(name) => quota::root(session, &name).await,
    }
}
