//! Who may begin a transaction, and when: everybody at once, unless a simulation decides.

use std::any::Any;
use std::pin::Pin;

/// What a transaction means to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read from one snapshot.
    Read,
    /// Read and write.
    Write,
}

/// Leave to be in a transaction; dropped when it has ended.
pub type Pass = Box<dyn Any + Send + Sync>;

/// Somebody who waits for a [`Pass`].
pub type Passing<'a> = Pin<Box<dyn Future<Output = Pass> + Send + 'a>>;

/// What every transaction goes through before it begins. A simulation lets them begin in an order of its own, and knows
/// when nobody is at the database.
pub trait Pace: std::fmt::Debug + Send + Sync {
    /// Waits for leave.
    fn pass(&self, access: Access) -> Passing<'_>;
}
