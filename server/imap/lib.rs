//! IMAP4rev1 (RFC 3501) over the store.

pub mod wire;
