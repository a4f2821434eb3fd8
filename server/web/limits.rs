//! What one HTTP request may cost.

use std::time::Duration;

/// Longest request head, bytes: request line and all fields (431 beyond it).
pub(crate) const HEAD: usize = 32 << 10;
/// A head must be complete after so long, and a kept connection idle no longer.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(60);
/// Largest body of an ordinary form, bytes; routes that take files set their own.
pub(crate) const FORM: usize = 4 << 20;
/// A handler must have begun to answer after so long, its body read.
pub(crate) const ANSWER_TIME: Duration = Duration::from_secs(120);
/// The same where files are sent from outside, over whatever line.
pub(crate) const UPLOAD_TIME: Duration = Duration::from_secs(900);
/// Requests at once on one HTTP/2 connection.
pub(crate) const STREAMS: u32 = 100;
/// Streams of events at once of one session.
pub(crate) const EVENT_STREAMS: usize = 6;
