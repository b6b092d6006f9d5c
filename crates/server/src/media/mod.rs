//! Files of conversations: pictures, voice notes, documents.
//!
//! Invariant: bytes are stored once, under the hash of what they are, and leave only as attachments that no browser
//! runs. Content decides what a file is; a declared type is compared with it and never believed.
//!
//! - [`blob`] keeps bytes;
//! - [`kind`] says what may be sent to Meta as what;
//! - [`file_name`] makes a name safe;
//! - [`download`] says how bytes leave;
//! - [`exchange`] fetches them from Meta and hands them to Meta.

pub mod blob;
pub mod download;
mod exchange;
pub mod file_name;
pub mod kind;

pub use blob::{BlobError, BlobHash, BlobStore, DiskBlobs, Span, Stored};
pub use download::Download;
pub use exchange::{NotSendable, QUEUE, attach, fetch_later, for_sending};
pub use kind::{Checked, Unfit, check};
