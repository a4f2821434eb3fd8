//! The engine tried over real sockets and the embedded store, line by line.

mod house;
mod maildrops;
mod messages;
mod sign_in;
