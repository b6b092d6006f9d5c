//! The record as a table for spreadsheets.

use std::borrow::Cow;

use documents::csv_lines;
use jiff::Timestamp as Moment;
use rules::time::Timestamp;

use super::service::Row;

/// The names of the columns.
const HEADINGS: [&str; 16] = [
    "id",
    "at",
    "contact_id",
    "contact",
    "number_id",
    "template",
    "language",
    "purpose",
    "standing",
    "window",
    "verdict",
    "reason",
    "channel",
    "outcome",
    "trouble",
    "outcome_at",
];

/// The first line.
pub(super) fn headings() -> Result<Vec<u8>, ::csv::Error> {
    csv_lines([HEADINGS])
}

/// One line for each.
pub(super) fn rows(rows: &[Row]) -> Result<Vec<u8>, ::csv::Error> {
    csv_lines(rows.iter().map(|Row { outreach: one, name }| {
        let cells: [Cow<'_, str>; 16] = [
            one.id.to_string().into(),
            moment(one.at).into(),
            one.contact_id.to_string().into(),
            name.as_str().into(),
            one.number_id.to_string().into(),
            one.template_name.as_str().into(),
            one.template_language.as_str().into(),
            one.purpose.as_str().into(),
            one.standing.as_str().into(),
            if one.window_open { "open" } else { "closed" }.into(),
            one.verdict.as_str().into(),
            one.reason.map_or("", rules::gate::Reason::as_str).into(),
            one.channel.as_str().into(),
            one.outcome.as_str().into(),
            one.trouble.as_deref().unwrap_or_default().into(),
            moment(one.outcome_at).into(),
        ];
        cells
    }))
}

fn moment(at: Timestamp) -> String {
    Moment::from_microsecond(at.0).map(|at| at.to_string()).unwrap_or_default()
}
