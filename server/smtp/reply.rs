//! The replies that SMTP itself gives (RFC 5321 4.2.3, enhanced codes RFC 3463); the doors give theirs.

use types::Reply;

use crate::wire::command::Wrong;

/// What a line that is no command gets.
pub(crate) fn wrong(wrong: &Wrong) -> Reply {
    match wrong {
        Wrong::Unknown => Reply::new(500, (5, 5, 1), "Command not recognised"),
        Wrong::NotServed => Reply::new(502, (5, 5, 1), "Command not served here"),
        Wrong::Syntax(what) => Reply::new(501, (5, 5, 2), format!("Syntax: {what}")),
        Wrong::Parameter(key) => Reply::new(555, (5, 5, 4), format!("Parameter {key} is not supported")),
        Wrong::Sender(error) => Reply::new(501, (5, 1, 7), format!("Sender address: {error}")),
        Wrong::Recipient(error) => Reply::new(501, (5, 1, 3), format!("Recipient address: {error}")),
        Wrong::NeedsUtf8 => Reply::new(553, (5, 6, 7), "This address needs SMTPUTF8"),
        Wrong::Body => Reply::new(501, (5, 5, 4), "This BODY type is not supported"),
    }
}

pub(crate) fn ok() -> Reply {
    Reply::new(250, (2, 0, 0), "OK")
}
pub(crate) fn bad_sequence(what: &str) -> Reply {
    Reply::new(503, (5, 5, 1), what)
}
pub(crate) fn bad_line_end() -> Reply {
    Reply::new(500, (5, 5, 2), "A line must end with CRLF, and holds no bare CR, bare LF or NUL")
}
pub(crate) fn bad_body_line_end() -> Reply {
    Reply::new(554, (5, 5, 2), "Mail refused: it holds a bare CR or bare LF")
}
pub(crate) fn line_too_long() -> Reply {
    Reply::new(500, (5, 5, 2), "Line too long")
}
pub(crate) fn too_big(most: u64) -> Reply {
    Reply::new(552, (5, 3, 4), format!("Mail too big, at most {most} bytes are taken"))
}
pub(crate) fn header_too_long() -> Reply {
    Reply::new(552, (5, 3, 4), "Mail header too long")
}
pub(crate) fn loops() -> Reply {
    Reply::new(554, (5, 4, 6), "Mail loops: too many Received fields")
}
pub(crate) fn no_memory() -> Reply {
    Reply::new(451, (4, 3, 2), "Too much mail at once, try again later")
}
pub(crate) fn too_many_recipients() -> Reply {
    Reply::new(452, (4, 5, 3), "Too many recipients")
}
pub(crate) fn needs_sign_in() -> Reply {
    Reply::new(530, (5, 7, 0), "Sign in first")
}
pub(crate) fn needs_tls() -> Reply {
    Reply::new(530, (5, 7, 0), "Issue STARTTLS first")
}
