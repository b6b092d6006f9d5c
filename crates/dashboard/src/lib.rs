//! The dashboard's files, built by npm (`web/dist`) and carried within the binary.
//!
//! Invariant: compiles without Node. Where nothing was built, there are no files, and whoever serves them says so. A
//! crate of its own, so that a change of a page builds nothing else anew.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::{EmbeddedFile, RustEmbed};

/// Every file of the build.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Embedded;

/// A file of the dashboard.
#[derive(Debug)]
pub struct File {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The same compressed by Brotli, as the build did it, where that is less.
    pub brotli: Option<Vec<u8>>,
    /// The same compressed by gzip, where that is less.
    pub gzip: Option<Vec<u8>>,
    /// Its media type.
    pub mime: String,
    /// Changes with its content; quoted, as `ETag` wants it.
    pub etag: String,
    /// Whether its name changes with its content, so that it may be kept for ever.
    pub hashed: bool,
}

/// Every file by its path, compressed once. What begins with a dot is for tools; what ends in `.br` stands beside a file.
static FILES: LazyLock<HashMap<String, File>> = LazyLock::new(|| {
    Embedded::iter()
        .filter(|path| !path.starts_with('.') && !path.ends_with(".br"))
        .filter_map(|path| Some((path.to_string(), File::new(&path, Embedded::get(&path)?))))
        .collect()
});

impl File {
    fn new(path: &str, file: EmbeddedFile) -> Self {
        let hash = file.metadata.sha256_hash();
        let gzip = compressed(&file.data).filter(|packed| packed.len() < file.data.len());
        Self {
            brotli: Embedded::get(&format!("{path}.br")).map(|packed| packed.data.into_owned()),
            gzip,
            mime: file.metadata.mimetype().to_owned(),
            etag: format!(
                "\"{}\"",
                hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect::<String>()
            ),
            hashed: path.starts_with("assets/"),
            bytes: file.data.into_owned(),
        }
    }
}

fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// The file of a path such as `assets/index-1a2b3c.js`.
pub fn file(path: &str) -> Option<&'static File> {
    FILES.get(path)
}

/// The page that every address of the dashboard begins with; `None`: the dashboard was not built.
pub fn page() -> Option<&'static str> {
    std::str::from_utf8(&file("index.html")?.bytes).ok()
}
