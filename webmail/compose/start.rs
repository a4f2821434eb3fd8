//! Opening the form: empty, as a reply or forward, as a draft. Opening changes nothing.

use message::reply::{self, ForwardWords};
use message::{Parsed, Summary};
use serde::Deserialize;
use store::{AnswerKind, DraftOrigin, MailboxRole};
use types::{Address, DraftId, SystemFlags};
use web::axum::extract::{Path, Query, State};
use web::{Answer, Style, Trouble, Visit, see};

use super::ComposeWords;
use super::desk::Desk;
use super::form::Fields;
use super::page::{Carried, Shown, page};
use crate::Rooms;
use crate::mail::{MailId, open, shown_address, shown_name};

/// What the URL asks for; the first of them counts.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Asked {
    draft: Option<MailId>,
    reply: Option<MailId>,
    reply_all: Option<MailId>,
    forward: Option<MailId>,
    to: String,
    subject: String,
}

/// What is done with the mail that a form begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Draft,
    Reply,
    ReplyAll,
    Forward,
}

/// GET /mail/compose
pub(super) async fn begin(State(rooms): State<Rooms>, visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let wanted = [
        (How::Draft, asked.draft),
        (How::Reply, asked.reply),
        (How::ReplyAll, asked.reply_all),
        (How::Forward, asked.forward),
    ];
    let wanted = wanted.into_iter().find_map(|(how, id)| Some((how, id?)));
    let Some((how, id)) = wanted else {
        let fields = Fields { to: asked.to, subject: asked.subject, ..Fields::default() };
        return page(&rooms, visit, Shown { fields, ..Shown::default() }).await;
    };
    if how == How::Draft
        && let Some(draft) = rooms.store.draft_of_copy(&rooms.auth.read_account(visit.identity())?, id.0).await?
    {
        return see(&format!("/mail/compose/{draft}"));
    }
    let shown = from_mail(&rooms, &visit, how, id).await?;
    page(&rooms, visit, shown).await
}

/// GET /mail/compose/{draft}
pub(super) async fn show(State(rooms): State<Rooms>, visit: Visit, Path(draft): Path<i64>) -> Answer {
    let row = Desk { rooms: &rooms, visit: &visit }.row(DraftId(draft)).await?;
    page(&rooms, visit, Shown::of_row(row)).await
}

async fn from_mail(rooms: &Rooms, visit: &Visit, how: How, id: MailId) -> Result<Shown, Trouble> {
    let access = rooms.auth.read_account(visit.identity())?;
    let user = rooms.auth.person(visit.identity())?;
    let own: Vec<Address> = std::iter::once(&user.address).chain(&user.aliases).cloned().collect();
    let opened = open(rooms, &access, id).await?;
    if how == How::Draft {
        let mailboxes = rooms.store.mailboxes(&access).await?;
        let in_drafts = mailboxes.iter().any(|one| one.id == id.0.mailbox && one.role == Some(MailboxRole::Drafts));
        if !in_drafts && !opened.row.flags.system.contains(SystemFlags::DRAFT) {
            return Err(Trouble::NotFound);
        }
    }
    let date = opened.row.internal_date;
    let (t, style) = (ComposeWords::new(visit.page.language), visit.page.style);
    let (from, found) = opened
        .with(rooms, move |mail, _| {
            let found = match how {
                How::Draft => reply::draft(mail),
                How::Reply | How::ReplyAll => {
                    let attribution = attribution(t, style, &mail.summary(), date);
                    reply::reply(mail, &own, how == How::ReplyAll, &attribution)
                }
                How::Forward => {
                    let date = style.date_long(mail.summary().date.unwrap_or(date));
                    reply::forward(mail, &forward_words(t), &date)
                }
            };
            (sender(mail, &own), found)
        })
        .await?;
    let origin = |kind| Some(DraftOrigin { message: id.0, kind });
    Ok(Shown {
        fields: Fields::of(&found, from.map(|from| from.to_string()).unwrap_or_default()),
        carried: Carried::of(&found.files, style),
        copy: (how == How::Draft).then_some(id.0),
        origin: match how {
            How::Draft => None,
            How::Reply | How::ReplyAll => origin(AnswerKind::Reply),
            How::Forward => origin(AnswerKind::Forward),
        },
        ..Shown::default()
    })
}

/// The address of his that the mail came from or went to.
fn sender(mail: &Parsed<'_>, own: &[Address]) -> Option<Address> {
    let people = ["From", "To", "Cc"].into_iter().flat_map(|field| mail.people(field));
    let mut addresses = people.filter_map(|person| Address::parse(&person.address).ok());
    addresses.find(|address| own.contains(address))
}

/// The line above a quote.
fn attribution(t: ComposeWords, style: Style, summary: &Summary, came: types::Timestamp) -> String {
    let who = summary.header.from.first().map(|from| {
        let (name, address) = (shown_name(from), shown_address(from));
        if name == address { address } else { format!("{name} <{address}>") }
    });
    t.attribution(&style.date_long(summary.date.unwrap_or(came)), &who.unwrap_or_default())
}

fn forward_words(t: ComposeWords) -> ForwardWords<'static> {
    ForwardWords {
        heading: t.forwarded(),
        from: t.from(),
        date: t.date(),
        subject: t.subject(),
        to: t.to(),
        cc: t.cc(),
    }
}

/// The files of the mail that a form would carry on, for the form's return with its mistakes.
pub(super) async fn carried(
    rooms: &Rooms,
    visit: &Visit,
    source: MailId,
    chosen: &[String],
) -> Result<Vec<Carried>, Trouble> {
    let opened = match open(rooms, &rooms.auth.read_account(visit.identity())?, source).await {
        Ok(opened) => opened,
        Err(Trouble::NotFound) => return Ok(Vec::new()),
        Err(trouble) => return Err(trouble),
    };
    let files = opened.with(rooms, |mail, _| message::attachments::attachments(mail)).await?;
    let mut carried = Carried::of(&files, visit.page.style);
    for file in &mut carried {
        file.chosen = chosen.contains(&file.part);
    }
    Ok(carried)
}
