//! Sessions over a real socket: what goes in, what comes out, to the byte.

mod announced;
mod clients;
mod compressed;
mod crossing;
mod edges;
mod extensions;
mod histories;
mod house;
mod mailboxes;
mod memory;
mod messages;
mod metadata;
mod mirror;
mod notified;
mod ordering;
mod others;
mod proof;
mod ready;
mod results;
mod resync;
mod rev2;
mod searching;
mod sessions;
mod sharing;
