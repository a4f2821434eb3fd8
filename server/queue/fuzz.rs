//! What `tests/fuzz` (and nobody else) does with the bytes of a next hop.

use crate::client::fuzz;

/// Reads `bytes` as replies, and sends them as a mail.
pub fn next_hop(bytes: &[u8]) {
    fuzz::replies(bytes);
    fuzz::dots(bytes);
}
