//! Passkeys (WebAuthn Level 3): registering them and signing in with them, without a word of who may.
//!
//! Invariant: pure but for the challenge, which the library draws from the system's randomness; no clock, I/O, SQL or
//! HTTP. Whoever calls keeps what [`Begun`] says to keep, on the server, and uses it once.
//!
//! Every passkey is *discoverable* (the authenticator knows whose it is, so nobody types an address) and every use of
//! one is *user verified* (by finger, face or PIN), so that one passkey is two factors.

use serde_json::Value;
use url::{Host, Url};
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// Where the flags stand in authenticator data, after the hash of the relying party's id (WebAuthn, 6.1).
const FLAGS: usize = 32;
/// The flag "backup state": the passkey is stored somewhere else too.
const BACKED_UP: u8 = 0x10;
/// Where the model of the authenticator stands (WebAuthn, 6.5.1).
const AAGUID: std::ops::Range<usize> = 37..53;

/// Why there are no passkeys at this address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("passkeys work only where the address is a name over https, or localhost")]
pub struct NoPasskeys;

/// Why an answer of a browser was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no answer to what was asked: malformed, for another challenge, page or key, or with a wrong signature.
    #[error("the answer does not prove the passkey: {0}")]
    Unproven(String),
    /// The authenticator did not verify the person by finger, face or PIN.
    #[error("the authenticator did not verify the person")]
    NotVerified,
    /// The authenticator does not keep the passkey itself, so it could not be found again without an address.
    #[error("the authenticator does not keep the passkey")]
    NotKept,
    /// This authenticator holds a passkey of this person already.
    #[error("the passkey is registered already")]
    Known,
    /// The signature counter did not rise: there may be a copy of the authenticator.
    #[error("the signature counter did not rise")]
    CounterWentBack,
}

impl From<WebauthnError> for Refused {
    fn from(error: WebauthnError) -> Self {
        match error {
            WebauthnError::UserNotVerified => Self::NotVerified,
            WebauthnError::CredentialAlreadyExists => Self::Known,
            WebauthnError::CredentialPossibleCompromise => Self::CounterWentBack,
            other => Self::Unproven(other.to_string()),
        }
    }
}

impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Self {
        Self::Unproven(error.to_string())
    }
}

/// Something begun that a browser is to answer.
#[derive(Clone, Debug)]
pub struct Begun {
    /// For the browser: `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`.
    pub options: Value,
    /// For the server, to be kept until the answer comes and used once. Text without meaning to anyone else.
    pub state: String,
}

/// Who registers a passkey.
#[derive(Clone, Copy, Debug)]
pub struct Registrant<'a> {
    /// What the passkey will name when it is used. Tells nothing about the person.
    pub id: Uuid,
    /// The name of the account, such as an e-mail address, as the authenticator shows it.
    pub account: &'a str,
    /// The name of the person, as the authenticator shows it.
    pub name: &'a str,
}

/// A passkey as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The authenticator's id of it; unique everywhere.
    pub credential_id: Vec<u8>,
    /// Public key, counter and flags. Text without meaning to anyone but this crate; nothing in it is secret.
    pub credential: String,
    /// The model of the authenticator, as it says itself; nil where it does not tell.
    pub aaguid: Uuid,
    /// Whether it is stored somewhere else too, so that losing the device does not lose it.
    pub backed_up: bool,
}

/// Who an answer says it is from. Not proved yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The [`Registrant::id`] that the passkey was registered for.
    pub person: Uuid,
    /// The [`Registered::credential_id`].
    pub credential_id: Vec<u8>,
}

/// What is to be stored after a passkey was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Replaces [`Registered::credential`]: the counter has risen.
    pub credential: String,
    /// Replaces [`Registered::backed_up`].
    pub backed_up: bool,
}

/// The relying party: an address whose pages may ask for passkeys.
#[derive(Clone, Debug)]
pub struct Passkeys(Webauthn);

impl Passkeys {
    /// The relying party of an installation whose pages are at `address`. The passkeys are bound to its host name: under
    /// another one they do not work.
    ///
    /// # Errors
    /// [`NoPasskeys`], where browsers would refuse: a bare IP address, or http anywhere but on localhost.
    pub fn new(address: &Url, name: &str) -> Result<Self, NoPasskeys> {
        let Some(Host::Domain(host)) = address.host() else { return Err(NoPasskeys) };
        let secure = address.scheme() == "https" || host == "localhost" || host.ends_with(".localhost");
        if !secure {
            return Err(NoPasskeys);
        }
        let built = WebauthnBuilder::new(host, address).and_then(|builder| builder.rp_name(name).build());
        built.map(Self).map_err(|_| NoPasskeys)
    }

    /// Begins to register a passkey. `present` are the ids of those that the person has: their authenticators refuse.
    pub fn start_registration(
        &self,
        registrant: Registrant<'_>,
        present: Vec<Vec<u8>>,
    ) -> Result<Begun, Refused> {
        let Registrant { id, account, name } = registrant;
        let (challenge, state) = self.0.start_passkey_registration(id, account, name, Some(present))?;
        let mut options = serde_json::to_value(challenge.public_key)?;
        // The library leaves it to the authenticator whether it keeps the passkey; without that, nobody could sign in
        // without an address.
        options["authenticatorSelection"]["residentKey"] = "required".into();
        options["authenticatorSelection"]["requireResidentKey"] = true.into();
        Ok(Begun { options, state: serde_json::to_string(&state)? })
    }

    /// Ends what [`start_registration`](Self::start_registration) began. `answer` is what `toJSON()` makes of the
    /// browser's `PublicKeyCredential`.
    pub fn finish_registration(&self, state: &str, answer: &Value) -> Result<Registered, Refused> {
        let state: PasskeyRegistration = serde_json::from_str(state)?;
        let answer: RegisterPublicKeyCredential = serde_json::from_value(answer.clone())?;
        let passkey = self.0.finish_passkey_registration(&answer, &state)?;
        // Only a clear "no" is one: not every browser tells.
        if answer.extensions.cred_props.as_ref().is_some_and(|told| told.rk == Some(false)) {
            return Err(Refused::NotKept);
        }
        let data = authenticator_data(&answer.response.attestation_object)?;
        let aaguid = data.get(AAGUID).and_then(|bytes| Uuid::from_slice(bytes).ok()).unwrap_or_default();
        Ok(Registered {
            credential_id: passkey.cred_id().to_vec(),
            credential: serde_json::to_string(&passkey)?,
            aaguid,
            backed_up: data.get(FLAGS).is_some_and(|flags| flags & BACKED_UP != 0),
        })
    }

    /// Begins to sign somebody in, whoever it will be.
    pub fn start_sign_in(&self) -> Result<Begun, Refused> {
        let (challenge, state) = self.0.start_discoverable_authentication()?;
        Ok(Begun {
            options: serde_json::to_value(challenge.public_key)?,
            state: serde_json::to_string(&state)?,
        })
    }

    /// Who an answer says it is from; nothing of it is proved. `None`: it does not read.
    pub fn claim(&self, answer: &Value) -> Option<Claim> {
        let answer: PublicKeyCredential = serde_json::from_value(answer.clone()).ok()?;
        let (person, credential_id) = self.0.identify_discoverable_authentication(&answer).ok()?;
        Some(Claim { person, credential_id: credential_id.to_vec() })
    }

    /// Ends what [`start_sign_in`](Self::start_sign_in) began: proves that `answer` is from the passkey stored as
    /// `credential`, and that the authenticator verified the person.
    pub fn finish_sign_in(&self, state: &str, answer: &Value, credential: &str) -> Result<Used, Refused> {
        let state: DiscoverableAuthentication = serde_json::from_str(state)?;
        let answer: PublicKeyCredential = serde_json::from_value(answer.clone())?;
        let mut passkey: Passkey = serde_json::from_str(credential)?;
        let proved = self.0.finish_discoverable_authentication_v2(&answer, state, &passkey)?;
        if !proved.user_verified() {
            return Err(Refused::NotVerified);
        }
        passkey.update_credential(&proved);
        Ok(Used { credential: serde_json::to_string(&passkey)?, backed_up: proved.backup_state() })
    }
}

/// The authenticator data within an attestation object (WebAuthn, 6.5.4).
fn authenticator_data(attestation: &[u8]) -> Result<Vec<u8>, Refused> {
    let unread = || Refused::Unproven("the attestation object does not read".to_owned());
    let object: serde_cbor_2::Value = serde_cbor_2::from_slice(attestation).map_err(|_| unread())?;
    let serde_cbor_2::Value::Map(mut object) = object else { return Err(unread()) };
    match object.remove(&serde_cbor_2::Value::Text("authData".to_owned())) {
        Some(serde_cbor_2::Value::Bytes(data)) => Ok(data),
        _ => Err(unread()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Result<Passkeys, NoPasskeys> {
        Passkeys::new(&address.parse().unwrap(), "Sapa")
    }

    #[test]
    fn passkeys_are_for_names_over_https_and_for_localhost() {
        for good in ["https://sapa.example", "http://localhost:8080", "http://sapa.localhost"] {
            assert!(at(good).is_ok(), "{good}");
        }
        for bad in ["http://sapa.example", "https://203.0.113.9", "http://127.0.0.1:8080", "https://[::1]"] {
            assert_eq!(at(bad).unwrap_err(), NoPasskeys, "{bad}");
        }
    }

    #[test]
    fn what_is_asked_of_the_browser_is_discoverable_and_verified() {
        let passkeys = at("https://sapa.example").unwrap();
        let registrant = Registrant { id: Uuid::from_u128(7), account: "rina@example.com", name: "Rina" };
        let begun = passkeys.start_registration(registrant, vec![vec![1, 2, 3]]).unwrap();
        let selection = &begun.options["authenticatorSelection"];
        assert_eq!(selection["residentKey"], "required");
        assert_eq!(selection["userVerification"], "required");
        assert_eq!(begun.options["rp"]["id"], "sapa.example");
        assert_eq!(begun.options["excludeCredentials"][0]["id"], "AQID");
        let begun = passkeys.start_sign_in().unwrap();
        assert_eq!(begun.options["userVerification"], "required");
        assert_eq!(begun.options["rpId"], "sapa.example");
        assert!(begun.options["allowCredentials"].as_array().is_none_or(Vec::is_empty));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let passkeys = at("https://sapa.example").unwrap();
        let state = passkeys.start_sign_in().unwrap().state;
        for answer in [Value::Null, serde_json::json!({ "id": "x" })] {
            assert_eq!(passkeys.claim(&answer), None);
            assert!(matches!(passkeys.finish_sign_in(&state, &answer, "{}"), Err(Refused::Unproven(_))));
        }
    }
}
