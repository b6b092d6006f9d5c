//! The child process: what it hands back, and that no file can hurt the parent.

mod common;

use std::time::{Duration, Instant};

use common::*;
use documents::{ChildCommand, Extracted, Kind, Limits, ParseError, Refused, Upload, parse_in_child};
use proptest::prelude::*;

fn program(path: &str, arguments: &[&str]) -> ChildCommand {
    ChildCommand { program: path.into(), arguments: arguments.iter().map(|a| a.to_string()).collect() }
}

async fn run(
    command: ChildCommand,
    filename: &str,
    bytes: &[u8],
    limits: Limits,
) -> Result<Extracted, ParseError> {
    parse_in_child(&command, Upload { filename, declared: None, bytes }, &limits).await
}

async fn read(filename: &str, bytes: &[u8]) -> Result<Extracted, ParseError> {
    run(program(env!("CARGO_BIN_EXE_parse-document"), &[]), filename, bytes, Limits::default()).await
}

fn refused(outcome: Result<Extracted, ParseError>) -> Refused {
    match outcome {
        Err(ParseError::Refused(refused)) => refused,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn documents_and_refusals_come_back_whole() {
    let document = read("a.docx", &docx(&p("Judul1", "Halo"))).await;
    assert_eq!(refused(document), Refused::NoText);
    let document = read("a.docx", &docx(&[p("Judul1", "Jam"), p("", "Buka 09.00")].concat())).await.unwrap();
    assert_eq!(document.sections[0].path, ["Jam"]);
    let document = read("a.pdf", &pdf(&[show(&["Halo dunia"])], "")).await.unwrap();
    assert_eq!(document.sections[0].text, "Halo dunia");
    assert_eq!(refused(read("a.pdf", b"%PDF-1.4 x").await), Refused::Damaged { kind: Kind::Pdf });
    assert_eq!(refused(read("a.pdf", b"").await), Refused::Empty);
}

#[tokio::test]
async fn a_large_upload_flows_both_ways() {
    let line = "Kopi Gayo dari Aceh, dipanggang setiap Senin.\n\n";
    let document = read("a.txt", line.repeat(100_000).as_bytes()).await.unwrap();
    assert_eq!(document.sections[0].text.len(), line.len() * 100_000 - 2);
}

#[tokio::test]
async fn a_missing_program_is_not_the_documents_fault() {
    let outcome = run(program("/nonexistent/sapa", &[]), "a.txt", b"halo", Limits::default()).await;
    assert!(matches!(outcome, Err(ParseError::Child(_))), "{outcome:?}");
}

#[tokio::test]
async fn time_output_and_crashes_are_bounded() {
    let short = Limits { wall: Duration::from_millis(300), output_bytes: 1000, ..Limits::default() };
    let start = Instant::now();
    let outcome = run(program("/bin/sleep", &["60"]), "a.txt", b"halo", short.clone()).await;
    assert_eq!(refused(outcome), Refused::TooSlow);
    assert!(start.elapsed() < Duration::from_secs(10));

    let chatty = run(
        program("/bin/sh", &["-c", "yes"]),
        "a.txt",
        b"halo",
        Limits { wall: Duration::from_secs(20), ..short },
    )
    .await;
    assert_eq!(refused(chatty), Refused::TooMuchText { limit_bytes: 1000 });

    let killed = run(program("/bin/sh", &["-c", "kill -SEGV $$"]), "a.txt", b"halo", Limits::default()).await;
    assert_eq!(refused(killed), Refused::TooComplex);
    let failed =
        run(program("/bin/sh", &["-c", "cat >/dev/null; exit 101"]), "a.csv", b"halo", Limits::default())
            .await;
    assert_eq!(refused(failed), Refused::Damaged { kind: Kind::Csv });
    let babbling =
        run(program("/bin/sh", &["-c", "echo '{\"Ok\":1}'"]), "a.pdf", b"halo", Limits::default()).await;
    assert_eq!(refused(babbling), Refused::Damaged { kind: Kind::Pdf });
}

#[tokio::test]
async fn no_secret_reaches_the_child() {
    // Cargo's own variables stand for the secrets of a running server: the child sees none of its parent's.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let script =
        "cat >/dev/null; if env | grep -q CARGO; then exit 1; fi; printf '{\"Err\":{\"code\":\"no_text\"}}'";
    let outcome = run(program("/bin/sh", &["-c", script]), "a.txt", b"halo", Limits::default()).await;
    assert_eq!(refused(outcome), Refused::NoText);
}

#[tokio::test]
async fn processor_time_and_memory_are_bounded() {
    let command = || program(env!("CARGO_BIN_EXE_parse-document"), &[]);
    let big = format!("<html><body>{}", "<p>kopi <b>gayo</b> <i>enak</i></p>".repeat(200_000));
    let brief = Limits { cpu_seconds: 0, ..Limits::default() };
    assert_eq!(refused(run(command(), "a.html", big.as_bytes(), brief).await), Refused::TooSlow);
    let tight = Limits { address_space_bytes: 48 << 20, ..Limits::default() };
    assert_eq!(refused(run(command(), "a.html", big.as_bytes(), tight).await), Refused::TooComplex);
}

#[tokio::test]
async fn pdf_bombs_end_in_a_sentence() {
    let pages = "<< /Type /Pages /Kids [4 0 R] /Count 1 /MediaBox [0 0 612 792] >>".to_string();
    let catalogue = "<< /Type /Catalog /Pages 2 0 R >>".to_string();
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_string();

    // A page tree whose nodes are each other's children and parents.
    let looping = vec![
        catalogue.clone(),
        "<< /Type /Pages /Kids [4 0 R 3 0 R 2 0 R] /Count 9999 /Parent 3 0 R >>".into(),
        "<< /Type /Pages /Kids [2 0 R 4 0 R 3 0 R] /Count 9999 /Parent 2 0 R >>".into(),
        "<< /Type /Page /Parent 3 0 R /Contents 5 0 R >>".into(),
        stream("BT ET"),
    ];
    assert_eq!(refused(read("a.pdf", &pdf_of(&looping, "")).await), Refused::Bomb);

    // Arrays nested a hundred thousand deep, and a form that draws itself.
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = vec![
        catalogue.clone(),
        pages.clone(),
        nested,
        "<< /Type /Page /Parent 2 0 R /Contents 3 0 R >>".into(),
    ];
    let outcome = refused(read("a.pdf", &pdf_of(&deep, "")).await);
    assert!(
        matches!(outcome, Refused::TooComplex | Refused::Damaged { .. } | Refused::ScannedPdf),
        "{outcome:?}"
    );
    let form = "/Fm Do";
    let selfish = vec![
        catalogue.clone(),
        pages.clone(),
        font,
        "<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Resources << /XObject << /Fm 6 0 R >> >> >>".into(),
        stream(form),
        format!(
            "<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /Fm 6 0 R >> >> /Length {} >>\nstream\n{form}\nendstream",
            form.len()
        ),
    ];
    let outcome = refused(read("a.pdf", &pdf_of(&selfish, "")).await);
    assert!(
        matches!(outcome, Refused::TooComplex | Refused::Damaged { .. } | Refused::ScannedPdf),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_pdf_that_swells_ends_in_a_sentence() {
    let bytes = flate_bomb(256 << 20);
    assert!(bytes.len() < 1 << 20);
    let tight = Limits { address_space_bytes: 128 << 20, ..Limits::default() };
    let outcome = run(program(env!("CARGO_BIN_EXE_parse-document"), &[]), "a.pdf", &bytes, tight).await;
    let outcome = refused(outcome);
    assert!(matches!(outcome, Refused::TooComplex | Refused::TooSlow), "{outcome:?}");
}

/// A PDF whose only page draws `size` blanks, packed a thousandfold.
fn flate_bomb(size: usize) -> Vec<u8> {
    // A zip entry of raw deflate, given the two bytes of a zlib header; the check sum at the end is not missed.
    let chunk = vec![b' '; size];
    let archive = zip(&[("a", &chunk)]);
    let mut reader = zip::ZipArchive::new(std::io::Cursor::new(&archive)).unwrap();
    let file = reader.by_index_raw(0).unwrap();
    let (start, length) = (file.data_start().unwrap() as usize, file.compressed_size() as usize);
    drop(file);
    let mut objects = pdf(&[String::new()], "");
    let mut packed = vec![0x78, 0x9c];
    packed.extend_from_slice(&archive[start..start + length]);
    // The page's content is object 5; a second definition appended with its own table replaces it.
    let at = objects.len();
    objects.extend_from_slice(
        format!("5 0 obj\n<< /Length {} /Filter /FlateDecode >>\nstream\n", packed.len()).as_bytes(),
    );
    objects.extend_from_slice(&packed);
    objects.extend_from_slice(b"\nendstream\nendobj\n");
    let xref = objects.len();
    let previous = objects.windows(5).position(|w| w == b"xref\n").unwrap();
    objects.extend_from_slice(
        format!("xref\n5 1\n{at:010} 00000 n \ntrailer\n<< /Size 6 /Root 1 0 R /Prev {previous} >>\nstartxref\n{xref}\n%%EOF\n").as_bytes(),
    );
    objects
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Arbitrary bytes, plain or behind the mark of some format or inside a real document, never harm the parent.
    #[test]
    fn arbitrary_bytes_never_harm_the_parent(
        mark in prop::sample::select(vec![&b""[..], b"%PDF-1.4\n", b"PK\x03\x04", b"<html>", b"a,b\n", b"\xff\xfe", b"# "]),
        noise in prop::collection::vec(any::<u8>(), 1..400),
        position in any::<prop::sample::Index>(),
        base in 0..3usize,
    ) {
        let mut bytes = match base {
            0 => mark.to_vec(),
            1 => docx(&p("", "Halo")),
            _ => pdf(&[show(&["Halo"])], ""),
        };
        let at = position.index(bytes.len() + 1);
        bytes.splice(at..at, noise);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let outcome = runtime.block_on(read("a.bin", &bytes));
        prop_assert!(!matches!(outcome, Err(ParseError::Child(_))), "{:?}", outcome);
    }
}
