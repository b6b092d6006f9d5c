//! Tables of data: CSV, XLSX, XLS and ODS, row by row.
//!
//! Invariant: nothing here grows with the number of rows. A table comes in pages, and whoever reads it takes the next
//! one when it is done with the last; meanwhile the reader stands still. Cells keep what the spreadsheet means by them:
//! a date is a date, whatever it looks like there.

mod cell;
mod delimited;
mod headings;
mod pages;
mod workbook;

use serde::{Deserialize, Serialize};

pub use cell::{Cell, Row};
pub(crate) use pages::Answer;
use pages::Pages;

use crate::{Kind, Limits, Refused, Upload, Warning, encoding, html};

/// Which part of a file to read, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The sheet, by its name. Without one, the first that holds anything to show.
    pub sheet: Option<String>,
    /// The row with the headings, numbered from 1; 0: there are none. Without it, they are looked for.
    pub heading_row: Option<u32>,
}

/// What is known of a table before its rows come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The sort of file.
    pub kind: Kind,
    /// All sheets that could be read, in their order; empty where the format knows none.
    pub sheets: Vec<String>,
    /// The one that is read.
    pub sheet: Option<String>,
    /// The row of the headings; `None`: the table has none.
    pub heading_row: Option<u32>,
    /// A name for each column: its heading, or the letter that a spreadsheet gives it. No two are the same.
    pub headings: Vec<String>,
    /// What the uploader should know.
    pub warnings: Vec<Warning>,
}

/// Reads a table in this process and hands its answers out one by one: first the head, then pages of rows.
///
/// As with [`crate::extract`], call [`crate::open_table`] wherever the bytes come from outside.
pub(crate) fn read(
    upload: Upload<'_>,
    wanted: &Wanted,
    limits: &Limits,
    answer: &mut dyn FnMut(Answer) -> Result<(), Refused>,
) -> Result<(), Refused> {
    if upload.bytes.len() > limits.input_bytes {
        return Err(Refused::TooLarge { limit_bytes: limits.input_bytes });
    }
    if upload.bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Refused::Empty);
    }
    let mut pages = Pages::new(wanted, limits, answer);
    match workbook::kind(upload.bytes, limits)? {
        Some(kind) => workbook::read(upload.bytes, kind, wanted, limits, &mut pages)?,
        None => delimited::read(text(upload)?, limits, &mut pages)?,
    }
    pages.finish()
}

/// The text of a file that is no workbook, if it may be a table.
fn text(upload: Upload<'_>) -> Result<encoding::Decoded, Refused> {
    if upload.bytes.starts_with(b"%PDF-") || upload.bytes.starts_with(b"PK\x03\x04") {
        return Err(Refused::NoTable);
    }
    let decoded = encoding::decode(upload.bytes).ok_or(Refused::NoTable)?;
    let start = decoded.text.trim_start();
    if html::looks_like(&decoded.text, false) || start.starts_with("<?xml") || start.starts_with('{') {
        return Err(Refused::NoTable);
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table as whoever reads it sees it.
    fn table_of(bytes: &[u8], wanted: &Wanted, limits: &Limits) -> Result<(Head, Vec<Row>), Refused> {
        let (mut head, mut rows) = (None, Vec::new());
        read(Upload { filename: "a.csv", declared: None, bytes }, wanted, limits, &mut |answer| {
            match answer {
                Answer::Head(known) => head = Some(known),
                Answer::Rows(page) => rows.extend(page),
                Answer::End => {}
            }
            Ok(())
        })?;
        Ok((head.expect("a head comes first"), rows))
    }

    fn table(text: &str) -> (Head, Vec<Row>) {
        table_of(text.as_bytes(), &Wanted::default(), &Limits::default()).unwrap()
    }

    fn texts(row: &Row) -> Vec<String> {
        row.cells.iter().map(Cell::text).collect()
    }

    #[test]
    fn headings_and_rows_keep_the_numbers_that_a_spreadsheet_shows() {
        let (head, rows) =
            table("Pelanggan kami\n\nNama;Telepon\nSari;0812\n\n\"Budi\nSantoso\";0813\nDewi;0814\n");
        assert_eq!((head.heading_row, head.headings), (Some(3), vec!["Nama".to_owned(), "Telepon".into()]));
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [4, 6, 7]);
        assert_eq!(texts(&rows[1]), ["Budi\nSantoso", "0813"]);
    }

    #[test]
    fn a_table_without_headings_gets_letters() {
        let (head, rows) = table("Sari,+62 812 3456 7890\nBudi,0813 1111 2222\n");
        assert_eq!((head.heading_row, head.headings), (None, vec!["A".to_owned(), "B".into()]));
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn headings_may_be_said() {
        let wanted = Wanted { heading_row: Some(2), ..Wanted::default() };
        let (head, rows) = table_of(b"a,b\n1,2\n3,4\n", &wanted, &Limits::default()).unwrap();
        assert_eq!((head.headings, rows.len()), (vec!["1".to_owned(), "2".into()], 1));
        let wanted = Wanted { heading_row: Some(0), ..Wanted::default() };
        assert_eq!(table_of(b"a,b\n1,2\n", &wanted, &Limits::default()).unwrap().1.len(), 2);
    }

    #[test]
    fn the_same_heading_twice_is_told_apart() {
        assert_eq!(table("Telepon,Telepon,\n1,2,3\n").0.headings, ["Telepon", "Telepon (2)", "C"]);
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let limits = Limits { rows: 2, columns: 2, cell_bytes: 5, ..Limits::default() };
        let refused = |text: &str| table_of(text.as_bytes(), &Wanted::default(), &limits).unwrap_err();
        assert_eq!(refused("a,b\n1,2\n3,4\n5,6\n"), Refused::TooManyRows { limit: 2 });
        assert_eq!(refused("a,b,c\n1,2,3\n"), Refused::TooManyColumns { limit: 2 });
        assert_eq!(refused("a,b\n1,234567\n"), Refused::CellTooLong { row: 2, limit_bytes: 5 });
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for bytes in
            [b"%PDF-1.4".as_slice(), b"<!DOCTYPE html><p>x", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"{\"a\":1}"]
        {
            assert_eq!(
                table_of(bytes, &Wanted::default(), &Limits::default()).unwrap_err(),
                Refused::NoTable
            );
        }
        assert_eq!(table_of(b" \n", &Wanted::default(), &Limits::default()).unwrap_err(), Refused::Empty);
    }

    #[test]
    fn a_table_of_headings_alone_has_no_rows() {
        let (head, rows) = table("Nama,Telepon\n");
        assert_eq!((head.headings.len(), rows.len()), (2, 0));
    }
}
