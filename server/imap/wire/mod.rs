//! IMAP's grammar over bytes: commands in, answers out. No I/O, no clock, no state.

pub mod acl;
pub mod append;
pub mod command;
pub mod cursor;
pub mod date;
pub mod fetch;
pub mod frame;
pub mod idle;
pub mod list;
pub mod metadata;
pub mod name;
pub mod notify;
#[cfg(test)]
mod oracle;
pub mod partial;
pub mod returns;
pub mod search;
pub mod select;
pub mod sequence;
pub mod sort;
pub mod store;
pub mod structure;
pub mod write;
