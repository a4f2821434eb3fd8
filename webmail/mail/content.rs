//! What the content origin shows of a person's own mail: the body as a document that does nothing, pictures in it,
//! files to save. Each URL was signed for one person and one thing a few minutes ago; there is no cookie here.

use message::Parsed;
use message::attachments::{self, Attachment};
use message::charset::Forced;
use message::view::{Options, Prefer, Theme, view};
use store::{Access, Account, Read};
use web::axum::Router;
use web::axum::extract::{Path, State};
use web::axum::http::{HeaderMap, Uri};
use web::axum::response::{IntoResponse, Response};
use web::axum::routing::get;
use web::{Answer, Trouble, Visit, headers};

use super::MailId;
use super::open::{Opened, open};
use crate::Rooms;

pub(super) fn routes() -> Router<Rooms> {
    Router::new()
        .route("/body/{id}/{form}/{charset}/{look}", get(body))
        .route("/picture/{id}/{part}", get(picture))
        .route("/part/{id}/{part}", get(part))
        .route("/source/{id}", get(source))
}

/// The address of the body's document.
pub(super) fn body_url(rooms: &Rooms, visit: &Visit, id: MailId, charset: Forced, prefer: Prefer) -> String {
    let form = if prefer == Prefer::Text { "text" } else { "html" };
    let look = visit.page.settings.theme.word();
    let language = visit.page.words.lang();
    sign(rooms, visit, &format!("/body/{id}/{form}/{}/{look}-{language}", charset.word()))
}

/// The address of a file; `part` as [`part_name`] makes it.
///
/// # Errors
/// [`Trouble::NotFound`] when that is no name of a part.
pub(super) fn part_url(rooms: &Rooms, visit: &Visit, id: MailId, part: &str) -> Result<String, Trouble> {
    let plain = !part.is_empty() && part.len() <= 60 && part.bytes().all(|b| b.is_ascii_digit() || b".-".contains(&b));
    plain.then(|| sign(rooms, visit, &format!("/part/{id}/{part}"))).ok_or(Trouble::NotFound)
}

/// The address of the whole mail as a file.
pub(super) fn source_url(rooms: &Rooms, visit: &Visit, id: MailId) -> String {
    sign(rooms, visit, &format!("/source/{id}"))
}

fn sign(rooms: &Rooms, visit: &Visit, path: &str) -> String {
    rooms.signer.url(&rooms.urls.content, path, visit.identity().user(), visit.now)
}

/// How URLs name a file of a mail: `2.1`, and `1-3` for the third file inside the text of part 1.
pub(crate) fn part_name(file: &Attachment) -> String {
    if file.inner == 0 { file.part.clone() } else { format!("{}-{}", file.part, file.inner) }
}

/// Checks the signature and opens the mail for the person whom it names.
async fn opened(rooms: &Rooms, uri: &Uri, id: MailId) -> Result<Opened, Trouble> {
    open(rooms, &access(rooms, uri)?, id).await
}

fn access(rooms: &Rooms, uri: &Uri) -> Result<Access<Account, Read>, Trouble> {
    let user = rooms.signer.check(uri.path(), uri.query().unwrap_or_default(), rooms.clock.now())?;
    Ok(rooms.auth.read_for_signed_url(user)?)
}

async fn body(
    State(rooms): State<Rooms>,
    uri: Uri,
    Path((id, form, charset, look)): Path<(MailId, String, String, String)>,
) -> Answer {
    let user = rooms.signer.check(uri.path(), uri.query().unwrap_or_default(), rooms.clock.now())?;
    let opened = opened(&rooms, &uri, id).await?;
    let charset = Forced::from_word(&charset).ok_or(Trouble::NotFound)?;
    let prefer = if form == "text" { Prefer::Text } else { Prefer::Html };
    let (theme, language) = look.split_once('-').ok_or(Trouble::NotFound)?;
    let (theme, language) = (theme_of(theme), language.to_owned());
    let shared = rooms.clone();
    let document = opened.with(&rooms, move |mail, _| {
        let files = attachments::attachments(mail);
        let cid = |wanted: &str| {
            let file =
                files.iter().find(|file| file.cid.as_deref() == Some(wanted) && file.served_type.is_picture())?;
            let path = format!("/picture/{id}/{}", part_name(file));
            Some(shared.signer.url(&shared.urls.content, &path, user, shared.clock.now()))
        };
        view(mail, &Options { prefer, charset, theme, language: &language, cid: &cid, ..Options::default() }).document
    });
    let mut response = document.await?.into_response();
    headers::message_body(response.headers_mut(), &rooms.urls.mail, &rooms.urls.content);
    Ok(response)
}

fn theme_of(word: &str) -> Theme {
    match word {
        "light" => Theme::Light,
        "dark" => Theme::Dark,
        _ => Theme::System,
    }
}

/// A file's type, name and bytes.
type Taken = (&'static str, String, Vec<u8>);

fn take(mail: &Parsed<'_>, part: &str, pictures_only: bool) -> Option<Taken> {
    let files = attachments::attachments(mail);
    let file = files.iter().find(|file| part_name(file) == part)?;
    if pictures_only && !file.served_type.is_picture() {
        return None;
    }
    let bytes = attachments::content(mail, file)?;
    Some((file.served_type.content_type(), file.name.clone(), bytes.into_owned()))
}

async fn picture(State(rooms): State<Rooms>, uri: Uri, Path((id, part)): Path<(MailId, String)>) -> Answer {
    let opened = opened(&rooms, &uri, id).await?;
    let taken = opened.with(&rooms, move |mail, _| take(mail, &part, true)).await?;
    serve(taken, headers::inline)
}

async fn part(State(rooms): State<Rooms>, uri: Uri, Path((id, part)): Path<(MailId, String)>) -> Answer {
    let opened = opened(&rooms, &uri, id).await?;
    let taken = opened.with(&rooms, move |mail, _| take(mail, &part, false)).await?;
    serve(taken, headers::attachment)
}

async fn source(State(rooms): State<Rooms>, uri: Uri, Path(id): Path<MailId>) -> Answer {
    let opened = opened(&rooms, &uri, id).await?;
    let bytes = opened.as_seen();
    let subject = opened.with(&rooms, |mail, _| mail.subject()).await?;
    let name = message::file_name::safe(&subject).unwrap_or_else(|| "mail".to_owned());
    serve(Some(("message/rfc822", format!("{name}.eml"), bytes)), headers::attachment)
}

fn serve(taken: Option<Taken>, confine: fn(&mut HeaderMap, &str, &str)) -> Result<Response, Trouble> {
    let (kind, name, bytes) = taken.ok_or(Trouble::NotFound)?;
    let mut response = bytes.into_response();
    confine(response.headers_mut(), kind, &name);
    Ok(response)
}
