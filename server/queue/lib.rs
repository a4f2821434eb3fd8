//! From here to the next hop: when, where to, over which connection, and what the sender is told when it cannot be.
//! The queue's rows and the bytes come through a [`Door`]; who may send what was decided before.
//!
//! Rows that are due are claimed under a lease, sorted by next hop (an MX set or a route), and brought there by at
//! most four connections per next hop. A lease that runs out while its attempt still runs is claimed again and by
//! that made longer; only after a crash does somebody else get the row.

mod answer;
mod client;
mod door;
mod error;
mod fate;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod hop;
mod lanes;
mod notice;
mod queue;
mod route;
mod schedule;
mod settle;
mod work;

#[cfg(test)]
mod tests;

pub use door::{Bounce, Door};
pub use error::QueueError;
pub use hop::HopTls;
pub use queue::Queue;
pub use route::{Route, RouteTls};
