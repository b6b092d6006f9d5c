//! The dashboard's files, built by npm (`web/dist`) and carried within the binary.
//!
//! Invariant: compiles without Node. Where nothing was built, there are no files, and whoever serves them says so. A
//! crate of its own, so that a change of a page builds nothing else anew.

use std::borrow::Cow;

/// Every file of the build.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// A file of the dashboard.
#[derive(Debug)]
pub struct File {
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type.
    pub mime: String,
    /// Whether its name changes with its content, so that it may be kept for ever.
    pub hashed: bool,
}

/// The file of a path such as `assets/index-1a2b3c.js`.
pub fn file(path: &str) -> Option<File> {
    let file = Files::get(path)?;
    let mime = file.metadata.mimetype().to_owned();
    Some(File { bytes: file.data, mime, hashed: path.starts_with("assets/") })
}

/// The page that every address of the dashboard begins with; `None`: the dashboard was not built.
pub fn page() -> Option<String> {
    String::from_utf8(file("index.html")?.bytes.into_owned()).ok()
}
