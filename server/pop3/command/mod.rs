//! What the verbs do, a file for each; here is in which state each may come (RFC 1939 4 to 6).

mod auth;
mod capa;
mod dele;
mod list;
mod pass;
mod quit;
mod retr;
mod stls;

use crate::Pop3Error;
use crate::reply::Reply;
use crate::session::Session;
use crate::wire::command::Command;

/// Does a command and writes its answer; an error is answered by the session.
pub(crate) async fn run(session: &mut Session, command: Command) -> Result<(), Pop3Error> {
    match command {
        Command::Capa => capa::run(session),
        Command::Quit => return quit::run(session).await,
        command if session.opening.is_some() => return transaction(session, command).await,
        Command::Auth { mechanism: None, .. } => auth::list(session),
        Command::Auth { mechanism: Some(name), initial } => return auth::run(session, &name, initial).await,
        Command::User(name) => return pass::user(session, name),
        Command::Pass(password) => return pass::run(session, &password).await,
        Command::Stls => return stls::run(session).await,
        Command::Utf8 => utf8(session),
        _ => return Err(Pop3Error::Refused("Please sign in first")),
    }
    Ok(())
}

/// What may come once somebody has signed in.
async fn transaction(session: &mut Session, command: Command) -> Result<(), Pop3Error> {
    match command {
        Command::Stat => list::stat(session),
        Command::List(number) => list::run(session, number).await,
        Command::Uidl(number) => list::uidl(session, number).await,
        Command::Retr(number) => retr::run(session, number, None).await,
        Command::Top { number, lines } => retr::run(session, number, Some(lines)).await,
        Command::Dele(number) => dele::run(session, number).await,
        Command::Rset => dele::reset(session),
        Command::Noop => {
            session.link.say(&Reply::ok(""));
            Ok(())
        }
        _ => Err(Pop3Error::Refused("Already signed in")),
    }
}

/// UTF8 (RFC 6856 2.1): from now on headers go as they are.
fn utf8(session: &mut Session) {
    session.utf8 = true;
    session.link.say(&Reply::ok("UTF-8 it is"));
}
