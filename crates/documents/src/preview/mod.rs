//! How a file looks or sounds, in short: so that a page can show it before, or instead of, loading it whole.
//!
//! Invariant: what comes out is made anew from what is seen and heard. Nothing that a camera wrote beside it (a place, a
//! name, a time) is carried over; only the direction in which it was held counts.

mod film;
mod picture;
mod sound;

use serde::{Deserialize, Serialize};

/// How a file looks or sounds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// How wide it is shown, in pixels.
    pub width: Option<u32>,
    /// How high it is shown, in pixels.
    pub height: Option<u32>,
    /// How long it lasts.
    pub duration_ms: Option<u64>,
    /// How loud it is along the way, each from 0 to 100.
    pub waveform: Option<Vec<u8>>,
    /// The codings of its sound and its pictures, such as `opus` or `h264`.
    pub codecs: Vec<String>,
    /// How many channels its sound has.
    pub channels: Option<u8>,
    /// Whether its colours take more than eight bits each.
    pub deep_colour: bool,
    /// A few pixels of it as a `data:` address, to be shown blurred until the rest is there.
    pub placeholder: Option<String>,
    /// It in small.
    pub thumbnail: Option<Thumbnail>,
}

/// A small picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thumbnail {
    /// Its type.
    pub mime: String,
    /// Its bytes, as base64.
    pub base64: String,
}

/// Looks at a file in this process; of what is not understood nothing is known. Time, memory and panics inside parsers are
/// bounded by [`preview_in_child`](crate::preview_in_child) alone.
pub fn preview(bytes: &[u8]) -> Preview {
    let found = if bytes.starts_with(b"OggS") {
        sound::ogg(bytes)
    } else if bytes.starts_with(b"#!AMR") {
        sound::amr(bytes)
    } else if bytes.get(4..8) == Some(b"ftyp") {
        film::look(bytes)
    } else {
        picture::look(bytes)
    };
    found.unwrap_or_default()
}
