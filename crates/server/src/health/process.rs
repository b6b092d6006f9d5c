//! What the operating system knows of this process and of the disk, where it tells (Linux).

use std::path::Path;

use rustix::process::{Resource, getrlimit};

/// The units in which Linux counts processor time for programs, on every architecture.
const TICKS_A_SECOND: f64 = 100.0;

/// What this process takes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Process {
    /// Memory, in bytes.
    pub memory: Option<u64>,
    /// The most that it was.
    pub most_memory: Option<u64>,
    pub threads: Option<u64>,
    pub cpu_seconds: Option<f64>,
    pub open_files: Option<u64>,
    pub most_open_files: Option<u64>,
}

impl Process {
    /// As it is now.
    pub(super) fn read() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        let files = std::fs::read_dir("/proc/self/fd").map(|files| files.count() as u64);
        Self {
            memory: field("VmRSS").map(|kilobytes| kilobytes * 1024),
            most_memory: field("VmHWM").map(|kilobytes| kilobytes * 1024),
            threads: field("Threads"),
            cpu_seconds: std::fs::read_to_string("/proc/self/stat").ok().and_then(|stat| cpu_seconds(&stat)),
            open_files: files.ok(),
            most_open_files: getrlimit(Resource::Nofile).current,
        }
    }
}

/// The 14th and 15th fields; the second may hold anything, in brackets.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS_A_SECOND)
}

/// The room on a disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Disk {
    pub free: u64,
    pub total: u64,
}

impl Disk {
    /// Of the disk on which a folder lies.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        let told = rustix::fs::statvfs(folder).ok()?;
        Some(Self { free: told.f_bavail * told.f_frsize, total: told.f_blocks * told.f_frsize })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_beside_any_name() {
        let stat = "7 (a) (b c) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 4 0 1 2 3";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(cpu_seconds("nonsense"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_takes_something() {
        let process = Process::read();
        assert!(process.memory.unwrap() > 100_000 && process.open_files.unwrap() > 2, "{process:?}");
        let disk = Disk::of(Path::new("/")).unwrap();
        assert!(disk.free <= disk.total && disk.total > 0);
    }
}
