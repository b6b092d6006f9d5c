//! Building sections: headings open them, paragraphs fill them, a budget bounds them.
//!
//! Invariant: what leaves here is clean text. Control and invisible characters are gone, because text that a person
//! cannot see in the document must not reach a model that answers customers.

use crate::{Refused, Section};

/// Characters of a heading that are kept; longer ones are paragraphs in disguise.
const LONGEST_HEADING: usize = 300;

/// Collects headings and paragraphs in reading order.
pub(crate) struct Outline {
    sections: Vec<Section>,
    path: Vec<(u8, String)>,
    page: Option<u32>,
    text: String,
    limit: usize,
    left: usize,
}

impl Outline {
    /// An empty outline that takes at most `limit` bytes of text.
    pub(crate) fn new(limit: usize) -> Self {
        Self { sections: Vec::new(), path: Vec::new(), page: None, text: String::new(), limit, left: limit }
    }

    /// Opens a section below the last heading of a smaller level.
    pub(crate) fn heading(&mut self, level: u8, text: &str) -> Result<(), Refused> {
        let text: String = one_line(text).chars().take(LONGEST_HEADING).collect();
        if text.is_empty() {
            return Ok(());
        }
        self.close();
        self.path.retain(|(above, _)| *above < level);
        self.path.push((level, text));
        Ok(())
    }

    /// Starts page `number` (from 1); the heading path carries over.
    pub(crate) fn page(&mut self, number: u32) {
        self.close();
        self.page = Some(number);
    }

    /// Adds a paragraph, separated from the one before by a blank line.
    pub(crate) fn paragraph(&mut self, text: &str) -> Result<(), Refused> {
        self.add(text, "\n\n")
    }

    /// Adds a list item, directly below the line before. `depth` is 0 for the outermost list.
    pub(crate) fn item(&mut self, depth: usize, text: &str) -> Result<(), Refused> {
        let text = one_line(text);
        if text.is_empty() {
            return Ok(());
        }
        let after_item = self.text.lines().last().is_some_and(|line| line.trim_start().starts_with("- "));
        let item = format!("{}- {text}", "  ".repeat(depth.min(8)));
        self.add_raw(&item, if after_item { "\n" } else { "\n\n" })
    }

    /// Adds a table, a line per row. With a header each cell is named, so that a row makes sense on its own.
    pub(crate) fn table(&mut self, header: Option<&[String]>, rows: &[Vec<String>]) -> Result<(), Refused> {
        let mut separator = "\n\n";
        for row in rows {
            let line = row_text(header, row);
            if !line.is_empty() {
                self.add_raw(&line, separator)?;
                separator = "\n";
            }
        }
        Ok(())
    }

    /// The sections gathered, none of them empty of text unless a heading stands alone.
    pub(crate) fn finish(mut self) -> Vec<Section> {
        self.close();
        self.sections
    }

    fn add(&mut self, text: &str, separator: &str) -> Result<(), Refused> {
        let text = clean(text);
        if text.is_empty() { Ok(()) } else { self.add_raw(&text, separator) }
    }

    fn add_raw(&mut self, text: &str, separator: &str) -> Result<(), Refused> {
        self.spend(text.len() + separator.len())?;
        if self.text.is_empty() {
            // Every section repeats the headings above it.
            self.spend(self.path.iter().map(|(_, text)| text.len()).sum())?;
        } else {
            self.text.push_str(separator);
        }
        self.text.push_str(text);
        Ok(())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Refused> {
        self.left = self.left.checked_sub(bytes).ok_or(Refused::TooMuchText { limit_bytes: self.limit })?;
        Ok(())
    }

    fn close(&mut self) {
        if !self.text.is_empty() {
            let path = self.path.iter().map(|(_, text)| text.clone()).collect();
            self.sections.push(Section { path, page: self.page, text: std::mem::take(&mut self.text) });
        }
    }
}

/// One row as a line: `Header: cell; Header: cell`, or `cell | cell` where no header is known.
pub(crate) fn row_text(header: Option<&[String]>, row: &[String]) -> String {
    let cells = row.iter().map(|cell| one_line(cell)).enumerate().filter(|(_, cell)| !cell.is_empty());
    match header {
        Some(names) => cells
            .map(|(i, cell)| match names.get(i).map(|name| one_line(name)) {
                Some(name) if !name.is_empty() => format!("{name}: {cell}"),
                _ => cell,
            })
            .collect::<Vec<_>>()
            .join("; "),
        None => cells.map(|(_, cell)| cell).collect::<Vec<_>>().join(" | "),
    }
}

/// Text without control and invisible characters, runs of blanks joined, at most one blank line in a row.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank_lines = 0;
    for line in text.replace("\r\n", "\n").split(['\n', '\r', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']) {
        let line = one_line(line);
        if line.is_empty() {
            blank_lines += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if blank_lines > 0 { "\n\n" } else { "\n" });
        }
        blank_lines = 0;
        out.push_str(&line);
    }
    out
}

/// Like [`clean`], on a single line.
pub(crate) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let mut visible = word.chars().filter(|c| !is_invisible(*c)).peekable();
        if visible.peek().is_none() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(visible);
    }
    out
}

/// Characters without a shape that serve to hide or reorder text: zero-width space, soft hyphen, direction overrides,
/// tag characters, byte-order mark. The joiners (U+200C, U+200D) stay; Arabic and emoji need them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn headings_make_paths() {
        let mut outline = Outline::new(1000);
        outline.paragraph("intro").unwrap();
        outline.heading(1, "Kopi").unwrap();
        outline.paragraph("a").unwrap();
        outline.heading(2, "Harga").unwrap();
        outline.paragraph("b").unwrap();
        outline.item(0, "satu").unwrap();
        outline.item(1, "dua").unwrap();
        outline.heading(1, "Teh").unwrap();
        outline.paragraph("c").unwrap();
        let sections = outline.finish();
        let paths: Vec<_> = sections.iter().map(|s| s.path.join("/")).collect();
        assert_eq!(paths, ["", "Kopi", "Kopi/Harga", "Teh"]);
        assert_eq!(sections[2].text, "b\n\n- satu\n  - dua");
    }

    #[test]
    fn tables_name_their_cells() {
        let header = ["Produk".to_string(), "Harga".to_string()];
        assert_eq!(row_text(Some(&header), &["Gayo".into(), "90.000".into()]), "Produk: Gayo; Harga: 90.000");
        assert_eq!(row_text(Some(&header), &["Gayo".into(), "".into(), "x".into()]), "Produk: Gayo; x");
        assert_eq!(row_text(None, &["a".into(), " ".into(), "b\nc".into()]), "a | b c");
    }

    #[test]
    fn hidden_characters_do_not_pass() {
        assert_eq!(
            one_line("ig\u{200b}nore \u{202e}txet \u{e0041}\u{e0042} soft\u{ad}hyphen\u{feff}"),
            "ignore txet softhyphen"
        );
        assert_eq!(clean("a  b\t c\r\n\r\n\r\nd\u{0}e\n"), "a b c\n\nd e");
        assert_eq!(one_line("👩\u{200d}⚕"), "👩\u{200d}⚕");
    }

    #[test]
    fn the_budget_holds() {
        let mut outline = Outline::new(10);
        outline.paragraph("12345").unwrap();
        assert_eq!(outline.paragraph("12345"), Err(Refused::TooMuchText { limit_bytes: 10 }));
    }

    proptest! {
        #[test]
        fn cleaning_is_stable(s in any::<String>()) {
            let once = clean(&s);
            prop_assert_eq!(clean(&once), once.clone());
            prop_assert!(!once.contains("\n\n\n"));
        }
    }
}
