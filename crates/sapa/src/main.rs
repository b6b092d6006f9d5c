//! The one binary: command line, configuration, wiring, start and stop.

mod backup;
mod bounds;
mod config;
mod demo;
mod doctor;
mod files;
mod keys;
mod logs;
mod masterkey;
mod migrate_media;
mod migrate_store;
mod operator;
mod serve;
mod system;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Memory of SQLite's, too. With the C library's own the processor had a seventh more to do under load.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sapa, a self-hosted WhatsApp Business Platform.
#[derive(Parser)]
#[command(name = "sapa", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the gateway.
    Serve(config::Config),
    /// Run gateway and emulator with two demo organisations, for trying things out on this machine.
    Demo(demo::Options),
    /// Run the emulator alone: a local stand-in for Meta, for developing against the Cloud API.
    Emulator(demo::EmulatorOptions),
    /// Check configuration, database, keys and Meta, and say what to mend.
    Doctor(config::Config),
    /// Bring the database's schema up to date.
    Migrate(config::Config),
    /// Make a backup of everything, beside a running server.
    Backup(backup::Backup),
    /// Put a backup into an empty data folder, and its database where the configuration says.
    Restore(backup::Restore),
    /// Copy everything into another database, from SQLite to PostgreSQL or back. The server must not run.
    MigrateStore(migrate_store::MigrateStore),
    /// Copy all files into another place, from the data folder to a bucket or back. Copies what is missing there.
    MigrateMedia(migrate_media::MigrateMedia),
    /// Let somebody run the installation, and print a link with which they choose a password. Begin with this.
    Operator(operator::Operator),
    /// Look after the master key.
    Keys {
        #[command(subcommand)]
        chore: keys::Chore,
    },
    /// Read a document from standard input in a process with limits. Used by the gateway itself.
    #[command(hide = true)]
    ParseDocument,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if matches!(arguments.command, Command::ParseDocument) {
        return documents::child_main();
    }
    logs::start();
    system::open_many_files();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&anyhow::Error::new(error).context("cannot start")),
    };
    match runtime.block_on(run(arguments.command)) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(config) => serve::serve(&config).await.map(|()| ExitCode::SUCCESS),
        Command::Demo(options) => demo::demo(&options).await.map(|()| ExitCode::SUCCESS),
        Command::Emulator(options) => demo::emulator(&options).await.map(|()| ExitCode::SUCCESS),
        Command::Doctor(config) => doctor::doctor(&config).await,
        Command::Migrate(config) => serve::migrate(&config).await.map(|()| ExitCode::SUCCESS),
        Command::Backup(wanted) => backup::backup(&wanted).await.map(|()| ExitCode::SUCCESS),
        Command::Restore(wanted) => backup::restore(&wanted).await.map(|()| ExitCode::SUCCESS),
        Command::MigrateStore(wanted) => {
            migrate_store::migrate_store(&wanted).await.map(|()| ExitCode::SUCCESS)
        }
        Command::MigrateMedia(wanted) => {
            migrate_media::migrate_media(&wanted).await.map(|()| ExitCode::SUCCESS)
        }
        Command::Operator(wanted) => operator::operator(&wanted).await.map(|()| ExitCode::SUCCESS),
        Command::Keys { chore } => keys::keys(&chore).await.map(|()| ExitCode::SUCCESS),
        Command::ParseDocument => Ok(documents::child_main()),
    }
}

/// What went wrong, cause by cause, without a backtrace.
fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  because: {cause}");
    }
    ExitCode::FAILURE
}
