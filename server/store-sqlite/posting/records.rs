//! Records: one row for the bytes of each new mail, and the bytes themselves when they are few; known ones are looked
//! up.

use blobs::RecordRef;
use store::StoreError;
use types::{KeyId, RecordId};

use super::ready::{ReadyBytes, ReadyMail};
use super::{Known, Ready, Result, Rows};
use crate::keys::Keys;
use crate::place::{INLINE, number};
use crate::sql::values;

/// What other rows of a posting need of a record.
#[derive(Debug, Clone)]
pub(crate) struct RecordInfo {
    pub id: RecordId,
    pub size: u64,
    pub digest: Vec<u8>,
    pub key: KeyId,
}

pub(super) async fn rows(
    keys: &Keys,
    postings: &[&Ready],
    known: &mut Known,
    rows: &mut Rows,
) -> Result<Vec<Vec<RecordInfo>>> {
    let mut all = Vec::with_capacity(postings.len());
    for posting in postings {
        let mut records = Vec::with_capacity(posting.mails.len());
        for mail in &posting.mails {
            records.push(match &mail.bytes {
                ReadyBytes::Known(id) => known.record(*id)?,
                ReadyBytes::New { .. } => new(keys, mail, known.numbers.record.take(), rows).await?,
            });
        }
        all.push(records);
    }
    Ok(all)
}

async fn new(keys: &Keys, mail: &ReadyMail, id: i64, rows: &mut Rows) -> Result<RecordInfo> {
    let ReadyBytes::New { key, size, digest, sealed, place } = &mail.bytes else {
        return Err(StoreError::Engine("a record that is known is no new one".into()).into());
    };
    let (file, offset, stored) = match (place, sealed) {
        (Some(RecordRef::Segment { file, offset, len }), _) => (*file, *offset, *len),
        (None, Some(sealed)) => {
            rows.inline.push(values![id, &sealed.bytes]);
            (INLINE, 0, sealed.bytes.len() as u64)
        }
        (None, None) => return Err(StoreError::Engine("a mail was not written before its row".into()).into()),
    };
    let summary = keys.get(*key).await?.seal_column("summary", &mail.summary).map_err(StoreError::from)?;
    rows.records.push(values![
        id,
        mail.tenant.0,
        key.0,
        number(file)?,
        number(offset)?,
        number(stored)?,
        number(*size)?,
        mail.sensitive,
        digest,
        summary,
    ]);
    Ok(RecordInfo { id: RecordId(id), size: *size, digest: digest.to_vec(), key: *key })
}
