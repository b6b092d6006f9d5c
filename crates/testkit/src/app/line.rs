//! A number that is connected: an app of the operator's, a messaging account, a number.

use rules::id::{AccountId, AppId, NumberId, OrgId};
use secrecy::SecretString;
use server::Ctx;
use store::accounts::{BindAccount, TOKEN};
use store::apps::{App, SECRET, VERIFY_TOKEN};
use store::sealed::OPERATOR;

/// Meta's id of the app.
pub const APP: &str = "111222333444555";
/// What it signs webhooks with.
pub const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
/// Meta's id of the messaging account.
pub const WABA: &str = "700000000000003";
/// Meta's id of the number.
pub const NUMBER: &str = "600000000000004";
/// Meta's id of the portfolio that owns the account.
pub const PORTFOLIO: &str = "800000000000002";
/// The token that the account is used with.
pub const BUSINESS_TOKEN: &str = "EAABIZFAKE";

/// Connects the number to an organisation without the signup, as far as the gateway knows. Meta's side is the test's own.
pub async fn connect(ctx: &Ctx, org: OrgId) -> NumberId {
    let (now, chance, vault) = (ctx.now(), ctx.chance(), &ctx.vault);
    let mut tx = ctx.store.begin().await.expect("a transaction");
    let secret =
        vault.seal(&mut tx, OPERATOR, SECRET, &SecretString::from(APP_SECRET), now).await.expect("a secret");
    let verify_token = vault
        .seal(&mut tx, OPERATOR, VERIFY_TOKEN, &SecretString::from("vt-app"), now)
        .await
        .expect("a token");
    let token =
        vault.seal(&mut tx, org, TOKEN, &SecretString::from(BUSINESS_TOKEN), now).await.expect("a token");
    let meta_app = AppId::fresh(now, chance);
    tx.insert_app(&App {
        id: meta_app,
        org_id: None,
        slug: "main".into(),
        meta_app_id: APP.into(),
        name: "Acme".into(),
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
    .await
    .expect("an app");
    let mut scope = tx.org(org).await.expect("a scope");
    let account = scope
        .bind_account(
            &BindAccount {
                owner_business_id: Some(PORTFOLIO),
                funding_id: Some("510000000000001"),
                token,
                ..crate::number::account(AccountId::fresh(now, chance), meta_app, WABA)
            },
            now,
        )
        .await
        .expect("an account");
    let number = NumberId::fresh(now, chance);
    let reading = crate::number::connected(number, NUMBER, "62215550111");
    scope.record_numbers(account, &[reading], now).await.expect("a number");
    tx.commit().await.expect("a commit");
    number
}
