//! Which row of a table holds the headings.

use std::collections::HashMap;

use super::cell::{Cell, Row};

/// Looks for the headings among the first rows of a table: the place of the row that holds them.
///
/// A title above the table fills fewer cells than the table does. Headings are words, each its own, and nothing that
/// looks like a phone number, an amount or an address.
pub(super) fn find(rows: &[Row]) -> Option<usize> {
    let width = rows.iter().map(filled).max()?;
    let place = rows.iter().position(|row| filled(row) * 2 > width || width == 1)?;
    let row = &rows[place];
    row.cells.iter().filter(|cell| !cell.is_empty()).all(names_a_column).then_some(place)
}

fn filled(row: &Row) -> usize {
    row.cells.iter().filter(|cell| !cell.is_empty()).count()
}

fn names_a_column(cell: &Cell) -> bool {
    match cell {
        Cell::Text(text) => {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            text.chars().count() <= 100
                && text.chars().any(char::is_alphabetic)
                && digits < 5
                && !text.contains('@')
        }
        _ => false,
    }
}

/// A name for each of `width` columns: the heading, made its own, else the letter.
pub(super) fn names(row: Option<&Row>, width: usize) -> Vec<String> {
    let width = width.max(row.map_or(0, |row| row.cells.len()));
    let mut seen: HashMap<String, usize> = HashMap::new();
    (0..width)
        .map(|column| {
            let named = row.map(|row| row.cell(column).text()).filter(|name| !name.is_empty());
            let name = named.map_or_else(|| letters(column), |name| name.chars().take(100).collect());
            let times = seen.entry(name.clone()).or_default();
            *times += 1;
            if *times == 1 { name } else { format!("{name} ({times})") }
        })
        .collect()
}

/// The letters by which spreadsheets call a column, counted from 0.
fn letters(column: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(column % 26).unwrap_or(0));
    match column / 26 {
        0 => letter.to_string(),
        rest => format!("{}{letter}", letters(rest - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_in_a_spreadsheet() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(letters), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
