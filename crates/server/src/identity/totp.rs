//! Codes of six digits that change every 30 seconds (RFC 6238, HMAC-SHA-1, as every authenticator app has them).

use aws_lc_rs::hmac;
use rules::time::{Randomness, Timestamp};

/// A shared secret: 160 random bits.
pub(super) type Secret = [u8; 20];

const STEP_SECONDS: i64 = 30;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(super) fn fresh(chance: &dyn Randomness) -> Secret {
    let mut secret = [0; 20];
    chance.fill(&mut secret);
    secret
}

/// The code of a time step.
fn code(secret: &Secret, step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[tag.len() - 1] & 0x0f);
    let word = tag[offset..offset + 4].iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte));
    (word & 0x7fff_ffff) % 1_000_000
}

/// The time step whose code this is, among the present one and its neighbours: clocks differ a little.
pub(super) fn step_of(secret: &Secret, given: &str, now: Timestamp) -> Option<i64> {
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    if given.len() != 6 || !given.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let given: u32 = given.parse().ok()?;
    let present = now.seconds().div_euclid(STEP_SECONDS);
    // Later first: a code can be the same in two steps, and the later one leaves no room for a replay.
    [present + 1, present, present - 1].into_iter().find(|step| code(secret, *step) == given)
}

/// RFC 4648 without padding.
pub(super) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let word =
            chunk.iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte)) << (8 * (5 - chunk.len()));
        for place in 0..(chunk.len() * 8).div_ceil(5) {
            text.push(char::from(ALPHABET[(word >> (35 - 5 * place)) as usize & 31]));
        }
    }
    text
}

/// What an authenticator app reads from a QR code.
pub(super) fn uri(secret: &Secret, account: &str) -> String {
    let account: String = url::form_urlencoded::byte_serialize(account.as_bytes()).collect();
    format!(
        "otpauth://totp/Sapa:{account}?secret={}&issuer=Sapa&algorithm=SHA1&digits=6&period=30",
        base32(secret)
    )
}

/// A code that works once instead of the second factor: 80 random bits.
pub(super) fn recovery_code(chance: &dyn Randomness) -> String {
    let mut bytes = [0; 10];
    chance.fill(&mut bytes);
    let text = base32(&bytes).to_lowercase();
    [&text[..4], &text[4..8], &text[8..12], &text[12..]].join("-")
}

/// A recovery code as it is hashed, however it was typed.
pub(super) fn plain_recovery_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret: Secret = *b"12345678901234567890";
        for (seconds, expected) in
            [(59, 287_082), (1_111_111_109, 81_804), (1_111_111_111, 50_471), (20_000_000_000, 353_130)]
        {
            assert_eq!(code(&secret, seconds / 30), expected);
        }
        let now = Timestamp::from_seconds(59);
        assert_eq!(step_of(&secret, "287 082", now), Some(1));
        assert_eq!(step_of(&secret, "287082", Timestamp::from_seconds(59 + 30)), Some(1));
        assert_eq!(step_of(&secret, "287082", Timestamp::from_seconds(59 + 90)), None);
        assert_eq!(step_of(&secret, "", now), None);
    }

    /// RFC 4648, section 10.
    #[test]
    fn base32_is_that_of_the_standard() {
        for (plain, coded) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(plain.as_bytes()), coded);
        }
    }
}
