//! The review of mail that came in: how far it has come, and what it found about records.

use store::{ReviewedTo, StoreError};

use super::{Ready, Result, change};

use crate::sql;
pub(super) async fn write(tx: &mut sql::Here, postings: &[&Ready]) -> Result<()> {
    move_on(tx, postings).await?;
    mark(tx, postings).await
}

/// Moves the review on. Of two that begin at the same place one finds it moved already, and nothing of it is written.
async fn move_on(tx: &mut sql::Here, postings: &[&Ready]) -> Result<()> {
    for moved in postings.iter().filter_map(|posting| posting.posting.reviewed_to) {
        let ReviewedTo { tenant, from, to } = moved;
        let number = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
        // where no row is, the review has not begun
        let changed = sql::query(
            "INSERT INTO review_position (tenant, seq) SELECT $1, $3 WHERE $2 = 0 OR EXISTS \
             (SELECT 1 FROM review_position WHERE tenant = $1) \
             ON CONFLICT (tenant) DO UPDATE SET seq = excluded.seq WHERE review_position.seq = $2",
        )
        .bind(tenant.0)
        .bind(number(from))
        .bind(number(to))
        .execute(&mut *tx)
        .await?
        .rows_affected();
        if changed == 0 {
            return Err(StoreError::Decided("reviewed".into()).into());
        }
    }
    Ok(())
}

async fn mark(tx: &mut sql::Here, postings: &[&Ready]) -> Result<()> {
    let marks = postings.iter().flat_map(|posting| &posting.posting.marks);
    let rows: Vec<_> = marks.map(|mark| (mark.record.0, u8::from(mark.sensitive))).collect();
    change(
        tx,
        "UPDATE record SET sensitive = new.value->>1 FROM json_each($1) AS new WHERE record.id = new.value->>0",
        &rows,
    )
    .await
}
