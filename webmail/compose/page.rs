//! The compose page as a view: what the form shows, what is wrong in it, what is attached.

use message::attachments::Attachment;
use store::{AttachmentRow, DraftAt, DraftOrigin, DraftRow, Lying};
use types::DraftId;
use web::axum::http::StatusCode;
use web::{Answer, Style, Trouble, Visit, askama, html, html_with};

use super::form::{Fields, Form, origin_word};
use super::people::{Fieldfuls, fieldfuls};
use super::{ComposeWords, intake};
use crate::Rooms;
use crate::mail::{MailFrame, MailId, part_name};

/// What is wrong, and in which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    /// The id of the field.
    pub field: &'static str,
    pub text: String,
}

/// A file of the draft.
pub(super) struct FileLine {
    pub id: types::AttachmentId,
    pub name: String,
    pub size: String,
}

/// A file of the mail that is forwarded or opened.
#[derive(Debug, Clone)]
pub(super) struct Carried {
    pub part: String,
    pub name: String,
    pub size: String,
    pub chosen: bool,
}

impl Carried {
    /// The files of a mail, all chosen.
    pub fn of(files: &[Attachment], style: Style) -> Vec<Self> {
        let one = |file: &Attachment| Self {
            part: part_name(file),
            name: file.name.clone(),
            size: style.size(file.size as u64),
            chosen: true,
        };
        files.iter().map(one).collect()
    }
}

/// What the page is made of.
#[derive(Default)]
pub(super) struct Shown {
    pub fields: Fields,
    pub draft: Option<DraftAt>,
    pub origin: Option<DraftOrigin>,
    pub copy: Option<Lying>,
    pub carried: Vec<Carried>,
    pub files: Vec<AttachmentRow>,
    pub saved_at: Option<types::Timestamp>,
    pub mistakes: Vec<Mistake>,
    /// Another window saved this draft: which one it is now.
    pub conflict: Option<Option<DraftId>>,
}

impl Shown {
    /// A kept draft.
    pub fn of_row(row: DraftRow) -> Self {
        Self {
            fields: Fields::from_bytes(&row.fields),
            draft: Some(row.head.at),
            origin: row.origin,
            files: row.attachments,
            saved_at: Some(row.head.changed_at),
            ..Self::default()
        }
    }

    /// The form as it was posted, with the files that its draft has.
    pub fn of_form(form: &Form, row: Option<DraftRow>, carried: Vec<Carried>) -> Self {
        let saved_at = row.as_ref().map(|row| row.head.changed_at);
        Self {
            fields: form.fields.clone(),
            draft: form.at(),
            origin: form.origin,
            copy: form.copy,
            carried,
            files: row.map(|row| row.attachments).unwrap_or_default(),
            saved_at,
            ..Self::default()
        }
    }
}

#[derive(askama::Template)]
#[template(path = "webmail/compose/compose.html")]
struct ComposePage {
    frame: MailFrame,
    t: ComposeWords,
    fields: Fields,
    origin: String,
    copy: String,
    references: String,
    senders: Vec<Sender>,
    people: Fieldfuls,
    kept: KeptView,
    carried: Vec<Carried>,
    mistakes: Vec<Mistake>,
    lost: String,
    conflict: Option<Option<DraftId>>,
    room: String,
}

/// An address that the writer may send as.
struct Sender {
    address: String,
    label: String,
    chosen: bool,
}

/// What changes when a draft is kept.
struct KeptView {
    draft: Option<DraftAt>,
    saved: Option<String>,
    files: Vec<FileLine>,
}

impl ComposePage {
    fn mistake(&self, field: &str) -> Option<&str> {
        self.mistakes.iter().find(|mistake| mistake.field == field).map(|mistake| mistake.text.as_str())
    }
    fn typed(&self, name: &str) -> &str {
        match name {
            "to" => &self.fields.to,
            "cc" => &self.fields.cc,
            _ => &self.fields.bcc,
        }
    }
    fn label(&self, name: &str) -> &'static str {
        match name {
            "to" => self.t.to(),
            "cc" => self.t.cc(),
            _ => self.t.bcc(),
        }
    }
}

/// Only what changes when a draft is kept, for scripts.
#[derive(askama::Template)]
#[template(path = "webmail/compose/kept.html")]
struct KeptPage {
    t: ComposeWords,
    kept: KeptView,
}

fn kept_view(
    style: Style,
    draft: Option<DraftAt>,
    saved_at: Option<types::Timestamp>,
    files: &[AttachmentRow],
) -> KeptView {
    let line = |file: &AttachmentRow| FileLine { id: file.id, name: file.name.clone(), size: style.size(file.size) };
    KeptView { draft, saved: saved_at.map(|at| style.date_list(at)), files: files.iter().map(line).collect() }
}

/// The answer to a script that saved.
pub(super) fn kept(visit: &Visit, row: &DraftRow) -> Answer {
    let kept = kept_view(visit.page.style, Some(row.head.at), Some(row.head.changed_at), &row.attachments);
    html(&KeptPage { t: ComposeWords::new(visit.page.language), kept })
}

/// Only the files, for a script that attached or took away: it knows the version better.
#[derive(askama::Template)]
#[template(path = "webmail/compose/files.html")]
struct FilesPage {
    t: ComposeWords,
    kept: KeptView,
}

/// The answer to a script that changed the files.
pub(super) fn files(visit: &Visit, row: &DraftRow) -> Answer {
    let kept = kept_view(visit.page.style, Some(row.head.at), None, &row.attachments);
    html(&FilesPage { t: ComposeWords::new(visit.page.language), kept })
}

#[derive(askama::Template)]
#[template(path = "webmail/compose/conflict.html")]
struct ConflictPage {
    t: ComposeWords,
    other: Option<DraftId>,
}

/// The answer to a script whose save came too late: the form stays as it is.
pub(super) fn conflict(visit: &Visit, other: Option<DraftId>) -> Answer {
    html_with(StatusCode::CONFLICT, &ConflictPage { t: ComposeWords::new(visit.page.language), other })
}

/// The page, with the status that fits.
pub(super) async fn page(rooms: &Rooms, visit: Visit, shown: Shown) -> Answer {
    let access = rooms.auth.read_account(visit.identity())?;
    let mailboxes = rooms.store.mailboxes(&access).await?;
    let fields = shown.fields;
    let typed = [("to", fields.to.as_str()), ("cc", &fields.cc), ("bcc", &fields.bcc)];
    let people = fieldfuls(rooms, &visit, typed).await?;
    let status = match () {
        () if shown.conflict.is_some() => StatusCode::CONFLICT,
        () if !shown.mistakes.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        () => StatusCode::OK,
    };
    let style = visit.page.style;
    let page = ComposePage {
        t: ComposeWords::new(visit.page.language),
        origin: shown.origin.map(origin_word).unwrap_or_default(),
        copy: shown.copy.map(|copy| MailId(copy).to_string()).unwrap_or_default(),
        references: fields.references.join(" "),
        senders: senders(rooms, &visit, &fields.from)?,
        people,
        kept: kept_view(style, shown.draft, shown.saved_at, &shown.files),
        carried: shown.carried,
        mistakes: shown.mistakes,
        lost: fields.lost().into_iter().map(String::from).collect::<Vec<_>>().join(" "),
        conflict: shown.conflict,
        room: style.size(intake::room(&rooms.limits)),
        fields,
        frame: MailFrame::new(rooms, &visit, &mailboxes, None).await?,
    };
    html_with(status, &page)
}

fn senders(rooms: &Rooms, visit: &Visit, chosen: &str) -> Result<Vec<Sender>, Trouble> {
    let user = rooms.auth.person(visit.identity())?;
    let all = std::iter::once(&user.address).chain(&user.aliases);
    let one = |address: &types::Address| Sender {
        label: format!("{} <{address}>", user.name),
        chosen: address.to_string() == chosen,
        address: address.to_string(),
    };
    Ok(all.map(one).collect())
}
