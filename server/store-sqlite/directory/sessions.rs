//! Signed-in browsers in `directory.db`.

use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use store::{
    EndSessions, NewAudit, SessionBounds, SessionEngine, SessionHash, SessionKind, SessionRow, SignIn, StoreError,
};
use types::{Timestamp, UserId};

use super::{DirectoryDb, sign_ins};
use crate::database::failed;
use crate::engine::SqliteEngine;

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl SessionEngine for SqliteEngine {
    async fn open_session(&self, session: SessionRow, bounds: SessionBounds) -> Result<()> {
        open(&self.directory, &session, bounds).await
    }
    async fn session(&self, hash: SessionHash) -> Result<Option<SessionRow>> {
        find(&self.directory, &hash).await
    }
    async fn sessions(&self, user: UserId) -> Result<Vec<SessionRow>> {
        of_user(&self.directory, user).await
    }
    async fn touch_session(&self, hash: SessionHash, at: Timestamp) -> Result<()> {
        touch(&self.directory, &hash, at).await
    }
    async fn end_sessions(&self, user: UserId, which: EndSessions) -> Result<u64> {
        end(&self.directory, user, which).await
    }
    async fn note_sign_in(&self, sign_in: SignIn, audit: NewAudit) -> Result<Option<SignIn>> {
        sign_ins::note(&self.directory, &sign_in, &audit).await
    }
    async fn sign_ins(&self, user: UserId, most: u32) -> Result<Vec<SignIn>> {
        sign_ins::of_user(&self.directory, user, most).await
    }
    async fn note_access(&self, audit: NewAudit) -> Result<()> {
        sign_ins::access(&self.directory, &audit).await
    }
}

/// Takes away what is over, then adds the new one.
async fn open(db: &DirectoryDb, session: &SessionRow, bounds: SessionBounds) -> Result<()> {
    let mut tx = db.pool().begin().await.map_err(failed)?;
    sqlx::query("DELETE FROM session WHERE seen < $1 OR created < $2")
        .bind(bounds.seen_since.0)
        .bind(bounds.created_since.0)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    let oldest = "DELETE FROM session WHERE hash IN \
                  (SELECT hash FROM session WHERE user = $1 ORDER BY created DESC LIMIT -1 OFFSET $2)";
    sqlx::query(oldest)
        .bind(session.user.0)
        .bind(i64::try_from(bounds.most.saturating_sub(1)).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    sqlx::query(
        "INSERT INTO session (hash, user, kind, generation, created, seen, peer, agent) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&session.hash[..])
    .bind(session.user.0)
    .bind(session.kind.word())
    .bind(i64::try_from(session.generation).unwrap_or(i64::MAX))
    .bind(session.created.0)
    .bind(session.seen.0)
    .bind(&session.peer)
    .bind(&session.agent)
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    tx.commit().await.map_err(|error| db.failed(error))
}

async fn find(db: &DirectoryDb, hash: &SessionHash) -> Result<Option<SessionRow>> {
    let row =
        sqlx::query("SELECT hash, user, kind, generation, created, seen, peer, agent FROM session WHERE hash = $1")
            .bind(&hash[..])
            .fetch_optional(db.pool())
            .await
            .map_err(failed)?;
    row.as_ref().map(read).transpose()
}

async fn of_user(db: &DirectoryDb, user: UserId) -> Result<Vec<SessionRow>> {
    let rows = sqlx::query(
        "SELECT hash, user, kind, generation, created, seen, peer, agent FROM session WHERE user = $1 \
         ORDER BY seen DESC, created DESC",
    )
    .bind(user.0)
    .fetch_all(db.pool())
    .await
    .map_err(failed)?;
    rows.iter().map(read).collect()
}

async fn touch(db: &DirectoryDb, hash: &SessionHash, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE session SET seen = max(seen, $2) WHERE hash = $1")
        .bind(&hash[..])
        .bind(at.0)
        .execute(db.pool())
        .await
        .map_err(|error| db.failed(error))?;
    Ok(())
}

async fn end(db: &DirectoryDb, user: UserId, which: EndSessions) -> Result<u64> {
    let (sql, hash): (&'static str, Option<SessionHash>) = match which {
        EndSessions::One(hash) => ("DELETE FROM session WHERE user = $1 AND hash = $2", Some(hash)),
        EndSessions::AllBut(hash) => ("DELETE FROM session WHERE user = $1 AND hash <> $2", Some(hash)),
        EndSessions::All => ("DELETE FROM session WHERE user = $1 AND $2 IS NULL", None),
    };
    let query = sqlx::query(sql).bind(user.0).bind(hash.map(|hash| hash.to_vec()));
    Ok(query.execute(db.pool()).await.map_err(|error| db.failed(error))?.rows_affected())
}

fn read(row: &SqliteRow) -> Result<SessionRow> {
    let wrong = |what: &str| StoreError::Engine(format!("a session with a wrong {what}"));
    Ok(SessionRow {
        hash: row.get::<Vec<u8>, _>(0).try_into().map_err(|_| wrong("hash"))?,
        user: UserId(row.get(1)),
        kind: SessionKind::parse(row.get(2)).ok_or_else(|| wrong("kind"))?,
        generation: u64::try_from(row.get::<i64, _>(3)).unwrap_or(0),
        created: Timestamp(row.get(4)),
        seen: Timestamp(row.get(5)),
        peer: row.get(6),
        agent: row.get(7),
    })
}
