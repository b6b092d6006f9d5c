//! Onboarding: an organisation's messaging accounts and numbers, how they are connected, and whether they still are.
//!
//! Invariants:
//! - A step counts as done when a read or an effect proves it, never because Meta answered `success`.
//! - What the browser says is a hint. Ids come from Meta, proved with the client's own token; our system user's token
//!   reaches every client and proves nothing.
//! - A messaging account that is another organisation's is never attached.
//! - A code is presented once. `register` is counted before it is called and never called in a loop. Who pays is read
//!   before credit is shared.
//! - No transaction is open while Meta is asked; ending the process anywhere leaves a connection that goes on by itself
//!   or says what a person must do.
//! - Tokens, PINs and app secrets are sealed; they leave only towards Meta.

pub mod api;
pub mod jobs;
mod line;
mod news;
mod service;

pub use api::NumberView;
pub use line::{Line, account_suspect, line, lines, look_again};
pub use news::{Heard, apply_account_event, apply_unrouted, first_heard};
pub use service::connect::{PageSources, chat_link, page_sources};
pub(crate) use service::disconnect::leave_all;
pub use service::readiness::{
    Item as ReadinessItem, Light, client as client_readiness, operator as operator_readiness,
};
