//! Rust's types, as SQLite holds them. A UUID is 16 bytes.

use rusqlite::types::Value;
use sqlx_core::decode::Decode;
use sqlx_core::encode::{Encode, IsNull};
use sqlx_core::error::BoxDynError;
use sqlx_core::types::Type;
use uuid::Uuid;

use crate::{Class, Sqlite, ValueRef};

/// How a type is held: its class, how it becomes a value, and what it is read from.
macro_rules! held_as {
    ($type:ty, $class:ident, $value:ident => $into:expr, $($pattern:pat => $from:expr),+) => {
        impl Type<Sqlite> for $type {
            fn type_info() -> Class {
                Class::$class
            }
        }

        impl<'q> Encode<'q, Sqlite> for $type {
            fn encode_by_ref(&self, values: &mut Vec<Value>) -> Result<IsNull, BoxDynError> {
                let $value = self;
                values.push($into);
                Ok(IsNull::No)
            }
        }

        impl<'r> Decode<'r, Sqlite> for $type {
            fn decode(value: ValueRef<'r>) -> Result<Self, BoxDynError> {
                match value.0 {
                    $($pattern => $from,)+
                    other => Err(unlike(other)),
                }
            }
        }
    };
}

held_as!(i64, Integer, n => Value::Integer(*n), Value::Integer(n) => Ok(*n));
held_as!(bool, Integer, b => Value::Integer((*b).into()), Value::Integer(n) => Ok(*n != 0));
held_as!(f64, Real, n => Value::Real(*n), Value::Real(n) => Ok(*n), Value::Integer(n) => Ok(*n as f64));
held_as!(String, Text, text => Value::Text(text.clone()), Value::Text(text) => Ok(text.clone()));
held_as!(Vec<u8>, Blob, bytes => Value::Blob(bytes.clone()), Value::Blob(bytes) => Ok(bytes.clone()));
held_as!(
    Uuid, Blob, id => Value::Blob(id.as_bytes().to_vec()),
    Value::Blob(bytes) => Ok(Uuid::from_slice(bytes)?)
);

impl Type<Sqlite> for str {
    fn type_info() -> Class {
        Class::Text
    }
}

impl<'q> Encode<'q, Sqlite> for &'q str {
    fn encode_by_ref(&self, values: &mut Vec<Value>) -> Result<IsNull, BoxDynError> {
        values.push(Value::Text((*self).to_owned()));
        Ok(IsNull::No)
    }
}

impl Type<Sqlite> for [u8] {
    fn type_info() -> Class {
        Class::Blob
    }
}

impl<'q> Encode<'q, Sqlite> for &'q [u8] {
    fn encode_by_ref(&self, values: &mut Vec<Value>) -> Result<IsNull, BoxDynError> {
        values.push(Value::Blob(self.to_vec()));
        Ok(IsNull::No)
    }
}

fn unlike(value: &Value) -> BoxDynError {
    format!("a value is {}, which is not what was asked for", value.data_type()).into()
}
