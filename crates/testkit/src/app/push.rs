//! A push service such as browsers have, and browsers that read what it brings (RFC 8030, 8188, 8291, 8292).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey as Verifier};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use server::outbound::{Outbound, SystemNames};
use tokio::net::TcpListener;

const AUTH: [u8; 16] = [8; 16];

/// A push service on this machine. It takes what is well formed and truly signed, and nothing else.
#[derive(Clone)]
pub struct PushService {
    address: String,
    slots: Arc<Mutex<BTreeMap<String, Slot>>>,
}

#[derive(Default)]
struct Slot {
    arrived: Vec<(HeaderMap, Bytes)>,
    /// What it answers instead of taking messages, and after how many seconds it may be asked again.
    refuses: Option<(u16, Option<u64>)>,
    asked: usize,
}

/// A browser that is subscribed there.
pub struct Browser {
    service: PushService,
    path: String,
    key: PrivateKey,
}

/// A message as a browser reads it.
#[derive(Clone, Debug)]
pub struct Push {
    /// Its text.
    pub json: Value,
    /// What its sender claims of itself; the signature has been verified.
    pub claims: Value,
    /// The public key that it was signed with, base64url.
    pub signed_by: String,
    /// Its headers.
    pub headers: HeaderMap,
}

impl PushService {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let service = Self { address, slots: Arc::default() };
        let router = Router::new().route("/push/{path}", post(take)).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        service
    }

    /// A way to other addresses that reaches this service too.
    pub fn outbound(&self) -> Outbound {
        Outbound::new(self.address.parse().expect("an address"), SystemNames).expect("a client")
    }

    /// A browser that has just subscribed.
    pub fn browser(&self) -> Browser {
        let mut slots = self.slots();
        let path = format!("browser-{}", slots.len());
        slots.insert(path.clone(), Slot::default());
        let key = PrivateKey::generate(&ECDH_P256).expect("a key");
        Browser { service: self.clone(), path, key }
    }

    fn slots(&self) -> MutexGuard<'_, BTreeMap<String, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(
    State(service): State<PushService>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut slots = service.slots();
    let Some(slot) = slots.get_mut(&path) else { return StatusCode::NOT_FOUND.into_response() };
    slot.asked += 1;
    if let Some((status, wait)) = slot.refuses {
        let wait = wait.map(|seconds| (RETRY_AFTER, HeaderValue::from(seconds)));
        let headers: HeaderMap = wait.into_iter().collect();
        return (StatusCode::from_u16(status).expect("a status"), headers).into_response();
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("ttl").is_none_or(|ttl| ttl.parse::<u32>().is_err())
        || text("content-encoding") != Some("aes128gcm")
        || body.len() > 4096
    {
        return StatusCode::BAD_REQUEST.into_response();
    }
    match claims(&headers) {
        Some((claims, _)) if claims["aud"] == json!(format!("http://{}", service.address)) => {}
        _ => return StatusCode::FORBIDDEN.into_response(),
    }
    slot.arrived.push((headers, body));
    StatusCode::CREATED.into_response()
}

/// The claims of a message and the key that signed them. `None`: it is not signed, or not by that key.
fn claims(headers: &HeaderMap) -> Option<(Value, String)> {
    let authorization = headers.get("authorization")?.to_str().ok()?.strip_prefix("vapid ")?;
    let (token, key) = authorization.split_once(", ")?;
    let (token, key) = (token.strip_prefix("t=")?, key.strip_prefix("k=")?);
    let (signed, signature) = token.rsplit_once('.')?;
    let (head, claims) = signed.split_once('.')?;
    let read = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    Verifier::new(&ECDSA_P256_SHA256_FIXED, read(key)?).verify(signed.as_bytes(), &read(signature)?).ok()?;
    let head: Value = serde_json::from_slice(&read(head)?).ok()?;
    let known = head["alg"] == "ES256" && head["typ"] == "JWT";
    Some((serde_json::from_slice(&read(claims)?).ok()?, key.to_owned())).filter(|_| known)
}

impl Browser {
    /// What it tells of its subscription, as the API takes it.
    pub fn subscription(&self) -> Value {
        let public = self.key.compute_public_key().expect("a key");
        json!({
            "endpoint": format!("http://{}/push/{}", self.service.address, self.path),
            "p256dh": URL_SAFE_NO_PAD.encode(public.as_ref()),
            "auth": URL_SAFE_NO_PAD.encode(AUTH),
        })
    }

    /// From now on the service refuses messages for it with this status.
    pub fn refuse(&self, status: u16, retry_after: Option<u64>) {
        self.in_slot(|slot| slot.refuses = Some((status, retry_after)));
    }

    /// From now on the service takes messages for it again.
    pub fn accept(&self) {
        self.in_slot(|slot| slot.refuses = None);
    }

    /// How often the service was asked to take a message for it.
    pub fn asked(&self) -> usize {
        self.in_slot(|slot| slot.asked)
    }

    /// Reads the messages that have arrived, oldest first.
    pub fn take(&self) -> Vec<Push> {
        let arrived = self.in_slot(|slot| std::mem::take(&mut slot.arrived));
        arrived.into_iter().map(|(headers, body)| self.read(headers, &body)).collect()
    }

    fn in_slot<T>(&self, work: impl FnOnce(&mut Slot) -> T) -> T {
        work(self.service.slots().get_mut(&self.path).expect("a subscription"))
    }

    fn read(&self, headers: HeaderMap, body: &[u8]) -> Push {
        let (claims, signed_by) = claims(&headers).expect("what was taken is signed");
        let json = serde_json::from_slice(&self.decrypt(body)).expect("JSON");
        Push { json, claims, signed_by, headers }
    }

    fn decrypt(&self, body: &[u8]) -> Vec<u8> {
        let (salt, rest) = body.split_at(16);
        let (size, rest) = rest.split_at(4);
        assert_eq!((size, rest[0]), (4096u32.to_be_bytes().as_slice(), 65), "one record, a key of P-256");
        let (sender, record) = rest[1..].split_at(65);
        let own = self.key.compute_public_key().expect("a key");
        let peer = UnparsedPublicKey::new(&ECDH_P256, sender);
        let shared = agreement::agree(&self.key, peer, "no key", |secret| {
            Ok(Salt::new(HKDF_SHA256, &AUTH).extract(secret))
        });
        let input = expand(&shared.expect("a key"), &[b"WebPush: info\0", own.as_ref(), sender], 32);
        let root = Salt::new(HKDF_SHA256, salt).extract(&input);
        let key = expand(&root, &[b"Content-Encoding: aes128gcm\0"], 16);
        let nonce = expand(&root, &[b"Content-Encoding: nonce\0"], 12);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).expect("a key"));
        let nonce = Nonce::try_assume_unique_for_key(&nonce).expect("a nonce");
        let mut record = record.to_vec();
        let text = key.open_in_place(nonce, Aad::empty(), &mut record).expect("it is for this browser");
        let end = text.iter().rposition(|byte| *byte != 0).expect("a mark");
        assert_eq!(text[end], 2, "the last record is marked");
        text[..end].to_vec()
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(key: &Prk, info: &[&[u8]], length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    key.expand(info, Length(length)).and_then(|okm| okm.fill(&mut out)).expect("short enough");
    out
}
