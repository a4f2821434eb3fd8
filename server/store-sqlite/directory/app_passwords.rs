//! Passwords of mail programs in `directory.db`: they go with their owner's second factor.

use std::collections::HashMap;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection, SqlitePool};
use store::{APP_PASSWORDS_MOST, AppKeys, AppPassword, Changed, NewAppPassword, StoreError};
use types::{Timestamp, UserId};

use super::DirectoryDb;
use super::factor::rights_changed;
use crate::database::failed;

type Result<T> = std::result::Result<T, StoreError>;

pub(super) async fn add(tx: &mut SqliteConnection, new: &NewAppPassword, at: Timestamp) -> Result<Changed> {
    if !new.has_good_name() {
        return Err(StoreError::Invalid("the name must be 1 to 100 characters on one line".into()));
    }
    let sql = "SELECT (SELECT count(*) FROM second_factor WHERE user = $1), count(*), coalesce(sum(name = $2), 0) FROM \
               app_password WHERE user = $1";
    let row = sqlx::query(sql).bind(new.user.0).bind(&new.name).fetch_one(&mut *tx).await.map_err(failed)?;
    let (factors, count, same): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
    if factors == 0 {
        return Err(StoreError::NotFound(format!("a second factor of user {}", new.user)));
    }
    if same > 0 {
        return Err(StoreError::Exists(format!("the password {}", new.name)));
    }
    if usize::try_from(count).is_ok_and(|count| count >= APP_PASSWORDS_MOST) {
        return Err(StoreError::Invalid(format!("a person may have {APP_PASSWORDS_MOST} such passwords")));
    }
    let sql = "INSERT INTO app_password (user, name, hash, salt, iterations, stored_key, server_key, made) VALUES ($1, $2, $3, \
               $4, $5, $6, $7, $8)";
    let keys = &new.keys;
    let query = sqlx::query(sql).bind(new.user.0).bind(&new.name).bind(keys.hash.as_slice()).bind(&keys.salt);
    let query = query.bind(keys.iterations).bind(&keys.stored_key).bind(&keys.server_key).bind(at.0);
    query.execute(tx).await.map_err(failed)?;
    Ok(Changed::User(new.user))
}

pub(super) async fn remove(tx: &mut SqliteConnection, user: UserId, name: &str) -> Result<Changed> {
    let sql = "DELETE FROM app_password WHERE user = $1 AND name = $2";
    let gone = sqlx::query(sql).bind(user.0).bind(name).execute(&mut *tx).await.map_err(failed)?.rows_affected();
    if gone == 0 {
        return Err(StoreError::NotFound(format!("the password {name}")));
    }
    // who has signed in with it is out
    rights_changed(tx, user).await?;
    Ok(Changed::User(user))
}

/// Takes all of a person's away; the caller voids what was granted.
pub(super) async fn remove_all(tx: &mut SqliteConnection, user: UserId) -> Result<()> {
    let sql = "DELETE FROM app_password WHERE user = $1";
    sqlx::query(sql).bind(user.0).execute(tx).await.map_err(failed)?;
    Ok(())
}

/// All, by their owners.
pub(super) async fn load(pool: &SqlitePool) -> Result<HashMap<UserId, Vec<AppPassword>>> {
    let sql =
        "SELECT user, id, name, hash, salt, iterations, stored_key, server_key, made FROM app_password ORDER BY id";
    let mut found: HashMap<UserId, Vec<AppPassword>> = HashMap::new();
    for row in sqlx::query(sql).fetch_all(pool).await.map_err(failed)? {
        found.entry(UserId(row.get(0))).or_default().push(read(&row)?);
    }
    Ok(found)
}

fn read(row: &SqliteRow) -> Result<AppPassword> {
    let hash = row.get::<Vec<u8>, _>(3).try_into();
    let keys = AppKeys {
        hash: hash.map_err(|_| StoreError::Damaged("the password of a mail program".into()))?,
        salt: row.get(4),
        iterations: row.get(5),
        stored_key: row.get(6),
        server_key: row.get(7),
    };
    Ok(AppPassword { id: row.get(1), name: row.get(2), keys, made: Timestamp(row.get(8)) })
}

/// When those of a person were last used.
pub(super) async fn used(db: &DirectoryDb, user: UserId) -> Result<Vec<(i64, Timestamp)>> {
    let sql = "SELECT id, used FROM app_password WHERE user = $1 AND used IS NOT NULL ORDER BY id";
    let rows = sqlx::query(sql).bind(user.0).fetch_all(db.pool()).await.map_err(failed)?;
    Ok(rows.iter().map(|row| (row.get(0), Timestamp(row.get(1)))).collect())
}

/// One was used.
pub(super) async fn touch(db: &DirectoryDb, id: i64, at: Timestamp) -> Result<()> {
    let sql = "UPDATE app_password SET used = $2 WHERE id = $1 AND (used IS NULL OR used < $2)";
    sqlx::query(sql).bind(id).bind(at.0).execute(db.pool()).await.map_err(|error| db.failed(error))?;
    Ok(())
}
