//! What is wrong with rows, in words: for the page and as a table that is mended and brought in again.

use documents::csv_lines;
use rules::import::RowFault;
use rules::locale::Locale;
use serde::Deserialize as _;
use serde_json::Value;
use store::imports::ImportRow;

use super::person::Fault;
use crate::http::Sentence;

/// What is wrong with a row.
pub(super) fn faults(row: &ImportRow) -> Vec<Fault> {
    read(&row.faults.0).collect()
}

/// The words for what is wrong, or worth knowing.
pub(super) fn codes(faults: &[Value]) -> impl Iterator<Item = RowFault> {
    read(faults).map(|fault| fault.code)
}

fn read(faults: &[Value]) -> impl Iterator<Item = Fault> {
    faults.iter().filter_map(|fault| Fault::deserialize(fault).ok())
}

/// What a report puts before the columns of the file.
const fn own(language: Locale) -> [&'static str; 2] {
    match language {
        Locale::En => ["Row", "What is wrong"],
        Locale::Id => ["Baris", "Yang perlu diperbaiki"],
    }
}

/// The first line: what is wrong, and the columns as they were.
pub(super) fn headings(columns: &[String], language: Locale) -> Result<Vec<u8>, csv::Error> {
    csv_lines([own(language).into_iter().chain(columns.iter().map(String::as_str))])
}

/// How many columns of a file are a report's own. What was mended is read without them, so that its columns are known again.
pub(super) fn own_columns(headings: &[String]) -> usize {
    let begins = |own: [&str; 2]| headings.iter().map(|heading| heading.trim()).take(own.len()).eq(own);
    if Locale::ALL.iter().any(|language| begins(own(*language))) { 2 } else { 0 }
}

/// A line for each row.
pub(super) fn rows(rows: &[ImportRow], width: usize, language: Locale) -> Result<Vec<u8>, csv::Error> {
    csv_lines(rows.iter().map(|row| {
        let said: Vec<String> = faults(row)
            .iter()
            .map(|fault| {
                let said = sentence(fault.code);
                match language {
                    Locale::En => said.en,
                    Locale::Id => said.id,
                }
            })
            .collect();
        let cells = (0..width).map(|column| row.cells.0.get(column).cloned().unwrap_or_default());
        [row.number.to_string(), said.join(" ")].into_iter().chain(cells).collect::<Vec<_>>()
    }))
}

/// What is wrong and how to mend it.
pub(super) fn sentence(fault: RowFault) -> Sentence {
    let (en, id) = match fault {
        RowFault::PhoneMissing => ("The phone number is missing.", "Nomor teleponnya belum ada."),
        RowFault::PhoneWrong => (
            "This is not a phone number. Write it as 0812 3456 7890 or +62 812 3456 7890.",
            "Ini bukan nomor telepon. Tulis seperti 0812 3456 7890 atau +62 812 3456 7890.",
        ),
        RowFault::NameTooLong => {
            ("The name is longer than 200 letters.", "Namanya lebih panjang dari 200 huruf.")
        }
        RowFault::EmailWrong => ("This is not an e-mail address.", "Ini bukan alamat email."),
        RowFault::LanguageWrong => (
            "This is not a language. Write id, en or another such code.",
            "Ini bukan kode bahasa. Tulis id, en, atau kode lain seperti itu.",
        ),
        RowFault::TimezoneWrong => (
            "There is no such time zone. Write it as Asia/Jakarta.",
            "Zona waktu ini tidak ada. Tulis seperti Asia/Jakarta.",
        ),
        RowFault::LabelsWrong => (
            "There are more than 50 labels, or one is longer than 60 letters.",
            "Labelnya lebih dari 50, atau ada yang lebih panjang dari 60 huruf.",
        ),
        RowFault::ConsentWrong => (
            "Write yes or no for the consent, or leave it empty.",
            "Untuk persetujuan, tulis ya atau tidak, atau biarkan kosong.",
        ),
        RowFault::EvidenceMissing => (
            "A yes needs how it was given, or the words that were agreed to.",
            "Jawaban ya perlu keterangan cara persetujuan diberikan, atau kalimat yang disetujui.",
        ),
        RowFault::ChannelWrong => (
            "This is not a channel. Write whatsapp, sms or email.",
            "Ini bukan saluran. Tulis whatsapp, sms, atau email.",
        ),
        RowFault::DateWrong => {
            ("This is not a day. Write it as 31/12/2025.", "Ini bukan tanggal. Tulis seperti 31/12/2025.")
        }
        RowFault::DateInFuture => ("This day has yet to come.", "Tanggal ini belum tiba."),
        RowFault::ExternalIdMissing => (
            "The record's own number or name is missing: nothing else tells records apart.",
            "Nomor atau nama datanya belum ada: hanya itu yang membedakannya dari data lain.",
        ),
        RowFault::ExternalIdWrong => (
            "What the record is called is longer than 200 letters.",
            "Nomor atau nama datanya lebih panjang dari 200 huruf.",
        ),
        RowFault::ExternalIdTwice => (
            "A row before this one is called the same. Keep one of them.",
            "Ada baris sebelumnya dengan nomor yang sama. Sisakan satu saja.",
        ),
        RowFault::ReferenceWrong => (
            "What your own system calls the person is longer than 200 letters.",
            "Kode orang di sistem Anda lebih panjang dari 200 huruf.",
        ),
        RowFault::ContactUnknown => (
            "This names somebody without a phone number, an e-mail address or a reference. Add one of them.",
            "Orang ini belum punya nomor telepon, email, atau kode. Tambahkan salah satunya.",
        ),
        RowFault::NumberWrong => {
            ("This is not a number. Write it as 1250000.", "Ini bukan angka. Tulis seperti 1250000.")
        }
        RowFault::FlagWrong => {
            ("Write yes or no, or leave it empty.", "Tulis ya atau tidak, atau biarkan kosong.")
        }
        RowFault::RecordTooLarge => (
            "There is more in this row than a record holds: 16 kB. Shorten its longest text.",
            "Isi baris ini melebihi batas satu data, 16 kB. Pendekkan teks terpanjangnya.",
        ),
        RowFault::OptOutWins => (
            "This person has opted out, and that stays.",
            "Orang ini sudah menolak, dan penolakannya tetap berlaku.",
        ),
        RowFault::OptOutAfter => (
            "This person opted out after the day of this yes, so the yes counts no more.",
            "Orang ini menolak setelah tanggal persetujuan ini, jadi persetujuan itu tidak berlaku lagi.",
        ),
        RowFault::Renamed => (
            "This name takes the place of the one you gave this person.",
            "Nama ini menggantikan nama yang Anda berikan kepada orang ini.",
        ),
        RowFault::PersonTwice => (
            "A row before this one is about the same person. Both count.",
            "Baris sebelumnya tentang orang yang sama. Keduanya dihitung.",
        ),
    };
    Sentence { en: en.to_owned(), id: id.to_owned() }
}

#[cfg(test)]
mod tests {
    use store::Json;

    use super::*;

    #[test]
    fn a_report_can_be_mended_and_brought_in_again() {
        let row = ImportRow {
            number: 7,
            cells: Json(vec!["=cmd()".to_owned(), "x".to_owned()]),
            verdict: None,
            faults: Json(vec![serde_json::json!({ "column": 1, "code": "phone_wrong" })]),
            contact_id: None,
        };
        let lines = String::from_utf8(rows(&[row], 3, Locale::Id).unwrap()).unwrap();
        assert!(lines.starts_with("7,Ini bukan nomor telepon."), "{lines}");
        assert!(lines.trim_end().ends_with(",'=cmd(),x,"), "{lines}");
    }

    #[test]
    fn what_a_report_adds_is_known_again() {
        let names = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        for language in Locale::ALL {
            let line = String::from_utf8(headings(&names(&["Nama", "HP"]), *language).unwrap()).unwrap();
            assert_eq!(own_columns(&names(&line.trim_end().split(',').collect::<Vec<_>>())), 2, "{line}");
        }
        assert_eq!(own_columns(&names(&["Row", "Nama", "HP"])), 0);
        assert_eq!(own_columns(&names(&["Nama"])), 0);
    }

    #[test]
    fn every_fault_speaks_two_languages() {
        for code in RowFault::ALL {
            let said = sentence(*code);
            assert!(said.en != said.id && said.en.ends_with('.') && said.id.ends_with('.'));
        }
    }
}
