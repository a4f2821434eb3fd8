//! The embedded engine of the store: SQLite for rows, segment files for bytes (DESIGN.md section 5). Its SQL lives
//! here and nowhere else.
//!
//! Three files: `directory.db` (people, rules), `keys.db` (record keys, wrapped), `mail.db` (everything that mail
//! causes). One server per data folder; commands open the same files beside it.

mod annotations;
mod arrivals;
mod audits;
mod checkpoint;
mod commits;
mod correspondents;
mod database;
mod directory;
mod drafts;
mod engine;
mod figures;
mod incidents;
mod indexing;
mod keys;
mod ledger;
mod links;
mod mailbox;
mod notes;
mod open;
mod outgoing;
mod place;
mod posting;
mod room;
mod sharing;
mod sql;
mod texts;
mod verify;
mod writer;

pub use engine::SqliteEngine;
pub use keys::MasterKey;
pub use open::{Mode, OpenConfig, is_empty};
pub use writer::Fatal;

#[cfg(test)]
mod crash;
#[cfg(test)]
mod scale;
#[cfg(test)]
mod tests;
