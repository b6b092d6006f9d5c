//! What the operator sees of how this installation is doing.
//!
//! Invariant: no organisation, number or person stands in a metric, and looking costs little, whoever looks how often.
//!
//! [`meters`] count while the process works; [`readings`] are taken when somebody looks; [`exposition`] tells both to a
//! monitoring system, and [`findings`] say to people what is slow and why.

pub mod api;
mod exposition;
mod findings;
mod meters;
mod nodes;
mod process;
mod readings;
mod service;
mod words;

pub(crate) use meters::GraphMeter;
pub use meters::Meters;
pub use nodes::run as run_node;
pub use readings::Watch;
