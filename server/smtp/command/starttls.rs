//! STARTTLS (RFC 3207). Allowed while the connection is plain; everything said before it is forgotten.

use types::Reply;

use crate::reply;
use crate::session::{Next, Session};
use crate::stream::Ended;

pub(crate) fn run(session: &mut Session) -> Result<Next, Ended> {
    if session.stream.conn().is_tls() {
        return session.wrong(&reply::bad_sequence("TLS is on already")).map(|()| Next::Go);
    }
    if !session.stream.conn().can_start_tls() {
        return session.wrong(&Reply::new(454, (4, 7, 0), "TLS is not available")).map(|()| Next::Go);
    }
    session.say(&Reply::new(220, (2, 0, 0), "Start TLS"));
    Ok(Next::StartTls)
}
