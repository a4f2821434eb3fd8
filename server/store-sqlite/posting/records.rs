//! Records: one row for the bytes of each new mail; known ones are looked up.

use std::collections::HashMap;

use blobs::RecordRef;
use sqlx::{Row as _, SqliteConnection};
use store::StoreError;
use types::RecordId;

use super::ready::ReadyBytes;
use super::{Numbers, Ready, Result, insert};
use crate::database::hex;
use crate::keys::Keys;

/// What other rows of a posting need of a record.
#[derive(Debug, Clone)]
pub(crate) struct RecordInfo {
    pub id: RecordId,
    pub size: u64,
    pub digest: Vec<u8>,
}

pub(super) async fn write(
    tx: &mut SqliteConnection,
    keys: &Keys,
    postings: &[&Ready],
    numbers: &mut Numbers,
) -> Result<Vec<Vec<RecordInfo>>> {
    let known = known(tx, postings).await?;
    let mut rows = Vec::new();
    let mut all = Vec::with_capacity(postings.len());
    for posting in postings {
        let mut records = Vec::with_capacity(posting.mails.len());
        for mail in &posting.mails {
            match &mail.bytes {
                ReadyBytes::Known(id) => {
                    let info = known.get(&id.0).cloned();
                    records.push(info.ok_or_else(|| StoreError::NotFound(format!("record {id}")))?);
                }
                ReadyBytes::New { key, size, digest, place, .. } => {
                    let id = numbers.next("record");
                    let Some(RecordRef::Segment { file, offset, len }) = place else {
                        return Err(StoreError::Engine("a mail was not written before its row".into()).into());
                    };
                    let summary =
                        keys.get(*key).await?.seal_column("summary", &mail.summary).map_err(StoreError::from)?;
                    rows.push((
                        (id, mail.tenant.0, key.0, file, offset),
                        (len, size, hex(digest), hex(&summary), u8::from(mail.sensitive)),
                    ));
                    records.push(RecordInfo { id: RecordId(id), size: *size, digest: digest.to_vec() });
                }
            }
        }
        all.push(records);
    }
    insert(
        tx,
        "INSERT INTO record (id, tenant, key, file, offset, stored, size, digest, summary, sensitive) \
         SELECT value->>'$[0][0]', value->>'$[0][1]', value->>'$[0][2]', value->>'$[0][3]', value->>'$[0][4]', \
         value->>'$[1][0]', value->>'$[1][1]', unhex(value->>'$[1][2]'), unhex(value->>'$[1][3]'), value->>'$[1][4]' \
         FROM json_each($1)",
        &rows,
    )
    .await?;
    Ok(all)
}

async fn known(tx: &mut SqliteConnection, postings: &[&Ready]) -> Result<HashMap<i64, RecordInfo>> {
    let mails = postings.iter().flat_map(|posting| &posting.mails);
    let ids: Vec<i64> = mails
        .filter_map(|mail| match mail.bytes {
            ReadyBytes::Known(id) => Some(id.0),
            ReadyBytes::New { .. } => None,
        })
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query("SELECT id, size, digest FROM record WHERE id IN (SELECT value FROM json_each($1))")
        .bind(serde_json::to_string(&ids)?)
        .fetch_all(tx)
        .await?;
    let info = |row: &sqlx::sqlite::SqliteRow| {
        let size = u64::try_from(row.get::<i64, _>(1)).unwrap_or(0);
        RecordInfo { id: RecordId(row.get(0)), size, digest: row.get(2) }
    };
    Ok(rows.iter().map(|row| (row.get(0), info(row))).collect())
}
