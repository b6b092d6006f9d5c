//! What is bound to a statement.

use rusqlite::types::Value;
use sqlx_core::encode::{Encode, IsNull};
use sqlx_core::error::{BoxDynError, Error};
use sqlx_core::types::Type;

use crate::Sqlite;
use crate::error::told;

/// The values of a statement's parameters, in their order.
#[derive(Clone, Debug, Default)]
pub struct Arguments(Vec<Value>);

impl sqlx_core::arguments::Arguments for Arguments {
    type Database = Sqlite;

    fn reserve(&mut self, additional: usize, _size: usize) {
        self.0.reserve(additional);
    }

    fn add<'t, T>(&mut self, value: T) -> Result<(), BoxDynError>
    where
        T: Encode<'t, Sqlite> + Type<Sqlite>,
    {
        let before = self.0.len();
        match value.encode(&mut self.0) {
            Ok(IsNull::No) => Ok(()),
            Ok(IsNull::Yes) => {
                self.0.push(Value::Null);
                Ok(())
            }
            Err(error) => {
                self.0.truncate(before);
                Err(error)
            }
        }
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

sqlx_core::impl_into_arguments_for_arguments!(Arguments);
sqlx_core::impl_encode_for_option!(Sqlite);

impl Arguments {
    /// Binds them: `$3` and `?3` are the third, each plain `?` the next.
    pub(crate) fn bind(&self, statement: &mut rusqlite::Statement<'_>) -> Result<(), Error> {
        let mut next = 0;
        for place in 1..=statement.parameter_count() {
            let number = match statement.parameter_name(place) {
                Some(name) => name[1..]
                    .parse::<usize>()
                    .map_err(|_| Error::Protocol(format!("a parameter has a number, unlike {name}")))?,
                None => {
                    next += 1;
                    next
                }
            };
            let value = number.checked_sub(1).and_then(|at| self.0.get(at)).ok_or_else(|| {
                Error::Protocol(format!("parameter {number} of {} has no value", statement.parameter_count()))
            })?;
            statement.raw_bind_parameter(place, value).map_err(told)?;
        }
        Ok(())
    }
}
