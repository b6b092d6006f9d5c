//! What one upload may cost. Every number is a ceiling, not a target; an ordinary document stays far below all of them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Ceilings for reading one upload. The first group bounds the child process, the second the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Longest the child may run before it is killed.
    pub wall: Duration,
    /// Seconds of processor time the child may use.
    pub cpu_seconds: u64,
    /// Bytes of address space the child may map. Counts its program and stacks as well as the document.
    pub address_space_bytes: u64,

    /// Largest upload accepted, in bytes.
    pub input_bytes: usize,
    /// Most text (UTF-8 bytes) taken out of one upload.
    pub output_bytes: usize,
    /// Most entries a zip container (DOCX) may list.
    pub zip_entries: usize,
    /// How many times larger than its packed form one part of a zip container may become. Parts that unpack to
    /// less than a megabyte are exempt: short repetitive XML packs very well.
    pub zip_ratio: u64,
    /// Largest unpacked size of one part of a zip container, in bytes.
    pub zip_part_bytes: u64,
    /// Deepest nesting of elements in HTML and in the XML of a DOCX.
    pub nesting: usize,
    /// Most pages of a PDF.
    pub pages: usize,
    /// Most rows of a table.
    pub rows: usize,
    /// Most columns of a table.
    pub columns: usize,
    /// Longest text in one cell of a table, in bytes.
    pub cell_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(30),
            cpu_seconds: 20,
            address_space_bytes: 1 << 30,
            input_bytes: 20 << 20,
            output_bytes: 8 << 20,
            zip_entries: 4_000,
            zip_ratio: 200,
            zip_part_bytes: 64 << 20,
            nesting: 256,
            pages: 2_000,
            rows: 200_000,
            columns: 200,
            cell_bytes: 64 << 10,
        }
    }
}

impl Limits {
    /// Ceilings for reading a table. Its sheets are unpacked as they are read, so that they may be larger than the parts
    /// of a document, and `wall` is how long one page may take.
    pub fn for_tables() -> Self {
        Self { cpu_seconds: 120, zip_part_bytes: 1 << 30, ..Self::default() }
    }
}
