//! The SDK stand-in, run by Node where Node is installed.

use std::process::Command;

#[test]
fn the_sdk_keeps_its_contract() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/sdk.test.mjs");
    let run = match Command::new("node").args(["--test", file]).output() {
        Ok(run) => run,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("not run: Node is not installed");
            return;
        }
        Err(error) => panic!("node cannot be run: {error}"),
    };
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}
