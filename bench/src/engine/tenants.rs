//! Organisations with connected numbers, written straight into a store: what a signup would leave.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use rules::connection::Mode;
use rules::gate::LineState;
use rules::id::{AccountId, AppId, NumberId, OrgId};
use rules::time::Timestamp;
use secrecy::{SecretBox, SecretString};
use store::Store;
use store::accounts::{AccountFacts, BindAccount, TOKEN};
use store::apps::{App, SECRET, VERIFY_TOKEN};
use store::numbers::NumberReading;
use store::orgs::NewOrg;
use store::sealed::{MasterKey, OPERATOR, Vault};
use testkit::Seeded;
use testkit::number::connected;

/// The secret that webhooks are signed with.
pub const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
/// The master key, as the gateway is told it.
pub const MASTER_KEY: &str = "bench:0707070707070707070707070707070707070707070707070707070707070707";

/// How many organisations there are, and how many numbers each has.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Size {
    /// Organisations.
    pub orgs: usize,
    /// Numbers of each.
    pub numbers: usize,
}

impl Size {
    /// Numbers of all.
    pub fn lines(self) -> usize {
        self.orgs * self.numbers
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
        phone_number_id: format!("{}", 600_000_000_000_000 + n),
    }
}

/// Fills an empty store.
pub async fn settle(store: &Store, size: Size, now: Timestamp) -> Result<()> {
    let chance = Seeded::default();
    let key = SecretBox::new(Box::new([7; 32]));
    let master = MasterKey { id: "bench".to_owned(), key };
    let vault = Vault::new(vec![master], Arc::new(Seeded::default())).context("a key")?;
    let mut tx = store.begin().await?;
    let app = AppId::fresh(now, &chance);
    let secret = vault.seal(&mut tx, OPERATOR, SECRET, &SecretString::from(APP_SECRET), now).await?;
    let verify_token = vault.seal(&mut tx, OPERATOR, VERIFY_TOKEN, &SecretString::from("bench"), now).await?;
    tx.insert_app(&App {
        id: app,
        org_id: None,
        slug: "main".into(),
        meta_app_id: "111222333444555".into(),
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
    for org in 0..size.orgs {
        // A transaction each: on PostgreSQL one names every organisation that it has entered.
        let mut tx = store.begin().await?;
        let id = OrgId::fresh(now, &chance);
        let new = NewOrg {
            id,
            name: format!("Toko {org}"),
            slug: format!("toko-{org}"),
            locale: "id".into(),
            country: "ID".into(),
            timezone: "Asia/Jakarta".into(),
            settings: r#"{"ai":{"wait_seconds":0}}"#.into(),
        };
        tx.insert_org(&new, now).await?;
        let token = vault.seal(&mut tx, id, TOKEN, &SecretString::from("EAABENCH"), now).await?;
        let mut scope = tx.org(id).await?;
        let first = org * size.numbers;
        let account = scope
            .bind_account(
                &BindAccount {
                    id: AccountId::fresh(now, &chance),
                    app,
                    waba_id: &line(size, first).waba,
                    mode: Mode::TechProvider,
                    name: "Toko",
                    currency: Some("IDR"),
                    status: Some("ACTIVE"),
                    review_status: Some("APPROVED"),
                    owner_business_id: Some(&format!("{}", 800_000_000_000_000 + org)),
                    owner_business_name: None,
                    funding_id: Some("510000000000001"),
                    token,
                    token_expires_at: None,
                    line: LineState::Ready,
                    facts: &AccountFacts::default(),
                },
                now,
            )
            .await?;
        let readings: Vec<NumberReading> = (first..first + size.numbers)
            .map(|n| {
                let id = NumberId::fresh(now, &chance);
                connected(id, &line(size, n).phone_number_id, &format!("6221{n:08}"))
            })
            .collect();
        scope.record_numbers(account, &readings, now).await?;
        tx.commit().await?;
    }
    Ok(())
}
