//! Statements, worded as with `sqlx`, on connections whose SQLite works in the thread that asks: the one that writes, in the
//! writer's thread, and some that read what is found by its key. A driver with a thread of its own costs two switches for each call, which was most of a single change
//! (decision 057). What the writer shares with readers is asked of either.

mod connection;
mod near;
mod row;

use std::future::Future;
use std::marker::PhantomData;

pub(crate) use rusqlite::types::Value;
use sqlx::sqlite::SqliteArguments;
use sqlx::{SqliteConnection, SqlitePool};

pub(crate) use connection::Here;
pub(crate) use near::Near;
pub(crate) use row::{FromRow, Owned, Row, from_row, next};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// What answers queries.
pub(crate) trait Executor: Send {
    /// Every row of every statement.
    fn rows(self, query: Query) -> impl Future<Output = Result<Vec<Row>>> + Send;
    /// Runs to the end; what rows there are is not looked at.
    fn run(self, query: Query) -> impl Future<Output = Result<Done>> + Send;
}

impl Executor for &mut Here {
    async fn rows(self, query: Query) -> Result<Vec<Row>> {
        self.ask(query.sql, &query.values)
    }
    async fn run(self, query: Query) -> Result<Done> {
        Ok(Done(self.change(query.sql, &query.values)?))
    }
}

impl Executor for &SqlitePool {
    async fn rows(self, query: Query) -> Result<Vec<Row>> {
        query.prepared().fetch_all(self).await?.iter().map(Row::of).collect()
    }
    async fn run(self, query: Query) -> Result<Done> {
        Ok(Done(query.prepared().execute(self).await?.rows_affected()))
    }
}

impl Executor for &mut SqliteConnection {
    async fn rows(self, query: Query) -> Result<Vec<Row>> {
        query.prepared().fetch_all(self).await?.iter().map(Row::of).collect()
    }
    async fn run(self, query: Query) -> Result<Done> {
        Ok(Done(query.prepared().execute(self).await?.rows_affected()))
    }
}

/// What statements have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Done(u64);

impl Done {
    /// Rows that they inserted, updated or deleted themselves.
    pub fn rows_affected(self) -> u64 {
        self.0
    }
}

/// A script of statements, and the values of the parameters `$1`, `$2` … which all of them share.
pub(crate) struct Query {
    sql: &'static str,
    values: Vec<Value>,
}

/// A script without values yet.
pub(crate) fn query(sql: &'static str) -> Query {
    Query { sql, values: Vec::new() }
}

impl Query {
    /// The value of the next parameter.
    pub fn bind(mut self, value: impl Bind) -> Self {
        self.values.push(value.into_value());
        self
    }
    pub async fn execute(self, on: impl Executor) -> Result<Done> {
        on.run(self).await
    }
    pub async fn fetch_all(self, on: impl Executor) -> Result<Vec<Row>> {
        on.rows(self).await
    }
    pub async fn fetch_optional(self, on: impl Executor) -> Result<Option<Row>> {
        Ok(on.rows(self).await?.into_iter().next())
    }
    pub async fn fetch_one(self, on: impl Executor) -> Result<Row> {
        self.fetch_optional(on).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// The same for `sqlx`.
    fn prepared(self) -> sqlx::query::Query<'static, sqlx::Sqlite, SqliteArguments> {
        self.values.into_iter().fold(sqlx::query(self.sql), |query, value| match value {
            Value::Null => query.bind(None::<i64>),
            Value::Integer(number) => query.bind(number),
            Value::Real(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Blob(bytes) => query.bind(bytes),
        })
    }
}

/// A script whose rows are read as `T`.
pub(crate) struct QueryAs<T> {
    query: Query,
    of: PhantomData<fn() -> T>,
}

/// A script whose rows are read as `T`, column by column.
pub(crate) fn query_as<T: FromRow>(sql: &'static str) -> QueryAs<T> {
    QueryAs { query: query(sql), of: PhantomData }
}

impl<T: FromRow> QueryAs<T> {
    /// The value of the next parameter.
    pub fn bind(self, value: impl Bind) -> Self {
        Self { query: self.query.bind(value), of: PhantomData }
    }
    pub async fn fetch_all(self, on: impl Executor) -> Result<Vec<T>> {
        on.rows(self.query).await?.iter().map(|row| T::from_row(row, &mut 0)).collect()
    }
    pub async fn fetch_optional(self, on: impl Executor) -> Result<Option<T>> {
        self.query.fetch_optional(on).await?.map(|row| T::from_row(&row, &mut 0)).transpose()
    }
    pub async fn fetch_one(self, on: impl Executor) -> Result<T> {
        self.fetch_optional(on).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

/// A script of whose rows the first column is read as `T`.
pub(crate) struct QueryScalar<T>(QueryAs<(T,)>)
where
    (T,): FromRow;

/// A script of whose rows the first column is read as `T`.
pub(crate) fn query_scalar<T: Owned>(sql: &'static str) -> QueryScalar<T> {
    QueryScalar(query_as(sql))
}

impl<T: Owned> QueryScalar<T> {
    /// The value of the next parameter.
    pub fn bind(self, value: impl Bind) -> Self {
        Self(self.0.bind(value))
    }
    pub async fn fetch_all(self, on: impl Executor) -> Result<Vec<T>> {
        Ok(self.0.fetch_all(on).await?.into_iter().map(|(value,)| value).collect())
    }
    pub async fn fetch_optional(self, on: impl Executor) -> Result<Option<T>> {
        Ok(self.0.fetch_optional(on).await?.map(|(value,)| value))
    }
    pub async fn fetch_one(self, on: impl Executor) -> Result<T> {
        Ok(self.0.fetch_one(on).await?.0)
    }
}

/// What can be the value of a parameter.
pub(crate) trait Bind {
    fn into_value(self) -> Value;
}

macro_rules! bind {
    ($($type:ty),* => $variant:ident) => {
        $(impl Bind for $type {
            fn into_value(self) -> Value {
                Value::$variant(self.into())
            }
        })*
    };
}
bind!(i64, i32, u32, u16, u8, bool => Integer);
bind!(String, &str, &String => Text);
bind!(Vec<u8>, &[u8] => Blob);

impl Bind for &Vec<u8> {
    fn into_value(self) -> Value {
        Value::Blob(self.clone())
    }
}

impl<const N: usize> Bind for &[u8; N] {
    fn into_value(self) -> Value {
        Value::Blob(self.to_vec())
    }
}

macro_rules! bind_copied {
    ($($type:ty),*) => {
        $(impl Bind for &$type {
            fn into_value(self) -> Value {
                (*self).into_value()
            }
        })*
    };
}
bind_copied!(i64, i32, u32, bool);

impl<T: Bind> Bind for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Null, Bind::into_value)
    }
}

impl<'a, T> Bind for &'a Option<T>
where
    &'a T: Bind,
{
    fn into_value(self) -> Value {
        self.as_ref().into_value()
    }
}

/// The values of a row.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::sql::Bind::into_value($value)),*]
    };
}
pub(crate) use values;
