//! Our own SMTP client (RFC 5321): one connection to one next hop, over which mails go one after the other.

mod dots;
mod extensions;
#[cfg(feature = "fuzz")]
pub(crate) mod fuzz;
mod open;
mod reply;
mod session;
mod transaction;
mod trouble;

pub(crate) use open::{Target, open};
pub(crate) use session::{Patience, Session};
pub(crate) use transaction::Mail;
