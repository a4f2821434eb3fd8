//! Keys with which domains sign their mail: added to wait, started one by one, destroyed when another one has taken their place.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::{Row as _, SqliteConnection, SqlitePool};
use store::{Changed, DKIM_KEYS_MOST, DkimAlgorithm, DkimKey, DkimState, NewDkimKey, StoreError};
use types::{Domain, TenantId, Timestamp};

use super::passwords::{SealedSecret, mark};
use crate::database::failed;
use crate::outgoing::words;

type Result<T> = std::result::Result<T, StoreError>;

/// Where a private half is sealed: it opens in no other row.
pub(crate) fn place(mark: &[u8]) -> String {
    mark.iter().fold("dkim key ".to_owned(), |place, byte| place + &format!("{byte:02x}"))
}

/// Adds keys that wait.
pub(super) async fn add(
    tx: &mut SqliteConnection,
    domain: &Domain,
    tenant: TenantId,
    keys: &[NewDkimKey],
    sealed: &[SealedSecret],
    at: Timestamp,
) -> Result<Changed> {
    if let Some(bad) = keys.iter().find(|key| !key.has_good_selector()) {
        return Err(StoreError::Invalid(format!("{} cannot be a selector", bad.selector)));
    }
    let sql = "SELECT tenant FROM domain WHERE name = $1";
    let owner: Option<i64> =
        sqlx::query_scalar(sql).bind(domain.as_str()).fetch_optional(&mut *tx).await.map_err(failed)?;
    if owner != Some(tenant.0) {
        return Err(StoreError::NotFound(format!("the domain {domain}")));
    }
    let sql = "SELECT count(*), coalesce(sum(state = 'waiting'), 0) FROM dkim_key WHERE domain = $1";
    let row = sqlx::query(sql).bind(domain.as_str()).fetch_one(&mut *tx).await.map_err(failed)?;
    let (count, waiting): (i64, i64) = (row.get(0), row.get(1));
    if waiting > 0 {
        return Err(StoreError::Exists(format!("keys of {domain} that wait for their records")));
    }
    if usize::try_from(count).unwrap_or(usize::MAX).saturating_add(keys.len()) > DKIM_KEYS_MOST {
        return Err(StoreError::Invalid(format!("{domain} has {count} keys; remove old ones first")));
    }
    for (key, SealedSecret { mark, bytes }) in keys.iter().zip(sealed) {
        let sql = "INSERT INTO dkim_key (tenant, domain, mark, selector, algorithm, public, sealed, state, made, changed) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $8) ON CONFLICT (domain, selector) DO NOTHING";
        let query = sqlx::query(sql).bind(tenant.0).bind(domain.as_str()).bind(mark.as_slice()).bind(&key.selector);
        let query = query.bind(key.algorithm.as_str()).bind(&key.public).bind(bytes).bind(at.0);
        if query.execute(&mut *tx).await.map_err(failed)?.rows_affected() == 0 {
            return Err(StoreError::Exists(format!("the selector {} of {domain}", key.selector)));
        }
    }
    Ok(Changed::Done)
}

/// Lets waiting keys sign; who signed with the same algorithm before retires.
pub(super) async fn start(
    tx: &mut SqliteConnection,
    domain: &Domain,
    selectors: &[String],
    at: Timestamp,
) -> Result<Changed> {
    for selector in selectors {
        let retire = "UPDATE dkim_key SET state = 'retired', sealed = zeroblob(0), changed = $3 WHERE domain = $1 AND state = \
                      'signing' AND algorithm = (SELECT algorithm FROM dkim_key WHERE domain = $1 AND selector = $2 AND state = \
                      'waiting')";
        let start = "UPDATE dkim_key SET state = 'signing', changed = $3 WHERE domain = $1 AND selector = $2 AND state = 'waiting'";
        for sql in [retire, start] {
            let query = sqlx::query(sql).bind(domain.as_str()).bind(selector).bind(at.0);
            query.execute(&mut *tx).await.map_err(failed)?;
        }
    }
    Ok(Changed::Done)
}

/// Destroys a key.
pub(super) async fn remove(tx: &mut SqliteConnection, domain: &Domain, selector: &str) -> Result<Changed> {
    let sql = "DELETE FROM dkim_key WHERE domain = $1 AND selector = $2";
    let query = sqlx::query(sql).bind(domain.as_str()).bind(selector);
    let gone = query.execute(&mut *tx).await.map_err(failed)?.rows_affected();
    if gone == 0 {
        Err(StoreError::NotFound(format!("the selector {selector} of {domain}")))
    } else {
        Ok(Changed::Done)
    }
}

/// Destroys the keys of a domain that goes.
pub(super) async fn remove_all(tx: &mut SqliteConnection, domain: &Domain) -> Result<()> {
    let sql = "DELETE FROM dkim_key WHERE domain = $1";
    sqlx::query(sql).bind(domain.as_str()).execute(tx).await.map_err(failed)?;
    Ok(())
}

/// The keys of all domains without their private halves.
pub(super) async fn load(pool: &SqlitePool) -> Result<HashMap<Domain, Arc<Vec<DkimKey>>>> {
    let sql = "SELECT mark, domain, selector, algorithm, public, state, made, changed FROM dkim_key ORDER BY id";
    let mut found: HashMap<Domain, Vec<DkimKey>> = HashMap::new();
    for row in sqlx::query(sql).fetch_all(pool).await.map_err(failed)? {
        let damaged = || StoreError::Damaged("a DKIM key".into());
        let key = DkimKey {
            mark: mark(row.get(0))?,
            domain: words::read(row.get(1))?,
            selector: row.get(2),
            algorithm: DkimAlgorithm::parse(row.get(3)).ok_or_else(damaged)?,
            public: row.get(4),
            state: DkimState::parse(row.get(5)).ok_or_else(damaged)?,
            made: Timestamp(row.get(6)),
            changed: Timestamp(row.get(7)),
        };
        found.entry(key.domain.clone()).or_default().push(key);
    }
    Ok(found.into_iter().map(|(domain, keys)| (domain, Arc::new(keys))).collect())
}

/// Company and sealed private half of each key of a domain that has one, in whichever spelling it was added.
pub(super) async fn sealed(pool: &SqlitePool, domain: &Domain) -> Result<Vec<(TenantId, SealedSecret)>> {
    let names = sqlx::query_scalar("SELECT DISTINCT domain FROM dkim_key").fetch_all(pool).await.map_err(failed)?;
    let of = |name: &String| Domain::parse(name).is_ok_and(|name| name == *domain);
    let names: Vec<String> = names.into_iter().filter(of).collect();
    let names = serde_json::to_string(&names).map_err(|error| StoreError::Engine(error.to_string()))?;
    let sql = "SELECT tenant, mark, sealed FROM dkim_key WHERE domain IN (SELECT value FROM json_each($1)) AND state != 'retired' \
               ORDER BY id";
    let rows = sqlx::query(sql).bind(names).fetch_all(pool).await.map_err(failed)?;
    let one = |row: &sqlx::sqlite::SqliteRow| {
        let secret = SealedSecret { mark: mark(row.get(1))?, bytes: row.get(2) };
        Ok((TenantId(row.get(0)), secret))
    };
    rows.iter().map(one).collect()
}
