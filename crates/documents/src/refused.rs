//! Why an upload was not taken, and what was odd about one that was.
//!
//! Both are data: a stable code with its figures. The sentences, in English and Indonesian, are made from it, so
//! that a page can speak the member's language whenever it is shown. No sentence repeats text from the document.

use serde::{Deserialize, Serialize};

use crate::Kind;

/// The upload was not taken. Each variant is a stable code (snake case in JSON); the sentences say what is wrong and
/// how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[error("{}", self.english())]
pub enum Refused {
    /// No bytes, or nothing but white space.
    Empty,
    /// The upload is larger than `limit_bytes`.
    TooLarge {
        /// The ceiling it exceeds.
        limit_bytes: usize,
    },
    /// A sort of file that holds no text we read.
    Unsupported {
        /// What the content turned out to be.
        found: Foreign,
    },
    /// Named or declared as DOCX, but the content is some other zip archive.
    NotDocx,
    /// The binary Word format of before 2007.
    OldWord,
    /// Right sort of file, but it cannot be read to the end.
    Damaged {
        /// The sort of file it appears to be.
        kind: Kind,
    },
    /// Encrypted; a password is needed to read it.
    PasswordProtected,
    /// A PDF made of pictures of pages.
    ScannedPdf,
    /// Readable, but without any text.
    NoText,
    /// Text in an encoding other than UTF-8, UTF-16 and Windows-1252.
    WrongEncoding,
    /// Elements nested deeper than `limit`.
    TooDeep {
        /// The ceiling it exceeds.
        limit: usize,
    },
    /// Built to swell when unpacked or to loop while read.
    Bomb,
    /// More pages than `limit`.
    TooManyPages {
        /// The ceiling it exceeds.
        limit: usize,
    },
    /// A zip container with more than `limit` entries.
    TooManyParts {
        /// The ceiling it exceeds.
        limit: usize,
    },
    /// More text than `limit_bytes`.
    TooMuchText {
        /// The ceiling it exceeds.
        limit_bytes: usize,
    },
    /// A file that holds no table, where one was asked for.
    NoTable,
    /// A workbook without the sheet that was asked for.
    NoSuchSheet,
    /// A table of more rows than `limit`.
    TooManyRows {
        /// The ceiling it exceeds.
        limit: usize,
    },
    /// A table of more columns than `limit`.
    TooManyColumns {
        /// The ceiling it exceeds.
        limit: usize,
    },
    /// A cell with more text than `limit_bytes`.
    CellTooLong {
        /// The row it stands in, from 1.
        row: u32,
        /// The ceiling it exceeds.
        limit_bytes: usize,
    },
    /// Reading it took longer than allowed.
    TooSlow,
    /// Reading it needed more memory than allowed, or overran the stack.
    TooComplex,
}

/// Sorts of files that are recognised in order to say what was uploaded by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Foreign {
    /// JPEG, PNG, WebP and the like.
    Picture,
    /// Music or voice.
    Audio,
    /// Moving pictures.
    Video,
    /// Excel and relatives.
    Spreadsheet,
    /// PowerPoint and relatives.
    Presentation,
    /// OpenDocument text and relatives.
    OpenDocument,
    /// Rich Text Format.
    RichText,
    /// Zip and other archives.
    Archive,
    /// Programs and libraries.
    Program,
    /// XML that is not a web page.
    Xml,
    /// Nothing recognised.
    Unknown,
}

impl Refused {
    /// The stable code, as in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too_large",
            Self::Unsupported { .. } => "unsupported",
            Self::NotDocx => "not_docx",
            Self::OldWord => "old_word",
            Self::Damaged { .. } => "damaged",
            Self::PasswordProtected => "password_protected",
            Self::ScannedPdf => "scanned_pdf",
            Self::NoText => "no_text",
            Self::WrongEncoding => "wrong_encoding",
            Self::TooDeep { .. } => "too_deep",
            Self::Bomb => "bomb",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::TooManyParts { .. } => "too_many_parts",
            Self::TooMuchText { .. } => "too_much_text",
            Self::NoTable => "no_table",
            Self::NoSuchSheet => "no_such_sheet",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::CellTooLong { .. } => "cell_too_long",
            Self::TooSlow => "too_slow",
            Self::TooComplex => "too_complex",
        }
    }

    /// The sentence in English.
    pub fn english(&self) -> String {
        match self {
            Self::Empty => "The file is empty. Choose a file that contains text.".into(),
            Self::TooLarge { limit_bytes } => {
                format!("The file is larger than {}. Split it into smaller files.", megabytes(*limit_bytes))
            }
            Self::Unsupported { found } => format!(
                "The file is {}. Upload text, Markdown, CSV, HTML, PDF or DOCX{}.",
                found.english(),
                found.mend_english()
            ),
            Self::NotDocx => {
                "The file is named as a Word document but is not one. Open it in a word processor \
                              and save it as .docx."
                    .into()
            }
            Self::OldWord => {
                "The file is in the old Word format (.doc). Open it in a word processor and save it \
                              as .docx or PDF."
                    .into()
            }
            Self::Damaged { kind } => format!(
                "The {} file is damaged or incomplete and cannot be read. Open it in its program, save it anew \
                 and upload that copy.",
                kind.name()
            ),
            Self::PasswordProtected => {
                "The file is protected by a password. Save a copy without the password and \
                                        upload that."
                    .into()
            }
            Self::ScannedPdf => {
                "The PDF holds pictures of pages and no text. Run text recognition (OCR) on it, or \
                                 upload the document it was printed from."
                    .into()
            }
            Self::NoText => {
                "The file contains no text that can be read. Check that it is the right file.".into()
            }
            Self::WrongEncoding => {
                "The text is in an encoding that cannot be recognised. Save the file as UTF-8 \
                                    and upload it again."
                    .into()
            }
            Self::TooDeep { limit } => format!(
                "The file nests its parts more than {limit} levels deep. Save it as plain text or PDF and upload \
                 that."
            ),
            Self::Bomb => {
                "The file is built to swell enormously when it is opened, so it was not read. Save the \
                           text in a new document and upload that."
                    .into()
            }
            Self::TooManyPages { limit } => {
                format!("The PDF has more than {limit} pages. Split it into smaller files.")
            }
            Self::TooManyParts { limit } => format!(
                "The document holds more than {limit} parts. Remove its pictures and attachments, or split it."
            ),
            Self::TooMuchText { limit_bytes } => {
                format!(
                    "The file contains more than {} of text. Split it into smaller files.",
                    megabytes(*limit_bytes)
                )
            }
            Self::NoTable => {
                "The file holds no table that can be read. Save it as XLSX, XLS, ODS or CSV and upload that."
                    .into()
            }
            Self::NoSuchSheet => "The file has no such sheet. Choose another one of its sheets.".into(),
            Self::TooManyRows { limit } => {
                format!("The table has more than {limit} rows. Split it into smaller files.")
            }
            Self::TooManyColumns { limit } => format!(
                "The table has more than {limit} columns. Take away the columns that are not needed and upload it again."
            ),
            Self::CellTooLong { row, limit_bytes } => format!(
                "A cell in row {row} holds more than {}. Shorten its text, or look whether a quotation mark is missing.",
                megabytes(*limit_bytes)
            ),
            Self::TooSlow => {
                "Reading the file took too long. Split it, or save it anew as plain text or DOCX.".into()
            }
            Self::TooComplex => {
                "Reading the file needed too much memory. Split it, or save it anew as plain text \
                                 or DOCX."
                    .into()
            }
        }
    }

    /// The sentence in Indonesian.
    pub fn indonesian(&self) -> String {
        match self {
            Self::Empty => "Berkas ini kosong. Pilih berkas yang berisi teks.".into(),
            Self::TooLarge { limit_bytes } => format!(
                "Berkas ini lebih besar dari {}. Bagi menjadi beberapa berkas yang lebih kecil.",
                megabytes(*limit_bytes)
            ),
            Self::Unsupported { found } => format!(
                "Berkas ini adalah {}. Unggah teks, Markdown, CSV, HTML, PDF, atau DOCX{}.",
                found.indonesian(),
                found.mend_indonesian()
            ),
            Self::NotDocx => {
                "Nama berkas ini menyebut dokumen Word, tetapi isinya bukan. Buka di pengolah kata lalu \
                              simpan sebagai .docx."
                    .into()
            }
            Self::OldWord => {
                "Berkas ini memakai format Word lama (.doc). Buka di pengolah kata lalu simpan sebagai \
                              .docx atau PDF."
                    .into()
            }
            Self::Damaged { kind } => format!(
                "Berkas {} ini rusak atau tidak lengkap sehingga tidak dapat dibaca. Buka di programnya, simpan \
                 ulang, lalu unggah salinan itu.",
                kind.name()
            ),
            Self::PasswordProtected => {
                "Berkas ini dilindungi kata sandi. Simpan salinan tanpa kata sandi lalu unggah \
                                        salinan itu."
                    .into()
            }
            Self::ScannedPdf => {
                "PDF ini berisi gambar halaman, bukan teks. Jalankan pengenalan teks (OCR), atau \
                                 unggah dokumen aslinya."
                    .into()
            }
            Self::NoText => {
                "Berkas ini tidak berisi teks yang dapat dibaca. Periksa apakah berkasnya benar.".into()
            }
            Self::WrongEncoding => {
                "Pengodean teks ini tidak dikenali. Simpan berkas sebagai UTF-8 lalu unggah lagi.".into()
            }
            Self::TooDeep { limit } => format!(
                "Bagian berkas ini bersarang lebih dari {limit} tingkat. Simpan sebagai teks biasa atau PDF lalu \
                 unggah hasilnya."
            ),
            Self::Bomb => {
                "Berkas ini dibuat agar membengkak saat dibuka, jadi tidak dibaca. Salin teksnya ke dokumen \
                           baru lalu unggah dokumen itu."
                    .into()
            }
            Self::TooManyPages { limit } => {
                format!("PDF ini lebih dari {limit} halaman. Bagi menjadi beberapa berkas yang lebih kecil.")
            }
            Self::TooManyParts { limit } => format!(
                "Dokumen ini berisi lebih dari {limit} bagian. Hapus gambar dan lampirannya, atau bagi dokumennya."
            ),
            Self::TooMuchText { limit_bytes } => format!(
                "Berkas ini berisi lebih dari {} teks. Bagi menjadi beberapa berkas yang lebih kecil.",
                megabytes(*limit_bytes)
            ),
            Self::NoTable => {
                "Berkas ini tidak berisi tabel yang dapat dibaca. Simpan sebagai XLSX, XLS, ODS, atau CSV lalu \
                 unggah hasilnya."
                    .into()
            }
            Self::NoSuchSheet => "Lembar itu tidak ada di berkas ini. Pilih lembar yang lain.".into(),
            Self::TooManyRows { limit } => {
                format!("Tabel ini lebih dari {limit} baris. Bagi menjadi beberapa berkas yang lebih kecil.")
            }
            Self::TooManyColumns { limit } => format!(
                "Tabel ini lebih dari {limit} kolom. Hapus kolom yang tidak diperlukan lalu unggah lagi."
            ),
            Self::CellTooLong { row, limit_bytes } => format!(
                "Salah satu sel di baris {row} berisi lebih dari {}. Persingkat teksnya, atau periksa apakah ada \
                 tanda kutip yang hilang.",
                megabytes(*limit_bytes)
            ),
            Self::TooSlow => {
                "Membaca berkas ini terlalu lama. Bagi berkasnya, atau simpan ulang sebagai teks biasa \
                              atau DOCX."
                    .into()
            }
            Self::TooComplex => {
                "Membaca berkas ini membutuhkan terlalu banyak memori. Bagi berkasnya, atau simpan \
                                 ulang sebagai teks biasa atau DOCX."
                    .into()
            }
        }
    }
}

impl Foreign {
    fn english(self) -> &'static str {
        match self {
            Self::Picture => "a picture",
            Self::Audio => "a sound recording",
            Self::Video => "a video",
            Self::Spreadsheet => "a spreadsheet",
            Self::Presentation => "a presentation",
            Self::OpenDocument => "an OpenDocument file",
            Self::RichText => "a Rich Text (RTF) file",
            Self::Archive => "an archive",
            Self::Program => "a program",
            Self::Xml => "an XML file",
            Self::Unknown => "of a sort that is not known here",
        }
    }

    fn mend_english(self) -> &'static str {
        match self {
            Self::Picture => "; type out the text it shows",
            Self::Spreadsheet => "; save the sheet as CSV",
            Self::Presentation => "; save the slides as PDF",
            Self::OpenDocument | Self::RichText => "; save it as DOCX or PDF",
            Self::Archive => "; unpack it and upload the documents one by one",
            Self::Audio | Self::Video | Self::Program | Self::Xml | Self::Unknown => "",
        }
    }

    fn indonesian(self) -> &'static str {
        match self {
            Self::Picture => "gambar",
            Self::Audio => "rekaman suara",
            Self::Video => "video",
            Self::Spreadsheet => "lembar kerja",
            Self::Presentation => "presentasi",
            Self::OpenDocument => "berkas OpenDocument",
            Self::RichText => "berkas Rich Text (RTF)",
            Self::Archive => "arsip",
            Self::Program => "program",
            Self::Xml => "berkas XML",
            Self::Unknown => "jenis berkas yang tidak dikenal",
        }
    }

    fn mend_indonesian(self) -> &'static str {
        match self {
            Self::Picture => "; ketik ulang teks yang tampak di gambar",
            Self::Spreadsheet => "; simpan lembarnya sebagai CSV",
            Self::Presentation => "; simpan salindianya sebagai PDF",
            Self::OpenDocument | Self::RichText => "; simpan sebagai DOCX atau PDF",
            Self::Archive => "; buka arsipnya lalu unggah dokumennya satu per satu",
            Self::Audio | Self::Video | Self::Program | Self::Xml | Self::Unknown => "",
        }
    }
}

/// Something a member should know about an upload that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Warning {
    /// The content is another sort of file than its name or declared type says; it was read as what it is.
    TypeDiffers {
        /// What the name or the declared type says.
        declared: Kind,
        /// What the content is.
        found: Kind,
    },
    /// Pages of a PDF from which no text came: pictures, or fonts that cannot be read. Numbered from 1.
    PagesWithoutText {
        /// Page numbers, ascending.
        pages: Vec<u32>,
    },
    /// Lines of a question-answer table that lack a question or an answer. Numbered from 1, the header included.
    RowsSkipped {
        /// Line numbers, ascending.
        lines: Vec<u64>,
    },
    /// Some characters could not be decoded and were replaced by `U+FFFD`.
    CharactersReplaced,
}

impl Warning {
    /// The sentence in English.
    pub fn english(&self) -> String {
        match self {
            Self::TypeDiffers { declared, found } => {
                format!(
                    "The file is named as {} but was read as {}, which it is.",
                    declared.name(),
                    found.name()
                )
            }
            Self::PagesWithoutText { pages } => {
                format!("No text was found on these pages: {}. They may be pictures.", first_of(pages))
            }
            Self::RowsSkipped { lines } => {
                format!("These lines lack a question or an answer and were left out: {}.", first_of(lines))
            }
            Self::CharactersReplaced => {
                "Some characters could not be read. Save the file as UTF-8 to keep them.".into()
            }
        }
    }

    /// The sentence in Indonesian.
    pub fn indonesian(&self) -> String {
        match self {
            Self::TypeDiffers { declared, found } => format!(
                "Nama berkas ini menyebut {}, tetapi dibaca sebagai {} sesuai isinya.",
                declared.name(),
                found.name()
            ),
            Self::PagesWithoutText { pages } => {
                format!("Tidak ada teks pada halaman berikut: {}. Mungkin berupa gambar.", first_of(pages))
            }
            Self::RowsSkipped { lines } => {
                format!(
                    "Baris berikut tidak memiliki pertanyaan atau jawaban dan dilewati: {}.",
                    first_of(lines)
                )
            }
            Self::CharactersReplaced => {
                "Beberapa karakter tidak dapat dibaca. Simpan berkas sebagai UTF-8 agar tidak hilang.".into()
            }
        }
    }
}

/// The first twenty of a list, with an ellipsis if there are more.
fn first_of<T: ToString>(numbers: &[T]) -> String {
    let shown: Vec<String> = numbers.iter().take(20).map(T::to_string).collect();
    let more = if numbers.len() > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn megabytes(bytes: usize) -> String {
    if bytes >= 1 << 20 { format!("{} MB", bytes >> 20) } else { format!("{} kB", bytes.div_ceil(1 << 10)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every() -> Vec<Refused> {
        vec![
            Refused::Empty,
            Refused::TooLarge { limit_bytes: 1 },
            Refused::Unsupported { found: Foreign::Spreadsheet },
            Refused::NotDocx,
            Refused::OldWord,
            Refused::Damaged { kind: Kind::Pdf },
            Refused::PasswordProtected,
            Refused::ScannedPdf,
            Refused::NoText,
            Refused::WrongEncoding,
            Refused::TooDeep { limit: 1 },
            Refused::Bomb,
            Refused::TooManyPages { limit: 1 },
            Refused::TooManyParts { limit: 1 },
            Refused::TooMuchText { limit_bytes: 1 },
            Refused::NoTable,
            Refused::NoSuchSheet,
            Refused::TooManyRows { limit: 1 },
            Refused::TooManyColumns { limit: 1 },
            Refused::CellTooLong { row: 1, limit_bytes: 1 },
            Refused::TooSlow,
            Refused::TooComplex,
        ]
    }

    #[test]
    fn the_code_in_json_is_the_code_in_rust_and_both_languages_speak() {
        for refused in every() {
            let json = serde_json::to_value(&refused).unwrap();
            assert_eq!(json["code"], refused.code());
            assert_eq!(serde_json::from_value::<Refused>(json).unwrap(), refused);
            for sentence in [refused.english(), refused.indonesian()] {
                assert!(sentence.ends_with('.') && sentence.matches(". ").count() >= 1, "{sentence}");
                assert!(!sentence.contains("  "), "{sentence}");
            }
            assert_ne!(refused.english(), refused.indonesian());
        }
    }

    #[test]
    fn sizes_and_long_lists_read_well() {
        assert_eq!(megabytes(20 << 20), "20 MB");
        assert_eq!(megabytes(1500), "2 kB");
        assert_eq!(first_of(&[1, 2, 3]), "1, 2, 3");
        assert!(first_of(&(1..=50).collect::<Vec<_>>()).ends_with("19, 20, …"));
    }
}
