//! Values, as a row holds them.

use std::borrow::Cow;
use std::fmt;

use rusqlite::types;

use crate::Sqlite;

/// A value of its own.
#[derive(Clone, Debug)]
pub struct Value(pub(crate) types::Value);

/// A value of a row.
#[derive(Clone, Copy, Debug)]
pub struct ValueRef<'r>(pub(crate) &'r types::Value);

/// What a value is: SQLite's storage classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing.
    Null,
    /// A whole number of up to 64 bits.
    Integer,
    /// A floating-point number of 64 bits.
    Real,
    /// Text in UTF-8.
    Text,
    /// Bytes.
    Blob,
}

impl Class {
    fn of(value: &types::Value) -> Self {
        match value {
            types::Value::Null => Self::Null,
            types::Value::Integer(_) => Self::Integer,
            types::Value::Real(_) => Self::Real,
            types::Value::Text(_) => Self::Text,
            types::Value::Blob(_) => Self::Blob,
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(sqlx_core::type_info::TypeInfo::name(self))
    }
}

impl sqlx_core::type_info::TypeInfo for Class {
    fn is_null(&self) -> bool {
        *self == Self::Null
    }

    fn name(&self) -> &str {
        match self {
            Self::Null => "NULL",
            Self::Integer => "INTEGER",
            Self::Real => "REAL",
            Self::Text => "TEXT",
            Self::Blob => "BLOB",
        }
    }
}

impl sqlx_core::value::Value for Value {
    type Database = Sqlite;

    fn as_ref(&self) -> ValueRef<'_> {
        ValueRef(&self.0)
    }

    fn type_info(&self) -> Cow<'_, Class> {
        Cow::Owned(Class::of(&self.0))
    }

    fn is_null(&self) -> bool {
        Class::of(&self.0) == Class::Null
    }
}

impl<'r> sqlx_core::value::ValueRef<'r> for ValueRef<'r> {
    type Database = Sqlite;

    fn to_owned(&self) -> Value {
        Value(self.0.clone())
    }

    fn type_info(&self) -> Cow<'_, Class> {
        Cow::Owned(Class::of(self.0))
    }

    fn is_null(&self) -> bool {
        Class::of(self.0) == Class::Null
    }
}
