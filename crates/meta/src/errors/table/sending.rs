//! Sending and receiving.

use super::super::{Class, Fault};
use super::Code::Plain;
use super::OnSend::{Later, Never, Retry, Unknown};
use super::{Row, row, words};
use rules::outcome::Scope;

pub(super) const ROWS: &[Row] = &[
    row(
        &[Plain(1), Plain(2), Plain(131_000), Plain(131_016)],
        Class::Transient,
        Fault::Meta,
        Unknown,
        words("Something went wrong at WhatsApp", "Terjadi gangguan di WhatsApp"),
        words(
            "Wait: we find out whether the message was sent and show it here.",
            "Tunggu: kami memastikan apakah pesan terkirim dan menampilkannya di sini.",
        ),
    ),
    row(
        &[Plain(4), Plain(17), Plain(32), Plain(613)],
        Class::Throttle,
        Fault::Nobody,
        Retry(60, Scope::App),
        words(
            "Too many requests to WhatsApp in a short time",
            "Terlalu banyak permintaan ke WhatsApp dalam waktu singkat",
        ),
        words(
            "Nothing: we slow down and try again by ourselves.",
            "Tidak perlu apa-apa: kami memperlambat dan mencoba lagi otomatis.",
        ),
    ),
    row(
        &[Plain(80007), Plain(80008)],
        Class::Throttle,
        Fault::Nobody,
        Retry(60, Scope::Account),
        words(
            "This WhatsApp account has used up its requests for now",
            "Akun WhatsApp ini sudah menghabiskan jatah permintaannya untuk sementara",
        ),
        words(
            "Nothing: we slow down and try again by ourselves.",
            "Tidak perlu apa-apa: kami memperlambat dan mencoba lagi otomatis.",
        ),
    ),
    row(
        &[Plain(130_429)],
        Class::Throttle,
        Fault::Nobody,
        Retry(1, Scope::Number),
        words(
            "Messages are leaving this number faster than WhatsApp allows",
            "Pesan dari nomor ini keluar lebih cepat daripada yang diizinkan WhatsApp",
        ),
        words(
            "Nothing: we slow down and try again by ourselves.",
            "Tidak perlu apa-apa: kami memperlambat dan mencoba lagi otomatis.",
        ),
    ),
    row(
        &[Plain(131_056)],
        Class::Throttle,
        Fault::Nobody,
        Retry(4, Scope::Pair),
        words(
            "Too many messages to this one person in a short time",
            "Terlalu banyak pesan ke satu orang ini dalam waktu singkat",
        ),
        words(
            "Nothing: we wait a little and try again by ourselves.",
            "Tidak perlu apa-apa: kami menunggu sebentar dan mencoba lagi otomatis.",
        ),
    ),
    row(
        &[Plain(131_057)],
        Class::Wait,
        Fault::Meta,
        Retry(60, Scope::Number),
        words(
            "WhatsApp is working on this number for a moment",
            "WhatsApp sedang memelihara nomor ini sebentar",
        ),
        words(
            "Nothing: we try again in a minute.",
            "Tidak perlu apa-apa: kami mencoba lagi dalam satu menit.",
        ),
    ),
    row(
        &[Plain(131_047)],
        Class::Recipient,
        Fault::Nobody,
        Never,
        words(
            "The customer last wrote more than 24 hours ago, so WhatsApp only allows an approved template",
            "Pelanggan terakhir menulis lebih dari 24 jam lalu, jadi WhatsApp hanya mengizinkan templat yang disetujui",
        ),
        words(
            "Send an approved template, or wait until the customer writes.",
            "Kirim templat yang disetujui, atau tunggu sampai pelanggan menulis.",
        ),
    ),
    row(
        &[Plain(131_026)],
        Class::Recipient,
        Fault::Customer,
        Never,
        words(
            "WhatsApp could not deliver to this person and does not say why",
            "WhatsApp tidak dapat mengantarkan pesan ke orang ini dan tidak menyebutkan alasannya",
        ),
        words(
            "Check the number, or reach the person another way: they may not use WhatsApp, have an old version or have blocked you.",
            "Periksa nomornya, atau hubungi lewat cara lain: mungkin ia tidak memakai WhatsApp, versinya lama, atau memblokir Anda.",
        ),
    ),
    row(
        &[Plain(131_050)],
        Class::Recipient,
        Fault::Customer,
        Never,
        words(
            "This person has stopped marketing messages from you",
            "Orang ini telah menghentikan pesan promosi dari Anda",
        ),
        words(
            "Respect it: send no more marketing to this person. Replies and order news still work.",
            "Hormati pilihannya: jangan kirim promosi lagi ke orang ini. Balasan dan kabar pesanan tetap bisa.",
        ),
    ),
    row(
        &[Plain(131_049)],
        Class::Recipient,
        Fault::Meta,
        Later(Scope::Message),
        words(
            "WhatsApp held this marketing message back because the person gets many of them",
            "WhatsApp menahan pesan promosi ini karena orang tersebut sudah menerima banyak promosi",
        ),
        words(
            "Wait at least a day before trying again, and write less often.",
            "Tunggu setidaknya sehari sebelum mencoba lagi, dan kirim lebih jarang.",
        ),
    ),
    row(
        &[Plain(130_472)],
        Class::Recipient,
        Fault::Meta,
        Never,
        words(
            "WhatsApp does not deliver this because the person takes part in one of its experiments",
            "WhatsApp tidak mengantarkan ini karena orang tersebut termasuk dalam eksperimen WhatsApp",
        ),
        words(
            "Do not send it again; reach the person another way.",
            "Jangan kirim ulang; hubungi orang ini lewat cara lain.",
        ),
    ),
    row(
        &[Plain(130_403)],
        Class::Recipient,
        Fault::Client,
        Never,
        words("You have blocked this person", "Anda telah memblokir orang ini"),
        words(
            "Unblock the person if you want to write to them.",
            "Buka blokir orang ini jika Anda ingin menulis kepadanya.",
        ),
    ),
    row(
        &[Plain(131_021)],
        Class::Recipient,
        Fault::Client,
        Never,
        words(
            "The message was addressed to the sending number itself",
            "Pesan dialamatkan ke nomor pengirim sendiri",
        ),
        words("Choose another recipient.", "Pilih penerima lain."),
    ),
    row(
        &[Plain(131_030)],
        Class::Recipient,
        Fault::Client,
        Never,
        words(
            "This is a test number and the person is not on its list of recipients",
            "Ini nomor uji coba dan orang tersebut tidak ada di daftar penerimanya",
        ),
        words(
            "Add the person to the list in the Meta app, or connect a real number.",
            "Tambahkan orang ini ke daftar di aplikasi Meta, atau hubungkan nomor sungguhan.",
        ),
    ),
    row(
        &[Plain(131_062)],
        Class::Recipient,
        Fault::Client,
        Never,
        words(
            "This message needs a phone number, and only a WhatsApp username is known of the person",
            "Pesan ini memerlukan nomor telepon, sedangkan yang diketahui hanya nama pengguna WhatsApp",
        ),
        words("Ask the person for their phone number first.", "Minta nomor telepon orang ini dahulu."),
    ),
    row(
        &[Plain(137_000)],
        Class::Recipient,
        Fault::Customer,
        Never,
        words(
            "The person's WhatsApp has changed since you last checked who they are",
            "WhatsApp orang ini telah berubah sejak Anda terakhir memastikan identitasnya",
        ),
        words(
            "Make sure that it is still the same person, then send again.",
            "Pastikan bahwa ini masih orang yang sama, lalu kirim lagi.",
        ),
    ),
    row(
        &[Plain(131_031)],
        Class::Policy,
        Fault::Client,
        Later(Scope::Account),
        words("WhatsApp has locked this account", "WhatsApp mengunci akun ini"),
        words(
            "Open WhatsApp Manager, read the reason and appeal there.",
            "Buka WhatsApp Manager, baca alasannya, dan ajukan banding di sana.",
        ),
    ),
    row(
        &[Plain(368)],
        Class::Policy,
        Fault::Client,
        Later(Scope::Account),
        words(
            "WhatsApp has blocked this account for a while because of its policies",
            "WhatsApp memblokir akun ini untuk sementara karena kebijakannya",
        ),
        words(
            "Open WhatsApp Manager, read the reason and appeal, or wait until the block ends.",
            "Buka WhatsApp Manager, baca alasannya dan ajukan banding, atau tunggu sampai blokir berakhir.",
        ),
    ),
    row(
        &[Plain(130_497)],
        Class::Policy,
        Fault::Client,
        Never,
        words(
            "WhatsApp does not allow businesses of this kind to write to people in this country",
            "WhatsApp tidak mengizinkan bisnis sejenis ini menulis ke orang di negara tersebut",
        ),
        words("Do not send to this country.", "Jangan kirim ke negara tersebut."),
    ),
    row(
        &[Plain(131_048)],
        Class::Policy,
        Fault::Client,
        Later(Scope::Number),
        words(
            "Too many people have blocked or reported this number",
            "Terlalu banyak orang memblokir atau melaporkan nomor ini",
        ),
        words(
            "Stop marketing messages for now and write only to people who asked for it.",
            "Hentikan pesan promosi untuk sementara dan tulis hanya kepada orang yang memintanya.",
        ),
    ),
    row(
        &[Plain(131_064)],
        Class::Policy,
        Fault::Client,
        Later(Scope::Account),
        words(
            "WhatsApp limits this account because templates were filed under the wrong category",
            "WhatsApp membatasi akun ini karena kategori templat tidak sesuai",
        ),
        words(
            "Correct the categories of your templates; the limit ends by itself.",
            "Betulkan kategori templat Anda; batasan akan berakhir sendiri.",
        ),
    ),
    row(
        &[Plain(131_042), Plain(141_006)],
        Class::Payment,
        Fault::Client,
        Later(Scope::Account),
        words(
            "WhatsApp cannot charge for messages: no valid payment method",
            "WhatsApp tidak dapat menagih biaya pesan: tidak ada metode pembayaran yang sah",
        ),
        words(
            "Add or repair the payment method in WhatsApp Manager; waiting messages then go out, failed ones can be sent again.",
            "Tambahkan atau perbaiki metode pembayaran di WhatsApp Manager; pesan yang menunggu lalu terkirim, yang gagal dapat dikirim ulang.",
        ),
    ),
    row(
        &[Plain(131_044)],
        Class::Payment,
        Fault::Client,
        Later(Scope::Account),
        words(
            "WhatsApp cannot charge for calls: no valid payment method",
            "WhatsApp tidak dapat menagih biaya panggilan: tidak ada metode pembayaran yang sah",
        ),
        words(
            "Add or repair the payment method in WhatsApp Manager.",
            "Tambahkan atau perbaiki metode pembayaran di WhatsApp Manager.",
        ),
    ),
    row(
        &[Plain(134_011)],
        Class::Payment,
        Fault::Client,
        Later(Scope::Account),
        words(
            "The terms of WhatsApp Payments have not been accepted",
            "Ketentuan WhatsApp Payments belum disetujui",
        ),
        words("Accept them in WhatsApp Manager.", "Setujui di WhatsApp Manager."),
    ),
    row(
        &[Plain(100), Plain(131_008), Plain(131_009), Plain(135_000)],
        Class::Request,
        Fault::Us,
        Never,
        words("WhatsApp did not understand the request", "WhatsApp tidak memahami permintaan ini"),
        words(
            "Check what was entered; if it looks right, tell whoever runs this platform.",
            "Periksa isian Anda; jika tampak benar, beri tahu pengelola platform ini.",
        ),
    ),
    row(
        &[Plain(131_051)],
        Class::Request,
        Fault::Us,
        Never,
        words("WhatsApp does not support this type of message", "WhatsApp tidak mendukung jenis pesan ini"),
        words("Send it in another form.", "Kirim dalam bentuk lain."),
    ),
    row(
        &[Plain(131_055)],
        Class::Request,
        Fault::Us,
        Never,
        words(
            "WhatsApp does not allow this way of sending here",
            "WhatsApp tidak mengizinkan cara pengiriman ini di sini",
        ),
        words("Tell whoever runs this platform.", "Beri tahu pengelola platform ini."),
    ),
    row(
        &[Plain(131_063)],
        Class::Request,
        Fault::Client,
        Never,
        words(
            "Marketing is switched off for the ordinary way of sending on this account",
            "Pesan promosi dimatikan untuk cara pengiriman biasa pada akun ini",
        ),
        words("Switch it on in WhatsApp Manager.", "Nyalakan di WhatsApp Manager."),
    ),
    row(
        &[Plain(131_014), Plain(131_053)],
        Class::Media,
        Fault::Client,
        Never,
        words(
            "WhatsApp could not use the file: wrong type, too large or not reachable",
            "WhatsApp tidak dapat memakai berkas: jenisnya salah, terlalu besar, atau tidak terjangkau",
        ),
        words(
            "Upload the file here instead of giving a link, and check its type and size.",
            "Unggah berkas di sini alih-alih memberi tautan, dan periksa jenis serta ukurannya.",
        ),
    ),
    row(
        &[Plain(131_052)],
        Class::Media,
        Fault::Customer,
        Never,
        words(
            "WhatsApp could not hand over the customer's file",
            "WhatsApp tidak dapat menyerahkan berkas dari pelanggan",
        ),
        words(
            "Ask the customer to send it again, smaller if possible.",
            "Minta pelanggan mengirim ulang, dengan ukuran lebih kecil bila bisa.",
        ),
    ),
    row(
        &[Plain(131_060), Plain(130_501)],
        Class::Recipient,
        Fault::Nobody,
        Never,
        words(
            "The customer sent something that WhatsApp does not hand on",
            "Pelanggan mengirim sesuatu yang tidak diteruskan WhatsApp",
        ),
        words(
            "Ask the customer to send it in another form.",
            "Minta pelanggan mengirimnya dalam bentuk lain.",
        ),
    ),
];
