//! `sapa doctor`: looks at everything that must be right and says what to mend.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;

use crate::config::Config;
use crate::serve;
use crate::system::SystemClock;

/// Checks, one line each. Fails when anything must be mended.
pub async fn doctor(config: &Config) -> Result<ExitCode> {
    let mut sound = true;
    let mut line = |good: bool, what: &str, mend: &str| {
        println!("{} {what}", if good { "ok  " } else { "MEND" });
        if !good {
            println!("     {mend}");
            sound = false;
        }
    };
    let (ctx, _writer) = serve::open(config, Arc::new(SystemClock)).await?;
    line(true, &format!("{} database opens", ctx.store.kind()), "");
    line(true, &format!("master key {} opens what is sealed", ctx.vault.current_master()), "");
    line(
        ctx.settings.is_secure()
            || ctx
                .settings
                .public_url
                .host_str()
                .is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host)),
        &format!("public address {}", ctx.settings.public_url),
        "Meta delivers webhooks to https addresses only: set SAPA_PUBLIC_URL to an https address",
    );
    let apps = ctx.store.read().await?.apps().await?;
    line(
        !apps.is_empty(),
        &format!("{} Meta apps are registered", apps.len()),
        "register your Meta app: see docs/operator-setup.md",
    );
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
