//! A company's agreed passwords: added one by one, their texts sealed beforehand.

use sqlx::{Row as _, SqliteConnection, SqlitePool};
use store::{AGREED_MOST, Changed, NewAgreedPassword, StoreError};
use types::{TenantId, Timestamp, UserId};

use crate::database::failed;

type Result<T> = std::result::Result<T, StoreError>;

/// The text of a password under the key of its company.
pub(crate) struct SealedSecret {
    /// Names the password.
    pub mark: [u8; 16],
    pub bytes: Vec<u8>,
}

/// Where a text is sealed: it opens in no other row.
pub(crate) fn place(mark: &[u8]) -> String {
    mark.iter().fold("agreed password ".to_owned(), |place, byte| place + &format!("{byte:02x}"))
}

pub(super) async fn add(
    tx: &mut SqliteConnection,
    new: &NewAgreedPassword,
    sealed: &SealedSecret,
    by: Option<UserId>,
    at: Timestamp,
) -> Result<Changed> {
    if !new.has_good_name() {
        return Err(StoreError::Invalid("the name must be 1 to 100 characters on one line".into()));
    }
    let sql = "SELECT count(*), coalesce(sum(name = $2), 0) FROM agreed_password WHERE tenant = $1";
    let row = sqlx::query(sql).bind(new.tenant.0).bind(&new.name).fetch_one(&mut *tx).await.map_err(failed)?;
    let (count, same): (i64, i64) = (row.get(0), row.get(1));
    if same > 0 {
        return Err(StoreError::Exists(format!("the password {}", new.name)));
    }
    if usize::try_from(count).is_ok_and(|count| count >= AGREED_MOST) {
        return Err(StoreError::Invalid(format!("a company may have {AGREED_MOST} passwords, and these are there")));
    }
    let sql = "INSERT INTO agreed_password (tenant, mark, name, domain, circle, sealed, added, adder) VALUES ($1, $2, $3, \
               $4, $5, $6, $7, $8)";
    let query = sqlx::query(sql).bind(new.tenant.0).bind(sealed.mark.as_slice()).bind(&new.name);
    let query = query.bind(new.domain.as_ref().map(types::Domain::as_str)).bind(&new.group).bind(&sealed.bytes);
    query.bind(at.0).bind(by.map(|user| user.0)).execute(tx).await.map_err(failed)?;
    Ok(Changed::Done)
}

pub(super) async fn remove(tx: &mut SqliteConnection, tenant: TenantId, name: &str) -> Result<Changed> {
    let sql = "DELETE FROM agreed_password WHERE tenant = $1 AND name = $2";
    let gone = sqlx::query(sql).bind(tenant.0).bind(name).execute(tx).await.map_err(failed)?.rows_affected();
    if gone == 0 { Err(StoreError::NotFound(format!("the password {name}"))) } else { Ok(Changed::Done) }
}

/// Mark and sealed text of each.
pub(super) async fn sealed(pool: &SqlitePool, tenant: TenantId) -> Result<Vec<SealedSecret>> {
    let sql = "SELECT mark, sealed FROM agreed_password WHERE tenant = $1 ORDER BY id";
    let rows = sqlx::query(sql).bind(tenant.0).fetch_all(pool).await.map_err(failed)?;
    rows.iter().map(|row| Ok(SealedSecret { mark: mark(row.get(0))?, bytes: row.get(1) })).collect()
}

/// The bytes that name a password.
pub(super) fn mark(bytes: Vec<u8>) -> Result<[u8; 16]> {
    bytes.try_into().map_err(|_| StoreError::Damaged("the mark of an agreed password".into()))
}
