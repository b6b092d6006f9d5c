//! The program that reads documents, as the tests of this crate use it. In the product it is the binary itself.

fn main() -> std::process::ExitCode {
    documents::child_main()
}
