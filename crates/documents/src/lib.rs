//! Text from uploads (plain text, Markdown, question-answer tables, CSV, HTML, PDF and DOCX), and tables of data from
//! CSV, XLSX, XLS and ODS.
//!
//! Invariant: a hostile or broken file costs its uploader a clear sentence ([`Refused`]) and nobody else anything.
//! Content alone decides what a file is. Heavy parsers run in a child process without secrets in its environment,
//! under limits on time, memory and output ([`parse_in_child`]); the parent reads only bounded JSON from it.
//!
//! [`open_table`] reads rows in the same way, page by page. [`harmless`] is for tables that go out.
//!
//! [`extract`] does the work in the calling process and is what the child runs. The program given to
//! [`parse_in_child`] calls [`child_main`] and nothing else, before it starts threads or reads configuration.
//! How many children run at once is the caller's concern.

mod child;
mod docx;
mod encoding;
mod harmless;
mod html;
mod kind;
mod limits;
mod outline;
mod pdf;
mod pdf_layout;
mod refused;
mod table;
mod tables;
mod text;

use serde::{Deserialize, Serialize};

pub use child::{ChildCommand, ParseError, Table, child_main, open_table, parse_in_child};
pub use harmless::{csv_lines, harmless};
pub use kind::Kind;
pub use limits::Limits;
pub use refused::{Foreign, Refused, Warning};
pub use tables::{Cell, Head, Row, Wanted};

/// A file as it came in. Name and declared type are hints: they break ties between sorts of text and shape sentences,
/// but never decide how bytes are read.
#[derive(Clone, Copy)]
pub struct Upload<'a> {
    /// The file's name, possibly empty.
    pub filename: &'a str,
    /// The MIME type it was sent with, if any.
    pub declared: Option<&'a str>,
    /// The content.
    pub bytes: &'a [u8],
}

/// What an upload holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// The sort of file it is, by content.
    pub kind: Kind,
    /// The document's own title, else its first heading, else the file's name without extension.
    pub title: String,
    /// The text in reading order, cut at headings and pages, ready to be cut further into passages.
    pub sections: Vec<Section>,
    /// Pairs of a question-answer table; such a table yields no sections.
    pub pairs: Vec<QuestionAnswer>,
    /// What the uploader should know.
    pub warnings: Vec<Warning>,
}

/// A stretch of text under one heading, on one page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The headings above it, outermost first; empty before the first heading.
    pub path: Vec<String>,
    /// The page it is on, from 1, where the format has pages.
    pub page: Option<u32>,
    /// Clean text: paragraphs apart by a blank line, list items and table rows a line each.
    pub text: String,
}

/// One question with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionAnswer {
    /// The question, on one line.
    pub question: String,
    /// The answer, possibly of several paragraphs.
    pub answer: String,
}

/// Reads an upload in this process.
///
/// Everything but time, memory and stack is bounded here; for those, and for panics inside parsers, call
/// [`parse_in_child`] wherever the bytes come from outside.
///
/// # Errors
/// [`Refused`] says what is wrong with the file and how to mend it.
pub fn extract(upload: Upload<'_>, limits: &Limits) -> Result<Extracted, Refused> {
    if upload.bytes.len() > limits.input_bytes {
        return Err(Refused::TooLarge { limit_bytes: limits.input_bytes });
    }
    if upload.bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Refused::Empty);
    }
    let hint = kind::hint(upload.filename, upload.declared);
    let content = kind::recognise(upload.bytes, hint, limits)?;
    let kind = content.kind();
    let mut parts = match content {
        kind::Content::Pdf => pdf::read(upload.bytes, limits),
        kind::Content::Docx(archive) => docx::read(archive, limits),
        kind::Content::Html(decoded) => html::read(decoded, limits),
        kind::Content::Table(decoded, delimiter) => table::read(decoded, delimiter, limits),
        kind::Content::Markdown(decoded) => text::read_markdown(decoded, limits),
        kind::Content::Plain(decoded) => text::read_plain(decoded, limits),
    }?;
    if parts.sections.is_empty() && parts.pairs.is_empty() {
        return Err(if kind == Kind::Pdf { Refused::ScannedPdf } else { Refused::NoText });
    }
    if let Some(declared) =
        hint.filter(|hint| hint.is_text() != kind.is_text() || (!kind.is_text() && *hint != kind))
    {
        parts.warnings.insert(0, Warning::TypeDiffers { declared, found: kind });
    }
    let title = parts
        .title
        .map(|title| outline::one_line(&title))
        .filter(|title| !title.is_empty())
        .or_else(|| parts.sections.first().and_then(|first| first.path.first().cloned()))
        .unwrap_or_else(|| kind::title_from_name(upload.filename));
    let title = title.chars().take(200).collect();
    Ok(Extracted { kind, title, sections: parts.sections, pairs: parts.pairs, warnings: parts.warnings })
}

/// What a reader of one format hands back.
#[derive(Debug, Default)]
struct Parts {
    title: Option<String>,
    sections: Vec<Section>,
    pairs: Vec<QuestionAnswer>,
    warnings: Vec<Warning>,
}
