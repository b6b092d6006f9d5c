//! `sapa doctor`: looks at everything that must be right and says what to mend.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use server::onboarding::{Light, client_readiness, operator_readiness};
use store::Cursor;

use crate::config::Config;
use crate::serve;
use crate::system::SystemClock;

/// Checks, one line each. Fails when anything must be mended.
pub async fn doctor(config: &Config) -> Result<ExitCode> {
    let (ctx, _writer) = serve::open(config, Arc::new(SystemClock)).await?;
    println!("good  The {} database opens and has the current schema.", ctx.store.kind());
    println!("good  Master key {} opens what is sealed.", ctx.vault.current_master());
    let mut items = operator_readiness(&ctx).await?;
    let orgs = ctx.store.read().await?.orgs(Cursor::NEWEST, 100).await?.items;
    for org in &orgs {
        items.extend(client_readiness(&ctx, org.id).await?);
    }
    let mut sound = true;
    for item in items {
        let word = match item.light {
            Light::Good => "good",
            Light::Bad => "MEND",
            Light::Ask => "ask ",
        };
        let about = item.about.as_deref().map(|about| format!("[{about}] ")).unwrap_or_default();
        println!("{word}  {about}{}", item.sentence.0);
        if let Some(found) = &item.found {
            println!("      found: {found}");
        }
        if item.light != Light::Good {
            println!("      {}", item.fix.0);
        }
        sound &= item.light != Light::Bad;
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
