//! Who gets in: people and their proofs, organisations, members, keys.
//!
//! Invariants:
//! - A secret is stored as a hash (passwords: argon2id; random tokens: SHA-256) or sealed, and told once.
//! - Whether an e-mail address is known cannot be told from any answer to somebody who only knows the address.
//! - An organisation always has an owner; nobody gives a role or right that they do not have.
//! - What is begun with a browser is taken once, by that browser, in minutes.
//! - Everything that changes something is in the audit log, in the same transaction.

pub mod api;
mod discovery;
pub mod jobs;
mod limits;
mod passwords;
mod secret;
mod service;
pub mod setup;
mod totp;

pub use discovery::Discovered;
pub(crate) use limits::{count_public, count_seen, may_be_asked};
pub use secret::{Token, hash};

/// Forgets what has ended: sessions and reset links after a month, counted attempts after a day, what was begun with a
/// browser at once.
pub async fn forget(tx: &mut store::Tx, now: rules::time::Timestamp) -> store::Result<()> {
    use rules::time::span::days;
    tx.drop_sessions_before(now - days(30)).await?;
    tx.drop_password_resets_before(now - days(30)).await?;
    tx.drop_attempts_before(now - days(1)).await?;
    tx.drop_ceremonies_before(now).await?;
    Ok(())
}
