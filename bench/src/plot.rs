//! A picture of a run: every ratio that has a bar, as a multiple of that bar, round by round.
//!
//! Drawn by hand: dots on a line need no library.

use std::fmt::Write as _;

use crate::table::{Bar, Row};

/// Where the lines begin, and how long they are.
const LEFT: f64 = 540.0;
const WIDE: f64 = 420.0;
/// The height of a line.
const LINE: f64 = 22.0;
/// The space above the lines.
const TOP: f64 = 76.0;
/// The lines go from a tenth of the bar to ten times it.
const REACH: f64 = 10.0;

/// An SVG of rows; `rounds` says the ratios of one.
pub fn plot(title: &str, rows: &[Row], rounds: impl Fn(&Row) -> Vec<f64>) -> String {
    let barred: Vec<(&Row, Bar)> = rows.iter().filter_map(|row| Some((row, row.bar?))).collect();
    let height = TOP + LINE * barred.len() as f64 + 16.0;
    let bottom = height - 16.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"16\" y=\"24\" font-size=\"15\">{}</text>\n\
         <text x=\"16\" y=\"44\" fill=\"#666\">Each figure as a multiple of its bar: right of the line it holds. Dots are rounds, the tick is their median.</text>\n",
        LEFT + WIDE + 30.0,
        plain(title)
    );
    for multiple in [0.1, 0.5, 1.0, 2.0, 10.0] {
        let (x, colour) = (place(multiple), if multiple == 1.0 { "#333" } else { "#ddd" });
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{}\" y2=\"{bottom}\" stroke=\"{colour}\"/><text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#666\">{multiple}</text>",
            TOP - 10.0,
            TOP - 14.0
        );
    }
    for (n, (row, bar)) in barred.iter().enumerate() {
        let y = TOP + LINE * n as f64 + LINE / 2.0;
        let colour = if row.holds() { "#1a7f37" } else { "#c62828" };
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 14.0,
            y + 4.0,
            plain(&row.name)
        );
        for ratio in rounds(row) {
            let x = place(margin(*bar, ratio));
            let _ = writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\" fill-opacity=\"0.4\"/>"
            );
        }
        let x = place(margin(*bar, row.ratio));
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\" stroke-width=\"2.5\"/>",
            y - 7.0,
            y + 7.0
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// How far on the good side of its bar a ratio is: 1 is at the bar.
fn margin(bar: Bar, ratio: f64) -> f64 {
    match bar {
        Bar::AtLeast(least) => ratio / least,
        Bar::AtMost(most) => most / ratio,
    }
}

/// Where a multiple stands; what is beyond the lines, or no number, stands at their end.
fn place(multiple: f64) -> f64 {
    let within = if multiple.is_nan() { 1.0 / REACH } else { multiple.clamp(1.0 / REACH, REACH) };
    LEFT + WIDE * (within.log10() + 1.0) / 2.0
}

/// Text as markup takes it.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_stands_right_of_its_bar() {
        let line = place(1.0);
        assert!(
            place(margin(Bar::AtLeast(0.25), 0.3)) > line && place(margin(Bar::AtLeast(0.25), 0.2)) < line
        );
        assert!(place(margin(Bar::AtMost(8.0), 4.0)) > line && place(margin(Bar::AtMost(8.0), 9.0)) < line);
        assert_eq!(place(margin(Bar::AtMost(8.0), 0.0)), LEFT + WIDE);
        assert_eq!(place(f64::NAN), LEFT);
    }

    #[test]
    fn only_rows_with_a_bar_are_drawn() {
        let rows = [
            Row::new("a < b", "ms", 10.0, 5.0, Some(Bar::AtMost(1.0))),
            Row::new("shown", "ms", 10.0, 5.0, None),
        ];
        let svg = plot("A & B", &rows, |_| vec![0.4, 0.5]);
        assert!(svg.contains("a &lt; b") && svg.contains("A &amp; B") && !svg.contains(">shown<"));
        assert_eq!(svg.matches("<circle").count(), 2);
    }
}
