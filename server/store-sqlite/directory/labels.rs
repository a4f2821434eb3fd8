//! A company's own labels of numbers: added and taken away as a whole, each word once.

use sqlx::SqliteConnection;
use store::{Changed, LABELS_MOST, Label, StoreError};
use types::TenantId;

use crate::database::failed;

type Result<T> = std::result::Result<T, StoreError>;

pub(super) async fn add(tx: &mut SqliteConnection, tenant: TenantId, labels: &[Label]) -> Result<Changed> {
    let sql = "INSERT INTO label (tenant, kind, word) VALUES ($1, $2, $3) ON CONFLICT (tenant, word) DO UPDATE SET kind = \
               excluded.kind";
    for label in labels {
        let query = sqlx::query(sql).bind(tenant.0).bind(&label.kind).bind(&label.word);
        query.execute(&mut *tx).await.map_err(failed)?;
    }
    let sql = "SELECT count(*) FROM label WHERE tenant = $1";
    let count: i64 = sqlx::query_scalar(sql).bind(tenant.0).fetch_one(tx).await.map_err(failed)?;
    match usize::try_from(count) {
        Ok(count) if count <= LABELS_MOST => Ok(Changed::Done),
        _ => {
            Err(StoreError::Invalid(format!("{count} labels are more than the {LABELS_MOST} that a company may have")))
        }
    }
}

pub(super) async fn remove(tx: &mut SqliteConnection, tenant: TenantId, words: &[String]) -> Result<Changed> {
    for word in words {
        let sql = "DELETE FROM label WHERE tenant = $1 AND word = $2";
        let gone = sqlx::query(sql).bind(tenant.0).bind(word).execute(&mut *tx).await.map_err(failed)?.rows_affected();
        if gone == 0 {
            return Err(StoreError::NotFound(format!("the label {word}")));
        }
    }
    Ok(Changed::Done)
}
