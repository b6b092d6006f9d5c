//! Tables as text, with a delimiter between the cells.

use std::collections::BTreeMap;

use super::cell::{Cell, Row};
use super::pages::{About, Pages};
use crate::encoding::Decoded;
use crate::{Kind, Limits, Refused, table, text};

/// Reads the rows. They have the numbers that a spreadsheet gives them, for which an empty line is a row.
pub(super) fn read(decoded: Decoded, limits: &Limits, pages: &mut Pages<'_>) -> Result<(), Refused> {
    let (body, named) = table::excel_separator(&decoded.text);
    let delimiter = named.unwrap_or_else(|| delimiter(body));
    pages.about(About {
        kind: Kind::Csv,
        sheets: Vec::new(),
        sheet: None,
        warnings: text::warnings(decoded.replaced),
    });
    let mut reader = table::reader(body, delimiter);
    let mut record = csv::StringRecord::new();
    let mut number = 0u32;
    loop {
        let before = reader.position().line();
        if !reader.read_record(&mut record).map_err(|_| Refused::Damaged { kind: Kind::Csv })? {
            return Ok(());
        }
        let lines = reader.position().line() - before;
        let within: usize = record.iter().map(|cell| cell.matches('\n').count()).sum();
        let empty = lines.saturating_sub(within as u64 + 1);
        number = number.saturating_add(1 + u32::try_from(empty).unwrap_or(u32::MAX - 1));
        if record.iter().any(|cell| cell.len() > limits.cell_bytes) {
            return Err(Refused::CellTooLong { row: number, limit_bytes: limits.cell_bytes });
        }
        pages.row(Row { number, cells: record.iter().map(Cell::of_text).collect() })?;
    }
}

/// The delimiter by which most rows have as many cells as each other; titles and notes above a table do not count.
fn delimiter(text: &str) -> u8 {
    let agreeing = |delimiter: u8| {
        let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
        for row in table::reader(text, delimiter).into_records().take(50).map_while(Result::ok) {
            *widths.entry(row.len()).or_default() += 1;
        }
        widths.into_iter().filter(|(width, _)| *width > 1).map(|(width, rows)| (rows, width)).max()
    };
    let best = table::DELIMITERS.into_iter().filter_map(|one| Some((agreeing(one)?, one)));
    // A single column is a table, too.
    best.max_by_key(|(agreeing, _)| *agreeing).map_or(b',', |(_, delimiter)| delimiter)
}
