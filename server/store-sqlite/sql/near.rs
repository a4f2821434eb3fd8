//! Connections that read in the thread that asks: what is found by its key costs less than to hand the question over, which
//! is most of what a mail costs that is opened.

use std::path::Path;
use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::Duration;

use sqlx::SqlitePool;

use super::{Done, Executor, Here, Query, Result, Row};
use crate::database;

/// A connection for each thread that may ask at once, and readers elsewhere for when all are at work.
pub(crate) struct Near {
    connections: Vec<Mutex<Option<Here>>>,
    readers: SqlitePool,
}

impl Near {
    /// Most rows for which it is asked: what takes longer than a switch of threads is not read here.
    pub const MOST: usize = 16;

    /// Opens so many.
    pub fn open(path: &Path, most: usize, pragmas: &[(&str, &str)], readers: SqlitePool) -> Result<Self> {
        let connections = (0..most).map(|_| Ok(Mutex::new(Some(Here::open(path, Duration::ZERO, pragmas)?))));
        Ok(Self { connections: connections.collect::<Result<_>>()?, readers })
    }

    /// Asks a connection that is free; `None`: none is.
    fn ask(&self, query: &Query) -> Option<Result<Vec<Row>>> {
        let mut free = self.connections.iter().find_map(|connection| match connection.try_lock() {
            Ok(free) => Some(free),
            // a statement that was left in the middle has ended with its thread
            Err(TryLockError::Poisoned(left)) => Some(PoisonError::into_inner(left)),
            Err(TryLockError::WouldBlock) => None,
        })?;
        Some(free.as_mut()?.ask(query.sql, &query.values))
    }

    /// Closes them.
    pub fn close(&self) {
        for connection in &self.connections {
            drop(connection.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
    }
}

impl Executor for &Near {
    async fn rows(self, query: Query) -> Result<Vec<Row>> {
        match self.ask(&query) {
            // somebody recovers the log: nobody waits for that here
            Some(Err(error)) if database::is_busy(&error) => self.readers.rows(query).await,
            Some(rows) => rows,
            None => self.readers.rows(query).await,
        }
    }
    async fn run(self, query: Query) -> Result<Done> {
        self.readers.run(query).await
    }
}

#[cfg(test)]
mod tests {
    use crate::sql;

    #[tokio::test]
    async fn it_reads_here_and_elsewhere_when_all_are_at_work_and_never_writes() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, readers) = crate::database::open_mail(&folder.path().join("mail.db")).await.unwrap();
        let near = crate::database::open_near(&folder.path().join("mail.db"), crate::Mode::Server, readers).unwrap();
        sql::query("UPDATE counter SET next = 77 WHERE name = 'record'").execute(&mut writer).await.unwrap();
        let next = || sql::query_scalar::<i64>("SELECT next FROM counter WHERE name = 'record'");
        assert_eq!(next().fetch_one(&near).await.unwrap(), 77);
        // what is committed is seen by the next question
        sql::query("UPDATE counter SET next = 78 WHERE name = 'record'").execute(&mut writer).await.unwrap();
        assert_eq!(next().fetch_one(&near).await.unwrap(), 78);
        let held: Vec<_> = near.connections.iter().map(|one| one.lock().unwrap()).collect();
        assert!(near.ask(&sql::query("SELECT 1")).is_none());
        drop(held);
        assert!(near.ask(&sql::query("DELETE FROM counter")).unwrap().is_err());
        near.close();
        assert_eq!(next().fetch_one(&near).await.unwrap(), 78, "the readers elsewhere answer");
    }
}
