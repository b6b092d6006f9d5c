//! Random tokens: told once, stored as a hash.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rules::time::Randomness;

/// SHA-256. Enough for what is random already: there is nothing to guess faster.
pub fn hash(text: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    out
}

/// A fresh random token. Not `Debug`, so that it cannot be logged.
pub struct Token(String);

impl Token {
    /// 256 random bits after a prefix that says what kind of token it is.
    pub fn fresh(prefix: &str, chance: &dyn Randomness) -> Self {
        let mut bytes = [0; 32];
        chance.fill(&mut bytes);
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The token itself, for the one who may have it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored.
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}
