//! Tables through the child process: what a workbook means arrives, page by page, and no file can hurt the parent.

mod common;

use common::zip;
use documents::{
    Cell, ChildCommand, Head, Kind, Limits, ParseError, Refused, Row, Upload, Wanted, open_table,
};
use jiff::civil::date;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

fn reader() -> ChildCommand {
    ChildCommand { program: env!("CARGO_BIN_EXE_parse-document").into(), arguments: Vec::new() }
}

async fn table(bytes: &[u8], wanted: &Wanted, limits: &Limits) -> Result<(Head, Vec<Row>), ParseError> {
    let upload = Upload { filename: "pelanggan.xlsx", declared: None, bytes };
    let mut table = open_table(&reader(), upload, wanted, limits).await?;
    let mut rows = Vec::new();
    while let Some(page) = table.next().await? {
        rows.extend(page);
    }
    Ok((table.head().clone(), rows))
}

async fn refused(bytes: &[u8], wanted: &Wanted, limits: &Limits) -> Refused {
    match table(bytes, wanted, limits).await {
        Err(ParseError::Refused(refused)) => refused,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// Two sheets, the second with a title above its table and a cell of every sort.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Catatan").unwrap().write(0, 0, "Hanya catatan").unwrap();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let moment = Format::new().set_num_format("dd/mm/yyyy hh:mm");
    let sheet = book.add_worksheet().set_name("Pelanggan").unwrap();
    sheet.write(0, 0, "Daftar pelanggan 2026").unwrap();
    for (column, heading) in ["Nama", "Telepon", "Sejak", "Terakhir", "Aktif"].iter().enumerate() {
        sheet.write(2, column as u16, *heading).unwrap();
    }
    sheet.write(3, 0, "  Sari ").unwrap();
    sheet.write(3, 1, 6_281_234_567_890.0).unwrap();
    sheet.write_with_format(3, 2, ExcelDateTime::from_ymd(2025, 1, 31).unwrap(), &day).unwrap();
    let at = ExcelDateTime::from_ymd(2026, 2, 1).unwrap().and_hms(9, 30, 0).unwrap();
    sheet.write_with_format(3, 3, at, &moment).unwrap();
    sheet.write(3, 4, true).unwrap();
    sheet.write(5, 1, "0813").unwrap();
    book.save_to_buffer().unwrap()
}

#[tokio::test]
async fn a_workbook_arrives_as_it_is_meant() {
    let wanted = Wanted { sheet: Some("Pelanggan".into()), ..Wanted::default() };
    let (head, rows) = table(&workbook(), &wanted, &Limits::for_tables()).await.unwrap();
    assert_eq!((head.kind, head.sheets), (Kind::Xlsx, vec!["Catatan".to_owned(), "Pelanggan".into()]));
    assert_eq!((head.heading_row, head.headings.len()), (Some(3), 5));
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [4, 6]);
    assert_eq!(
        rows[0].cells,
        [
            Cell::Text("Sari".into()),
            Cell::Number(6_281_234_567_890.0),
            Cell::Date(date(2025, 1, 31)),
            Cell::DateTime(date(2026, 2, 1).at(9, 30, 0, 0)),
            Cell::Boolean(true),
        ]
    );
    assert_eq!(rows[1].cell(1).text(), "0813");
    assert!(rows[1].cell(7).is_empty());
}

#[tokio::test]
async fn without_a_word_the_first_sheet_is_read_and_no_other_is_invented() {
    let (head, _) = table(&workbook(), &Wanted::default(), &Limits::for_tables()).await.unwrap();
    assert_eq!(head.sheet.as_deref(), Some("Catatan"));
    let wanted = Wanted { sheet: Some("Tidak ada".into()), ..Wanted::default() };
    assert_eq!(refused(&workbook(), &wanted, &Limits::for_tables()).await, Refused::NoSuchSheet);
}

#[tokio::test]
async fn many_rows_come_in_order_in_pages() {
    let mut text = String::from("Nama,Telepon\n");
    for n in 0..20_000 {
        text.push_str(&format!("Orang {n},0812{n:07}\n"));
    }
    let (_, rows) = table(text.as_bytes(), &Wanted::default(), &Limits::for_tables()).await.unwrap();
    assert_eq!(rows.len(), 20_000);
    assert!(rows.windows(2).all(|pair| pair[0].number + 1 == pair[1].number));
    assert_eq!(rows[19_999].cell(0).text(), "Orang 19999");
}

#[tokio::test]
async fn whoever_stops_listening_ends_the_reading() {
    let text = "Nama,Telepon\n".to_owned() + &"Sari,0812345678\n".repeat(100_000);
    let upload = Upload { filename: "a.csv", declared: None, bytes: text.as_bytes() };
    let mut table = open_table(&reader(), upload, &Wanted::default(), &Limits::for_tables()).await.unwrap();
    assert!(table.next().await.unwrap().is_some_and(|page| page.len() <= 500));
}

#[tokio::test]
async fn bombs_and_broken_files_are_refused() {
    let limits = Limits::for_tables();
    let swollen = vec![b' '; 40 << 20];
    let bomb = zip(&[("xl/workbook.xml", b"<workbook/>"), ("xl/worksheets/sheet1.xml", &swollen)]);
    assert_eq!(refused(&bomb, &Wanted::default(), &limits).await, Refused::Bomb);
    let hollow = zip(&[("xl/workbook.xml", b"<workbook/>")]);
    assert!(matches!(
        refused(&hollow, &Wanted::default(), &limits).await,
        Refused::Damaged { .. } | Refused::NoText
    ));
    let torn = workbook();
    let torn = &torn[..torn.len() / 2];
    assert_eq!(refused(torn, &Wanted::default(), &limits).await, Refused::Damaged { kind: Kind::Xlsx });
    let letter = zip(&[("word/document.xml", b"<w/>")]);
    assert_eq!(refused(&letter, &Wanted::default(), &limits).await, Refused::NoTable);
}

#[tokio::test]
async fn a_far_away_cell_costs_nothing() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Nama").unwrap();
    sheet.write(1_048_575, 0, "Sari").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let (_, rows) = table(&bytes, &Wanted::default(), &Limits::for_tables()).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1_048_576]);
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 16_000, "Jauh").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    assert_eq!(
        refused(&bytes, &Wanted::default(), &Limits::for_tables()).await,
        Refused::TooManyColumns { limit: 200 }
    );
}
