//! Workbooks: XLSX cell by cell, as they are unpacked; XLS and ODS, which have to be read as a whole.

use std::io::Cursor;

use calamine::{Data, DataRef, DataType, ExcelDateTime, Ods, Reader, SheetVisible, Xls, Xlsx};
use jiff::civil::{Date, DateTime};
use zip::ZipArchive;

use super::Wanted;
use super::cell::{Cell, Row};
use super::pages::{About, Pages};
use crate::{Kind, Limits, Refused};

type Bytes<'a> = Cursor<&'a [u8]>;

/// Parts that unpack to less than this are not held to the ratio.
const SMALL_PART: u64 = 1 << 20;

/// Which sort of workbook the bytes are; `None`: none.
pub(super) fn kind(bytes: &[u8], limits: &Limits) -> Result<Option<Kind>, Refused> {
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return match crate::kind::compound(bytes) {
            Refused::Unsupported { found: crate::Foreign::Spreadsheet } => Ok(Some(Kind::Xls)),
            Refused::PasswordProtected => Err(Refused::PasswordProtected),
            _ => Err(Refused::NoTable),
        };
    }
    if !bytes.starts_with(b"PK\x03\x04") {
        return Ok(None);
    }
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refused::Damaged { kind: Kind::Xlsx })?;
    if archive.len() > limits.zip_entries {
        return Err(Refused::TooManyParts { limit: limits.zip_entries });
    }
    let kind = match () {
        () if archive.index_for_name("xl/workbook.xml").is_some() => Kind::Xlsx,
        () if archive.index_for_name("mimetype").is_some()
            && archive.index_for_name("content.xml").is_some() =>
        {
            Kind::Ods
        }
        () => return Err(Refused::NoTable),
    };
    // What says that it will swell is not begun. What lies about it meets the limits of the process.
    for part in 0..archive.len() {
        let part = archive.by_index_raw(part).map_err(|_| Refused::Damaged { kind })?;
        let most = part.compressed_size().saturating_mul(limits.zip_ratio).max(SMALL_PART);
        if part.size() > most.min(limits.zip_part_bytes) {
            return Err(Refused::Bomb);
        }
    }
    Ok(Some(kind))
}

/// Reads one sheet.
pub(super) fn read(
    bytes: &[u8],
    kind: Kind,
    wanted: &Wanted,
    limits: &Limits,
    pages: &mut Pages<'_>,
) -> Result<(), Refused> {
    let damaged = Refused::Damaged { kind };
    match kind {
        Kind::Xls => {
            let book: Xls<Bytes<'_>> = Xls::new(Cursor::new(bytes)).map_err(|_| damaged.clone())?;
            whole(book, kind, wanted, limits, pages)
        }
        Kind::Ods => {
            let book: Ods<Bytes<'_>> = Ods::new(Cursor::new(bytes)).map_err(|_| damaged.clone())?;
            whole(book, kind, wanted, limits, pages)
        }
        _ => streamed(bytes, wanted, limits, pages),
    }
}

/// Chooses the sheet and says so.
fn choose<'a>(
    book: &impl Reader<Bytes<'a>>,
    kind: Kind,
    wanted: &Wanted,
    pages: &mut Pages<'_>,
) -> Result<String, Refused> {
    let shown = |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible;
    let sheets: Vec<String> =
        book.sheets_metadata().iter().filter(shown).map(|sheet| sheet.name.clone()).collect();
    let sheet = match &wanted.sheet {
        Some(name) => sheets.iter().find(|sheet| *sheet == name).ok_or(Refused::NoSuchSheet)?,
        None => sheets.first().ok_or(Refused::NoText)?,
    };
    let sheet = sheet.clone();
    pages.about(About { kind, sheets, sheet: Some(sheet.clone()), warnings: Vec::new() });
    Ok(sheet)
}

fn whole<'a, R: Reader<Bytes<'a>>>(
    mut book: R,
    kind: Kind,
    wanted: &Wanted,
    limits: &Limits,
    pages: &mut Pages<'_>,
) -> Result<(), Refused> {
    let sheet = choose(&book, kind, wanted, pages)?;
    let range = book.worksheet_range(&sheet).map_err(|_| Refused::Damaged { kind })?;
    let (first_row, first_column) = range.start().unwrap_or_default();
    for (number, cells) in (first_row + 1..).zip(range.rows()) {
        let indent = std::iter::repeat_n(Cell::Empty, first_column as usize);
        let cells = cells.iter().map(|cell| meant(cell, number, limits));
        let cells = indent.map(Ok).chain(cells).collect::<Result<_, _>>()?;
        pages.row(Row { number, cells })?;
    }
    Ok(())
}

fn streamed(bytes: &[u8], wanted: &Wanted, limits: &Limits, pages: &mut Pages<'_>) -> Result<(), Refused> {
    const DAMAGED: Refused = Refused::Damaged { kind: Kind::Xlsx };
    let mut book: Xlsx<Bytes<'_>> = Xlsx::new(Cursor::new(bytes)).map_err(|_| DAMAGED)?;
    let sheet = choose(&book, Kind::Xlsx, wanted, pages)?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|_| DAMAGED)?;
    let mut row = Row { number: 0, cells: Vec::new() };
    while let Some(cell) = cells.next_cell().map_err(|_| DAMAGED)? {
        let (at, column) = cell.get_position();
        let (number, column) = (at.saturating_add(1), column as usize);
        if number < row.number {
            return Err(DAMAGED);
        }
        if number > row.number {
            pages.row(std::mem::replace(&mut row, Row { number, cells: Vec::new() }))?;
        }
        let value = meant(cell.get_value(), number, limits)?;
        if value.is_empty() {
            continue;
        }
        if column >= limits.columns {
            return Err(Refused::TooManyColumns { limit: limits.columns });
        }
        if row.cells.len() <= column {
            row.cells.resize(column + 1, Cell::Empty);
        }
        row.cells[column] = value;
    }
    pages.row(row)
}

/// A value of either shape that the library hands out.
trait Value: DataType {
    fn moment(&self) -> Option<ExcelDateTime>;
    fn iso(&self) -> Option<&str>;
    fn words(&self) -> Option<&str>;
}

impl Value for Data {
    fn moment(&self) -> Option<ExcelDateTime> {
        if let Self::DateTime(at) = self { Some(*at) } else { None }
    }
    fn iso(&self) -> Option<&str> {
        if let Self::DateTimeIso(at) = self { Some(at) } else { None }
    }
    fn words(&self) -> Option<&str> {
        if let Self::String(text) | Self::DurationIso(text) = self { Some(text) } else { None }
    }
}

impl Value for DataRef<'_> {
    fn moment(&self) -> Option<ExcelDateTime> {
        if let Self::DateTime(at) = self { Some(*at) } else { None }
    }
    fn iso(&self) -> Option<&str> {
        if let Self::DateTimeIso(at) = self { Some(at) } else { None }
    }
    fn words(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::DurationIso(text) => Some(text),
            Self::SharedString(text) => Some(text),
            _ => None,
        }
    }
}

/// What a cell means. A formula is what it came to; one that failed is empty.
fn meant(value: &impl Value, row: u32, limits: &Limits) -> Result<Cell, Refused> {
    if let Some(text) = value.words() {
        if text.len() > limits.cell_bytes {
            return Err(Refused::CellTooLong { row, limit_bytes: limits.cell_bytes });
        }
        return Ok(Cell::of_text(text));
    }
    Ok(if let Some(at) = value.moment() {
        moment(at)
    } else if let Some(at) = value.iso() {
        iso(at)
    } else if let Some(yes) = value.get_bool() {
        Cell::Boolean(yes)
    } else if let Some(number) = value.as_f64() {
        Cell::Number(number)
    } else {
        Cell::Empty
    })
}

/// A day where no time of day is meant, and a time alone as text: it is on no day.
fn moment(at: ExcelDateTime) -> Cell {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    if !at.is_datetime() {
        return Cell::Number(at.as_f64());
    }
    if at.as_f64() < 1.0 {
        return Cell::Text(format!("{hour:02}:{minute:02}:{second:02}"));
    }
    let small = |part: u8| i8::try_from(part).ok();
    let date = (|| Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok())();
    let time = (|| jiff::civil::Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok())();
    match (date, time) {
        (Some(date), _) if at.as_f64().fract() == 0.0 => Cell::Date(date),
        (Some(date), Some(time)) => Cell::DateTime(date.to_datetime(time)),
        _ => Cell::Number(at.as_f64()),
    }
}

fn iso(at: &str) -> Cell {
    match (at.parse::<DateTime>(), at.parse::<Date>()) {
        (_, Ok(date)) if !at.contains('T') => Cell::Date(date),
        (Ok(at), _) => Cell::DateTime(at),
        _ => Cell::of_text(at),
    }
}
