//! The ledger as a table for spreadsheets.

use std::borrow::Cow;

use documents::csv_lines;
use jiff::Timestamp as Moment;
use store::consent::ConsentRecord;

/// The names of the columns.
const HEADINGS: [&str; 11] = [
    "id",
    "contact_id",
    "name",
    "phone",
    "bsuid",
    "channel",
    "purpose",
    "action",
    "source",
    "at",
    "evidence",
];

/// The first line.
pub(super) fn headings() -> Result<Vec<u8>, csv::Error> {
    csv_lines([HEADINGS])
}

/// One line for each record.
pub(super) fn rows(records: &[ConsentRecord]) -> Result<Vec<u8>, csv::Error> {
    csv_lines(records.iter().map(|record| {
        let event = &record.event;
        let purpose = event.purpose.map_or("all", rules::consent::Purpose::as_str);
        let at = Moment::from_microsecond(event.at.0).map(|at| at.to_string()).unwrap_or_default();
        let cells: [Cow<'_, str>; 11] = [
            event.id.to_string().into(),
            event.contact_id.to_string().into(),
            record.name.as_str().into(),
            record.phone.as_deref().unwrap_or_default().into(),
            record.bsuid.as_deref().unwrap_or_default().into(),
            event.channel.as_str().into(),
            purpose.into(),
            event.action.as_str().into(),
            event.source.as_str().into(),
            at.into(),
            event.evidence.0.to_string().into(),
        ];
        cells
    }))
}
