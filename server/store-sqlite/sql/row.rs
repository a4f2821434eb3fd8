//! Rows with their values, whichever connection gave them.

use rusqlite::types::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, TypeInfo as _, ValueRef as _};

use super::Result;

/// A row.
pub(crate) struct Row(Vec<Value>);

impl Row {
    pub(super) fn new(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// A row of `sqlx`.
    pub(super) fn of(row: &SqliteRow) -> Result<Self> {
        let value = |at: usize| {
            let raw = row.try_get_raw(at)?;
            Ok(match raw.type_info().name() {
                _ if raw.is_null() => Value::Null,
                "TEXT" => Value::Text(row.try_get_unchecked(at)?),
                "BLOB" => Value::Blob(row.try_get_unchecked(at)?),
                "REAL" => Value::Real(row.try_get_unchecked(at)?),
                _ => Value::Integer(row.try_get_unchecked(at)?),
            })
        };
        Ok(Self((0..row.len()).map(value).collect::<Result<_>>()?))
    }

    /// A column's value.
    ///
    /// # Panics
    /// The statement gives none or one of another type: as with `sqlx`, a mistake of the program that its first test meets.
    #[allow(clippy::panic, reason = "see above")]
    pub fn get<'r, T: Column<'r>, I: At>(&'r self, at: I) -> T {
        let at = at.place();
        self.try_get(at).unwrap_or_else(|error| panic!("column {at}: {error}"))
    }

    /// A column's value.
    pub fn try_get<'r, T: Column<'r>>(&'r self, at: usize) -> Result<T> {
        let value = self.0.get(at).ok_or(sqlx::Error::ColumnIndexOutOfBounds { index: at, len: self.0.len() })?;
        T::from_value(value).ok_or_else(|| {
            let wanted = std::any::type_name::<T>();
            let source = format!("{:?} is no {wanted}", value.data_type()).into();
            sqlx::Error::ColumnDecode { index: at.to_string(), source }
        })
    }
}

/// Where a column stands. (`sqlx` knows names too; `get::<i64, _>(0)` is written as there.)
pub(crate) trait At {
    fn place(self) -> usize;
}

impl At for usize {
    fn place(self) -> usize {
        self
    }
}

/// What a column is read as.
pub(crate) trait Column<'r>: Sized {
    /// `None`: the value is of another type.
    fn from_value(value: &'r Value) -> Option<Self>;
}

macro_rules! number {
    ($($type:ty),*) => {
        $(impl Column<'_> for $type {
            fn from_value(value: &Value) -> Option<Self> {
                if let Value::Integer(number) = value { (*number).try_into().ok() } else { None }
            }
        })*
    };
}
number!(i64, i32, u32, u16, u8);

impl Column<'_> for bool {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Integer(number) = value { Some(*number != 0) } else { None }
    }
}
impl Column<'_> for String {
    fn from_value(value: &Value) -> Option<Self> {
        <&str>::from_value(value).map(str::to_owned)
    }
}
impl Column<'_> for Vec<u8> {
    fn from_value(value: &Value) -> Option<Self> {
        <&[u8]>::from_value(value).map(<[u8]>::to_vec)
    }
}
impl<'r> Column<'r> for &'r str {
    fn from_value(value: &'r Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text) } else { None }
    }
}
impl<'r> Column<'r> for &'r [u8] {
    fn from_value(value: &'r Value) -> Option<Self> {
        match value {
            Value::Blob(bytes) => Some(bytes),
            Value::Text(text) => Some(text.as_bytes()),
            _ => None,
        }
    }
}
impl<'r, T: Column<'r>> Column<'r> for Option<T> {
    fn from_value(value: &'r Value) -> Option<Self> {
        if *value == Value::Null { Some(None) } else { T::from_value(value).map(Some) }
    }
}

/// A column that outlives its row.
pub(crate) trait Owned: for<'r> Column<'r> + Send {}
impl<T: for<'r> Column<'r> + Send> Owned for T {}

/// What a whole row, or some columns of it side by side, is read as.
pub(crate) trait FromRow: Send + Sized {
    /// Reads the columns from `at` on, and moves it behind them.
    fn from_row(row: &Row, at: &mut usize) -> Result<Self>;
}

/// The next column.
pub(crate) fn next<T: Owned>(row: &Row, at: &mut usize) -> Result<T> {
    *at += 1;
    row.try_get(*at - 1)
}

macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: Owned),*> FromRow for ($($name,)*) {
            fn from_row(row: &Row, at: &mut usize) -> Result<Self> {
                Ok(($(next::<$name>(row, at)?,)*))
            }
        }
    };
}
tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
tuple!(A B C D E F G);
tuple!(A B C D E F G H);
tuple!(A B C D E F G H I);
tuple!(A B C D E F G H I J);

/// [`FromRow`] for a struct whose fields are the columns in this order.
macro_rules! from_row {
    ($type:ident: $($field:ident),*) => {
        impl $crate::sql::FromRow for $type {
            fn from_row(row: &$crate::sql::Row, at: &mut usize) -> std::result::Result<Self, sqlx::Error> {
                Ok(Self { $($field: $crate::sql::next(row, at)?),* })
            }
        }
    };
}
pub(crate) use from_row;
