//! NAMESPACE (RFC 2342), after sign-in: one's own mailboxes without a prefix, those of colleagues and of the company below theirs.

use crate::answer::Answer;
use crate::session::Session;
use crate::spaces;

/// Answers NAMESPACE.
pub(super) fn run(session: &mut Session) -> Answer {
    session.link.line(&format!(
        "* NAMESPACE ((\"\" \"/\")) ((\"{}/\" \"/\")) ((\"{}/\" \"/\"))",
        spaces::OTHERS,
        spaces::COMPANY
    ));
    Answer::ok("NAMESPACE completed.")
}
