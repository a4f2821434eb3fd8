//! Sending a draft that was checked: the version that was shown, with everything ticked, once.

use outbound::{Answer as Sending, OutboundError, Outcome, Submission};
use store::{DraftAt, Origin, StoreError};
use types::{DraftId, Envelope};
use web::axum::extract::{Path, RawForm, State};
use web::axum::http::StatusCode;
use web::{Answer, Toast, Trouble, Undo, Visit, see, see_with};

use super::ComposeWords;
use super::check::{self, Checked, envelope};
use super::check_page;
use super::desk::Desk;
use super::form::Fields;
use super::ticks::Ticks;
use super::write::hindrances;
use crate::Rooms;

/// A note stays no longer than this, seconds; what waits longer is taken back on the page of sent mail.
const LONGEST_TOAST: u64 = 120;

/// What the check's form says.
#[derive(Debug, Default)]
struct Given {
    version: u32,
    ticks: Ticks,
}

impl Given {
    fn read(form: &[u8]) -> Option<Self> {
        let mut given = Self::default();
        for (name, value) in form_urlencoded::parse(form) {
            match name.as_ref() {
                "version" => given.version = value.parse().ok()?,
                "ok" => given.ticks.put(value.into_owned()),
                _ => {}
            }
        }
        Some(given)
    }
}

/// POST /mail/compose/{draft}/send
pub(super) async fn send(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path(draft): Path<i64>,
    RawForm(form): RawForm,
) -> Answer {
    let given = Given::read(&form).ok_or(Trouble::BadRequest)?;
    let desk = Desk { rooms: &rooms, visit: &visit };
    let at = DraftAt { id: DraftId(draft), version: given.version };
    if let Some(before) = rooms.outbound.sent_before(visit.identity().user(), &at.form_key()).await?
        && !matches!(before.outcome, Outcome::Blocked(_))
    {
        return told(&desk, &before);
    }
    let row = desk.row(at.id).await?;
    if !hindrances(&desk, &Fields::from_bytes(&row.fields)).await?.is_empty() {
        return see(&format!("/mail/compose/{draft}"));
    }
    let checked = Checked::look(&desk, at.id).await?;
    match objection(&desk, &checked, at, &given.ticks) {
        Some((status, words)) => check_page::page(&desk, &checked, status, &given.ticks, Some(words)).await,
        // the door refuses, records and tells what is handed in although the check says that it cannot go
        None => hand_in(&desk, checked, &given.ticks).await,
    }
}

/// Why the check must be shown again.
fn objection(desk: &Desk<'_>, checked: &Checked, at: DraftAt, ticks: &Ticks) -> Option<(StatusCode, String)> {
    let t = ComposeWords::new(desk.visit.page.language);
    let required = checked.required();
    if checked.row.head.at != at || ticks.is_of_another(&required) {
        return Some((StatusCode::CONFLICT, t.changed_meanwhile().to_owned()));
    }
    let missing = ticks.missing(&required);
    (checked.is_due() && missing > 0).then(|| (StatusCode::UNPROCESSABLE_ENTITY, t.left_to_tick(missing)))
}

/// After the form: to the check, or, where the policy asks for none, straight on its way.
pub(super) async fn check_or_send(desk: &Desk<'_>, at: DraftAt) -> Answer {
    let path = format!("/mail/compose/{}/check", at.id);
    let people = Fields::from_bytes(&desk.row(at.id).await?.fields).addressed();
    let (directory, tenant) = (desk.rooms.store.directory(), desk.visit.identity().tenant());
    if !check::outside(&directory, tenant, &envelope(&people)).is_empty() {
        // the check looks at the mail itself; looking twice would only take longer
        return see(&path);
    }
    let checked = Checked::look(desk, at.id).await?;
    if checked.row.head.at != at || checked.is_due() {
        return see(&path);
    }
    hand_in(desk, checked, &Ticks::default()).await
}

/// The version to send: one that was refused before is kept anew, for a form key has one answer.
async fn unanswered(desk: &Desk<'_>, checked: &Checked) -> Result<DraftAt, Trouble> {
    let at = checked.row.head.at;
    let before = desk.rooms.outbound.sent_before(desk.visit.identity().user(), &at.form_key()).await?;
    if before.is_none() {
        return Ok(at);
    }
    Ok(desk.rooms.store.save_draft(&desk.write()?, at, &checked.row.fields, desk.visit.now).await?)
}

/// Through the one door out.
async fn hand_in(desk: &Desk<'_>, checked: Checked, ticks: &Ticks) -> Answer {
    let at = unanswered(desk, &checked).await?;
    let tenant = desk.visit.identity().tenant();
    let most = desk.rooms.limits.message_size;
    let letter = desk.letter(&checked.row, &checked.fields).await?;
    if letter.bytes.len() as u64 > most {
        let words = ComposeWords::new(desk.visit.page.language).mail_too_large(&desk.visit.page.style.size(most));
        return check_page::page(desk, &checked, StatusCode::UNPROCESSABLE_ENTITY, ticks, Some(words)).await;
    }
    let submission = Submission {
        origin: Origin::Author,
        tenant,
        author: Some(desk.visit.identity().user()),
        envelope: Envelope { from: Some(letter.from.address.clone()), to: envelope(&checked.people) },
        draft: desk.rooms.store.seal(tenant, &letter.bytes).await?,
        trace: Vec::new(),
        form_key: Some(at.form_key()),
        from_draft: Some(at),
        keep_in_sent: true,
        safeguard: checked.fields.safeguard,
        undo_for: desk.undo_time()?.span(),
        confirmed: checked.to_confirm(),
        texts: checked.seen.as_ref().map(|seen| seen.kept().clone()).unwrap_or_default(),
    };
    match desk.rooms.outbound.submit(submission).await {
        Ok(answer) if matches!(answer.outcome, Outcome::Blocked(_)) => {
            let checked = Checked::look(desk, at.id).await?;
            check_page::page(desk, &checked, StatusCode::UNPROCESSABLE_ENTITY, ticks, None).await
        }
        Ok(answer) => told(desk, &answer),
        Err(OutboundError::Store(StoreError::Conflict(_))) => {
            let words = ComposeWords::new(desk.visit.page.language).changed_meanwhile().to_owned();
            let checked = Checked::look(desk, at.id).await?;
            check_page::page(desk, &checked, StatusCode::CONFLICT, ticks, Some(words)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What became of it, on the page where the sender sees more of it; while it waits he can take it back.
fn told(desk: &Desk<'_>, answer: &Sending) -> Answer {
    let t = ComposeWords::new(desk.visit.page.language);
    let waits = answer.release_at.filter(|_| answer.outcome != Outcome::UnderReview);
    let seconds = waits.map(|at| at.since(desk.visit.now).as_secs()).filter(|seconds| *seconds > 0);
    let (path, text) = match answer.outcome {
        Outcome::Sent if seconds.is_some_and(|seconds| seconds > LONGEST_TOAST) => ("/outgoing", t.leaves_later()),
        Outcome::Sent => ("/mail", t.sent()),
        Outcome::ToConfirm => ("/outgoing", t.to_confirm()),
        Outcome::Held => ("/outgoing", t.held()),
        Outcome::UnderReview => ("/outgoing", t.reviewing()),
        Outcome::Blocked(_) => return Err(Trouble::bug("a refused mail is told by its check")),
    };
    let seconds = seconds.filter(|seconds| *seconds <= LONGEST_TOAST);
    let undo = seconds.map(|sending| Undo { path: format!("/outgoing/recall/{}", answer.reference), sending });
    see_with(path, &Toast::new(text).with_undo(undo))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_the_check_is_read() {
        let given = Given::read(b"csrf=x&version=3&ok=subject&ok=to%3Aa%40b.example").unwrap();
        assert_eq!(given.version, 3);
        assert!(given.ticks.has("subject") && given.ticks.has("to:a@b.example") && !given.ticks.has("file:1"));
        assert!(Given::read(b"version=x").is_none());
    }
}
