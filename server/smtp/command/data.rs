//! DATA (RFC 5321 4.1.1.4): the mail, ended by CRLF.CRLF. Allowed once a recipient was taken.

use types::Reply;

use crate::reply;
use crate::session::{Session, Transaction};
use crate::stream::Ended;
use crate::wire::data::Decoder;

pub(crate) async fn run(session: &mut Session) -> Result<(), Ended> {
    let mail = match take(session) {
        Ok(mail) => mail,
        Err(refusal) => return session.wrong(&refusal),
    };
    let mut intake = session.begin(&mail.envelope, mail.size).await;
    if let Some(refusal) = intake.refusal() {
        session.say(&refusal);
        return Ok(());
    }
    session.say(&Reply::bare(354, "Send the mail, end with CRLF.CRLF"));
    let mut decoder = Decoder::new();
    loop {
        let patience = session.patience();
        let input = session.stream.body(intake.size(), intake.deadline(), patience).await?;
        let step = decoder.step(input);
        let (consumed, end) = (step.consumed, step.end);
        intake.write(&session.context, step.bytes).await;
        session.stream.consume(consumed);
        if end {
            break;
        }
        if intake.is_flood() {
            session.say(&reply::too_big(session.context.limits.message_size));
            return Err(Ended::Done);
        }
    }
    if decoder.spoiled() {
        intake.refuse(reply::bad_body_line_end());
    }
    session.deliver(intake, &mail.envelope, mail.utf8).await
}

/// The transaction, if DATA may come now. Without a recipient it ends here (RFC 2920 3.1).
fn take(session: &mut Session) -> Result<Transaction, Reply> {
    match session.mail.take() {
        None => Err(reply::bad_sequence("Say MAIL first")),
        Some(mail) if mail.chunks.is_some() => {
            session.mail = Some(mail);
            Err(reply::bad_sequence("BDAT has begun, DATA cannot follow"))
        }
        Some(mail) if mail.envelope.to.is_empty() => {
            let refused = mail.refused;
            session.mail = Some(mail);
            Err(if refused {
                Reply::new(554, (5, 5, 1), "No valid recipients")
            } else {
                reply::bad_sequence("Say RCPT first")
            })
        }
        Some(mail) => Ok(mail),
    }
}
