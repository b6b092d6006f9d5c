//! The job runner: claims what is due, runs it under a lease, and settles it.
//!
//! Invariant: knows no business. What a job means is the handler's affair; that it is run again after a crash, given
//! up after too many failures, and never settled by a worker that lost its lease, is the runner's.

mod backoff;
mod runner;

pub use backoff::Backoff;
pub use runner::{Handler, Queue, Room, Runner, SetHandler, Verdict, Verdicts, Work, handler, set_handler};
