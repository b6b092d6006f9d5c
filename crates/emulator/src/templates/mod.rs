//! The life of templates after they were submitted: review, pauses, categories, quality, each with its webhook
//! (meta-messaging 4.4 to 4.6).

mod acts;
pub mod review;

pub use acts::{Act, act, submit, turn};
