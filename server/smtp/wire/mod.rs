//! Bytes to commands and back, with no I/O: lines, verbs with their parameters, the body of DATA, and what the
//! header of a mail says about its way here. Nothing here panics, whatever the bytes.

pub(crate) mod command;
pub(crate) mod data;
pub(crate) mod header;
pub(crate) mod line;
pub(crate) mod path;
