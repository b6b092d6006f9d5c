//! Rates as a table for spreadsheets.

use documents::harmless;
use rules::rates::Tally;

const HEADINGS: [&str; 14] = [
    "key",
    "intended",
    "opted_in",
    "refused",
    "fallen_back",
    "handed_to_whatsapp",
    "in_open_window",
    "delivered",
    "read",
    "failed",
    "opt_in_rate",
    "window_use",
    "fallback_rate",
    "delivery_rate",
];

/// Heading, a line for each row, and one for all of them together.
pub fn table<'a>(
    rows: impl IntoIterator<Item = (&'a str, &'a Tally)>,
    total: &'a Tally,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(HEADINGS)?;
    for (key, tally) in rows.into_iter().chain([("total", total)]) {
        writer.write_record(line(key, tally))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn line(key: &str, tally: &Tally) -> [String; 14] {
    let rate = |rate: Option<f64>| rate.map_or_else(String::new, |rate| format!("{rate:.4}"));
    [
        harmless(key).into_owned(),
        tally.intended.to_string(),
        tally.opted_in.to_string(),
        tally.refused.to_string(),
        tally.fallen_back.to_string(),
        tally.handed.to_string(),
        tally.in_window.to_string(),
        tally.delivered.to_string(),
        tally.read.to_string(),
        tally.failed.to_string(),
        rate(tally.opt_in_rate()),
        rate(tally.window_rate()),
        rate(tally.fallback_rate()),
        rate(tally.delivery_rate()),
    ]
}
