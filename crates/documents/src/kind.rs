//! Which sort of file the bytes are. Content decides; the name and the declared type only break ties between sorts of
//! text, which have no marks of their own.

use std::io::Cursor;

use serde::{Deserialize, Serialize};
use zip::ZipArchive;

use crate::encoding::{self, Decoded};
use crate::{Foreign, Limits, Refused, docx, html, outline, table, text};

/// The sorts of files that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// A table with a delimiter, question-answer tables included.
    Csv,
    /// A web page.
    Html,
    /// Portable Document Format.
    Pdf,
    /// Word document (Office Open XML).
    Docx,
    /// Excel workbook (Office Open XML); read as a table alone.
    Xlsx,
    /// Excel workbook of before 2007; read as a table alone.
    Xls,
    /// OpenDocument spreadsheet; read as a table alone.
    Ods,
}

impl Kind {
    /// The name people know the format by; the same in both languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "TXT",
            Self::Markdown => "Markdown",
            Self::Csv => "CSV",
            Self::Html => "HTML",
            Self::Pdf => "PDF",
            Self::Docx => "DOCX",
            Self::Xlsx => "XLSX",
            Self::Xls => "XLS",
            Self::Ods => "ODS",
        }
    }

    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Markdown | Self::Csv | Self::Html)
    }
}

/// Recognised content, opened as far as recognising it took.
pub(crate) enum Content<'a> {
    Pdf,
    Docx(ZipArchive<Cursor<&'a [u8]>>),
    Html(Decoded),
    Table(Decoded, u8),
    Markdown(Decoded),
    Plain(Decoded),
}

impl Content<'_> {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Pdf => Kind::Pdf,
            Self::Docx(_) => Kind::Docx,
            Self::Html(_) => Kind::Html,
            Self::Table(..) => Kind::Csv,
            Self::Markdown(_) => Kind::Markdown,
            Self::Plain(_) => Kind::Text,
        }
    }
}

/// What the declared type, else the name's extension, says the file is.
pub(crate) fn hint(filename: &str, declared: Option<&str>) -> Option<Kind> {
    let mime = declared.and_then(|d| d.split(';').next()).map(|m| m.trim().to_ascii_lowercase());
    let by_mime = match mime.as_deref() {
        Some("text/markdown" | "text/x-markdown") => Some(Kind::Markdown),
        Some("text/csv" | "application/csv" | "text/tab-separated-values") => Some(Kind::Csv),
        Some("text/html" | "application/xhtml+xml") => Some(Kind::Html),
        Some("application/pdf") => Some(Kind::Pdf),
        Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document") => Some(Kind::Docx),
        _ => None,
    };
    by_mime.or_else(|| {
        let (_, extension) = filename.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "txt" | "text" => Some(Kind::Text),
            "md" | "markdown" => Some(Kind::Markdown),
            "csv" | "tsv" => Some(Kind::Csv),
            "html" | "htm" | "xhtml" => Some(Kind::Html),
            "pdf" => Some(Kind::Pdf),
            "docx" => Some(Kind::Docx),
            _ => None,
        }
    })
}

/// The file's name without folders and extension, or a neutral word.
pub(crate) fn title_from_name(filename: &str) -> String {
    let base = filename.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let title = outline::one_line(&stem.replace('_', " "));
    if title.is_empty() { "Document".into() } else { title }
}

/// Recognises `bytes`, or says what they are instead.
pub(crate) fn recognise<'a>(
    bytes: &'a [u8],
    hint: Option<Kind>,
    limits: &Limits,
) -> Result<Content<'a>, Refused> {
    // Readers of PDF accept leading rubbish; so do the writers that produce it.
    if bytes[..bytes.len().min(1024)].windows(5).any(|w| w == b"%PDF-") {
        return Ok(Content::Pdf);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return docx::open(bytes, hint, limits).map(Content::Docx);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Err(compound(bytes));
    }
    if bytes.starts_with(br"{\rtf") {
        return Err(Refused::Unsupported { found: Foreign::RichText });
    }
    // Text comes before the table of magic numbers, some of which ("BM") are ordinary words.
    let decoded = if hint == Some(Kind::Html) { html::decode(bytes) } else { encoding::decode(bytes) };
    match decoded {
        Some(decoded) => recognise_text(decoded, bytes, hint),
        None => Err(foreign(bytes, hint)),
    }
}

fn recognise_text<'a>(decoded: Decoded, bytes: &[u8], hint: Option<Kind>) -> Result<Content<'a>, Refused> {
    if html::looks_like(&decoded.text, hint == Some(Kind::Html)) {
        return Ok(Content::Html(html::decode(bytes).unwrap_or(decoded)));
    }
    if decoded.text.trim_start().starts_with("<?xml") || decoded.text.trim_start().starts_with("<svg") {
        return Err(Refused::Unsupported { found: Foreign::Xml });
    }
    if hint != Some(Kind::Markdown)
        && let Some(delimiter) = table::delimiter(&decoded.text, hint == Some(Kind::Csv))
    {
        return Ok(Content::Table(decoded, delimiter));
    }
    if hint == Some(Kind::Markdown) || text::looks_like_markdown(&decoded.text) {
        return Ok(Content::Markdown(decoded));
    }
    Ok(Content::Plain(decoded))
}

/// Microsoft's compound file: old Office formats, and the envelope around encrypted new ones.
pub(crate) fn compound(bytes: &[u8]) -> Refused {
    let holds = |stream: &str| {
        let name: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(name.len()).any(|w| w == name)
    };
    if holds("EncryptedPackage") {
        Refused::PasswordProtected
    } else if holds("WordDocument") {
        Refused::OldWord
    } else if holds("Workbook") {
        Refused::Unsupported { found: Foreign::Spreadsheet }
    } else if holds("PowerPoint Document") {
        Refused::Unsupported { found: Foreign::Presentation }
    } else {
        Refused::Unsupported { found: Foreign::Unknown }
    }
}

/// Names what is neither text nor a document.
fn foreign(bytes: &[u8], hint: Option<Kind>) -> Refused {
    use infer::MatcherType as M;
    let found = match infer::get(bytes).map(|kind| kind.matcher_type()) {
        Some(M::Image) => Foreign::Picture,
        Some(M::Audio) => Foreign::Audio,
        Some(M::Video) => Foreign::Video,
        Some(M::Archive) => Foreign::Archive,
        Some(M::App) => Foreign::Program,
        _ if hint.is_some_and(Kind::is_text) && !bytes.contains(&0) => return Refused::WrongEncoding,
        _ => match hint {
            Some(kind @ (Kind::Pdf | Kind::Docx)) => return Refused::Damaged { kind },
            _ => Foreign::Unknown,
        },
    };
    Refused::Unsupported { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(bytes: &[u8], name: &str) -> Result<Kind, Refused> {
        recognise(bytes, hint(name, None), &Limits::default()).map(|content| content.kind())
    }

    #[test]
    fn content_decides_whatever_the_name_says() {
        for name in ["a.pdf", "a.docx", "a.csv", "a", "a.html", "a.md"] {
            assert_eq!(recognised(b"%PDF-1.7\n", name), Ok(Kind::Pdf), "{name}");
            assert_eq!(recognised(b"<!DOCTYPE html><p>Halo", name), Ok(Kind::Html), "{name}");
        }
        assert_eq!(recognised(b"BM is how the brand is written.", "a.bmp"), Ok(Kind::Text));
        assert_eq!(recognised(b"# Harga\n\nMurah sekali.", "a.txt"), Ok(Kind::Markdown));
        assert_eq!(recognised(b"question,answer\nWhen?,Now", "a.txt"), Ok(Kind::Csv));
    }

    #[test]
    fn what_is_not_a_document_is_named() {
        let unsupported = |found| Err(Refused::Unsupported { found });
        assert_eq!(
            recognised(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01", "a.pdf"),
            unsupported(Foreign::Picture)
        );
        assert_eq!(recognised(b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a.txt"), unsupported(Foreign::Picture));
        assert_eq!(recognised(b"OggS\0\x02\0\0\0\0\0\0\0\0", "a.txt"), unsupported(Foreign::Audio));
        assert_eq!(recognised(b"\x1f\x8b\x08\0\0\0\0\0", "a.csv"), unsupported(Foreign::Archive));
        assert_eq!(
            recognised(&[b"\x7fELF\x02\x01\x01".as_slice(), &[0; 64]].concat(), "a"),
            unsupported(Foreign::Program)
        );
        assert_eq!(recognised(b"{\\rtf1 hello}", "a.docx"), unsupported(Foreign::RichText));
        assert_eq!(recognised(b"<?xml version=\"1.0\"?><svg/>", "a.html"), unsupported(Foreign::Xml));
        assert_eq!(recognised(b"\x90\xa2\x8a\x45\x82\xcd\x90\xa2", "a.txt"), Err(Refused::WrongEncoding));
        assert_eq!(recognised(&[1, 2, 3, 0, 0, 9, 8, 0], "a.txt"), unsupported(Foreign::Unknown));
        for (name, kind) in [("a.pdf", Kind::Pdf), ("a.docx", Kind::Docx)] {
            assert_eq!(recognised(&[1, 2, 3, 0, 0, 9, 8, 0], name), Err(Refused::Damaged { kind }));
        }
    }

    #[test]
    fn old_and_encrypted_office_files_are_told_apart() {
        let ole = |stream: &str| {
            let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
            bytes.resize(512, 0);
            bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
            bytes
        };
        assert_eq!(recognised(&ole("WordDocument"), "a.docx"), Err(Refused::OldWord));
        assert_eq!(recognised(&ole("EncryptedPackage"), "a.docx"), Err(Refused::PasswordProtected));
        assert_eq!(
            recognised(&ole("Workbook"), "a.xls"),
            Err(Refused::Unsupported { found: Foreign::Spreadsheet })
        );
    }

    #[test]
    fn titles_come_from_names_without_folders() {
        assert_eq!(title_from_name("C:\\docs\\daftar_harga.v2.pdf"), "daftar harga.v2");
        assert_eq!(title_from_name(""), "Document");
        assert_eq!(title_from_name(".pdf"), "Document");
    }
}
