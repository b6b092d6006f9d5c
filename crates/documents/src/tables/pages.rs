//! Rows gathered into pages, behind a head that is made from the first of them.

use serde::{Deserialize, Serialize};

use super::cell::Row;
use super::{Head, Wanted, headings};
use crate::{Kind, Limits, Refused, Warning};

/// So many rows go together from the child to its parent.
const PAGE: usize = 500;
/// Headings stand among so many rows, or nowhere.
const LOOKED_AT: usize = 20;

/// What the reader says, one line each.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// Comes first.
    Head(Head),
    /// A page of rows.
    Rows(Vec<Row>),
    /// All rows have come.
    End,
}

/// Takes rows one by one, and gives out the head and pages.
pub(super) struct Pages<'a> {
    wanted: &'a Wanted,
    limits: &'a Limits,
    answer: &'a mut dyn FnMut(Answer) -> Result<(), Refused>,
    about: Option<About>,
    opened: bool,
    waiting: Vec<Row>,
    taken: usize,
}

/// What a reader knows of its file before it reads rows.
pub(super) struct About {
    pub(super) kind: Kind,
    pub(super) sheets: Vec<String>,
    pub(super) sheet: Option<String>,
    pub(super) warnings: Vec<Warning>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(
        wanted: &'a Wanted,
        limits: &'a Limits,
        answer: &'a mut dyn FnMut(Answer) -> Result<(), Refused>,
    ) -> Self {
        Self { wanted, limits, answer, about: None, opened: false, waiting: Vec::new(), taken: 0 }
    }

    /// Says what the file is. Comes before the rows.
    pub(super) fn about(&mut self, about: About) {
        self.about = Some(about);
    }

    /// Takes a row; one without anything in it does not count.
    pub(super) fn row(&mut self, mut row: Row) -> Result<(), Refused> {
        while row.cells.last().is_some_and(super::Cell::is_empty) {
            row.cells.pop();
        }
        if row.cells.is_empty() {
            return Ok(());
        }
        if row.cells.len() > self.limits.columns {
            return Err(Refused::TooManyColumns { limit: self.limits.columns });
        }
        self.taken += 1;
        // One more, for the headings.
        if self.taken > self.limits.rows + 1 {
            return Err(Refused::TooManyRows { limit: self.limits.rows });
        }
        self.waiting.push(row);
        if !self.opened && self.waiting.len() >= LOOKED_AT.max(self.heading_row()) {
            self.open()?;
        }
        if self.opened && self.waiting.len() >= PAGE { self.turn() } else { Ok(()) }
    }

    /// Gives out what is left.
    pub(super) fn finish(mut self) -> Result<(), Refused> {
        if !self.opened {
            self.open()?;
        }
        if !self.waiting.is_empty() {
            self.turn()?;
        }
        (self.answer)(Answer::End)
    }

    fn heading_row(&self) -> usize {
        self.wanted.heading_row.and_then(|row| usize::try_from(row).ok()).map_or(0, |row| row.min(1000))
    }

    fn open(&mut self) -> Result<(), Refused> {
        let Some(about) = self.about.take() else { return Err(Refused::NoTable) };
        if self.waiting.is_empty() {
            return Err(Refused::NoText);
        }
        let place = match self.wanted.heading_row {
            Some(number) => self.waiting.iter().position(|row| row.number == number),
            None => headings::find(&self.waiting),
        };
        // What stands above the headings is no data.
        let above: Vec<Row> = self.waiting.drain(..place.map_or(0, |place| place + 1)).collect();
        let row = above.last();
        let width = self.waiting.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        self.opened = true;
        (self.answer)(Answer::Head(Head {
            kind: about.kind,
            sheets: about.sheets,
            sheet: about.sheet,
            heading_row: row.map(|row| row.number),
            headings: headings::names(row, width),
            warnings: about.warnings,
        }))
    }

    fn turn(&mut self) -> Result<(), Refused> {
        (self.answer)(Answer::Rows(std::mem::take(&mut self.waiting)))
    }
}
