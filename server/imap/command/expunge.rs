//! EXPUNGE (RFC 3501 6.4.3) and UID EXPUNGE (RFC 4315 2.1; both RFC 7162 3.2.7), in the selected state.

use store::Rights;

use super::sync::{self, selected};
use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;
use crate::wire::sequence::SequenceSet;

/// Takes away what bears `\Deleted`, all or those of `set`; the untagged lines follow from what the store then
/// says has gone, so that they come once and in the view's numbers.
pub(super) async fn run(session: &mut Session, set: Option<&SequenceSet>) -> Result<Answer, ImapError> {
    let selected = selected(session)?;
    if selected.read_only {
        return Ok(Answer::no("READ-ONLY", "The mailbox is read-only"));
    }
    let (id, uids) = (selected.id, set.map(|set| set.as_uids(&selected.view, &selected.saved)));
    let now = session.context.clock.now();
    let gone = session.context.store.expunge(&session.here(Rights::EXPUNGE)?, id, uids.as_ref(), now).await?;
    if gone.is_empty() {
        return Ok(Answer::ok("EXPUNGE completed."));
    }
    Ok(match sync::highest(session).await? {
        Some(code) => Answer::ok_with(code, "EXPUNGE completed."),
        None => Answer::ok("EXPUNGE completed."),
    })
}
