//! Organisations with connected numbers, written straight into a store: what a signup would leave.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use rules::id::{AccountId, AppId, KeyId, NumberId, OrgId};
use rules::time::Timestamp;
use secrecy::{SecretBox, SecretString};
use store::accounts::{BindAccount, TOKEN};
use store::apps::{App, SECRET, VERIFY_TOKEN};
use store::keys::NewKey;
use store::numbers::NumberReading;
use store::orgs::NewOrg;
use store::sealed::{MasterKey, OPERATOR, Vault};
use store::{OrgScope, Store};
use testkit::Seeded;
use testkit::number::{account, connected};

/// The secret that webhooks are signed with.
pub const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
/// Meta's id of the app.
pub const META_APP: &str = "111222333444555";
/// The master key, as the gateway is told it.
pub const MASTER_KEY: &str = "bench:0707070707070707070707070707070707070707070707070707070707070707";
/// The token of every messaging account.
pub const ACCOUNT_TOKEN: &str = "EAABENCH";
/// What the key of each organisation may do.
const SCOPES: &str = "inbox.read inbox.write knowledge.read knowledge.write records.read notifications.write";

/// How many organisations there are, how many numbers each has, and whether the AI answers.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Size {
    /// Organisations.
    pub orgs: usize,
    /// Numbers of each.
    pub numbers: usize,
    /// Whether the AI answers what comes in.
    pub ai: bool,
}

impl Size {
    /// Numbers of all.
    pub fn lines(self) -> usize {
        self.orgs * self.numbers
    }

    /// Their settings.
    fn settings(self) -> &'static str {
        if self.ai { r#"{"ai":{"wait_seconds":0}}"# } else { r#"{"ai":{"enabled":false}}"# }
    }
}

/// A connected number as Meta knows it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The id of its messaging account.
    pub waba: String,
    /// Its id.
    pub phone_number_id: String,
}

/// The `n`th number of all.
pub fn line(size: Size, n: usize) -> Line {
    Line {
        waba: format!("{}", 700_000_000_000_000 + n / size.numbers),
        phone_number_id: format!("{}", FIRST_NUMBER + n),
    }
}

/// Meta's id of the first number of all.
pub const FIRST_NUMBER: usize = 600_000_000_000_000;

/// The digits of the `n`th number of all.
pub fn digits(n: usize) -> String {
    format!("6221{n:08}")
}

/// An organisation that was settled.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its id.
    pub org: OrgId,
    /// Its key to the API.
    pub key: String,
    /// Its numbers.
    pub numbers: Vec<NumberId>,
}

/// Fills an empty store.
pub async fn settle(store: &Store, size: Size, now: Timestamp) -> Result<Vec<Tenant>> {
    let chance = Seeded::default();
    let key = SecretBox::new(Box::new([7; 32]));
    let master = MasterKey { id: "bench".to_owned(), key };
    let vault = Vault::new(vec![master], Arc::new(Seeded::default())).context("a key")?;
    let app = install(store, &vault, now, &chance).await?;
    let mut tenants = Vec::with_capacity(size.orgs);
    for n in 0..size.orgs {
        // A transaction each: on PostgreSQL one names every organisation that it has entered.
        let mut tx = store.begin().await?;
        let id = OrgId::fresh(now, &chance);
        let new = NewOrg {
            id,
            name: format!("Toko {n}"),
            slug: format!("toko-{n}"),
            locale: "id".into(),
            country: "ID".into(),
            timezone: "Asia/Jakarta".into(),
            settings: size.settings().into(),
        };
        tx.insert_org(&new, now).await?;
        let token = vault.seal(&mut tx, id, TOKEN, &SecretString::from(ACCOUNT_TOKEN), now).await?;
        let mut scope = tx.org(id).await?;
        let first = n * size.numbers;
        let account = scope
            .bind_account(
                &BindAccount {
                    name: "Toko",
                    owner_business_id: Some(&format!("{}", 800_000_000_000_000 + n)),
                    funding_id: Some("510000000000001"),
                    token,
                    ..account(AccountId::fresh(now, &chance), app, &line(size, first).waba)
                },
                now,
            )
            .await?;
        let readings: Vec<NumberReading> = (first..first + size.numbers)
            .map(|n| {
                let id = NumberId::fresh(now, &chance);
                let reading = connected(id, &line(size, n).phone_number_id, &digits(n));
                // Meta: 1,000 messages a second.
                NumberReading { throughput: Some("HIGH".into()), ..reading }
            })
            .collect();
        scope.record_numbers(account, &readings, now).await?;
        let key = admit(&mut scope, n, now, &chance).await?;
        tx.commit().await?;
        tenants.push(Tenant { org: id, key, numbers: readings.into_iter().map(|one| one.id).collect() });
    }
    Ok(tenants)
}

/// The app that every organisation is connected through.
async fn install(store: &Store, vault: &Vault, now: Timestamp, chance: &Seeded) -> Result<AppId> {
    let mut tx = store.begin().await?;
    let id = AppId::fresh(now, chance);
    let secret = vault.seal(&mut tx, OPERATOR, SECRET, &SecretString::from(APP_SECRET), now).await?;
    let verify_token = vault.seal(&mut tx, OPERATOR, VERIFY_TOKEN, &SecretString::from("bench"), now).await?;
    tx.insert_app(&App {
        id,
        org_id: None,
        slug: "main".into(),
        meta_app_id: META_APP.into(),
        name: "Bench".into(),
        config_id: None,
        secret,
        previous_secret: None,
        previous_secret_until: None,
        verify_token,
        system_token: None,
        settings: Default::default(),
        created_at: now,
        retired_at: None,
    })
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// Gives the `n`th organisation a key to the API.
async fn admit(scope: &mut OrgScope<'_>, n: usize, now: Timestamp, chance: &Seeded) -> Result<String> {
    let secret = format!("sapa_live_bench_{n:08}");
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret.as_bytes());
    let key = NewKey {
        id: KeyId::fresh(now, chance),
        name: "Bench".into(),
        prefix: "sapa_live_benc".into(),
        secret_hash: hash.as_ref().try_into().context("a SHA-256 of another length")?,
        scopes: SCOPES.into(),
        created_by: None,
        expires_at: None,
    };
    scope.insert_key(&key, now).await?;
    Ok(secret)
}
