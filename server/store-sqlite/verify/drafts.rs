//! Drafts: what stands in them opens under their keys.

use sqlx::FromRow;
use store::{StoreError, VerifyReport};
use types::KeyId;

use super::{Result, Verify, damage};
use crate::database::failed;

/// Drafts that are read in one go.
const WINDOW: i64 = 64;

#[derive(FromRow)]
struct Row {
    id: i64,
    key: i64,
    fields: Vec<u8>,
}

pub(super) async fn verify(verify: &Verify<'_>, report: &mut VerifyReport) -> Result<()> {
    let mut after = i64::MIN;
    loop {
        let sql = "SELECT id, key, fields FROM draft WHERE id > $1 ORDER BY id LIMIT $2";
        let query = sqlx::query_as(sql).bind(after).bind(WINDOW);
        let rows: Vec<Row> = query.fetch_all(verify.readers).await.map_err(failed)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        for row in rows {
            let place = format!("draft {}", row.id);
            match verify.keys.get(KeyId(row.key)).await {
                Ok(key) if key.open_column(crate::drafts::COLUMN, &row.fields).is_err() => {
                    report.damage.push(damage(place, "its text does not open under its key"));
                }
                Ok(_) => {}
                Err(StoreError::Damaged(what)) => report.damage.push(damage(place, what)),
                Err(error) => return Err(error),
            }
        }
    }
}
