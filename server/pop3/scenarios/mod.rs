//! The engine tried over real sockets and the embedded store, line by line.

mod house;
mod maildrops;
mod messages;
mod proof;
mod sign_in;
