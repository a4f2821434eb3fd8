//! BDAT (RFC 3030): the mail in chunks of announced length. Allowed where DATA is; the chunk is read even when it
//! is refused, since its bytes are on their way.

use types::Reply;

use crate::intake::Intake;
use crate::reply;
use crate::session::{Session, Transaction};
use crate::stream::Ended;
use crate::wire::data::LineEnds;

pub(crate) async fn run(session: &mut Session, size: u64, last: bool) -> Result<(), Ended> {
    let Some(mut mail) = session.mail.take_if(|mail| !mail.envelope.to.is_empty()) else {
        discard(session, size).await?;
        return session.wrong(&reply::bad_sequence("Say MAIL and RCPT first"));
    };
    let (mut intake, mut ends) = match mail.chunks.take() {
        Some(begun) => begun,
        None => (session.begin(&mail.envelope, mail.size).await, LineEnds::default()),
    };
    let mut left = size;
    while left > 0 {
        left -= read_some(session, &mut intake, &mut ends, left).await?;
        if intake.is_flood() {
            session.say(&reply::too_big(session.context.limits.message_size));
            return Err(Ended::Done);
        }
    }
    if last {
        if ends.spoiled() {
            intake.refuse(reply::bad_body_line_end());
        }
        return session.deliver(intake, &mail.envelope, mail.utf8).await;
    }
    match intake.refusal() {
        // Further chunks find no transaction and get 503 (RFC 3030 2).
        Some(refusal) => session.say(&refusal),
        None => {
            session.say(&Reply::new(250, (2, 0, 0), format!("{} bytes so far", intake.size())));
            session.mail = Some(Transaction { chunks: Some((intake, ends)), ..mail });
        }
    }
    Ok(())
}

async fn read_some(session: &mut Session, intake: &mut Intake, ends: &mut LineEnds, left: u64) -> Result<u64, Ended> {
    let patience = session.patience();
    let input = session.stream.body(intake.size(), intake.deadline(), patience).await?;
    let most = usize::try_from(left).unwrap_or(usize::MAX);
    let part = input.get(..most).unwrap_or(input);
    ends.feed(part);
    intake.write(&session.context, part).await;
    let taken = part.len();
    session.stream.consume(taken);
    Ok(taken as u64)
}

/// Reads a chunk that nobody wants.
async fn discard(session: &mut Session, size: u64) -> Result<(), Ended> {
    let refused = Err(reply::bad_sequence("Say MAIL and RCPT first"));
    let mut intake = Intake::new(refused, &session.context.limits);
    let mut left = size;
    while left > 0 {
        left -= read_some(session, &mut intake, &mut LineEnds::default(), left).await?;
        if intake.is_flood() {
            return Err(Ended::Done);
        }
    }
    Ok(())
}
