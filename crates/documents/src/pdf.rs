//! PDF, page by page.
//!
//! The parser panics on some odd fonts and recurses over whatever the file links together. A panic costs one page; an
//! overrun stack or memory costs the child process (see `child`).

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{
    Document, Error, Object, ObjectId, OutputError, PlainTextOutput, decode_text_string, output_doc_page,
};

use crate::outline::{self, Outline};
use crate::pdf_layout::{self as layout, Bookmark};
use crate::{Kind, Limits, Parts, Refused, Warning};

/// Reads the text of every page; pages without text are named in a warning.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Parts, Refused> {
    let damaged = Refused::Damaged { kind: Kind::Pdf };
    let document = open(bytes)?;
    let pages = document.get_pages();
    if pages.is_empty() {
        return Err(damaged);
    }
    if pages.len() > limits.pages {
        return Err(Refused::TooManyPages { limit: limits.pages });
    }
    let bookmarks = bookmarks(&document);
    let mut texts = Vec::with_capacity(pages.len());
    let mut left = limits.output_bytes;
    let mut unreadable = 0;
    for (&number, &id) in &pages {
        if !inherits_finitely(&document, id) {
            return Err(Refused::Bomb);
        }
        match page_text(&document, number, left) {
            Ok(text) => {
                left -= text.len().min(left);
                texts.push((number, outline::clean(&text)));
            }
            Err(PageError::TooMuchText) => {
                return Err(Refused::TooMuchText { limit_bytes: limits.output_bytes });
            }
            Err(PageError::Unreadable) => {
                unreadable += 1;
                texts.push((number, String::new()));
            }
        }
    }
    if unreadable == pages.len() {
        return Err(damaged);
    }
    let silent: Vec<u32> =
        texts.iter().filter(|(_, text)| text.is_empty()).map(|(number, _)| *number).collect();
    layout::remove_furniture(&mut texts);
    let mut outline = Outline::new(limits.output_bytes);
    for (number, text) in &texts {
        let headings: Vec<_> = bookmarks.iter().filter(|b| b.page == *number as usize).collect();
        layout::read_page(&mut outline, *number, text, &headings)?;
    }
    let warnings =
        if silent.is_empty() { Vec::new() } else { vec![Warning::PagesWithoutText { pages: silent }] };
    Ok(Parts { title: title(&document), sections: outline.finish(), warnings, ..Parts::default() })
}

fn open(bytes: &[u8]) -> Result<Document, Refused> {
    let mut document = Document::load_mem(bytes).map_err(|error| match error {
        Error::Decryption(_) | Error::InvalidPassword => Refused::PasswordProtected,
        // An encryption unknown to the parser makes it stumble anywhere.
        _ if bytes.windows(8).any(|word| word == b"/Encrypt") => Refused::PasswordProtected,
        _ => Refused::Damaged { kind: Kind::Pdf },
    })?;
    // Many files are encrypted with an empty password, merely to forbid printing: loading opened those.
    let locked = document.trailer.has(b"Encrypt") && !document.was_encrypted();
    if locked && document.decrypt("").is_err() {
        return Err(Refused::PasswordProtected);
    }
    Ok(document)
}

/// Whether the chain of parents, from which a page inherits, ends. The extractor follows it without a limit.
fn inherits_finitely(document: &Document, page: ObjectId) -> bool {
    let mut at = page;
    for _ in 0..256 {
        match document.get_dictionary(at).and_then(|d| d.get(b"Parent")).and_then(Object::as_reference) {
            Ok(parent) => at = parent,
            Err(_) => return true,
        }
    }
    false
}

enum PageError {
    TooMuchText,
    Unreadable,
}

fn page_text(document: &Document, number: u32, left: usize) -> Result<String, PageError> {
    let mut page = Bounded { text: Vec::new(), left, full: false };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let writer: &mut dyn Write = &mut page;
        output_doc_page(document, &mut PlainTextOutput::new(writer), number)
    }));
    match outcome {
        _ if page.full => Err(PageError::TooMuchText),
        Ok(Ok(())) => Ok(String::from_utf8_lossy(&page.text).into_owned()),
        // Text before an error in the middle of a page is worth having.
        Ok(Err(OutputError::PdfError(_) | OutputError::FormatError(_) | OutputError::IoError(_)))
        | Err(_) => {
            let text = String::from_utf8_lossy(&page.text).into_owned();
            if text.trim().is_empty() { Err(PageError::Unreadable) } else { Ok(text) }
        }
    }
}

/// A writer that refuses more than it was given room for.
struct Bounded {
    text: Vec<u8>,
    left: usize,
    full: bool,
}

impl Write for Bounded {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self.left.checked_sub(buf.len()) {
            Some(left) => {
                self.left = left;
                self.text.extend_from_slice(buf);
                Ok(buf.len())
            }
            None => {
                self.full = true;
                Err(io::Error::other("more text than allowed"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The document's own table of contents, which tells where its chapters begin.
fn bookmarks(document: &Document) -> Vec<Bookmark> {
    let contents = catch_unwind(AssertUnwindSafe(|| document.get_toc())).ok().and_then(Result::ok);
    let entries = contents.map(|contents| contents.toc).unwrap_or_default();
    entries
        .into_iter()
        .map(|entry| Bookmark {
            level: entry.level.clamp(1, 9) as u8,
            title: outline::one_line(&entry.title),
            page: entry.page,
        })
        .collect()
}

/// The title in the document's information, unless a printing program put a file name there.
fn title(document: &Document) -> Option<String> {
    let info = document.trailer.get(b"Info").ok()?;
    let info = document.dereference(info).ok()?.1.as_dict().ok()?;
    let title = document.dereference(info.get(b"Title").ok()?).ok()?.1;
    let title = decode_text_string(title).ok()?;
    let junk = ["microsoft word", "untitled", "tanpa judul"];
    let lower = title.to_lowercase();
    (!junk.iter().any(|word| lower.starts_with(word))).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_stops_at_its_room() {
        let mut page = Bounded { text: Vec::new(), left: 3, full: false };
        assert!(page.write_all(b"abc").is_ok());
        assert!(page.write_all(b"d").is_err() && page.full);
    }
}
