//! The door to the network: listeners, streams with TLS, the resolver, budgets, and the graceful stop.
//! It knows no mail protocol: what is said over a stream is the caller's affair.

mod budget;
mod certificate;
mod client_tls;
mod conn;
mod descriptors;
mod dns;
mod error;
mod listener;
mod server_tls;
mod stop;

pub use budget::{ByteBudget, BytePermit, Full, Peers, Permit};
pub use client_tls::ClientTls;
pub use conn::Conn;
pub use descriptors::room_for_connections;
pub use dns::{DnsError, MxHost, Resolver};
pub use error::NetError;
pub use listener::{Door, Listener};
pub use server_tls::ServerTls;
pub use stop::Stop;
