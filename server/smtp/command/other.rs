//! The small verbs: RSET, VRFY, HELP, QUIT (RFC 5321 4.1.1.5 to 4.1.1.10).

use types::Reply;

use crate::reply;
use crate::session::{Next, Session};
use crate::stream::Ended;

pub(crate) fn rset(session: &mut Session) {
    session.mail = None;
    session.say(&reply::ok());
}

/// Who is here is told to nobody; 252 is the answer for that (RFC 5321 7.3).
pub(crate) fn vrfy(session: &mut Session) {
    session.say(&Reply::new(252, (2, 5, 0), "Not verified; send the mail and see"));
}

pub(crate) fn help(session: &mut Session) {
    session.say(&Reply::new(214, (2, 0, 0), "See RFC 5321"));
}

pub(crate) fn quit(session: &mut Session) -> Result<Next, Ended> {
    session.say(&Reply::new(221, (2, 0, 0), "Goodbye"));
    Err(Ended::Done)
}
