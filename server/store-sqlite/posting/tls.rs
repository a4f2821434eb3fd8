//! What attempts said of TLS, for each domain: its last word. Written when it changes or has become a day old, so that
//! ordinary sending costs one look; old and surplus ones go then.

use super::{Ready, Result};

use crate::sql;
/// A word that is so old is written anew, milliseconds.
const DAY: i64 = 86_400_000;
/// After so long nothing is known any more, milliseconds.
const KEPT: i64 = 90 * DAY;
/// So many domains are remembered.
const MOST: i64 = 50_000;

pub(super) async fn remember(tx: &mut sql::Here, postings: &[&Ready]) -> Result<()> {
    let attempts = postings.iter().flat_map(|posting| &posting.posting.attempts);
    let seen: Vec<_> =
        attempts.filter_map(|one| Some((one.id.0, u8::from(one.way.as_ref()?.is_tls()), one.at.0))).collect();
    let Some(now) = seen.iter().map(|(_, _, at)| *at).max() else { return Ok(()) };
    let written = sql::query(
        "INSERT INTO tls_seen (domain, encrypted, at) SELECT q.domain, new.value->>1, new.value->>2 \
         FROM json_each($1) AS new JOIN queue q ON q.id = new.value->>0 WHERE true ORDER BY new.key \
         ON CONFLICT (domain) DO UPDATE SET encrypted = excluded.encrypted, at = excluded.at \
         WHERE encrypted <> excluded.encrypted OR at < excluded.at - $2",
    )
    .bind(serde_json::to_string(&seen)?)
    .bind(DAY)
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() > 0 {
        sql::query(
            "DELETE FROM tls_seen WHERE at < $1 \
             OR domain IN (SELECT domain FROM tls_seen ORDER BY at DESC LIMIT -1 OFFSET $2)",
        )
        .bind(now - KEPT)
        .bind(MOST)
        .execute(tx)
        .await?;
    }
    Ok(())
}
