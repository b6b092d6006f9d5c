//! Figures of a run, side by side: what is small, what is large, and how they compare.

use std::fmt;

use serde::Serialize;

/// Where a ratio may not go.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bar {
    /// Not beyond.
    AtMost(f64),
    /// Not below.
    AtLeast(f64),
}

/// What is compared: medians over the rounds.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// Of what.
    pub unit: String,
    /// What it is seen beside: the small amount, or what the machine can do at all.
    pub beside: f64,
    /// What was measured.
    pub measured: f64,
    /// The latter as a multiple of the former.
    pub ratio: f64,
    /// Where the run fails; `None` where a figure is shown and decides nothing.
    pub bar: Option<Bar>,
    /// The ratio of the run before, where there is one.
    pub before: Option<f64>,
}

impl Row {
    /// Compares two medians.
    pub fn new(name: &str, unit: &str, beside: f64, measured: f64, bar: Option<Bar>) -> Self {
        Self {
            name: name.to_owned(),
            unit: unit.to_owned(),
            beside,
            measured,
            ratio: measured / beside,
            bar,
            before: None,
        }
    }

    /// Whether the ratio keeps to its bar.
    pub fn holds(&self) -> bool {
        // Of nothing there is no multiple: a figure that is missing does not hold.
        self.bar.is_none_or(|bar| {
            self.ratio.is_finite()
                && match bar {
                    Bar::AtMost(most) => self.ratio <= most,
                    Bar::AtLeast(least) => self.ratio >= least,
                }
        })
    }
}

/// Rows under a title, as people read them.
pub struct Table<'a> {
    /// What was compared.
    pub title: &'a str,
    /// What the two columns are.
    pub columns: [&'static str; 2],
    /// The rows.
    pub rows: &'a [Row],
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [beside, measured] = self.columns;
        writeln!(f, "\n{}\n", self.title)?;
        let widest = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        writeln!(
            f,
            "  {:widest$}  {beside:>14}  {measured:>14}  {:>8}  {:>8}  {:>7}  bar",
            "", "ratio", "before", "change"
        )?;
        for row in self.rows {
            let bar = match row.bar {
                None => "–".to_owned(),
                Some(Bar::AtMost(most)) => format!("≤ {most}"),
                Some(Bar::AtLeast(least)) => format!("≥ {least}"),
            };
            let verdict = if row.holds() { "" } else { "   missed" };
            let (before, change) = row.before.map_or_else(Default::default, |before| {
                (format!("{before:.3}"), format!("{:+.0} %", (row.ratio / before - 1.0) * 100.0))
            });
            let places = |value: f64| if value < 10.0 { 3 } else { 1 };
            let shown = |value: f64| format!("{value:.*} {}", places(value), row.unit);
            writeln!(
                f,
                "  {:widest$}  {:>14}  {:>14}  {:>8.3}  {before:>8}  {change:>7}  {bar}{verdict}",
                row.name,
                shown(row.beside),
                shown(row.measured),
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
        let row = |beside, measured, bar| Row::new("a", "ms", beside, measured, bar).holds();
        let (most, least) = (Some(Bar::AtMost(2.0)), Some(Bar::AtLeast(0.5)));
        assert!(row(10.0, 20.0, most) && !row(10.0, 20.1, most));
        assert!(row(10.0, 5.0, least) && !row(10.0, 4.9, least));
        assert!(!row(f64::NAN, 20.0, most) && !row(0.0, 20.0, least));
        assert!(row(10.0, 90.0, None));
    }
}
