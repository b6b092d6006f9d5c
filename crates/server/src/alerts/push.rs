//! The messages themselves: encrypted for one browser (RFC 8291), signed with the installation's key (RFC 8292).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::encoding::{AsBigEndian as _, EcPrivateKeyBin};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use aws_lc_rs::{digest, signature};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rules::time::{Randomness, Timestamp, span};
use secrecy::{ExposeSecret as _, SecretBox};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use zeroize::Zeroizing;

/// An uncompressed point of P-256.
const POINT: usize = 65;
/// The secret that a browser shares with whoever may write to it.
const AUTH: usize = 16;
const SALT: usize = 16;
/// The whole message is one record of at most this size (RFC 8291, 4).
const RECORD: u32 = 4096;
/// How long a signature holds; the most that is allowed is a day (RFC 8292, 2).
const SIGNED_FOR: std::time::Duration = span::hours(12);

/// Where a browser is reached and how it is written to. Not `Debug`: whoever has this can write to the browser.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Browser {
    /// Its address at its push service.
    pub endpoint: Url,
    /// Its public key, base64url.
    pub p256dh: String,
    /// Its shared secret, base64url.
    pub auth: String,
}

/// What is wrong with the keys of a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WrongKeys {
    P256dh,
    Auth,
}

/// A message that could not be made.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the message could not be encrypted or signed")]
pub(super) struct NotMade;

impl From<Unspecified> for NotMade {
    fn from(Unspecified: Unspecified) -> Self {
        Self
    }
}

impl Browser {
    /// Makes sure that the keys are keys.
    pub(super) fn check(&self) -> Result<(), WrongKeys> {
        let point = unpadded(&self.p256dh).filter(|point| point.len() == POINT).ok_or(WrongKeys::P256dh)?;
        ParsedPublicKey::try_from(&UnparsedPublicKey::new(&ECDH_P256, point))
            .map_err(|_| WrongKeys::P256dh)?;
        unpadded(&self.auth).filter(|auth| auth.len() == AUTH).ok_or(WrongKeys::Auth)?;
        Ok(())
    }

    /// Encrypts a text that only this browser can read.
    pub(super) fn encrypt(&self, text: &[u8], chance: &dyn Randomness) -> Result<Vec<u8>, NotMade> {
        let (mut scalar, mut salt) = (Zeroizing::new([0; 32]), [0; SALT]);
        chance.fill(&mut *scalar);
        chance.fill(&mut salt);
        let theirs = unpadded(&self.p256dh).ok_or(NotMade)?;
        let auth = unpadded(&self.auth).ok_or(NotMade)?;
        encrypt(text, &theirs, &auth, &private_key(&scalar)?, salt)
    }
}

/// Browsers write base64url without padding; some libraries add it.
fn unpadded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(key: &Prk, info: &[&[u8]]) -> Result<Zeroizing<[u8; N]>, Unspecified> {
    let mut out = Zeroizing::new([0; N]);
    key.expand(info, Length(N))?.fill(&mut *out)?;
    Ok(out)
}

/// RFC 8291, 3.4, in the content encoding `aes128gcm` (RFC 8188).
fn encrypt(
    text: &[u8],
    theirs: &[u8],
    auth: &[u8],
    own: &PrivateKey,
    salt: [u8; SALT],
) -> Result<Vec<u8>, NotMade> {
    let public = own.compute_public_key()?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, theirs);
    let shared =
        agreement::agree(own, peer, NotMade, |secret| Ok(Salt::new(HKDF_SHA256, auth).extract(secret)))?;
    let input: Zeroizing<[u8; 32]> = expand(&shared, &[b"WebPush: info\0", theirs, public.as_ref()])?;
    let root = Salt::new(HKDF_SHA256, &salt).extract(&*input);
    let key: Zeroizing<[u8; 16]> = expand(&root, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: Zeroizing<[u8; 12]> = expand(&root, &[b"Content-Encoding: nonce\0"])?;

    // The mark of the last record ends the text.
    let mut record = [text, &[2]].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &*key)?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut record)?;
    if record.len() > RECORD as usize {
        return Err(NotMade);
    }
    let mut message = salt.to_vec();
    message.extend(RECORD.to_be_bytes());
    message.push(POINT as u8);
    message.extend(public.as_ref());
    message.append(&mut record);
    Ok(message)
}

/// The private key that belongs to a number. One number in four thousand million is none: its digest stands in then.
fn private_key(number: &[u8; 32]) -> Result<PrivateKey, Unspecified> {
    PrivateKey::from_private_key(&ECDH_P256, number)
        .or_else(|_| {
            PrivateKey::from_private_key(&ECDH_P256, digest::digest(&digest::SHA256, number).as_ref())
        })
        .map_err(|_| Unspecified)
}

/// The key that this installation signs its messages with, so that push services and browsers know it again.
pub struct InstallationKey {
    pair: EcdsaKeyPair,
    public: String,
}

impl std::fmt::Debug for InstallationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InstallationKey").field("public", &self.public).finish_non_exhaustive()
    }
}

impl InstallationKey {
    /// The key that belongs to a secret of the installation. `None`: the secret is one of very few that make no key.
    pub fn new(secret: &SecretBox<[u8; 32]>) -> Option<Self> {
        let key = private_key(secret.expose_secret()).ok()?;
        let public = key.compute_public_key().ok()?;
        let number: EcPrivateKeyBin<'_> = key.as_be_bytes().ok()?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            number.as_ref(),
            public.as_ref(),
        );
        Some(Self { pair: pair.ok()?, public: URL_SAFE_NO_PAD.encode(public.as_ref()) })
    }

    /// What browsers are given to subscribe with: the public key, base64url.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The `Authorization` of a message to a push service: good for half a day, naming us by `contact`.
    pub(super) fn authorization(
        &self,
        endpoint: &Url,
        contact: &str,
        now: Timestamp,
    ) -> Result<String, NotMade> {
        let claims = json!({
            "aud": endpoint.origin().ascii_serialization(),
            "exp": (now + SIGNED_FOR).seconds(),
            "sub": contact,
        });
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature: signature::Signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes())?;
        Ok(format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature.as_ref()), self.public))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEIRS: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const THEIR_AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn browser(p256dh: &str, auth: &str) -> Browser {
        let endpoint = Url::parse("https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV").unwrap();
        Browser { endpoint, p256dh: p256dh.into(), auth: auth.into() }
    }

    #[test]
    fn encrypts_the_example_of_the_standard() {
        // RFC 8291, 5.
        let own = unpadded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        let own = private_key(&own.try_into().unwrap()).unwrap();
        let salt = unpadded("DGv6ra1nlYgDCS1FRnbzlw").unwrap().try_into().unwrap();
        let (theirs, auth) = (unpadded(THEIRS).unwrap(), unpadded(THEIR_AUTH).unwrap());
        let text = b"When I grow up, I want to be a watermelon";
        assert_eq!(
            URL_SAFE_NO_PAD.encode(encrypt(text, &theirs, &auth, &own, salt).unwrap()),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml\
             mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
             pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn keys_that_are_none_are_told_apart() {
        assert_eq!(browser(THEIRS, THEIR_AUTH).check(), Ok(()));
        assert_eq!(browser(&format!("{THEIRS}="), THEIR_AUTH).check(), Ok(()));
        assert_eq!(browser(THEIRS, "c2hvcnQ").check(), Err(WrongKeys::Auth));
        // The right length, and no point of the curve.
        let nowhere = URL_SAFE_NO_PAD.encode([4; POINT]);
        for wrong in ["", "***", THEIR_AUTH, &nowhere] {
            assert_eq!(browser(wrong, THEIR_AUTH).check(), Err(WrongKeys::P256dh), "{wrong}");
        }
    }

    #[test]
    fn what_makes_no_key_gives_way_to_its_digest() {
        assert!(private_key(&[0; 32]).is_ok());
        assert!(private_key(&[0xff; 32]).is_ok());
        let key = InstallationKey::new(&SecretBox::new(Box::new([0xff; 32]))).unwrap();
        assert_eq!(unpadded(key.public()).unwrap().len(), POINT);
    }
}
