//! Seals of the ledger: what somebody who has the database but not the master key cannot make. Each entry's seal covers the one before it, so
//! that a chain that was written anew shows from its first altered entry on; the head has one of its own, so that it cannot be put back.

use ring::hmac;
use store::StoreError;
use types::TenantId;

use crate::database::failed;
use crate::keys::Keys;
use crate::sql;

/// Entries that are sealed at once.
const WINDOW: i64 = 1_000;

/// The key under which a company's ledger is sealed.
#[derive(Clone)]
pub(crate) struct LedgerKey(hmac::Key);

impl std::fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LedgerKey(***)")
    }
}

impl LedgerKey {
    pub(crate) fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The seal of entry `seq` with this hash, after the entry that has the seal `before` (none: empty).
    pub(crate) fn of_entry(&self, before: &[u8], seq: i64, chain: &[u8]) -> Vec<u8> {
        self.sign(b"entry", &[before, &seq.to_be_bytes(), chain])
    }

    /// The seal of a head that stands at entry `seq`, which has the seal `entry`.
    pub(crate) fn of_head(&self, seq: i64, entry: &[u8]) -> Vec<u8> {
        self.sign(b"head", &[&seq.to_be_bytes(), entry])
    }

    /// Every field with its length, so that no two different entries are the same bytes.
    fn sign(&self, what: &[u8], fields: &[&[u8]]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        for field in std::iter::once(&what).chain(fields) {
            context.update(&(field.len() as u64).to_be_bytes());
            context.update(field);
        }
        context.sign().as_ref().to_vec()
    }
}

/// Seals what an earlier version wrote, once: from then on what has no seal was put there by somebody else.
pub(crate) async fn seal_what_is_there(db: &mut sql::Here, keys: &Keys) -> Result<(), StoreError> {
    if keys.ledgers_are_sealed() {
        return Ok(());
    }
    let tenants: Vec<i64> =
        sql::query_scalar("SELECT tenant FROM ledger_head").fetch_all(&mut *db).await.map_err(failed)?;
    for tenant in tenants {
        let key = keys.ledger_key(TenantId(tenant)).await?;
        // with its head, so that nothing is entered in between; whoever does it again writes the same
        sql::query("BEGIN IMMEDIATE").execute(&mut *db).await.map_err(failed)?;
        let sealed = seal_one(db, &key, tenant).await;
        let end = if sealed.is_ok() { "COMMIT" } else { "ROLLBACK" };
        sql::query(end).execute(&mut *db).await.map_err(failed)?;
        sealed?;
    }
    keys.note_sealed().await
}

async fn seal_one(db: &mut sql::Here, key: &LedgerKey, tenant: i64) -> Result<(), StoreError> {
    let (mut seq, mut before) = (0, Vec::new());
    loop {
        let sql = "SELECT seq, chain FROM ledger_entry WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let query = sql::query_as(sql).bind(tenant).bind(seq).bind(WINDOW);
        let entries: Vec<(i64, Vec<u8>)> = query.fetch_all(&mut *db).await.map_err(failed)?;
        if entries.is_empty() {
            break;
        }
        for (at, chain) in entries {
            (seq, before) = (at, key.of_entry(&before, at, &chain));
            let sql = "UPDATE ledger_entry SET seal = $3 WHERE tenant = $1 AND seq = $2";
            let query = sql::query(sql).bind(tenant).bind(at).bind(&before);
            query.execute(&mut *db).await.map_err(failed)?;
        }
    }
    let sql = "UPDATE ledger_head SET seal = $2 WHERE tenant = $1";
    sql::query(sql).bind(tenant).bind(key.of_head(seq, &before)).execute(db).await.map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_covers_what_is_before_it_its_place_and_its_hash() {
        let key = LedgerKey::new(&[1; 32]);
        let seal = key.of_entry(b"before", 7, b"chain");
        assert_eq!(seal, key.of_entry(b"before", 7, b"chain"));
        let others = [
            key.of_entry(b"befor", 7, b"echain"),
            key.of_entry(b"", 7, b"chain"),
            key.of_entry(b"before", 8, b"chain"),
            key.of_entry(b"before", 7, b"chains"),
            key.of_head(7, b"chain"),
            LedgerKey::new(&[2; 32]).of_entry(b"before", 7, b"chain"),
        ];
        assert!(others.iter().all(|other| *other != seal));
    }
}
