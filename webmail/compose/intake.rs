//! Reading a posted form: its fields into memory, its files straight into the store, so that a large file costs no
//! memory here. What is too large is read to its end and dropped, so that the browser gets an answer and not a broken
//! connection.

use store::{DRAFT_ATTACHMENTS, NewAttachment};
use types::{Limits, TenantId};
use web::Trouble;
use web::axum::extract::Multipart;
use web::axum::extract::multipart::{Field, MultipartError};

use super::form::Form;
use crate::Rooms;

/// Most bytes of one field.
const FIELD: usize = 3 << 20;
/// Most fields and files of one form.
const PARTS: usize = 400;

/// A form and its files.
#[derive(Default)]
pub(super) struct Taken {
    pub form: Form,
    pub files: Vec<NewAttachment>,
    /// Files were dropped: they are more than a mail may hold.
    pub too_large: bool,
}

/// How many bytes of files fit into a mail: base64 makes four of three, and lines end.
pub(super) fn room(limits: &Limits) -> u64 {
    limits.message_size / 100 * 72
}

/// How large a request with files may be; beyond it the connection ends.
pub(crate) fn most_of_request(limits: &Limits) -> usize {
    usize::try_from(limits.message_size).unwrap_or(usize::MAX).saturating_mul(2).saturating_add(4 << 20)
}

/// Reads the form.
///
/// # Errors
/// [`Trouble::TooLarge`], [`Trouble::BadRequest`], and whatever the store says.
pub(super) async fn read(rooms: &Rooms, tenant: TenantId, mut body: Multipart) -> Result<Taken, Trouble> {
    let mut taken = Taken::default();
    let mut left = room(&rooms.limits);
    for _ in 0..PARTS {
        let Some(mut field) = body.next_field().await.map_err(|error| trouble(&error))? else { return Ok(taken) };
        let name = field.name().unwrap_or_default().to_owned();
        let Some(file) = field.file_name().map(str::to_owned) else {
            let value = text(&mut field).await?;
            taken.form.put(&name, value).ok_or(Trouble::BadRequest)?;
            continue;
        };
        let full = taken.files.len() > DRAFT_ATTACHMENTS as usize;
        match collect(rooms, tenant, &mut field, if full { 0 } else { left }).await? {
            Some(bytes) if bytes.size() == 0 && file.is_empty() => {}
            Some(bytes) => {
                left = left.saturating_sub(bytes.size());
                let media_type = field.content_type().unwrap_or("application/octet-stream").to_owned();
                let name = file.rsplit(['/', '\\']).next().and_then(message::file_name::safe);
                let name = name.unwrap_or_else(|| "file".to_owned());
                taken.files.push(NewAttachment { bytes, name, media_type });
            }
            None => taken.too_large = true,
        }
    }
    Err(Trouble::BadRequest)
}

async fn text(field: &mut Field<'_>) -> Result<String, Trouble> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| trouble(&error))? {
        if bytes.len() + chunk.len() > FIELD {
            return Err(Trouble::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| Trouble::BadRequest)
}

/// The bytes of a file in the store; `None` when they are more than `most`.
async fn collect(
    rooms: &Rooms,
    tenant: TenantId,
    field: &mut Field<'_>,
    most: u64,
) -> Result<Option<store::Draft>, Trouble> {
    let mut writing = Some(rooms.store.begin(tenant, most.max(1)).await?);
    let mut size = 0_u64;
    while let Some(chunk) = field.chunk().await.map_err(|error| trouble(&error))? {
        size = size.saturating_add(chunk.len() as u64);
        if size > most {
            writing = None;
        }
        if let Some(writing) = &mut writing {
            writing.write(&chunk).await?;
        }
    }
    match writing {
        Some(writing) => Ok(Some(writing.finish().await?)),
        None => Ok(None),
    }
}

fn trouble(error: &MultipartError) -> Trouble {
    if error.status().as_u16() == 413 { Trouble::TooLarge } else { Trouble::BadRequest }
}
