//! POP3's grammar over bytes: commands in, messages out. No I/O, no clock.

pub mod command;
pub mod content;
