//! Correspondents as they are read; postings write them (`posting/correspondents.rs`).

use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use store::{Correspondent, CorrespondentEngine, StoreError};
use types::{Address, Timestamp, UserId};

use crate::SqliteEngine;
use crate::database::failed;
use crate::outgoing::words;

type Result<T> = std::result::Result<T, StoreError>;

fn correspondent(row: &SqliteRow) -> Result<Correspondent> {
    Ok(Correspondent {
        address: words::read(row.get(0))?,
        name: row.get(1),
        sent: row.get(2),
        last: Timestamp(row.get(3)),
    })
}

#[async_trait]
impl CorrespondentEngine for SqliteEngine {
    async fn known(&self, user: UserId, addresses: &[Address]) -> Result<Vec<Correspondent>> {
        let keys: Vec<String> = addresses.iter().flat_map(Address::keys).collect();
        let keys = serde_json::to_string(&keys).map_err(|error| StoreError::Engine(error.to_string()))?;
        let sql = "SELECT address, name, sent, last FROM correspondent
                   WHERE user = $1 AND address IN (SELECT value FROM json_each($2)) ORDER BY address";
        let rows = sqlx::query(sql).bind(user.0).bind(keys).fetch_all(&self.readers).await.map_err(failed)?;
        rows.iter().map(correspondent).collect()
    }
    async fn written_to(&self, users: &[UserId], addresses: &[Address]) -> Result<Vec<Address>> {
        let wrong = |error: serde_json::Error| StoreError::Engine(error.to_string());
        let users = serde_json::to_string(&users.iter().map(|user| user.0).collect::<Vec<_>>()).map_err(wrong)?;
        let keys =
            serde_json::to_string(&addresses.iter().flat_map(Address::keys).collect::<Vec<_>>()).map_err(wrong)?;
        let sql = "SELECT DISTINCT address FROM correspondent WHERE address IN (SELECT value FROM json_each($1))
                   AND user IN (SELECT value FROM json_each($2)) ORDER BY address";
        let rows = sqlx::query(sql).bind(keys).bind(users).fetch_all(&self.readers).await.map_err(failed)?;
        let mut found: Vec<Address> = Vec::with_capacity(rows.len());
        for row in &rows {
            let address: Address = words::read(row.get(0))?;
            // written to in two spellings of its domain
            if !found.contains(&address) {
                found.push(address);
            }
        }
        Ok(found)
    }
    async fn correspondents(&self, user: UserId, needle: &str, most: u32) -> Result<Vec<Correspondent>> {
        let sql = "SELECT address, name, sent, last FROM correspondent
                   WHERE user = $1 AND ($2 = '' OR instr(search, $2) > 0) ORDER BY last DESC LIMIT $3";
        let query = sqlx::query(sql).bind(user.0).bind(needle).bind(most);
        query.fetch_all(&self.readers).await.map_err(failed)?.iter().map(correspondent).collect()
    }
}
