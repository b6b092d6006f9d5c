//! The disk alone: how long it takes until a page is where no power cut reaches it.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Instant;

use anyhow::Result;

/// How often it is tried.
const TIMES: usize = 300;

/// The median time of writing a page over itself and `fdatasync`, in milliseconds.
pub fn fdatasync(folder: &Path) -> Result<f64> {
    let mut file = File::create(folder.join("page"))?;
    let page = [7; 8_192];
    let mut taken = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let began = Instant::now();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&page)?;
        file.sync_data()?;
        taken.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(crate::table::median(taken))
}
