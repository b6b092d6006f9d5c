//! Builds again when the phone was built anew, also where it was not there before.

use std::path::Path;

fn main() {
    let built = "../../web/phone/dist";
    // What does not exist would count as changed at every build.
    let watched = if Path::new(built).exists() { built } else { "../../web/phone" };
    println!("cargo::rerun-if-changed={watched}");
}
