//! Files of conversations: pictures, voice notes, documents.
//!
//! Invariant: bytes are stored once, under the hash of what they are, and leave only as attachments that no browser
//! runs. Content decides what a file is; a declared type is compared with it and never believed.
//!
//! - [`blob`] keeps bytes;
//! - [`kind`] says what may be sent to Meta as what;
//! - [`file_name`] makes a name safe;
//! - [`download`] says how bytes leave;
//! - [`fetch_later`] brings in at once what came with a message, because Meta forgets it after seven days;
//! - [`for_sending`] takes an upload to Meta when a message that carries it goes out.

pub mod api;
pub mod blob;
pub mod download;
mod fetch;
pub mod file_name;
pub mod kind;
mod sending;
mod service;

pub use blob::{BlobError, BlobHash, BlobStore, Bucket, BucketOptions, DiskBlobs, Span, Stored};
pub use download::Download;
pub use fetch::{QUEUE, fetch_later, queues};
pub use kind::{Checked, Unfit, check};
pub use sending::{NotSendable, attach, fit, for_sending};
