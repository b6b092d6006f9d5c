//! Signing in through OpenID Connect providers (OpenID Connect Core 1.0, code flow with PKCE), without a word of who may.
//!
//! Invariant: no socket, clock, randomness or store of its own. Requests go through the [`Fetch`] that is passed in, and
//! whoever calls makes the [`Flow`], binds it to a browser and uses it once. An [`Identity`] is only ever what a provider
//! has signed with a key pair of its own, for this client and this flow.

use std::pin::Pin;

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims,
    CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, AsyncHttpClient, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId,
    ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, TokenResponse as _,
};
use url::Url;

/// A request of this crate, to be sent as it is. Redirects are not to be followed.
pub type Request = http::Request<Vec<u8>>;
/// What came back.
pub type Response = http::Response<Vec<u8>>;

/// A clock may be this many seconds ahead of ours.
const CLOCKS_DIFFER: i64 = 300;
/// What a provider may sign with: key pairs of its own. Never `none`, and never a secret that both sides know.
const SIGNED_BY: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

const UNKNOWN_KEY: ClaimsVerificationError =
    ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey);

/// Something that is being waited for.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends requests for this crate.
pub trait Fetch: Send + Sync {
    /// Sends one request and reads the whole answer.
    fn fetch(&self, request: Request) -> Pending<'_, Result<Response, NotFetched>>;
}

/// [`Fetch`] as the library wants it.
struct Sender<'f>(&'f dyn Fetch);

impl<'c> AsyncHttpClient<'c> for Sender<'_> {
    type Error = NotFetched;
    type Future = Pending<'c, Result<Response, NotFetched>>;

    fn call(&'c self, request: Request) -> Self::Future {
        self.0.fetch(request)
    }
}

/// Why there was no answer. The sentence may be shown to whoever configured the provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotFetched(pub String);

/// Why nobody was identified. The sentences name no secret, code or token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// The provider does not answer, or not as OpenID Connect asks.
    #[error("the provider does not answer as it should: {0}")]
    Provider(String),
    /// The provider refuses the code or this client.
    #[error("the provider refuses: {0}")]
    Refused(String),
    /// What the provider sent proves nothing.
    #[error("the proof does not hold: {0}")]
    Unproven(String),
}

/// This installation, as a provider knows it.
#[derive(Clone, Copy)]
pub struct Client<'a> {
    /// The name that the provider gave it.
    pub id: &'a str,
    /// What it proves itself with.
    pub secret: &'a str,
    /// Where the provider sends the browser back to.
    pub redirect: &'a Url,
}

/// What binds the way there to the way back. Each part is fresh and cannot be guessed.
#[derive(Clone, Copy)]
pub struct Flow<'a> {
    /// Comes back with the browser.
    pub state: &'a str,
    /// Comes back in what the provider signs.
    pub nonce: &'a str,
    /// Proves to the provider that it is we who began (PKCE): 43 to 128 letters, digits, `-`, `.`, `_`, `~`.
    pub verifier: &'a str,
}

/// Who a provider says that somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Their id at the provider; never given to another.
    pub subject: String,
    /// Their e-mail address, as the provider writes it.
    pub email: Option<String>,
    /// Whether the provider has made sure that the address is theirs.
    pub email_verified: bool,
    /// As they wish to be called.
    pub name: Option<String>,
}

/// Who came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Who a provider says that it is.
    pub identity: Identity,
    /// Whether the provider signs with a key that was not known before, so that it is worth keeping what is known now.
    pub keys_changed: bool,
}

/// What is known of a provider: its addresses and keys.
#[derive(Clone, Debug)]
pub struct Provider(CoreProviderMetadata);

/// The library's client, as far as discovery configures it.
type Configured = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Provider {
    /// Finds a provider's addresses and keys (OpenID Connect Discovery 1.0).
    ///
    /// # Errors
    /// [`Failed::Provider`], also if the provider names another issuer than it was asked for.
    pub async fn discover(issuer: &str, fetch: &dyn Fetch) -> Result<Self, Failed> {
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|error| provider(&error))?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &Sender(fetch))
            .await
            .map_err(|error| provider(&error))?;
        if metadata.token_endpoint().is_none() {
            return Err(Failed::Provider("it names no token endpoint".to_owned()));
        }
        Ok(Self(metadata))
    }

    /// Where a browser is sent to sign in.
    pub fn start(&self, client: Client<'_>, flow: Flow<'_>) -> Url {
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(flow.verifier.to_owned()));
        let (state, nonce) = (flow.state.to_owned(), flow.nonce.to_owned());
        let (url, _, _) = self
            .client(client)
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scopes(["email", "profile"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        url
    }

    /// Who it is that came back with `code`, at `now` (seconds since 1970). Where the provider signs with a key that was
    /// not known yet, its keys are fetched anew and kept in `self`.
    pub async fn finish(
        &mut self,
        client: Client<'_>,
        flow: Flow<'_>,
        code: &str,
        now: i64,
        fetch: &dyn Fetch,
    ) -> Result<Finished, Failed> {
        let configured = self.client(client);
        let tokens = configured
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| provider(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.to_owned()))
            .request_async(&Sender(fetch))
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(refusal) => Failed::Refused(refusal.error().to_string()),
                other => provider(&other),
            })?;
        let token = tokens.id_token().ok_or_else(|| Failed::Unproven("there is no ID token".to_owned()))?;
        let mut verified = self.verify(client, flow, token, now);
        let keys_changed = matches!(verified, Err(UNKNOWN_KEY));
        if keys_changed {
            self.refetch_keys(fetch).await?;
            verified = self.verify(client, flow, token, now);
        }
        let claims = verified.map_err(|error| Failed::Unproven(chain(&error)))?;
        if claims.authorized_party().is_some_and(|party| party.as_str() != client.id) {
            return Err(Failed::Unproven("it was made for another client".to_owned()));
        }
        let mut identity = identity(&claims);
        // Many providers put no address into what they sign when there is another place to ask for it (Core, 5.4).
        if identity.email.is_none()
            && let Some(more) = user_info(&configured, &claims, tokens.access_token(), fetch).await?
        {
            identity.email = more.email().map(|email| email.to_string());
            identity.email_verified = more.email_verified().unwrap_or(false);
            identity.name = identity
                .name
                .or_else(|| more.name().and_then(|name| name.get(None)).map(|name| name.to_string()));
        }
        Ok(Finished { identity, keys_changed })
    }

    fn client(&self, client: Client<'_>) -> Configured {
        let secret = Some(ClientSecret::new(client.secret.to_owned()));
        let configured =
            CoreClient::from_provider_metadata(self.0.clone(), ClientId::new(client.id.to_owned()), secret)
                .set_redirect_uri(RedirectUrl::from_url(client.redirect.clone()));
        let methods = self.0.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_none_or(|methods| methods.contains(&method));
        // Basic is what every provider takes that does not say otherwise (Core, 9).
        if !takes(CoreClientAuthMethod::ClientSecretBasic) && takes(CoreClientAuthMethod::ClientSecretPost) {
            configured.set_auth_type(AuthType::RequestBody)
        } else {
            configured
        }
    }

    fn verify(
        &self,
        client: Client<'_>,
        flow: Flow<'_>,
        token: &CoreIdToken,
        now: i64,
    ) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        let moment = |seconds| DateTime::<Utc>::from_timestamp(seconds, 0).unwrap_or_default();
        let latest = moment(now + CLOCKS_DIFFER);
        // As for a client without a secret: one that both sides know is no proof of who signed.
        let verifier = CoreIdTokenVerifier::new_public_client(
            ClientId::new(client.id.to_owned()),
            self.0.issuer().clone(),
            self.0.jwks().clone(),
        )
        .set_allowed_algs(SIGNED_BY)
        .set_time_fn(move || moment(now))
        .set_issue_time_verifier_fn(move |issued| {
            if issued > latest { Err("it was issued in the future".to_owned()) } else { Ok(()) }
        });
        token.claims(&verifier, &Nonce::new(flow.nonce.to_owned())).cloned()
    }

    async fn refetch_keys(&mut self, fetch: &dyn Fetch) -> Result<(), Failed> {
        let keys = CoreJsonWebKeySet::fetch_async(self.0.jwks_uri(), &Sender(fetch))
            .await
            .map_err(|error| provider(&error))?;
        self.0 = self.0.clone().set_jwks(keys);
        Ok(())
    }
}

async fn user_info(
    client: &Configured,
    claims: &CoreIdTokenClaims,
    access: &AccessToken,
    fetch: &dyn Fetch,
) -> Result<Option<CoreUserInfoClaims>, Failed> {
    let Ok(request) = client.user_info(access.clone(), Some(claims.subject().clone())) else {
        return Ok(None);
    };
    let told = request.request_async(&Sender(fetch)).await;
    told.map(Some).map_err(|error| provider(&error))
}

fn identity(claims: &CoreIdTokenClaims) -> Identity {
    Identity {
        subject: claims.subject().to_string(),
        email: claims.email().map(|email| email.to_string()),
        email_verified: claims.email_verified().unwrap_or(false),
        name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
    }
}

fn provider(error: &(dyn std::error::Error + 'static)) -> Failed {
    Failed::Provider(chain(error))
}

/// An error with its causes, in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    impl Fetch for Nobody {
        fn fetch(&self, _: Request) -> Pending<'_, Result<Response, NotFetched>> {
            Box::pin(async { Err(NotFetched("nobody is there".to_owned())) })
        }
    }

    #[tokio::test]
    async fn a_provider_that_does_not_answer_is_told_wherever_it_is_waited_for() {
        for (issuer, why) in [("https://id.example", "nobody is there"), ("id.example", "relative URL")] {
            let waiting = tokio::spawn(async move { Provider::discover(issuer, &Nobody).await });
            let failed = waiting.await.unwrap().unwrap_err();
            assert!(failed.to_string().contains(why), "{failed}");
        }
    }
}
