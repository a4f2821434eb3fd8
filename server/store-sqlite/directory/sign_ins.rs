//! Sign-ins by browser in `directory.db`, and the audit rows about signing in.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use store::{NewAudit, SIGN_INS_KEPT, SessionKind, SignIn, StoreError};
use types::{Timestamp, UserId};

use super::DirectoryDb;
use super::change::audit;
use crate::database::failed;

type Result<T> = std::result::Result<T, StoreError>;

const LAST: &str = "SELECT user, kind, at, peer, agent FROM sign_in WHERE user = $1 ORDER BY id DESC LIMIT $2";

/// Keeps a sign-in and its audit row; answers the one before.
pub(super) async fn note(db: &DirectoryDb, sign_in: &SignIn, row: &NewAudit) -> Result<Option<SignIn>> {
    let mut tx = db.pool().begin().await.map_err(failed)?;
    let before = sqlx::query(LAST).bind(sign_in.user.0).bind(1).fetch_optional(&mut *tx).await.map_err(failed)?;
    sqlx::query("INSERT INTO sign_in (user, kind, at, peer, agent) VALUES ($1, $2, $3, $4, $5)")
        .bind(sign_in.user.0)
        .bind(sign_in.kind.word())
        .bind(sign_in.at.0)
        .bind(&sign_in.peer)
        .bind(&sign_in.agent)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    let oldest =
        "DELETE FROM sign_in WHERE id IN (SELECT id FROM sign_in WHERE user = $1 ORDER BY id DESC LIMIT -1 OFFSET $2)";
    sqlx::query(oldest).bind(sign_in.user.0).bind(SIGN_INS_KEPT).execute(&mut *tx).await.map_err(failed)?;
    audit(&mut tx, row).await?;
    tx.commit().await.map_err(|error| db.failed(error))?;
    before.as_ref().map(read).transpose()
}

/// The person's sign-ins, newest first.
pub(super) async fn of_user(db: &DirectoryDb, user: UserId, most: u32) -> Result<Vec<SignIn>> {
    let rows = sqlx::query(LAST).bind(user.0).bind(most).fetch_all(db.pool()).await.map_err(failed)?;
    rows.iter().map(read).collect()
}

/// Writes an audit row alone.
pub(super) async fn access(db: &DirectoryDb, row: &NewAudit) -> Result<()> {
    let mut tx = db.pool().begin().await.map_err(failed)?;
    audit(&mut tx, row).await?;
    tx.commit().await.map_err(|error| db.failed(error))
}

fn read(row: &SqliteRow) -> Result<SignIn> {
    let kind = SessionKind::parse(row.get(1)).ok_or_else(|| StoreError::Damaged("the kind of a sign-in".into()))?;
    let (user, at) = (UserId(row.get(0)), Timestamp(row.get(2)));
    Ok(SignIn { user, kind, at, peer: row.get(3), agent: row.get(4) })
}
