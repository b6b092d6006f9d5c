//! Files of conversations: pictures, voice notes, documents.
//!
//! Invariant: bytes are stored once, under the hash of what they are, and leave only as attachments that no browser
//! runs. Content decides what a file is; a declared type is compared with it and never believed.
//!
//! - [`blob`] keeps bytes;
//! - [`scan`] has a virus scanner look through them, and [`Examiner`] puts together what a look has shown;
//! - [`kind`] says what may be sent to Meta as what;
//! - [`file_name`] makes a name safe;
//! - [`download`] says how bytes leave;
//! - [`fetch_later`] brings in at once what came with a message, because Meta forgets it after seven days;
//! - [`for_sending`] takes an upload to Meta when a message that carries it goes out;
//! - [`forget`] and [`forget_message`] give files up with whom they concern, [`sweep_later`] what has come of age and what
//!   nobody has any more.

pub mod api;
pub mod blob;
pub mod download;
mod examine;
mod fetch;
pub mod file_name;
mod keeping;
pub mod kind;
mod problem;
mod rescan;
mod sample;
pub mod scan;
mod seen;
mod sending;
mod service;

pub use blob::{BlobError, BlobHash, BlobStore, Bucket, BucketOptions, DiskBlobs, Span, Stored};
pub use download::Download;
pub use examine::{Examiner, Unscanned};
pub use fetch::{QUEUE, fetch_later};
pub use keeping::{forget, forget_file, forget_message, let_go_later, let_go_now, sweep_later};
pub use kind::{Checked, Unfit, check};
pub use sample::as_sample;
pub use sending::{NotSendable, attach, fit, for_sending};

use jobs::Queue;

use crate::ctx::Ctx;

/// This room's queues.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    vec![fetch::queue(ctx), rescan::queue(ctx), keeping::sweeps(ctx), keeping::removals(ctx)]
}
