//! `sapa doctor`: looks at everything that must be right and says what to mend. It only looks.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use server::media;
use server::onboarding::{Light, client_readiness, operator_readiness};
use store::Cursor;

use crate::config::Config;
use crate::serve;
use crate::system::SystemClock;

/// Checks, one line each. Fails when anything must be mended.
pub async fn doctor(config: &Config) -> Result<ExitCode> {
    let ctx = match serve::look(config, Arc::new(SystemClock)).await {
        Ok(ctx) => ctx,
        Err(error) => {
            println!("MEND  {error:#}.");
            return Ok(ExitCode::FAILURE);
        }
    };
    println!("good  The {} database opens and has the current schema.", ctx.store.kind());
    if let Err(error) = ctx.store.check().await {
        println!("MEND  {error}.");
        return Ok(ExitCode::FAILURE);
    }
    println!("good  Master key {} opens what is sealed.", ctx.vault.current_master());
    let mut sound = true;
    let files = media::blob::prove(&*ctx.blobs, ctx.now()).await.map_err(|error| error.to_string());
    sound &=
        told(&format!("Files can be written, read and deleted {}.", config.files.place(&config.data)), files);
    if ctx.examiner.scans() {
        sound &= told("The virus scanner looks through files.", ctx.examiner.prove().await);
    }
    let mut items = operator_readiness(&ctx).await?;
    let orgs = ctx.store.read().await?.orgs(Cursor::NEWEST, 100).await?.items;
    for org in &orgs {
        items.extend(client_readiness(&ctx, org.id).await?);
    }
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

/// Prints what should be so, and what is wrong if it is not.
fn told(sentence: &str, outcome: Result<(), String>) -> bool {
    match &outcome {
        Ok(()) => println!("good  {sentence}"),
        Err(why) => println!("MEND  {sentence}\n      found: {why}"),
    }
    outcome.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Chore, keys};

    fn names(folder: &std::path::Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .map(|all| all.flatten().map(|one| one.file_name().to_string_lossy().into_owned()).collect())
            .unwrap_or_default();
        names.retain(|name| !name.ends_with("-wal") && !name.ends_with("-shm"));
        names.sort();
        names
    }

    #[tokio::test]
    async fn who_only_looks_makes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let config = Config::for_data(home.path().join("data"));
        let failed = format!("{:?}", ExitCode::FAILURE);
        assert_eq!(format!("{:?}", doctor(&config).await.unwrap()), failed);
        for chore in [Chore::Rotate(config.clone()), Chore::Show(config.clone())] {
            let error = format!("{:#}", keys(&chore).await.unwrap_err());
            assert!(error.contains("sapa serve") && error.contains("there is no database at"), "{error}");
        }
        assert!(!config.data.exists());

        // With a database but no master key there is none to turn, and none is made.
        serve::migrate(&config).await.unwrap();
        assert_eq!(format!("{:?}", doctor(&config).await.unwrap()), failed);
        let error = format!("{:#}", keys(&Chore::Rotate(config.clone())).await.unwrap_err());
        assert!(error.contains("master.key"), "{error}");
        assert_eq!(names(&config.data), ["sapa.db"]);

        // Where everything is there it is looked at, and stays as it was.
        drop(serve::open(&config, Arc::new(SystemClock)).await.unwrap());
        let before = names(&config.data);
        doctor(&config).await.unwrap();
        keys(&Chore::Rotate(config.clone())).await.unwrap();
        assert_eq!(names(&config.data), before);
        doctor(&config).await.unwrap();
    }
}
