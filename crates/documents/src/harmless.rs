//! Tables that go out: as CSV, and without a cell that a spreadsheet would run.

use std::borrow::Cow;

/// A spreadsheet runs what begins with one of these characters; an apostrophe before it makes it text. (OWASP: CSV
/// injection.)
pub fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

/// Rows as lines of CSV, every cell of them harmless.
///
/// # Errors
/// Where rows differ in length.
pub fn csv_lines<R, C>(rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, csv::Error>
where
    R: IntoIterator<Item = C>,
    C: AsRef<str>,
{
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        for cell in row {
            writer.write_field(harmless(cell.as_ref()).as_ref())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_marked_as_text() {
        assert_eq!(harmless("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!(harmless("Sari"), "Sari");
    }

    proptest! {
        #[test]
        fn no_cell_is_run_and_every_cell_reads_back(cells in prop::array::uniform11(any::<String>())) {
            let written = csv_lines([&cells]).unwrap();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(written.as_slice());
            let row = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(row.len(), cells.len());
            for (cell, original) in row.iter().zip(&cells) {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
                prop_assert!(cell == original || cell.strip_prefix('\'') == Some(original));
            }
        }
    }
}
