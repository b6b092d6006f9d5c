//! Running other programs, with their names and times shown.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where built things go.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Where tools are kept that the chores fetch for themselves.
pub fn tools() -> PathBuf {
    target().join("tools")
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Builds what these arguments of `cargo build` name, with progress shown.
pub fn build(what: &[&str]) -> Result<()> {
    run(cargo().arg("build").args(what).stdout(Stdio::from(std::io::stderr())))
}

/// A program that was built.
pub fn binary(name: &str) -> PathBuf {
    target().join("debug").join(name)
}

/// Runs a command with its output shown and gives back how it ended.
pub fn exit_code(command: &mut Command) -> Result<ExitCode> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    Ok(ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)))
}

/// Runs a named step and says how long it took. A failing step ends the chore.
pub fn step(name: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("\n── {name}");
    let started = Instant::now();
    run().with_context(|| format!("step failed: {name}"))?;
    println!("── {name}: ok, {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// Runs parts of the test command side by side, a few at once, and shows what each said when it ends. All of them run,
/// even if one fails.
pub fn side_by_side(parts: &[String], at_once: usize) -> Result<()> {
    let next = AtomicUsize::new(0);
    let one_after_another = || {
        let taken = || parts.get(next.fetch_add(1, Ordering::Relaxed));
        std::iter::from_fn(taken).map(|part| alone(part)).filter_map(Result::err).collect::<Vec<_>>()
    };
    let failed: Vec<anyhow::Error> = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..at_once).map(|_| scope.spawn(one_after_another)).collect();
        hands
            .into_iter()
            .flat_map(|hand| hand.join().unwrap_or_else(|_| vec![anyhow!("a part ended in a panic")]))
            .collect()
    });
    match failed.into_iter().reduce(|all, one| anyhow!("{all:#}; {one:#}")) {
        Some(failed) => Err(failed),
        None => Ok(()),
    }
}

/// Runs one part in a process of its own and shows what it said.
fn alone(part: &str) -> Result<()> {
    let started = Instant::now();
    // Not ourselves as we were started: to build all programs puts another file in our place.
    let said = Command::new(binary("xtask"))
        .args(["test", "--only", part])
        .current_dir(root())
        .output()
        .with_context(|| format!("cannot start the part {part}"))?;
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    let ended = if said.status.success() { "ok" } else { "FAILED" };
    println!("\n── {part}\n{out}{err}── {part}: {ended}, {:.1} s", started.elapsed().as_secs_f64());
    ensure!(said.status.success(), "step failed: {part} (again by itself: cargo xtask test --only {part})");
    Ok(())
}

/// Runs a command with its output shown; fails unless it succeeds.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.status().with_context(|| format!("cannot start {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}

/// Runs a command silently and returns what it printed; fails unless it succeeds.
pub fn capture(command: &mut Command) -> Result<String> {
    let shown = format!("{command:?}");
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {shown}"))?;
    if !output.status.success() {
        bail!("{shown} ended with {}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program can be found.
pub fn has(program: &str) -> bool {
    which(program).is_some()
}

/// Where a program is on the path.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Whether we are root.
pub fn is_root() -> bool {
    capture(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}
