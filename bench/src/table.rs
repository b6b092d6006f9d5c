//! Figures of a run, side by side: what is small, what is large, and how they compare.

use std::fmt;

use serde::Serialize;

/// What is compared: medians over the rounds.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// Of what.
    pub unit: String,
    /// With the small amount.
    pub small: f64,
    /// With the large one.
    pub large: f64,
    /// The large one as a multiple of the small one.
    pub ratio: f64,
    /// The ratio beyond which the run fails; `None` where a figure is shown and decides nothing.
    pub limit: Option<f64>,
}

impl Row {
    /// Compares two medians.
    pub fn new(name: &str, unit: &str, small: f64, large: f64, limit: Option<f64>) -> Self {
        Self { name: name.to_owned(), unit: unit.to_owned(), small, large, ratio: large / small, limit }
    }

    /// Whether the ratio is within its limit.
    pub fn holds(&self) -> bool {
        // Of nothing there is no multiple: a figure that is missing does not hold.
        self.limit.is_none_or(|limit| self.ratio.is_finite() && self.ratio <= limit)
    }
}

/// Rows under a title, as people read them.
pub struct Table<'a> {
    /// What was compared.
    pub title: &'a str,
    /// The rows.
    pub rows: &'a [Row],
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}\n", self.title)?;
        let widest = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        writeln!(f, "  {:widest$}  {:>12}  {:>12}  {:>7}  limit", "", "small", "large", "ratio")?;
        for row in self.rows {
            let limit = row.limit.map_or_else(|| "–".to_owned(), |limit| format!("{limit:.1}"));
            let verdict = if row.holds() { "" } else { "   too much" };
            let shown = |value: f64| format!("{value:.1} {}", row.unit);
            writeln!(
                f,
                "  {:widest$}  {:>12}  {:>12}  {:>7.2}  {limit}{verdict}",
                row.name,
                shown(row.small),
                shown(row.large),
                row.ratio
            )?;
        }
        Ok(())
    }
}

/// The value in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.as_slice() {
        [] => f64::NAN,
        sorted if sorted.len() % 2 == 1 => sorted[sorted.len() / 2],
        sorted => f64::midpoint(sorted[sorted.len() / 2 - 1], sorted[sorted.len() / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 9.0]), 3.0);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn a_figure_that_is_missing_does_not_hold() {
        assert!(Row::new("a", "ms", 10.0, 20.0, Some(2.0)).holds());
        assert!(!Row::new("a", "ms", 10.0, 20.1, Some(2.0)).holds());
        assert!(!Row::new("a", "ms", f64::NAN, 20.0, Some(2.0)).holds());
        assert!(!Row::new("a", "ms", 0.0, 20.0, Some(2.0)).holds());
        assert!(Row::new("a", "ms", 10.0, 90.0, None).holds());
    }
}
