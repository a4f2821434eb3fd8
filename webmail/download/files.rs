//! What an opened link shows: the files of the mail, each counted before it is handed out.

use std::time::Duration;

use message::Parsed;
use message::attachments::{self, Attachment};
use message::charset::Forced;
use store::{Collection, LinkRow, Taking};
use web::axum::extract::{Path, State};
use web::axum::http::StatusCode;
use web::axum::response::IntoResponse;
use web::{Answer, Caller, Trouble, askama, headers};

use super::face::{Face, gone, over, page, used_up};
use super::{asked_from, found, passes};
use crate::Rooms;

/// Whoever finds no memory within so long is asked to come again.
const PATIENCE: Duration = Duration::from_secs(10);
/// The place of the mail itself among the files.
const WHOLE: u32 = 0;

/// A file as it is listed.
struct Row {
    place: u32,
    name: String,
    size: String,
    left: String,
}

#[derive(askama::Template)]
#[template(path = "download/files.html")]
struct Files {
    face: Face,
    pass: String,
    subject: String,
    until: String,
    /// How often the mail itself can still be taken, where it stays here as a whole.
    whole: Option<String>,
    rows: Vec<Row>,
    /// How many bytes can be sent back, as people read it; `None`: nothing can.
    room: Option<String>,
    /// Why what was sent back was not taken.
    error: Option<&'static str>,
}

/// What a request for files shows.
#[derive(askama::Template)]
#[template(path = "download/collect.html")]
struct Collect {
    face: Face,
    pass: String,
    title: String,
    note: String,
    expected: Vec<String>,
    until: String,
    /// How often something was sent before.
    sent: u32,
    room: Option<String>,
    error: Option<&'static str>,
}

#[derive(askama::Template)]
#[template(path = "download/text.html")]
struct Text {
    face: Face,
    pass: String,
    subject: String,
    text: String,
}

/// Reads the mail of a link and does `work` on a thread that may take its time.
pub(super) async fn with<T: Send + 'static>(
    rooms: &Rooms,
    link: LinkRow,
    work: impl FnOnce(&Parsed<'_>, &[u8], &LinkRow) -> T + Send + 'static,
) -> Result<T, Trouble> {
    let memory = rooms.memory.take(link.submission.record_size.saturating_mul(3), PATIENCE).await;
    let memory = memory.ok_or_else(|| Trouble::Busy("no memory for another mail".into()))?;
    let bytes = rooms.outbound.linked_mail(&link).await?;
    let limits = rooms.limits.clone();
    let done = tokio::task::spawn_blocking(move || {
        let _memory = memory;
        work(&Parsed::parse(&bytes, &limits), &bytes, &link)
    });
    done.await.map_err(Trouble::bug)
}

/// The subject and the files of a link's mail.
pub(crate) async fn listed(rooms: &Rooms, link: LinkRow) -> Result<(String, Vec<Attachment>), Trouble> {
    with(rooms, link, |mail, _, _| (mail.subject(), attachments::attachments(mail))).await
}

/// The subject and the Message-ID of a link's mail.
pub(super) async fn about(rooms: &Rooms, link: LinkRow) -> Result<(String, Option<String>), Trouble> {
    with(rooms, link, |mail, _, _| (mail.subject(), mail.message_id())).await
}

/// What a request with a pass finds; the answer for who has none.
pub(super) async fn passed(rooms: &Rooms, caller: &Caller, token: &str, pass: &str) -> Result<(Face, LinkRow), Answer> {
    let link = found(rooms, token).await.map_err(Err)?;
    let Some(link) = link else { return Err(gone(rooms, caller)) };
    let face = Face::of(rooms, caller.language, &link, token);
    match passes::opens(&rooms.signer, &link, token, pass, rooms.clock.now()) {
        true => Ok((face, link)),
        false => Err(over(face)),
    }
}

/// GET /d/{token}/files/{pass}
pub(super) async fn list(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path((token, pass)): Path<(String, String)>,
) -> Answer {
    let (face, link) = match passed(&rooms, &caller, &token, &pass).await {
        Ok(passed) => passed,
        Err(answer) => return answer,
    };
    show(&rooms, face, link, pass, (None, StatusCode::OK)).await
}

/// The list, with what was wrong with what was sent back.
pub(super) async fn show(
    rooms: &Rooms,
    face: Face,
    link: LinkRow,
    pass: String,
    (error, status): (Option<&'static str>, StatusCode),
) -> Answer {
    if let Some(collection) = link.collection.clone() {
        return page(status, &asking(rooms, face, (pass, &link), collection, error));
    }
    let (until, whole) = (face.moment(link.expires), link.whole.then(|| face.t.left(link.left(WHOLE))));
    let (subject, files) = listed(rooms, link.clone()).await?;
    let rows = files.iter().zip(1..).map(|(file, place)| Row {
        place,
        name: file.name.clone(),
        size: face.style.size(u64::try_from(file.size).unwrap_or(u64::MAX)),
        left: face.t.left(link.left(place)),
    });
    let (rows, subject) = (rows.collect(), named(&face, subject));
    let room = rooms.outbound.takes_replies(&link).and_then(|_| rooms.outbound.room_for_reply(&link));
    let room = room.map(|bytes| face.style.size(bytes));
    page(status, &Files { face, pass, subject, until, whole, rows, room, error })
}

fn asking(
    rooms: &Rooms,
    face: Face,
    (pass, link): (String, &LinkRow),
    collection: Collection,
    error: Option<&'static str>,
) -> Collect {
    let (until, room) = (face.moment(link.expires), rooms.outbound.room_for_reply(link));
    let room = room.map(|bytes| face.style.size(bytes));
    let Collection { title, note, expected, .. } = collection;
    Collect { face, pass, title, note, expected, until, sent: link.uploads, room, error }
}

fn named(face: &Face, subject: String) -> String {
    if subject.is_empty() { face.t.no_subject().to_owned() } else { subject }
}

/// POST /d/{token}/files/{pass}/{file}: the file itself.
pub(super) async fn take(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path((token, pass, file)): Path<(String, String, u32)>,
) -> Answer {
    let (face, link) = match passed(&rooms, &caller, &token, &pass).await {
        Ok((_, link)) if link.collection.is_some() => return Err(Trouble::NotFound),
        Ok(passed) => passed,
        Err(answer) => return answer,
    };
    // it is read before it is counted: what cannot be read costs nobody a download
    let taken = with(&rooms, link.clone(), move |mail, bytes, link| one(mail, bytes, link, file)).await?;
    let Some((kind, name, bytes)) = taken else { return Err(Trouble::NotFound) };
    match rooms.outbound.take_file(&link, file, asked_from(&caller)).await? {
        Taking::Counted => {
            let mut response = bytes.into_response();
            headers::attachment(response.headers_mut(), kind, &name);
            Ok(response)
        }
        Taking::UsedUp => used_up(face, &pass),
        Taking::Gone => gone(&rooms, &caller),
    }
}

fn one(mail: &Parsed<'_>, bytes: &[u8], link: &LinkRow, file: u32) -> Option<(&'static str, String, Vec<u8>)> {
    if file == WHOLE {
        let name = message::file_name::safe(&mail.subject()).unwrap_or_else(|| "mail".to_owned());
        let cut = outbound::without(bytes, &link.submission.cuts);
        return link.whole.then(|| ("message/rfc822", format!("{name}.eml"), cut));
    }
    let place = usize::try_from(file).ok()?.checked_sub(1)?;
    let files = attachments::attachments(mail);
    let file = files.get(place)?;
    // as bytes whatever it is: what is saved is what was sent
    let content = attachments::original(mail, file)?;
    Some(("application/octet-stream", file.name.clone(), content.into_owned()))
}

/// POST /d/{token}/files/{pass}/text: the text of a mail that stays here as a whole. It counts as taking it.
pub(super) async fn text(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path((token, pass)): Path<(String, String)>,
) -> Answer {
    let (face, link) = match passed(&rooms, &caller, &token, &pass).await {
        Ok((face, link)) if link.whole && link.collection.is_none() => (face, link),
        Ok(_) => return Err(Trouble::NotFound),
        Err(answer) => return answer,
    };
    let read =
        with(&rooms, link.clone(), |mail, _, _| (mail.subject(), message::view::text(mail, Forced::default(), None)));
    let (subject, text) = read.await?;
    match rooms.outbound.take_file(&link, WHOLE, asked_from(&caller)).await? {
        Taking::Counted => {
            let subject = named(&face, subject);
            page(StatusCode::OK, &Text { face, pass, subject, text })
        }
        Taking::UsedUp => used_up(face, &pass),
        Taking::Gone => gone(&rooms, &caller),
    }
}
