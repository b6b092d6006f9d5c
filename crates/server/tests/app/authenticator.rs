//! A browser with a software authenticator, by other people than those whose library the server uses.

use async_trait::async_trait;
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData, WebauthnError};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use serde_json::{Value, json};
use url::Url;

/// The model that it says to be.
pub const AAGUID: &str = "5ca1ab1e-0000-4000-8000-000000000001";

/// Somebody who agrees to everything and, where it is asked for, shows their finger.
struct Agreeable;

#[async_trait]
impl UserValidationMethod for Agreeable {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        hint: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        match hint {
            UiHint::InformExcludedCredentialFound(_) => Err(Ctap2Error::CredentialExcluded),
            _ => Ok(UserCheck { presence, verification }),
        }
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

/// A browser at a page, and an authenticator that holds one passkey.
pub struct Browser {
    origin: Url,
    client: Client<Option<Passkey>, Agreeable, RustCryptoBackend, public_suffix::PublicSuffixList, ()>,
}

impl Browser {
    /// A browser that shows a page of this address, with an authenticator that holds nothing yet.
    pub fn at(origin: &str) -> Self {
        Self::with(origin, None)
    }

    /// The same with an authenticator that holds a passkey.
    pub fn with(origin: &str, held: Option<Passkey>) -> Self {
        let model = uuid::Uuid::parse_str(AAGUID).unwrap().into_bytes();
        let mut authenticator = Authenticator::new(Aaguid::from(model), held, Agreeable, RustCryptoBackend);
        authenticator.set_make_credentials_with_signature_counter(true);
        let client = Client::new(authenticator).allows_insecure_localhost(true);
        Self { origin: origin.parse().unwrap(), client }
    }

    /// The passkey that the authenticator holds, private key and counter included.
    pub fn copy(&self) -> Passkey {
        self.client.authenticator().store().clone().expect("a passkey")
    }

    /// `navigator.credentials.create`, and `toJSON()` of what it makes.
    pub async fn create(&mut self, options: &Value) -> Result<Value, WebauthnError> {
        let request = serde_json::from_value(json!({ "publicKey": options })).expect("options that read");
        let made = self.client.register(&self.origin, request, DefaultClientData).await?;
        Ok(serde_json::to_value(made).unwrap())
    }

    /// `navigator.credentials.get`, and `toJSON()` of what it makes.
    pub async fn get(&mut self, options: &Value) -> Result<Value, WebauthnError> {
        let request = serde_json::from_value(json!({ "publicKey": options })).expect("options that read");
        let proof = self.client.authenticate(&self.origin, request, DefaultClientData).await?;
        Ok(serde_json::to_value(proof).unwrap())
    }
}
