//! What the review would find, said to the owner of a small shop.

use crate::errors::Language;

/// Something that Meta's review would refuse, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where: `name`, `components[1].buttons[0].url`.
    pub field: String,
    /// What.
    pub wrong: Wrong,
}

/// What is wrong. Behind each stands a rule of Meta's components page unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing stands there.
    Missing,
    /// More characters than fit.
    TooLong {
        /// So many fit.
        most: usize,
    },
    /// Other letters than a name may have.
    Name,
    /// Not one of Meta's languages.
    Language,
    /// A time that the category does not allow.
    Ttl {
        /// The shortest.
        least: i64,
        /// The longest.
        most: i64,
    },
    /// No part of a template.
    Unreadable {
        /// What does not read.
        why: String,
    },
    /// A second one of a part that may stand there once.
    Twice,
    /// A part or kind that this category does not have.
    NotHere,
    /// No text at all.
    NoBody,
    /// A gap at the beginning or end (2388299).
    GapAtEdge,
    /// Two gaps with nothing between them.
    GapsTouch,
    /// Gaps that are not `{{1}}`, `{{2}}` … in turn.
    GapNumbers,
    /// A gap whose name has other than small letters and underscores.
    GapName,
    /// Too few words around the gaps (2388293).
    FewWords {
        /// So many are needed.
        least: usize,
    },
    /// More gaps than may stand there.
    Gaps {
        /// So many may.
        most: usize,
    },
    /// No sample for a gap (2388042).
    NoExample {
        /// The gap.
        gap: String,
    },
    /// No sample of the file (2388042).
    NoSample,
    /// Bold, italics, line breaks where there may be none (2388047).
    Formatted,
    /// More of a kind than may stand there.
    TooMany {
        /// So many may.
        most: usize,
    },
    /// Fewer than must stand there.
    TooFew {
        /// So many must.
        least: usize,
    },
    /// Quick replies with another button between them.
    Interleaved,
    /// Not an address of a page.
    Url,
    /// A gap elsewhere than at the end of an address.
    GapInUrl,
    /// A sample that is not the address with its gap filled.
    UrlExample,
    /// Not a phone number.
    Phone,
    /// Not letters and digits alone.
    Code,
    /// The button that copies the code is not the first.
    CodeFirst,
    /// Neither a picture nor a film.
    PictureOrFilm,
    /// A card of another make than the first.
    CardsDiffer,
    /// Not the one button of a code.
    OneOtp,
    /// A number outside of its bounds.
    Range {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// An app's signature of another length.
    AppHash,
    /// Terms that are not accepted.
    Terms,
}

impl Wrong {
    /// A stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong { .. } => "too_long",
            Self::Name => "name",
            Self::Language => "language",
            Self::Ttl { .. } => "ttl",
            Self::Unreadable { .. } => "unreadable",
            Self::Twice => "twice",
            Self::NotHere => "not_here",
            Self::NoBody => "no_body",
            Self::GapAtEdge => "gap_at_edge",
            Self::GapsTouch => "gaps_touch",
            Self::GapNumbers => "gap_numbers",
            Self::GapName => "gap_name",
            Self::FewWords { .. } => "few_words",
            Self::Gaps { .. } => "gaps",
            Self::NoExample { .. } => "no_example",
            Self::NoSample => "no_sample",
            Self::Formatted => "formatted",
            Self::TooMany { .. } => "too_many",
            Self::TooFew { .. } => "too_few",
            Self::Interleaved => "interleaved",
            Self::Url => "url",
            Self::GapInUrl => "gap_in_url",
            Self::UrlExample => "url_example",
            Self::Phone => "phone",
            Self::Code => "code",
            Self::CodeFirst => "code_first",
            Self::PictureOrFilm => "picture_or_film",
            Self::CardsDiffer => "cards_differ",
            Self::OneOtp => "one_otp",
            Self::Range { .. } => "range",
            Self::AppHash => "app_hash",
            Self::Terms => "terms",
        }
    }

    /// The sentence.
    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Indonesian => self.indonesian(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Missing => "Something has to stand here.".into(),
            Self::TooLong { most } => format!("Use at most {most} characters."),
            Self::Name => "Use small letters, digits and underscores alone, such as order_ready.".into(),
            Self::Language => "Choose one of WhatsApp's languages.".into(),
            Self::Ttl { least, most } => format!("Choose between {least} and {most} seconds."),
            Self::Unreadable { why } => format!("This is no part of a template: {why}."),
            Self::Twice => "A template has this only once.".into(),
            Self::NotHere => "A template of this kind cannot have this.".into(),
            Self::NoBody => "Write the text of the message.".into(),
            Self::GapAtEdge => "Put some words before the first gap and after the last one.".into(),
            Self::GapsTouch => "Put some words between two gaps.".into(),
            Self::GapNumbers => "Number the gaps in turn: {{1}}, {{2}}, {{3}}.".into(),
            Self::GapName => "Name gaps with small letters and underscores, such as {{first_name}}.".into(),
            Self::FewWords { least } => {
                format!("There are too many gaps for so little text. Write at least {least} words in all.")
            }
            Self::Gaps { most: 0 } => "There can be no gap here.".into(),
            Self::Gaps { most } => format!("There can be only {most} gap here."),
            Self::NoExample { gap } => {
                format!("Give an example for {{{{{gap}}}}}, so that WhatsApp's reviewers understand it.")
            }
            Self::NoSample => {
                "Choose a file as a sample, so that WhatsApp's reviewers see what you send.".into()
            }
            Self::Formatted => {
                "Use plain words here: no line breaks, no *bold*, _italics_ or ~strikes~.".into()
            }
            Self::TooMany { most } => format!("There can be at most {most} of these."),
            Self::TooFew { least } => format!("There must be at least {least} of these."),
            Self::Interleaved => "Keep the quick replies together, before or after the other buttons.".into(),
            Self::Url => "Write a whole address, such as https://shop.example/orders.".into(),
            Self::GapInUrl => "A gap can stand only once, at the end of the address.".into(),
            Self::UrlExample => "Give the whole address as it looks with the gap filled in.".into(),
            Self::Phone => "Write the number with its country code, such as +62 812 3456 7890.".into(),
            Self::Code => "Use letters and digits alone.".into(),
            Self::CodeFirst => "The button that copies the code comes first.".into(),
            Self::PictureOrFilm => "This needs a picture or a film at the top.".into(),
            Self::CardsDiffer => {
                "All cards have the same parts: the same kind of header and the same buttons.".into()
            }
            Self::OneOtp => {
                "A code needs exactly one button: the one that copies it or hands it over.".into()
            }
            Self::Range { least, most } => format!("Choose a number from {least} to {most}."),
            Self::AppHash => "The hash of an app's signature has 11 characters.".into(),
            Self::Terms => "Accept WhatsApp's terms for codes that hand themselves over.".into(),
        }
    }

    fn indonesian(&self) -> String {
        match self {
            Self::Missing => "Bagian ini harus diisi.".into(),
            Self::TooLong { most } => format!("Gunakan paling banyak {most} karakter."),
            Self::Name => "Gunakan huruf kecil, angka, dan garis bawah saja, misalnya pesanan_siap.".into(),
            Self::Language => "Pilih salah satu bahasa yang dikenal WhatsApp.".into(),
            Self::Ttl { least, most } => format!("Pilih antara {least} dan {most} detik."),
            Self::Unreadable { why } => format!("Ini bukan bagian templat: {why}."),
            Self::Twice => "Templat hanya boleh memiliki satu bagian ini.".into(),
            Self::NotHere => "Templat jenis ini tidak boleh memiliki bagian ini.".into(),
            Self::NoBody => "Tulis isi pesannya.".into(),
            Self::GapAtEdge => "Tulis beberapa kata sebelum isian pertama dan setelah isian terakhir.".into(),
            Self::GapsTouch => "Tulis beberapa kata di antara dua isian.".into(),
            Self::GapNumbers => "Beri nomor isian secara berurutan: {{1}}, {{2}}, {{3}}.".into(),
            Self::GapName => {
                "Namai isian dengan huruf kecil dan garis bawah, misalnya {{nama_depan}}.".into()
            }
            Self::FewWords { least } => {
                format!("Isiannya terlalu banyak untuk teks sependek ini. Tulis paling sedikit {least} kata.")
            }
            Self::Gaps { most: 0 } => "Di sini tidak boleh ada isian.".into(),
            Self::Gaps { most } => format!("Di sini hanya boleh ada {most} isian."),
            Self::NoExample { gap } => {
                format!("Beri contoh untuk {{{{{gap}}}}} agar peninjau WhatsApp memahaminya.")
            }
            Self::NoSample => {
                "Pilih berkas contoh agar peninjau WhatsApp melihat apa yang Anda kirim.".into()
            }
            Self::Formatted => {
                "Gunakan kata biasa di sini: tanpa baris baru, *tebal*, _miring_, atau ~coret~.".into()
            }
            Self::TooMany { most } => format!("Paling banyak {most} buah."),
            Self::TooFew { least } => format!("Paling sedikit {least} buah."),
            Self::Interleaved => {
                "Kumpulkan tombol balasan cepat, sebelum atau sesudah tombol lainnya.".into()
            }
            Self::Url => "Tulis alamat lengkap, misalnya https://toko.example/pesanan.".into(),
            Self::GapInUrl => "Isian hanya boleh ada satu, di akhir alamat.".into(),
            Self::UrlExample => "Tulis alamat lengkap seperti setelah isiannya dilengkapi.".into(),
            Self::Phone => "Tulis nomor dengan kode negara, misalnya +62 812 3456 7890.".into(),
            Self::Code => "Gunakan huruf dan angka saja.".into(),
            Self::CodeFirst => "Tombol yang menyalin kode harus paling depan.".into(),
            Self::PictureOrFilm => "Bagian atasnya harus berupa gambar atau video.".into(),
            Self::CardsDiffer => {
                "Semua kartu harus sama bagiannya: jenis kepala dan tombol yang sama.".into()
            }
            Self::OneOtp => "Kode memerlukan tepat satu tombol: yang menyalin atau menyerahkannya.".into(),
            Self::Range { least, most } => format!("Pilih angka dari {least} sampai {most}."),
            Self::AppHash => "Hash tanda tangan aplikasi terdiri atas 11 karakter.".into(),
            Self::Terms => "Setujui ketentuan WhatsApp untuk kode yang terisi sendiri.".into(),
        }
    }
}
