//! Signatures of webhook bodies: HMAC over the exact bytes, keyed with the app secret.

use aws_lc_rs::hmac;

/// `X-Hub-Signature-256`: `sha256=` and 64 lower-case hexadecimal digits.
pub fn sha256(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body)))
}

/// The legacy `X-Hub-Signature`: `sha1=` and 40 digits.
pub fn sha1(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    format!("sha1={}", hex::encode(hmac::sign(&key, body)))
}

/// `appsecret_proof` of a token (meta-onboarding 6.2).
pub fn appsecret_proof(secret: &str, token: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of meta-messaging 10 and meta-onboarding 12.0.
    #[test]
    fn vectors() {
        let empty = br#"{"object":"whatsapp_business_account","entry":[]}"#;
        assert_eq!(
            sha256("test_app_secret", empty),
            "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756"
        );
        let spaced = br#"{"object": "whatsapp_business_account", "entry": []}"#;
        assert_eq!(
            sha256("test_app_secret", spaced),
            "sha256=56cbbaf4961c6cfdae48b7f116c047e5eb513d2c931baae63a2bc1afd26f803a"
        );
        let secret = "0123456789abcdef0123456789abcdef";
        let v1 = br#"{"object":"whatsapp_business_account","entry":[{"id":"900000000000001","time":1795136000,"changes":[{"field":"account_update","value":{"event":"PARTNER_ADDED","waba_info":{"waba_id":"700000000000003","owner_business_id":"800000000000002"}}}]}]}"#;
        assert_eq!(
            sha256(secret, v1),
            "sha256=463d49a28964792828d6315db5b73d29e304077d9a3627558093ed4855b034ea"
        );
        assert_eq!(sha1(secret, v1), "sha1=ff6b6d4d3a53f31c4bb940930c1bec415841d60a");
        assert_eq!(
            sha256(secret, b""),
            "sha256=796cd3078af14636753d26b3b5555422ff55a3e261cf847b48e95371b9bd0aa2"
        );
        assert_eq!(
            appsecret_proof(secret, "EAASYSFAKE"),
            "e4a5fc5432f50e2e99c000b1c369b11dc24b601761756bbb0570599ad73d77d4"
        );
        assert_eq!(
            appsecret_proof(secret, "EAABIZFAKE"),
            "0b35ec13d57d7d2667e9c08cb9dbe2225326547936bae7e268477f216c07d786"
        );
    }

    /// V2 of meta-onboarding 12.0: the escaped bytes verify, the plain ones do not.
    #[test]
    fn the_escaped_form_is_what_is_signed() {
        let secret = "0123456789abcdef0123456789abcdef";
        let plain = r#"{"object":"whatsapp_business_account","entry":[{"id":"700000000000003","time":1795136001,"changes":[{"field":"phone_number_name_update","value":{"display_phone_number":"49301234567","decision":"APPROVED","requested_verified_name":"Müller / Söhne","rejection_reason":null}}]}]}"#;
        let escaped = super::super::payload::escape(plain);
        // The vector writes `\/` between blanks, as `/` inside JSON text.
        assert_eq!(escaped.len(), 287);
        assert_eq!(
            sha256(secret, escaped.as_bytes()),
            "sha256=4acb4c38421261a5aeba57c4a57207b4f517d267f52f11a84b89a5a7aa0b51a4"
        );
        assert_eq!(
            sha256(secret, plain.as_bytes()),
            "sha256=c6eed034a4978d647c0857c1253dee720c6802d69026cc772040f8f49b4e9f61"
        );
    }
}
