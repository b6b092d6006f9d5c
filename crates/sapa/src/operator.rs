//! `sapa operator`: the first person who can sign in, and the way back in when nobody can.

use std::sync::Arc;

use anyhow::{Result, anyhow, ensure};
use clap::Args;
use rules::locale::Locale;
use server::identity::setup;

use crate::config::Config;
use crate::serve;
use crate::system::SystemClock;

/// Who is to run the installation.
#[derive(Args)]
pub struct Operator {
    /// Their e-mail address.
    email: String,
    /// As they wish to be called; the address unless told.
    #[arg(long)]
    name: Option<String>,
    /// The language they read: en or id.
    #[arg(long, default_value = "en")]
    locale: Locale,
    #[command(flatten)]
    config: Config,
}

/// Makes them an operator and prints a link with which they choose a password.
pub async fn operator(wanted: &Operator) -> Result<()> {
    let Operator { email, name, locale, config } = wanted;
    ensure!(
        email.split_once('@').is_some_and(|(who, place)| !who.is_empty() && !place.is_empty()),
        "{email} is no e-mail address; give one such as you@example.com"
    );
    let (ctx, _writer) = serve::open(config, Arc::new(SystemClock)).await?;
    let link = setup::operator(&ctx, email, name.as_deref().unwrap_or(email), *locale)
        .await
        .map_err(|problem| anyhow!("{}", problem.details().detail))?;
    println!(
        "{email} is an operator. While the gateway runs, choose a password within an hour here:\n\n  {link}\n"
    );
    ctx.store.close().await;
    Ok(())
}
