//! How an organisation's messaging account becomes connected: the steps, their order, what stops them and whose
//! turn it then is.
//!
//! Pure. A step counts as done only after its *proof*, a read or an effect; Meta's `success:true` proves nothing.
//! "Connected but unfunded" and "connected but silent" are standings with a sentence, not errors.

mod next;
mod trouble;
mod words;

pub use next::{Facts, Next, Record, account_line, next_step, number_line, plan, standing};
pub use trouble::{MetaSays, Trouble, Turn, trouble};
pub use words::{Entry, Maker, Mode, Standing, Step, StepStatus, TokenState, Variant};

use std::time::Duration;

use crate::time::span;

/// How many `register` and `deregister` requests Meta takes for one number within [`REGISTER_PERIOD`]; the next one
/// locks the number for as long. (Meta: registration, 2026-06.)
pub const REGISTER_LIMIT: usize = 10;

/// The period of [`REGISTER_LIMIT`].
pub const REGISTER_PERIOD: Duration = span::hours(72);

/// How many of those requests we make by ourselves; the rest is kept for people.
pub const REGISTER_OWN_LIMIT: usize = 6;

/// How long one attempt through the signup dialog stays valid.
pub const STATE_LIFETIME: Duration = span::minutes(10);

/// How long a code lives. (Meta: embedded-signup/implementation, 2026-06.)
pub const CODE_LIFETIME: Duration = Duration::from_secs(30);

/// How long after receiving a code its token must be stored; later the exchange counts as lost.
pub const EXCHANGE_PATIENCE: Duration = span::minutes(1);
