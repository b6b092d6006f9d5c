//! The ledger as a table for spreadsheets.

use std::borrow::Cow;

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
    lines([HEADINGS.map(Cow::Borrowed)])
}

/// One line for each record.
pub(super) fn rows(records: &[ConsentRecord]) -> Result<Vec<u8>, csv::Error> {
    lines(records.iter().map(|record| {
        let event = &record.event;
        let purpose = event.purpose.map_or("all", rules::consent::Purpose::as_str);
        let at = Moment::from_microsecond(event.at.0).map(|at| at.to_string()).unwrap_or_default();
        [
            event.id.to_string().into(),
            event.contact_id.to_string().into(),
            harmless(&record.name),
            harmless(record.phone.as_deref().unwrap_or_default()),
            harmless(record.bsuid.as_deref().unwrap_or_default()),
            event.channel.as_str().into(),
            purpose.into(),
            event.action.as_str().into(),
            event.source.as_str().into(),
            at.into(),
            harmless(&event.evidence.0.to_string()).into_owned().into(),
        ]
    }))
}

fn lines<'a>(rows: impl IntoIterator<Item = [Cow<'a, str>; 11]>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(AsRef::<str>::as_ref))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// A spreadsheet runs what begins with one of these characters; an apostrophe before it makes it text. (OWASP: CSV
/// injection.)
fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_marked_as_text() {
        assert_eq!(harmless("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!(harmless("Sari"), "Sari");
    }

    proptest! {
        #[test]
        fn no_cell_is_run_and_every_cell_reads_back(cells in prop::array::uniform11(any::<String>())) {
            let written = lines([cells.each_ref().map(|cell| harmless(cell))]).unwrap();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(written.as_slice());
            let row = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(row.len(), cells.len());
            for (cell, original) in row.iter().zip(&cells) {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
                prop_assert!(cell == original || cell.strip_prefix('\'') == Some(original));
            }
        }
    }
}
