//! The one value that bounds what a stranger's input may cost.

use serde::{Deserialize, Serialize};

/// How long the queue tries (RFC 5321 4.5.4.1 asks for four to five days).
pub const QUEUE_LIFETIME: std::time::Duration = std::time::Duration::from_secs(5 * 24 * 3_600);

/// Bounds that reach every parser and session (DESIGN.md section 8). Sizes in bytes, times in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest mail taken, bytes.
    pub message_size: u64,
    /// Most recipients in one envelope.
    pub recipients: usize,
    /// Most connections at once, all listeners together.
    pub connections: usize,
    /// Most connections at once from one address other than loopback.
    pub connections_per_peer: usize,
    /// Memory for whole mails under work, all sessions together, bytes.
    pub memory: u64,
    /// Longest command line, bytes, without its literals (SMTP wants 512 at least, AUTH 12,288).
    pub command_line: usize,
    /// One IMAP command with all its literals but the APPEND's, bytes.
    pub command: usize,
    /// The same before sign-in, bytes.
    pub command_before_sign_in: usize,
    /// Deepest nesting of MIME parts and of IMAP brackets.
    pub depth: usize,
    /// Most MIME parts that are read of one mail.
    pub parts: usize,
    /// Most bytes of header that are read of one part.
    pub header_bytes: usize,
    /// Most addresses that are read of one header field.
    pub addresses: usize,
    /// Wrong commands before the session is ended.
    pub errors: usize,
    /// Seconds a session may be silent (SMTP: 300, RFC 5321 4.5.3.2.7; IMAP: 1,800 at least, RFC 3501 5.4).
    pub smtp_idle: u64,
    /// Seconds an IMAP session may be silent after sign-in.
    pub imap_idle: u64,
    /// Seconds a POP3 session may be silent after sign-in (RFC 1939 3: 600 at least).
    pub pop3_idle: u64,
    /// Seconds a session may be silent before sign-in.
    pub sign_in_idle: u64,
    /// Wrong passwords per account in ten minutes; a network with ten times as many is slowed down; loopback does not count.
    pub sign_in_failures: u32,
    /// Mails one account may hand in per hour.
    pub submissions_per_hour: u32,
    /// Child processes that read attachments at once; as many again may be at work on what takes long. 0: as many as
    /// there are processor cores, and two at least.
    pub extract_workers: usize,
    /// Memory of one such child, bytes.
    pub extract_memory: u64,
    /// Processor time for one attachment, seconds.
    pub extract_seconds: u64,
    /// Pictures of one attachment that are read, where something reads pictures.
    pub ocr_pictures: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_size: 50 << 20,
            recipients: 1_000,
            connections: 10_000,
            connections_per_peer: 100,
            memory: 512 << 20,
            command_line: 12_288,
            command: 8 << 20,
            command_before_sign_in: 64 << 10,
            depth: 50,
            parts: 10_000,
            header_bytes: 1 << 20,
            addresses: 10_000,
            errors: 20,
            smtp_idle: 300,
            imap_idle: 1_860,
            pop3_idle: 600,
            sign_in_idle: 60,
            sign_in_failures: 10,
            submissions_per_hour: 5_000,
            extract_workers: 0,
            extract_memory: 512 << 20,
            extract_seconds: 20,
            ocr_pictures: 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_silent_as_long_as_the_rfcs_let_them() {
        let limits = Limits::default();
        // RFC 9051 5.4: half an hour at least after signing in; before it the server may be shorter
        assert!(limits.imap_idle >= 1_800);
        // RFC 1939 3: ten minutes; RFC 5321 4.5.3.2.7: five
        assert!(limits.pop3_idle >= 600 && limits.smtp_idle >= 300);
        assert_eq!(limits.sign_in_idle, 60);
    }
}
