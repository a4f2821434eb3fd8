//! EHLO and HELO (RFC 5321 4.1.1.1): the client gives its name, we say what we can do. Allowed at any time; ends a
//! transaction.

use types::Reply;

use crate::session::{Greeting, Session};

pub(crate) fn ehlo(session: &mut Session, name: String) {
    begin(session, name, Greeting::Extended);
    let mut reply = Reply::bare(250, session.context.hostname.clone());
    for line in extensions(session) {
        reply = reply.line(line);
    }
    session.say(&reply);
}

pub(crate) fn helo(session: &mut Session, name: String) {
    begin(session, name, Greeting::Plain);
    session.say(&Reply::bare(250, session.context.hostname.clone()));
}

fn begin(session: &mut Session, name: String, greeting: Greeting) {
    session.peer.helo = name;
    session.greeted = Some(greeting);
    session.mail = None;
}

fn extensions(session: &Session) -> Vec<String> {
    let mut lines = vec![
        "PIPELINING".to_owned(),
        format!("SIZE {}", session.context.limits.message_size),
        "8BITMIME".to_owned(),
        "ENHANCEDSTATUSCODES".to_owned(),
        "SMTPUTF8".to_owned(),
        "CHUNKING".to_owned(),
    ];
    if session.stream.conn().can_start_tls() {
        lines.push("STARTTLS".to_owned());
    }
    if session.peer.kind.is_submission() && session.may_sign_in() && session.author.is_none() {
        lines.push("AUTH PLAIN LOGIN".to_owned());
    }
    lines
}
