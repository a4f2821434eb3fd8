//! Second factors in `directory.db`: set up and taken away as changes of the directory, used at each sign-in.

use std::collections::HashMap;

use async_trait::async_trait;
use sqlx::{Row as _, SqliteConnection, SqlitePool};
use store::{Changed, FactorEngine, FactorSecret, NewAudit, NewSecondFactor, RecoveryHash, SecondFactor, StoreError};
use types::{Timestamp, UserId};

use super::app_passwords;
use super::change::audit;
use super::passwords::{SealedSecret, mark};
use crate::database::failed;
use crate::engine::SqliteEngine;

type Result<T> = std::result::Result<T, StoreError>;

/// Where a secret is sealed: it opens in no other row.
pub(crate) fn place(mark: &[u8]) -> String {
    mark.iter().fold("second factor ".to_owned(), |place, byte| place + &format!("{byte:02x}"))
}

/// Sets one up, in place of one that is there; the passwords of mail programs stay.
pub(super) async fn set(
    tx: &mut SqliteConnection,
    new: &NewSecondFactor,
    sealed: &SealedSecret,
    at: Timestamp,
) -> Result<Changed> {
    rights_changed(tx, new.user).await?;
    let sql = "INSERT INTO second_factor (user, mark, sealed, made, step) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user) DO \
               UPDATE SET mark = excluded.mark, sealed = excluded.sealed, made = excluded.made, step = excluded.step";
    let query = sqlx::query(sql).bind(new.user.0).bind(sealed.mark.as_slice()).bind(&sealed.bytes).bind(at.0);
    query.bind(i64::try_from(new.step).unwrap_or(i64::MAX)).execute(&mut *tx).await.map_err(failed)?;
    put_codes(tx, new.user, &new.codes).await?;
    Ok(Changed::User(new.user))
}

/// Puts recovery codes in the place of those that are left.
pub(super) async fn set_codes(tx: &mut SqliteConnection, user: UserId, codes: &[RecoveryHash]) -> Result<Changed> {
    let sql = "SELECT count(*) FROM second_factor WHERE user = $1";
    let there: i64 = sqlx::query_scalar(sql).bind(user.0).fetch_one(&mut *tx).await.map_err(failed)?;
    if there == 0 {
        return Err(missing(user));
    }
    put_codes(tx, user, codes).await?;
    Ok(Changed::User(user))
}

async fn put_codes(tx: &mut SqliteConnection, user: UserId, codes: &[RecoveryHash]) -> Result<()> {
    let sql = "DELETE FROM recovery_code WHERE user = $1";
    sqlx::query(sql).bind(user.0).execute(&mut *tx).await.map_err(failed)?;
    for code in codes {
        let sql = "INSERT INTO recovery_code (user, hash) VALUES ($1, $2)";
        sqlx::query(sql).bind(user.0).bind(code.as_slice()).execute(&mut *tx).await.map_err(failed)?;
    }
    Ok(())
}

/// Takes one away, with its recovery codes and the passwords of mail programs.
pub(super) async fn remove(tx: &mut SqliteConnection, user: UserId) -> Result<Changed> {
    let sql = "DELETE FROM second_factor WHERE user = $1";
    let gone = sqlx::query(sql).bind(user.0).execute(&mut *tx).await.map_err(failed)?.rows_affected();
    if gone == 0 {
        return Err(missing(user));
    }
    rights_changed(tx, user).await?;
    Ok(Changed::User(user))
}

/// All that was granted to the person before is void.
pub(super) async fn rights_changed(tx: &mut SqliteConnection, user: UserId) -> Result<()> {
    let sql = "UPDATE user SET generation = generation + 1 WHERE id = $1";
    let touched = sqlx::query(sql).bind(user.0).execute(tx).await.map_err(failed)?.rows_affected();
    if touched == 0 { Err(StoreError::NotFound(format!("user {user}"))) } else { Ok(()) }
}

fn missing(user: UserId) -> StoreError {
    StoreError::NotFound(format!("a second factor of user {user}"))
}

/// Who has one.
pub(super) async fn load(pool: &SqlitePool) -> Result<HashMap<UserId, SecondFactor>> {
    let rows = sqlx::query("SELECT user, made FROM second_factor").fetch_all(pool).await.map_err(failed)?;
    let mut passwords = app_passwords::load(pool).await?;
    let mut one = |row: &sqlx::sqlite::SqliteRow| {
        let user = UserId(row.get(0));
        let app_passwords = passwords.remove(&user).unwrap_or_default();
        (user, SecondFactor { made: Timestamp(row.get(1)), app_passwords })
    };
    Ok(rows.iter().map(&mut one).collect())
}

#[async_trait]
impl FactorEngine for SqliteEngine {
    async fn factor_secret(&self, user: UserId) -> Result<Option<FactorSecret>> {
        let sql =
            "SELECT f.mark, f.sealed, u.tenant FROM second_factor f JOIN user u ON u.id = f.user WHERE f.user = $1";
        let row = sqlx::query(sql).bind(user.0).fetch_optional(self.directory.pool()).await.map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let (mark, sealed): ([u8; 16], Vec<u8>) = (mark(row.get(0))?, row.get(1));
        let secret = self.keys.open_of_tenant(types::TenantId(row.get(2)), &place(&mark), &sealed).await?;
        Ok(Some(FactorSecret::new(secret.into())))
    }
    async fn accept_step(&self, user: UserId, step: u64) -> Result<bool> {
        let sql = "UPDATE second_factor SET step = $2 WHERE user = $1 AND step < $2";
        let query = sqlx::query(sql).bind(user.0).bind(i64::try_from(step).unwrap_or(i64::MAX));
        let done = query.execute(self.directory.pool()).await.map_err(|error| self.directory.failed(error))?;
        Ok(done.rows_affected() > 0)
    }
    async fn recovery_codes(&self, user: UserId) -> Result<u32> {
        let sql = "SELECT count(*) FROM recovery_code WHERE user = $1";
        sqlx::query_scalar(sql).bind(user.0).fetch_one(self.directory.pool()).await.map_err(failed)
    }
    async fn use_recovery_code(&self, user: UserId, code: RecoveryHash, row: NewAudit) -> Result<Option<u32>> {
        let mut tx = self.directory.pool().begin().await.map_err(|error| self.directory.failed(error))?;
        let sql = "DELETE FROM recovery_code WHERE user = $1 AND hash = $2";
        let query = sqlx::query(sql).bind(user.0).bind(code.as_slice());
        if query.execute(&mut *tx).await.map_err(|error| self.directory.failed(error))?.rows_affected() == 0 {
            return Ok(None);
        }
        let sql = "SELECT count(*) FROM recovery_code WHERE user = $1";
        let left = sqlx::query_scalar(sql)
            .bind(user.0)
            .fetch_one(&mut *tx)
            .await
            .map_err(|error| self.directory.failed(error))?;
        audit(&mut tx, &row).await?;
        tx.commit().await.map_err(|error| self.directory.failed(error))?;
        Ok(Some(left))
    }
    async fn app_passwords_used(&self, user: UserId) -> Result<Vec<(i64, Timestamp)>> {
        app_passwords::used(&self.directory, user).await
    }
    async fn touch_app_password(&self, id: i64, at: Timestamp) -> Result<()> {
        app_passwords::touch(&self.directory, id, at).await
    }
}
