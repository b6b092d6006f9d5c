//! Reads one document from standard input: the child process of `documents::parse_in_child` as a program of its own,
//! for tests and for trying a file by hand.

fn main() -> std::process::ExitCode {
    documents::child_main()
}
