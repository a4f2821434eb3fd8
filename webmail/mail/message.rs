//! One mail: who, what, when, warnings, its body in a frame of the content origin, its files.

use message::attachments::{self, Attachment};
use message::charset::Forced;
use message::view::{Options, Prefer};
use message::{MailAddress, Parsed, Summary};
use serde::Deserialize;
use store::{Directory, Mailbox, MailboxRole, MessageRow, PageFilter};
use types::{Domain, MailboxId, SystemFlags, TenantId, Timestamp, Uid};
use web::axum::extract::{Path, Query, State};
use web::{Answer, Trouble, Visit, askama, html, see};

use super::content;
use super::folders::{FolderLine, folder_lines};
use super::hand_over::Label;
use super::open::open;
use super::row::{shown_address, shown_name};
use super::{MailFrame, MailId, MailWords};
use crate::Rooms;
use crate::approve::Went;

/// Addresses of a field that are shown at once.
const SHOWN: usize = 20;
/// Most bytes of a header that are shown.
const HEADER: u64 = 64 * 1024;

/// What the URL asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    charset: String,
    /// `text`: the text instead of the HTML.
    form: String,
}

/// An address as the page shows it.
pub(crate) struct Person {
    pub name: String,
    /// Empty when it is the name already.
    pub address: String,
    pub outside: bool,
}

/// A field of addresses.
pub(crate) struct People {
    pub label: &'static str,
    pub people: Vec<Person>,
    pub more: usize,
}

/// A file of the mail.
struct File {
    name: String,
    size: String,
    href: String,
}

#[derive(askama::Template)]
#[template(path = "webmail/mail/message.html")]
struct MessagePage {
    frame: MailFrame,
    t: MailWords,
    id: MailId,
    folder: FolderLine,
    targets: Vec<FolderLine>,
    subject: String,
    fields: Vec<People>,
    date: String,
    date_machine: String,
    unread: bool,
    starred: bool,
    /// What the reader is told of numbers in it; `None`: it is not in the ledger.
    label: Option<Label>,
    /// What went out to whom, and how, of a mail that the reader sent.
    went: Option<Went>,
    /// Warnings, the gravest first.
    warnings: Vec<String>,
    notes: Vec<String>,
    body: String,
    files: Vec<File>,
    files_size: String,
    newer: Option<String>,
    older: Option<String>,
    charsets: Vec<(&'static str, &'static str, bool)>,
    other_form: Option<(&'static str, String)>,
}

impl MessagePage {
    fn in_trash(&self) -> bool {
        self.folder.role == Some(MailboxRole::Trash)
    }
    fn in_junk(&self) -> bool {
        self.folder.role == Some(MailboxRole::Junk)
    }
    fn in_archive(&self) -> bool {
        self.folder.role == Some(MailboxRole::Archive)
    }
    fn of_own_hand(&self) -> bool {
        matches!(self.folder.role, Some(MailboxRole::Sent | MailboxRole::Drafts))
    }
    fn is_draft(&self) -> bool {
        self.folder.role == Some(MailboxRole::Drafts)
    }
}

/// GET /mail/by-uid/{folder}/{uid}: to the message, for links from elsewhere.
pub(super) async fn by_uid(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path((folder, uid)): Path<(String, u32)>,
) -> Answer {
    let access = rooms.auth.read_account(visit.identity())?;
    let mailbox = rooms.store.mailbox_named(&access, &folder).await.map_err(|_| Trouble::NotFound)?;
    rooms.store.message(&access, mailbox.id, Uid(uid)).await?;
    see(&super::act::message_path(MailId::new(mailbox.id, Uid(uid))))
}

/// GET /mail/m/{id}
pub(super) async fn message(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path(id): Path<MailId>,
    Query(asked): Query<Asked>,
) -> Answer {
    html(&page(&rooms, visit, id, &asked).await?)
}

#[derive(askama::Template)]
#[template(path = "webmail/mail/print.html")]
struct Print {
    message: MessagePage,
    /// The mail's text: paper shows no frames, and no HTML of a mail stands in a page of ours.
    text: String,
}

/// GET /mail/m/{id}/print
pub(super) async fn print(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path(id): Path<MailId>,
    Query(asked): Query<Asked>,
) -> Answer {
    let access = rooms.auth.read_account(visit.identity())?;
    let charset = Forced::from_word(&asked.charset).ok_or(Trouble::BadRequest)?;
    let text = open(&rooms, &access, id).await?;
    let text = text.with(&rooms, move |mail, _| message::view::text(mail, charset, None)).await?;
    let message = page(&rooms, visit, id, &asked).await?;
    html(&Print { message, text })
}

#[derive(askama::Template)]
#[template(path = "webmail/mail/headers.html")]
struct Headers {
    frame: MailFrame,
    t: MailWords,
    id: MailId,
    subject: String,
    text: String,
}

/// GET /mail/m/{id}/headers
pub(super) async fn headers(State(rooms): State<Rooms>, visit: Visit, Path(id): Path<MailId>) -> Answer {
    let access = rooms.auth.read_account(visit.identity())?;
    let row = rooms.store.message(&access, id.0.mailbox, id.0.uid).await?;
    let summary = summary(&row)?;
    let end = u64::from(summary.header_len).min(HEADER);
    let bytes = rooms.store.read(&access, &row, 0..end).await?;
    let text = [row.prefix.as_slice(), &bytes].concat();
    let text = String::from_utf8_lossy(&text).replace('\r', "");
    let mailboxes = rooms.store.mailboxes(&access).await?;
    let t = MailWords::new(visit.page.language);
    let frame = MailFrame::new(&rooms, &visit, &mailboxes, Some(id.0.mailbox)).await?;
    html(&Headers { frame, t, id, subject: subject(&summary, t), text })
}

/// GET /mail/m/{id}/part/{n} and /mail/m/{id}/source: to the file on the content origin.
pub(super) async fn part(State(rooms): State<Rooms>, visit: Visit, Path((id, part)): Path<(MailId, String)>) -> Answer {
    exists(&rooms, &visit, id).await?;
    see(&content::part_url(&rooms, &visit, id, &part)?)
}

pub(super) async fn source(State(rooms): State<Rooms>, visit: Visit, Path(id): Path<MailId>) -> Answer {
    exists(&rooms, &visit, id).await?;
    see(&content::source_url(&rooms, &visit, id))
}

async fn exists(rooms: &Rooms, visit: &Visit, id: MailId) -> Result<(), Trouble> {
    let access = rooms.auth.read_account(visit.identity())?;
    rooms.store.message(&access, id.0.mailbox, id.0.uid).await?;
    Ok(())
}

fn summary(row: &MessageRow) -> Result<Summary, Trouble> {
    Summary::from_bytes(row.summary.as_deref().unwrap_or_default()).map_err(Trouble::bug)
}

fn subject(summary: &Summary, t: MailWords) -> String {
    if summary.subject.is_empty() { t.no_subject().into() } else { summary.subject.clone() }
}

/// What one look at the bytes tells.
struct Looked {
    files: Vec<Attachment>,
    hides_images: bool,
    misleading_link: bool,
    fell_back: bool,
    is_html: bool,
    has_other_form: bool,
}

fn look(mail: &Parsed<'_>, charset: Forced, prefer: Prefer) -> Looked {
    let options = Options { prefer, charset, ..Options::default() };
    let view = message::view::view(mail, &options);
    let files = attachments::attachments(mail).into_iter().filter(|file| !file.is_embedded_picture()).collect();
    Looked {
        files,
        hides_images: view.hides_remote_images(),
        misleading_link: view.has_misleading_link(),
        fell_back: view.fell_back_to_text,
        is_html: view.is_html,
        has_other_form: view.has_other_form,
    }
}

async fn page(rooms: &Rooms, visit: Visit, id: MailId, asked: &Asked) -> Result<MessagePage, Trouble> {
    let access = rooms.auth.read_account(visit.identity())?;
    let mailboxes = rooms.store.mailboxes(&access).await?;
    let opened = open(rooms, &access, id).await?;
    let row = opened.row.clone();
    let beside = rooms.store.neighbours(&access, id.0.mailbox, row.key(), PageFilter::All).await?;
    let charset = Forced::from_word(&asked.charset).ok_or(Trouble::BadRequest)?;
    let prefer = if asked.form == "text" { Prefer::Text } else { Prefer::Html };
    let looked = opened.with(rooms, move |mail, _| look(mail, charset, prefer)).await?;
    let label = Label::of(rooms, &access, &visit, &row).await?;
    let went = match folder_of(&mailboxes, id) {
        Some(MailboxRole::Sent) => Went::of(rooms, &visit, row.record).await?,
        _ => None,
    };
    let summary = summary(&row)?;
    let t = MailWords::new(visit.page.language);
    let lines = folder_lines(&mailboxes, t, Some(id.0.mailbox));
    let folder = lines.iter().find(|line| line.current).cloned().ok_or(Trouble::NotFound)?;
    let neighbour = |key: Option<store::PageKey>| Some(beside_path(id.0.mailbox, key?.uid));
    let made = Making { directory: &rooms.store.directory(), tenant: visit.identity().tenant(), t };
    let style = visit.page.style;
    Ok(MessagePage {
        t,
        id,
        targets: lines.iter().filter(|line| line.selectable && !line.current).cloned().collect(),
        subject: subject(&summary, t),
        fields: made.fields(&summary),
        date: style.date_long(shown_date(&summary, row.internal_date)),
        date_machine: style.date_machine(shown_date(&summary, row.internal_date)),
        unread: !row.flags.system.contains(SystemFlags::SEEN),
        starred: row.flags.system.contains(SystemFlags::FLAGGED),
        label,
        went,
        warnings: made.warnings(&summary, &looked, folder_of(&mailboxes, id)),
        notes: notes(t, &looked),
        body: content::body_url(rooms, &visit, id, charset, prefer),
        files: files(&looked.files, id, style),
        files_size: style.size(looked.files.iter().map(|file| file.size as u64).sum::<u64>()),
        newer: neighbour(beside.newer),
        older: neighbour(beside.older),
        charsets: charsets(t, charset),
        other_form: other_form(t, id, asked, &looked),
        folder,
        frame: MailFrame::new(rooms, &visit, &mailboxes, Some(id.0.mailbox)).await?,
    })
}

fn folder_of(mailboxes: &[Mailbox], id: MailId) -> Option<MailboxRole> {
    mailboxes.iter().find(|mailbox| mailbox.id == id.0.mailbox).and_then(|mailbox| mailbox.role)
}

fn beside_path(mailbox: MailboxId, uid: Uid) -> String {
    super::act::message_path(MailId::new(mailbox, uid))
}

/// The day that the mail names, unless it is nonsense: then when it came.
fn shown_date(summary: &Summary, came: Timestamp) -> Timestamp {
    const DAY_MS: i64 = 86_400_000;
    summary.date.filter(|date| date.0 > 0 && date.0 < came.0 + DAY_MS).unwrap_or(came)
}

fn files(files: &[Attachment], id: MailId, style: web::Style) -> Vec<File> {
    let made = files.iter().map(|file| File {
        name: file.name.clone(),
        size: style.size(file.size as u64),
        href: format!("/mail/m/{id}/part/{}", content::part_name(file)),
    });
    made.collect()
}

fn charsets(t: MailWords, current: Forced) -> Vec<(&'static str, &'static str, bool)> {
    let all = [
        (Forced::Automatic, t.charset_auto()),
        (Forced::Utf8, "UTF-8"),
        (Forced::Iso2022Jp, "ISO-2022-JP"),
        (Forced::ShiftJis, "Shift_JIS"),
        (Forced::EucJp, "EUC-JP"),
    ];
    all.into_iter().map(|(forced, label)| (forced.word(), label, forced == current)).collect()
}

fn other_form(t: MailWords, id: MailId, asked: &Asked, looked: &Looked) -> Option<(&'static str, String)> {
    let path = super::act::message_path(id);
    if asked.form == "text" {
        return Some((t.to_html(), path));
    }
    (looked.is_html && looked.has_other_form).then(|| (t.to_text(), format!("{path}?form=text")))
}

fn notes(t: MailWords, looked: &Looked) -> Vec<String> {
    let all = [(looked.hides_images, t.remote_images()), (looked.fell_back, t.shown_as_text())];
    all.into_iter().filter(|(on, _)| *on).map(|(_, text)| text.to_owned()).collect()
}

/// Makes what the page says of people.
struct Making<'a> {
    directory: &'a Directory,
    tenant: TenantId,
    t: MailWords,
}

impl Making<'_> {
    fn fields(&self, summary: &Summary) -> Vec<People> {
        let header = &summary.header;
        let fields = [
            (self.t.from(), &header.from),
            (self.t.to(), &header.to),
            (self.t.cc(), &header.cc),
            (self.t.bcc(), &header.bcc),
        ];
        let made = fields.into_iter().map(|(label, addresses)| self.people(label, addresses));
        made.filter(|field| !field.people.is_empty()).collect()
    }

    fn people(&self, label: &'static str, addresses: &[MailAddress]) -> People {
        let real = || addresses.iter().filter(|address| address.is_address());
        let people = real().take(SHOWN).map(|address| self.person(address)).collect();
        People { label, people, more: real().count().saturating_sub(SHOWN) }
    }

    fn person(&self, address: &MailAddress) -> Person {
        let (name, written) = (shown_name(address), shown_address(address));
        let written = if written == name { String::new() } else { written };
        Person { name, address: written, outside: self.is_outside(address) }
    }

    fn is_outside(&self, address: &MailAddress) -> bool {
        let domain = address.host.as_ref().and_then(|host| Domain::parse(&host.text()).ok());
        domain.and_then(|domain| self.directory.tenant_of(&domain)) != Some(self.tenant)
    }

    /// What the reader should know before he believes the mail; nothing on mail of his own hand.
    fn warnings(&self, summary: &Summary, looked: &Looked, role: Option<MailboxRole>) -> Vec<String> {
        let mut all = Vec::new();
        if matches!(role, Some(MailboxRole::Sent | MailboxRole::Drafts)) {
            return all;
        }
        let header = &summary.header;
        if header.from.iter().any(name_is_another_address) {
            all.push(self.t.name_is_address().to_owned());
        }
        if looked.misleading_link {
            all.push(self.t.links_differ().to_owned());
        }
        let from: Vec<String> = header.from.iter().map(shown_address).collect();
        if let Some(other) = header.reply_to.iter().map(shown_address).find(|address| !from.contains(address)) {
            all.push(self.t.reply_to_differs(&other));
        }
        if header.from.iter().any(|address| self.is_outside(address)) {
            all.push(self.t.from_outside().to_owned());
        }
        all
    }
}

/// Whether the display name reads as an address that is not the real one.
fn name_is_another_address(address: &MailAddress) -> bool {
    let name = shown_name(address).to_lowercase();
    let real = shown_address(address).to_lowercase();
    let token = name
        .split(|c: char| c.is_whitespace() || "<>()\"'「」".contains(c))
        .find(|word| word.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.')));
    token.is_some_and(|token| token != real)
}
