//! What the chores need and fetch for themselves: Debian packages where they may, otherwise the exact command.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::shell::{cargo, has, is_root, root, run, tools, which};

/// Makes sure that Debian packages are there: installs them where we are root, else says how and stops.
pub fn debian(packages: &[&str], present: impl Fn() -> bool) -> Result<()> {
    if present() {
        return Ok(());
    }
    let list = packages.join(" ");
    if !(is_root() && has("apt-get")) {
        bail!(
            "{list} is missing. Install it and run this command again:\n\n    sudo apt-get install -y {list}\n"
        );
    }
    eprintln!("installing {list}");
    let apt = |arguments: &[&str]| {
        run(Command::new("apt-get")
            .args(["-qq", "-o=Dpkg::Use-Pty=0"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let install: Vec<&str> =
        ["install", "-y", "--no-install-recommends"].iter().chain(packages).copied().collect();
    // Package lists may be stale or absent on a fresh machine.
    apt(&install).or_else(|_| apt(&["update"]).and_then(|()| apt(&install)))?;
    if !present() {
        bail!("{list} was installed but is still not found");
    }
    Ok(())
}

/// What compiles and links the C parts of our dependencies.
pub fn compiler() -> Result<()> {
    debian(&["gcc", "libc6-dev"], || has("cc"))
}

/// A Python with these requirements, in an environment of its own.
pub fn python(name: &str, requirements: &str) -> Result<PathBuf> {
    let home = tools().join(format!("python-{name}"));
    let python = home.join("bin/python");
    let stamp = home.join("requirements.txt");
    let wanted = std::fs::read_to_string(root().join(requirements))?;
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(python);
    }
    debian(&["python3", "python3-venv"], || {
        Command::new("python3")
            .args(["-c", "import venv, ensurepip"])
            .status()
            .is_ok_and(|status| status.success())
    })?;
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(root().join(requirements)))?;
    std::fs::write(stamp, wanted)?;
    Ok(python)
}

/// The npm packages of a folder, exactly as its lock file says.
pub fn npm(folder: &str) -> Result<()> {
    if !has("npm") {
        bail!(
            "Node.js with npm is missing. Install it and run this command again: https://nodejs.org/en/download"
        );
    }
    let folder = root().join(folder);
    let stamp = folder.join("node_modules/.package-lock.json");
    let lock = folder.join("package-lock.json");
    let newer = |file: &PathBuf| file.metadata().and_then(|meta| meta.modified()).ok();
    if newer(&stamp) >= newer(&lock) && stamp.is_file() {
        return Ok(());
    }
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder))
}

/// A Chromium to drive without a screen.
pub fn chromium() -> Result<PathBuf> {
    let found = || {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        names.iter().find_map(|name| which(name))
    };
    debian(&["chromium"], || found().is_some())?;
    found().context("chromium")
}

/// `cargo deny`, built once into the tools folder where the machine does not have it.
pub fn cargo_deny() -> Result<PathBuf> {
    const VERSION: &str = "0.20.2";
    if has("cargo-deny") {
        return Ok("cargo-deny".into());
    }
    let home = tools().join(format!("cargo-deny-{VERSION}"));
    let program = home.join("bin/cargo-deny");
    if !program.is_file() {
        run(cargo()
            // Built without optimisation: it runs for a second and would take minutes to build otherwise.
            .args(["install", "--quiet", "--debug", "--locked", "cargo-deny", "--version", VERSION, "--root"])
            .arg(&home))?;
    }
    Ok(program)
}
