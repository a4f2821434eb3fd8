//! COMPRESS (RFC 4978), after sign-in.

use super::Updates;
use crate::ImapError;
use crate::answer::Answer;
use crate::session::Session;

/// Answers, then compresses: the answer is the last word in the clear. Compression under compression is refused.
pub(crate) async fn run(session: &mut Session, tag: &str, mechanism: &str) -> Result<(), ImapError> {
    let refusal = match mechanism {
        _ if session.identity.is_none() => Some(super::sign_in_first()),
        "DEFLATE" if session.link.is_compressed() => {
            Some(Answer::no("COMPRESSIONACTIVE", "The connection is compressed already"))
        }
        "DEFLATE" => None,
        _ => Some(Answer::bad("This compression is not known")),
    };
    if let Some(answer) = refusal {
        return session.finish(tag, Ok(answer), Updates::None).await;
    }
    Answer::ok("Compression begins now.").write(tag, session.link.out());
    session.link.flush().await?;
    session.link.compress();
    Ok(())
}
