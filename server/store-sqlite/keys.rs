//! Record keys: made ahead in blocks, wrapped by the tenant's key, which the master key wraps (DESIGN.md 5).

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use blobs::RecordKey;
use sqlx::{Row as _, SqlitePool};
use store::StoreError;
use types::{KeyId, TenantId};

use crate::database::{self, Judge};
use crate::ledger::LedgerKey;
use crate::writer::Fatal;

/// So many keys are made at once, so that a message costs no flush of `keys.db`.
const BLOCK: usize = 1_000;
/// With fewer than this left, the next block is made in the background.
const LOW: usize = 250;
/// So many keys are kept open.
const OPEN: usize = 50_000;

/// The key above all keys; it lies outside the databases.
#[derive(Clone)]
pub struct MasterKey(RecordKey);

impl MasterKey {
    /// From its 32 bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(RecordKey::new(bytes))
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(***)")
    }
}

#[derive(Default)]
struct Ring {
    tenants: HashMap<TenantId, RecordKey>,
    ahead: HashMap<TenantId, VecDeque<(KeyId, RecordKey)>>,
    open: HashMap<KeyId, RecordKey>,
    /// Destroyed in this process: a reader that came just before must not bring one back.
    gone: HashSet<KeyId>,
    filling: bool,
}

pub(crate) struct Keys {
    pool: SqlitePool,
    master: MasterKey,
    ring: Mutex<Ring>,
    making: tokio::sync::Mutex<()>,
    judge: Judge,
    ledgers_sealed: AtomicBool,
}

/// What is sealed under the master key, which shows that it is the one. The second says also that all ledgers are sealed: it cannot be
/// taken back by whoever lacks that key.
const PROOF: &[u8] = b"sekisho master key";
const PROOF_SEALED: &[u8] = b"sekisho master key, ledgers sealed";

impl Keys {
    /// Opens `keys.db`; refuses a master key that is not the one it was made with.
    pub async fn open(dir: &Path, master: MasterKey, fatal: Fatal) -> Result<Arc<Self>, StoreError> {
        let path = dir.join("keys.db");
        let pool = database::open_keys(&path).await?;
        let judge = Judge::new("keys.db", fatal);
        let keys = Self {
            pool,
            master,
            ring: Mutex::default(),
            making: tokio::sync::Mutex::new(()),
            judge,
            ledgers_sealed: AtomicBool::new(true),
        };
        keys.prove(&path).await?;
        Ok(Arc::new(keys))
    }

    async fn prove(&self, path: &Path) -> Result<(), StoreError> {
        let found: Option<Vec<u8>> = sqlx::query_scalar("SELECT proof FROM master")
            .fetch_optional(&self.pool)
            .await
            .map_err(database::failed)?;
        if let Some(proof) = found {
            let plain = self.master.0.open_column("master", &proof).unwrap_or_default();
            self.ledgers_sealed.store(plain == PROOF_SEALED, Ordering::Release);
            let wrong = || StoreError::Invalid(format!("the master key does not fit {}", path.display()));
            return if [PROOF, PROOF_SEALED].contains(&plain.as_slice()) { Ok(()) } else { Err(wrong()) };
        }
        let proof = self.master.0.seal_column("master", PROOF_SEALED)?;
        sqlx::query("INSERT INTO master (id, proof) VALUES (1, $1) ON CONFLICT DO NOTHING")
            .bind(proof)
            .execute(&self.pool)
            .await
            .map_err(database::failed)?;
        Ok(())
    }

    /// Whether every ledger was sealed before, so that what has no seal now was put there by somebody else.
    pub fn ledgers_are_sealed(&self) -> bool {
        self.ledgers_sealed.load(Ordering::Acquire)
    }

    /// Notes that every ledger is sealed.
    pub async fn note_sealed(&self) -> Result<(), StoreError> {
        let proof = self.master.0.seal_column("master", PROOF_SEALED)?;
        let query = sqlx::query("UPDATE master SET proof = $1").bind(proof);
        query.execute(&self.pool).await.map_err(|error| self.judge.failed(error))?;
        self.ledgers_sealed.store(true, Ordering::Release);
        Ok(())
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fresh key of `tenant`, on disk already.
    pub async fn fresh(self: &Arc<Self>, tenant: TenantId) -> Result<(KeyId, RecordKey), StoreError> {
        loop {
            if let Some(fresh) = self.take(tenant) {
                return Ok(fresh);
            }
            self.fill(tenant).await?;
        }
    }

    fn take(self: &Arc<Self>, tenant: TenantId) -> Option<(KeyId, RecordKey)> {
        let mut ring = self.ring();
        let ahead = ring.ahead.get_mut(&tenant)?;
        let (id, key) = ahead.pop_front()?;
        let low = ahead.len() < LOW;
        ring.remember(id, &key);
        if low && !ring.filling {
            ring.filling = true;
            let keys = self.clone();
            tokio::spawn(async move {
                if let Err(error) = keys.fill(tenant).await {
                    tracing::error!(%error, "making record keys failed");
                }
                keys.ring().filling = false;
            });
        }
        Some((id, key))
    }

    /// Makes a block of keys and commits it before any is used.
    async fn fill(&self, tenant: TenantId) -> Result<(), StoreError> {
        let _one = self.making.lock().await;
        if self.ring().ahead.get(&tenant).is_some_and(|ahead| ahead.len() >= LOW) {
            return Ok(());
        }
        let above = self.tenant_key(tenant).await?;
        let (made, wrapped) = tokio::task::spawn_blocking(move || make_block(&above))
            .await
            .map_err(|_| StoreError::Engine("making keys was interrupted".into()))??;
        let json = serde_json::to_string(&wrapped).map_err(|error| StoreError::Engine(error.to_string()))?;
        let rows = sqlx::query(
            "INSERT INTO record_key (tenant, wrapped) SELECT $1, unhex(value) FROM json_each($2) ORDER BY key RETURNING id",
        )
        .bind(tenant.0)
        .bind(json)
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.judge.failed(error))?;
        let mut ids: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        ids.sort_unstable();
        let pairs = ids.into_iter().map(KeyId).zip(made);
        self.ring().ahead.entry(tenant).or_default().extend(pairs);
        Ok(())
    }

    async fn tenant_key(&self, tenant: TenantId) -> Result<RecordKey, StoreError> {
        if let Some(key) = self.ring().tenants.get(&tenant) {
            return Ok(key.clone());
        }
        let key = RecordKey::generate()?;
        let place = format!("tenant {tenant}");
        let wrapped = self.master.0.seal_column(&place, key.expose())?;
        sqlx::query("INSERT INTO tenant_key (tenant, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(tenant.0)
            .bind(wrapped)
            .execute(&self.pool)
            .await
            .map_err(|error| self.judge.failed(error))?;
        let wrapped: Vec<u8> = sqlx::query_scalar("SELECT wrapped FROM tenant_key WHERE tenant = $1")
            .bind(tenant.0)
            .fetch_one(&self.pool)
            .await
            .map_err(database::failed)?;
        let key = unwrap_key(&self.master.0, &place, &wrapped)?;
        self.ring().tenants.insert(tenant, key.clone());
        Ok(key)
    }

    /// Seals a small secret of a tenant that lies in a row of another file; `place` names the row.
    pub async fn seal_of_tenant(&self, tenant: TenantId, place: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(self.tenant_key(tenant).await?.seal_column(place, plain)?)
    }

    /// Opens what [`Self::seal_of_tenant`] sealed for the same place.
    pub async fn open_of_tenant(&self, tenant: TenantId, place: &str, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(self.tenant_key(tenant).await?.open_column(place, sealed)?)
    }

    /// The key of the fingerprints of a tenant's numbers: made of the tenant's key, as that of its index is.
    pub async fn fingerprint_key(&self, tenant: TenantId) -> Result<[u8; 32], StoreError> {
        self.derived(tenant, b"sekisho ledger 1").await
    }

    /// The key under which a tenant's ledger is sealed.
    pub async fn ledger_key(&self, tenant: TenantId) -> Result<LedgerKey, StoreError> {
        Ok(LedgerKey::new(&self.derived(tenant, b"sekisho ledger seal 1").await?))
    }

    /// The key of a tenant's index: made of the tenant's key, so that no table has to hold it, and no way leads back.
    pub async fn index_key(&self, tenant: TenantId) -> Result<RecordKey, StoreError> {
        Ok(RecordKey::new(self.derived(tenant, b"sekisho index 1").await?))
    }

    /// What stands under the tenant's key for this use alone.
    async fn derived(&self, tenant: TenantId, usage: &[u8]) -> Result<[u8; 32], StoreError> {
        let above = self.tenant_key(tenant).await?;
        let made = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, above.expose()), usage);
        made.as_ref().try_into().map_err(|_| StoreError::Engine("a key made of a tenant's".into()))
    }

    /// The key of a record.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: it was destroyed; [`StoreError::Damaged`]: it is missing, or cannot be unwrapped.
    pub async fn get(&self, id: KeyId) -> Result<RecordKey, StoreError> {
        if let Some(found) = self.ring().find(id) {
            return found;
        }
        let row = sqlx::query("SELECT tenant, wrapped FROM record_key WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&self.pool)
            .await
            .map_err(database::failed)?
            .ok_or_else(|| StoreError::Damaged(format!("record key {id} is gone")))?;
        let above = self.tenant_key(TenantId(row.get(0))).await?;
        let key = unwrap_key(&above, "record", &row.get::<Vec<u8>, _>(1))?;
        self.ring().remember(id, &key);
        // it may have been destroyed since it was read
        self.ring().find(id).unwrap_or(Ok(key))
    }

    /// Opens the keys of many records with one statement, so that [`Self::get`] finds them in memory. A key that is
    /// gone is left out.
    pub async fn fetch(&self, ids: impl Iterator<Item = KeyId>) -> Result<(), StoreError> {
        let missing: Vec<i64> = {
            let ring = self.ring();
            ids.filter(|id| !ring.open.contains_key(id)).map(|id| id.0).collect()
        };
        if missing.len() < 2 {
            return Ok(());
        }
        let json = serde_json::to_string(&missing).map_err(|error| StoreError::Engine(error.to_string()))?;
        let packed: Packed = sqlx::query_as(PACKED).bind(json).fetch_one(&self.pool).await.map_err(database::failed)?;
        let rows = packed.rows().ok_or_else(|| StoreError::Damaged("the rows of record keys".into()))?;
        let mut opened = Vec::with_capacity(rows.len());
        for of in rows.chunk_by(|one, other| one.tenant == other.tenant) {
            let Some(first) = of.first() else { continue };
            let above = self.tenant_key(first.tenant).await?;
            for Wrapped { id, wrapped, .. } in of {
                opened.push((*id, unwrap_key(&above, "record", wrapped)?));
            }
        }
        let mut ring = self.ring();
        opened.iter().for_each(|(id, key)| ring.remember(*id, key));
        Ok(())
    }

    /// Destroys record keys for good: the rows are overwritten, and no log of the file holds them any more.
    ///
    /// # Errors
    /// The log is in use by another process; the keys are gone from the file, and this is to be done again.
    pub async fn destroy(&self, ids: &[KeyId]) -> Result<(), StoreError> {
        self.ring().forget(ids);
        let gone: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let json = serde_json::to_string(&gone).map_err(|error| StoreError::Engine(error.to_string()))?;
        let sql = "DELETE FROM record_key WHERE id IN (SELECT value FROM json_each($1))";
        sqlx::query(sql).bind(json).execute(&self.pool).await.map_err(|error| self.judge.failed(error))?;
        // what the log still holds is written into the file, where it is overwritten already, and the log is emptied
        let emptied: (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&self.pool)
            .await
            .map_err(|error| self.judge.failed(error))?;
        if emptied.0 == 0 { Ok(()) } else { Err(StoreError::Engine("the log of keys.db is in use".into())) }
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

impl Ring {
    /// An open key, or that it was destroyed; `None`: it is to be read.
    fn find(&self, id: KeyId) -> Option<Result<RecordKey, StoreError>> {
        if self.gone.contains(&id) {
            return Some(Err(StoreError::NotFound(format!("record key {id}"))));
        }
        self.open.get(&id).cloned().map(Ok)
    }
    fn forget(&mut self, ids: &[KeyId]) {
        for id in ids {
            self.open.remove(id);
            self.gone.insert(*id);
        }
    }
    fn remember(&mut self, id: KeyId, key: &RecordKey) {
        if self.gone.contains(&id) {
            return;
        }
        if self.open.len() >= OPEN {
            self.open.clear();
        }
        self.open.insert(id, key.clone());
    }
}

/// Many wrapped keys as one row, as windows of messages are read (`mailbox/packed.rs`): each row that the driver hands over
/// costs some 7 µs, more than the key itself.
const PACKED: &str = "SELECT group_concat(id || ' ' || tenant || ' ' || length(wrapped), char(10)) AS lines,
        CAST(group_concat(wrapped, '') AS BLOB) AS keys
     FROM (SELECT id, tenant, wrapped FROM record_key WHERE id IN (SELECT value FROM json_each($1)))";

#[derive(Default, sqlx::FromRow)]
struct Packed {
    lines: Option<String>,
    keys: Option<Vec<u8>>,
}

struct Wrapped<'a> {
    id: KeyId,
    tenant: TenantId,
    wrapped: &'a [u8],
}

impl Packed {
    /// The keys; `None` where their bytes do not fit their lines.
    fn rows(&self) -> Option<Vec<Wrapped<'_>>> {
        let mut rest = self.keys.as_deref().unwrap_or_default();
        let mut row = |line: &str| {
            let mut numbers = line.split(' ').map(str::parse::<i64>);
            let (id, tenant, length) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
            let wrapped;
            (wrapped, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            Some(Wrapped { id: KeyId(id), tenant: TenantId(tenant), wrapped })
        };
        let rows = self.lines.iter().flat_map(|lines| lines.split('\n')).map(&mut row).collect::<Option<Vec<_>>>()?;
        rest.is_empty().then_some(rows)
    }
}

type Block = (Vec<RecordKey>, Vec<String>);

fn make_block(above: &RecordKey) -> Result<Block, StoreError> {
    let mut block: Block = (Vec::with_capacity(BLOCK), Vec::with_capacity(BLOCK));
    for _ in 0..BLOCK {
        let key = RecordKey::generate()?;
        block.1.push(database::hex(&above.seal_column("record", key.expose())?));
        block.0.push(key);
    }
    Ok(block)
}

fn unwrap_key(above: &RecordKey, place: &str, wrapped: &[u8]) -> Result<RecordKey, StoreError> {
    let plain = above.open_column(place, wrapped)?;
    let bytes: [u8; 32] = plain.try_into().map_err(|_| StoreError::Damaged(format!("the wrapped key of {place}")))?;
    Ok(RecordKey::new(bytes))
}
