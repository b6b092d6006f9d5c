//! Templates.

use super::super::{Class, Fault};
use super::Code::Plain;
use super::OnSend::{Later, Never, Retry};
use super::{Row, row, words};
use rules::outcome::Scope;

pub(super) const ROWS: &[Row] = &[
    row(
        &[Plain(132_000), Plain(132_012), Plain(132_018), Plain(132_008)],
        Class::Template,
        Fault::Client,
        Never,
        words(
            "What was filled into the template does not fit it",
            "Isian templat tidak cocok dengan templatnya",
        ),
        words(
            "Fill in every gap of the template with the right kind of content.",
            "Isi setiap bagian templat dengan jenis isi yang benar.",
        ),
    ),
    row(
        &[Plain(132_001)],
        Class::Template,
        Fault::Client,
        Never,
        words(
            "There is no approved template of this name in this language",
            "Tidak ada templat yang disetujui dengan nama dan bahasa ini",
        ),
        words(
            "Refresh the list of templates and choose one that is approved in this language.",
            "Segarkan daftar templat dan pilih yang disetujui dalam bahasa ini.",
        ),
    ),
    row(
        &[Plain(132_005)],
        Class::Template,
        Fault::Client,
        Never,
        words(
            "With what was filled in the template is too long",
            "Setelah diisi, templat menjadi terlalu panjang",
        ),
        words("Use shorter texts.", "Gunakan teks yang lebih pendek."),
    ),
    row(
        &[Plain(132_007)],
        Class::Template,
        Fault::Client,
        Never,
        words("The template breaks WhatsApp's policies", "Templat melanggar kebijakan WhatsApp"),
        words("Write another template.", "Tulis templat lain."),
    ),
    row(
        &[Plain(132_015)],
        Class::Template,
        Fault::Client,
        Later(Scope::Message),
        words(
            "WhatsApp has paused this template because people did not like it",
            "WhatsApp menjeda templat ini karena tidak disukai penerima",
        ),
        words(
            "Wait for the end of the pause, or use a better template.",
            "Tunggu sampai jeda berakhir, atau gunakan templat yang lebih baik.",
        ),
    ),
    row(
        &[Plain(132_016)],
        Class::Template,
        Fault::Client,
        Never,
        words(
            "WhatsApp has switched this template off for good",
            "WhatsApp mematikan templat ini untuk selamanya",
        ),
        words("Write a new template.", "Tulis templat baru."),
    ),
    row(
        &[Plain(132_068), Plain(132_069), Plain(139_000)],
        Class::Template,
        Fault::Client,
        Later(Scope::Message),
        words(
            "The form in this message is blocked or slowed down by WhatsApp",
            "Formulir dalam pesan ini diblokir atau diperlambat WhatsApp",
        ),
        words("Repair the form in WhatsApp Manager.", "Perbaiki formulir di WhatsApp Manager."),
    ),
    row(
        &[Plain(134_100)],
        Class::Template,
        Fault::Client,
        Never,
        words(
            "Only marketing templates can be sent this way",
            "Hanya templat promosi yang dapat dikirim dengan cara ini",
        ),
        words("Choose a marketing template.", "Pilih templat promosi."),
    ),
    row(
        &[Plain(134_101)],
        Class::Wait,
        Fault::Nobody,
        Retry(600, Scope::Message),
        words("WhatsApp is still preparing this new template", "WhatsApp masih menyiapkan templat baru ini"),
        words(
            "Nothing: we try again in ten minutes.",
            "Tidak perlu apa-apa: kami mencoba lagi dalam sepuluh menit.",
        ),
    ),
    row(
        &[Plain(134_102)],
        Class::Template,
        Fault::Client,
        Never,
        words("This template cannot be sent in this way", "Templat ini tidak dapat dikirim dengan cara ini"),
        words("Choose another template.", "Pilih templat lain."),
    ),
    row(
        &[Plain(131_058)],
        Class::Template,
        Fault::Client,
        Never,
        words(
            "Meta's sample template works only with Meta's test numbers",
            "Templat contoh dari Meta hanya berlaku untuk nomor uji coba Meta",
        ),
        words("Use a template of your own.", "Gunakan templat Anda sendiri."),
    ),
    row(
        &[Plain(2_388_019)],
        Class::Template,
        Fault::Client,
        Never,
        words(
            "The account has as many templates as it may have",
            "Akun sudah mencapai jumlah templat maksimum",
        ),
        words("Delete templates you do not use.", "Hapus templat yang tidak dipakai."),
    ),
    row(
        &[Plain(2_388_023), Plain(2_388_024)],
        Class::Template,
        Fault::Client,
        Never,
        words(
            "A template of this name and language exists already or is being deleted",
            "Templat dengan nama dan bahasa ini sudah ada atau sedang dihapus",
        ),
        words("Choose another name.", "Pilih nama lain."),
    ),
    row(
        &[Plain(2_388_039)],
        Class::Template,
        Fault::Client,
        Never,
        words(
            "This template cannot be changed now: it is being reviewed or was changed too often today",
            "Templat ini tidak dapat diubah sekarang: sedang ditinjau atau sudah terlalu sering diubah hari ini",
        ),
        words("Try again tomorrow.", "Coba lagi besok."),
    ),
    row(
        &[Plain(2_388_040)],
        Class::Template,
        Fault::Client,
        Never,
        words("A text of the template is too long", "Salah satu teks templat terlalu panjang"),
        words("Shorten it.", "Pendekkan teksnya."),
    ),
    row(
        &[Plain(2_388_042), Plain(2_388_047), Plain(2_388_072), Plain(2_388_073), Plain(2_388_185)],
        Class::Template,
        Fault::Client,
        Never,
        words(
            "A part of the template is not written as WhatsApp wants it",
            "Ada bagian templat yang tidak sesuai aturan WhatsApp",
        ),
        words(
            "Check header, text and footer, and give a sample for every gap.",
            "Periksa kepala, isi, dan kaki templat, dan beri contoh untuk setiap isian.",
        ),
    ),
    row(
        &[Plain(2_388_293), Plain(2_388_299)],
        Class::Template,
        Fault::Client,
        Never,
        words(
            "The gaps of the template are too many for its text, or stand at its beginning or end",
            "Isian dalam templat terlalu banyak, atau berada di awal atau akhir teks",
        ),
        words("Write more text around the gaps.", "Tambahkan teks di sekitar isian."),
    ),
    row(
        &[Plain(200_005), Plain(200_006), Plain(200_007)],
        Class::Template,
        Fault::Client,
        Never,
        words("There are no figures for this template yet", "Belum ada angka statistik untuk templat ini"),
        words(
            "Switch template insights on in WhatsApp Manager.",
            "Nyalakan wawasan templat di WhatsApp Manager.",
        ),
    ),
];
