//! What was measured, and the rows that it makes.

use serde::Serialize;

use super::Kind;
use super::figures::Figure;
use crate::table::{Bar, Row, median};

/// One measurement of one round.
#[derive(Clone, Debug, Serialize)]
pub struct Sample {
    /// Of what.
    pub name: String,
    /// What it is seen beside.
    pub beside: f64,
    /// What was measured.
    pub measured: f64,
    #[serde(skip)]
    unit: &'static str,
    #[serde(skip)]
    bar: Option<Bar>,
}

impl Sample {
    /// The latter as a multiple of the former.
    pub fn ratio(&self) -> f64 {
        self.measured / self.beside
    }
}

/// Everything that was measured.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Sheet {
    samples: Vec<Sample>,
}

impl Sheet {
    /// Notes a figure of a store.
    pub fn note(&mut self, figure: &'static Figure, kind: Kind, beside: f64, measured: f64) {
        self.note_of(figure, "", kind, beside, measured);
    }

    /// Notes a figure whose name tells a size.
    pub fn note_of(&mut self, figure: &'static Figure, size: &str, kind: Kind, beside: f64, measured: f64) {
        let name = format!("{kind:?}: {}", figure.name.replace("{}", size));
        let unit = if figure.unit.is_empty() { String::new() } else { format!(" {}", figure.unit) };
        eprintln!("  {name}: {measured:.3}{unit} beside {beside:.3}{unit}");
        self.samples.push(Sample { name, beside, measured, unit: figure.unit, bar: figure.bar(kind) });
    }

    /// A row for each figure, in the order in which they were measured first.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        for sample in &self.samples {
            if rows.iter().any(|row| row.name == sample.name) {
                continue;
            }
            let of = |value: fn(&Sample) -> f64| median(self.of(&sample.name).map(value).collect());
            let (beside, measured) = (of(|one| one.beside), of(|one| one.measured));
            let row = Row::new(&sample.name, sample.unit, beside, measured, sample.bar);
            // The middle of the ratios, not the ratio of the middles: what disturbed a round disturbed both sides.
            rows.push(Row { ratio: of(Sample::ratio), ..row });
        }
        rows
    }

    /// The ratios of a row, round by round.
    pub fn ratios(&self, name: &str) -> Vec<f64> {
        self.of(name).map(Sample::ratio).collect()
    }

    fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.samples.iter().filter(move |sample| sample.name == name)
    }
}

/// A number with commas between its thousands.
pub fn counted(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::figures;

    #[test]
    fn a_row_is_the_median_of_the_rounds_ratios() {
        let mut sheet = Sheet::default();
        for (beside, measured) in [(10.0, 5.0), (1_000.0, 200.0), (10.0, 4.0)] {
            sheet.note(&figures::ACKNOWLEDGED, Kind::Sqlite, beside, measured);
        }
        sheet.note_of(&figures::BEHIND, "50,000", Kind::Postgres, 100.0, 150.0);
        let rows = sheet.rows();
        assert_eq!((rows[0].beside, rows[0].measured, rows[0].ratio), (10.0, 5.0, 0.4));
        assert!(rows[0].holds() && !rows[1].holds());
        assert!(rows[1].name.contains("50,000"), "{}", rows[1].name);
        assert_eq!(sheet.ratios(&rows[0].name), [0.5, 0.2, 0.4]);
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!([7, 1_000, 10_000_000].map(counted), ["7", "1,000", "10,000,000"]);
    }
}
