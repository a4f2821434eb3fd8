//! The connection, and its scripts: `prepare` takes one statement, so each script is cut once and its statements stay
//! prepared.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::Value;
use sqlx::error::{DatabaseError, ErrorKind};

use super::{Result, Row};
use crate::database;

/// Statements that stay prepared.
const PREPARED: usize = 500;

/// A connection. Its calls return when SQLite is done; a commit waits for the disk.
pub(crate) struct Here {
    connection: Connection,
    /// By where their text lies: it is constant.
    scripts: HashMap<(usize, usize), Arc<[Statement]>>,
    /// The first error after which the file cannot be trusted.
    broken: Option<String>,
}

/// A statement of a script.
struct Statement {
    sql: &'static str,
    /// Whether it may change rows; the bounds of transactions do not, and leave the count of the statement before.
    changes: bool,
}

impl Here {
    /// Opens a file that is there, with these settings.
    pub fn open(path: &Path, busy: Duration, pragmas: &[(&str, &str)]) -> Result<Self> {
        let connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(busy).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        for (name, value) in pragmas {
            connection.execute_batch(&format!("PRAGMA {name} = {value}")).map_err(failed)?;
        }
        Ok(Self { connection, scripts: HashMap::new(), broken: None })
    }

    /// All rows of all statements.
    pub fn ask(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        self.run(sql, values, Some(&mut rows)).map_err(|error| self.noted(error))?;
        Ok(rows)
    }

    /// Runs all statements; how many rows they changed.
    pub fn change(&mut self, sql: &'static str, values: &[Value]) -> Result<u64> {
        self.run(sql, values, None).map_err(|error| self.noted(error))
    }

    /// Whether a statement met an error after which the file cannot be trusted, whatever became of that error: the
    /// caller ends the process.
    ///
    /// # Errors
    /// The first one.
    pub fn sound(&self) -> Result<()> {
        self.broken.as_ref().map_or(Ok(()), |why| Err(sqlx::Error::Io(std::io::Error::other(why.clone()))))
    }

    fn noted(&mut self, error: rusqlite::Error) -> sqlx::Error {
        let error = failed(error);
        if database::is_fatal(&error) && self.broken.is_none() {
            self.broken = Some(error.to_string());
        }
        error
    }

    /// Runs one statement for each row of values.
    pub fn each(&mut self, sql: &'static str, rows: &[Vec<Value>]) -> Result<()> {
        let run = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let places = places(&statement);
            for values in rows {
                bind(&mut statement, &places, values)?;
                statement.raw_execute()?;
            }
            Ok(())
        };
        if rows.is_empty() { Ok(()) } else { run().map_err(|error| self.noted(error)) }
    }

    fn run(&mut self, sql: &'static str, values: &[Value], mut rows: Option<&mut Vec<Row>>) -> rusqlite::Result<u64> {
        let script = self.scripts.entry((sql.as_ptr().addr(), sql.len())).or_insert_with(|| cut(sql)).clone();
        let mut changed = 0;
        for one in script.iter() {
            let mut statement = self.connection.prepare_cached(one.sql)?;
            let places = places(&statement);
            bind(&mut statement, &places, values)?;
            let columns = statement.column_count();
            let mut found = statement.raw_query();
            while let Some(row) = found.next()? {
                if let Some(rows) = &mut rows {
                    let values = (0..columns).map(|column| row.get::<_, Value>(column));
                    rows.push(Row::new(values.collect::<rusqlite::Result<_>>()?));
                }
            }
            drop(found);
            if one.changes && !statement.readonly() {
                changed += self.connection.changes();
            }
        }
        Ok(changed)
    }
}

/// Which value each parameter of a statement takes: that of `$1` is the first.
fn places(statement: &rusqlite::Statement<'_>) -> Vec<Option<usize>> {
    let number = |at| statement.parameter_name(at)?.strip_prefix('$')?.parse::<usize>().ok()?.checked_sub(1);
    (1..=statement.parameter_count()).map(number).collect()
}

/// Gives the parameters their values; NULL where there is none.
fn bind(statement: &mut rusqlite::Statement<'_>, places: &[Option<usize>], values: &[Value]) -> rusqlite::Result<()> {
    for (at, place) in places.iter().enumerate() {
        let value = place.and_then(|place| values.get(place));
        statement.raw_bind_parameter(at + 1, value.unwrap_or(&Value::Null))?;
    }
    Ok(())
}

/// The statements of a script. A `;` inside quotes ends none.
fn cut(sql: &'static str) -> Arc<[Statement]> {
    let (mut statements, mut from, mut quoted) = (Vec::new(), 0, false);
    for (at, byte) in sql.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b';' if !quoted => {
                statements.push(&sql[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    statements.push(&sql[from..]);
    let statement = |sql: &'static str| {
        let sql = sql.trim();
        let bounds = ["BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK"];
        (!sql.is_empty()).then(|| Statement { sql, changes: !bounds.iter().any(|word| sql.starts_with(word)) })
    };
    statements.into_iter().filter_map(statement).collect()
}

/// What SQLite says, in the words of `sqlx`: what an error means is judged in one place for all connections.
fn failed(error: rusqlite::Error) -> sqlx::Error {
    sqlx::Error::Database(Box::new(Refusal(error)))
}

#[derive(Debug)]
struct Refusal(rusqlite::Error);

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    fn extended(&self) -> Option<i32> {
        self.0.sqlite_error().map(|error| error.extended_code)
    }
}

impl DatabaseError for Refusal {
    fn message(&self) -> &str {
        match &self.0 {
            rusqlite::Error::SqliteFailure(_, Some(message)) => message,
            _ => "SQLite refused a statement",
        }
    }
    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.extended()?.to_string().into())
    }
    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }
    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }
    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }
    fn kind(&self) -> ErrorKind {
        // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _FOREIGNKEY, _NOTNULL, _CHECK
        match self.extended() {
            Some(1555 | 2067) => ErrorKind::UniqueViolation,
            Some(787) => ErrorKind::ForeignKeyViolation,
            Some(1299) => ErrorKind::NotNullViolation,
            Some(275) => ErrorKind::CheckViolation,
            _ => ErrorKind::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Here {
        Here::open(Path::new(":memory:"), Duration::from_secs(1), &[("foreign_keys", "on")]).unwrap()
    }

    #[test]
    fn a_script_shares_its_values_and_counts_what_it_changed() {
        let mut db = memory();
        db.change("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL)", &[]).unwrap();
        let sql =
            "BEGIN IMMEDIATE; INSERT INTO t VALUES ($1, $2), ($1 + 1, 'a;b'); UPDATE t SET b = $2 WHERE a = $1; COMMIT";
        let values = [Value::Integer(4), Value::Text("it's".into())];
        assert_eq!(db.change(sql, &values).unwrap(), 3);
        let rows = db.ask("SELECT b FROM t ORDER BY a; SELECT a FROM t WHERE a > $1;", &values).unwrap();
        let texts: Vec<String> = rows[..2].iter().map(|row| row.get(0)).collect();
        assert_eq!((texts, rows[2].get::<i64, _>(0), rows.len()), (vec!["it's".into(), "a;b".into()], 5, 3));
        // what is not bound is NULL, as everywhere in SQLite
        assert_eq!(db.ask("SELECT $3", &values).unwrap()[0].get::<Option<i64>, _>(0), None);
    }

    #[test]
    fn an_error_keeps_the_code_of_sqlite_and_a_statement_can_be_used_again() {
        let mut db = memory();
        db.change("CREATE TABLE t (a INTEGER PRIMARY KEY)", &[]).unwrap();
        let insert = "INSERT INTO t VALUES ($1)";
        db.change(insert, &[Value::Integer(1)]).unwrap();
        let error = db.change(insert, &[Value::Integer(1)]).unwrap_err();
        let error = error.as_database_error().unwrap();
        assert!(error.is_unique_violation());
        assert_eq!(error.code().as_deref(), Some("1555"));
        assert_eq!(db.change(insert, &[Value::Integer(2)]).unwrap(), 1);
        let rows = [3, 4].map(|a| vec![Value::Integer(a)]);
        db.each(insert, &rows).unwrap();
        assert!(db.each(insert, &rows).is_err());
        assert_eq!(db.ask("SELECT count(*) FROM t", &[]).unwrap()[0].get::<i64, _>(0), 4);
        assert!(db.change("INSERT INTO nowhere VALUES (1)", &[]).is_err());
    }
    /// A damaged page is remembered, whatever became of the error.
    #[test]
    fn a_file_that_cannot_be_trusted_is_not_sound_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.db");
        let open = || Here::open(&path, Duration::from_secs(1), &[]).unwrap();
        let mut db = open();
        db.change(
            "CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB); INSERT INTO t VALUES (1, zeroblob(99)), (2, zeroblob(99))",
            &[],
        )
        .unwrap();
        assert!(db.change("INSERT INTO t VALUES (1, NULL)", &[]).is_err());
        assert!(db.sound().is_ok(), "what is refused is no damage");
        drop(db);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[4_096..].fill(0xa5);
        std::fs::write(&path, bytes).unwrap();
        let mut db = open();
        assert!(db.ask("SELECT b FROM t WHERE a = 2", &[]).is_err());
        assert!(database::is_fatal(&db.sound().unwrap_err()));
    }
}
