//! Access, permissions and the signup.

use super::super::{Class, Doing, Fault};
use super::Code::{Finer, Plain, Range};
use super::OnSend::{Later, Never};
use super::{Row, during, row, words};
use rules::outcome::Scope;

pub(super) const ROWS: &[Row] = &[
    row(
        &[Finer(190, 463)],
        Class::Access,
        Fault::Client,
        Later(Scope::Account),
        words(
            "The access to this WhatsApp account has run out",
            "Akses ke akun WhatsApp ini sudah habis masa berlakunya",
        ),
        words(
            "Connect the account again; your messages wait until then.",
            "Hubungkan kembali akun ini; pesan Anda menunggu sampai selesai.",
        ),
    ),
    row(
        &[Finer(190, 458)],
        Class::Access,
        Fault::Client,
        Later(Scope::Account),
        words(
            "The access to this WhatsApp account was taken back in Meta's business settings",
            "Akses ke akun WhatsApp ini dicabut di pengaturan bisnis Meta",
        ),
        words(
            "Connect the account again if you want to go on using it here.",
            "Hubungkan kembali akun ini jika Anda masih ingin memakainya di sini.",
        ),
    ),
    row(
        &[Finer(190, 460)],
        Class::Access,
        Fault::Client,
        Later(Scope::Account),
        words(
            "The access ended because a Facebook password was changed",
            "Akses berakhir karena kata sandi Facebook diganti",
        ),
        words("Connect the account again.", "Hubungkan kembali akun ini."),
    ),
    row(
        &[Finer(190, 459), Finer(190, 464)],
        Class::Access,
        Fault::Client,
        Later(Scope::Account),
        words(
            "Facebook wants the person who gave the access to confirm their account first",
            "Facebook meminta orang yang memberi akses untuk mengonfirmasi akunnya dahulu",
        ),
        words(
            "Have that person sign in at facebook.com and follow the instructions, then connect again.",
            "Minta orang tersebut masuk ke facebook.com dan mengikuti petunjuknya, lalu hubungkan kembali.",
        ),
    ),
    row(
        &[Finer(190, 467), Finer(190, 492), Plain(190), Plain(0), Plain(102)],
        Class::Access,
        Fault::Client,
        Later(Scope::Account),
        words(
            "WhatsApp no longer accepts the access to this account",
            "WhatsApp tidak lagi menerima akses ke akun ini",
        ),
        words(
            "Connect the account again; your messages wait until then.",
            "Hubungkan kembali akun ini; pesan Anda menunggu sampai selesai.",
        ),
    ),
    row(
        &[Plain(104), Plain(2500)],
        Class::Access,
        Fault::Us,
        Later(Scope::Account),
        words(
            "The request reached WhatsApp without any access",
            "Permintaan sampai ke WhatsApp tanpa akses apa pun",
        ),
        words(
            "Whoever runs this platform must look into it; connecting the account again may help.",
            "Pengelola platform ini perlu memeriksanya; menghubungkan kembali akun mungkin membantu.",
        ),
    ),
    row(
        &[Plain(3), Plain(10), Plain(200), Range(201, 299), Plain(131_005)],
        Class::Permission,
        Fault::Client,
        Later(Scope::Account),
        words(
            "The access that was given does not allow this",
            "Akses yang diberikan tidak mengizinkan tindakan ini",
        ),
        words(
            "Connect the account again and allow everything that is asked for.",
            "Hubungkan kembali akun ini dan izinkan semua yang diminta.",
        ),
    ),
    during(
        Doing::Send,
        row(
            &[Plain(200)],
            Class::Permission,
            Fault::Client,
            Later(Scope::Account),
            words(
                "This account may read but not send: the right to send is missing or another provider still holds the number",
                "Akun ini boleh membaca tetapi tidak boleh mengirim: hak mengirim belum diberikan atau nomor masih dipegang penyedia lain",
            ),
            words(
                "In Meta's business settings give this app the WhatsApp account, or release the number at the former provider.",
                "Di pengaturan bisnis Meta, berikan akun WhatsApp ini kepada aplikasi kami, atau lepaskan nomor dari penyedia lama.",
            ),
        ),
    ),
    during(
        Doing::Credit,
        row(
            &[Plain(200)],
            Class::Permission,
            Fault::Us,
            Later(Scope::Account),
            words(
                "Our system user may not yet manage this WhatsApp account",
                "Pengguna sistem kami belum boleh mengelola akun WhatsApp ini",
            ),
            words(
                "Whoever runs this platform must put an administrator system user on the account and try again.",
                "Pengelola platform ini harus menambahkan pengguna sistem admin pada akun lalu mencoba lagi.",
            ),
        ),
    ),
    row(
        &[Finer(100, 33), Plain(33)],
        Class::Permission,
        Fault::Client,
        Never,
        words(
            "WhatsApp does not find this, or it was not shared with us",
            "WhatsApp tidak menemukan data ini, atau belum dibagikan kepada kami",
        ),
        words(
            "Check the id; if it is right, connect again and choose this account.",
            "Periksa ID-nya; jika sudah benar, hubungkan kembali dan pilih akun ini.",
        ),
    ),
    during(
        Doing::Inspect,
        row(
            &[Plain(100)],
            Class::Access,
            Fault::Client,
            Later(Scope::Account),
            words(
                "This access token belongs to another Meta app",
                "Token akses ini milik aplikasi Meta lain",
            ),
            words(
                "Enter the id and secret of the app that made the token, or connect with our signup.",
                "Masukkan ID dan rahasia aplikasi yang membuat token itu, atau hubungkan lewat pendaftaran kami.",
            ),
        ),
    ),
    during(
        Doing::ReadAccount,
        row(
            &[Plain(100)],
            Class::Request,
            Fault::Client,
            Never,
            words(
                "This id is not the id of a WhatsApp account; it may be that of the business portfolio",
                "ID ini bukan ID akun WhatsApp; mungkin ID portofolio bisnis",
            ),
            words(
                "Copy the WhatsApp Business Account id from WhatsApp Manager and enter it again.",
                "Salin ID Akun WhatsApp Business dari WhatsApp Manager dan masukkan kembali.",
            ),
        ),
    ),
    row(
        &[Finer(100, 36007)],
        Class::Signup,
        Fault::Client,
        Never,
        words("The sign-in took too long and has expired", "Proses masuk terlalu lama dan sudah kedaluwarsa"),
        words("Press Connect again.", "Tekan Hubungkan sekali lagi."),
    ),
    row(
        &[Finer(100, 36009)],
        Class::Signup,
        Fault::Client,
        Never,
        words("This sign-in was already used", "Proses masuk ini sudah pernah dipakai"),
        words("Press Connect again.", "Tekan Hubungkan sekali lagi."),
    ),
    row(
        &[Finer(100, 36008)],
        Class::Signup,
        Fault::Us,
        Never,
        words(
            "Meta did not recognise the page the sign-in came from",
            "Meta tidak mengenali halaman asal proses masuk ini",
        ),
        words(
            "Whoever runs this platform must correct the redirect address of the Meta app.",
            "Pengelola platform ini harus membetulkan alamat pengalihan pada aplikasi Meta.",
        ),
    ),
    during(
        Doing::Exchange,
        row(
            &[Plain(100)],
            Class::Signup,
            Fault::Client,
            Never,
            words("Meta did not accept the sign-in", "Meta tidak menerima proses masuk ini"),
            words(
                "Press Connect again; if it happens twice, tell whoever runs this platform.",
                "Tekan Hubungkan sekali lagi; jika terulang, beri tahu pengelola platform ini.",
            ),
        ),
    ),
    during(
        Doing::Exchange,
        row(
            &[Plain(1)],
            Class::Signup,
            Fault::Us,
            Never,
            words("The secret of our Meta app is wrong", "Rahasia aplikasi Meta kami salah"),
            words(
                "Whoever runs this platform must correct the app secret in the settings.",
                "Pengelola platform ini harus membetulkan rahasia aplikasi di pengaturan.",
            ),
        ),
    ),
    row(
        &[Plain(101)],
        Class::Signup,
        Fault::Us,
        Never,
        words("Meta does not know our app", "Meta tidak mengenali aplikasi kami"),
        words(
            "Whoever runs this platform must correct the app id in the settings.",
            "Pengelola platform ini harus membetulkan ID aplikasi di pengaturan.",
        ),
    ),
    row(
        &[Plain(191)],
        Class::Signup,
        Fault::Us,
        Never,
        words(
            "Our web address is not allowed for our Meta app",
            "Alamat web kami tidak diizinkan untuk aplikasi Meta kami",
        ),
        words(
            "Whoever runs this platform must add the domain to the Meta app.",
            "Pengelola platform ini harus menambahkan domain pada aplikasi Meta.",
        ),
    ),
    during(
        Doing::Subscribe,
        row(
            &[Plain(100)],
            Class::Request,
            Fault::Us,
            Never,
            words(
                "The account must be subscribed before its messages can be sent to another address",
                "Akun harus berlangganan dahulu sebelum pesannya dapat dikirim ke alamat lain",
            ),
            words(
                "We subscribe first and try again; if it stays, check that the app is subscribed to messages.",
                "Kami berlangganan dahulu lalu mencoba lagi; jika tetap gagal, pastikan aplikasi berlangganan messages.",
            ),
        ),
    ),
    row(
        &[Plain(2200)],
        Class::Request,
        Fault::Us,
        Never,
        words(
            "Meta called our address to check it and did not get the right answer",
            "Meta memanggil alamat kami untuk memeriksanya dan tidak menerima jawaban yang benar",
        ),
        words(
            "Whoever runs this platform must check that the address is reachable and the verify token is right.",
            "Pengelola platform ini harus memastikan alamat dapat dijangkau dan token verifikasi benar.",
        ),
    ),
];
