//! Onboarding: an organisation's messaging accounts and numbers, how they are connected, and whether they still are.

mod line;
mod news;

pub use line::{Line, account_suspect, line};
pub use news::{Heard, apply_account_event, apply_unrouted};
