//! Numbers and accounts.

use super::super::{Class, Fault};
use super::Code::Plain;
use super::OnSend::{Later, Never, Retry, Unknown};
use super::{Row, row, words};
use rules::outcome::Scope;

pub(super) const ROWS: &[Row] = &[
    row(
        &[Plain(133_000)],
        Class::Number,
        Fault::Us,
        Later(Scope::Number),
        words(
            "An earlier removal of this number is not finished",
            "Pelepasan nomor ini sebelumnya belum selesai",
        ),
        words(
            "We remove it once more and register again.",
            "Kami melepaskannya sekali lagi lalu mendaftarkan kembali.",
        ),
    ),
    row(
        &[Plain(133_004)],
        Class::Transient,
        Fault::Meta,
        Unknown,
        words(
            "WhatsApp's registration is not available for a moment",
            "Layanan pendaftaran WhatsApp sedang tidak tersedia",
        ),
        words("Nothing: we try again later.", "Tidak perlu apa-apa: kami mencoba lagi nanti."),
    ),
    row(
        &[Plain(133_005)],
        Class::Number,
        Fault::Client,
        Later(Scope::Number),
        words(
            "The number has a two-step PIN that we do not know",
            "Nomor ini punya PIN verifikasi dua langkah yang tidak kami ketahui",
        ),
        words(
            "We set a new PIN; if Meta refuses that, enter the PIN or switch two-step verification off in WhatsApp Manager.",
            "Kami memasang PIN baru; jika Meta menolak, masukkan PIN atau matikan verifikasi dua langkah di WhatsApp Manager.",
        ),
    ),
    row(
        &[Plain(133_006)],
        Class::Number,
        Fault::Client,
        Later(Scope::Number),
        words(
            "The number must first be confirmed with a code",
            "Nomor ini harus dikonfirmasi dahulu dengan kode",
        ),
        words(
            "Have the code sent by SMS or call and enter it.",
            "Minta kode lewat SMS atau panggilan, lalu masukkan.",
        ),
    ),
    row(
        &[Plain(133_008), Plain(133_009)],
        Class::Wait,
        Fault::Nobody,
        Later(Scope::Number),
        words(
            "The PIN was entered wrongly too often or too fast",
            "PIN salah terlalu sering atau dimasukkan terlalu cepat",
        ),
        words(
            "Wait for the time that WhatsApp names, then try once.",
            "Tunggu selama waktu yang disebut WhatsApp, lalu coba sekali.",
        ),
    ),
    row(
        &[Plain(133_010)],
        Class::Number,
        Fault::Us,
        Later(Scope::Number),
        words("The number is not registered for sending yet", "Nomor ini belum terdaftar untuk mengirim"),
        words(
            "We register it; if that was refused, see the reason in the connection.",
            "Kami mendaftarkannya; jika ditolak, lihat alasannya di koneksi.",
        ),
    ),
    row(
        &[Plain(131_045)],
        Class::Number,
        Fault::Us,
        Later(Scope::Number),
        words("The registration of this number is broken", "Pendaftaran nomor ini bermasalah"),
        words("Register the number again.", "Daftarkan kembali nomor ini."),
    ),
    row(
        &[Plain(133_015)],
        Class::Wait,
        Fault::Nobody,
        Retry(300, Scope::Number),
        words(
            "The number was deleted just now and WhatsApp is not done with it",
            "Nomor ini baru saja dihapus dan WhatsApp belum selesai memprosesnya",
        ),
        words(
            "Nothing: we try again in five minutes.",
            "Tidak perlu apa-apa: kami mencoba lagi dalam lima menit.",
        ),
    ),
    row(
        &[Plain(133_016)],
        Class::Wait,
        Fault::Nobody,
        Later(Scope::Number),
        words(
            "The number was registered or removed too often",
            "Nomor ini terlalu sering didaftarkan atau dilepas",
        ),
        words("Wait 72 hours, then try once.", "Tunggu 72 jam, lalu coba sekali."),
    ),
    row(
        &[Plain(136_024), Plain(136_025)],
        Class::Number,
        Fault::Client,
        Never,
        words(
            "WhatsApp does not send a code now: the number is confirmed already, or codes were asked for too often",
            "WhatsApp tidak mengirim kode saat ini: nomor sudah dikonfirmasi, atau kode terlalu sering diminta",
        ),
        words(
            "See whether the number is confirmed; otherwise wait some hours.",
            "Periksa apakah nomor sudah dikonfirmasi; jika belum, tunggu beberapa jam.",
        ),
    ),
    row(
        &[Plain(131_037)],
        Class::Number,
        Fault::Client,
        Later(Scope::Number),
        words(
            "The display name of this number is not approved yet",
            "Nama tampilan nomor ini belum disetujui",
        ),
        words(
            "Wait for the approval, or choose another name in WhatsApp Manager.",
            "Tunggu persetujuannya, atau pilih nama lain di WhatsApp Manager.",
        ),
    ),
    row(
        &[Plain(2_388_001)],
        Class::Number,
        Fault::Client,
        Never,
        words(
            "The number cannot be moved while its two-step PIN is on or another business owns it",
            "Nomor tidak dapat dipindahkan selama PIN dua langkah aktif atau masih dimiliki bisnis lain",
        ),
        words(
            "Switch two-step verification off where the number is now, then try again.",
            "Matikan verifikasi dua langkah di tempat nomor sekarang, lalu coba lagi.",
        ),
    ),
    row(
        &[Plain(2_388_012)],
        Class::Number,
        Fault::Client,
        Never,
        words("The number is already in this account", "Nomor ini sudah ada di akun ini"),
        words("Nothing: go on with the next step.", "Tidak perlu apa-apa: lanjutkan ke langkah berikutnya."),
    ),
    row(
        &[Plain(2_388_091), Plain(2_388_093), Plain(2_388_103)],
        Class::Number,
        Fault::Client,
        Never,
        words(
            "The number cannot be moved to this account yet",
            "Nomor ini belum dapat dipindahkan ke akun ini",
        ),
        words(
            "Read Meta's reason, settle it in WhatsApp Manager, then try again.",
            "Baca alasan dari Meta, selesaikan di WhatsApp Manager, lalu coba lagi.",
        ),
    ),
    row(
        &[Plain(2_494_100)],
        Class::Wait,
        Fault::Meta,
        Retry(60, Scope::Number),
        words("WhatsApp is moving this number at the moment", "WhatsApp sedang memindahkan nomor ini"),
        words("Nothing: we try again later.", "Tidak perlu apa-apa: kami mencoba lagi nanti."),
    ),
    row(
        &[Plain(2_593_107)],
        Class::Number,
        Fault::Client,
        Never,
        words(
            "The phone's contacts or history were already fetched once",
            "Kontak atau riwayat dari ponsel sudah pernah diambil",
        ),
        words(
            "To fetch them again, disconnect in the WhatsApp Business app and connect anew.",
            "Untuk mengambil ulang, putuskan di aplikasi WhatsApp Business dan hubungkan kembali.",
        ),
    ),
    row(
        &[Plain(2_593_108)],
        Class::Number,
        Fault::Client,
        Never,
        words(
            "Contacts and history can only be fetched within 24 hours of connecting",
            "Kontak dan riwayat hanya dapat diambil dalam 24 jam setelah menghubungkan",
        ),
        words(
            "To fetch them, disconnect in the WhatsApp Business app and connect anew.",
            "Untuk mengambilnya, putuskan di aplikasi WhatsApp Business dan hubungkan kembali.",
        ),
    ),
    row(
        &[Plain(2_593_109)],
        Class::Number,
        Fault::Client,
        Never,
        words(
            "The history is not shared: that was switched off on the phone",
            "Riwayat tidak dibagikan: hal itu dimatikan di ponsel",
        ),
        words(
            "Nothing, if you want it so; otherwise connect anew and allow sharing.",
            "Tidak perlu apa-apa jika memang demikian; jika tidak, hubungkan kembali dan izinkan berbagi.",
        ),
    ),
    row(
        &[Plain(2_593_079), Plain(2_593_085)],
        Class::Request,
        Fault::Client,
        Never,
        words(
            "This old way of holding an account for a client no longer exists",
            "Cara lama mengelola akun atas nama klien sudah tidak ada",
        ),
        words("Connect the account through our signup.", "Hubungkan akun lewat pendaftaran kami."),
    ),
    row(
        &[Plain(3_441_042)],
        Class::Number,
        Fault::Client,
        Never,
        words(
            "Using the number in the phone app and here at once is not possible in this country",
            "Memakai nomor di aplikasi ponsel sekaligus di sini tidak tersedia di negara ini",
        ),
        words(
            "Connect another number, or give up using it in the phone app.",
            "Hubungkan nomor lain, atau berhenti memakainya di aplikasi ponsel.",
        ),
    ),
    row(
        &[Plain(141_002)],
        Class::Template,
        Fault::Client,
        Never,
        words("The template is not approved", "Templat belum disetujui"),
        words(
            "Wait for Meta's approval, or choose another template.",
            "Tunggu persetujuan Meta, atau pilih templat lain.",
        ),
    ),
    row(
        &[Plain(141_010)],
        Class::Policy,
        Fault::Client,
        Never,
        words(
            "The business is not verified with Meta, so it can write to few people first",
            "Bisnis belum diverifikasi Meta, sehingga hanya boleh memulai percakapan dengan sedikit orang",
        ),
        words("Verify the business in Meta's security centre.", "Verifikasi bisnis di pusat keamanan Meta."),
    ),
    row(
        &[Plain(141_014)],
        Class::Policy,
        Fault::Client,
        Later(Scope::Account),
        words("WhatsApp has banned this account", "WhatsApp memblokir akun ini secara permanen"),
        words("Open WhatsApp Manager and appeal there.", "Buka WhatsApp Manager dan ajukan banding di sana."),
    ),
];
