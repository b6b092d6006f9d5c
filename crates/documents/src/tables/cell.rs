//! A cell and a row, as the spreadsheet means them.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

/// One row of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its number as a spreadsheet shows it, from 1.
    pub number: u32,
    /// Its cells, without the empty ones at its end.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell in a column, counted from 0; one that is not there is empty.
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }
}

/// What a cell holds. In CSV everything is text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Nothing, or blanks alone.
    #[default]
    Empty,
    /// Text without blanks around it.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// A day.
    Date(Date),
    /// A moment of a day, in no time zone.
    DateTime(DateTime),
}

impl Cell {
    /// A cell of text.
    pub(super) fn of_text(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// What one would read or copy there: numbers without exponents, dates in the order of ISO 8601.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Boolean(yes) => yes.to_string(),
            Self::Date(date) => date.to_string(),
            Self::DateTime(at) => at.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_number_reads_as_its_digits() {
        assert_eq!(Cell::Number(6_281_234_567_890.0).text(), "6281234567890");
        assert_eq!(Cell::Number(1.5).text(), "1.5");
    }
}
