//! Ids in Meta's shapes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::Rng as _;

/// A new Graph id: 16 decimal digits.
pub fn graph_id() -> String {
    rand::rng().random_range(1_000_000_000_000_000_u64..9_999_999_999_999_999).to_string()
}

/// A new message id: `wamid.` and base64, as long as Meta's and, like Meta's, of mostly ASCII bytes, so that it
/// fits into a path.
pub fn wamid() -> String {
    // Every real one starts "HBgL" and ends "A".
    let mut bytes = vec![0x1c, 0x18, 0x0b];
    bytes.extend(format!("{:032X}", rand::rng().random::<u128>()).into_bytes());
    bytes.push(0);
    format!("wamid.{}", STANDARD.encode(bytes))
}

/// A new `fbtrace_id`.
pub fn trace_id() -> String {
    let mut bytes = [0_u8; 15];
    rand::rng().fill(&mut bytes[..]);
    format!("A{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// A new access token or code: `prefix` and 48 letters and digits.
pub fn access_token(prefix: &str) -> String {
    let letters = rand::rng().sample_iter(rand::distr::Alphanumeric).take(48).map(char::from);
    prefix.chars().chain(letters).collect()
}
