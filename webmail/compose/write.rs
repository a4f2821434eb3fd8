//! What becomes of a posted form: kept, kept and put into Drafts, led on to the check, thrown away. Its input is never
//! lost: what is wrong comes back in the form, and a save that comes too late shows the form as it was typed.

use std::collections::HashSet;

use delivery::DeliveryError;
use store::{DraftAt, NewDraft, StoreError};
use types::{Address, AttachmentId, DraftId};
use web::axum::extract::{Multipart, Path, State};
use web::{Answer, Toast, Trouble, Visit, see, see_with};

use super::ComposeWords;
use super::desk::{Attached, Desk, Kept};
use super::form::{Act, Fields, Form, SUBJECT, TEXT};
use super::intake::{self, Taken};
use super::page::{self, Mistake, Shown};
use super::start::carried;
use crate::Rooms;

/// POST /mail/compose
pub(super) async fn write(State(rooms): State<Rooms>, visit: Visit, body: Multipart) -> Answer {
    let taken = intake::read(&rooms, visit.identity().tenant(), body).await?;
    let desk = Desk { rooms: &rooms, visit: &visit };
    match taken.form.act {
        Act::Discard => discard(&desk, &taken.form).await,
        Act::Autosave | Act::Leave => autosave(&desk, &taken.form).await,
        _ => keep(&desk, taken).await,
    }
}

/// A script saves while somebody writes, or as he leaves.
async fn autosave(desk: &Desk<'_>, form: &Form) -> Answer {
    if !too_long(&form.fields, words(desk)).is_empty() {
        return Err(Trouble::TooLarge);
    }
    match desk.keep(form).await? {
        Kept::At(at) | Kept::WithoutFiles(at) => {
            let mut row = desk.row(at.id).await?;
            if form.act == Act::Leave || row.head.copy.is_none() {
                desk.materialise(at.id).await?;
                row = desk.row(at.id).await?;
            }
            page::kept(desk.visit, &row)
        }
        Kept::Conflict(other) => page::conflict(desk.visit, other),
        Kept::TooMany => Err(Trouble::TooMany),
    }
}

fn words(desk: &Desk<'_>) -> ComposeWords {
    ComposeWords::new(desk.visit.page.language)
}

async fn keep(desk: &Desk<'_>, mut taken: Taken) -> Answer {
    let t = words(desk);
    adjust(desk, &mut taken.form).await?;
    let mut mistakes = too_long(&taken.form.fields, t);
    if !mistakes.is_empty() {
        return again(desk, &taken.form, mistakes).await;
    }
    let at = match desk.keep(&taken.form).await? {
        Kept::At(at) => at,
        Kept::WithoutFiles(at) => {
            mistakes.push(Mistake { field: "attachments", text: t.source_gone().into() });
            at
        }
        Kept::Conflict(other) => return conflict(desk, &taken.form, other).await,
        Kept::TooMany => {
            mistakes.push(Mistake { field: "body", text: t.too_many_drafts().into() });
            return again(desk, &taken.form, mistakes).await;
        }
    };
    taken.form.draft = Some(at.id);
    taken.form.version = at.version;
    let attached = desk.attach(at.id, std::mem::take(&mut taken.files)).await?;
    mistakes.extend(unattached(desk, attached, taken.too_large));
    if let Act::Detach(file) = taken.form.act {
        desk.rooms.store.detach(&desk.write()?, at.id, file, desk.visit.now).await?;
    }
    desk.materialise(at.id).await?;
    go_on(desk, &taken.form, at, mistakes).await
}

/// What is told of files that were not attached.
fn unattached(desk: &Desk<'_>, attached: Attached, dropped: bool) -> Option<Mistake> {
    let t = words(desk);
    let text = match attached {
        Attached::TooMany => t.too_many_files().to_owned(),
        Attached::All if !dropped => return None,
        _ => t.files_too_large(&desk.visit.page.style.size(intake::room(&desk.rooms.limits))),
    };
    Some(Mistake { field: "attachments", text })
}

/// What the buttons of the form change in it before it is kept.
async fn adjust(desk: &Desk<'_>, form: &mut Form) -> Result<(), Trouble> {
    match form.act {
        Act::Replace => form.fields.replace_lost(),
        Act::Utf8 => form.fields.jis = false,
        Act::Overwrite => {
            if let Some(draft) = form.draft {
                form.version = desk.row(draft).await?.head.at.version;
            }
        }
        _ => {}
    }
    Ok(())
}

async fn go_on(desk: &Desk<'_>, form: &Form, at: DraftAt, mut mistakes: Vec<Mistake>) -> Answer {
    if form.act == Act::Check {
        mistakes.extend(hindrances(desk, &form.fields).await?);
    }
    if !mistakes.is_empty() {
        return again(desk, form, mistakes).await;
    }
    match form.act {
        Act::Check => super::send::check_or_send(desk, at).await,
        _ => see(&format!("/mail/compose/{}", at.id)),
    }
}

/// The form with what is wrong in it (422).
async fn again(desk: &Desk<'_>, form: &Form, mistakes: Vec<Mistake>) -> Answer {
    let shown = Shown { mistakes, ..as_posted(desk, form).await? };
    page::page(desk.rooms, desk.visit.clone(), shown).await
}

/// The form as it was typed, with the choice between it and what the other window saved (409).
async fn conflict(desk: &Desk<'_>, form: &Form, other: Option<DraftId>) -> Answer {
    let mut shown = Shown { conflict: Some(other), ..as_posted(desk, form).await? };
    if let (None, Some(other)) = (shown.draft, other) {
        // opened from a copy that another window has made a draft of: from here on it is that draft
        shown.draft = Some(DraftAt { id: other, version: 0 });
        shown.files = desk.row(other).await?.attachments;
    }
    page::page(desk.rooms, desk.visit.clone(), shown).await
}

async fn as_posted(desk: &Desk<'_>, form: &Form) -> Result<Shown, Trouble> {
    let row = match form.draft {
        Some(draft) => Some(desk.row(draft).await?),
        None => None,
    };
    let carried = match form.source().filter(|_| form.draft.is_none()) {
        Some(source) => carried(desk.rooms, desk.visit, source, &form.carry).await?,
        None => Vec::new(),
    };
    Ok(Shown::of_form(form, row, carried))
}

fn too_long(fields: &Fields, t: ComposeWords) -> Vec<Mistake> {
    let typed = [("to", &fields.to), ("cc", &fields.cc), ("bcc", &fields.bcc)];
    let most = TEXT / 8;
    let mut mistakes: Vec<Mistake> = typed
        .into_iter()
        .filter(|(_, text)| text.len() > most)
        .map(|(field, _)| Mistake { field, text: t.too_many_recipients(1_000) })
        .collect();
    if fields.subject.chars().count() > SUBJECT {
        mistakes.push(Mistake { field: "subject", text: t.long_subject().into() });
    }
    if fields.text.len() > TEXT {
        mistakes.push(Mistake { field: "body", text: t.long_text().into() });
    }
    mistakes
}

/// Why a mail cannot go to its check: nobody to send it to, addresses that are none, a sender that is not his.
pub(super) async fn hindrances(desk: &Desk<'_>, fields: &Fields) -> Result<Vec<Mistake>, Trouble> {
    let t = words(desk);
    let people = fields.addressed();
    let mut found: Vec<Mistake> = people
        .wrong
        .iter()
        .map(|(field, wrong)| Mistake { field, text: t.wrong_recipient(&wrong.text, &t.why(wrong.why)) })
        .collect();
    let most = desk.rooms.limits.recipients;
    if people.all().count() > most {
        found.push(Mistake { field: "to", text: t.too_many_recipients(most) });
        return Ok(found);
    }
    if people.all().next().is_none() && found.is_empty() {
        found.push(Mistake { field: "to", text: t.no_recipient().into() });
    }
    for (field, some) in [("to", &people.to), ("cc", &people.cc), ("bcc", &people.bcc)] {
        for person in some {
            found.extend(refusal(desk, &person.address).await?.map(|text| Mistake { field, text }));
        }
    }
    let user = desk.rooms.auth.person(desk.visit.identity())?;
    if !fields.from.is_empty() && !Address::parse(&fields.from).is_ok_and(|address| user.owns(&address)) {
        found.push(Mistake { field: "from", text: t.not_own_address().into() });
    }
    let lost: HashSet<char> = fields.lost().into_iter().collect();
    if !lost.is_empty() {
        let chars = fields.lost().into_iter().map(String::from).collect::<Vec<_>>().join(" ");
        found.push(Mistake { field: "charset", text: t.lost(&chars) });
    }
    Ok(found)
}

/// What delivery would say of a recipient at RCPT.
async fn refusal(desk: &Desk<'_>, address: &Address) -> Result<Option<String>, Trouble> {
    let t = words(desk);
    let said = |why: &str| Ok(Some(t.wrong_recipient(&address.to_string(), why)));
    match desk.rooms.delivery.recipient(address, 0).await {
        Ok(_) | Err(DeliveryError::NotOurs(_)) => Ok(None),
        Err(DeliveryError::UnknownUser(_)) => said(t.no_such_person()),
        Err(DeliveryError::OverQuota(_) | DeliveryError::LargerThanQuota(_)) => said(t.mailbox_full()),
        Err(error) => Err(error.into()),
    }
}

/// Throws away what was written; a copy that another client wrote goes too.
async fn discard(desk: &Desk<'_>, form: &Form) -> Answer {
    let store = &desk.rooms.store;
    let draft = match (form.draft, form.copy) {
        (Some(draft), _) => Some(draft),
        (None, Some(copy)) => {
            let new = NewDraft { copy: Some(copy), ..NewDraft::default() };
            match store.create_draft(&desk.write()?, new, desk.visit.now).await {
                Ok(at) => Some(at.id),
                Err(StoreError::Exists(_)) => store.draft_of_copy(&desk.read()?, copy).await?,
                Err(error) => return Err(error.into()),
            }
        }
        (None, None) => None,
    };
    if let Some(draft) = draft {
        store.discard_draft(&desk.write()?, draft, desk.visit.now).await?;
    }
    see_with("/mail", &Toast::new(words(desk).discarded()))
}

/// POST /mail/compose/{draft}/files: one file, from a script.
pub(super) async fn attach(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path(draft): Path<i64>,
    body: Multipart,
) -> Answer {
    let desk = Desk { rooms: &rooms, visit: &visit };
    desk.row(DraftId(draft)).await?;
    let taken = intake::read(&rooms, visit.identity().tenant(), body).await?;
    let attached = desk.attach(DraftId(draft), taken.files).await?;
    if taken.too_large || attached != Attached::All {
        return Err(Trouble::TooLarge);
    }
    page::files(&visit, &desk.row(DraftId(draft)).await?)
}

/// POST /mail/compose/{draft}/files/{file}/remove, from a script.
pub(super) async fn detach(State(rooms): State<Rooms>, visit: Visit, Path((draft, file)): Path<(i64, i64)>) -> Answer {
    let desk = Desk { rooms: &rooms, visit: &visit };
    match rooms.store.detach(&desk.write()?, DraftId(draft), AttachmentId(file), visit.now).await {
        Ok(()) | Err(StoreError::NotFound(_)) => page::files(&visit, &desk.row(DraftId(draft)).await?),
        Err(error) => Err(error.into()),
    }
}
