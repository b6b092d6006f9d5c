//! Tables with a delimiter: question-answer pairs where the header names them, else a line per row.

use crate::encoding::Decoded;
use crate::outline::{self, Outline};
use crate::text::warnings;
use crate::{Limits, Parts, QuestionAnswer, Refused, Warning};

/// What stands between the cells.
pub(crate) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
const QUESTION: [&str; 7] = ["question", "questions", "q", "pertanyaan", "tanya", "soal", "ask"];
const ANSWER: [&str; 8] = ["answer", "answers", "a", "jawaban", "jawab", "balasan", "reply", "response"];

/// The delimiter of `text` if it is a table. Without a telling name (`told` false) it must look like one beyond doubt:
/// a question-answer header, or three rows and more with the same number of cells and no prose commas.
pub(crate) fn delimiter(text: &str, told: bool) -> Option<u8> {
    let (body, named) = excel_separator(text);
    if named.is_some() {
        return named;
    }
    let mut best: Option<(u8, usize)> = None;
    for delimiter in DELIMITERS {
        let rows: Vec<_> = reader(body, delimiter).into_records().take(50).map_while(Result::ok).collect();
        let Some(header) = rows.first() else { continue };
        let columns = header.len();
        if columns < 2 {
            continue;
        }
        let names: Vec<String> = header.iter().map(String::from).collect();
        let even = rows.iter().filter(|row| row.len() == columns).count();
        let certain = rows.len() >= 3
            && even == rows.len()
            && header.iter().all(|name| !name.trim().is_empty() && name.len() <= 40)
            && !(delimiter == b',' && header.iter().any(|name| name.starts_with(' ')));
        let plausible = told && even * 2 >= rows.len();
        if (certain || plausible || pair_columns(&names).is_some())
            && best.is_none_or(|(_, most)| columns > most)
        {
            best = Some((delimiter, columns));
        }
    }
    // A single column named as CSV is still a table: a row per line, quotes removed.
    best.map(|(delimiter, _)| delimiter).or(told.then_some(b','))
}

/// Reads the table.
pub(crate) fn read(decoded: Decoded, delimiter: u8, limits: &Limits) -> Result<Parts, Refused> {
    let (body, _) = excel_separator(&decoded.text);
    let mut rows = reader(body, delimiter).into_records();
    let mut parts = Parts { warnings: warnings(decoded.replaced), ..Parts::default() };
    let Some(header) = rows.next() else { return Ok(parts) };
    let header: Vec<String> = header.map_err(|_| Refused::NoText)?.iter().map(String::from).collect();
    let records = rows.map_while(Result::ok);
    match pair_columns(&header) {
        Some((question, answer)) => read_pairs(records, question, answer, limits, &mut parts)?,
        None => {
            let mut outline = Outline::new(limits.output_bytes);
            if header.len() == 1 {
                outline.paragraph(&header[0])?;
            }
            let names = (header.len() > 1).then_some(header.as_slice());
            for record in records {
                let row: Vec<String> = record.iter().map(String::from).collect();
                outline.paragraph(&outline::row_text(names, &row))?;
            }
            parts.sections = outline.finish();
        }
    }
    Ok(parts)
}

fn read_pairs(
    records: impl Iterator<Item = csv::StringRecord>,
    question: usize,
    answer: usize,
    limits: &Limits,
    parts: &mut Parts,
) -> Result<(), Refused> {
    let mut left = limits.output_bytes;
    let mut skipped = Vec::new();
    for record in records {
        let pair = QuestionAnswer {
            question: outline::one_line(record.get(question).unwrap_or_default()),
            answer: outline::clean(record.get(answer).unwrap_or_default()),
        };
        if pair.question.is_empty() || pair.answer.is_empty() {
            if record.iter().any(|cell| !cell.trim().is_empty()) {
                skipped.push(record.position().map_or(0, csv::Position::line));
            }
            continue;
        }
        left = left
            .checked_sub(pair.question.len() + pair.answer.len())
            .ok_or(Refused::TooMuchText { limit_bytes: limits.output_bytes })?;
        parts.pairs.push(pair);
    }
    if !skipped.is_empty() {
        parts.warnings.push(Warning::RowsSkipped { lines: skipped });
    }
    Ok(())
}

/// The columns of question and answer, in English or Indonesian: by whole name, else by a word of the name.
fn pair_columns(header: &[String]) -> Option<(usize, usize)> {
    let names: Vec<String> = header.iter().map(|name| name.to_lowercase()).collect();
    let find = |words: &[&str]| {
        let words_of = |name: &str| -> Vec<String> {
            name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(String::from).collect()
        };
        names
            .iter()
            .position(|name| words.contains(&name.trim().trim_matches(|c: char| !c.is_alphanumeric())))
            .or_else(|| {
                names.iter().position(|name| {
                    words_of(name).iter().any(|w| w.len() > 1 && words.contains(&w.as_str()))
                })
            })
    };
    let (question, answer) = (find(&QUESTION)?, find(&ANSWER)?);
    (question != answer && header.iter().all(|name| name.len() <= 60)).then_some((question, answer))
}

/// Excel's first line `sep=;`, which names the delimiter and is not data.
pub(crate) fn excel_separator(text: &str) -> (&str, Option<u8>) {
    let Some(rest) = text.strip_prefix("sep=").or_else(|| text.strip_prefix("SEP=")) else {
        return (text, None);
    };
    match rest.as_bytes().first() {
        Some(delimiter) if DELIMITERS.contains(delimiter) => {
            (rest[1..].trim_start_matches(['\r', '\n']), Some(*delimiter))
        }
        _ => (text, None),
    }
}

/// A reader of rows, however many cells each has.
pub(crate) fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Parts {
        let delimiter = delimiter(text, true).unwrap();
        read(Decoded { text: text.into(), replaced: false }, delimiter, &Limits::default()).unwrap()
    }

    #[test]
    fn pairs_in_english_and_indonesian() {
        for header in [
            "question,answer",
            "Pertanyaan,Jawaban",
            "\"Q\",\"A\"",
            "Pertanyaan pelanggan,Jawaban kami",
            "Tanya:,Jawab:",
        ] {
            let parts = table(&format!("{header}\nJam buka?,\"Senin, 09.00\"\n"));
            assert_eq!(parts.pairs[0].question, "Jam buka?", "{header}");
            assert_eq!(parts.pairs[0].answer, "Senin, 09.00", "{header}");
            assert!(parts.sections.is_empty());
        }
    }

    #[test]
    fn order_and_further_columns_do_not_matter() {
        let parts = table("kategori;jawaban;pertanyaan\numum;Ya;Buka?\n");
        assert_eq!(parts.pairs, [QuestionAnswer { question: "Buka?".into(), answer: "Ya".into() }]);
    }

    #[test]
    fn half_rows_are_left_out_and_reported_by_line() {
        let parts = table("question,answer\nOne?,Yes\nTwo?,\n,Three\n,\nFour?,\"a\n\nb\"\n");
        assert_eq!(parts.pairs.len(), 2);
        assert_eq!(parts.pairs[1].answer, "a\n\nb");
        assert_eq!(parts.warnings, [Warning::RowsSkipped { lines: vec![3, 4] }]);
    }

    #[test]
    fn other_tables_become_lines_that_stand_alone() {
        let parts = table("Produk;Harga;Berat\nGayo;90.000;250 g\nToraja;95.000;\n");
        assert_eq!(parts.sections.len(), 1);
        assert_eq!(
            parts.sections[0].text,
            "Produk: Gayo; Harga: 90.000; Berat: 250 g\n\nProduk: Toraja; Harga: 95.000"
        );
    }

    #[test]
    fn excel_and_single_columns() {
        assert_eq!(table("sep=;\r\nq;a\r\nx?;y\r\n").pairs.len(), 1);
        assert_eq!(table("satu\ndua\n").sections[0].text, "satu\n\ndua");
    }

    #[test]
    fn prose_is_not_a_table() {
        assert_eq!(delimiter("Halo, apa kabar\nBaik, terima kasih\nSama, kak\n", false), None);
        assert_eq!(delimiter("One line, only", false), None);
        assert_eq!(delimiter("a,b\n1,2\n3,4\n", false), Some(b','));
        assert_eq!(delimiter("nama\tharga\nx\t1\ny\t2\n", false), Some(b'\t'));
    }
}
