//! An OpenID Connect provider on this machine, which can misbehave.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rules::time::Clock;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

/// The name under which it knows the server under test.
pub const CLIENT_ID: &str = "sapa";
/// What the server under test proves itself with.
pub const CLIENT_SECRET: &str = "a secret of the provider's";

/// A way to misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misdeed {
    /// Another nonce than it was sent.
    OtherNonce,
    /// A token for somebody else.
    OtherAudience,
    /// A token of another issuer.
    OtherIssuer,
    /// A token that ended an hour ago.
    Expired,
    /// A token without a signature (`none`).
    Unsigned,
    /// A token "signed" with a secret that everybody knows: the public key.
    SignedWithPublicKey,
    /// A token signed with a key that is not the provider's, under the name of one that is.
    ForeignKey,
    /// No token at all.
    NoToken,
    /// The address is told at the user info endpoint only. That is no misdeed; many do it.
    ThinToken,
    /// It calls itself by another name in its discovery document.
    OtherName,
}

enum Key {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

/// What was asked for on the way there.
struct Asked {
    nonce: String,
    challenge: String,
    redirect: String,
}

struct Inner {
    issuer: String,
    clock: Arc<dyn Clock>,
    who: Value,
    misdeed: Option<Misdeed>,
    /// The last one signs.
    keys: Vec<Key>,
    codes: HashMap<String, Asked>,
    requests: BTreeMap<&'static str, usize>,
}

/// A running provider. Whoever goes there is signed in at once, as [`Idp::signs_in`] said.
#[derive(Clone)]
pub struct Idp {
    /// Its name for itself.
    pub issuer: String,
    inner: Arc<Mutex<Inner>>,
}

impl Idp {
    /// Starts a provider whose tokens are of this clock's time.
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let key = Key::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"));
        let inner = Arc::new(Mutex::new(Inner {
            issuer: issuer.clone(),
            clock,
            who: Value::Null,
            misdeed: None,
            keys: vec![key],
            codes: HashMap::new(),
            requests: BTreeMap::new(),
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/me", get(user_info))
            .with_state(Self { issuer: issuer.clone(), inner: inner.clone() });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, inner }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs everybody in with these claims from now on: `sub`, `email`, `email_verified`, `name`.
    pub fn signs_in(&self, claims: Value) {
        self.inner().who = claims;
    }

    /// Misbehaves from now on, or no longer.
    pub fn misbehaves(&self, misdeed: impl Into<Option<Misdeed>>) {
        self.inner().misdeed = misdeed.into();
    }

    /// Signs with another key, of another kind, from now on.
    pub fn rotates_keys(&self) {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        self.inner().keys = vec![Key::Ec(key)];
    }

    /// How often `discovery`, `keys`, `token` or `me` was asked.
    pub fn requests(&self, what: &str) -> usize {
        self.inner().requests.get(what).copied().unwrap_or(0)
    }
}

impl Inner {
    fn is(&self, misdeed: Misdeed) -> bool {
        self.misdeed == Some(misdeed)
    }

    fn id_token(&self, nonce: &str) -> String {
        let now = self.clock.now().seconds();
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "nonce": nonce, "iat": now - 1, "exp": now + 600,
        });
        for (name, value) in self.who.as_object().into_iter().flatten() {
            if name == "sub" || !self.is(Misdeed::ThinToken) {
                claims[name] = value.clone();
            }
        }
        match self.misdeed {
            Some(Misdeed::OtherNonce) => claims["nonce"] = "another".into(),
            Some(Misdeed::OtherAudience) => claims["aud"] = "somebody else".into(),
            Some(Misdeed::OtherIssuer) => claims["iss"] = "https://id.example".into(),
            Some(Misdeed::Expired) => claims["exp"] = (now - 3_600).into(),
            _ => {}
        }
        let key = self.keys.last().expect("a key");
        let algorithm = match self.misdeed {
            Some(Misdeed::Unsigned) => "none",
            Some(Misdeed::SignedWithPublicKey) => "HS256",
            _ => key.algorithm(),
        };
        let head = json!({ "alg": algorithm, "typ": "JWT", "kid": key.name() });
        let signed = format!("{}.{}", base64(head.to_string()), base64(claims.to_string()));
        let signature = match self.misdeed {
            Some(Misdeed::Unsigned) => Vec::new(),
            Some(Misdeed::SignedWithPublicKey) => {
                let shared = hmac::Key::new(hmac::HMAC_SHA256, key.public());
                hmac::sign(&shared, signed.as_bytes()).as_ref().to_vec()
            }
            Some(Misdeed::ForeignKey) => {
                Key::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")).sign(signed.as_bytes())
            }
            _ => key.sign(signed.as_bytes()),
        };
        format!("{signed}.{}", base64(signature))
    }
}

impl Key {
    fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
        }
    }

    fn public(&self) -> &[u8] {
        match self {
            Self::Rsa(key) => key.public_key().as_ref(),
            Self::Ec(key) => key.public_key().as_ref(),
        }
    }

    fn name(&self) -> String {
        base64(&digest(&SHA256, self.public()).as_ref()[..9])
    }

    fn jwk(&self) -> Value {
        let mut jwk = json!({ "use": "sig", "alg": self.algorithm(), "kid": self.name() });
        let public = self.public();
        let parts = match self {
            // A sequence of two numbers in DER: 256 bytes behind a leading zero, then 65537.
            Self::Rsa(_) => json!({ "kty": "RSA", "n": base64(&public[9..265]), "e": "AQAB" }),
            Self::Ec(_) => {
                json!({ "kty": "EC", "crv": "P-256", "x": base64(&public[1..33]), "y": base64(&public[33..]) })
            }
        };
        for (name, value) in parts.as_object().into_iter().flatten() {
            jwk[name] = value.clone();
        }
        jwk
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("a signature");
                signature
            }
            Self::Ec(key) => key.sign(&random, message).expect("a signature").as_ref().to_vec(),
        }
    }
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

async fn discovery(State(idp): State<Idp>) -> Json<Value> {
    let mut inner = idp.inner();
    *inner.requests.entry("discovery").or_default() += 1;
    let issuer = if inner.is(Misdeed::OtherName) { "https://id.example" } else { &idp.issuer };
    let at = &idp.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{at}/authorize"),
        "token_endpoint": format!("{at}/token"),
        "userinfo_endpoint": format!("{at}/me"),
        "jwks_uri": format!("{at}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    }))
}

async fn keys(State(idp): State<Idp>) -> Json<Value> {
    let mut inner = idp.inner();
    *inner.requests.entry("keys").or_default() += 1;
    Json(json!({ "keys": inner.keys.iter().map(Key::jwk).collect::<Vec<_>>() }))
}

type Fields = HashMap<String, String>;

async fn authorize(State(idp): State<Idp>, Query(query): Query<Fields>) -> Response {
    let field = |name: &str| query.get(name).cloned().unwrap_or_default();
    let as_it_should = field("response_type") == "code"
        && field("client_id") == CLIENT_ID
        && field("scope").split(' ').any(|scope| scope == "openid")
        && field("code_challenge_method") == "S256"
        && !field("nonce").is_empty();
    let Some(mut back) = Url::parse(&field("redirect_uri")).ok().filter(|_| as_it_should) else {
        return (StatusCode::BAD_REQUEST, format!("not as it should be: {query:?}")).into_response();
    };
    let mut inner = idp.inner();
    let code = format!("code-{}", inner.codes.len());
    let asked =
        Asked { nonce: field("nonce"), challenge: field("code_challenge"), redirect: field("redirect_uri") };
    inner.codes.insert(code.clone(), asked);
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &field("state"))
        .append_pair("iss", &idp.issuer);
    Redirect::to(back.as_str()).into_response()
}

async fn token(State(idp): State<Idp>, headers: HeaderMap, Form(form): Form<Fields>) -> Response {
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let secret: String = url::form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{secret}")));
    let mut inner = idp.inner();
    *inner.requests.entry("token").or_default() += 1;
    let asked = inner.codes.remove(&field("code"));
    let proved = asked.filter(|asked| {
        headers.get(header::AUTHORIZATION).is_some_and(|given| given == basic.as_str())
            && field("grant_type") == "authorization_code"
            && field("redirect_uri") == asked.redirect
            && base64(digest(&SHA256, field("code_verifier").as_bytes())) == asked.challenge
    });
    let Some(asked) = proved else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    let mut answer = json!({ "access_token": "access", "token_type": "Bearer", "expires_in": 600 });
    if !inner.is(Misdeed::NoToken) {
        answer["id_token"] = inner.id_token(&asked.nonce).into();
    }
    Json(answer).into_response()
}

async fn user_info(State(idp): State<Idp>, headers: HeaderMap) -> Response {
    let mut inner = idp.inner();
    *inner.requests.entry("me").or_default() += 1;
    if headers.get(header::AUTHORIZATION).is_none_or(|given| given != "Bearer access") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(inner.who.clone()).into_response()
}
