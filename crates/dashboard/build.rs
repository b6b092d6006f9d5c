//! Builds again when the dashboard was built anew, also where it was not there before.

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
}
