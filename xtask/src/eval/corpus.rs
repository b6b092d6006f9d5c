//! The documents: fetched as Debian packages, unpacked, read and cut like any upload.

use std::{fs, path::Path};

use answers::{
    Language,
    passages::{self, Passage},
};
use anyhow::{Context, Result, ensure};
use documents::{Limits, Upload};

/// The package for a language, and where its HTML pages lie.
fn package(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::English => ("debian-faq", "usr/share/doc/debian/FAQ"),
        Language::Indonesian => ("debian-reference-id", "usr/share/debian-reference"),
    }
}

/// The passages of all pages of a language's document.
pub(super) fn passages(cache: &Path, language: Language) -> Result<Vec<Passage>> {
    let (name, folder) = package(language);
    let unpacked = cache.join(name);
    if !unpacked.join(folder).exists() {
        fetch(cache, name, &unpacked)?;
    }
    let folder = unpacked.join(folder);
    let mut pages: Vec<_> = fs::read_dir(&folder)
        .with_context(|| {
            format!("{} cannot be read; delete {} and run again", folder.display(), cache.display())
        })?
        .filter_map(Result::ok)
        // Pages also stand under a second name, as links.
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "html"))
        // The table of contents repeats every heading and says nothing else.
        .filter(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("index.")))
        .collect();
    pages.sort();
    let mut found = Vec::new();
    for page in pages {
        let bytes = fs::read(&page)?;
        let filename = page.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let upload = Upload { filename: &filename, declared: Some("text/html"), bytes: &bytes };
        let extracted = documents::extract(upload, &Limits::default())
            .with_context(|| format!("{filename} could not be read as a document"))?;
        let sections: Vec<_> = extracted
            .sections
            .into_iter()
            .map(|section| passages::Section { titles: section.path, text: section.text })
            .collect();
        found.extend(passages::cut(&sections, Some(language)));
    }
    ensure!(found.len() > 50, "only {} passages were found in {}", found.len(), folder.display());
    Ok(found)
}

fn fetch(cache: &Path, name: &str, unpacked: &Path) -> Result<()> {
    let download = cache.join("download");
    fs::create_dir_all(&download)?;
    super::run("apt-get", &["download", name], &download)
        .context("the documents come from Debian's archive; on a fresh machine run `apt-get update` first")?;
    let archive = fs::read_dir(&download)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(&format!("{name}_")))
        })
        .with_context(|| format!("apt-get left no package {name} in {}", download.display()))?;
    fs::create_dir_all(unpacked)?;
    super::run("dpkg-deb", &["-x", &archive.to_string_lossy(), &unpacked.to_string_lossy()], &download)
}
