//! Sessions over a real socket: what goes in, what comes out, to the byte.

mod edges;
mod house;
mod mailboxes;
mod memory;
mod messages;
mod others;
mod sessions;
