//! Use cases; each owns its transactions.

pub(super) mod account;
pub(super) mod ceremonies;
pub(super) mod keys;
pub(super) mod members;
pub(super) mod openid;
pub(super) mod operator;
pub(super) mod orgs;
pub(super) mod passkeys;
pub(super) mod providers;
pub(super) mod sessions;

/// An e-mail address as it is stored and compared.
pub(super) fn plain_email(email: &str) -> String {
    email.trim().to_lowercase()
}
