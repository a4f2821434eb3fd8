//! `directory.db`: people, domains, groups, rules; read into memory whole at each change.

mod app_passwords;
mod change;
mod deputies;
mod dkim;
mod factor;
mod labels;
mod load;
mod passwords;
mod policies;
mod sessions;
mod sign_ins;
mod spelling;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use sqlx::SqlitePool;
use store::{Change, Changed, Directory, StoreError};
use types::{Domain, TenantId, Timestamp, UserId};

use crate::checkpoint::{self, Turn};
use crate::database::{self, Judge};
use crate::writer::Fatal;

pub(crate) use dkim::place as dkim_place;
pub(crate) use factor::place as factor_place;
pub(crate) use passwords::{SealedSecret, place as secret_place};

pub(crate) struct DirectoryDb {
    path: PathBuf,
    pool: SqlitePool,
    snapshot: ArcSwap<Directory>,
    judge: Judge,
}

impl DirectoryDb {
    pub async fn open(dir: &Path, fatal: Fatal) -> Result<Self, StoreError> {
        let path = dir.join("directory.db");
        let pool = database::open_directory(&path).await?;
        let snapshot = ArcSwap::from_pointee(load::load(&pool).await?);
        Ok(Self { path, pool, snapshot, judge: Judge::new("directory.db", fatal) })
    }

    pub fn snapshot(&self) -> Arc<Directory> {
        self.snapshot.load_full()
    }

    /// The file's one connection, for reading what is not in the snapshot.
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// A failed write's error; where the file is in doubt, the process ends.
    pub fn failed(&self, error: sqlx::Error) -> StoreError {
        self.judge.failed(error)
    }

    pub async fn reload(&self) -> Result<(), StoreError> {
        self.snapshot.store(Arc::new(load::load(&self.pool).await?));
        Ok(())
    }

    /// Checks and makes a change in one transaction, then reads the directory anew.
    /// What of it has to be sealed comes sealed.
    pub async fn change(
        &self,
        change: &Change,
        sealed: &[SealedSecret],
        by: Option<UserId>,
        at: Timestamp,
    ) -> Result<Changed, StoreError> {
        let mut connection = self.pool.acquire().await.map_err(database::failed)?;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await.map_err(database::failed)?;
        let result = change::change(&mut connection, change, sealed, by, at).await;
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        if let Err(error) = sqlx::query(end).execute(&mut *connection).await {
            // what the connection still holds must not come into the next change
            drop(connection.detach());
            return Err(self.judge.failed(error));
        }
        let changed = result?;
        drop(connection);
        self.reload().await?;
        if destroys_secrets(change) {
            self.empty_log().await;
        }
        Ok(changed)
    }

    /// What was written over in the file does not stay in its log. Another process may be in the way: then a later change, or the end of the
    /// server does it.
    async fn empty_log(&self) {
        match checkpoint::empty(&self.path, &Turn::default()).await {
            Ok(true) => {}
            Ok(false) => tracing::info!("the log of directory.db is in use and is emptied later"),
            Err(error) => tracing::warn!(%error, "the log of directory.db was not emptied"),
        }
    }

    /// The sealed texts of a company's agreed passwords.
    pub async fn sealed_passwords(&self, tenant: TenantId) -> Result<Vec<SealedSecret>, StoreError> {
        passwords::sealed(&self.pool, tenant).await
    }

    /// Company and sealed private halves of a domain's keys.
    pub async fn sealed_dkim(&self, domain: &Domain) -> Result<Vec<(TenantId, SealedSecret)>, StoreError> {
        dkim::sealed(&self.pool, domain).await
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Whether a secret ends with a change.
fn destroys_secrets(change: &Change) -> bool {
    matches!(
        change,
        Change::StartDkimKeys { .. }
            | Change::RemoveDkimKey { .. }
            | Change::RemoveDomain(_)
            | Change::RemoveAgreedPassword { .. }
            | Change::RemoveTenant(_)
            | Change::SetSecondFactor(_)
            | Change::RemoveSecondFactor(_)
            | Change::RemoveAppPassword { .. }
            | Change::RemoveUser(_)
    )
}
