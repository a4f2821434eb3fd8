//! Files that a recipient sends back by his link. They are read as they come, straight into the mail that brings them, so that
//! a large file costs no memory; what is too large is read to its end and dropped, so that the browser gets an answer.

use delivery::{Arrival, DeliveryError};
use outbound::{CameBy, REPLY_TEXT, Reply};
use store::{AskedFrom, LinkRow, NewUpload, StoreError, UPLOAD_FILES_MOST, Writing};
use types::Address;
use web::axum::extract::multipart::{Field, MultipartError};
use web::axum::extract::{Multipart, Path, State};
use web::axum::http::StatusCode;
use web::{Answer, Caller, Trouble, see};

use super::face::{Face, gone, page};
use super::files::{about, passed, show};
use super::{Said, asked_from, passes};
use crate::Rooms;

/// Most bytes of the text: every character has four at most.
const TEXT: usize = REPLY_TEXT * 4;
/// Most parts of one form.
const PARTS: usize = UPLOAD_FILES_MOST + 20;

/// Why files were not taken.
enum Refused {
    /// There was none, and no text.
    Nothing,
    /// Too many, or too large.
    TooMuch,
    /// As many as a link takes came before.
    NoMore,
    /// The link was stopped or has ended meanwhile.
    Gone,
    /// The disk is full.
    NoSpace,
    /// Something else.
    Trouble(Trouble),
}

impl From<Trouble> for Refused {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::NoSpace,
            StoreError::Conflict(_) => Self::NoMore,
            StoreError::NotFound(_) => Self::Gone,
            other => Self::Trouble(other.into()),
        }
    }
}

impl From<MultipartError> for Refused {
    fn from(error: MultipartError) -> Self {
        if error.status().as_u16() == 413 { Self::TooMuch } else { Self::Trouble(Trouble::BadRequest) }
    }
}

/// POST /d/{token}/files/{pass}/reply
pub(super) async fn give(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path((token, pass)): Path<(String, String)>,
    body: Multipart,
) -> Answer {
    let (face, link) = match passed(&rooms, &caller, &token, &pass).await {
        Ok(passed) => passed,
        Err(answer) => return answer,
    };
    let Some(to) = rooms.outbound.takes_replies(&link) else { return Err(Trouble::NotFound) };
    let taken = take_in(&rooms, &caller, &link, to, body).await;
    // an upload may have outlived the pass with which it began
    let pass = passes::make(&rooms.signer, &link, &token, rooms.clock.now());
    match taken {
        Ok(()) => see(&face.at(&format!("/files/{pass}/sent"))),
        Err(Refused::Gone) => gone(&rooms, &caller),
        Err(Refused::Trouble(trouble)) => Err(trouble),
        Err(refused) => {
            let (error, status) = explained(&face, &refused);
            show(&rooms, face, link, pass, (Some(error), status)).await
        }
    }
}

fn explained(face: &Face, refused: &Refused) -> (&'static str, StatusCode) {
    match refused {
        Refused::Nothing => (face.t.reply_nothing(), StatusCode::UNPROCESSABLE_ENTITY),
        Refused::TooMuch => (face.t.reply_too_much(), StatusCode::PAYLOAD_TOO_LARGE),
        Refused::NoMore => (face.t.reply_no_more(), StatusCode::CONFLICT),
        _ => (face.t.reply_no_space(), StatusCode::INSUFFICIENT_STORAGE),
    }
}

async fn take_in(
    rooms: &Rooms,
    caller: &Caller,
    link: &LinkRow,
    to: Address,
    mut body: Multipart,
) -> Result<(), Refused> {
    let Some(room) = rooms.outbound.room_for_reply(link) else { return Err(Refused::NoMore) };
    let (from, tls) = (asked_from(caller), caller.tls.as_ref());
    let (text, under_way) = (String::new(), None);
    let mut form = Form { rooms, link, to, from, tls, room, text, under_way, files: 0, bytes: 0, over: false };
    for _ in 0..PARTS {
        match body.next_field().await? {
            Some(field) => form.part(field).await?,
            None => return form.end().await,
        }
    }
    Err(Refused::TooMuch)
}

/// A form under way. The mail begins with its first file, after the text.
struct Form<'a> {
    rooms: &'a Rooms,
    link: &'a LinkRow,
    to: Address,
    from: AskedFrom,
    tls: Option<&'a (&'static str, String)>,
    /// So many bytes of files are taken.
    room: u64,
    text: String,
    under_way: Option<(Reply, Writing)>,
    files: usize,
    bytes: u64,
    /// More than is taken: the rest is read and dropped.
    over: bool,
}

impl Form<'_> {
    async fn part(&mut self, mut field: Field<'_>) -> Result<(), Refused> {
        let Some(name) = field.file_name().map(str::to_owned) else {
            if field.name() == Some("text") && self.under_way.is_none() {
                self.text = text(&mut field).await?;
            }
            return Ok(());
        };
        let kind = field.content_type().unwrap_or_default().to_owned();
        let mut chunk = field.chunk().await?;
        // a browser sends a field without a file as an empty one without a name
        if name.is_empty() && chunk.as_ref().is_none_or(|chunk| chunk.is_empty()) {
            return Ok(());
        }
        self.files += 1;
        self.over |= self.files > UPLOAD_FILES_MOST;
        if !self.over {
            self.begin_file(&name, &kind).await?;
        }
        while let Some(bytes) = chunk {
            self.bytes = self.bytes.saturating_add(bytes.len() as u64);
            self.over |= self.bytes > self.room;
            if let (Some((reply, writing)), false) = (&mut self.under_way, self.over) {
                writing.write(&reply.gathering.bytes(&bytes)).await?;
            }
            chunk = field.chunk().await?;
        }
        Ok(())
    }

    async fn begin_file(&mut self, name: &str, kind: &str) -> Result<(), Refused> {
        self.begin().await?;
        let name = name.rsplit(['/', '\\']).next().and_then(message::file_name::safe);
        if let Some((reply, writing)) = &mut self.under_way {
            writing.write(&reply.gathering.file(name.as_deref().unwrap_or("file"), kind)).await?;
        }
        Ok(())
    }

    async fn begin(&mut self) -> Result<(), Refused> {
        if self.under_way.is_some() {
            return Ok(());
        }
        let (subject, id) = about(self.rooms, self.link.clone()).await?;
        let answers = (subject.as_str(), id.as_deref());
        let (to, outbound) = (self.to.clone(), &self.rooms.outbound);
        let by = CameBy { from: &self.from, tls: self.tls };
        let reply = outbound.begin_reply(self.link, to, answers, &self.text, by).map_err(Trouble::from)?;
        let (tenant, most) = (self.link.submission.tenant, self.rooms.limits.message_size);
        let mut writing = self.rooms.store.begin(tenant, most).await?;
        writing.write(&reply.head).await?;
        self.under_way = Some((reply, writing));
        Ok(())
    }

    /// Everything has come: one posting brings the mail to who sent the link, and writes down that it came.
    async fn end(mut self) -> Result<(), Refused> {
        if self.over {
            return Err(Refused::TooMuch);
        }
        if self.files == 0 && self.text.trim().is_empty() {
            return Err(Refused::Nothing);
        }
        self.begin().await?;
        let Some((reply, mut writing)) = self.under_way else { return Err(Refused::Nothing) };
        let Reply { gathering, envelope, trace, reference, .. } = reply;
        writing.write(&gathering.end()).await?;
        let draft = writing.finish().await?;
        let files = (u32::try_from(self.files).unwrap_or(u32::MAX), self.bytes);
        let upload = self.rooms.outbound.upload(self.link, files, self.from);
        let arrival = Arrival { envelope, draft, trace, reference };
        delivered(self.rooms, arrival, upload).await?;
        // the files are here: that nobody could be told of them is no reason to ask for them again
        if let Err(error) = self.rooms.outbound.tell_of_collected(self.link).await {
            tracing::error!(%error, "a handler could not be told of files that came");
        }
        Ok(())
    }
}

async fn delivered(rooms: &Rooms, arrival: Arrival, upload: NewUpload) -> Result<(), Refused> {
    match rooms.delivery.arrive_by_link(arrival, upload).await {
        Ok(()) => Ok(()),
        Err(DeliveryError::Store(error)) => Err(error.into()),
        Err(DeliveryError::OverQuota(_) | DeliveryError::LargerThanQuota(_)) => Err(Refused::NoSpace),
        Err(error) => Err(Refused::Trouble(error.into())),
    }
}

async fn text(field: &mut Field<'_>) -> Result<String, Refused> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        if bytes.len() + chunk.len() > TEXT {
            return Err(Refused::TooMuch);
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| Refused::Trouble(Trouble::BadRequest))
}

/// GET /d/{token}/files/{pass}/sent
pub(super) async fn sent(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path((token, pass)): Path<(String, String)>,
) -> Answer {
    let (face, link) = match passed(&rooms, &caller, &token, &pass).await {
        Ok(passed) => passed,
        Err(answer) => return answer,
    };
    let text = match link.collection {
        Some(_) => face.t.collect_sent(&face.company),
        None => face.t.reply_sent(&face.sender),
    };
    let title = face.t.reply_sent_title();
    let next = Some((face.t.back(), face.at(&format!("/files/{pass}"))));
    page(StatusCode::OK, &Said { face, title, text, next })
}
