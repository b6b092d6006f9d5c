//! placeholder
use clap::Args;
/// o
#[derive(Args)]
pub struct Options {}
/// o
#[derive(Args)]
pub struct EmulatorOptions {}
/// d
pub async fn demo(_: &Options) -> anyhow::Result<()> {
    Ok(())
}
/// e
pub async fn emulator(_: &EmulatorOptions) -> anyhow::Result<()> {
    Ok(())
}
