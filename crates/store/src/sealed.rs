//! Secrets at rest: AES-256-GCM under a data key per organisation, itself wrapped by a master key with an id.
//!
//! A sealed value is bound to its place: organisation, table and column are its associated data, so that a value
//! copied to another row of another organisation, or to another column, does not open.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use rules::id::OrgId;
use rules::time::{Randomness, Timestamp};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use uuid::Uuid;
use zeroize::Zeroize;

use crate::error::{Result, StoreError};
use crate::seam::Tx;

/// The operator's own secrets live under the nil organisation.
pub const OPERATOR: OrgId = OrgId(Uuid::nil());

/// Where a sealed value belongs: `table.column`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(pub &'static str);

/// A master key: 32 bytes with a name.
pub struct MasterKey {
    /// The name, which is stored beside what it wraps.
    pub id: String,
    /// The key.
    pub key: SecretBox<[u8; 32]>,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterKey").field("id", &self.id).finish_non_exhaustive()
    }
}

type DataKey = Arc<SecretBox<[u8; 32]>>;

/// Seals and opens. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Vault {
    masters: Arc<BTreeMap<String, MasterKey>>,
    current: Arc<str>,
    randomness: Arc<dyn Randomness>,
    /// Data keys that opened something before. Never sealed with: what is here may be of a transaction that was undone.
    opened: Arc<Mutex<HashMap<(OrgId, i64), DataKey>>>,
}

/// How many data keys are remembered.
const REMEMBERED: usize = 20_000;

const NONCE: usize = 12;
const FORMAT: u8 = 1;
const HEADER: usize = 1 + 8;

impl Vault {
    /// A vault that wraps with the first master key and opens with any of them.
    pub fn new(masters: Vec<MasterKey>, randomness: Arc<dyn Randomness>) -> Option<Self> {
        let current = masters.first()?.id.clone().into();
        let masters = Arc::new(masters.into_iter().map(|key| (key.id.clone(), key)).collect());
        Some(Self { masters, current, randomness, opened: Arc::default() })
    }

    /// The name of the master key in use.
    pub fn current_master(&self) -> &str {
        &self.current
    }

    /// Seals a secret for its place.
    pub async fn seal(
        &self,
        tx: &mut Tx,
        org: OrgId,
        place: Place,
        secret: &SecretString,
        now: Timestamp,
    ) -> Result<Vec<u8>> {
        let (version, key) = self.newest_key(tx, org, now).await?;
        let mut sealed = vec![FORMAT];
        sealed.extend_from_slice(&version.to_be_bytes());
        sealed.extend(lock(key.expose_secret(), &aad(org, place.0), secret.expose_secret().as_bytes())?);
        Ok(sealed)
    }

    /// Opens what [`seal`](Self::seal) made for the same place.
    pub async fn open(&self, tx: &mut Tx, org: OrgId, place: Place, sealed: &[u8]) -> Result<SecretString> {
        let (header, body) = sealed.split_at_checked(HEADER).ok_or(StoreError::Sealed("too short"))?;
        let version = match header.split_first() {
            Some((&FORMAT, version)) => {
                i64::from_be_bytes(version.try_into().map_err(|_| StoreError::Sealed("malformed"))?)
            }
            _ => return Err(StoreError::Sealed("unknown format")),
        };
        let remembered = self.remembered(org, version);
        let plain = remembered.and_then(|key| unlock(key.expose_secret(), &aad(org, place.0), body).ok());
        let mut plain = match plain {
            Some(plain) => plain,
            None => {
                let key = self.key(tx, org, version).await?;
                let plain = unlock(key.expose_secret(), &aad(org, place.0), body)?;
                self.remember(org, version, key);
                plain
            }
        };
        let text = String::from_utf8(plain.clone()).map_err(|_| StoreError::Sealed("not text"));
        plain.zeroize();
        Ok(SecretString::from(text?))
    }

    fn remembered(&self, org: OrgId, version: i64) -> Option<DataKey> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(&(org, version)).cloned()
    }

    fn remember(&self, org: OrgId, version: i64, key: DataKey) {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.len() >= REMEMBERED {
            opened.clear();
        }
        opened.insert((org, version), key);
    }

    /// Wraps every data key anew under the current master key. Returns how many changed. Sealed values stay as they
    /// are, so this is quick however much is stored.
    pub async fn rewrap_all(&self, tx: &mut Tx) -> Result<u64> {
        let rows: Vec<(OrgId, i64, String, Vec<u8>)> = on!(tx, c => sqlx::query_as("SELECT org_id, version, master_key_id, wrapped FROM data_keys").fetch_all(c).await)?;
        let mut changed = 0;
        for (org, version, master, wrapped) in rows {
            if *master == *self.current {
                continue;
            }
            let key = self.unwrap_key(org, version, &master, &wrapped)?;
            let wrapped = self.wrap_key(org, version, &key)?;
            on!(tx, c => sqlx::query("UPDATE data_keys SET master_key_id = $3, wrapped = $4 WHERE org_id = $1 AND version = $2")
                .bind(org).bind(version).bind(&*self.current).bind(wrapped).execute(c).await.map(|_| ()))?;
            changed += 1;
        }
        Ok(changed)
    }

    /// Whether anything is sealed in this database, and which master keys it needs.
    pub async fn masters_in_use(tx: &mut Tx) -> Result<Vec<String>> {
        Ok(
            on!(tx, c => sqlx::query_scalar("SELECT DISTINCT master_key_id FROM data_keys ORDER BY 1").fetch_all(c).await)?,
        )
    }

    /// A secret of 32 random bytes that this installation made for itself under this name, made at its first use.
    pub async fn operator_secret(
        &self,
        tx: &mut Tx,
        name: &str,
        now: Timestamp,
    ) -> Result<SecretBox<[u8; 32]>> {
        const PLACE: Place = Place("operator_secrets.sealed");
        let mut bytes = [0; 32];
        self.randomness.fill(&mut bytes);
        let fresh = SecretString::from(hex::encode(bytes));
        bytes.zeroize();
        let sealed = self.seal(tx, OPERATOR, PLACE, &fresh, now).await?;
        on!(tx, c => sqlx::query("INSERT INTO operator_secrets (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(name).bind(sealed).execute(c).await.map(|_| ()))?;
        let stored: Vec<u8> = on!(tx, c => sqlx::query_scalar("SELECT sealed FROM operator_secrets WHERE name = $1")
            .bind(name).fetch_one(c).await)?;
        let text = self.open(tx, OPERATOR, PLACE, &stored).await?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.expose_secret(), &mut bytes)
            .map_err(|_| StoreError::Sealed("malformed"))?;
        Ok(SecretBox::new(Box::new(bytes)))
    }

    async fn newest_key(&self, tx: &mut Tx, org: OrgId, now: Timestamp) -> Result<(i64, DataKey)> {
        let newest: Option<i64> = on!(tx, c => sqlx::query_scalar("SELECT max(version) FROM data_keys WHERE org_id = $1")
            .bind(org).fetch_one(c).await)?;
        if let Some(version) = newest {
            return Ok((version, self.key(tx, org, version).await?));
        }
        let mut bytes = [0; 32];
        self.randomness.fill(&mut bytes);
        let key: DataKey = Arc::new(SecretBox::new(Box::new(bytes)));
        bytes.zeroize();
        let wrapped = self.wrap_key(org, 1, &key)?;
        let inserted = on!(tx, c => sqlx::query(
            "INSERT INTO data_keys (org_id, version, master_key_id, wrapped, created_at) VALUES ($1, 1, $2, $3, $4) \
             ON CONFLICT (org_id, version) DO NOTHING",
        )
        .bind(org).bind(&*self.current).bind(wrapped).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
        if inserted == 1 { Ok((1, key)) } else { Ok((1, self.key(tx, org, 1).await?)) }
    }

    async fn key(&self, tx: &mut Tx, org: OrgId, version: i64) -> Result<DataKey> {
        let row: Option<(String, Vec<u8>)> = on!(tx, c => sqlx::query_as(
            "SELECT master_key_id, wrapped FROM data_keys WHERE org_id = $1 AND version = $2",
        )
        .bind(org).bind(version).fetch_optional(c).await)?;
        let (master, wrapped) = row.ok_or(StoreError::Sealed("its data key is gone"))?;
        self.unwrap_key(org, version, &master, &wrapped)
    }

    fn wrap_key(&self, org: OrgId, version: i64, key: &DataKey) -> Result<Vec<u8>> {
        let master = self.masters.get(&*self.current).ok_or(StoreError::Sealed("no master key"))?;
        lock(master.key.expose_secret(), &key_aad(org, version, &self.current), key.expose_secret())
    }

    fn unwrap_key(&self, org: OrgId, version: i64, master: &str, wrapped: &[u8]) -> Result<DataKey> {
        let key = self
            .masters
            .get(master)
            .ok_or(StoreError::Sealed("the master key that wrapped it is not configured"))?;
        let mut plain = unlock(key.key.expose_secret(), &key_aad(org, version, master), wrapped)?;
        let bytes: Result<[u8; 32], _> = plain.as_slice().try_into();
        plain.zeroize();
        let bytes = bytes.map_err(|_| StoreError::Sealed("malformed data key"))?;
        Ok(Arc::new(SecretBox::new(Box::new(bytes))))
    }
}

fn aad(org: OrgId, place: &str) -> Vec<u8> {
    [org.0.as_bytes().as_slice(), place.as_bytes()].concat()
}

fn key_aad(org: OrgId, version: i64, master: &str) -> Vec<u8> {
    [org.0.as_bytes().as_slice(), &version.to_be_bytes(), master.as_bytes()].concat()
}

/// Nonce, ciphertext and tag.
fn lock(key: &[u8; 32], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| StoreError::Sealed("bad key"))?;
    let mut body = plain.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::from(aad), &mut body)
        .map_err(|_| StoreError::Sealed("sealing failed"))?;
    let mut sealed = nonce.as_ref().to_vec();
    sealed.append(&mut body);
    Ok(sealed)
}

fn unlock(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| StoreError::Sealed("bad key"))?;
    let (nonce, body) = sealed.split_at_checked(NONCE).ok_or(StoreError::Sealed("too short"))?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| StoreError::Sealed("malformed"))?;
    let mut body = body.to_vec();
    let length = key
        .open_in_place(nonce, Aad::from(aad), &mut body)
        .map_err(|_| StoreError::Sealed("wrong key, wrong place or damaged"))?
        .len();
    body.truncate(length);
    Ok(body)
}
