//! EXPUNGE (RFC 3501 6.4.3) and UID EXPUNGE (RFC 4315 2.1), in the selected state.

use super::sync::selected;
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
    let (id, uids) = (selected.id, set.map(|set| set.as_uids(&selected.view)));
    let now = session.context.clock.now();
    session.context.store.expunge(&session.writing()?, id, uids.as_ref(), now).await?;
    Ok(Answer::ok("EXPUNGE completed."))
}
