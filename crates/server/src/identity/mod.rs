//! Who gets in: people and their proofs, organisations, members, keys.
//!
//! Invariants:
//! - A secret is stored as a hash (passwords: argon2id; random tokens: SHA-256) or sealed, and told once.
//! - Whether an e-mail address is known cannot be told from any answer.
//! - An organisation always has an owner; nobody gives a role or right that they do not have.

mod secret;

pub use secret::{Token, hash};
