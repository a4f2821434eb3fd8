//! 「取扱担当者へ引き渡す」 on a mail that is in the ledger, or that a rule labels: what its reader is told, the question, and the act.

use outbound::OutboundError;
use store::{Access, Account, MessageRow, Read, StoreError};
use web::axum::extract::{Path, State};
use web::{Answer, Toast, Trouble, Visit, askama, html, see_with};

use super::{MailFrame, MailId};
use crate::Rooms;
use crate::handlers::HandlerWords;

/// What stands at the head of such a mail.
pub(super) struct Label {
    pub h: HandlerWords,
    pub tag: &'static str,
    pub text: String,
}

impl Label {
    /// `None`: the mail is not in the ledger, and no rule labels it.
    pub async fn of(
        rooms: &Rooms,
        access: &Access<Account, Read>,
        visit: &Visit,
        row: &MessageRow,
    ) -> Result<Option<Self>, Trouble> {
        let h = HandlerWords::new(visit.page.language);
        let label = rooms.outbound.reader_label(access, row).await?;
        Ok(label.map(|label| Self {
            h,
            tag: if label.in_ledger { h.label() } else { h.label_of_rule() },
            text: match (label.texts.is_empty(), label.in_ledger) {
                (false, _) => label.texts.join(" "),
                (true, true) => h.label_help().to_owned(),
                // the rule that labelled it is gone
                (true, false) => h.label_help_of_rule().to_owned(),
            },
        }))
    }
}

#[derive(askama::Template)]
#[template(path = "webmail/handlers/hand_over.html")]
struct AskPage {
    frame: MailFrame,
    h: HandlerWords,
    id: MailId,
}

/// GET /mail/m/{id}/hand-over: what it means, since it cannot be undone.
pub(super) async fn ask(State(rooms): State<Rooms>, visit: Visit, Path(id): Path<MailId>) -> Answer {
    let access = rooms.auth.read_account(visit.identity())?;
    let row = rooms.store.message(&access, id.0.mailbox, id.0.uid).await?;
    let label = Label::of(&rooms, &access, &visit, &row).await?;
    let h = label.ok_or(Trouble::NotFound)?.h;
    let mailboxes = rooms.store.mailboxes(&access).await?;
    html(&AskPage { frame: MailFrame::new(&rooms, &visit, &mailboxes, Some(id.0.mailbox)).await?, h, id })
}

/// POST /mail/m/{id}/hand-over
pub(super) async fn hand_over(State(rooms): State<Rooms>, visit: Visit, Path(id): Path<MailId>) -> Answer {
    let h = HandlerWords::new(visit.page.language);
    let access = rooms.auth.write_account(visit.identity())?;
    match rooms.outbound.hand_over(&access, id.0.mailbox, id.0.uid).await {
        Ok(()) => see_with(&format!("/mail/f/{}", id.0.mailbox), &Toast::line(h.handed_over())),
        Err(OutboundError::Store(StoreError::NotFound(_))) => Err(Trouble::NotFound),
        Err(error) => Err(error.into()),
    }
}
