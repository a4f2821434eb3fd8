//! What kind of failure an error is: the one word from which SMTP, IMAP and HTTP answers are chosen.

/// Who must act on a failure (DESIGN.md section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The peer said something wrong: 5xx, `BAD`, 400.
    Client,
    /// What was asked is not allowed: 5.7.x, `NO`, 403.
    Policy,
    /// It may work later: 4xx, `NO [UNAVAILABLE]`, 503.
    Temporary,
    /// We are wrong: answered as temporary, logged as an error.
    Bug,
}

/// An error that knows its kind. Every crate's error enum implements it.
pub trait Fault: std::error::Error {
    /// The kind of this failure.
    fn kind(&self) -> Kind;
}
