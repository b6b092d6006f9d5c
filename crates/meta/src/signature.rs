//! The proof that a webhook comes from one of our Meta apps, and the proof we attach to Graph calls.
//!
//! Invariant: works on raw bytes, before any parsing; compares in constant time; never logs or returns a
//! secret, a body or the signature that would have been right.

use aws_lc_rs::hmac;

/// The header that carries the signature, in the lower case that HTTP libraries use.
pub const HEADER: &str = "x-hub-signature-256";

const PREFIX: &[u8] = b"sha256=";
const DIGEST_BYTES: usize = 32;

/// Why a body was refused. Deliberately says nothing about the body or the expected signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The header is missing, is not `sha256=` and 64 hexadecimal digits.
    #[error("the signature header is missing or is not \"sha256=\" followed by 64 hexadecimal digits")]
    Malformed,
    /// No app secret we know made this signature over these bytes.
    #[error("the signature was not made with any of the configured app secrets")]
    Mismatch,
}

/// Checks `X-Hub-Signature-256` over the raw body against several secrets (several apps, or the old and the
/// new secret while one is being changed) and returns the index of the one that matches.
///
/// The digits may be upper or lower case: Meta sends lower case, and the 32 bytes they mean are what is
/// compared. The prefix must be lower case exactly. (Meta: webhooks/create-webhook-endpoint, 2026-05.)
pub fn verify<S: AsRef<[u8]>>(
    secrets: impl IntoIterator<Item = S>,
    header: Option<&[u8]>,
    body: &[u8],
) -> Result<usize, Refused> {
    let claimed = header.and_then(decode).ok_or(Refused::Malformed)?;
    secrets
        .into_iter()
        .position(|secret| hmac::verify(&key(secret.as_ref()), body, &claimed).is_ok())
        .ok_or(Refused::Mismatch)
}

/// Whether a header can be a signature at all: what cannot needs no body to be refused.
pub fn is_well_formed(header: Option<&[u8]>) -> bool {
    header.and_then(decode).is_some()
}

/// The header value that `secret` gives these bytes: what Meta would send.
pub fn sign(secret: &[u8], body: &[u8]) -> String {
    format!("sha256={}", hex::encode(hmac::sign(&key(secret), body)))
}

/// `appsecret_proof`: shows that a call made with this token comes from the app that owns the secret.
/// (Meta: graph-api/securing-requests.)
pub fn appsecret_proof(app_secret: &[u8], access_token: &str) -> String {
    hex::encode(hmac::sign(&key(app_secret), access_token.as_bytes()))
}

fn key(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

fn decode(header: &[u8]) -> Option<[u8; DIGEST_BYTES]> {
    let digits = header.strip_prefix(PREFIX)?;
    let mut claimed = [0; DIGEST_BYTES];
    hex::decode_to_slice(digits, &mut claimed).ok()?;
    Some(claimed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
    const V1: &str = r#"{"object":"whatsapp_business_account","entry":[{"id":"900000000000001","time":1795136000,"changes":[{"field":"account_update","value":{"event":"PARTNER_ADDED","waba_info":{"waba_id":"700000000000003","owner_business_id":"800000000000002"}}}]}]}"#;
    const V2: &str = r#"{"object":"whatsapp_business_account","entry":[{"id":"700000000000003","time":1795136001,"changes":[{"field":"phone_number_name_update","value":{"display_phone_number":"49301234567","decision":"APPROVED","requested_verified_name":"M\u00fcller \/ S\u00f6hne","rejection_reason":null}}]}]}"#;

    #[test]
    fn known_vectors() {
        assert_eq!((V1.len(), V2.len()), (244, 287));
        for (secret, body, expected) in [
            (SECRET, V1, "463d49a28964792828d6315db5b73d29e304077d9a3627558093ed4855b034ea"),
            (SECRET, V2, "4acb4c38421261a5aeba57c4a57207b4f517d267f52f11a84b89a5a7aa0b51a4"),
            (SECRET, "", "796cd3078af14636753d26b3b5555422ff55a3e261cf847b48e95371b9bd0aa2"),
            (
                b"test_app_secret".as_slice(),
                r#"{"object":"whatsapp_business_account","entry":[]}"#,
                "dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756",
            ),
            (
                b"test_app_secret".as_slice(),
                r#"{"object": "whatsapp_business_account", "entry": []}"#,
                "56cbbaf4961c6cfdae48b7f116c047e5eb513d2c931baae63a2bc1afd26f803a",
            ),
        ] {
            let header = format!("sha256={expected}");
            assert_eq!(sign(secret, body.as_bytes()), header);
            assert_eq!(verify([secret], Some(header.as_bytes()), body.as_bytes()), Ok(0));
            let upper = format!("sha256={}", expected.to_uppercase());
            assert_eq!(verify([secret], Some(upper.as_bytes()), body.as_bytes()), Ok(0));
        }
    }

    #[test]
    fn a_body_that_was_decoded_and_encoded_again_is_refused() {
        let reencoded = V2.replace(r"\u00fc", "ü").replace(r"\u00f6", "ö").replace(r"\/", "/");
        assert_eq!(reencoded.len(), 278);
        let header = sign(SECRET, V2.as_bytes());
        assert_eq!(verify([SECRET], Some(header.as_bytes()), reencoded.as_bytes()), Err(Refused::Mismatch));
        assert_eq!(
            sign(SECRET, reencoded.as_bytes()),
            "sha256=c6eed034a4978d647c0857c1253dee720c6802d69026cc772040f8f49b4e9f61"
        );
    }

    #[test]
    fn the_matching_secret_is_named() {
        let header = sign(SECRET, b"{}");
        let secrets = [b"another".as_slice(), SECRET, b"third"];
        assert_eq!(verify(secrets, Some(header.as_bytes()), b"{}"), Ok(1));
        assert_eq!(verify([b"another"], Some(header.as_bytes()), b"{}"), Err(Refused::Mismatch));
        assert_eq!(verify::<&[u8]>([], Some(header.as_bytes()), b"{}"), Err(Refused::Mismatch));
    }

    #[test]
    fn anything_but_the_one_form_is_malformed() {
        let good = sign(SECRET, b"{}");
        let digits = good.strip_prefix("sha256=").unwrap();
        for header in [
            String::new(),
            digits.to_owned(),
            format!("sha1={digits}"),
            format!("SHA256={digits}"),
            format!("sha256={}", &digits[1..]),
            format!("sha256={digits}0"),
            format!(" {good}"),
            format!("{good} "),
            good.replace(&digits[..1], "g"),
        ] {
            assert_eq!(verify([SECRET], Some(header.as_bytes()), b"{}"), Err(Refused::Malformed), "{header}");
        }
        assert_eq!(verify([SECRET], None, b"{}"), Err(Refused::Malformed));
    }

    #[test]
    fn proofs_of_the_fixture_tokens() {
        assert_eq!(
            appsecret_proof(SECRET, "EAASYSFAKE"),
            "e4a5fc5432f50e2e99c000b1c369b11dc24b601761756bbb0570599ad73d77d4"
        );
        assert_eq!(
            appsecret_proof(SECRET, "EAABIZFAKE"),
            "0b35ec13d57d7d2667e9c08cb9dbe2225326547936bae7e268477f216c07d786"
        );
    }

    proptest! {
        #[test]
        fn what_is_signed_verifies_and_any_other_bytes_do_not(
            body in prop::collection::vec(any::<u8>(), 0..512),
            other in prop::collection::vec(any::<u8>(), 0..512),
            flip in any::<prop::sample::Index>(),
            bit in 0u8..8,
        ) {
            let header = sign(SECRET, &body);
            prop_assert_eq!(verify([SECRET], Some(header.as_bytes()), &body), Ok(0));
            if other != body {
                prop_assert_eq!(verify([SECRET], Some(header.as_bytes()), &other), Err(Refused::Mismatch));
            }
            let mut flipped = body.clone();
            if !flipped.is_empty() {
                let at = flip.index(flipped.len());
                flipped[at] ^= 1 << bit;
                prop_assert_eq!(verify([SECRET], Some(header.as_bytes()), &flipped), Err(Refused::Mismatch));
            }
        }

        #[test]
        fn no_header_makes_it_panic(header in prop::collection::vec(any::<u8>(), 0..100), body in ".{0,50}") {
            prop_assert!(verify([SECRET], Some(&header), body.as_bytes()).is_err());
        }
    }
}
